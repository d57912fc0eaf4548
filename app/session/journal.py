"""The file in which a journal lies: the newest state of every tile that was ever changed.

An SQLite database: a crash at any moment leaves all of a transaction or nothing of it. It stays
locked while it is in use, and the system takes the lock away from a program that dies.
"""

from __future__ import annotations

import hashlib
import json
import secrets
import sqlite3
import time
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.configuration.text import t
from inpaint_core.contract.errors import CannotWrite

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from app.document.change import Layer
    from app.document.document import Document
    from app.document.tiles import Key

    Tiles = dict[tuple[Layer, Key], NDArray[np.unsignedinteger[Any]]]

SUFFIX = ".journal"


class JournalFile:
    """The journal of ``document`` in ``folder``; there is none until the first `write`.

    Made on the UI thread; everything else happens on the journal's.
    """

    def __init__(self, folder: Path, document: Document) -> None:
        self._path = folder / f"{secrets.token_hex(8)}{SUFFIX}"
        self._photo = document.photo
        self._original = document.path
        # Now, and not at the first edit: what is in memory is the file as it is now.
        self._stat = stat_of(document.path)
        self._connection: sqlite3.Connection | None = None

    def write(self, tiles: Tiles) -> None:
        """Replace these tiles, all or none. Raises `CannotWrite`."""
        try:
            if self._connection is None:
                self._connection = self._begun()
            with _transaction(self._connection) as connection:
                connection.executemany(
                    "replace into tile values (?, ?, ?, ?)",
                    (
                        (layer, row, column, zlib.compress(values.tobytes(), 1))
                        for (layer, (row, column)), values in tiles.items()
                    ),
                )
                _say(connection, "when", time.time())
        except (OSError, sqlite3.Error) as error:
            raise CannotWrite(
                t("recovery.not_written", reason=error), t("recovery.not_written.hint")
            ) from error

    def remove(self) -> None:
        """Take the file away."""
        if self._connection is not None:
            self._connection.close()
        remove_files(self._path)

    def _begun(self) -> sqlite3.Connection:
        from inpaint_core.photo.write_photo import write_photo

        self._path.parent.mkdir(parents=True, exist_ok=True)
        if self._original is None:  # pasted: nobody else has it
            write_photo(copy_of(self._path), self._photo, overwrite=True)
        connection = connected(self._path)
        try:
            with _transaction(connection):
                connection.execute("create table about (name text primary key, value text)")
                connection.execute(
                    "create table tile (layer text, row integer, column integer, data blob,"
                    " primary key (layer, row, column))"
                )
                for name, value in self._about().items():
                    _say(connection, name, value)
        except BaseException:
            connection.close()
            remove_files(self._path)
            raise
        return connection

    def _about(self) -> dict[str, object]:
        path = self._original
        return {
            "path": None if path is None else str(path.absolute()),
            "stat": self._stat,
            "sha256": sha256(path) if stat_of(path) == self._stat else None,
            "shape": self._photo.shape,
            "bits": self._photo.bits,
        }


def connected(path: Path) -> sqlite3.Connection:
    """The journal, locked for all others until it is closed. Raises sqlite3.DatabaseError."""
    # Each connection is used by one thread at a time: Python need not insist on the same one.
    connection = sqlite3.connect(path, timeout=0, isolation_level=None, check_same_thread=False)
    try:
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


def _say(connection: sqlite3.Connection, name: str, value: object) -> None:
    connection.execute("replace into about values (?, ?)", (name, json.dumps(value)))


def copy_of(journal: Path) -> Path:
    """Where a photo that has no file of its own lies beside its journal."""
    return journal.with_suffix(".tif")


def remove_files(journal: Path) -> None:
    """Take a journal that nobody uses away, with all that belongs to it."""
    for path in (journal, journal.with_name(journal.name + "-journal"), copy_of(journal)):
        path.unlink(missing_ok=True)


def stat_of(path: Path | None) -> tuple[int, int] | None:
    """Size in bytes and time of the last change in nanoseconds; None where there is no file."""
    try:
        found = path.stat() if path is not None else None
    except OSError:
        return None
    return None if found is None else (found.st_size, found.st_mtime_ns)


def sha256(path: Path | None) -> str | None:
    """The file's SHA-256 in hexadecimal digits; None where there is no file."""
    try:
        return None if path is None else hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError:
        return None
