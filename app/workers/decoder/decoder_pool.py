"""Runs work on untrusted files in child processes, which may crash or hang."""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from multiprocessing import connection
from pathlib import Path
from typing import TypeVar

from app.workers.decoder.child import READY, WorkFailure, WorkOrder, WorkStep, serve_orders
from app.workers.decoder.limits import DecodeLimits, ExtendableTimeout
from app.workers.decoder.shared_values import receive_value
from inpaint_core.contract import errors
from inpaint_core.contract.progress import Cancelled, Progress
from inpaint_core.local.spawn_context import get_spawn_context

_Value = TypeVar("_Value")

_log = logging.getLogger(__name__)
MAX_IDLE = 2
"""The most idle children that are kept, with 40 MB of memory each."""

_START_ATTEMPTS = 3
_START_SECONDS = 60.0
_POLL_SECONDS = 0.05  # between two checks for a cancel
_EXIT_SECONDS = 1.0  # for an idle child


class DecoderFailed(errors.InpaintError):
    """The decoder crashed over the file or exceeded its time limit."""


class DecoderPool:
    """Runs functions in child processes with limits. Thread-safe.

    Idle children are kept so that the next file need not wait for a start: one for photos and one
    for thumbnails made meanwhile.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._idle: list[_Child] = []
        self._all: list[_Child] = []
        self._is_closed = False
        # On Linux, a child ends with the thread that started it: this one lives until `close`.
        self._starter = ThreadPoolExecutor(max_workers=1, thread_name_prefix="decoder")

    def warm(self, count: int = 1) -> None:
        """Start children until ``count`` are idle. Returns at once; raises OSError."""
        with self._lock:
            while len(self._idle) < count and not self._is_closed:
                self._idle.append(self._start_child())

    def run(
        self,
        work: Callable[..., _Value],
        *arguments: object,
        path: Path,
        limits: DecodeLimits,
        progress: Progress | None = None,
        timeout: ExtendableTimeout | None = None,
        reports: bool = False,
    ) -> _Value:
        """The value of ``work(*arguments)``, computed in a child process.

        ``work`` is a module-level function; arrays in its value lie in memory of their own. With
        ``reports`` it takes a `Progress` too, which reports to ``progress``. Error messages name
        ``path``. Raises the `InpaintError` that the work raised, `DecoderFailed`,
        `OutOfMemory` or `Cancelled`, and RuntimeError for any other error in the work.
        """
        child = self._get_ready_child(path, progress)
        try:
            value = child.do(
                WorkOrder(work, arguments, path.name, limits.bytes, reports),
                path,
                limits.seconds,
                progress,
                timeout,
            )
        except Cancelled:
            self._discard_child(child)
            raise
        except BaseException:
            self._discard_child(child)
            with suppress(OSError):
                self.warm()  # so that the next file need not wait
            raise
        self._return_child(child)
        if isinstance(value, WorkFailure):
            raise value.error or RuntimeError(value.traceback)
        return value  # type: ignore[return-value]

    @property
    def processes(self) -> tuple[int, ...]:
        """The process ids of the children."""
        with self._lock:
            return tuple(child.id for child in self._all)

    def close(self) -> None:
        """End the children. Unfinished work ends as if it had crashed."""
        with self._lock:
            self._is_closed = True
            children, self._all, self._idle = self._all, [], []
        for child in children:
            child.end()
        self._starter.shutdown()

    def _get_ready_child(self, path: Path, progress: Progress | None) -> _Child:
        """An idle child. A failed start says nothing about the file, so it is repeated."""
        reason: object = ""
        for _ in range(_START_ATTEMPTS):
            try:
                child = self._take_child()
            except OSError as error:
                reason = error
                continue
            try:
                child.wait_until_ready(progress)
            except (EOFError, OSError) as error:
                reason = error
                self._discard_child(child)
            except BaseException:
                self._discard_child(child)
                raise
            else:
                return child
        raise DecoderFailed(
            "decoder.no_start", name=path.name, reason=str(reason) or type(reason).__name__
        )

    def _take_child(self) -> _Child:
        with self._lock:
            while self._idle:
                child = self._idle.pop()
                if child.is_alive:
                    return child
                self._all.remove(child)
                child.kill()
            return self._start_child()

    def _start_child(self) -> _Child:
        if self._is_closed:
            raise OSError("the editor is closing")
        child = self._starter.submit(_Child).result()
        self._all.append(child)
        return child

    def _return_child(self, child: _Child) -> None:
        with self._lock:
            if child in self._all and len(self._idle) < MAX_IDLE:
                self._idle.append(child)
                return
        self._discard_child(child)

    def _discard_child(self, child: _Child) -> None:
        with self._lock:
            if child in self._all:
                self._all.remove(child)
        child.kill()


class _Child:
    def __init__(self) -> None:
        # Spawned, as a fork would copy Qt and NumPy without their threads.
        context = get_spawn_context()
        self._end, theirs = context.Pipe()
        self._process = context.Process(
            target=serve_orders, args=(theirs, os.getpid()), name="decoder", daemon=True
        )
        self._process.start()
        theirs.close()
        self._is_ready = False

    @property
    def id(self) -> int:
        return self._process.pid or 0

    @property
    def is_alive(self) -> bool:
        return self._process.is_alive()

    def wait_until_ready(self, progress: Progress | None) -> None:
        """Wait until it has started. Raises EOFError or OSError if it fails, and `Cancelled`."""
        start = time.monotonic()
        while not self._is_ready:
            if connection.wait([self._end, self._process.sentinel], _POLL_SECONDS):
                self._is_ready = self._end.recv() == READY
            elif time.monotonic() - start > _START_SECONDS:
                raise TimeoutError
            if progress is not None:
                progress.check()

    def do(
        self,
        order: WorkOrder,
        path: Path,
        seconds: float,
        progress: Progress | None,
        timeout: ExtendableTimeout | None,
    ) -> object:
        """The value of ``order`` or a `WorkFailure`. Raises `DecoderFailed` or `Cancelled`."""
        start = time.monotonic()
        has_reported = False
        try:
            self._end.send(order)
            while True:
                if connection.wait([self._end, self._process.sentinel], _POLL_SECONDS):
                    value = receive_value(self._end)
                    if not isinstance(value, WorkStep):
                        return value
                    if progress is not None:
                        progress.report(value.fraction, value.text)
                if progress is not None:
                    progress.check()
                waited = time.monotonic() - start
                if timeout is not None and waited > seconds / 2 and not has_reported:
                    has_reported = True
                    timeout.on_slow(seconds - waited)
                if waited > seconds and not (timeout is not None and timeout.is_extended):
                    break
        except (EOFError, OSError) as error:
            self._process.join(_EXIT_SECONDS)
            _log.warning("a decoder ended with %s over “%s”", self._process.exitcode, path)
            raise DecoderFailed("decoder.crashed", name=path.name) from error
        _log.warning("a decoder took more than %.0f s over “%s”", seconds, path)
        raise DecoderFailed("decoder.slow", name=path.name, seconds=round(seconds))

    def end(self) -> None:
        """Let it end by itself if it is idle, else kill it."""
        self._end.close()
        if self._is_ready:
            self._process.join(_EXIT_SECONDS)
        self.kill()

    def kill(self) -> None:
        self._end.close()
        if self._process.pid is not None:
            self._process.kill()
            self._process.join()
        self._process.close()
