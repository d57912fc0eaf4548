"""Writes every edit to a journal, so that a crash loses nothing.

After each edit, the tiles it changed are replaced in the journal's file in one transaction. The
file therefore always holds the state after some edit, whenever the program or the machine stops,
and is never larger than the document's layers.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, Signal, Slot

from app.document.layer_tiles import tile_rect, tiles_in
from app.document.retouching.copy_source import source_of
from app.session.recovery.journal_file import JournalFile
from app.session.recovery.project_link import ProjectLink
from app.session.recovery.unsaved_work import UnsavedWork
from inpaint_core.contract.errors import InpaintError
from inpaint_core.local.own_folders import state_folder

if TYPE_CHECKING:
    from app.document.document import Document
    from app.document.layer_tiles import LayerChange, TileKey
    from app.session.recovery.journal_file import Tiles
    from inpaint_core.contract.choices import Layer
    from inpaint_core.photo.file_version import FileVersion

_log = logging.getLogger(__name__)


def journal_folder() -> Path:
    """The folder of the user's journals, which may not exist yet."""
    return state_folder() / "journals"


class RecoveryJournal(QObject):
    """Keeps journals of documents in ``folder``. Belongs to the UI thread.

    Changed tiles are copied on the UI thread and written on a separate one, so that painting never
    waits for the disk. ``failed(exception)``: a journal could not be written. It is emitted once
    per document; writing is tried again after the next edit.
    """

    failed = Signal(object)
    _write_failed = Signal(object, object)

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self._folder = folder
        self._watched: dict[Document, _WatchedDocument] = {}
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="journal")
        # A plain function would run on the journal's thread; a queued slot runs on the UI thread.
        self._write_failed.connect(self._on_write_failed, Qt.ConnectionType.QueuedConnection)

    def watch(self, document: Document) -> None:
        """Journal past and future edits of ``document``."""
        if document not in self._watched:
            self._watched[document] = _WatchedDocument(
                document, self._folder, lambda watched: self._thread.submit(self._write, watched)
            )

    def forget(self, document: Document) -> None:
        """The document was closed regularly: delete its journal."""
        watched = self._watched.pop(document, None)
        if watched is not None:
            watched.close()
            self._thread.submit(_log_errors, watched.file.remove)

    def note_project(self, document: Document, link: ProjectLink) -> None:
        """The document was saved to or opened from a project."""
        watched = self._watched.get(document)
        if watched is not None:
            watched.note("project", link.to_json())

    def note_photo(self, document: Document, version: FileVersion) -> None:
        """The photo's own file was written from the document, and is of that ``version`` now."""
        watched = self._watched.get(document)
        if watched is not None:
            watched.note("stat", [version.size, version.modified])
            watched.note("sha256", None)  # that of the file before

    def flush(self) -> None:
        """Wait until all edits so far are on the disk or failed to be written."""
        self._thread.submit(lambda: None).result()

    def recover(self, work: UnsavedWork, document: Document) -> None:
        """Restore unsaved work in ``document``, the photo ``work.source`` just opened.

        The old journal is deleted only when the new one is on the disk. Raises as
        `UnsavedWork.restore`.
        """
        self.watch(document)
        work.restore(document)
        if work.project is not None:
            self.note_project(document, work.project)
        watched = self._watched[document]

        def discard() -> None:
            if watched.is_written:
                work.discard()

        self._thread.submit(_log_errors, discard)

    def close(self) -> None:
        """The program ends regularly: delete all journals and end the thread."""
        for document in tuple(self._watched):
            self.forget(document)
        self._thread.shutdown(wait=True)

    def _write(self, watched: _WatchedDocument) -> None:
        """On the journal's thread."""
        try:
            watched.write()
        except BaseException as error:  # the UI thread must hear of any error
            self._write_failed.emit(watched, error)

    @Slot(object, object)
    def _on_write_failed(self, watched: _WatchedDocument, error: BaseException) -> None:
        expected = isinstance(error, InpaintError)
        _log.warning("the journal was not written: %s", error, exc_info=None if expected else error)
        if not watched.has_reported_failure:
            watched.has_reported_failure = True
            self.failed.emit(error)


class _WatchedDocument:
    """A document, its tiles that are not on the disk yet, and its journal's file."""

    def __init__(
        self, document: Document, folder: Path, schedule: Callable[[_WatchedDocument], object]
    ) -> None:
        self.file = JournalFile(folder, document)
        self._document = document
        self._schedule = schedule
        self.has_reported_failure = False
        self._dirty = _edited_tiles(document)
        # The newest copy of each unwritten tile: at most one each, however slow the disk, and
        # always whole edits.
        self._unwritten: Tiles = {}
        self._notes: dict[str, object] = {}  # unwritten as well
        self._lock = threading.Lock()
        self._revision = -1 if self._dirty else document.revision
        self._unsubscribe = document.subscribe(self._on_change)
        self._source = source_of(document)
        self._source.listeners.append(self._on_source)
        self._on_source()
        self._copy_dirty_tiles()

    def close(self) -> None:
        """Stop following the document."""
        self._unsubscribe()
        self._source.listeners.remove(self._on_source)

    def note(self, name: str, value: object) -> None:
        """Keep something that is no edit: written at once beside edits that were written, else with
        the first edit.
        """
        with self._lock:
            self._notes[name] = value
        self._schedule(self)

    def _on_source(self) -> None:
        points = self._source.points
        if points is not None:
            self.note("copy", points.to_json())

    @property
    def is_written(self) -> bool:
        """True if everything is on the disk that belongs there."""
        with self._lock:
            return not self._unwritten and not (self._notes and self.file.exists)

    def write(self) -> None:
        """Write the waiting tiles to the disk; called on the journal's thread."""
        with self._lock:
            if not (self._unwritten or (self._notes and self.file.exists)):
                return  # written by an earlier job, or no edit yet
            tiles, self._unwritten = self._unwritten, {}
            notes, self._notes = self._notes, {}
        try:
            self.file.write(tiles, notes)
        except BaseException:
            with self._lock:
                self._unwritten = tiles | self._unwritten
                self._notes = notes | self._notes
            raise

    def _on_change(self, change: LayerChange) -> None:
        if change.layer == "history":
            self._copy_dirty_tiles()
        else:
            self._dirty |= {(change.layer, key) for key in tiles_in(change.rect)}

    def _copy_dirty_tiles(self) -> None:
        """After an edit: copy the tiles it changed and schedule them to be written."""
        document = self._document
        if not self._dirty or document.is_editing:
            return
        dirty, self._dirty = self._dirty, set()
        if document.revision == self._revision:
            return  # rolled back
        self._revision = document.revision
        copies: Tiles = {}
        for layer, key in dirty:
            array = document.read(layer)
            copies[layer, key] = array[tile_rect(key, document.shape).slices].copy()
        with self._lock:
            self._unwritten.update(copies)
        self._schedule(self)


def _edited_tiles(document: Document) -> set[tuple[Layer, TileKey]]:
    """The tiles in which the document differs from the photo as opened."""
    done = document.history.entries[: document.history.position]
    return {(layer, key) for entry in done for layer, rect in entry.rects for key in tiles_in(rect)}


def _log_errors(work: Callable[[], None]) -> None:
    try:
        work()
    except OSError as error:  # nothing is lost: the journal is offered again
        _log.warning("a journal was not deleted: %s", error)
