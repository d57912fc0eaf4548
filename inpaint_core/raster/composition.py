"""Putting a fill into the photo: the colour of the seam, the soft edge, the photo's own depth."""

from __future__ import annotations

import math

import cv2
import numpy as np
from numpy.typing import NDArray

from inpaint_core.contract.arrays import BoolMask, FloatImage, Pixels
from inpaint_core.contract.geometry import Rect
from inpaint_core.contract.request import Fill
from inpaint_core.raster.distance import measure_distance
from inpaint_core.raster.membrane import solve_membrane

_Plane = NDArray[np.float32]

# How far along the border a colour difference is averaged, in pixels: about a tenth of the hole's
# side. Less would follow the grain, more would miss a sky that gets lighter along the hole.
_BLUR_SHARE, _BLUR_LEAST, _BLUR_MOST = 0.1, 6.0, 32.0
_SMALLEST_EDGE = 0.02  # differences below this are colour errors, even if all others are smaller
_TRUST = 0.03  # share of the ring that must agree for a correction to count at least half


def to_float(photo: Pixels) -> FloatImage:
    """(h, w, ...) uint8 or uint16 as float32 in [0, 1]."""
    return photo.astype(np.float32) / np.float32(np.iinfo(photo.dtype).max)


def compose(photo: Pixels, alpha: NDArray[np.uint8], fill: FloatImage) -> Pixels:
    """``alpha * fill + (1 - alpha) * photo`` in the photo's depth, as a new array.

    ``photo`` (h, w, 3) uint8 or uint16, ``alpha`` (h, w) uint8, ``fill`` (h, w, 3) float32 in
    [0, 1]. Pixels with ``alpha == 0`` are bit-identical; the others are rounded to nearest.
    """
    return _blend(photo, alpha.astype(np.float32) / np.float32(255), fill)


def compose_transparent(
    photo: Pixels,
    opacity: Pixels,
    alpha: NDArray[np.uint8],
    fill: FloatImage,
    fill_opacity: NDArray[np.float32],
) -> tuple[Pixels, Pixels]:
    """As `compose`, of a photo with ``opacity`` (h, w) uint8 or uint16 and a fill with
    ``fill_opacity`` (h, w) in [0, 1]: the pixels and their opacity. What is less opaque has less
    weight in the mixture of the colours; what ends up invisible has the fill's.
    """
    strength = alpha.astype(np.float32) / np.float32(255)
    before = to_float(opacity)
    after = before + strength * (fill_opacity - before)
    share = np.divide(fill_opacity, after, out=np.ones_like(after), where=after > 0)
    weight = np.where((alpha > 0) & (after <= 0), 1, np.minimum(strength * share, 1))
    full = np.float32(np.iinfo(opacity.dtype).max)
    mixed = opacity.copy()
    mixed[alpha > 0] = np.rint(np.clip(after[alpha > 0], 0, 1) * full)
    return _blend(photo, np.asarray(weight, np.float32), fill), mixed


def _blend(photo: Pixels, weight: NDArray[np.float32], fill: FloatImage) -> Pixels:
    out = photo.copy()
    touched = weight > 0
    full = np.float32(np.iinfo(photo.dtype).max)
    new = np.clip(fill[touched], 0, 1) * full
    old = photo[touched].astype(np.float32)
    share = weight[touched][:, None]
    # Where nothing of the photo counts it must not round either: old + (new - old) is not new.
    out[touched] = np.rint(np.where(share == 1, new, old + share * (new - old))).astype(photo.dtype)
    return out


def level_colours(image: FloatImage, hole: BoolMask, fill: Fill) -> FloatImage:
    """The fill's image without its low-frequency colour error.

    In the ring of ``fill.overlap`` pixels around the hole the fill is the generator's own rendering
    of known pixels. Its difference from them is averaged along the ring, with little weight for
    large differences (edges that the fill continues differently, not colour errors), spread over
    the hole as the smoothest surface, and added; the grain is kept. ``image`` (h, w, 3) float32 in
    [0, 1]; ``hole`` (h, w) bool. Returns ``fill.image`` itself where there is no ring. Source:
    Pérez, Gangnet, Blake, "Poisson Image Editing" (SIGGRAPH 2003), equation 5, on blurred instead
    of raw differences.
    """
    if fill.overlap <= 0:
        return fill.image
    box = Rect.bounding(hole).grow(fill.overlap).intersect(Rect.whole(hole.shape))
    inside = hole[box.slices]
    ring = _find_near(inside, fill.overlap) & ~inside
    if not ring.any():
        return fill.image
    change = _spread_difference(image[box.slices] - fill.image[box.slices], ring, inside)
    out = fill.image.copy()
    out[box.slices][inside] += change[inside]
    return out


def _find_near(hole: BoolMask, pixels: int) -> BoolMask:
    near: BoolMask = measure_distance(~hole) <= pixels
    return near


def _spread_difference(difference: FloatImage, ring: BoolMask, hole: BoolMask) -> FloatImage:
    """The ring's differences, averaged along it and spread smoothly over the hole."""
    blur = _BLUR_SHARE * math.sqrt(np.count_nonzero(hole))
    blur = min(max(blur, _BLUR_LEAST), _BLUR_MOST)
    # A surface this smooth needs only one sample every third of its blur.
    step = 2 ** int(math.log2(blur / 3.0))
    weight = np.where(ring, weigh_differences(difference, ring), np.float32(0))
    share = _blur(_shrink(weight, step), blur / step)
    ring_share = _blur(_shrink(ring.astype(np.float32), step), blur / step)
    total = _blur(_shrink(difference * weight[..., None], step), blur / step)
    # Where almost nothing agrees, the correction goes to zero instead of to a guess.
    mean = total / (share + _TRUST * ring_share + np.float32(1e-6))[..., None]
    small_hole = _shrink(hole.astype(np.float32), step) > 0.999
    if small_hole.all():
        small_hole[ring_share == ring_share.max()] = False
    surface = solve_membrane(np.asarray(mean, np.float32), small_hole)
    size = (surface.shape[1] * step, surface.shape[0] * step)
    large = cv2.resize(surface, size, interpolation=cv2.INTER_LINEAR)
    return np.asarray(large, np.float32)[: hole.shape[0], : hole.shape[1]]


def weigh_differences(difference: FloatImage, ring: BoolMask) -> NDArray[np.float32]:
    """How much each ``difference`` (h, w, 3) counts, (h, w): near 1 for those that are usual in the
    ``ring`` (h, w) bool, falling steeply beyond, as edges are no colour errors.
    """
    size = np.abs(difference).max(axis=2)
    usual = max(2.0 * float(np.median(size[ring])), _SMALLEST_EDGE)
    weights: _Plane = 1.0 / (1.0 + (size / np.float32(usual)) ** 4)
    return weights


def _shrink(plane: NDArray[np.float32], step: int) -> NDArray[np.float32]:
    """The mean of each ``step`` x ``step`` block; the border is repeated to complete the last."""
    bottom, right = -plane.shape[0] % step, -plane.shape[1] % step
    even = cv2.copyMakeBorder(plane, 0, bottom, 0, right, cv2.BORDER_REPLICATE)
    size = (even.shape[1] // step, even.shape[0] // step)
    return np.asarray(cv2.resize(even, size, interpolation=cv2.INTER_AREA), np.float32)


def _blur(plane: NDArray[np.float32], sigma: float) -> NDArray[np.float32]:
    return np.asarray(
        cv2.GaussianBlur(plane, (0, 0), sigma, borderType=cv2.BORDER_REPLICATE), np.float32
    )
