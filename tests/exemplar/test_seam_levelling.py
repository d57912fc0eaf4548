"""Colour steps between copied pixels vanish, edges and grain stay."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from textures import box, grey, noise

from inpaint_core.contract.progress import Cancelled, Progress
from inpaint_core.exemplar.seam_levelling import join_pieces, level_seams

SHAPE = (80, 160)
HOLE = box(SHAPE, 22, 20, 36, 40)


def offsets(dy: int, dx: int) -> np.ndarray:
    """One offset for the whole hole."""
    return np.where(HOLE[..., None], np.array([dy, dx], np.int32), np.int32(0))


def repeated(contrast: float = 0.05) -> np.ndarray:
    """(80, 160, 3): the same texture twice, side by side."""
    tile = grey(noise((80, 80), 1.0, 0.5, contrast))
    return np.concatenate([tile, tile], axis=1)


@pytest.mark.parametrize("step", [0.02, 0.05, -0.05])
def test_a_constant_colour_offset_vanishes(step: float) -> None:
    truth = repeated()
    image = truth.copy()
    image[:, 80:] += np.float32([step, 0, -step])
    filled = level_seams(image, HOLE, offsets(0, 80), Progress())
    assert np.abs(image[:, 80:] - truth[:, 80:]).max() == pytest.approx(abs(step), rel=1e-3)
    assert np.abs(filled - truth)[HOLE].max() < 0.05 * abs(step)


def test_a_step_between_two_sources_vanishes() -> None:
    tile = grey(noise((80, 80), 1.0, 0.5, 0.05))
    truth = np.concatenate([tile] * 3, axis=1)
    image = truth.copy()
    image[:, 80:160] += 0.03
    image[:, 160:] -= 0.03
    hole = box((80, 240), 22, 20, 36, 40)
    field = np.zeros((80, 240, 2), np.int32)
    field[hole, 1] = 80
    field[:, 40:][hole[:, 40:], 1] = 160
    filled = level_seams(image, hole, field, Progress())
    assert np.abs(filled - truth)[hole].max() < 0.003


def test_an_edge_does_not_bleed() -> None:
    image = np.full((*SHAPE, 3), 0.3, np.float32) + repeated(0.01) - 0.5
    image[:, 80:] += 0.5  # bright things that are put before a dark background
    filled = level_seams(image, HOLE, offsets(0, 80), Progress())
    copied = image[:, 80:]
    inside = box(SHAPE, 22 + 7, 20 + 7, 36 - 14, 40 - 14)
    change = np.abs(filled[:, :80] - copied)[inside[:, :80]]
    assert change.max() < 0.01 * 0.5


@settings(max_examples=25)
@given(seed=st.integers(0, 10_000))
def test_only_the_hole_changes(seed: int) -> None:
    rng = np.random.default_rng(seed)
    image = rng.random((30, 41, 3)).astype(np.float32)
    hole = box((30, 41), int(rng.integers(0, 30)), int(rng.integers(0, 41)), 12, 15)
    hole |= rng.random(hole.shape) < 0.05
    y, x = np.nonzero(hole)
    places = np.argwhere(~hole)[rng.integers(0, np.count_nonzero(~hole), y.size)]
    field = np.zeros((30, 41, 2), np.int32)
    field[y, x] = places - np.stack([y, x], 1)
    before = image.copy()
    filled = level_seams(image, hole, field, Progress())
    np.testing.assert_array_equal(image, before)
    np.testing.assert_array_equal(filled[~hole], image[~hole])
    assert np.isfinite(filled).all()
    hidden = np.where(hole[..., None], np.float32(7), image)
    np.testing.assert_array_equal(level_seams(hidden, hole, field, Progress())[hole], filled[hole])


def energy(image: np.ndarray, where: np.ndarray) -> float:
    """Mean squared difference of neighbours."""
    total = 0.0
    for first, second in ((np.s_[:, :-1], np.s_[:, 1:]), (np.s_[:-1], np.s_[1:])):
        both = where[first] & where[second]
        total += float(np.square(image[first] - image[second])[both].mean())
    return total


@pytest.mark.parametrize("sigma", [0.0, 1.0])
@pytest.mark.parametrize("size", [6, 10, 20])
def test_grain_is_kept(sigma: float, size: int) -> None:
    shape = (120, 240)
    image = grey(noise(shape, sigma, 0.5, 0.03, seed=4))
    hole = box(shape, 30, 30, 60, 60)
    rng = np.random.default_rng(8)
    field = np.zeros((*shape, 2), np.int32)
    for y in range(30, 90, size):
        for x in range(30, 90, size):
            field[y : y + size, x : x + size] = rng.integers(-30, 31), rng.integers(61, 120)
    field[~hole] = 0
    filled = level_seams(image, hole, field, Progress())
    assert energy(filled, hole) == pytest.approx(energy(image, ~hole), rel=0.1)


def test_a_copy_without_steps_is_left_alone() -> None:
    image = repeated()
    filled = level_seams(image, HOLE, offsets(0, 80), Progress())
    np.testing.assert_allclose(filled, image, atol=1e-4)


def test_a_cancelled_correction_stops() -> None:
    progress = Progress()
    progress.cancel()
    with pytest.raises(Cancelled):
        level_seams(repeated(), HOLE, offsets(0, 80), progress)


@settings(max_examples=25)
@given(seed=st.integers(0, 10_000), count=st.sampled_from([1, 4, 30, 2000]))
def test_no_relief_comes_out_of_copies_without_pieces(seed: int, count: int) -> None:
    """Every pixel is copied from one of ``count`` places at random."""
    rng = np.random.default_rng(seed)
    image = repeated(0.05)
    y, x = np.nonzero(HOLE)
    places = np.argwhere(~HOLE)[rng.integers(0, np.count_nonzero(~HOLE), count)]
    field = np.zeros((*SHAPE, 2), np.int32)
    field[y, x] = places[rng.integers(0, count, y.size)] - np.stack([y, x], 1)
    filled = level_seams(image, HOLE, field, Progress())
    copied = image.copy()
    copied[y, x] = image[y + field[y, x, 0], x + field[y, x, 1]]
    change = (filled - copied)[HOLE]
    border = cv2.dilate(HOLE.astype(np.uint8), np.ones((3, 3), np.uint8)).astype(bool)
    steps = copied[border].max(axis=0) - copied[border].min(axis=0)
    assert (np.abs(change) <= steps).all()
    coarse = cv2.blur(filled, (9, 9))[26:54, 24:56]
    assert np.ptp(coarse, axis=(0, 1)).max() < 0.1
    assert (filled[HOLE] <= image[~HOLE].max(axis=0) + 0.051).all()
    assert (filled[HOLE] >= image[~HOLE].min(axis=0) - 0.051).all()


def meeting(right: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """A bright pavement (80, 240) whose right third shows another surface, with a hole across the
    middle third, whose left half is copied from the left and whose right half from the right.
    """
    image = np.concatenate([grey(noise((80, 160), 1.0, 0.6, 0.06)), right], axis=1)
    hole = box((80, 240), 22, 90, 36, 60)
    field = np.zeros((80, 240, 2), np.int32)
    field[:, :120][hole[:, :120], 1] = -60
    field[:, 120:][hole[:, 120:], 1] = 60
    return image, hole, field


def measure_cut(filled: np.ndarray) -> float:
    """The step of the mean brightness over three pixels where the two copies meet."""
    left, right = filled[24:56, 114:119], filled[24:56, 122:127]
    return float(abs(left.mean() - right.mean()))


def test_the_same_surface_in_another_light_is_joined_without_a_cut() -> None:
    shade = grey(noise((80, 80), 1.0, 0.6, 0.06)) * np.float32(0.55)
    image, hole, field = meeting(shade)
    found = join_pieces(image, hole, field, Progress())
    before = measure_cut(level_seams(image, hole, field, Progress()))
    assert found.is_light_adapted
    assert measure_cut(found.image) < 0.4 * before
    assert before > 0.1
    np.testing.assert_array_equal(found.image[~hole], image[~hole])


@pytest.mark.parametrize(
    "other",
    [
        grey(noise((80, 80), 1.0, 0.33, 0.06)) * np.float32([1.6, 0.8, 0.6]),  # of another colour
        grey(noise((80, 80), 1.0, 0.33, 0.002)),  # smooth
        grey(noise((80, 80), 1.0, 0.04, 0.004)),  # black
    ],
)
def test_a_step_to_another_surface_stays(other: np.ndarray) -> None:
    image, hole, field = meeting(other.astype(np.float32))
    found = join_pieces(image, hole, field, Progress())
    assert not found.is_light_adapted
    assert measure_cut(found.image) > 0.95 * measure_cut(
        level_seams(image, hole, field, Progress())
    )
