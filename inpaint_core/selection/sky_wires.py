"""All wires and poles in the sky of a photo."""

from __future__ import annotations

import math

import cv2
import numpy as np
from numpy.typing import NDArray

from inpaint_core.contract.arrays import BoolMask, Pixels
from inpaint_core.contract.progress import Progress
from inpaint_core.selection.grey import to_grey
from inpaint_core.selection.line_seeds import LineSeed, find_line_seeds
from inpaint_core.selection.mark import Mark
from inpaint_core.selection.sky import find_sky
from inpaint_core.selection.wires import Wire, follow_wire

Floats = NDArray[np.float64]

_LEAST_SKY = 0.02  # of the photo
_LEAST_CONTRAST = 7
_LEAST_LENGTH = 0.12  # of the photo's shorter side
_MOST_SEEDS, _MOST_FOLLOWED = 500, 60
_MOST_IN_VAIN = 24  # followed one after the other without a wire: those after them are none either
_TURNED = 0.06  # radians: how far two pieces of one line may seem to point beside each other
_BOWED = 0.5  # radians between two pieces of one line
_WIDEST_WIRE, _WIDEST_POLE = 0.0035, 0.015  # of the photo's longer side
_UPRIGHT = 0.3  # how far a pole leans sideways, of its height
_BENT = 0.004  # of its length: how far a wire departs from a parabola, the shape of its sag
_BESIDE = (2.0, 3.0, 4.0)  # pixels from the edge of a wire, where its surroundings are looked at
_ALIKE = 0.4  # of its contrast: how far the surroundings on both sides may differ
_FAINT = 0.3  # of the contrast before the sky: from this on a wire is seen before something else
_BRIDGED = 0.2  # of a line: a gap that does not divide it
_CLEAR, _SEEN = 0.7, 0.6  # the share of points, in a window along a wire
_SURE = 0.7  # the share of a wire's points that must stand out


def find_wires(pixels: Pixels, progress: Progress | None = None) -> list[Mark]:
    """The wires and poles before the sky, or another plain surface at the photo's upper edge; with
    them what of the same wires is before something else.

    ``pixels`` (H, W, 3) uint8 or uint16. Long ones first. Raises `Cancelled`.
    """
    progress = progress or Progress()
    sky = find_sky(pixels)
    height, width = pixels.shape[:2]
    if sky.mean() < _LEAST_SKY:
        return []
    progress.report(0.05)
    progress.check()
    seeds = find_line_seeds(to_grey(pixels), sky, _MOST_SEEDS, progress)
    progress.report(0.25)
    found: list[tuple[float, Mark]] = []
    taken = np.zeros((height, width), np.uint8)
    least = max(24.0, _LEAST_LENGTH * min(height, width))
    followed = in_vain = 0
    for number, seed in enumerate(_sort_by_company(seeds)):
        progress.report(0.25 + 0.75 * max(number / len(seeds), followed / _MOST_FOLLOWED))
        progress.check()
        if followed == _MOST_FOLLOWED or in_vain == _MOST_IN_VAIN:
            break
        if taken[int(seed.y), int(seed.x)]:
            continue
        followed, in_vain = followed + 1, in_vain + 1
        wire = follow_wire(pixels, seed.x, seed.y, seed.reach + 2, progress, seed.angle)
        if wire is None:
            continue
        if wire.length >= least:
            for piece, certainty in _cut_to_sky(wire, pixels, sky, least):
                in_vain = 0
                mark = piece.draw((height, width))
                if mark is None:
                    continue
                covered = mark.strength > 127
                new = covered & (taken[mark.rect.slices] == 0)
                if np.count_nonzero(new) > 0.5 * np.count_nonzero(covered):
                    found.append((piece.length, Mark(mark.rect, mark.strength, certainty)))
        drawn = wire.draw((height, width))
        if drawn is not None:  # wire or not: it is not followed again
            before = taken[drawn.rect.slices]
            before[cv2.dilate(drawn.strength, np.ones((7, 7), np.uint8)) > 0] = 255
    return [mark for _, mark in sorted(found, key=lambda pair: -pair[0])]


def _sort_by_company(seeds: list[LineSeed]) -> list[LineSeed]:
    """``seeds`` that lie on one line with others first, and none of those that lie on their own.

    Of two points of a parabola, the shape of a wire, the chord points in the mean of the two
    directions there.
    """
    if not seeds:
        return []
    x, y, angle, clear = np.array([(s.x, s.y, s.angle, s.clearness) for s in seeds]).T
    across, down = x[None] - x[:, None], y[None] - y[:, None]
    between = _turn(angle[None] - angle[:, None])  # within a quarter turn
    chord = np.arctan2(down, across)
    away = np.abs(_turn(chord - angle[:, None] - between / 2))
    together = (away < _TURNED) & (np.abs(between) < _BOWED)
    np.fill_diagonal(together, False)
    company = (together * np.minimum(clear, 10.0)[None]).sum(axis=1)
    order = np.argsort(-company * np.minimum(clear, 10.0), kind="stable")
    return [seeds[k] for k in order if company[k] > 0]


def _turn(angle: Floats) -> Floats:
    """``angle`` of a line without direction, between minus and plus a quarter turn."""
    return np.asarray((angle + math.pi / 2) % math.pi - math.pi / 2, np.float64)


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
    wire: Wire, pixels: Pixels, sky: BoolMask, least: float
) -> list[tuple[Wire, float]]:
    """The parts of a line that look like a wire, and of which a part at least so long stands out
    before the sky, which goes on behind it: it is alike on both sides. With each, the share of its
    points that stand out.
    """
    clear, seen = _look_beside(wire, pixels, sky)
    count = len(clear)
    window = max(9, count // 40) | 1
    anchors = _list_runs(clear, window, _CLEAR)
    anchors = [run for run in anchors if Wire(*_part(wire, run)).length >= least]
    if not anchors:
        return []
    runs = _list_runs(seen | clear, window, _SEEN)
    wide = [run for run in runs if any(run[0] < end and begin < run[1] for begin, end in anchors)]
    pieces = []
    for candidates in (wide, anchors):
        for run in candidates:
            piece = Wire(*_part(wire, run))
            certainty = float((seen | clear)[slice(*run)].mean())
            inner = sum(min(run[1], end) - max(run[0], begin) for begin, end in anchors)
            ok = piece.length >= least and certainty >= _SURE and 3 * inner > run[1] - run[0]
            if ok and _looks_like_wire(piece, max(pixels.shape[:2])):
                pieces.append((piece, certainty))
        if pieces:
            break
    return pieces


def _look_beside(wire: Wire, pixels: Pixels, sky: BoolMask) -> tuple[BoolMask, BoolMask]:
    """For each point (N,) of a line: whether it stands out before a sky that is alike on both
    sides, and whether it stands out in the same way at all.
    """
    points, half = wire.points, wire.widths / 2
    along = np.gradient(cv2.blur(points, (1, 9), borderType=cv2.BORDER_REPLICATE), axis=0)
    along /= np.maximum(np.hypot(*along.T), 1e-6)[:, None]
    across = np.stack([-along[:, 1], along[:, 0]], axis=1)
    scale = np.array([sky.shape[1] / pixels.shape[1], sky.shape[0] / pixels.shape[0]])
    levels = (1 if pixels.dtype == np.uint8 else 255 / 65535) / math.sqrt(3)

    def read(offset: Floats) -> Floats:
        at = (points + across * offset[:, None] - 0.5).astype(np.float32)
        values = cv2.remap(
            pixels, at[:, :1], at[:, 1:], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
        )
        return np.asarray(values.reshape(-1, 3) * levels, np.float64)

    def is_sky(offset: Floats) -> BoolMask:
        at = np.floor((points + across * offset[:, None]) * scale).astype(np.intp)
        x, y = np.clip(at, 0, [sky.shape[1] - 1, sky.shape[0] - 1]).T
        out: BoolMask = sky[y, x]
        return out

    inside = read(np.zeros(len(points)))
    sides = [
        np.mean([read(sign * (half + gap)) for gap in _BESIDE], axis=0) for sign in (-1.0, 1.0)
    ]
    steps = [inside - side for side in sides]
    sizes = [np.sqrt(np.sum(step**2, axis=1)) for step in steps]
    contrast = np.minimum(*sizes)
    agree = np.sum(steps[0] * steps[1], axis=1) > 0.5 * sizes[0] * sizes[1]
    apart = np.sqrt(np.sum((sides[0] - sides[1]) ** 2, axis=1))
    clear = agree & (contrast >= _LEAST_CONTRAST) & (apart < _ALIKE * contrast)
    far = half + _BESIDE[-1] + 1 / scale.min()
    clear &= is_sky(-far) & is_sky(far)
    if not clear.any():
        return clear, clear
    usual = np.median((steps[0] + steps[1])[clear] / 2, axis=0)
    size = max(float(np.sqrt(usual @ usual)), 1e-6)
    seen = (np.minimum(*(step @ usual for step in steps)) / size) > max(4.0, _FAINT * size)
    return clear, seen


def _list_runs(good: BoolMask, window: int, share: float) -> list[tuple[int, int]]:
    """Where at least that ``share`` of the points in a ``window`` is ``good`` (N,), from .. to;
    short gaps do not divide a run.
    """
    counts = np.convolve(np.pad(good.astype(float), window // 2, "edge"), np.ones(window), "valid")
    ends = np.flatnonzero(np.diff(np.pad((counts > share * window).astype(np.int8), 1)))
    runs: list[tuple[int, int]] = []
    for begin, end in ends.reshape(-1, 2).tolist():
        if runs and begin - runs[-1][1] < _BRIDGED * (end - runs[-1][0]):
            begin = runs.pop()[0]  # something crosses the line, or a cloud lies behind it
        runs.append((begin, end))
    return [(begin, end) for begin, end in runs if end - begin > 8]


def _part(wire: Wire, run: tuple[int, int]) -> tuple[Floats, Floats]:
    return wire.points[slice(*run)], wire.widths[slice(*run)]
