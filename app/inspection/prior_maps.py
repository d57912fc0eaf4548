"""The priors of a structure network, computed for the visible part of a photo.

The functions are the engine's own. Their input differs: the photo in the screen's colours, at the
size on the screen, with parameters that the person has set.
"""

from __future__ import annotations

import math
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

    from inpaint_core.inspection.placed_map import Extent

PriorKind = Literal["edges", "lines", "grey", "smooth", "hole", "completed", "semantic"]
PRIOR_KINDS: tuple[PriorKind, ...] = get_args(PriorKind)
COMPUTED_KINDS: tuple[PriorKind, ...] = ("edges", "grey", "hole", "lines", "smooth")
"""The kinds that can be computed before a fill, the fast ones first."""

KIND_COLOURS: Mapping[PriorKind, tuple[int, int, int]] = MappingProxyType(
    {
        "edges": (0, 213, 255),
        "lines": (255, 159, 10),
        "hole": (255, 94, 219),
        "completed": (140, 255, 90),
    }
)
"""The colours of the kinds that mark where something is; the other kinds are pictures."""

THUMBNAIL_SIZE = 62, 46
"""Width and height."""

_MOST_LABELS = 1 << 20
"""Pixels of a semantic map that are shown."""

FAST_SMOOTHING_PIXELS = 1 << 18
"""Pixels for which smoothing takes half a second, enough for a thumbnail."""


@dataclass(frozen=True)
class PriorParameters:
    """Parameters of the priors: ``sigma`` in pixels of the visible part, Canny's thresholds ``low``
    and ``high``, and the ``smoother`` with its lambda ``strength``.
    """

    sigma: float
    low: float
    high: float
    smoother: Literal["l0", "rtv"]
    strength: float

    @classmethod
    def of(cls, settings: Settings) -> PriorParameters:
        """The parameters in the current settings."""
        smoother = settings.get("structure.smoother")
        return cls(
            settings.get("structure.sigma"),
            settings.get("structure.low"),
            settings.get("structure.high"),
            smoother,
            settings.get(f"structure.{smoother}"),
        )


@dataclass(frozen=True, eq=False)
class VisiblePart:
    """The visible part of a photo: copies of ``pixels`` (h, w, 3) uint8 and ``mask`` (h, w) uint8
    that cover ``extent``, reduced by 2 to the power of ``level``. The mask will be grown by
    ``grow`` and feathered by ``feather`` pixels of the photo, as `FillOptions` says; how much each
    hole grows by itself is found out from what is visible.
    """

    pixels: NDArray[np.uint8]
    mask: NDArray[np.uint8]
    extent: Extent
    level: int
    grow: int | None
    feather: float


@dataclass(frozen=True, eq=False)
class PriorMap:
    """A map: ``values`` (h, w) uint8, or (h, w, 3) for colours, that cover ``extent``; ``small``
    (h, w, 3) is its thumbnail of `THUMBNAIL_SIZE` on black.
    """

    kind: PriorKind
    values: NDArray[np.uint8]
    extent: Extent
    small: NDArray[np.uint8]

    @classmethod
    def of(cls, kind: PriorKind, values: NDArray[np.uint8], extent: Extent) -> PriorMap:
        """A map with its thumbnail."""
        return cls(kind, values, extent, _make_thumbnail(values, KIND_COLOURS.get(kind)))


def compute_prior_map(
    kind: PriorKind,
    visible: VisiblePart,
    settings: PriorParameters,
    max_pixels: int,
    progress: Progress,
) -> PriorMap:
    """Compute a map of `COMPUTED_KINDS`; colours are smoothed at no more than ``max_pixels``.

    Raises `Cancelled`, and `NothingToCopy` if the whole visible part is to be filled.
    """
    import numpy as np

    from inpaint_core.contract.options import FillOptions
    from inpaint_core.contract.request import InpaintRequest
    from inpaint_core.engine.effective_mask import find_effective_mask

    progress.check()
    scale = 0.5**visible.level
    grow = None if visible.grow is None else round(visible.grow * scale)
    request = InpaintRequest(
        visible.pixels, visible.mask, FillOptions(grow=grow, feather=visible.feather * scale)
    )
    soft = find_effective_mask(request).mask
    h, w = visible.mask.shape
    hole = soft.over(Rect(0, 0, w, h)) > 0
    if kind == "hole":
        return PriorMap.of(kind, _to_white(hole), visible.extent)
    image = np.asarray(visible.pixels, np.float32) / np.float32(255)
    values = _compute(kind, image, hole, settings, max_pixels, progress)
    return PriorMap.of(kind, values, visible.extent)


def map_completed_edges(rect: Rect, edges: NDArray[Any], progress: Progress) -> PriorMap:
    """The map of edges (h, w[, 1]) in [0, 1] over ``rect`` that a network completed in a fill.

    Raises `Cancelled`.
    """
    import numpy as np

    progress.check()

    values = np.clip(np.asarray(edges, np.float32).reshape(rect.h, rect.w), 0, 1)
    extent = (rect.x, rect.y, rect.right, rect.bottom)
    return PriorMap.of("completed", np.rint(values * 255).astype(np.uint8), extent)


def map_semantic(labels: NDArray[np.uint8]) -> PriorMap:
    """The map of a semantic map (H, W, 3), of every so many-th pixel of a large one."""
    height, width = labels.shape[:2]
    step = math.ceil(math.sqrt(max(height * width / _MOST_LABELS, 1)))
    shown = labels[::step, ::step].copy()
    return PriorMap.of("semantic", shown, (0, 0, width, height))


def _compute(
    kind: PriorKind,
    image: NDArray[np.float32],
    hole: NDArray[np.bool_],
    settings: PriorParameters,
    max_pixels: int,
    progress: Progress,
) -> NDArray[np.uint8]:
    from inpaint_core.priors.canny import find_canny_edges
    from inpaint_core.priors.grey import compute_grey
    from inpaint_core.priors.lines import find_segments

    if kind == "edges":
        return _to_white(find_canny_edges(image, hole, settings.sigma, settings.low, settings.high))
    if kind == "grey":
        return _to_eight_bits(compute_grey(image, hole))
    if kind == "lines":
        return _draw_segments(find_segments(image, hole), hole.shape)
    return _smooth_colours(image, hole, settings, max_pixels, progress)


def _smooth_colours(
    image: NDArray[np.float32],
    hole: NDArray[np.bool_],
    settings: PriorParameters,
    max_pixels: int,
    progress: Progress,
) -> NDArray[np.uint8]:
    import cv2
    import numpy as np

    from inpaint_core.priors.l0 import smooth_l0
    from inpaint_core.priors.rtv import smooth_rtv

    h, w = hole.shape
    scale = min((max_pixels / (h * w)) ** 0.5, 1.0)
    size = max(round(w * scale), 1), max(round(h * scale), 1)
    if scale < 1:
        image = np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), np.float32)
        share = cv2.resize(hole.astype(np.float32), size, interpolation=cv2.INTER_AREA)
        hole = np.asarray(share) > 0
    smoother = smooth_l0 if settings.smoother == "l0" else smooth_rtv
    return _to_eight_bits(smoother(image, hole, settings.strength, progress=progress))


def _draw_segments(found: NDArray[np.float32], shape: tuple[int, ...]) -> NDArray[np.uint8]:
    """Segments (n, 4) in pixel-centre coordinates, drawn (h, w)."""
    import cv2
    import numpy as np

    drawn = np.zeros(shape, np.uint8)
    ends = np.rint(found.reshape(-1, 2, 2) * 16).astype(np.int32)
    cv2.polylines(drawn, list(ends), False, 255, 1, cv2.LINE_AA, 4)
    return drawn


def _to_white(inside: NDArray[np.bool_]) -> NDArray[np.uint8]:
    import numpy as np

    return inside.astype(np.uint8) * np.uint8(255)


def _to_eight_bits(values: NDArray[np.float32]) -> NDArray[np.uint8]:
    import numpy as np

    return np.rint(values * 255).astype(np.uint8)


def _make_thumbnail(
    values: NDArray[np.uint8], tint: tuple[int, int, int] | None
) -> NDArray[np.uint8]:
    """A map fitted into `THUMBNAIL_SIZE`, on black. Thin lines keep their brightness."""
    import cv2
    import numpy as np

    h, w = values.shape[:2]
    scale = min(THUMBNAIL_SIZE[0] / w, THUMBNAIL_SIZE[1] / h)
    wide, high = max(round(w * scale), 1), max(round(h * scale), 1)
    small = np.asarray(cv2.resize(values, (wide, high), interpolation=cv2.INTER_AREA))
    if tint is not None:
        # Area averaging dims a line one pixel wide to twice the scale: undo that.
        share = np.clip(small / 255 / min(max(2 * scale, 0.02), 1), 0, 1)[..., np.newaxis]
        small = (share * tint).round().astype(np.uint8)
    elif small.ndim == 2:
        small = np.dstack([small] * 3)
    whole = np.zeros((THUMBNAIL_SIZE[1], THUMBNAIL_SIZE[0], 3), np.uint8)
    left, top = (THUMBNAIL_SIZE[0] - wide) // 2, (THUMBNAIL_SIZE[1] - high) // 2
    whole[top : top + high, left : left + wide] = small
    return whole
