"""The compiled inner loops against direct numpy computations."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import skimage.data
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from inpaint_core.contract.progress import Progress
from inpaint_core.exemplar import patch_kernels as kernels
from inpaint_core.exemplar import vote_kernels
from inpaint_core.exemplar.pyramid import VOTED, PyramidLevel, build_alignment, with_trust
from inpaint_core.exemplar.structure_lines import Structure
from inpaint_core.exemplar.target_patches import GRAIN, TargetPatches
from inpaint_core.exemplar.thread_team import ThreadTeam
from inpaint_core.local.vectors import LANES

R = 3
SHAPE = (24, 31, 5)


def patch(f: NDArray[Any], y: int, x: int, r: int) -> NDArray[Any]:
    return f[y - r : y + r + 1, x - r : x + r + 1].astype(np.float64)


def distance(f: NDArray[Any], a: tuple[int, int], b: tuple[int, int], r: int) -> float:
    return float(((patch(f, *a, r) - patch(f, *b, r)) ** 2).sum())


def steps_of(f: NDArray[np.float32]) -> NDArray[np.int16]:
    q = np.zeros(f.size + LANES, np.int16)
    kernels.quantise(f.reshape(-1), q)
    return q


def level(f: NDArray[Any], hole: NDArray[np.bool_], source: NDArray[np.bool_]) -> PyramidLevel:
    free = build_alignment(Structure((), 0.0), hole, 1.0)
    return PyramidLevel(
        np.ascontiguousarray(f, np.float32), hole, source, np.zeros_like(hole), free
    )


@pytest.fixture
def f() -> NDArray[np.float32]:
    return np.random.default_rng(3).uniform(0, 255, SHAPE).astype(np.float32)


@pytest.fixture(scope="module")
def photo() -> NDArray[np.float32]:
    """(56, 64, 5) features of a photo."""
    colour = skimage.data.astronaut()[200:312:2, 100:228:2].astype(np.float32)
    return np.concatenate([colour, colour[..., :2] / 8], axis=2)


@settings(max_examples=40)
@given(
    r=st.integers(0, 4),
    channels=st.integers(1, 7),
    places=st.tuples(*[st.integers(4, 15)] * 4),
    seed=st.integers(0, 1000),
)
def test_patch_distance_is_the_sum_of_squared_differences(
    r: int, channels: int, places: tuple[int, int, int, int], seed: int
) -> None:
    f = np.random.default_rng(seed).uniform(-255, 255, (20, 20, channels)).astype(np.float32)
    f = np.rint(f * kernels.STEPS) / np.float32(kernels.STEPS)
    ty, tx, sy, sx = places
    mask = kernels.build_row_mask(channels, r)
    found = kernels.patch_distance(
        steps_of(f), mask, 20, channels, ty, tx, sy, sx, r, np.float32(np.inf)
    )
    assert found == pytest.approx(distance(f, (ty, tx), (sy, sx), r), rel=1e-5, abs=1e-3)


def test_patch_distance_stops_after_the_row_that_passes_the_limit(f: NDArray[np.float32]) -> None:
    f = np.rint(f)
    rows = ((patch(f, 8, 9, R) - patch(f, 14, 20, R)) ** 2).sum(axis=(1, 2))
    q, mask = steps_of(f), kernels.build_row_mask(5, R)
    for k, reached in enumerate(np.cumsum(rows)):
        limit = np.float32(reached - rows[k] / 2)
        found = kernels.patch_distance(q, mask, SHAPE[1], 5, 8, 9, 14, 20, R, limit)
        assert found == pytest.approx(reached, rel=1e-5)
        assert found >= limit


def test_what_is_beyond_the_range_of_a_step_is_as_far_as_it_reaches() -> None:
    f = np.array([0.1, -0.1, 0.13, 300, 1e6, -1e6], np.float32)
    assert steps_of(f)[:6].tolist() == [0, 0, 1, 1200, kernels.FARTHEST, -kernels.FARTHEST]


def test_vote_is_the_weighted_mean_of_the_patches_over_a_pixel(f: NDArray[np.float32]) -> None:
    height = SHAPE[0]
    rng = np.random.default_rng(5)
    ys, xs = np.mgrid[4:12, 3:13].reshape(2, -1)  # targets, some of whose patches lack neighbours
    match = np.stack([rng.integers(16, 21, ys.size), rng.integers(3, 28, ys.size)], 1)
    match = match.astype(np.int32)
    weight = rng.uniform(0.1, 2, ys.size).astype(np.float32)
    py, px = (a.astype(np.int32).ravel() for a in np.mgrid[5:12, 0:10])
    f = np.rint(f)
    voted, q = f.copy(), steps_of(f)
    starts, pixel_starts = (np.searchsorted(y, np.arange(height + 1)) for y in (ys, py))
    vote_kernels.vote(
        voted.reshape(-1), q, SHAPE, R, 4, xs.astype(np.int32), starts.astype(np.int32), match,
        weight, px, pixel_starts.astype(np.int32), 6, height,
    )  # fmt: skip
    expected = f.copy()
    for y, x in zip(py[py >= 6], px[py >= 6], strict=True):
        total, weights = np.zeros(4), 0.0
        for j in range(ys.size):
            dy, dx = y - ys[j], x - xs[j]
            if max(abs(dy), abs(dx)) <= R:
                total += weight[j] * f[match[j, 0] + dy, match[j, 1] + dx, :4].astype(float)
                weights += weight[j]
        expected[y, x, :4] = total / weights
    np.testing.assert_allclose(voted, expected, rtol=1e-4, atol=1e-2)
    np.testing.assert_array_equal(voted[..., 4], f[..., 4])
    np.testing.assert_array_equal(q, steps_of(voted))


def test_pick_takes_the_best_patch_and_ties_go_to_the_nearest_centre() -> None:
    shape = (20, 20, 5)
    index = np.full((20, 20), -1, np.int32)
    ys, xs = np.array([5, 5, 8]), np.array([5, 7, 6])
    index[ys, xs] = [0, 1, 2]
    match = np.array([[10, 10], [12, 15], [15, 4]], np.int32)
    py, px = np.array([6, 5, 11], np.int32), np.array([7, 5, 6], np.int32)
    chosen = np.full((3, 2), -9, np.int32)
    cost = np.array([50, 50, 50], np.float32)
    vote_kernels.pick(shape, R, index, match, cost, py, px, chosen, 0, 3)
    np.testing.assert_array_equal(chosen, [[13, 15], [10, 10], [18, 4]])
    cost = np.array([90, 50, 10], np.float32)
    vote_kernels.pick(shape, R, index, match, cost, py, px, chosen, 0, 3)
    np.testing.assert_array_equal(chosen, [[13, 5], [12, 3], [18, 4]])


def test_complete_replaces_only_what_is_no_source() -> None:
    rng = np.random.default_rng(2)
    valid = np.zeros((20, 22), bool)
    valid[R:-R, R:-R] = rng.random((14, 16)) < 0.3
    sources = np.flatnonzero(valid)
    match = rng.integers(-30, 50, (400, 2)).astype(np.int32)
    match[::4] = np.stack(np.unravel_index(rng.choice(sources, 100), valid.shape), 1)
    before = match.copy()
    kernels.complete((20, 22, 5), R, valid, sources, match, 11, 0, 400)
    y, x = match.T
    assert valid[y, x].all()
    np.testing.assert_array_equal(match[::4], before[::4])
    assert np.unique(match, axis=0).shape[0] > 30  # spread over the sources, not all on one
    again = before.copy()
    kernels.complete((20, 22, 5), R, valid, sources, again, 11, 200, 400)
    kernels.complete((20, 22, 5), R, valid, sources, again, 11, 0, 200)
    np.testing.assert_array_equal(again, match)


@pytest.mark.parametrize("guided", [0, 2])
def test_peel_finds_the_best_source_over_known_pixels(f: NDArray[np.float32], guided: int) -> None:
    height, width, channels = SHAPE
    voted = channels - guided
    rng = np.random.default_rng(6)
    known = (rng.random((height, width)) < 0.6).astype(np.float32)
    sources = np.array([y * width + x for y in range(R, height - R) for x in range(R, width - R)])
    sources = sources[rng.random(sources.size) < 0.2]
    py, px = np.array([0, 5, 12, 23], np.int32), np.array([0, 7, 20, 30], np.int32)
    match = np.zeros((4, 2), np.int32)
    number = np.arange(4, dtype=np.int32)
    free = [np.zeros((4, 0), dtype) for dtype in (np.int32, np.float32, np.float32)]
    held = (number, np.zeros(0, np.float32), *free)
    kernels.peel(f.reshape(-1), SHAPE, R, voted, known, sources, py, px, *held, match, 0, 4)
    for i in range(4):
        cy, cx = np.clip(py[i], R, height - R - 1), np.clip(px[i], R, width - R - 1)
        weight = np.repeat(patch(known, cy, cx, R)[..., None], channels, axis=2)
        weight[..., voted:] = 1
        cost = [
            (weight * (patch(f, cy, cx, R) - patch(f, s // width, s % width, R)) ** 2).sum()
            for s in sources
        ]
        best = sources[int(np.argmin(cost))]
        assert tuple(match[i]) == (best // width, best % width)


def test_search_comes_near_the_exhaustive_nearest_neighbours(photo: NDArray[np.float32]) -> None:
    hole = np.zeros(photo.shape[:2], bool)
    hole[20:34, 24:40] = True
    targets = TargetPatches(
        level(photo, hole, ~hole), R
    )  # what the hole shows is known here: a query
    with ThreadTeam(Progress(), 1) as team:
        targets.complete(1, team)
        first = [
            distance(photo, (y, x), (my, mx), R)
            for y, x, (my, mx) in zip(targets.ys, targets.xs, targets.match, strict=True)
        ]
        for step in range(6):
            targets.search(64, step % 2 == 0, step, team)
    found, best = [], []
    places = np.stack(np.unravel_index(targets.sources, hole.shape), 1)
    patches = np.stack([patch(photo, y, x, R).ravel() for y, x in places])
    for y, x, (my, mx) in zip(targets.ys, targets.xs, targets.match, strict=True):
        found.append(distance(photo, (y, x), (my, mx), R))
        best.append(((patches - patch(photo, y, x, R).ravel()) ** 2).sum(axis=1).min())
    assert (np.array(found) >= np.array(best) * 0.999).all()
    assert np.mean(found) < 1.25 * np.mean(best)
    assert np.mean(first) > 2 * np.mean(found)


def test_the_misfit_is_relative_to_the_contrast_of_the_patches_matched_in_the_hole() -> None:
    f = np.random.default_rng(0).uniform(0, 255, (30, 40, VOTED)).astype(np.float32)
    hole = np.zeros(f.shape[:2], bool)
    hole[10:18, 12:22] = True
    targets = TargetPatches(level(f, hole, ~hole), R)
    with ThreadTeam(Progress(), 1) as team:
        targets.complete(1, team)
        found = targets.average_inside(targets.measure_misfits(team))
    misfits = []
    for y, x, (my, mx) in zip(targets.ys, targets.xs, targets.match, strict=True):
        if hole[y, x]:
            seen, match = (patch(f, *at, R)[..., :3].reshape(-1, 3) for at in ((y, x), (my, mx)))
            apart = np.sqrt(((seen - match) ** 2).mean())
            misfits.append(apart / (np.sqrt(match.var(axis=0).mean()) + GRAIN))
    assert found == pytest.approx(np.mean(misfits), rel=1e-4)


def test_what_a_guide_asks_for_is_unmet_as_far_as_the_matches_do_not_show_it() -> None:
    f = np.random.default_rng(0).uniform(0, 255, (30, 40, VOTED + 3)).astype(np.float32)
    hole = np.zeros(f.shape[:2], bool)
    hole[10:18, 12:22] = True
    targets = TargetPatches(level(f, hole, ~hole), R)
    with ThreadTeam(Progress(), 1) as team:
        targets.complete(1, team)
    found = targets.measure_guide_distance()
    for (y, x), (my, mx), value in zip(
        np.stack([targets.ys, targets.xs], 1), targets.match, found, strict=True
    ):
        asked, shown = (patch(f, *at, R)[..., VOTED:].mean((0, 1)) for at in ((y, x), (my, mx)))
        assert value == pytest.approx(np.sqrt(((asked - shown) ** 2).mean()), rel=1e-3, abs=1e-3)


def test_values_of_patches_are_averaged_around_each_pixel_over_the_hole() -> None:
    f = np.zeros((64, 96, VOTED), np.float32)
    hole = np.zeros(f.shape[:2], bool)
    hole[20:50, 20:76] = True
    targets = TargetPatches(level(f, hole, ~hole), R)
    left = (targets.xs < 48).astype(np.float32)
    assert np.allclose(
        targets.average_around(np.full(left.shape, 3, np.float32))[hole], 3, rtol=1e-4
    )
    seen = targets.average_around(left)
    assert seen[35, 30] > 0.99 > 0.6 > seen[35, 47] > 0.4 > 0.01 > seen[35, 66]


def test_of_equal_costs_what_is_crisp_counts_for_more_than_what_is_flat() -> None:
    f = np.full((40, 60, VOTED), 100, np.float32)
    f[:, 30:] += np.random.default_rng(5).normal(0, 30, (40, 30, 1)).astype(np.float32)
    hole = np.zeros(f.shape[:2], bool)
    hole[12:28, 22:38] = True
    fills = []
    for relative in (False, True):
        targets = TargetPatches(level(f.copy(), hole, ~hole), R)
        crisp = (targets.ys + targets.xs) % 2 == 0
        targets.match[:] = np.where(crisp[:, None], (20, 50), (20, 8))
        targets.cost[:] = 1000
        with ThreadTeam(Progress(), 1) as team:
            targets.vote(team, relative=relative)
            offsets = targets.pick_offsets(team)[hole]
        fills.append(targets.colours[..., 0][hole])
        assert (offsets[:, 1] + np.nonzero(hole)[1] >= 30).all()  # each has a crisp patch over it
    plain, fair = (fill.std() for fill in fills)
    assert fair > 1.3 * plain > 0


@pytest.mark.parametrize(("dearer", "free", "guided"), [(4, 1, 1), (12, 0, 1), (60, 0, 0)])
def test_under_a_guide_what_is_crisp_may_cost_more(dearer: int, free: int, guided: int) -> None:
    f = np.full((40, 60, VOTED + 3), 100, np.float32)
    f[:, 30:, :VOTED] += np.random.default_rng(5).normal(0, 30, (40, 30, 1)).astype(np.float32)
    hole = np.zeros(f.shape[:2], bool)
    hole[12:28, 22:38] = True
    under = replace(level(f, hole, ~hole), guided=True)
    found = []
    for each in (with_trust(under, 0), under):
        targets = TargetPatches(each, R)
        crisp = (targets.ys + targets.xs) % 2 == 0
        targets.match[:] = np.where(crisp[:, None], (20, 50), (20, 8))
        targets.cost[:] = np.where(crisp, 1000 * dearer, 1000)
        with ThreadTeam(Progress(), 1) as team:
            offsets = targets.pick_offsets(team)[hole]
        found.append((offsets[:, 1] + np.nonzero(hole)[1] >= 30).mean())
    assert found == [free, guided]


@settings(max_examples=25)
@given(seed=st.integers(0, 10_000), share=st.floats(0.0, 0.05), top=st.integers(0, 20))
def test_every_match_is_a_source(seed: int, share: float, top: int) -> None:
    rng = np.random.default_rng(seed)
    height, width = int(rng.integers(15, 40)), int(rng.integers(15, 40))
    f = rng.uniform(0, 255, (height, width, VOTED)).astype(np.float32)
    hole = np.zeros((height, width), bool)
    hole[top : top + 5, 3:9] = True
    source = ~hole & (rng.random(hole.shape) >= share)
    targets = TargetPatches(level(f, hole, source), R)
    for y, x in np.stack(np.unravel_index(targets.sources, hole.shape), 1):
        assert source[y - R : y + R + 1, x - R : x + R + 1].sum() == (2 * R + 1) ** 2
    if targets.sources.size == 0 or targets.ys.size == 0:
        return
    with ThreadTeam(Progress(), 1) as team:
        targets.complete(seed, team)
        for step in range(3):
            targets.search(40, step % 2 == 0, seed + step, team)
            y, x = targets.match.T
            assert targets.valid[y, x].all()
            assert np.isfinite(targets.cost).all()
            targets.vote(team)
    assert np.isfinite(targets.pick_offsets(team)).all()


@given(
    apart=st.tuples(st.integers(-9, 9), st.integers(-9, 9)),
    period=st.sampled_from([0.0, 4.0, 5.5]),
    weight=st.sampled_from([0.0, 2.0]),
)
def test_a_deviation_costs_its_square_up_to_a_limit_and_whole_periods_are_none(
    apart: tuple[int, int], period: float, weight: float
) -> None:
    y, x = np.mgrid[:20, :20].astype(np.float32)
    place = np.stack([y, x])
    kind, none = np.array([[0, 1]], np.int32), np.zeros((1, 2), np.float32)
    periods, weights = none + np.float32([0, period]), none + np.float32([weight, 1])
    source = (10 + apart[0]) * 20 + 10 + apart[1]
    cost = kernels.measure_deviation(
        place.reshape(-1), kind, periods, weights, 400, 0, 10 * 20 + 10, source
    )
    steps = np.array([apart[1] - n * period for n in range(-9, 10)])
    across = min(apart[0] ** 2, kernels.ALIGNED_WITHIN)
    along = min((steps**2).min(), kernels.ALIGNED_WITHIN)
    assert cost == pytest.approx(weight * across + along, abs=1e-3)
