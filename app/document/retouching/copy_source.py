"""The point that the clone and heal brushes copy from, which all of them share in a photo."""

from __future__ import annotations

import weakref
from dataclasses import dataclass

from app.document.document import Document
from app.document.retouching.copy_placement import CopyPlacement

Point = tuple[float, float]


@dataclass
class CopySource:
    """``point`` (x, y) of the photo is copied; None: it was not set yet. ``target``: where the
    first stroke since began, to which aligned strokes keep the distance.
    """

    point: Point | None = None
    target: Point | None = None

    def set_point(self, point: Point) -> None:
        """Copy from another point; the next stroke says to where."""
        self.point, self.target = point, None

    def place(
        self, at: Point, is_aligned: bool, rotation: float, scale: float
    ) -> CopyPlacement | None:
        """Where a stroke that begins ``at`` a point copies from; None without a source."""
        if self.point is None:
            return None
        target = self.target if is_aligned and self.target is not None else at
        return CopyPlacement(self.point, target, rotation, scale)


_sources: weakref.WeakKeyDictionary[Document, CopySource] = weakref.WeakKeyDictionary()


def source_of(document: Document) -> CopySource:
    """The source of a photo: the same for every tool, as long as the photo is open."""
    return _sources.setdefault(document, CopySource())
