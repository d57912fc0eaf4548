"""Turns events of mouse, pen, fingers and keys over the canvas into gestures, one at a time."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, Literal

from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QKeyEvent, QMouseEvent, QNativeGestureEvent, QPointingDevice, QTabletEvent
from PySide6.QtWidgets import QGestureEvent, QPinchGesture

from app.configuration.settings import Settings
from app.ui.tools.tool import PointerState, Tool

if TYPE_CHECKING:
    from collections.abc import Callable

    from app.ui.canvas.viewport import Viewport

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

Gesture = Literal["", "tool", "pan", "size", "split"]


class Gestures:
    """Passes gestures to ``tool`` or turns them into moves of the viewport.

    From press to release, one button of one device is followed and others are ignored. If the
    release never arrives (another window took it), the gesture ends at the next move or when the
    focus is lost, and what was painted is kept. ``report_hover(pixel)`` is called with the photo
    pixel (QPoint) under the pointer, or None, and ``settle()`` before the tool gets a press.
    """

    def __init__(
        self,
        viewport: Viewport,
        settings: Settings,
        report_hover: Callable[[QPoint | None], object],
        settle: Callable[[], object],
    ) -> None:
        self._viewport = viewport
        self._settings = settings
        self._report_hover = report_hover
        self._settle = settle
        self.tool: Tool | None = None
        self.current: Gesture = ""
        self._button = Qt.MouseButton.NoButton
        self._is_pen = False
        self._is_space_down = False
        self._pane = 0
        self._last_pointer: PointerState | None = None
        self._is_pointed_at = False
        self._start_at = QPointF()
        self._start_brush = (0.0, 0.0)

    # -- devices ---------------------------------------------------------------------------------

    def event(self, event: QEvent) -> bool:
        """Handle an event of the viewport; True when nothing else may handle it."""
        if isinstance(event, QMouseEvent):
            return self._mouse(event)
        if isinstance(event, QTabletEvent):
            self._tablet(event)
            return True
        if isinstance(event, QKeyEvent):
            return self._key(event)
        if isinstance(event, QNativeGestureEvent):
            if event.gestureType() == Qt.NativeGestureType.ZoomNativeGesture:
                self._viewport.zoom_to(self._viewport.zoom * (1 + event.value()), event.position())
                return True
        elif isinstance(event, QGestureEvent):
            pinch = event.gesture(Qt.GestureType.PinchGesture)
            if isinstance(pinch, QPinchGesture):
                return self._pinch(pinch)
        elif event.type() == QEvent.Type.Leave:
            self._report_hover(None)
            self._is_pointed_at = False
            if not self.current and self.tool is not None:
                self.tool.hover(None)
        return False

    def _mouse(self, event: QMouseEvent) -> bool:
        kind = event.type()
        if kind in (QEvent.Type.MouseButtonPress, QEvent.Type.MouseButtonDblClick):
            if self.current == "" and not self._viewport.photo_size.isEmpty():
                self._is_pen = False
                double = kind == QEvent.Type.MouseButtonDblClick
                self._begin(event.button(), self._pointer(event), double)
        elif kind == QEvent.Type.MouseMove:
            pointer = self._pointer(event)
            if self.current and not self._is_pen and not event.buttons() & self._button:
                self.finish()
            if not self.current or not self._is_pen:
                self._continue(pointer)
        elif kind == QEvent.Type.MouseButtonRelease:
            if self.current and not self._is_pen and event.button() == self._button:
                self._end(self._pointer(event))
        else:
            return False
        return True

    def _tablet(self, event: QTabletEvent) -> None:
        event.accept()  # otherwise Qt turns it into mouse events
        if self._viewport.photo_size.isEmpty():
            return
        pointer = self._pointer(event)
        kind = event.type()
        if kind == QEvent.Type.TabletPress and not self.current:
            self._is_pen = True
            self._begin(event.button(), pointer, False)
        elif kind == QEvent.Type.TabletMove and (self._is_pen or not self.current):
            self._continue(pointer)
        elif kind == QEvent.Type.TabletRelease and self._is_pen and event.button() == self._button:
            self._end(pointer)

    def _pinch(self, pinch: QPinchGesture) -> bool:
        if pinch.state() == Qt.GestureState.GestureStarted:
            # The first finger was taken for a mouse: what it began is not a stroke.
            self.cancel()
        middle = QPointF(self._viewport.mapFromGlobal(pinch.centerPoint().toPoint()))
        self._viewport.zoom_to(self._viewport.zoom * pinch.scaleFactor(), middle)
        self._viewport.pan(pinch.centerPoint() - pinch.lastCenterPoint())
        return True

    def _key(self, event: QKeyEvent) -> bool:
        """Esc cancels, Space selects the hand, arrow keys pan; the tool has keys of its own."""
        tool, key, kind = self.tool, Qt.Key(event.key()), event.type()
        if kind == QEvent.Type.ShortcutOverride:  # an active tool's keys are not shortcuts
            keeps = key == Qt.Key.Key_Escape or (tool is not None and key in tool.keys)
            if tool is not None and tool.is_active and keeps:
                event.accept()
                return True
            return False
        if key == Qt.Key.Key_Space and (kind == QEvent.Type.KeyRelease or not event.modifiers()):
            if not event.isAutoRepeat():
                self._is_space_down = kind == QEvent.Type.KeyPress
                self.show_cursor()
            return True
        if key == Qt.Key.Key_Alt and not event.isAutoRepeat():
            self._hold_alt(kind == QEvent.Type.KeyPress)
        if kind == QEvent.Type.KeyRelease:
            return False
        if key == Qt.Key.Key_Escape:
            return self.cancel()
        if tool is not None and tool.press_key(event):
            return True
        step = _ARROWS.get(key)
        if step is None:
            return False
        self._viewport.pan(step * 0.1 * min(self._viewport.width(), self._viewport.height()))
        return True

    # -- gestures --------------------------------------------------------------------------------

    def cancel(self) -> bool:
        """Discard the gesture and the tool's unfinished edit; returns False when there was none."""
        tool = self.tool
        cancelled = tool is not None and tool.cancel()
        if self.current == "size":
            self._settings.set("brush.size", self._start_brush[0])
            self._settings.set("brush.hardness", self._start_brush[1])
            cancelled = True
        self._stop()
        return cancelled

    def finish(self) -> None:
        """End the gesture here and keep what was done."""
        if self.current == "tool" and self.tool is not None:
            self.tool.finish()
        self._is_space_down = False
        self._stop()

    def point_at(self, at: QPointF) -> None:
        """Tell the tool that the pointer is there, as it was before something lay over it."""
        point = self._viewport.to_photo(at)
        self._last_pointer = PointerState(point.x(), point.y(), at)
        self.repeat_hover()

    def repeat_hover(self) -> None:
        """Pass the last position to a new tool, so that it need not wait for a move."""
        if self._last_pointer is not None and self.tool is not None:
            self.tool.hover(self._last_pointer)

    def _hold_alt(self, is_held: bool) -> None:
        """Show at once what Alt changes, not only when the pointer moves."""
        last = self._last_pointer
        if last is not None and self._is_pointed_at and not self.current:
            modifiers = last.modifiers | _ALT if is_held else last.modifiers & ~_ALT
            self._last_pointer = replace(last, modifiers=modifiers)
            self.repeat_hover()

    def show_cursor(self) -> None:
        """Set the mouse cursor to show what a press would do."""
        viewport = self._viewport
        if viewport.photo_size.isEmpty():
            shape = Qt.CursorShape.ArrowCursor
        elif self.current == "pan":
            shape = Qt.CursorShape.ClosedHandCursor
        elif self._is_space_down or self.tool is None:
            shape = Qt.CursorShape.OpenHandCursor
        elif self.current == "split" or (
            not self.current and viewport.is_on_split_line(self._start_at)
        ):
            shape = Qt.CursorShape.SplitHCursor
        else:
            shape = self.tool.cursor()
        if viewport.cursor().shape() != shape:
            viewport.setCursor(shape)

    def _begin(self, button: Qt.MouseButton, pointer: PointerState, double: bool) -> None:
        viewport, tool = self._viewport, self.tool
        left = button == _LEFT
        sizing = (button == _RIGHT and pointer.modifiers & _ALT) or (
            left and pointer.modifiers & _ALT and pointer.modifiers & _CTRL
        )
        self._button, self._last_pointer, self._start_at = button, pointer, pointer.at
        self._pane = self._find_pane(pointer.at)
        if button == _MIDDLE or (left and self._is_space_down):
            self.current = "pan"
        elif left and viewport.is_on_split_line(pointer.at):
            self.current = "split"
        elif sizing and tool is not None and tool.uses_brush_size:
            self.current = "size"
            size, hardness = self._settings.get("brush.size"), self._settings.get("brush.hardness")
            self._start_brush = (size, hardness)
        elif left and tool is None:
            self.current = "pan"
            if double:
                viewport.toggle_fit(pointer.at)
        elif left and tool is not None:
            self._settle()
            self.current = "tool"
            if double:
                tool.double_press(pointer)
            else:
                tool.press(pointer)
        self.show_cursor()

    def _continue(self, pointer: PointerState) -> None:
        viewport, tool = self._viewport, self.tool
        last, self._last_pointer = self._last_pointer, pointer
        self._is_pointed_at = True
        if self.current == "pan" and last is not None:
            viewport.pan(pointer.at - last.at)
        elif self.current == "split":
            viewport.move_split_line(pointer.at.x())
        elif self.current == "size":
            self._resize_brush(pointer.at)
        elif self.current == "tool" and tool is not None:
            tool.move(pointer)
        elif not self.current:
            self._start_at = pointer.at
            self.show_cursor()
            if tool is not None:
                tool.hover(pointer)
        self._report_pixel(pointer)

    def _end(self, pointer: PointerState) -> None:
        tool = self.tool
        if self.current == "tool" and tool is not None:
            # The gesture is over before listeners hear of the edit.
            self.current = ""
            tool.release(pointer)
        self._stop()

    def _stop(self) -> None:
        self.current = ""
        self._button = Qt.MouseButton.NoButton
        self._is_pen = False
        self.show_cursor()

    def _resize_brush(self, at: QPointF) -> None:
        # Right is larger, so that the rim of the brush follows the cursor; up is harder.
        moved = at - self._start_at
        in_photo = self._settings.get("brush.units") == "photo"
        scale = self._viewport.views()[self._pane].scale if in_photo else 1.0
        size = self._start_brush[0] + 2 * moved.x() / scale
        self._settings.set("brush.size", max(size, 1.0))
        self._settings.set("brush.hardness", round(self._start_brush[1] - moved.y() / 2))

    def _report_pixel(self, pointer: PointerState) -> None:
        pixel = QPoint(math.floor(pointer.x), math.floor(pointer.y))
        size = self._viewport.photo_size
        inside = 0 <= pixel.x() < size.width() and 0 <= pixel.y() < size.height()
        self._report_hover(pixel if inside else None)

    def _find_pane(self, position: QPointF) -> int:
        views = self._viewport.views()
        return next((i for i, view in enumerate(views) if view.pane.contains(position)), 0)

    def _pointer(self, event: QMouseEvent | QTabletEvent) -> PointerState:
        at = event.position()
        views = self._viewport.views()
        # Side by side, a stroke that crosses to the other photo continues on its own.
        index = self._pane if self.current else self._find_pane(at)
        point = views[min(index, len(views) - 1)].to_photo(at)
        pressure, eraser = 1.0, False
        if isinstance(event, QTabletEvent):
            pressure = event.pressure()
            eraser = event.pointerType() == QPointingDevice.PointerType.Eraser
        return PointerState(
            point.x(), point.y(), at, pressure, eraser, event.modifiers(), event.buttons()
        )
