"""Threads that share a pass over many targets in fixed blocks."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from inpaint_core.contract.progress import Progress

BLOCK = 4096
"""The most targets of a block: a cancel takes effect within a few milliseconds."""
LEAST_BLOCK = 512
BLOCKS = 8
"""Smaller passes have so many blocks, of at least `LEAST_BLOCK` targets, so that all cores have
some. The result depends on the blocks, so these do not depend on the number of cores."""


class ThreadTeam:
    """A pool of threads for compiled kernels that release the GIL.

    numba's own ``prange`` is not used: its fallback threading layer aborts the process when two
    Python threads enter it, and its scheduling would make the result depend on the machine.
    """

    def __init__(self, progress: Progress, workers: int | None = None) -> None:
        self._progress = progress
        self._workers = workers or os.cpu_count() or 1
        self._pool: ThreadPoolExecutor | None = None

    def __enter__(self) -> ThreadTeam:
        if self._workers > 1:
            self._pool = ThreadPoolExecutor(self._workers - 1, thread_name_prefix="exemplar")
        return self

    def __exit__(self, *_: object) -> None:
        if self._pool is not None:
            self._pool.shutdown(wait=True, cancel_futures=True)

    def run(
        self, count: int, work: Callable[..., None], *arguments: object, block: int | None = None
    ) -> None:
        """``work(*arguments, lo, hi)`` for the blocks of ``range(count)``. Raises `Cancelled`."""
        if block is None:
            block = min(BLOCK, max(LEAST_BLOCK, -(-count // BLOCKS)))
        blocks = range(0, count, block)
        starts, hands = iter(blocks), min(self._workers, len(blocks))

        def take() -> None:
            for lo in starts:
                self._progress.check()
                work(*arguments, lo, min(lo + block, count))

        others = [self._pool.submit(take) for _ in range(hands - 1)] if self._pool else []
        try:
            take()
        finally:
            for other in others:
                other.result()
