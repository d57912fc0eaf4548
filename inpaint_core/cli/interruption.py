"""Ctrl-C and SIGTERM stop the work at its next check instead of in the middle of something."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from inpaint_core.contract.progress import Cancelled, Progress


@contextmanager
def cancel_on_signals(progress: Progress) -> Iterator[None]:
    """While the block runs, the first signal cancels ``progress``; a second one raises
    KeyboardInterrupt wherever the work is. A `Cancelled` that leaves the block carries the exit
    code 128 + signal. Does nothing outside the main thread, which gets no signals.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    received: list[int] = []

    def stop(number: int, frame: FrameType | None) -> None:
        if received:
            raise KeyboardInterrupt
        received.append(number)
        progress.cancel()

    previous = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    except Cancelled as cancelled:
        if received:
            raise Cancelled(128 + received[0]) from cancelled
        raise
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)
