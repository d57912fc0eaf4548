"""Reads a photo and prepares it for the screen, on a worker thread."""

from __future__ import annotations

import threading
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from app.configuration.text import t
from app.workers.decoder import decoding_work as work
from app.workers.decoder.limits import DecodeLimits, ExtendableTimeout
from inpaint_core.contract.message import Message
from inpaint_core.contract.progress import Progress

if TYPE_CHECKING:
    from app.ui.painting.document_picture import DocumentPicture
    from app.workers.decoder.decoder_pool import DecoderPool
    from inpaint_core.photo.photo import Photo


@dataclass(frozen=True, eq=False)
class OpenedPhoto:
    """A photo and what the screen needs of it: see `app.session.session.OpenedFile`."""

    path: Path | None
    photo: Photo
    picture: DocumentPicture
    profile: str
    notes: tuple[Message, ...]


def open_photo(
    path: Path, progress: Progress, decoder: DecoderPool, timeout: ExtendableTimeout | None = None
) -> OpenedPhoto:
    """Decode a photo and prepare it for the screen.

    Raises `InpaintError` or `Cancelled`.
    """
    decoder.warm()
    # The first time, what preparing needs is imported while the child process decodes.
    importing = threading.Thread(target=_import_early, daemon=True)
    importing.start()
    photo = decoder.run(
        work.decode_photo,
        path,
        path=path,
        limits=DecodeLimits.for_file(path),
        progress=progress,
        timeout=timeout,
    )
    importing.join()
    return prepare_photo(photo, path, progress)


def open_data(data: bytes, progress: Progress, decoder: DecoderPool) -> OpenedPhoto:
    """As `open_photo`, of a picture in memory that never was a file."""
    name = t("window.untitled")
    limits = DecodeLimits.for_bytes(len(data))
    photo = decoder.run(
        work.decode_data, data, name, path=Path(name), limits=limits, progress=progress
    )
    return prepare_photo(photo, None, progress)


def _import_early() -> None:
    with suppress(ImportError, MemoryError):  # whoever needs it will say so
        import app.ui.painting.document_picture  # noqa: F401 (brings in NumPy and OpenCV)


def prepare_photo(photo: Photo, path: Path | None, progress: Progress) -> OpenedPhoto:
    """Prepare a photo that is in memory for the screen."""
    from app.ui.painting.document_picture import DocumentPicture

    progress.report(0.6, Message("window.preparing"))
    picture = DocumentPicture.from_photo(photo, progress)
    notes = photo.notes
    if not picture.has_readable_profile:
        notes += (Message("window.bad_profile"),)
    return OpenedPhoto(path, photo, picture, _profile_name(photo), notes)


def _profile_name(photo: Photo) -> str:
    if photo.icc is None:
        return t("window.no_profile")
    from PySide6.QtGui import QColorSpace

    described = QColorSpace.fromIccProfile(photo.icc).description()
    return described or t("window.unnamed_profile")
