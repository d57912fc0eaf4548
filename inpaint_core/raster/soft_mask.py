"""From a painted mask to the strength with which the fill replaces the photo."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from inpaint_core.contract.geometry import Rect
from inpaint_core.raster.distance import measure_distance

_BLOCK_SIDE = 1024

PATCH_SIDE = 7
"""Pixels that a known part must measure each way to be worth copying from."""
MOST_SWALLOWED = 0.6
"""A fade over more than this share of its pixels on thin known parts is made narrower. Around one
hole nothing of it is, on a mesh almost all."""


@dataclass(frozen=True, eq=False)
class SoftMask:
    """The strength with which the fill replaces each pixel of the photo.

    ``strength`` (h, w) uint8 covers ``rect`` of the photo: 0 = the photo's pixel .. 255 = the
    fill's; outside ``rect`` it is 0. ``rect`` is the bounding rectangle of ``strength > 0``, which
    is what generators fill.
    """

    rect: Rect
    strength: NDArray[np.uint8]

    def over(self, rect: Rect) -> NDArray[np.uint8]:
        """The strength over any rectangle of the photo: a new (h, w) uint8 array."""
        out = np.zeros((rect.h, rect.w), np.uint8)
        common = rect.intersect(self.rect)
        if not common.is_empty:
            out[common.translate(-rect.x, -rect.y).slices] = self.strength[
                common.translate(-self.rect.x, -self.rect.y).slices
            ]
        return out


def soften(
    mask: NDArray[np.uint8], grow: int, feather: float, block_side: int = _BLOCK_SIDE
) -> SoftMask:
    """The painted mask, grown and feathered.

    ``mask`` (H, W) uint8, 0 keep .. 255 fill. First every value spreads over the disc of ``grow``
    pixels around it (a negative ``grow`` shrinks: the lowest within the disc wins; the photo's
    border counts as painted). Then the parts at full strength fade outwards: the strength falls
    linearly from 255 to 0 over ``feather`` pixels. Painted soft edges keep their strength where it
    is higher.

    Distances are computed in blocks of ``block_side`` pixels, which do not show in the result: a
    few spots on a 100 MP photo need no whole-photo float arrays, and blocks without a spot cost
    nothing.
    """
    painted = Rect.bounding(mask)
    whole = Rect.whole(mask.shape)
    if painted.is_empty:
        return SoftMask(Rect(0, 0, 0, 0), np.zeros((0, 0), np.uint8))
    reach = abs(grow) + math.ceil(feather) + 1
    outer = painted.grow(reach).intersect(whole)
    strength = np.zeros((outer.h, outer.w), np.uint8)
    for block in _split_into_blocks(outer, block_side):
        near = block.grow(reach).intersect(whole)
        held = Rect.bounding(mask[near.slices]).translate(near.x, near.y)
        if held.is_empty:
            continue
        # A spot in a large block is not worth the distances of the whole block.
        near = held.grow(reach).intersect(near)
        inside = near.intersect(block)
        soft = _feather(_grow(mask[near.slices], grow), feather)
        strength[inside.translate(-outer.x, -outer.y).slices] = soft[
            inside.translate(-near.x, -near.y).slices
        ]
    tight = Rect.bounding(strength)
    if tight.is_empty:
        return SoftMask(tight, np.zeros((0, 0), np.uint8))
    return SoftMask(tight.translate(outer.x, outer.y), strength[tight.slices].copy())


def soften_sparing(
    mask: NDArray[np.uint8], grow: int, feather: float
) -> tuple[SoftMask, int, float]:
    """`soften` with as much of ``feather`` as the known parts of the photo bear.

    Where most of the fade would lie on parts between holes that are too thin to keep a patch of
    `PATCH_SIDE` beside it, ``feather`` is halved until that is not so or it is 0. Only if no pixel
    is left at all, ``grow`` is halved, too. Returns the mask, and what was used of both.
    """
    whole = Rect.whole(mask.shape)
    soft = soften(mask, grow, feather)
    while grow > 0 and soft.rect == whole and soft.strength.all() and _covers_all(mask, grow):
        grow //= 2
        soft = soften(mask, grow, feather)
    sharp = soften(mask, grow, 0) if feather > 0 else soft
    while feather > 0 and _measure_swallowed(soft, sharp, mask.shape, feather) > MOST_SWALLOWED:
        feather = feather / 2 if feather >= 2 else 0.0
        soft = soften(mask, grow, feather)
    return soft, grow, feather


def _covers_all(mask: NDArray[np.uint8], grow: int) -> bool:
    grown = soften(mask, grow, 0)
    return grown.rect == Rect.whole(mask.shape) and bool(grown.strength.all())


def _measure_swallowed(
    mask: SoftMask, sharp: SoftMask, shape: tuple[int, ...], feather: float
) -> float:
    """The share of the fade, 0 < strength < 255 where the ``sharp`` mask is 0, from which no known
    patch is near. Soft edges that were painted are none of it.
    """
    reach = math.ceil(feather) + 2
    step = max(1, reach // 8)
    patch = np.ones((PATCH_SIDE, PATCH_SIDE), np.uint8)
    around = np.ones((2 * (reach // step) + 3,) * 2, np.uint8)
    fade, swallowed = 0.0, 0.0
    for block in _split_into_blocks(mask.rect, _BLOCK_SIDE):
        held = Rect.bounding(mask.over(block)).translate(block.x, block.y)
        if held.is_empty:
            continue
        near = held.grow(reach + PATCH_SIDE).intersect(Rect.whole(shape))
        strength = mask.over(near)
        soft = np.zeros_like(strength)
        inside = held.translate(-near.x, -near.y).slices
        soft[inside] = cv2.inRange(strength[inside], 1, 254) // 255
        soft[sharp.over(near) > 0] = 0
        if not soft.any():
            continue
        known = (strength == 0).astype(np.uint8)
        patches = np.asarray(cv2.morphologyEx(known, cv2.MORPH_OPEN, patch), np.uint8)
        reached = cv2.dilate((_mean_blocks(patches, step) > 0).astype(np.uint8), around) > 0
        share = _mean_blocks(soft, step)
        fade += float(share.sum())
        swallowed += float(share[~reached].sum())
    return swallowed / fade if fade else 0.0


def _mean_blocks(mask: NDArray[np.uint8], step: int) -> NDArray[Any]:
    if step == 1:
        return mask
    height, width = mask.shape
    size = (-(-width // step), -(-height // step))
    return np.asarray(cv2.resize(mask.astype(np.float32), size, interpolation=cv2.INTER_AREA))


def _split_into_blocks(rect: Rect, side: int) -> Iterator[Rect]:
    for y in range(rect.y, rect.bottom, side):
        for x in range(rect.x, rect.right, side):
            yield Rect(x, y, side, side).intersect(rect)


def _grow(mask: NDArray[np.uint8], pixels: int) -> NDArray[np.uint8]:
    """The highest strength within a disc (or, when negative, the lowest)."""
    if pixels == 0:
        return mask
    if np.all((mask == 0) | (mask == 255)):
        # The distance transform takes the same time for any radius.
        if pixels > 0:
            return _to_strength(_measure_distance_to(mask == 255) <= pixels)
        return _to_strength(_measure_distance_to(mask == 0) > -pixels)
    radius = abs(pixels)
    y, x = np.ogrid[-radius : radius + 1, -radius : radius + 1]
    disc = (x * x + y * y <= radius * radius).astype(np.uint8)
    change = cv2.dilate if pixels > 0 else cv2.erode
    return np.asarray(change(mask, disc), np.uint8)


def measure_thickness(hole: NDArray[np.bool_]) -> float:
    """Twice the greatest distance, in pixels, from a hole pixel to a known one or the border."""
    padded = np.pad(hole.astype(np.uint8), 1)
    return 2 * float(cv2.distanceTransform(padded, cv2.DIST_L2, cv2.DIST_MASK_3).max())


def _feather(mask: NDArray[np.uint8], feather: float) -> NDArray[np.uint8]:
    """The mask with a linear falloff around the parts at full strength."""
    full = mask == 255
    if feather <= 0 or not full.any():
        return mask
    # The first pixel outside is at distance 1; at distance feather + 1 the strength is 0.
    fall = np.clip(255.0 * (1.0 - _measure_distance_to(full) / (feather + 1.0)), 0.0, 255.0)
    faded: NDArray[np.uint8] = np.maximum(mask, np.rint(fall).astype(np.uint8))
    return faded


def _measure_distance_to(goal: NDArray[np.bool_]) -> NDArray[np.float32]:
    """Euclidean distance in pixels to the nearest True; 1e9 when there is none."""
    if not goal.any():
        return np.full(goal.shape, np.float32(1e9))
    return measure_distance(~goal)


def _to_strength(inside: NDArray[np.bool_]) -> NDArray[np.uint8]:
    return inside.astype(np.uint8) * np.uint8(255)
