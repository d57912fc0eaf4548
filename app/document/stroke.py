"""Strokes that are drawn point by point: of a soft round brush and of an edge pencil."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from app.document.open_edit import OpenEdit, blend_strength
from inpaint_core.contract.choices import Layer
from inpaint_core.contract.geometry import Rect

_HIGH, _WIDE = 128, 256
"""Height and width of the blocks that are computed at once, so that they fit the CPU cache."""


class _Tip(NamedTuple):
    """The brush at (x, y): full strength within ``inner`` pixels, none beyond ``outer``."""

    x: float
    y: float
    radius: float
    inner: float
    outer: float

    def interpolate(self, end: _Tip, fraction: float) -> _Tip:
        return _Tip(*(a + (b - a) * fraction for a, b in zip(self, end, strict=True)))


class Stroke:
    """Paints into ``layer`` through ``editing`` along line segments, ``size`` pixels wide.

    Coordinates are the photo's: its upper left corner is (0, 0), its first pixel's centre
    (0.5, 0.5). ``hardness`` 0 .. 1 is the share of the radius with full strength; beyond it, the
    strength falls smoothly to 0 at the edge, over at least one pixel.

    Within a stroke the strength is the maximum over all positions of the brush, so that moving
    slowly or over the same place again changes nothing. It is computed exactly along each segment,
    so that no single dabs show. ``erase`` removes what painting would add.
    """

    def __init__(
        self,
        editing: OpenEdit,
        layer: Layer,
        shape: tuple[int, int],
        size: float,
        hardness: float,
        erase: bool = False,
    ) -> None:
        self._editing = editing
        self._layer = layer
        self._radius = size / 2
        self._hardness = hardness
        self._erase = erase
        # The system allocates only the pages that are painted on, not the whole photo.
        self._strength = np.zeros(shape, np.uint8)
        self._last: _Tip | None = None

    def draw_to(
        self, x: float, y: float, pressure_size: float = 1.0, pressure_hardness: float = 1.0
    ) -> Rect:
        """Draw from the last point to (x, y), or a dab at the first one. Returns what changed.

        The pressures 0 .. 1 scale size and hardness and are interpolated between two points.
        """
        end = self._tip(x, y, pressure_size, pressure_hardness)
        start = self._last if self._last is not None else end
        self._last = end
        # Short pieces: the rectangle around a long slanted line is mostly empty.
        length = math.hypot(end.x - start.x, end.y - start.y)
        pieces = max(1, math.ceil(length / max(2 * self._radius, 64.0)))
        dirty = Rect(0, 0, 0, 0)
        for piece in range(pieces):
            first = start.interpolate(end, piece / pieces)
            last = start.interpolate(end, (piece + 1) / pieces)
            dirty = dirty.union(self._draw(first, last))
        return dirty

    def _tip(self, x: float, y: float, pressure_size: float, pressure_hardness: float) -> _Tip:
        radius = max(self._radius * min(max(pressure_size, 0.0), 1.0), 0.5)
        hardness = min(max(self._hardness * pressure_hardness, 0.0), 1.0)
        return _Tip(x, y, radius, min(hardness * radius, radius - 0.5), radius + 0.5)

    def _draw(self, start: _Tip, end: _Tip) -> Rect:
        rect = _tip_bounds(start).union(_tip_bounds(end))
        rect = rect.intersect(Rect.whole(self._strength.shape))
        if rect.is_empty:
            return rect
        dirty = Rect(0, 0, 0, 0)
        for block in _split_blocks(rect):
            held = self._strength[block.slices]
            # A large brush mostly covers painted pixels, and its rectangle has empty corners.
            if _is_out_of_reach(block, start, end) or held.min() == 255:
                continue
            drawn = _compute_strength(block, start, end)
            if (drawn > held).any():
                np.maximum(held, drawn, out=held)
                dirty = dirty.union(block)
        if not dirty.is_empty:
            self._apply(dirty, self._strength[dirty.slices])
        return dirty

    def _apply(self, rect: Rect, strength: NDArray[np.uint8]) -> None:
        """Write what the stroke so far, of ``strength`` (h, w), makes of the photo in ``rect``."""
        before = self._editing.read_before(self._layer, rect)
        self._editing.write(self._layer, rect, blend_strength(before, strength, self._erase))

    def show(self) -> None:
        """Some points were drawn, and the stroke is about to be seen."""

    def finish(self) -> None:
        """Complete the stroke, whose last point was drawn."""


def _split_blocks(rect: Rect) -> Iterator[Rect]:
    for top in range(rect.y, rect.bottom, _HIGH):
        for left in range(rect.x, rect.right, _WIDE):
            yield Rect(left, top, _WIDE, _HIGH).intersect(rect)


def _is_out_of_reach(block: Rect, start: _Tip, end: _Tip) -> bool:
    """True if the brush certainly does not touch ``block`` between two points."""
    x, y = block.x + block.w / 2, block.y + block.h / 2
    dx, dy = end.x - start.x, end.y - start.y
    length = dx * dx + dy * dy
    part = ((x - start.x) * dx + (y - start.y) * dy) / length if length else 0.0
    part = min(max(part, 0.0), 1.0)
    away = math.hypot(x - start.x - part * dx, y - start.y - part * dy)
    return away > max(start.outer, end.outer) + math.hypot(block.w, block.h) / 2


def _tip_bounds(tip: _Tip) -> Rect:
    return Rect.from_bounds(
        math.floor(tip.x - tip.outer),
        math.floor(tip.y - tip.outer),
        math.ceil(tip.x + tip.outer),
        math.ceil(tip.y + tip.outer),
    )


def _compute_strength(rect: Rect, start: _Tip, end: _Tip) -> NDArray[np.uint8]:
    """Strength (h, w) 0 .. 255 of a brush that moves from ``start`` to ``end``.

    The distance from a pixel to a point on the segment, minus the radius there, is least where the
    line through both meets the segment at the angle whose sine is the radius' slope ``k``.
    """
    dx, dy = end.x - start.x, end.y - start.y
    length = math.hypot(dx, dy)
    shrink = start.radius - end.radius
    if length <= abs(shrink) + 1e-9:  # one end lies within the other
        start = end = start if shrink >= 0 else end
        dx, dy, length, shrink = 1.0, 0.0, 1e-9, 0.0
    across = np.arange(rect.x, rect.right, dtype=np.float32) + np.float32(0.5 - start.x)
    down = np.arange(rect.y, rect.bottom, dtype=np.float32) + np.float32(0.5 - start.y)
    scale = math.hypot(dx, dy)
    ux, uy = np.float32(dx / scale), np.float32(dy / scale)
    along = across * ux + (down * uy)[:, np.newaxis]
    aside = (down * ux)[:, np.newaxis] - across * uy
    place = along
    if shrink:
        k = shrink / length
        place = along - np.float32(k / math.sqrt(1 - k * k)) * np.abs(aside)
    place = np.clip(place, np.float32(0), np.float32(length))
    distance = cv2.magnitude(along - place, aside)
    outer, width = np.float32(end.outer), np.float32(end.outer - end.inner)
    if (start.inner, start.outer) == (end.inner, end.outer):
        strength = (outer - distance) * (1 / width)
    else:
        place *= np.float32(1 / length)
        outers = start.outer + np.float32(end.outer - start.outer) * place
        inners = start.inner + np.float32(end.inner - start.inner) * place
        strength = (outers - distance) / (outers - inners)
    np.clip(strength, 0, 1, out=strength)
    strength *= strength * (np.float32(3) - np.float32(2) * strength)
    return np.asarray(cv2.convertScaleAbs(strength, alpha=255), np.uint8)


class EdgeStroke:
    """Draws a hard line of 0 and 255 into ``layer`` through ``editing``, as `Stroke` paints.

    The line is ``size`` pixels wide (1 or a few); erasing removes a disc of that diameter.
    """

    def __init__(self, editing: OpenEdit, layer: Layer, size: float, erase: bool = False) -> None:
        self._editing = editing
        self._layer = layer
        self._size = max(round(size), 1)
        self._erase = erase
        self._last: tuple[int, int] | None = None

    def show(self) -> None:
        """The stroke is about to be seen: nothing is left to do."""

    def finish(self) -> None:
        """Complete the stroke: nothing is left to do."""

    def draw_to(
        self, x: float, y: float, pressure_size: float = 1.0, pressure_hardness: float = 1.0
    ) -> Rect:
        """Draw from the last point to (x, y), or a dot at the first one. Returns the rectangle
        that may have changed.

        Coordinates as in `Stroke`. The pressures have no effect on the width.
        """
        end = math.floor(x), math.floor(y)
        start, self._last = self._last or end, end
        reach = self._size
        rect = Rect.from_bounds(
            min(start[0], end[0]) - reach,
            min(start[1], end[1]) - reach,
            max(start[0], end[0]) + reach + 1,
            max(start[1], end[1]) + reach + 1,
        )
        drawn = np.zeros((rect.h, rect.w), np.uint8)
        first, last = ((p[0] - rect.x, p[1] - rect.y) for p in (start, end))
        if self._erase:
            cv2.line(drawn, first, last, 255, self._size)
        else:
            cv2.line(drawn, first, last, 255, 1)
            cv2.dilate(drawn, np.ones((self._size, self._size), np.uint8), drawn)
        inside = rect.intersect(Rect.whole(self._editing.shape))
        if inside.is_empty:
            return inside
        part = drawn[inside.translate(-rect.x, -rect.y).slices]
        now = self._editing.read(self._layer, inside)
        changed = now & ~part if self._erase else now | part
        self._editing.write(self._layer, inside, changed)
        return inside
