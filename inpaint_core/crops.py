"""Context crops: which part of the photo is looked at to fill which holes.

Near holes share a crop, far ones get their own, so that work follows the hole's size and not the
photo's. Every crop owns the hole pixels inside ``Crop.own``; holes of other crops that reach into
it are unknown there (they are part of the view's hole and are filled and thrown away): no crop
depends on another one's result, whatever the order.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from inpaint_core.contract import BoolMask, InpaintRequest
from inpaint_core.errors import NothingToCopy
from inpaint_core.geometry import Rect
from inpaint_core.masks import SoftMask

LEAST_CONTEXT = 128  # pixels of photo on each side of a hole, where there are any
_LEAST_SOURCES = 4096  # pixels to copy from in a crop, and at least as many as it has to fill
_MOST_LABELLED = 1 << 22  # the labels of more pixels than this are found on a reduced mask
_MOST_GROUPS = 128  # merging compares every pair, so it starts with at most this many


@dataclass(frozen=True)
class Crop:
    """``rect``: the part of the photo to look at; ``own``: where its holes lie. The ``own`` of
    two crops never overlap, and together they hold every hole pixel.
    """

    rect: Rect
    own: Rect


@dataclass(frozen=True)
class _Group:
    """Holes that are filled together, and how many pixels of context the largest one wants."""

    own: Rect
    reach: int


def sources(request: InpaintRequest, mask: SoftMask, rect: Rect) -> BoolMask:
    """(h, w) bool over ``rect``: known, not protected, and allowed where the request says so."""
    allowed: BoolMask = mask.over(rect) == 0
    if request.protect is not None:
        allowed &= ~request.protect[rect.slices]
    if request.sources is not None:
        allowed &= request.sources[rect.slices]
    return allowed


def context_crops(request: InpaintRequest, mask: SoftMask) -> tuple[Crop, ...]:
    """The crops for all holes of ``mask``, in reading order; none for an empty mask.

    A crop reaches about the longer side of its largest hole beyond its holes, is moved inwards at
    the photo's border, and grows, up to the whole photo, while it has too few pixels to copy
    from. Raises `NothingToCopy` when the photo has none at all.
    """
    if mask.rect.empty:
        return ()
    whole = Rect.whole(request.image.shape)
    groups = _merged(_bounded(_components(mask), mask), whole)
    crops = [Crop(_context(request, mask, group, whole), group.own) for group in groups]
    return tuple(sorted(crops, key=lambda crop: (crop.own.y, crop.own.x)))


def _components(mask: SoftMask) -> list[_Group]:
    """One group per connected hole (or, in a very large mask, per clump of near holes)."""
    step = 1
    while mask.rect.area > _MOST_LABELLED * step * step:
        step *= 2
    reduced = _reduced(mask.alpha, step)
    _, _, stats, _ = cv2.connectedComponentsWithStats(reduced, connectivity=8)
    inside = Rect.whole(mask.alpha.shape)
    groups = []
    for x, y, w, h, _ in stats[1:].tolist():
        box = Rect(x * step, y * step, w * step, h * step).intersect(inside)
        groups.append(_group(box.translate(mask.rect.x, mask.rect.y)))
    return groups


def _reduced(alpha: NDArray[np.uint8], step: int) -> NDArray[np.uint8]:
    """1 where any pixel of a ``step`` x ``step`` block is part of the hole."""
    hole = (alpha > 0).astype(np.uint8)
    if step == 1:
        return hole
    rows = np.maximum.reduceat(hole, np.arange(0, hole.shape[0], step), axis=0)
    return np.maximum.reduceat(rows, np.arange(0, hole.shape[1], step), axis=1)


def _group(own: Rect, reach: int = 0) -> _Group:
    return _Group(own, max(reach, own.w, own.h, LEAST_CONTEXT))


def _joined(first: _Group, second: _Group) -> _Group:
    """Both together: the context is that of the larger hole, not of the distance between them."""
    return _Group(first.own.union(second.own), max(first.reach, second.reach))


def _bounded(groups: list[_Group], mask: SoftMask) -> list[_Group]:
    """At most `_MOST_GROUPS` groups: thousands of small holes are first sorted into cells."""
    cell = LEAST_CONTEXT
    while len(groups) > _MOST_GROUPS:
        cells: dict[tuple[int, int], _Group] = {}
        for group in groups:
            key = (group.own.y // cell, group.own.x // cell)
            cells[key] = _joined(cells[key], group) if key in cells else group
        groups = list(cells.values())
        cell *= 2
    return groups


def _merged(groups: list[_Group], whole: Rect) -> list[_Group]:
    """Join two groups while they overlap or one crop for both is no more work than two."""
    groups = list(groups)
    crops = [group.own.grow(group.reach).intersect(whole) for group in groups]
    at = 0
    while at < len(groups):
        for other in range(len(groups)):
            if other == at:
                continue
            both = _joined(groups[at], groups[other])
            crop = both.own.grow(both.reach).intersect(whole)
            overlap = not groups[at].own.intersect(groups[other].own).empty
            if overlap or crop.area <= crops[at].area + crops[other].area:
                groups[at], crops[at] = both, crop
                del groups[other], crops[other]
                at = 0  # the larger group may now reach one that was looked at before
                break
        else:
            at += 1
    return groups


def _context(request: InpaintRequest, mask: SoftMask, group: _Group, whole: Rect) -> Rect:
    """The group's crop, grown until it has enough pixels to copy from."""
    reach = group.reach
    while True:
        rect = _shifted(group.own.grow(reach), whole)
        free = int(np.count_nonzero(sources(request, mask, rect)))
        to_fill = int(np.count_nonzero(mask.over(rect)))
        if free >= max(to_fill, _LEAST_SOURCES):
            return rect
        if rect == whole:
            if free == 0:
                raise NothingToCopy(
                    "No pixel of the photo is left to fill the hole from.",
                    "Paint over less of it, or protect less of it.",
                )
            return rect
        reach *= 2


def _shifted(rect: Rect, whole: Rect) -> Rect:
    """``rect`` moved inwards at the photo's border, and cut where the photo is smaller."""
    x = max(min(rect.x, whole.w - rect.w), 0)
    y = max(min(rect.y, whole.h - rect.h), 0)
    return Rect(x, y, rect.w, rect.h).intersect(whole)
