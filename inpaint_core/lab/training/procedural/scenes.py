"""One procedural picture out of many kinds."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

import numpy as np
from numpy.random import Generator

from inpaint_core.contract.arrays import FloatImage
from inpaint_core.lab.training.procedural.dead_leaves import leaves
from inpaint_core.lab.training.procedural.facades import facades
from inpaint_core.lab.training.procedural.fences import bars, fence, stripes
from inpaint_core.lab.training.procedural.horizons import horizons
from inpaint_core.lab.training.procedural.light import photographed
from inpaint_core.lab.training.procedural.planes import planes

Scene = Callable[[Generator, int], FloatImage]

SCENES: Mapping[Scene, float] = MappingProxyType(
    {leaves: 0.22, planes: 0.3, stripes: 0.1, horizons: 0.18, facades: 0.2}
)
"""What is drawn in which share of the pictures."""

FENCED, BARRED = 0.12, 0.2
"""In which share of them a fence, or else bars, stand before it."""


def picture(rng: Generator, side: int) -> FloatImage:
    """A picture (side, side, 3) float32 in [0, 1]; a pure function of the state of ``rng``."""
    kinds = list(SCENES)
    drawn = kinds[int(rng.choice(len(kinds), p=list(SCENES.values())))](rng, side)
    before = rng.random()
    if before < FENCED:
        drawn = fence(rng, side, np.clip(drawn, 0, 1))
    elif before < FENCED + BARRED:
        drawn = bars(rng, side, np.clip(drawn, 0, 1))
    return photographed(rng, drawn)
