"""A stroke of a round brush, drawn while it is made."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from app.document.blend import painted
from app.document.change import Layer
from app.document.editing import Editing
from inpaint_core.contract.geometry import Rect

_HIGH, _WIDE = 128, 256
"""Pixels that are computed at once: what is computed for them stays in the processor's cache."""


@dataclass(frozen=True, slots=True)
class _Tip:
    """The brush at one point: full strength up to ``inner`` from (x, y), none from ``outer`` on."""

    x: float
    y: float
    radius: float
    inner: float
    outer: float

    def towards(self, end: _Tip, part: float) -> _Tip:
        mixed = (
            a + (b - a) * part
            for a, b in (
                (self.x, end.x),
                (self.y, end.y),
                (self.radius, end.radius),
                (self.inner, end.inner),
                (self.outer, end.outer),
            )
        )
        return _Tip(*mixed)


class Stroke:
    """Paints into ``layer`` through ``editing`` along straight pieces, with ``size`` in pixels.

    Coordinates are the photo's, its upper left corner is (0, 0) and its first pixel's centre
    (0.5, 0.5). ``hardness`` 0 .. 1 is the part of the radius that has full strength; from there
    it falls smoothly to nothing at the edge, never steeper than over one pixel.

    Within a stroke the strength is the maximum over all places the brush has been, so that going
    slowly or back over it changes nothing; it is taken exactly along each piece, so that there
    are no single dabs to be seen. ``erase`` takes away what painting would have added.
    """

    def __init__(
        self,
        editing: Editing,
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
        # Pages that are never painted on are never handed out: no memory for the whole photo.
        self._strength = np.zeros(shape, np.uint8)
        self._last: _Tip | None = None

    def to(
        self, x: float, y: float, pressure_size: float = 1.0, pressure_hardness: float = 1.0
    ) -> Rect:
        """Draw from the last point to (x, y), or a dab at the first one; what changed.

        The pressures 0 .. 1 scale size and hardness; between two points they change evenly.
        """
        end = self._tip(x, y, pressure_size, pressure_hardness)
        start = self._last if self._last is not None else end
        self._last = end
        # Short pieces: the rectangle around a long slanted line is mostly empty.
        length = math.hypot(end.x - start.x, end.y - start.y)
        pieces = max(1, math.ceil(length / max(2 * self._radius, 64.0)))
        dirty = Rect(0, 0, 0, 0)
        for piece in range(pieces):
            first = start.towards(end, piece / pieces)
            last = start.towards(end, (piece + 1) / pieces)
            dirty = dirty.union(self._draw(first, last))
        return dirty

    def _tip(self, x: float, y: float, pressure_size: float, pressure_hardness: float) -> _Tip:
        radius = max(self._radius * min(max(pressure_size, 0.0), 1.0), 0.5)
        hardness = min(max(self._hardness * pressure_hardness, 0.0), 1.0)
        return _Tip(x, y, radius, min(hardness * radius, radius - 0.5), radius + 0.5)

    def _draw(self, start: _Tip, end: _Tip) -> Rect:
        rect = _bounds(start).union(_bounds(end)).intersect(Rect.whole(self._strength.shape))
        if rect.empty:
            return rect
        dirty = Rect(0, 0, 0, 0)
        for block in _blocks(rect):
            held = self._strength[block.slices]
            # Most of what a large brush covers has been covered before, or is in a corner.
            if _beyond(block, start, end) or held.min() == 255:
                continue
            drawn = _strength(block, start, end)
            if (drawn > held).any():
                np.maximum(held, drawn, out=held)
                dirty = dirty.union(block)
        if not dirty.empty:
            before = self._editing.before(self._layer, dirty)
            held = self._strength[dirty.slices]
            self._editing.write(self._layer, dirty, painted(before, held, self._erase))
        return dirty


def _blocks(rect: Rect) -> Iterator[Rect]:
    for top in range(rect.y, rect.bottom, _HIGH):
        for left in range(rect.x, rect.right, _WIDE):
            yield Rect(left, top, _WIDE, _HIGH).intersect(rect)


def _beyond(block: Rect, start: _Tip, end: _Tip) -> bool:
    """True where the brush certainly reaches nothing of ``block`` between two points."""
    x, y = block.x + block.w / 2, block.y + block.h / 2
    dx, dy = end.x - start.x, end.y - start.y
    length = dx * dx + dy * dy
    part = ((x - start.x) * dx + (y - start.y) * dy) / length if length else 0.0
    part = min(max(part, 0.0), 1.0)
    away = math.hypot(x - start.x - part * dx, y - start.y - part * dy)
    return away > max(start.outer, end.outer) + math.hypot(block.w, block.h) / 2


def _bounds(tip: _Tip) -> Rect:
    return Rect.from_bounds(
        math.floor(tip.x - tip.outer),
        math.floor(tip.y - tip.outer),
        math.ceil(tip.x + tip.outer),
        math.ceil(tip.y + tip.outer),
    )


def _strength(rect: Rect, start: _Tip, end: _Tip) -> NDArray[np.uint8]:
    """Strength (h, w) 0 .. 255 of a brush that goes from ``start`` to ``end``.

    The place on the piece that is nearest to a pixel, less the radius there, is where the line
    through both meets the piece under the angle whose sine is the radius' slope ``k``.
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
