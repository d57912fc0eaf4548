"""Zip archives with a weights file in them, as some are published, beside its configuration."""

from __future__ import annotations

import errno
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from inpaint_core.contract.errors import CannotWrite, WeightsUnavailable
from inpaint_core.networks.checkpoint.torch_zip import DAMAGE, MOST_MEMBERS, MOST_RATIO, is_value

MOST_BYTES = 2 << 30
"""Of the weights file that is unpacked."""

_SUFFIXES = (".safetensors", ".pt", ".pth", ".ckpt")
_BLOCK = 1 << 20


def find_member(stream: IO[bytes]) -> zipfile.ZipInfo | None:
    """The only weights file in an archive; None for what is no archive but a file of torch or of
    another kind, and where no weights file lies in it.

    Raises `WeightsUnavailable` when there are several.
    """
    head = stream.read(4)
    stream.seek(0)
    if head != b"PK\x03\x04":
        return None
    try:
        members = zipfile.ZipFile(stream).infolist()
    except DAMAGE:
        return None  # reading it says so
    if len(members) > MOST_MEMBERS or any(is_value(each.filename) for each in members):
        return None
    inner = [each for each in members if _is_weights(each.filename)]
    if len(inner) > 1:
        names = tuple(each.filename for each in inner[:8])
        raise WeightsUnavailable("weights.in_archive", members=names)
    return inner[0] if inner else None


def _is_weights(name: str) -> bool:
    """Also of what archives made on a Mac hold beside each file, which is not one."""
    hidden = Path(name).name.startswith(".") or name.startswith("__MACOSX/")
    return name.endswith(_SUFFIXES) and not hidden


@contextmanager
def unpack_member(stream: IO[bytes], member: zipfile.ZipInfo) -> Iterator[Path]:
    """A copy of a member, as long as it is needed. Its name is not used.

    Raises `WeightsUnavailable` when it is damaged or too large, and `CannotWrite`.
    """
    if member.file_size > min(MOST_BYTES, MOST_RATIO * max(member.compress_size, 1)):
        raise WeightsUnavailable("weights.too_large")
    with tempfile.TemporaryDirectory(prefix="lacuna-weights-") as folder:
        path = Path(folder) / "unpacked"
        _copy(stream, member, path)
        yield path


def _copy(stream: IO[bytes], member: zipfile.ZipInfo, path: Path) -> None:
    left = member.file_size
    try:
        with (
            zipfile.ZipFile(stream) as archive,
            archive.open(member) as source,
            path.open("wb") as target,
        ):
            while block := source.read(_BLOCK):
                left -= len(block)
                if left < 0:
                    raise WeightsUnavailable("weights.too_large")
                target.write(block)
    except DAMAGE as error:
        if getattr(error, "errno", None) in (errno.ENOSPC, errno.EDQUOT):
            raise CannotWrite("weights.no_folder", path=path.parent) from error
        raise WeightsUnavailable("weights.not_readable") from error
    if left:
        raise WeightsUnavailable("weights.cut_short")
