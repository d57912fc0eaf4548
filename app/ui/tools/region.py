"""What tools that enclose a region have in common: the region goes into the mask as one edit."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF

from app.document import shapes
from app.ui.tools.tool import Tool

if TYPE_CHECKING:
    from inpaint_core.contract.geometry import Rect


class RegionTool(Tool):
    """Adds a region to the mask, or takes it away."""

    def apply(self, rect: Rect, coverage: NDArray[np.uint8], erases: bool) -> None:
        """Add ``coverage`` (h, w) 0..255 to the mask at ``rect``, or take it away."""
        if rect.empty:
            return
        revision = self.document.revision
        with self.document.edit(f"history.{self.id}") as editing:
            shapes.add(editing, "mask", rect, coverage, erases)
        if not erases and self.document.revision != revision:
            self.committed.emit()

    def fill(self, points: Sequence[QPointF], erases: bool) -> None:
        """Add the inside of the closed outline through ``points``, or take it away."""
        self.apply(*shapes.polygon(as_array(points), self.document.shape), erases)


def as_array(points: Sequence[QPointF]) -> NDArray[np.float64]:
    """``points`` as (N, 2), x and y."""
    return np.array([(point.x(), point.y()) for point in points], np.float64).reshape(-1, 2)
