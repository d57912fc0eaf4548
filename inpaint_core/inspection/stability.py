"""Where a fill is uncertain: what changes between runs that ought to agree."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from inpaint_core.contract.errors import BadRequest
from inpaint_core.contract.geometry import Rect
from inpaint_core.contract.progress import Progress
from inpaint_core.contract.request import InpaintRequest
from inpaint_core.engine.context_crops import LEAST_CONTEXT, find_context_crops, widen_for
from inpaint_core.engine.effective_mask import find_effective_mask
from inpaint_core.engine.engine import Engine
from inpaint_core.generators.registry import generator
from inpaint_core.raster.composition import to_float

Vary = Literal["seed", "tiles"]


@dataclass(frozen=True, eq=False)
class Stability:
    """``runs`` fills of the rectangle ``rect``: their ``mean`` (h, w, 3) in [0, 1], and their
    standard ``deviation`` (h, w) as the root mean square over red, green and blue. 0: all agree.
    """

    rect: Rect
    runs: int
    mean: NDArray[np.float32]
    deviation: NDArray[np.float32]


def measure_stability(
    request: InpaintRequest,
    engine: Engine,
    runs: int = 4,
    vary: Vary = "seed",
    progress: Progress | None = None,
) -> Stability:
    """Fill ``runs`` times and compare.

    ``vary`` "seed": the request's seed and those after it. "tiles": for each run the photo is cut
    off some pixels further right and down, within the context of the first holes, so that crops
    and tiles lie elsewhere. Raises `BadRequest` for fewer than two runs or an empty mask, and what
    `Engine.inpaint` raises.
    """
    mask = find_effective_mask(request).mask
    if runs < 2 or mask.rect.is_empty:
        raise BadRequest("inspection.nothing_to_compare")
    progress = Progress() if progress is None else progress
    total = np.zeros((mask.rect.h, mask.rect.w, 3), np.float64)
    squares = np.zeros_like(total)
    asked = _shift_crops(request, runs) if vary == "tiles" else _vary_seed(request, runs)
    for index, (each, cut) in enumerate(asked):
        part = progress.part(index / runs, (index + 1) / runs)
        result = engine.inpaint(each, part)
        whole = to_float(result.applied_to(each.image))
        seen = whole[mask.rect.translate(-cut.x, -cut.y).slices].astype(np.float64)
        total += seen
        squares += seen**2
    mean = total / runs
    variance = np.maximum(squares / runs - mean**2, 0).mean(axis=2)
    return Stability(mask.rect, runs, mean.astype(np.float32), np.sqrt(variance).astype(np.float32))


def _vary_seed(request: InpaintRequest, runs: int) -> Iterator[tuple[InpaintRequest, Rect]]:
    whole = Rect.whole(request.image.shape)
    for index in range(runs):
        yield request.with_options(seed=request.options.seed + index), whole


def _shift_crops(request: InpaintRequest, runs: int) -> Iterator[tuple[InpaintRequest, Rect]]:
    """The request on smaller and smaller parts of the photo, beginning with all of it."""
    whole = Rect.whole(request.image.shape)
    spec = generator(request.options.engine)
    mask = find_effective_mask(request).mask
    seen = [widen_for(spec, crop.rect, whole) for crop in find_context_crops(request, mask)]
    left, top = min(rect.x for rect in seen), min(rect.y for rect in seen)
    free = (mask.rect.x - left, mask.rect.y - top)
    # At least half of the context must stay, or the fills would differ for lack of it.
    most = [min(n // 2, LEAST_CONTEXT // 2) for n in free]
    for index in range(runs):
        share = index / max(runs - 1, 1)
        dx, dy = (round(n * share) for n in most)
        cut = whole if index == 0 else Rect.from_bounds(left + dx, top + dy, whole.w, whole.h)
        yield _cut_request(request, cut), cut


def _cut_request(request: InpaintRequest, cut: Rect) -> InpaintRequest:
    at, options = cut.slices, request.options.with_masks(lambda mask: mask[cut.slices])
    lines = tuple(line.translate(-cut.x, -cut.y) for line in options.lines)
    planes = tuple(plane.translate(-cut.x, -cut.y) for plane in options.planes)
    return replace(
        request,
        image=request.image[at],
        mask=request.mask[at],
        alpha=None if request.alpha is None else request.alpha[at],
        options=replace(options, lines=lines, planes=planes),
    )
