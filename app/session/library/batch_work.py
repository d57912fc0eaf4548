"""A batch in the editor: its photos one after the other, between the fills of open photos."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from PySide6.QtCore import QObject, Signal

from app.configuration.settings import Settings
from app.session.export import ExportPlan
from app.session.frozen_request import chosen_grow
from app.workers.engine_lane import EngineLane
from app.workers.jobs import Job
from inpaint_core.contract.choices import DEFAULT_ENGINE
from inpaint_core.contract.options import FillOptions
from inpaint_core.contract.progress import Progress

if TYPE_CHECKING:
    from inpaint_core.batch.batch_items import MaskFolder
    from inpaint_core.batch.batch_run import BatchOutcome, BatchRun
    from inpaint_core.engine.engine import Engine
    from inpaint_core.retouch.fill_task import FillTask
    from inpaint_core.retouch.replay_task import ReplayTask

RemovalKind = Literal["mask", "masks", "project", "spots", "wires", "text"]
"""What is removed: what a mask marks, or the one of each photo in a folder of masks; what was
filled in a project; what is found."""


@dataclass(frozen=True)
class BatchOrder:
    """Which photos, what to remove from them, and where results go.

    ``source`` is the mask, the folder of masks or the project. ``scale_mask``: masks of another
    size are scaled. ``plan``: how results are written. ``sensitivity``: how faint spots may be.
    """

    photos: tuple[Path, ...]
    kind: RemovalKind
    source: Path | None
    out_dir: Path
    options: FillOptions[Path]
    plan: ExportPlan
    sensitivity: float
    scale_mask: bool = True

    def prepare(self) -> BatchRun:
        """Refuse what would fail for every photo, and make the output folder. Raises
        `InpaintError`.
        """
        from inpaint_core.batch.batch_items import MaskFolder, list_batch_items
        from inpaint_core.batch.batch_run import BatchRun
        from inpaint_core.generators.registry import find_usable
        from inpaint_core.photo.formats.registry import formats
        from inpaint_core.retouch.output_places import make_folder
        from inpaint_core.retouch.replay_task import check_project

        if self.kind == "project" and self.source is not None:
            check_project(self.source)
        else:
            find_usable(self.options.engine)
        known = None if self.plan.format == "same" else formats().get(self.plan.format.upper())
        ending = None if known is None else known.extensions[0]
        items = list_batch_items(list(self.photos), self.out_dir, ending)
        is_folder = self.kind == "masks" and self.source is not None
        masks = MaskFolder(self.source, self.photos) if is_folder and self.source else None
        make_folder(self.out_dir)
        return BatchRun(items, self.out_dir, lambda photo, out: self._make_task(photo, out, masks))

    def _make_task(self, photo: Path, out: Path, masks: MaskFolder | None) -> FillTask | ReplayTask:
        from inpaint_core.retouch.fill_files import FillFiles, Finding
        from inpaint_core.retouch.fill_task import FillTask
        from inpaint_core.retouch.replay_task import ReplayTask

        if self.kind == "project":
            assert self.source is not None
            return ReplayTask(photo, self.source, out, self.options.device, self.plan)
        if self.kind in ("spots", "wires", "text"):
            mask: Path | Finding = Finding(self.kind, self.sensitivity)
        elif masks is not None:
            mask = masks.find(photo)
        else:
            assert self.source is not None
            mask = self.source
        files = FillFiles(photo, mask, self.options, scale_mask=self.scale_mask)
        return FillTask(files, out, self.plan)


def read_settings(settings: Settings) -> tuple[FillOptions[Path], ExportPlan, float]:
    """How to fill, how to write, and how faint spots may be, as the settings say."""
    engine = str(settings.get("fill.engine"))
    options: FillOptions[Path] = FillOptions(
        engine=DEFAULT_ENGINE if engine == "default" else engine,
        device=settings.get("fill.device"),
        grow=chosen_grow(settings),
        feather=settings.get("fill.feather"),
    )
    return options, ExportPlan.of(settings), float(settings.get("spots.sensitivity"))


class BatchWork(QObject):
    """Does a batch on ``lane``, a job for each photo, so that fills that a person waits for come
    between. ``begun(index)`` and ``progressed(index, fraction)`` of a photo,
    ``finished(index, outcome)``, ``ended()`` after the last or after `stop`, ``failed(error)``
    where nothing could begin.
    """

    begun = Signal(int)
    progressed = Signal(int, float)
    finished = Signal(int, object)
    ended = Signal()
    failed = Signal(object)

    def __init__(self, lane: EngineLane) -> None:
        super().__init__()
        self._lane = lane
        self._run: BatchRun | None = None
        self._job: Job | None = None
        self._is_stopped = False
        self.outcomes: list[BatchOutcome] = []

    @property
    def is_running(self) -> bool:
        """Whether the batch has begun and not ended."""
        return self._job is not None

    def start(self, prepare: Callable[[], BatchRun]) -> None:
        """Begin the batch that ``prepare`` makes; that reads files, so not on the UI thread. Does
        nothing while one is running.
        """
        if self.is_running:
            return
        self._is_stopped, self.outcomes = False, []
        self._job = self._lane.run_with_engine(lambda engine, progress: self._open(prepare))
        self._job.succeeded.connect(lambda _: self._next(0))
        self._job.failed.connect(self._on_failed)
        self._job.cancelled.connect(self._end)

    def stop(self) -> None:
        """Stop; the photo that is being filled is left out, and the next run begins with it."""
        self._is_stopped = True
        if self._job is not None:
            self._job.cancel()

    def _open(self, prepare: Callable[[], BatchRun]) -> None:
        # Kept here and not as the job's result: a job that is cancelled has none, and what is
        # open must be closed.
        self._run = prepare().__enter__()

    def _next(self, index: int) -> None:
        run = self._run
        if run is None or self._is_stopped or index >= len(run.items):
            self._end()
            return
        self.begun.emit(index)

        def work(engine: Engine, progress: Progress) -> BatchOutcome:
            return run.perform(index, engine, progress)

        job = self._lane.run_with_engine(work)
        self._job = job
        job.progressed.connect(lambda fraction, _: self.progressed.emit(index, fraction))
        job.succeeded.connect(lambda outcome: self._on_outcome(index, outcome))
        job.failed.connect(self._on_failed)
        job.cancelled.connect(self._end)

    def _on_outcome(self, index: int, outcome: BatchOutcome) -> None:
        self.outcomes.append(outcome)
        self.finished.emit(index, outcome)
        self._next(index + 1)

    def _on_failed(self, error: Exception) -> None:
        self.failed.emit(error)
        self._end()

    def _end(self) -> None:
        if self._job is not None:
            self._job = None
            if self._run is not None:
                self._run.__exit__(None, None, None)
                self._run = None
            self.ended.emit()
