"""Limits for decoding a file: time, which grows with its size, and memory."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

_SECONDS = 30.0
_SECONDS_PER_MB = 1.0  # twice what raw photos and JPEG XL take on a slow machine
_MEMORY_SHARE = 0.75  # of the machine's memory
_DEFAULT_MEMORY = 8 << 30  # bytes, if the machine's memory is unknown


@dataclass(frozen=True)
class DecodeLimits:
    """The time limit in ``seconds``, and ``bytes`` of memory beyond those at the start."""

    seconds: float
    bytes: int

    @classmethod
    def for_file(cls, path: Path) -> DecodeLimits:
        """The limits for decoding a photo's file."""
        size = 0
        with suppress(OSError):  # a missing file fails at once
            size = path.stat().st_size
        return cls.for_bytes(size)

    @classmethod
    def for_bytes(cls, size: int) -> DecodeLimits:
        """The limits for decoding a photo of so many bytes."""
        return cls.for_seconds(_SECONDS + _SECONDS_PER_MB * size / 1e6)

    @classmethod
    def for_seconds(cls, seconds: float) -> DecodeLimits:
        """A time limit, with the usual limit of memory."""
        memory = read_machine_memory() or _DEFAULT_MEMORY
        return cls(seconds, int(memory * _MEMORY_SHARE))


class ExtendableTimeout:
    """A time limit that a person can lift.

    ``on_slow(seconds)`` is called once, on the waiting thread, after half of the time, with the
    rest of it. After `extend` there is no time limit.
    """

    def __init__(self, on_slow: Callable[[float], object] = lambda seconds: None) -> None:
        self.on_slow = on_slow
        self._extended = threading.Event()

    def extend(self) -> None:
        """Lift the time limit. Thread-safe."""
        self._extended.set()

    @property
    def is_extended(self) -> bool:
        """True after `extend`."""
        return self._extended.is_set()


def read_machine_memory() -> int | None:
    """The machine's memory in bytes; None if it is unknown."""
    if sys.platform == "win32":
        return _read_windows_memory()
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (ValueError, OSError):
        return None


def _read_windows_memory() -> int | None:
    """The first fields of MEMORYSTATUSEX: its own length, load in per cent, bytes in all."""
    import ctypes

    status = (ctypes.c_uint64 * 8)()
    ctypes.cast(status, ctypes.POINTER(ctypes.c_uint32))[0] = ctypes.sizeof(status)
    windll = getattr(ctypes, "windll", None)
    if windll is None or not windll.kernel32.GlobalMemoryStatusEx(ctypes.byref(status)):
        return None
    return int(status[1])
