from __future__ import annotations

import cv2
import numpy as np
import pytest
import skimage.data
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from inpaint_core.contract.errors import NothingToCopy
from inpaint_core.raster.membrane import solve_membrane


def disc(shape: tuple[int, int], radius: float) -> np.ndarray:
    y, x = np.mgrid[: shape[0], : shape[1]]
    return (y - shape[0] / 2) ** 2 + (x - shape[1] / 2) ** 2 < radius**2


def harmonic_function(h: int, w: int) -> np.ndarray:
    y, x = np.mgrid[:h, :w].astype(np.float32) / max(h, w)
    # All three satisfy the discrete equation nearly exactly: x² - y², xy, Re exp(2z).
    planes = [0.5 + 0.5 * (x * x - y * y), x * y, np.exp(2 * x) * np.cos(2 * y) / 8]
    return np.stack(planes, axis=-1).astype(np.float32)


@pytest.mark.parametrize("radius", [0.8, 3, 40, 180])
def test_harmonic_functions_are_found_again(radius: float) -> None:
    truth = harmonic_function(401, 398)
    hole = disc((401, 398), radius)
    broken = np.where(hole[..., None], np.float32(9), truth)
    found = solve_membrane(broken, hole)
    np.testing.assert_array_equal(found[~hole], truth[~hole])
    assert np.abs(found - truth).max() < 0.001


def test_the_laplacian_gives_a_photo_back() -> None:
    truth = skimage.data.astronaut()[:200, :260].astype(np.float32) / 255
    laplacian = np.asarray(cv2.Laplacian(truth, cv2.CV_32F, borderType=cv2.BORDER_REPLICATE))
    hole = disc((200, 260), 70)
    hole[150:, :90] = True  # a hole that touches the photo's border
    found = solve_membrane(np.where(hole[..., None], np.float32(0), truth), hole, laplacian)
    assert np.abs(found - truth).max() < 0.01


def test_nothing_flows_over_the_border() -> None:
    image = np.full((50, 61, 1), 0.75, np.float32)
    hole = np.zeros((50, 61), bool)
    hole[:, 20:] = True
    image[hole] = 0
    assert np.abs(solve_membrane(image, hole) - 0.75).max() < 1e-4


@pytest.mark.parametrize("shape", [(1, 301), (301, 1), (2, 150), (3, 150)])
def test_strips_are_filled_linearly(shape: tuple[int, int]) -> None:
    ramp = np.linspace(0, 1, max(shape), dtype=np.float32)
    image = np.broadcast_to(ramp if shape[1] > 3 else ramp[:, None], shape)[..., None]
    hole = (image[..., 0] > 0) & (image[..., 0] < 1)
    found = solve_membrane(np.where(hole[..., None], np.float32(0.3), image), hole)
    assert np.abs(found - image).max() < 0.003


def test_a_hole_without_a_known_pixel_is_refused() -> None:
    with pytest.raises(NothingToCopy):
        solve_membrane(np.zeros((9, 9, 3), np.float32), np.ones((9, 9), bool))


@given(
    hole=arrays.arrays(bool, st.tuples(st.integers(1, 24), st.integers(1, 24))),
    seed=st.integers(0, 9),
)
@settings(max_examples=60, deadline=None)
def test_the_fill_lies_between_the_known_values(hole: np.ndarray, seed: int) -> None:
    hole.flat[seed % hole.size] = False
    image = np.random.default_rng(seed).random((*hole.shape, 2), np.float32)
    image[hole] = np.nan  # what is in the hole must not matter
    found = solve_membrane(image, hole)
    known = image[~hole]
    np.testing.assert_array_equal(found[~hole], known)
    assert (found >= known.min(axis=0) - 2e-3).all()
    assert (found <= known.max(axis=0) + 2e-3).all()


@pytest.mark.parametrize("size", [240, 257, 333])
@pytest.mark.parametrize(("gap", "wire"), [(2, 2), (8, 8), (16, 16), (32, 32), (5, 11), (1, 15)])
def test_meshes_of_every_width_are_solved(size: int, gap: int, wire: int) -> None:
    """No value leaves the range of the known ones, and none is far from the mean of those next to
    it.
    """
    y, x = np.mgrid[:size, :size]
    hole = (x % (gap + wire) < wire) | (y % (gap + wire) < wire)
    rng = np.random.default_rng(3)
    image = cv2.GaussianBlur(rng.random((size, size)).astype(np.float32), (0, 0), 3)[..., None]
    found = solve_membrane(image, hole)
    span = np.ptp(image[~hole])
    assert found.min() >= image[~hole].min() - 0.01 * span
    assert found.max() <= image[~hole].max() + 0.01 * span
    around = cv2.Laplacian(found[..., 0], cv2.CV_32F, borderType=cv2.BORDER_REPLICATE) / 4
    assert np.abs(around[hole]).max() < 0.01 * span
