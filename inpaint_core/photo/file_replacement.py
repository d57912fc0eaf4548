"""Putting a finished file in the place of another one, whose links, owner and permissions stay.

As GLib's ``g_file_replace``: the new file takes the place of the old one by its name where it can
be given all that the old one has. Where it cannot (the old one has several names, or an owner that
only root may give, or its folder is write-protected) the old file gets the new content, while a
copy of the old content is at hand.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from contextlib import suppress
from pathlib import Path

from inpaint_core.contract.errors import CannotWrite


def put_in_place(partial: Path, target: Path, overwrite: bool) -> None:
    """Make ``partial``, a finished file, the file ``target``, which is no link.

    Without ``overwrite`` nothing that is there is replaced. Raises OSError (FileExistsError where
    a file is there already), or `CannotWrite` where the file was broken and its old content lies in
    a copy; else ``target`` is then as it was.
    """
    if not overwrite:
        _move_to_new(partial, target)
    elif not target.exists() or (partial.parent == target.parent and _takes_over(partial, target)):
        partial.replace(target)
    else:
        _exchange_content(partial, target)


def _move_to_new(partial: Path, target: Path) -> None:
    """Give the file its name unless another process has taken that in the meantime."""
    if sys.platform == "win32":
        partial.rename(target)
        return
    try:
        os.link(partial, target)
    except FileExistsError:
        raise
    except OSError:  # a drive without hard links
        partial.replace(target)
    else:
        partial.unlink()


def _takes_over(partial: Path, target: Path) -> bool:
    """Give the new file the old one's owner, permissions and attributes; False where it cannot
    stand for the old one.
    """
    old = target.stat()
    if old.st_nlink > 1:
        return False
    if sys.platform != "win32":
        new = partial.stat()
        if (new.st_uid, new.st_gid) != (old.st_uid, old.st_gid):
            try:
                os.chown(partial, old.st_uid, old.st_gid)
            except PermissionError:
                return False
    _copy_attributes(target, partial)
    with suppress(PermissionError):  # some network drives have no modes
        partial.chmod(old.st_mode & 0o7777)
    return True


def _copy_attributes(old: Path, new: Path) -> None:
    """The extended attributes, among them access control lists, that the drive can hold."""
    if sys.platform == "linux":
        with suppress(OSError):
            for name in os.listxattr(old):
                with suppress(OSError):  # those of the system may be root's
                    os.setxattr(new, name, os.getxattr(old, name))


def _exchange_content(partial: Path, target: Path) -> None:
    """Write the new content into the old file; what fails is undone from a copy."""
    copy = _copy_aside(target)
    try:
        _overwrite(target, partial)
    except BaseException:
        try:
            _overwrite(target, copy)
        except OSError as error:
            raise CannotWrite(
                "photo.left_in_copy", path=target, copy=copy, reason=error.strerror or error
            ) from error
        copy.unlink()
        raise
    copy.unlink()
    partial.unlink()


def _copy_aside(target: Path) -> Path:
    """A copy of the file beside it, by the name that editors use for backups; in the folder for
    temporary files where that is not possible.
    """
    copy = target.with_name(f"{target.name}~")
    try:
        handle = os.open(copy, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError:
        handle, name = tempfile.mkstemp(prefix=f"{target.stem}-", suffix=target.suffix)
        copy = Path(name)
    try:
        with os.fdopen(handle, "wb") as stream, target.open("rb") as source:
            shutil.copyfileobj(source, stream)
            stream.flush()
            os.fsync(stream.fileno())
    except BaseException:
        copy.unlink()
        raise
    return copy


def _overwrite(target: Path, source: Path) -> None:
    with target.open("r+b") as stream, source.open("rb") as content:
        shutil.copyfileobj(content, stream)
        stream.truncate()
        stream.flush()
        os.fsync(stream.fileno())
