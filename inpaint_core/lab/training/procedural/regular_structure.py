"""Pictures of repeated structure, for a stage of training of its own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import TypeVar

import numpy as np
from numpy.random import Generator

from inpaint_core.contract.arrays import FloatImage
from inpaint_core.lab.training.procedural.cables import draw_cables
from inpaint_core.lab.training.procedural.facades import draw_facade
from inpaint_core.lab.training.procedural.fences import draw_fence, draw_stripes
from inpaint_core.lab.training.procedural.landscapes import draw_landscape
from inpaint_core.lab.training.procedural.planes import draw_planes
from inpaint_core.lab.training.procedural.railings import draw_lattice, draw_railing
from inpaint_core.lab.training.procedural.scenes import Scene, apply_camera

WALLS: Mapping[Scene, float] = MappingProxyType(
    {draw_planes: 0.4, draw_facade: 0.4, draw_stripes: 0.2}
)
"""The share of each kind among the pictures that are nothing but structure."""
SCREENS: Mapping[Callable[[Generator, int, FloatImage], FloatImage], float] = MappingProxyType(
    {draw_railing: 0.35, draw_fence: 0.2, draw_lattice: 0.2, draw_cables: 0.25}
)
"""The share of each kind among the structures in front of something."""
SCREENED = 0.55
"""The share of pictures with a structure in front of something."""
_BEHIND = (draw_landscape, draw_planes, draw_facade)


def draw_regular_structure(rng: Generator, side: int) -> FloatImage:
    """A picture (side, side, 3) float32 in [0, 1] of tilings, facades or slats, or of a landscape,
    a room or a facade behind a railing, a fence, a lattice or cables.
    """
    if rng.random() >= SCREENED:
        return apply_camera(rng, _choose(rng, WALLS)(rng, side))
    behind = _BEHIND[int(rng.integers(len(_BEHIND)))](rng, side)
    screen = _choose(rng, SCREENS)
    return apply_camera(rng, screen(rng, side, np.clip(behind, 0, 1)))


Kind = TypeVar("Kind")


def _choose(rng: Generator, shares: Mapping[Kind, float]) -> Kind:
    kinds = list(shares)
    return kinds[int(rng.choice(len(kinds), p=list(shares.values())))]
