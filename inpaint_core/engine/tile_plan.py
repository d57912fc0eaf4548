"""Coarse to fine in tiles, for generators that see a limited number of pixels at once.

Level 0 is the whole view at a size that is seen at once, or smaller if the generator has a
``first_side`` and the hole is wide; another generator may fill it. Every next level is at most
twice as fine and is filled in overlapping tiles: hole pixels in a tile's margin are prefilled from
the level above, or from a finished neighbour, and count as known; the rest of the tile's hole is
filled with the level above as its guide. Neighbours are blended where their fills overlap.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from inpaint_core.contract.arrays import BoolMask, FloatImage
from inpaint_core.contract.errors import OutOfMemory
from inpaint_core.contract.geometry import Rect
from inpaint_core.contract.message import Message
from inpaint_core.contract.progress import Progress
from inpaint_core.contract.request import Fill, View
from inpaint_core.contract.specs import GeneratorSpec, SizeRule
from inpaint_core.raster.composition import level_colours
from inpaint_core.raster.scaling import enlarge_image, shrink_mask, shrink_view
from inpaint_core.raster.soft_mask import measure_thickness

Run = Callable[[View, Progress], Fill]

_THIN = 1 / 4
"""A hole no thicker than this share of ``first_side`` needs no smaller first level."""
# The native-resolution stage brings the last octave: tiles at native size would cost four times
# as much as all coarser ones together.
_FINEST_BEFORE_NATIVE = 0.5


@dataclass(frozen=True)
class Tile:
    """``rect`` is what the generator sees; the hole inside ``inner`` is what it fills."""

    rect: Rect
    inner: Rect


@dataclass(frozen=True)
class Level:
    """The view at ``scale`` (1 = native), ``width`` x ``height`` pixels, and its tiles."""

    scale: float
    width: int
    height: int
    margin: int
    tiles: tuple[Tile, ...]


@dataclass(frozen=True, eq=False)
class TilePlan:
    """Which tiles a generator fills, level by level, coarsest first.

    A pure function of the view's ``hole`` (h, w) bool, the generator's size rule, ``side`` (of the
    tiles: at most ``rule.max_side``, less after out-of-memory, always a multiple of
    ``rule.multiple``) and ``finest``: the scale of the last level, unless the whole view can be
    seen at once at a finer scale; below 1 a native-resolution stage does the rest. ``first_look``:
    the engine that fills level 0 in place of the generator, None = it does itself.
    """

    hole: BoolMask
    rule: SizeRule
    side: int
    finest: float
    levels: tuple[Level, ...]
    first_look: str | None = None

    @classmethod
    def for_hole(
        cls, hole: BoolMask, rule: SizeRule, side: int | None = None, finest: float = 1.0
    ) -> TilePlan:
        """The plan for a view; ``side`` None = the longest that the rule allows."""
        if rule.max_side is None:
            raise ValueError("a generator of any size needs no tiles")
        side = _round_down(rule.max_side if side is None else side, rule.multiple)
        scales = _choose_scales(hole.shape, _choose_first_side(hole, rule, side), side, finest)
        levels = tuple(_plan_level(hole, scale, side) for scale in scales)
        return cls(hole, rule, side, finest, levels)

    def refine(self) -> TilePlan:
        """The plan with tiles smaller by a quarter of the longest side.

        Raises `OutOfMemory` when they would be smaller than half the longest side.
        """
        longest = self.rule.max_side or self.side
        side = _round_down(self.side - longest // 4, self.rule.multiple)
        if side >= self.side or side < _round_down(longest // 2, self.rule.multiple):
            raise OutOfMemory("engine.out_of_memory_in_tiles")
        plan = TilePlan.for_hole(self.hole, self.rule, side, self.finest)
        return replace(plan, first_look=self.first_look)

    def describe(self) -> tuple[Mapping[str, Any], ...]:
        """One plain mapping per level: scale, size, and each tile's rectangle."""
        return tuple(
            {
                "scale": level.scale,
                "width": level.width,
                "height": level.height,
                "side": self.side,
                "tiles": [[t.rect.x, t.rect.y, t.rect.w, t.rect.h] for t in level.tiles],
            }
            for level in self.levels
        )


def _choose_first_side(hole: BoolMask, rule: SizeRule, side: int) -> int:
    """The longer side of level 0."""
    if rule.first_side is None or rule.first_side >= side:
        return side
    least = rule.first_side * _THIN if rule.first_over is None else rule.first_over
    return rule.first_side if _measure_width(hole, side) > least else side


def _measure_width(hole: BoolMask, side: int) -> float:
    """The width of a hole (h, w) in pixels of a view reduced to at most ``side``."""
    return float(measure_thickness(hole) * min(1.0, side / max(hole.shape)))


def _round_down(side: int, multiple: int) -> int:
    return max(side // multiple, 1) * multiple


def _choose_scales(
    shape: tuple[int, ...], first_side: int, side: int, finest: float
) -> list[float]:
    """From the whole view at ``first_side`` to the finest scale, in equal steps of at most 2."""
    first, once = (min(1.0, each / max(shape)) for each in (first_side, side))
    last = max(once, min(finest, 1.0))
    steps = math.ceil(math.log2(last / first) - 1e-9)
    return [first * (last / first) ** (k / steps) for k in range(steps)] + [last]


def _plan_level(hole: BoolMask, scale: float, side: int) -> Level:
    """The level and its tiles; tiles without a hole to fill are left out."""
    h, w = (max(1, min(n, round(n * scale))) for n in hole.shape)
    small = shrink_mask(hole, w, h)
    bounds = Rect.bounding(small)
    margin = side // 8
    tiles = [
        Tile(Rect(x.start, y.start, len(x), len(y)), Rect(u.start, v.start, len(u), len(v)))
        for y, v in _split_axis(h, bounds.y, bounds.bottom, side)
        for x, u in _split_axis(w, bounds.x, bounds.right, side)
    ]
    used = tuple(tile for tile in tiles if small[tile.inner.slices].any())
    return Level(scale, w, h, margin, used)


def _split_axis(length: int, low: int, high: int, side: int) -> list[tuple[range, range]]:
    """Along one axis: what each tile sees and what it fills, so that ``low .. high`` is filled.

    A tile fills all but a margin on each side (none at the view's own border); neighbours both fill
    a strip of that width.
    """
    if length <= side:
        return [(range(length), range(length))]
    margin = side // 8
    first, last = max(low - margin, 0), min(high + margin, length)
    count = max(0, math.ceil((last - first - side) / (side - 3 * margin))) + 1
    if count == 1:
        starts = [min(max((first + last - side) // 2, 0), length - side)]
    else:
        starts = [first + round(k * (last - side - first) / (count - 1)) for k in range(count)]
    parts = []
    for start in starts:
        low = start + margin if start else 0
        high = start + side - margin if start + side < length else length
        parts.append((range(start, start + side), range(low, high)))
    return parts


def compute_weights(level: Level, tile: Tile) -> NDArray[np.float32]:
    """The tile's blending weight over ``tile.inner``, (h, w), not normalised.

    It falls smoothly to almost 0 at an edge of ``inner`` that is not the view's own.
    """
    inner = tile.inner
    across = _compute_ramp(inner.x, inner.right, level.width, level.margin)
    down = _compute_ramp(inner.y, inner.bottom, level.height, level.margin)
    return down[:, None] * across[None, :]


def _compute_ramp(start: int, stop: int, length: int, margin: int) -> NDArray[np.float32]:
    at = np.arange(start, stop, dtype=np.float32) + np.float32(0.5)
    left = at - start if start else np.full_like(at, margin)
    right = stop - at if stop < length else np.full_like(at, margin)
    near = np.clip(np.minimum(left, right) / max(margin, 1), 0.0, 1.0)
    return np.maximum(near * near * (3.0 - 2.0 * near), 1e-4).astype(np.float32)


def fill_tiles(plan: TilePlan, view: View, run: Run, progress: Progress) -> Fill:
    """Fill a view level by level with ``run``, which fills one tile.

    The image has the view's own size, enlarged if the finest level is not native. By-products are
    those of the finest level, blended and enlarged in the same way.
    """
    count = sum(len(level.tiles) for level in plan.levels)
    done = 0
    above: FloatImage | None = None
    notes: list[Message] = []
    warnings: list[Message] = []
    products: dict[str, NDArray[np.float32]] = {}
    image = view.image

    def read_image() -> FloatImage:
        return image

    for level in plan.levels:
        small = shrink_view(view, level.width, level.height)
        guide = None if above is None else enlarge_image(above, level.width, level.height)
        total = np.zeros_like(small.image)
        weight = np.zeros(small.hole.shape, np.float32)
        products = {}
        image = small.image.copy()
        if guide is not None:
            image[small.hole] = guide[small.hole]
        for tile in level.tiles:
            part = progress.part(done / count, (done + 1) / count)
            part.report(0.0, Message("engine.filling_tile", number=done + 1, count=count))
            tile_view = _cut_tile(small, image, guide, tile)
            fill = run(tile_view, part.with_previews(None))
            notes += [note for note in fill.notes if note not in notes]
            warnings += [each for each in fill.warnings if each not in warnings]
            new = level_colours(tile_view.image, tile_view.hole, fill)
            share = compute_weights(level, tile)
            at = tile.inner.slices
            inside = tile.inner.translate(-tile.rect.x, -tile.rect.y).slices
            total[at] += share[..., None] * new[inside]
            weight[at] += share
            for name, product in fill.products.items():
                planes = np.asarray(product, np.float32).reshape(*product.shape[:2], -1)
                whole = products.setdefault(
                    name, np.zeros((*small.hole.shape, planes.shape[2]), np.float32)
                )
                whole[at] += share[..., None] * planes[inside]
            hole = small.hole[at]
            image[at][hole] = total[at][hole] / weight[at][hole][:, None]
            progress.preview(read_image, level.scale)
            done += 1
        above = image
    assert above is not None
    height, width = view.hole.shape
    weight = np.maximum(weight, np.float32(1e-6))[..., None]
    large = {
        name: _enlarge_product(total / weight, width, height) for name, total in products.items()
    }
    image = enlarge_image(above, width, height)
    return Fill(image, products=large, notes=tuple(notes), warnings=tuple(warnings))


def _enlarge_product(product: NDArray[np.float32], width: int, height: int) -> NDArray[np.float32]:
    """(h, w, C) -> (height, width, C), or (height, width) of a single channel."""
    if product.shape[:2] != (height, width):
        product = np.asarray(cv2.resize(product, (width, height)), np.float32)
    planes = product.reshape(height, width, -1)
    return planes[..., 0] if planes.shape[2] == 1 else planes


def _cut_tile(small: View, image: FloatImage, guide: FloatImage | None, tile: Tile) -> View:
    """The view of one tile, in which the hole pixels of its margin are known."""
    at = tile.rect.slices
    hole = np.zeros((tile.rect.h, tile.rect.w), bool)
    hole[tile.inner.translate(-tile.rect.x, -tile.rect.y).slices] = small.hole[tile.inner.slices]
    return replace(
        small,
        image=np.ascontiguousarray(image[at]),
        hole=hole,
        source=small.source[at],
        guide=None if guide is None else np.ascontiguousarray(guide[at]),
        lines=tuple(line.translate(-tile.rect.x, -tile.rect.y) for line in small.lines),
        planes=tuple(plane.translate(-tile.rect.x, -tile.rect.y) for plane in small.planes),
        edges=None if small.edges is None else small.edges[at] & hole,
        semantic=None if small.semantic is None else np.ascontiguousarray(small.semantic[at]),
    )


def plan_tiles(spec: GeneratorSpec, hole: BoolMask, side: int | None = None) -> TilePlan | None:
    """The tiles, at most ``side`` pixels long, in which a generator fills a crop with this ``hole``
    (h, w) bool; None for a generator that fills any size at once.
    """
    if spec.size.max_side is None:
        return None
    # Half an octave is not worth a second pass: on a crop of 1173 pixels it took twice as long,
    # and the fill was no nearer to the truth.
    enough = _FINEST_BEFORE_NATIVE / math.sqrt(2) if spec.native_stage else 1.0
    longest = _find_longest(spec.size, hole.shape)
    if longest < enough * max(hole.shape):
        longest = spec.size.max_side  # tiles of several levels are not oblong
    finest = 1.0
    if spec.native_stage:
        once = min(1.0, longest / max(hole.shape))
        finest = once if once >= enough else _FINEST_BEFORE_NATIVE
    size = replace(spec.size, max_side=longest)
    side = None if side is None else min(side, longest)
    look = spec.first_look
    if look is not None and _measure_width(hole, spec.size.max_side) > look.over:
        rule = replace(size, first_side=look.side, first_over=look.over)
        plan = TilePlan.for_hole(hole, rule, side, finest)
        if len(plan.levels) > 1:  # else the whole view is as small as the first look
            return replace(plan, first_look=look.engine)
    return TilePlan.for_hole(hole, size, side, finest)


def _find_longest(rule: SizeRule, shape: tuple[int, ...]) -> int:
    """The longer side of a view (h, w) that is seen at once."""
    side = rule.max_side or 0
    if not rule.by_area:
        return side
    return max(side, _round_down(math.isqrt(side**2 * max(shape) // min(shape)), rule.multiple))


def iterate_tiles(plan: TilePlan | None, view: View) -> Iterator[tuple[tuple[int, int], Tile]]:
    """The level's size (width, height) and the tile of each pass, in order."""
    if plan is None:
        whole = Rect.whole(view.hole.shape)
        yield (whole.w, whole.h), Tile(whole, whole)
    for level in () if plan is None else plan.levels:
        yield from (((level.width, level.height), tile) for tile in level.tiles)
