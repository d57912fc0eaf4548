"""Reading TIFF files.

`tiff_samples` decodes samples of 8 and 16 bits and of floating point; this file interprets them.
Pillow decodes everything else of 8 bits and less: palettes, CMYK, YCbCr, JPEG, bits. It would
silently read 16-bit RGB as 8-bit.
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
from inpaint_core.contract.message import Message
from inpaint_core.photo.colour.conversion import convert_to_romm
from inpaint_core.photo.colour.icc_profiles import make_profile
from inpaint_core.photo.formats.decode_guard import check_size, damaged_photo
from inpaint_core.photo.formats.pillow.pillow_image import convert_cmyk, convert_image
from inpaint_core.photo.formats.tiff.tiff_samples import read_samples
from inpaint_core.photo.metadata import exif
from inpaint_core.photo.photo import Origin, Photo, as_pixels, grey_pixels, to_eight_bits

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


def decode_tiff(data: bytes, path: Path, max_pixels: int) -> tuple[Photo, int]:
    """The photo on the first page of a TIFF file, and the orientation to be applied.

    A camera's raw file that is a TIFF is developed. CIELAB becomes ROMM RGB of 16 bits, CMYK
    sRGB of 8; floating point and 32 bits become 16. Raises `PhotoUnsupported` for anything
    else that is not a photo of 8 or 16 bits.
    """
    import tifffile

    # Without a handler, tifffile's warnings would go to the terminal.
    logging.getLogger("tifffile").addHandler(logging.NullHandler())
    # The stream is closed too: tifffile's pages reference each other, and would keep the file's
    # bytes in memory until the next garbage collection.
    with io.BytesIO(data) as stream, tifffile.TiffFile(stream) as file:
        page: Any = file.pages[0]
        if page.photometric in _RAW or _DNG_VERSION in page.tags or page.subfiletype & 1:
            from inpaint_core.photo.formats import raw

            return raw.develop_raw(data, path, max_pixels)
        check_size(page.imagewidth, page.imagelength, max_pixels, path)
        ends = [at + size for at, size in zip(page.dataoffsets, page.databytecounts, strict=True)]
        if not ends or max(ends) > len(data):
            raise damaged_photo(path, is_cut_off=True)
        photo = _decode_samples(page, data, path) or _decode_by_pillow(page, data, path)
        tags = page.tags
        notes = photo.notes
        next_page: Any = file.pages[1] if len(file.pages) > 1 else None
        if next_page is not None and not next_page.subfiletype & 1:
            notes += (Message("photo.first_page"),)
        kind = _KINDS.get(int(page.photometric), "RGB")
        own = page.photometric in (_CMYK, _CIELAB, _ICCLAB)
        photo = replace(
            photo,
            icc=photo.icc if own else _tag_bytes(tags.get(_ICC)),
            xmp=_tag_bytes(tags.get(_XMP)),
            iptc=_tag_bytes_in_file(tags.get(_IPTC), data),
            exif=exif.extract_from_tiff(data),
            dpi=_read_dpi(page),
            notes=notes,
            origin=Origin(kind, int(page.bitspersample), int(page.sampleformat) == _FLOAT),
        )
        return photo, _read_orientation(page)


def _decode_samples(page: Any, data: bytes, path: Path) -> Photo | None:
    """The photo from whole samples of 8 bits and more, or None for what Pillow decodes."""
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
    found = read_samples(page, data) if known else None
    if found is None or colours is None:
        return None
    values, notes = _to_whole_numbers(found)
    pixels, icc = as_pixels(np.ascontiguousarray(values[:, :, :colours])), None
    if page.photometric in (_CIELAB, _ICCLAB):
        pixels, icc = convert_to_romm(pixels, page.photometric == _ICCLAB), make_profile("romm")
        notes += (Message("photo.cielab"),)
    elif page.photometric == _CMYK:
        from PIL import Image

        ink = Image.fromarray(to_eight_bits(pixels), "CMYK")
        image, said = convert_cmyk(ink, _tag_bytes(page.tags.get(_ICC)))
        pixels, notes = np.array(image), (*notes, *said)
    elif colours == 1:
        shade = pixels[:, :, 0]
        pixels = grey_pixels(~shade if page.photometric == _WHITE_IS_ZERO else shade)
    alpha = None
    if extra and extra[0] in (1, 2) and page.photometric in (_WHITE_IS_ZERO, _BLACK_IS_ZERO, _RGB):
        alpha = values[:, :, colours].copy()
        if extra[0] == 1:
            pixels = _unmultiply(pixels, alpha)
        extra = extra[1:]
    if extra:
        notes += (Message("photo.extra_channels"),)
    return Photo(pixels, alpha, icc, is_grey=colours == 1, notes=notes)


def _to_whole_numbers(values: NDArray[Any]) -> tuple[Pixels, tuple[Message, ...]]:
    """The samples as 8 or 16 bits over their full range, and notes on what was lost."""
    if values.dtype.kind == "f":
        shaped = np.nan_to_num(values, nan=0.0, posinf=1.0, neginf=0.0)
        outside = int(np.count_nonzero(((shaped < 0) | (shaped > 1)).any(axis=2)))
        out = np.rint(np.clip(shaped, 0, 1) * np.float32(65535)).astype(np.uint16)
        notes = [Message("photo.floats_rounded")]
        if outside:
            notes.append(Message("photo.floats_clipped", count=outside))
        return as_pixels(out), tuple(notes)
    if values.dtype.itemsize == 4:
        return as_pixels((values >> 16).astype(np.uint16)), (Message("photo.reduced_to_16_bits"),)
    return as_pixels(values.astype(values.dtype.newbyteorder("="), copy=False)), ()


def _decode_by_pillow(page: Any, data: bytes, path: Path) -> Photo:
    from PIL.TiffImagePlugin import TiffImageFile

    if page.bitspersample > 8 or page.photometric in (_CIELAB, _ICCLAB, 32844, 32845):
        raise _unsupported(page, path)
    if _read_orientation(page) != 1:
        # Pillow applies the orientation of a TIFF, and only of a TIFF, on its own.
        patched = bytearray(data)
        tag = page.tags[_ORIENTATION]
        struct.pack_into(page.parent.byteorder + "H", patched, tag.valueoffset, 1)
        data = bytes(patched)
    return convert_image(TiffImageFile(io.BytesIO(data)), path)


def _read_orientation(page: Any) -> int:
    orientation = page.tags.valueof(_ORIENTATION, 1)
    return orientation if orientation in range(1, 9) else 1


def _unmultiply(pixels: Pixels, alpha: Pixels) -> Pixels:
    """Colours that were stored multiplied by alpha; those of alpha 0 are lost and become 0."""
    most = float(np.iinfo(alpha.dtype).max)
    scale = np.divide(most, alpha, out=np.zeros(alpha.shape), where=alpha > 0)
    full = np.clip(np.rint(pixels * scale[:, :, np.newaxis]), 0, most)
    return as_pixels(full.astype(pixels.dtype))


def _unsupported(page: Any, path: Path) -> PhotoUnsupported:
    count = int(page.bitspersample)
    kinds = {2: Message("photo.bits_signed", bits=count)}
    kinds |= {_FLOAT: Message("photo.bits_floating", bits=count)}
    bits = kinds.get(int(page.sampleformat), Message("photo.bits", bits=count))
    other = Message("photo.channels", count=int(page.samplesperpixel))
    return PhotoUnsupported(
        "photo.tiff_unsupported",
        path=path,
        colours=_KINDS.get(int(page.photometric), other),
        bits=bits,
        coding=page.compression.name.lower(),
    )


def _tag_bytes(tag: Any) -> bytes | None:
    if tag is None:
        return None
    value = tag.value
    return value.encode() if isinstance(value, str) else bytes(value) or None


def _tag_bytes_in_file(tag: Any, data: bytes) -> bytes | None:
    """A field's raw bytes: IPTC data is often marked as numbers of 4 bytes."""
    if tag is None:
        return None
    return data[tag.valueoffset : tag.valueoffset + tag.valuebytecount].rstrip(b"\0") or None


def _read_dpi(page: Any) -> tuple[float, float] | None:
    unit = page.tags.valueof("ResolutionUnit", 2)
    if unit not in (2, 3) or "XResolution" not in page.tags or "YResolution" not in page.tags:
        return None
    (x, x_by), (y, y_by) = page.tags["XResolution"].value, page.tags["YResolution"].value
    if not (x and y and x_by and y_by):
        return None
    scale = 2.54 if unit == 3 else 1.0
    return x / x_by * scale, y / y_by * scale
