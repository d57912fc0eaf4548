"""Working on the strips of a photo in threads, with few results in memory at a time."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

from inpaint_core.contract.arrays import Pixels

_STRIP_BYTES, _SAMPLED = 1 << 20, 8
_In = TypeVar("_In")
_Out = TypeVar("_Out")


def map_in_order(work: Callable[[_In], _Out], items: Iterable[_In]) -> Iterator[_Out]:
    """``work(item)`` for every item, on all cores, with results in the items' order.

    Unlike `Executor.map`, it computes at most two results per core ahead of the consumer. An
    exception in ``work`` is raised here, and no further item is started.
    """
    workers = os.cpu_count() or 1
    waiting: deque[Future[_Out]] = deque()
    with ThreadPoolExecutor(workers, thread_name_prefix="strips") as pool:
        try:
            for item in items:
                waiting.append(pool.submit(work, item))
                if len(waiting) >= 2 * workers:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            for future in waiting:
                future.cancel()


def split_rows(pixels: Pixels) -> range:
    """The first row of each strip of about 1 MB; its step is the rows of a strip."""
    return range(0, len(pixels), max(1, _STRIP_BYTES // int(pixels[0].nbytes)))


def estimate_size(tops: range, pack: Callable[[int], bytes]) -> int:
    """About how many bytes the strips will take that ``pack`` makes, from a sample of them."""
    some = tops[:: max(1, len(tops) // _SAMPLED)]
    return sum(len(pack(top)) for top in some) * len(tops) // len(some)
