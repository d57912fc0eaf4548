"""Progress and cancellation of a long computation, without Qt."""

from __future__ import annotations

import threading
from collections.abc import Callable

from inpaint_core.contract.message import Message

ProgressListener = Callable[[float, Message | None], None]


class Cancelled(Exception):
    """The user asked to stop. Not an error: nothing went wrong and nothing was changed."""


class Progress:
    """Reports from a long computation to its caller, and the caller's way to stop it.

    ``report`` passes a fraction in [0, 1] that never falls and a `Message` to the listener;
    ``check`` raises `Cancelled` once ``cancel`` was called, from any thread. ``part`` returns a
    progress for one step of the work, whose 0..1 is ``lo..hi`` here.
    """

    def __init__(self, listener: ProgressListener | None = None) -> None:
        self._listener = listener
        self._cancelled = threading.Event()
        self._lo, self._hi = 0.0, 1.0
        self._reached = [0.0]

    def part(self, lo: float, hi: float) -> Progress:
        """A progress whose 0..1 is ``lo..hi`` of this one; both share the cancel request."""
        child = Progress(self._listener)
        child._cancelled, child._reached = self._cancelled, self._reached
        span = self._hi - self._lo
        child._lo, child._hi = self._lo + lo * span, self._lo + hi * span
        return child

    def cancel(self) -> None:
        """Ask the work to stop; it raises `Cancelled` at its next ``check``."""
        self._cancelled.set()

    @property
    def is_cancelled(self) -> bool:
        """Whether ``cancel`` was called."""
        return self._cancelled.is_set()

    def check(self) -> None:
        """Raise `Cancelled` if the work was asked to stop."""
        if self._cancelled.is_set():
            raise Cancelled

    def report(self, fraction: float, text: Message | None = None) -> None:
        """Tell the listener how far the work is (0..1 of this part) and what it does, None if that
        has not changed. May raise `Cancelled`.
        """
        self.check()
        value = self._lo + min(max(fraction, 0.0), 1.0) * (self._hi - self._lo)
        self._reached[0] = max(self._reached[0], value)
        if self._listener is not None:
            self._listener(self._reached[0], text)
