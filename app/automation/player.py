"""Play a script on the window, and print a line of JSON for each step."""

from __future__ import annotations

import json
import logging
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import IO, TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtWidgets import QApplication

from app.automation.paint_latency import FirstPaint
from app.automation.play_context import PlayContext, StepFailed
from app.automation.script import Step
from app.automation.steps import STEPS
from app.configuration.text import t
from inpaint_core.contract.errors import InpaintError
from inpaint_core.contract.file_names import show_name

if TYPE_CHECKING:
    from app.ui.shell.window import Window

_log = logging.getLogger(__name__)
_TICK = 2  # ms between two checks of a step that has to wait


class Player(QObject):
    """Plays ``steps`` on ``window``, and reports each on ``out``. Paths are relative to ``folder``.

    ``finished(code)`` is emitted once: 0 if every step was done, 1 if one failed, which ends the
    script. Steps wait in the event loop, so that dialogs and jobs continue meanwhile.
    """

    finished = Signal(int)

    def __init__(
        self, window: Window, steps: Sequence[Step], folder: Path, out: IO[str] | None = None
    ) -> None:
        super().__init__()
        self._context = PlayContext(window, folder)
        self._first_paint = FirstPaint()
        self._steps = list(steps)
        self._out = sys.stdout if out is None else out
        self._number = 0
        self._current: Iterator[None] | None = None
        self._report: dict[str, Any] = {}
        self._began = 0.0
        self._is_in_step = False
        self._exception: BaseException | None = None
        self._old_hook = sys.excepthook
        self._timer = QTimer(self, interval=_TICK)
        self._timer.timeout.connect(self._tick)

    def start(self) -> None:
        """Start as soon as the window has been painted."""
        # Exceptions in slots go to the hook; unnoticed, a broken run would look successful.
        sys.excepthook = self._on_exception
        self._timer.start()

    def _on_exception(
        self, kind: type[BaseException], error: BaseException, trace: TracebackType | None
    ) -> None:
        self._exception = error
        self._old_hook(kind, error, trace)

    def _tick(self) -> None:
        if self._is_in_step:  # the current step handles events itself
            return
        self._is_in_step = True
        try:
            self._advance()
        except InpaintError as error:
            self._fail(f"{t.message(error.message)} {t.message(error.hint)}")
        except StepFailed as error:
            self._fail(str(error))
        except Exception as error:
            _log.exception("a step of a script failed")
            self._fail(f"{type(error).__name__}: {error}")
        finally:
            self._is_in_step = False

    def _advance(self) -> None:
        if self._current is None:
            if self._number == 0:
                if not self._first_paint.has_painted:
                    return  # the window is not on the screen yet
                self._print_report("start", 0, {})
            if self._number == len(self._steps):
                self._end(0)
                return
            step = self._steps[self._number]
            self._number += 1
            self._report = {}
            self._began = time.perf_counter()
            self._current = STEPS[step.do](self._context, step, self._report)
        done = next(self._current, self) is self
        if self._exception is not None:
            raise StepFailed(f"{type(self._exception).__name__}: {self._exception}")
        if not done:
            return
        step = self._steps[self._number - 1]
        self._current = None
        # A time that a step measured itself does not include our polling.
        self._report.setdefault("ms", round((time.perf_counter() - self._began) * 1e3, 2))
        self._print_report(step.do, step.line, self._report)
        if step.do == "quit":
            self._end(0)

    def _print_report(self, do: str, line: int, figures: dict[str, Any]) -> None:
        report = {"step": self._number, "line": line, "do": do, **figures, "at": time.time()}
        print(show_name(json.dumps(report, ensure_ascii=False)), file=self._out, flush=True)

    def _fail(self, sentence: str) -> None:
        step = self._steps[self._number - 1]
        self._print_report(step.do, step.line, {"error": sentence})
        message = t("play.failed", number=step.line, do=step.do, sentence=sentence)
        print(show_name(message), file=sys.stderr, flush=True)
        self._end(1)

    def _end(self, code: int) -> None:
        self._timer.stop()
        self._context.latency.stop()
        sys.excepthook = self._old_hook
        # An open dialog would keep the program running.
        dialog = QApplication.activeModalWidget()
        while dialog is not None:
            dialog.close()
            following = QApplication.activeModalWidget()
            dialog = None if following is dialog else following
        self.finished.emit(code)
