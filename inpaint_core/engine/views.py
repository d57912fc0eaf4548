"""What a generator sees of a crop of the photo, and in which tiles."""

from __future__ import annotations

import math

from inpaint_core.contract.arrays import BoolMask
from inpaint_core.contract.geometry import Rect
from inpaint_core.contract.request import InpaintRequest
from inpaint_core.contract.specs import GeneratorSpec
from inpaint_core.contract.view import View
from inpaint_core.engine.context_crops import find_sources, widen
from inpaint_core.engine.tile_plan import TilePlan
from inpaint_core.raster.composition import to_float
from inpaint_core.raster.edge_strokes import draw_lines, thin_strokes, trace_strokes
from inpaint_core.raster.soft_mask import SoftMask

# The native-resolution stage brings the last octave: tiles at native size would cost four times
# as much as all coarser ones together.
_FINEST_BEFORE_NATIVE = 0.5


def build_view(request: InpaintRequest, mask: SoftMask, rect: Rect) -> View:
    """The crop as generators see it; the hole is black, so that nothing of it can leak.

    Drawn edges are added to the lines and drawn lines to the edges, so that generators which follow
    only one of them obey both.
    """
    image = to_float(request.image[rect.slices])
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
        lines=lines,
        edges=edges if edges.any() else None,
        seed=request.options.seed,
        want=request.want,
    )


def widen_for(spec: GeneratorSpec, crop: Rect, whole: Rect) -> Rect:
    """The rectangle that a generator sees to fill a ``crop`` of the photo ``whole``: at least as
    much as it can see at once.
    """
    return widen(crop, spec.size.max_side or 0, whole)


def plan_tiles(spec: GeneratorSpec, hole: BoolMask, side: int | None = None) -> TilePlan | None:
    """The tiles, at most ``side`` pixels long, in which a generator fills a crop with this ``hole``
    (h, w) bool; None for a generator that fills any size at once.
    """
    if spec.size.max_side is None:
        return None
    finest = 1.0
    if spec.native_stage:
        # Half an octave is not worth a second pass: on a crop of 1173 pixels it took twice as long,
        # and the fill was no nearer to the truth.
        once = min(1.0, spec.size.max_side / max(hole.shape))
        finest = once if once >= _FINEST_BEFORE_NATIVE / math.sqrt(2) else _FINEST_BEFORE_NATIVE
    return TilePlan.for_hole(hole, spec.size, side, finest)
