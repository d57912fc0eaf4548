"""The point that the clone and heal brushes copy from, which all of them share in a photo."""

from __future__ import annotations

import weakref
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from app.document.document import Document
    from app.document.retouching.copy_placement import CopyPlacement
    from inpaint_core.project.model import CopyPoints

Point = tuple[float, float]


class CopySource:
    """``point`` (x, y) of the photo is copied; None: it was not set yet. ``target``: where the
    first stroke since began, to which aligned strokes keep the distance. ``listeners`` are called
    after every change.
    """

    def __init__(self) -> None:
        self.point: Point | None = None
        self.target: Point | None = None
        self.listeners: list[Callable[[], object]] = []

    def set_point(self, point: Point, target: Point | None = None) -> None:
        """Copy from another point; the next stroke says to where, unless ``target`` does."""
        self.point, self.target = point, target
        self._announce()

    def set_target(self, target: Point | None) -> None:
        """The first stroke began there; None: it was taken back."""
        self.target = target
        self._announce()

    @property
    def points(self) -> CopyPoints | None:
        """What a project holds of it."""
        from inpaint_core.project.model import CopyPoints  # imports NumPy

        return None if self.point is None else CopyPoints(self.point, self.target)

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
