"""What goes into the engine and into its generators, and what comes out of them.

All are frozen values; nobody writes into an array of a request or a view.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inpaint_core.contract.arrays import BoolMask, FloatImage, Pixels, empty_mapping
from inpaint_core.contract.choices import Perspective, Regularity
from inpaint_core.contract.geometry import Plane, Rect, Segment
from inpaint_core.contract.message import Message
from inpaint_core.contract.options import FillOptions

SHOWN = (0.6, 0.5, 0.4, 0.3)
"""How strongly a coarse fill shows the details of four octaves deep in the hole, from 1/4 to 1/64
of the short side: the slope of its details over those of the truth. Where a network is unsure it
shows the mean."""
WORST_RATIO = 1.1
"""A guide is followed if patches fit at most this many times as badly with it as without."""
UNTESTED = 10.0
"""From this ratio on, a guide is followed without a test."""


@dataclass(frozen=True, eq=False)
class InpaintRequest:
    """One fill of one photo.

    ``image`` (H, W, 3) uint8 or uint16 RGB. ``mask`` (H, W) uint8: 0 keep .. 255 fill, values
    between are soft edges. The masks of ``options`` are (H, W) bool. ``want`` names the by-products
    to return: those of the generator, “coarse” (what a native-resolution stage was given to follow)
    and the ids of priors that are maps. ``alpha`` (H, W) uint8 or uint16 is the photo's opacity,
    not premultiplied, or None: it is filled with the colours, and colours that cannot be seen have
    no influence.
    """

    image: Pixels
    mask: NDArray[np.uint8]
    options: FillOptions[BoolMask] = field(default_factory=FillOptions)
    want: frozenset[str] = frozenset()
    alpha: Pixels | None = None

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
    ``(y, x) + offsets[y, x]`` (order dy, dx) is the pixel that was copied, 0 where none was; where
    "perspective" (h, w) bool is True, a plane was continued in perspective: it was read between
    pixels, and the offset leads to the nearest one.
    ``timings`` are seconds by stage. ``notes`` say what a person should know (what was chosen and
    why, a device that was not used, a finer plan after out-of-memory), ``warnings`` what in the
    mask or the photo keeps the fill from being good. ``alpha`` (h, w) replaces the photo's opacity
    in ``rect``; None where that stays as it is.
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
    warnings: tuple[Message, ...] = ()
    alpha: Pixels | None = None

    def applied_to(self, image: Pixels) -> Pixels:
        """A copy of ``image`` with the changed rectangle put in."""
        out = image.copy()
        out[self.rect.slices] = self.pixels
        return out


@dataclass(frozen=True, eq=False)
class View:
    """What a generator sees: a crop of the photo, possibly scaled.

    ``image`` (h, w, 3) float32 in [0, 1]; values inside the hole are meaningless and must not be
    used. ``hole`` (h, w) bool, True = fill. ``source`` (h, w) bool, True where pixels may be
    copied from, never inside the hole; ``is_source_chosen``: a person said from where. ``guide``
    (h, w, 3) float32 or None: a coarse fill, valid inside the hole, whose colours and structure the
    fill follows. ``trust``: how closely (1: the
    guide is known to be near the truth; less: only where the photo has what it shows; 0: not at
    all). ``detail``: the finest detail of the guide that is followed, as a share of the shorter
    side. Of a guide that is not fully trusted, ``shown`` is how strongly it shows details (see
    `SHOWN`), and ``worst_ratio`` what its test allows (see `WORST_RATIO`, `UNTESTED`). ``lines``
    are in this crop's coordinates. ``edges`` (h, w) bool or None: edges that the fill must have,
    one pixel wide, inside the hole only, drawn lines included. ``planes``, in this crop's
    coordinates, are continued in perspective; where there are none, those are looked for that
    ``perspective`` says. ``regularity`` as in `FillOptions`. ``priors`` maps a prior's id to its
    array. ``semantic`` (h, w, 3) float32 in [0, 1] or None: what things are, a colour for each
    class; not to be used inside the hole. ``want`` names by-products.
    """

    image: FloatImage
    hole: BoolMask
    source: BoolMask
    is_source_chosen: bool = False
    guide: FloatImage | None = None
    trust: float = 1.0
    detail: float = 1 / 64
    shown: tuple[float, ...] = SHOWN
    worst_ratio: float = WORST_RATIO
    lines: tuple[Segment, ...] = ()
    edges: BoolMask | None = None
    planes: tuple[Plane, ...] = ()
    perspective: Perspective = "auto"
    regularity: Regularity = "auto"
    priors: Mapping[str, NDArray[Any]] = field(default_factory=empty_mapping)
    semantic: FloatImage | None = None
    seed: int = 0
    want: frozenset[str] = frozenset()


@dataclass(frozen=True, eq=False)
class Fill:
    """What a generator returns: ``image`` (h, w, 3) float32 in [0, 1], valid inside the hole and in
    a ring of ``overlap`` pixels around it, and by-products covering the same crop. ``notes`` and
    ``warnings`` as in `InpaintResult`.

    In the ring ``image`` is the generator's own rendering of the known pixels; its difference from
    them is the colour error that composition removes from the fill. 0 = no ring, no correction.
    """

    image: FloatImage
    overlap: int = 0
    products: Mapping[str, NDArray[Any]] = field(default_factory=empty_mapping)
    notes: tuple[Message, ...] = ()
    warnings: tuple[Message, ...] = ()
