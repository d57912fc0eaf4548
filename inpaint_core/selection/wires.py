"""Thin lines of a photo, such as wires, cables and poles: followed from a point, and found."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from inpaint_core.contract.arrays import BoolMask, Pixels
from inpaint_core.contract.geometry import Rect
from inpaint_core.contract.progress import Progress
from inpaint_core.photo.photo import as_pixels
from inpaint_core.selection.mark import Mark, cut_to_mark
from inpaint_core.selection.strip import (
    Floats,
    Point,
    Strip,
    find_path,
    measure_bars,
    read_strip,
)

LEAST_CONTRAST = 5.0
"""Below this difference to both sides, in 8-bit levels, nothing is a line."""
_WIDTHS = (1.0, 1.4, 2.0, 2.8, 4.0, 5.6, 8.0)  # in samples
_STEPS = (1, 4, 16)  # photo pixels of a sample, for wires, thin poles and thick ones
_COUNTS = (1.0, 0.9, 0.5)  # of the contrast: roofs and verges look like the widest lines
_ANGLES = 36
_PROBE = 48  # samples along the line around the first point
_AHEAD, _TAKEN = 112, 80  # samples seen ahead, and how many of them are kept
_ASIDE = 20  # samples seen on each side
BEND = 0.12
"""What a step aside costs, against 1 for a sample that shows no line."""
_GAPS = (128, 224, 352)  # samples seen ahead where the line seems to end
_LANDING = 56  # samples behind a gap that must show the line
_EVIDENCE = 0.42
_SMOOTHED = 9  # samples along the path
_FINE = 0.25  # samples across, at which a width is measured
_SLACK = 1.6  # pixels beyond each edge of the line that the mark covers


@dataclass(frozen=True, eq=False)
class Wire:
    """A line of the photo: its ``points`` (N, 2) as (x, y), and its ``widths`` (N,) in pixels."""

    points: NDArray[np.float64]
    widths: NDArray[np.float64]

    @property
    def length(self) -> float:
        """In pixels."""
        return float(np.hypot(*np.diff(self.points, axis=0).T).sum())

    def draw(self, shape: tuple[int, int]) -> Mark | None:
        """The mark that covers the line and its soft edges; None outside of the photo (H, W)."""
        reach = float(self.widths.max()) / 2 + _SLACK + 2
        low, high = self.points.min(axis=0) - reach, self.points.max(axis=0) + reach
        bounds = (math.floor(low[0]), math.floor(low[1]), math.ceil(high[0]), math.ceil(high[1]))
        rect = Rect.from_bounds(*bounds).intersect(Rect.whole(shape))
        if rect.is_empty:
            return None
        out = np.zeros((rect.h, rect.w), np.uint8)
        at = np.round((self.points - [rect.x + 0.5, rect.y + 0.5]) * 16).astype(np.int32)
        # OpenCV's smooth lines are as thick as the next even number says, and 1.4 more.
        thick = 2 * np.ceil((self.widths + 2 * _SLACK - 1.4) / 2).astype(int)
        begin = 0
        for end in range(1, len(at)):  # one stroke for each run of the same width
            if end == len(at) - 1 or thick[end] != thick[begin]:
                run = [at[begin : end + 1].reshape(-1, 1, 2)]
                cv2.polylines(out, run, False, 255, int(thick[begin]), cv2.LINE_AA, 4)
                begin = end
        return cut_to_mark(out, rect)


@dataclass(frozen=True)
class _Sighting:
    """A line seen at a point: its angle, its width in samples of ``step`` pixels, its contrast in
    levels and its colour.
    """

    point: Point
    angle: float
    width: float
    step: int
    contrast: float
    colour: Floats


def follow_wire(
    pixels: Pixels,
    x: float,
    y: float,
    reach: float,
    progress: Progress | None = None,
    angle: float | None = None,
) -> Wire | None:
    """The line within ``reach`` pixels of (x, y), followed both ways as far as it can be seen.

    ``pixels`` (H, W, 3) uint8 or uint16; ``angle``: its direction there in radians, if that is
    known. It goes on behind what crosses it, and keeps its width. None where there is no line.
    Raises `Cancelled`.
    """
    sighting = _sight(pixels, (x, y), reach, angle)
    return None if sighting is None else _follow_both_ways(pixels, sighting, progress)


def _sight(
    pixels: Pixels, point: Point, reach: float, known: float | None = None
) -> _Sighting | None:
    """The line that stands out most within ``reach`` pixels of ``point``, in the ``known``
    direction if there is one.
    """
    best: _Sighting | None = None
    best_score = 0.0
    for step, counts in zip(_STEPS, _COUNTS, strict=True):
        near = max(1, math.ceil(reach / step))
        half = near + 14
        side = (half + _PROBE // 2) * step
        if step > 1 and side > max(pixels.shape[:2]):
            break
        x, y = math.floor(point[0]) - side, math.floor(point[1]) - side
        part = Rect(x, y, 2 * side, 2 * side).intersect(Rect.whole(pixels.shape))
        if part.w < step or part.h < step:
            break
        reduced = _reduce(pixels[part.slices], step)
        middle = ((point[0] - part.x) / step, (point[1] - part.y) / step)
        if known is None:
            angles = [math.pi * turn / _ANGLES for turn in range(_ANGLES)]
        else:
            angles = [known + turn * math.pi / _ANGLES for turn in (-1, 0, 1)]
        seen = [_probe(reduced, middle, angle, near, half) for angle in angles]
        first = max((s for s in seen if s is not None), key=lambda s: s[1], default=None)
        if first is None:
            continue
        for change in (-0.04, -0.02, 0.02, 0.04):  # between the angles that were tried
            other = _probe(reduced, middle, first[0].angle + change, near, half)
            if other is not None and other[1] > first[1]:
                first = other
        if counts * first[1] > best_score:
            at = (first[0].point[0] * step + part.x, first[0].point[1] * step + part.y)
            best, best_score = replace(first[0], point=at, step=step), counts * first[1]
    return best


def _reduce(pixels: Pixels, step: int) -> Pixels:
    """``pixels`` (H, W, 3), a ``step``-th as large."""
    if step == 1:
        return pixels
    size = (max(1, pixels.shape[1] // step), max(1, pixels.shape[0] // step))
    return as_pixels(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA))


def _probe(
    pixels: Pixels, point: Point, angle: float, near: int, half: int
) -> tuple[_Sighting, float] | None:
    """The line near ``point`` at this ``angle``, with a score in levels."""
    back = _PROBE / 2
    start = (point[0] - back * math.cos(angle), point[1] - back * math.sin(angle))
    strip = read_strip(pixels, start, angle, _PROBE, half)
    # In three parts, all of which must show the line, so that no blob passes for one.
    parts = np.stack([p.mean(axis=1) for p in np.array_split(strip.colours, 3, axis=1)], axis=1)
    rows = np.arange(2 * half + 1)
    nearness = 1 - 0.6 * np.abs(rows - half) / near
    nearness[np.abs(rows - half) > near] = 0
    found: tuple[float, int, float] | None = None
    for width in _WIDTHS:
        contrast, _ = measure_bars(parts, width)
        score = contrast.min(axis=1) * nearness
        row = int(np.argmax(score))
        if score[row] > LEAST_CONTRAST and (found is None or score[row] > found[0]):
            found = float(score[row]), row, width
    if found is None:
        return None
    score_, row, width = found
    contrast, inside = measure_bars(parts, width)
    middle = strip.to_photo(np.array([_PROBE / 2], np.float32), np.array([row], np.float32))[0]
    sighting = _Sighting(
        (float(middle[0]), float(middle[1])),
        angle,
        width,
        1,
        float(np.median(contrast[row])),
        inside[row].mean(axis=0),
    )
    return sighting, score_


def _follow_both_ways(pixels: Pixels, start: _Sighting, progress: Progress | None) -> Wire:
    there = _follow(pixels, start, start.angle, progress)
    back = _follow(pixels, start, start.angle + math.pi, progress)
    points = [*(p for piece in reversed(back) for p in piece[0][::-1])]
    widths = [*(w for piece in reversed(back) for w in piece[1][::-1])]
    points += [p for piece in there for p in piece[0]]
    widths += [w for piece in there for w in piece[1]]
    if len(points) < 2:
        along = np.array([math.cos(start.angle), math.sin(start.angle)])
        middle, width = np.array(start.point), start.width * start.step
        return Wire(np.stack([middle - along * width, middle + along * width]), np.full(2, width))
    return Wire(np.array(points), np.array(widths))


Piece = tuple[NDArray[np.float64], NDArray[np.float64]]


def _follow(
    pixels: Pixels, start: _Sighting, angle: float, progress: Progress | None
) -> list[Piece]:
    """Pieces of the line from ``start`` on, in the direction ``angle``: points and widths."""
    at, width, step = start.point, start.width, start.step
    contrast, colour = start.contrast, start.colour
    pieces: list[Piece] = []
    most = 4 * (pixels.shape[0] + pixels.shape[1]) / (step * _TAKEN) + 8
    while len(pieces) < most:
        if progress is not None:
            progress.check()
        advance = None
        for ahead in (_AHEAD, *_GAPS):
            half = _ASIDE + math.ceil(2 * width) + (ahead - _AHEAD) // 8
            strip = read_strip(pixels, at, angle, ahead, half, step)
            advance = _advance(strip, width, contrast, colour, 0 if ahead == _AHEAD else _LANDING)
            if advance is not None:
                break
        if advance is None:
            break
        points = advance.points
        pieces.append((points, np.full(len(points), advance.width * step)))
        if advance.ended:
            break
        width, colour = advance.width, 0.8 * colour + 0.2 * advance.colour
        contrast = 0.8 * contrast + 0.2 * advance.contrast
        at = (float(points[-1, 0]), float(points[-1, 1]))
        tail = points[-min(len(points), 40) :]
        angle = math.atan2(tail[-1, 1] - tail[0, 1], tail[-1, 0] - tail[0, 0])
    return pieces


@dataclass(frozen=True, eq=False)
class _Advance:
    points: NDArray[np.float64]
    width: float
    contrast: float
    colour: Floats
    ended: bool


def _advance(
    strip: Strip, width: float, contrast: float, colour: Floats, landing: int
) -> _Advance | None:
    """The line in a strip that begins on it; None where it cannot be seen.

    ``landing``: the line may be hidden but for the last so many samples.
    """
    middle = strip.half
    known = strip.known[middle]
    length = len(known) if known.all() else int(np.argmin(known))
    if length < max(4, landing):
        return None
    colours = smooth_along(strip.colours[:, :length], 7)
    found, inside = measure_bars(colours, width)
    likeness = np.minimum(found / np.float32(contrast), 1)
    strange = np.sqrt(np.sum((inside - colour) ** 2, axis=2)) / np.float32(max(60, 2 * contrast))
    likeness = likeness * np.maximum(1 - strange, 0)
    path = find_path(1 - likeness, BEND, middle)
    columns = np.arange(length)
    on_path = likeness[path, columns]
    judged = slice(length - landing, None) if landing else slice(0, _TAKEN)
    far = np.abs(np.arange(len(likeness))[:, None] - path) > width + 3
    clutter = float(np.quantile(likeness[:, judged][far[:, judged]], 0.9))
    evidence = float(on_path[judged].mean())
    least = max(_EVIDENCE, 0.55 if landing else 0.0)
    weak = evidence < least or evidence < 1.5 * clutter
    ended = False
    end = length if landing else min(_TAKEN, length)
    if weak:
        if landing:
            return None
        # It may end within the strip: keep what is still seen.
        end = _find_end(on_path)
        if end < 8 or evidence < 1.5 * clutter:
            return None
    elif length < strip.known.shape[1] and end == length:
        ended = True  # at the photo's border
    elif not landing:
        # What follows it is looked at from there on, as far as something may hide it.
        end = max(8, _find_end(on_path[:end]))
    rows = smooth_rows(path.astype(np.float32), middle)[:end]
    points = strip.to_photo(np.arange(end, dtype=np.float32), rows)
    kept = likeness[path[:end], columns[:end]] > 0.5
    if not kept.any():
        return _Advance(points, width, contrast, colour, ended)
    along = path[:end][kept], columns[:end][kept]
    best = _fit_width(strip.colours[:, :end][:, kept], rows[kept], width)
    own = float(np.median(found[along]))
    return _Advance(points, best, own, np.median(inside[along], axis=0), ended)


def _find_end(likeness: Floats) -> int:
    """How many samples (N,) of a path there are up to where the line stops being seen."""
    return int(np.argmax(np.cumsum(likeness - _EVIDENCE * 0.9))) + 1


def _fit_width(colours: Floats, rows: Floats, width: float) -> float:
    """How wide the bar along ``rows`` (N,) of ``colours`` (2 * half + 1, N, 3) is, in samples:
    from where its usual profile rises through half of its height to where it falls through it.
    ``width``, from which the search begins, where the profile has no such places.
    """
    side = max(1.5, 0.5 * width)
    reach = width / 2 + side + 3
    offsets = np.arange(-reach, reach + _FINE, _FINE, dtype=np.float32)
    columns = np.broadcast_to(np.arange(len(rows), dtype=np.float32), (len(offsets), len(rows)))
    at = rows + offsets[:, None]
    along = cv2.remap(colours, columns, at, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    profile = np.median(along, axis=1)  # (offsets, 3): no single column counts
    left, right = (np.median(profile[part], axis=0) for part in _list_sides(offsets, reach, side))
    share = (offsets / (2 * reach) + 0.5)[:, None]
    away = profile - (left * (1 - share) + right * share)
    inner = np.flatnonzero(np.abs(offsets) <= width / 2)
    top = int(inner[np.argmax(np.sum(away[inner] ** 2, axis=1))])
    height = away @ away[top] / max(float(away[top] @ away[top]), 1e-6)
    below = np.flatnonzero(height < 0.5)
    first, last = below[below < top], below[below > top]
    if height[top] < 0.5 or not len(first) or not len(last):
        return width
    ends = [
        offsets[outer] + _FINE * inward * (0.5 - height[outer]) / (height[inner_] - height[outer])
        for outer, inner_, inward in ((first[-1], first[-1] + 1, 1), (last[0], last[0] - 1, -1))
    ]
    return float(np.clip(ends[1] - ends[0], 1.0, 10.0))


def _list_sides(offsets: Floats, reach: float, side: float) -> tuple[BoolMask, BoolMask]:
    """Which ``offsets`` lie beside the bar: before it and behind it."""
    return offsets < side - reach, offsets > reach - side


def smooth_along(colours: Floats, count: int) -> Floats:
    """Means of ``count`` samples of a strip along the line."""
    return np.asarray(cv2.blur(colours, (count, 1), borderType=cv2.BORDER_REPLICATE), np.float32)


def smooth_rows(rows: Floats, first: int | None = None) -> Floats:
    """A path (N,) without the steps of whole rows; it begins in the row ``first``."""
    if len(rows) < _SMOOTHED:
        return rows
    padded = np.pad(rows, _SMOOTHED // 2, mode="edge")
    smooth = np.convolve(padded, np.full(_SMOOTHED, 1 / _SMOOTHED), "valid")
    if first is not None:
        smooth[: _SMOOTHED // 2] = np.linspace(first, smooth[_SMOOTHED // 2], _SMOOTHED // 2)
    return np.asarray(smooth, np.float32)
