"""Previews of a running fill, drawn over the photo with the strength of the fill."""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRect

from app.ui.painting.pyramid import ByteImage, Pyramid
from app.ui.painting.render import SHARP_FROM
from app.ui.painting.screen_colours import ScreenColours
from app.ui.painting.view_transform import ViewTransform
from inpaint_core.contract.geometry import Rect
from inpaint_core.contract.preview import FillPreview


@dataclass(eq=False)
class _Layer:
    """The last preview of some holes. ``given`` is the strength that it came with."""

    preview: FillPreview
    pixels: Pyramid
    opacity: Pyramid | None
    given: NDArray[np.uint8]
    strength: Pyramid


class PreviewLayer:
    """The previews that are shown, one for each place."""

    def __init__(self, colours: ScreenColours) -> None:
        self._colours = colours
        self._layers: dict[Rect, _Layer] = {}

    @property
    def nbytes(self) -> int:
        """The memory of the pictures in bytes."""
        pyramids = [
            pyramid
            for layer in self._layers.values()
            for pyramid in (layer.pixels, layer.opacity, layer.strength)
            if pyramid is not None
        ]
        return sum(level.nbytes for pyramid in pyramids for level in pyramid.levels)

    def put(self, preview: FillPreview) -> None:
        """Show ``preview`` instead of the last one of its place."""
        last = self._layers.get(preview.rect)
        if last is not None and last.given is preview.strength:
            strength = last.strength
        else:
            strength = Pyramid(preview.strength.copy())
        pixels = Pyramid(np.ascontiguousarray(self._colours.encode(preview.pixels)))
        opacity = None if preview.opacity is None else Pyramid(preview.opacity)
        self._layers[preview.rect] = _Layer(preview, pixels, opacity, preview.strength, strength)

    def remove(self, rect: Rect) -> None:
        """Show no preview in ``rect`` any more: what is there is finished."""
        for place, layer in self._layers.items():
            both = place.intersect(rect).translate(-place.x, -place.y)
            if not both.is_empty:
                strength = layer.strength.levels[0]
                down, across = strength.shape[0] / place.h, strength.shape[1] / place.w
                part = Rect.from_bounds(
                    math.floor(both.x * across),
                    math.floor(both.y * down),
                    math.ceil(both.right * across),
                    math.ceil(both.bottom * down),
                )
                strength[part.slices] = 0
                layer.strength.update(strength, part)

    def blend(
        self, photo: ByteImage, alpha: ByteImage | None, view: ViewTransform, part: QRect
    ) -> tuple[ByteImage, ByteImage | None]:
        """The encoded pixels ``photo`` (h, w, 3) and ``alpha`` (h, w) of the screen pixels ``part``
        with the previews over them, as the fill will be composed.
        """
        for place, layer in self._layers.items():
            inside = _find_screen_rect(place, view).intersected(part)
            if inside.isEmpty():
                continue
            at = (
                slice(inside.y() - part.y(), inside.bottom() + 1 - part.y()),
                slice(inside.x() - part.x(), inside.right() + 1 - part.x()),
            )
            extent = (place.x, place.y, place.right, place.bottom)
            weight = np.float32(1 / 255) * _sample(layer.strength, extent, view, inside)
            if not weight.any():
                continue
            over = _sample(layer.pixels, layer.preview.extent, view, inside)
            photo = photo.copy()
            if alpha is not None and layer.opacity is not None:
                alpha = alpha.copy()
                opacity = _sample(layer.opacity, layer.preview.extent, view, inside)
                before = alpha[at].astype(np.float32)
                after = before + weight * (opacity - before)
                alpha[at] = np.rint(after)
                weight = weight * opacity / np.maximum(after, 1)
            under = photo[at].astype(np.float32)
            photo[at] = np.rint(under + weight[..., None] * (over - under))
        return photo, alpha


def _find_screen_rect(rect: Rect, view: ViewTransform) -> QRect:
    """The screen pixels whose centres lie in ``rect`` of the photo."""
    left, top = view.corner
    x0, y0, x1, y1 = (
        math.ceil(value * view.zoom - 0.5) for value in (rect.x, rect.y, rect.right, rect.bottom)
    )
    return QRect(left + x0, top + y0, x1 - x0, y1 - y0)


def _sample(
    pyramid: Pyramid, extent: tuple[float, float, float, float], view: ViewTransform, part: QRect
) -> ByteImage:
    """The picture that covers ``extent`` of the photo at the screen pixels of ``part``."""
    rows, columns = pyramid.levels[0].shape[:2]
    left, top, right, bottom = extent
    corner_x, corner_y = view.corner
    scale = columns / (right - left), rows / (bottom - top)
    level = max(0, math.floor(math.log2(max(max(scale) / view.zoom, 1)) + 1e-9))
    level = min(level, len(pyramid.levels) - 1)
    across, down = (each / 2**level for each in scale)
    step = across / view.zoom, down / view.zoom
    x = ((part.x() + 0.5 - corner_x) / view.zoom - left) * across - 0.5
    y = ((part.y() + 0.5 - corner_y) / view.zoom - top) * down - 0.5
    if min(scale) > 0.99:  # as the photo around it
        kind = cv2.INTER_NEAREST if view.zoom >= SHARP_FROM else cv2.INTER_LINEAR
    else:
        kind = cv2.INTER_CUBIC if max(step) < 1 else cv2.INTER_LINEAR
    drawn = cv2.warpAffine(
        pyramid.levels[level],
        np.array([[step[0], 0, x], [0, step[1], y]], np.float64),
        (part.width(), part.height()),
        flags=kind | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_REPLICATE,
    )
    return np.asarray(drawn, np.uint8)
