"""Networks small enough to test the whole contract of the engine with them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from inpaint_core.networks.dmfn.config import DmfnConfig
from inpaint_core.networks.lama.config import LamaConfig
from inpaint_core.networks.migan.config import MiganConfig
from inpaint_core.networks.pconv.config import PconvConfig
from inpaint_core.networks.tsgl.config import BASE, Balance
from inpaint_core.networks.zits.config import ZitsConfig

Ship = Callable[..., Path]

TINY = replace(
    BASE,
    id="tiny",
    structure_widths=(4, 6, 8, 10, 12),
    width=16,
    depths=(1, 1, 1, 1),
    hidden=6,
    fusion_widths=(4, 6, 8, 16, 16, 16),
    balance=Balance(width=8, fused=16, depth=1),
    decoder_widths=(16, 12, 8, 8, 6),
)
"""All parts of the network; with fresh weights it paints noise."""

TINY_ZITS = ZitsConfig(
    "tiny-zits",
    structure_side=64,
    structure_widths=(3, 4, 5),
    embedding=8,
    heads=2,
    layers=2,
    steps=2,
    upsampler_width=3,
    width=4,
    blocks=1,
    encoder_blocks=1,
)

TINY_NETWORKS: Mapping[str, tuple[str, Any]] = {
    "base": ("tsgl", TINY),
    "pconv": ("pconv", PconvConfig("tiny-pconv", (4, 6, 8))),
    "big-lama": ("lama", LamaConfig("tiny-lama", blocks=1, width=4)),
    "migan": ("migan", MiganConfig("tiny-migan", 128, capacity=1024, widest=8)),
    "dmfn": ("dmfn", DmfnConfig("tiny-dmfn", width=4, blocks=2)),
    "zits": ("zits", TINY_ZITS),
}
"""The network's id and a small configuration of it, by the id of the weights that engines use."""
