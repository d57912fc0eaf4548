"""The point that the clone and heal brushes copy from, which all of them share in a photo: a point
of that photo or of another open one.
"""

from __future__ import annotations

import time
import weakref
from collections.abc import Callable
from dataclasses import dataclass, replace
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


@dataclass(frozen=True, eq=False)
class _Slot:
    """One of the sources, as `CopySource` describes it."""

    point: Point | None = None
    target: Point | None = None
    other: OtherPhoto | None = None
    set_at: float = 0.0


class CopySource:
    """The stored sources of a photo, of which the one with the ``number`` is used. Its ``point``
    (x, y) of the photo, or of the ``other`` one if there is one, is copied; None: it was not set
    yet. ``target``: where the first stroke since began, to which aligned strokes keep the distance.
    ``set_at``: when it was set, in seconds. ``listeners`` are called after every change.
    """

    def __init__(self) -> None:
        self.number = 1
        self._slots: dict[int, _Slot] = {}
        self.listeners: list[Callable[[], object]] = []

    @property
    def point(self) -> Point | None:
        """What is copied."""
        return self._slot.point

    @property
    def target(self) -> Point | None:
        """Where the first stroke began."""
        return self._slot.target

    @property
    def other(self) -> OtherPhoto | None:
        """The photo that the point lies in, if it is another one."""
        return self._slot.other

    @property
    def set_at(self) -> float:
        """When the point was set, in seconds."""
        return self._slot.set_at

    @property
    def _slot(self) -> _Slot:
        return self._slots.get(self.number, _Slot())

    def choose(self, number: int) -> None:
        """Use another one of the stored sources, 1 or more."""
        if number != self.number:
            self.number = number
            self._announce()

    def set_point(
        self, point: Point, target: Point | None = None, other: OtherPhoto | None = None
    ) -> None:
        """Copy from another point; the next stroke says to where, unless ``target`` does."""
        self._slots[self.number] = _Slot(point, target, other, time.monotonic())
        self._announce()

    def forget(self, document: Document) -> None:
        """That photo was closed: it can be copied from no more."""
        kept = {
            number: slot
            for number, slot in self._slots.items()
            if slot.other is None or slot.other.document is not document
        }
        if len(kept) != len(self._slots):
            self._slots = kept
            self._announce()

    def set_target(self, target: Point | None) -> None:
        """The first stroke began there; None: it was taken back."""
        self._slots[self.number] = replace(self._slot, target=target)
        self._announce()

    @property
    def points(self) -> CopyPoints | None:
        """What a project holds of it: nothing of other photos, which it does not know. If the
        source that is used is not set, another one stands for it.
        """
        from inpaint_core.project.model import CopyPoints  # imports NumPy

        found = [
            CopyPoints(slot.point, slot.target, number)
            for number, slot in sorted(self._slots.items())
            if slot.point is not None and slot.other is None
        ]
        if not found:
            return None
        first = next((points for points in found if points.number == self.number), found[0])
        return replace(first, others=tuple(points for points in found if points is not first))

    def restore(self, points: CopyPoints | None) -> None:
        """Copy from where a project says, if it does."""
        if points is not None:
            for each in (points, *points.others):
                self._slots[each.number] = _Slot(each.source, each.target, None, time.monotonic())
            self.number = points.number
            self._announce()

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
