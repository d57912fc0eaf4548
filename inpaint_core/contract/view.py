"""What a generator is shown and what it gives back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from numpy.typing import NDArray

from inpaint_core.contract.arrays import BoolMask, FloatImage, empty_mapping
from inpaint_core.contract.geometry import Segment


@dataclass(frozen=True, eq=False)
class View:
    """What a generator sees: a crop of the photo, perhaps scaled.

    ``image`` (h, w, 3) float32 in [0, 1]; its values inside the hole mean nothing and must not
    be used. ``hole`` (h, w) bool, True = fill. ``source`` (h, w) bool, True where pixels may be
    copied from (never inside the hole). ``guide`` (h, w, 3) float32 or None: a coarse fill, valid
    inside the hole, whose colours and structure the fill is to follow, and ``trust`` how closely
    (1: as one that is known to be near the truth, less: if the photo has what it shows, 0: not at
    all). ``lines`` in this crop's coordinates. ``edges`` (h, w) bool or None: the edges that the
    fill must have, one pixel wide, inside the hole only; the drawn lines among them. ``priors``
    maps a prior's id to its array. ``want`` names by-products.
    """

    image: FloatImage
    hole: BoolMask
    source: BoolMask
    guide: FloatImage | None = None
    trust: float = 1.0
    lines: tuple[Segment, ...] = ()
    edges: BoolMask | None = None
    priors: Mapping[str, NDArray[Any]] = field(default_factory=empty_mapping)
    seed: int = 0
    want: frozenset[str] = frozenset()


@dataclass(frozen=True, eq=False)
class Fill:
    """What a generator gives back: ``image`` (h, w, 3) float32 in [0, 1], meaningful inside the
    hole and in a ring of ``overlap`` pixels around it, and by-products covering the same crop.

    In the ring ``image`` is the generator's own idea of the known pixels: its difference to them
    is the colour error that composition takes out of the fill. 0 = no such ring, no correction.
    """

    image: FloatImage
    overlap: int = 0
    products: Mapping[str, NDArray[Any]] = field(default_factory=empty_mapping)
    notes: tuple[str, ...] = ()
