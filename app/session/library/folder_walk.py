"""The folder of the current photo, to walk through it photo by photo."""

from __future__ import annotations

from bisect import bisect_left
from functools import partial
from pathlib import Path

from PySide6.QtCore import QFileSystemWatcher, QObject, QTimer, Signal

from app.session.controller import Controller
from app.session.library.folder_photos import (
    FolderPhoto,
    count_naturally,
    list_folder_photos,
)
from app.session.session import Session
from app.workers.jobs import Job, Lane

_DELAY = 400  # ms: a program that writes a file changes its folder several times


class FolderWalk(QObject):
    """Lists the folder of the current photo on ``lane``, anew when something in it changes.

    ``listed()``: ``photos`` are others now, or in other states. ``moved()``: another photo is the
    current one.
    """

    listed = Signal()
    moved = Signal()

    def __init__(self, controller: Controller, lane: Lane) -> None:
        super().__init__()
        self._controller, self._lane = controller, lane
        self._folder: Path | None = None
        self._job: Job | None = None
        self.photos: tuple[FolderPhoto, ...] = ()
        self._watcher = QFileSystemWatcher(self)
        self._delay = QTimer(self, singleShot=True, interval=_DELAY)
        self._delay.timeout.connect(self._list)
        self._watcher.directoryChanged.connect(lambda _: self._delay.start())
        controller.current_changed.connect(self._on_current_changed)

    @property
    def index(self) -> int | None:
        """Which of the photos is the current one; None if it is not among them."""
        session = self._controller.current
        path = None if session is None else session.document.path
        paths = [photo.path for photo in self.photos]
        return paths.index(path) if path in paths else None

    def find_neighbour(self, by: int, start: Path | None = None) -> Path | None:
        """The photo ``by`` places after ``start``, by default the current one; None beyond either
        end. One that is no longer in the folder counts from where it was.
        """
        session = self._controller.current
        if start is None and session is not None:
            start = session.document.path
        if start is None or start.parent != self._folder:
            return None
        paths = [photo.path for photo in self.photos]
        at = bisect_left(paths, count_naturally(start), key=count_naturally)
        is_there = start in paths
        found = (paths.index(start) if is_there else at - (by > 0)) + by
        return paths[found] if 0 <= found < len(paths) else None

    def _on_current_changed(self, session: Session | None) -> None:
        path = None if session is None else session.document.path
        folder = None if path is None else path.parent
        if folder == self._folder:
            self.moved.emit()
            return
        if self._folder is not None:
            self._watcher.removePath(str(self._folder))
        self._folder = folder
        if folder is None:
            self._show(None, ())
        else:
            self._watcher.addPath(str(folder))
            self._list()

    def _list(self) -> None:
        folder = self._folder
        if folder is not None:
            self._job = self._lane.start(lambda _: list_folder_photos(folder))
            self._job.succeeded.connect(partial(self._show, self._job))
            self._job.failed.connect(lambda _: self._show(None, ()))  # a folder that is gone

    def _show(self, job: Job | None, photos: tuple[FolderPhoto, ...]) -> None:
        if job is None or job is self._job:
            self._job = None
            if photos != self.photos:
                self.photos = photos
                self.listed.emit()
            self.moved.emit()
