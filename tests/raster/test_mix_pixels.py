"""Mixtures are exact at both ends, rounded between, and colours count as far as they are seen."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import DTypeLike

from inpaint_core.raster.mix_pixels import mix_pixels


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("has_alpha", [False, True])
def test_the_ends_are_bit_identical_and_the_rest_lies_between(
    dtype: DTypeLike, has_alpha: bool
) -> None:
    rng = np.random.default_rng(1)
    full = int(np.iinfo(np.dtype(dtype)).max)
    one, two = (rng.integers(0, full, (40, 50, 3), dtype, endpoint=True) for _ in range(2))
    opacities = [rng.integers(0, full, (40, 50), dtype, endpoint=True) for _ in range(2)]
    opacities[0][:5], opacities[1][:3] = 0, 0
    strength = rng.integers(0, 255, (40, 50), np.uint8, endpoint=True)
    strength[:, :10], strength[:, 10:20] = 0, 255
    alphas = (opacities[0], opacities[1]) if has_alpha else None
    pixels, alpha = mix_pixels(one, two, strength, alphas)
    assert pixels.dtype == dtype
    assert np.array_equal(pixels[:, :10], one[:, :10])
    assert np.array_equal(pixels[:, 10:20], two[:, 10:20])
    assert (pixels >= np.minimum(one, two)).all()
    assert (pixels <= np.maximum(one, two)).all()
    if alpha is None:
        share = strength[..., None] / 255
        exact = one * (1 - share) + two * share
        assert np.abs(pixels - exact).max() <= 0.5 + 1e-9
    else:
        assert np.array_equal(alpha[:, :10], opacities[0][:, :10])
        assert np.array_equal(alpha[:, 10:20], opacities[1][:, 10:20])


def test_what_cannot_be_seen_has_no_say_in_the_colours() -> None:
    red, blue = np.full((1, 1, 3), (200, 0, 0), np.uint8), np.full((1, 1, 3), (0, 0, 200), np.uint8)
    alphas = np.full((1, 1), 255, np.uint8), np.zeros((1, 1), np.uint8)
    pixels, alpha = mix_pixels(red, blue, np.full((1, 1), 128, np.uint8), alphas)
    assert pixels.tolist() == red.tolist()
    assert alpha is not None
    assert alpha.tolist() == [[127]]
