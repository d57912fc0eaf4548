"""Small pictures of what an edit changed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtGui import QColor, QIcon, QPixmap

from app.ui.theme.palette import DRAWN, PROTECTED
from inpaint_core.contract.geometry import Rect

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from app.session.session import Session

_LEAST = 64  # pixels of the photo that a picture shows at the least, each way


def around(rect: Rect, shape: tuple[int, int], width: int, height: int) -> Rect:
    """``rect`` with a little around it, in the proportions ``width`` to ``height``, inside a photo
    of ``shape`` (H, W) as far as it goes.
    """
    whole = Rect.whole(shape)
    scale = max(rect.w * 1.3 / width, rect.h * 1.3 / height, _LEAST / height)
    wide, high = min(round(width * scale), whole.w), min(round(height * scale), whole.h)
    left = min(max(rect.x + (rect.w - wide) // 2, 0), whole.w - wide)
    top = min(max(rect.y + (rect.h - high) // 2, 0), whole.h - high)
    return Rect(left, top, wide, high)


def changed(session: Session, rect: Rect, size: tuple[int, int], tint: str) -> QPixmap:
    """The photo as it is now around ``rect``, with the mask and what is protected in colour;
    ``size`` (width, height) in pixels.
    """
    import cv2
    import numpy as np

    picture, mask = session.opened.picture, session.document.mask
    part = around(rect, session.document.shape, *size)
    level = 0
    while level + 1 < picture.levels and part.w >> (level + 1) >= size[0]:
        level += 1
    height, width = picture.size(level)
    full_height, full_width = session.document.shape
    # A level's sides are rounded down: its last column may stand for three of the photo.
    left = min(part.x * width // full_width, width - 1)
    top = min(part.y * height // full_height, height - 1)
    right = min(max(part.right * width // full_width, left + 1), width)
    bottom = min(max(part.bottom * height // full_height, top + 1), height)
    pixels = picture.read(level, Rect.from_bounds(left, top, right, bottom))
    small = np.asarray(cv2.resize(np.asarray(pixels), size, interpolation=cv2.INTER_AREA))
    small = picture.colours.shown(np.asarray(small, np.uint8))
    layers = [(mask, tint)]
    if session.document.made("protect"):
        layers.insert(0, (session.document.protect, PROTECTED))
    for layer, colour in layers:
        painted = np.ascontiguousarray(layer[part.slices][:: 1 << level, :: 1 << level])
        if painted.any():
            small = _tinted(small, painted, QColor(colour))
    if session.document.made("edges"):
        places = cv2.findNonZero(session.document.edges[part.slices])
        if places is not None:
            # A line that is thinner than a pixel here is still one pixel wide.
            x, y = (places.reshape(-1, 2) * size // (part.w, part.h)).T
            line = QColor(DRAWN)
            small = np.array(small)
            small[y, x] = (line.red(), line.green(), line.blue())
    return pixmap(small)


def _tinted(pixels: NDArray[Any], painted: NDArray[np.uint8], paint: QColor) -> NDArray[np.uint8]:
    """(H, W, 3), half of the colour at the most where all of it is ``painted``, at any size."""
    import cv2
    import numpy as np

    height, width = pixels.shape[:2]
    strength = np.asarray(cv2.resize(painted, (width, height), interpolation=cv2.INTER_AREA))
    share = strength[..., np.newaxis] / 510
    colour = np.array([paint.red(), paint.green(), paint.blue()])
    found: NDArray[np.uint8] = (pixels * (1 - share) + colour * share).round().astype(np.uint8)
    return found


def replaced(session: Session, rect: Rect, pixels: NDArray[Any], size: tuple[int, int]) -> QPixmap:
    """The photo around ``rect`` with ``pixels`` in it, in the screen's colours."""
    import cv2
    import numpy as np

    from inpaint_core.photo.photo import as_pixels

    document = session.document
    part = around(rect, document.shape, *size)
    # Of a large place only every n-th pixel is looked at, on the same grid in photo and fill.
    step = max(min(part.w // (2 * size[0]), part.h // (2 * size[1])), 1)
    crop = document.pixels[part.slices][::step, ::step].copy()
    inside = rect.intersect(part)
    left, top = -(-(inside.x - part.x) // step), -(-(inside.y - part.y) // step)
    there = pixels[
        part.y + top * step - rect.y : inside.bottom - rect.y : step,
        part.x + left * step - rect.x : inside.right - rect.x : step,
    ]
    crop[top : top + there.shape[0], left : left + there.shape[1]] = there
    small = as_pixels(np.asarray(cv2.resize(crop, size, interpolation=cv2.INTER_AREA)))
    return pixmap(np.ascontiguousarray(session.opened.picture.colours.convert(small)))


def untinted(picture: QPixmap) -> QIcon:
    """An icon that keeps its colours when it is selected: they are what is to be judged."""
    icon = QIcon(picture)
    icon.addPixmap(picture, QIcon.Mode.Selected)
    return icon


def pixmap(pixels: NDArray[Any]) -> QPixmap:
    """Colours (H, W, 3) uint8 for a list."""
    from app.ui.painting import qimage

    return QPixmap.fromImage(qimage.image(pixels))
