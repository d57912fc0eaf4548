"""Progress and cancellation of a piece of work, without Qt."""

from __future__ import annotations

import threading
from collections.abc import Callable

Listener = Callable[[float, str], None]


class Cancelled(Exception):
    """The person asked to stop. Not an error: nothing went wrong and nothing was changed."""


class Progress:
    """What a long computation tells its caller, and how the caller stops it.

    ``report`` passes a fraction in [0, 1] that never falls and a short text to the listener;
    ``check`` raises `Cancelled` once ``cancel`` was called, from any thread. ``part`` gives a
    view onto a sub-range for a step of the work: its 0..1 is ``lo..hi`` here.
    """

    def __init__(self, listener: Listener | None = None) -> None:
        self._listener = listener
        self._cancelled = threading.Event()
        self._lo, self._hi = 0.0, 1.0
        self._reached = [0.0]

    def part(self, lo: float, hi: float) -> Progress:
        """A view whose 0..1 is ``lo..hi`` of this one; both share the cancel request."""
        child = Progress(self._listener)
        child._cancelled = self._cancelled
        child._reached = self._reached
        span = self._hi - self._lo
        child._lo, child._hi = self._lo + lo * span, self._lo + hi * span
        return child

    def cancel(self) -> None:
        """Ask the work to stop; it raises `Cancelled` at its next ``check``."""
        self._cancelled.set()

    @property
    def cancelled(self) -> bool:
        """True once ``cancel`` was called."""
        return self._cancelled.is_set()

    def check(self) -> None:
        """Raise `Cancelled` if the work was asked to stop."""
        if self._cancelled.is_set():
            raise Cancelled

    def report(self, fraction: float, text: str) -> None:
        """Tell the listener how far the work is (0..1 of this part) and what it does; may raise
        `Cancelled`.
        """
        self.check()
        value = self._lo + min(max(fraction, 0.0), 1.0) * (self._hi - self._lo)
        self._reached[0] = max(self._reached[0], value)
        if self._listener is not None:
            self._listener(self._reached[0], text)
