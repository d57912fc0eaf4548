from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from skimage import data

from inpaint_core.lab.evaluation.pixel_metrics import MOST_PATCHES, patch_distance

Image = NDArray[np.uint8]


def grass(side: int = 160) -> Image:
    grey = data.grass()[:side, :side]
    return np.repeat(grey[..., None], 3, axis=2)


def middle(side: int, margin: int) -> NDArray[np.bool_]:
    hole = np.zeros((side, side), bool)
    hole[margin:-margin, margin:-margin] = True
    return hole


def test_equal_pictures_and_empty_holes_measure_zero() -> None:
    image = grass()
    assert patch_distance(image, image, middle(160, 40)) == 0
    assert patch_distance(image, 255 - image, np.zeros((160, 160), bool)) == 0


def test_a_constant_step_measures_what_the_directions_make_of_it() -> None:
    # A step of d levels moves the projection on a unit vector w by d |sum w|, whose mean over
    # random directions is d sqrt(2 / pi) for 147 dimensions.
    flat = np.full((60, 60, 3), 100, np.uint8)
    hole = middle(60, 15)
    ten = patch_distance(flat, flat + np.uint8(10), hole)
    assert ten == pytest.approx(10 * np.sqrt(2 / np.pi), rel=0.15)
    assert patch_distance(flat, flat + np.uint8(20), hole) == pytest.approx(2 * ten, rel=1e-4)


def test_texture_from_elsewhere_beats_a_blur() -> None:
    truth, hole = grass(), middle(160, 40)
    elsewhere = np.roll(truth, (37, 61), axis=(0, 1))
    blurred = np.asarray(cv2.GaussianBlur(truth, (0, 0), 4), np.uint8)
    assert patch_distance(truth, elsewhere, hole) < patch_distance(truth, blurred, hole) / 3


@settings(max_examples=10, deadline=None)
@given(st.integers(1, 60), st.integers(1, 60))
def test_symmetric_and_growing_with_the_step(small: int, more: int) -> None:
    truth, hole = grass(64) // 2, middle(64, 20)
    near = truth + np.uint8(small)
    far = truth + np.uint8(small + more)
    assert patch_distance(truth, near, hole) < patch_distance(truth, far, hole)
    assert patch_distance(truth, near, hole) == pytest.approx(patch_distance(near, truth, hole))


def test_large_holes_are_sampled_and_agree_with_themselves() -> None:
    truth = grass(256)
    hole = middle(256, 4)
    assert hole.sum() > MOST_PATCHES
    darker = truth // 2
    whole, part = (
        patch_distance(truth, darker, hole),
        patch_distance(truth, darker, middle(256, 85)),
    )
    assert whole == patch_distance(truth, darker, hole)
    assert whole == pytest.approx(part, rel=0.2)
