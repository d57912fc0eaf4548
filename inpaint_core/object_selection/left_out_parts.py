"""Finds what a rough mask leaves out of the object that it lies on, as the object network sees it.

The network gets the mask as the region before, and clicks in its middle. What it takes beyond the
mask is a part that was left out if its outline is much sharper than the mask's border to it.
"""

from __future__ import annotations

import math

import cv2
import numpy as np
from numpy.typing import NDArray

from inpaint_core.contract.arrays import BoolMask, Pixels
from inpaint_core.contract.geometry import Rect
from inpaint_core.contract.progress import Progress
from inpaint_core.object_selection.network import ObjectNetwork
from inpaint_core.object_selection.object_finder import ObjectFinder
from inpaint_core.object_selection.pointing import Click, Pointing
from inpaint_core.selection.cut_objects import measure_steps
from inpaint_core.selection.grey import shrink
from inpaint_core.selection.mark import Mark, cut_to_mark

_PIXELS = 150_000  # looked at
_MOST_PARTS = 6  # of the mask are looked at, the largest ones
_LEAST_SIDE = 24  # pixels of a mask that is looked at
_AROUND = 0.35  # of the mask's longer side: what is seen around it
_BAND = 0.2  # the same: how far the object may go on
_CLICKS = 3
_BELIEVED = 0.9  # the probability that the mask stands for
_AGREE = 0.5  # of the mask and the object together: they must share so much
_THIN = 0.012  # of the mask's longer side: thinner rims are none of the parts
_LEAST_AREA, _LEAST_NOTICED = 0.012, 0.05  # of the mask's
_EDGE, _SHARPER = 15.0, 2.5  # levels across an outline, and times those across the mask's border


def find_left_out_parts(
    pixels: Pixels,
    mask: NDArray[np.uint8],
    network: ObjectNetwork,
    is_asked: bool,
    progress: Progress | None = None,
) -> list[Mark]:
    """What each connected part of ``mask`` (H, W) 0 .. 255 leaves out of the object under it.

    ``pixels`` (H, W, 3) uint8 or uint16. ``is_asked``: the mask is known to be rough, so that what
    is less clear counts, too. Raises `Cancelled`.
    """
    progress = progress or Progress()
    whole = Rect.whole(mask.shape)
    bounds = Rect.bounding(mask)
    if bounds.is_empty:
        return []
    finder = ObjectFinder(pixels, network)
    part = (mask[bounds.slices] > 127).astype(np.uint8)
    _, labels, stats, _ = cv2.connectedComponentsWithStats(part, connectivity=8)
    order = np.argsort(-stats[1:, cv2.CC_STAT_AREA], kind="stable") + 1
    found = []
    for label in order[:_MOST_PARTS]:
        progress.check()
        x, y, w, h = (int(value) for value in stats[label, :4])
        if min(w, h) < _LEAST_SIDE:
            continue
        around = Rect(x + bounds.x, y + bounds.y, w, h).grow(round(_AROUND * max(w, h)))
        around = around.intersect(whole)
        own = np.zeros((around.h, around.w), np.uint8)
        inner = bounds.intersect(around)
        own[inner.translate(-around.x, -around.y).slices] = 255 * (
            labels[inner.translate(-bounds.x, -bounds.y).slices] == label
        ).astype(np.uint8)
        mark = _complete(finder, pixels, mask, own, around, is_asked)
        if mark is not None:
            found.append(mark)
    return found


def _complete(
    finder: ObjectFinder,
    pixels: Pixels,
    mask: NDArray[np.uint8],
    own: NDArray[np.uint8],
    around: Rect,
    is_asked: bool,
) -> Mark | None:
    """What the part ``own`` (h, w) of the mask in ``around`` leaves out."""
    small, scale = shrink(pixels[around.slices], _PIXELS)
    size = (small.shape[1], small.shape[0])
    share = cv2.resize(own, size, interpolation=cv2.INTER_AREA)
    masked = share > 127
    clicks = tuple(
        Click(around.x + x / scale, around.y + y / scale) for x, y in _list_middles(masked)
    )
    before = np.asarray(share, np.float32) * np.float32(_BELIEVED / 255)
    found = finder.find_in_view(around, Pointing(clicks), before)
    if found is None:
        return None
    rect, strength = finder.refine(found)
    object_ = np.zeros((around.h, around.w), np.uint8)
    object_[rect.translate(-around.x, -around.y).slices] = strength
    seen = cv2.resize(object_, size, interpolation=cv2.INTER_AREA) > 127
    other = cv2.resize(mask[around.slices], size, interpolation=cv2.INTER_AREA) > 127
    both = float(np.count_nonzero(seen & masked)) / float(np.count_nonzero(seen | masked) or 1)
    if both < _AGREE:
        return None
    left = _find_left(seen, masked, other & ~masked, small, is_asked)
    if not left.any():
        return None
    grown = cv2.dilate(left.astype(np.uint8) * 255, np.ones((5, 5), np.uint8))
    allowed = cv2.resize(grown, (around.w, around.h), interpolation=cv2.INTER_LINEAR)
    added = np.where((allowed > 127) & (mask[around.slices] <= 127), object_, 0).astype(np.uint8)
    return cut_to_mark(added, around, both)


def _find_left(
    seen: BoolMask, masked: BoolMask, other: BoolMask, small: NDArray[np.uint8], is_asked: bool
) -> BoolMask:
    """What of the object ``seen`` (h, w) the part ``masked`` leaves out, and no ``other`` has."""
    box = Rect.bounding(masked)
    side = max(box.w, box.h)
    away = cv2.distanceTransform((~masked).astype(np.uint8), cv2.DIST_L2, 5)
    beyond = seen & ~masked & ~other & (away <= _BAND * side)
    reach = max(1, round(_THIN * side))
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * reach + 1,) * 2)
    thick = cv2.morphologyEx(beyond.astype(np.uint8), cv2.MORPH_OPEN, disc)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(thick, connectivity=4)
    area = np.count_nonzero(masked)
    blurred = np.asarray(cv2.GaussianBlur(small, (0, 0), 1.0), np.float32)
    out = np.zeros_like(masked)
    for label in range(1, count):
        region: BoolMask = labels == label
        share = stats[label, cv2.CC_STAT_AREA] / area
        least = _LEAST_AREA if is_asked else _LEAST_NOTICED
        if share >= least and (is_asked or _is_clear(region, masked, blurred)):
            out |= region
    return out


def _is_clear(region: BoolMask, masked: BoolMask, colours: NDArray[np.float32]) -> bool:
    """Whether ``region`` (h, w) ends on an edge, and no such edge lies between it and the mask."""
    grown = cv2.dilate(region.astype(np.uint8), np.ones((5, 5), np.uint8)) > 0
    contact = grown & masked
    contact &= cv2.erode(masked.astype(np.uint8), np.ones((3, 3), np.uint8)) == 0
    outline = region & (cv2.erode(region.astype(np.uint8), np.ones((3, 3), np.uint8)) == 0)
    outline &= cv2.dilate(contact.astype(np.uint8), np.ones((5, 5), np.uint8)) == 0
    inner = measure_steps(contact, masked, colours)
    outer = measure_steps(outline, region | masked, colours)
    if len(inner) < 6 or len(outer) < 8:
        return False
    edge = float(np.median(outer))
    return edge > _EDGE and edge > _SHARPER * float(np.median(inner))


def _list_middles(masked: BoolMask) -> list[tuple[float, float]]:
    """Some points (x, y) deep in ``masked`` (h, w), apart from each other."""
    rest = np.pad(masked.astype(np.uint8), 1)
    points: list[tuple[float, float]] = []
    for _ in range(_CLICKS):
        depth = cv2.distanceTransform(rest, cv2.DIST_L2, 5)
        y, x = np.unravel_index(int(np.argmax(depth)), depth.shape)
        deepest = float(depth[y, x])
        if deepest < 2 and points:
            break
        points.append((float(x) - 0.5, float(y) - 0.5))
        cv2.circle(rest, (int(x), int(y)), math.ceil(1.5 * deepest), 0, -1)
    return points
