"""Finding damage in strips and tiles that decoders pass over: JPEG and PackBits.

Source: TIFF 6.0, section 9 (PackBits); TIFF Technical Note 2 (JPEG and its tables).
"""

from __future__ import annotations

import math
from typing import Any

from inpaint_core.photo.formats.jpeg.damage import has_damaged_bits
from inpaint_core.photo.formats.jpeg.headers import read_layout

_JPEG, _PACKBITS, _JPEG_TABLES = 7, 32773, 347
_SPARE = 2  # bytes that a writer may have padded a strip with


def has_damaged_strips(page: Any, data: bytes) -> bool:
    """Whether a strip or tile of tifffile's ``page`` is known to be damaged."""
    strips = (
        data[at : at + size]
        for at, size in zip(page.dataoffsets, page.databytecounts, strict=True)
        if size
    )
    if page.compression == _JPEG:
        tables = page.tags.valueof(_JPEG_TABLES, b"")
        return any(_is_damaged_jpeg(strip, bytes(tables)) for strip in strips)
    if page.compression == _PACKBITS:
        return any(
            not _unpacks_to(strip, _measure(page, number)) for number, strip in enumerate(strips)
        )
    return False


def _is_damaged_jpeg(strip: bytes, tables: bytes) -> bool:
    """``tables`` is a JPEG file of tables that all strips have in common."""
    picture = tables[:-2] + strip[2:] if tables else strip
    try:
        frame = read_layout(picture).frame
    except ValueError:
        return False  # a rare coding, or one that no decoder reads
    return has_damaged_bits(picture, (frame.height, frame.width)) is True


def _measure(page: Any, number: int) -> int:
    """The bytes of a strip or tile when it is unpacked: rows begin at whole bytes."""
    rows, columns = page.chunks[0], page.chunks[1]
    if not page.is_tiled:
        across = len(page.dataoffsets) // (page.samplesperpixel if page.planarconfig == 2 else 1)
        rows = min(rows, page.imagelength - number % across * rows)
    samples = 1 if page.planarconfig == 2 else page.samplesperpixel
    return int(rows * math.ceil(columns * samples * page.bitspersample / 8))


def _unpacks_to(strip: bytes, size: int) -> bool:
    at = length = 0
    while at < len(strip) and length < size:
        count = strip[at]
        if count < 128:
            at, length = at + count + 2, length + count + 1
        else:
            at, length = at + 1 + (count > 128), length + (257 - count if count > 128 else 0)
    return length == size and at <= len(strip) <= at + _SPARE
