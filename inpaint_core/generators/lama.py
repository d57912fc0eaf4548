"""LaMa completes the picture: with weights that a person has imported."""

from __future__ import annotations

from typing import Any

from inpaint_core.contract.choices import Precision
from inpaint_core.contract.message import Message
from inpaint_core.contract.progress import Progress
from inpaint_core.contract.request import Fill, View
from inpaint_core.contract.specs import GeneratorSpec, SizeRule
from inpaint_core.networks.lama.config import BIG
from inpaint_core.networks.lama.taps import list_taps

WEIGHTS = "big-lama"

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
    id="lama",
    title="Large masks (LaMa)",
    summary="Sees the whole picture in every layer. Needs weights that you import.",
    build=_build,
    run=_run,
    paper="Suvorov et al., “Resolution-robust large mask inpainting with Fourier convolutions”,"
    " 2022",
    size=SizeRule(max_side=1024, multiple=16, first_side=512),
    uses_torch=True,
    taps=list_taps(BIG),
    weights=WEIGHTS,
)
