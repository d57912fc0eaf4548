"""Unsaved work that a crash left in journals: found at the next start, restored or discarded."""

from __future__ import annotations

import json
import logging
import operator
import os
import sqlite3
import time
import zlib
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal, get_args

from app.document.layer_tiles import tile_rect
from app.document.retouching.copy_source import source_of
from app.session.recovery.journal_file import (
    FORMAT,
    SUFFIX,
    connect_exclusively,
    hash_file,
    photo_copy_path,
    read_stat,
    remove_journal,
)
from app.session.recovery.project_link import ProjectLink
from inpaint_core.contract.choices import Layer
from inpaint_core.contract.errors import BadRequest, PhotoDamaged

if TYPE_CHECKING:
    from app.document.document import Document
    from inpaint_core.contract.geometry import Rect
    from inpaint_core.project.model import CopyPoints
    from inpaint_core.project.read_project import CheckedRow

_log = logging.getLogger(__name__)

_EXPIRY = 24 * 3600
"""Age in seconds from which an empty or damaged journal is deleted."""

_MOST_SIDE = 1 << 31
_LATEST = 1e11  # a date in the year 5138, in seconds since 1970

PhotoState = Literal["same", "changed", "missing"]


@dataclass(frozen=True)
class UnsavedWork:
    """The edits of a photo that were not saved when the program stopped.

    ``path`` is the photo's file (None: it was pasted), ``source`` the file to open now.
    ``edited_at``: time of the last edit in seconds since 1970. ``photo_state``: whether the
    photo's file is still the one that was edited. ``project`` it was last saved to or opened from,
    and ``copy_points`` of the brushes that copy; None without.
    """

    path: Path | None
    source: Path
    edited_at: float
    photo_state: PhotoState
    project: ProjectLink | None
    copy_points: CopyPoints | None
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

        if (document.shape, document.photo.bits) != (self._shape, self._bits):
            raise BadRequest("recovery.another_photo")
        with document.edit("recovery.restored") as editing:
            try:
                for layer, rect, data in self._read_tiles(document):
                    now = editing.read(layer, rect)
                    values = np.frombuffer(_inflate(data, now.nbytes), now.dtype)
                    editing.write(layer, rect, values.reshape(now.shape))
            except (sqlite3.Error, zlib.error, ValueError, TypeError) as error:
                raise PhotoDamaged("recovery.damaged") from error
        source_of(document).restore(self.copy_points)

    def _read_tiles(self, document: Document) -> Iterator[tuple[Layer, Rect, bytes]]:
        """Every tile that was changed. Raises as `restore` and what is raised over bad values."""
        (state,) = self._connection.execute("pragma integrity_check(1)").fetchone()
        if state != "ok":
            raise ValueError(state)
        rows = self._connection.execute("select layer, row, column, data from tile")
        for layer, row, column, data in rows:
            if layer not in get_args(Layer) or not isinstance(data, bytes):
                raise ValueError("no tile")
            if layer in ("alpha", "filled_alpha") and document.alpha is None:
                raise BadRequest("recovery.another_photo")
            rect = tile_rect((operator.index(row), operator.index(column)), document.shape)
            if rect.is_empty:
                raise ValueError("a tile outside of the photo")
            yield layer, rect, data

    def release(self) -> None:
        """Close the journal without restoring; it is offered again at the next start."""
        self._connection.close()

    def discard(self) -> None:
        """Delete the journal. One that cannot be deleted is offered again at the next start."""
        self._connection.close()
        try:
            remove_journal(self._journal)
        except OSError as error:
            _log.warning("the journal “%s” was not deleted: %s", self._journal, error)


def find_unsaved_work(folder: Path) -> list[UnsavedWork]:
    """The unsaved work in ``folder``, the newest first; journals in use are skipped.

    Each one stays locked until it is discarded or released. A journal that cannot be read is
    logged and renamed to end with “.damaged”, and deleted a day later; one of a newer version of
    the program is left alone.
    Nothing that is wrong with the folder or a journal raises anything.
    """
    found = []
    _delete_expired_copies(folder)
    for path in _list_files(folder, SUFFIX):
        try:
            work = _open_journal(path)
        except Exception as error:  # one bad journal must not hide the others
            _log.warning("the journal “%s” cannot be read: %r", path, error)
            with suppress(OSError):
                damaged = path.replace(path.with_suffix(".damaged"))
                os.utime(damaged)  # its age counts from now on
        else:
            if work is not None:
                found.append(work)
    return sorted(found, key=lambda work: work.edited_at, reverse=True)


def _delete_expired_copies(folder: Path) -> None:
    """Delete old copies of photos that have no journal, and old journals that were damaged."""
    for path in _list_files(folder, ".part", ".tif", ".damaged"):
        with suppress(OSError):
            if _is_expired(path) and not path.with_suffix(SUFFIX).exists():
                path.unlink(missing_ok=True)


def _list_files(folder: Path, *suffixes: str) -> list[Path]:
    """The files in ``folder`` that end so; none where it cannot be read."""
    try:
        return [path for path in folder.iterdir() if path.suffix in suffixes and path.is_file()]
    except OSError:
        return []


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
        about = _read_about(connection)
        if about.has("format") and about.whole("format", 1, 1 << 31) > FORMAT:
            _log.warning("the journal “%s” was written by a newer version", path)
            connection.close()
            return None
        if not about.has("when"):  # no edit was written yet
            connection.close()
            if _is_expired(path):
                remove_journal(path)
            return None
        name = about.text_or_none("path")
        original = None if name is None else Path(name)
        source = photo_copy_path(path) if original is None else original
        stat = about.wholes("stat", 2, 1 << 63) if about.has("stat") else None
        height, width = about.wholes("shape", 2, _MOST_SIDE)
        return UnsavedWork(
            path=original,
            source=source,
            edited_at=about.number("when", 0, _LATEST),
            photo_state=_compare_photo(source, original, stat, about.digest("sha256")),
            project=ProjectLink.from_row(about.row("project")) if about.has("project") else None,
            copy_points=_take_copy_points(about),
            _shape=(height, width),
            _bits=about.one_of("bits", (8, 16)),
            _journal=path,
            _connection=connection,
        )
    except BaseException:
        connection.close()
        raise


def _read_about(connection: sqlite3.Connection) -> CheckedRow:
    """What a journal says about its photo; nothing where no edit was written yet."""
    from inpaint_core.project.read_project import CheckedRow  # imports NumPy

    count = "select count(*) from sqlite_master where type = 'table' and name in ('about', 'tile')"
    if connection.execute(count).fetchone()[0] != 2:
        return CheckedRow({})
    rows = connection.execute("select name, value from about")
    return CheckedRow({name: json.loads(value) for name, value in rows})


def _take_copy_points(about: CheckedRow) -> CopyPoints | None:
    from inpaint_core.project.read_project import take_copy_points

    try:
        return take_copy_points(about.row("copy")) if about.has("copy") else None
    except ValueError as error:  # no reason to lose the work
        _log.warning("where to copy from is not restored: %s", error)
        return None


def _inflate(data: bytes, size: int) -> bytes:
    """The ``size`` bytes that were compressed to ``data``. Raises ValueError for any other number,
    or zlib.error.
    """
    stream = zlib.decompressobj()
    found = stream.decompress(data, size + 1)
    if len(found) != size or not stream.eof:
        raise ValueError("a tile of another size")
    return found


def _compare_photo(
    source: Path, original: Path | None, stat: tuple[int, ...] | None, digest: str | None
) -> PhotoState:
    if not source.is_file():
        return "missing"
    if original is None or (stat is not None and read_stat(original) == stat):
        return "same"
    return "same" if digest is not None and hash_file(original) == digest else "changed"
