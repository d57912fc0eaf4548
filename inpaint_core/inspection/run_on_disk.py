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
from inpaint_core.contract.request import View
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

            def write(array: Array) -> Array:
                progress.check()
                places.append(stream.tell())
                np.ascontiguousarray(array).tofile(stream)
                return array

            _replace_arrays(run, write)
            stream.flush()
            return _map_arrays(run, stream, iter(places)) if places else run
    except OSError as error:
        raise CannotWrite("inspection.disk_full", reason=error) from error


def _map_arrays(run: InspectedRun, stream: IO[bytes], places: Iterator[int]) -> InspectedRun:
    whole = np.memmap(stream, np.uint8, "r")

    def take(array: Array) -> Array:
        start = next(places)
        part = np.asarray(whole[start : start + array.nbytes])
        return part.view(array.dtype).reshape(array.shape)

    return _replace_arrays(run, take)


def _replace_arrays(run: InspectedRun, each: Callable[[Array], Array]) -> InspectedRun:
    """The run with ``each`` applied to every array, always in the same order."""
    captures = tuple(_replace_in_capture(capture, each) for capture in run.captures)
    return replace(run, captures=captures)


def _replace_in_capture(capture: TileCapture, each: Callable[[Array], Array]) -> TileCapture:
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
