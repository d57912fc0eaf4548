"""Places for output: checked before the work is done, written whole or not at all."""

from __future__ import annotations

import errno
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import BinaryIO

from inpaint_core.contract.errors import CannotWrite
from inpaint_core.photo import atomic_file as atomic


def check_place(path: Path, overwrite: bool) -> None:
    """Raise `CannotWrite` unless a file can be put at ``path``.

    What stands at ``path`` already must be a file that can be written, and is replaced only with
    ``overwrite``; a new one needs a folder that can be.
    """
    try:
        atomic.check_destination(path, overwrite)
        if not path.exists():
            with tempfile.TemporaryFile(dir=path.resolve().parent):
                pass
    except OSError as error:
        raise make_write_error(path, error) from error


def make_folder(folder: Path) -> None:
    """Make the folder, with those above it, unless it is there. Raises `CannotWrite`."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise make_write_error(folder, error) from error


def check_apart(path: Path, inputs: Iterable[Path | None]) -> None:
    """Raise `CannotWrite` when ``path`` is one of the files that are read, under any name."""
    for other in inputs:
        if other is not None and same_file(path, other):
            raise CannotWrite("retouch.output_is_read", path=path)


def check_distinct(path: Path, others: Iterable[Path | None]) -> None:
    """Raise `CannotWrite` when ``path`` is one of the other files that are to be written."""
    if any(other is not None and same_file(path, other) for other in others):
        raise CannotWrite("command.same_place", path=path)


def same_file(one: Path, other: Path) -> bool:
    """True when both names lead to one file, whether it exists yet or not."""
    try:
        if one.exists() and other.exists():
            return one.samefile(other)
        return one.resolve() == other.resolve()
    except (OSError, RuntimeError):  # RuntimeError: a loop of links
        return False


def write_whole(path: Path, write: Callable[[BinaryIO], object]) -> None:
    """Write a file by ``write(stream)``, whole or not at all. Raises `CannotWrite`."""
    with atomic.write_atomically(path, overwrite=True) as stream:
        write(stream)


def make_write_error(path: Path, error: OSError) -> CannotWrite:
    """The system's ``error`` in writing ``path``, as one with a hint."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        return CannotWrite("photo.disk_full", path=path)
    return CannotWrite("photo.cannot_write_there", path=path, reason=error.strerror or error)
