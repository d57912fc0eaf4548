"""What a generator receives and what it returns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from numpy.typing import NDArray

from inpaint_core.contract.arrays import BoolMask, FloatImage, empty_mapping
from inpaint_core.contract.geometry import Segment
from inpaint_core.contract.message import Message


@dataclass(frozen=True, eq=False)
class View:
    """What a generator sees: a crop of the photo, possibly scaled.

    ``image`` (h, w, 3) float32 in [0, 1]; values inside the hole are meaningless and must not be
    used. ``hole`` (h, w) bool, True = fill. ``source`` (h, w) bool, True where pixels may be
    copied from, never inside the hole. ``guide`` (h, w, 3) float32 or None: a coarse fill, valid
    inside the hole, whose colours and structure the fill follows. ``trust``: how closely (1: the
    guide is known to be near the truth; less: only where the photo has what it shows; 0: not at
    all). ``lines`` are in this crop's coordinates. ``edges`` (h, w) bool or None: edges that the
    fill must have, one pixel wide, inside the hole only, drawn lines included. ``priors`` maps a
    prior's id to its array. ``want`` names by-products.
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
    """What a generator returns: ``image`` (h, w, 3) float32 in [0, 1], valid inside the hole and in
    a ring of ``overlap`` pixels around it, and by-products covering the same crop.

    In the ring ``image`` is the generator's own rendering of the known pixels; its difference from
    them is the colour error that composition removes from the fill. 0 = no ring, no correction.
    """

    image: FloatImage
    overlap: int = 0
    products: Mapping[str, NDArray[Any]] = field(default_factory=empty_mapping)
    notes: tuple[Message, ...] = ()
