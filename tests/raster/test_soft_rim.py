"""A mask that ends on an object's edge is told from one that ends anywhere else."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
import skimage.data

from inpaint_core.raster.soft_mask import SoftMask, soften
from inpaint_core.raster.soft_rim import measure_soft_rim

Y, X = np.mgrid[:240, :320]
AWAY = np.hypot(Y - 120, X - 160) - 60
"""Pixels outside of a disc."""
GRASS = np.ascontiguousarray(skimage.data.astronaut()[:240, :320])
GRAVEL = np.stack([skimage.data.gravel()[:240, :320]] * 3, axis=2)


def scene(blur: float, background: np.ndarray = GRAVEL) -> np.ndarray:
    """A bright blue disc whose edge is blurred over a background."""
    cover = cv2.GaussianBlur((AWAY < 0).astype(np.float32), (0, 0), blur)[..., None]
    return np.rint(cover * (30, 60, 250) + (1 - cover) * (background * 0.4 + 20)).astype(np.uint8)


def disc(more: float) -> SoftMask:
    return soften(((more > AWAY) * 255).astype(np.uint8), 0, 2.0)


@pytest.mark.parametrize("depth", [np.uint8, np.uint16])
@pytest.mark.parametrize("blur", [1.0, 1.5, 2.0])
def test_growing_by_the_width_leaves_no_rim(blur: float, depth: type[np.generic]) -> None:
    image = scene(blur)
    if depth == np.uint16:
        image = image.astype(np.uint16) * 257
    rim = measure_soft_rim(image, disc(0))
    assert 1 <= rim <= 2 * blur + 1
    assert measure_soft_rim(image, disc(rim)) == 0


@pytest.mark.parametrize("more", [8, 20, -20])
def test_a_mask_that_ends_elsewhere_is_not_tight(more: int) -> None:
    assert measure_soft_rim(scene(1.5), disc(more)) == 0


@pytest.mark.parametrize("photo", [GRASS, GRAVEL], ids=["portrait", "gravel"])
@pytest.mark.parametrize("seed", range(8))
def test_a_shape_anywhere_on_a_photo_is_not_tight(photo: np.ndarray, seed: int) -> None:
    rng = np.random.default_rng(seed)
    mask = np.zeros((240, 320), np.uint8)
    centre = (int(rng.integers(40, 280)), int(rng.integers(40, 200)))
    axes = (int(rng.integers(8, 80)), int(rng.integers(8, 60)))
    cv2.ellipse(mask, centre, axes, float(rng.integers(0, 180)), 0, 360, 255, -1)
    assert measure_soft_rim(photo, soften(mask, 0, 2.0)) == 0


def test_flat_pictures_and_tiny_masks_say_nothing() -> None:
    flat = np.full((240, 320, 3), 90, np.uint8)
    assert measure_soft_rim(flat, disc(0)) == 0
    dot = np.zeros((240, 320), np.uint8)
    dot[100, 100] = 255
    assert measure_soft_rim(scene(1.5), soften(dot, 0, 2.0)) == 0
    assert measure_soft_rim(scene(1.5), soften(np.full_like(dot, 255), 0, 2.0)) == 0
