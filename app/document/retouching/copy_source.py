"""The point that the clone and heal brushes copy from, which all of them share in a photo: a point
of that photo or of another open one.
"""

from __future__ import annotations

import time
import weakref
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from app.document.document import Document
    from app.document.retouching.copy_placement import CopyPlacement
    from inpaint_core.project.model import CopyPoints

Point = tuple[float, float]


@dataclass(frozen=True, eq=False)
class OtherPhoto:
    """Another open photo that is copied from, and the ``picture`` that the canvas draws of it."""

    document: Document
    picture: Any


class CopySource:
    """``point`` (x, y) of the photo, or of the ``other`` one if there is one, is copied; None: it
    was not set yet. ``target``: where the first stroke since began, to which aligned strokes keep
    the distance. ``set_at``: when it was set, in seconds. ``listeners`` are called after every
    change.
    """

    def __init__(self) -> None:
        self.point: Point | None = None
        self.target: Point | None = None
        self.other: OtherPhoto | None = None
        self.set_at = 0.0
        self.listeners: list[Callable[[], object]] = []

    def set_point(
        self, point: Point, target: Point | None = None, other: OtherPhoto | None = None
    ) -> None:
        """Copy from another point; the next stroke says to where, unless ``target`` does."""
        self.point, self.target, self.other = point, target, other
        self.set_at = time.monotonic()
        self._announce()

    def forget(self, document: Document) -> None:
        """That photo was closed: it can be copied from no more."""
        if self.other is not None and self.other.document is document:
            self.point = self.target = self.other = None
            self._announce()

    def set_target(self, target: Point | None) -> None:
        """The first stroke began there; None: it was taken back."""
        self.target = target
        self._announce()

    @property
    def points(self) -> CopyPoints | None:
        """What a project holds of it: nothing of another photo, which it does not know."""
        from inpaint_core.project.model import CopyPoints  # imports NumPy

        if self.point is None or self.other is not None:
            return None
        return CopyPoints(self.point, self.target)

    def restore(self, points: CopyPoints | None) -> None:
        """Copy from where a project says, if it does."""
        if points is not None:
            self.set_point(points.source, points.target)

    def place(
        self, at: Point, is_aligned: bool, rotation: float, scale: float, is_mirrored: bool
    ) -> CopyPlacement | None:
        """Where a stroke that begins ``at`` a point copies from; None without a source."""
        from app.document.retouching.copy_placement import CopyPlacement  # imports NumPy

        if self.point is None:
            return None
        target = self.target if is_aligned and self.target is not None else at
        return CopyPlacement(self.point, target, rotation, scale, is_mirrored)

    def _announce(self) -> None:
        for listener in tuple(self.listeners):
            listener()


_sources: weakref.WeakKeyDictionary[Document, CopySource] = weakref.WeakKeyDictionary()


def source_of(document: Document) -> CopySource:
    """The source of a photo: the same for every tool, as long as the photo is open."""
    return _sources.setdefault(document, CopySource())
