"""Searching the photo for a region, by object and by colour.

A loop is tightened to the object in it by GrabCut (Rother, Kolmogorov and Blake, “GrabCut:
interactive foreground extraction using iterated graph cuts”, SIGGRAPH 2004) on a reduced image;
its border is then brought to the photo's edges.
"""

from __future__ import annotations

import math

import cv2
import numpy as np
from numpy.typing import NDArray

from app.document.shapes import rasterize_polygon
from inpaint_core.contract.arrays import Pixels
from inpaint_core.contract.geometry import Rect
from inpaint_core.photo.photo import as_pixels
from inpaint_core.raster.edge_refinement import refine_edge
from inpaint_core.selection.grey import to_eight_bits

_CUT_PIXELS = 160_000
"""The most pixels that GrabCut gets: about one second."""
_ITERATIONS = 4
_MARGIN = 0.2
"""Width of the surroundings from which GrabCut learns the background, relative to the loop."""


def snap_to_object(pixels: Pixels, loop: NDArray[np.floating]) -> tuple[Rect, NDArray[np.uint8]]:
    """The object inside ``loop`` (N, 2), points (x, y) as in `Stroke`.

    ``pixels`` (H, W, 3) uint8 or uint16. Returns the rectangle around the loop and the object's
    strength (h, w) 0 .. 255 in it, 0 outside the loop. It is all 0 if nothing in the loop stands
    out from its surroundings, and empty for a loop without an inside.
    """
    rect, inside = rasterize_polygon(loop, (pixels.shape[0], pixels.shape[1]))
    if rect.is_empty or not inside.any():
        return Rect(0, 0, 0, 0), np.zeros((0, 0), np.uint8)
    margin = max(8, round(_MARGIN * max(rect.w, rect.h)))
    around = rect.grow(margin).intersect(Rect.whole(pixels.shape))
    image = pixels[around.slices]
    frame = np.zeros(image.shape[:2], np.uint8)
    loop_rect = rect.translate(-around.x, -around.y)
    frame[loop_rect.slices] = inside

    scale = min(1.0, math.sqrt(_CUT_PIXELS / around.area))
    size = (max(round(around.w * scale), 2), max(round(around.h * scale), 2))
    small = to_eight_bits(as_pixels(cv2.resize(image, size, interpolation=cv2.INTER_AREA)))
    allowed = cv2.resize(frame, size, interpolation=cv2.INTER_AREA) >= 128
    foreground = _run_grabcut(small, np.asarray(allowed, np.bool_))
    if not foreground.any():
        return rect, np.zeros_like(inside)
    refined = refine_edge(foreground.astype(np.float32), small, image)
    return rect, np.minimum(refined[loop_rect.slices], inside)


def _run_grabcut(image: NDArray[np.uint8], allowed: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """The foreground that GrabCut finds inside ``allowed`` (h, w)."""
    if allowed.all() or np.count_nonzero(allowed) < 10 or np.count_nonzero(~allowed) < 10:
        return np.zeros_like(allowed)  # too few pixels to learn colours from
    labels = np.where(allowed, cv2.GC_PR_FGD, cv2.GC_BGD).astype(np.uint8)
    cv2.setRNGSeed(1)  # its first clusters are random: make the same loop give the same object
    background_model, foreground_model = np.zeros((1, 65)), np.zeros((1, 65))
    no_rect = (0, 0, 0, 0)  # the labels are used instead
    cv2.grabCut(
        image,
        labels,
        no_rect,
        background_model,
        foreground_model,
        _ITERATIONS,
        cv2.GC_INIT_WITH_MASK,
    )
    return np.isin(labels, (cv2.GC_PR_FGD, cv2.GC_FGD))


def select_by_colour(
    pixels: Pixels, x: int, y: int, tolerance: int, contiguous: bool = True
) -> tuple[Rect, NDArray[np.uint8]]:
    """Select pixels whose channels all differ by at most ``tolerance`` from those of pixel (x, y).

    ``pixels`` (H, W, 3) uint8 or uint16; ``tolerance`` 0 .. 255 in 8-bit steps at either depth.
    ``contiguous``: only those connected to it. Returns their bounding rectangle and their strength
    (h, w), 255 inside. Raises IndexError for a pixel outside the photo.
    """
    height, width = pixels.shape[:2]
    if not (0 <= x < width and 0 <= y < height):
        raise IndexError((x, y))
    reach = tolerance * (257 if pixels.dtype == np.uint16 else 1)
    seed = pixels[y, x].astype(np.int64)
    limit = np.iinfo(pixels.dtype).max
    low, high = np.clip(seed - reach, 0, limit), np.clip(seed + reach, 0, limit)
    similar = cv2.inRange(pixels, low.astype(np.float64), high.astype(np.float64))
    if not contiguous:
        rect = Rect.bounding(similar)
        return rect, np.ascontiguousarray(similar[rect.slices], np.uint8)
    # The flood fill marks pixels in a separate array, one pixel larger on each side.
    marks = np.zeros((height + 2, width + 2), np.uint8)
    flags = 4 | cv2.FLOODFILL_MASK_ONLY | (255 << 8)
    bounds = cv2.floodFill(similar, marks, (x, y), 0, flags=flags)[3]
    rect = Rect(*(int(number) for number in bounds))
    return rect, np.ascontiguousarray(marks[1:-1, 1:-1][rect.slices])
