"""Makes thumbnails of files in the background, and keeps them."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterable
from contextlib import suppress
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from app.system.association.file_kinds import PROJECT_SUFFIX
from app.workers.decoder.decoder_pool import DecoderPool
from app.workers.decoder.decoding_work import make_thumbnail
from app.workers.decoder.limits import DecodeLimits
from app.workers.jobs import Lane
from inpaint_core.contract.errors import InpaintError
from inpaint_core.contract.progress import Progress
from inpaint_core.local.own_folders import cache_folder, make_private, write_private

_log = logging.getLogger(__name__)
_MAX_CACHED = 400  # thumbnails: files are often looked at again
_PNG_END = b"IEND\xaeB`\x82"
_SECONDS = 20.0  # limit for making a thumbnail
THUMBNAIL_SIDE = 320
"""The longer side of a thumbnail in pixels: 160 on a screen with a pixel ratio of 2."""


class ThumbnailMaker(QObject):
    """Has thumbnails made by ``decoder`` on ``lane``, one at a time, and caches them in ``folder``
    (None: the user's cache).

    ``ready(path, picture)``: the bytes of a PNG, or None if the photo is gone.
    """

    ready = Signal(object, object)

    def __init__(self, lane: Lane, decoder: DecoderPool, folder: Path | None = None) -> None:
        super().__init__()
        self._lane, self._decoder = lane, decoder
        self._folder = cache_folder() / "thumbnails" if folder is None else folder
        self._requested: list[Path] = []
        self._is_running = False
        self._is_closed = False

    def request(self, path: Path) -> None:
        """Have a thumbnail made or read from the cache; ``ready`` delivers it."""
        if not self._is_closed and path not in self._requested:
            self._requested.append(path)
            self._start_next()

    def cancel(self, paths: Iterable[Path]) -> None:
        """Drop the requests for these that have not been started."""
        unwanted = set(paths)
        self._requested = [path for path in self._requested if path not in unwanted]

    def close(self) -> None:
        """Make no more thumbnails, as the lane is about to end."""
        self._is_closed = True
        self._requested.clear()

    def clear(self) -> None:
        """Delete all thumbnails that are kept."""
        with suppress(OSError):
            for file in self._folder.glob("*.png"):
                file.unlink(missing_ok=True)

    def _start_next(self) -> None:
        # One at a time, so that a photo that is opened waits for one thumbnail and not for twelve.
        if self._is_running or not self._requested:
            return
        path = self._requested[0]
        job = self._lane.start(partial(_load_thumbnail, path, self._folder, self._decoder))
        self._is_running = True
        job.succeeded.connect(partial(self._on_thumbnail, path))
        job.failed.connect(partial(self._on_failed, path))

    def _on_thumbnail(self, path: Path, picture: object) -> None:
        if path in self._requested:
            self._requested.remove(path)
        self.ready.emit(path, picture)
        self._is_running = False
        self._start_next()

    def _on_failed(self, path: Path, error: Exception) -> None:
        _log.error("no thumbnail of %s", path, exc_info=error)
        self._on_thumbnail(path, None)


def _load_thumbnail(
    path: Path, folder: Path, decoder: DecoderPool, progress: Progress
) -> bytes | None:
    """The PNG of a photo's thumbnail, from the cache if the photo has not changed."""
    try:
        info = path.stat()
    except OSError:
        return None
    made_from = f"{path}\0{info.st_mtime_ns}\0{info.st_size}"
    cached = folder / f"{hashlib.sha256(made_from.encode('utf-8', 'replace')).hexdigest()[:32]}.png"
    with suppress(OSError):
        kept = cached.read_bytes()
        if kept.endswith(_PNG_END):  # a crash of the machine may leave half of it
            return kept
    progress.check()
    try:
        photo = _find_photo(path)
        picture = decoder.run(
            make_thumbnail,
            photo,
            THUMBNAIL_SIDE,
            path=photo,
            limits=DecodeLimits.for_seconds(_SECONDS),
            progress=progress,
        )
    except InpaintError:
        return None
    try:
        make_private(folder)
        write_private(cached, picture)
        cached_files = sorted(folder.glob("*.png"), key=lambda file: file.stat().st_mtime)
        for old in cached_files[:-_MAX_CACHED]:
            old.unlink(missing_ok=True)
    except OSError as error:  # without a cache, the thumbnail still is shown
        _log.warning("the thumbnail is not cached: %s", error)
    return picture


def _find_photo(path: Path) -> Path:
    """The photo of a project; any other file itself. Raises `InpaintError`."""
    if path.suffix.lower() != PROJECT_SUFFIX:
        return path
    from inpaint_core.project.photo_location import find_photo
    from inpaint_core.project.read_project import read_project

    with read_project(path) as project:
        found = find_photo(project.original, path)
    return path if found is None else found.path
