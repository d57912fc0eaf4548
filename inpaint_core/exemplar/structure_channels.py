"""What gives a fill its structure: the lines that were drawn for it, and those that were found.

A drawn line is followed whatever the photo says, a found one where colours do not speak against it.
What was found stays beside what was drawn, but for lines that a drawn one crosses or replaces.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from inpaint_core.contract.progress import Progress
from inpaint_core.contract.view import View
from inpaint_core.exemplar.line_continuation import NEAR, SHORTEST, Points, found, reduced
from inpaint_core.priors.lines import lines as known_segments

SIMILAR = math.radians(20.0)  # between a drawn line and a segment that it can be made from

FOUND_WEIGHT = 60.0
DRAWN_WEIGHT = 300.0
"""Height of the lines' profile in the guide channels, in 8-bit levels. Beside drawn ones the found
ones are as high: what one line is made from may lie on another.
"""


@dataclass(frozen=True, eq=False)
class Structure:
    """Polylines (n, 2) of (x, y), and the height of their profile in the guide channels."""

    lines: tuple[Points, ...]
    weight: float


def structure_of(view: View, progress: Progress) -> Structure:
    """The lines that structure the fill of ``view``: drawn ones, what they can be made from, and
    those found in the photo. Raises `Cancelled`.
    """
    seen = found(view.image, view.hole, progress)
    if not view.lines:
        return Structure(seen, FOUND_WEIGHT)
    own = [np.array([[line.x0, line.y0], [line.x1, line.y1]], np.float32) for line in view.lines]
    small, covered, step = reduced(view.image, view.hole)
    progress.check()
    known = known_segments(small, covered, SHORTEST).reshape(-1, 2, 2)
    placed = [np.asarray((segment + 0.5) * step - 0.5, np.float32) for segment in known]
    near = NEAR * float(step.mean())
    kept = [line for line in seen if not any(_replaces(piece, line, near) for piece in own)]
    return Structure((*own, *_supply(own, placed, near), *kept), DRAWN_WEIGHT)


def _supply(own: list[Points], known: list[Points], near: float) -> list[Points]:
    """What drawn pieces (2, 2) can be made from: the known segments (2, 2) that they continue or,
    for pieces in whose direction they continue none, all in about that direction.
    """
    wanted: dict[int, Points] = {}
    for chain in _chains(own):
        continued = {
            k: segment
            for k, segment in enumerate(known)
            if any(_continues(piece, segment, near) for piece in chain)
        }
        wanted |= continued
        for piece in chain:
            if not any(_turn(piece, segment) <= SIMILAR for segment in continued.values()):
                wanted |= {k: s for k, s in enumerate(known) if _turn(piece, s) <= SIMILAR}
    return list(wanted.values())


def _chains(pieces: list[Points]) -> list[list[Points]]:
    """Pieces (2, 2) whose ends touch, together."""
    chains: list[list[Points]] = []
    for piece in pieces:
        touching = [chain for chain in chains if any(_touch(piece, other) for other in chain)]
        chains = [chain for chain in chains if all(chain is not other for other in touching)]
        chains.append([piece, *(other for chain in touching for other in chain)])
    return chains


def _touch(a: Points, b: Points) -> bool:
    return bool((np.linalg.norm(a[:, None] - b[None], axis=2) <= 2).any())


def _continues(piece: Points, known: Points, near: float) -> bool:
    """True when a drawn piece goes on where a known segment ends, in about its direction."""
    apart = np.linalg.norm(piece[:, None] - known[None], axis=2)
    end, other = np.unravel_index(int(apart.argmin()), (2, 2))
    if apart[end, other] > 2 * near or _turn(piece, known) > SIMILAR:
        return False
    return _beside(piece[end], known) <= near


def _replaces(piece: Points, line: Points, near: float) -> bool:
    """True when a drawn piece (2, 2) crosses a found line (4, 2) in the hole, or takes its place:
    it begins where the line comes into the hole.
    """
    inner = line[1:3]
    if _cross(piece, inner):
        return True
    return any(_distance(end, piece) <= near for end in inner)


def _turn(first: Points, second: Points) -> float:
    """The angle between two segments (2, 2), whichever way they are drawn: 0 .. pi / 2."""
    u, v = first[1] - first[0], second[1] - second[0]
    return math.atan2(abs(_outer(u, v)), abs(float(u @ v)))


def _outer(u: Points, v: Points) -> float:
    return float(u[0] * v[1] - u[1] * v[0])


def _cross(a: Points, b: Points) -> bool:
    """True when two segments (2, 2) cross."""

    def sides(one: Points, other: Points) -> float:
        way = one[1] - one[0]
        return _outer(way, other[0] - one[0]) * _outer(way, other[1] - one[0])

    return sides(a, b) < 0 and sides(b, a) < 0


def _beside(point: Points, segment: Points) -> float:
    """How far a point lies from the straight line through a segment."""
    way = segment[1] - segment[0]
    return abs(_outer(way, point - segment[0])) / max(float(np.linalg.norm(way)), 1e-6)


def _distance(point: Points, segment: Points) -> float:
    """How far a point lies from a segment."""
    way = segment[1] - segment[0]
    along = float((point - segment[0]) @ way) / max(float(way @ way), 1e-6)
    return float(np.linalg.norm(point - segment[0] - min(max(along, 0.0), 1.0) * way))
