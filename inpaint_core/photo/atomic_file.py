"""A file that is there whole, or not at all."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from inpaint_core.contract.errors import CannotWrite
from inpaint_core.photo.partial_files import claim, partial_name, remove_stale

_NO_SYNC = (errno.EINVAL, errno.ENOTSUP, errno.ENOSYS)
_FULL = (errno.ENOSPC, errno.EFBIG, getattr(errno, "EDQUOT", errno.ENOSPC))


@contextmanager
def replacing(path: Path, overwrite: bool) -> Iterator[BinaryIO]:
    """A stream whose content becomes the file ``path`` when the block ends without an exception.

    Until then it is a hidden file in the same folder, which goes away when anything goes wrong;
    what was at ``path`` stays untouched. Such files of earlier saves that were killed are removed.
    Raises `CannotWrite`.
    """
    target = path.resolve()  # a link stays a link: the file behind it is replaced
    partial = target.parent / partial_name()
    try:
        check_place(path, overwrite)
        remove_stale(target.parent)
        try:
            with partial.open("xb") as stream:
                claim(stream)
                yield stream
                stream.flush()
                _settle(stream)
            if target.exists():
                with suppress(PermissionError):  # some network drives have no modes
                    partial.chmod(target.stat().st_mode & 0o7777)
            check_place(path, overwrite)
            partial.replace(target)
        except BaseException:
            partial.unlink(missing_ok=True)
            raise
    except OSError as error:
        raise _refused(path, error) from error


def _settle(stream: BinaryIO) -> None:
    """Have the system put the bytes onto the disk, where it can: not every network drive does."""
    try:
        os.fsync(stream.fileno())
    except OSError as error:
        if error.errno not in _NO_SYNC:
            raise


def check_room(path: Path, size: int) -> None:
    """Raise `CannotWrite` unless the disk has ``size`` bytes free for ``path``.

    The old file stays until the new one is whole, so its bytes do not count. What cannot be asked
    (some network drives) is tried.
    """
    try:
        free = shutil.disk_usage(path.resolve().parent).free
    except OSError:
        return
    if free < size:
        raise CannotWrite(
            f"“{path}” needs {size / 1e6:,.1f} MB, and the disk has {free / 1e6:,.1f} MB free.",
            "Make room, or choose another disk.",
        )


def check_place(path: Path, overwrite: bool) -> None:
    """Raise `CannotWrite` when no file can come to ``path``, as far as a look can tell."""
    if path.is_dir():
        raise CannotWrite(f"“{path}” is a folder.", "Give the name of a file in it.")
    if not path.resolve().parent.is_dir():
        raise CannotWrite(
            f"The folder of “{path}” does not exist.", "Make it first, or choose another one."
        )
    if path.exists() and not path.is_file():
        raise CannotWrite(f"“{path}” is not an ordinary file.", "Choose another name.")
    if path.exists() and not overwrite:
        raise CannotWrite(
            f"“{path}” exists already.", "Choose another name, or replace it with --overwrite."
        )
    if path.exists() and not os.access(path, os.W_OK):
        raise CannotWrite(f"“{path}” is write-protected.", "Choose another name.")


def _refused(path: Path, error: OSError) -> CannotWrite:
    if error.errno in _FULL:
        return CannotWrite(
            f"“{path}” was not written: the disk is full.", "Make room, or choose another disk."
        )
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        folder = path.resolve().parent
        return CannotWrite(
            f"“{path.name}” may not be written into “{folder}”.",
            "Check the folder's permissions, or choose another one.",
        )
    reason = error.strerror or str(error)
    return CannotWrite(f"“{path}” cannot be written: {reason}.", "Choose another name or folder.")
