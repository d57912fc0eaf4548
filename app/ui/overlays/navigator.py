"""The whole photo, small, in the corner of the canvas, with the part that is visible."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, QPointF, QRect, QRectF, QSize, Qt, QTimer, Slot
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QPen, QPixmap, QWheelEvent
from PySide6.QtWidgets import QWidget

from app.configuration.text import t
from app.session.controller import Controller
from app.session.session import Session
from app.ui.canvas.canvas import Canvas
from app.ui.theme import theme
from app.ui.widgets import thumbnails
from app.ui.widgets.setting_fields import follow_setting
from inpaint_core.contract.geometry import Rect

if TYPE_CHECKING:
    from app.document.layer_tiles import LayerChange

_LONGEST = 180  # logical pixels of its longer side
_SHARE = 0.4  # of the canvas that it covers at most, in each direction
_MARGIN = 12
_DELAY = 150  # ms from a change of the photo to the picture of it


class Navigator(QWidget):
    """Shows the photo and the part of it that ``canvas`` shows, which follows the pointer pressed
    here; the wheel zooms. It is there while the setting “navigator.shown” is on.
    """

    def __init__(self, canvas: Canvas, controller: Controller) -> None:
        super().__init__(canvas)
        self._canvas, self._settings = canvas, controller.settings
        self._session: Session | None = None
        self._picture = QPixmap()
        self._timer = QTimer(self, singleShot=True, interval=_DELAY)
        self._timer.timeout.connect(self._draw)
        self.setAttribute(Qt.WidgetAttribute.WA_NoMousePropagation)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.PreventContextMenu)
        self.setCursor(Qt.CursorShape.OpenHandCursor)
        self.setAccessibleName(t("canvas.navigator"))
        self.setToolTip(t("canvas.navigator.tip"))
        self.hide()
        canvas.moved.connect(self.update)
        canvas.installEventFilter(self)
        controller.current_changed.connect(self._show_photo)
        follow_setting(self, "navigator.shown", self._settings, self._on_setting)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Stay in the corner of the canvas."""
        if event.type() == QEvent.Type.Resize:
            self._place()
        return False

    def _show_photo(self, session: Session | None) -> None:
        if self._session is not None:
            self._session.changed.disconnect(self._on_change)
        self._session = session
        if session is not None:
            session.changed.connect(self._on_change)
        self._on_setting()

    @Slot(object)
    def _on_change(self, _change: LayerChange) -> None:
        if self.isVisible() and not self._timer.isActive():
            self._timer.start()

    def _on_setting(self, *_: object) -> None:
        self.setVisible(bool(self._settings.get("navigator.shown")) and self._session is not None)
        self._place()

    def _place(self) -> None:
        """Go into the corner, as large as there is room."""
        if self._session is None or self.isHidden():
            return
        height, width = self._session.document.shape
        room = self._canvas.size() * _SHARE
        most = QSize(_LONGEST, _LONGEST).boundedTo(room).expandedTo(QSize(1, 1))
        size = QSize(width, height).scaled(most, Qt.AspectRatioMode.KeepAspectRatio)
        place = QRect(self._canvas.rect().bottomRight(), size.expandedTo(QSize(1, 1)))
        place.translate(-size.width() - _MARGIN, -size.height() - _MARGIN)
        self.setGeometry(place)
        self._draw()

    def _draw(self) -> None:
        """Draw the photo as it is now."""
        if self._session is not None:
            ratio = self.devicePixelRatioF()
            width, height = round(self.width() * ratio), round(self.height() * ratio)
            tint = str(self._settings.get("look.mask_colour"))
            whole = Rect.whole(self._session.document.shape)
            self._picture = thumbnails.draw_edit(self._session, whole, (width, height), tint)
            self.update()

    @property
    def visible_part(self) -> QRectF:
        """Where, in this widget, the part of the photo is that the canvas shows."""
        view = self._canvas.views()[-1]
        scale = self.width() / max(view.size.width(), 1)
        part = QRectF(view.to_photo(view.pane.topLeft()), view.to_photo(view.pane.bottomRight()))
        here = QRectF(part.topLeft() * scale, part.bottomRight() * scale)
        return here.intersected(QRectF(self.rect()))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the photo, darker where it is not visible, and the frame of what is."""
        painter = QPainter(self)
        painter.drawPixmap(self.rect(), self._picture)
        part, whole = self.visible_part, QRectF(self.rect())
        painter.setClipRegion(self.rect())
        for dark in (
            QRectF(whole.left(), whole.top(), whole.width(), part.top()),
            QRectF(whole.left(), part.bottom(), whole.width(), whole.bottom() - part.bottom()),
            QRectF(whole.left(), part.top(), part.left(), part.height()),
            QRectF(part.right(), part.top(), whole.right() - part.right(), part.height()),
        ):
            painter.fillRect(dark, QColor(0, 0, 0, 110))
        painter.setPen(QColor(theme.current_theme().line))
        painter.drawRect(whole.adjusted(0, 0, -1, -1))
        for colour, width in ((QColor(0, 0, 0, 200), 3), (QColor(255, 255, 255), 1)):
            painter.setPen(QPen(colour, width))
            painter.drawRect(part.adjusted(1, 1, -2, -2))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Show that part of the photo."""
        if event.button() == Qt.MouseButton.LeftButton:
            self.setCursor(Qt.CursorShape.ClosedHandCursor)
            self._go_to(event.position())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Follow the pointer."""
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._go_to(event.position())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Let go."""
        self.setCursor(Qt.CursorShape.OpenHandCursor)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Zoom, with the middle of the view in place."""
        if event.angleDelta().y():
            self._canvas.zoom_step(event.angleDelta().y() / 120)
        event.accept()

    def _go_to(self, position: QPointF) -> None:
        width = self._canvas.photo_size.width()
        self._canvas.centre_on(position * (width / max(self.width(), 1)))
