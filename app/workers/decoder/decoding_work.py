"""The functions that run in the decoder's child process. Nothing here may import Qt."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from inpaint_core.photo.mask_picture import MaskReading
    from inpaint_core.photo.photo import Photo


def decode_photo(path: Path) -> Photo:
    """As `inpaint_core.photo.read_photo.read_photo`, not examined, with contiguous arrays."""
    from inpaint_core.photo.read_photo import read_photo

    return _with_contiguous_arrays(read_photo(path, examine=False))


def has_damage(path: Path) -> bool:
    """As `inpaint_core.photo.read_photo.has_damage`."""
    from inpaint_core.photo.read_photo import has_damage

    return has_damage(path)


def decode_data(data: bytes, name: str) -> Photo:
    """The photo in ``data``, which never was a file; messages call it ``name``."""
    from inpaint_core.photo.read_photo import decode_photo

    return replace(_with_contiguous_arrays(decode_photo(data, Path(name))), path=None)


def _with_contiguous_arrays(photo: Photo) -> Photo:
    import numpy as np

    from inpaint_core.photo.photo import as_pixels

    # A rotated photo may be a view, and views are slow to send to the other process.
    alpha = None if photo.alpha is None else as_pixels(np.ascontiguousarray(photo.alpha))
    return replace(photo, pixels=as_pixels(np.ascontiguousarray(photo.pixels)), alpha=alpha)


def decode_mask(path: Path, shape: tuple[int, int]) -> MaskReading:
    """As `inpaint_core.photo.read_photo.interpret_mask_file`."""
    from inpaint_core.photo.read_photo import interpret_mask_file

    return interpret_mask_file(path, shape)


def decode_strokes(path: Path, shape: tuple[int, int]) -> NDArray[np.uint8]:
    """As `inpaint_core.photo.read_photo.read_brightness`."""
    from inpaint_core.photo.read_photo import read_brightness

    return read_brightness(path, shape)


def decode_semantic_map(path: Path, shape: tuple[int, int]) -> NDArray[np.uint8]:
    """As `inpaint_core.retouch.guide_files.read_semantic_map`."""
    import numpy as np

    from inpaint_core.retouch.guide_files import read_semantic_map

    return np.ascontiguousarray(read_semantic_map(path, shape))


def make_thumbnail(path: Path, side: int) -> bytes:
    """A PNG of the photo, its longer side at most ``side`` pixels. Raises as `read_photo`."""
    from inpaint_core.photo.formats.png import png_writer as png
    from inpaint_core.photo.thumbnail import make_thumbnail

    return png.encode_png(make_thumbnail(path, side))


def decode_picture(data: bytes, name: str, max_pixels: int) -> Photo:
    """The PNG in ``data``, of at most ``max_pixels`` pixels. Raises as `read_photo`."""
    from inpaint_core.photo.formats.png import png_reader as png

    return png.decode_png(data, Path(name), max_pixels)[0]
