"""An outline of corners, between which its sides are straight or follow the photo's edges."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QPointF, Signal

from inpaint_core.raster.edge_paths import EdgePaths

if TYPE_CHECKING:
    from app.workers.jobs import Job, Lane
    from inpaint_core.contract.arrays import Pixels


@dataclass(eq=False)
class _Corner:
    """``side``: the points from the corner before to this one, without its start. ``paths``: the
    edges around it, once ``job`` or a click has searched them, at ``step``.
    """

    point: QPointF
    side: list[QPointF]
    paths: EdgePaths | None = None
    step: float | None = None
    job: Job | None = None


class EdgeOutline(QObject):
    """An outline in the photo; edges around its corners are searched on ``lane``.

    ``step``: how many photo pixels a searched pixel is wide, at least 1; None: sides are straight.
    ``searched()``: the edges around the first or the last corner are known now.
    """

    searched = Signal()

    def __init__(self, read: Callable[[], Pixels], lane: Lane) -> None:
        super().__init__()
        self._read = read
        self._lane = lane
        self._corners: list[_Corner] = []
        self.step: float | None = None

    @property
    def corners(self) -> list[QPointF]:
        """The corners."""
        return [corner.point for corner in self._corners]

    @property
    def points(self) -> list[QPointF]:
        """The corners, and what lies between them, but for the last side, which closes it."""
        return self.corners[:1] + [point for corner in self._corners for point in corner.side]

    @property
    def closed_points(self) -> list[QPointF]:
        """The same with the last side; needs a corner."""
        points = self.points
        return points + self._trace(self._corners[0], points[-1])[-2::-1]

    @property
    def last_points(self) -> list[QPointF]:
        """Those of the last corner and of the side to it."""
        return self.corners[-2:] + [point for corner in self._corners[-1:] for point in corner.side]

    def add(self, point: QPointF) -> None:
        """Set a corner."""
        for final in self._corners[1:-1]:  # megabytes each, and no longer needed
            self._forget(final)
        side = self._trace(self._corners[-1], point) if self._corners else []
        self._corners.append(_Corner(point, side))

    def move_last(self, point: QPointF) -> None:
        """Move the last corner."""
        self._forget(self._corners.pop())
        self.add(point)

    def remove_last(self) -> None:
        """Take the last corner back."""
        self._forget(self._corners.pop())

    def clear(self) -> None:
        """Remove all corners."""
        while self._corners:
            self.remove_last()

    def search(self) -> None:
        """Begin to search the edges around the last corner, unless they are known at `step`."""
        if self.step is None or not self._corners or self._corners[-1].step == self.step:
            return
        corner, step, pixels = self._corners[-1], self.step, self._read()
        self._forget(corner)
        x, y = corner.point.toTuple()
        corner.step = step
        corner.job = job = self._lane.start(lambda _progress: EdgePaths(pixels, (x, y), step))
        job.succeeded.connect(lambda paths: self._on_searched(corner, job, paths))

    def trace_next(self, end: QPointF) -> list[QPointF]:
        """The side from the last corner to ``end``, without its start: straight until the edges
        are searched.
        """
        last = self._corners[-1]
        return [end] if last.paths is None else self._trace(last, end)

    def trace_closing(self, start: QPointF) -> list[QPointF]:
        """The side from ``start`` to the first corner, without both."""
        first = self._corners[0]
        # Found backwards: the edges around the first corner were searched long ago.
        return self._trace(first, start)[-2::-1] if first.paths is not None else []

    def _trace(self, corner: _Corner, end: QPointF) -> list[QPointF]:
        """From ``corner``, which is left out, to ``end``. Waits for the edges around it."""
        if self.step is None:
            return [end]
        if corner.paths is None:
            corner.step = self.step
            corner.paths = EdgePaths(self._read(), corner.point.toTuple(), self.step)
        return [QPointF(x, y) for x, y in corner.paths.trace(end.toTuple()).tolist()]

    def _on_searched(self, corner: _Corner, job: Job, paths: EdgePaths) -> None:
        if corner.job is job:
            corner.paths, corner.job = paths, None
            self.searched.emit()

    @staticmethod
    def _forget(corner: _Corner) -> None:
        job, corner.job = corner.job, None
        corner.paths = corner.step = None
        if job is not None:
            job.cancel()
