"""Measure the time from an event until the canvas has been repainted."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QCoreApplication, QEvent, QObject
from PySide6.QtWidgets import QApplication, QWidget

_TIMEOUT = 0.1  # seconds after which an event counts as one without a repaint


class PaintLatency(QObject):
    """Watches the paint events of the canvas, and keeps the measured times."""

    def __init__(self, canvas: QWidget) -> None:
        super().__init__()
        self._canvas = canvas
        self._paint_count = 0
        self._times: list[float] = []
        self._unpainted = 0
        canvas.installEventFilter(self)

    def stop(self) -> None:
        """Stop watching."""
        self._canvas.removeEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Count a paint event."""
        if event.type() == QEvent.Type.Paint:
            self._paint_count += 1
        return False

    @property
    def paint_count(self) -> int:
        """How often the canvas was painted."""
        return self._paint_count

    def measure(self, act: Callable[[], object], timeout: float = _TIMEOUT) -> None:
        """Call ``act`` and handle events until the canvas was painted and its window updated.

        If nothing is painted within ``timeout`` seconds, no time is kept.
        """
        before = self._paint_count
        began = time.perf_counter()
        act()
        while True:
            # Once handled, the update has been painted and is on the screen, if there is one.
            QApplication.processEvents()
            ended = time.perf_counter()
            if self._paint_count != before:
                self._times.append(ended - began)
                return
            if ended > began + timeout:
                self._unpainted += 1
                return
            time.sleep(0.0002)  # lets other threads run

    def results(self) -> dict[str, Any]:
        """The figures since the last call, in milliseconds."""
        times, unpainted = sorted(self._times), self._unpainted
        self._times, self._unpainted = [], 0
        figures: dict[str, Any] = {"events": len(times) + unpainted, "painted": len(times)}
        if times:
            figures["paint_ms_p50"] = _percentile(times, 0.5)
            figures["paint_ms_p95"] = _percentile(times, 0.95)
            figures["paint_ms_most"] = _percentile(times, 1.0)
        return figures


class FirstPaint(QObject):
    """Notices the first paint event of the program: the window is on the screen."""

    def __init__(self) -> None:
        super().__init__()
        self.has_painted = False
        self._application = QCoreApplication.instance()
        assert self._application is not None
        self._application.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Note it, then stop: this filter receives every event of the program."""
        if event.type() == QEvent.Type.Paint:
            self.has_painted = True
            if self._application is not None:
                self._application.removeEventFilter(self)
        return False


def _percentile(times: list[float], share: float) -> float:
    """The percentile of sorted ``times`` in seconds, in milliseconds; ``share`` in 0..1."""
    index = min(int(share * len(times)), len(times) - 1)
    return round(times[index] * 1e3, 2)
