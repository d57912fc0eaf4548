"""Where the photo is on the screen: between pixels of the photo, of the widget and of the screen.

Three kinds of coordinates: the photo's (pixel (0, 0) covers 0..1), the widget's (Qt's logical
pixels) and the screen's own pixels, ``ratio`` of them to one logical pixel.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from PySide6.QtCore import QPointF, QRect, QRectF, QSize

from inpaint_core.contract.geometry import Rect

SMALLEST_ZOOM, LARGEST_ZOOM = 0.05, 32.0
MARGIN = 12  # around a photo that is fitted, in logical pixels


@dataclass(frozen=True)
class Place:
    """What part of a photo is looked at: its ``zoom``, the point in the middle, and whether it is
    fitted to the window.
    """

    zoom: float
    x: float
    y: float
    fitted: bool


@dataclass(frozen=True)
class View:
    """A photo of ``size`` in the part ``pane`` of a widget, in logical pixels.

    ``zoom``: pixels of the screen per pixel of the photo. ``centre``: the photo's point in the
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
        """The screen's pixel (x, y) of the photo's top left corner: whole, to stay sharp."""
        corner = (self.pane.center() - self.centre * self.scale) * self.ratio
        return round(corner.x()), round(corner.y())

    @property
    def area(self) -> QRect:
        """The screen's pixels that show the photo, cut off by nothing."""
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

    def to_screen(self, rect: Rect) -> QRect:
        """The screen's pixels that can change when the photo's pixels in ``rect`` do.

        A little more than ``rect``: smooth sampling and outlines reach over its rim.
        """
        rim = 2 * 2**self.level
        x, y = self.corner
        spare = 2 + math.ceil(self.ratio)
        left = math.floor((rect.x - rim) * self.zoom) + x - spare
        top = math.floor((rect.y - rim) * self.zoom) + y - spare
        right = math.ceil((rect.right + rim) * self.zoom) + x + spare
        bottom = math.ceil((rect.bottom + rim) * self.zoom) + y + spare
        return QRect(left, top, right - left, bottom - top)

    @property
    def level(self) -> int:
        """How often the photo may be halved and still be as large as it is shown."""
        return max(0, math.floor(-math.log2(self.zoom) + 1e-9))

    @property
    def fit(self) -> float:
        """The zoom that shows the whole photo in the pane, 1 at the most."""
        width = max(self.pane.width() - 2 * MARGIN, 1) * self.ratio
        height = max(self.pane.height() - 2 * MARGIN, 1) * self.ratio
        return min(width / self.size.width(), height / self.size.height(), 1.0)

    def fitted(self) -> View:
        """The view of the whole photo."""
        middle = QPointF(self.size.width() / 2, self.size.height() / 2)
        return replace(self, zoom=self.fit, centre=middle)

    def zoomed(self, zoom: float, anchor: QPointF) -> View:
        """The view in which the photo's point at ``anchor`` (in the widget) stays where it is."""
        away = anchor - self.pane.center()
        held = away / self.scale + self.centre
        zoom = min(max(zoom, min(SMALLEST_ZOOM, self.fit)), LARGEST_ZOOM)
        nearer = replace(self, zoom=zoom)
        return nearer.moved(held - away / nearer.scale)

    def moved(self, centre: QPointF) -> View:
        """The view of another middle, which stays on the photo: it cannot be lost out of sight."""
        x = min(max(centre.x(), 0.0), float(self.size.width()))
        y = min(max(centre.y(), 0.0), float(self.size.height()))
        return replace(self, centre=QPointF(x, y))

    def within(self, pane: QRectF, ratio: float) -> View:
        """The same part of the photo in another pane."""
        return replace(self, pane=pane, ratio=ratio)
