"""Half-written files: their names, and removing those that a killed save has left behind."""

from __future__ import annotations

import os
import secrets
import stat
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

if sys.platform != "win32":
    import fcntl

_START, _END = ".lacuna-", ".part"
_HEX = 16
# When this program began, as far as files are concerned.
_BEGAN = time.time()


def partial_name() -> str:
    """A hidden name that no other file has."""
    return f"{_START}{secrets.token_hex(_HEX // 2)}{_END}"


def claim(stream: BinaryIO) -> None:
    """Mark an open file as one that is being written, for as long as it is open.

    Where the system has no such locks (some network drives) nothing is marked. Windows needs no
    mark: there a file that is open cannot be removed.
    """
    if sys.platform != "win32":
        with suppress(OSError):
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)


def remove_stale(folder: Path) -> None:
    """Remove the half-written files of this program in ``folder`` that nobody writes any more.

    Only those whose name is `partial_name`'s, that are older than this process, and that no
    process has claimed. What cannot be looked at or removed stays, without a word: it is in
    nobody's way.
    """
    with suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            if _is_ours(entry.name):
                with suppress(OSError):
                    _remove(entry)


def _is_ours(name: str) -> bool:
    middle = name.removeprefix(_START).removesuffix(_END)
    return (
        len(name) == len(_START) + _HEX + len(_END)
        and name.startswith(_START)
        and name.endswith(_END)
        and all(letter in "0123456789abcdef" for letter in middle)
    )


def _remove(entry: os.DirEntry[str]) -> None:
    info = entry.stat(follow_symlinks=False)
    if not stat.S_ISREG(info.st_mode) or info.st_mtime >= _BEGAN:
        return
    if sys.platform == "win32":
        Path(entry.path).unlink()
        return
    # Raises OSError where another process writes it, and where there are no locks.
    with Path(entry.path).open("rb") as stream:
        fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        Path(entry.path).unlink()
