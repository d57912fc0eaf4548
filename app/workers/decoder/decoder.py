"""Has work on files from outside done in child processes, and outlives whatever becomes of them."""

from __future__ import annotations

import logging
import multiprocessing
import os
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from multiprocessing import connection
from pathlib import Path
from typing import TypeVar

from app.configuration.text import t
from app.workers.decoder import shared_values as memory
from app.workers.decoder.bounds import Bounds, Patience
from app.workers.decoder.child import READY, Order, Refusal, serve
from inpaint_core.contract import errors
from inpaint_core.contract.progress import Cancelled, Progress

Found = TypeVar("Found")

_log = logging.getLogger(__name__)
KEPT = 2
"""Children that are kept waiting: 40 MB of memory each."""

_STARTS = 3  # times that a child is started before one gives up
_START = 60.0  # seconds that it may take
_GLANCE = 0.05  # seconds between two looks at whether it is still wanted
_GOODBYE = 1.0  # seconds in which a child that has nothing to do should end


class Broken(errors.InpaintError):
    """The decoder crashed over the file, or did not come to an end in time."""


class Decoder:
    """Runs functions in child processes, each with bounds. Any thread may call it.

    Children that wait for work are kept, so that the next file need not wait for a start: one for
    photos, and one for what is made small pictures of meanwhile.
    """

    def __init__(self) -> None:
        self._turn = threading.Lock()
        self._idle: list[_Child] = []
        self._all: list[_Child] = []
        self._closed = False
        # A child on Linux ends with the thread that started it: this one stays until `close`.
        self._starter = ThreadPoolExecutor(max_workers=1, thread_name_prefix="decoder")

    def warm(self, count: int = 1) -> None:
        """Have ``count`` children wait for work. Returns at once; raises OSError."""
        with self._turn:
            while len(self._idle) < count and not self._closed:
                self._idle.append(self._started())

    def run(
        self,
        work: Callable[..., Found],
        *arguments: object,
        path: Path,
        bounds: Bounds,
        progress: Progress | None = None,
        patience: Patience | None = None,
    ) -> Found:
        """What ``work(*arguments)`` returns in a child, where nothing it does can harm the editor.

        ``work`` is a function of a module; what it returns may hold arrays, which then lie in
        memory that is shared with nobody any more. Sentences name ``path``.
        Raises the `InpaintError` that the work raised, `Broken`, `OutOfMemory`, or `Cancelled`;
        RuntimeError for a mistake in the work.
        """
        child = self._ready(path, progress)
        try:
            found = child.done(
                Order(work, arguments, bounds.bytes), path, bounds.seconds, progress, patience
            )
        except Cancelled:
            self._drop(child)
            raise
        except BaseException:
            self._drop(child)
            with suppress(OSError):
                self.warm()  # the next file need not wait for another one to start
            raise
        self._give(child)
        if isinstance(found, Refusal):
            raise _error(found, path)
        return found  # type: ignore[return-value]

    @property
    def processes(self) -> tuple[int, ...]:
        """The ids of the children."""
        with self._turn:
            return tuple(child.id for child in self._all)

    def close(self) -> None:
        """End the children. Work that is still going on ends as if it had crashed."""
        with self._turn:
            self._closed = True
            children, self._all, self._idle = self._all, [], []
        for child in children:
            child.end()
        self._starter.shutdown()

    def _ready(self, path: Path, progress: Progress | None) -> _Child:
        """A child that waits for work. One that does not get that far says nothing of the file."""
        reason: object = ""
        for _ in range(_STARTS):
            try:
                child = self._taken()
            except OSError as error:
                reason = error
                continue
            try:
                child.get_ready(progress)
            except (EOFError, OSError) as error:
                reason = error
                self._drop(child)
            except BaseException:
                self._drop(child)
                raise
            else:
                return child
        raise Broken(
            t("decoder.no_start", name=path.name, reason=str(reason) or type(reason).__name__),
            t("decoder.no_start.hint"),
        )

    def _taken(self) -> _Child:
        with self._turn:
            while self._idle:
                child = self._idle.pop()
                if child.alive:
                    return child
                self._all.remove(child)
                child.kill()
            return self._started()

    def _started(self) -> _Child:
        if self._closed:
            raise OSError("the editor is closing")
        if "cv2" in sys.modules:
            # While it is imported, which another thread may be doing, the folder that is searched
            # first is its own, and a child would search there too: wait.
            import cv2  # noqa: F401
        child = self._starter.submit(_Child).result()
        self._all.append(child)
        return child

    def _give(self, child: _Child) -> None:
        with self._turn:
            if child in self._all and len(self._idle) < KEPT:
                self._idle.append(child)
                return
        self._drop(child)

    def _drop(self, child: _Child) -> None:
        with self._turn:
            if child in self._all:
                self._all.remove(child)
        child.kill()


class _Child:
    def __init__(self) -> None:
        # Spawned, not forked: a fork would copy Qt and the threads of NumPy half.
        context = multiprocessing.get_context("spawn")
        self._end, theirs = context.Pipe()
        self._process = context.Process(
            target=serve, args=(theirs, os.getpid()), name="decoder", daemon=True
        )
        self._process.start()
        theirs.close()
        self._waits = False

    @property
    def id(self) -> int:
        return self._process.pid or 0

    @property
    def alive(self) -> bool:
        return self._process.is_alive()

    def get_ready(self, progress: Progress | None) -> None:
        """Wait until it has started. Raises EOFError or OSError where it does not, `Cancelled`."""
        start = time.monotonic()
        while not self._waits:
            if connection.wait([self._end, self._process.sentinel], _GLANCE):
                self._waits = self._end.recv() == READY
            elif time.monotonic() - start > _START:
                raise TimeoutError
            if progress is not None:
                progress.check()

    def done(
        self,
        order: Order,
        path: Path,
        seconds: float,
        progress: Progress | None,
        patience: Patience | None,
    ) -> object:
        start = time.monotonic()
        asked = False
        try:
            self._end.send(order)
            while True:
                if connection.wait([self._end, self._process.sentinel], _GLANCE):
                    return memory.receive(self._end)
                if progress is not None:
                    progress.check()
                waited = time.monotonic() - start
                if patience is not None and waited > seconds / 2 and not asked:
                    asked = True
                    patience.slow(seconds - waited)
                if waited > seconds and not (patience is not None and patience.endless):
                    break
        except (EOFError, OSError) as error:
            self._process.join(_GOODBYE)
            _log.warning("a decoder ended with %s over “%s”", self._process.exitcode, path)
            raise Broken(t("decoder.crashed", name=path.name), t("decoder.crashed.hint")) from error
        _log.warning("a decoder took more than %.0f s over “%s”", seconds, path)
        raise Broken(
            t("decoder.slow", name=path.name, seconds=round(seconds)), t("decoder.slow.hint")
        )

    def end(self) -> None:
        """Let it end by itself if it waits for work."""
        self._end.close()
        if self._waits:
            self._process.join(_GOODBYE)
        self.kill()

    def kill(self) -> None:
        self._end.close()
        if self._process.pid is not None:
            self._process.kill()
            self._process.join()
        self._process.close()


def _error(found: Refusal, path: Path) -> Exception:
    if not found.name:
        return RuntimeError(found.message)
    kind = getattr(errors, found.name, errors.InpaintError)
    if not found.message:
        return errors.OutOfMemory(t("decoder.memory", name=path.name), t("decoder.memory.hint"))
    error = kind(found.message, found.hint)
    assert isinstance(error, Exception)
    return error
