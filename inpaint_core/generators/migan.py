"""MI-GAN completes the picture: with weights that a person has imported."""

from __future__ import annotations

from typing import Any

from inpaint_core.contract.choices import Precision
from inpaint_core.contract.message import Message
from inpaint_core.contract.progress import Progress
from inpaint_core.contract.request import Fill, View
from inpaint_core.contract.specs import GeneratorSpec, SizeRule
from inpaint_core.networks.migan.config import LARGE
from inpaint_core.networks.migan.taps import list_taps

WEIGHTS = "migan"

_RING = 8
"""Width, in pixels, of the ring around the hole in which the network's colour error is measured."""


def _build(device: str, precision: Precision) -> Any:
    from inpaint_core.networks.registry import load_network

    return load_network(WEIGHTS, device, precision)


def _run(net: Any, view: View, progress: Progress) -> Fill:
    progress.report(0, Message("engine.completing_structure"))
    picture, products = net.infer(view, view.want)
    progress.report(0.9)
    return Fill(picture, _RING, products=products)


SPEC = GeneratorSpec(
    id="migan",
    title="Small and quick (MI-GAN)",
    summary="Sees 512 by 512 pixels. Needs weights that you import.",
    build=_build,
    run=_run,
    paper="Sargsyan et al., “MI-GAN: a simple baseline for image inpainting on mobile devices”,"
    " 2023",
    size=SizeRule(max_side=LARGE.side, multiple=LARGE.side),
    uses_torch=True,
    taps=list_taps(LARGE),
    weights=WEIGHTS,
)
