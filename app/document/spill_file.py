"""Bytes that do not fit into memory, in a file without a name."""

from __future__ import annotations

import tempfile
import threading
import weakref
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Span:
    """``size`` bytes at ``start``."""

    start: int
    size: int


class Spill:
    """A temporary file that gives out its parts and takes them back.

    The system takes the file away when the program ends, however it ends: nobody need look for
    it after a crash. It lies in ``folder`` (None: the system's folder for temporary files).
    One thread writes; others may read.
    """

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        self._file: IO[bytes] | None = None
        self._end = 0
        self._free: list[Span] = []  # sorted, no two of them touch
        self._holds = 0
        self._late: list[Span] = []  # given back while somebody was still reading
        self._turn = threading.RLock()

    @property
    def size(self) -> int:
        """Bytes that the file takes on the disk."""
        return self._end

    def put(self, arrays: Iterable[NDArray[Any]], size: int) -> Span:
        """Write arrays of together ``size`` bytes. Raises OSError; nothing is taken then."""
        with self._turn:
            file = self._opened()
            span = self._found(size)
            file.seek(span.start)
            for array in arrays:
                file.write(array.data)
            file.flush()
            self._take(span)
            return span

    def read(self, span: Span) -> bytearray:
        """What was put there. On any thread. Raises OSError."""
        held = bytearray(span.size)
        with self._turn:
            file = self._opened()
            file.seek(span.start)
            if file.readinto(held) != span.size:  # type: ignore[attr-defined]
                raise OSError("the temporary file is too short")
        return held

    def hold(self) -> Callable[[], None]:
        """Keep every part as it is, even one that is given back, until the returned function is
        called, on any thread.
        """
        with self._turn:
            self._holds += 1
        return self._release

    def _release(self) -> None:
        with self._turn:
            self._holds -= 1
            if self._holds == 0:
                late, self._late = self._late, []
                for span in late:
                    self.free(span)

    def free(self, span: Span) -> None:
        """Others may have this part."""
        with self._turn:
            if self._holds:
                self._late.append(span)
            else:
                self._give(span)

    def _give(self, span: Span) -> None:
        start, end = span.start, span.start + span.size
        rest = []
        for other in self._free:
            if other.start + other.size == start:
                start = other.start
            elif other.start == end:
                end = other.start + other.size
            else:
                rest.append(other)
        if end == self._end:
            self._end = start
            self._opened().truncate(start)
        elif end > start:
            rest.append(Span(start, end - start))
        self._free = sorted(rest, key=lambda part: part.start)

    def _found(self, size: int) -> Span:
        for other in self._free:
            if other.size >= size:
                return Span(other.start, size)
        return Span(self._end, size)

    def _take(self, span: Span) -> None:
        for place, other in enumerate(self._free):
            if other.start == span.start:
                rest = Span(other.start + span.size, other.size - span.size)
                self._free[place : place + 1] = [rest] if rest.size else []
                return
        self._end += span.size

    def _opened(self) -> IO[bytes]:
        if self._file is None:
            if self._folder is not None:
                self._folder.mkdir(parents=True, exist_ok=True)
            self._file = tempfile.TemporaryFile(dir=self._folder)  # noqa: SIM115  # lives on
            weakref.finalize(self, self._file.close)
        return self._file
