"""What the mouse, the pen, fingers and keys mean on the canvas: one gesture at a time."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Literal

from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import (
    QKeyEvent,
    QMouseEvent,
    QNativeGestureEvent,
    QPointingDevice,
    QTabletEvent,
)
from PySide6.QtWidgets import QGestureEvent, QPinchGesture

from app.configuration.settings import Settings
from app.ui.tools.tool import Pointer

if TYPE_CHECKING:
    from app.ui.canvas.canvas import Canvas
    from app.ui.painting.view_transform import View

_ALT = Qt.KeyboardModifier.AltModifier
_CTRL = Qt.KeyboardModifier.ControlModifier
_LEFT, _MIDDLE, _RIGHT = (
    Qt.MouseButton.LeftButton,
    Qt.MouseButton.MiddleButton,
    Qt.MouseButton.RightButton,
)
_ARROWS = {
    Qt.Key.Key_Left: QPointF(1, 0),
    Qt.Key.Key_Right: QPointF(-1, 0),
    Qt.Key.Key_Up: QPointF(0, 1),
    Qt.Key.Key_Down: QPointF(0, -1),
}

Mode = Literal["", "tool", "pan", "size", "split"]


class Gestures:
    """Turns events into what the tool is told, and into moves of the view.

    From press to release one button of one device has the say; other buttons and devices are
    not heard meanwhile. A release that never came (another window took it) ends the gesture at
    the next move, or when the focus goes elsewhere, and what was painted is kept.
    """

    def __init__(self, canvas: Canvas, settings: Settings) -> None:
        self._canvas = canvas
        self._settings = settings
        self.mode: Mode = ""
        self._button = Qt.MouseButton.NoButton
        self._pen = False
        self._space = False
        self._pane = 0
        self._last: Pointer | None = None
        self._from = QPointF()
        self._sizes = (0.0, 0.0)

    # -- devices ---------------------------------------------------------------------------------

    def mouse_press(self, event: QMouseEvent, double: bool = False) -> None:
        """A button went down, for the second time where ``double``."""
        if self.mode == "" and self._canvas.document is not None:
            self._pen = False
            self._begin(event.button(), self._pointer(event), double)

    def mouse_move(self, event: QMouseEvent) -> None:
        """The mouse moved, with or without a button."""
        pointer = self._pointer(event)
        if self.mode and not self._pen and not event.buttons() & self._button:
            self.end()
        if not self.mode or not self._pen:
            self._go_on(pointer)

    def mouse_release(self, event: QMouseEvent) -> None:
        """A button went up."""
        if self.mode and not self._pen and event.button() == self._button:
            self._end(self._pointer(event))

    def pen(self, event: QTabletEvent) -> None:
        """The pen came down, moved or went up."""
        event.accept()  # otherwise Qt makes mouse events of it
        if self._canvas.document is None:
            return
        pointer = self._pointer(event)
        kind = event.type()
        if kind == QEvent.Type.TabletPress and not self.mode:
            self._pen = True
            self._begin(event.button(), pointer, False)
        elif kind == QEvent.Type.TabletMove and (self._pen or not self.mode):
            self._go_on(pointer)
        elif kind == QEvent.Type.TabletRelease and self._pen and event.button() == self._button:
            self._end(pointer)

    def event(self, event: QEvent) -> bool:
        """Pinches, and shortcuts that a tool at work keeps to itself; True where that is all."""
        if isinstance(event, QNativeGestureEvent):
            if event.gestureType() == Qt.NativeGestureType.ZoomNativeGesture:
                self._canvas.zoom_to(self._canvas.zoom * (1 + event.value()), event.position())
                return True
        elif isinstance(event, QGestureEvent):
            pinch = event.gesture(Qt.GestureType.PinchGesture)
            if isinstance(pinch, QPinchGesture):
                return self._pinch(pinch)
        elif event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            tool = self._canvas.tool
            key = Qt.Key(event.key())
            if tool is not None and tool.active and (key == Qt.Key.Key_Escape or key in tool.keys):
                event.accept()
                return True
        return False

    def _pinch(self, pinch: QPinchGesture) -> bool:
        if pinch.state() == Qt.GestureState.GestureStarted:
            # The first finger was taken for a mouse: what it began was no stroke.
            self.abandon()
        middle = QPointF(self._canvas.mapFromGlobal(pinch.centerPoint().toPoint()))
        self._canvas.zoom_to(self._canvas.zoom * pinch.scaleFactor(), middle)
        self._canvas.pan(pinch.centerPoint() - pinch.lastCenterPoint())
        return True

    # -- keys ------------------------------------------------------------------------------------

    def key_press(self, event: QKeyEvent) -> bool:
        """A key went down; True where it meant something here."""
        key = Qt.Key(event.key())
        tool = self._canvas.tool
        if key == Qt.Key.Key_Escape:
            return self.abandon()
        if key == Qt.Key.Key_Space and not event.modifiers():
            if not event.isAutoRepeat():
                self._space = True
                self.show_cursor()
            return True
        if tool is not None and tool.key(event):
            return True
        step = _ARROWS.get(key)
        if step is None:
            return False
        self._canvas.pan(step * 0.1 * min(self._canvas.width(), self._canvas.height()))
        return True

    def key_release(self, event: QKeyEvent) -> bool:
        """A key went up; True where it meant something here."""
        if event.key() != Qt.Key.Key_Space:
            return False
        if not event.isAutoRepeat():
            self._space = False
            self.show_cursor()
        return True

    # -- gestures --------------------------------------------------------------------------------

    def abandon(self) -> bool:
        """Throw away what is under way; False when nothing was."""
        tool = self._canvas.tool
        found = tool is not None and tool.cancel()
        if self.mode == "size":
            self._settings.set("brush.size", self._sizes[0])
            self._settings.set("brush.hardness", self._sizes[1])
            found = True
        self._stop()
        return found

    def end(self) -> None:
        """End what is under way where it is, and keep it."""
        if self.mode == "tool" and self._canvas.tool is not None:
            self._canvas.tool.finish()
        self._space = False
        self._stop()

    def leave(self) -> None:
        """The pointer left the canvas."""
        self._canvas.hovered.emit(None)
        if not self.mode and self._canvas.tool is not None:
            self._canvas.tool.hover(None)

    def hover_again(self) -> None:
        """Tell a new tool where the pointer is: it need not wait for it to move."""
        if self._last is not None and self._canvas.tool is not None:
            self._canvas.tool.hover(self._last)

    def show_cursor(self) -> None:
        """Give the mouse cursor the shape of what a press would do."""
        canvas = self._canvas
        if canvas.document is None:
            shape = Qt.CursorShape.ArrowCursor
        elif self.mode == "pan":
            shape = Qt.CursorShape.ClosedHandCursor
        elif self._space or canvas.tool is None:
            shape = Qt.CursorShape.OpenHandCursor
        elif self.mode == "split" or (not self.mode and canvas.on_split(self._from)):
            shape = Qt.CursorShape.SplitHCursor
        else:
            shape = canvas.tool.cursor()
        if canvas.cursor().shape() != shape:
            canvas.setCursor(shape)

    def _begin(self, button: Qt.MouseButton, pointer: Pointer, double: bool) -> None:
        canvas, tool = self._canvas, self._canvas.tool
        left = button == _LEFT
        sizing = (button == _RIGHT and pointer.modifiers & _ALT) or (
            left and pointer.modifiers & _ALT and pointer.modifiers & _CTRL
        )
        self._button, self._last, self._from = button, pointer, pointer.at
        self._pane = self._pane_at(pointer.at)
        if button == _MIDDLE or (left and self._space):
            self.mode = "pan"
        elif left and canvas.on_split(pointer.at):
            self.mode = "split"
        elif sizing and tool is not None and tool.sized:
            self.mode = "size"
            size, hardness = self._settings.get("brush.size"), self._settings.get("brush.hardness")
            self._sizes = (size, hardness)
        elif left and tool is None:
            self.mode = "pan"
            if double:
                canvas.toggle_fit(pointer.at)
        elif left and tool is not None:
            self.mode = "tool"
            if double:
                tool.double(pointer)
            else:
                tool.press(pointer)
        self.show_cursor()

    def _go_on(self, pointer: Pointer) -> None:
        canvas, tool = self._canvas, self._canvas.tool
        last, self._last = self._last, pointer
        if self.mode == "pan" and last is not None:
            canvas.pan(pointer.at - last.at)
        elif self.mode == "split":
            canvas.move_split(pointer.at.x())
        elif self.mode == "size":
            self._resize(pointer.at)
        elif self.mode == "tool" and tool is not None:
            tool.move(pointer)
        elif not self.mode:
            self._from = pointer.at
            self.show_cursor()
            if tool is not None:
                tool.hover(pointer)
        self._tell(pointer)

    def _end(self, pointer: Pointer) -> None:
        tool = self._canvas.tool
        if self.mode == "tool" and tool is not None:
            # Nothing is under way any more when people hear of what was done.
            self.mode = ""
            tool.release(pointer)
        self._stop()

    def _stop(self) -> None:
        self.mode = ""
        self._button = Qt.MouseButton.NoButton
        self._pen = False
        self.show_cursor()

    def _resize(self, at: QPointF) -> None:
        # To the right larger, so that the brush's rim stays under the cursor; up harder.
        moved = at - self._from
        scale = self._canvas.views()[self._pane].scale
        size = self._sizes[0] + 2 * moved.x() / scale
        self._settings.set("brush.size", max(size, 1.0))
        self._settings.set("brush.hardness", round(self._sizes[1] - moved.y() / 2))

    def _tell(self, pointer: Pointer) -> None:
        pixel = QPoint(math.floor(pointer.x), math.floor(pointer.y))
        size = self._canvas.photo_size
        inside = 0 <= pixel.x() < size.width() and 0 <= pixel.y() < size.height()
        self._canvas.hovered.emit(pixel if inside else None)

    def _pane_at(self, position: QPointF) -> int:
        views = self._canvas.views()
        return next((i for i, view in enumerate(views) if view.pane.contains(position)), 0)

    def _pointer(self, event: QMouseEvent | QTabletEvent) -> Pointer:
        at = event.position()
        views = self._canvas.views()
        # A stroke that crosses to the other photo of two goes on where it began.
        index = self._pane if self.mode else self._pane_at(at)
        view: View = views[min(index, len(views) - 1)]
        point = view.to_photo(at)
        pressure, eraser = 1.0, False
        if isinstance(event, QTabletEvent):
            pressure = event.pressure()
            eraser = event.pointerType() == QPointingDevice.PointerType.Eraser
        return Pointer(
            point.x(), point.y(), at, pressure, eraser, event.modifiers(), event.buttons()
        )
