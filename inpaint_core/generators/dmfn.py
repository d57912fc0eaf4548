"""DMFN completes the picture; exemplar synthesis then adds real texture."""

from __future__ import annotations

from typing import Any

from inpaint_core.contract.choices import Precision
from inpaint_core.contract.message import Message
from inpaint_core.contract.progress import Progress
from inpaint_core.contract.request import Fill, View
from inpaint_core.contract.specs import GeneratorSpec, SizeRule
from inpaint_core.networks.dmfn.config import LEAN
from inpaint_core.networks.dmfn.taps import list_taps

WEIGHTS = "dmfn"

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
    id="dmfn",
    title="Fine-grained fill (DMFN)",
    summary="Looks near and far at once in every layer, and copies matching texture over it.",
    build=_build,
    run=_run,
    paper="Hui, Li, Wang, Gao, “Image fine-grained inpainting”, 2020 (DMFN)",
    size=SizeRule(max_side=512, multiple=4, first_side=256),
    native_stage=True,
    trust=0.3,
    uses_torch=True,
    taps=list_taps(LEAN),
    weights=WEIGHTS,
)
