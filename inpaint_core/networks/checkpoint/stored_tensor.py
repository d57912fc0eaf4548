"""Tensors as they lie in a file: described when the file is opened, read when they are wanted."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inpaint_core.contract.errors import WeightsUnavailable

DTYPES: dict[str, np.dtype[Any]] = {
    "float64": np.dtype("<f8"),
    "float32": np.dtype("<f4"),
    "float16": np.dtype("<f2"),
    "bfloat16": np.dtype("<u2"),  # NumPy has no such type: the bits
    "int64": np.dtype("<i8"),
    "int32": np.dtype("<i4"),
    "int16": np.dtype("<i2"),
    "int8": np.dtype("i1"),
    "uint8": np.dtype("u1"),
    "bool": np.dtype("?"),
}
"""The element types that weights files may hold, as NumPy reads their bytes."""


@dataclass(frozen=True)
class Storage:
    """A flat run of ``count`` elements of type ``dtype`` (a key of `DTYPES`), named ``key`` in its
    file. ``read`` gives its bytes, ``count`` times the size of an element.
    """

    key: str
    dtype: str
    count: int
    read: Callable[[], bytes]

    @property
    def byte_count(self) -> int:
        """Its size in bytes."""
        return self.count * DTYPES[self.dtype].itemsize


@dataclass(frozen=True)
class StoredTensor:
    """A view of a `Storage`: ``shape`` and ``strides`` in elements from element ``offset`` on.

    Raises `WeightsUnavailable` when it reaches beyond the storage, or repeats its elements.
    """

    storage: Storage
    offset: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]

    def __post_init__(self) -> None:
        numbers = (self.offset, *self.shape, *self.strides)
        whole = all(type(number) is int and number >= 0 for number in numbers)
        if not whole or len(self.shape) != len(self.strides) or len(self.shape) > 8:
            raise WeightsUnavailable("weights.not_readable")
        last = self.offset + sum(
            (size - 1) * stride for size, stride in zip(self.shape, self.strides, strict=True)
        )
        if self.size and (last >= self.storage.count or self.size > self.storage.count):
            raise WeightsUnavailable("weights.not_readable")

    @property
    def dtype(self) -> str:
        """The type of its elements, a key of `DTYPES`."""
        return self.storage.dtype

    @property
    def size(self) -> int:
        """How many elements it has."""
        return math.prod(self.shape)

    @property
    def byte_count(self) -> int:
        """The size of its elements in bytes."""
        return self.size * DTYPES[self.dtype].itemsize

    def read(self) -> NDArray[Any]:
        """Its values, in its own type; bfloat16 as float32, which holds the same numbers.

        Raises `WeightsUnavailable` when the file is shorter than it says.
        """
        kind = DTYPES[self.dtype]
        flat = np.frombuffer(self.storage.read(), kind, self.storage.count)[self.offset :]
        steps = [stride * kind.itemsize for stride in self.strides]
        view = np.lib.stride_tricks.as_strided(flat, self.shape, steps, writeable=False)
        if self.dtype == "bfloat16":
            bits: NDArray[np.uint32] = np.left_shift(view, 16, dtype=np.uint32)
            return bits.view(np.float32)
        return view.astype(kind.newbyteorder("="), order="C")
