"""A map over the photo, with the outline of the hole, a crosshair and a line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRect, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPen, QPolygonF

from app.ui.painting.overlay import Overlay
from app.ui.painting.view_transform import ViewTransform
from inpaint_core.contract.geometry import Rect

if TYPE_CHECKING:
    from inpaint_core.inspection.placed_map import Extent

_ARM = 9  # logical pixels from the middle of the crosshair to its ends
_DARK, _LIGHT = QColor(0, 0, 0, 190), QColor(255, 255, 255)


@dataclass(frozen=True)
class MapLayer:
    """``image`` covers ``extent`` (left, top, right, bottom) of the photo and is clipped to
    ``crop``.
    """

    image: QImage
    extent: Extent
    crop: Rect


class MapOverlay(Overlay):
    """Shows layers at an opacity of 0 to 1; over them the outline of the hole, a crosshair, and a
    line from a pixel to the source it was copied from.
    """

    def __init__(self) -> None:
        super().__init__()
        self.layers: tuple[MapLayer, ...] = ()
        self._outline: tuple[QPolygonF, ...] = ()
        self._opacity = 0.7
        self.cross: QPointF | None = None
        self.line: tuple[QPointF, QPointF] | None = None

    def show_layers(
        self, layers: Sequence[MapLayer], outline: Sequence[QPolygonF], opacity: float
    ) -> None:
        """Replace the layers. ``outline``: polygons in the photo's coordinates."""
        self.layers, self._outline, self._opacity = tuple(layers), tuple(outline), opacity
        self.changed.emit()

    def clear(self) -> None:
        """Show nothing."""
        self.show_cross(None)
        self.show_line(None)
        if self.layers or self._outline:
            self.show_layers((), (), self._opacity)

    def show_cross(self, point: QPointF | None) -> None:
        """Show the crosshair at a point of the photo; None hides it."""
        if point != self.cross:
            self.cross = point
            self.repaint_needed.emit()

    def show_line(self, line: tuple[QPointF, QPointF] | None) -> None:
        """Show a line from one point of the photo to another; None hides it."""
        if line != self.line:
            self.line = line
            self.repaint_needed.emit()

    def draw(self, painter: QPainter, view: ViewTransform, rect: QRect) -> None:
        """Draw the layers, without smoothing, and the outline."""
        painter.save()
        painter.setOpacity(self._opacity)
        for layer in self.layers:
            crop = layer.crop
            inside = view.extent_to_screen((crop.x, crop.y, crop.right, crop.bottom))
            painter.setClipRect(inside.toAlignedRect().intersected(rect).intersected(view.area))
            painter.drawImage(view.extent_to_screen(layer.extent), layer.image)
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

    def paint(self, painter: QPainter, view: ViewTransform) -> None:
        """Paint the crosshair and the line."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for colour, width in ((_DARK, 3.5), (_LIGHT, 1.5)):
            painter.setPen(QPen(colour, width, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
            if self.cross is not None:
                at = view.to_widget(self.cross)
                for dx, dy in ((1, 0), (-1, 0), (0, 1), (0, -1)):
                    away = QPointF(dx, dy)
                    painter.drawLine(at + away * 3, at + away * _ARM)
            if self.line is not None:
                start, end = (view.to_widget(point) for point in self.line)
                painter.drawLine(start, end)
                painter.drawEllipse(start, 3, 3)
                painter.drawEllipse(end, 5, 5)
