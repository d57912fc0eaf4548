"""Loops over whole vectors against numpy."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from inpaint_core.local.compiled import compiled
from inpaint_core.local.vectors import LANES, add_squares


@compiled
def add(
    q: NDArray[np.int16],
    mask: NDArray[np.int16],
    t: int,
    s: int,
    step: int,
    rows: int,
    vectors: int,
    limit: int,
) -> int:
    return add_squares(q, mask, t, s, step, rows, vectors, limit)


@settings(max_examples=60)
@given(
    seed=st.integers(0, 1000),
    length=st.integers(1, 3 * LANES),
    rows=st.integers(1, 5),
    starts=st.tuples(st.integers(0, 40), st.integers(0, 40)),
    share=st.floats(0, 1.2),
)
def test_squares_of_the_rows_are_added_until_the_limit(
    seed: int, length: int, rows: int, starts: tuple[int, int], share: float
) -> None:
    step, vectors = 64, -(-length // LANES)
    q = np.random.default_rng(seed).integers(-8000, 8001, 6 * step + LANES).astype(np.int16)
    mask = np.repeat(np.int16([-1, 0]), [length, vectors * LANES - length])
    one, other = (
        np.stack([q[start + k * step :][:length] for k in range(rows)]).astype(np.int64)
        for start in starts
    )
    sums = np.cumsum(((one - other) ** 2).sum(axis=1))
    limit = round(share * int(sums[-1])) + 1
    reached = np.flatnonzero(sums >= limit)
    expected = sums[reached[0]] if reached.size else sums[-1]
    assert add(q, mask, *starts, step, rows, vectors, limit) == expected


def test_rows_of_the_largest_steps_do_not_overflow() -> None:
    q = np.repeat(np.int16([8191, -8191]), 8)
    q = np.concatenate([q, np.zeros(LANES, np.int16)])
    mask = np.repeat(np.int16([-1, 0]), [7, LANES - 7])
    assert add(q, mask, 0, 8, 16, 1, 1, 1 << 60) == 7 * (2 * 8191) ** 2
