"""A simulated mouse or pen over the canvas, which sends real Qt events as devices do."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QInputDevice, QMouseEvent, QPointingDevice, QTabletEvent, QWheelEvent
from PySide6.QtWidgets import QApplication

from app.automation.paint_latency import PaintLatency

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
#: Mouse events, and what a pen sends for the same motion.
_KINDS = {
    QEvent.Type.MouseButtonPress: QEvent.Type.TabletPress,
    QEvent.Type.MouseButtonDblClick: QEvent.Type.TabletPress,
    QEvent.Type.MouseMove: QEvent.Type.TabletMove,
    QEvent.Type.MouseButtonRelease: QEvent.Type.TabletRelease,
}


def modifiers_of(names: Sequence[str]) -> Qt.KeyboardModifier:
    """Qt's value for “shift”, “ctrl” and “alt” held together."""
    modifiers = Qt.KeyboardModifier.NoModifier
    for name in names:
        modifiers |= _MODIFIERS[name]
    return modifiers


def modifier_names(modifiers: Qt.KeyboardModifier) -> list[str]:
    """The inverse of `modifiers_of`."""
    return [name for name, modifier in _MODIFIERS.items() if modifiers & modifier]


class Pointer:
    """Moves over the canvas in the photo's coordinates; ``latency`` measures each event.

    ``device`` is "mouse" or "pen"; with ``eraser`` the pen is held upside down.
    """

    def __init__(
        self,
        canvas: Canvas,
        latency: PaintLatency,
        *,
        device: str = "mouse",
        eraser: bool = False,
        button: str = "left",
        modifiers: Sequence[str] = (),
    ) -> None:
        self._canvas = canvas
        self._latency = latency
        self._pen = _make_pen(eraser) if device == "pen" or eraser else None
        self._button = _BUTTONS[button]
        self._modifiers = modifiers_of(modifiers)

    def stroke(
        self,
        points: Sequence[Sequence[float]],
        seconds: float = 0.0,
        double: bool = False,
        release: Sequence[float] | None = None,
    ) -> Iterator[None]:
        """Press at the first of ``points`` (x, y[, pressure]), move to the others, release at the
        last or at ``release``.

        The events are spread over ``seconds``; with 0, each is sent once the one before is painted.
        ``double``: the press is the second of a double click. Yields while it waits.
        """
        kind = QEvent.Type.MouseButtonDblClick if double else QEvent.Type.MouseButtonPress
        pause = seconds / max(len(points) - 1, 1)
        began = time.perf_counter()
        self._send(kind, points[0], self._button)
        for number, point in enumerate(points[1:], start=1):
            while time.perf_counter() < began + number * pause:
                yield
            self._send(QEvent.Type.MouseMove, point, _NONE)
        # A lifted pen has no pressure.
        last = [*points[-1][:2], 0.0] if release is None else release
        self._send(QEvent.Type.MouseButtonRelease, last, self._button)

    def hover(self, point: Sequence[float]) -> None:
        """Move there without a button."""
        self._send(QEvent.Type.MouseMove, point, _NONE, buttons=_NONE)

    def wheel(self, point: Sequence[float], steps: float) -> None:
        """Turn the wheel over a point, away from the user if ``steps`` is positive."""
        at = self._at(point)
        event = QWheelEvent(
            at,
            self._canvas.mapToGlobal(at),
            QPoint(),
            QPoint(0, round(120 * steps)),
            _NONE,
            self._modifiers,
            Qt.ScrollPhase.NoScrollPhase,
            False,
        )
        self._latency.measure(lambda: QApplication.sendEvent(self._canvas, event))

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
            event = QMouseEvent(kind, at, where, button, buttons, self._modifiers)
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
                self._modifiers,
                button,
                buttons,
            )
        self._latency.measure(lambda: QApplication.sendEvent(self._canvas, event))


def _make_pen(eraser: bool) -> QPointingDevice:
    kind = QPointingDevice.PointerType.Eraser if eraser else QPointingDevice.PointerType.Pen
    position = QInputDevice.Capability.Position | QInputDevice.Capability.Pressure
    return QPointingDevice("pen", 1, QInputDevice.DeviceType.Stylus, kind, position, 1, 3)
