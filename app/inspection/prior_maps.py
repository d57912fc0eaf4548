"""What a structure network reads off a photo, computed for what is in sight of it.

The functions are the engine's own priors; what differs is what they are given: the photo in the
screen's colours, at the size in which it is looked at, and the numbers that a person has set.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal, get_args

from app.configuration.settings import Settings
from inpaint_core.contract.geometry import Rect
from inpaint_core.contract.progress import Progress

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Kind = Literal["edges", "lines", "grey", "smooth", "hole", "completed"]
KINDS: tuple[Kind, ...] = get_args(Kind)
COMPUTED: tuple[Kind, ...] = ("edges", "grey", "hole", "lines", "smooth")
"""Those that can be had before a fill, the quick ones first."""

Extent = tuple[float, float, float, float]
"""Left, top, right, bottom on the photo; the pixel (x, y) covers x .. x+1, y .. y+1."""

COLOURS: Mapping[Kind, tuple[int, int, int]] = MappingProxyType(
    {
        "edges": (0, 213, 255),
        "lines": (255, 159, 10),
        "hole": (255, 94, 219),
        "completed": (140, 255, 90),
    }
)
"""Maps that say where something is are shown in a colour; the others are pictures themselves."""

SIDES = 62, 46
"""Width and height of the small pictures."""

SMALL = 1 << 18
"""Pixels in which smoothed colours are ready in half a second: as many as a thumbnail needs."""


@dataclass(frozen=True)
class Knobs:
    """What a person has set. ``sigma`` in pixels of what is looked at; ``low`` and ``high`` are
    Canny's thresholds; ``smoother`` with its lambda ``strength``.
    """

    sigma: float
    low: float
    high: float
    smoother: Literal["l0", "rtv"]
    strength: float

    @classmethod
    def of(cls, settings: Settings) -> Knobs:
        """As the settings are now."""
        smoother = settings.get("structure.smoother")
        return cls(
            settings.get("structure.sigma"),
            settings.get("structure.low"),
            settings.get("structure.high"),
            smoother,
            settings.get(f"structure.{smoother}"),
        )


@dataclass(frozen=True, eq=False)
class Sight:
    """What is in sight: ``pixels`` (h, w, 3) uint8 and ``mask`` (h, w) uint8, copies, spread over
    ``extent`` of the photo, whose sides were halved ``level`` times. The mask will be grown by
    ``grow`` and feathered by ``feather`` pixels of the photo.
    """

    pixels: NDArray[np.uint8]
    mask: NDArray[np.uint8]
    extent: Extent
    level: int
    grow: int
    feather: float


@dataclass(frozen=True, eq=False)
class Look:
    """A map: ``values`` (h, w) uint8 or, of colours, (h, w, 3), spread over ``extent``; ``small``
    (h, w, 3) is a picture of it, `SIDES` large, on black.
    """

    kind: Kind
    values: NDArray[np.uint8]
    extent: Extent
    small: NDArray[np.uint8]

    @classmethod
    def of(cls, kind: Kind, values: NDArray[np.uint8], extent: Extent) -> Look:
        """With its small picture."""
        return cls(kind, values, extent, _fitted(values, COLOURS.get(kind)))


def look(kind: Kind, sight: Sight, knobs: Knobs, most: int, progress: Progress) -> Look:
    """One of the maps that are `COMPUTED`; smoothed colours at no more than ``most`` pixels.

    Raises `Cancelled`, and `NothingToCopy` where all that is in sight is to be filled.
    """
    import numpy as np

    from inpaint_core.raster.soft_masks import soften

    progress.check()
    scale = 0.5**sight.level
    soft = soften(sight.mask, round(sight.grow * scale), sight.feather * scale)
    h, w = sight.mask.shape
    hole = soft.over(Rect(0, 0, w, h)) > 0
    if kind == "hole":
        return Look.of(kind, _white(hole), sight.extent)
    image = np.asarray(sight.pixels, np.float32) / np.float32(255)
    return Look.of(kind, _read(kind, image, hole, knobs, most, progress), sight.extent)


def completed(rect: Rect, edges: NDArray[Any], progress: Progress) -> Look:
    """The edges (h, w[, 1]) in [0, 1] over ``rect`` that a network completed in a fill.

    Raises `Cancelled`.
    """
    import numpy as np

    progress.check()

    values = np.clip(np.asarray(edges, np.float32).reshape(rect.h, rect.w), 0, 1)
    extent = (rect.x, rect.y, rect.right, rect.bottom)
    return Look.of("completed", np.rint(values * 255).astype(np.uint8), extent)


def _read(
    kind: Kind,
    image: NDArray[np.float32],
    hole: NDArray[np.bool_],
    knobs: Knobs,
    most: int,
    progress: Progress,
) -> NDArray[np.uint8]:
    from inpaint_core.priors.canny import canny
    from inpaint_core.priors.grey import grey
    from inpaint_core.priors.lines import lines

    if kind == "edges":
        return _white(canny(image, hole, knobs.sigma, knobs.low, knobs.high))
    if kind == "grey":
        return _eight(grey(image, hole))
    if kind == "lines":
        return _segments(lines(image, hole), hole.shape)
    return _smooth(image, hole, knobs, most, progress)


def _smooth(
    image: NDArray[np.float32],
    hole: NDArray[np.bool_],
    knobs: Knobs,
    most: int,
    progress: Progress,
) -> NDArray[np.uint8]:
    import cv2
    import numpy as np

    from inpaint_core.priors.l0 import l0
    from inpaint_core.priors.rtv import rtv

    h, w = hole.shape
    scale = min((most / (h * w)) ** 0.5, 1.0)
    size = max(round(w * scale), 1), max(round(h * scale), 1)
    if scale < 1:
        image = np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), np.float32)
        share = cv2.resize(hole.astype(np.float32), size, interpolation=cv2.INTER_AREA)
        hole = np.asarray(share) > 0
    smoother = l0 if knobs.smoother == "l0" else rtv
    return _eight(smoother(image, hole, knobs.strength, progress=progress))


def _segments(found: NDArray[np.float32], shape: tuple[int, ...]) -> NDArray[np.uint8]:
    """Segments (n, 4) in pixel-centre coordinates, drawn (h, w)."""
    import cv2
    import numpy as np

    drawn = np.zeros(shape, np.uint8)
    ends = np.rint(found.reshape(-1, 2, 2) * 16).astype(np.int32)
    cv2.polylines(drawn, list(ends), False, 255, 1, cv2.LINE_AA, 4)
    return drawn


def _white(inside: NDArray[np.bool_]) -> NDArray[np.uint8]:
    import numpy as np

    return inside.astype(np.uint8) * np.uint8(255)


def _eight(values: NDArray[np.float32]) -> NDArray[np.uint8]:
    import numpy as np

    return np.rint(values * 255).astype(np.uint8)


def _fitted(values: NDArray[np.uint8], tint: tuple[int, int, int] | None) -> NDArray[np.uint8]:
    """A map inside `SIDES`, on black. Thin lines stay as bright as they are."""
    import cv2
    import numpy as np

    h, w = values.shape[:2]
    scale = min(SIDES[0] / w, SIDES[1] / h)
    wide, high = max(round(w * scale), 1), max(round(h * scale), 1)
    small = np.asarray(cv2.resize(values, (wide, high), interpolation=cv2.INTER_AREA))
    if tint is not None:
        # A line one pixel wide keeps a share of its brightness; twice the scale is its width.
        share = np.clip(small / 255 / min(max(2 * scale, 0.02), 1), 0, 1)[..., np.newaxis]
        small = (share * tint).round().astype(np.uint8)
    elif small.ndim == 2:
        small = np.dstack([small] * 3)
    whole = np.zeros((SIDES[1], SIDES[0], 3), np.uint8)
    left, top = (SIDES[0] - wide) // 2, (SIDES[1] - high) // 2
    whole[top : top + high, left : left + wide] = small
    return whole
