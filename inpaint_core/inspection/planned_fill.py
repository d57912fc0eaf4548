"""A fill before it is run: the effective mask, the crops and their tiles."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from inpaint_core.contract.geometry import Rect
from inpaint_core.contract.progress import Progress
from inpaint_core.contract.request import InpaintRequest
from inpaint_core.engine.context_crops import (
    build_view,
    find_backdrop,
    find_context_crops,
    widen_for,
)
from inpaint_core.engine.effective_mask import find_effective_mask
from inpaint_core.engine.engine import validate_request
from inpaint_core.engine.tile_plan import TilePlan, compute_weights, plan_tiles
from inpaint_core.generators.registry import generator
from inpaint_core.inspection.placed_map import Extent, PlacedMap, TilePlace
from inpaint_core.raster.soft_mask import SoftMask


@dataclass(frozen=True, eq=False)
class PlannedTile:
    """A tile: its ``place``, the rectangle ``visible`` of the photo that it shows, and ``filled``,
    the part in which it fills the hole. Where two such parts overlap, the fills are blended.
    """

    place: TilePlace
    visible: Extent
    filled: Extent


@dataclass(frozen=True, eq=False)
class PlannedCrop:
    """A context crop: the ``rect`` of the photo that its ``engine`` is given, its holes in ``own``,
    and the tiles of its levels, coarse to fine. A crop without levels is one view at the photo's
    resolution.
    """

    rect: Rect
    own: tuple[Rect, ...]
    levels: tuple[tuple[PlannedTile, ...], ...]
    plan: TilePlan | None
    engine: str

    def share(self, level: int, tile: int) -> PlacedMap:
        """A tile's blending weight where it fills, 0 to 1; the weights of all tiles sum to 1."""
        if self.plan is None:
            raise ValueError("a crop without levels has no tiles")
        at = self.plan.levels[level]
        total = np.zeros((at.height, at.width), np.float32)
        for each in at.tiles:
            total[each.inner.slices] += compute_weights(at, each)
        one = at.tiles[tile]
        share: NDArray[np.float32] = compute_weights(at, one) / total[one.inner.slices]
        place = TilePlace(self.rect, at.width, at.height, one.inner, one.inner)
        return PlacedMap(share, place.extent((one.inner.h, one.inner.w), 1), self.rect)


@dataclass(frozen=True, eq=False)
class PlannedFill:
    """``mask``: what will be replaced, grown and feathered, 0 to 255 over ``mask.rect``."""

    mask: SoftMask
    crops: tuple[PlannedCrop, ...]


def preview_fill(request: InpaintRequest, progress: Progress | None = None) -> PlannedFill:
    """The crops and tiles that `Engine.inpaint` will use if memory suffices.

    With ``progress``, an engine that chooses among others looks at the pixels and chooses, which
    takes longer; without it, such an engine's crops have no tiles. Raises `UnknownEngine`,
    `BadRequest`, `NothingToCopy` and `Cancelled`.
    """
    validate_request(request)
    spec = generator(request.options.engine)
    mask = find_effective_mask(request).mask
    chooses = spec.choose is not None and progress is not None
    backdrop = find_backdrop(request, mask) if chooses else None
    found = []
    for crop in find_context_crops(request, mask):
        chosen = spec
        if spec.choose is not None and progress is not None:
            view = build_view(request, mask, crop.rect, backdrop)
            choice = spec.choose(view, crop.find_own_hole(view.hole), progress)
            chosen = generator(choice.engine)
        rect = widen_for(chosen, crop.rect, Rect.whole(request.mask.shape))
        plan = plan_tiles(chosen, mask.over(rect) > 0)
        levels = () if plan is None else _levels(plan, rect)
        found.append(PlannedCrop(rect, crop.own, levels, plan, chosen.id))
    return PlannedFill(mask, tuple(found))


def _levels(plan: TilePlan, crop: Rect) -> tuple[tuple[PlannedTile, ...], ...]:
    levels = []
    for level in plan.levels:
        tiles = []
        for tile in level.tiles:
            place = TilePlace(crop, level.width, level.height, tile.rect, tile.inner)
            inner = TilePlace(crop, level.width, level.height, tile.inner, tile.inner)
            seen = place.extent((tile.rect.h, tile.rect.w), 1)
            filled = inner.extent((tile.inner.h, tile.inner.w), 1)
            tiles.append(PlannedTile(place, seen, filled))
        levels.append(tuple(tiles))
    return tuple(levels)
