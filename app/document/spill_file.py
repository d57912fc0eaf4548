"""A temporary file for bytes that do not fit into memory."""

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


class SpillFile:
    """A temporary file in ``folder`` (None: the system's) that allocates and frees spans.

    The system deletes the file when the program ends, even after a crash. One thread writes;
    others may read.
    """

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        self._file: IO[bytes] | None = None
        self._end = 0
        self._free: list[Span] = []  # sorted, no two of them touch
        self._holds = 0
        self._pending: list[Span] = []  # freed while somebody was still reading
        self._lock = threading.RLock()

    @property
    def size(self) -> int:
        """Bytes the file takes on the disk."""
        return self._end

    def write(self, arrays: Iterable[NDArray[Any]], size: int) -> Span:
        """Write arrays of ``size`` bytes in total. Raises OSError, with no span allocated."""
        with self._lock:
            file = self._open()
            span = self._find_free(size)
            file.seek(span.start)
            for array in arrays:
                file.write(array.data)
            file.flush()
            self._allocate(span)
            return span

    def read(self, span: Span) -> bytearray:
        """The bytes of a span. On any thread. Raises OSError."""
        data = bytearray(span.size)
        with self._lock:
            file = self._open()
            file.seek(span.start)
            if file.readinto(data) != span.size:  # type: ignore[attr-defined]
                raise OSError("the temporary file is too short")
        return data

    def hold(self) -> Callable[[], None]:
        """Keep the bytes of every span, even a freed one, until the returned function is called,
        on any thread.
        """
        with self._lock:
            self._holds += 1
        return self._release

    def _release(self) -> None:
        with self._lock:
            self._holds -= 1
            if self._holds == 0:
                pending, self._pending = self._pending, []
                for span in pending:
                    self.free(span)

    def free(self, span: Span) -> None:
        """Allow others to reuse this span."""
        with self._lock:
            if self._holds:
                self._pending.append(span)
            else:
                self._merge_free(span)

    def _merge_free(self, span: Span) -> None:
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
            self._open().truncate(start)
        elif end > start:
            rest.append(Span(start, end - start))
        self._free = sorted(rest, key=lambda part: part.start)

    def _find_free(self, size: int) -> Span:
        for other in self._free:
            if other.size >= size:
                return Span(other.start, size)
        return Span(self._end, size)

    def _allocate(self, span: Span) -> None:
        for index, other in enumerate(self._free):
            if other.start == span.start:
                rest = Span(other.start + span.size, other.size - span.size)
                self._free[index : index + 1] = [rest] if rest.size else []
                return
        self._end += span.size

    def _open(self) -> IO[bytes]:
        if self._file is None:
            if self._folder is not None:
                self._folder.mkdir(parents=True, exist_ok=True)
            self._file = tempfile.TemporaryFile(dir=self._folder)  # noqa: SIM115 (closed by the finalizer)
            weakref.finalize(self, self._file.close)
        return self._file
