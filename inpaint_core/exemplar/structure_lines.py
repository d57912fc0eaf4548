"""The lines that give a fill its structure: those drawn for it and those found in the photo.

A drawn line is always followed, a found one unless the colours contradict it. Found lines are kept
beside drawn ones, except those that a drawn line crosses or replaces.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np

from inpaint_core.contract.progress import Progress
from inpaint_core.contract.request import View
from inpaint_core.exemplar.line_continuation import (
    MAX_END_DISTANCE,
    SHORTEST,
    Points,
    find_line_ends,
    join_ends,
    shrink_for_lines,
)
from inpaint_core.exemplar.line_families import LineFamily, find_families
from inpaint_core.exemplar.repetition import Repetition, find_repetition
from inpaint_core.priors.lines import find_segments
from inpaint_core.raster.spots import holds_only_spots

SIMILAR = math.radians(20.0)  # largest angle between a drawn line and a segment to copy it from

FOUND_WEIGHT = 60.0
DRAWN_WEIGHT = 300.0
"""Height of the lines' profile in the line channels, in 8-bit levels. Found lines beside drawn ones
get the same height, as one line may be copied from another."""


@dataclass(frozen=True, eq=False)
class Structure:
    """Polylines (n, 2) of (x, y), and the height of their profile in the line channels; families of
    lines that cross the hole, and what repeats around it.
    """

    lines: tuple[Points, ...]
    weight: float
    families: tuple[LineFamily, ...] = ()
    repetitions: tuple[Repetition, ...] = field(default=())


def find_structure(view: View, progress: Progress) -> Structure:
    """The structure for the fill of ``view``: lines drawn for it, segments to copy them from, and
    lines found in the photo; families and repetitions only where a person drew no lines and wants
    them, and not for spots, as patches at their border tell as much. Raises `Cancelled`.
    """
    small, covered, step = shrink_for_lines(view.image, view.hole)
    ends, segments = find_line_ends(small, covered, progress)
    found = join_ends(ends, small, covered, step)
    progress.check()
    if not view.lines and (view.regularity == "off" or holds_only_spots(view.hole)):
        return Structure(found, FOUND_WEIGHT)
    if not view.lines:
        scale = float(step.mean())
        families = find_families(ends, segments, small, covered, scale)
        progress.check()
        way = families[0].point[:2] if families else np.array([1, 0], np.float32)
        ways = (way, np.array([-way[1], way[0]], np.float32))
        repetitions = tuple(find_repetition(small, covered, each, scale) for each in ways)
        return Structure(found, FOUND_WEIGHT, families, repetitions)
    drawn = [np.array([[line.x0, line.y0], [line.x1, line.y1]], np.float32) for line in view.lines]
    known = find_segments(small, covered, SHORTEST).reshape(-1, 2, 2)
    placed = [np.asarray((segment + 0.5) * step - 0.5, np.float32) for segment in known]
    near = MAX_END_DISTANCE * float(step.mean())
    kept = [line for line in found if not any(_replaces(piece, line, near) for piece in drawn)]
    return Structure((*drawn, *_find_supply(drawn, placed, near), *kept), DRAWN_WEIGHT)


def _find_supply(drawn: list[Points], known: list[Points], near: float) -> list[Points]:
    """The segments (2, 2) that drawn pieces (2, 2) can be copied from: the known ones that they
    continue or, for pieces that continue none in their direction, all of about that direction.
    """
    wanted: dict[int, Points] = {}
    for chain in _group_chains(drawn):
        continued = {
            k: segment
            for k, segment in enumerate(known)
            if any(_continues(piece, segment, near) for piece in chain)
        }
        wanted |= continued
        for piece in chain:
            if not any(_measure_turn(piece, segment) <= SIMILAR for segment in continued.values()):
                wanted |= {k: s for k, s in enumerate(known) if _measure_turn(piece, s) <= SIMILAR}
    return list(wanted.values())


def _group_chains(pieces: list[Points]) -> list[list[Points]]:
    chains: list[list[Points]] = []
    for piece in pieces:
        touching = [chain for chain in chains if any(_touch(piece, other) for other in chain)]
        chains = [chain for chain in chains if all(chain is not other for other in touching)]
        chains.append([piece, *(other for chain in touching for other in chain)])
    return chains


def _touch(a: Points, b: Points) -> bool:
    return bool((np.linalg.norm(a[:, None] - b[None], axis=2) <= 2).any())


def _continues(piece: Points, known: Points, near: float) -> bool:
    """Whether a drawn piece starts where a known segment ends, in about its direction."""
    apart = np.linalg.norm(piece[:, None] - known[None], axis=2)
    end, other = np.unravel_index(int(apart.argmin()), (2, 2))
    if apart[end, other] > 2 * near or _measure_turn(piece, known) > SIMILAR:
        return False
    return _distance_to_line(piece[end], known) <= near


def _replaces(piece: Points, line: Points, near: float) -> bool:
    """Whether a drawn piece (2, 2) crosses a found line (4, 2) in the hole, or starts where the
    line enters the hole.
    """
    inner = line[1:3]
    return _cross(piece, inner) or any(_distance_to_segment(end, piece) <= near for end in inner)


def _measure_turn(first: Points, second: Points) -> float:
    """The angle between two segments (2, 2) regardless of their direction: 0 .. pi / 2."""
    u, v = first[1] - first[0], second[1] - second[0]
    return math.atan2(abs(_cross_product(u, v)), abs(float(u @ v)))


def _cross_product(u: Points, v: Points) -> float:
    return float(u[0] * v[1] - u[1] * v[0])


def _cross(a: Points, b: Points) -> bool:

    def sides(one: Points, other: Points) -> float:
        way = one[1] - one[0]
        return _cross_product(way, other[0] - one[0]) * _cross_product(way, other[1] - one[0])

    return sides(a, b) < 0 and sides(b, a) < 0


def _distance_to_line(point: Points, segment: Points) -> float:
    way = segment[1] - segment[0]
    return abs(_cross_product(way, point - segment[0])) / max(float(np.linalg.norm(way)), 1e-6)


def _distance_to_segment(point: Points, segment: Points) -> float:
    way = segment[1] - segment[0]
    along = float((point - segment[0]) @ way) / max(float(way @ way), 1e-6)
    return float(np.linalg.norm(point - segment[0] - min(max(along, 0.0), 1.0) * way))
