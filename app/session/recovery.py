"""What was painted outlives a crash: a journal of each document, offered on the next start.

After each edit the tiles it touched are replaced in the journal's file, all of them or none, so
that the file always holds the state after some edit, whenever the program or the machine stops,
and never holds more than the photo, its mask and what is protected.
"""

from __future__ import annotations

import json
import logging
import sqlite3
import threading
import time
import zlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import platformdirs
from PySide6.QtCore import QObject, Qt, Signal, Slot

from app.configuration.text import t
from app.document.tiles import tile_rect, tiles
from app.session.journal import (
    SUFFIX,
    JournalFile,
    connected,
    copy_of,
    remove_files,
    sha256,
    stat_of,
)
from inpaint_core.contract.errors import BadRequest, PhotoDamaged

if TYPE_CHECKING:
    from app.document.change import Change, Layer
    from app.document.document import Document
    from app.document.tiles import Key
    from app.session.journal import Tiles
    from inpaint_core.contract.geometry import Rect

_log = logging.getLogger(__name__)

_FORGOTTEN = 24 * 3600
"""Age in seconds from which on an empty journal is taken away."""

Original = Literal["same", "changed", "missing"]


def place() -> Path:
    """Where the journals of this person's documents are or will be."""
    return platformdirs.user_state_path("Lacuna", appauthor=False) / "journals"


class Journal(QObject):
    """Keeps journals of documents in ``folder``. Belongs to the UI thread.

    What is written is copied there and handed to a thread of its own, so that painting never
    waits for the disk. ``failed(exception)``: a journal could not be written, said once for each
    document; it is tried again after the next edit.
    """

    failed = Signal(object)
    _broken = Signal(object, object)

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self._folder = folder
        self._watched: dict[Document, _Watched] = {}
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="journal")
        # A plain function would run on the journal's thread; a queued slot runs on this one's.
        self._broken.connect(self._tell, Qt.ConnectionType.QueuedConnection)

    def watch(self, document: Document) -> None:
        """Write down what was done to ``document`` and what will be; nothing until an edit."""
        if document not in self._watched:
            self._watched[document] = _Watched(document, self._folder, self._ready)

    def forget(self, document: Document) -> None:
        """The document was closed as its user wished: take its journal away."""
        watched = self._watched.pop(document, None)
        if watched is not None:
            watched.leave()
            self._thread.submit(_logged, watched.file.remove)

    def flush(self) -> None:
        """Wait until everything that was done is on the disk, or could not be written."""
        self._thread.submit(lambda: None).result()

    def recover(self, left: Recoverable, document: Document) -> None:
        """Put what was left behind into ``document`` and keep it in its own journal from now on.

        ``document`` is the photo ``left.source``, just opened. What was left behind is discarded
        when the new journal is on the disk, not before. Raises as `Recoverable.restore`.
        """
        self.watch(document)
        left.restore(document)
        watched = self._watched[document]

        def discard() -> None:
            if watched.safe:
                left.discard()

        self._thread.submit(_logged, discard)

    def close(self) -> None:
        """The program ends as its user wished: forget all documents, and end the thread."""
        for document in tuple(self._watched):
            self.forget(document)
        self._thread.shutdown(wait=True)

    @staticmethod
    def left_behind(folder: Path) -> list[Recoverable]:
        """See `left_behind`."""
        return left_behind(folder)

    def _ready(self, watched: _Watched) -> None:
        self._thread.submit(self._write, watched)

    def _write(self, watched: _Watched) -> None:
        """On the journal's thread."""
        try:
            watched.write()
        except BaseException as error:  # whatever it is, it must be heard of
            self._broken.emit(watched, error)

    @Slot(object, object)
    def _tell(self, watched: _Watched, error: BaseException) -> None:
        _log.warning("the journal was not written", exc_info=error)
        if not watched.complained:
            watched.complained = True
            self.failed.emit(error)


class _Watched:
    """A document, what of it is not on the disk yet, and its journal's file."""

    def __init__(self, document: Document, folder: Path, ready: Callable[[_Watched], None]) -> None:
        self.file = JournalFile(folder, document)
        self._document = document
        self._ready = ready
        self.complained = False
        self._dirty = _done(document)
        # The newest copy of each tile that waits to be written. However slow the disk, there is
        # at most one of each; always whole edits.
        self._waiting: Tiles = {}
        self._lock = threading.Lock()
        self._revision = -1 if self._dirty else document.revision
        self._unsubscribe = document.subscribe(self._hear)
        self._keep()

    @property
    def safe(self) -> bool:
        """True when everything is on the disk."""
        with self._lock:
            return not self._waiting

    def leave(self) -> None:
        """Listen no more."""
        self._unsubscribe()

    def write(self) -> None:
        """Put what waits onto the disk; called on the journal's thread."""
        with self._lock:
            waiting, self._waiting = self._waiting, {}
        if not waiting:
            return  # an earlier job took it along
        try:
            self.file.write(waiting)
        except BaseException:
            with self._lock:
                self._waiting = waiting | self._waiting
            raise

    def _hear(self, change: Change) -> None:
        if change.layer == "history":
            self._keep()
        else:
            self._dirty |= _tiles(change.layer, change.rect)

    def _keep(self) -> None:
        """Copy what an edit has changed, when it has ended, and ask for it to be written."""
        document = self._document
        if not self._dirty or document.editing:
            return
        dirty, self._dirty = self._dirty, set()
        if document.revision == self._revision:
            return  # rolled back
        self._revision = document.revision
        copies: Tiles = {}
        for layer, key in dirty:
            array = getattr(document, layer)
            copies[layer, key] = array[tile_rect(key, document.shape).slices].copy()
        with self._lock:
            self._waiting.update(copies)
        self._ready(self)


def _tiles(layer: Layer, rect: Rect) -> set[tuple[Layer, Key]]:
    return {(layer, key) for key in tiles(rect)}


def _done(document: Document) -> set[tuple[Layer, Key]]:
    """The tiles in which the document differs from the photo that was opened."""
    out: set[tuple[Layer, Key]] = set()
    for entry in document.history.entries[: document.history.position]:
        for layer, rect in entry.rects:
            out |= _tiles(layer, rect)
    return out


@dataclass(frozen=True)
class Recoverable:
    """What was painted on a photo when the program stopped.

    ``path`` is the photo's file (None: it was pasted), ``source`` the file to open now.
    ``when``: the last edit, in seconds since 1970. ``original`` says whether the photo's file is
    still the one that was painted on.
    """

    path: Path | None
    source: Path
    when: float
    original: Original
    _shape: tuple[int, int]
    _bits: int
    _journal: Path
    _connection: sqlite3.Connection

    def restore(self, document: Document) -> None:
        """Put everything into ``document`` as one edit.

        Raises `BadRequest` when the photo has another size or depth than the one that was painted
        on, and `PhotoDamaged` when the journal is damaged; the document is as before then.
        """
        import numpy as np

        another = BadRequest(t("recovery.another_photo"), t("recovery.another_photo.hint"))
        if (document.shape, document.photo.bits) != (self._shape, self._bits):
            raise another
        with document.edit("recovery.restored") as editing:
            try:
                for layer, row, column, data in self._connection.execute("select * from tile"):
                    if layer == "alpha" and document.alpha is None:
                        raise BadRequest(
                            t("recovery.another_photo"), t("recovery.another_photo.hint")
                        )
                    rect = tile_rect((row, column), document.shape)
                    now = editing.now(layer, rect)
                    values = np.frombuffer(zlib.decompress(data), now.dtype).reshape(now.shape)
                    editing.write(layer, rect, values)
            except (sqlite3.DatabaseError, zlib.error, ValueError) as error:
                raise PhotoDamaged(t("recovery.damaged"), t("recovery.damaged.hint")) from error

    def release(self) -> None:
        """Let go of it without restoring; it is offered again on the next start."""
        self._connection.close()

    def discard(self) -> None:
        """Take it away for good."""
        self._connection.close()
        remove_files(self._journal)


def _logged(work: Callable[[], None]) -> None:
    try:
        work()
    except OSError as error:  # it is offered again, and nothing is lost
        _log.warning("a journal was not taken away: %s", error)


def left_behind(folder: Path) -> list[Recoverable]:
    """What a crash left in ``folder``, the newest first; journals in use are passed over.

    Each of them is held until it is discarded or released. A journal that cannot be read is
    renamed to end with “.damaged”, and the log says so.
    """
    found = []
    _tidy(folder)
    for path in folder.glob(f"*{SUFFIX}"):
        try:
            left = _opened(path)
        except (sqlite3.DatabaseError, KeyError, ValueError) as error:
            _log.warning("the journal “%s” cannot be read: %s", path, error)
            path.replace(path.with_suffix(".damaged"))
        else:
            if left is not None:
                found.append(left)
    return sorted(found, key=lambda left: left.when, reverse=True)


def _tidy(folder: Path) -> None:
    """Take copies of photos away whose journal was never begun."""
    for path in (*folder.glob("*.part"), *folder.glob("*.tif")):
        old = time.time() - path.stat().st_mtime > _FORGOTTEN
        if old and not path.with_suffix(SUFFIX).exists():
            path.unlink(missing_ok=True)


def _opened(path: Path) -> Recoverable | None:
    """A journal that nobody uses; None for one that is in use or holds nothing yet."""
    try:
        connection = connected(path)
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode == sqlite3.SQLITE_BUSY:
            return None
        raise
    try:
        count = "select count(*) from sqlite_master where name in ('about', 'tile')"
        about: dict[str, Any] = {}
        if connection.execute(count).fetchone()[0] == 2:
            rows = connection.execute("select name, value from about")
            about = {name: json.loads(value) for name, value in rows}
        if "when" not in about:  # stopped before its first edit was written, or just begun
            connection.close()
            if time.time() - path.stat().st_mtime > _FORGOTTEN:
                remove_files(path)
            return None
        original = None if about["path"] is None else Path(about["path"])
        return Recoverable(
            path=original,
            source=copy_of(path) if original is None else original,
            when=float(about["when"]),
            original=_compared(original or copy_of(path), original, about["stat"], about["sha256"]),
            _shape=tuple(about["shape"]),
            _bits=int(about["bits"]),
            _journal=path,
            _connection=connection,
        )
    except BaseException:
        connection.close()
        raise


def _compared(
    source: Path, original: Path | None, stat: list[int] | None, digest: str | None
) -> Original:
    if not source.is_file():
        return "missing"
    if original is None or (stat is not None and stat_of(original) == tuple(stat)):
        return "same"
    return "same" if digest is not None and sha256(original) == digest else "changed"
