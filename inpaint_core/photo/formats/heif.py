"""HEIC, HEIF and AVIF photos.

libheif (which pillow-heif carries) reads both containers and decodes HEVC; its wheels have no
AV1 decoder. AVIF pixels are decoded by OpenCV's libavif, which keeps 10 and 12 bits, and by
Pillow's where there is an alpha channel or OpenCV has none.
"""

from __future__ import annotations

import io
from pathlib import Path
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np

from inpaint_core.contract.arrays import Pixels
from inpaint_core.contract.errors import PhotoDamaged, PhotoUnsupported
from inpaint_core.photo.formats.iso_boxes import largest, properties
from inpaint_core.photo.formats.source_bytes import check_size, damaged
from inpaint_core.photo.metadata import exif
from inpaint_core.photo.photo import Origin, Photo, as_pixels, grey_pixels

if TYPE_CHECKING:
    from inpaint_core.photo.colour.icc_profiles import SpaceName

_PREFIX = b"Exif\0\0"
# H.273, table 2 (primaries) and table 3 (transfer): those that a profile is made for.
_SPACES: dict[int, SpaceName] = {1: "srgb", 9: "bt2020", 12: "p3"}
_HDR = {16: "PQ", 18: "HLG"}
_GAIN = ("hdrgainmap", "21496")


def decode(data: bytes, path: Path, max_pixels: int) -> tuple[Photo, int]:
    """The primary picture, and the orientation that is still to be applied to it.

    10 and 12 bits become 16. libheif turns the picture as the file's own properties say; the
    orientation in the EXIF data is then to be ignored (ISO/IEC 23008-12, section 6.5.10).
    """
    import pillow_heif

    size = largest(data)
    if size is None:
        raise damaged(path, "no picture")
    check_size(*size, max_pixels, path)
    file = pillow_heif.open_heif(data, convert_hdr_to_8bit=False)
    image = file[file.primary_index]
    check_size(*image.size, max_pixels, path)
    info: dict[str, Any] = {**image.info}
    turn = 1
    if data[8:12] in (b"avif", b"avis") or "avif" in file.mimetype:
        pixels, alpha, grey, turn = _avif(data, path, image.mode)
    else:
        pixels, alpha, grey = _split(np.asarray(image), path)
        if image.premultiplied_alpha:
            raise PhotoUnsupported(
                f"“{path}” has colours that are multiplied by their transparency.",
                "Convert it to PNG or TIFF first.",
            )
    icc, notes = _colours(info)
    notes += _others(file, info)
    photo = Photo(
        pixels,
        alpha,
        icc=icc,
        exif=(info.get("exif") or b"").removeprefix(_PREFIX) or None,
        xmp=(info.get("xmp") or b"").rstrip(b"\0") or None,
        grey=grey,
        notes=notes,
        origin=Origin("grey" if grey else "RGB", int(info["bit_depth"]), turn=turn),
    )
    return photo, turn


def _split(values: Any, path: Path) -> tuple[Pixels, Pixels | None, bool]:
    """Colours, alpha, and whether they are grey, of what libheif decoded."""
    values = as_pixels(values)
    if values.ndim == 2:
        return grey_pixels(values), None, True
    samples = values.shape[2]
    if samples == 2:
        return grey_pixels(values[:, :, 0]), values[:, :, 1].copy(), True
    if samples not in (3, 4):
        raise damaged(path, "channels")
    colours = as_pixels(np.ascontiguousarray(values[:, :, :3]))
    return colours, values[:, :, 3].copy() if samples == 4 else None, False


def _avif(data: bytes, path: Path, mode: str) -> tuple[Pixels, Pixels | None, bool, int]:
    from PIL.AvifImagePlugin import AvifImageFile

    header = AvifImageFile(io.BytesIO(data))
    # Pillow gives the file's turning and mirroring properties as an EXIF orientation.
    turn = exif.orientation(header.info.get("exif", b"").removeprefix(_PREFIX) or None)
    deep = _depth(data) > 8
    grey = mode.startswith(("L", "I"))
    if not deep:
        pixels, alpha, _ = _split(np.asarray(header), path)
        return pixels, alpha, grey, turn
    if not cv2.haveImageWriter("x.avif"):
        raise PhotoUnsupported(
            f"“{path}” is an AVIF photo with {_depth(data)} bits, which this OpenCV cannot read.",
            "Install a newer opencv-python-headless.",
        )
    values = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
    if values is None:
        raise damaged(path, "pixels")
    if values.dtype != np.uint16:
        raise PhotoDamaged(
            f"“{path}” says it has {_depth(data)} bits, but holds 8.", "Export it again."
        )
    most = (1 << _depth(data)) - 1
    full = _stretched(values, most)
    if full.ndim == 3 and full.shape[2] >= 3:
        code = cv2.COLOR_BGR2RGB if full.shape[2] == 3 else cv2.COLOR_BGRA2RGBA
        full = as_pixels(cv2.cvtColor(full, code))
    pixels, alpha, _ = _split(full, path)
    return pixels, alpha, grey, turn


def _stretched(values: Any, most: int) -> Pixels:
    """0..most over the whole range of 16 bits."""
    wide = np.minimum(values, most).astype(np.uint32)
    wide *= 65535
    wide += most // 2
    wide //= most
    return as_pixels(wide.astype(np.uint16))


def _depth(data: bytes) -> int:
    """Bits per channel, the most that a "pixi" property says: version and flags (4 bytes), number
    of channels, bits of each (ISO/IEC 23008-12, section 6.5.6).
    """
    depths = [depth for content in properties(data, b"pixi") for depth in content[5:]]
    return max(depths, default=8)


def _colours(info: dict[str, Any]) -> tuple[bytes | None, tuple[str, ...]]:
    """The profile: the file's own, or one made from the code numbers that it has instead."""
    if info.get("icc_profile"):
        return bytes(info["icc_profile"]), ()
    codes = info.get("nclx_profile") or {}
    space = _SPACES.get(int(codes.get("color_primaries", 2)))
    transfer = int(codes.get("transfer_characteristics", 2))
    notes: tuple[str, ...] = ()
    if transfer in _HDR:
        notes = (
            f"The photo is HDR ({_HDR[transfer]}): its tones are kept as they are, and look flat"
            " on a screen that does not know them.",
        )
    if space in (None, "srgb"):
        return None, notes
    from inpaint_core.photo.colour.icc_profiles import profile

    return profile(space), notes


def _others(file: Any, info: dict[str, Any]) -> tuple[str, ...]:
    """Sentences on what else the file holds."""
    notes: tuple[str, ...] = ()
    if len(file) > 1:
        notes += ("Only the first of the file's pictures was read.",)
    kinds = " ".join(str(kind) for kind in info.get("aux", {})).lower()
    if any(word in kinds for word in _GAIN):
        notes += ("The file holds an HDR gain map; only the photo itself is kept.",)
    elif info.get("depth_images") or info.get("aux"):
        notes += ("The file holds more than the photo (such as a depth map); only it is kept.",)
    return notes
