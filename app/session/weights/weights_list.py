"""What there is of weights, and what can be done with them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from app.workers.jobs import Job, Lane, Work
from inpaint_core.contract.progress import Progress

if TYPE_CHECKING:
    from inpaint_core.networks.store.manifest import WeightsEntry


@dataclass(frozen=True)
class WeightsRow:
    """An ``entry``, the ``engine`` that fills with it, or will when no file is missing any more,
    the ``size`` of its file in bytes, and the ``picture`` of the test that it passed.

    ``is_shipped``: it came with the program. ``is_ours``: it lies in the folder of imported
    weights, not in one that is only read. ``is_default``: its engine uses it by itself.
    """

    entry: WeightsEntry
    engine: str
    size: int
    is_shipped: bool
    is_ours: bool
    picture: Path | None = None

    @property
    def is_default(self) -> bool:
        """Whether its engine uses it by itself."""
        return ":" not in self.engine

    @property
    def is_usable(self) -> bool:
        """Whether its file is there, and no other is missing."""
        return self.entry.is_present and not self.entry.missing

    @property
    def family(self) -> str:
        """The engine without the name of its weights."""
        return self.engine.partition(":")[0]


class WeightsList(QObject):
    """Starts jobs whose results are tuples of `WeightsRow`, read anew: what takes a moment on the
    lane ``quick``, measuring on ``slow``. ``changed()``: other weights are there, or others are
    used.
    """

    changed = Signal()

    def __init__(self, quick: Lane, slow: Lane) -> None:
        super().__init__()
        self._quick, self._slow = quick, slow

    def read(self) -> Job:
        """List all weights."""
        return self._quick.start(lambda progress: _list_rows())

    def prefer(self, row: WeightsRow) -> Job:
        """Let the engine use these weights by itself."""
        return self._change(partial(_prefer, row))

    def remove(self, row: WeightsRow) -> Job:
        """Delete imported weights."""
        return self._change(partial(_remove, row))

    def measure(self, row: WeightsRow, photos: Path | None = None) -> Job:
        """Find out where imported weights are better, in drawn scenes or in the ``photos`` of a
        folder, which takes minutes.
        """
        job = self._slow.start(partial(_measure, row, photos))
        job.succeeded.connect(self._on_changed)
        return job

    def _change(self, work: Work) -> Job:
        job = self._quick.start(work)
        job.succeeded.connect(self._on_changed)
        return job

    def _on_changed(self) -> None:
        self.changed.emit()


def _list_rows() -> tuple[WeightsRow, ...]:
    from inpaint_core.generators.registry import find_engine_of
    from inpaint_core.networks.store.entry_folder import find_test_picture
    from inpaint_core.networks.store.manifest import read_manifest
    from inpaint_core.networks.store.user_weights import read_user_weights, weights_folder

    shipped, user = read_manifest(), read_user_weights()
    held = {**user.entries, **user.incomplete}
    ours = weights_folder()
    rows = []
    for entry in (*shipped.values(), *(e for name, e in held.items() if name not in shipped)):
        size = entry.path.stat().st_size if entry.is_present else 0
        rows.append(
            WeightsRow(
                entry,
                _name_later_engine(entry) if entry.missing else find_engine_of(entry.id),
                size,
                is_shipped=entry.id in shipped,
                is_ours=entry.folder.parent == ours,
                picture=find_test_picture(entry),
            )
        )
    return tuple(row for row in rows if row.engine)


def _name_later_engine(entry: WeightsEntry) -> str:
    """The engine that will use weights of which files are missing yet."""
    from inpaint_core.generators.registry import generators

    for spec in generators().values():
        name = entry.id.removeprefix(f"{spec.weights}-")
        if name != entry.id:
            return f"{spec.id}:{name}"
    return ""


def _prefer(row: WeightsRow, progress: Progress) -> tuple[WeightsRow, ...]:
    from inpaint_core.generators.registry import generators
    from inpaint_core.networks.store.user_weights import prefer

    prefer(str(generators()[row.family].weights), row.entry.id)
    return _list_rows()


def _remove(row: WeightsRow, progress: Progress) -> tuple[WeightsRow, ...]:
    from inpaint_core.networks.store.entry_folder import remove_weights

    remove_weights(row.entry)
    return _list_rows()


def _measure(row: WeightsRow, photos: Path | None, progress: Progress) -> tuple[WeightsRow, ...]:
    from inpaint_core.lab.evaluation.weights_measurement import measure_weights

    measure_weights(row.entry, progress, photos=photos)
    return _list_rows()
