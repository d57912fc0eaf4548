"""Background work: each job ends exactly once, and says so on the UI thread."""

from __future__ import annotations

import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from PySide6.QtCore import QObject, Qt, Signal, Slot

from inpaint_core.contract.progress import Cancelled, Progress

_log = logging.getLogger(__name__)

Work = Callable[[Progress], object]
AnyJob = TypeVar("AnyJob", bound="Job")


class Job(QObject):
    """A piece of work that runs on a lane's thread.

    Exactly one of ``succeeded(result)``, ``failed(exception)`` and ``cancelled()`` is emitted,
    on the UI thread; ``progressed(fraction, text)`` before it. Work that finishes although it
    was asked to stop counts as cancelled.
    """

    succeeded = Signal(object)
    failed = Signal(object)
    cancelled = Signal()
    progressed = Signal(float, str)
    _moved = Signal(float, str)
    _ended = Signal(object, object)

    def __init__(self, work: Work) -> None:
        super().__init__()
        self._work = work
        self._progress = Progress(self._moved.emit)
        # The lane's thread emits only the private signals. Queued to slots of this object, which
        # belongs to the UI thread, they run there; a plain function connected to a signal would
        # run on whatever thread emits it.
        self._moved.connect(self._tell, Qt.ConnectionType.QueuedConnection)
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
        except BaseException as raised:  # whatever it is, the UI thread must hear of it
            error = raised
        self._ended.emit(result, error)

    @Slot(float, str)
    def _tell(self, fraction: float, text: str) -> None:
        self.progressed.emit(fraction, text)

    @Slot(object, object)
    def _deliver(self, result: object, error: BaseException | None) -> None:
        if isinstance(error, Cancelled) or self._progress.cancelled:
            self.cancelled.emit()
        elif error is not None:
            self.failed.emit(error)
        else:
            self.succeeded.emit(result)
        # Whoever listens holds the job and what it worked on, and Qt holds whoever listens: as
        # long as there is the QObject, none of them is ever given back.
        self._work = _done
        self.deleteLater()


def _done(progress: Progress) -> None:
    """The work of a job that has ended."""


class Lane:
    """One background thread that does its jobs one after the other."""

    def __init__(self, name: str) -> None:
        self._executor = ThreadPoolExecutor(max_workers=1, thread_name_prefix=name)
        self._jobs: set[Job] = set()

    def start(self, work: Work) -> Job:
        """Queue ``work``. Connect to the job's signals before returning to the event loop."""
        return self.add(Job(work))

    def add(self, job: AnyJob) -> AnyJob:
        """Queue a job that was just made."""
        # Held until it has ended: nobody else need keep a reference to it.
        self._jobs.add(job)
        for signal in (job.succeeded, job.failed, job.cancelled):
            signal.connect(lambda *_: self._jobs.discard(job))
        self._executor.submit(job.run)
        return job

    @property
    def waiting(self) -> int:
        """How many jobs have not ended yet."""
        return len(self._jobs)

    def close(self) -> None:
        """Cancel what is queued or running and wait for the thread to end."""
        for job in self._jobs:
            job.cancel()
        self._executor.shutdown(wait=True, cancel_futures=True)
