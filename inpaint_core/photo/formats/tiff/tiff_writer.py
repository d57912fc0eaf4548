"""Writing TIFF files, 8 and 16 bits, with alpha, profile, XMP and all of the EXIF data.

No library writes a 16-bit RGB TIFF with EXIF directories. But EXIF data is itself a TIFF without
pixels, so the new file begins with it, which keeps every byte and every offset, the maker note's
included; pixels and a new first directory follow.
Source: TIFF 6.0, sections 2, 8, 14 (differences) and 18 (extra samples).
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from fractions import Fraction
from itertools import accumulate
from typing import BinaryIO

import numpy as np

from inpaint_core.contract.errors import CannotWrite
from inpaint_core.contract.progress import Progress
from inpaint_core.photo.formats.tiff.tiff_blocks import STRUCTURE, write_fields
from inpaint_core.photo.metadata import exif
from inpaint_core.photo.metadata.exif import Entry, Order, make_field
from inpaint_core.photo.photo import Photo
from inpaint_core.photo.strips import estimate_size, map_in_order, split_rows

_BYTE, _SHORT, _LONG, _RATIONAL, _UNDEFINED = 1, 3, 4, 5, 7
_DEFLATE, _DIFFERENCES, _NOT_PREMULTIPLIED = 8, 2, 2


def write_tiff(photo: Photo, stream: BinaryIO, progress: Progress) -> None:
    """Write a TIFF file: grey or RGB, with or without alpha, deflated, at the photo's depth, with
    a few strips at a time in memory. What was retouched goes into Photoshop's field for layers too.

    Raises `CannotWrite` beyond the 4 GB of a classic TIFF, or `Cancelled`.
    """
    start, order, kept = _begin(photo.exif)
    stream.write(start)
    sizes = []
    end = len(start)
    for strip in map_in_order(lambda top: _pack_strip(photo, order, top), split_rows(photo.pixels)):
        progress.check()
        end += len(strip)
        if end >= 1 << 32:
            raise CannotWrite("photo.tiff_too_large")
        stream.write(strip)
        sizes.append(len(strip))
    offsets = list(accumulate(sizes[:-1], initial=len(start)))
    stream.write(bytes(end % 2))
    end += end % 2
    own = _make_fields(photo, order, offsets, sizes)
    tail = bytearray()
    fields = kept | {entry.tag: entry for entry in own}
    first = exif.append_directory(tail, order, fields.values(), end)
    if end + len(tail) >= 1 << 32:
        raise CannotWrite("photo.tiff_too_large")
    stream.write(tail)
    stream.seek(4)
    stream.write(struct.pack(order + "I", first))


def estimate_tiff(photo: Photo) -> int:
    """About how many bytes the pixels will take."""
    return estimate_size(split_rows(photo.pixels), lambda top: _pack_strip(photo, "<", top))


def _begin(data: bytes | None) -> tuple[bytearray, Order, dict[int, Entry]]:
    """The start of the file, its byte order, and the fields of the EXIF data's first IFD."""
    try:
        order, first = exif.read_first_directory(data or b"")
    except ValueError:
        return bytearray(b"II*\0" + bytes(4)), "<", {}
    kept = {tag: entry for tag, entry in first.entries.items() if tag not in STRUCTURE}
    return bytearray(data or b"") + bytes(len(data or b"") % 2), order, kept


def _pack_strip(photo: Photo, order: Order, top: int) -> bytes:
    bottom = top + split_rows(photo.pixels).step
    values = photo.pixels[top:bottom, :, :1] if photo.is_grey else photo.pixels[top:bottom]
    if photo.alpha is not None:
        values = np.concatenate([values, photo.alpha[top:bottom, :, np.newaxis]], axis=2)
    steps = values.copy()
    steps[:, 1:] -= values[:, :-1]  # modulo 2 ** bits, as section 14 wants it
    # The low bytes of 16 bits are noise, which does not compress: searching only for runs gives the
    # same size in a third of the time.
    strategy = zlib.Z_RLE if photo.bits == 16 else zlib.Z_DEFAULT_STRATEGY
    packer = zlib.compressobj(level=1, strategy=strategy)
    ordered = steps.astype(steps.dtype.newbyteorder(order), copy=False)
    return packer.compress(ordered.data) + packer.flush()


def _make_fields(
    photo: Photo, order: Order, offsets: list[int], sizes: list[int]
) -> Iterator[Entry]:
    height, width = photo.shape
    colours = 1 if photo.is_grey else 3
    samples = colours + (photo.alpha is not None)
    yield make_field(256, _LONG, [width], order)
    yield make_field(257, _LONG, [height], order)
    yield make_field(258, _SHORT, [photo.bits] * samples, order)
    yield make_field(259, _SHORT, [_DEFLATE], order)
    yield make_field(262, _SHORT, [1 if photo.is_grey else 2], order)
    yield make_field(273, _LONG, offsets, order)
    yield make_field(exif.ORIENTATION, _SHORT, [1], order)
    yield make_field(277, _SHORT, [samples], order)
    yield make_field(278, _LONG, [split_rows(photo.pixels).step], order)
    yield make_field(279, _LONG, sizes, order)
    yield make_field(284, _SHORT, [1], order)
    yield make_field(317, _SHORT, [_DIFFERENCES], order)
    if photo.dpi is not None:
        for tag, value in zip((282, 283), photo.dpi, strict=True):
            ratio = Fraction(value).limit_denominator(10_000)
            yield make_field(tag, _RATIONAL, [ratio.numerator, ratio.denominator], order)
        yield make_field(296, _SHORT, [2], order)
    if photo.alpha is not None:
        yield make_field(338, _SHORT, [_NOT_PREMULTIPLIED], order)
    if photo.xmp is not None:
        yield make_field(700, _BYTE, photo.xmp, order)
    if photo.iptc is not None:
        yield make_field(33723, _UNDEFINED, photo.iptc, order)
    yield from write_fields(photo.blocks, photo.iptc is not None, order)
    if photo.retouched is not None:
        from inpaint_core.photo.formats.tiff.tiff_layers import LAYERS, encode_layers

        yield make_field(LAYERS, _UNDEFINED, encode_layers(photo, order), order)
    if photo.icc is not None:
        yield make_field(34675, _UNDEFINED, photo.icc, order)
