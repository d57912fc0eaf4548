from __future__ import annotations

import math

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from skimage import data
from skimage.metrics import structural_similarity

from inpaint_core.lab.evaluation.pixel_metrics import gradient_energy, psnr, sharpness, ssim_map

Image = NDArray[np.uint8]


def photo() -> Image:
    return np.ascontiguousarray(data.astronaut()[:160, 120:320])


def noisy(image: Image, spread: float = 20.0) -> Image:
    noise = np.random.default_rng(1).normal(0, spread, image.shape)
    return np.clip(image + noise, 0, 255).astype(np.uint8)


def test_psnr_of_known_errors() -> None:
    assert psnr(255.0**2) == pytest.approx(0.0)
    assert psnr(1.0) == pytest.approx(20 * math.log10(255))
    assert psnr(100.0) == pytest.approx(28.1308, abs=1e-4)
    assert psnr(0.0) == math.inf


def test_ssim_is_that_of_skimage() -> None:
    a, b = photo(), noisy(photo())
    _, expected = structural_similarity(
        a,
        b,
        channel_axis=2,
        gaussian_weights=True,
        sigma=1.5,
        use_sample_covariance=False,
        data_range=255,
        full=True,
    )
    np.testing.assert_allclose(ssim_map(a, b), expected.mean(axis=2), atol=1e-5)


def test_ssim_of_equal_pictures_is_one() -> None:
    np.testing.assert_allclose(ssim_map(photo(), photo()), 1.0, atol=1e-6)


def test_gradient_energy_by_hand() -> None:
    # A ramp of 4 levels a column: the hole's 2x3 pixels have 4 pairs side by side (16 each) and
    # 3 pairs one above the other (0 each). Pairs that leave the hole do not count.
    ramp = np.repeat((4 * np.arange(8, dtype=np.uint8))[None, :, None], 6, axis=0).repeat(3, axis=2)
    hole = np.zeros((6, 8), bool)
    hole[2:4, 3:6] = True
    ramp[:2] = 255
    assert gradient_energy(ramp, hole) == pytest.approx(4 * 16 / 7, rel=1e-5)


def test_gradient_energy_of_a_single_pixel_is_zero() -> None:
    hole = np.zeros((5, 5), bool)
    hole[2, 2] = True
    assert gradient_energy(noisy(np.zeros((5, 5, 3), np.uint8)), hole) == 0


def test_blur_is_less_sharp_and_noise_sharper_than_the_truth() -> None:
    truth = photo()
    hole = np.zeros(truth.shape[:2], bool)
    hole[40:100, 50:120] = True
    blurred = cv2.GaussianBlur(truth, (0, 0), 3)
    assert sharpness(truth, truth, hole) == 1
    assert sharpness(truth, np.asarray(blurred, np.uint8), hole) < 0.5
    assert sharpness(truth, noisy(truth), hole) > 1.2


def test_flat_areas_are_equally_sharp() -> None:
    truth = np.full((20, 20, 3), 90, np.uint8)
    hole = np.zeros((20, 20), bool)
    hole[5:15, 5:15] = True
    assert sharpness(truth, truth + np.uint8(20), hole) == 1
