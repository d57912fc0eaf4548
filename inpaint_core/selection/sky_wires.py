"""All wires and poles in the sky of a photo."""

from __future__ import annotations

import itertools
import math

import cv2
import numpy as np
from numpy.typing import NDArray

from inpaint_core.contract.arrays import BoolMask, Pixels
from inpaint_core.contract.geometry import Rect
from inpaint_core.contract.progress import Progress
from inpaint_core.selection.grey import shrink, to_grey
from inpaint_core.selection.mark import Mark
from inpaint_core.selection.wires import Wire, follow_wire

_SKY_PIXELS = 120_000
_LEAST_SKY = 0.02  # of the photo
_STEEP = 9.0  # levels a pixel of the small photo: more than a sky has
_KERNELS = ((1, 11), (4, 15))  # the photo is reduced by the first; lines up to half the second
_LEAST_CONTRAST = 7
_LEAST_LENGTH = 0.12  # of the photo's shorter side
_MOST_SEEDS = 40
_WIDEST_WIRE, _WIDEST_POLE = 0.0035, 0.015  # of the photo's longer side
_UPRIGHT = 0.3  # how far a pole leans sideways, of its height
_BENT = 0.004  # of its length: how far a wire departs from a parabola, the shape of its sag
_BESIDE = (2.0, 3.0, 4.0)  # pixels from the edge of a wire, where its surroundings are looked at
_ALIKE = 0.4  # of its contrast: how far the surroundings on both sides may differ
_BRIDGED = 0.2  # of a line: a gap that does not divide it
_SURE = 0.75  # the share of a wire's points that must stand out before the sky


def find_wires(pixels: Pixels, progress: Progress | None = None) -> list[Mark]:
    """The wires and poles before the sky, or another plain surface at the photo's upper edge.

    ``pixels`` (H, W, 3) uint8 or uint16. Long ones first. Raises `Cancelled`.
    """
    progress = progress or Progress()
    sky = find_sky(pixels)
    height, width = pixels.shape[:2]
    if sky.mean() < _LEAST_SKY:
        return []
    progress.report(0.05)
    found: list[tuple[float, Mark]] = []
    taken = np.zeros((height, width), np.uint8)
    grey = to_grey(pixels)
    least = max(24.0, _LEAST_LENGTH * min(height, width))
    seeds = _find_seeds(grey, sky, least, progress)
    for number, (x, y, off) in enumerate(seeds):
        progress.report(0.2 + 0.8 * number / len(seeds))
        progress.check()
        if taken[y, x]:
            continue
        wire = follow_wire(pixels, x + 0.5, y + 0.5, 4.0, progress)
        if wire is None or wire.length < least:
            continue
        # What lies between two lines looks like one of the other brightness: it is none.
        away = np.hypot(*(wire.points - [x + 0.5, y + 0.5]).T) - wire.widths / 2
        if away.min() > off:
            continue
        for piece, certainty in _cut_to_sky(wire, grey, sky, least):
            mark = piece.draw((height, width))
            if mark is None or not _looks_like_wire(piece, max(height, width)):
                continue
            covered = mark.strength > 127
            new = covered & (taken[mark.rect.slices] == 0)
            if np.count_nonzero(new) > 0.5 * np.count_nonzero(covered):
                found.append((piece.length, Mark(mark.rect, mark.strength, certainty)))
        followed = wire.draw((height, width))
        if followed is not None:  # wire or not: it is not followed again
            before = taken[followed.rect.slices]
            before[cv2.dilate(followed.strength, np.ones((5, 5), np.uint8)) > 0] = 255
    return [mark for _, mark in sorted(found, key=lambda pair: -pair[0])]


def _looks_like_wire(wire: Wire, side: int) -> bool:
    """Whether a line has the shape of a wire or a pole in a photo of so many pixels a side."""
    x, y = wire.points.T
    is_pole = np.ptp(x) < _UPRIGHT * np.ptp(y)
    widest = max(6.0, (_WIDEST_POLE if is_pole else _WIDEST_WIRE) * side)
    if float(np.median(wire.widths)) > widest:
        return False
    along, across = (y, x) if np.ptp(y) > np.ptp(x) else (x, y)
    t = (along - along.mean()) / max(float(np.ptp(along)), 1.0)
    away = across - np.polyval(np.polyfit(t, across, 2), t)
    return bool(np.sqrt(np.mean(away**2)) < max(1.5, _BENT * wire.length))


def _cut_to_sky(
    wire: Wire, grey: NDArray[np.uint8], sky: BoolMask, least: float
) -> list[tuple[Wire, float]]:
    """The parts of a line at least so long that stand out before the sky, which goes on behind
    them: it is alike on both sides. With each, the share of its points where that is so.
    """
    points = wire.points
    along = np.gradient(cv2.blur(points, (1, 9), borderType=cv2.BORDER_REPLICATE), axis=0)
    along /= np.maximum(np.hypot(*along.T), 1e-6)[:, None]
    across = np.stack([-along[:, 1], along[:, 0]], axis=1)
    scale = np.array([sky.shape[1] / grey.shape[1], sky.shape[0] / grey.shape[0]])

    def read(offset: NDArray[np.float64]) -> NDArray[np.float64]:
        at = (points + across * offset[:, None] - 0.5).astype(np.float32)
        values = cv2.remap(
            grey, at[:, :1], at[:, 1:], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
        )
        return np.asarray(values.ravel(), np.float64)

    def is_sky(offset: NDArray[np.float64]) -> BoolMask:
        at = np.floor((points + across * offset[:, None]) * scale).astype(np.intp)
        x, y = np.clip(at, 0, [sky.shape[1] - 1, sky.shape[0] - 1]).T
        out: BoolMask = sky[y, x]
        return out

    inside, half = read(np.zeros(len(points))), wire.widths / 2
    sides = [
        np.mean([read(sign * (half + gap)) for gap in _BESIDE], axis=0) for sign in (-1.0, 1.0)
    ]
    first, second = inside - sides[0], inside - sides[1]
    contrast = np.minimum(np.abs(first), np.abs(second))
    alike = np.abs(sides[0] - sides[1]) < _ALIKE * contrast
    good = (first * second > 0) & (contrast >= _LEAST_CONTRAST) & alike
    far = half + _BESIDE[-1] + 1 / scale.min()
    good &= is_sky(-far) & is_sky(far)
    window = max(9, len(points) // 40) | 1
    share = np.convolve(np.pad(good.astype(float), window // 2, "edge"), np.ones(window), "valid")
    ends = np.flatnonzero(np.diff(np.pad((share > 0.7 * window).astype(np.int8), 1)))
    runs: list[tuple[int, int]] = []
    for begin, end in ends.reshape(-1, 2).tolist():
        if runs and begin - runs[-1][1] < _BRIDGED * (end - runs[-1][0]):
            begin = runs.pop()[0]  # something crosses the line, or a cloud lies behind it
        runs.append((begin, end))
    pieces = []
    for begin, end in runs:
        piece = Wire(points[begin:end], wire.widths[begin:end])
        certainty = float(good[begin:end].mean())
        if end - begin > 8 and piece.length >= least and certainty >= _SURE:
            pieces.append((piece, certainty))
    return pieces


def find_sky(pixels: Pixels) -> BoolMask:
    """Where a reduced photo (h, w) shows sky, wires included: what is smooth and reaches the upper
    edge. All False where too little is.
    """
    small, _ = shrink(pixels, _SKY_PIXELS)
    box = np.ones((9, 9), np.uint8)
    # Thin dark lines are closed, then thin bright ones opened, so that they divide no sky.
    plain = cv2.morphologyEx(cv2.morphologyEx(small, cv2.MORPH_CLOSE, box), cv2.MORPH_OPEN, box)
    plain = cv2.GaussianBlur(plain, (0, 0), 1.5)
    grey = cv2.cvtColor(plain, cv2.COLOR_RGB2GRAY).astype(np.float32)
    across, down = cv2.Sobel(grey, cv2.CV_32F, 1, 0), cv2.Sobel(grey, cv2.CV_32F, 0, 1)
    smooth = (np.hypot(across, down) / 8 < _STEEP / 3) & (grey > 60)
    count, labels = cv2.connectedComponents(smooth.astype(np.uint8), connectivity=4)
    at_top = np.bincount(labels[:3].ravel(), minlength=count)
    at_top[0] = 0
    wide = at_top > 3 * 0.08 * small.shape[1]
    sky = np.asarray(wide[labels], np.uint8)
    closed = cv2.morphologyEx(sky, cv2.MORPH_CLOSE, np.ones((7, 7), np.uint8))
    out: BoolMask = closed > 0
    return out


def _find_seeds(
    grey: NDArray[np.uint8], sky: BoolMask, least: float, progress: Progress
) -> list[tuple[int, int, int]]:
    """Points (x, y) on what looks like lines before the ``sky``, the long and clear ones first;
    with each, how many pixels it may be beside the line.
    """
    height, width = grey.shape
    found: list[tuple[float, int, int, int]] = []
    bottom = int(np.flatnonzero(sky.any(axis=1)).max() + 1)
    last = min(height, math.ceil(bottom * height / sky.shape[0]))
    for reduced, side in _KERNELS:
        progress.check()
        part = grey[:last]
        if reduced > 1:
            size = (max(1, width // reduced), max(1, last // reduced))
            part = np.asarray(cv2.resize(part, size, interpolation=cv2.INTER_AREA), np.uint8)
        part = np.asarray(cv2.GaussianBlur(part, (3, 3), 0), np.uint8)
        allowed = cv2.resize(
            sky[:bottom].astype(np.uint8),
            (part.shape[1], part.shape[0]),
            interpolation=cv2.INTER_NEAREST,
        )
        # Across and down, so that a pole and the wires that it carries are not one line.
        boxes = np.ones((1, side), np.uint8), np.ones((side, 1), np.uint8)
        for operation, box in itertools.product((cv2.MORPH_BLACKHAT, cv2.MORPH_TOPHAT), boxes):
            progress.check()
            lines = np.asarray(cv2.morphologyEx(part, operation, box), np.uint8)
            lines[allowed == 0] = 0
            noise = float(np.mean(lines[allowed > 0][::7]))
            strong = (lines > max(_LEAST_CONTRAST, 3 * noise)).astype(np.uint8)
            for rect, x, y in _list_lines(strong, lines, least / reduced / 2):
                clear = math.hypot(rect.w, rect.h) * reduced * float(lines[y, x])
                middle = reduced // 2
                found.append((clear, x * reduced + middle, y * reduced + middle, reduced))
    found.sort(reverse=True)
    return [(x, y, reduced) for _, x, y, reduced in found[:_MOST_SEEDS]]


def _list_lines(
    strong: NDArray[np.uint8], lines: NDArray[np.uint8], least: float
) -> list[tuple[Rect, int, int]]:
    """The bounds of connected lines at least so long, and a point on each."""
    _, labels, stats, _ = cv2.connectedComponentsWithStats(strong, connectivity=8)
    found = []
    for label in range(1, len(stats)):
        x, y, w, h, area = (int(number) for number in stats[label])
        length = math.hypot(w, h)
        if length < max(least, 8) or area > 0.5 * length * length:
            continue
        own = labels[y : y + h, x : x + w] == label
        # The point of the middle third, along the longer side, that stands out most.
        inner = np.zeros_like(own)
        if w >= h:
            inner[:, w // 3 : w - w // 3] = True
        else:
            inner[h // 3 : h - h // 3] = True
        strength = np.where(own & inner, lines[y : y + h, x : x + w], 0)
        row, column = np.unravel_index(int(np.argmax(strength)), strength.shape)
        found.append((Rect(x, y, w, h), x + int(column), y + int(row)))
    return found
