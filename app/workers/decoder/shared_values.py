"""Values that go from one process to another, their arrays in memory that both of them see."""

from __future__ import annotations

import mmap
import os
import pickle
import secrets
import sys
import tempfile
from dataclasses import dataclass
from multiprocessing import reduction
from multiprocessing.connection import Connection

_ALIGNED = 64  # bytes: what the arrays' beginnings are multiples of
_SMALL = 1 << 16  # bytes: less than this costs less through the pipe


@dataclass(frozen=True)
class _Parcel:
    """A pickled value: its ``data`` where it is small; else ``spans`` (start, size) are where that
    and then its arrays lie in shared memory of ``size`` bytes, which has a ``name`` on Windows
    only.
    """

    data: bytes
    spans: tuple[tuple[int, int], ...]
    size: int
    name: str


def send(end: Connection, value: object, to: int) -> None:
    """Send a value to process ``to``; its arrays are copied once, into shared memory.

    Raises MemoryError or OSError; nothing was sent then.
    """
    buffers: list[pickle.PickleBuffer] = []
    data = pickle.dumps(value, 5, buffer_callback=buffers.append)
    views = [memoryview(data), *(buffer.raw() for buffer in buffers)]
    if sum(view.nbytes for view in views) < _SMALL:
        end.send(_Parcel(pickle.dumps(value, 5), (), 0, ""))
        return
    spans, at = [], 0
    for view in views:
        spans.append((at, view.nbytes))
        at += -(-view.nbytes // _ALIGNED) * _ALIGNED
    if sys.platform == "win32":
        name = f"Lacuna-{secrets.token_hex(16)}"
        shared = mmap.mmap(-1, at, tagname=name)
        try:
            for (start, size), view in zip(spans, views, strict=True):
                shared[start : start + size] = view
            end.send(_Parcel(b"", tuple(spans), at, name))
            end.recv()  # the memory lives as long as somebody has it open
        finally:
            shared.close()
        return
    file = _nameless()
    try:
        os.ftruncate(file, at)
        for (start, _), view in zip(spans, views, strict=True):
            _write(file, start, view)
        end.send(_Parcel(b"", tuple(spans), at, ""))
        reduction.send_handle(end, file, to)
    finally:
        os.close(file)


def receive(end: Connection) -> object:
    """The value that comes next; its arrays are the shared memory, which goes when they go.

    Raises EOFError or OSError when the other process ends meanwhile.
    """
    parcel: _Parcel = end.recv()
    if not parcel.size:
        return pickle.loads(parcel.data)
    if sys.platform == "win32":
        shared = mmap.mmap(-1, parcel.size, tagname=parcel.name)
        end.send(None)
    else:
        file = reduction.recv_handle(end)
        try:
            shared = mmap.mmap(file, parcel.size)
        finally:
            os.close(file)
    whole = memoryview(shared)
    data, *arrays = (whole[start : start + size] for start, size in parcel.spans)
    return pickle.loads(data, buffers=arrays)


def _nameless() -> int:
    """A file in memory, or else on the disk, that nobody can find by a name. Raises OSError."""
    if sys.platform == "linux":
        # Not in /dev/shm, which containers keep small: writing beyond it would be a crash.
        return os.memfd_create("lacuna")
    with tempfile.TemporaryFile() as held:
        return os.dup(held.fileno())


def _write(file: int, start: int, view: memoryview) -> None:
    """Half the time of copying into a mapping, whose pages the system hands out one by one."""
    done = 0
    while done < view.nbytes:
        done += os.pwrite(file, view[done:], start + done)
