"""The parts of a hole that lie on planes, and whether it is sure enough that they do."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from inpaint_core.contract.arrays import BoolMask
from inpaint_core.contract.progress import Progress
from inpaint_core.contract.request import View
from inpaint_core.perspective.rectification import (
    PlaneScales,
    measure_angle,
    measure_distortion,
    measure_plane,
)
from inpaint_core.perspective.regularity import measure_regularity
from inpaint_core.perspective.scene_planes import ScenePlane, find_planes, take_given_planes
from inpaint_core.perspective.vanishing_points import Floats
from inpaint_core.raster.spots import holds_only_spots

LEAST_PIXELS = 256  # of a part of a hole that is filled in perspective unasked

FAR = 4.0
"""What would have to be stretched this much more than the near part is left to others."""

_SAMPLES = 20_000  # pixels of a part on which figures are measured


@dataclass(frozen=True)
class Gate:
    """What a plane that was found must have at least, to be used in a part of a hole.

    ``significance`` and number of ``long`` segments of both of its directions, mean ``likelihood``
    in the whole connected hole, as a plane behind only a part of it is hard to bound, sine of the
    ``angle`` between the directions there, and ``distortion``: where a plane hardly changes its
    size and shape, patches need not either; ``regularity`` as `measure_regularity` measures it.
    """

    significance: float
    long: int
    likelihood: float
    angle: float
    distortion: float
    regularity: float


SURE = Gate(12.0, 9, likelihood=0.44, angle=0.35, distortion=0.10, regularity=0.25)
"""A plane is used unasked."""
LIKELY = Gate(8.0, 8, likelihood=0.25, angle=0.30, distortion=0.06, regularity=0.0)
"""A plane is worth proposing."""


@dataclass(frozen=True, eq=False)
class PlanePart:
    """The pixels ``hole`` (h, w) of a view's hole that lie on ``plane``, which is stretched by
    ``scales``.
    """

    plane: ScenePlane
    hole: BoolMask
    scales: PlaneScales


@dataclass(frozen=True, eq=False)
class PlaneParts:
    """``parts`` of a hole that lie on planes, each pixel in one at most. ``is_reached``: by a plane
    that was given. ``is_unsure``: there are planes that are only likely, which were not used.
    """

    parts: tuple[PlanePart, ...] = ()
    is_reached: bool = False
    is_unsure: bool = False


def find_plane_parts(view: View, progress: Progress) -> PlaneParts:
    """The parts of the hole that lie on planes given with the ``view`` or, where none reaches into
    it, on those that are found; for spots, within which a plane hardly changes its size, none are
    looked for unasked. Raises `Cancelled`.
    """
    given = take_given_planes(view.planes, view.hole)
    planes = given
    if not given and _is_worth_looking(view):
        planes = find_planes(view, progress, LIKELY.significance, LIKELY.long)
    if not planes:
        return PlaneParts()
    count, labels = cv2.connectedComponents(view.hole.astype(np.uint8), connectivity=8)
    free, found = view.hole.copy(), list[PlanePart]()
    is_unsure = False
    for plane in planes:
        own = plane.find_pixels(view.hole.shape) & free
        for number in np.unique(labels[own]) if count > 2 else [1]:
            component = labels == number
            part = _take_part(plane, own & component)
            if part is None:
                continue
            if not plane.is_given:
                progress.check()
                if not _passes(view, part, component, LIKELY):
                    continue
                if view.perspective == "auto" and not _passes(view, part, component, SURE):
                    is_unsure = True
                    continue
            found.append(part)
            free &= ~part.hole
    return PlaneParts(tuple(found), bool(given), is_unsure and not found)


def _is_worth_looking(view: View) -> bool:
    if view.perspective == "off" or np.count_nonzero(view.hole) < LEAST_PIXELS:
        return False
    return view.perspective == "always" or not holds_only_spots(view.hole)


def _take_part(plane: ScenePlane, hole: BoolMask) -> PlanePart | None:
    rows, columns = np.nonzero(hole)
    if rows.size < (1 if plane.is_given else LEAST_PIXELS):
        return None
    scales = measure_plane(plane, *_sample(rows, columns))
    if scales is None:
        return None
    near = np.maximum(*scales.measure(columns.astype(float), rows.astype(float))) <= FAR
    kept = np.zeros_like(hole)
    kept[rows[near], columns[near]] = True
    return PlanePart(plane, kept, scales)


def _sample(rows: NDArray[np.intp], columns: NDArray[np.intp]) -> tuple[Floats, Floats]:
    """Some of the pixels, as x and y."""
    step = -(-rows.size // _SAMPLES)
    return columns[::step].astype(float), rows[::step].astype(float)


def _passes(view: View, part: PlanePart, component: BoolMask, gate: Gate) -> bool:
    plane, scales = part.plane, part.scales
    if plane.significance < gate.significance or plane.long < gate.long:
        return False
    x, y = _sample(*np.nonzero(part.hole))
    likelihood = plane.measure_likelihood(component.shape)[component].mean()
    return bool(
        likelihood >= gate.likelihood
        and measure_angle(plane, float(np.median(x)), float(np.median(y))) >= gate.angle
        and measure_distortion(scales, x, y) >= gate.distortion
        and (gate.regularity == 0 or measure_regularity(view, plane, scales) >= gate.regularity)
    )
