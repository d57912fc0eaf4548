"""A run whose arrays lie on disk, so that one kept to compare with takes next to no memory."""

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
from inpaint_core.inspection.capture import Capture, Run

Array = NDArray[Any]


def on_disk(run: Run, progress: Progress | None = None) -> Run:
    """The same run with its maps, and what the network was given, in a temporary file that is
    mapped into memory: the system reads from it what is looked at, and forgets it again.

    The file has no name, or goes with the last array that lies in it. Raises `CannotWrite` where
    the disk is full, and `Cancelled`.
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
            return _mapped(run, stream, iter(places)) if places else run
    except OSError as error:
        raise CannotWrite(
            "The maps of a fill cannot be put on disk.", f"Make room for temporary files: {error}"
        ) from error


def held(run: Run) -> int:
    """Bytes of memory that the arrays of `on_disk` take; 0 once they lie there."""
    return sum(array.nbytes for array in _arrays(run) if not _is_mapped(array))


def _arrays(run: Run) -> Iterator[Array]:
    """Every array that is put on disk, in the order in which `_mapped` takes them back."""
    found: list[Array] = []

    def keep(array: Array) -> Array:
        found.append(array)
        return array

    for capture in run.captures:
        _changed(capture, keep)
    return iter(found)


def _mapped(run: Run, stream: IO[bytes], places: Iterator[int]) -> Run:
    whole = np.memmap(stream, np.uint8, "r")

    def take(array: Array) -> Array:
        start = next(places)
        part = np.asarray(whole[start : start + array.nbytes])
        return part.view(array.dtype).reshape(array.shape)

    return replace(run, captures=tuple(_changed(capture, take) for capture in run.captures))


def _changed(capture: Capture, each: Callable[[Array], Array]) -> Capture:
    """The capture with every array replaced by what ``each`` makes of it."""
    view = capture.seen.view

    def some(array: Array | None) -> Array | None:
        return None if array is None or array.size == 0 else each(array)

    seen: View = replace(
        view,
        image=each(view.image),
        hole=each(view.hole),
        source=each(view.source),
        guide=some(view.guide),
        edges=some(view.edges),
        priors={name: each(values) for name, values in view.priors.items()},
    )
    maps = {name: each(values) for name, values in capture.maps.items()}
    return replace(capture, seen=replace(capture.seen, view=seen), maps=maps)


def _is_mapped(array: Array) -> bool:
    base: Any = array
    while isinstance(base, np.ndarray):
        if isinstance(base, np.memmap):
            return True
        base = base.base
    return False
