"""Reading a photo for the screen: runs on a lane's thread, returns frozen values."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtGui import QImage

from inpaint_core.progress import Progress

if TYPE_CHECKING:
    from inpaint_core.imaging.photo import Photo

#: What the open dialog offers, by the usual endings.
ENDINGS = ("jpg", "jpeg", "png", "tif", "tiff", "webp", "bmp", "gif", "avif")


@dataclass(frozen=True, eq=False)
class Opened:
    """A photo and what the screen needs of it.

    ``levels``: the photo in sRGB, full size first, each level half of the one before.
    ``profile``: the name of its colour profile. ``notes``: sentences for a person.
    """

    path: Path
    photo: Photo
    levels: tuple[QImage, ...]
    profile: str
    notes: tuple[str, ...]


def read(path: Path, progress: Progress) -> Opened:
    """Read the photo and prepare it for the screen. Raises `InpaintError` or `Cancelled`."""
    # Imported here, on the lane's thread: decoding brings in NumPy, OpenCV and Pillow.
    from app.ui import qimage
    from inpaint_core.imaging.read import read_photo

    progress.report(0.0, f"Opening {path.name}…")
    photo = read_photo(path)
    progress.report(0.6, f"Opening {path.name}…")
    image, understood = qimage.display_image(photo)
    progress.report(0.8, f"Opening {path.name}…")
    notes = photo.notes
    if not understood:
        notes += ("The photo's colour profile cannot be read; its colours are shown as sRGB.",)
    return Opened(path, photo, qimage.levels(image), _profile_name(photo), notes)


def _profile_name(photo: Photo) -> str:
    if photo.icc is None:
        return "sRGB (no profile)"
    from PySide6.QtGui import QColorSpace

    described = QColorSpace.fromIccProfile(photo.icc).description()
    return described or "unnamed profile"
