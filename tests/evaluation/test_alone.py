"""A network without the native-resolution stage after it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from inpaint_core.contract.errors import BadRequest
from inpaint_core.contract.progress import Progress
from inpaint_core.contract.request import Fill, View
from inpaint_core.engine.engine import Engine
from inpaint_core.generators.registry import generator
from inpaint_core.lab.evaluation.cases import Case, Sample
from inpaint_core.lab.evaluation.photo_scoring import EngineCandidate, find_candidates


def _flat(net: Any, view: View, progress: Progress) -> Fill:
    """What a bad network does: one colour, whatever is around."""
    return Fill(np.full_like(view.image, 0.5))


def test_the_fill_is_what_the_network_made(monkeypatch: pytest.MonkeyPatch) -> None:
    flat = replace(
        generator("harmonic"), id="flat", run=_flat,
        native_stage=True, trust=0.3, uses_torch=False,
    )  # fmt: skip
    monkeypatch.setattr("inpaint_core.engine.engine.generator", lambda name: flat)
    truth = np.random.default_rng(0).integers(90, 160, (120, 160, 3)).astype(np.uint8)
    hole = np.zeros((120, 160), bool)
    hole[50:70, 70:95] = True
    case = Case("x", None, None)  # type: ignore[arg-type]
    found = [
        EngineCandidate(name, "flat", Engine(native)).fill(case, Sample(truth, hole), Progress())[
            hole
        ]
        for name, native in (("flat", True), ("flat-alone", False))
    ]
    spread = [fill.astype(float).std(axis=0).mean() for fill in found]
    assert spread[0] > 15, "grain was copied over it"
    assert spread[1] < 8


def test_the_name_says_it() -> None:
    whole, alone = find_candidates(["tsgl", "tsgl-alone"], [])
    assert isinstance(whole, EngineCandidate)
    assert isinstance(alone, EngineCandidate)
    assert (whole.name, whole.id, whole.engine.native) == ("tsgl", "tsgl", True)
    assert (alone.name, alone.id, alone.engine.native) == ("tsgl-alone", "tsgl", False)
    with pytest.raises(BadRequest, match="no native-resolution stage"):
        find_candidates(["harmonic-alone"], [])
