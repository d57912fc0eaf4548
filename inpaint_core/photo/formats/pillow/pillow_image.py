"""From a file or an image that Pillow opens, of any mode, to a photo, and back to BMP and WebP."""

from __future__ import annotations

import importlib
import io
import math
import struct
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from inpaint_core.contract.errors import CannotWrite, PhotoUnsupported
from inpaint_core.contract.message import Message
from inpaint_core.photo.colour.conversion import transform_image
from inpaint_core.photo.formats.decode_guard import (
    LZW_INFLATION,
    check_capacity,
    check_size,
    damaged_photo,
)
from inpaint_core.photo.formats.format import DEFAULT_QUALITY, Encoded
from inpaint_core.photo.formats.pillow.webp_chunks import append_pieces, read_pieces
from inpaint_core.photo.metadata import exif
from inpaint_core.photo.metadata.block_contents import mentions_place_or_serial
from inpaint_core.photo.photo import Block, Origin, Photo, split_channels

if TYPE_CHECKING:
    from PIL.Image import Image

_EMBEDDED = b"DEBM"  # "MBED", a number in Intel's order: BITMAPV5HEADER's kinds of colour spaces
_LONGEST_WEBP, _LOSSLESS_WEBP = 16383, 100
_MODELS = {
    **dict.fromkeys(("1", "L", "La", "LA"), "grey"),
    **dict.fromkeys(("P", "PA"), "palette"),
    **{"CMYK": "CMYK", "YCbCr": "YCbCr"},
}


def decode_image(plugin: str, data: bytes, path: Path, max_pixels: int) -> tuple[Photo, int]:
    """The first picture of a file of Pillow's ``plugin`` ("Bmp", "Gif", "WebP"), and the EXIF
    orientation to be applied. Raises `PhotoTooLarge` before memory is taken, and as
    `convert_image`.
    """
    image = _open(plugin, data)
    check_size(*image.size, max_pixels, path)
    check_capacity(*image.size, _estimate_capacity(plugin, data), path)
    photo = convert_image(image, path)
    is_lossless = plugin != "WebP" or _is_lossless_webp(data)
    photo = replace(photo, origin=replace(photo.origin, is_lossless=is_lossless))
    if getattr(image, "is_animated", False):
        photo = replace(photo, notes=(*photo.notes, Message("photo.first_picture")))
    return photo, exif.read_orientation(photo.exif)


def _open(plugin: str, data: bytes) -> Image:
    opener = getattr(importlib.import_module(f"PIL.{plugin}ImagePlugin"), f"{plugin}ImageFile")
    image: Image = opener(io.BytesIO(data))
    return image


def _estimate_capacity(plugin: str, data: bytes) -> float:
    """The most pixels that a file of so many bytes can hold.

    A run in a BMP is at most 255 pixels in 2 bytes. A macroblock of 256 pixels in a lossy WebP
    takes at least 3.4 bits: the modes' fixed probabilities of RFC 6386, section 11.2. A lossless
    WebP of one colour takes the same few bytes at any size.
    """
    if plugin == "Gif":
        return LZW_INFLATION * len(data)
    if plugin == "Bmp" and len(data) >= 34:
        is_old = data[14:18] == b"\x0c\0\0\0"  # BITMAPCOREHEADER, never compressed
        (bits,) = struct.unpack_from("<H", data, 24 if is_old else 28)
        is_packed = not is_old and data[30:34] in (b"\1\0\0\0", b"\2\0\0\0")
        return len(data) * (128 if is_packed else 8 / max(bits, 1))
    return 1024 * len(data) if data[12:16] == b"VP8 " else math.inf


def decode_webp(data: bytes, path: Path, max_pixels: int) -> tuple[Photo, int]:
    """As `decode_image`, of a WebP file."""
    # Pillow takes the memory for its canvas on opening already.
    width, height = _read_webp_size(data, path)
    check_size(width, height, max_pixels, path)
    check_capacity(width, height, _estimate_capacity("WebP", data), path)
    photo, orientation = decode_image("WebP", data, path, max_pixels)
    blocks, notes = read_pieces(data)
    return replace(photo, blocks=blocks, notes=photo.notes + notes), orientation


def decode_gif(data: bytes, path: Path, max_pixels: int) -> tuple[Photo, int]:
    """As `decode_image`, of a GIF file."""
    photo, orientation = decode_image("Gif", data, path, max_pixels)
    with _open("Gif", data) as image:
        comment = image.info.get("comment", b"")
    if comment:
        is_private = mentions_place_or_serial(comment)
        photo = replace(photo, blocks=(Block("comment", "comment", comment, "plain", is_private),))
    return photo, orientation


def decode_bmp(data: bytes, path: Path, max_pixels: int) -> tuple[Photo, int]:
    """As `decode_image`, of a BMP file, with the profile that its header points to."""
    photo, orientation = decode_image("Bmp", data, path, max_pixels)
    icc = None
    if len(data) >= 138 and data[14:18] == b"\x7c\0\0\0" and data[70:74] == _EMBEDDED:
        at, size = struct.unpack_from("<II", data, 126)
        icc = data[14 + at : 14 + at + size] or None
    return replace(photo, icc=icc), orientation


def _read_webp_size(data: bytes, path: Path) -> tuple[int, int]:
    """(width, height) in the header.

    Source: RFC 9649, sections 2.5 to 2.7, and RFC 6386, section 9.1.
    """
    if len(data) < 30:
        raise damaged_photo(path, is_cut_off=True)
    name = data[12:16]
    if name == b"VP8X":
        width, height = (int.from_bytes(data[at : at + 3], "little") for at in (24, 27))
        return 1 + width, 1 + height
    if name == b"VP8L":
        (packed,) = struct.unpack_from("<I", data, 21)
        return 1 + (packed & 0x3FFF), 1 + (packed >> 14 & 0x3FFF)
    if name == b"VP8 ":
        width, height = struct.unpack_from("<HH", data, 26)
        return width & 0x3FFF, height & 0x3FFF
    raise damaged_photo(path)


def _is_lossless_webp(data: bytes) -> bool:
    """Whether the first picture is coded without loss (RFC 9649, sections 2.7 and 3)."""
    at = 12
    while at + 8 <= len(data):
        name, size = struct.unpack_from("<4sI", data, at)
        if name in (b"VP8L", b"VP8 "):
            return bool(name == b"VP8L")
        # A frame of an animation begins with 16 bytes on it, and holds chunks of its own.
        at += 24 if name == b"ANMF" else 8 + size + size % 2
    return False


def encode_bmp(photo: Photo, quality: int | None, sampling: str) -> Encoded:
    """A BMP file of an 8-bit photo without alpha."""
    pixels = photo.pixels[:, :, 0] if photo.is_grey else photo.pixels
    return _encode(pixels, "Bmp", dpi=photo.dpi or (96, 96))


def encode_webp(photo: Photo, quality: int | None, sampling: str) -> Encoded:
    """A WebP file of an 8-bit photo, lossless at quality 100. Raises `CannotWrite`."""
    if max(photo.shape) > _LONGEST_WEBP:
        raise CannotWrite("photo.webp_too_large", longest=_LONGEST_WEBP)
    lossless = quality == _LOSSLESS_WEBP
    data, notes = _encode(
        photo.pixels if photo.alpha is None else np.dstack([photo.pixels, photo.alpha]),
        "WebP",
        lossless=lossless,
        # Lossless, these two are effort: measured, the least takes an eighth of the time of the
        # usual and makes the file 4 % larger.
        quality=0 if lossless else quality or DEFAULT_QUALITY,
        method=0 if lossless else 4,
        exact=True,  # keeps the colours under full transparency
        icc_profile=photo.icc or b"",
        exif=photo.exif or b"",
        xmp=photo.xmp or b"",
    )
    return append_pieces(data, (photo.shape[1], photo.shape[0]), photo.blocks), notes


def _encode(pixels: NDArray[Any], plugin: str, **options: Any) -> Encoded:
    from PIL import Image

    importlib.import_module(f"PIL.{plugin}ImagePlugin")  # registers the encoder
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, plugin.upper(), **options)
    return out.getvalue(), ()


def read_metadata(image: Image) -> tuple[bytes | None, bytes | None, bytes | None]:
    """Profile, EXIF data without its prefix, and XMP packet that Pillow found."""
    found = [image.info.get(name) for name in ("icc_profile", "exif", "xmp")]
    icc, block, xmp = (value if isinstance(value, bytes) else b"" for value in found)
    return icc or None, block.removeprefix(exif.PREFIX) or None, xmp or None


def convert_image(image: Image, path: Path) -> Photo:
    """Decode an opened image to a photo, its orientation not applied.

    CMYK becomes sRGB, see `convert_cmyk`. Raises `PhotoUnsupported` for Lab and floating point, and
    whatever Pillow raises over bad bytes.
    """
    notes: tuple[Message, ...] = ()
    icc, block, xmp = read_metadata(image)
    grey = image.mode in ("1", "L", "La", "LA")
    origin = Origin(_MODELS.get(image.mode, "RGB"), 1 if image.mode == "1" else 8)
    if image.mode == "CMYK":
        image, notes = convert_cmyk(image, icc)
        icc = None
    if "transparency" in image.info and image.mode in ("1", "L", "P", "RGB"):
        image = image.convert("RGBA")
    elif image.mode in ("La", "LA"):
        image = image.convert("LA").convert("RGBA")
    elif image.mode in ("RGBa", "PA"):
        image = image.convert("RGBA")
    elif image.mode in ("P", "RGBX", "YCbCr"):
        image = image.convert("RGB")
    elif image.mode == "1":
        image = image.convert("L")
    if image.mode not in ("L", "RGB", "RGBA"):
        raise PhotoUnsupported("photo.unsupported_pixels", path=path, kind=image.mode)
    pixels, alpha, _ = split_channels(np.array(image))
    return Photo(pixels, alpha, icc, block, xmp, is_grey=grey, notes=notes, origin=origin)


def convert_cmyk(image: Image, icc: bytes | None) -> tuple[Image, tuple[Message, ...]]:
    """A CMYK image as sRGB, and notes.

    Through its profile (relative colorimetric with black point compensation, as print programs do)
    if that is valid, else by the plain formula (1 - C)(1 - K).
    """
    if icc is not None:
        with suppress(ValueError):
            return transform_image(image, icc), (Message("photo.cmyk"),)
    return image.convert("RGB"), (Message("photo.cmyk_without_profile"),)
