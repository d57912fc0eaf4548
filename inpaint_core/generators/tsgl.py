"""The TSGL network completes structure and texture; exemplar synthesis then adds real texture."""

from __future__ import annotations

from typing import Any

from inpaint_core.contract.choices import Precision
from inpaint_core.contract.message import Message
from inpaint_core.contract.progress import Progress
from inpaint_core.contract.request import Fill, View
from inpaint_core.contract.specs import GeneratorSpec, SizeRule
from inpaint_core.networks.tsgl.config import BASE
from inpaint_core.networks.tsgl.taps import list_taps

WEIGHTS = "base"

_RING = 8
"""Width, in pixels, of the ring around the hole in which the network's colour error is measured."""

_TRUST = 0.3
"""Exemplar synthesis decides for each hole whether to follow the guide this much, half as much or
not at all (`inpaint_core.exemplar.guide_vetting`)."""


def _build(device: str, precision: Precision) -> Any:
    from inpaint_core.networks.registry import load_network

    return load_network(WEIGHTS, device, precision)


def _run(net: Any, view: View, progress: Progress) -> Fill:
    progress.report(0, Message("engine.completing_structure"))
    picture, products = net.infer(view, view.want)
    return Fill(picture, _RING, products=products)


SPEC = GeneratorSpec(
    id="tsgl",
    title="Structure and texture (TSGL)",
    summary="Completes edges, rebuilds texture from them, and copies matching texture over it.",
    build=_build,
    run=_run,
    paper="“Thinking inside the convolution for image inpainting: reconstructing texture via"
    " structure under global and local side” (TSGL)",
    size=SizeRule(max_side=512, multiple=64, first_side=256),
    native_stage=True,
    trust=_TRUST,
    uses_torch=True,
    products=("edges",),
    priors=("canny", "grey"),
    taps=list_taps(BASE),
    weights=WEIGHTS,
)
