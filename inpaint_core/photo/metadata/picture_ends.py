"""Where pictures end that begin among other data, by their format; JPEG is `embedded_pictures`'.

Source: PNG specification, section 5; RFC 9649 (WebP); GIF89a, sections 17 to 27; Microsoft,
BITMAPFILEHEADER; ISO/IEC 14496-12, section 4.2 (boxes: HEIF, AVIF, JPEG XL, JPEG 2000); ITU-T
T.800, annex A (JPEG 2000 codestream); TIFF 6.0, section 2.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Callable

from inpaint_core.photo.metadata import exif as blocks

_WIDTH = 0x0100
_PIXELS = ((0x0111, 0x0117), (0x0144, 0x0145))  # strips and tiles: offsets, and sizes in bytes
_BITMAP_HEADERS = frozenset({12, 40, 52, 56, 64, 108, 124})
_MOST_STRIPS = 4096
_MOST_PIECES = 10_000  # of one picture
_FIRST_TAGS = (0x00FE, 0x00FF, _WIDTH)  # of a directory of pixels: its fields are sorted


def _find_png_end(data: bytes, at: int) -> int | None:
    at += 8
    while at + 8 <= len(data):
        length, name = int.from_bytes(data[at : at + 4], "big"), data[at + 4 : at + 8]
        if not name.isalpha() or at + 12 + length > len(data):
            return len(data) if name.isalpha() else at
        at += 12 + length
        if name == b"IEND":
            return at
    return len(data)


def _find_webp_end(data: bytes, at: int) -> int | None:
    return at + 8 + int.from_bytes(data[at + 4 : at + 8], "little")


def _find_gif_end(data: bytes, at: int) -> int | None:
    if len(data) < at + 13:
        return None
    at += 13 + _find_table_size(data[at + 10])
    for _ in range(_MOST_PIECES):
        kind = data[at : at + 1]
        if kind == b"\x21":
            at += 2
        elif kind == b"\x2c" and at + 10 < len(data):
            at += 11 + _find_table_size(data[at + 9])
        else:
            return at + (kind == b"\x3b")
        while at < len(data) and data[at]:
            at += 1 + data[at]
        at += 1
    return at


def _find_table_size(flags: int) -> int:
    """The bytes of a colour table, which the flags in front of it say."""
    return 3 << (flags & 7) + 1 if flags & 0x80 else 0


def _find_bitmap_end(data: bytes, at: int) -> int | None:
    if len(data) < at + 18:
        return None
    size, reserved, offset, header = struct.unpack_from("<4I", data, at + 2)
    is_one = not reserved and header in _BITMAP_HEADERS and 14 + header <= offset
    return max(at + size, at + offset) if is_one else None


def _find_boxes_end(data: bytes, at: int) -> int | None:
    start = at
    for _ in range(_MOST_PIECES):
        head = data[at : at + 8]
        length, name = int.from_bytes(head[:4], "big"), head[4:]
        if len(head) < 8 or not (name.isascii() and name.decode().isprintable()):
            break
        if length == 1:
            length = int.from_bytes(data[at + 8 : at + 16], "big")
        if length == 0:
            return len(data)
        if length < 8:
            break
        at += length
    return at if at > start else None


def _find_codestream_end(data: bytes, at: int) -> int | None:
    """Coded data of JPEG 2000 never hold a byte above 8F behind FF (section D.4.1)."""
    end = data.find(b"\xff\xd9", at)
    return len(data) if end < 0 else end + 2


def _find_tiff_end(data: bytes, at: int) -> int | None:
    """Only where a directory says where pixels lie: EXIF data and maker notes begin alike."""
    tiff = memoryview(data)[at:]
    try:
        order = blocks.read_byte_order(tiff)
        (start,) = struct.unpack_from(order + "I", tiff, 4)
        if struct.unpack_from(order + "H", tiff, start + 2)[0] not in _FIRST_TAGS:
            return None
        first = blocks.read_directory(tiff, order, start)
    except (struct.error, OverflowError, ValueError):
        return None
    ends = [
        start + size
        for tags in _PIXELS
        for start, size in zip(
            *(blocks.read_numbers(first.entries.get(tag), order)[:_MOST_STRIPS] for tag in tags),
            strict=False,
        )
        if size and start < len(tiff)
    ]
    fields = (entry.at + len(entry.value) for entry in first.entries.values())
    return at + max(*ends, *fields) if ends else None


_FORMATS: dict[bytes, Callable[[bytes, int], int | None]] = {
    rb"\x89PNG\r\n\x1a\n": _find_png_end,
    rb"RIFF....WEBP": _find_webp_end,
    rb"GIF8[79]a": _find_gif_end,
    rb"BM....\0\0\0\0..\0\0.\0\0\0": _find_bitmap_end,
    rb"\0\0\0.ftyp": _find_boxes_end,
    rb"\0\0\0\x0c(?:JXL |jP  )\r\n\x87\n": _find_boxes_end,
    rb"\xff\x4f\xff\x51\0": _find_codestream_end,
    rb"II\*\0|MM\0\*": _find_tiff_end,
}
START = b"|".join(_FORMATS)
"""A pattern of how the formats begin; “.” is any byte."""
_EACH = [(re.compile(start, re.DOTALL), find) for start, find in _FORMATS.items()]


def find_end(data: bytes, at: int) -> int | None:
    """Where the picture of one of these formats ends that begins at ``at``, at most the data's end;
    None where there is none.
    """
    for start, find in _EACH:
        if start.match(data, at):
            end = find(data, at)
            return None if end is None else min(end, len(data))
    return None
