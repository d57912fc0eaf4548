"""From a file to a photo or a mask."""

from __future__ import annotations

import io
import struct
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from inpaint_core.photo import mask_picture as mask
from inpaint_core.photo.formats.jpeg import jpeg
from inpaint_core.photo.formats.pillow_image import photo_of
from inpaint_core.photo.formats.png import png
from inpaint_core.photo.formats.source_bytes import (
    MAX_PIXELS,
    check_size,
    damaged,
    decoding,
    kind_of,
    read_bytes,
)
from inpaint_core.photo.metadata import exif, xmp
from inpaint_core.photo.orientation import upright
from inpaint_core.photo.photo import Photo

_DENSEST = 30_000  # dots per inch that a scanner may have


def read_photo(path: Path, max_pixels: int = MAX_PIXELS) -> Photo:
    """The photo in a file, turned upright, at the file's own depth.

    What is read, and what becomes of it, stands in docs/files.md. The bytes decide, not the name
    (but a camera's raw file is known by its name too); of several pictures the first is read.
    Raises `FileUnreadable`, `PhotoDamaged`, `PhotoUnsupported`, `PhotoTooLarge` (more than
    ``max_pixels``, seen in the header before memory is taken) or `OutOfMemory`.
    """
    return decode(read_bytes(path, max_pixels), path, max_pixels)


def read_mask(
    path: Path, shape: tuple[int, ...], max_pixels: int = MAX_PIXELS
) -> NDArray[np.uint8]:
    """The mask in a picture of the photo's ``shape`` (H, W, ...): (H, W) uint8, 0 keep .. 255.

    See `mask_picture.strengths` for what counts as bright. Raises what `read_photo`
    raises, and `BadRequest` when the size is another one.
    """
    found = mask.strengths(read_photo(path, max_pixels))
    mask.check_shape(found, shape, str(path))
    return found


def decode(data: bytes, path: Path, max_pixels: int = MAX_PIXELS) -> Photo:
    """The photo in the bytes of a file; ``path`` is where they are from. See `read_photo`."""
    kind = kind_of(data, path)
    with decoding(path):
        photo, turn = _decoded(kind, data, path, max_pixels)
        return _upright(replace(photo, format=photo.format or kind, path=path), turn)


def _decoded(kind: str, data: bytes, path: Path, max_pixels: int) -> tuple[Photo, int]:
    """The photo as it lies in the file, and the orientation that is to be applied.

    Libraries that only one format needs are imported when one comes.
    """
    if kind == "TIFF":
        from inpaint_core.photo.formats.tiff import tiff

        return tiff.decode(data, path, max_pixels)
    if kind in ("HEIF", "AVIF"):
        from inpaint_core.photo.formats import heif

        return heif.decode(data, path, max_pixels)
    if kind == "RAW":
        from inpaint_core.photo.formats import raw

        return raw.decode(data, path, max_pixels), 1
    if kind == "JXL":
        from inpaint_core.photo.formats import jxl

        photo = jxl.decode(data, path, max_pixels)
        # The decoder turns the picture, except where it gives back a packed JPEG.
        return photo, 1 if photo.jpeg is None else exif.orientation(photo.exif)
    read = {"JPEG": jpeg.decode, "PNG": png.decode}.get(kind, _decode_other)
    photo = read(data, path, max_pixels)
    return photo, exif.orientation(photo.exif)


def _decode_other(data: bytes, path: Path, max_pixels: int) -> Photo:
    """WebP, BMP and GIF, through the one plug-in of Pillow that is needed."""
    from PIL.ImageFile import ImageFile

    opener: type[ImageFile]
    if data.startswith(b"RIFF"):
        from PIL.WebPImagePlugin import WebPImageFile as opener

        check_size(*_webp_size(data, path), max_pixels, path)
    elif data.startswith(b"BM"):
        from PIL.BmpImagePlugin import BmpImageFile as opener
    else:
        from PIL.GifImagePlugin import GifImageFile as opener

    image = opener(io.BytesIO(data))
    check_size(*image.size, max_pixels, path)
    photo = photo_of(image, path)
    if getattr(image, "is_animated", False):
        note = "Only the first of the file's pictures was read."
        photo = replace(photo, notes=(*photo.notes, note))
    return photo


def _webp_size(data: bytes, path: Path) -> tuple[int, int]:
    """(width, height) of a WebP: Pillow takes the memory for its canvas on opening already.

    Source: RFC 9649, sections 2.5 to 2.7, and RFC 6386, section 9.1.
    """
    if len(data) < 30:
        raise damaged(path, "truncated")
    name = data[12:16]
    if name == b"VP8X":
        wide, high = data[24:27] + b"\0", data[27:30] + b"\0"
        return 1 + struct.unpack("<I", wide)[0], 1 + struct.unpack("<I", high)[0]
    if name == b"VP8L":
        (packed,) = struct.unpack_from("<I", data, 21)
        return 1 + (packed & 0x3FFF), 1 + (packed >> 14 & 0x3FFF)
    if name == b"VP8 ":
        width, height = struct.unpack_from("<HH", data, 26)
        return width & 0x3FFF, height & 0x3FFF
    raise damaged(path, "first chunk")


def _upright(photo: Photo, turn: int) -> Photo:
    """The photo with orientation ``turn`` applied, and its metadata saying so."""
    pixels = upright(photo.pixels, turn)
    alpha = None if photo.alpha is None else upright(photo.alpha, turn)
    size = (pixels.shape[1], pixels.shape[0])
    dpi = photo.dpi
    if dpi is not None and not all(1 <= value <= _DENSEST for value in dpi):
        dpi = None  # damaged, or made up
    if turn >= 5 and dpi is not None:
        dpi = (dpi[1], dpi[0])
    return replace(
        photo,
        pixels=pixels,
        alpha=alpha,
        exif=None if photo.exif is None else exif.uprighted(photo.exif, size),
        xmp=None if photo.xmp is None else xmp.uprighted(photo.xmp),
        dpi=dpi,
        jpeg=None if photo.jpeg is None else jpeg.turned(photo.jpeg, turn, size),
        origin=replace(photo.origin, turn=max(turn, photo.origin.turn)),
    )
