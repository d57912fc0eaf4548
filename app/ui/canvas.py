"""The photo on the screen: fit, zoom to the cursor, pan."""

from __future__ import annotations

import math

from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, QSize, Qt, Signal, Slot
from PySide6.QtGui import (
    QBrush,
    QColor,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QNativeGestureEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPixmap,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QWidget

from app.ui import theme

SMALLEST_ZOOM, LARGEST_ZOOM = 0.02, 32.0
_STEP = 1.25
_GRID_FROM = 8.0  # the zoom from which single pixels are outlined
_MARGIN = 12  # around a photo that is fitted, in logical pixels


class Canvas(QWidget):
    """Draws a photo. Zoom 1.0 = one photo pixel on one pixel of the screen.

    ``zoomed(zoom)`` after every change of zoom; ``hovered(point)`` with the photo pixel (QPoint)
    under the cursor, or None when there is none.
    """

    zoomed = Signal(float)
    hovered = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._levels: tuple[QImage, ...] = ()
        self._zoom = 1.0
        self._centre = QPointF()  # the photo's point in the middle of the widget
        self._fitted = True
        self._grabbed: QPointF | None = None
        self._tiles = _checkerboard()
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setAccessibleName("Photo")

    # -- what is shown -------------------------------------------------------------------------

    def show_levels(self, levels: tuple[QImage, ...]) -> None:
        """Show a photo, fitted: full size first, each level half of the one before. () = none."""
        self._levels = levels
        self._grabbed = None
        self.setCursor(Qt.CursorShape.OpenHandCursor if levels else Qt.CursorShape.ArrowCursor)
        self.hovered.emit(None)
        self.fit()

    @property
    def photo_size(self) -> QSize:
        """Size of the photo in pixels, empty when there is none."""
        return self._levels[0].size() if self._levels else QSize()

    @property
    def zoom(self) -> float:
        """Screen pixels per photo pixel."""
        return self._zoom

    def to_photo(self, position: QPointF) -> QPointF:
        """The point of the photo at ``position`` in the widget, in pixels."""
        return (position - self._origin()) / self._scale

    def to_widget(self, point: QPointF) -> QPointF:
        """Where the photo's ``point`` is in the widget."""
        return self._origin() + point * self._scale

    # -- zoom and pan --------------------------------------------------------------------------

    @Slot()
    def fit(self) -> None:
        """Show the whole photo, at 100 % at the most."""
        size = self.photo_size
        if size.isEmpty():
            return
        ratio = self.devicePixelRatioF()
        width = max(self.width() - 2 * _MARGIN, 1) * ratio
        height = max(self.height() - 2 * _MARGIN, 1) * ratio
        self._centre = QPointF(size.width() / 2, size.height() / 2)
        self._set_zoom(min(width / size.width(), height / size.height(), 1.0))
        self._fitted = True

    @Slot()
    def actual(self) -> None:
        """Show one photo pixel on one pixel of the screen."""
        self.zoom_to(1.0)

    @Slot()
    def zoom_in(self) -> None:
        """One step nearer."""
        self.zoom_to(self._zoom * _STEP)

    @Slot()
    def zoom_out(self) -> None:
        """One step away."""
        self.zoom_to(self._zoom / _STEP)

    def zoom_to(self, zoom: float, anchor: QPointF | None = None) -> None:
        """Zoom so that the photo's point at ``anchor`` (widget coordinates) stays where it is.

        Without an anchor the middle of the view stays.
        """
        if not self._levels:
            return
        anchor = self._middle() if anchor is None else anchor
        held = (anchor - self._middle()) / self._scale + self._centre
        self._set_zoom(min(max(zoom, self._least()), LARGEST_ZOOM))
        self._move_to(held - (anchor - self._middle()) / self._scale)

    def pan(self, delta: QPointF) -> None:
        """Move the photo by ``delta`` logical pixels."""
        self._move_to(self._centre - delta / self._scale)

    def _least(self) -> float:
        longest = max(self.photo_size.width(), self.photo_size.height())
        return min(1.0, max(SMALLEST_ZOOM, 32 / longest))

    @property
    def _scale(self) -> float:
        """Logical pixels of the screen per photo pixel."""
        return self._zoom / self.devicePixelRatioF()

    def _middle(self) -> QPointF:
        return QPointF(self.width() / 2, self.height() / 2)

    def _origin(self) -> QPointF:
        """Where the photo's top left corner is, on a whole pixel of the screen to stay sharp."""
        ratio = self.devicePixelRatioF()
        corner = self._middle() - self._centre * self._scale
        return QPointF(round(corner.x() * ratio) / ratio, round(corner.y() * ratio) / ratio)

    def _set_zoom(self, zoom: float) -> None:
        self._zoom = zoom
        self._fitted = False
        self.zoomed.emit(zoom)
        self.update()

    def _move_to(self, centre: QPointF) -> None:
        # The middle of the view stays on the photo: it cannot be lost out of sight.
        size = self.photo_size
        self._centre = QPointF(
            min(max(centre.x(), 0.0), float(size.width())),
            min(max(centre.y(), 0.0), float(size.height())),
        )
        self._fitted = False
        self.update()

    # -- drawing -------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw what is visible from the level that is just large enough."""
        painter = QPainter(self)
        painter.fillRect(event.rect(), QColor(theme.CANVAS))
        if not self._levels:
            return
        origin, scale = self._origin(), self._scale
        size = self.photo_size
        first = self.to_photo(QPointF(event.rect().topLeft()))
        last = self.to_photo(QPointF(event.rect().bottomRight() + QPoint(1, 1)))
        left, top = max(math.floor(first.x()), 0), max(math.floor(first.y()), 0)
        right = min(math.ceil(last.x()), size.width())
        bottom = min(math.ceil(last.y()), size.height())
        if right <= left or bottom <= top:
            return
        target = QRectF(
            origin.x() + left * scale,
            origin.y() + top * scale,
            (right - left) * scale,
            (bottom - top) * scale,
        )
        wanted = int(max(0.0, math.floor(math.log2(1 / min(self._zoom, 1.0)))))
        level = self._levels[min(wanted, len(self._levels) - 1)]
        across, down = level.width() / size.width(), level.height() / size.height()
        part = QRectF(left * across, top * down, (right - left) * across, (bottom - top) * down)
        if level.hasAlphaChannel():
            painter.fillRect(target, self._tiles)
        # From 200 % on single pixels are what one zooms in for.
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, self._zoom < 2.0)
        painter.drawImage(target, level, part)
        if self._zoom >= _GRID_FROM:
            self._draw_grid(painter, left, top, right, bottom)

    def _draw_grid(self, painter: QPainter, left: int, top: int, right: int, bottom: int) -> None:
        pen = QPen(QColor(128, 128, 128, 90))
        pen.setCosmetic(True)
        painter.setPen(pen)
        for x in range(left, right + 1):
            painter.drawLine(self.to_widget(QPointF(x, top)), self.to_widget(QPointF(x, bottom)))
        for y in range(top, bottom + 1):
            painter.drawLine(self.to_widget(QPointF(left, y)), self.to_widget(QPointF(right, y)))

    # -- events --------------------------------------------------------------------------------

    def resizeEvent(self, event: QResizeEvent) -> None:
        """A fitted photo stays fitted."""
        super().resizeEvent(event)
        if self._fitted:
            self.fit()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Zoom to the cursor."""
        turned = event.angleDelta().y()
        if turned and self._levels:
            self.zoom_to(self._zoom * _STEP ** (turned / 120), event.position())
        event.accept()

    def event(self, event: QEvent) -> bool:
        """Zoom when a trackpad is pinched."""
        if isinstance(event, QNativeGestureEvent) and (
            event.gestureType() == Qt.NativeGestureType.ZoomNativeGesture
        ):
            self.zoom_to(self._zoom * (1 + event.value()), event.position())
            return True
        return super().event(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take hold of the photo."""
        buttons = (Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton)
        if self._levels and event.button() in buttons:
            self._grabbed = event.position()
            self.setCursor(Qt.CursorShape.ClosedHandCursor)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Move the photo with the hand, or say what is under the cursor."""
        if self._grabbed is not None:
            self.pan(event.position() - self._grabbed)
            self._grabbed = event.position()
        point = self.to_photo(event.position())
        pixel = QPoint(math.floor(point.x()), math.floor(point.y()))
        size = self.photo_size
        inside = 0 <= pixel.x() < size.width() and 0 <= pixel.y() < size.height()
        self.hovered.emit(pixel if inside else None)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Let go of the photo."""
        if self._grabbed is not None:
            self._grabbed = None
            self.setCursor(Qt.CursorShape.OpenHandCursor)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Change between the whole photo and 100 % at the cursor."""
        if self._fitted:
            self.zoom_to(1.0, event.position())
        else:
            self.fit()

    def leaveEvent(self, event: QEvent) -> None:
        """Nothing is under the cursor any more."""
        self.hovered.emit(None)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Pan with the arrow keys."""
        steps = {
            Qt.Key.Key_Left: QPointF(1, 0),
            Qt.Key.Key_Right: QPointF(-1, 0),
            Qt.Key.Key_Up: QPointF(0, 1),
            Qt.Key.Key_Down: QPointF(0, -1),
        }
        step = steps.get(Qt.Key(event.key()))
        if step is None:
            super().keyPressEvent(event)
        else:
            self.pan(step * 0.1 * min(self.width(), self.height()))


def _checkerboard() -> QBrush:
    """What shows through where a photo is transparent."""
    tile = QPixmap(16, 16)
    tile.fill(QColor("#5a5a5a"))
    painter = QPainter(tile)
    painter.fillRect(0, 0, 8, 8, QColor("#464646"))
    painter.fillRect(8, 8, 8, 8, QColor("#464646"))
    painter.end()
    return QBrush(tile)
