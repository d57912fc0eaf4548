"""Writing over or in a photo: dates, signs, watermarks.

Letters are connected regions brighter, darker or of another colour than the mean around them, whose
strokes are about equally wide (Epshtein, Ofek and Wexler, “Detecting text in natural scenes with
stroke width transform”, CVPR 2010). Several of a size side by side are writing.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from inpaint_core.contract.arrays import BoolMask, Pixels
from inpaint_core.contract.geometry import Rect
from inpaint_core.contract.progress import Progress
from inpaint_core.selection.grey import shrink
from inpaint_core.selection.mark import Mark, cut_to_mark

SURE = 0.6
"""From this certainty on, a mark is taken for writing; less certain ones are shown, no more."""
_LEAST_CERTAINTY = 0.5
_MOST_UNSURE = 3
_MOST_PIXELS = 3_000_000
_SIDES = (7, 220)  # of a letter, in pixels of the reduced photo
_WINDOWS = (31, 101)  # pixels of the reduced photo
_OFFSETS = (9, 24)  # levels
_LEAST_CONTRAST = 18
_UNEVEN = 0.42  # spread of the stroke's width, relative to it
_LETTERS = 3  # make a line
_ON_LINE = 0.12  # of a letter's height: how far most letters' feet lie from their line
_THINNEST = 0.06  # of a letter's height: the stroke of the thinnest letters
_BESIDE_LINE = 0.3  # of a letter's height: how far a dot or comma lies beside the letters
_GROWN = 0.45  # of the stroke's width, on each side: what is left of a letter's edge and shadow


@dataclass(frozen=True, eq=False)
class _Letter:
    rect: Rect
    shape: NDArray[np.uint8]  # (h, w) 0 or 1
    stroke: float
    colour: NDArray[np.float32]
    contrast: float

    @property
    def middle(self) -> tuple[float, float]:
        return self.rect.x + self.rect.w / 2, self.rect.y + self.rect.h / 2


def find_text(pixels: Pixels, progress: Progress | None = None) -> list[Mark]:
    """One mark for every line of writing in ``pixels`` (H, W, 3) uint8 or uint16, the surest first;
    of those less certain than `SURE` only a few.

    Letters must be about 7 pixels high at least in a photo of 3 million pixels, and a larger photo
    is reduced to that. Raises `Cancelled`.
    """
    progress = progress or Progress()
    small, scale = shrink(pixels, _MOST_PIXELS)
    letters: list[_Letter] = []
    passes = [(c, w, o, s) for c in range(3) for w in _WINDOWS for o in _OFFSETS for s in (1, -1)]
    planes = cv2.split(cv2.cvtColor(small, cv2.COLOR_RGB2YCrCb))
    for number, (channel, window, offset, sign) in enumerate(passes):
        progress.report(0.9 * number / len(passes))
        progress.check()
        plane = np.asarray(planes[channel], np.uint8)
        mean = cv2.blur(plane, (window, window))
        other = cv2.subtract(plane, mean) if sign > 0 else cv2.subtract(mean, plane)
        letters += _find_letters(np.asarray(other > offset, np.uint8), plane, small)
    progress.report(0.9)
    lines = _join_lines(letters)
    marks = [_draw_line(line, small, pixels.shape[:2], scale) for line in lines]
    found = [mark for mark in marks if mark is not None]
    found = sorted(_drop_covered(found), key=lambda mark: (-mark.certainty, mark.rect.y))
    sure = sum(mark.certainty >= SURE for mark in found)
    return [m for m in found[: sure + _MOST_UNSURE] if m.certainty >= _LEAST_CERTAINTY]


def _find_letters(
    differs: NDArray[np.uint8], plane: NDArray[np.uint8], colours: NDArray[np.uint8]
) -> list[_Letter]:
    """Connected regions of ``differs`` (h, w), 0 or 1, that look like letters in ``plane``."""
    low, high = _SIDES
    _, labels, stats, _ = cv2.connectedComponentsWithStats(differs, connectivity=8)
    w, h, area = stats[:, cv2.CC_STAT_WIDTH], stats[:, cv2.CC_STAT_HEIGHT], stats[:, 4]
    usual = (w <= 3 * h) & (area < 0.8 * w * h)
    upright = (2.2 * w < h) & (w > 1)  # such as 1, l and I
    fits = (h >= low) & (h <= high) & (area > 2 * h) & (usual | upright)
    fits[0] = False
    letters = []
    for label in np.flatnonzero(fits):
        rect = Rect(*(int(value) for value in stats[label, :4]))
        letter = _judge_letter(labels[rect.slices] == label, rect, plane, colours)
        if letter is not None:
            letters.append(letter)
    return letters


def _judge_letter(
    own: BoolMask, rect: Rect, plane: NDArray[np.uint8], colours: NDArray[np.uint8]
) -> _Letter | None:
    """The letter that ``own`` (h, w) in ``rect`` is, if its stroke is even and it stands out."""
    shape = np.pad(own, 1).astype(np.uint8)
    depth = cv2.distanceTransform(shape, cv2.DIST_L2, 3)
    # Where the depth is highest around: the middle of the stroke.
    ridge = (depth >= cv2.dilate(depth, np.ones((3, 3), np.uint8))) & (shape > 0)
    depths = depth[ridge]
    half = float(depths.mean())
    if depths.std() > _UNEVEN * half + 0.2 or 2 * half > 0.55 * max(rect.w, rect.h):
        return None
    around = rect.grow(max(2, rect.h // 8)).intersect(Rect.whole(plane.shape))
    near = plane[around.slices]
    inside = np.zeros(near.shape, np.uint8)
    inside[rect.translate(-around.x, -around.y).slices] = shape[1:-1, 1:-1]
    outside = cv2.dilate(inside, np.ones((3, 3), np.uint8)) == 0
    if not outside.any():
        return None
    values, ground = near[inside > 0], near[outside]
    contrast = abs(float(np.median(ground)) - float(np.median(values)))
    if contrast < _LEAST_CONTRAST or float(values.std()) > 0.35 * contrast + 4:
        return None
    colour = np.median(colours[around.slices][inside > 0], axis=0).astype(np.float32)
    return _Letter(rect, shape[1:-1, 1:-1], 2 * half, colour, contrast)


def _join_lines(letters: list[_Letter]) -> list[list[_Letter]]:
    """Letters of a size and a colour side by side."""
    letters = _drop_nested(letters)
    parents = list(range(len(letters)))

    def root(at: int) -> int:
        while parents[at] != at:
            parents[at] = parents[parents[at]]
            at = parents[at]
        return at

    order = sorted(range(len(letters)), key=lambda k: letters[k].rect.x)
    tallest = max((letter.rect.h for letter in letters), default=0)
    for place, first in enumerate(order):
        one = letters[first]
        for second in order[place + 1 :]:
            if letters[second].rect.x > one.rect.right + 2 * tallest:
                break
            if _belong_together(one, letters[second]):
                parents[root(second)] = root(first)
    lines: dict[int, list[_Letter]] = {}
    for at, letter in enumerate(letters):
        lines.setdefault(root(at), []).append(letter)
    return [line for line in lines.values() if _is_line(line)]


def _belong_together(one: _Letter, other: _Letter) -> bool:
    a, b = one.rect, other.rect
    tall = max(a.h, b.h)
    gap = max(a.x, b.x) - min(a.right, b.right)
    overlap = min(a.bottom, b.bottom) - max(a.y, b.y)
    return (
        -0.3 * tall < gap < 0.9 * tall
        and overlap > 0.6 * min(a.h, b.h)
        and tall < 1.9 * min(a.h, b.h)
        and max(one.stroke, other.stroke) < 1.7 * min(one.stroke, other.stroke) + 0.5
        and float(np.abs(one.colour - other.colour).max()) < 45
    )


def _is_line(line: list[_Letter]) -> bool:
    if len(line) < _LETTERS:
        return False
    tall = float(np.median([letter.rect.h for letter in line]))
    feet = np.array([letter.rect.bottom for letter in line], np.float64)
    at = np.array([letter.middle[0] for letter in line])
    if len(line) > 2 and np.ptp(at) > 0:
        feet = feet - np.polyval(np.polyfit(at, feet, 1), at)
    away = np.abs(feet - np.median(feet))
    on_line = float(np.mean(away < 0.22 * tall)) > 0.6
    on_line &= float(np.mean(away < max(_ON_LINE * tall, 1.5))) > 0.4  # the rest hangs lower: g, y
    strokes = np.array([letter.stroke for letter in line])
    even = strokes.std() < 0.3 * strokes.mean() + 0.2
    # Letters differ; railings, windows and bricks are all alike.
    widths = np.array([letter.rect.w for letter in line]) / tall
    filled = np.array([letter.shape.mean() for letter in line])
    alike = len(line) > 3 and widths.std() < 0.06 and filled.std() < 0.05
    bars = float(np.mean(filled)) > 0.8
    twigs = strokes.mean() < _THINNEST * tall
    return bool(on_line and even and not alike and not bars and not twigs)


def _drop_nested(letters: list[_Letter]) -> list[_Letter]:
    """One region where several thresholds found the same letter: that with the most contrast."""
    kept: list[_Letter] = []
    cells: dict[tuple[int, int], list[_Letter]] = {}
    for letter in sorted(letters, key=lambda k: -k.contrast * math.sqrt(k.rect.area)):
        x, y = letter.middle
        cell = int(x // 16), int(y // 16)
        near = [
            other
            for dx in (-1, 0, 1)
            for dy in (-1, 0, 1)
            for other in cells.get((cell[0] + dx, cell[1] + dy), ())
        ]
        if all(_shared(letter.rect, other.rect) < 0.5 for other in near):
            kept.append(letter)
            cells.setdefault(cell, []).append(letter)
    return kept


def _shared(a: Rect, b: Rect) -> float:
    both = a.intersect(b)
    return 0.0 if both.is_empty else both.area / min(a.area, b.area)


def _draw_line(
    line: list[_Letter], small: NDArray[np.uint8], shape: tuple[int, ...], scale: float
) -> Mark | None:
    """The mark of a line of writing, at the photo's own size."""
    stroke = float(np.median([letter.stroke for letter in line]))
    tall = max(letter.rect.h for letter in line)
    bounds = line[0].rect
    for letter in line:
        bounds = bounds.union(letter.rect)
    margin = math.ceil(_GROWN * stroke + 3 + _BESIDE_LINE * tall)
    bounds = bounds.grow(margin).intersect(Rect.whole((small.shape[0], small.shape[1])))
    drawn = np.zeros((bounds.h, bounds.w), np.uint8)
    for letter in line:
        part = drawn[letter.rect.translate(-bounds.x, -bounds.y).slices]
        np.maximum(part, letter.shape * 255, out=part)
    _add_small_marks(drawn, small[bounds.slices], line)
    reach = max(1, round(_GROWN * stroke + 0.75))
    box = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * reach + 1, 2 * reach + 1))
    drawn = np.asarray(cv2.dilate(drawn, box), np.uint8)
    low, high = round(bounds.x / scale), round(bounds.right / scale)
    top, bottom = round(bounds.y / scale), round(bounds.bottom / scale)
    rect = Rect.from_bounds(low, top, high, bottom).intersect(Rect.whole((shape[0], shape[1])))
    if rect.is_empty:
        return None
    large = cv2.resize(drawn, (rect.w, rect.h), interpolation=cv2.INTER_LINEAR)
    contrast = float(np.mean([letter.contrast for letter in line]))
    count = len(line)
    certainty = (1 - math.exp(-count / 4)) * (1 - math.exp(-contrast / 40)) * min(1, tall / 9)
    return cut_to_mark(np.where(large > 100, 255, 0).astype(np.uint8), rect, certainty)


def _add_small_marks(
    drawn: NDArray[np.uint8], colours: NDArray[np.uint8], line: list[_Letter]
) -> None:
    """Add to the letters ``drawn`` (h, w) what has their colour in ``colours`` (h, w, 3) and is too
    small to be a letter: dots, commas, apostrophes, hyphens.
    """
    own = np.median([letter.colour for letter in line], axis=0)
    outside = cv2.dilate(drawn, np.ones((5, 5), np.uint8)) == 0
    if not outside.any():
        return
    ground = np.median(colours[outside], axis=0)
    step = own - ground
    share = (colours - ground) @ step / max(float(step @ step), 1.0)  # 0 the ground, 1 a letter
    rest = np.abs(colours - ground - share[..., None] * step).max(axis=2)
    alike = (share > 0.5) & (share < 1.5) & (rest < 0.4 * float(np.abs(step).max())) & outside
    _, labels, stats, _ = cv2.connectedComponentsWithStats(alike.astype(np.uint8), connectivity=8)
    stroke = float(np.median([letter.stroke for letter in line]))
    tall = float(np.median([letter.rect.h for letter in line]))
    w, h, area = stats[:, cv2.CC_STAT_WIDTH], stats[:, cv2.CC_STAT_HEIGHT], stats[:, 4]
    fits = (h < 0.6 * tall) & (w < 0.8 * tall) & (area > 0.3 * stroke**2)
    fits[0] = False
    if np.count_nonzero(fits) <= len(line):  # more are the texture of the ground
        drawn[fits[labels]] = 255


def _drop_covered(marks: list[Mark]) -> list[Mark]:
    """Without marks that lie in larger ones: the counters of letters look like letters, too."""
    kept: list[Mark] = []
    for mark in sorted(marks, key=lambda m: -m.rect.area):
        if all(_shared(mark.rect, other.rect) < 0.7 for other in kept):
            kept.append(mark)
    return kept
