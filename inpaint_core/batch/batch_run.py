"""A run over many photos: goes on after a failure, and leaves out what is finished."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from types import TracebackType
from typing import Any, Literal

from inpaint_core.batch.batch_items import BatchItem
from inpaint_core.batch.batch_journal import BatchJournal, compute_fingerprint
from inpaint_core.contract.errors import CannotWrite, NothingFound
from inpaint_core.contract.progress import Cancelled, Progress
from inpaint_core.contract.version import __version__
from inpaint_core.engine.engine import Engine
from inpaint_core.retouch.fill_task import FillTask
from inpaint_core.retouch.replay_task import ReplayTask

OutcomeState = Literal["done", "skipped", "unchanged", "failed"]
"""Filled now; filled before; nothing was found in it, now or before; failed."""

MakeTask = Callable[[Path, Path], FillTask | ReplayTask]
"""The task for a photo and its output. May raise `InpaintError`."""


@dataclass(frozen=True)
class BatchOutcome:
    """What became of ``photo``: its ``state``, the file ``out`` (not written where it is unchanged
    or failed), the ``report`` of what was done as JSON values, the ``error`` of one that failed,
    and ``seconds``.
    """

    state: OutcomeState
    photo: Path
    out: Path
    report: dict[str, Any] = field(default_factory=dict)
    error: Exception | None = None
    seconds: float = 0.0


class BatchRun:
    """Does a task for each of ``items``, with results in ``out_dir``, which exists. The tasks come
    from ``make_task``, when it is their turn; ``describe(error)`` is the sentence about an error
    for the journal. ``with`` opens that; it raises `CannotWrite` where that cannot be done.
    """

    def __init__(
        self,
        items: Sequence[BatchItem],
        out_dir: Path,
        make_task: MakeTask,
        describe: Callable[[Exception], str] = str,
    ) -> None:
        self.items, self.out_dir = tuple(items), out_dir
        self._make_task, self._describe = make_task, describe
        self._journal = BatchJournal(out_dir)

    def __enter__(self) -> BatchRun:
        self._journal.__enter__()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self._journal.__exit__(kind, error, at)

    def perform(self, index: int, engine: Engine, progress: Progress) -> BatchOutcome:
        """Do the task of one photo, unless it is finished. Whatever goes wrong is an outcome, and
        not an error.

        Raises `Cancelled`; the output is then what it was before.
        """
        item, journal, key = self.items[index], self._journal, None
        start = time.perf_counter()
        out = self.out_dir / item.output
        try:
            task = self._make_task(item.photo, out)
            fingerprint = _compute_fingerprint(task)
            if journal.is_finished(item.output, fingerprint):
                return BatchOutcome("skipped", item.photo, out)
            if journal.found_nothing(item.output, fingerprint):
                return BatchOutcome("unchanged", item.photo, out)
            if journal.owns(item.output):
                task = replace(task, overwrite=True)
            task.check()
            key = fingerprint
            journal.add(item.output, "started", key)
            report = task.perform(engine, progress).describe()
            journal.add(item.output, "done", key)
            seconds = time.perf_counter() - start
            return BatchOutcome("done", item.photo, out, report, seconds=seconds)
        except Cancelled:
            raise
        except Exception as error:
            nothing = isinstance(error, NothingFound)
            if key is not None:
                said = {} if nothing else {"error": self._describe(error)}
                with suppress(CannotWrite):  # the entry says “started” then, and it is redone
                    journal.add(item.output, "nothing" if nothing else "failed", key, **said)
            return BatchOutcome("unchanged" if nothing else "failed", item.photo, out, error=error)


def _compute_fingerprint(task: FillTask | ReplayTask) -> str:
    """The hash of all that the output depends on, the program's version included."""
    options = {
        f.name: getattr(task, f.name)
        for f in fields(task)
        if f.name not in ("max_pixels", "overwrite", "overwrite_original")
    }
    return compute_fingerprint(task.inputs, {**options, "version": __version__})


def count_outcomes(outcomes: Sequence[BatchOutcome], count: int) -> dict[str, int]:
    """How many of ``count`` photos are done, skipped, unchanged, failed, and left."""
    states = ("done", "skipped", "unchanged", "failed")
    counts = {state: sum(o.state == state for o in outcomes) for state in states}
    return {**counts, "left": count - len(outcomes)}
