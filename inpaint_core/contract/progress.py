"""Progress, previews and cancellation of a long computation, without Qt."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

from inpaint_core.contract.message import Message

if TYPE_CHECKING:
    from inpaint_core.contract.arrays import FloatImage

ProgressListener = Callable[[float, Message | None], None]
ReadPicture = Callable[[], "FloatImage"]
PreviewListener = Callable[[ReadPicture, float, float], None]
"""Hears of every call of `Progress.preview`, with its arguments."""


class Cancelled(Exception):
    """The user asked to stop. Not an error: nothing went wrong and nothing was changed."""


class Progress:
    """Reports from a long computation to its caller, and the caller's way to stop it.

    ``report`` passes a fraction in [0, 1] that never falls and a `Message` to the listener;
    ``check`` raises `Cancelled` once ``cancel`` was called, from any thread. ``part`` returns a
    progress for one step of the work, whose 0..1 is ``lo..hi`` here. ``preview`` offers a picture
    of what the work has come to; it costs nothing where nobody wants one.
    """

    def __init__(self, listener: ProgressListener | None = None) -> None:
        self._listener = listener
        self._on_preview: PreviewListener | None = None
        self._cancelled = threading.Event()
        self._lo, self._hi = 0.0, 1.0
        self._reached = [0.0]

    def part(self, lo: float, hi: float) -> Progress:
        """A progress whose 0..1 is ``lo..hi`` of this one; both share the cancel request."""
        child = self.with_previews(self._on_preview)
        span = self._hi - self._lo
        child._lo, child._hi = self._lo + lo * span, self._lo + hi * span
        return child

    def with_previews(self, on_preview: PreviewListener | None) -> Progress:
        """The same progress, whose previews go to ``on_preview``, or to nobody."""
        other = Progress(self._listener)
        other._cancelled, other._reached = self._cancelled, self._reached
        other._lo, other._hi = self._lo, self._hi
        other._on_preview = on_preview
        return other

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

    def preview(self, read: ReadPicture, scale: float, white: float = 1.0) -> None:
        """Offer a picture of the view that is being filled, as it looks now.

        ``read`` is called at once or never, and returns (h, w, 3) float32, 0 to ``white``: the
        whole view at ``scale`` pixels per pixel of the view, NaN where nothing is known yet. The
        picture is not kept.
        """
        if self._on_preview is not None:
            self._on_preview(read, scale, white)
