"""Reading PNG files. OpenCV decodes the pixels: Pillow has no 16-bit RGB.

Source: PNG specification, third edition, sections 5 (chunks) and 11 (iCCP, iTXt, pHYs, eXIf).
"""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np

from inpaint_core.contract.arrays import Pixels
from inpaint_core.contract.message import Message
from inpaint_core.photo.formats.decode_guard import (
    INFLATION,
    check_capacity,
    check_size,
    damaged_photo,
)
from inpaint_core.photo.formats.pillow.pillow_image import convert_image
from inpaint_core.photo.formats.png.png_blocks import read_chunks
from inpaint_core.photo.metadata import exif
from inpaint_core.photo.photo import (
    Block,
    Origin,
    Photo,
    as_pixels,
    grey_pixels,
    note_unread_blocks,
)

SIGNATURE = b"\x89PNG\r\n\x1a\n"
_MOST_CHUNKS = 1000  # beside those of the pixels, as in libpng
_PIXEL_CHUNKS = frozenset({b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND"})
GREY, TRUE, _PALETTE, _GREY_ALPHA, TRUE_ALPHA = 0, 2, 3, 4, 6
"""Colour types (section 11.1.2)."""
INCH = 0.0254
"""In metres: the resolution counts pixels per metre."""
_SAMPLES = {GREY: 1, TRUE: 3, _PALETTE: 1, _GREY_ALPHA: 2, TRUE_ALPHA: 4}
_MODELS = {GREY: "grey", _GREY_ALPHA: "grey", _PALETTE: "palette"}


def _iter_chunks(data: bytes, path: Path) -> Iterator[tuple[bytes, memoryview, memoryview]]:
    """Every chunk up to IEND: its name, its content, and the whole with length and checksum. Raises
    `PhotoDamaged` for one that is cut off, or for a wrong checksum of one that the pixels need.
    """
    view = memoryview(data)
    at, name = len(SIGNATURE), b""
    while name != b"IEND":
        length, name = struct.unpack(">I4s", data[at : at + 8].ljust(8, b"\xff"))
        end = at + 12 + length
        if end > len(data):
            raise damaged_photo(path, is_cut_off=True)
        (checksum,) = struct.unpack_from(">I", data, end - 4)
        if name[:1].isupper() and zlib.crc32(view[at + 4 : end - 4]) != checksum:
            raise damaged_photo(path)
        yield name, view[at + 8 : end - 4], view[at:end]
        at = end


def decode_png(data: bytes, path: Path, max_pixels: int) -> tuple[Photo, int]:
    """The photo in a PNG file, of an animation the still picture, and the EXIF orientation to be
    applied.
    """
    if len(data) < 33 or data[12:16] != b"IHDR":
        raise damaged_photo(path, is_cut_off=len(data) < 33)
    width, height, depth, colour = struct.unpack_from(">IIBB", data, 16)
    check_size(width, height, max_pixels, path)
    bits = max(depth * _SAMPLES.get(colour, 1), 1)
    check_capacity(width, height, INFLATION * len(data) * 8 / bits, path)
    # The decoders get only the chunks of the pixels, so that nothing else can make them fail or
    # write warnings to the terminal.
    plain: list[bytes | memoryview] = [SIGNATURE]
    chunks: dict[bytes, bytes] = {}
    others: list[tuple[bytes, bytes, bool]] = []
    surplus: dict[str, None] = {}
    for name, content, whole in _iter_chunks(data, path):
        if name in _PIXEL_CHUNKS:
            plain.append(whole)
        if name in (b"IDAT", b"tRNS", b"PLTE", b"acTL"):
            chunks.setdefault(name, b"" if name == b"IDAT" else bytes(content))
        elif name[:1].islower() and name != b"fdAT":
            if len(others) < _MOST_CHUNKS:
                others.append((name, bytes(content), b"IDAT" in chunks))
            else:
                surplus[name.decode("latin-1")] = None
    found = read_chunks(others, colour, depth, chunks.get(b"PLTE", b""))
    if colour == _PALETTE or depth < 8:
        from PIL.PngImagePlugin import PngImageFile

        photo = convert_image(PngImageFile(io.BytesIO(b"".join(plain))), path)
        pixels, alpha, grey = photo.pixels, photo.alpha, photo.is_grey
    else:
        pixels, alpha = _decode_pixels(b"".join(plain), chunks.get(b"tRNS"), path)
        grey = colour in (GREY, _GREY_ALPHA)
    icc, source = found.profile(grey)
    notes = (Message("photo.first_picture"),) if b"acTL" in chunks else ()
    unread = note_unread_blocks(Block("chunk", name, b"") for name in surplus)
    photo = Photo(
        pixels,
        alpha,
        icc=icc,
        exif=found.exif,
        xmp=found.xmp,
        iptc=found.iptc,
        is_grey=grey,
        dpi=_read_dpi(found.chunks.get(b"pHYs", b"")),
        origin=Origin(
            _MODELS.get(colour, "RGB"), depth, profile_from=source if icc else "", is_lossless=True
        ),
        notes=notes + unread + found.all_notes(),
        blocks=tuple(found.blocks),
    )
    return photo, exif.read_orientation(found.exif)


def _decode_pixels(data: bytes, key: bytes | None, path: Path) -> tuple[Pixels, Pixels | None]:
    """Pixels (H, W, 3) and alpha of a file with 8 or 16 bits per channel, without a palette.

    ``key`` is the content of a tRNS chunk: the one transparent colour. OpenCV makes an alpha
    channel of it in an RGB file, but not in a grey one.
    """
    # Plain RGB can be decoded as RGB, which saves a copy.
    plain = data[25] == TRUE and key is None
    flags = cv2.IMREAD_COLOR_RGB | cv2.IMREAD_ANYDEPTH if plain else cv2.IMREAD_UNCHANGED
    values = cv2.imdecode(np.frombuffer(data, np.uint8), flags)
    if values is None:
        raise damaged_photo(path)
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


def _read_dpi(content: bytes) -> tuple[float, float] | None:
    if len(content) != 9 or content[8] != 1:
        return None
    x, y = struct.unpack_from(">II", content)
    return (x * INCH, y * INCH) if x and y else None
