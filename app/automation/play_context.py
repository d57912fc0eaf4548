"""What the steps of a script share, and how they wait."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication

from app.automation.fill_timings import FillTimings
from app.automation.paint_latency import PaintLatency
from app.automation.script import Step
from app.configuration.text import t

if TYPE_CHECKING:
    from app.document.document import Document
    from app.session.notice import Notice
    from app.ui.shell.window import Window

TIMEOUT = 120.0
"""Seconds that a step waits unless it says otherwise."""


class StepFailed(Exception):
    """A step could not be carried out; the message says why."""


class PlayContext:
    """What the steps share: the window, the measurements, and the latest notices."""

    def __init__(self, window: Window, folder: Path) -> None:
        self.window = window
        self.folder = folder
        self.settings = window.controller.settings
        self.latency = PaintLatency(window.canvas)
        self.fill_timings = FillTimings(window)
        self.told: list[Notice] = []
        window.controller.notice_posted.connect(self.told.append)

    @property
    def document(self) -> Document:
        """The photo in front. Raises `StepFailed` when there is none."""
        session = self.window.controller.current
        if session is None:
            raise StepFailed(t("play.no_photo"))
        return session.document

    @property
    def is_idle(self) -> bool:
        """Whether nothing runs in the background and no search is under way."""
        from app.ui.tools.search_tool import SearchTool

        tool = self.window.canvas.tool
        seeking = isinstance(tool, SearchTool) and tool.is_searching
        return not (self.window.controller.is_busy or seeking)

    def is_reached(self, goal: str) -> bool:
        """Whether what the step “wait” waits for has come."""
        controller = self.window.controller
        if goal == "engine":
            return controller.engines.loaded is not None
        if goal == "photo":  # without one, the canvas is not painted
            return controller.current is not None and self.latency.paint_count > 0
        return self.is_idle

    def reason(self) -> str:
        """The last notice since the step began, "" if none."""
        return self.told[-1].text if self.told else ""


StepAction = Callable[[PlayContext, Step, dict[str, Any]], Iterator[None]]
"""Carries out a step, yields while it waits, adds figures to the report. Raises `StepFailed`."""


def wait_until(done: Callable[[], bool], seconds: float = TIMEOUT) -> Iterator[None]:
    """Wait until ``done()``, for so many seconds at most. Raises `StepFailed`."""
    end = time.monotonic() + seconds
    while not done():
        if time.monotonic() > end:
            raise StepFailed(t("play.late", seconds=f"{seconds:g}"))
        yield


def call_in_loop(
    context: PlayContext, act: Callable[[], object], report: dict[str, Any]
) -> Iterator[None]:
    """Call ``act`` from the event loop, until it has returned or opened a dialog.

    A dialog runs its own event loop, and returns when a later step closes it.
    """
    dialog = QApplication.activeModalWidget()
    returned = False

    def call() -> None:
        nonlocal returned
        began = time.perf_counter()
        context.latency.measure(act, timeout=0.0)
        report["ms"] = round((time.perf_counter() - began) * 1e3, 2)
        returned = True

    QTimer.singleShot(0, call)
    yield
    while not returned:
        opened = QApplication.activeModalWidget()
        if opened is not None and opened is not dialog:
            report["dialog"] = opened.windowTitle()
            report.pop("ms", None)
            yield
            return
        yield


def check_no_dialog() -> None:
    """Raise `StepFailed` while a dialog is open: nothing else can be used then."""
    dialog = QApplication.activeModalWidget()
    if dialog is not None:
        raise StepFailed(t("play.dialog", title=dialog.windowTitle()))
