"""Small pictures of edits and variations."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QSize
from PySide6.QtGui import QColor, QIcon, QPixmap
from PySide6.QtWidgets import QListWidget

from app.ui.theme.palette import EDGE_COLOUR, PROTECT_COLOUR, SOURCE_COLOUR
from inpaint_core.contract.choices import Layer
from inpaint_core.contract.geometry import Rect

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from app.session.session import Session

_VISIBLE = 5  # pixels of a picture across which something can be seen
_CHECK = 6  # pixels of a square of the checkerboard
_SMALLEST = 64  # photo pixels that a picture shows at least, in both directions


class ThumbnailList(QListWidget):
    """Thumbnails of ``size`` in rows, each with a line of text below it, in a cell that is larger
    by ``margins`` (across, down).
    """

    def __init__(self, name: str, title: str, size: QSize, margins: tuple[int, int]) -> None:
        super().__init__()
        self.setObjectName(name)
        self.setAccessibleName(title)
        self.setViewMode(QListWidget.ViewMode.IconMode)
        self.setMovement(QListWidget.Movement.Static)
        self.setResizeMode(QListWidget.ResizeMode.Adjust)
        self.setUniformItemSizes(True)
        self.setIconSize(size)
        across, down = margins
        self.setGridSize(size + QSize(across, self.fontMetrics().height() + down))


def frame_rect(rect: Rect, shape: tuple[int, int], width: int, height: int) -> Rect:
    """``rect`` with a margin, at the aspect ratio ``width`` : ``height``, limited to a photo of
    ``shape`` (H, W).
    """
    whole = Rect.whole(shape)
    scale = max(rect.w * 1.3 / width, rect.h * 1.3 / height, _SMALLEST / height)
    wide, high = min(round(width * scale), whole.w), min(round(height * scale), whole.h)
    left = min(max(rect.x + (rect.w - wide) // 2, 0), whole.w - wide)
    top = min(max(rect.y + (rect.h - high) // 2, 0), whole.h - high)
    return Rect(left, top, wide, high)


def choose_part(parts: Sequence[Rect], shape: tuple[int, int], size: tuple[int, int]) -> Rect:
    """What a picture of ``size`` (width, height) shows of an edit of these parts of a photo of
    ``shape`` (H, W): all of them, or, where none of them could be seen then, as of spots that are
    far from each other, the largest one.
    """
    whole = Rect(0, 0, 0, 0)
    for part in parts:
        whole = whole.union(part)
    frame = frame_rect(whole, shape, *size)
    largest = max(parts, key=lambda part: part.w * part.h, default=whole)
    across, down = largest.w * size[0] / frame.w, largest.h * size[1] / frame.h
    return whole if max(across, down) >= _VISIBLE else largest


def draw_edit(session: Session, rect: Rect, size: tuple[int, int], tint: str) -> QPixmap:
    """The photo as it is now around ``rect``, with the mask and the protected area in colour;
    ``size`` (width, height) in pixels.
    """
    import cv2
    import numpy as np

    picture, mask = session.opened_file.picture, session.document.mask
    part = frame_rect(rect, session.document.shape, *size)
    level = 0
    while level + 1 < picture.levels and part.w >> (level + 1) >= size[0]:
        level += 1
    height, width = picture.level_size(level)
    full_height, full_width = session.document.shape
    # The sides of a level are rounded down: its last column may stand for three of the photo.
    left = min(part.x * width // full_width, width - 1)
    top = min(part.y * height // full_height, height - 1)
    right = min(max(part.right * width // full_width, left + 1), width)
    bottom = min(max(part.bottom * height // full_height, top + 1), height)
    pixels = picture.read(level, Rect.from_bounds(left, top, right, bottom))
    small = np.asarray(cv2.resize(np.asarray(pixels), size, interpolation=cv2.INTER_AREA))
    small = picture.colours.to_screen(np.asarray(small, np.uint8))
    if picture.has_alpha:
        alpha = picture.read_alpha(level, Rect.from_bounds(left, top, right, bottom))
        small = _lay_on_checks(small, alpha)
    layers = [(mask, tint)]
    areas: tuple[tuple[Layer, str], ...] = (("protect", PROTECT_COLOUR), ("source", SOURCE_COLOUR))
    for name, colour in areas:
        if session.document.is_written(name):
            layers.insert(0, (session.document.read(name), colour))
    for layer, colour in layers:
        painted = np.ascontiguousarray(layer[part.slices][:: 1 << level, :: 1 << level])
        if painted.any():
            small = _tint(small, painted, QColor(colour))
    if session.document.is_written("edges"):
        points = cv2.findNonZero(session.document.edges[part.slices])
        if points is not None:
            # A line thinner than a pixel of the picture is drawn one pixel wide.
            x, y = (points.reshape(-1, 2) * size // (part.w, part.h)).T
            line = QColor(EDGE_COLOUR)
            small = np.array(small)
            small[y, x] = (line.red(), line.green(), line.blue())
    return to_pixmap(small)


def _lay_on_checks(pixels: NDArray[Any], alpha: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """``pixels`` (H, W, 3) with ``alpha`` (any size) over a checkerboard, as the canvas has it."""
    import cv2
    import numpy as np

    height, width = pixels.shape[:2]
    share = cv2.resize(np.ascontiguousarray(alpha), (width, height), interpolation=cv2.INTER_AREA)
    y, x = np.mgrid[:height, :width] // _CHECK
    checks = np.where((x + y) % 2, 0x5A, 0x46)[..., None]
    opaque = np.asarray(share, np.uint16)[..., None]
    return np.asarray((pixels * opaque + checks * (255 - opaque) + 127) // 255, np.uint8)


def _tint(pixels: NDArray[Any], painted: NDArray[np.uint8], paint: QColor) -> NDArray[np.uint8]:
    """``pixels`` (H, W, 3) mixed with half of the colour where ``painted`` (any size) is 255."""
    import cv2
    import numpy as np

    height, width = pixels.shape[:2]
    strength = np.asarray(cv2.resize(painted, (width, height), interpolation=cv2.INTER_AREA))
    weight = strength[..., np.newaxis] / 510
    colour = np.array([paint.red(), paint.green(), paint.blue()])
    mixed: NDArray[np.uint8] = (pixels * (1 - weight) + colour * weight).round().astype(np.uint8)
    return mixed


def draw_variation(
    session: Session,
    rect: Rect,
    pixels: NDArray[Any],
    size: tuple[int, int],
    alpha: NDArray[Any] | None = None,
) -> QPixmap:
    """The photo around ``rect`` with ``pixels`` and ``alpha`` in it, in the colours of the screen.
    ``alpha`` None: as it is.
    """
    import cv2
    import numpy as np

    from inpaint_core.photo.photo import as_pixels, to_eight_bits

    document = session.document
    part = frame_rect(rect, document.shape, *size)
    # Of a large area, only every n-th pixel is read, on the same grid in photo and fill.
    step = max(min(part.w // (2 * size[0]), part.h // (2 * size[1])), 1)
    inside = rect.intersect(part)
    left, top = -(-(inside.x - part.x) // step), -(-(inside.y - part.y) // step)

    def sample(whole: NDArray[Any], own: NDArray[Any] | None) -> NDArray[Any]:
        crop = whole[part.slices][::step, ::step].copy()
        if own is not None:
            sampled = own[
                part.y + top * step - rect.y : inside.bottom - rect.y : step,
                part.x + left * step - rect.x : inside.right - rect.x : step,
            ]
            crop[top : top + sampled.shape[0], left : left + sampled.shape[1]] = sampled
        return crop

    crop = sample(document.pixels, pixels)
    small = as_pixels(np.asarray(cv2.resize(crop, size, interpolation=cv2.INTER_AREA)))
    shown = np.ascontiguousarray(session.opened_file.picture.colours.convert(small))
    if document.alpha is not None:
        opacity = to_eight_bits(as_pixels(sample(document.alpha, alpha)))
        shown = _lay_on_checks(shown, np.asarray(opacity))
    return to_pixmap(shown)


def make_untinted_icon(picture: QPixmap) -> QIcon:
    """An icon that keeps its colours when selected, because they are to be judged."""
    icon = QIcon(picture)
    icon.addPixmap(picture, QIcon.Mode.Selected)
    return icon


def to_pixmap(pixels: NDArray[Any]) -> QPixmap:
    """Colours (H, W, 3) uint8 as a pixmap."""
    from app.ui.painting import qimage

    return QPixmap.fromImage(qimage.from_rgb(pixels))
