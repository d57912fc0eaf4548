"""The rows of a PNG that `png.write` has written, strip by strip, to see whether all is there.

Each of its IDAT chunks but the first and the last can be inflated alone, and all rows of a strip
have the same filter. Source: PNG specification, third edition, sections 5, 9 and 10.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from inpaint_core.photo.formats.png.png import SUB, UP, joined
from inpaint_core.photo.strip_threads import in_order

_SAMPLES = {0: 1, 2: 3, 4: 2, 6: 4}
_Samples = NDArray[np.uint8] | NDArray[np.uint16]


def from_file(path: Path) -> Iterator[_Samples]:
    """The samples (rows, W, channels) of each strip, from the top, at the file's depth.

    Raises ValueError or zlib.error for a file that is not as `png.write` makes it, or OSError.
    """
    with path.open("rb") as stream:
        stream.seek(8)
        name, header = _chunk(stream)
        if name != b"IHDR" or len(header) != 13:
            raise ValueError("it has no header")
        width, height, depth, colour = struct.unpack_from(">IIBB", header)
        if depth not in (8, 16) or colour not in _SAMPLES:
            raise ValueError("it has another depth than what was written")
        step = _SAMPLES[colour] * depth // 8

        def opened(packed: bytes) -> tuple[NDArray[np.uint8], int, int, int]:
            return _opened(packed, width, height, step)

        checksum, rows, above = 1, 0, np.zeros((1, width * step), np.uint8)
        tail: list[bytes] = []
        for lines, kind, size, part in in_order(opened, _strips(stream, tail)):
            checksum = joined(checksum, part, size)
            if kind == UP:
                lines += above
            above = lines[-1:]
            rows += len(lines)
            values = lines.reshape(len(lines), width, step)
            yield values if depth == 8 else values.view(">u2").astype(np.uint16)
        if rows != height or tail != [b"\x03\0" + struct.pack(">I", checksum)]:
            raise ValueError("its pixels end too early, or are others than were written")


def _strips(stream: BinaryIO, tail: list[bytes]) -> Iterator[bytes]:
    """The content of the IDAT chunks that hold rows; ``tail`` gets that of the last one."""
    waiting: bytes | None = None
    begun = False
    while True:
        name, content = _chunk(stream)
        if name == b"IEND":
            break
        if name != b"IDAT":
            continue
        if not begun:
            begun = True  # zlib's header
        else:
            if waiting is not None:
                yield waiting
            waiting = content
    tail.append(waiting or b"")


def _chunk(stream: BinaryIO) -> tuple[bytes, bytes]:
    head = stream.read(8)
    if len(head) < 8:
        raise ValueError("it is truncated")
    length, name = struct.unpack(">I4s", head)
    content = stream.read(length)
    checksum = stream.read(4)
    if checksum != struct.pack(">I", zlib.crc32(content, zlib.crc32(name))):
        raise ValueError("a checksum in it is wrong")
    return name, content


def _opened(
    packed: bytes, width: int, height: int, step: int
) -> tuple[NDArray[np.uint8], int, int, int]:
    """A strip's rows without their filter (but for the row above), the filter, and the bytes and
    the checksum of what it was.
    """
    across = 1 + width * step
    raw = zlib.decompressobj(-15).decompress(packed, across * height)
    coded = np.frombuffer(raw, np.uint8)
    if not len(coded) or len(coded) % across:
        raise ValueError("its rows are truncated")
    coded = coded.reshape(-1, across)
    kind = int(coded[0, 0])
    if kind not in (SUB, UP) or (coded[:, 0] != kind).any():
        raise ValueError("its rows are others than were written")
    lines = coded[:, 1:]
    if kind == UP:
        found = np.add.accumulate(lines, axis=0, dtype=np.uint8)
    else:
        pixels = lines.reshape(len(lines), width, step)
        found = np.add.accumulate(pixels, axis=1, dtype=np.uint8).reshape(len(lines), -1)
    return found, kind, len(raw), zlib.adler32(raw)
