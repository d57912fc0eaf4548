"""Reading the boxes of HEIF, AVIF, JPEG XL and CR3 files.

Source: ISO/IEC 14496-12, section 4.2; ISO/IEC 23008-12, section 6.5 (ispe, pixi); ISO/IEC
18181-2, annex A.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

_CONTAINERS = {b"meta": 4, b"iprp": 0, b"ipco": 0}
"""Boxes with children, and the bytes before their first child."""


def iter_boxes(
    data: bytes, start: int = 0, end: int | None = None
) -> Iterator[tuple[bytes, int, int]]:
    """(type, first byte of the content, end) of each box; stops at one that is cut off."""
    end = len(data) if end is None else end
    while start + 8 <= end:
        size, name = struct.unpack_from(">I4s", data, start)
        head = 8
        if size == 1 and start + 16 <= end:
            (size,) = struct.unpack_from(">Q", data, start + 8)
            head = 16
        stop = end if size == 0 else start + size
        if size != 0 and (size < head or stop > end):
            return
        yield name, start + head, stop
        start = stop


def read_brands(data: bytes) -> frozenset[bytes]:
    """The brands in a file's first box; none if it is not such a file (ISO/IEC 14496-12, 4.3)."""
    if data[4:8] != b"ftyp":
        return frozenset()
    end = min(int.from_bytes(data[:4], "big"), 256)
    return frozenset((data[8:12], *(data[at : at + 4] for at in range(16, end - 3, 4))))


def iter_properties(
    data: bytes, name: bytes, start: int = 0, end: int | None = None
) -> Iterator[bytes]:
    """The content of every item property of this type between ``start`` and ``end``."""
    for found, at, stop in iter_boxes(data, start, end):
        if found == name:
            yield data[at:stop]
        elif found in _CONTAINERS:
            yield from iter_properties(data, name, at + _CONTAINERS[found], stop)


def find_largest_size(data: bytes) -> tuple[int, int] | None:
    """(width, height) of the largest picture that an "ispe" property announces."""
    sizes = [
        struct.unpack_from(">II", content, 4)
        for content in iter_properties(data, b"ispe")
        if len(content) >= 12
    ]
    return max(sizes, key=lambda size: size[0] * size[1], default=None)
