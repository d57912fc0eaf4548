"""What goes into the engine and what comes out of it.

Both are frozen values; nobody writes into an array of a request.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inpaint_core.contract.arrays import BoolMask, Pixels, Precision, empty_mapping
from inpaint_core.contract.geometry import Rect, Segment


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
    timings: Mapping[str, float] = field(default_factory=empty_mapping)
    plan: tuple[Mapping[str, Any], ...] = ()
    notes: tuple[str, ...] = ()
    products: Mapping[str, NDArray[Any]] = field(default_factory=empty_mapping)

    def applied_to(self, image: Pixels) -> Pixels:
        """A copy of ``image`` with the changed rectangle put in."""
        out = image.copy()
        out[self.rect.slices] = self.pixels
        return out
