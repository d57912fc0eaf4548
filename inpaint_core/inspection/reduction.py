"""Reduces a feature map of many channels to one that can be shown.

``features`` is always (C, h, w) of any float type; results are float32.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from inpaint_core.contract.arrays import BoolMask, FloatImage

Features = NDArray[np.floating[Any]]
Plane = NDArray[np.float32]
Reduction = Literal["mean", "max", "norm", "entropy", "channel"]
ChannelOrder = Literal["energy", "hole", "name"]

_ENOUGH = 1 << 14
"""Pixels from which components are computed: more make no visible difference."""


def reduce_channels(features: Features, how: Reduction, channel: int = 0) -> Plane:
    """One value per pixel, (h, w): the mean, maximum or L2 norm of its channels, their `entropy`,
    or a single ``channel``.

    Raises IndexError for a channel that does not exist.
    """
    if how == "channel":
        return np.asarray(features[channel], np.float32)
    if how == "entropy":
        return entropy(features)
    values = features.astype(np.float32)
    if how == "mean":
        return np.asarray(values.mean(axis=0), np.float32)
    if how == "max":
        return np.asarray(values.max(axis=0), np.float32)
    # The square of float16's largest number fits into float32, and so does a sum of thousands.
    return np.asarray(np.sqrt(np.einsum("chw,chw->hw", values, values)), np.float32)


def entropy(features: Features) -> Plane:
    """How evenly each pixel's activity is spread over its channels, (h, w), in bits.

    H = -sum_c p_c log2 p_c with p_c = |x_c| / sum_k |x_k|: 0 where a single channel is active (or
    none), log2 C where all are equally active. A map's scale does not matter, so layers can be
    compared. Source: the channel-dimension entropy of the TSGL paper's figures 11 and 17; the
    distribution p is ours.
    """
    loud = np.abs(features.astype(np.float32))
    total = loud.sum(axis=0)
    share = np.divide(loud, total, out=np.zeros_like(loud), where=total > 0)
    logs = np.log2(share, out=np.zeros_like(share), where=share > 0)
    return np.asarray(np.maximum(-(share * logs).sum(axis=0), 0), np.float32)


@dataclass(frozen=True, eq=False)
class ComponentColours:
    """The first three principal components of a map's pixels.

    ``centre`` (C,), ``axes`` (3, C) orthonormal (rows of zeros if there are fewer than three
    components), ``low`` and ``high`` (3,): the values mapped to 0 and 1.
    """

    centre: NDArray[np.float32]
    axes: NDArray[np.float32]
    low: NDArray[np.float32]
    high: NDArray[np.float32]

    def of(self, features: Features) -> FloatImage:
        """Red, green, blue (h, w, 3) in [0, 1]: the first, second and third component."""
        channels, h, w = features.shape
        flat = features.reshape(channels, -1).astype(np.float32)
        flat -= self.centre[:, None]
        at = np.ascontiguousarray(_product(self.axes, flat).T)
        span = np.where(self.high > self.low, self.high - self.low, np.float32(1))
        return np.clip((at - self.low) / span, 0, 1).reshape(h, w, 3).astype(np.float32)


def find_components(maps: Sequence[Features]) -> ComponentColours:
    """The principal components of the pixels of ``maps``, (C, h, w) each with the same C: of all
    pixels, or of every n-th if there are very many.

    Each component's sign makes the sum of its cubed loadings positive, so that the same structure
    keeps its colours after a small change. Raises ValueError for no maps.
    """
    if not maps:
        raise ValueError("no map to find components of")
    pixels = sum(m.shape[1] * m.shape[2] for m in maps)
    # An odd step visits every column of maps whose width is a power of two.
    step = 1 if pixels <= _ENOUGH else -(-pixels // _ENOUGH) | 1
    parts = [m.reshape(m.shape[0], -1)[:, ::step].astype(np.float64) for m in maps]
    flat = np.concatenate(parts, axis=1)
    centre = flat.mean(axis=1)
    apart = flat - centre[:, None]
    _, values, vectors = cv2.eigen(cv2.mulTransposed(apart, False))
    axes = np.zeros((3, len(centre)))
    for row, (value, axis) in enumerate(zip(values[:3, 0], vectors[:3], strict=True)):
        if value > values[0, 0] * 1e-12 > 0:
            axes[row] = axis if (axis**3).sum() >= 0 else -axis
    low, high = np.percentile(_product(axes, apart), (1, 99), axis=1)
    return ComponentColours(*(np.asarray(a, np.float32) for a in (centre, axes, low, high)))


def _product(one: NDArray[Any], other: NDArray[Any]) -> NDArray[Any]:
    """The matrix product by OpenCV: on a busy machine such small products took thirty times as long
    in NumPy, as the threads of its BLAS wait for each other.
    """
    nothing = np.empty((0, 0), one.dtype)
    return np.asarray(cv2.gemm(one, other, 1, nothing, 0))


def order_channels(
    features: Features, by: ChannelOrder, inside: BoolMask | None = None
) -> list[int]:
    """The channels by ``energy`` (mean square, largest first), by ``name`` (number), or by
    ``hole``: the mean absolute value ``inside`` (h, w) minus that outside, divided by their sum,
    largest first.

    Raises ValueError for the order "hole" without ``inside``.
    """
    count = features.shape[0]
    if by == "name":
        return list(range(count))
    values = features.astype(np.float32)
    if by == "energy":
        key = np.square(values).mean(axis=(1, 2))
    else:
        if inside is None:
            raise ValueError("where is the hole?")
        loud = np.abs(values)
        key = np.zeros(count, np.float32)
        if inside.any() and not inside.all():
            within, without = loud[:, inside].mean(axis=1), loud[:, ~inside].mean(axis=1)
            both = within + without
            np.divide(within - without, both, out=key, where=both > 0)
    return [int(k) for k in np.argsort(-key, kind="stable")]
