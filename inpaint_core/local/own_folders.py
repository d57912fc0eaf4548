"""The program's own folders on this machine, and files in them that nobody else can touch."""

from __future__ import annotations

import errno
import os
import stat
from contextlib import suppress
from pathlib import Path

NOWHERE = Path(os.devnull, "Lacuna")
"""Stands for a folder where the system names none: nothing can be read or made there."""

_OTHERS = stat.S_IRWXG | stat.S_IRWXO
_OTHERS_WRITE = stat.S_IWGRP | stat.S_IWOTH


def cache_folder() -> Path:
    """What can be made again, such as compiled code; `NOWHERE` without a home."""
    return _find_folder("user_cache_path")


def state_folder() -> Path:
    """What must survive a restart, such as recovery journals; `NOWHERE` without a home."""
    return _find_folder("user_state_path")


def config_folder() -> Path:
    """What a person has chosen; `NOWHERE` without a home."""
    return _find_folder("user_config_path")


def data_folder() -> Path:
    """What a person has brought, such as weights; `NOWHERE` without a home."""
    return _find_folder("user_data_path")


def log_folder() -> Path:
    """The folder of log files; `NOWHERE` without a home."""
    return _find_folder("user_log_path")


def _find_folder(kind: str) -> Path:
    try:
        import platformdirs

        path: Path = getattr(platformdirs, kind)("Lacuna", appauthor=False)
    except (ImportError, OSError, RuntimeError):  # a user without an entry and without HOME
        return NOWHERE
    # What is relative would lie in the working directory, which may hold anything.
    return path if path.is_absolute() else NOWHERE


def make_private(folder: Path) -> None:
    """Make a folder that only its owner can enter, or take one of ours away from everybody else.

    A link to a folder counts as that folder. Raises OSError, PermissionError for a folder that
    belongs to somebody else.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if os.name == "nt":  # folders below the user's profile are private already
        return
    state = folder.stat()
    if state.st_uid != os.geteuid():
        raise PermissionError(errno.EPERM, os.strerror(errno.EPERM), str(folder))
    if state.st_mode & _OTHERS:
        folder.chmod(0o700)


def is_private(folder: Path) -> bool:
    """Whether it is a folder, not a link, that belongs to this user and nobody else can enter."""
    try:
        state = folder.lstat()
    except OSError:
        return False
    if os.name == "nt":
        return stat.S_ISDIR(state.st_mode)
    is_ours = state.st_uid == os.geteuid() and not state.st_mode & _OTHERS
    return stat.S_ISDIR(state.st_mode) and is_ours


def read_private(path: Path, most: int) -> bytes:
    """A file of ours, of at most ``most`` bytes, in a folder of ours.

    Raises OSError: PermissionError where others own or can write it, or where it is not a file.
    """
    if not is_private(path.parent):
        raise PermissionError(f"{path.parent} is not private")
    flags = ("O_BINARY", "O_CLOEXEC", "O_NOFOLLOW", "O_NONBLOCK")  # a pipe must not block
    file = os.open(path, os.O_RDONLY | sum(getattr(os, flag, 0) for flag in flags))
    with os.fdopen(file, "rb") as stream:
        state = os.fstat(file)
        is_safe = os.name == "nt" or (
            state.st_uid == os.geteuid() and not state.st_mode & _OTHERS_WRITE
        )
        if not is_safe or not stat.S_ISREG(state.st_mode) or state.st_size > most:
            raise PermissionError(f"{path} is not a file of this user")
        return stream.read(most)


def write_private(path: Path, data: bytes) -> None:
    """Write a file whole or not at all, for its owner only; a crash of the machine may damage it.

    Raises OSError, PermissionError for a folder that others own or can write.
    """
    with suppress(FileNotFoundError):
        if os.name != "nt" and path.parent.lstat().st_mode & _OTHERS_WRITE:
            raise PermissionError(f"{path.parent} can be written by others")
    import secrets  # some milliseconds of a start that writes nothing

    make_private(path.parent)
    partial = path.with_name(f".{secrets.token_hex(8)}.part")
    try:
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
        with os.fdopen(os.open(partial, flags, 0o600), "wb") as stream:
            stream.write(data)
        partial.replace(path)
    except BaseException:
        with suppress(OSError):
            partial.unlink()
        raise
