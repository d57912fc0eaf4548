"""The process that decodes: it does what comes through its pipe until there is no more."""

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
from multiprocessing import connection, parent_process
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from app.workers.decoder import shared_values as memory

READY = "ready"
"""What the child says when it can be given work."""

_LONGEST = 3600.0  # seconds after which a child that nobody can reach any more ends by itself
_DIES_WITH_PARENT = 1  # PR_SET_PDEATHSIG of prctl(2)


@dataclass(frozen=True)
class Order:
    """Work for the child: a function that it can import, and what it is called with."""

    work: Callable[..., Any]
    arguments: tuple[Any, ...]
    bytes: int


@dataclass(frozen=True)
class Refusal:
    """An `InpaintError` by its name, or, where ``name`` is empty, the traceback of a mistake."""

    name: str
    message: str
    hint: str = ""


def serve(end: Connection, parent: int) -> None:
    """Do each order that comes and send back its value or a `Refusal`, for process ``parent``."""
    with suppress(AttributeError, ValueError):
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C in a terminal is for the editor
    _end_with_parent()
    import inpaint_core.photo.read_photo  # noqa: F401 (what takes long to import, before it is needed)

    end.send(READY)
    while True:
        try:
            order: Order = end.recv()
        except (EOFError, OSError):
            return
        faulthandler.dump_traceback_later(_LONGEST, exit=True, file=_Nowhere.file())
        try:
            _bound(order.bytes)
            _answer(end, parent, order)
        finally:
            faulthandler.cancel_dump_traceback_later()


def _answer(end: Connection, parent: int, order: Order) -> None:
    from inpaint_core.contract.errors import InpaintError, OutOfMemory

    found: object
    try:
        found = order.work(*order.arguments)
    except InpaintError as error:
        found = Refusal(type(error).__name__, error.message, error.hint)
    except MemoryError:
        found = Refusal(OutOfMemory.__name__, "")
    except Exception:
        found = Refusal("", traceback.format_exc())
    try:
        memory.send(end, found, parent)
    except (MemoryError, OSError):
        memory.send(end, Refusal(OutOfMemory.__name__, ""), parent)


def _bound(more: int) -> None:
    """Let the process have ``more`` bytes than it has now; beyond them memory is refused.

    Windows and macOS have no such bound that a process could set for itself.
    """
    if sys.platform != "linux":
        return
    import resource

    pages = int(Path("/proc/self/statm").read_text().split()[0])
    limit = pages * os.sysconf("SC_PAGE_SIZE") + more
    _, most = resource.getrlimit(resource.RLIMIT_AS)
    if most != resource.RLIM_INFINITY:
        limit = min(limit, most)
    resource.setrlimit(resource.RLIMIT_AS, (limit, most))


def _end_with_parent() -> None:
    """Leave nothing behind when the editor ends, however it ends."""
    parent = parent_process()
    if parent is None:
        return

    def watch() -> None:
        connection.wait([parent.sentinel])
        os._exit(0)

    threading.Thread(target=watch, daemon=True).start()
    if sys.platform == "linux":
        # Also while a decoder keeps that thread from running.
        ctypes.CDLL(None).prctl(_DIES_WITH_PARENT, signal.SIGKILL)
        with suppress(OSError):
            # Where memory gets scarce for all, the system shall not end the editor for it.
            Path("/proc/self/oom_score_adj").write_text("1000")


class _Nowhere:
    """A file for what nobody is there to read."""

    _held: Any = None

    @classmethod
    def file(cls) -> Any:
        if cls._held is None:
            cls._held = Path(os.devnull).open("w")  # noqa: SIM115  # as long as the process lives
        return cls._held
