"""What goes into the engine and what comes out of it.

Both are frozen values; nobody writes into an array of a request.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inpaint_core.contract.arrays import BoolMask, Pixels, empty_mapping
from inpaint_core.contract.fill_options import FillOptions
from inpaint_core.contract.geometry import Rect
from inpaint_core.contract.message import Message


@dataclass(frozen=True, eq=False)
class InpaintRequest:
    """One fill of one photo.

    ``image`` (H, W, 3) uint8 or uint16 RGB. ``mask`` (H, W) uint8: 0 keep .. 255 fill, values
    between are soft edges. The masks of ``options`` are (H, W) bool. ``want`` names the by-products
    to return: those of the generator, “coarse” (what a native-resolution stage was given to follow)
    and the ids of priors that are maps.
    """

    image: Pixels
    mask: NDArray[np.uint8]
    options: FillOptions[BoolMask] = field(default_factory=FillOptions)
    want: frozenset[str] = frozenset()

    def with_options(self, **changes: Any) -> InpaintRequest:
        """The same request with some options changed, as in ``with_options(seed=3)``."""
        return replace(self, options=replace(self.options, **changes))


@dataclass(frozen=True, eq=False)
class InpaintResult:
    """The changed rectangle of the photo and how it came about.

    ``pixels`` (h, w, 3) in the photo's depth replace ``image[rect.slices]``. ``strength`` (h, w)
    uint8 is the grown and feathered mask there: 0 the photo's pixel .. 255 the fill's; the fill
    reaches nothing outside of ``rect``. ``products`` are
    the by-products asked for, each covering ``rect``; "offsets" is (h, w, 2) int32, where
    ``(y, x) + offsets[y, x]`` (order dy, dx) is the pixel that was copied, 0 where none was.
    ``timings`` are seconds by stage. ``notes`` say what a person should know (what was chosen and
    why, a device that was not used, a finer plan after out-of-memory).
    """

    rect: Rect
    pixels: Pixels
    strength: NDArray[np.uint8]
    engine: str
    seed: int
    device: str
    weights_sha256: str | None = None
    timings: Mapping[str, float] = field(default_factory=empty_mapping)
    plan: tuple[Mapping[str, Any], ...] = ()
    notes: tuple[Message, ...] = ()
    products: Mapping[str, NDArray[Any]] = field(default_factory=empty_mapping)

    def applied_to(self, image: Pixels) -> Pixels:
        """A copy of ``image`` with the changed rectangle put in."""
        out = image.copy()
        out[self.rect.slices] = self.pixels
        return out
