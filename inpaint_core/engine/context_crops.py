"""Context crops: the parts of the photo that are used to fill its holes, and what is seen of them.

Near holes share a crop, far ones get their own, so that the work depends on the size of the holes
and not of the photo. Every crop owns the hole pixels inside the rectangles ``Crop.own``. Holes of
other crops that reach into it are unknown there: they belong to the view's hole, are filled and
discarded, so that no crop depends on the result of another, whatever the order.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from inpaint_core.contract.arrays import BoolMask
from inpaint_core.contract.errors import NothingToCopy
from inpaint_core.contract.geometry import Rect
from inpaint_core.contract.request import InpaintRequest, View
from inpaint_core.contract.specs import GeneratorSpec
from inpaint_core.raster.backdrop import Backdrop
from inpaint_core.raster.composition import to_float
from inpaint_core.raster.edge_strokes import draw_lines, thin_strokes, trace_strokes
from inpaint_core.raster.soft_mask import SoftMask
from inpaint_core.raster.spots import SPOT

LEAST_CONTEXT = 128  # pixels of photo on each side of a hole, where there are any
CLOSE = 0.3
"""The share of a hole's side, were it a square, that is seen on each side of it at least. What lies
farther off makes fills no better by figures, and is left out where crops would be large."""
_LEAST_SOURCES = 4096  # pixels to copy from in a crop, which also has at least as many as its holes
_MOST_LABELLED = 1 << 22  # above this many pixels, components are found on a reduced mask
_MOST_COMPONENTS = 8192  # a mask with more components than this is reduced further
_MOST_GROUPS = 128  # merging compares every pair, so it starts with at most this many
_LARGE = 1 << 22  # crops do not become larger by choice: they are float in memory
_SAME = 0.5
"""The share of one crop for both that the crop of spots has in common with that of a larger hole,
from which they are filled together. Apart, about that share of the larger hole is filled twice."""


@dataclass(frozen=True)
class Crop:
    """``rect``: the part of the photo to use; ``own``: rectangles around its holes. No two of these
    overlap, within a crop or between crops, and together they contain every hole pixel.
    """

    rect: Rect
    own: tuple[Rect, ...]

    @property
    def to_fill(self) -> int:
        """The pixels of the rectangles around its holes."""
        return sum(own.area for own in self.own)

    def find_own_hole(self, hole: BoolMask) -> BoolMask:
        """The part of the ``hole`` (h, w) of this crop's view that the crop owns."""
        out = np.zeros_like(hole)
        for own in self.own:
            at = own.translate(-self.rect.x, -self.rect.y).slices
            out[at] = hole[at]
        return out


@dataclass(frozen=True)
class _Group:
    """Holes that are filled together, the rectangle around them, and the pixels of context that the
    largest one needs. ``is_spot``: all of them are spots.
    """

    own: tuple[Rect, ...]
    bounds: Rect
    reach: int
    is_spot: bool


def find_sources(request: InpaintRequest, mask: SoftMask, rect: Rect) -> BoolMask:
    """(h, w) bool over ``rect``: known, not protected and, where given, inside the source mask."""
    allowed: BoolMask = mask.over(rect) == 0
    if request.options.protect is not None:
        allowed &= ~request.options.protect[rect.slices]
    if request.options.source is not None:
        allowed &= request.options.source[rect.slices]
    return allowed


def find_context_crops(request: InpaintRequest, mask: SoftMask) -> tuple[Crop, ...]:
    """The crops for all holes of ``mask``, small ones first, so that they do not wait for large
    ones; none for an empty mask.

    A crop extends about the longer side of its largest hole beyond its holes, is shifted inside at
    the photo's border, and grows up to the whole photo while it has too few pixels to copy from.
    Raises `NothingToCopy` when the photo has no pixel to copy from.
    """
    if mask.rect.is_empty:
        return ()
    whole = Rect.whole(request.image.shape)
    groups = _merge_groups(_limit_groups(_find_components(mask)), whole)
    groups = _join_spots(groups, whole)
    crops = [Crop(_find_context(request, mask, group), group.own) for group in groups]
    return tuple(sorted(crops, key=lambda crop: (crop.to_fill, crop.rect.y, crop.rect.x)))


def find_holes(mask: SoftMask) -> tuple[Rect, ...]:
    """Rectangles of the photo, of which no two overlap, around the holes: one around each connected
    hole or cluster of holes.
    """
    return () if mask.rect.is_empty else tuple(group.bounds for group in _find_components(mask))


def _find_components(mask: SoftMask) -> list[_Group]:
    """One group per connected hole, or per cluster of holes whose rectangles touch (in a very large
    or busy mask: that lie within a few pixels of each other).
    """
    step = 1
    while mask.rect.area > _MOST_LABELLED * step * step:
        step *= 2
    boxes = _find_boxes(reduced := _shrink(mask.strength, step))
    while len(boxes) > _MOST_COMPONENTS:
        step *= 2
        boxes = _find_boxes(reduced := _shrink(mask.strength, step))
    # Where rectangles overlap (one hole inside the bend of another), they become one.
    while True:
        for box in boxes:
            reduced[box.slices] = 1
        merged = _find_boxes(reduced)
        if len(merged) == len(boxes):
            break
        boxes = merged
    groups = []
    for box in boxes:
        own = Rect(box.x * step, box.y * step, box.w * step, box.h * step)
        own = own.translate(mask.rect.x, mask.rect.y).intersect(mask.rect)
        longer = max(own.w, own.h)
        groups.append(_Group((own,), own, _choose_reach(own), longer <= SPOT))
    return groups


def _choose_reach(hole: Rect) -> int:
    """The pixels of photo to see on each side of a ``hole``: as many as its longer side, or down to
    `CLOSE` of them where the crop would be large.
    """
    longer = max(hole.w, hole.h)
    half = (hole.w + hole.h) / 4  # (w + 2 r) (h + 2 r) = _LARGE
    room = math.sqrt(max(half * half + (_LARGE - hole.area) / 4, 0)) - half
    return max(round(min(longer, max(room, CLOSE * math.sqrt(hole.area)))), LEAST_CONTEXT)


def _find_boxes(mask: NDArray[np.uint8]) -> list[Rect]:
    _, _, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    return [Rect(*box) for box in stats[1:, :4].tolist()]


def _shrink(strength: NDArray[np.uint8], step: int) -> NDArray[np.uint8]:
    """Not 0 where any pixel of a ``step`` x ``step`` block is part of the hole; ``step`` is a power
    of two.
    """
    reduced = strength
    for _ in range(step.bit_length() - 1):  # far faster than `np.maximum.reduceat`
        reduced = _halve(_halve(reduced, 0), 1)
    return reduced.copy() if reduced is strength else reduced


def _halve(values: NDArray[np.uint8], axis: int) -> NDArray[np.uint8]:
    """The greater of every two neighbours along ``axis``; an odd last one stays."""
    first, second = (np.s_[0::2], np.s_[1::2]) if axis == 0 else (np.s_[:, 0::2], np.s_[:, 1::2])
    out = np.ascontiguousarray(values[first])
    paired = out[: len(values) // 2] if axis == 0 else out[:, : values.shape[1] // 2]
    np.maximum(paired, values[second], out=paired)
    return out


def _join(first: _Group, second: _Group) -> _Group:
    """Both together: the context depends on the larger hole, not on the distance between them."""
    bounds, reach = first.bounds.union(second.bounds), max(first.reach, second.reach)
    return _Group(first.own + second.own, bounds, reach, first.is_spot and second.is_spot)


def _limit_groups(groups: list[_Group]) -> list[_Group]:
    """At most `_MOST_GROUPS` groups: thousands of small holes are first binned into cells."""
    cell = LEAST_CONTEXT
    while len(groups) > _MOST_GROUPS:
        cells: dict[tuple[bool, int, int], _Group] = {}
        for group in groups:
            key = (group.is_spot, group.bounds.y // cell, group.bounds.x // cell)
            cells[key] = _join(cells[key], group) if key in cells else group
        groups = list(cells.values())
        cell *= 2
    return groups


def _merge_groups(groups: list[_Group], whole: Rect) -> list[_Group]:
    """Join groups as long as one crop for two is no more work than two crops. Spots are joined with
    spots only, so that what a large hole needs does not decide how they are filled.
    """
    groups = list(groups)
    crops = [group.bounds.grow(group.reach).intersect(whole) for group in groups]
    at = 0
    while at < len(groups):
        for other in range(len(groups)):
            if other == at or groups[at].is_spot != groups[other].is_spot:
                continue
            both = _join(groups[at], groups[other])
            crop = both.bounds.grow(both.reach).intersect(whole)
            contained = crops[at].contains(crop) or crops[other].contains(crop)
            small = crop.area <= min(crops[at].area + crops[other].area, _LARGE)
            if contained or small:
                groups[at], crops[at] = both, crop
                del groups[other], crops[other]
                # Only this group has changed, so only its own pairs are checked again.
                at -= other < at
                break
        else:
            at += 1
    return groups


def _join_spots(groups: list[_Group], whole: Rect) -> list[_Group]:
    """Join spots with a larger hole whose crop shows much the same, as crops in small photos do."""
    joined = [group for group in groups if not group.is_spot]
    for spots in (group for group in groups if group.is_spot):
        seen = _find_seen(spots, whole)
        for at, large in enumerate(joined):
            both = _join(large, spots)
            common = seen.intersect(_find_seen(large, whole))
            if not large.is_spot and common.area >= _SAME * _find_seen(both, whole).area:
                joined[at] = both
                break
        else:
            joined.append(spots)
    return joined


def _find_seen(group: _Group, whole: Rect) -> Rect:
    """The group's crop where there is enough to copy from."""
    return _shift_inside(group.bounds.grow(group.reach), whole)


def _find_context(request: InpaintRequest, mask: SoftMask, group: _Group) -> Rect:
    """The group's crop, grown until it has enough pixels to copy from."""
    whole = Rect.whole(request.image.shape)
    reach = group.reach
    while True:
        rect = _shift_inside(group.bounds.grow(reach), whole)
        free = int(np.count_nonzero(find_sources(request, mask, rect)))
        to_fill = int(np.count_nonzero(mask.over(rect)))
        if free >= max(to_fill, _LEAST_SOURCES):
            return rect
        if rect == whole:
            if free == 0:
                raise NothingToCopy("engine.no_source_pixels")
            return rect
        reach *= 2


def _shift_inside(rect: Rect, whole: Rect) -> Rect:
    """``rect`` shifted inside the photo, and cut where the photo is smaller."""
    x = max(min(rect.x, whole.w - rect.w), 0)
    y = max(min(rect.y, whole.h - rect.h), 0)
    return Rect(x, y, rect.w, rect.h).intersect(whole)


def find_backdrop(request: InpaintRequest, mask: SoftMask) -> Backdrop | None:
    """What generators see behind a transparent photo; None behind an opaque one."""
    if request.alpha is None:
        return None
    visible = request.alpha > 0
    visible[mask.rect.slices] &= mask.strength == 0
    return Backdrop.unlike(request.image, visible)


def read_opacity(request: InpaintRequest, rect: Rect) -> NDArray[np.float32] | None:
    """The photo's opacity (h, w) in ``rect``, in [0, 1]; None of an opaque photo."""
    return None if request.alpha is None else to_float(request.alpha[rect.slices])


def build_view(
    request: InpaintRequest, mask: SoftMask, rect: Rect, backdrop: Backdrop | None = None
) -> View:
    """The crop as generators see it, before the ``backdrop`` of a transparent photo; the hole is
    black, so that nothing of it can leak.

    Drawn edges are added to the lines and drawn lines to the edges, so that generators which follow
    only one of them obey both.
    """
    image = to_float(request.image[rect.slices])
    opacity = read_opacity(request, rect)
    if backdrop is not None and opacity is not None:
        image = backdrop.put_behind(image, opacity)
    hole = mask.over(rect) > 0
    image[hole] = 0
    lines = tuple(line.translate(-rect.x, -rect.y) for line in request.options.lines)
    edges = draw_lines(lines, (rect.h, rect.w)) & hole
    if request.options.edges is not None:
        strokes = thin_strokes(request.options.edges[rect.slices] & hole)
        lines += trace_strokes(strokes)
        edges |= strokes
    return View(
        image=image,
        hole=hole,
        source=find_sources(request, mask, rect),
        is_source_chosen=request.options.source is not None,
        lines=lines,
        edges=edges if edges.any() else None,
        planes=tuple(plane.translate(-rect.x, -rect.y) for plane in request.options.planes),
        perspective=request.options.perspective,
        regularity=request.options.regularity,
        semantic=None
        if request.options.semantic is None
        else to_float(request.options.semantic[rect.slices]),
        seed=request.options.seed,
        want=request.want,
    )


def widen_for(spec: GeneratorSpec, crop: Rect, whole: Rect) -> Rect:
    """The rectangle that a generator sees to fill a ``crop``: widened about its centre to at least
    what the generator can see at once, as far as the photo ``whole`` has it.
    """
    side = spec.size.max_side or 0
    more_x, more_y = max(side - crop.w, 0), max(side - crop.h, 0)
    wide = Rect(crop.x - more_x // 2, crop.y - more_y // 2, crop.w + more_x, crop.h + more_y)
    return _shift_inside(wide, whole)
