"""Threads that share a pass over many targets in fixed blocks."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from inpaint_core.contract.progress import Progress

BLOCK = 4096
"""Targets per block: small enough that a cancel takes effect within a few milliseconds. The result
depends on it, so it is a constant and does not depend on the number of cores."""


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
            self._pool = ThreadPoolExecutor(self._workers, thread_name_prefix="exemplar")
        return self

    def __exit__(self, *_: object) -> None:
        if self._pool is not None:
            self._pool.shutdown(wait=True, cancel_futures=True)

    def run(
        self, count: int, work: Callable[..., None], *arguments: object, block: int = BLOCK
    ) -> None:
        """``work(*arguments, lo, hi)`` for the blocks of ``range(count)``. Raises `Cancelled`."""

        def one(lo: int) -> None:
            self._progress.check()
            work(*arguments, lo, min(lo + block, count))

        starts = range(0, count, block)
        if self._pool is None or len(starts) == 1:
            for lo in starts:
                one(lo)
        else:
            for _ in self._pool.map(one, starts):
                pass
