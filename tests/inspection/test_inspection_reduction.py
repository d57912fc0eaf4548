"""Reductions, order of channels, components and spectra, against values worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from inpaint_core.inspection.map_statistics import spectrum
from inpaint_core.inspection.reduction import (
    entropy,
    find_components,
    order_channels,
    reduce_channels,
)


def column(*channels: float) -> np.ndarray:
    """A map of one pixel."""
    return np.array(channels, np.float16).reshape(-1, 1, 1)


def test_each_reduction_is_what_it_says() -> None:
    x = column(3, -4, 0)
    assert reduce_channels(x, "mean")[0, 0] == np.float32(-1 / 3)
    assert reduce_channels(x, "max")[0, 0] == 3
    assert reduce_channels(x, "norm")[0, 0] == 5
    assert reduce_channels(x, "channel", 1)[0, 0] == -4
    with pytest.raises(IndexError):
        reduce_channels(x, "channel", 3)


def test_the_norm_of_the_largest_values_is_finite() -> None:
    x = np.full((256, 2, 2), 65504, np.float16)
    np.testing.assert_allclose(reduce_channels(x, "norm"), 65504 * 16, rtol=1e-6)


@pytest.mark.parametrize(
    ("channels", "bits"),
    [
        ((5, 0, 0, 0), 0.0),
        ((0, 0, 0, 0), 0.0),
        ((2, 2, 2, 2), 2.0),
        ((1, -1, 0, 0), 1.0),
        ((2, 1, 1, 0), 1.5),
        ((3, 1), 2 - 0.75 * np.log2(3)),
    ],
)
def test_entropy_of_hand_computed_pixels(channels: tuple[float, ...], bits: float) -> None:
    assert entropy(column(*channels))[0, 0] == pytest.approx(bits, abs=1e-6)


@given(st.lists(st.floats(-9, 9, width=16), min_size=2, max_size=9), st.floats(0.1, 50))
def test_entropy_has_bounds_and_no_scale(values: list[float], factor: float) -> None:
    x = column(*values).astype(np.float32)
    found = float(entropy(x)[0, 0])
    assert 0 <= found <= np.log2(len(values)) + 1e-5
    assert found == pytest.approx(float(entropy(x * np.float32(factor))[0, 0]), abs=1e-3)


def test_channels_come_in_order() -> None:
    inside = np.zeros((2, 4), bool)
    inside[:, :2] = True
    x = np.zeros((3, 2, 4), np.float16)
    x[0, :, 2:] = 9  # loud outside
    x[1] = 2  # everywhere alike
    x[2, :, :2] = -1  # quiet, but only inside
    assert order_channels(x, "energy") == [0, 1, 2]
    assert order_channels(x, "hole", inside) == [2, 1, 0]
    assert order_channels(x, "name") == [0, 1, 2]
    with pytest.raises(ValueError, match="hole"):
        order_channels(x, "hole")


def test_components_are_those_of_a_direct_decomposition() -> None:
    rng = np.random.default_rng(0)
    x = (rng.normal(size=(6, 12, 10)) * np.array([9, 5, 3, 1, 0.5, 0.1])[:, None, None]).astype(
        np.float32
    )
    found = find_components([x])
    flat = x.reshape(6, -1).T - x.reshape(6, -1).mean(axis=1)
    wanted = np.linalg.svd(flat, full_matrices=False)[2][:3]
    np.testing.assert_allclose(np.abs((found.axes * wanted).sum(axis=1)), 1, atol=1e-4)
    picture = found.of(x)
    assert picture.shape == (12, 10, 3)
    assert picture.min() == 0
    assert picture.max() == 1


def test_components_keep_their_signs_after_a_small_change() -> None:
    rng = np.random.default_rng(1)
    x = rng.gamma(1.0, size=(8, 20, 20)).astype(np.float32)
    x[3] *= 6
    x[5] *= 3
    one, other = (
        find_components([x]),
        find_components([x[:, ::-1] + rng.normal(0, 0.01, x.shape).astype("f")]),
    )
    assert ((one.axes * other.axes).sum(axis=1)[:2] > 0.9).all()


def test_components_of_a_constant_map_are_one_colour() -> None:
    picture = find_components([np.full((5, 3, 3), 2, np.float16)]).of(
        np.full((5, 3, 3), 2, np.float16)
    )
    assert np.ptp(picture) == 0


def test_the_spectrum_of_a_constant_is_its_middle() -> None:
    found = spectrum(np.full((4, 6), 0.5, np.float16))
    assert found[2, 3] == pytest.approx(np.log1p(12))
    found[2, 3] = 0
    np.testing.assert_allclose(found, 0, atol=1e-6)


def test_the_spectrum_of_a_wave_is_two_points() -> None:
    wave = np.cos(2 * np.pi * 2 * np.arange(16) / 16)
    found = spectrum(np.repeat(wave[None], 8, axis=0))
    assert sorted(zip(*np.nonzero(found > 1e-3), strict=True)) == [(4, 6), (4, 10)]
    assert found[4, 6] == pytest.approx(np.log1p(64), rel=1e-6)


def test_the_spectrum_of_many_channels_is_of_their_mean_magnitude() -> None:
    x = np.stack([np.full((4, 4), 1.0), np.full((4, 4), -3.0)])
    assert spectrum(x)[2, 2] == pytest.approx(np.log1p(32))
