"""Unsaved work that a crash left in journals: found at the next start, restored or discarded."""

from __future__ import annotations

import json
import logging
import sqlite3
import time
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from app.document.layer_tiles import tile_rect
from app.session.journal_file import (
    SUFFIX,
    connect_exclusively,
    hash_file,
    photo_copy_path,
    read_stat,
    remove_journal,
)
from inpaint_core.contract.errors import BadRequest, PhotoDamaged

if TYPE_CHECKING:
    from app.document.document import Document

_log = logging.getLogger(__name__)

_EXPIRY = 24 * 3600
"""Age in seconds from which an empty journal is deleted."""

PhotoState = Literal["same", "changed", "missing"]


@dataclass(frozen=True)
class UnsavedWork:
    """The edits of a photo that were not saved when the program stopped.

    ``path`` is the photo's file (None: it was pasted), ``source`` the file to open now.
    ``edited_at``: time of the last edit in seconds since 1970. ``photo_state``: whether the
    photo's file is still the one that was edited.
    """

    path: Path | None
    source: Path
    edited_at: float
    photo_state: PhotoState
    _shape: tuple[int, int]
    _bits: int
    _journal: Path
    _connection: sqlite3.Connection

    def restore(self, document: Document) -> None:
        """Restore everything in ``document`` as one edit.

        Raises `BadRequest` if the photo has another size or depth than the edited one, and
        `PhotoDamaged` if the journal is damaged; the document is then unchanged.
        """
        import numpy as np

        another = BadRequest("recovery.another_photo")
        if (document.shape, document.photo.bits) != (self._shape, self._bits):
            raise another
        with document.edit("recovery.restored") as editing:
            try:
                for layer, row, column, data in self._connection.execute("select * from tile"):
                    if layer == "alpha" and document.alpha is None:
                        raise BadRequest("recovery.another_photo")
                    rect = tile_rect((row, column), document.shape)
                    now = editing.read(layer, rect)
                    values = np.frombuffer(zlib.decompress(data), now.dtype).reshape(now.shape)
                    editing.write(layer, rect, values)
            except (sqlite3.DatabaseError, zlib.error, ValueError) as error:
                raise PhotoDamaged("recovery.damaged") from error

    def release(self) -> None:
        """Close the journal without restoring; it is offered again at the next start."""
        self._connection.close()

    def discard(self) -> None:
        """Delete the journal."""
        self._connection.close()
        remove_journal(self._journal)


def find_unsaved_work(folder: Path) -> list[UnsavedWork]:
    """The unsaved work in ``folder``, the newest first; journals in use are skipped.

    Each one stays locked until it is discarded or released. A journal that cannot be read is
    logged and renamed to end with “.damaged”.
    """
    found = []
    _delete_expired_copies(folder)
    for path in folder.glob(f"*{SUFFIX}"):
        try:
            work = _open_journal(path)
        except (sqlite3.DatabaseError, KeyError, ValueError) as error:
            _log.warning("the journal “%s” cannot be read: %s", path, error)
            path.replace(path.with_suffix(".damaged"))
        else:
            if work is not None:
                found.append(work)
    return sorted(found, key=lambda work: work.edited_at, reverse=True)


def _delete_expired_copies(folder: Path) -> None:
    """Delete old copies of photos that have no journal."""
    for path in (*folder.glob("*.part"), *folder.glob("*.tif")):
        if _is_expired(path) and not path.with_suffix(SUFFIX).exists():
            path.unlink(missing_ok=True)


def _is_expired(path: Path) -> bool:
    return time.time() - path.stat().st_mtime > _EXPIRY


def _open_journal(path: Path) -> UnsavedWork | None:
    """The work in a journal; None for one that is in use or still empty."""
    try:
        connection = connect_exclusively(path)
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
        if "when" not in about:  # no edit was written yet
            connection.close()
            if _is_expired(path):
                remove_journal(path)
            return None
        original = None if about["path"] is None else Path(about["path"])
        source = photo_copy_path(path) if original is None else original
        return UnsavedWork(
            path=original,
            source=source,
            edited_at=float(about["when"]),
            photo_state=_compare_photo(source, original, about["stat"], about["sha256"]),
            _shape=tuple(about["shape"]),
            _bits=int(about["bits"]),
            _journal=path,
            _connection=connection,
        )
    except BaseException:
        connection.close()
        raise


def _compare_photo(
    source: Path, original: Path | None, stat: list[int] | None, digest: str | None
) -> PhotoState:
    if not source.is_file():
        return "missing"
    if original is None or (stat is not None and read_stat(original) == tuple(stat)):
        return "same"
    return "same" if digest is not None and hash_file(original) == digest else "changed"
