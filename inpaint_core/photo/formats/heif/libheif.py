"""Decoding HEIC, HEIF and AVIF.

The libheif in pillow-heif reads both containers and decodes HEVC; its wheels have no AV1 decoder.
AVIF pixels of 10 and 12 bits are decoded by OpenCV's libavif, those of 8 bits by Pillow's.
"""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from inpaint_core.contract.arrays import Pixels
from inpaint_core.contract.errors import PhotoDamaged, PhotoUnsupported
from inpaint_core.contract.message import Message
from inpaint_core.photo.colour.code_points import make_coded_profile, name_hdr_curve
from inpaint_core.photo.formats.decode_guard import check_size, damaged_photo
from inpaint_core.photo.formats.heif.lost_boxes import note_lost_boxes
from inpaint_core.photo.formats.iso_boxes import (
    find_largest_size,
    iter_properties,
    read_brands,
    sum_item_sizes,
)
from inpaint_core.photo.metadata import exif
from inpaint_core.photo.metadata.previews import note_previews
from inpaint_core.photo.photo import Origin, Photo, as_pixels, split_channels

_BOXES = frozenset({b"meta", b"moov", b"moof"})
_UNSPECIFIED = 2
_GAIN = ("hdrgainmap", "21496")


def decode_heif(data: bytes, path: Path, max_pixels: int) -> tuple[Photo, int]:
    """The primary picture, and the EXIF orientation that is still to be applied.

    10 and 12 bits become 16. libheif applies the file's own rotation properties; the
    orientation in the EXIF data must then be ignored (ISO/IEC 23008-12, section 6.5.10).
    """
    import pillow_heif

    size = find_largest_size(data)
    if size is None:
        raise damaged_photo(path)
    check_size(*size, max_pixels, path)
    if sum_item_sizes(data) > 2 * len(data):
        raise damaged_photo(path)  # items that overlap, of each of which libheif makes a copy
    file = pillow_heif.open_heif(data, convert_hdr_to_8bit=False)
    image = file[file.primary_index]
    check_size(*image.size, max_pixels, path)
    info: dict[str, Any] = {**image.info}
    orientation = 1
    if read_brands(data) & {b"avif", b"avis"}:
        pixels, alpha, grey, orientation = _decode_avif(data, path, image.mode)
    else:
        pixels, alpha, grey = split_channels(np.asarray(image))
        if image.premultiplied_alpha:
            raise PhotoUnsupported("photo.premultiplied", path=path)
    icc, source, notes = _read_profile(info, grey)
    notes += _note_other_pictures(file, info) + note_lost_boxes(data, _BOXES)
    photo = Photo(
        pixels,
        alpha,
        icc=icc,
        exif=(info.get("exif") or b"").removeprefix(exif.PREFIX) or None,
        xmp=(info.get("xmp") or b"").rstrip(b"\0") or None,
        is_grey=grey,
        notes=notes,
        origin=Origin(
            "grey" if grey else "RGB",
            int(info["bit_depth"]),
            orientation=orientation,
            profile_from=source,
        ),
    )
    return photo, orientation


def _decode_avif(data: bytes, path: Path, mode: str) -> tuple[Pixels, Pixels | None, bool, int]:
    from PIL.AvifImagePlugin import AvifImageFile

    header = AvifImageFile(io.BytesIO(data))
    # Pillow gives the file's turning and mirroring properties as an EXIF orientation.
    orientation = exif.read_orientation(header.info.get("exif", b"").removeprefix(exif.PREFIX))
    bits = _read_depth(data)
    pixels, alpha, _ = split_channels(
        np.asarray(header) if bits <= 8 else _decode_deep_avif(data, path, bits)
    )
    return pixels, alpha, mode.startswith(("L", "I")), orientation


def _decode_deep_avif(data: bytes, path: Path, bits: int) -> Pixels:
    """Samples of 10 and 12 bits as 16 bits, by OpenCV."""
    if not cv2.haveImageWriter("x.avif"):
        raise PhotoUnsupported("photo.avif_depth", path=path, bits=bits)
    values = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
    if values is None:
        raise damaged_photo(path)
    if values.dtype != np.uint16:
        raise PhotoDamaged("photo.wrong_depth", path=path, bits=bits)
    full = _stretch(values, (1 << bits) - 1)
    if full.ndim == 3 and full.shape[2] >= 3:
        code = cv2.COLOR_BGR2RGB if full.shape[2] == 3 else cv2.COLOR_BGRA2RGBA
        full = as_pixels(cv2.cvtColor(full, code))
    return full


def _stretch(values: Any, most: int) -> Pixels:
    """0..most scaled to the range of 16 bits."""
    wide = np.minimum(values, most).astype(np.uint32)
    wide *= 65535
    wide += most // 2
    wide //= most
    return as_pixels(wide.astype(np.uint16))


def _read_depth(data: bytes) -> int:
    """Bits per channel, the most that an "av1C" property says, as every coded picture has one: in
    its third byte are “high_bitdepth” and “twelve_bit” (AV1-ISOBMFF, section 2.3.3).
    """
    flags = [content[2] for content in iter_properties(data, b"av1C") if len(content) > 2]
    return max((12 if f & 0x20 else 10 if f & 0x40 else 8 for f in flags), default=8)


def _read_profile(
    info: dict[str, Any], grey: bool
) -> tuple[bytes | None, str, tuple[Message, ...]]:
    """The file's own profile, or one made from its colour code numbers, what it was made from, and
    notes.
    """
    codes = info.get("nclx_profile") or {}
    primaries = int(codes.get("color_primaries", _UNSPECIFIED))
    transfer = int(codes.get("transfer_characteristics", _UNSPECIFIED))
    if info.get("icc_profile"):
        return bytes(info["icc_profile"]), "", ()
    curve = name_hdr_curve(transfer)
    notes = (Message("photo.hdr", curve=curve),) if curve is not None else ()
    icc = make_coded_profile(primaries, transfer, grey=grey)
    return icc, "nclx" if icc is not None else "", notes


def _note_other_pictures(file: Any, info: dict[str, Any]) -> tuple[Message, ...]:
    notes: tuple[Message, ...] = (Message("photo.first_picture"),) if len(file) > 1 else ()
    if info.get("thumbnails"):
        notes += (note_previews("heif"),)
    kinds = " ".join(str(kind) for kind in info.get("aux", {})).lower()
    if any(word in kinds for word in _GAIN):
        notes += (Message("photo.gain_map"),)
    elif info.get("depth_images") or info.get("aux"):
        notes += (Message("photo.depth_map"),)
    return notes
