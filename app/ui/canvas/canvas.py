"""The photo on the screen: what is painted over it, zoom and pan, comparing, the tool at work."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QPoint, QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFocusEvent,
    QHideEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QTabletEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QWidget

from app.configuration.settings import Settings
from app.configuration.text import t
from app.ui.canvas.gestures import Gestures
from app.ui.canvas.viewport import Viewport, in_widget, on_screen
from app.ui.painting.overlay import Overlay
from app.ui.theme import theme
from app.ui.tools.tool import Tool
from inpaint_core.contract.geometry import Rect

if TYPE_CHECKING:
    from collections.abc import Callable

    from app.document.change import Change
    from app.document.document import Document
    from app.ui.canvas.scene import Scene
    from app.ui.painting.document_picture import Picture, Which
    from inpaint_core.contract.arrays import Pixels


class Canvas(Viewport):
    """Shows a document and hands the pointer to the tool.

    ``hovered(point)`` with the photo pixel (QPoint) under the cursor, or None when there is none.
    ``stroke_finished()`` after a tool added something to the mask.
    """

    hovered = Signal(object)
    stroke_finished = Signal()

    def __init__(self, settings: Settings, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._settings = settings
        self._scene: Scene | None = None
        self._unsubscribe: Callable[[], None] | None = None
        self._previewing = False
        self._tool: Tool | None = None
        self._overlays: list[Overlay] = []
        self._gestures = Gestures(self, settings)
        settings.changed.connect(self._on_setting)
        self.setMouseTracking(True)
        self.setTabletTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.grabGesture(Qt.GestureType.PinchGesture)
        self.setAccessibleName(t("canvas.name"))

    # -- what is shown -------------------------------------------------------------------------

    def show_document(self, document: Document | None, picture: Picture | None) -> None:
        """Show a document, fitted, and every change of it from now on. None = show none.

        A tool for another document is put away.
        """
        if self._tool is not None and self._tool.document is not document:
            self.set_tool(None)
        if self._unsubscribe is not None:
            self._unsubscribe()
        self._scene = self._unsubscribe = None
        self._previewing = False
        self.hovered.emit(None)
        if document is not None and picture is not None:
            from app.ui.canvas.scene import Scene  # NumPy and OpenCV: not before there is a photo

            picture.clear_preview()  # of a fill that went on while another photo was shown
            picture.follow(document)  # before the canvas, so that it is up to date when drawn
            self._scene = Scene(document, picture)
            self._unsubscribe = document.subscribe(self._on_change)
        self.show_size(QSize() if document is None else QSize(document.shape[1], document.shape[0]))
        self._gestures.show_cursor()

    @property
    def document(self) -> Document | None:
        """What is shown."""
        return None if self._scene is None else self._scene.document

    @property
    def scene(self) -> Scene | None:
        """What draws it."""
        return self._scene

    def set_tool(self, tool: Tool | None) -> None:
        """Work with ``tool`` from now on; None = only look. What the last one had begun is kept."""
        if self._tool is tool:
            return
        if self._tool is not None:
            self._gestures.end()
            self._tool.cancel()
            self._tool.hover(None)
            self._tool.stage = None
            self._tool.touched.disconnect(self._on_touched)
            self._tool.committed.disconnect(self.stroke_finished)
            self._tool.busy.disconnect(self._on_busy)
        self._tool = tool
        if tool is not None:
            tool.stage = self
            tool.touched.connect(self._on_touched)
            tool.committed.connect(self.stroke_finished)
            tool.busy.connect(self._on_busy)
            if self.underMouse():
                self._gestures.hover_again()
        self._gestures.show_cursor()
        self.update()

    @property
    def tool(self) -> Tool | None:
        """What the pointer does."""
        return self._tool

    @property
    def busy(self) -> bool:
        """True while the pointer is at work: no time to undo."""
        return self._gestures.mode == "tool"

    def finish(self) -> None:
        """End what is under way, and keep it: something else is about to happen."""
        self._gestures.end()

    def preview(self, rect: Rect, pixels: Pixels) -> None:
        """Show ``pixels`` (h, w, 3), at the photo's depth, in ``rect`` without changing the
        document: a finished part of a running fill.
        """
        if self._scene is not None:
            self._scene.picture.preview(rect, pixels)
            self._previewing = True
            self._spoil(rect)

    def clear_preview(self) -> None:
        """Show the document alone again."""
        if self._scene is not None and self._previewing:
            self._previewing = False
            self._spoil(self._scene.picture.clear_preview())

    def add_overlay(self, overlay: Overlay) -> None:
        """Draw ``overlay`` over the photo, above those that are there, below the tool."""
        self._overlays.append(overlay)
        overlay.changed.connect(self.spoil_all)
        overlay.touched.connect(self.update)
        self.spoil_all()

    def remove_overlay(self, overlay: Overlay) -> None:
        """Draw it no more."""
        self._overlays.remove(overlay)
        overlay.changed.disconnect(self.spoil_all)
        overlay.touched.disconnect(self.update)
        self.spoil_all()

    # -- drawing -------------------------------------------------------------------------------

    def _on_change(self, change: Change) -> None:
        if self._scene is None or change.layer == "history":
            return
        if change.layer not in ("pixels", "alpha"):
            self._scene.touch(change.layer, change.rect)
        self._spoil(change.rect)

    def _on_busy(self, _busy: bool) -> None:
        self._gestures.show_cursor()

    def _on_setting(self, setting: str, _value: object) -> None:
        if setting.startswith("look."):
            self.spoil_all()

    def _spoil(self, rect: Rect) -> None:
        """What the photo shows in ``rect`` has to be drawn again."""
        if rect.empty:
            return
        for view in self.views():
            part = view.to_screen(rect)
            self._frame.spoil(part)
            self.update(in_widget(part, view.ratio))

    def _on_touched(self, rect: Rect) -> None:
        """What the tool draws over ``rect`` of the photo differs: the photo itself does not."""
        for view in self.views():
            corner = view.to_widget(QPointF(rect.x, rect.y))
            far = view.to_widget(QPointF(rect.right, rect.bottom))
            self.update(QRectF(corner, far).toAlignedRect().adjusted(-4, -4, 4, 4))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the region that changed: the photo as it was drawn, over it what the tool does."""
        painter = QPainter(self)
        back = QColor(theme.current().canvas)
        if self._scene is None:
            painter.fillRect(event.rect(), back)
            return
        self.lay_out()
        ratio = self.devicePixelRatioF()
        self._frame.show(painter, event.region(), ratio, back, self._draw)
        for index, view in enumerate(self.views()):
            painter.save()
            painter.setClipRect(view.pane, Qt.ClipOperation.IntersectClip)
            if not self._before(index):
                for overlay in self._overlays:
                    overlay.paint(painter, view)
            if self._tool is not None:
                self._tool.paint(painter, view)
            painter.restore()
        self._split.paint(painter, self.width(), self.height())

    def _draw(self, painter: QPainter, rect: QRect) -> None:
        from app.ui.canvas.scene import Pane

        assert self._scene is not None
        colour = QColor(self._settings.get("look.mask_colour"))
        opacity = self._settings.get("look.mask_opacity") / 100
        shown = bool(self._settings.get("look.mask_shown"))
        views = self.views()
        mode, ratio = self._split.mode, views[0].ratio
        parts = [on_screen(view.pane, ratio) for view in views]
        if mode == "split":
            line = round(self._split.line(self.width()) * ratio)
            whole = parts[0]
            parts = [
                QRect(QPoint(0, 0), QSize(line, whole.height())),
                QRect(QPoint(line, 0), QSize(whole.width() - line, whole.height())),
            ]
            views = views * 2
        for index, (view, part) in enumerate(zip(views, parts, strict=True)):
            before = self._before(index) or (mode == "split" and index == 0)
            which: Which = "before" if before else "preview" if self._previewing else "now"
            pane = Pane(view, part, which, shown and not before)
            self._scene.draw(painter, pane, rect, colour, opacity)
            inside = rect.intersected(part)
            if not before and self._overlays and not inside.isEmpty():
                painter.save()
                painter.setClipRect(inside)
                for overlay in self._overlays:
                    overlay.draw(painter, view, inside)
                painter.restore()
            self._scene.draw_edges(painter, pane, rect)

    def _before(self, index: int) -> bool:
        """True where the view shows nothing but the photo as it was opened."""
        mode = self._split.mode
        return mode == "original" or (mode == "side" and index == 0)

    # -- events --------------------------------------------------------------------------------

    def resizeEvent(self, event: QResizeEvent) -> None:
        """A fitted photo stays fitted."""
        super().resizeEvent(event)
        self.lay_out()

    def event(self, event: QEvent) -> bool:
        """Pinches, shortcuts that mean something else to a tool at work, another screen."""
        if self._gestures.event(event):
            return True
        if event.type() == QEvent.Type.DevicePixelRatioChange:
            self.lay_out()
            self.spoil_all()
        return super().event(event)

    def changeEvent(self, event: QEvent) -> None:
        """Another theme has another background, another language another name."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self.spoil_all()
        elif event.type() == QEvent.Type.LanguageChange:
            self.setAccessibleName(t("canvas.name"))
            self.update()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Zoom to the cursor; with Shift, move to the side."""
        turned = event.angleDelta()
        if event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            self.pan(QPointF((turned.y() + turned.x()) * 0.5, 0))
        elif turned.y():
            self.zoom_step(turned.y() / 120, event.position())
        event.accept()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Begin what the button does."""
        self._gestures.mouse_press(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Go on with it, or say what is under the cursor."""
        self._gestures.mouse_move(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """End it."""
        self._gestures.mouse_release(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Begin what a second press does."""
        self._gestures.mouse_press(event, double=True)

    def tabletEvent(self, event: QTabletEvent) -> None:
        """The pen: as the mouse, with pressure and an eraser."""
        self._gestures.pen(event)

    def leaveEvent(self, event: QEvent) -> None:
        """Nothing is under the cursor any more."""
        self._gestures.leave()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """What is under way is kept."""
        self._gestures.end()
        super().focusOutEvent(event)

    def hideEvent(self, event: QHideEvent) -> None:
        """What is under way is kept."""
        self._gestures.end()
        super().hideEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc abandons, Space takes the hand, the tool's own keys, arrow keys move the photo."""
        if not self._gestures.key_press(event):
            super().keyPressEvent(event)

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        """Space lets go of the hand."""
        if not self._gestures.key_release(event):
            super().keyReleaseEvent(event)
