"""The process that copies the tensors of an HDF5 file: ``python -m … FROM TO``."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inpaint_core.contract.errors import WeightsUnavailable
from inpaint_core.networks.checkpoint.hdf5_file import REFUSED

MOST_RATIO = 64
"""Compressed datasets may grow to this many times the size of the file."""
MOST_BYTES = 2 << 30
MOST_TENSORS = 20_000
MOST_DEPTH = 16
_MORE_MEMORY = 1 << 28
_FILTERS = {"gzip", "lzf"}


def main(source: Path, target: Path) -> int:
    """Copy, and return 0, or `REFUSED` after printing why."""
    from safetensors.numpy import save_file

    size = source.stat().st_size
    most = min(MOST_BYTES, MOST_RATIO * size)
    _limit_memory(2 * most + _MORE_MEMORY)
    try:
        save_file(read_tensors(source, most), target)
    except WeightsUnavailable as error:
        print(error.message.key)
        return REFUSED
    return 0


def read_tensors(path: Path, most: int) -> dict[str, NDArray[Any]]:
    """Every dataset of numbers by its path, with dots, as long as they have ``most`` bytes in all.

    Raises `WeightsUnavailable`, or whatever h5py raises for damage.
    """
    import h5py

    tensors: dict[str, NDArray[Any]] = {}
    with h5py.File(path, "r", locking=False) as file:
        waiting = [("", file, 0)]
        while waiting:
            name, group, depth = waiting.pop()
            if depth > MOST_DEPTH or len(waiting) + len(tensors) > MOST_TENSORS:
                raise WeightsUnavailable("weights.too_large")
            for key in group:
                if not isinstance(group.get(key, getlink=True), h5py.HardLink):
                    raise WeightsUnavailable("weights.names_other_files")
                child, path_of = group[key], f"{name}.{key.removesuffix(':0')}" if name else key
                if isinstance(child, h5py.Group):
                    waiting.append((path_of, child, depth + 1))
                elif isinstance(child, h5py.Dataset) and child.dtype.kind in "fiu":
                    most -= _check(child)
                    if most < 0:
                        raise WeightsUnavailable("weights.too_large")
                    if path_of in tensors:
                        raise WeightsUnavailable("weights.not_readable")
                    tensors[path_of] = np.ascontiguousarray(child[()])
    return tensors


def _check(dataset: Any) -> int:
    """The size of a dataset in bytes. Raises `WeightsUnavailable` where it is kept elsewhere."""
    if dataset.external or dataset.is_virtual:
        raise WeightsUnavailable("weights.names_other_files")
    if dataset.compression not in (None, *_FILTERS):
        raise WeightsUnavailable("weights.not_readable")
    return int(dataset.size) * int(dataset.dtype.itemsize)


def _limit_memory(more: int) -> None:
    """Limit this process to ``more`` bytes than it has now, where the system can."""
    if sys.platform != "linux":
        return
    import resource

    pages = int(Path("/proc/self/statm").read_text().split()[0])
    limit, (_, hard) = (
        pages * os.sysconf("SC_PAGE_SIZE") + more,
        resource.getrlimit(resource.RLIMIT_AS),
    )
    resource.setrlimit(resource.RLIMIT_AS, (limit if hard < 0 else min(limit, hard), hard))


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), Path(sys.argv[2])))
