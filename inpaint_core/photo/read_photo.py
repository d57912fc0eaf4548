"""From a file to a photo or a mask."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from inpaint_core.contract.message import Message
from inpaint_core.photo import mask_picture as mask
from inpaint_core.photo.file_version import FileVersion
from inpaint_core.photo.formats.decode_guard import MAX_PIXELS, guard_decoding, read_bytes
from inpaint_core.photo.formats.registry import recognise_format
from inpaint_core.photo.metadata import exif, xmp
from inpaint_core.photo.metadata.previews import remove_previews
from inpaint_core.photo.photo import Photo, turn_upright

_DENSEST = 30_000  # dots per inch, more than any scanner has


def read_photo(path: Path, max_pixels: int = MAX_PIXELS, examine: bool = True) -> Photo:
    """The photo in a file, turned upright, at the file's own depth.

    docs/files.md says what is read, and as what. The bytes decide on the format, not the name (but
    camera raw files are recognised by their name too); of several pictures the first is read.
    Without ``examine``, a JPEG is not searched for damage, which takes as long as decoding it, and
    longer the first time: see `has_damage`.
    Raises `FileUnreadable`, `PhotoDamaged`, `PhotoUnsupported`, `PhotoTooLarge` (more than
    ``max_pixels``, seen in the header before memory is taken) or `OutOfMemory`.
    """
    version = FileVersion.at(path)  # before: what is written while it is read is newer
    photo = decode_photo(read_bytes(path, max_pixels), path, max_pixels, examine)
    return replace(photo, version=version)


def has_damage(path: Path, max_pixels: int = MAX_PIXELS) -> bool:
    """Whether pixels of a photo are missing or invented that its decoder does not report.

    Raises as `read_photo`.
    """
    data = read_bytes(path, max_pixels)
    find = recognise_format(data, path).has_damage
    with guard_decoding(path):
        return find is not None and find(data, path, max_pixels)


def read_mask(
    path: Path, shape: tuple[int, ...], max_pixels: int = MAX_PIXELS
) -> NDArray[np.uint8]:
    """The mask in a picture of the photo's ``shape`` (H, W, ...): (H, W) uint8, 0 keep .. 255.

    See `mask_picture.interpret_mask` for what counts as bright. Raises what `read_photo`
    raises, and `BadRequest` for another size and where nothing means remove.
    """
    return interpret_mask_file(path, shape, max_pixels).mask


def interpret_mask_file(
    path: Path, shape: tuple[int, ...], max_pixels: int = MAX_PIXELS, *, scale: bool = False
) -> mask.MaskReading:
    """As `read_mask`, with notes on what may be meant otherwise. ``scale``: a picture of another
    size, but of the photo's proportions, is scaled to it first.
    """
    picture = read_photo(path, max_pixels)
    if scale:
        picture = mask.scale_picture(picture, shape, str(path))
    mask.check_shape(picture.shape, shape, str(path))
    reading = mask.interpret_mask(picture, str(path))
    if any(note.key == "photo.partly_damaged" for note in picture.notes):
        return replace(reading, notes=(Message("photo.mask_damaged", name=path), *reading.notes))
    return reading


def read_brightness(
    path: Path, shape: tuple[int, ...], max_pixels: int = MAX_PIXELS
) -> NDArray[np.uint8]:
    """The brightness of a picture as `read_strengths` has it, for masks with a threshold of their
    own. Raises as `read_mask`.
    """
    picture = read_photo(path, max_pixels)
    mask.check_shape(picture.shape, shape, str(path))
    return mask.read_strengths(picture)


def decode_photo(
    data: bytes, path: Path, max_pixels: int = MAX_PIXELS, examine: bool = True
) -> Photo:
    """The photo in the bytes of a file; ``path`` is where they came from. See `read_photo`."""
    file_format = recognise_format(data, path)
    with guard_decoding(path):
        decode, find = file_format.decode, file_format.has_damage
        if examine and find is not None and find(data, path, max_pixels):
            decode = file_format.decode_damaged or decode
        photo, orientation = decode(data, path, max_pixels)
        return _turn_photo(
            replace(photo, format=photo.format or file_format.id, path=path), orientation
        )


def _turn_photo(photo: Photo, orientation: int) -> Photo:
    photo = photo.map_arrays(lambda values: turn_upright(values, orientation))
    size = (photo.shape[1], photo.shape[0])
    dpi = photo.dpi
    if dpi is not None and not all(1 <= value <= _DENSEST for value in dpi):
        dpi = None  # damaged or invented
    if orientation >= 5 and dpi is not None:
        dpi = (dpi[1], dpi[0])
    photo = remove_previews(photo)
    return replace(
        photo,
        exif=None if photo.exif is None else exif.mark_upright(photo.exif, size),
        xmp=None if photo.xmp is None else xmp.write_orientation(photo.xmp, 1),
        dpi=dpi,
        origin=replace(photo.origin, orientation=max(orientation, photo.origin.orientation)),
    )
