"""How long it takes from an event until the canvas is painted."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QCoreApplication, QEvent, QObject
from PySide6.QtWidgets import QApplication, QWidget

_PATIENCE = 0.1  # seconds after which an event is taken for one that nothing is painted for


class Watch(QObject):
    """Sees every paint event of the canvas and keeps the times of what it measured."""

    def __init__(self, canvas: QWidget) -> None:
        super().__init__()
        self._canvas = canvas
        self._painted = 0
        self._times: list[float] = []
        self._silent = 0
        canvas.installEventFilter(self)

    def stop(self) -> None:
        """Look away."""
        self._canvas.removeEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Note a paint event."""
        if event.type() == QEvent.Type.Paint:
            self._painted += 1
        return False

    @property
    def painted(self) -> int:
        """How often the canvas was painted."""
        return self._painted

    def measure(self, act: Callable[[], object], patience: float = _PATIENCE) -> None:
        """Do something and handle events until the canvas was painted and its window updated.

        What does not lead to painting within ``patience`` seconds has no time.
        """
        before = self._painted
        began = time.perf_counter()
        act()
        while True:
            # Once handled, the update has been painted, and put on the screen where there is one.
            QApplication.processEvents()
            ended = time.perf_counter()
            if self._painted != before:
                self._times.append(ended - began)
                return
            if ended > began + patience:
                self._silent += 1
                return
            time.sleep(0.0002)  # other threads need the interpreter

    def results(self) -> dict[str, Any]:
        """What was measured since the last call, in milliseconds."""
        times, silent = sorted(self._times), self._silent
        self._times, self._silent = [], 0
        found: dict[str, Any] = {"events": len(times) + silent, "painted": len(times)}
        if times:
            found["paint_ms_p50"] = _part(times, 0.5)
            found["paint_ms_p95"] = _part(times, 0.95)
            found["paint_ms_most"] = _part(times, 1.0)
        return found


class First(QObject):
    """Sees the first time that anything is painted: the window is on the screen."""

    def __init__(self) -> None:
        super().__init__()
        self.seen = False
        self._application = QCoreApplication.instance()
        assert self._application is not None
        self._application.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Note it, and look no longer: this sees every event of the program."""
        if event.type() == QEvent.Type.Paint:
            self.seen = True
            if self._application is not None:
                self._application.removeEventFilter(self)
        return False


def _part(times: list[float], part: float) -> float:
    """The time in milliseconds that this part of ``times``, which are sorted, does not exceed."""
    place = min(int(part * len(times)), len(times) - 1)
    return round(times[place] * 1e3, 2)
