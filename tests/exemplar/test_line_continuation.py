"""Lines that the hole interrupts are found and joined, and nothing else is."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from textures import box, grey, noise, two_tone

from inpaint_core.contract.progress import Progress
from inpaint_core.exemplar.line_continuation import (
    WIDTH,
    build_line_channels,
    find_interrupted_lines,
    measure_signed_distance,
)

SHAPE = (120, 180)
HOLE = box(SHAPE, 30, 65, 60, 50)


def joined(picture: NDArray[Any], hole: NDArray[np.bool_] = HOLE) -> list[NDArray[np.float32]]:
    image = np.array(picture, np.float32)
    image[hole] = 0
    return list(find_interrupted_lines(image, hole, Progress()))


@pytest.mark.parametrize("slope", [0.0, 0.1, -0.25])
def test_an_interrupted_horizon_is_joined_within_a_pixel(slope: float) -> None:
    border = 60 + slope * (np.arange(SHAPE[1]) - 90)
    lines = joined(two_tone(SHAPE, border))
    assert len(lines) == 1
    x, y = lines[0].T
    np.testing.assert_allclose(y, 60 - 0.5 + slope * (x - 90), atol=1.0)
    near = sorted(x[1:3])
    assert 60 <= near[0] <= 66
    assert 113 <= near[1] <= 119
    assert min(x) < 55
    assert max(x) > 125


def test_an_upright_border_is_joined() -> None:
    lines = joined(two_tone(SHAPE, 60.0).transpose(1, 0, 2), HOLE.T)
    assert len(lines) == 1
    np.testing.assert_allclose(lines[0][:, 0], 59.5, atol=1.0)


def test_both_sides_of_a_beam_are_joined() -> None:
    y = np.arange(SHAPE[0])[:, None]
    beam = np.where((y >= 50) & (y < 66), 0.2, 0.7) + np.zeros(SHAPE)
    rows = sorted(float(line[:, 1].mean()) for line in joined(grey(beam)))
    np.testing.assert_allclose(rows, [49.5, 65.5], atol=1.0)


def test_a_large_photo_is_looked_at_smaller_and_answered_at_its_own_size() -> None:
    shape = (900, 1500)
    lines = joined(two_tone(shape, 450.0), box(shape, 300, 500, 300, 400))
    assert len(lines) == 1
    x, y = lines[0].T
    np.testing.assert_allclose(y, 449.5, atol=1.5)
    assert abs(min(x[1:3]) - 500) < 15
    assert abs(max(x[1:3]) - 900) < 15


def test_lines_between_other_colours_are_not_joined() -> None:
    picture = two_tone(SHAPE, 60.0)
    other = two_tone(SHAPE, 60.0)[..., ::-1]  # the same border between other colours
    picture[:, 90:] = other[:, 90:]
    assert joined(picture) == []


def test_lines_with_swapped_sides_are_not_joined() -> None:
    picture = two_tone(SHAPE, 60.0)
    picture[:, 90:] = picture[::-1, 90:]
    assert joined(picture) == []


@pytest.mark.parametrize("turn", [12, 30])
def test_lines_at_other_angles_are_not_joined(turn: float) -> None:
    x = np.arange(SHAPE[1])
    bent = 60 + np.maximum(x - 90, 0) * np.tan(np.radians(turn))
    assert joined(two_tone(SHAPE, bent)) == []


def test_parallel_lines_that_are_not_one_are_not_joined() -> None:
    assert joined(two_tone(SHAPE, np.where(np.arange(SHAPE[1]) < 90, 50.0, 72.0))) == []


def test_a_line_on_one_side_only_is_not_joined() -> None:
    picture = two_tone(SHAPE, 60.0)
    picture[:, 90:] = 0.5
    assert joined(picture) == []


@pytest.mark.parametrize("sigma", [0.0, 1.0, 2.5])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_noise_has_no_lines(sigma: float, seed: int) -> None:
    assert joined(grey(noise(SHAPE, sigma, 0.5, 0.12, seed))) == []


@pytest.mark.parametrize("round_", [False, True])
@pytest.mark.parametrize("value", [0.0, 0.6, 1.0])
def test_the_outline_of_the_hole_is_no_line(value: float, round_: bool) -> None:
    hole = HOLE
    if round_:
        disc = np.zeros(SHAPE, np.uint8)
        hole = cv2.circle(disc, (90, 60), 30, 1, -1) > 0
    assert joined(np.full((*SHAPE, 3), value), hole) == []
    ramp = np.linspace(0.1, 0.9, SHAPE[1])[None] + np.zeros(SHAPE)
    assert joined(grey(ramp), hole) == []


def test_no_hole_and_all_hole_have_no_lines() -> None:
    picture = two_tone(SHAPE, 60.0)
    assert joined(picture, np.zeros(SHAPE, bool)) == []
    assert joined(picture, np.ones(SHAPE, bool)) == []


@pytest.mark.parametrize("scale", [1.0, 0.5, 0.25])
@pytest.mark.parametrize("line", [((10, 20), (80, 45)), ((12, 70), (70, 8)), ((40, 5), (40, 70))])
def test_signed_distance_is_that_of_the_formula(line: Any, scale: float) -> None:
    shape = (round(80 * scale), round(100 * scale))
    points = np.array(line, np.float32)
    out = measure_signed_distance((points,), shape, scale)
    (ax, ay), (bx, by) = (points.astype(float) + 0.5) * scale - 0.5
    if (bx - ax if abs(bx - ax) > abs(by - ay) else by - ay) < 0:
        ax, ay, bx, by = bx, by, ax, ay  # the side does not depend on the way it was drawn
    y, x = np.mgrid[: shape[0], : shape[1]]
    length = np.hypot(bx - ax, by - ay)
    along = ((x - ax) * (bx - ax) + (y - ay) * (by - ay)) / length
    beside = ((bx - ax) * (y - ay) - (by - ay) * (x - ax)) / length
    within = (along > 0) & (along < length)
    band = within & (np.abs(beside) < 4 * WIDTH * 0.7)
    assert band.sum() > 20
    np.testing.assert_allclose(out[band], beside[band], atol=1e-3)
    seen = out != 1000
    assert within[seen].mean() > 0.8
    np.testing.assert_allclose(out[seen], beside[seen], atol=1e-3)
    np.testing.assert_array_equal(out, measure_signed_distance((points[::-1],), shape, scale))


def test_signed_distance_is_to_the_nearest_of_several_lines() -> None:
    flat = [np.array([[0, y], [59, y]], np.float32) for y in (10, 22)]
    out = measure_signed_distance(tuple(flat), (40, 60), 1.0)
    np.testing.assert_allclose(out[5:16, 30], np.arange(5, 16) - 10)
    np.testing.assert_allclose(out[17:30, 30], np.arange(17, 30) - 22)


def test_channels_say_how_far_and_on_which_side() -> None:
    d = np.linspace(-60, 60, 241, dtype=np.float32)[None]
    odd, bell = np.moveaxis(build_line_channels(d, 60.0), 2, 0)
    np.testing.assert_allclose(odd, -odd[:, ::-1], atol=1e-4)
    np.testing.assert_allclose(bell, bell[:, ::-1], atol=1e-4)
    assert bell.max() == bell[0, 120] == 60
    assert d[0, odd.argmax()] == WIDTH
    assert odd.max() == pytest.approx(60, rel=1e-5)
    far = np.abs(d) > 5 * WIDTH
    assert np.abs(odd[far]).max() < 0.01
    assert np.isfinite(build_line_channels(np.full((2, 2), 1000, np.float32), 60.0)).all()
