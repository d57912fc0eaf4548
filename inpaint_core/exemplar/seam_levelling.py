"""Gradient-domain composition of copied pixels: removes colour steps and keeps the grain.

Where two neighbouring pixels were copied from different places, the photo shows twice what their
difference should be: at the source of either. The fill is changed by the smoothest surface that
makes its differences agree with that (Pérez, Gangnet, Blake 2003; Pritch, Kav-Venaki, Peleg,
"Shift-Map Image Editing", 2009). What looks like the same surface in another light is joined so
even where the step is large: a light edge becomes a gradient and not a cut.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from inpaint_core.contract.arrays import BoolMask, FloatImage
from inpaint_core.contract.geometry import Rect
from inpaint_core.contract.progress import Progress
from inpaint_core.local.compiled import compiled
from inpaint_core.raster.membrane import solve_membrane

_Ints = NDArray[np.intp]

EDGE = 0.2
"""Steps above this share of the full range are true edges, whose colours must not bleed into the
fill: their influence falls (a redescending estimator). The remaining step is softened over a pixel
or two, as by a lens."""
MOST_SEAMS = 0.5
"""Where more than this share of neighbours come from different places, there are no pieces to be
levelled: what is wanted between two such pixels is grain, and its sum over the hole a relief. On
photos with enough to copy from, the share is 0.1 to 0.3."""
SLACK = 0.05
"""How far a levelled colour may lie outside of the range of the known ones: as far as grain on top
of the lightest of them."""
FALL = 6
"""The influence of a step falls with this power: 0.5 is left at `EDGE`, 0.08 at 1.5 times it."""

LIGHT = 2.5
"""How many times larger a step may be where both sides look like the same surface in another
light: a cut would be seen, and colours that bleed would not."""
SURFACE = 15
"""Pixels across of the surroundings by which a surface is told."""
TINT = (math.radians(9.0), math.radians(15.0))
"""Angles between the colours of two sides, as vectors, from which they are surely and not at all
the same surface."""
CONTRASTS = (1.6, 2.5)
"""Likewise the ratio of their contrasts, each relative to its brightness."""
BRIGHTNESS = (2.5, 3.5)
"""And that of their brightness."""
OTHER_LIGHT = (1.2, 1.4)
"""The ratio of brightness up to which two sides are in one light, where a large step is part of
what is there (a bar before a pavement), and from which they surely are in another."""
ALONG = 31
"""Pixels across over which a seam is judged as a whole."""

GAINED = 0.25
"""Light was adapted along a seam as long as the hole is wide where neighbours on it have at least
this share more of their step levelled."""

_DARK = 0.02  # of the full range: what is darker has no colour and no contrast to be told by

_CROSS = np.array([[0, 1, 0], [1, 0, 1], [0, 1, 0]], np.float32)
_STIFFNESS = 2
_SOFTENING_STEPS = 8  # each leaves at most two thirds of the error, together 4 %


@dataclass(frozen=True, eq=False)
class JoinedPieces:
    """``image`` (h, w, 3) in [0, 1] with its hole filled. ``is_light_adapted``: whether places in
    different light were joined without a cut, so that colours change from one to the other.
    """

    image: FloatImage
    is_light_adapted: bool


def join_pieces(
    image: FloatImage, hole: BoolMask, offsets: NDArray[np.int32], progress: Progress
) -> JoinedPieces:
    """As `level_seams`, and larger steps are levelled, too, where both sides are the same surface
    in another light. Raises `Cancelled`.
    """
    surfaces = _Surfaces(image, hole)
    levelled = _level(image, hole, offsets, surfaces, progress)
    return JoinedPieces(levelled, surfaces.adapted >= math.sqrt(np.count_nonzero(hole)) > 0)


def level_seams(
    image: FloatImage, hole: BoolMask, offsets: NDArray[np.int32], progress: Progress
) -> FloatImage:
    """``image`` (h, w, 3) in [0, 1] with its hole filled by copying with ``offsets`` (h, w, 2),
    order dy, dx, and without colour steps between pixels from different places and at the border.
    No colour leaves the range of the known ones by more than `SLACK`. Raises `Cancelled`.
    """
    return _level(image, hole, offsets, None, progress)


def _level(
    image: FloatImage,
    hole: BoolMask,
    offsets: NDArray[np.int32],
    surfaces: _Surfaces | None,
    progress: Progress,
) -> FloatImage:
    out = image.copy()
    y, x = np.nonzero(hole)
    out[y, x] = image[y + offsets[y, x, 0], x + offsets[y, x, 1]]
    box = Rect.bounding(hole).grow(1).intersect(Rect.whole(hole.shape))
    if box.is_empty:
        return out
    inner = hole[box.slices]
    error = np.zeros((box.h, box.w, image.shape[2]), np.float32)
    edges = np.zeros_like(error)
    has_pieces = _measure_seams(inner, offsets[box.slices]) <= MOST_SEAMS
    seams = hole if has_pieces else np.zeros_like(hole)
    for axis in (0, 1):
        progress.check()
        _add_steps(error, edges, out, hole, seams, offsets, surfaces, box, axis)
    change = solve_membrane(np.zeros_like(error), inner, error, progress)
    levelled = out[box.slices][inner] + (change + _soften(edges, inner))[inner]
    out[box.slices][inner] = _keep_in_range(levelled, image, ~hole)
    return out


def _measure_seams(hole: BoolMask, offsets: NDArray[np.int32]) -> float:
    """The share of neighbours in the hole that were copied with different offsets."""
    place = offsets[..., 0] * np.int32(1 << 16) + offsets[..., 1]
    pairs, apart = 0, 0
    for first, second in ((np.s_[:-1], np.s_[1:]), (np.s_[:, :-1], np.s_[:, 1:])):
        both = hole[first] & hole[second]
        pairs += int(np.count_nonzero(both))
        apart += int(np.count_nonzero(both & (place[first] != place[second])))
    return apart / pairs if pairs else 0.0


def _keep_in_range(levelled: FloatImage, image: FloatImage, known: BoolMask) -> FloatImage:
    """``levelled`` (N, 3) clipped to the range of the ``known`` (h, w) colours of ``image``, which
    is widened by `SLACK`.
    """
    mask = known.view(np.uint8)
    for channel in range(image.shape[2] if known.any() else 0):
        low, high, *_ = cv2.minMaxLoc(image[..., channel], mask)
        np.clip(levelled[:, channel], low - SLACK, high + SLACK, out=levelled[:, channel])
    return levelled


def _soften(edges: FloatImage, inner: BoolMask) -> FloatImage:
    """The change whose Laplacian minus twice itself is ``edges``; it fades within two pixels."""
    change = np.zeros_like(edges)
    weight = inner[..., None] / np.float32(4 + _STIFFNESS)
    for _ in range(_SOFTENING_STEPS):
        around = cv2.filter2D(change, -1, _CROSS, borderType=cv2.BORDER_REPLICATE)
        # OpenCV drops the axis of a single channel.
        change = np.asarray((around.reshape(edges.shape) - edges) * weight, np.float32)
    return change


def _add_steps(
    error: FloatImage,
    edges: FloatImage,
    image: FloatImage,
    hole: BoolMask,
    seams: BoolMask,
    offsets: NDArray[np.int32],
    surfaces: _Surfaces | None,
    box: Rect,
    axis: int,
) -> None:
    """Add the wanted minus the actual difference between neighbours along ``axis`` to ``error`` as
    far as it is a colour error, to ``edges`` as far as it is an edge. Two neighbours in the hole
    count where they are in ``seams`` (h, w).
    """
    dy, dx = (1, 0) if axis == 0 else (0, 1)
    first = Rect(box.x, box.y, box.w - dx, box.h - dy)
    second = first.translate(dx, dy)
    apart = (offsets[first.slices] != offsets[second.slices]).any(axis=2)
    at_border = hole[first.slices] ^ hole[second.slices]
    y, x = np.nonzero((at_border | seams[first.slices] & seams[second.slices]) & apart)
    py, px = y + first.y, x + first.x
    qy, qx = py + dy, px + dx
    actual = image[qy, qx] - image[py, px]
    one, valid_one = _read_difference(image, hole, offsets, (py, px), (dy, dx))
    two, valid_two = _read_difference(image, hole, offsets, (qy, qx), (-dy, -dx))
    # The mean of two grains would be a flatter grain, so the larger of the two differences is used
    # ("mixing gradients", Pérez et al., equation 12).
    wanted = np.where(np.abs(one) >= np.abs(two), one, -two)
    step = np.where((valid_one | valid_two)[:, None], wanted - actual, 0)
    size = np.abs(step).max(axis=1, keepdims=True)
    edge = np.full_like(size, EDGE)
    large = size[:, 0] > EDGE / 2
    if surfaces is not None and large.any():
        here, there = (
            (rows + offsets[rows, columns, 0], columns + offsets[rows, columns, 1])
            for rows, columns in ((py[large], px[large]), (qy[large], qx[large]))
        )
        alike = surfaces.compare(here, there, (y[large], x[large]))
        edge[large, 0] *= 1 + np.float32(LIGHT - 1) * alike
    share = _trust_step(size, edge)
    if surfaces is not None:
        gained = share - _trust_step(size, np.full_like(size, EDGE))
        surfaces.adapted += int(np.count_nonzero(gained > GAINED))
    for field, part in ((error, step * share), (edges, step * (1 - share))):
        field[y, x] += part
        field[y + dy, x + dx] -= part


def _trust_step(size: FloatImage, edge: FloatImage) -> FloatImage:
    """The share of a step of this ``size`` that is levelled."""
    return np.asarray(1 / (1 + (size / edge) ** FALL), np.float32)


class _Surfaces:
    """What the known part of ``image`` (h, w, 3) looks like around each pixel. ``adapted`` counts
    the steps that were levelled because of it.
    """

    def __init__(self, image: FloatImage, hole: BoolMask) -> None:
        self._image, self._hole = image, hole
        self.adapted = 0

    def compare(
        self, one: tuple[_Ints, _Ints], other: tuple[_Ints, _Ints], at: tuple[_Ints, _Ints]
    ) -> FloatImage:
        """How surely the places ``one`` and ``other`` are the same surface in another light: (n,),
        0 to 1, averaged over those whose steps ``at`` are near each other.
        """
        here, there = (
            describe_surroundings(self._image, self._hole, *place) for place in (one, other)
        )
        return _average_along(_compare_surfaces(here, there), at)


@compiled
def describe_surroundings(
    image: FloatImage, hole: BoolMask, rows: _Ints, columns: _Ints
) -> FloatImage:
    """The mean colour of the known surroundings of known places (n,), and their contrast relative
    to it: (n, 4). ``image`` (h, w, 3) in [0, 1], ``hole`` (h, w).
    """
    out = np.zeros((len(rows), 4), np.float32)
    half = SURFACE // 2
    for n in range(len(rows)):
        red, green, blue, square, count = 0.0, 0.0, 0.0, 0.0, 0
        for y in range(max(rows[n] - half, 0), min(rows[n] + half + 1, hole.shape[0])):
            for x in range(max(columns[n] - half, 0), min(columns[n] + half + 1, hole.shape[1])):
                if not hole[y, x]:
                    r, g, b = image[y, x]
                    red, green, blue = red + r, green + g, blue + b
                    square += ((r + g + b) / 3) ** 2
                    count += 1
        red, green, blue, square = red / count, green / count, blue / count, square / count
        brightness = (red + green + blue) / 3
        deviation = math.sqrt(max(square - brightness * brightness, 0.0))
        out[n] = red, green, blue, deviation / (brightness + _DARK)
    return out


def _compare_surfaces(one: FloatImage, other: FloatImage) -> FloatImage:
    dark = np.float32(_DARK)
    a, b = (each[:, :3] + dark for each in (one, other))
    sizes = [np.linalg.norm(each, axis=1) for each in (a, b)]
    angle = np.arccos(np.clip((a * b).sum(axis=1) / (sizes[0] * sizes[1]), -1, 1))
    contrast = np.log((one[:, 3] + dark) / (other[:, 3] + dark))
    likeness = np.interp(angle, TINT, (1, 0))
    likeness *= np.interp(np.abs(contrast), np.log(CONTRASTS), (1, 0))
    ratio = np.abs(np.log(sizes[0] / sizes[1]))
    likeness *= np.interp(ratio, np.log((*OTHER_LIGHT, *BRIGHTNESS)), (0, 1, 1, 0))
    return np.asarray(likeness, np.float32)


def _average_along(values: FloatImage, at: tuple[_Ints, _Ints]) -> FloatImage:
    """The mean of the ``values`` (n,) of the pixels ``at`` over those near each of them: (n,)."""
    planes = np.zeros((int(at[0].max()) + 1, int(at[1].max()) + 1, 2), np.float32)
    planes[at] = np.stack([values, np.ones_like(values)], axis=1)
    mean = cv2.blur(planes, (ALONG, ALONG), borderType=cv2.BORDER_CONSTANT)[at]
    return np.asarray(mean[:, 0] / np.maximum(mean[:, 1], np.float32(1e-6)), np.float32)


def _read_difference(
    image: FloatImage,
    hole: BoolMask,
    offsets: NDArray[np.int32],
    at: tuple[_Ints, _Ints],
    towards: tuple[int, int],
) -> tuple[FloatImage, BoolMask]:
    """The difference to the neighbour ``towards`` at the sources of the pixels ``at``, and where it
    is valid: 0 and False where a pixel was not copied or its source has no known neighbour there.
    """
    y, x = at
    cy, cx = y + offsets[y, x, 0], x + offsets[y, x, 1]
    ny, nx = cy + towards[0], cx + towards[1]
    inside = (ny >= 0) & (nx >= 0) & (ny < hole.shape[0]) & (nx < hole.shape[1])
    ny, nx = np.where(inside, ny, cy), np.where(inside, nx, cx)
    valid = hole[y, x] & inside & ~hole[ny, nx]
    return np.where(valid[:, None], image[ny, nx] - image[cy, cx], np.float32(0)), valid
