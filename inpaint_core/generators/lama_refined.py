"""LaMa completes the picture and refines it at each larger size: with imported weights."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from inpaint_core.contract.progress import Progress
from inpaint_core.contract.request import Fill, View
from inpaint_core.generators import lama
from inpaint_core.networks.network_generator import RING


def _run(net: Any, view: View, progress: Progress) -> Fill:
    from inpaint_core.networks.lama.refinement import infer_refined

    picture = infer_refined(net, view, progress)
    progress.report(0.95)
    return Fill(picture, RING)


SPEC = replace(
    lama.SPEC,
    id="lama_refined",
    title="Large masks, refined (LaMa)",
    summary="As LaMa, true at each larger size to what it filled smaller. Takes many times as long;"
    " for graphics cards.",
    run=_run,
    paper="Kulshreshtha, Pugh, Jiddi, “Feature refinement to improve high resolution image"
    " inpainting”, 2022",
)
