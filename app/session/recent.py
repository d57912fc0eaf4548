"""The photos and projects that were opened last, and small pictures of them."""

from __future__ import annotations

import hashlib
import json
import logging
from functools import partial
from pathlib import Path

import platformdirs
from PySide6.QtCore import QObject, QSettings, Signal

import resources
from app.session.controller import PROJECT
from app.workers.decoder import decoding_work as work
from app.workers.decoder.bounds import Bounds
from app.workers.decoder.decoder import Decoder
from app.workers.jobs import Lane
from inpaint_core.contract.errors import InpaintError
from inpaint_core.contract.progress import Progress

_log = logging.getLogger(__name__)
_PLACE = "recent/photos"
_MOST = 12
_KEPT = 60  # thumbnails in the cache: some that left the list are asked for again
_SECONDS = 20.0  # nobody waits for a thumbnail
SIDE = 320
"""The longer side of a thumbnail in pixels: 160 on a screen with two pixels to the point."""


class Recent(QObject):
    """The list of photos, newest first; it is kept in ``store``.

    Thumbnails are made by ``decoder``, asked on ``lane``, and kept in ``folder`` (None: the user's
    cache).
    ``changed()`` after every change of the list; ``thumbnail_made(path, picture)`` with the bytes
    of a PNG, or None where there is no such photo any more.
    """

    changed = Signal()
    thumbnail_made = Signal(object, object)

    def __init__(
        self, store: QSettings, lane: Lane, decoder: Decoder, folder: Path | None = None
    ) -> None:
        super().__init__()
        self._decoder = decoder
        self._store = store
        self._lane = lane
        cache = platformdirs.user_cache_path("Lacuna", appauthor=False)
        self._folder = cache / "thumbnails" if folder is None else folder
        self._asked: list[Path] = []
        self._running = False
        self._closed = False

    @property
    def paths(self) -> tuple[Path, ...]:
        """The photos, newest first. They may have gone meanwhile."""
        try:
            held = json.loads(str(self._store.value(_PLACE, "[]")))
        except ValueError:
            return ()
        names = held if isinstance(held, list) else []
        return tuple(Path(name) for name in names if isinstance(name, str))[:_MOST]

    def add(self, path: Path) -> None:
        """Put a photo to the front. The samples that come with Lacuna are not kept."""
        path = path.absolute()
        if resources.path("icon.svg").parent in path.parents:
            return
        self._keep((path, *(other for other in self.paths if other != path)))

    def remove(self, path: Path) -> None:
        """Forget a photo; the file itself is not touched."""
        self._keep(tuple(other for other in self.paths if other != path))

    def clear(self) -> None:
        """Forget all photos and their thumbnails."""
        for file in self._folder.glob("*.png"):
            file.unlink(missing_ok=True)
        self._keep(())

    def ask(self, path: Path) -> None:
        """Have the thumbnail of a photo made, or fetched: ``thumbnail_made`` tells of it."""
        if not self._closed and path not in self._asked:
            self._asked.append(path)
            self._next()

    def close(self) -> None:
        """The lane is about to end: make no thumbnails any more."""
        self._closed = True
        self.rest()

    def rest(self) -> None:
        """Begin no more thumbnails, until they are asked for again."""
        self._asked.clear()

    def _next(self) -> None:
        # One at a time: a photo that is opened meanwhile waits for one thumbnail, not for twelve.
        if self._running or not self._asked:
            return
        path = self._asked[0]
        job = self._lane.start(partial(_picture, path, self._folder, self._decoder))
        self._running = True
        job.succeeded.connect(partial(self._made, path))
        job.failed.connect(partial(self._failed, path))

    def _made(self, path: Path, picture: object) -> None:
        if path in self._asked:
            self._asked.remove(path)
        self.thumbnail_made.emit(path, picture)
        self._ended()

    def _ended(self) -> None:
        self._running = False
        self._next()

    def _failed(self, path: Path, error: Exception) -> None:
        _log.error("no thumbnail of %s", path, exc_info=error)
        self._made(path, None)

    def _keep(self, paths: tuple[Path, ...]) -> None:
        if paths != self.paths:
            self._store.setValue(_PLACE, json.dumps([str(path) for path in paths[:_MOST]]))
            self.changed.emit()


def _picture(path: Path, folder: Path, decoder: Decoder, progress: Progress) -> bytes | None:
    """The PNG of a photo's thumbnail, from the cache where the photo did not change."""
    try:
        info = path.stat()
    except OSError:
        return None
    made_from = f"{path}\0{info.st_mtime_ns}\0{info.st_size}"
    cached = folder / f"{hashlib.sha256(made_from.encode('utf-8', 'replace')).hexdigest()[:32]}.png"
    if cached.is_file():
        return cached.read_bytes()
    progress.check()
    try:
        photo = _photo(path)
        picture = decoder.run(
            work.thumbnail,
            photo,
            SIDE,
            path=photo,
            bounds=Bounds.short(_SECONDS),
            progress=progress,
        )
    except InpaintError:
        return None
    try:
        folder.mkdir(parents=True, exist_ok=True)
        cached.write_bytes(picture)
        _prune(folder)
    except OSError as error:  # a full or read-only disk costs the cache, not the picture
        _log.warning("the thumbnail is not kept: %s", error)
    return picture


def _photo(path: Path) -> Path:
    """The photo of a project, and any other file itself. Raises `InpaintError`."""
    if path.suffix.lower() != PROJECT:
        return path
    from inpaint_core.project.photo_location import find
    from inpaint_core.project.read_project import read

    with read(path) as project:
        found = find(project.original, path)
    return path if found is None else found.path


def _prune(folder: Path) -> None:
    kept = sorted(folder.glob("*.png"), key=lambda file: file.stat().st_mtime, reverse=True)
    for file in kept[_KEPT:]:
        file.unlink(missing_ok=True)
