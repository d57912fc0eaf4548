from __future__ import annotations

import threading
import weakref
from collections.abc import Callable
from functools import partial

import pytest
from PySide6.QtCore import QThread
from pytestqt.qtbot import QtBot

from app.workers.jobs import Job, Lane
from inpaint_core.contract.message import Message
from inpaint_core.contract.progress import Progress

HALF = Message("engine.copying_texture")


def _record(job: Job) -> list[tuple[str, object, bool]]:
    """What the job tells, and whether it told it on the thread of the test."""
    here = QThread.currentThread()
    told: list[tuple[str, object, bool]] = []

    def note(kind: str) -> Callable[..., None]:
        return lambda *args: told.append((kind, args, QThread.currentThread() is here))

    job.progressed.connect(note("progressed"))
    job.succeeded.connect(note("succeeded"))
    job.failed.connect(note("failed"))
    job.cancelled.connect(note("cancelled"))
    return told


def test_success_is_told_once_on_the_ui_thread(qtbot: QtBot, lane: Lane) -> None:
    seen: list[bool] = []
    main = threading.current_thread()

    def work(progress: Progress) -> int:
        seen.append(threading.current_thread() is main)
        progress.report(0.5, HALF)
        return 7

    job = lane.start(work)
    told = _record(job)
    qtbot.waitUntil(lambda: any(kind == "succeeded" for kind, _, _ in told))
    assert seen == [False]
    assert told == [("progressed", (0.5, HALF), True), ("succeeded", (7,), True)]


def test_failure_is_told_once_with_the_exception(qtbot: QtBot, lane: Lane) -> None:
    error = ValueError("no")

    def work(progress: Progress) -> None:
        raise error

    told = _record(lane.start(work))
    qtbot.waitUntil(lambda: bool(told))
    assert told == [("failed", (error,), True)]


def test_cancelling_work_that_checks_stops_it(qtbot: QtBot, lane: Lane) -> None:
    started = threading.Event()

    def work(progress: Progress) -> None:
        started.set()
        while True:
            progress.check()

    job = lane.start(work)
    told = _record(job)
    assert started.wait(10)
    job.cancel()
    qtbot.waitUntil(lambda: bool(told))
    assert told == [("cancelled", (), True)]


@pytest.mark.parametrize("fails", [False, True])
def test_work_that_ends_after_its_cancel_counts_as_cancelled(
    qtbot: QtBot, lane: Lane, fails: bool
) -> None:
    go = threading.Event()

    def work(progress: Progress) -> None:
        assert go.wait(10)
        if fails:
            raise ValueError

    job = lane.start(work)
    told = _record(job)
    job.cancel()
    go.set()
    qtbot.waitUntil(lambda: bool(told))
    assert [kind for kind, _, _ in told] == ["cancelled"]


def test_jobs_of_a_lane_run_one_after_the_other_in_order(qtbot: QtBot, lane: Lane) -> None:
    running: list[int] = []
    order: list[int] = []

    def work(n: int) -> Callable[[Progress], int]:
        def run(progress: Progress) -> int:
            running.append(n)
            assert running == [n]
            running.remove(n)
            return n

        return run

    for n in range(20):
        lane.start(work(n)).succeeded.connect(order.append)
    qtbot.waitUntil(lambda: len(order) == 20)
    assert order == list(range(20))


def test_a_job_is_let_go_of_when_it_has_ended(qtbot: QtBot, lane: Lane) -> None:
    job = lane.start(lambda progress: None)
    with qtbot.waitSignal(job.succeeded):
        pass
    assert not lane.jobs


def _hear(heard: list[object], job: Job, held: object, result: object) -> None:
    heard.append(result)


def test_a_job_that_has_ended_is_given_back_with_all_that_it_held(qtbot: QtBot, lane: Lane) -> None:
    class Held:
        pass

    held = Held()
    heard: list[object] = []
    gone = weakref.ref(held)

    def work(progress: Progress, value: Held = held) -> None:
        pass

    job = lane.start(work)
    # Whoever listens knows the job, as the controller does.
    job.succeeded.connect(partial(_hear, heard, job, held))
    qtbot.waitUntil(lambda: bool(heard))
    del job, work, held
    qtbot.waitUntil(lambda: gone() is None)
