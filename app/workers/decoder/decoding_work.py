"""What the editor has done in its decoder's child: nothing here may import Qt."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from inpaint_core.photo.photo import Photo


def photo(path: Path) -> Photo:
    """As `inpaint_core.photo.read_photo.read_photo`; the arrays' bytes follow each other."""
    import numpy as np

    from inpaint_core.photo.photo import as_pixels
    from inpaint_core.photo.read_photo import read_photo

    found = read_photo(path)
    # A turned photo may be a view of another one: such go the slow way to the other process.
    alpha = None if found.alpha is None else as_pixels(np.ascontiguousarray(found.alpha))
    return replace(found, pixels=as_pixels(np.ascontiguousarray(found.pixels)), alpha=alpha)


def mask(path: Path, shape: tuple[int, int]) -> NDArray[np.uint8]:
    """As `inpaint_core.photo.read_photo.read_mask`."""
    from inpaint_core.photo.read_photo import read_mask

    return read_mask(path, shape)


def thumbnail(path: Path, side: int) -> bytes:
    """A PNG of the photo, its longer side at most ``side`` pixels. Raises as `read_photo`."""
    from inpaint_core.photo.formats.png import png
    from inpaint_core.photo.thumbnail import thumbnail

    return b"".join(png.encode(thumbnail(path, side)))


def picture(data: bytes, name: str, most: int) -> Photo:
    """The PNG in ``data``, of at most ``most`` pixels. Raises as `read_photo`."""
    from inpaint_core.photo.formats.png import png

    return png.decode(data, Path(name), most)
