"""The smoothest surface over a hole: Laplace's and Poisson's equations, solved by multigrid.

Sources: Pérez, Gangnet, Blake, "Poisson Image Editing" (SIGGRAPH 2003), equations 2 and 8;
McAdams, Sifakis, Teran, "A parallel multigrid Poisson solver" (SCA 2010) for the coarse domains
(a coarse cell belongs to the hole only when all its four children do).
"""

from __future__ import annotations

import math

import cv2
import numpy as np
from numpy.typing import NDArray

from inpaint_core.contract.arrays import BoolMask, FloatImage
from inpaint_core.contract.errors import NothingToCopy
from inpaint_core.contract.geometry import Rect
from inpaint_core.contract.progress import Progress

_Plane = NDArray[np.float32]

# Chebyshev steps for the upper half of the spectrum of the 5-point Laplacian over its diagonal,
# eigenvalues 0.5 .. 2: two of these damp it to 0.22, two plain Jacobi steps to 0.36.
_STEPS = tuple(1.0 / (1.25 + 0.75 * math.cos(math.pi * (2 * k - 1) / 4)) for k in (1, 2))
_COARSEST_SWEEPS = 24
_MOST_CYCLES = 16
_CLOSE_ENOUGH = 1.0 / 4096.0  # the largest change of the last cycle, of the range of the values


def solve_membrane(
    image: FloatImage,
    hole: BoolMask,
    laplacian: FloatImage | None = None,
    progress: Progress | None = None,
) -> FloatImage:
    """``image`` with its hole filled by the solution of Laplace's or Poisson's equation.

    ``image`` (h, w, c) float32, any range, values inside the hole are not used; ``hole`` (h, w)
    bool. Known pixels are the boundary values; nothing flows across the image's own border.
    ``laplacian`` (h, w, c): the required sum of the four neighbours minus four times the pixel
    inside the hole; None = 0. Returns a new array; known pixels are unchanged. Takes time linear in
    the bounding rectangle of the hole. Raises `NothingToCopy` when no pixel is known, `Cancelled`
    when ``progress`` is cancelled.
    """
    out = image.astype(np.float32, copy=True)
    box = Rect.bounding(hole)
    if box.is_empty:
        return out
    box = box.grow(1).intersect(Rect.whole(hole.shape))
    inner = hole[box.slices]
    if inner.all():
        raise NothingToCopy("engine.no_known_pixels")
    masks = _coarsen_hole(inner)
    for channel in range(image.shape[2]):
        start = _push_pull(np.ascontiguousarray(image[(*box.slices, channel)], np.float32), inner)
        target = np.zeros_like(start)
        if laplacian is not None:
            target[inner] = laplacian[(*box.slices, channel)][inner]
        change, is_damped = math.inf, False
        for _ in range(_MOST_CYCLES):
            if progress is not None:
                progress.check()
            before, last = start.copy(), change
            _run_cycle(start, target, masks, 0, is_damped)
            change = cv2.norm(start, before, cv2.NORM_INF)
            if change <= _CLOSE_ENOUGH * float(start.max() - start.min()) + 1e-6:
                break
            is_damped = is_damped or change >= last
        out[(*box.slices, channel)][inner] = start[inner]
    return out


def _coarsen_hole(hole: BoolMask) -> list[_Plane]:
    """The hole as 0/1 planes, finest first, each half as wide and high as the one before."""
    masks = [hole.astype(np.float32)]
    while max(masks[-1].shape) > 2:
        coarse = (_halve(masks[-1], cv2.BORDER_REPLICATE) == 1.0).astype(np.float32)
        if not coarse.any():
            break
        masks.append(coarse)
    return masks


def _pad_to_even(plane: _Plane, border: int) -> _Plane:
    """``plane`` with one more row or column where a side is odd; a side of 1 is doubled."""
    for axis, side in enumerate(plane.shape):
        if side % 2:
            kind = cv2.BORDER_REPLICATE if side == 1 else border
            more = (0, 1, 0, 0) if axis == 0 else (0, 0, 0, 1)
            plane = np.asarray(cv2.copyMakeBorder(plane, *more, kind), np.float32)
    return plane


def _halve(plane: _Plane, border: int) -> _Plane:
    """The mean of each 2x2 block."""
    even = _pad_to_even(plane, border)
    size = (even.shape[1] // 2, even.shape[0] // 2)
    return np.asarray(cv2.resize(even, size, interpolation=cv2.INTER_AREA), np.float32)


def _double(plane: _Plane, shape: tuple[int, ...]) -> _Plane:
    """``plane`` at twice the size, bilinear, cut to ``shape``."""
    size = (plane.shape[1] * 2, plane.shape[0] * 2)
    large = cv2.resize(plane, size, interpolation=cv2.INTER_LINEAR)
    return np.asarray(large[: shape[0], : shape[1]], np.float32)


def _compute_residual(plane: _Plane, target: _Plane) -> _Plane:
    """The Laplacian of ``plane`` minus ``target``; with a replicated border nothing flows out."""
    laplacian = cv2.Laplacian(plane, cv2.CV_32F, ksize=1, borderType=cv2.BORDER_REPLICATE)
    return np.asarray(cv2.subtract(laplacian, target), np.float32)


def _smooth(plane: _Plane, target: _Plane, mask: _Plane, sweeps: int) -> None:
    for k in range(sweeps):
        step = cv2.multiply(_compute_residual(plane, target), mask, scale=_STEPS[k % 2] / 4.0)
        cv2.add(plane, step, dst=plane)


def _run_cycle(
    plane: _Plane, target: _Plane, masks: list[_Plane], level: int, is_damped: bool
) -> None:
    """One V-cycle on ``plane``, in place.

    Where the hole is a mesh with strands as wide as a coarse cell, corrections are several times
    too large, and the cycles diverge unless they are damped.
    """
    mask = masks[level]
    if level == len(masks) - 1:
        _smooth(plane, target, mask, _COARSEST_SWEEPS)
        return
    _smooth(plane, target, mask, 2)
    # A cell of the coarser grid is twice as wide, so its Laplacian counts four times.
    rest = np.asarray(cv2.multiply(_compute_residual(plane, target), mask, scale=-4.0), np.float32)
    coarse = _halve(rest, cv2.BORDER_CONSTANT)
    correction = np.zeros_like(coarse)
    _run_cycle(correction, coarse, masks, level + 1, is_damped)
    step = np.asarray(cv2.multiply(_double(correction, plane.shape), mask), np.float32)
    cv2.scaleAdd(step, _find_length(step, rest) if is_damped else 1.0, plane, dst=plane)
    _smooth(plane, target, mask, 2)


def _find_length(step: _Plane, rest: _Plane) -> float:
    """By how much to multiply a ``step`` so that the error's energy falls the most; ``rest`` is -4
    times the residual in the hole.
    """
    bend = cv2.Laplacian(step, cv2.CV_32F, ksize=1, borderType=cv2.BORDER_REPLICATE)
    stiffness = 4 * float(np.vdot(step, bend))
    return float(np.vdot(step, rest)) / stiffness if stiffness < 0 else 0.0


def _push_pull(plane: _Plane, hole: BoolMask) -> _Plane:
    """``plane`` with the hole filled from ever coarser means of the known pixels."""
    weight = (~hole).astype(np.float32)
    return _pull(np.where(hole, np.float32(0), plane), weight)


def _pull(total: _Plane, weight: _Plane) -> _Plane:
    """The mean ``total / weight`` where a pixel has weight, else that of the coarser level."""
    empty = weight == 0
    out = np.divide(total, weight, out=np.zeros_like(total), where=~empty)
    if empty.any():
        halves = (_halve(p, cv2.BORDER_CONSTANT) for p in (total, weight))
        coarse = _double(_pull(*halves), out.shape)
        out[empty] = coarse[empty]
    return out
