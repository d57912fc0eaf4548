"""What the model will see: the effective mask, the crops and their tiles, before any fill."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from inpaint_core.contract.geometry import Rect
from inpaint_core.contract.progress import Progress
from inpaint_core.contract.request import InpaintRequest
from inpaint_core.engine.context_crops import context_crops
from inpaint_core.engine.request_validation import validate
from inpaint_core.engine.tile_plan import TilePlan, weights
from inpaint_core.engine.views import plan_of, seen_by, view_of
from inpaint_core.generators.registry import generator
from inpaint_core.inspection.placed_map import Laid
from inpaint_core.inspection.tile_place import Extent, Place
from inpaint_core.raster.soft_masks import SoftMask, soften


@dataclass(frozen=True, eq=False)
class ForeseenTile:
    """A tile: its ``place``, the rectangle ``seen`` of the photo, and ``filled``, the part in which
    it fills the hole. Where the parts of two tiles overlap, their fills are blended.
    """

    place: Place
    seen: Extent
    filled: Extent


@dataclass(frozen=True, eq=False)
class ForeseenCrop:
    """A context crop: the ``rect`` of the photo that its ``engine`` looks at, its holes in ``own``,
    and the tiles of its levels, coarse to fine. Without levels it is seen at once, at the photo's
    own resolution.
    """

    rect: Rect
    own: tuple[Rect, ...]
    levels: tuple[tuple[ForeseenTile, ...], ...]
    plan: TilePlan | None
    engine: str

    def share(self, level: int, tile: int) -> Laid:
        """How much a tile counts where it fills, 0 to 1: with its neighbours the sum is 1."""
        if self.plan is None:
            raise ValueError("a crop that is seen at once has no tiles")
        at = self.plan.levels[level]
        total = np.zeros((at.height, at.width), np.float32)
        for each in at.tiles:
            total[each.inner.slices] += weights(at, each)
        one = at.tiles[tile]
        share: NDArray[np.float32] = weights(at, one) / total[one.inner.slices]
        place = Place(self.rect, at.width, at.height, one.inner, one.inner)
        return Laid(share, place.extent((one.inner.h, one.inner.w), 1), self.rect)


@dataclass(frozen=True, eq=False)
class Foresight:
    """``mask``: what will be replaced, grown and feathered, 0 to 255 over ``mask.rect``."""

    mask: SoftMask
    crops: tuple[ForeseenCrop, ...]


def foresee(request: InpaintRequest, progress: Progress | None = None) -> Foresight:
    """What `Engine.inpaint` will go over, if memory suffices.

    With ``progress``, an engine that chooses among others looks at the pixels and chooses, which
    takes longer; without, its crops are those before its choice, without tiles.
    Raises `UnknownEngine`, `BadRequest` or `NothingToCopy`, and `Cancelled`.
    """
    validate(request)
    spec = generator(request.engine)
    mask = soften(request.mask, request.grow, request.feather)
    found = []
    for crop in context_crops(request, mask):
        chosen = spec
        if spec.choose is not None and progress is not None:
            choice = spec.choose(view_of(request, mask, crop.rect), progress)
            chosen = generator(choice.engine)
        rect = seen_by(chosen, crop.rect, Rect.whole(request.mask.shape))
        plan = plan_of(chosen, mask.over(rect) > 0)
        levels = () if plan is None else _levels(plan, rect)
        found.append(ForeseenCrop(rect, crop.own, levels, plan, chosen.id))
    return Foresight(mask, tuple(found))


def _levels(plan: TilePlan, crop: Rect) -> tuple[tuple[ForeseenTile, ...], ...]:
    levels = []
    for level in plan.levels:
        tiles = []
        for tile in level.tiles:
            place = Place(crop, level.width, level.height, tile.rect, tile.inner)
            inner = Place(crop, level.width, level.height, tile.inner, tile.inner)
            seen = place.extent((tile.rect.h, tile.rect.w), 1)
            filled = inner.extent((tile.inner.h, tile.inner.w), 1)
            tiles.append(ForeseenTile(place, seen, filled))
        levels.append(tuple(tiles))
    return tuple(levels)
