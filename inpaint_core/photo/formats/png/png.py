"""PNG files: OpenCV decodes the pixels (Pillow has no 16-bit RGB); written are they in strips that
are packed in parallel.

Source: PNG specification, third edition, sections 5 (chunks), 9 (filters), 10 (compression) and 11
(iCCP, iTXt, pHYs, eXIf).
"""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import cv2
import numpy as np

from inpaint_core.contract.arrays import Pixels
from inpaint_core.contract.progress import Progress
from inpaint_core.photo.formats.pillow_image import photo_of
from inpaint_core.photo.formats.source_bytes import check_size, damaged
from inpaint_core.photo.metadata import iptc
from inpaint_core.photo.photo import Origin, Photo, as_pixels, grey_pixels
from inpaint_core.photo.strip_threads import in_order

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_PIXEL_CHUNKS = frozenset({b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND"})
_XMP = b"XML:com.adobe.xmp"
_IPTC = iptc.PNG_KEYWORD + b"\0"
_GREY, _TRUE, _PALETTE, _GREY_ALPHA, _TRUE_ALPHA = 0, 2, 3, 4, 6
_MODELS = {_GREY: "grey", _GREY_ALPHA: "grey", _PALETTE: "palette"}
SUB, UP = 1, 2
"""The filters that are written: differences to the pixel on the left, and to the row above."""
_STRIP_BYTES, _SAMPLED = 1 << 20, 8
_ADLER = 65521
_INCH = 0.0254
# A compressed profile or packet that opens to more than this is an attack.
_MOST_METADATA = 64 << 20


@dataclass(frozen=True, slots=True)
class Chunk:
    """A chunk's ``name``, its ``content``, and the ``whole`` of it with length and checksum."""

    name: bytes
    content: memoryview
    whole: memoryview


def chunks(data: bytes, path: Path) -> Iterator[Chunk]:
    """Every chunk up to IEND. Raises `PhotoDamaged` when one is cut off, or when the checksum of
    a chunk that the pixels need is wrong.
    """
    view = memoryview(data)
    at, name = len(_SIGNATURE), b""
    while name != b"IEND":
        if at + 12 > len(data):
            raise damaged(path, "truncated")
        length, name = struct.unpack_from(">I4s", data, at)
        end = at + 12 + length
        if end > len(data):
            raise damaged(path, "truncated")
        (checksum,) = struct.unpack_from(">I", data, end - 4)
        if name[:1].isupper() and zlib.crc32(view[at + 4 : end - 4]) != checksum:
            raise damaged(path, "checksum")
        yield Chunk(name, view[at + 8 : end - 4], view[at:end])
        at = end


def decode(data: bytes, path: Path, max_pixels: int) -> Photo:
    """The photo in a PNG file, orientation not applied; of an animation its still picture."""
    if len(data) < 33 or data[12:16] != b"IHDR":
        raise damaged(path, "truncated" if len(data) < 33 else "header")
    width, height, depth, colour = struct.unpack_from(">IIBB", data, 16)
    check_size(width, height, max_pixels, path)
    # The decoders get only what makes the pixels: nothing else can make them fail, or write
    # warnings to the terminal.
    plain: list[bytes | memoryview] = [_SIGNATURE]
    found: dict[bytes, bytes] = {}
    for chunk in chunks(data, path):
        if chunk.name in _PIXEL_CHUNKS:
            plain.append(chunk.whole)
        if chunk.name in (b"tRNS", b"iCCP", b"eXIf", b"pHYs", b"acTL"):
            found.setdefault(chunk.name, bytes(chunk.content))
        elif chunk.name == b"iTXt" and bytes(chunk.content[:18]) == _XMP + b"\0":
            found.setdefault(b"xmp", bytes(chunk.content[18:]))
        elif chunk.name in (b"zTXt", b"tEXt") and bytes(chunk.content[: len(_IPTC)]) == _IPTC:
            found.setdefault(b"iptc " + chunk.name, bytes(chunk.content[len(_IPTC) - 1 :]))
    if colour == _PALETTE or depth < 8:
        from PIL.PngImagePlugin import PngImageFile

        photo = photo_of(PngImageFile(io.BytesIO(b"".join(plain))), path)
        pixels, alpha, grey = photo.pixels, photo.alpha, photo.grey
    else:
        pixels, alpha = _pixels(b"".join(plain), found.get(b"tRNS"), path)
        grey = colour in (_GREY, _GREY_ALPHA)
    return Photo(
        pixels,
        alpha,
        icc=_profile(found.get(b"iCCP", b"")),
        exif=found.get(b"eXIf", b"").removeprefix(b"Exif\0\0") or None,
        xmp=_packet(found.get(b"xmp", b"")),
        iptc=_record(found),
        grey=grey,
        dpi=_dpi(found.get(b"pHYs", b"")),
        origin=Origin(_MODELS.get(colour, "RGB"), depth),
        notes=("Only the first of the file's pictures was read.",) if b"acTL" in found else (),
    )


def _pixels(data: bytes, key: bytes | None, path: Path) -> tuple[Pixels, Pixels | None]:
    """Pixels (H, W, 3) and alpha of a file with 8 or 16 bits per channel, without a palette.

    ``key`` is the content of a tRNS chunk: the one colour that is transparent. OpenCV makes an
    alpha channel of it where the file is RGB, but not where it is grey.
    """
    # Plain RGB comes as RGB, which saves a copy; of anything else there is no such way.
    plain = data[25] == _TRUE and key is None
    flags = cv2.IMREAD_COLOR_RGB | cv2.IMREAD_ANYDEPTH if plain else cv2.IMREAD_UNCHANGED
    values = cv2.imdecode(np.frombuffer(data, np.uint8), flags)
    if values is None:
        raise damaged(path, "pixels")
    values = as_pixels(values)
    if plain:
        return values, None
    if values.ndim == 2:
        most = np.iinfo(values.dtype).max
        alpha = None
        if key is not None and len(key) >= 2:
            (clear,) = struct.unpack_from(">H", key)
            alpha = as_pixels(np.where(values == clear, 0, most).astype(values.dtype))
        return grey_pixels(values), alpha
    return as_pixels(cv2.cvtColor(values, cv2.COLOR_BGRA2RGB)), values[:, :, 3].copy()


def _inflated(data: bytes) -> bytes | None:
    opener = zlib.decompressobj()
    try:
        out = opener.decompress(data, _MOST_METADATA)
    except zlib.error:
        return None
    return out if opener.eof else None


def _profile(content: bytes) -> bytes | None:
    _, _, packed = content.partition(b"\0")
    return _inflated(packed[1:]) or None if packed else None


def _packet(content: bytes) -> bytes | None:
    """The text of an iTXt chunk behind its keyword: flag, method, language, keyword, text."""
    parts = content[2:].split(b"\0", 2)
    if len(parts) < 3:
        return None
    return (_inflated(parts[2]) if content[0] else parts[2]) or None


def _record(found: dict[bytes, bytes]) -> bytes | None:
    packed, plain = found.get(b"iptc zTXt"), found.get(b"iptc tEXt")
    if packed is not None:
        return iptc.from_png(packed, packed=True)
    return None if plain is None else iptc.from_png(plain, packed=False)


def _dpi(content: bytes) -> tuple[float, float] | None:
    if len(content) != 9 or content[8] != 1:
        return None
    x, y = struct.unpack_from(">II", content)
    return (x * _INCH, y * _INCH) if x and y else None


def encode(photo: Photo) -> list[bytes]:
    """The parts of a PNG file, in order; see `write`."""
    out = io.BytesIO()
    write(photo, out, Progress())
    return [out.getvalue()]


def write(photo: Photo, stream: BinaryIO, progress: Progress) -> None:
    """Write a PNG file: grey, RGB or RGBA at the photo's own depth. A few strips at a time are in
    memory beside the photo. Raises `Cancelled`.

    A grey photo with alpha becomes RGBA, which loses nothing.
    """
    height, width = photo.shape
    colour = (
        _GREY
        if photo.grey and photo.alpha is None
        else _TRUE
        if photo.alpha is None
        else _TRUE_ALPHA
    )
    header = struct.pack(">IIBBBBB", width, height, photo.bits, colour, 0, 0, 0)
    stream.write(_SIGNATURE + _chunk(b"IHDR", header))
    for chunk in _metadata(photo):
        stream.write(chunk)
    stream.write(_chunk(b"IDAT", b"\x78\x01"))  # zlib's header (RFC 1950, section 2.2)
    rows = _rows(photo)
    checksum = 1
    for strip in in_order(lambda top: _strip(photo, top, top + rows), range(0, height, rows)):
        progress.check()
        stream.write(_chunk(b"IDAT", strip.packed))
        checksum = joined(checksum, strip.checksum, strip.size)
    # An empty last block, and the checksum.
    stream.write(_chunk(b"IDAT", b"\x03\0" + struct.pack(">I", checksum)))
    stream.write(_chunk(b"IEND", b""))


def joined(checksum: int, more: int, size: int) -> int:
    """The Adler-32 checksum of two strings, from that of each and the ``size`` of the second.

    Source: RFC 1950, section 8.2 (the sums that it is made of).
    """
    low = (checksum & 0xFFFF) - 1
    high = (checksum >> 16) + (more >> 16) + size * low
    return high % _ADLER << 16 | (low + (more & 0xFFFF)) % _ADLER


def estimate(photo: Photo) -> int:
    """About how many bytes the pixels will take, from a few strips of them."""
    rows = _rows(photo)
    tops = range(0, photo.shape[0], rows)
    some = tops[:: max(1, len(tops) // _SAMPLED)]
    packed = sum(len(_strip(photo, top, top + rows).packed) for top in some)
    return packed * len(tops) // len(some)


@dataclass(frozen=True, slots=True)
class _Strip:
    """Rows as they are ``packed``; the ``size`` and Adler-32 ``checksum`` of what they were."""

    packed: bytes
    size: int
    checksum: int


def _rows(photo: Photo) -> int:
    return max(1, _STRIP_BYTES // int(photo.pixels[0].nbytes))


def _strip(photo: Photo, top: int, bottom: int) -> _Strip:
    first = max(top - 1, 0)
    values = photo.pixels[first:bottom]
    if photo.alpha is not None:
        values = np.concatenate([values, photo.alpha[first:bottom, :, np.newaxis]], axis=2)
    elif photo.grey:
        values = values[:, :, :1]
    step = values.shape[2] * values.dtype.itemsize
    big = np.ascontiguousarray(values, values.dtype.newbyteorder(">"))
    coded = big.view(np.uint8).reshape(len(values), -1)
    lines = coded[top - first :]
    out = np.empty((len(lines), 1 + lines.shape[1]), np.uint8)
    # Measured on photos of 15 to 35 MP: level 1 over rows minus the row above packs as well as
    # zlib's level 6 with Pillow's choice of filters, five times as fast. 16-bit noise does not
    # pack: there run lengths of differences to the pixel on the left save another third.
    if photo.bits == 8:
        out[:, 0] = UP
        out[0, 1:] = lines[0] - coded[0] if first < top else lines[0]
        np.subtract(lines[1:], lines[:-1], out=out[1:, 1:])
    else:
        out[:, 0] = SUB
        out[:, 1 : 1 + step] = lines[:, :step]
        np.subtract(lines[:, step:], lines[:, :-step], out=out[:, 1 + step :])
    strategy = zlib.Z_DEFAULT_STRATEGY if photo.bits == 8 else zlib.Z_RLE
    packer = zlib.compressobj(1, zlib.DEFLATED, -15, strategy=strategy)
    packed = packer.compress(out.data) + packer.flush(zlib.Z_FULL_FLUSH)
    return _Strip(packed, out.size, zlib.adler32(out.data))


def _metadata(photo: Photo) -> Iterator[bytes]:
    if photo.icc is not None:
        yield _chunk(b"iCCP", b"ICC profile\0\0" + zlib.compress(photo.icc))
    if photo.dpi is not None:
        x, y = (round(value / _INCH) for value in photo.dpi)
        yield _chunk(b"pHYs", struct.pack(">IIB", x, y, 1))
    if photo.exif is not None:
        yield _chunk(b"eXIf", photo.exif)
    if photo.xmp is not None:
        yield _chunk(b"iTXt", _XMP + bytes(5) + photo.xmp)
    if photo.iptc is not None:
        yield _chunk(b"zTXt", iptc.for_png(photo.iptc))


def _chunk(name: bytes, content: bytes) -> bytes:
    checksum = zlib.crc32(content, zlib.crc32(name))
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", checksum)
