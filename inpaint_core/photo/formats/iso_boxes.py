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


def sum_item_sizes(data: bytes) -> int:
    """The bytes of all items of a file together, by where its "iloc" box says they lie (ISO/IEC
    14496-12, section 8.11.3). Raises struct.error for a damaged box.
    """
    total = 0
    for box in iter_properties(data, b"iloc"):
        version = box[0]
        (packed,) = struct.unpack_from(">H", box, 4)
        place, length, base, index = (packed >> shift & 15 for shift in (12, 8, 4, 0))
        index = index if version else 0
        numbers = ">I" if version == 2 else ">H"
        (count,) = struct.unpack_from(numbers, box, 6)
        at = 6 + struct.calcsize(numbers)
        for _ in range(count):
            at += struct.calcsize(numbers) + 2 * bool(version) + 2 + base
            (extents,) = struct.unpack_from(">H", box, at)
            at += 2
            for _ in range(min(extents, len(box))):
                at += index + place
                size = int.from_bytes(box[at : at + length], "big")
                total += size or len(data)  # 0 stands for all of the file
                at += length
    return total


def find_largest_size(data: bytes) -> tuple[int, int] | None:
    """(width, height) of the largest picture that an "ispe" property announces."""
    sizes = [
        struct.unpack_from(">II", content, 4)
        for content in iter_properties(data, b"ispe")
        if len(content) >= 12
    ]
    return max(sizes, key=lambda size: size[0] * size[1], default=None)
