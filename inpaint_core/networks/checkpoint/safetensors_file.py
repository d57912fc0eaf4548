"""Files of safetensors: a table in JSON, then the bytes of the tensors."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from typing import IO, Any

from inpaint_core.contract.errors import WeightsUnavailable
from inpaint_core.networks.checkpoint.stored_tensor import DTYPES, Storage, StoredTensor

MOST_TABLE_BYTES = 100_000_000
_TYPES = {
    "F64": "float64",
    "F32": "float32",
    "F16": "float16",
    "BF16": "bfloat16",
    "I64": "int64",
    "I32": "int32",
    "I16": "int16",
    "I8": "int8",
    "U8": "uint8",
    "BOOL": "bool",
}


def read_safetensors(
    stream: IO[bytes], size: int
) -> tuple[dict[str, StoredTensor], dict[str, str]]:
    """The tensors by name, and the metadata, of a file of ``size`` bytes.

    The library reads such files into memory whole; here one tensor at a time is. Raises
    `WeightsUnavailable` when it is damaged.
    """
    try:
        length = int.from_bytes(stream.read(8), "little")
        if not 2 <= length <= min(MOST_TABLE_BYTES, size - 8):
            raise WeightsUnavailable("weights.not_weights")
        table = json.loads(stream.read(length))
        metadata = table.pop("__metadata__", {})
        tensors = {
            name: _read_row(name, row, 8 + length, size, stream) for name, row in table.items()
        }
        return tensors, {str(key): str(value) for key, value in metadata.items()}
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
        raise WeightsUnavailable("weights.not_readable") from error


def _read_row(name: str, row: Any, data: int, size: int, stream: IO[bytes]) -> StoredTensor:
    begin, end = row["data_offsets"]
    shape, dtype = tuple(row["shape"]), _TYPES[row["dtype"]]
    numbers = (begin, end, *shape)
    if len(shape) > 8 or not all(type(number) is int and number >= 0 for number in numbers):
        raise WeightsUnavailable("weights.not_readable")
    count = math.prod(shape)
    if end - begin != count * DTYPES[dtype].itemsize:
        raise WeightsUnavailable("weights.not_readable")
    if data + end > size:
        raise WeightsUnavailable("weights.cut_short")
    strides = tuple(math.prod(shape[axis + 1 :]) for axis in range(len(shape)))
    storage = Storage(name, dtype, count, _reader(stream, data + begin, end - begin))
    return StoredTensor(storage, 0, shape, strides)


def _reader(stream: IO[bytes], begin: int, length: int) -> Callable[[], bytes]:
    def read() -> bytes:
        stream.seek(begin)
        content = stream.read(length)
        if len(content) < length:
            raise WeightsUnavailable("weights.cut_short")
        return content

    return read
