"""Makes previews of a running fill: a smooth sketch at once, then what the generators offer."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable
from functools import partial
from typing import TypeVar

import cv2
import numpy as np
from numpy.typing import NDArray

from inpaint_core.contract.arrays import FloatImage
from inpaint_core.contract.geometry import Rect
from inpaint_core.contract.preview import FillPreview, OnPreview
from inpaint_core.contract.progress import Progress, ReadPicture
from inpaint_core.contract.request import InpaintRequest
from inpaint_core.engine.context_crops import Crop, read_opacity
from inpaint_core.raster.backdrop import Backdrop
from inpaint_core.raster.composition import to_float
from inpaint_core.raster.membrane import solve_membrane
from inpaint_core.raster.soft_mask import SoftMask

INTERVAL = 0.25
"""Seconds from one preview to the next, at least."""
MOST_SHARE = 1 / 50
"""Share of the time that making previews may take."""
SLOWING = 0.1
"""And this share of the time since the fill began: later changes are smaller, and what shows them
works on the same processor."""

SKETCHED_FROM = 10_000
"""Pixels of a hole from which it is sketched first; smaller ones are filled in a moment."""
_SKETCH_SIDE = 160  # pixels: a smooth surface has no details that more would show
GUIDE_SIDE = 96
"""The short side, in pixels, at which a view is shown whose fill is only a guide: the picture that
a network makes has stray patterns of a few pixels, of which exemplar synthesis takes over nothing.
"""
_MOST_PIXELS = 1 << 20  # of a preview, about what a screen shows of a photo
_MOST_STRENGTHS = 1 << 22

_OPAQUE = 0.5
"""What differs from a transparent photo's backdrop by this much in any channel is opaque: the
backdrop is the corner of the RGB cube that is farthest from the photo's colours."""

_Extent = tuple[float, float, float, float]
_T = TypeVar("_T", np.uint8, np.float32)


class PreviewMaker:
    """Makes previews of the holes in ``mask`` for ``on_preview``, or, if that is None, nothing.

    ``backdrop`` is that of a transparent photo. Previews of a hole never become coarser again.
    ``clock`` returns seconds.
    """

    def __init__(
        self,
        request: InpaintRequest,
        mask: SoftMask,
        backdrop: Backdrop | None,
        on_preview: OnPreview | None,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        self._request, self._mask, self._backdrop = request, mask, backdrop
        self._on_preview, self._clock = on_preview, clock
        self._began = self._due = clock()
        self._strengths: dict[Rect, NDArray[np.uint8]] = {}
        self._finest: dict[Rect, float] = {}
        self._last: dict[Rect, tuple[FloatImage, _Extent]] = {}

    def sketch(self, crops: Iterable[Crop], least: int = SKETCHED_FROM) -> None:
        """Show the holes of at least ``least`` pixels as smooth surfaces."""
        if self._on_preview is None:
            return
        for crop in crops:
            bounds = _find_bounds(crop)
            if sum(np.count_nonzero(self._mask.over(own)) for own in crop.own) < least:
                continue
            sketched = self._sketch(bounds)
            if sketched is not None:
                self._show(crop, *sketched)
        self._due = self._clock() + INTERVAL

    def attach(
        self, progress: Progress, crop: Crop, rect: Rect, is_guide: bool = False
    ) -> Progress:
        """``progress`` for filling a view of ``rect`` of the photo, of which the holes of ``crop``
        are shown. ``is_guide``: the fill is only followed by another one.
        """
        if self._on_preview is None:
            return progress
        finest = min(1.0, GUIDE_SIDE / min(rect.w, rect.h)) if is_guide else 1.0
        return progress.with_previews(partial(self._offer, crop, rect, finest))

    def _offer(
        self,
        crop: Crop,
        rect: Rect,
        finest: float,
        read: ReadPicture,
        scale: float,
        white: float,
    ) -> None:
        began, bounds = self._clock(), _find_bounds(crop)
        if began < self._due or min(scale, finest) < self._finest.get(bounds, 0):
            return
        picture = read()
        if scale > finest:
            picture, scale = _shrink(picture, finest / scale), finest
        inside = bounds.translate(-rect.x, -rect.y)
        height, width = picture.shape[:2]
        # One pixel more on each side, so that nothing has to be extrapolated.
        part = Rect.from_bounds(
            max(math.floor(inside.x * scale) - 1, 0),
            max(math.floor(inside.y * scale) - 1, 0),
            min(math.ceil(inside.right * scale) + 1, width),
            min(math.ceil(inside.bottom * scale) + 1, height),
        )
        extent = (
            rect.x + part.x / scale,
            rect.y + part.y / scale,
            rect.x + part.right / scale,
            rect.y + part.bottom / scale,
        )
        pixels = _limit(np.asarray(picture[part.slices], np.float32), _MOST_PIXELS)
        pixels = np.asarray(pixels / np.float32(white), np.float32)
        if np.isnan(pixels).any():
            pixels = self._complete(bounds, pixels, extent)
        else:
            self._finest[bounds] = scale
        self._show(crop, pixels, extent)
        now = self._clock()
        wait = max(INTERVAL, (now - began) / MOST_SHARE, (now - self._began) * SLOWING)
        self._due = now + wait

    def _complete(self, bounds: Rect, pixels: FloatImage, extent: _Extent) -> FloatImage:
        """``pixels`` with those of the last preview where nothing is known yet."""
        if bounds not in self._last:
            return np.asarray(np.nan_to_num(pixels, nan=0.5), np.float32)
        last, last_extent = self._last[bounds]
        before = _resample(last, last_extent, extent, pixels.shape)
        return np.where(np.isnan(pixels), before, pixels)

    def _show(self, crop: Crop, pixels: FloatImage, extent: _Extent) -> None:
        assert self._on_preview is not None
        bounds = _find_bounds(crop)
        self._last[bounds] = pixels, extent
        opacity: NDArray[np.uint8] | None = None
        if self._backdrop is not None:
            away = np.abs(pixels - np.array(self._backdrop.colour, np.float32)).max(axis=2)
            share = np.clip(away / np.float32(_OPAQUE), 0, 1)
            pixels = self._backdrop.take_away(pixels, share)
            opacity = np.rint(share * 255).astype(np.uint8)
        kind = self._request.image.dtype
        full = np.float32(np.iinfo(kind).max)
        values = np.rint(np.clip(pixels, 0, 1) * full).astype(kind)
        strength = self._find_strength(crop, bounds)
        self._on_preview(FillPreview(bounds, values, extent, strength, opacity))

    def _find_strength(self, crop: Crop, bounds: Rect) -> NDArray[np.uint8]:
        """How strongly the fill replaces the photo in ``bounds``, of the holes of ``crop``."""
        if bounds not in self._strengths:
            strength = np.zeros((bounds.h, bounds.w), np.uint8)
            for own in crop.own:
                strength[own.translate(-bounds.x, -bounds.y).slices] = self._mask.over(own)
            strength = _limit(strength, _MOST_STRENGTHS)
            strength.flags.writeable = False
            self._strengths[bounds] = strength
        return self._strengths[bounds]

    def _sketch(self, bounds: Rect) -> tuple[FloatImage, _Extent] | None:
        """The smoothest surface over the holes in ``bounds``, reduced, and where it is; None where
        no known pixel is near.
        """
        whole = Rect.whole(self._request.mask.shape)
        around = bounds.grow(max(max(bounds.w, bounds.h) // 16, 4)).intersect(whole)
        step = math.ceil(math.sqrt(around.area / _MOST_PIXELS))
        known = (self._mask.over(around)[::step, ::step] == 0).astype(np.float32)
        colours = to_float(self._request.image[around.slices][::step, ::step])
        opacity = read_opacity(self._request, around)
        if self._backdrop is not None and opacity is not None:
            colours = self._backdrop.put_behind(colours, opacity[::step, ::step])
        scale = min(1.0, _SKETCH_SIDE / max(known.shape))
        total, share = (_shrink(plane, scale) for plane in (colours * known[..., None], known))
        hole = share < np.float32(0.5)
        if hole.all():
            return None
        means = np.asarray(total / np.maximum(share, np.float32(1e-6))[..., None], np.float32)
        return solve_membrane(means, hole), (around.x, around.y, around.right, around.bottom)


def _find_bounds(crop: Crop) -> Rect:
    bounds = crop.own[0]
    for own in crop.own[1:]:
        bounds = bounds.union(own)
    return bounds


def _limit(plane: NDArray[_T], most: int) -> NDArray[_T]:
    """``plane`` (h, w[, C]) reduced to at most about ``most`` pixels."""
    scale = math.sqrt(most / (plane.shape[0] * plane.shape[1]))
    return plane if scale >= 1 else _shrink(plane, scale)


def _shrink(plane: NDArray[_T], scale: float) -> NDArray[_T]:
    height, width = plane.shape[:2]
    size = max(round(width * scale), 1), max(round(height * scale), 1)
    return np.asarray(cv2.resize(plane, size, interpolation=cv2.INTER_AREA), plane.dtype)


def _resample(
    image: FloatImage, extent: _Extent, wanted: _Extent, shape: tuple[int, ...]
) -> FloatImage:
    """``image`` that covers ``extent``, over the ``wanted`` extent at another size."""
    height, width = shape[:2]
    left, top, right, bottom = extent
    across, down = image.shape[1] / (right - left), image.shape[0] / (bottom - top)
    step_x = (wanted[2] - wanted[0]) / width * across
    step_y = (wanted[3] - wanted[1]) / height * down
    moves = np.array(
        [
            [step_x, 0, (wanted[0] - left) * across + step_x / 2 - 0.5],
            [0, step_y, (wanted[1] - top) * down + step_y / 2 - 0.5],
        ]
    )
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    drawn = cv2.warpAffine(
        image, moves, (width, height), flags=flags, borderMode=cv2.BORDER_REPLICATE
    )
    return np.asarray(drawn, np.float32)
