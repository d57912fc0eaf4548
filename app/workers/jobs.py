"""Background jobs: each ends exactly once and signals its end on the UI thread."""

from __future__ import annotations

import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from PySide6.QtCore import QObject, Qt, Signal, Slot

from inpaint_core.contract.message import Message
from inpaint_core.contract.progress import Cancelled, Progress

_log = logging.getLogger(__name__)

Work = Callable[[Progress], object]
AnyJob = TypeVar("AnyJob", bound="Job")


class Job(QObject):
    """A piece of work that runs on a lane's thread.

    Exactly one of ``succeeded(result)``, ``failed(exception)`` and ``cancelled()`` is emitted on
    the UI thread, and ``progressed(fraction, message or None)`` before it. Work that finishes
    after a cancel counts as cancelled.
    """

    succeeded = Signal(object)
    failed = Signal(object)
    cancelled = Signal()
    progressed = Signal(float, object)
    _progress_reported = Signal(float, object)
    _ended = Signal(object, object)

    def __init__(self, work: Work) -> None:
        super().__init__()
        self._work = work
        self._progress = Progress(self._progress_reported.emit)
        # The lane's thread emits only the private signals. Slots of this object, which belongs to
        # the UI thread, receive them there; a plain function would run on the emitting thread.
        self._progress_reported.connect(self._forward_progress, Qt.ConnectionType.QueuedConnection)
        self._ended.connect(self._deliver, Qt.ConnectionType.QueuedConnection)

    def cancel(self) -> None:
        """Ask the work to stop. Returns at once."""
        self._progress.cancel()

    def run(self) -> None:
        """Do the work; called on the lane's thread."""
        result: object = None
        error: BaseException | None = None
        try:
            self._progress.check()
            result = self._work(self._progress)
            self._progress.check()
        except BaseException as raised:  # the UI thread must hear of any error
            error = raised
        self._ended.emit(result, error)

    @Slot(float, object)
    def _forward_progress(self, fraction: float, text: Message | None) -> None:
        self.progressed.emit(fraction, text)

    @Slot(object, object)
    def _deliver(self, result: object, error: BaseException | None) -> None:
        if isinstance(error, Cancelled) or self._progress.is_cancelled:
            self.cancelled.emit()
        elif error is not None:
            self.failed.emit(error)
        else:
            self.succeeded.emit(result)
        # Listeners hold the job and its work, and Qt holds the listeners: none of them is freed
        # as long as the QObject exists.
        self._work = _do_nothing
        self.deleteLater()


def _do_nothing(progress: Progress) -> None:
    """The work of a job that has ended."""


class Lane:
    """One background thread that does its jobs one after the other.

    ``jobs``: those that have not ended yet.
    """

    def __init__(self, name: str) -> None:
        self._executor = ThreadPoolExecutor(max_workers=1, thread_name_prefix=name)
        self.jobs: set[Job] = set()

    def start(self, work: Work) -> Job:
        """Queue ``work``. Connect to the job's signals before returning to the event loop."""
        return self.add(Job(work))

    def add(self, job: AnyJob) -> AnyJob:
        """Queue a new job, and keep it until it has ended, so that nobody else needs to."""
        self.jobs.add(job)
        for signal in (job.succeeded, job.failed, job.cancelled):
            signal.connect(lambda *_: self.jobs.discard(job))
        self._executor.submit(job.run)
        return job

    def close(self) -> None:
        """Cancel what is queued or running and wait for the thread to end."""
        for job in self.jobs:
            job.cancel()
        self._executor.shutdown(wait=True, cancel_futures=True)
