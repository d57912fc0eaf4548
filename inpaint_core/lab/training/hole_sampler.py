"""Random holes: their shapes (strokes, boxes, polygons, silhouettes), their share of the image and
their place, at the image's border or off it; or whole objects as large as in scenes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from inpaint_core.contract.arrays import BoolMask
from inpaint_core.contract.errors import BadRequest
from inpaint_core.lab.evaluation.scenes.silhouettes import draw_silhouette
from inpaint_core.lab.training.photo_archive import PhotoArchive

BINS = ((0.01, 0.1), (0.1, 0.2), (0.2, 0.3), (0.3, 0.4), (0.4, 0.5), (0.5, 0.6))
"""Shares of the image, in the TSGL paper's (and NVIDIA's) bins."""

OBJECTS = (0.02, 0.4)
"""The share of a scene that objects to be removed have together, from low to high."""
_COUNTS = (0.7, 0.2, 0.1)
"""How often one, two and three objects are removed."""

_Plane = NDArray[np.uint8]

ShapePainter = Callable[[Generator, _Plane, float], None]
"""Adds a shape of about the given size in pixels to a plane of 0 (known) and 1 (hole)."""


def draw_hole(
    rng: Generator,
    height: int,
    width: int,
    share: tuple[float, float],
    shapes: Sequence[ShapePainter] | None = None,
) -> BoolMask:
    """A hole (height, width) bool whose share of the image lies in ``share`` (low, high].

    ``shapes`` (default: `SHAPES`) are added until it is large enough; one that makes it too large
    is removed and drawn smaller.
    """
    shapes = SHAPES if shapes is None else shapes
    low, high = share
    hole = np.zeros((height, width), np.uint8)
    size = max(height, width) * float(np.sqrt(rng.uniform(low, high)))
    while hole.mean() <= low:
        before = hole.copy()
        shape = shapes[int(rng.integers(len(shapes)))]
        shape(rng, hole, size)
        if hole.mean() > high:
            hole = before
            size = max(size * 0.8, 1.0)
    return hole > 0


def _draw_stroke(rng: Generator, hole: _Plane, size: float) -> None:
    """A brush stroke that turns a little at each step."""
    height, width = hole.shape
    thickness = max(round(size * rng.uniform(0.1, 0.35)), 1)
    point = rng.uniform(0, 1, 2) * (width, height)
    angle = rng.uniform(0, 2 * np.pi)
    for _ in range(int(rng.integers(2, 7))):
        after = point + size * rng.uniform(0.2, 0.6) * np.array([np.cos(angle), np.sin(angle)])
        ends = [(round(float(p[0])), round(float(p[1]))) for p in (point, after)]
        cv2.line(hole, ends[0], ends[1], 1, thickness)
        point = after
        angle += rng.normal(0, 0.7)


def _draw_box(rng: Generator, hole: _Plane, size: float) -> None:
    height, width = hole.shape
    w, h = (max(round(size * rng.uniform(0.3, 1.0)), 1) for _ in range(2))
    x, y = round(rng.uniform(-w / 2, width - w / 2)), round(rng.uniform(-h / 2, height - h / 2))
    hole[max(y, 0) : y + h, max(x, 0) : x + w] = 1


def _fill_outline(rng: Generator, hole: _Plane, radii: NDArray[np.float64]) -> None:
    """Fill the outline with these radii at equal angles around a random centre."""
    height, width = hole.shape
    angle = np.linspace(0, 2 * np.pi, len(radii), endpoint=False) + rng.uniform(0, 2 * np.pi)
    points = radii[:, None] * np.stack([np.cos(angle), np.sin(angle)], axis=1)
    points = points * (rng.uniform(0.5, 1.0), 1.0) + rng.uniform(0, 1, 2) * (width, height)
    cv2.fillPoly(hole, [np.rint(points).astype(np.int32)], 1)


def _draw_polygon(rng: Generator, hole: _Plane, size: float) -> None:
    _fill_outline(rng, hole, size * rng.uniform(0.2, 0.7, int(rng.integers(3, 9))))


def _draw_silhouette(rng: Generator, hole: _Plane, size: float) -> None:
    """A smooth closed outline with bays and limbs, like that of an object."""
    angle = np.linspace(0, 2 * np.pi, 90, endpoint=False)
    waves = np.arange(1, 7)
    strength = rng.normal(0, 0.35, 6) / np.sqrt(waves)
    phase = rng.uniform(0, 2 * np.pi, 6)
    wave = (strength[:, None] * np.sin(waves[:, None] * angle + phase[:, None])).sum(axis=0)
    _fill_outline(rng, hole, size * 0.45 * np.exp(wave))


SHAPES: tuple[ShapePainter, ...] = (
    _draw_stroke, _draw_box, _draw_polygon, _draw_silhouette,
)  # fmt: skip


INSET = 50 / 512
"""A hole's distance from the border as a share of the side: 50 of 512 pixels (Liu et al.)."""

_TRIES = 20
_FIGURE_SIDE = 128


@dataclass(frozen=True)
class HoleSampler:
    """Draws random holes.

    ``silhouettes``: pictures of objects, white (128 or more) on black; None: invented outlines.
    ``border``: the share of holes that touch the border, while the others keep `INSET` away from
    it, as in the TSGL paper's test masks with 0.5; None: holes anywhere.
    """

    silhouettes: PhotoArchive | None = None
    border: float | None = None

    def draw(self, rng: Generator, side: int, share: tuple[float, float]) -> BoolMask:
        """A hole (side, side) bool whose share of the image lies in ``share`` (low, high]."""
        shapes = self.shapes()
        if self.border is None:
            return draw_hole(rng, side, side, share, shapes)
        if rng.random() < self.border:
            return move_to_border(rng, draw_hole(rng, side, side, share, shapes))
        return draw_inset_hole(rng, side, share, shapes)

    def draw_objects(
        self, rng: Generator, side: int, share: tuple[float, float] = OBJECTS
    ) -> BoolMask:
        """The outlines of one to three whole objects (side, side) bool, whose share of the image
        lies in ``share`` (low, high], small ones as often as large ones by the logarithm: upright
        silhouettes or, without those, drawn people and invented outlines, perhaps with the margin
        that a painted mask has. An object may be cut by the border, as in photos.
        """
        low, high = share
        for _ in range(_TRIES):
            count = 1 + int(rng.choice(len(_COUNTS), p=_COUNTS))
            each = side**2 * float(np.exp(rng.uniform(np.log(low), np.log(high)))) / count
            hole = np.zeros((side, side), np.uint8)
            for _ in range(count):
                figure = self._find_figure(rng)
                scale = min(np.sqrt(each / figure.sum()), 1.5 * side / max(figure.shape))
                _paste(rng, hole, figure, float(scale))
            if rng.random() < 0.5:
                reach = 2 * max(round(side * rng.uniform(0, 0.015)), 1) + 1
                brush = np.ones((reach, reach), np.uint8)
                hole = np.asarray(cv2.dilate(hole, brush), np.uint8)
            if low < hole.mean() <= high:
                return hole > 0
        return draw_hole(rng, side, side, share, self.shapes())

    def _find_figure(self, rng: Generator) -> _Plane:
        """An object, 0 or 1, cropped to its bounds."""
        if self.silhouettes is not None:
            return self._object(rng)
        if rng.random() < 0.6:
            return draw_silhouette(rng, _FIGURE_SIDE).astype(np.uint8)
        plane = np.zeros((3 * _FIGURE_SIDE, 3 * _FIGURE_SIDE), np.uint8)
        while not plane.any():
            _draw_silhouette(rng, plane, _FIGURE_SIDE)
        x, y, width, height = cv2.boundingRect(plane)
        return np.ascontiguousarray(plane[y : y + height, x : x + width])

    def shapes(self) -> tuple[ShapePainter, ...]:
        """The shapes of holes; silhouettes, if given, replace the invented outlines."""
        return SHAPES if self.silhouettes is None else (*SHAPES[:-1], self._cut_out)

    def _cut_out(self, rng: Generator, hole: NDArray[np.uint8], size: float) -> None:
        """Add one silhouette, perhaps mirrored, its longer side about ``size``, anywhere."""
        object_ = self._object(rng)
        _paste(rng, hole, object_, size * rng.uniform(0.5, 1.3) / max(object_.shape))

    def _object(self, rng: Generator) -> NDArray[np.uint8]:
        """A silhouette, 0 or 1, cropped to its bounds. Raises `BadRequest` after too many empty or
        damaged pictures.
        """
        assert self.silhouettes is not None
        for _ in range(_TRIES):
            picture = self.silhouettes.read(int(rng.integers(len(self.silhouettes))))
            white = None if picture is None else (picture[..., 0] >= 128).astype(np.uint8)
            if white is None or not white.any():
                continue
            x, y, width, height = cv2.boundingRect(white)
            white = white[y : y + height, x : x + width]
            return np.ascontiguousarray(white[:, ::-1] if rng.random() < 0.5 else white)
        raise BadRequest("lab.bad_silhouettes", count=_TRIES)


def _paste(rng: Generator, hole: _Plane, figure: _Plane, scale: float) -> None:
    """Add a ``figure``, 0 or 1, at another size to the hole, anywhere."""
    sides = [max(round(length * scale), 1) for length in figure.shape]
    small = np.asarray(
        cv2.resize(figure, (sides[1], sides[0]), interpolation=cv2.INTER_NEAREST), np.uint8
    )
    height, width = small.shape
    # The middle lies inside the image, so usually some of the object does.
    top, left = (
        round(rng.uniform(-length / 2, whole - length / 2))
        for length, whole in zip(small.shape, hole.shape, strict=True)
    )
    into = hole[max(top, 0) : top + height, max(left, 0) : left + width]
    part = small[max(-top, 0) :, max(-left, 0) :][: into.shape[0], : into.shape[1]]
    np.maximum(into, part, out=into)


def move_to_border(rng: Generator, hole: BoolMask) -> BoolMask:
    """``hole`` (h, w) bool, moved as a whole to one of the borders unless it touches one."""
    rows, columns = np.flatnonzero(hole.any(axis=1)), np.flatnonzero(hole.any(axis=0))
    height, width = hole.shape
    gaps = (rows[0], height - 1 - rows[-1], columns[0], width - 1 - columns[-1])
    if min(gaps) == 0:
        return hole
    side = int(rng.integers(4))
    step = int(gaps[side]) * (1 if side % 2 else -1)
    # What wraps around is empty: the hole touched neither border.
    return np.roll(hole, step, axis=side // 2)


def draw_inset_hole(
    rng: Generator, side: int, share: tuple[float, float], shapes: tuple[ShapePainter, ...]
) -> BoolMask:
    """A hole (side, side) bool that keeps `INSET` off the border."""
    margin = round(side * INSET)
    inner = side - 2 * margin
    larger = (side / inner) ** 2
    hole = np.zeros((side, side), np.bool_)
    hole[margin : margin + inner, margin : margin + inner] = draw_hole(
        rng, inner, inner, (share[0] * larger, share[1] * larger), shapes
    )
    return hole
