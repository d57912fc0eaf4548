"""The zip files of ``torch.save`` (since 1.6) and of TorchScript, whose code is never opened."""

from __future__ import annotations

import io
import lzma
import zipfile
import zlib
from typing import IO, Any

from inpaint_core.contract.errors import WeightsUnavailable
from inpaint_core.networks.checkpoint.pickle_interpreter import MOST_BYTES, read_pickle
from inpaint_core.networks.checkpoint.stored_tensor import Storage

MOST_MEMBERS = 20_000
MOST_RATIO = 64
"""A compressed member may grow to this many times its size."""

DAMAGE = (
    *(zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, OSError, ValueError),
    *(NotImplementedError, RuntimeError),  # another compression, or encrypted
)
"""What `zipfile` raises for files that are not as they should be."""


class TorchZip:
    """An open zip file of torch: its pickled ``value``, and whether it is TorchScript."""

    def __init__(self, stream: IO[bytes]) -> None:
        """Raises `WeightsUnavailable` when it is damaged, too large or something else."""
        try:
            self._zip = zipfile.ZipFile(stream)
        except DAMAGE as error:
            raise WeightsUnavailable("weights.not_readable") from error
        members = self._zip.infolist()
        if len(members) > MOST_MEMBERS:
            raise WeightsUnavailable("weights.too_large")
        self._members = {member.filename: member for member in members}
        if len(self._members) != len(members):
            raise WeightsUnavailable("weights.not_readable")
        roots = [name.removesuffix("data.pkl") for name in self._members if is_value(name)]
        if len(roots) != 1:
            raise WeightsUnavailable("weights.not_weights")
        self._root = roots[0]
        self._storages: dict[str, Storage] = {}
        self._latest: tuple[str, bytes] = ("", b"")
        self.is_script = any(name.startswith(f"{self._root}code/") for name in self._members)
        order = self._root + "byteorder"
        if order in self._members and self._read(order, 16).strip() != b"little":
            raise WeightsUnavailable("weights.big_endian")
        pickled = self._read(self._root + "data.pkl", MOST_BYTES)
        self.value: Any = read_pickle(io.BytesIO(pickled), self._open_storage)

    def _open_storage(self, key: str, dtype: str, count: int) -> Storage:
        name = f"{self._root}data/{key}"
        member = self._members.get(name)
        new = Storage(key, dtype, count, lambda: self._read_storage(name))
        if member is None or new.byte_count > member.file_size:
            raise WeightsUnavailable("weights.cut_short")
        known = self._storages.setdefault(key, new)
        if (known.dtype, known.count) != (dtype, count):
            raise WeightsUnavailable("weights.not_readable")
        return known

    def _read_storage(self, name: str) -> bytes:
        """Kept until another one is read: several tensors may be views of one storage."""
        if self._latest[0] != name:
            self._latest = (name, self._read(name, self._members[name].file_size))
        return self._latest[1]

    def _read(self, name: str, most: int) -> bytes:
        member = self._members[name]
        bomb = member.file_size > MOST_RATIO * max(member.compress_size, 1)
        if bomb or member.file_size > most:
            raise WeightsUnavailable("weights.too_large")
        try:
            content = self._zip.read(member)
        except DAMAGE as error:
            raise WeightsUnavailable("weights.not_readable") from error
        if len(content) < member.file_size:
            raise WeightsUnavailable("weights.cut_short")
        return content


def is_value(name: str) -> bool:
    """Whether a member of this name is what a file of torch holds."""
    return name.count("/") <= 1 and name.endswith("data.pkl")
