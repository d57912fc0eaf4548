"""Reading OpenRaster files as the picture that their layers make together.

Source: OpenRaster 0.0.6, “File Layout” and “Baseline”.
"""

from __future__ import annotations

import io
import zipfile
from dataclasses import replace
from pathlib import Path

from inpaint_core.contract.errors import PhotoTooLarge, PhotoUnsupported
from inpaint_core.contract.message import Message
from inpaint_core.photo.formats.png.png_reader import decode_png
from inpaint_core.photo.photo import Photo

MERGED, LAYERS = "mergedimage.png", "data/"


def decode_openraster(data: bytes, path: Path, max_pixels: int) -> tuple[Photo, int]:
    """The picture in an OpenRaster file, and the orientation to be applied.

    Raises `PhotoUnsupported` for a file of before 2012, which may have no such picture.
    """
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        names = archive.namelist()
        if MERGED not in names:
            raise PhotoUnsupported("photo.ora_without_picture", path=path)
        entry = archive.getinfo(MERGED)
        most = 8 * max_pixels + (256 << 20)  # as of any file
        if entry.file_size > most:
            raise PhotoTooLarge(
                "photo.file_too_large", path=path, size=entry.file_size / 1e9, limit=max_pixels
            )
        with archive.open(entry) as stream:
            content = stream.read(most)
    photo, orientation = decode_png(content, path, max_pixels)
    layers = sum(name.startswith(LAYERS) and name.endswith(".png") for name in names)
    if layers > 1:
        photo = replace(
            photo,
            notes=(Message("photo.flattened"), *photo.notes),
            origin=replace(photo.origin, has_layers=True),
        )
    return photo, orientation
