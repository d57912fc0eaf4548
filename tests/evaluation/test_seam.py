from __future__ import annotations

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from skimage import data

from inpaint_core.lab.evaluation.edge_metrics import border_error, seam
from inpaint_core.raster.membrane import solve_membrane

Image = NDArray[np.uint8]


def square(shape: tuple[int, int], start: int, stop: int) -> NDArray[np.bool_]:
    hole = np.zeros(shape, bool)
    hole[start:stop, start:stop] = True
    return hole


def checks(amplitude: int) -> Image:
    """Every two neighbours differ by ``amplitude``."""
    board = np.indices((40, 40)).sum(axis=0) % 2
    return np.repeat((100 + amplitude * board)[..., None], 3, axis=2).astype(np.uint8)


def test_unbroken_texture_measures_one() -> None:
    assert seam(checks(8), square((40, 40), 12, 28)) == pytest.approx(1.0)


def test_step_over_texture_by_hand() -> None:
    # Inside 20 brighter: across the border a difference of 20 + 8 or 20 - 8, equally often on a
    # square of even side; mean 20, against 8 outside.
    hole = square((40, 40), 12, 28)
    image = checks(8)
    image[hole] += 20
    assert seam(image, hole) == pytest.approx(20 / 8)


def test_only_texture_close_to_the_hole_counts() -> None:
    hole = square((40, 40), 12, 28)
    image = checks(8)
    far = ~np.asarray(cv2.dilate(hole.astype(np.uint8), np.ones((11, 11), np.uint8)), bool)
    image[far] = np.random.default_rng(0).integers(0, 255, (int(far.sum()), 3))
    assert seam(image, hole) == pytest.approx(1.0)


def test_rounding_in_a_plain_sky_is_no_seam() -> None:
    image = np.full((30, 30, 3), 120, np.uint8)
    hole = square((30, 30), 10, 20)
    assert seam(image, hole) == 1.0
    image[hole] = (120, 120, 121)
    assert seam(image, hole) == pytest.approx((1 / 3) / 0.25)


def test_nothing_across_means_no_seam() -> None:
    assert seam(checks(8), np.zeros((40, 40), bool)) == 1.0
    assert seam(checks(8), np.ones((40, 40), bool)) == 1.0


def test_truth_one_smooth_less_step_more() -> None:
    truth = np.ascontiguousarray(np.repeat(data.grass()[:200, :200, None], 3, axis=2))
    hole = square((200, 200), 60, 140)
    stepped = truth.copy()
    smooth = solve_membrane(truth.astype(np.float32), hole).astype(np.uint8)
    stepped[hole] = np.clip(truth[hole].astype(int) + 60, 0, 255)
    assert seam(truth, hole) == pytest.approx(1.0, abs=0.1)
    assert seam(smooth, hole) < 0.9
    assert seam(stepped, hole) > 1.3


def test_error_of_the_truth_and_of_a_step_by_hand() -> None:
    hole = square((40, 40), 12, 28)
    truth = checks(8)
    assert border_error(truth, truth, hole) == 0
    stepped = truth.copy()
    stepped[hole] += 20
    assert border_error(truth, stepped, hole) == pytest.approx(20 / 8)
    flat = np.full_like(truth, 104)
    assert border_error(truth, flat, hole) == pytest.approx(1.0)


def test_a_jump_the_other_way_is_an_error_but_no_seam() -> None:
    hole = square((40, 40), 12, 28)
    truth = checks(8)
    turned = truth.copy()
    turned[hole] = np.where(truth[hole] == 100, 116, 92)
    assert seam(turned, hole) == pytest.approx(1.0)
    assert border_error(truth, turned, hole) == pytest.approx(2.0)


def test_a_step_makes_up_for_a_fade_in_one_only() -> None:
    hole = square((40, 40), 12, 28)
    truth = checks(8)
    mixed = truth.copy()
    # Above, the border fades: each pixel as its neighbour outside. Below, its jumps are doubled.
    mixed[12, 12:28] = truth[11, 12:28]
    mixed[27, 12:28] = 2 * truth[27, 12:28].astype(int) - truth[28, 12:28]
    assert seam(mixed, hole) == pytest.approx(1.0, abs=0.05)
    assert border_error(truth, mixed, hole) > 0.4


def test_error_where_nothing_is_across_or_nothing_jumps() -> None:
    image = checks(8)
    assert border_error(image, 255 - image, np.zeros((40, 40), bool)) == 0
    assert border_error(image, 255 - image, np.ones((40, 40), bool)) == 0
    sky = np.full((30, 30, 3), 120, np.uint8)
    speck = sky.copy()
    speck[10:20, 10:20] = (120, 120, 121)
    assert border_error(sky, speck, square((30, 30), 10, 20)) == pytest.approx((1 / 3) / 0.25)
