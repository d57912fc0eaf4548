"""What goes into the engine and what comes out, and what a generator sees and gives back.

All of them are frozen values of numpy arrays; nobody writes into an array of a request.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from inpaint_core.geometry import Rect
from inpaint_core.progress import Progress

Pixels = NDArray[np.uint8] | NDArray[np.uint16]
FloatImage = NDArray[np.float32]
BoolMask = NDArray[np.bool_]
Precision = Literal["auto", "float32", "bfloat16", "float16"]
"""What a network computes in; "auto": what is fastest on its device."""


@dataclass(frozen=True, slots=True)
class Segment:
    """A straight line from ``(x0, y0)`` to ``(x1, y1)`` in pixel-centre coordinates."""

    x0: float
    y0: float
    x1: float
    y1: float

    def moved(self, dx: float, dy: float) -> Segment:
        """The segment moved by ``dx`` columns and ``dy`` rows."""
        return Segment(self.x0 + dx, self.y0 + dy, self.x1 + dx, self.y1 + dy)

    def scaled(self, sx: float, sy: float) -> Segment:
        """The segment in an image scaled by ``sx``, ``sy`` about the corner of pixel (0, 0)."""
        return Segment(
            (self.x0 + 0.5) * sx - 0.5,
            (self.y0 + 0.5) * sy - 0.5,
            (self.x1 + 0.5) * sx - 0.5,
            (self.y1 + 0.5) * sy - 0.5,
        )


def _nothing() -> Mapping[str, Any]:
    return MappingProxyType({})


@dataclass(frozen=True, eq=False)
class InpaintRequest:
    """One fill of one photo.

    ``image`` (H, W, 3) uint8 or uint16 RGB. ``mask`` (H, W) uint8: 0 keep .. 255 fill, values
    between are soft edges. The mask is grown by ``grow`` pixels (shrunk when negative), then its
    edge fades outwards over ``feather`` pixels. ``protect`` (H, W) bool: True must not be copied
    from. ``sources`` (H, W) bool: where given, only True may be copied from. ``lines`` are edges
    that must run straight through the hole; ``edges`` (H, W) bool are edges drawn by hand, of any
    shape: what of them lies in the hole is obeyed. ``want`` names the by-products to return: those
    of the generator, “coarse” (what a native-resolution stage was given to follow) and the ids of
    priors that are maps. ``precision`` is that of networks; others take no notice.
    """

    image: Pixels
    mask: NDArray[np.uint8]
    engine: str = "auto"
    seed: int = 0
    grow: int = 0
    feather: float = 2.0
    protect: BoolMask | None = None
    sources: BoolMask | None = None
    lines: tuple[Segment, ...] = ()
    edges: BoolMask | None = None
    device: str = "auto"
    want: frozenset[str] = frozenset()
    precision: Precision = "auto"


@dataclass(frozen=True, eq=False)
class InpaintResult:
    """The changed rectangle of the photo and how it came about.

    ``pixels`` (h, w, 3) in the photo's depth replace ``image[rect.slices]``. ``products`` are
    the by-products asked for, each covering ``rect``; "offsets" is (h, w, 2) int32, where
    ``(y, x) + offsets[y, x]`` (order dy, dx) is the pixel that was copied, 0 where none was.
    ``timings`` are seconds by stage. ``notes`` are sentences for a person (what was chosen and
    why, a device that was not used, a finer plan after out-of-memory).
    """

    rect: Rect
    pixels: Pixels
    engine: str
    seed: int
    device: str
    weights_sha256: str | None = None
    timings: Mapping[str, float] = field(default_factory=_nothing)
    plan: tuple[Mapping[str, Any], ...] = ()
    notes: tuple[str, ...] = ()
    products: Mapping[str, NDArray[Any]] = field(default_factory=_nothing)

    def applied_to(self, image: Pixels) -> Pixels:
        """A copy of ``image`` with the changed rectangle put in."""
        out = image.copy()
        out[self.rect.slices] = self.pixels
        return out


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
    priors: Mapping[str, NDArray[Any]] = field(default_factory=_nothing)
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
    products: Mapping[str, NDArray[Any]] = field(default_factory=_nothing)
    notes: tuple[str, ...] = ()


__all__ = [
    "BoolMask",
    "Fill",
    "FloatImage",
    "InpaintRequest",
    "InpaintResult",
    "Pixels",
    "Precision",
    "Progress",
    "Rect",
    "Segment",
    "View",
]
