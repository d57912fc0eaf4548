"""Reading a photo for the screen: runs on a lane's thread, returns frozen values."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from app.text import t
from inpaint_core.imaging import source
from inpaint_core.progress import Progress

if TYPE_CHECKING:
    from app.ui.picture import Picture
    from inpaint_core.imaging.photo import Photo

#: What the open dialog offers, by the usual endings.
ENDINGS = source.ENDINGS


@dataclass(frozen=True, eq=False)
class Opened:
    """A photo and what the screen needs of it: see `app.session.Opened`."""

    path: Path | None
    photo: Photo
    picture: Picture
    profile: str
    notes: tuple[str, ...]


def read(path: Path, progress: Progress) -> Opened:
    """Read the photo and prepare it for the screen. Raises `InpaintError` or `Cancelled`."""
    # Imported here, on the lane's thread: decoding brings in NumPy, OpenCV and Pillow.
    from inpaint_core.imaging.read import read_photo

    return prepare(read_photo(path), path, progress)


def prepare(photo: Photo, path: Path | None, progress: Progress) -> Opened:
    """A photo that is in memory, prepared for the screen."""
    from app.ui.picture import Picture

    progress.report(0.6, t("window.preparing"))
    picture = Picture.of(photo, progress)
    notes = photo.notes
    if not picture.understood:
        notes += (t("window.bad_profile"),)
    return Opened(path, photo, picture, _profile_name(photo), notes)


def _profile_name(photo: Photo) -> str:
    if photo.icc is None:
        return t("window.no_profile")
    from PySide6.QtGui import QColorSpace

    described = QColorSpace.fromIccProfile(photo.icc).description()
    return described or t("window.unnamed_profile")
