"""Plays a script on the window: each step in turn, one line of JSON on what it took."""

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

from app.automation.paint_latency import First
from app.automation.script import Step
from app.automation.steps import STEPS, Failed, Play
from app.configuration.text import t
from inpaint_core.contract.errors import InpaintError

if TYPE_CHECKING:
    from app.ui.shell.window import Window

_log = logging.getLogger(__name__)
_TICK = 2  # ms between looks at a step that has to wait


class Player(QObject):
    """Plays ``steps`` on ``window``, and tells ``out`` of each. Paths are relative to ``folder``.

    ``finished(code)`` once: 0 when every step was done, 1 when one failed, which ends the play.
    A step waits in the event loop, so that dialogs and jobs go on meanwhile.
    """

    finished = Signal(int)

    def __init__(
        self, window: Window, steps: Sequence[Step], folder: Path, out: IO[str] | None = None
    ) -> None:
        super().__init__()
        self._play = Play(window, folder)
        self._first = First()
        self._steps = list(steps)
        self._out = sys.stdout if out is None else out
        self._number = 0
        self._current: Iterator[None] | None = None
        self._found: dict[str, Any] = {}
        self._began = 0.0
        self._inside = False
        self._bug: BaseException | None = None
        self._hook = sys.excepthook
        self._timer = QTimer(self, interval=_TICK)
        self._timer.timeout.connect(self._tick)

    def start(self) -> None:
        """Begin as soon as the window has been painted."""
        # An exception in a slot goes to the hook; unseen, it would make a broken play look whole.
        sys.excepthook = self._caught
        self._timer.start()

    def _caught(
        self, kind: type[BaseException], error: BaseException, trace: TracebackType | None
    ) -> None:
        self._bug = error
        self._hook(kind, error, trace)

    def _tick(self) -> None:
        if self._inside:  # the step at work handles events itself
            return
        self._inside = True
        try:
            self._go_on()
        except (InpaintError, Failed) as error:
            self._fail(str(error))
        except Exception as error:
            _log.exception("a step of a script failed")
            self._fail(f"{type(error).__name__}: {error}")
        finally:
            self._inside = False

    def _go_on(self) -> None:
        if self._current is None:
            if self._number == 0:
                if not self._first.seen:
                    return  # the window is not on the screen yet
                self._tell("start", 0, {})
            if self._number == len(self._steps):
                self._end(0)
                return
            step = self._steps[self._number]
            self._number += 1
            self._found = {}
            self._began = time.perf_counter()
            self._current = STEPS[step.do](self._play, step, self._found)
        done = next(self._current, self) is self
        if self._bug is not None:
            raise Failed(f"{type(self._bug).__name__}: {self._bug}")
        if not done:
            return
        step = self._steps[self._number - 1]
        self._current = None
        # What a step measured itself does not include how long we took to look.
        self._found.setdefault("ms", round((time.perf_counter() - self._began) * 1e3, 2))
        self._tell(step.do, step.line, self._found)
        if step.do == "quit":
            self._end(0)

    def _tell(self, do: str, line: int, found: dict[str, Any]) -> None:
        report = {"step": self._number, "line": line, "do": do, **found, "at": time.time()}
        print(json.dumps(report, ensure_ascii=False), file=self._out, flush=True)

    def _fail(self, sentence: str) -> None:
        step = self._steps[self._number - 1]
        self._tell(step.do, step.line, {"error": sentence})
        said = t("play.failed", number=step.line, do=step.do, sentence=sentence)
        print(said, file=sys.stderr, flush=True)
        self._end(1)

    def _end(self, code: int) -> None:
        self._timer.stop()
        self._play.watch.stop()
        sys.excepthook = self._hook
        # A dialog that is still open would keep the program from ending.
        dialog = QApplication.activeModalWidget()
        while dialog is not None:
            dialog.close()
            following = QApplication.activeModalWidget()
            dialog = None if following is dialog else following
        self.finished.emit(code)
