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
from inpaint_core.photo.colour.icc_profiles import SpaceName, make_profile
from inpaint_core.photo.formats.decode_guard import check_size, damaged_photo
from inpaint_core.photo.formats.iso_boxes import find_largest_size, iter_properties
from inpaint_core.photo.metadata import exif
from inpaint_core.photo.photo import Origin, Photo, as_pixels, split_channels

# H.273, table 2 (primaries) and table 3 (transfer): the codes that get a profile.
_SPACES: dict[int, SpaceName] = {1: "srgb", 9: "bt2020", 12: "p3"}
_HDR = {16: "PQ", 18: "HLG"}
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
    file = pillow_heif.open_heif(data, convert_hdr_to_8bit=False)
    image = file[file.primary_index]
    check_size(*image.size, max_pixels, path)
    info: dict[str, Any] = {**image.info}
    orientation = 1
    if data[8:12] in (b"avif", b"avis") or "avif" in file.mimetype:
        pixels, alpha, grey, orientation = _decode_avif(data, path, image.mode)
    else:
        pixels, alpha, grey = split_channels(np.asarray(image))
        if image.premultiplied_alpha:
            raise PhotoUnsupported("photo.premultiplied", path=path)
    icc, notes = _read_profile(info)
    notes += _note_other_pictures(file, info)
    photo = Photo(
        pixels,
        alpha,
        icc=icc,
        exif=(info.get("exif") or b"").removeprefix(exif.PREFIX) or None,
        xmp=(info.get("xmp") or b"").rstrip(b"\0") or None,
        is_grey=grey,
        notes=notes,
        origin=Origin("grey" if grey else "RGB", int(info["bit_depth"]), orientation=orientation),
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
    """Bits per channel, the most that a "pixi" property says: 4 bytes of version and flags, number
    of channels, bits of each (ISO/IEC 23008-12, section 6.5.6).
    """
    depths = [depth for content in iter_properties(data, b"pixi") for depth in content[5:]]
    return max(depths, default=8)


def _read_profile(info: dict[str, Any]) -> tuple[bytes | None, tuple[Message, ...]]:
    """The file's own profile, or one made from its colour code numbers, and notes."""
    if info.get("icc_profile"):
        return bytes(info["icc_profile"]), ()
    codes = info.get("nclx_profile") or {}
    space = _SPACES.get(int(codes.get("color_primaries", 2)))
    transfer = int(codes.get("transfer_characteristics", 2))
    notes = (Message("photo.hdr", curve=_HDR[transfer]),) if transfer in _HDR else ()
    if space in (None, "srgb"):
        return None, notes
    return make_profile(space), notes


def _note_other_pictures(file: Any, info: dict[str, Any]) -> tuple[Message, ...]:
    notes: tuple[Message, ...] = (Message("photo.first_picture"),) if len(file) > 1 else ()
    kinds = " ".join(str(kind) for kind in info.get("aux", {})).lower()
    if any(word in kinds for word in _GAIN):
        notes += (Message("photo.gain_map"),)
    elif info.get("depth_images") or info.get("aux"):
        notes += (Message("photo.depth_map"),)
    return notes
