"""Reading TIFF files, with the one of three libraries that does it right.

tifffile for plain and Deflate files of 8 and 16 bits; it needs a second package for LZW, which
OpenCV's libtiff has for 16 bits, but that mixes up separate colour planes. Pillow for all else of
8 bits: palettes, CMYK, LZW, JPEG; it would read 16-bit RGB as 8-bit without a word.
"""

from __future__ import annotations

import io
import logging
import struct
from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from inpaint_core.contract import Pixels
from inpaint_core.errors import PhotoUnsupported
from inpaint_core.imaging import exif
from inpaint_core.imaging.photo import Photo, as_pixels, grey_pixels
from inpaint_core.imaging.pillow import photo_of
from inpaint_core.imaging.source import check_size, damaged, raw_photo

_WHITE_IS_ZERO, _BLACK_IS_ZERO, _RGB = 0, 1, 2
_PLAIN = frozenset({_WHITE_IS_ZERO, _BLACK_IS_ZERO, _RGB})
_KINDS = {5: "CMYK", 6: "YCbCr", 8: "CIELAB", 9: "ICCLAB", 32844: "LogL", 32845: "LogLuv"}
_RAW = frozenset({32803, 34892})
_DNG_VERSION = 50706
_XMP, _ICC, _ORIENTATION = 700, 34675, 274
_TIFFFILE_DECODES = frozenset({1, 8, 32946})  # none and the two numbers of Deflate


def decode(data: bytes, path: Path, max_pixels: int) -> tuple[Photo, int]:
    """The photo on the first page of a TIFF file, and the orientation to be applied.

    Raises `PhotoUnsupported` for what is no photo of 8 or 16 bits (Lab, floating point, a
    camera's raw file).
    """
    import tifffile

    # Without a handler of its own tifffile's complaints would go to the terminal.
    logging.getLogger("tifffile").addHandler(logging.NullHandler())
    with tifffile.TiffFile(io.BytesIO(data)) as file:
        page: Any = file.pages[0]
        check_size(page.imagewidth, page.imagelength, max_pixels, path)
        if page.photometric in _RAW or _DNG_VERSION in page.tags or page.subfiletype & 1:
            raise raw_photo(path)
        ends = [at + size for at, size in zip(page.dataoffsets, page.databytecounts, strict=True)]
        if not ends or max(ends) > len(data):
            raise damaged(path, "truncated")
        plain = page.photometric in _PLAIN and page.compression in _TIFFFILE_DECODES
        if page.bitspersample == 16 or (page.bitspersample == 8 and plain):
            photo = _plain(page, data, path)
        else:
            photo = _shallow(page, data, path)
        tags = page.tags
        notes = photo.notes
        next_page: Any = file.pages[1] if len(file.pages) > 1 else None
        if next_page is not None and not next_page.subfiletype & 1:
            notes += ("Only the first of the file's pages was read.",)
        photo = replace(
            photo,
            icc=None if page.photometric == 5 else _bytes(tags.get(_ICC)),
            xmp=_bytes(tags.get(_XMP)),
            exif=exif.from_tiff(data),
            dpi=_dpi(page),
            notes=notes,
        )
        return photo, _turn(page)


def _shallow(page: Any, data: bytes, path: Path) -> Photo:
    from PIL.TiffImagePlugin import TiffImageFile

    if page.bitspersample > 8 or page.photometric in (8, 9, 32844, 32845):
        raise _unsupported(page, path)
    if _turn(page) != 1:
        # Pillow applies the orientation of a TIFF, and only of a TIFF, on its own.
        patched = bytearray(data)
        tag = page.tags[_ORIENTATION]
        struct.pack_into(page.parent.byteorder + "H", patched, tag.valueoffset, 1)
        data = bytes(patched)
    return photo_of(TiffImageFile(io.BytesIO(data)), path)


def _turn(page: Any) -> int:
    turn = page.tags.valueof(_ORIENTATION, 1)
    return turn if turn in range(1, 9) else 1


def _plain(page: Any, data: bytes, path: Path) -> Photo:
    extra = [int(kind) for kind in page.extrasamples]
    colours = page.samplesperpixel - len(extra)
    grey = page.photometric in (_WHITE_IS_ZERO, _BLACK_IS_ZERO)
    if (
        page.sampleformat != 1
        or page.photometric not in _PLAIN
        or colours != (1 if grey else 3)
        or page.imagedepth != 1
    ):
        raise _unsupported(page, path)
    values = _values(page, data, path)
    if grey:
        shade = values[:, :, 0]
        pixels = grey_pixels(~shade if page.photometric == _WHITE_IS_ZERO else shade)
    else:
        pixels = as_pixels(np.ascontiguousarray(values[:, :, :3]))
    alpha = None
    if extra and extra[0] in (1, 2):
        alpha = values[:, :, colours].copy()
        if extra[0] == 1:
            pixels = _unmultiplied(pixels, alpha)
    return Photo(pixels, alpha, grey=grey)


def _values(page: Any, data: bytes, path: Path) -> Pixels:
    """All samples, (H, W, samples), 8 or 16 bits."""
    shape = (page.imagelength, page.imagewidth, page.samplesperpixel)
    separate = page.planarconfig == 2 and page.samplesperpixel > 1
    if page.compression in _TIFFFILE_DECODES:
        values = page.asarray().reshape((shape[2], *shape[:2]) if separate else shape)
        return as_pixels(np.moveaxis(values, 0, 2) if separate else values)
    if separate:
        raise _unsupported(page, path)
    flags = cv2.IMREAD_UNCHANGED | cv2.IMREAD_IGNORE_ORIENTATION
    coded = cv2.imdecode(np.frombuffer(data, np.uint8), flags)
    if coded is None or coded.dtype != np.uint16:
        raise damaged(path, "pixels")
    coded = coded.reshape(*coded.shape[:2], -1)
    if coded.shape != shape:
        raise _unsupported(page, path)
    if shape[2] >= 3:
        code = cv2.COLOR_BGR2RGB if shape[2] == 3 else cv2.COLOR_BGRA2RGBA
        coded = cv2.cvtColor(coded, code, dst=coded)
    return as_pixels(coded)


def _unmultiplied(pixels: Pixels, alpha: Pixels) -> Pixels:
    """Colours that were stored multiplied by their alpha; those of alpha 0 are lost (0)."""
    most = float(np.iinfo(alpha.dtype).max)
    scale = np.divide(most, alpha, out=np.zeros(alpha.shape), where=alpha > 0)
    full = np.clip(np.rint(pixels * scale[:, :, np.newaxis]), 0, most)
    return as_pixels(full.astype(pixels.dtype))


def _unsupported(page: Any, path: Path) -> PhotoUnsupported:
    number = {1: "", 2: "signed ", 3: "floating point "}.get(int(page.sampleformat), "")
    kind = _KINDS.get(int(page.photometric), f"{page.samplesperpixel}-channel")
    return PhotoUnsupported(
        f"“{path}” is a {kind} TIFF with {page.bitspersample} {number}bits per channel"
        f" ({page.compression.name.lower()}), which cannot be read.",
        "Convert it to RGB with 8 or 16 bits per channel first.",
    )


def _bytes(tag: Any) -> bytes | None:
    if tag is None:
        return None
    value = tag.value
    return value.encode() if isinstance(value, str) else bytes(value) or None


def _dpi(page: Any) -> tuple[float, float] | None:
    unit = page.tags.valueof("ResolutionUnit", 2)
    if unit not in (2, 3) or "XResolution" not in page.tags or "YResolution" not in page.tags:
        return None
    (x, x_by), (y, y_by) = page.tags["XResolution"].value, page.tags["YResolution"].value
    if not (x and y and x_by and y_by):
        return None
    scale = 2.54 if unit == 3 else 1.0
    return x / x_by * scale, y / y_by * scale
