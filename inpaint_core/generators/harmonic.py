"""The smoothest surface through the known pixels: a floor that needs no weights."""

from __future__ import annotations

from typing import Any

import numpy as np

from inpaint_core.contract.message import Message
from inpaint_core.contract.progress import Progress
from inpaint_core.contract.request import Fill, View
from inpaint_core.contract.specs import GeneratorSpec
from inpaint_core.raster.membrane import solve_membrane


def _run(net: Any, view: View, progress: Progress) -> Fill:
    """Solve Laplace's equation in the hole; the known pixels around it are its border."""
    channels = []
    for number, channel in enumerate(np.split(view.image, 3, axis=2)):
        progress.report(number / 3, Message("engine.spreading_colours"))
        channels.append(solve_membrane(channel, view.hole, None, progress))
    return Fill(np.concatenate(channels, axis=2))


SPEC = GeneratorSpec(
    id="harmonic",
    title="Smooth fill",
    summary="Spreads the surrounding colours smoothly over the hole. No texture; needs no weights.",
    run=_run,
    textured=False,
    paper="Pérez, Gangnet, Blake, “Poisson Image Editing”, SIGGRAPH 2003",
)
