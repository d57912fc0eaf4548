"""The photo at every scale: known pixels come from known pixels only."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
import skimage.data
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from textures import box, grey, noise, view

from inpaint_core.contract.geometry import Segment
from inpaint_core.contract.progress import Progress
from inpaint_core.contract.request import View
from inpaint_core.exemplar.pyramid import LEAST_SOURCES, VOTED, build_pyramid, find_whole_patches

R = 3


def masks(seed: int, height: int, width: int, size: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    y, x = int(rng.integers(0, height)), int(rng.integers(0, width))
    hole = box((height, width), y, x, size, size)
    return hole | (rng.random(hole.shape) < 0.01)


@settings(max_examples=25)
@given(
    seed=st.integers(0, 10_000),
    height=st.integers(30, 95),
    width=st.integers(30, 95),
    size=st.integers(1, 60),
)
def test_known_pixels_are_means_of_known_pixels(
    seed: int, height: int, width: int, size: int
) -> None:
    hole = masks(seed, height, width, size)
    image = np.random.default_rng(seed).random((height, width, 3)).astype(np.float32)
    levels = build_pyramid(view(image, hole), R, Progress())
    assert (levels[0].hole == hole).all()
    np.testing.assert_allclose(levels[0].f[~hole, :3], image[~hole] * 255, rtol=1e-5)
    for fine, coarse in pairwise(levels):
        h, w = fine.hole.shape
        assert coarse.hole.shape == ((h + 1) // 2, (w + 1) // 2)
        for y, x in np.ndindex(coarse.hole.shape):
            rows = [2 * y, min(2 * y + 1, h - 1)]
            columns = [2 * x, min(2 * x + 1, w - 1)]
            cell = np.ix_(rows, columns)
            known = ~fine.hole[cell]
            assert coarse.hole[y, x] == (known.sum() < 2)
            if not coarse.hole[y, x]:
                mean = fine.f[cell][known][:, :VOTED].mean(axis=0)
                np.testing.assert_allclose(coarse.f[y, x, :VOTED], mean, rtol=1e-4, atol=1e-3)


@settings(max_examples=40)
@given(
    seed=st.integers(0, 10_000),
    height=st.integers(8, 150),
    width=st.integers(8, 150),
    size=st.integers(1, 120),
)
def test_no_source_in_the_hole_and_features_finite(
    seed: int, height: int, width: int, size: int
) -> None:
    hole = masks(seed, height, width, size)
    assume(not hole.all())
    rng = np.random.default_rng(seed)
    allowed = rng.random(hole.shape) < 0.7  # may overlap the hole: not to be believed
    image = rng.random((height, width, 3)).astype(np.float32)
    guide = rng.random((height, width, 3)).astype(np.float32)
    line = Segment(0, height / 2, width, height / 2 + 3)
    levels = build_pyramid(
        view(image, hole, source=allowed, guide=guide, lines=(line,)), R, Progress()
    )
    assert not (levels[0].source & (hole | ~allowed)).any()
    for level in levels:
        assert level.f.dtype == np.float32
        assert level.f.flags.c_contiguous
        assert np.isfinite(level.f).all()
        assert level.shape == (*level.hole.shape, VOTED + 3 + 2)
        assert not (level.source & level.hole).any()
        assert level.line.any()


def test_what_lies_under_the_hole_is_not_read() -> None:
    hole = box((90, 101), 30, 30, 40, 37)
    image = grey(noise((90, 101), 1, 0.5, 0.1))
    painted = image.copy()
    painted[hole] = 1
    levels = build_pyramid(view(image, hole), R, Progress())
    others = build_pyramid(View(painted, hole, ~hole), R, Progress())
    for a, b in zip(levels, others, strict=True):
        np.testing.assert_array_equal(a.f, b.f)


@pytest.mark.parametrize(("thickness", "levels"), [(1, 1), (13, 1), (20, 2), (50, 3), (110, 4)])
def test_starts_where_the_hole_is_thinner_than_two_patches(thickness: int, levels: int) -> None:
    hole = box((400, 400), 100, 100, thickness, 200)
    assert len(build_pyramid(view(np.zeros((400, 400, 3)), hole), R, Progress())) == levels


def test_a_small_photo_is_not_made_smaller_than_patches_fit_in() -> None:
    hole = box((40, 300), 2, 20, 36, 200)
    levels = build_pyramid(view(np.zeros((40, 300, 3)), hole), R, Progress())
    assert min(levels[-1].hole.shape) > 2 * R + 1


@pytest.mark.parametrize(("side", "levels"), [(7, 1), (14, 1), (28, 2), (60, 3)])
def test_stops_before_too_few_patches_are_left(side: int, levels: int) -> None:
    hole = box((300, 300), 100, 100, 150, 150)
    source = box((300, 300), 2, 4, side, side)
    made = build_pyramid(view(np.zeros((300, 300, 3)), hole, source=source), R, Progress())
    assert len(made) == levels
    for level in made[1:]:
        assert np.count_nonzero(find_whole_patches(level.source, R)) >= LEAST_SOURCES


@settings(max_examples=30)
@given(seed=st.integers(0, 10_000), share=st.floats(0, 0.2), r=st.integers(1, 3))
def test_a_whole_patch_is_source_all_over(seed: int, share: float, r: int) -> None:
    source = np.random.default_rng(seed).random((20, 25)) >= share
    found = find_whole_patches(source, r)
    side = 2 * r + 1
    windows = np.lib.stride_tricks.sliding_window_view(source, (side, side)).all(axis=(2, 3))
    np.testing.assert_array_equal(found[r:-r, r:-r], windows)
    assert found.sum() == windows.sum()


@pytest.mark.parametrize("across", [False, True])
def test_a_hole_of_one_pixel_width_is_a_hole_at_native_size_only(across: bool) -> None:
    hole = box((65, 65), 32, 0, 1, 65)
    hole = hole.T.copy() if across else hole
    levels = build_pyramid(view(np.full((65, 65, 3), 0.5), hole), R, Progress())
    assert len(levels) == 1
    assert (levels[0].hole == hole).all()


def test_texture_features_tell_rough_from_smooth_and_their_direction() -> None:
    stripes = np.zeros((64, 96), np.float32)
    stripes[:, 32:64] = 0.5 + 0.4 * np.sin(np.arange(32) * 2.0)  # |dx|
    stripes[:, 64:] = (0.5 + 0.4 * np.sin(np.arange(64) * 2.0))[:, None]  # |dy|
    f = build_pyramid(view(grey(stripes), box((64, 96), 0, 0, 3, 3)), R, Progress())[0].f
    plain, upright, level = (f[16:48, x : x + 24, 3:].mean(axis=(0, 1)) for x in (4, 36, 68))
    np.testing.assert_allclose(plain, 0, atol=1e-3)
    assert upright[0] > 100
    assert upright[1] < 1
    assert level[1] > 100
    assert level[0] < 1


def test_the_outline_of_the_hole_is_no_texture() -> None:
    hole = box((80, 80), 30, 30, 20, 20)
    f = build_pyramid(view(np.full((80, 80, 3), 0.8), hole), R, Progress())[0].f
    np.testing.assert_allclose(f[..., 3:5], 0, atol=1e-3)


def test_the_guide_channels_show_the_coarse_fill_without_its_detail() -> None:
    photo = skimage.data.astronaut()[::4, ::4].astype(np.float32) / 255
    hole = box(photo.shape[:2], 40, 40, 40, 40)
    guide = photo.copy()
    guide[hole] = [1, 0, 0]
    plain = build_pyramid(view(photo, hole), R, Progress())
    levels = build_pyramid(view(photo, hole, guide=guide), R, Progress())
    for with_guide, without in zip(levels, plain, strict=True):
        np.testing.assert_array_equal(with_guide.f[..., :VOTED], without.f)
    seen = levels[0].f[60, 60, VOTED:]
    assert seen[0] > 0.65 * 255
    assert seen[1:].max() < 5
