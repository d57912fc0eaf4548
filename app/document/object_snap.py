"""A rough loop around an object, tightened to the object.

GrabCut (Rother, Kolmogorov and Blake, “GrabCut: interactive foreground extraction using iterated
graph cuts”, SIGGRAPH 2004) at a size that takes a second, its edge then brought to the photo's
own pixels by a guided filter (He, Sun and Tang, “Guided image filtering”, TPAMI 2013; computed
small and applied large as in He and Sun, “Fast guided filter”, 2015).
"""

from __future__ import annotations

import math

import cv2
import numpy as np
from numpy.typing import NDArray

from app.document.shapes import polygon
from inpaint_core.contract.arrays import FloatImage, Pixels
from inpaint_core.contract.geometry import Rect

_CUT_PIXELS = 160_000
"""What GrabCut sees at most: a second's work."""
_ROUNDS = 4
_STRIP = 512
_MARGIN = 0.2
"""How much of the surroundings GrabCut learns the background from, in parts of the loop's size."""
_SMOOTHNESS = 1e-3
"""Variance of brightness (0 .. 1) from which on the guided filter keeps an edge."""


def snap(pixels: Pixels, loop: NDArray[np.floating]) -> tuple[Rect, NDArray[np.uint8]]:
    """The object inside ``loop`` (N, 2), points (x, y) as in `Stroke`.

    ``pixels`` (H, W, 3) uint8 or uint16. Returns the rectangle around the loop and the object's
    strength (h, w) 0 .. 255 in it, never outside of the loop. It is all 0 where nothing in the
    loop stands out from its surroundings, and empty for a loop without an inside.
    """
    rect, inside = polygon(loop, (pixels.shape[0], pixels.shape[1]))
    if rect.empty or not inside.any():
        return Rect(0, 0, 0, 0), np.zeros((0, 0), np.uint8)
    margin = max(8, round(_MARGIN * max(rect.w, rect.h)))
    around = rect.grow(margin).intersect(Rect.whole(pixels.shape))
    seen = pixels[around.slices]
    if seen.dtype == np.uint16:
        seen = (seen >> 8).astype(np.uint8)
    frame = np.zeros(seen.shape[:2], np.uint8)
    place = rect.translate(-around.x, -around.y)
    frame[place.slices] = inside

    scale = min(1.0, math.sqrt(_CUT_PIXELS / around.area))
    size = (max(round(around.w * scale), 2), max(round(around.h * scale), 2))
    small = cv2.resize(seen, size, interpolation=cv2.INTER_AREA)
    allowed = cv2.resize(frame, size, interpolation=cv2.INTER_AREA) >= 128
    cut = _cut(np.asarray(small, np.uint8), np.asarray(allowed, np.bool_))
    if not cut.any():
        return rect, np.zeros_like(inside)
    refined = _refined(cut, np.asarray(small, np.uint8), np.asarray(seen, np.uint8))
    return rect, np.minimum(refined[place.slices], inside)


def _cut(image: NDArray[np.uint8], allowed: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """The foreground that GrabCut finds where ``allowed`` (h, w)."""
    if allowed.all() or np.count_nonzero(allowed) < 10 or np.count_nonzero(~allowed) < 10:
        return np.zeros_like(allowed)  # no colours to tell apart
    labels = np.where(allowed, cv2.GC_PR_FGD, cv2.GC_BGD).astype(np.uint8)
    cv2.setRNGSeed(1)  # its first clusters are drawn at random: the same loop, the same object
    behind, before = np.zeros((1, 65)), np.zeros((1, 65))
    nowhere = (0, 0, 0, 0)  # the labels say where to look
    cv2.grabCut(image, labels, nowhere, behind, before, _ROUNDS, cv2.GC_INIT_WITH_MASK)
    return np.isin(labels, (cv2.GC_PR_FGD, cv2.GC_FGD))


def _refined(
    cut: NDArray[np.bool_], small: NDArray[np.uint8], seen: NDArray[np.uint8]
) -> NDArray[np.uint8]:
    """The strength (H, W) 0 .. 255 at the size of ``seen``, at edges linear in its brightness."""
    guide = _brightness(small)
    target = cut.astype(np.float32)
    box = (9, 9)
    mean, level = cv2.blur(guide, box), cv2.blur(target, box)
    variance = cv2.blur(guide * guide, box) - mean * mean
    covariance = cv2.blur(guide * target, box) - mean * level
    slope = covariance / (variance + np.float32(_SMOOTHNESS))
    offset = level - slope * mean
    fields = [np.asarray(cv2.blur(field, box), np.float32) for field in (slope, offset)]
    out = np.empty(seen.shape[:2], np.uint8)
    # In strips: whole photos of 32-bit numbers would take a gigabyte for a loop around one.
    for start in range(0, seen.shape[0], _STRIP):
        part = seen[start : start + _STRIP]
        steep, base = (_enlarged(field, seen.shape, start, len(part)) for field in fields)
        strength = steep * _brightness(part) + base
        # Twice as steep: the filter's edge is a little wider than the photo's.
        out[start : start + _STRIP] = np.clip(strength * 510 - 127, 0, 255)
    return out


def _enlarged(small: FloatImage, shape: tuple[int, ...], start: int, rows: int) -> FloatImage:
    """``rows`` rows from ``start`` on of ``small`` (h, w), enlarged to ``shape`` (H, W, ..)."""
    down, across = small.shape[0] / shape[0], small.shape[1] / shape[1]
    # Where a pixel's centre lies in the small image.
    place = np.array([[across, 0, across / 2 - 0.5], [0, down, (start + 0.5) * down - 0.5]])
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    size = (shape[1], rows)
    enlarged = cv2.warpAffine(small, place, size, flags=flags, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(enlarged, np.float32)


def _brightness(image: NDArray[np.uint8]) -> FloatImage:
    grey = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)
    return np.asarray(grey, np.float32) * np.float32(1 / 255)
