"""Where did this come from? The offset field of exemplar synthesis as colours, and by pixel."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from inpaint_core.contract import InpaintResult
from inpaint_core.inspection.colour import Table, from_hue, srgb

_NEAR, _FAR = 0.90, 0.45
_CHROMA = 0.10


def source_of(result: InpaintResult, x: int, y: int) -> tuple[int, int] | None:
    """The photo's pixel (x, y) that the filled pixel (x, y) was copied from; None where nothing
    was copied, or where the result has no offsets.
    """
    offsets, rect = result.products.get("offsets"), result.rect
    if offsets is None or not (rect.x <= x < rect.right and rect.y <= y < rect.bottom):
        return None
    dy, dx = (int(v) for v in offsets[y - rect.y, x - rect.x])
    return None if (dy, dx) == (0, 0) else (x + dx, y + dy)


def farthest(offsets: NDArray[np.int32]) -> float:
    """The longest offset of a field (h, w, 2) in pixels: what `offset_colours` shows darkest."""
    return float(np.hypot(offsets[..., 0], offsets[..., 1]).max(initial=0))


def offset_colours(offsets: NDArray[np.int32], most: float | None = None) -> Table:
    """An offset field (h, w, 2) in the order dy, dx as (h, w, 4) uint8 sRGB with alpha.

    The hue is the direction in which the source lies, the lightness its distance: light is near,
    dark is ``most`` pixels (the field's own longest offset when None) or farther. Transparent
    where nothing was copied. Directions are hues of Oklab with equal lightness and chroma; no
    circle of hues is safe for every kind of colour vision, distances are.
    """
    dy, dx = (offsets[..., k].astype(np.float64) for k in (0, 1))
    length = np.hypot(dx, dy)
    longest = farthest(offsets) if most is None else most
    share = np.clip(length / longest, 0, 1) if longest > 0 else np.zeros_like(length)
    lab = from_hue(_NEAR - (_NEAR - _FAR) * share, _CHROMA, np.arctan2(dy, dx))
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
