"""The process that compiles ahead, so that neither a fill nor the hand that paints waits for it."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from multiprocessing import connection, parent_process
from multiprocessing.connection import Connection

from inpaint_core.contract.message import Message
from inpaint_core.contract.progress import Progress
from inpaint_core.local.compiled_record import code_folder, record_compiled
from inpaint_core.local.own_folders import make_private
from inpaint_core.local.spawn_context import get_spawn_context

_FILLS, _ALL = "fills", "all"  # what the process says when they are compiled
_NICER = 10  # of a process that works behind the window
_BELOW_NORMAL = 0x4000  # BELOW_NORMAL_PRIORITY_CLASS
_POLL_SECONDS = 0.05


class CompileProcess:
    """A process that compiles what fills run, then what exports run, and ends. Its code lies on
    disk for other processes; functions that they compile at the same time are compiled once.

    Where nothing can be kept on disk, it ends at once, and every process compiles for itself. It
    ends with the one that started it.
    """

    def __init__(self, in_background: bool) -> None:
        """Start it. ``in_background``: it leaves the processors to whatever else wants them. Raises
        OSError.
        """
        context = get_spawn_context()
        self._end, theirs = context.Pipe(duplex=False)
        self._process = context.Process(
            target=_compile, args=(theirs, in_background), name="compiler", daemon=True
        )
        with _ignoring_interrupts():
            self._process.start()
        theirs.close()
        self._has_fills = self._has_ended = False

    def wait_for_fills(self, progress: Progress) -> None:
        """Wait until it has compiled what fills run, or ended. Raises `Cancelled`."""
        while not self._has_fills:
            self._wait(progress)

    def wait(self, progress: Progress) -> None:
        """Wait until it has compiled everything, or ended. Raises `Cancelled`."""
        while not self._has_ended:
            self._wait(progress)

    def stop(self) -> None:
        """End it; what it has compiled so far is kept."""
        self._process.kill()
        self._process.join()

    def _wait(self, progress: Progress) -> None:
        progress.report(0.0, Message("engine.first_time"))
        if connection.wait([self._end], _POLL_SECONDS):
            try:
                said = self._end.recv()
            except (EOFError, OSError):
                said = _ALL
            self._has_fills = True
            self._has_ended = said == _ALL


def _compile(end: Connection, in_background: bool) -> None:
    """In the process."""
    _end_with_parent()
    if in_background:
        _lower_priority()
    try:
        make_private(code_folder())
    except OSError:  # a home that cannot be written
        return
    from inpaint_core.first_run.compile_ahead import (
        compile_exports,
        compile_fills,
        compile_searches,
        find_compiled_sources,
    )

    compile_fills(Progress())
    end.send(_FILLS)
    compile_exports()
    compile_searches()
    with suppress(OSError):  # a full disk: the next start tries again
        record_compiled(find_compiled_sources())
    end.send(_ALL)


def _end_with_parent() -> None:
    parent = parent_process()
    if parent is not None:
        threading.Thread(target=_watch, args=(parent.sentinel,), daemon=True).start()


def _watch(sentinel: int) -> None:
    connection.wait([sentinel])
    os._exit(0)


def _lower_priority() -> None:
    if sys.platform == "win32":
        import ctypes

        kernel = ctypes.windll.kernel32
        kernel.SetPriorityClass(kernel.GetCurrentProcess(), _BELOW_NORMAL)
    else:
        os.nice(_NICER)


@contextmanager
def _ignoring_interrupts() -> Iterator[None]:
    """A process that is started here ignores Ctrl-C in a terminal, which is for this one."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, signal.SIG_DFL if before is None else before)
