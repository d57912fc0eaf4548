"""The photos and projects that were opened last, and their thumbnails."""

from __future__ import annotations

import hashlib
import json
import logging
from contextlib import suppress
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, QSettings, Signal

import resources
from app.system.association.file_kinds import PROJECT_SUFFIX
from app.workers.decoder.decoder_pool import DecoderPool
from app.workers.decoder.decoding_work import make_thumbnail
from app.workers.decoder.limits import DecodeLimits
from app.workers.jobs import Lane
from inpaint_core.contract.errors import InpaintError
from inpaint_core.contract.progress import Progress
from inpaint_core.local.own_folders import cache_folder, make_private, write_private

_log = logging.getLogger(__name__)
_STORE_KEY = "recent/photos"
_MAX_FILES = 12
_MAX_CACHED = 60  # thumbnails: files that left the list are often opened again
_MAX_NAME = 32_768  # characters: as long as a path can be
_PNG_END = b"IEND\xaeB`\x82"
_SECONDS = 20.0  # limit for making a thumbnail
THUMBNAIL_SIDE = 320
"""The longer side of a thumbnail in pixels: 160 on a screen with a pixel ratio of 2."""


class RecentFiles(QObject):
    """The list of recent files, newest first, kept in ``store``.

    Thumbnails are made by ``decoder`` on ``lane`` and cached in ``folder`` (None: the user's
    cache). ``changed()``: the list changed. ``thumbnail_ready(path, picture)``: the bytes of a
    PNG, or None if the photo is gone.
    """

    changed = Signal()
    thumbnail_ready = Signal(object, object)

    def __init__(
        self, store: QSettings, lane: Lane, decoder: DecoderPool, folder: Path | None = None
    ) -> None:
        super().__init__()
        self._decoder = decoder
        self._store = store
        self._lane = lane
        self._folder = cache_folder() / "thumbnails" if folder is None else folder
        self._requested: list[Path] = []
        self._is_running = False
        self._is_closed = False

    @property
    def paths(self) -> tuple[Path, ...]:
        """The files, newest first; they may have been deleted meanwhile."""
        try:
            stored = json.loads(str(self._store.value(_STORE_KEY, "[]")))
        except (ValueError, RecursionError):
            return ()
        names = stored if isinstance(stored, list) else []
        return tuple(Path(name) for name in names if _is_name(name))[:_MAX_FILES]

    def add(self, path: Path) -> None:
        """Put a file at the front. Lacuna's own samples are left out."""
        path = path.absolute()
        if resources.path("icon.svg").parent in path.parents:
            return
        self._store_paths((path, *(other for other in self.paths if other != path)))

    def remove(self, path: Path) -> None:
        """Remove a file from the list; the file itself is not touched."""
        self._store_paths(tuple(other for other in self.paths if other != path))

    def clear(self) -> None:
        """Clear the list and delete all thumbnails."""
        with suppress(OSError):
            for file in self._folder.glob("*.png"):
                file.unlink(missing_ok=True)
        self._store_paths(())

    def request_thumbnail(self, path: Path) -> None:
        """Have a thumbnail made or read from the cache; ``thumbnail_ready`` delivers it."""
        if not self._is_closed and path not in self._requested:
            self._requested.append(path)
            self._start_next()

    def close(self) -> None:
        """Make no more thumbnails, as the lane is about to end."""
        self._is_closed = True
        self.cancel_requests()

    def cancel_requests(self) -> None:
        """Drop the requests for thumbnails that have not been started."""
        self._requested.clear()

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
        self.thumbnail_ready.emit(path, picture)
        self._is_running = False
        self._start_next()

    def _on_failed(self, path: Path, error: Exception) -> None:
        _log.error("no thumbnail of %s", path, exc_info=error)
        self._on_thumbnail(path, None)

    def _store_paths(self, paths: tuple[Path, ...]) -> None:
        if paths != self.paths:
            self._store.setValue(_STORE_KEY, json.dumps([str(path) for path in paths[:_MAX_FILES]]))
            self.changed.emit()


def _is_name(value: object) -> bool:
    """Whether a stored value can be a file's path."""
    return isinstance(value, str) and 0 < len(value) <= _MAX_NAME and "\0" not in value


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
