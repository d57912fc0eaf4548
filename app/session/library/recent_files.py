"""The photos and projects that were opened last."""

from __future__ import annotations

import json
from pathlib import Path

from PySide6.QtCore import QObject, QSettings, Signal

import resources
from app.session.library.thumbnail_maker import ThumbnailMaker

_STORE_KEY = "recent/photos"
_MAX_FILES = 12
_MAX_NAME = 32_768  # characters: as long as a path can be


class RecentFiles(QObject):
    """The list of recent files, newest first, kept in ``store``; ``thumbnails`` makes theirs.

    ``changed()``: the list changed.
    """

    changed = Signal()

    def __init__(self, store: QSettings, thumbnails: ThumbnailMaker) -> None:
        super().__init__()
        self.thumbnails = thumbnails
        self._store = store

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
        self.thumbnails.clear()
        self._store_paths(())

    def _store_paths(self, paths: tuple[Path, ...]) -> None:
        if paths != self.paths:
            self._store.setValue(_STORE_KEY, json.dumps([str(path) for path in paths[:_MAX_FILES]]))
            self.changed.emit()


def _is_name(value: object) -> bool:
    """Whether a stored value can be a file's path."""
    return isinstance(value, str) and 0 < len(value) <= _MAX_NAME and "\0" not in value
