"""What decoding one file may take: time that grows with the file, and memory."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

_SECONDS = 30.0
_SECONDS_PER_MB = 1.0  # raw photos and JPEG XL on a slow machine take half of that
_SHARE = 0.75  # of the machine's memory
_UNKNOWN = 8 << 30  # bytes of memory that a machine is taken to have that does not say


@dataclass(frozen=True)
class Bounds:
    """``seconds`` that the work may take, and ``bytes`` of memory beyond what it starts with."""

    seconds: float
    bytes: int

    @classmethod
    def of(cls, path: Path) -> Bounds:
        """For a photo's file. One that cannot be seen is soon refused."""
        size = 0
        with suppress(OSError):
            size = path.stat().st_size
        return cls(_SECONDS + _SECONDS_PER_MB * size / 1e6, int(_machine() * _SHARE))

    @classmethod
    def short(cls, seconds: float) -> Bounds:
        """For work that somebody waits for, or nobody."""
        return cls(seconds, int(_machine() * _SHARE))


class Patience:
    """How long somebody waits who can be asked.

    ``slow(seconds)`` is called once, on the thread that waits, when half of the time is over, with
    what is left of it. After `wait` there is no end of it.
    """

    def __init__(self, slow: Callable[[float], object] = lambda seconds: None) -> None:
        self.slow = slow
        self._endless = threading.Event()

    def wait(self) -> None:
        """Wait as long as it takes. On any thread."""
        self._endless.set()

    @property
    def endless(self) -> bool:
        """True after `wait`."""
        return self._endless.is_set()


def _machine() -> int:
    """Bytes of memory that the machine has."""
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):  # Windows has no sysconf, and no bound either
        return _UNKNOWN
