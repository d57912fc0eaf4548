"""Reading Photoshop documents as the picture that their layers make together.

psd-tools decodes that picture. The layers are skipped: they may be many times as large.
Source: Adobe Photoshop file format.
"""

from __future__ import annotations

import io
import logging
import struct
import warnings
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from psd_tools.compression import PSDDecompressionWarning
from psd_tools.constants import ColorMode, Compression
from psd_tools.psd.header import FileHeader
from psd_tools.psd.image_data import ImageData

from inpaint_core.contract.arrays import Pixels
from inpaint_core.contract.errors import PhotoUnsupported
from inpaint_core.contract.message import Message
from inpaint_core.photo.colour.conversion import convert_to_romm
from inpaint_core.photo.colour.icc_profiles import make_profile
from inpaint_core.photo.formats.decode_guard import (
    INFLATION,
    check_capacity,
    check_size,
    damaged_photo,
)
from inpaint_core.photo.formats.pillow.pillow_image import convert_cmyk
from inpaint_core.photo.formats.psd import psd_resources as resources
from inpaint_core.photo.metadata import exif as exif_fields
from inpaint_core.photo.metadata import photoshop
from inpaint_core.photo.photo import Origin, Photo, as_pixels, grey_pixels, to_eight_bits

_CHANNELS = {
    ColorMode.GRAYSCALE: 1,
    ColorMode.DUOTONE: 1,  # its inks are not shown
    ColorMode.RGB: 3,
    ColorMode.CMYK: 4,
    ColorMode.LAB: 3,
}
_MODELS = {1: "grey", 3: "RGB", 4: "CMYK"}
_DEPTHS = (8, 16)
# The most bytes of samples that a byte becomes.
_INFLATIONS = {Compression.RAW: 1, Compression.RLE: 64}
_LAYERS_IN_BLOCKS = (b"8BIMLr16", b"8BIMLr32")
_MOST_LAYERS = 1 << 13
_RECORD = struct.Struct(">4iH")  # of a layer: top, left, bottom, right, and how many channels
_LONGEST_START = 1 << 10  # bytes of a record up to how it is mixed: 56 channels, of 10 bytes each
_TRANSPARENCY = -1  # masks have lower numbers
_USUAL_LOOK = b"8BIMnorm\xff"  # mixed normally, with full opacity
# What it says of damage is said by errors here; without a handler, Python would print it as well.
logging.getLogger("psd_tools").addHandler(logging.NullHandler())


def decode_psd(data: bytes, path: Path, max_pixels: int) -> tuple[Photo, int]:
    """The picture in a Photoshop document, small or large, and the orientation to be applied.

    Grey, RGB, CMYK (as sRGB of 8 bits) and Lab (as ROMM RGB of 16 bits), with 8 and 16 bits.
    Raises `PhotoUnsupported` for others, and for a document that was saved without that picture.
    """
    with io.BytesIO(data) as stream:
        header = FileHeader.read(stream)
        check_size(header.width, header.height, max_pixels, path)
        colours = _CHANNELS.get(header.color_mode)
        if colours is None or header.depth not in _DEPTHS or header.channels < colours:
            kind = f"{header.color_mode.name.title()}, {header.depth}"
            raise PhotoUnsupported("photo.psd_unsupported", path=path, kind=kind)
        _read_section(stream, ">I", path)  # the palette
        parts = _read_section(stream, ">I", path)
        own = resources.find_resources(parts)
        layers = _read_section(stream, ">I" if header.version == 1 else ">Q", path)
        count, has_layers = _read_layers(layers, header)
        if not resources.has_picture(own.get("version")):
            raise PhotoUnsupported("photo.psd_without_picture", path=path)
        coded = ImageData.read(stream)
    inflation = _INFLATIONS.get(coded.compression, INFLATION)
    bits = header.depth * header.channels
    check_capacity(header.width, header.height, len(coded.data) * inflation * 8 / bits, path)
    if coded.compression == Compression.RLE and _is_cut_off(coded.data, header):
        raise damaged_photo(path, is_cut_off=True)
    planes = _decode_planes(coded, header)
    pixels, alpha = planes[:colours], None
    notes: tuple[Message, ...] = (Message("photo.flattened"),) if has_layers else ()
    if count < 0 and header.channels > colours:
        alpha = planes[colours].copy()
        if resources.is_by_photoshop(own.get("version")):
            pixels = _remove_white(pixels, alpha)
    if header.channels > colours + (alpha is not None):
        notes += (Message("photo.extra_channels"),)
    icc = own.get("icc")
    if colours == 4:
        converted, said = _convert_cmyk(pixels, icc)
        icc, notes = None, notes + said
        alpha = None if alpha is None else to_eight_bits(alpha)
    elif header.color_mode == ColorMode.LAB:
        converted, icc = convert_to_romm(np.moveaxis(pixels, 0, 2), True), make_profile("romm")
        alpha = None if alpha is None else _widen(alpha)
        notes += (Message("photo.cielab"),)
    elif colours == 1:
        converted = grey_pixels(as_pixels(pixels[0]))
    else:
        converted = as_pixels(np.ascontiguousarray(np.moveaxis(pixels, 0, 2)))
    kept = photoshop.read_resource_blocks(parts)
    dpi = resources.read_dpi(own.get("dpi"))
    is_lab = header.color_mode == ColorMode.LAB
    photo = Photo(
        converted,
        None if alpha is None else as_pixels(alpha),
        icc=icc,
        exif=own.get("exif"),
        xmp=own.get("xmp"),
        iptc=photoshop.find_iptc(parts),
        is_grey=colours == 1,
        dpi=dpi,
        notes=notes + photoshop.note_unread_resources(parts),
        origin=Origin(
            "CIELAB" if is_lab else _MODELS[colours],
            header.depth,
            is_lossless=True,
            has_layers=has_layers,
        ),
        blocks=tuple(resources.keep_resources(tuple(kept), dpi is not None)),
    )
    return photo, exif_fields.read_orientation(photo.exif)


def _read_section(stream: io.BytesIO, length: str, path: Path) -> bytes:
    head = stream.read(struct.calcsize(length))
    if len(head) < struct.calcsize(length):
        raise damaged_photo(path, is_cut_off=True)
    (size,) = struct.unpack(length, head)
    content = stream.read(size)
    if len(content) < size:
        raise damaged_photo(path, is_cut_off=True)
    return content


def _read_layers(section: bytes, header: FileHeader) -> tuple[int, bool]:
    """How many layers there are, less than 0 where the picture's first further channel is its
    transparency; and whether they are more than the picture. A background alone counts as a layer
    too, which is no more.
    """
    size = 4 if header.version == 1 else 8
    length = int.from_bytes(section[:size], "big")
    at = size
    if not length:
        # With 16 bits they are in a block of their own, behind the global mask.
        places = (section.find(key) for key in _LAYERS_IN_BLOCKS)
        found = next((place for place in places if place >= 0), None)
        if found is None:
            return 0, False
        at = found + 8 + size
    count = int.from_bytes(section[at : at + 2], "big", signed=True)
    if abs(count) > _MOST_LAYERS:
        return 0, False
    record = section[at + 2 : at + 2 + _LONGEST_START]
    return count, abs(count) > 1 or (count != 0 and not _is_plain(record, header, size))


def _is_plain(record: bytes, header: FileHeader, size: int) -> bool:
    """Whether a layer is opaque, as large as the picture and without a mask, so that nothing of it
    is hidden.
    """
    if len(record) < _RECORD.size:
        return True  # cut off: there is nothing to be lost
    *sides, channels = _RECORD.unpack_from(record)
    step = 2 + size  # a number, and a length
    numbers = [
        int.from_bytes(record[at : at + 2], "big", signed=True)
        for at in range(_RECORD.size, _RECORD.size + channels * step, step)
    ]
    look = record[_RECORD.size + channels * step :][:9]
    is_whole = sides == [0, 0, header.height, header.width]
    return is_whole and min(numbers, default=0) >= _TRANSPARENCY and look == _USUAL_LOOK


def _is_cut_off(coded: bytes, header: FileHeader) -> bool:
    """Whether rows are missing, which psd-tools makes black: their lengths stand before them."""
    dtype = np.dtype(">u2" if header.version == 1 else ">u4")
    rows = header.height * header.channels
    if len(coded) < rows * dtype.itemsize:
        return True
    lengths = np.frombuffer(coded, dtype, rows)
    return rows * dtype.itemsize + int(lengths.sum(dtype=np.int64)) > len(coded)


def _decode_planes(coded: ImageData, header: FileHeader) -> NDArray[Any]:
    """The samples (channels, H, W) in the machine's byte order."""
    with warnings.catch_warnings():
        # What cannot be decoded would be black, and only a warning would say so.
        warnings.simplefilter("error", PSDDecompressionWarning)
        samples = coded.get_data(header, split=False)
    dtype = np.dtype(np.uint8 if header.depth == 8 else ">u2")
    planes = np.frombuffer(bytes(samples), dtype)  # type: ignore[arg-type]
    planes = planes.reshape(header.channels, header.height, header.width)
    return planes.astype(dtype.newbyteorder("="), copy=False)


def _remove_white(planes: NDArray[Any], alpha: NDArray[Any]) -> NDArray[Any]:
    """The colours (C, H, W) without the white that Photoshop lays under transparent parts."""
    most = float(np.iinfo(alpha.dtype).max)
    out = planes.copy()
    partly = (alpha > 0) & (alpha < np.iinfo(alpha.dtype).max)
    share = alpha[partly] / most
    mixed = planes[:, partly]
    pure = np.rint((mixed - most * (1 - share)) / share)
    out[:, partly] = np.clip(pure, 0, most).astype(planes.dtype)
    return out


def _convert_cmyk(planes: NDArray[Any], icc: bytes | None) -> tuple[Pixels, tuple[Message, ...]]:
    from PIL import Image

    paper = to_eight_bits(as_pixels(np.ascontiguousarray(np.moveaxis(planes, 0, 2))))
    image, notes = convert_cmyk(Image.fromarray(255 - paper, "CMYK"), icc)  # 255 is no ink here
    return np.array(image), notes


def _widen(values: NDArray[Any]) -> NDArray[Any]:
    return values if values.dtype == np.uint16 else values.astype(np.uint16) * np.uint16(257)
