"""TIFF files.

`planes` decodes the samples of 8 and 16 bits and of floating point; this file says what they mean.
Pillow decodes all else of 8 bits and less: palettes, CMYK, YCbCr, JPEG, bits. It would read 16-bit
RGB as 8-bit without a word.
"""

from __future__ import annotations

import io
import logging
import struct
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inpaint_core.contract.arrays import Pixels
from inpaint_core.contract.errors import PhotoUnsupported
from inpaint_core.photo.formats.pillow_image import from_cmyk, photo_of
from inpaint_core.photo.formats.source_bytes import check_size, damaged
from inpaint_core.photo.formats.tiff.tiff_samples import samples
from inpaint_core.photo.mask_picture import eight_bits
from inpaint_core.photo.metadata import exif
from inpaint_core.photo.photo import Origin, Photo, as_pixels, grey_pixels

_WHITE_IS_ZERO, _BLACK_IS_ZERO, _RGB, _CMYK, _CIELAB, _ICCLAB = 0, 1, 2, 5, 8, 9
_CHANNELS = {_WHITE_IS_ZERO: 1, _BLACK_IS_ZERO: 1, _RGB: 3, _CMYK: 4, _CIELAB: 3, _ICCLAB: 3}
_KINDS = {
    **dict.fromkeys((_WHITE_IS_ZERO, _BLACK_IS_ZERO), "grey"),
    **{_RGB: "RGB", 3: "palette", _CMYK: "CMYK", 6: "YCbCr", _CIELAB: "CIELAB"},
    **{_ICCLAB: "ICCLAB", 32844: "LogL", 32845: "LogLuv"},
}
_RAW = frozenset({32803, 34892})
_DNG_VERSION = 50706
_XMP, _ICC, _IPTC, _ORIENTATION = 700, 34675, 33723, 274
_UNSIGNED, _FLOAT = 1, 3


def decode(data: bytes, path: Path, max_pixels: int) -> tuple[Photo, int]:
    """The photo on the first page of a TIFF file, and the orientation to be applied.

    A camera's raw file that is a TIFF is developed. CIELAB becomes ROMM RGB of 16 bits, CMYK
    sRGB of 8; floating point and 32 bits become 16. Raises `PhotoUnsupported` for anything else
    that is no photo of 8 or 16 bits.
    """
    import tifffile

    # Without a handler of its own tifffile's complaints would go to the terminal.
    logging.getLogger("tifffile").addHandler(logging.NullHandler())
    # The stream is closed too: tifffile's pages hold each other, and would keep the file's bytes
    # in memory until the next collection of garbage.
    with io.BytesIO(data) as stream, tifffile.TiffFile(stream) as file:
        page: Any = file.pages[0]
        if page.photometric in _RAW or _DNG_VERSION in page.tags or page.subfiletype & 1:
            from inpaint_core.photo.formats import raw

            return replace(raw.decode(data, path, max_pixels), format="RAW"), 1
        check_size(page.imagewidth, page.imagelength, max_pixels, path)
        ends = [at + size for at, size in zip(page.dataoffsets, page.databytecounts, strict=True)]
        if not ends or max(ends) > len(data):
            raise damaged(path, "truncated")
        photo = _deep(page, data, path)
        if photo is None:
            photo = _shallow(page, data, path)
        tags = page.tags
        notes = photo.notes
        next_page: Any = file.pages[1] if len(file.pages) > 1 else None
        if next_page is not None and not next_page.subfiletype & 1:
            notes += ("Only the first of the file's pages was read.",)
        own = page.photometric in (_CMYK, _CIELAB, _ICCLAB)
        photo = replace(
            photo,
            icc=photo.icc if own else _bytes(tags.get(_ICC)),
            xmp=_bytes(tags.get(_XMP)),
            iptc=_raw_bytes(tags.get(_IPTC), data),
            exif=exif.from_tiff(data),
            dpi=_dpi(page),
            notes=notes,
            origin=Origin(
                _KINDS.get(int(page.photometric), "RGB"),
                int(page.bitspersample),
                int(page.sampleformat) == _FLOAT,
            ),
        )
        return photo, _turn(page)


def _deep(page: Any, data: bytes, path: Path) -> Photo | None:
    """The photo in whole samples of 8 bits and more, or None for what is Pillow's."""
    colours = _CHANNELS.get(int(page.photometric))
    extra = [int(kind) for kind in page.extrasamples]
    bits, kind = int(page.bitspersample), int(page.sampleformat)
    known = (
        colours == page.samplesperpixel - len(extra)
        and (bits in (8, 16, 32) if kind == _UNSIGNED else kind == _FLOAT and bits >= 16)
        and page.imagedepth == 1
        and not (page.photometric == _CMYK and bits == 8)
        and not (page.photometric in (_CIELAB, _ICCLAB) and (kind == _FLOAT or bits == 32))
    )
    found = samples(page, data) if known else None
    if found is None or colours is None:
        return None
    values, notes = _whole(found)
    pixels, icc = as_pixels(np.ascontiguousarray(values[:, :, :colours])), None
    if page.photometric in (_CIELAB, _ICCLAB):
        from inpaint_core.photo.colour.cielab import to_romm
        from inpaint_core.photo.colour.icc_profiles import profile

        pixels, icc = to_romm(pixels, page.photometric == _ICCLAB), profile("romm")
        notes += ("The photo was converted from CIELAB to a wide RGB space of 16 bits.",)
    elif page.photometric == _CMYK:
        from PIL import Image

        image, said = from_cmyk(
            Image.fromarray(eight_bits(pixels), "CMYK"), _bytes(page.tags.get(_ICC))
        )
        pixels, notes = np.array(image), (*notes, *said)
    elif colours == 1:
        shade = pixels[:, :, 0]
        pixels = grey_pixels(~shade if page.photometric == _WHITE_IS_ZERO else shade)
    alpha = None
    if extra and extra[0] in (1, 2) and page.photometric in (_WHITE_IS_ZERO, _BLACK_IS_ZERO, _RGB):
        alpha = values[:, :, colours].copy()
        if extra[0] == 1:
            pixels = _unmultiplied(pixels, alpha)
        extra = extra[1:]
    if extra:
        notes += ("The file's extra channels were left out.",)
    return Photo(pixels, alpha, icc, grey=colours == 1, notes=notes)


def _whole(values: NDArray[Any]) -> tuple[Pixels, tuple[str, ...]]:
    """The samples as 8 or 16 bits over their full range, and what that cost."""
    if values.dtype.kind == "f":
        shaped = np.nan_to_num(values, nan=0.0, posinf=1.0, neginf=0.0)
        outside = int(np.count_nonzero(((shaped < 0) | (shaped > 1)).any(axis=2)))
        out = np.rint(np.clip(shaped, 0, 1) * np.float32(65535)).astype(np.uint16)
        note = "Floating point numbers from 0 to 1 were rounded to 16 bits."
        if outside:
            note += f" {outside:,} pixels lie outside of that range and were cut to it."
        return as_pixels(out), (note,)
    if values.dtype.itemsize == 4:
        return as_pixels((values >> 16).astype(np.uint16)), ("32 bits were reduced to 16.",)
    return as_pixels(values.astype(values.dtype.newbyteorder("="), copy=False)), ()


def _shallow(page: Any, data: bytes, path: Path) -> Photo:
    from PIL.TiffImagePlugin import TiffImageFile

    if page.bitspersample > 8 or page.photometric in (_CIELAB, _ICCLAB, 32844, 32845):
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


def _raw_bytes(tag: Any, data: bytes) -> bytes | None:
    """A field as it lies in the file: IPTC data is often marked as numbers of 4 bytes."""
    if tag is None:
        return None
    return data[tag.valueoffset : tag.valueoffset + tag.valuebytecount].rstrip(b"\0") or None


def _dpi(page: Any) -> tuple[float, float] | None:
    unit = page.tags.valueof("ResolutionUnit", 2)
    if unit not in (2, 3) or "XResolution" not in page.tags or "YResolution" not in page.tags:
        return None
    (x, x_by), (y, y_by) = page.tags["XResolution"].value, page.tags["YResolution"].value
    if not (x and y and x_by and y_by):
        return None
    scale = 2.54 if unit == 3 else 1.0
    return x / x_by * scale, y / y_by * scale
