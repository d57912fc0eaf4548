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

    The folder must exist and be writable; what stands at ``path`` already must be a file, and is
    replaced only with ``overwrite``.
    """
    try:
        atomic.check_place(path, overwrite)
        with tempfile.TemporaryFile(dir=path.resolve().parent):
            pass
    except OSError as error:
        raise refused(path, error) from error


def check_apart(path: Path, inputs: Iterable[Path | None]) -> None:
    """Raise `CannotWrite` when ``path`` is one of the files that are read, under any name."""
    for other in inputs:
        if other is not None and same_file(path, other):
            raise CannotWrite(
                f"“{path}” is one of the files to be read, and would be lost.",
                "Choose another name for the output.",
            )


def same_file(one: Path, other: Path) -> bool:
    """True when both names lead to one file, whether it exists yet or not."""
    try:
        if one.exists() and other.exists():
            return one.samefile(other)
        return one.resolve() == other.resolve()
    except (OSError, RuntimeError):  # RuntimeError: a loop of links
        return False


def put(path: Path, write: Callable[[BinaryIO], object]) -> None:
    """Write a file by ``write(stream)``, whole or not at all. Raises `CannotWrite`."""
    with atomic.replacing(path, overwrite=True) as stream:
        write(stream)


def refused(path: Path, error: OSError) -> CannotWrite:
    """The system's refusal to write ``path`` as an error with a hint."""
    hint = "Choose another folder, or check its permissions."
    if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        hint = "Make room on the disk, or choose another one."
    return CannotWrite(f"“{path}” cannot be written: {error.strerror or error}.", hint)
