"""Measure the time from asking for a fill until its pictures are on the screen."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, QTimer, Signal

if TYPE_CHECKING:
    from app.session.session import RunningFill, Session
    from app.ui.shell.window import Window


@dataclass(eq=False)
class FillTiming:
    """One fill: the seconds from when it was asked for until its first picture was painted and
    until it ended (None: not yet), and how many ``pictures`` of it, previews and finished parts,
    were shown.
    """

    fill: RunningFill
    first_picture: float | None = None
    ended: float | None = None
    pictures: int = 0

    @property
    def is_shown(self) -> bool:
        """Whether its first picture was painted, or it ended without one."""
        return self.first_picture is not None or (self.ended is not None and self.pictures == 0)

    def describe(self) -> dict[str, float]:
        """The figures for a report, in milliseconds."""
        figures: dict[str, float] = {"pictures": self.pictures}
        if self.first_picture is not None:
            figures["first_picture_ms"] = round(self.first_picture * 1e3, 1)
        if self.ended is not None:
            figures["filled_ms"] = round(self.ended * 1e3, 1)
        return figures


class FillTimings(QObject):
    """Watches the fills of the photo in front. ``latest`` is the last one that was begun.

    ``ended(FillTiming)``: a fill ended, or was stopped, and what there was of it was painted.
    """

    ended = Signal(object)

    def __init__(self, window: Window) -> None:
        super().__init__(window)
        self._controller = window.controller
        self._is_stale = False  # a picture waits to be painted
        self.latest: FillTiming | None = None
        filler = self._controller.filler
        filler.fill_progressed.connect(self._on_progress)
        filler.preview_made.connect(self._on_picture)
        filler.part_finished.connect(self._on_picture)
        window.canvas.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Notice that the canvas is painted."""
        if event.type() == QEvent.Type.Paint and self._is_stale:
            self._is_stale = False
            QTimer.singleShot(0, self, self._on_painted)
        return False

    def _on_progress(self, session: Session) -> None:
        if session is not self._controller.current:
            return
        fill, latest = session.running_fill, self.latest
        if latest is not None and latest.ended is None and fill is not latest.fill:
            latest.ended = time.perf_counter() - latest.fill.began
            if latest.is_shown:
                self.ended.emit(latest)
        is_new = latest is None or fill is not latest.fill
        if fill is not None and fill.frozen_request is not None and is_new:
            self.latest, self._is_stale = FillTiming(fill), False

    def _on_picture(self, session: Session, *_: object) -> None:
        if session is self._controller.current and self.latest is not None:
            self.latest.pictures += 1
            self._is_stale = self._is_stale or self.latest.first_picture is None

    def _on_painted(self) -> None:
        if self.latest is not None and self.latest.first_picture is None:
            self.latest.first_picture = time.perf_counter() - self.latest.fill.began
            if self.latest.ended is not None:
                self.ended.emit(self.latest)
