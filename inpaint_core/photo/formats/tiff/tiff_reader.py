"""Reading TIFF files.

`tiff_samples` decodes samples of 8 and 16 bits and of floating point; this file interprets them.
Pillow decodes everything else of 8 bits and less: palettes, CMYK, YCbCr, JPEG, bits. It would
silently read 16-bit RGB as 8-bit.
"""

from __future__ import annotations

import io
import logging
import math
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
from inpaint_core.photo.formats.decode_guard import (
    INFLATION,
    LZW_INFLATION,
    check_capacity,
    check_size,
    damaged_photo,
)
from inpaint_core.photo.formats.pillow.pillow_image import convert_cmyk, convert_image
from inpaint_core.photo.formats.tiff.strip_damage import has_damaged_strips
from inpaint_core.photo.formats.tiff.tiff_blocks import Fields, find_profile, read_fields
from inpaint_core.photo.formats.tiff.tiff_layers import (
    LAYERS,
    LAYERS_NAME,
    holds_layers,
    holds_own_layers,
)
from inpaint_core.photo.formats.tiff.tiff_samples import read_samples
from inpaint_core.photo.metadata import exif
from inpaint_core.photo.metadata.previews import note_previews
from inpaint_core.photo.photo import (
    Origin,
    Photo,
    as_pixels,
    grey_pixels,
    note_lost_blocks,
    to_eight_bits,
)

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
_UNSIGNED, _SIGNED, _FLOAT = 1, 2, 3
_DEPTHS = {_UNSIGNED: (8, 16, 32, 64), _SIGNED: (16, 32, 64), _FLOAT: (16, 24, 32, 64)}
_PLAIN = frozenset({1, 8, 32946})  # none, Deflate
# None, facsimile, LZW, Deflate, PackBits, LZMA, Zstandard.
_LOSSLESS = frozenset({1, 2, 3, 4, 5, 8, 32946, 32773, 34925, 50000})
# The most bytes of samples that a byte becomes: none, LZW, JPEG (a block of 64 in one bit), Deflate
# (two numbers), PackBits. Facsimile codings and others have no such limit.
_INFLATIONS = {1: 1, 5: LZW_INFLATION, 7: 2048, 8: INFLATION, 32946: INFLATION, 32773: 64}


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
        check_capacity(page.imagewidth, page.imagelength, _estimate_capacity(page), path)
        ends = [at + size for at, size in zip(page.dataoffsets, page.databytecounts, strict=True)]
        if not ends or max(ends) > len(data):
            raise damaged_photo(path, is_cut_off=True)
        photo = _decode_samples(page, data, path) or _decode_by_pillow(page, data, path)
        tags = page.tags
        notes = photo.notes
        if has_damaged_strips(page, data):
            notes = (Message("photo.partly_damaged"), *notes)
        next_page = _find_second_page(file)
        if next_page is not None and not next_page.subfiletype & 1:
            notes += (Message("photo.first_page"),)
        elif next_page is not None:
            notes += (note_previews("tiff"),)
        kind = _KINDS.get(int(page.photometric), "RGB")
        own = page.photometric in (_CMYK, _CIELAB, _ICCLAB)
        layers = _tag_bytes(tags.get(LAYERS), data)
        has_layers = holds_layers(layers)
        if has_layers and not holds_own_layers(layers):  # ours are made again by an export
            notes += (Message("photo.flattened"),)
        try:
            block, fields = exif.extract_from_tiff(data), read_fields(page, data)
            lost = [each for each in fields.lost if not has_layers or each.name != LAYERS_NAME]
            notes += note_lost_blocks(lost) + fields.notes
        except ValueError:
            block, fields, notes = None, Fields(), (*notes, Message("photo.exif_overlaps"))
        icc = photo.icc if own else _tag_bytes(tags.get(_ICC), data)
        source = ""
        if icc is None and not photo.is_grey:
            icc = find_profile(fields.blocks)
            source = "" if icc is None else "PrimaryChromaticities"
        if own:  # its numbers are others now
            fields.blocks = [kept for kept in fields.blocks if kept.role != "profile"]
        photo = replace(
            photo,
            icc=icc,
            xmp=_tag_bytes(tags.get(_XMP), data),
            iptc=_tag_bytes(tags.get(_IPTC), data) or fields.iptc,
            exif=block,
            dpi=_read_dpi(page),
            notes=notes,
            origin=Origin(
                kind,
                int(page.bitspersample),
                int(page.sampleformat) == _FLOAT,
                profile_from=source,
                is_lossless=int(page.compression) in _LOSSLESS,
                has_layers=has_layers,
            ),
            blocks=tuple(fields.blocks),
        )
        return photo, _read_orientation(page)


def _estimate_capacity(page: Any) -> float:
    """The most pixels that the page's strips can hold; without a limit for codings that have none,
    and by their share where some strips are left empty.
    """
    inflation = _INFLATIONS.get(int(page.compression), math.inf)
    sizes = page.databytecounts
    filled = sum(1 for size in sizes if size) / max(len(sizes), 1)
    bits = max(int(page.bitspersample) * int(page.samplesperpixel), 1)
    return float(sum(sizes) * inflation * 8 / bits / max(filled, 1e-9))


def _find_second_page(file: Any) -> Any:
    """The second page, or None. tifffile would count all pages: for ever where they are a ring."""
    try:
        return file.pages[1]
    except IndexError:
        return None


def _decode_samples(page: Any, data: bytes, path: Path) -> Photo | None:
    """The photo from whole samples of 8 bits and more, or None for what Pillow decodes."""
    colours = _CHANNELS.get(int(page.photometric))
    extra = [int(kind) for kind in page.extrasamples]
    bits, kind = int(page.bitspersample), int(page.sampleformat)
    known = (
        colours == page.samplesperpixel - len(extra)
        and bits in _DEPTHS.get(kind, ())
        and (kind == _FLOAT or bits < 64 or page.compression in _PLAIN)
        and page.imagedepth == 1
        and not (page.photometric == _CMYK and bits == 8)
        and not (page.photometric in (_CIELAB, _ICCLAB) and (kind == _FLOAT or bits == 32))
    )
    found = read_samples(page, data) if known else None
    if found is None or colours is None or (found.dtype.kind == "i" and found.min() < 0):
        return None
    values, notes = _to_whole_numbers(found)
    pixels, icc = as_pixels(np.ascontiguousarray(values[:, :, :colours])), None
    if page.photometric in (_CIELAB, _ICCLAB):
        pixels, icc = convert_to_romm(pixels, page.photometric == _ICCLAB), make_profile("romm")
        notes += (Message("photo.cielab"),)
    elif page.photometric == _CMYK:
        from PIL import Image

        ink = Image.fromarray(to_eight_bits(pixels), "CMYK")
        image, said = convert_cmyk(ink, _tag_bytes(page.tags.get(_ICC), data))
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
    bits = values.dtype.itemsize * 8 - (values.dtype.kind == "i")
    if bits not in (8, 16):
        shift = _find_shift(bits, int(values.max()).bit_length())
        reduced = (values << -shift if shift < 0 else values >> shift).astype(np.uint16)
        return as_pixels(reduced), (Message("photo.reduced_to_16_bits"),) if shift > 0 else ()
    return as_pixels(values.astype(values.dtype.newbyteorder("="), copy=False)), ()


def _find_shift(bits: int, used: int) -> int:
    """The bits to drop of whole numbers of so many ``bits``, of which so many are ``used``: the
    numbers of objects, and photos of 16 bits, are often stored with more than they need.
    """
    if used <= 16 < bits:
        return 0
    return (32 if used <= 32 < bits else bits) - 16


def _decode_by_pillow(page: Any, data: bytes, path: Path) -> Photo:
    from PIL.TiffImagePlugin import TiffImageFile

    if sum(tag.valuebytecount for tag in page.tags) > len(data):
        raise damaged_photo(path)  # fields that overlap, of each of which Pillow makes a copy
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


def _tag_bytes(tag: Any, data: bytes) -> bytes | None:
    """A field's raw bytes, whatever its type: IPTC data is often marked as numbers of 4 bytes, and
    then padded with zeros.
    """
    if tag is None:
        return None
    value = data[tag.valueoffset : tag.valueoffset + tag.valuebytecount]
    return (value.rstrip(b"\0") if tag.code == _IPTC else value) or None


def _read_dpi(page: Any) -> tuple[float, float] | None:
    unit = page.tags.valueof("ResolutionUnit", 2)
    if unit not in (2, 3) or "XResolution" not in page.tags or "YResolution" not in page.tags:
        return None
    (x, x_by), (y, y_by) = page.tags["XResolution"].value, page.tags["YResolution"].value
    if not (x and y and x_by and y_by):
        return None
    scale = 2.54 if unit == 3 else 1.0
    return x / x_by * scale, y / y_by * scale
