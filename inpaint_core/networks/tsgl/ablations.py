"""The paper's ablations, as values of the configuration that they change. Needs no torch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from types import MappingProxyType
from typing import Any

from inpaint_core.networks.tsgl.config import PUBLISHED_BRANCHES, BalanceForm, Branch

_RESIDUAL_LOCAL = Branch("residual", "local")

TABLE_IV: Mapping[str, tuple[Branch, ...]] = MappingProxyType(
    {
        "Baseline": (),
        "Global->Global": (Branch("structure", "global"),),
        "Global->Local": (Branch("structure", "local"),),
        "Local->Global": (Branch("residual", "global"),),
        "Local->Local": (_RESIDUAL_LOCAL,),
        "Texture->Global": (Branch("texture", "global"),),
        "Texture->Local": (Branch("texture", "local"),),
        "2Global(Local)->Local(Global)": (
            Branch("structure", "local", 2),
            Branch("residual", "global"),
        ),
        "2Global(Local)->Local(Local)": (Branch("structure", "local", 2), _RESIDUAL_LOCAL),
        "Global(2Local)->Global(Local)": (
            Branch("structure", "global"),
            Branch("residual", "local", 2),
        ),
        "2Global(Texture)->Global(Local)": (
            Branch("structure", "global", 2),
            Branch("texture", "local"),
        ),
        "2Global(Local)->Global(Local)": PUBLISHED_BRANCHES,
    }
)
"""Which guide acts on which side, by the paper's own names."""

STRUCTURE_BY_TEXTURE = "Structure by texture"
"""Table I (b): the inverse direction. Texture is not rebuilt there, so the completed edges differ
from those of the baseline, and not the picture."""

BASIC = "Basic"
"""Table VII: the decoder gets its maps unbalanced."""

OTHER_BALANCES: Mapping[str, BalanceForm] = MappingProxyType(
    {"PENNet": "pennet", "HiFill": "hifill"}
)
"""Table VII: what other papers have in the place of the balance module."""

PRIORS: Mapping[str, str] = MappingProxyType(
    {
        "Low-resolution": "lowres",
        "Semantic": "semantic",
        "Gradient-X": "gradient_x",
        "Gradient-Y": "gradient_y",
        "Edge and gray": "edge_grey",
    }
)
"""Table VIII: the structure prior by the paper's names."""

TAUS = (0.0, 50.0, 100.0, 150.0, 200.0)
"""Figure 23."""

ABLATIONS: Mapping[str, Mapping[str, Any]] = MappingProxyType(
    {
        **{name: {"branches": [asdict(b) for b in row]} for name, row in TABLE_IV.items()},
        STRUCTURE_BY_TEXTURE: {"branches": [], "inverse": True},
        BASIC: {"balance": "none"},
        **{name: {"balance": {"form": form}} for name, form in OTHER_BALANCES.items()},
        **{name: {"structure_prior": prior} for name, prior in PRIORS.items()},
        **{f"Tau {tau:.0f}": {"tau": tau, "tau_form": "inside"} for tau in TAUS},
    }
)
