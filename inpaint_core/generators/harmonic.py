"""The floor that needs no weights: the smoothest surface through the known pixels."""

from __future__ import annotations

from typing import Any

import numpy as np

from inpaint_core.contract.progress import Progress
from inpaint_core.contract.specs import GeneratorSpec
from inpaint_core.contract.view import Fill, View
from inpaint_core.raster.membrane import relax


def _build(device: str) -> None:
    """Nothing to load."""


def _run(net: Any, view: View, progress: Progress) -> Fill:
    """Solve Laplace's equation in the hole; the known pixels around it are its border."""
    channels = []
    for channel in range(3):
        progress.report(channel / 3, "Spreading the colours around the hole")
        channels.append(relax(view.image[..., channel : channel + 1], view.hole, None, progress))
    return Fill(np.concatenate(channels, axis=2))


SPEC = GeneratorSpec(
    id="harmonic",
    title="Smooth fill",
    summary="Spreads the surrounding colours smoothly over the hole. No texture; needs no weights.",
    build=_build,
    run=_run,
    textured=False,
    paper="Pérez, Gangnet, Blake, “Poisson Image Editing”, SIGGRAPH 2003",
)
