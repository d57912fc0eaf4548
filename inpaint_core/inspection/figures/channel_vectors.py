"""Maps as vectors of one entry per channel, and what the TSGL paper compares and shows of them.

Source: TSGL, section III-B, its footnote 4 and the captions of figures 3, 9, 10 and 12: each map
becomes a vector with as many dimensions as it has channels, so layers of different sizes compare,
and the Kullback-Leibler divergence of two such vectors says how much was lost from layer to layer.
The paper does not say how positions are pooled, how the vector becomes a distribution, which of the
two comes first, where the high-pass filter cuts off, or the logarithm's base; these are ours.
"""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from inpaint_core.inspection.reduction import Features

Vector = NDArray[np.float64]
Maps = NDArray[np.float32]

CUT_OFF = 0.25
"""The high-pass filter's cut-off as a share of the highest frequency, in each direction."""

_NEVER_ZERO = 1e-8
"""The share of a uniform distribution mixed in, as a divergence from 0 is infinite."""


def channel_shares(features: Features) -> Vector:
    """The share of each channel of a map (C, h, w) in its activity, (C,), with sum 1.

    v_c is the mean over positions of |x_c|, divided by the sum of all. Plain means would not do:
    those of a high-pass or of a residual are 0.
    """
    loud = np.abs(features, dtype=np.float32).mean(axis=(1, 2), dtype=np.float64)
    total, even = loud.sum(), np.full(len(loud), 1 / len(loud))
    share = loud / total if total > 0 else even
    return np.asarray((1 - _NEVER_ZERO) * share + _NEVER_ZERO * even)


def channel_divergence(earlier: Features, later: Features) -> float:
    """The loss from one layer to the next: D(v(earlier) || v(later)) in nats, never negative.

    Both are (C, any size). Raises ValueError for different numbers of channels.
    """
    if len(earlier) != len(later):
        raise ValueError(f"{len(earlier)} channels against {len(later)}")
    p, q = channel_shares(earlier), channel_shares(later)
    return max(float((p * np.log(p / q)).sum()), 0.0)


def high_pass(features: Features) -> Maps:
    """A map (C, h, w) without its low frequencies: the paper's “global structure” of a texture map.

    An ideal filter: frequencies below `CUT_OFF` of the highest one are removed in the square around
    the spectrum's middle, so the mean of each channel is 0.
    """
    height, width = features.shape[1:]
    low = np.abs(np.fft.fftfreq(height))[:, None] < CUT_OFF / 2
    low = low & (np.abs(np.fft.rfftfreq(width))[None] < CUT_OFF / 2)
    out = np.empty(features.shape, np.float32)
    for channel, plane in enumerate(features):  # one at a time: all would be gigabytes
        frequencies = np.fft.rfft2(plane.astype(np.float32))
        frequencies[low] = 0
        out[channel] = np.fft.irfft2(frequencies, s=(height, width))
    return out


def lost_by_halving(previous: Features, current: Features) -> Maps:
    """The paper's “local residual”: ``previous`` (C, 2h, 2w) minus ``current`` (C, h, w) enlarged
    by repeating its pixels. Of a pair of layers, what of the first the second no longer holds.

    Raises ValueError for other sizes.
    """
    if previous.shape != (len(current), 2 * current.shape[1], 2 * current.shape[2]):
        raise ValueError(f"{previous.shape} is not twice {current.shape}")
    large = current.astype(np.float32).repeat(2, axis=1).repeat(2, axis=2)
    return np.asarray(previous.astype(np.float32) - large)


def lost_within(features: Features) -> Maps:
    """`lost_by_halving` of a single map (C, h, w) of even sides: itself minus its own means over
    2 x 2 pixels. For maps whose neighbours have other numbers of channels.
    """
    height, width = features.shape[1:]
    blocks: NDArray[Any] = features.astype(np.float32).reshape(-1, height // 2, 2, width // 2, 2)
    return lost_by_halving(features, blocks.mean(axis=(2, 4)))


def reduce_twice(plane: Maps) -> Maps:
    """A map (h, w) at half of its size: means over 2 x 2 pixels, as far as it has them."""
    height, width = plane.shape
    size = (max(width // 2, 1), max(height // 2, 1))
    return np.asarray(cv2.resize(plane, size, interpolation=cv2.INTER_AREA), np.float32)
