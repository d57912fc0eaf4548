"""The files that ``torch.save`` wrote before 1.6: five pickles, then the storages one by one."""

from __future__ import annotations

import os
import struct
from typing import IO, Any

from inpaint_core.contract.errors import WeightsUnavailable
from inpaint_core.networks.checkpoint.pickle_interpreter import read_pickle
from inpaint_core.networks.checkpoint.stored_tensor import Storage

MAGIC = 0x1950A86A20F9469CFC6C
_VERSION = 1001
_COUNT = struct.Struct("<q")


class TorchLegacy:
    """An open file of this kind: its pickled ``value``."""

    def __init__(self, stream: IO[bytes]) -> None:
        """Raises `WeightsUnavailable` when it is damaged, too large or something else."""
        self._stream = stream
        if read_pickle(stream) != MAGIC or read_pickle(stream) != _VERSION:
            raise WeightsUnavailable("weights.not_weights")
        system = read_pickle(stream)
        if not isinstance(system, dict) or system.get("little_endian") is False:
            raise WeightsUnavailable("weights.big_endian")
        self._storages: dict[str, Storage] = {}
        self._places: dict[str, int] = {}
        self.value: Any = read_pickle(stream, self._open_storage)
        self._find_places(read_pickle(stream))

    def _open_storage(self, key: str, dtype: str, count: int) -> Storage:
        new = Storage(key, dtype, count, lambda: self._read(key))
        known = self._storages.setdefault(key, new)
        if (known.dtype, known.count) != (dtype, count):
            raise WeightsUnavailable("weights.not_readable")
        return known

    def _find_places(self, keys: Any) -> None:
        if not isinstance(keys, list) or len(keys) > len(self._storages):
            raise WeightsUnavailable("weights.not_readable")
        place, end = self._stream.tell(), self._stream.seek(0, os.SEEK_END)
        for key in keys:
            storage = self._storages.get(key) if isinstance(key, str) else None
            self._stream.seek(place)
            head = self._stream.read(_COUNT.size)
            if storage is None or len(head) < _COUNT.size:
                raise WeightsUnavailable("weights.not_readable")
            self._places[storage.key] = place + _COUNT.size
            place += _COUNT.size + storage.byte_count
            if _COUNT.unpack(head)[0] != storage.count:
                raise WeightsUnavailable("weights.not_readable")
            if place > end:
                raise WeightsUnavailable("weights.cut_short")
        if self._storages.keys() - self._places.keys():
            raise WeightsUnavailable("weights.cut_short")

    def _read(self, key: str) -> bytes:
        self._stream.seek(self._places[key])
        content = self._stream.read(self._storages[key].byte_count)
        if len(content) < self._storages[key].byte_count:
            raise WeightsUnavailable("weights.cut_short")
        return content
