"""Writing a file whole or not at all, and removing what a killed save left behind."""

from __future__ import annotations

import errno
import os
import re
import secrets
import shutil
import stat
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from inpaint_core.contract.errors import CannotWrite, FileChanged
from inpaint_core.photo.file_replacement import put_in_place
from inpaint_core.photo.file_version import FileVersion

if sys.platform != "win32":
    import fcntl

_NO_SYNC = (errno.EINVAL, errno.ENOTSUP, errno.ENOSYS)
_FULL = (errno.ENOSPC, errno.EFBIG, getattr(errno, "EDQUOT", errno.ENOSPC))
_FORBIDDEN = (errno.EACCES, errno.EPERM, errno.EROFS)
_PARTIAL_NAME = re.compile(r"\.lacuna-[0-9a-f]{16}\.part")
# When this process started.
_STARTED = time.time()


@contextmanager
def write_atomically(
    path: Path, overwrite: bool, seen: FileVersion | None = None
) -> Iterator[BinaryIO]:
    """Open a stream whose content becomes the file ``path`` when the block ends without an error.

    Until then it is a hidden file in the same folder (its path is the stream's ``name``), which is
    removed when anything goes wrong; what was at ``path`` stays untouched. A file that is replaced
    keeps its links, owner and permissions. ``seen`` is the version of it that may be replaced
    (None: the one that is there now); a newer one stays. Hidden files of earlier, killed saves are
    removed too. Raises `CannotWrite`, and `FileChanged` for a newer version.
    """
    target = follow_links(path)  # a link stays a link: the file behind it is replaced
    try:
        seen = FileVersion.at(target) if seen is None else seen
        check_destination(path, overwrite)
        remove_stale(target.parent)
        stream = _create_partial(target)
        partial = Path(stream.name)
        try:
            with stream:
                lock_partial(stream)
                yield stream
                stream.flush()
                _sync(stream)
            if not target.exists():
                with suppress(PermissionError):  # some network drives have no modes
                    partial.chmod(_find_mode(partial.parent))
            check_destination(path, overwrite)
            if seen.is_replaced_at(target):
                raise FileChanged("photo.changed_meanwhile", path=path)
            put_in_place(partial, target, overwrite)
        except BaseException:
            partial.unlink(missing_ok=True)
            raise
    except FileExistsError as error:
        raise CannotWrite("photo.exists", path=path) from error
    except OSError as error:
        raise _cannot_write(path, error) from error


def _create_partial(target: Path) -> BinaryIO:
    """Create the file that is written: beside the target, or among the temporary files where the
    target can be written, but not its folder.
    """
    try:
        return _create_for_owner(target.parent / make_partial_name())
    except OSError as error:
        if error.errno not in _FORBIDDEN or not target.exists():
            raise
        return _create_for_owner(Path(tempfile.gettempdir()) / make_partial_name())


def _create_for_owner(path: Path) -> BinaryIO:
    """Create a file that only its owner can read: no one else may read an unfinished output."""
    return open(path, "xb", opener=lambda name, flags: os.open(name, flags, 0o600))


def _find_mode(folder: Path) -> int:
    """The mode that a new file gets here."""
    # Asking for the umask would change it for a moment, in all threads.
    probe = folder / make_partial_name()
    probe.touch()
    try:
        return probe.stat().st_mode & 0o7777
    finally:
        probe.unlink()


def _sync(stream: BinaryIO) -> None:
    """Flush the bytes to the disk where the system can: not every network drive does."""
    try:
        os.fsync(stream.fileno())
    except OSError as error:
        if error.errno not in _NO_SYNC:
            raise


def check_free_space(path: Path, size: int) -> None:
    """Raise `CannotWrite` unless the disk has ``size`` bytes free for ``path``.

    The old file stays until the new one is complete, so its bytes do not count. Drives that do not
    report their free space pass.
    """
    try:
        free = shutil.disk_usage(path.resolve().parent).free
    except OSError:
        return
    if free < size:
        raise CannotWrite("photo.disk_too_small", path=path, need=size / 1e6, free=free / 1e6)


def follow_links(path: Path) -> Path:
    """The file that a name leads to. Raises `CannotWrite` for links in a ring."""
    try:
        return path.resolve()
    except (OSError, RuntimeError) as error:  # RuntimeError: Python's own for a ring
        reason = os.strerror(errno.ELOOP)
        raise CannotWrite("photo.cannot_write", path=path, reason=reason) from error


def check_destination(path: Path, overwrite: bool) -> None:
    """Raise `CannotWrite` when it is plain that no file can be created at ``path``."""
    if path.is_dir():
        raise CannotWrite("photo.output_is_folder", path=path)
    if not follow_links(path).parent.is_dir():
        raise CannotWrite("photo.no_such_folder", path=path)
    if path.exists() and not path.is_file():
        raise CannotWrite("photo.output_not_a_file", path=path)
    if path.exists() and not overwrite:
        raise CannotWrite("photo.exists", path=path)
    if path.exists() and not os.access(path, os.W_OK):
        raise CannotWrite("photo.write_protected", path=path)


def _cannot_write(path: Path, error: OSError) -> CannotWrite:
    if error.errno in _FULL:
        return CannotWrite("photo.disk_full", path=path)
    if error.errno in _FORBIDDEN:
        folder = path.resolve().parent
        return CannotWrite("photo.folder_no_permission", name=path.name, folder=folder)
    reason = error.strerror or str(error)
    return CannotWrite("photo.cannot_write", path=path, reason=reason)


def make_partial_name() -> str:
    """A hidden file name that no other file has."""
    return f".lacuna-{secrets.token_hex(8)}.part"


def lock_partial(stream: BinaryIO) -> None:
    """Lock an open file for as long as it is open, so that no other process removes it.

    Some network drives have no locks. Windows needs none: an open file cannot be removed there.
    """
    if sys.platform != "win32":
        with suppress(OSError):
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)


def remove_stale(folder: Path, before: float = _STARTED) -> None:
    """Remove the partial files in ``folder`` that no process is writing any more.

    Only those with a name of `make_partial_name` that were changed ``before`` that time (this
    process's start) and that no process has locked. What cannot be examined or removed stays.
    """
    with suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            if _PARTIAL_NAME.fullmatch(entry.name):
                with suppress(OSError):
                    _remove_if_stale(entry, before)


def _remove_if_stale(entry: os.DirEntry[str], before: float) -> None:
    info = entry.stat(follow_symlinks=False)
    if not stat.S_ISREG(info.st_mode) or info.st_mtime >= before:
        return
    if sys.platform == "win32":
        Path(entry.path).unlink()
        return
    # Raises OSError where another process is writing it, and where there are no locks.
    with Path(entry.path).open("rb") as stream:
        fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        Path(entry.path).unlink()
