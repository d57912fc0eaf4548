"""The PConv U-Net completes the picture; exemplar synthesis then adds real texture."""

from __future__ import annotations

from typing import Any

from inpaint_core.contract.choices import Precision
from inpaint_core.contract.message import Message
from inpaint_core.contract.progress import Progress
from inpaint_core.contract.request import Fill, View
from inpaint_core.contract.specs import GeneratorSpec, SizeRule
from inpaint_core.networks.pconv.config import LEAN
from inpaint_core.networks.pconv.taps import list_taps

WEIGHTS = "pconv"

_RING = 8
"""Width, in pixels, of the ring around the hole in which the network's colour error is measured."""


def _build(device: str, precision: Precision) -> Any:
    from inpaint_core.networks.registry import load_network

    return load_network(WEIGHTS, device, precision)


def _run(net: Any, view: View, progress: Progress) -> Fill:
    progress.report(0, Message("engine.completing_structure"))
    picture, products = net.infer(view, view.want)
    return Fill(picture, _RING, products=products)


SPEC = GeneratorSpec(
    id="pconv",
    title="Partial convolutions (PConv U-Net)",
    summary="Fills from the rim inwards, layer by layer, and copies matching texture over it.",
    build=_build,
    run=_run,
    paper="Liu et al., “Image inpainting for irregular holes using partial convolutions”, 2018",
    size=SizeRule(max_side=512, multiple=128, first_side=256),
    native_stage=True,
    trust=0.3,
    uses_torch=True,
    taps=list_taps(LEAN),
    weights=WEIGHTS,
)
