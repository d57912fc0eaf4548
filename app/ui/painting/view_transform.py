"""Where the photo is on the screen.

There are three kinds of coordinates: the photo's (pixel (0, 0) covers 0..1), the widget's (Qt's
logical pixels) and screen pixels, ``ratio`` of them to one logical pixel.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRect, QRectF, QSize
from PySide6.QtGui import QPainterPath, QTransform

from inpaint_core.contract.geometry import Rect

if TYPE_CHECKING:
    from inpaint_core.inspection.placed_map import Extent

SMALLEST_ZOOM, LARGEST_ZOOM = 0.05, 32.0
MARGIN = 12  # around a fitted photo, in logical pixels


@dataclass(frozen=True)
class ViewPosition:
    """The visible part of a photo: the zoom, the photo's point in the middle, and whether the photo
    is fitted to the window.
    """

    zoom: float
    x: float
    y: float
    fitted: bool


@dataclass(frozen=True)
class ViewTransform:
    """A photo of ``size`` in the part ``pane`` of a widget, which is in logical pixels.

    ``zoom``: screen pixels per photo pixel. ``centre``: the photo's point in the
    middle of the pane.
    """

    size: QSize
    pane: QRectF
    ratio: float
    zoom: float
    centre: QPointF

    @property
    def scale(self) -> float:
        """Logical pixels per photo pixel."""
        return self.zoom / self.ratio

    @property
    def corner(self) -> tuple[int, int]:
        """The screen pixel (x, y) of the photo's top left corner; whole, to keep pixels sharp."""
        corner = (self.pane.center() - self.centre * self.scale) * self.ratio
        return round(corner.x()), round(corner.y())

    @property
    def area(self) -> QRect:
        """The rectangle of the whole photo in screen pixels."""
        width = max(round(self.size.width() * self.zoom), 1)
        height = max(round(self.size.height() * self.zoom), 1)
        return QRect(*self.corner, width, height)

    def to_photo(self, position: QPointF) -> QPointF:
        """The photo's point at ``position`` in the widget."""
        x, y = self.corner
        return (position * self.ratio - QPointF(x, y)) / self.zoom

    def to_widget(self, point: QPointF) -> QPointF:
        """Where the photo's ``point`` is in the widget."""
        x, y = self.corner
        return (point * self.zoom + QPointF(x, y)) / self.ratio

    def map_path(self, path: QPainterPath) -> QPainterPath:
        """A path of the photo where it is in the widget."""
        corner = self.to_widget(QPointF(0, 0))
        moved = QTransform.fromTranslate(corner.x(), corner.y())
        return moved.scale(self.scale, self.scale).map(path)

    def to_screen(self, rect: Rect) -> QRect:
        """The screen pixels that can change with the photo's pixels in ``rect``.

        A little more than ``rect``, because of smooth sampling and outlines.
        """
        rim = 2 * 2**self.level
        x, y = self.corner
        spare = 2 + math.ceil(self.ratio)
        left = math.floor((rect.x - rim) * self.zoom) + x - spare
        top = math.floor((rect.y - rim) * self.zoom) + y - spare
        right = math.ceil((rect.right + rim) * self.zoom) + x + spare
        bottom = math.ceil((rect.bottom + rim) * self.zoom) + y + spare
        return QRect(left, top, right - left, bottom - top)

    def extent_to_screen(self, extent: Extent) -> QRectF:
        """The extent (left, top, right, bottom) of a map on the photo in screen pixels."""
        left, top = self.corner
        x0, y0, x1, y1 = (value * self.zoom for value in extent)
        return QRectF(x0 + left, y0 + top, x1 - x0, y1 - y0)

    @property
    def level(self) -> int:
        """How often the photo can be halved and still be as large as shown."""
        return max(0, math.floor(-math.log2(self.zoom) + 1e-9))

    @property
    def fit_zoom(self) -> float:
        """The zoom that shows the whole photo in the pane, at most 1."""
        width = max(self.pane.width() - 2 * MARGIN, 1) * self.ratio
        height = max(self.pane.height() - 2 * MARGIN, 1) * self.ratio
        return min(width / self.size.width(), height / self.size.height(), 1.0)

    def with_fit(self) -> ViewTransform:
        """The view of the whole photo."""
        middle = QPointF(self.size.width() / 2, self.size.height() / 2)
        return replace(self, zoom=self.fit_zoom, centre=middle)

    def with_zoom(self, zoom: float, anchor: QPointF) -> ViewTransform:
        """The view at another zoom that keeps the photo's point at ``anchor`` (widget) in place."""
        away = anchor - self.pane.center()
        held = away / self.scale + self.centre
        zoom = min(max(zoom, min(SMALLEST_ZOOM, self.fit_zoom)), LARGEST_ZOOM)
        scaled = replace(self, zoom=zoom)
        return scaled.with_centre(held - away / scaled.scale)

    def with_centre(self, centre: QPointF) -> ViewTransform:
        """The view with another point of the photo in the middle, limited to the photo."""
        x = min(max(centre.x(), 0.0), float(self.size.width()))
        y = min(max(centre.y(), 0.0), float(self.size.height()))
        return replace(self, centre=QPointF(x, y))

    def with_pane(self, pane: QRectF, ratio: float) -> ViewTransform:
        """The same part of the photo in another pane."""
        return replace(self, pane=pane, ratio=ratio)
