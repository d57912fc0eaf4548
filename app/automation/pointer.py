"""A hand that holds the mouse or the pen over the canvas: real Qt events, as devices send them."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QInputDevice, QMouseEvent, QPointingDevice, QTabletEvent, QWheelEvent
from PySide6.QtWidgets import QApplication

from app.automation.paint_latency import Watch

if TYPE_CHECKING:
    from app.ui.canvas.canvas import Canvas

_BUTTONS = {
    "left": Qt.MouseButton.LeftButton,
    "middle": Qt.MouseButton.MiddleButton,
    "right": Qt.MouseButton.RightButton,
}
_MODIFIERS = {
    "shift": Qt.KeyboardModifier.ShiftModifier,
    "ctrl": Qt.KeyboardModifier.ControlModifier,
    "alt": Qt.KeyboardModifier.AltModifier,
}
_NONE = Qt.MouseButton.NoButton
#: The same motion of a mouse and of a pen.
_KINDS = {
    QEvent.Type.MouseButtonPress: QEvent.Type.TabletPress,
    QEvent.Type.MouseButtonDblClick: QEvent.Type.TabletPress,
    QEvent.Type.MouseMove: QEvent.Type.TabletMove,
    QEvent.Type.MouseButtonRelease: QEvent.Type.TabletRelease,
}


def modifiers(names: Sequence[str]) -> Qt.KeyboardModifier:
    """Qt's value of “shift”, “ctrl” and “alt” held together."""
    held = Qt.KeyboardModifier.NoModifier
    for name in names:
        held |= _MODIFIERS[name]
    return held


def names(held: Qt.KeyboardModifier) -> list[str]:
    """The inverse of `modifiers`."""
    return [name for name, modifier in _MODIFIERS.items() if held & modifier]


class Hand:
    """Moves over the canvas in the photo's coordinates; ``watch`` measures until it is painted.

    ``device`` "mouse" or "pen", ``eraser``: the pen is held upside down.
    """

    def __init__(
        self,
        canvas: Canvas,
        watch: Watch,
        *,
        device: str = "mouse",
        eraser: bool = False,
        button: str = "left",
        held: Sequence[str] = (),
    ) -> None:
        self._canvas = canvas
        self._watch = watch
        self._pen = _pen(eraser) if device == "pen" or eraser else None
        self._button = _BUTTONS[button]
        self._held = modifiers(held)

    def stroke(
        self,
        points: Sequence[Sequence[float]],
        seconds: float = 0.0,
        double: bool = False,
        release: Sequence[float] | None = None,
    ) -> Iterator[None]:
        """Press at the first of ``points`` (x, y[, pressure]), move to the others, let go at the
        last or at ``release``.

        Evenly spread over ``seconds``, or each event as soon as the one before is painted.
        ``double``: the press is the second one of a double click. Yields while it has to wait.
        """
        kind = QEvent.Type.MouseButtonDblClick if double else QEvent.Type.MouseButtonPress
        pause = seconds / max(len(points) - 1, 1)
        began = time.perf_counter()
        self._send(kind, points[0], self._button)
        for number, point in enumerate(points[1:], start=1):
            while time.perf_counter() < began + number * pause:
                yield
            self._send(QEvent.Type.MouseMove, point, _NONE)
        # A pen that is lifted does not press.
        last = [*points[-1][:2], 0.0] if release is None else release
        self._send(QEvent.Type.MouseButtonRelease, last, self._button)

    def hover(self, point: Sequence[float]) -> None:
        """Move there without a button."""
        self._send(QEvent.Type.MouseMove, point, _NONE, buttons=_NONE)

    def wheel(self, point: Sequence[float], steps: float) -> None:
        """Turn the wheel over a point: away from the person when positive."""
        at = self._at(point)
        event = QWheelEvent(
            at,
            self._canvas.mapToGlobal(at),
            QPoint(),
            QPoint(0, round(120 * steps)),
            _NONE,
            self._held,
            Qt.ScrollPhase.NoScrollPhase,
            False,
        )
        self._watch.measure(lambda: QApplication.sendEvent(self._canvas, event))

    def _at(self, point: Sequence[float]) -> QPointF:
        return self._canvas.to_widget(QPointF(point[0], point[1]))

    def _send(
        self,
        kind: QEvent.Type,
        point: Sequence[float],
        button: Qt.MouseButton,
        buttons: Qt.MouseButton | None = None,
    ) -> None:
        at = self._at(point)
        if buttons is None:
            buttons = _NONE if kind == QEvent.Type.MouseButtonRelease else self._button
        event: QMouseEvent | QTabletEvent
        if self._pen is None:
            where = self._canvas.mapToGlobal(at)
            event = QMouseEvent(kind, at, where, button, buttons, self._held)
        else:
            pressure = point[2] if len(point) > 2 else 1.0
            event = QTabletEvent(
                _KINDS[kind],
                self._pen,
                at,
                self._canvas.mapToGlobal(at),
                pressure,
                0.0,
                0.0,
                0.0,
                0.0,
                0.0,
                self._held,
                button,
                buttons,
            )
        self._watch.measure(lambda: QApplication.sendEvent(self._canvas, event))


def _pen(eraser: bool) -> QPointingDevice:
    kind = QPointingDevice.PointerType.Eraser if eraser else QPointingDevice.PointerType.Pen
    position = QInputDevice.Capability.Position | QInputDevice.Capability.Pressure
    return QPointingDevice("pen", 1, QInputDevice.DeviceType.Stylus, kind, position, 1, 3)
