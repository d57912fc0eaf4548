"""Mixing two pictures at the photo's own depth, exact where only one of them counts."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray


def mix_pixels(
    under: NDArray[Any],
    over: NDArray[Any],
    strength: NDArray[np.uint8],
    alphas: tuple[NDArray[Any], NDArray[Any]] | None = None,
) -> tuple[NDArray[Any], NDArray[Any] | None]:
    """``under`` (h, w, 3) uint8 or uint16 with ``over`` on it, as strong as ``strength`` (h, w)
    uint8 says, and the opacity of the mixture.

    ``alphas``: how opaque (h, w) both are, not premultiplied; None where both are opaque. What is
    less opaque has less weight in the colours. Where the strength is 0 or 255 the result is
    bit-identical to one of them; elsewhere it is rounded to nearest.
    """
    if alphas is None:
        return _mix(under, over, strength), None
    before, after = (alpha.astype(np.float32) for alpha in alphas)
    share = strength.astype(np.float32) * np.float32(1 / 255)
    part = share * after
    whole = part + (1 - share) * before
    weight = np.divide(part, whole, out=share.copy(), where=whole > 0)
    weight[strength == 0], weight[strength == 255] = 0, 1
    start = under.astype(np.float32)
    mixed = start + weight[..., np.newaxis] * (over.astype(np.float32) - start)
    return np.rint(mixed).astype(under.dtype), _mix(*alphas, strength)


def _mix(
    under: NDArray[Any], over: NDArray[Any], strength: NDArray[np.uint8]
) -> NDArray[np.unsignedinteger[Any]]:
    # The products of 8-bit values fit into 16 bits, with 127 added as well.
    wide: type[np.unsignedinteger[Any]] = np.uint16 if under.dtype == np.uint8 else np.uint32
    weight: NDArray[Any] = strength.astype(wide)
    if under.ndim == 3:
        weight = weight[..., np.newaxis]
    total: NDArray[Any] = under * (255 - weight) + over * weight
    mixed: NDArray[np.unsignedinteger[Any]] = ((total + 127) // 255).astype(under.dtype)
    return mixed
