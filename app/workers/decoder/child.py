"""The child process of the decoder: does the work orders that come through its pipe."""

from __future__ import annotations

import ctypes
import faulthandler
import os
import signal
import sys
import threading
import traceback
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from multiprocessing import connection, parent_process
from multiprocessing.connection import Connection
from pathlib import Path
from typing import IO, Any

from app.workers.decoder.shared_values import send_value
from inpaint_core.contract.errors import InpaintError, OutOfMemory
from inpaint_core.contract.message import Message
from inpaint_core.contract.progress import Progress

READY = "ready"
"""Sent by the child when it has started."""

_MAX_SECONDS = 3600.0  # after which an orphaned child ends by itself
_DIES_WITH_PARENT = 1  # PR_SET_PDEATHSIG of prctl(2)


@dataclass(frozen=True)
class WorkOrder:
    """A function that the child can import, its arguments, the file ``name`` for messages, and the
    limit of memory in ``bytes``. ``reports``: the function takes a `Progress` after its arguments,
    whose reports are sent as `WorkStep`.
    """

    work: Callable[..., Any]
    arguments: tuple[Any, ...]
    name: str
    bytes: int
    reports: bool = False


@dataclass(frozen=True)
class WorkStep:
    """How far the work is, 0 to 1, and what it does."""

    fraction: float
    text: Message | None


@dataclass(frozen=True)
class WorkFailure:
    """The error that the work raised, or the traceback of an unexpected one."""

    error: InpaintError | None = None
    traceback: str = ""


def serve_orders(end: Connection, parent: int) -> None:
    """Do each order and send its value or a `WorkFailure` to process ``parent``."""
    with suppress(AttributeError, ValueError):
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C in a terminal is for the editor
    _exit_with_parent()
    import inpaint_core.photo.read_photo  # noqa: F401 (slow to import, so before the first order)

    end.send(READY)
    while True:
        try:
            order: WorkOrder = end.recv()
        except (EOFError, OSError):
            return
        faulthandler.dump_traceback_later(_MAX_SECONDS, exit=True, file=_null_file())
        try:
            _limit_memory(order.bytes)
            _answer(end, parent, order)
        finally:
            faulthandler.cancel_dump_traceback_later()


def _answer(end: Connection, parent: int, order: WorkOrder) -> None:
    value: object
    arguments = order.arguments
    if order.reports:
        report = Progress(lambda done, text: send_value(end, WorkStep(done, text), parent))
        arguments = (*arguments, report)
    try:
        value = order.work(*arguments)
    except InpaintError as error:
        value = WorkFailure(error.with_traceback(None))  # a traceback may refer to large objects
    except MemoryError:
        value = WorkFailure(OutOfMemory("decoder.memory", name=order.name))
    except Exception:
        value = WorkFailure(traceback=traceback.format_exc())
    try:
        send_value(end, value, parent)
    except (MemoryError, OSError):
        send_value(end, WorkFailure(OutOfMemory("decoder.memory", name=order.name)), parent)


def _limit_memory(more: int) -> None:
    """Limit the process to ``more`` bytes than it has now.

    Windows and macOS have no such limit that a process could set for itself.
    """
    if sys.platform != "linux":
        return
    import resource

    pages = int(Path("/proc/self/statm").read_text().split()[0])
    limit = pages * os.sysconf("SC_PAGE_SIZE") + more
    _, hard_limit = resource.getrlimit(resource.RLIMIT_AS)
    if hard_limit != resource.RLIM_INFINITY:
        limit = min(limit, hard_limit)
    resource.setrlimit(resource.RLIMIT_AS, (limit, hard_limit))


def _exit_with_parent() -> None:
    """End this process when the editor ends, however it ends."""
    parent = parent_process()
    if parent is None:
        return

    def watch() -> None:
        connection.wait([parent.sentinel])
        os._exit(0)

    threading.Thread(target=watch, daemon=True).start()
    if sys.platform == "linux":
        # Works even while a decoder holds the GIL and blocks the thread.
        ctypes.CDLL(None).prctl(_DIES_WITH_PARENT, signal.SIGKILL)
        with suppress(OSError):
            # If memory runs out, the system should kill this process and not the editor.
            Path("/proc/self/oom_score_adj").write_text("1000")


@cache
def _null_file() -> IO[str]:
    """The null device, open as long as the process lives."""
    return Path(os.devnull).open("w")
