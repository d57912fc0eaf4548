"""The samples of a TIFF page as an array, whatever they mean.

Uncompressed and deflated samples are decoded in `tiff_strips`, odd ones among them by tifffile, and
everything else by the libtiff inside OpenCV, or, of 8 bits, inside Pillow. As both interpret
colours and mix up separate planes, they get a few strips or tiles at a time, with a directory of
our own that calls the samples grey or RGB.
Source: TIFF 6.0, sections 2, 8 and 15 (tiles).
"""

from __future__ import annotations

import io
import math
import os
import struct
import zlib
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import accumulate
from typing import Any, Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from inpaint_core.photo.formats.tiff.tiff_strips import find_layout
from inpaint_core.photo.metadata import exif
from inpaint_core.photo.metadata.exif import make_field
from inpaint_core.photo.strips import map_in_order

_TIFFFILE_DECODES = frozenset({1, 8, 32946})  # none and the two numbers of Deflate
_FLOAT_DIFFERENCES = 3
# JPEG in YCbCr is Pillow's; OpenCV's libtiff is built without LERC, LZMA, ZSTD and WebP.
_NOT_BY_OPENCV = frozenset({7, 34887, 34925, 50000, 50001})
_SHORT, _LONG = 3, 4
_AT_ONCE = 16 << 20  # bytes of samples


def read_samples(page: Any, data: bytes) -> NDArray[Any] | None:
    """(H, W, samples) in the page's own type, or None for a compression that is not decoded here.

    ``page`` is tifffile's, of the file ``data``. Raises ValueError over damaged pixels.
    """
    shape = (page.imagelength, page.imagewidth, page.samplesperpixel)
    separate = page.planarconfig == 2 and page.samplesperpixel > 1
    plain = find_layout(page)
    if plain is not None:
        return plain.whole(data)
    if page.compression not in _TIFFFILE_DECODES or page.predictor == _FLOAT_DIFFERENCES:
        return _decode_compressed(page, data, shape, separate)
    if page.compression != 1:
        _check_inflation(page, data)
    # tifffile's own choice is half of the cores; each of its threads decodes strips.
    values = page.asarray(maxworkers=os.cpu_count()).reshape(
        (shape[2], *shape[:2]) if separate else shape
    )
    return np.moveaxis(values, 0, 2) if separate else np.asarray(values)


def _check_inflation(page: Any, data: bytes) -> None:
    """Raise ValueError where a strip or tile inflates to more than its size: tifffile would
    allocate all of it.
    """
    # Twice its size: some writers pad their strips.
    most: int = 2 * math.prod(page.chunks) * math.ceil(int(page.bitspersample) / 8) + (1 << 16)

    def fits(place: tuple[int, int]) -> bool:
        strip = data[place[0] : place[0] + place[1]]
        return len(zlib.decompressobj().decompress(strip, most + 1)) <= most

    with ThreadPoolExecutor() as pool:
        if not all(pool.map(fits, zip(page.dataoffsets, page.databytecounts, strict=True))):
            raise ValueError("a strip that inflates to more than it may have")


def _decode_compressed(
    page: Any, data: bytes, shape: tuple[int, int, int], separate: bool
) -> NDArray[Any] | None:
    """By OpenCV's libtiff, whose strips are bounded; None for what it cannot decode."""
    if page.compression in _NOT_BY_OPENCV or shape[2] > 4 or max(page.databytecounts) >> 31:
        return None
    if not separate:
        return _decode_by_libtiff(page, data, page.dataoffsets, page.databytecounts, shape)
    each = len(page.dataoffsets) // shape[2]
    planes = []
    for plane in range(shape[2]):
        part = slice(plane * each, (plane + 1) * each)
        offsets, sizes = page.dataoffsets[part], page.databytecounts[part]
        found = _decode_by_libtiff(page, data, offsets, sizes, (*shape[:2], 1))
        if found is None:
            return None
        planes.append(found)
    return np.concatenate(planes, axis=2)


def _decode_by_libtiff(
    page: Any,
    data: bytes,
    offsets: Sequence[int],
    sizes: Sequence[int],
    shape: tuple[int, int, int],
) -> NDArray[Any] | None:
    """Some rows of strips or tiles at a time, on all cores: libtiff itself uses one, and OpenCV
    would need a copy of the whole file.
    """
    height, width, count = shape
    if count == 2 or (count == 4 and page.bitspersample == 8):
        return None  # OpenCV cannot read 2 samples, and multiplies 4 of 8 bits by alpha
    rows = int(page.tilelength) if page.is_tiled else min(int(page.rowsperstrip), height)
    across = math.ceil(width / page.tilewidth) if page.is_tiled else 1
    if rows < 1 or len(offsets) != math.ceil(height / rows) * across:
        raise ValueError("strips that are missing")
    row_bytes = width * count * int(page.bitspersample) // 8
    step = rows * max(1, _AT_ONCE // (rows * row_bytes))

    def part(top: int) -> NDArray[Any] | None:
        inside = slice(top // rows * across, math.ceil((top + step) / rows) * across)
        some = zip(offsets[inside], sizes[inside], strict=True)
        strips = [data[at : at + size] for at, size in some]
        return _decode_part(page, strips, (min(step, height - top), width, count))

    out: NDArray[Any] | None = None
    for top, found in zip(
        range(0, height, step), map_in_order(part, range(0, height, step)), strict=True
    ):
        if found is None:
            return None
        if out is None:
            out = np.empty(shape, found.dtype)
        out[top : top + len(found)] = found
    return out


def _decode_part(
    page: Any, strips: list[bytes], shape: tuple[int, int, int]
) -> NDArray[Any] | None:
    """The samples (H, W, samples) of a few strips or tiles, decoded as a TIFF of their own."""
    height, width, count = shape
    order: Literal["<", ">"] = page.parent.byteorder
    sizes = [len(strip) for strip in strips]
    fields = [
        make_field(256, _LONG, [width], order),
        make_field(257, _LONG, [height], order),
        make_field(258, _SHORT, [page.bitspersample] * count, order),
        make_field(259, _SHORT, [int(page.compression)], order),
        make_field(262, _SHORT, [1 if count == 1 else 2], order),
        make_field(277, _SHORT, [count], order),
        make_field(284, _SHORT, [1], order),
        make_field(317, _SHORT, [int(page.predictor)], order),
        make_field(339, _SHORT, [int(page.sampleformat)] * count, order),
    ]
    if count == 4:
        fields.append(make_field(338, _SHORT, [2], order))
    if page.is_tiled:
        places, lengths = 324, 325
        fields.append(make_field(322, _LONG, [page.tilewidth], order))
        fields.append(make_field(323, _LONG, [page.tilelength], order))
    else:
        places, lengths = 273, 279
        fields.append(make_field(278, _LONG, [min(page.rowsperstrip, height)], order))
    fields.append(make_field(places, _LONG, list(accumulate(sizes[:-1], initial=8)), order))
    fields.append(make_field(lengths, _LONG, sizes, order))
    whole = bytearray(8)
    for strip in strips:
        whole += strip
    whole += bytes(len(whole) % 2)
    start = exif.append_directory(whole, order, fields)
    whole[:8] = (b"II*\0" if order == "<" else b"MM\0*") + struct.pack(order + "I", start)
    if page.bitspersample == 8:
        from PIL.TiffImagePlugin import TiffImageFile

        # Of 8 bits, OpenCV makes something of damaged strips too; Pillow raises.
        with TiffImageFile(io.BytesIO(whole)) as image:
            return np.asarray(image).reshape(shape)
    flags = cv2.IMREAD_UNCHANGED | cv2.IMREAD_IGNORE_ORIENTATION
    coded = cv2.imdecode(np.frombuffer(whole, np.uint8), flags)
    if coded is None:
        raise ValueError("pixels that libtiff cannot decode")
    coded = coded.reshape(*coded.shape[:2], -1)
    if coded.shape != shape or coded.dtype.itemsize * 8 != page.bitspersample:
        return None
    if count >= 3:
        code = cv2.COLOR_BGR2RGB if count == 3 else cv2.COLOR_BGRA2RGBA
        coded = cv2.cvtColor(coded, code, dst=coded)
    return np.asarray(coded)
