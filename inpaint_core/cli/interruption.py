"""Work under way: its bar, and how Ctrl-C and SIGTERM stop it at its next check instead of in the
middle of something.
"""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from inpaint_core.cli.terminal import ProgressBar
from inpaint_core.contract.progress import Cancelled, Progress

INTERRUPTED = 130


@contextmanager
def show_progress(quiet: bool) -> Iterator[tuple[ProgressBar, Progress]]:
    """A progress bar on the terminal and the progress of the work that it shows, which signals
    cancel as in `cancel_on_signals`.
    """
    with ProgressBar(sys.stderr, quiet) as bar:
        progress = Progress(bar)
        with cancel_on_signals(progress):
            yield bar, progress


def stop_on_sigterm() -> None:
    """From now on, SIGTERM stops the process as Ctrl-C does, with the exit code 143."""

    def stop(number: int, frame: FrameType | None) -> None:
        raise KeyboardInterrupt(128 + number)

    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, stop)


def ignore_signals() -> None:
    """For a process whose exit code is decided: Python would end it by the signal instead."""
    if threading.current_thread() is threading.main_thread():
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.SIG_IGN)


def exit_code(stop: Cancelled | KeyboardInterrupt) -> int:
    """The exit code of a run that was stopped: 128 + signal."""
    return next((a for a in stop.args if isinstance(a, int)), INTERRUPTED)


@contextmanager
def cancel_on_signals(progress: Progress) -> Iterator[None]:
    """While the block runs, the first signal cancels ``progress``; a second one raises
    KeyboardInterrupt wherever the work is. Both carry the exit code 128 + signal. A block that
    came to its end in spite of a signal is left with `Cancelled`, too. Does nothing outside the
    main thread, which gets no signals.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    received: list[int] = []

    def stop(number: int, frame: FrameType | None) -> None:
        if received:
            raise KeyboardInterrupt(128 + number)
        received.append(number)
        progress.cancel()

    previous = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
        if received:
            raise Cancelled(128 + received[0])
    except Cancelled as cancelled:
        if received:
            raise Cancelled(128 + received[0]) from cancelled
        raise
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)
