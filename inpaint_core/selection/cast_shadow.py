"""The shadow that a masked object casts beside it.

A shadow on one surface is darker by one factor, nearly the same in red, green and blue (Finlayson,
Hordley, Lu and Drew, “On the removal of shadows from images”, TPAMI 2006). The brightness over the
median of wide surroundings shows it as an even dark region however thin it is. Every threshold of
that ratio gives regions that touch the object; the one whose border shows such a factor most
evenly is proposed, with its soft rim.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from inpaint_core.contract.arrays import BoolMask, Pixels
from inpaint_core.contract.geometry import Rect
from inpaint_core.contract.progress import Progress
from inpaint_core.selection.grey import shrink
from inpaint_core.selection.mark import Mark, cut_to_mark

Floats = NDArray[np.float32]

_PIXELS = 220_000  # looked at
_REACH = 2.0  # around the object, of its longer side: what a low sun casts
_GAMMA = 2.2
_WINDOWS = (0.6, 1.2, 2.4)  # of the object's mean side: surroundings whose median is the ground
_LEAST_WINDOW, _MOST_WINDOW = 15, 301  # pixels
_THRESHOLDS = tuple(-0.12 * 1.2**k for k in range(13))  # of the ratio, as a natural logarithm
_THIN = 3.0  # pixels from the border to the middle
_LINE, _ANGLES = 25, 24  # pixels along, and directions in which thin shadows are looked for
_FOOT, _AT_FOOT = 0.7, 0.3  # of the object's height, and of the contact that must lie below that:
_NOT_AT_FOOT = 0.6  # what touches it higher up counts less
_FACTORS = (0.14, 2.4)  # a shadow's factor, as a natural logarithm: 0.87 to 0.09
_TINT, _SKY_TINT = 0.26, 0.5  # how much more one channel may lose than another, of the factor
_LEAST_AREA, _MOST_AREA = 0.012, 4.0  # of the object's
_LEAST_SCORE = 0.65
_LEAST_CONTACT = 3  # pixels
_AWAY = (3, 5, 8, 12)  # pixels from the border to the light: beyond the soft rim
_ALONG = 9  # pixels of the border over which its step is averaged
_USUAL_AREA, _SIZE_COUNTS = 0.25, 0.3  # parts of a shadow must not win against the whole
_RAGGED = 1.75  # times the length of its hull
_CLEARLY = 1.03  # better: of two alike, the one that is darker is less ragged
_RIM = 0.25  # of the factor: what is darker than that belongs to the soft rim
_MARGIN = 1  # pixels of the reduced photo that the mark is larger


@dataclass(frozen=True, eq=False)
class _Scene:
    """The reduced surroundings: ``logs`` (h, w, 3) of the light, their mean ``light`` (h, w), how
    coarse they are in ``grain`` (h, w), the object, what is ``near`` its border, and the pixels
    ``touching`` that, or in reach of the means along lines.
    """

    logs: Floats
    light: Floats
    grain: Floats
    object_: BoolMask
    near: BoolMask
    touching: BoolMask
    in_reach: BoolMask


def find_cast_shadow(
    pixels: Pixels, mask: NDArray[np.uint8], progress: Progress | None = None
) -> Mark | None:
    """The region beside the object in ``mask`` (H, W) 0 .. 255 that is darker than its surroundings
    by one factor and touches the object; None where there is none.

    ``pixels`` (H, W, 3) uint8 or uint16. Raises `Cancelled`.
    """
    progress = progress or Progress()
    bounds = Rect.bounding(mask)
    if bounds.is_empty:
        return None
    reach = math.ceil(_REACH * max(bounds.w, bounds.h)) + 8
    around = bounds.grow(reach).intersect(Rect.whole(mask.shape))
    small, _ = shrink(pixels[around.slices], _PIXELS)
    size = (small.shape[1], small.shape[0])
    object_ = cv2.resize(mask[around.slices], size, interpolation=cv2.INTER_AREA) > 40
    scene = _look_at(small, object_)
    found = _search(scene, small, progress) if scene.touching.any() else None
    if found is None:
        return None
    region, score = found
    soft = cv2.GaussianBlur(_add_rim(region, scene).astype(np.uint8) * 255, (0, 0), 0.8)
    large = cv2.resize(soft, (around.w, around.h), interpolation=cv2.INTER_LINEAR)
    strength = np.asarray(cv2.threshold(large, 102, 255, cv2.THRESH_BINARY)[1], np.uint8)
    strength[mask[around.slices] > 127] = 0
    return cut_to_mark(strength, around, min(1.0, score))


def _look_at(small: NDArray[np.uint8], object_: BoolMask) -> _Scene:
    linear = _GAMMA * np.log((small.astype(np.float32) + 3) / 258)
    logs = np.asarray(cv2.GaussianBlur(linear, (0, 0), 0.8), np.float32)
    light = np.asarray(logs.mean(axis=2), np.float32)
    fine = linear.mean(axis=2) - cv2.GaussianBlur(linear.mean(axis=2), (0, 0), 1.5)
    solid = object_.astype(np.uint8)
    near = cv2.dilate(solid, np.ones((3, 3), np.uint8)) > 0
    ring = cv2.dilate(solid, np.ones((9, 9), np.uint8)) > 0
    wide = cv2.dilate(solid, np.ones((_LINE + 8,) * 2, np.uint8)) > 0
    return _Scene(logs, light, np.abs(fine), object_, near, ring & ~near, wide & ~near)


def _list_ratios(scene: _Scene, small: NDArray[np.uint8]) -> Iterator[tuple[Floats, BoolMask]]:
    """The logarithm (h, w) of the light over the median of its surroundings, in wider and wider
    ones; with each where a shadow in it must begin.
    """
    grey = cv2.cvtColor(small, cv2.COLOR_RGB2GRAY)
    side = math.sqrt(np.count_nonzero(scene.object_))
    known = (~scene.near).astype(np.float32)
    # The object takes the brightness of what is around it, so that it moves no median.
    sigma = max(3.0, 0.3 * side)
    share = cv2.GaussianBlur(known, (0, 0), sigma) + np.float32(1e-3)
    filled = cv2.GaussianBlur(grey * known, (0, 0), sigma) / share
    plain = np.where(scene.near, np.clip(filled, 0, 255), grey).astype(np.uint8)
    largest = min(*plain.shape, _MOST_WINDOW)
    windows = {int(min(max(_LEAST_WINDOW, part * side), largest)) | 1 for part in _WINDOWS}
    for window in sorted(windows):
        median = cv2.medianBlur(plain, window).astype(np.float32)
        ratio = np.asarray(scene.light - _GAMMA * np.log((median + 3) / 258), np.float32)
        yield ratio, scene.touching
        if window == sorted(windows)[len(windows) // 2]:
            yield _sum_lines(ratio, known), scene.in_reach


def _sum_lines(ratio: Floats, known: Floats) -> Floats:
    """For each pixel the mean of ``ratio`` (h, w), where that is ``known`` (h, w) 0 or 1, along the
    straight piece that is darkest there: a thin shadow keeps its darkness, and the grains of the
    ground lose theirs.
    """
    seen = ratio * known
    half = _LINE // 2
    out = np.full_like(ratio, np.inf)
    for turn in range(_ANGLES):
        angle = math.pi * turn / _ANGLES
        end = round(half * math.cos(angle)), round(half * math.sin(angle))
        kernel = np.zeros((_LINE, _LINE), np.float32)
        cv2.line(kernel, (half - end[0], half - end[1]), (half + end[0], half + end[1]), 1.0)
        kernel /= kernel.sum()
        share = cv2.filter2D(known, -1, kernel)
        mean = cv2.filter2D(seen, -1, kernel) / np.maximum(share, np.float32(0.01))
        np.minimum(out, mean, out=out, where=share > 0.4)
    return np.asarray(np.maximum(out, ratio - np.float32(0.15)), np.float32)


def _search(
    scene: _Scene, small: NDArray[np.uint8], progress: Progress
) -> tuple[BoolMask, float] | None:
    """The best region (h, w) and its score 0 .. 1."""
    object_area = float(np.count_nonzero(scene.object_))
    bounds = Rect.bounding(scene.object_)
    best: tuple[BoolMask, float] | None = None
    for ratio, begin in _list_ratios(scene, small):
        is_low = np.nonzero(begin)[0] > bounds.y + _FOOT * bounds.h
        for threshold in reversed(_THRESHOLDS):
            progress.check()
            dark = ((ratio < threshold) & ~scene.near).astype(np.uint8)
            count, labels, stats, _ = cv2.connectedComponentsWithStats(dark, connectivity=8)
            contact = labels[begin]
            touches = np.bincount(contact, minlength=count)
            at_foot = np.bincount(contact[is_low], minlength=count)
            for label in np.flatnonzero(touches[1:] >= _LEAST_CONTACT) + 1:
                share = stats[label, cv2.CC_STAT_AREA] / object_area
                if not _LEAST_AREA < share < _MOST_AREA:
                    continue
                size = min(1.0, share / _USUAL_AREA) ** _SIZE_COUNTS
                if at_foot[label] < max(_LEAST_CONTACT, _AT_FOOT * touches[label]):
                    size *= _NOT_AT_FOOT
                if best is not None and size <= best[1]:
                    continue
                x, y, w, h = (int(value) for value in stats[label, :4])
                part = Rect(x, y, w, h).grow(_AWAY[-1] + 4).intersect(Rect.whole(labels.shape))
                score = size * _judge(labels[part.slices] == label, part, scene)
                if best is None or score > _CLEARLY * best[1]:
                    best = labels == label, score
    return None if best is None or best[1] < _LEAST_SCORE else best


def _judge(region: BoolMask, part: Rect, scene: _Scene) -> float:
    """How much ``region`` (h, w), which lies in ``part`` of the scene, looks like a shadow, 0 .. 1:
    by the step at its border, by its texture and by its shape.
    """
    mask = region.astype(np.uint8)
    logs, near = scene.logs[part.slices], scene.near[part.slices]
    lines, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    line = np.asarray(max(lines, key=len).reshape(-1, 2), np.int32)
    if len(line) < 12:
        return 0.0
    sheer = cv2.GaussianBlur(mask.astype(np.float32), (0, 0), 1.5)
    columns, rows = line[:, 0], line[:, 1]
    across = -cv2.Sobel(sheer, cv2.CV_32F, 1, 0)[rows, columns]
    down = -cv2.Sobel(sheer, cv2.CV_32F, 0, 1)[rows, columns]
    length = np.maximum(np.hypot(down, across), 1e-6)
    across, down = across / length, down / length
    depth = cv2.distanceTransform(np.pad(mask, 1), cv2.DIST_L2, 3)[1:-1, 1:-1]
    deep = float(np.quantile(depth[region], 0.9))
    inward = min(3.0, max(0.0, deep - 1))
    best = 0.0
    for away in _AWAY:
        oy, ox = _round(rows + away * down), _round(columns + away * across)
        iy, ix = _round(rows - inward * down), _round(columns - inward * across)
        at_end = (oy < 0) | (ox < 0) | (oy >= part.h) | (ox >= part.w)
        oy, ox = np.clip(oy, 0, part.h - 1), np.clip(ox, 0, part.w - 1)
        iy, ix = np.clip(iy, 0, part.h - 1), np.clip(ix, 0, part.w - 1)
        at_object = near[oy, ox] & ~at_end
        free = ~at_end & ~at_object & ~region[oy, ox] & region[iy, ix]
        if np.count_nonzero(free) < 12:
            continue
        step = logs[oy[free], ox[free]] - logs[iy[free], ix[free]]  # (N, 3)
        evenness = _judge_steps(step, deep <= _THIN)
        # Where the region goes on beyond what is looked at, its border is not seen.
        seen = np.count_nonzero(free) / (np.count_nonzero(free) + np.count_nonzero(at_end))
        lit = np.zeros_like(region)
        lit[oy[free], ox[free]] = True
        fine = scene.grain[part.slices]
        grain = float(fine[lit].mean() + 0.01), float(fine[region & (depth > 1)].mean() + 0.01)
        alike = min(1.0, 2.2 * min(grain) / max(grain)) if deep > _THIN else 1.0
        best = max(best, evenness * seen * alike)
    return float(best * _judge_shape(region, line))


def _judge_steps(step: Floats, is_thin: bool) -> float:
    """How much the steps (N, 3) of the logarithms along a border look like those of a shadow; a
    thin one is darker where it is wider, as it is all rim elsewhere.
    """
    usual = np.median(step, axis=0)
    factor = float(usual.mean())
    if not _FACTORS[0] < factor < _FACTORS[1]:
        return 0.0
    # What the sky lights is bluer than what the sun does.
    is_sky = usual[0] >= usual[1] - 0.02 and usual[1] >= usual[2] - 0.02
    if float(np.ptp(usual)) > (_SKY_TINT if is_sky else _TINT) * max(factor, 0.3):
        return 0.0
    mean = step.mean(axis=1)[None]
    smooth = cv2.blur(mean, (min(_ALONG, mean.shape[1]), 1), borderType=cv2.BORDER_REFLECT)[0]
    away = np.minimum(smooth - factor, 0) if is_thin else smooth - factor
    even = float(np.mean(np.abs(away) < 0.4 * factor + 0.04))
    lit = float(np.mean(smooth > 0.35 * factor))
    return even * lit * (0.5 + 0.5 * min(1.0, factor / 0.35))


def _judge_shape(region: BoolMask, line: NDArray[np.int32]) -> float:
    """How much ``region`` within its outline ``line`` (N, 2) is one smooth shape: the dark grains
    of a texture are connected, too, but to something ragged.
    """
    hull = cv2.convexHull(line)
    around = float(cv2.arcLength(line, True)) / max(float(cv2.arcLength(hull, True)), 1.0)
    filled = np.zeros(region.shape, np.uint8)
    cv2.drawContours(filled, [line], -1, 1, cv2.FILLED)
    solid = float(np.count_nonzero(region)) / max(1.0, float(np.count_nonzero(filled)))
    return min(1.0, _RAGGED / around) * min(1.0, solid / 0.9)


def _round(values: NDArray[np.floating[Any]]) -> NDArray[np.intp]:
    return np.asarray(np.rint(values), np.intp)


def _add_rim(region: BoolMask, scene: _Scene) -> BoolMask:
    """``region`` (h, w) with its soft rim and the ground up to the object."""
    depth = cv2.distanceTransform(np.pad(region.astype(np.uint8), 1), cv2.DIST_L2, 3)[1:-1, 1:-1]
    side = 3 + round(float(depth[region].mean()))  # what is thin has a thin rim
    box = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * side + 1, 2 * side + 1))
    solid = region.astype(np.uint8)
    band = cv2.dilate(solid, box) > 0
    beyond = cv2.dilate(solid, np.ones((7, 7), np.uint8)) > 0
    known = (~beyond & ~scene.near).astype(np.float32)
    sigma = 2.0 * side + 4
    weight = cv2.GaussianBlur(known, (0, 0), sigma)
    lit = cv2.GaussianBlur(scene.light * known, (0, 0), sigma) / np.maximum(weight, 1e-3)
    loss = lit - cv2.GaussianBlur(scene.light, (0, 0), 1.0)
    factor = float(np.median(loss[region]))
    dark = ((loss > _RIM * factor) & band & ~scene.near) | region
    _, labels = cv2.connectedComponents(dark.astype(np.uint8), connectivity=4)
    kept = np.isin(labels, np.unique(labels[region])).astype(np.uint8)
    _join(kept, scene.object_)
    closed = cv2.morphologyEx(kept, cv2.MORPH_CLOSE, np.ones((5, 5), np.uint8))
    grown = cv2.dilate(closed, np.ones((2 * _MARGIN + 1,) * 2, np.uint8))
    up_to = cv2.dilate(grown, np.ones((9, 9), np.uint8)) > 0
    out: BoolMask = (grown > 0) | (up_to & scene.near)
    return out


def _join(region: NDArray[np.uint8], object_: BoolMask) -> None:
    """Draw the shortest bridge from ``region`` (h, w) to the object."""
    away = cv2.distanceTransform((~object_).astype(np.uint8), cv2.DIST_L2, 5)
    away[region == 0] = np.inf
    y, x = np.unravel_index(int(np.argmin(away)), away.shape)
    rows, columns = np.nonzero(object_)
    nearest = int(np.argmin((rows - y) ** 2 + (columns - x) ** 2))
    end = int(columns[nearest]), int(rows[nearest])
    cv2.line(region, (int(x), int(y)), end, 1, 3)
