"""Reading OpenRaster files as the picture that their layers make together.

Source: OpenRaster 0.0.6, “File Layout” and “Baseline”.
"""

from __future__ import annotations

import io
import struct
import zipfile
from dataclasses import replace
from pathlib import Path

from inpaint_core.contract.errors import PhotoUnsupported
from inpaint_core.contract.message import Message
from inpaint_core.photo.formats.decode_guard import check_size, damaged_photo
from inpaint_core.photo.formats.png.png_reader import SIGNATURE, decode_png
from inpaint_core.photo.photo import Photo

MERGED, LAYERS = "mergedimage.png", "data/"
_HEADER = 33  # bytes of a PNG up to the end of its header
_OTHERS = 256 << 20  # bytes of it that are not pixels, at most


def decode_openraster(data: bytes, path: Path, max_pixels: int) -> tuple[Photo, int]:
    """The picture in an OpenRaster file, and the orientation to be applied.

    Raises `PhotoUnsupported` for a file of before 2012, which may have no such picture.
    """
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        names = archive.namelist()
        if MERGED not in names:
            raise PhotoUnsupported("photo.ora_without_picture", path=path)
        with archive.open(MERGED) as stream:
            start = stream.read(_HEADER)
            if not start.startswith(SIGNATURE) or len(start) < _HEADER:
                raise damaged_photo(path)
            width, height = struct.unpack_from(">II", start, 16)
            check_size(width, height, max_pixels, path)
            # An archive of a few kilobytes may unpack to gigabytes.
            content = start + stream.read(8 * width * height + _OTHERS)
    photo, orientation = decode_png(content, path, max_pixels)
    layers = sum(name.startswith(LAYERS) and name.endswith(".png") for name in names)
    if layers > 1:
        photo = replace(
            photo,
            notes=(Message("photo.flattened"), *photo.notes),
            origin=replace(photo.origin, has_layers=True),
        )
    return photo, orientation
