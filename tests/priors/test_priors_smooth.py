"""Smoothing that keeps edges: L0 and relative total variation, and coarse colours."""

from __future__ import annotations

import math

import cv2
import numpy as np
import torch

from inpaint_core.contract.arrays import BoolMask, FloatImage
from inpaint_core.priors.l0 import smooth_l0, smooth_l0_batch
from inpaint_core.priors.lowres import compute_lowres
from inpaint_core.priors.rtv import smooth_rtv


def striped() -> FloatImage:
    """A step from dark to light at column 48, both sides with fine weak stripes."""
    columns = np.arange(96)
    row = np.where(columns < 48, 0.25, 0.75) + 0.03 * np.where(columns % 4 < 2, 1, -1)
    return np.ascontiguousarray(np.broadcast_to(row[None, :, None], (64, 96, 3)), np.float32)


def test_texture_goes_and_the_step_stays() -> None:
    photo = striped()
    whole = np.zeros((64, 96), bool)
    for smooth in (smooth_l0(photo, whole), smooth_rtv(photo, whole)):
        assert smooth[8:-8, 8:40].std() < 0.006 < photo[8:-8, 8:40].std()
        assert smooth[8:-8, 56:88].std() < 0.006
        step = smooth[8:-8, 51].mean() - smooth[8:-8, 44].mean()
        assert step > 0.42


def test_l0_leaves_few_gradients(photo: FloatImage) -> None:
    def changes(image: FloatImage) -> float:
        return float((np.abs(np.diff(image, axis=1)).sum(axis=2) > 0.01).mean())

    smooth = smooth_l0(photo, np.zeros(photo.shape[:2], bool))
    assert changes(smooth) < 0.5 * changes(photo)
    weaker = smooth_l0(photo, np.zeros(photo.shape[:2], bool), strength=0.005)
    assert changes(smooth) < changes(weaker) < changes(photo)


def test_l0_in_torch_is_l0_in_numpy(photo: FloatImage) -> None:
    """Rounding may tip single gradients over the threshold, so a few pixels may differ."""
    batch = torch.from_numpy(photo.transpose(2, 0, 1)[None].copy())
    found = smooth_l0_batch(batch)[0].numpy().transpose(1, 2, 0)
    wanted = smooth_l0(photo, np.zeros(photo.shape[:2], bool))
    assert np.abs(found - wanted).mean() < 2e-3
    assert (np.abs(found - wanted).max(axis=2) < 1e-3).mean() > 0.95


def blur(values: np.ndarray, shape: tuple[int, int], sigma: float) -> np.ndarray:
    window = 2 * math.ceil(3 * sigma) + 1
    out = cv2.GaussianBlur(values.reshape(*shape, -1), (window, window), sigma)
    return out.reshape(len(values), -1)


def naive_rtv(image: np.ndarray, strength: float, sigma: float) -> np.ndarray:
    """Equations 7 to 10 with dense matrices; windows end at a mirrored border."""
    h, w = image.shape[:2]
    steps = []
    for axis, (rows, columns) in enumerate(((h, w - 1), (h - 1, w))):
        step = np.zeros((rows * columns, h * w))
        for i, (y, x) in enumerate(np.ndindex(rows, columns)):
            step[i, y * w + x], step[i, (y + axis) * w + x + 1 - axis] = -1, 1
        steps.append((step, (rows, columns)))
    smooth = image.reshape(-1, 3)
    for _ in range(4):
        system = np.eye(h * w)
        for step, shape in steps:
            change = step @ smooth
            inner = np.abs(blur(change, shape, sigma)).mean(axis=1, keepdims=True) + 1e-3
            windowed = blur(1 / inner, shape, sigma)
            weight = windowed / (np.abs(change).mean(axis=1, keepdims=True) + 0.02)
            system += strength * step.T @ (weight * step)
        smooth = np.linalg.solve(system, image.reshape(-1, 3))
        sigma = max(sigma / 2, 0.5)
    return smooth.reshape(image.shape)


def test_rtv_against_dense_matrices(photo: FloatImage) -> None:
    crop = np.ascontiguousarray(photo[:20, :24])
    smooth = smooth_rtv(crop, np.zeros(crop.shape[:2], bool))
    wanted = naive_rtv(crop.astype(np.float64), 0.005, 3.0)
    assert np.abs(smooth - wanted).max() < 0.01
    assert np.abs(wanted - crop).max() > 0.05  # something was smoothed


def test_coarse_colours_are_means_of_known_pixels() -> None:
    photo = np.zeros((64, 64, 3), np.float32)
    photo[:, :, 0] = np.arange(64)[None, :] / 64
    hole: BoolMask = np.zeros((64, 64), bool)
    hole[:, 1] = True
    found = compute_lowres(photo, hole, side=32)
    np.testing.assert_allclose(found[:, 0, 0], 0.0, atol=1e-6)  # column 0 alone is known
    np.testing.assert_allclose(found[:, 2, 0], 2.5 / 64, atol=1e-6)
    np.testing.assert_allclose(found[:, 3, 0], 2.5 / 64, atol=1e-6)
