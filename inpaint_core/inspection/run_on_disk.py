"""Moving the arrays of a run to disk, so that a run kept for comparison takes almost no memory."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from inpaint_core.contract.errors import CannotWrite
from inpaint_core.contract.progress import Progress
from inpaint_core.contract.view import View
from inpaint_core.inspection.capture import InspectedRun, TileCapture

Array = NDArray[Any]


def move_to_disk(run: InspectedRun, progress: Progress | None = None) -> InspectedRun:
    """The same run with its maps and the network's inputs in a memory-mapped temporary file: the
    system reads what is looked at and can drop it again.

    The file is deleted with the last array in it. Raises `CannotWrite` when the disk is full, and
    `Cancelled`.
    """
    progress = Progress() if progress is None else progress
    try:
        with tempfile.TemporaryFile(prefix="lacuna-maps-") as stream:
            places: list[int] = []
            for array in _arrays(run):
                progress.check()
                places.append(stream.tell())
                np.ascontiguousarray(array).tofile(stream)
            stream.flush()
            return _map_arrays(run, stream, iter(places)) if places else run
    except OSError as error:
        raise CannotWrite("inspection.disk_full", reason=error) from error


def count_memory_bytes(run: InspectedRun) -> int:
    """Bytes of memory that a run's arrays take; 0 after `move_to_disk`."""
    return sum(array.nbytes for array in _arrays(run) if not _is_mapped(array))


def _arrays(run: InspectedRun) -> Iterator[Array]:
    """Every array to be written, in the order in which `_map_arrays` reads them."""
    found: list[Array] = []

    def keep(array: Array) -> Array:
        found.append(array)
        return array

    for capture in run.captures:
        _replace_arrays(capture, keep)
    return iter(found)


def _map_arrays(run: InspectedRun, stream: IO[bytes], places: Iterator[int]) -> InspectedRun:
    whole = np.memmap(stream, np.uint8, "r")

    def take(array: Array) -> Array:
        start = next(places)
        part = np.asarray(whole[start : start + array.nbytes])
        return part.view(array.dtype).reshape(array.shape)

    return replace(run, captures=tuple(_replace_arrays(capture, take) for capture in run.captures))


def _replace_arrays(capture: TileCapture, each: Callable[[Array], Array]) -> TileCapture:
    """The capture with ``each`` applied to every array."""
    view = capture.generator_pass.view

    def some(array: Array | None) -> Array | None:
        return None if array is None or array.size == 0 else each(array)

    changed: View = replace(
        view,
        image=each(view.image),
        hole=each(view.hole),
        source=each(view.source),
        guide=some(view.guide),
        edges=some(view.edges),
        priors={name: each(values) for name, values in view.priors.items()},
    )
    maps = {name: each(values) for name, values in capture.maps.items()}
    return replace(capture, generator_pass=replace(capture.generator_pass, view=changed), maps=maps)


def _is_mapped(array: Array) -> bool:
    base: Any = array
    while isinstance(base, np.ndarray):
        if isinstance(base, np.memmap):
            return True
        base = base.base
    return False
