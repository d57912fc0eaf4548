"""A map over the photo, at the same zoom and pan, and the marks that belong to it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPen, QPolygonF

from app.ui.painting.overlay import Overlay
from app.ui.painting.view_transform import View
from inpaint_core.contract.geometry import Rect

_ARM = 9  # logical pixels from the middle of the crosshair to its ends
_DARK, _LIGHT = QColor(0, 0, 0, 190), QColor(255, 255, 255)


@dataclass(frozen=True)
class Layer:
    """``image`` lies on the rectangle ``extent`` (left, top, right, bottom) of the photo; what of
    it is outside ``crop`` is not shown.
    """

    image: QImage
    extent: tuple[float, float, float, float]
    crop: Rect


class Veil(Overlay):
    """Shows layers as opaque as ``opacity`` (0 to 1) says; over them the hole's outline, a
    crosshair, and a line from a pixel to where it was copied from.
    """

    def __init__(self) -> None:
        super().__init__()
        self._layers: tuple[Layer, ...] = ()
        self._outline: tuple[QPolygonF, ...] = ()
        self._opacity = 0.7
        self._cross: QPointF | None = None
        self._line: tuple[QPointF, QPointF] | None = None

    def show_layers(
        self, layers: Sequence[Layer], outline: Sequence[QPolygonF], opacity: float
    ) -> None:
        """Show other layers. ``outline``: lines in the photo's coordinates."""
        self._layers, self._outline, self._opacity = tuple(layers), tuple(outline), opacity
        self.changed.emit()

    def clear(self) -> None:
        """Show nothing."""
        self.mark(None)
        self.connect_points(None)
        if self._layers or self._outline:
            self.show_layers((), (), self._opacity)

    @property
    def shown(self) -> bool:
        """True while there is a map over the photo."""
        return bool(self._layers)

    def mark(self, place: QPointF | None) -> None:
        """Put the crosshair at a place of the photo; None = away with it."""
        if place != self._cross:
            self._cross = place
            self.touched.emit()

    def connect_points(self, line: tuple[QPointF, QPointF] | None) -> None:
        """Draw a line from one place of the photo to another, where an arrow's tip is."""
        if line != self._line:
            self._line = line
            self.touched.emit()

    def draw(self, painter: QPainter, view: View, rect: QRect) -> None:
        """The layers, each of their pixels a plain square, and the outline."""
        painter.save()
        painter.setOpacity(self._opacity)
        for layer in self._layers:
            crop = layer.crop
            inside = _on_screen(view, (crop.x, crop.y, crop.right, crop.bottom))
            painter.setClipRect(inside.toAlignedRect().intersected(rect).intersected(view.area))
            painter.drawImage(_on_screen(view, layer.extent), layer.image)
        painter.restore()
        if not self._outline:
            return
        painter.save()
        left, top = view.corner
        painter.translate(left, top)
        painter.scale(view.zoom, view.zoom)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for colour, width in ((_DARK, 3.0), (_LIGHT, 1.2)):
            pen = QPen(colour, width * view.ratio)
            pen.setCosmetic(True)
            painter.setPen(pen)
            for line in self._outline:
                painter.drawPolygon(line)
        painter.restore()

    def paint(self, painter: QPainter, view: View) -> None:
        """The crosshair and the line."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for colour, width in ((_DARK, 3.5), (_LIGHT, 1.5)):
            painter.setPen(QPen(colour, width, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
            if self._cross is not None:
                at = view.to_widget(self._cross)
                for dx, dy in ((1, 0), (-1, 0), (0, 1), (0, -1)):
                    away = QPointF(dx, dy)
                    painter.drawLine(at + away * 3, at + away * _ARM)
            if self._line is not None:
                start, end = (view.to_widget(point) for point in self._line)
                painter.drawLine(start, end)
                painter.drawEllipse(start, 3, 3)
                painter.drawEllipse(end, 5, 5)


def _on_screen(view: View, extent: tuple[float, float, float, float]) -> QRectF:
    left, top = view.corner
    x0, y0, x1, y1 = (value * view.zoom for value in extent)
    return QRectF(x0 + left, y0 + top, x1 - x0, y1 - y0)
