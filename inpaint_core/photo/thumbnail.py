"""A small picture of a photo file, in screen colours."""

from __future__ import annotations

import io
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np

from inpaint_core.photo.colour import conversion as colour
from inpaint_core.photo.formats.source_bytes import MAX_PIXELS, kind_of, read_bytes
from inpaint_core.photo.mask_picture import eight_bits
from inpaint_core.photo.photo import Photo, as_pixels
from inpaint_core.photo.read_photo import decode

# Of the scales that libjpeg decodes at, with the flag of each: the smaller, the quicker.
_REDUCED = (
    (8, cv2.IMREAD_REDUCED_COLOR_8),
    (4, cv2.IMREAD_REDUCED_COLOR_4),
    (2, cv2.IMREAD_REDUCED_COLOR_2),
)


_EMBEDDED = 160


def thumbnail(path: Path, side: int, max_pixels: int = MAX_PIXELS) -> Photo:
    """The photo at 8 bits in sRGB, upright, its longer side at most ``side`` pixels, no metadata.

    A JPEG is decoded small, which takes a tenth of the time of the whole. Transparent parts keep
    their alpha. Raises what `inpaint_core.photo.read_photo.read_photo` raises.
    """
    data = read_bytes(path, max_pixels)
    photo = _small_jpeg(data, side) if kind_of(data, path) == "JPEG" else None
    if photo is None:
        photo = decode(data, path, max_pixels)
    height, width = photo.shape
    scale = min(1.0, side / max(height, width))
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    pixels = cv2.resize(eight_bits(photo.pixels), size, interpolation=cv2.INTER_AREA)
    alpha = None
    if photo.alpha is not None:
        alpha = cv2.resize(eight_bits(photo.alpha), size, interpolation=cv2.INTER_AREA)
    small = Photo(
        as_pixels(pixels), None if alpha is None else as_pixels(alpha), photo.icc, grey=photo.grey
    )
    with suppress(ValueError):  # an unreadable profile: the screen shows such numbers as sRGB too
        small = colour.to_srgb(small)
    return replace(small, icc=None, grey=False)


def embedded(photo: Photo) -> bytes:
    """A JPEG of at most 160 pixels a side of what the photo shows now, for its EXIF data."""
    height, width = photo.shape
    scale = min(1.0, _EMBEDDED / max(height, width))
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    small = cv2.resize(photo.pixels, size, interpolation=cv2.INTER_AREA)
    values = cv2.cvtColor(eight_bits(as_pixels(small)), cv2.COLOR_RGB2BGR)
    _, coded = cv2.imencode(".jpg", values, [cv2.IMWRITE_JPEG_QUALITY, 80])
    return coded.tobytes()


def _small_jpeg(data: bytes, side: int) -> Photo | None:
    """The JPEG decoded at a fraction of its size, upright; None where that is not possible."""
    from PIL.JpegImagePlugin import JpegImageFile

    try:
        header = JpegImageFile(io.BytesIO(data))
    except (OSError, SyntaxError, ValueError):
        return None  # the ordinary way says what is wrong with it
    if header.mode not in ("L", "RGB"):
        return None
    flag = next((flag for scale, flag in _REDUCED if max(header.size) >= side * scale), None)
    if flag is None:
        return None
    # With these flags OpenCV turns the picture upright itself.
    found = cv2.imdecode(np.frombuffer(data, np.uint8), flag)
    if found is None:
        return None
    icc = header.info.get("icc_profile")
    pixels = as_pixels(cv2.cvtColor(as_pixels(found), cv2.COLOR_BGR2RGB))
    return Photo(pixels, icc=icc or None, grey=header.mode == "L")
