"""Sends values between processes, with their arrays in shared memory."""

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

_ALIGNMENT = 64  # bytes, of the arrays' starts
_MIN_SHARED = 1 << 16  # bytes: smaller values are cheaper through the pipe


@dataclass(frozen=True)
class _Parcel:
    """A pickled value. A small one is in ``data``; else ``spans`` (start, size) locate the pickled
    data and the arrays in shared memory of ``size`` bytes, which has a ``name`` on Windows only.
    """

    data: bytes
    spans: tuple[tuple[int, int], ...]
    size: int
    name: str


def send_value(end: Connection, value: object, to: int) -> None:
    """Send a value to process ``to``; its arrays are copied once, to shared memory.

    Raises MemoryError or OSError, with nothing sent.
    """
    buffers: list[pickle.PickleBuffer] = []
    data = pickle.dumps(value, 5, buffer_callback=buffers.append)
    views = [memoryview(data), *(buffer.raw() for buffer in buffers)]
    if sum(view.nbytes for view in views) < _MIN_SHARED:
        end.send(_Parcel(pickle.dumps(value, 5), (), 0, ""))
        return
    spans, at = [], 0
    for view in views:
        spans.append((at, view.nbytes))
        at += -(-view.nbytes // _ALIGNMENT) * _ALIGNMENT
    if sys.platform == "win32":
        name = f"Lacuna-{secrets.token_hex(16)}"
        shared = mmap.mmap(-1, at, tagname=name)
        try:
            for (start, size), view in zip(spans, views, strict=True):
                shared[start : start + size] = view
            end.send(_Parcel(b"", tuple(spans), at, name))
            end.recv()  # the memory must stay open until the receiver has opened it
        finally:
            shared.close()
        return
    file = _open_unnamed_file()
    try:
        os.ftruncate(file, at)
        for (start, _), view in zip(spans, views, strict=True):
            _write(file, start, view)
        end.send(_Parcel(b"", tuple(spans), at, ""))
        reduction.send_handle(end, file, to)
    finally:
        os.close(file)


def receive_value(end: Connection) -> object:
    """Receive a value; its arrays are views of the shared memory, which is freed with them.

    Raises EOFError or OSError if the other process ends meanwhile.
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


def _open_unnamed_file() -> int:
    """A file without a name, in memory where possible. Raises OSError."""
    if sys.platform == "linux":
        # Not in /dev/shm, which is small in containers: writing beyond its end is a crash.
        return os.memfd_create("lacuna")
    with tempfile.TemporaryFile() as file:
        return os.dup(file.fileno())


def _write(file: int, start: int, view: memoryview) -> None:
    """Write to the file: twice as fast as copying to a mapping, which faults in page by page."""
    done = 0
    while done < view.nbytes:
        done += os.pwrite(file, view[done:], start + done)
