"""Notices where the border of a mask runs through an object.

Colours near the border of the mask, on both sides, are divided into those of the object and those
of the background by GrabCut (Rother, Kolmogorov and Blake, “GrabCut: interactive foreground
extraction using iterated graph cuts”, SIGGRAPH 2004). What it takes for the object beyond the mask
is a part that was cut off, if no edge lies along the mask's border there but a strong one lies
farther out. Its border is brought onto the object's outline.
"""

from __future__ import annotations

import math

import cv2
import numpy as np
from numpy.typing import NDArray

from inpaint_core.contract.arrays import BoolMask, Pixels
from inpaint_core.contract.geometry import Rect
from inpaint_core.contract.progress import Progress
from inpaint_core.selection.grey import shrink
from inpaint_core.selection.mark import Mark, cut_to_mark
from inpaint_core.selection.snap_part import snap_part

Floats = NDArray[np.float32]

_PIXELS = 90_000  # looked at
_BAND = 0.30  # how far the object may go on, of the mask's mean side
_MOST_PARTS = 6  # of the mask are looked at, the largest ones
_LEAST_SIDE = 24  # pixels of a mask that is looked at
_ITERATIONS = 3
_MOST_OPEN = 0.45  # the share of the outline that lies where nothing more was looked for
_ROUNDS = 3  # in which a part is followed
_SLACK = 0.22  # of the band: how far the object's outline may lie from that of a part
_LEAST_CUT = 0.05  # of the mask's border
_LEAST_AREA = 0.012  # of the mask's
_MOST_AREA = 1.2
_SAME = 14.0  # levels across the mask's border
_EDGE = 26.0  # levels across the object's own outline
_ALIKE, _MOST_ALIKE = 20.0, 0.04  # levels; the share of the surroundings that may be alike
_ON_EDGE = 0.55  # the share of the outline that must be such an edge


def find_cut_parts(
    pixels: Pixels, mask: NDArray[np.uint8], progress: Progress | None = None
) -> list[Mark]:
    """The parts of objects that ``mask`` (H, W) 0 .. 255 leaves out although it covers the rest.

    ``pixels`` (H, W, 3) uint8 or uint16. Each connected part of the mask is looked at. Raises
    `Cancelled`.
    """
    progress = progress or Progress()
    whole = Rect.whole(mask.shape)
    bounds = Rect.bounding(mask)
    if bounds.is_empty:
        return []
    part = (mask[bounds.slices] > 127).astype(np.uint8)
    _, labels, stats, _ = cv2.connectedComponentsWithStats(part, connectivity=8)
    order = np.argsort(-stats[1:, cv2.CC_STAT_AREA], kind="stable") + 1
    found = []
    for label in order[:_MOST_PARTS]:
        x, y, w, h, area = (int(value) for value in stats[label])
        if min(w, h) < _LEAST_SIDE:
            continue
        band = math.ceil(_BAND * math.sqrt(area)) + 6
        around = Rect(x + bounds.x, y + bounds.y, w, h).grow((1 + _ROUNDS) * band)
        around = around.intersect(whole)
        own = np.zeros((around.h, around.w), np.bool_)
        inner = bounds.intersect(around)
        own[inner.translate(-around.x, -around.y).slices] = (
            labels[inner.translate(-bounds.x, -bounds.y).slices] == label
        )
        cut = _follow_cut(pixels[around.slices], mask[around.slices] > 0, own, band, progress)
        if cut is None:
            continue
        region, certainty = cut
        slack = max(3.0, _SLACK * band)
        rect, strength = snap_part(pixels[around.slices], own, region, slack)
        strength[mask[around.slices][rect.slices] > 127] = 0
        mark = cut_to_mark(strength, rect.translate(around.x, around.y), certainty)
        if mark is not None:
            found.append(mark)
    return found


def _follow_cut(
    pixels: Pixels, masked: BoolMask, own: BoolMask, band: int, progress: Progress
) -> tuple[BoolMask, float] | None:
    """What the object under ``own`` (H, W) has beyond it, and how surely 0 .. 1: in rounds, as each
    looks only as far as ``band`` pixels.
    """
    taken, certainty = own.copy(), 0.0
    for _ in range(_ROUNDS):
        progress.check()
        part = Rect.bounding(taken).grow(2 * band).intersect(Rect.whole(taken.shape))
        small, scale = shrink(pixels[part.slices], _PIXELS)
        size = (small.shape[1], small.shape[0])

        def reduce(
            values: BoolMask, least: int, part: Rect = part, size: tuple[int, int] = size
        ) -> BoolMask:
            large = values[part.slices].astype(np.uint8) * 255
            out: BoolMask = cv2.resize(large, size, interpolation=cv2.INTER_AREA) > least
            return out

        reach = max(3, round(band * scale))
        cut = _find_cut(small, reduce(taken, 127), reduce(masked | taken, 0), reach)
        if cut is None:
            break
        region, sure = cut
        certainty = max(certainty, sure)
        soft = cv2.GaussianBlur(region.astype(np.float32), (0, 0), 0.8)
        large = cv2.resize(soft, (part.w, part.h), interpolation=cv2.INTER_LINEAR)
        taken[part.slices] |= large > 0.5
    region = taken & ~own
    return (region, certainty) if region.any() else None


def _find_cut(
    small: NDArray[np.uint8], taken: BoolMask, masked: BoolMask, band: int
) -> tuple[BoolMask, float] | None:
    """What was cut off of the object under ``taken`` (h, w), and how surely 0 .. 1."""
    away = np.asarray(cv2.distanceTransform((~taken).astype(np.uint8), cv2.DIST_L2, 3), np.float32)
    depth = cv2.distanceTransform(taken.astype(np.uint8), cv2.DIST_L2, 3)
    near = (away > 0) & (away <= band)
    if taken.all() or np.count_nonzero(near) < 50 or np.count_nonzero(away > band) < 50:
        return None
    labels = np.where(taken, cv2.GC_PR_FGD, cv2.GC_BGD).astype(np.uint8)
    labels[near] = cv2.GC_PR_BGD
    labels[depth > 0.35 * depth.max()] = cv2.GC_FGD
    labels[masked & (away > 2)] = cv2.GC_BGD  # other parts of the mask
    cv2.setRNGSeed(1)
    models = np.zeros((1, 65)), np.zeros((1, 65))
    cv2.grabCut(small, labels, (0, 0, 0, 0), *models, _ITERATIONS, cv2.GC_INIT_WITH_MASK)
    object_ = np.isin(labels, (cv2.GC_FGD, cv2.GC_PR_FGD))
    beyond = (object_ & ~taken & ~(masked & (away > 2))).astype(np.uint8)
    opened = cv2.morphologyEx(beyond, cv2.MORPH_OPEN, np.ones((5, 5), np.uint8))
    blurred = np.asarray(cv2.GaussianBlur(small, (0, 0), 1.0), np.float32)
    border = taken & (cv2.erode(taken.astype(np.uint8), np.ones((3, 3), np.uint8)) == 0)
    count, parts, stats, _ = cv2.connectedComponentsWithStats(opened, connectivity=4)
    out = np.zeros_like(taken)
    certainty = 0.0
    area = np.count_nonzero(taken)
    surroundings = blurred[(away > band) & ~masked]
    for label in range(1, count):
        share = stats[label, cv2.CC_STAT_AREA] / area
        region = parts == label
        if not _LEAST_AREA < share < _MOST_AREA:
            continue
        sure = _judge(region, taken, object_, away, band, border, blurred)
        # A mask that is wider than its object holds colours of the background, too.
        own = np.median(blurred[region], axis=0)
        alike = np.sqrt(np.sum((surroundings - own) ** 2, axis=1)) < _ALIKE
        if sure > 0 and alike.mean() < _MOST_ALIKE:
            out |= region
            certainty = max(certainty, sure)
    return (out, certainty) if out.any() else None


def _judge(
    region: BoolMask,
    taken: BoolMask,
    object_: BoolMask,
    away: Floats,
    band: int,
    border: BoolMask,
    colours: Floats,
) -> float:
    """How surely ``region`` continues the object under ``taken``; 0 if it does not."""
    box = np.ones((3, 3), np.uint8)
    grown = cv2.dilate(region.astype(np.uint8), np.ones((5, 5), np.uint8)) > 0
    contact = border & grown
    if np.count_nonzero(contact) < max(6, _LEAST_CUT * np.count_nonzero(border)):
        return 0.0
    same = measure_steps(contact, taken, colours)
    outline = region & (cv2.erode(region.astype(np.uint8), box) == 0) & (away > 5)
    outline &= ~(cv2.dilate(contact.astype(np.uint8), np.ones((5, 5), np.uint8)) > 0)
    if np.count_nonzero(outline) < 8:
        return 0.0
    at_end = away[outline] > band - 1.5
    open_ = float(at_end.mean())  # it goes on where nothing was looked for, and so has no edge
    outline[outline] = ~at_end
    edge = measure_steps(outline, region | taken, colours)
    if same.size == 0 or edge.size == 0 or open_ > _MOST_OPEN:
        return 0.0
    joined = float(np.mean(same < _SAME))
    sharp = float(np.mean(edge > _EDGE))
    if joined < 0.6 or sharp < (1 + open_) * _ON_EDGE:
        return 0.0
    return joined * sharp


def measure_steps(points: BoolMask, side: BoolMask, colours: Floats) -> Floats:
    """The colour differences (N,) in levels across the border of ``side`` at ``points``."""
    height, width = side.shape
    soft = cv2.GaussianBlur(side.astype(np.float32), (0, 0), 2)
    slope_x, slope_y = cv2.Sobel(soft, cv2.CV_32F, 1, 0), cv2.Sobel(soft, cv2.CV_32F, 0, 1)
    rows, columns = np.nonzero(points)
    down, across = slope_y[rows, columns], slope_x[rows, columns]
    length = np.hypot(down, across)
    ok = length > 1e-4
    rows, columns = rows[ok], columns[ok]
    down, across = down[ok] / length[ok], across[ok] / length[ok]

    def at(offset: float) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        y = np.clip(np.rint(rows + offset * down), 0, height - 1).astype(np.intp)
        x = np.clip(np.rint(columns + offset * across), 0, width - 1).astype(np.intp)
        return y, x

    inner = (colours[at(2.0)] + colours[at(3.0)]) / 2
    outer = (colours[at(-2.0)] + colours[at(-3.0)]) / 2
    return np.asarray(np.sqrt(np.sum((inner - outer) ** 2, axis=1)), np.float32)
