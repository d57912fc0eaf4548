"""Where thin lines may run: sums along short straight pieces in all directions.

The sums of all pieces are built from pieces half as long (Brady, “A fast discrete approximation
algorithm for the Radon transform”, SIAM Journal on Computing 1998), so that a line that is too
faint or too often interrupted to be seen pixel by pixel still stands out from what is beside it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from inpaint_core.contract.arrays import BoolMask
from inpaint_core.contract.progress import Progress

Floats = NDArray[np.float32]
Sums = NDArray[np.int16]

_MOST_PIXELS = 1_400_000  # of the reduced photo in which lines are summed
_FOLDS = 5  # a piece is 2 ** this many pixels long
_LENGTH = 2**_FOLDS
_BESIDE = 4  # pixels to the parallel pieces that a line is compared with
_BARS = (5, 9, 15)  # pixels: bars up to about half as wide stand out from what is around them
_PARTS = 16  # of a level
_SLOPES = 2 * _LENGTH  # a power of 2 beyond every slope
_CEILING = 40  # levels: a stronger bar counts as much as this
_LEAST = 1.6  # levels that a piece stands out by, on average
_NOISE = 0.85  # the same, of the unrest around it
_CLEARED = 5  # pixels beside a seed that are none of their own


@dataclass(frozen=True)
class LineSeed:
    """A straight piece of a line around (x, y) in the photo: its ``angle`` in radians, how far in
    pixels the line may lie beside it, and how clearly it stands out, in levels.
    """

    x: float
    y: float
    angle: float
    reach: float
    clearness: float


def find_line_seeds(
    grey: NDArray[np.uint8], allowed: BoolMask, most: int, progress: Progress
) -> list[LineSeed]:
    """Pieces of thin lines in ``grey`` (H, W), the clear ones first, ``most`` of them.

    ``allowed`` (h, w), of the same view at any size: where they may lie. Raises `Cancelled`.
    """
    rows = np.flatnonzero(allowed.any(axis=1))
    if not len(rows):
        return []
    bottom = min(grey.shape[0], math.ceil((rows[-1] + 1) * grey.shape[0] / allowed.shape[0]) + 1)
    part = grey[:bottom]
    step = max(1, math.ceil(math.sqrt(part.size / _MOST_PIXELS)))
    seeds: list[LineSeed] = []
    for turned in (False, True):
        view = np.ascontiguousarray(part.T) if turned else part
        inside = allowed.T if turned else allowed
        inside = inside[:, : rows[-1] + 1] if turned else inside[: rows[-1] + 1]
        for sign in (-1, 1):
            progress.check()
            bars = _measure_bars(view, sign, step)
            size = (bars.shape[1], bars.shape[0])
            there = cv2.resize(inside.astype(np.uint8), size, interpolation=cv2.INTER_NEAREST)
            for x, y, slope, clear in _find_pieces(bars, there > 0, most):
                at = (x + 0.5) * step, (y + 0.5) * step
                angle = math.atan2(slope, _LENGTH - 1)
                if turned:
                    at, angle = (at[1], at[0]), math.pi / 2 - angle
                seeds.append(LineSeed(*at, angle, 2.0 * step, clear))
    seeds.sort(key=lambda seed: -seed.clearness)
    return seeds[:most]


def _measure_bars(grey: NDArray[np.uint8], sign: int, step: int) -> Floats:
    """How much level bars stand out from above and below, in levels, of ``grey`` (H, W) reduced by
    ``step``: dark ones for a negative ``sign``.
    """
    operation = cv2.MORPH_BLACKHAT if sign < 0 else cv2.MORPH_TOPHAT
    best: Floats | None = None
    soft = cv2.GaussianBlur(grey, (3, 3), 0)
    size = (max(1, grey.shape[1] // step), max(1, grey.shape[0] // step))
    for side in _BARS:
        scale = 1 if side == _BARS[0] else step
        # The finest at the photo's own size, where a wire is only a pixel or two wide.
        source = soft if scale == 1 else cv2.resize(soft, size, interpolation=cv2.INTER_AREA)
        bars = cv2.morphologyEx(source, operation, np.ones((side, 1), np.uint8))
        bars = np.minimum(bars, _CEILING).astype(np.float32)
        if scale == 1 and step > 1:
            bars = cv2.resize(bars, size, interpolation=cv2.INTER_AREA)
        best = np.asarray(bars, np.float32) if best is None else np.maximum(best, bars)
    assert best is not None
    return best


def _find_pieces(bars: Floats, there: BoolMask, most: int) -> list[tuple[int, int, int, float]]:
    """The middles (x, y) of the pieces that stand out most in ``bars`` (h, w), with how many rows
    each falls over its length and how much it stands out.
    """
    height, width = bars.shape
    if width < 2 * _LENGTH or height < 2 * _BESIDE + 3:
        return []
    score, fall = _sum_pieces(bars)
    unrest = cv2.blur(bars, (65, 65))
    unrest = np.asarray(cv2.min(unrest, cv2.blur(bars, (33, 5))), np.float32)
    clear = score - np.maximum(np.float32(_NOISE) * unrest, np.float32(_LEAST))
    clear[~there] = -1
    box = np.ones((2 * _CLEARED + 1, _LENGTH + 1), np.uint8)
    peaks = (clear > 0) & (clear >= cv2.dilate(clear, box))
    y, x = np.nonzero(peaks)
    order = np.argsort(-clear[y, x], kind="stable")[:most]
    return [(int(x[k]), int(y[k]), int(fall[y[k], x[k]]), float(clear[y[k], x[k]])) for k in order]


def _sum_pieces(bars: Floats) -> tuple[Floats, NDArray[np.int16]]:
    """For each middle of a piece in ``bars`` (h, w): how much the piece there that stands out most
    does so from those beside it, on average over its length, and how many rows it falls.
    """
    height, width = bars.shape
    pad = _LENGTH
    # In whole 16ths of a level: the sums of a piece fit 16 bits, which are added twice as fast.
    exact = np.rint(bars * _PARTS).astype(np.int16)
    padded = np.pad(exact, ((pad, pad), (0, 0)), mode="reflect" if height > pad else "symmetric")
    sums = {0: padded}
    for fold in range(_FOLDS - 1):
        sums = _double(sums, fold)
    half = _LENGTH // 2
    # The score and, in its last bits, the slope: their maximum is that of the score.
    best = np.full((height, width), -(_SLOPES**2), np.int32)
    for slope in range(-_LENGTH + 1, _LENGTH):
        piece = _join_halves(sums, slope, half)
        beside = np.maximum(piece[: -2 * _BESIDE], piece[2 * _BESIDE :])
        # Pieces are named by their left end: bring their middle there.
        top = pad - _BESIDE - slope // 2
        rows = slice(top, top + height)
        out = np.subtract(piece[_BESIDE:-_BESIDE][rows], beside[rows], dtype=np.int32)
        out *= _SLOPES
        out += slope + _LENGTH
        part = best[:, half : half + out.shape[1]]
        np.maximum(part, out, out=part)
    score = (best // _SLOPES).astype(np.float32) / np.float32(_LENGTH * _PARTS)
    return np.asarray(score, np.float32), (best % _SLOPES - _LENGTH).astype(np.int16)


def _double(sums: dict[int, Sums], fold: int) -> dict[int, Sums]:
    length = 2 ** (fold + 1)
    return {slope: _join_halves(sums, slope, length // 2) for slope in range(1 - length, length)}


def _join_halves(sums: dict[int, Sums], slope: int, half: int) -> Sums:
    """Sums of pieces that fall by ``slope`` rows, of two pieces of ``half`` columns."""
    first = int(slope / 2)  # towards 0, so that both halves are known
    step = slope - first
    piece = sums[first]
    width = piece.shape[1] - half
    out = np.empty((len(piece), width), np.int16)
    own, second = piece[:, :width], piece[:, half:]
    at = step % len(piece)  # the second half begins ``step`` rows lower, around the end
    np.add(own[: len(piece) - at], second[at:], out=out[: len(piece) - at])
    np.add(own[len(piece) - at :], second[:at], out=out[len(piece) - at :])
    return out
