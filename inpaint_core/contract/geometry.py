"""Rectangles, line segments and planes in photo coordinates; the only such types in the project."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from inpaint_core.contract.choices import MAX_COORDINATE

if TYPE_CHECKING:
    # For the type checker only: the editor's window uses rectangles before NumPy is loaded.
    import numpy as np
    from numpy.typing import NDArray

_LEAST_TURN = 0.02  # the sine of the least angle at a plane's corner


@dataclass(frozen=True, slots=True)
class Rect:
    """A half-open pixel rectangle: columns ``x .. x+w-1``, rows ``y .. y+h-1``.

    A rectangle with ``w <= 0`` or ``h <= 0`` is empty.
    """

    x: int
    y: int
    w: int
    h: int

    @classmethod
    def whole(cls, shape: tuple[int, ...]) -> Rect:
        """The rectangle of an array of shape ``(H, W, ...)``."""
        return cls(0, 0, int(shape[1]), int(shape[0]))

    @classmethod
    def from_bounds(cls, left: int, top: int, right: int, bottom: int) -> Rect:
        """The rectangle from half-open bounds."""
        return cls(left, top, right - left, bottom - top)

    @classmethod
    def bounding(cls, mask: NDArray[np.generic]) -> Rect:
        """The smallest rectangle that holds every non-zero pixel of ``mask`` (H, W)."""
        occupied: Any = mask.any(axis=1)  # NumPy's type stubs claim a scalar here
        rows = occupied.nonzero()[0]
        if rows.size == 0:
            return cls(0, 0, 0, 0)
        top, bottom = int(rows[0]), int(rows[-1]) + 1
        occupied = mask[top:bottom].any(axis=0)
        columns = occupied.nonzero()[0]
        return cls.from_bounds(int(columns[0]), top, int(columns[-1]) + 1, bottom)

    @property
    def right(self) -> int:
        """First column to the right of the rectangle."""
        return self.x + self.w

    @property
    def bottom(self) -> int:
        """First row below the rectangle."""
        return self.y + self.h

    @property
    def area(self) -> int:
        """Number of pixels, 0 when empty."""
        return max(self.w, 0) * max(self.h, 0)

    @property
    def is_empty(self) -> bool:
        """Whether no pixel is inside."""
        return self.w <= 0 or self.h <= 0

    @property
    def slices(self) -> tuple[slice, slice]:
        """``array[rect.slices]`` is the part of the array inside the rectangle."""
        return slice(self.y, self.bottom), slice(self.x, self.right)

    def intersect(self, other: Rect) -> Rect:
        """The common part; empty (0, 0, 0, 0) when there is none."""
        left, top = max(self.x, other.x), max(self.y, other.y)
        right, bottom = min(self.right, other.right), min(self.bottom, other.bottom)
        if right <= left or bottom <= top:
            return Rect(0, 0, 0, 0)
        return Rect.from_bounds(left, top, right, bottom)

    def union(self, other: Rect) -> Rect:
        """The smallest rectangle that holds both; an empty one does not count."""
        if self.is_empty:
            return other
        if other.is_empty:
            return self
        return Rect.from_bounds(
            min(self.x, other.x),
            min(self.y, other.y),
            max(self.right, other.right),
            max(self.bottom, other.bottom),
        )

    def grow(self, pixels: int) -> Rect:
        """The rectangle with ``pixels`` more on each side (fewer when negative)."""
        return Rect(self.x - pixels, self.y - pixels, self.w + 2 * pixels, self.h + 2 * pixels)

    def translate(self, dx: int, dy: int) -> Rect:
        """The rectangle moved by ``dx`` columns and ``dy`` rows."""
        return Rect(self.x + dx, self.y + dy, self.w, self.h)

    def contains(self, other: Rect) -> bool:
        """True when every pixel of ``other`` is inside."""
        return other.is_empty or self.intersect(other) == other


@dataclass(frozen=True, slots=True)
class Segment:
    """A straight line from ``(x0, y0)`` to ``(x1, y1)`` in pixel-centre coordinates."""

    x0: float
    y0: float
    x1: float
    y1: float

    def translate(self, dx: float, dy: float) -> Segment:
        """The segment moved by ``dx`` columns and ``dy`` rows."""
        return Segment(self.x0 + dx, self.y0 + dy, self.x1 + dx, self.y1 + dy)

    def scale(self, sx: float, sy: float) -> Segment:
        """The segment in an image scaled by ``sx``, ``sy`` about the corner of pixel (0, 0)."""
        return Segment(
            (self.x0 + 0.5) * sx - 0.5,
            (self.y0 + 0.5) * sy - 0.5,
            (self.x1 + 0.5) * sx - 0.5,
            (self.y1 + 0.5) * sy - 0.5,
        )


@dataclass(frozen=True, slots=True)
class Plane:
    """A flat surface of the scene in perspective, by a rectangle that lies on it.

    ``corners``: four points ``(x, y)`` in order around it, in pixel-centre coordinates; they may
    lie outside of the photo.
    """

    corners: tuple[tuple[float, float], ...]

    @classmethod
    def from_numbers(cls, numbers: Sequence[float]) -> Plane:
        """The plane of eight numbers ``x0, y0, .. x3, y3``."""
        x, y = numbers[0::2], numbers[1::2]
        return cls(tuple(zip(map(float, x), map(float, y), strict=True)))

    @property
    def numbers(self) -> tuple[float, ...]:
        """``x0, y0, .. x3, y3``."""
        return tuple(value for corner in self.corners for value in corner)

    @property
    def is_valid(self) -> bool:
        """Whether a rectangle can look like this: four corners, not absurdly far away, that turn
        the same way all round, and no two sides nearly on one line.
        """
        if len(self.corners) != 4 or not all(abs(n) <= MAX_COORDINATE for n in self.numbers):
            return False
        turns = []
        for k in range(4):
            (ax, ay), (bx, by), (cx, cy) = (self.corners[(k + n) % 4] for n in range(3))
            first, second = (bx - ax, by - ay), (cx - bx, cy - by)
            size = math.hypot(*first) * math.hypot(*second)
            turn = first[0] * second[1] - first[1] * second[0]
            turns.append(turn / size if size > 0 else 0.0)
        return all(turn > _LEAST_TURN for turn in turns) or all(t < -_LEAST_TURN for t in turns)

    def translate(self, dx: float, dy: float) -> Plane:
        """The plane moved by ``dx`` columns and ``dy`` rows."""
        return Plane(tuple((x + dx, y + dy) for x, y in self.corners))

    def scale(self, sx: float, sy: float) -> Plane:
        """The plane in an image scaled by ``sx``, ``sy`` about the corner of pixel (0, 0)."""
        return Plane(tuple(((x + 0.5) * sx - 0.5, (y + 0.5) * sy - 0.5) for x, y in self.corners))
