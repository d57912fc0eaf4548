"""Reading a photo for the screen: runs on a lane's thread, returns frozen values."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from app.configuration.text import t
from app.workers.decoder import decoding_work as work
from app.workers.decoder.bounds import Bounds, Patience
from inpaint_core.contract.progress import Progress
from inpaint_core.photo.formats import source_bytes as source

if TYPE_CHECKING:
    from app.ui.painting.document_picture import Picture
    from app.workers.decoder.decoder import Decoder
    from inpaint_core.photo.photo import Photo

#: What the open dialog offers, by the usual endings.
ENDINGS = source.ENDINGS


@dataclass(frozen=True, eq=False)
class Opened:
    """A photo and what the screen needs of it: see `app.session.session.Opened`."""

    path: Path | None
    photo: Photo
    picture: Picture
    profile: str
    notes: tuple[str, ...]


def read(
    path: Path, progress: Progress, decoder: Decoder, patience: Patience | None = None
) -> Opened:
    """Have the photo decoded, and prepare it for the screen.

    Raises `InpaintError` or `Cancelled`.
    """
    decoder.warm()
    # What preparing needs is imported while the child decodes, the first time.
    importing = threading.Thread(target=_import, daemon=True)
    importing.start()
    photo = decoder.run(
        work.photo,
        path,
        path=path,
        bounds=Bounds.of(path),
        progress=progress,
        patience=patience,
    )
    importing.join()
    return prepare(photo, path, progress)


def _import() -> None:
    import app.ui.painting.document_picture  # noqa: F401 (brings in NumPy and OpenCV)


def prepare(photo: Photo, path: Path | None, progress: Progress) -> Opened:
    """A photo that is in memory, prepared for the screen."""
    from app.ui.painting.document_picture import Picture

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
