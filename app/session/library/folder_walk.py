"""The folder of the current photo, to walk through it photo by photo."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, Literal

from PySide6.QtCore import QFileSystemWatcher, QObject, QTimer, Signal

from app.configuration.text import t
from app.session.controller import Controller
from app.session.library.folder_photos import (
    FolderPhoto,
    SortKey,
    list_folder_photos,
    read_facts,
    sort_key,
)
from app.session.library.star_ratings import add_stars, write_stars
from app.session.session import Session
from app.workers.jobs import Job, Lane
from inpaint_core.contract.file_names import show_name
from inpaint_core.photo.metadata.capture_facts import CaptureFacts

MarkFilter = Literal["all", "retouched", "untouched"]
"""All photos; those with a retouched copy or a project; those without."""

_DELAY = 400  # ms: a program that writes a file changes its folder several times
_AT_ONCE = 200  # files that are read before others may use the lane
_MOST_WATCHED = 250  # folders; systems have a limit


class FolderWalk(QObject):
    """Lists the folder of the current photo on ``lane``, anew when something in it changes, in the
    order and with the sub-folders that the settings say.

    ``listed()``: ``photos`` are others now, or in other states. ``moved()``: another photo is the
    current one.
    """

    listed = Signal()
    moved = Signal()

    def __init__(self, controller: Controller, lane: Lane) -> None:
        super().__init__()
        self.settings = controller.settings
        self._controller, self._lane = controller, lane
        self._folder: Path | None = None
        self._job: Job | None = None
        self._reading: Job | None = None
        self._all: tuple[FolderPhoto, ...] = ()
        self._facts: dict[Path, tuple[object, CaptureFacts]] = {}  # with the stamp of each
        self._known: dict[Path, FolderPhoto] = {}  # also those that are gone, to go on from there
        self.photos: tuple[FolderPhoto, ...] = ()
        self.stars_from = 0
        self.marks: MarkFilter = "all"
        self._wants_facts = False
        self._watcher = QFileSystemWatcher(self)
        self._delay = QTimer(self, singleShot=True, interval=_DELAY)
        self._delay.timeout.connect(self._list)
        self._watcher.directoryChanged.connect(lambda _: self._delay.start())
        controller.current_changed.connect(self._on_current_changed)
        self.settings.changed.connect(self._on_setting)

    @property
    def index(self) -> int | None:
        """Which of the photos is the current one; None if it is not among them."""
        session = self._controller.current
        path = None if session is None else session.document.path
        paths = [photo.path for photo in self.photos]
        return paths.index(path) if path in paths else None

    @property
    def hides_some(self) -> bool:
        """Whether there are photos that do not pass the filter."""
        return len(self.photos) < len(self._all)

    @property
    def _order(self) -> SortKey:
        order: SortKey = self.settings.get("folder.sort")
        return order

    def find_neighbour(self, by: int, start: Path | None = None) -> Path | None:
        """The photo ``by`` places after ``start``, by default the current one; None beyond either
        end. One that is no longer in the folder, or does not pass the filter, counts from where it
        was.
        """
        session = self._controller.current
        if start is None and session is not None:
            start = session.document.path
        if start is None or not self._holds(start):
            return None
        paths = [photo.path for photo in self.photos]
        known = self._known.get(start, FolderPhoto(start, "untouched"))
        at = bisect_left(self.photos, self._key(known), key=self._key)
        is_there = start in paths
        found = (paths.index(start) if is_there else at - (by > 0)) + by
        return paths[found] if 0 <= found < len(paths) else None

    def enter(self, folder: Path) -> None:
        """Take a folder for the one to walk through, though its photos may lie in sub-folders."""
        if folder != self._folder:
            self._set_folder(folder)

    def set_filter(self, stars_from: int, marks: MarkFilter) -> None:
        """Show only photos with so many stars or more, 0 to 5, and with such marks."""
        self.stars_from, self.marks = stars_from, marks
        self._read_facts()

    def want_facts(self, wanted: bool) -> None:
        """Whether stars are to be seen; where they are not, files are read only to sort them."""
        self._wants_facts = wanted
        if wanted:
            self._read_facts()

    def rate(self, path: Path, stars: int) -> None:
        """Give a photo stars, 0 to 5, in the XMP file beside it."""
        text = t("folder.rating", name=show_name(path.name))
        self._controller.start_task(lambda _: write_stars(path, stars), text, self._on_rated)

    def rate_current(self, by: int) -> None:
        """Give the current photo so many stars more, from 0 to 5."""
        session = self._controller.current
        path = None if session is None else session.document.path
        if path is not None:
            text = t("folder.rating", name=show_name(path.name))
            self._controller.start_task(lambda _: add_stars(path, by), text, self._on_rated)

    def _on_rated(self, _: object) -> None:
        self._wants_facts = True
        self._list()

    # -- listing -------------------------------------------------------------------------------

    def _holds(self, path: Path) -> bool:
        if path.parent == self._folder:
            return True
        is_deep = self.settings.get("folder.deep") and self._folder is not None
        return bool(is_deep and self._folder in path.parents)

    def _on_setting(self, setting: str, _: object) -> None:
        if setting == "folder.sort":
            self._read_facts()
        elif setting == "folder.deep":
            session = self._controller.current
            path = None if session is None else session.document.path
            if path is not None and not self._holds(path):
                self._set_folder(path.parent)
            else:
                self._list()

    def _on_current_changed(self, session: Session | None) -> None:
        path = None if session is None else session.document.path
        if (path is not None and self._holds(path)) or (path is None and self._folder is None):
            self.moved.emit()
        else:
            self._set_folder(None if path is None else path.parent)

    def _set_folder(self, folder: Path | None) -> None:
        if self._watcher.directories():
            self._watcher.removePaths(self._watcher.directories())
        self._folder = folder
        self._known, self._facts = {}, {}
        if folder is None:
            self._show(None, ())
        else:
            self._watcher.addPath(str(folder))
            self._list()

    def _list(self) -> None:
        folder, deep = self._folder, bool(self.settings.get("folder.deep"))
        if folder is not None:
            self._job = self._lane.start(lambda _: list_folder_photos(folder, deep))
            self._job.succeeded.connect(partial(self._show, self._job))
            self._job.failed.connect(lambda _: self._show(None, ()))  # a folder that is gone

    def _show(self, job: Job | None, photos: tuple[FolderPhoto, ...]) -> None:
        if job is None or job is self._job:
            self._job = None
            self._all = photos
            watched = set(self._watcher.directories())
            inner = {str(photo.path.parent) for photo in photos} - watched
            if inner and len(watched) < _MOST_WATCHED:
                self._watcher.addPaths(sorted(inner)[: _MOST_WATCHED - len(watched)])
            self._read_facts()

    def _read_facts(self) -> None:
        """Read what is not known yet of the files, if it is wanted; show the photos, at once where
        that does not wait for it.
        """
        needed = self.stars_from > 0 or self._order == "taken"
        unread = self._find_unread() if needed or self._wants_facts else []
        if unread and self._reading is None:
            self._start_reading()
        if not (unread and needed):
            self._arrange()

    def _start_reading(self) -> None:
        some = self._find_unread()[:_AT_ONCE]
        self._reading = self._lane.start(lambda _: [(each, read_facts(each)) for each in some])
        self._reading.succeeded.connect(self._on_facts)

    def _find_unread(self) -> list[FolderPhoto]:
        return [p for p in self._all if self._facts.get(p.path, (None,))[0] != p.stamp]

    def _on_facts(self, found: Sequence[tuple[FolderPhoto, CaptureFacts]]) -> None:
        self._reading = None
        self._facts |= {photo.path: (photo.stamp, facts) for photo, facts in found}
        if self._find_unread():
            self._start_reading()
        else:
            self._arrange()

    def _arrange(self) -> None:
        """Show the photos that pass the filter, in order."""
        known = [
            replace(photo, facts=self._facts.get(photo.path, (None, None))[1])
            for photo in self._all
        ]
        self._known |= {photo.path: photo for photo in known}
        before = self.photos
        self.photos = tuple(sorted(filter(self._passes, known), key=self._key))
        if self.photos != before:
            self.listed.emit()
        self.moved.emit()

    def _passes(self, photo: FolderPhoto) -> bool:
        is_retouched = photo.state != "untouched"
        marked = self.marks == "all" or (self.marks == "retouched") == is_retouched
        return marked and photo.stars >= self.stars_from

    def _key(self, photo: FolderPhoto) -> tuple[Any, ...]:
        return sort_key(photo, self._order)
