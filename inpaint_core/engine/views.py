"""What a generator looks at to fill a crop of the photo, and in which pieces."""

from __future__ import annotations

import math

from inpaint_core.contract.arrays import BoolMask
from inpaint_core.contract.geometry import Rect
from inpaint_core.contract.request import InpaintRequest
from inpaint_core.contract.specs import GeneratorSpec
from inpaint_core.contract.view import View
from inpaint_core.engine.context_crops import sources, widened
from inpaint_core.engine.tile_plan import TilePlan
from inpaint_core.raster.composition import to_float
from inpaint_core.raster.edge_strokes import rasterised, thinned, traced
from inpaint_core.raster.soft_masks import SoftMask

# The native-resolution stage brings the last octave: tiles at native size would cost four times
# as much as all coarser ones together.
_FINEST_BEFORE_NATIVE = 0.5


def view_of(request: InpaintRequest, mask: SoftMask, rect: Rect) -> View:
    """The crop as generators see it; what is painted over is black, so nothing of it can leak.

    Whoever follows lines gets the drawn edges as lines, whoever follows edges the lines as edges.
    """
    image = to_float(request.image[rect.slices])
    hole = mask.over(rect) > 0
    image[hole] = 0
    lines = tuple(line.moved(-rect.x, -rect.y) for line in request.lines)
    edges = rasterised(lines, (rect.h, rect.w)) & hole
    if request.edges is not None:
        strokes = thinned(request.edges[rect.slices] & hole)
        lines += traced(strokes)
        edges |= strokes
    return View(
        image=image,
        hole=hole,
        source=sources(request, mask, rect),
        lines=lines,
        edges=edges if edges.any() else None,
        seed=request.seed,
        want=request.want,
    )


def seen_by(spec: GeneratorSpec, crop: Rect, whole: Rect) -> Rect:
    """What a generator looks at to fill a ``crop`` of the photo ``whole``: no less than it can see
    at once.
    """
    return widened(crop, spec.size.max_side or 0, whole)


def plan_of(spec: GeneratorSpec, hole: BoolMask, side: int | None = None) -> TilePlan | None:
    """How a generator that sees only so many pixels goes over a crop with this ``hole`` (h, w)
    bool, in tiles of at most ``side`` pixels; None = all at once.
    """
    if spec.size.max_side is None:
        return None
    finest = 1.0
    if spec.native_stage:
        # Half an octave more is not worth a second pass: on a crop of 1173 pixels it took twice
        # as long, and the fill came out no nearer to the truth.
        once = min(1.0, spec.size.max_side / max(hole.shape))
        finest = once if once >= _FINEST_BEFORE_NATIVE / math.sqrt(2) else _FINEST_BEFORE_NATIVE
    return TilePlan.of(hole, spec.size, side, finest)
