"""Writing TIFF files, 8 and 16 bits, with alpha, profile, XMP and all of the EXIF data.

No library writes a 16-bit RGB TIFF with EXIF directories. The trick that keeps every byte of
them: EXIF data is itself a TIFF without pixels. The new file begins with it, so that all its
offsets, the maker's own included, stay right; pixels and a new first directory follow.
Source: TIFF 6.0, sections 2, 8, 14 (differences) and 18 (extra samples).
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from fractions import Fraction
from typing import BinaryIO

import numpy as np

from inpaint_core.contract.errors import CannotWrite
from inpaint_core.contract.progress import Progress
from inpaint_core.photo.metadata import exif
from inpaint_core.photo.metadata.exif import Entry, Order, field
from inpaint_core.photo.photo import Photo
from inpaint_core.photo.strip_threads import in_order

_STRIP_BYTES = 1 << 20
_SAMPLED = 8
_BYTE, _SHORT, _LONG, _RATIONAL, _UNDEFINED = 1, 3, 4, 5, 7
_DEFLATE, _DIFFERENCES, _NOT_PREMULTIPLIED = 8, 2, 2
# What a first directory says about where and how its pixels lie: those pixels are not here.
_STRUCTURE = frozenset(
    {*range(254, 267), 273, *range(277, 282), 284, 317, *range(320, 326), 330, 338, 339}
    | {347, 513, 514, *range(529, 533), 700, 33723, 34675}
)


def write(photo: Photo, stream: BinaryIO, progress: Progress) -> None:
    """Write a TIFF file: grey or RGB, perhaps alpha, Deflate, own depth. A few strips at a time
    are in memory beside the photo.

    Raises `CannotWrite` when it has more than the 4 GB of a classic TIFF, or `Cancelled`.
    """
    start, order, kept = _opening(photo.exif)
    stream.write(start)
    rows = _rows(photo)
    sizes = []
    end = len(start)
    for strip in in_order(
        lambda top: _strip(photo, order, top, top + rows), range(0, photo.shape[0], rows)
    ):
        progress.check()
        end += len(strip)
        if end >= 1 << 32:
            raise CannotWrite("The photo makes a TIFF of more than 4 GB.", "Write a PNG instead.")
        stream.write(strip)
        sizes.append(len(strip))
    offsets = [len(start) + sum_before for sum_before in _running(sizes)]
    stream.write(bytes(end % 2))
    end += end % 2
    own = _fields(photo, order, rows, offsets, sizes)
    tail = bytearray()
    fields = kept | {entry.tag: entry for entry in own}
    first = exif.append_directory(tail, order, fields.values(), end)
    if end + len(tail) >= 1 << 32:
        raise CannotWrite("The photo makes a TIFF of more than 4 GB.", "Write a PNG instead.")
    stream.write(tail)
    stream.seek(4)
    stream.write(struct.pack(order + "I", first))


def estimate(photo: Photo) -> int:
    """About how many bytes the pixels will take, from a few strips of them."""
    rows = _rows(photo)
    tops = range(0, photo.shape[0], rows)
    some = tops[:: max(1, len(tops) // _SAMPLED)]
    packed = sum(len(_strip(photo, "<", top, top + rows)) for top in some)
    return packed * len(tops) // len(some)


def _rows(photo: Photo) -> int:
    return max(1, _STRIP_BYTES // int(photo.pixels[0].nbytes))


def _running(sizes: list[int]) -> Iterator[int]:
    total = 0
    for size in sizes:
        yield total
        total += size


def _opening(data: bytes | None) -> tuple[bytearray, Order, dict[int, Entry]]:
    """What the file begins with, its byte order, and the fields of the EXIF data's first IFD."""
    try:
        order, first = exif.first_directory(data or b"")
    except ValueError:
        return bytearray(b"II*\0" + bytes(4)), "<", {}
    kept = {tag: entry for tag, entry in first.entries.items() if tag not in _STRUCTURE}
    return bytearray(data or b"") + bytes(len(data or b"") % 2), order, kept


def _strip(photo: Photo, order: Order, top: int, bottom: int) -> bytes:
    values = photo.pixels[top:bottom, :, :1] if photo.grey else photo.pixels[top:bottom]
    if photo.alpha is not None:
        values = np.concatenate([values, photo.alpha[top:bottom, :, np.newaxis]], axis=2)
    steps = values.copy()
    steps[:, 1:] -= values[:, :-1]  # modulo 2 ** bits, as section 14 wants it
    # The low bytes of 16 bits are noise, which does not pack: looking only for runs gives the same
    # size in a third of the time.
    strategy = zlib.Z_RLE if photo.bits == 16 else zlib.Z_DEFAULT_STRATEGY
    packer = zlib.compressobj(level=1, strategy=strategy)
    return packer.compress(steps.astype(steps.dtype.newbyteorder(order), copy=False).data) + (
        packer.flush()
    )


def _fields(
    photo: Photo, order: Order, rows: int, offsets: list[int], sizes: list[int]
) -> Iterator[Entry]:
    height, width = photo.shape
    colours = 1 if photo.grey else 3
    samples = colours + (photo.alpha is not None)
    yield field(256, _LONG, [width], order)
    yield field(257, _LONG, [height], order)
    yield field(258, _SHORT, [photo.bits] * samples, order)
    yield field(259, _SHORT, [_DEFLATE], order)
    yield field(262, _SHORT, [1 if photo.grey else 2], order)
    yield field(273, _LONG, offsets, order)
    yield field(exif.ORIENTATION, _SHORT, [1], order)
    yield field(277, _SHORT, [samples], order)
    yield field(278, _LONG, [rows], order)
    yield field(279, _LONG, sizes, order)
    yield field(284, _SHORT, [1], order)
    yield field(317, _SHORT, [_DIFFERENCES], order)
    if photo.dpi is not None:
        for tag, value in zip((282, 283), photo.dpi, strict=True):
            ratio = Fraction(value).limit_denominator(10_000)
            yield field(tag, _RATIONAL, [ratio.numerator, ratio.denominator], order)
        yield field(296, _SHORT, [2], order)
    if photo.alpha is not None:
        yield field(338, _SHORT, [_NOT_PREMULTIPLIED], order)
    if photo.xmp is not None:
        yield field(700, _BYTE, photo.xmp, order)
    if photo.iptc is not None:
        yield field(33723, _UNDEFINED, photo.iptc, order)
    if photo.icc is not None:
        yield field(34675, _UNDEFINED, photo.icc, order)
