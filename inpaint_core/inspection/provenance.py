"""Where did this come from? The offset field of exemplar synthesis as colours, and by pixel."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from inpaint_core.contract.request import InpaintResult
from inpaint_core.inspection.colour_maps import Table, srgb

_MIDDLE, _RISE = 0.65, 0.18  # Oklab's lightness of no offset, and what the way up adds to it
_WIDE, _HIGH, _RIGHT = 0.14, 0.05, 66  # chroma to the right and up, hue to the right in degrees


def source_of(result: InpaintResult, x: int, y: int) -> tuple[int, int] | None:
    """The photo's pixel (x, y) that the filled pixel (x, y) was copied from; None where nothing
    was copied, or where the result has no offsets.
    """
    offsets, rect = result.products.get("offsets"), result.rect
    if offsets is None or not (rect.x <= x < rect.right and rect.y <= y < rect.bottom):
        return None
    dy, dx = (int(v) for v in offsets[y - rect.y, x - rect.x])
    return None if (dy, dx) == (0, 0) else (x + dx, y + dy)


def reach(offsets: NDArray[np.int32]) -> float:
    """The length in pixels that nineteen of twenty offsets of a field (h, w, 2) do not exceed: a
    few far ones must not leave all others grey. It is at the rim of `wheel`; 0 without offsets.
    """
    length = np.hypot(offsets[..., 0], offsets[..., 1])
    copied = length[length > 0]
    return float(np.percentile(copied, 95, method="higher")) if copied.size else 0.0


def offset_colours(offsets: NDArray[np.int32], most: float | None = None) -> Table:
    """An offset field (h, w, 2) in the order dy, dx as (h, w, 4) uint8 sRGB with alpha.

    An offset is a place in a disc of Oklab around a neutral grey, as far from it as the source is
    away; ``most`` pixels (the field's own `reach` when None) and more are at the rim. To the
    right lies orange, to the left blue, above light, below dark, so that the rim is a circle of
    hues in nearly even steps. Two such directions are left to eyes that lack one kind of cones, so
    they too tell all directions apart, which no circle of hues of one lightness allows.
    Transparent where nothing was copied.
    """
    dy, dx = (offsets[..., k].astype(np.float64) for k in (0, 1))
    length = np.hypot(dx, dy)
    longest = reach(offsets) if most is None else most
    scale = 1 / np.maximum(length, longest if longest > 0 else 1.0)  # beyond the rim: on it
    right, up = dx * scale, -dy * scale
    angle = np.deg2rad(_RIGHT)
    a = _WIDE * right * np.cos(angle) - _HIGH * up * np.sin(angle)
    b = _WIDE * right * np.sin(angle) + _HIGH * up * np.cos(angle)
    lab = np.stack([_MIDDLE + _RISE * up, a, b], axis=-1)
    alpha = np.where(length > 0, 255, 0).astype(np.uint8)
    return np.dstack([srgb(lab), alpha])


def wheel(side: int) -> Table:
    """The key to `offset_colours`: (side, side, 4), each pixel in the colour of an offset from the
    middle to it, the longest at the rim.
    """
    at = np.arange(side) - side // 2
    field = np.stack(np.meshgrid(at, at, indexing="ij"), axis=-1).astype(np.int32)
    out = offset_colours(field, side / 2)
    out[np.hypot(field[..., 0], field[..., 1]) > side / 2] = 0
    return out
