"""The file of a journal: an SQLite database with the newest state of every changed tile.

A crash leaves a whole transaction or nothing of it. The database stays locked while it is in use,
and the system releases the lock when the program dies.
"""

from __future__ import annotations

import json
import os
import secrets
import sqlite3
import time
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.document.layer_tiles import TILE
from inpaint_core.contract.errors import CannotWrite
from inpaint_core.local.own_folders import make_private

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from app.document.document import Document
    from app.document.layer_tiles import TileKey
    from inpaint_core.contract.choices import Layer

    Tiles = dict[tuple[Layer, TileKey], NDArray[np.unsignedinteger[Any]]]

SUFFIX = ".journal"
FORMAT = 2
"""1: without semantic maps and the layers of what was painted back and of where to copy from. A
journal of a higher number was written by a newer version of the program."""

_MOST_VALUE = 2 * TILE * TILE * 3 * 2
"""Bytes of any value: twice what the largest tile takes before it is compressed."""


class JournalFile:
    """The journal of ``document`` in ``folder``, created by the first `write`.

    Constructed on the UI thread; all other methods run on the journal's thread.
    """

    def __init__(self, folder: Path, document: Document) -> None:
        self._path = folder / f"{secrets.token_hex(8)}{SUFFIX}"
        self._photo = document.photo
        self._original = document.path
        # Now and not at the first edit: the photo in memory is the file as it is now.
        self._stat = read_stat(document.path)
        self._connection: sqlite3.Connection | None = None

    @property
    def exists(self) -> bool:
        """Whether anything was written yet."""
        return self._connection is not None

    def write(self, tiles: Tiles, notes: Mapping[str, object]) -> None:
        """Replace these tiles, and the values of ``notes`` as JSON, in one transaction. Raises
        `CannotWrite`.
        """
        try:
            if self._connection is None:
                self._connection = self._create()
            with _transaction(self._connection) as connection:
                connection.executemany(
                    "replace into tile values (?, ?, ?, ?)",
                    (
                        (layer, row, column, zlib.compress(values.tobytes(), 1))
                        for (layer, (row, column)), values in tiles.items()
                    ),
                )
                for name, value in notes.items():
                    _set_value(connection, name, value)
                if tiles:
                    _set_value(connection, "when", time.time())
        except (OSError, sqlite3.Error) as error:
            reason = getattr(error, "strerror", None) or error
            raise CannotWrite("recovery.not_written", reason=reason) from error

    def remove(self) -> None:
        """Delete the journal."""
        if self._connection is not None:
            self._connection.close()
        remove_journal(self._path)

    def _create(self) -> sqlite3.Connection:
        from inpaint_core.photo.write_photo import write_photo

        make_private(self._path.parent)
        if self._original is None:  # pasted: there is no other copy
            copy = photo_copy_path(self._path)
            write_photo(copy, self._photo, overwrite=True)
            copy.chmod(0o600)
        # SQLite gives its own files the mode of this one.
        os.close(os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        connection = connect_exclusively(self._path)
        try:
            with _transaction(connection):
                connection.execute("create table about (name text primary key, value text)")
                connection.execute(
                    "create table tile (layer text, row integer, column integer, data blob,"
                    " primary key (layer, row, column))"
                )
                for name, value in self._about().items():
                    _set_value(connection, name, value)
        except BaseException:
            connection.close()
            remove_journal(self._path)
            raise
        return connection

    def _about(self) -> dict[str, object]:
        path = self._original
        return {
            "format": FORMAT,
            "path": None if path is None else str(path.absolute()),
            "stat": self._stat,
            "sha256": hash_file(path) if read_stat(path) == self._stat else None,
            "shape": self._photo.shape,
            "bits": self._photo.bits,
        }


def connect_exclusively(path: Path) -> sqlite3.Connection:
    """Open a journal and lock it until it is closed. Raises sqlite3.DatabaseError."""
    # One thread at a time uses a connection, so SQLite's check for the same thread is off.
    connection = sqlite3.connect(path, timeout=0, isolation_level=None, check_same_thread=False)
    try:
        connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _MOST_VALUE)
        connection.execute("pragma trusted_schema = off")
        connection.execute("pragma locking_mode = exclusive")
        connection.execute("pragma synchronous = full")
        connection.execute("begin exclusive")
        connection.execute("commit")
    except BaseException:
        connection.close()
        raise
    return connection


@contextmanager
def _transaction(connection: sqlite3.Connection) -> Iterator[sqlite3.Connection]:
    connection.execute("begin")
    try:
        yield connection
        connection.execute("commit")
    except BaseException:
        if connection.in_transaction:
            connection.execute("rollback")
        raise


def _set_value(connection: sqlite3.Connection, name: str, value: object) -> None:
    connection.execute("replace into about values (?, ?)", (name, json.dumps(value)))


def photo_copy_path(journal: Path) -> Path:
    """The copy, beside its journal, of a photo that has no file of its own."""
    return journal.with_suffix(".tif")


def remove_journal(journal: Path) -> None:
    """Delete a closed journal and the files that belong to it."""
    for path in (journal, journal.with_name(journal.name + "-journal"), photo_copy_path(journal)):
        path.unlink(missing_ok=True)


def read_stat(path: Path | None) -> tuple[int, int] | None:
    """Size in bytes and modification time in nanoseconds; None if there is no file."""
    if path is None:
        return None
    try:
        stat = path.stat()
    except OSError:
        return None
    return stat.st_size, stat.st_mtime_ns


def hash_file(path: Path | None) -> str | None:
    """The file's SHA-256 in hexadecimal digits; None if there is no file."""
    from inpaint_core.project.photo_location import sha256

    try:
        return None if path is None else sha256(path)
    except OSError:
        return None
