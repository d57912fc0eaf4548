"""Patterns on a plane: slabs, bricks, boards, checks, stripes; free of aliasing at any distance.

A line's share of a pixel is computed, not sampled: it is the integral of the pattern over the
pixel's footprint on the plane, so that distant rows become an even grey instead of a moiré.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from inpaint_core.contract.arrays import FloatImage
from inpaint_core.lab.training.procedural.canvas import draw_palette
from inpaint_core.lab.training.procedural.noise import Coordinates, fractal_noise, sample_mirrored

_CELLS = 64
_PIXELS = 128
_FAR = 1e4


@dataclass(frozen=True, eq=False)
class PlanePoints:
    """The points of a plane (side, side) under a picture's pixels: ``u`` and ``v``, and the width
    ``wide`` and height ``high`` of each pixel's footprint, in the plane's units.
    """

    u: FloatImage
    v: FloatImage
    wide: FloatImage
    high: FloatImage


def line_share(at: FloatImage, width: float, foot: FloatImage) -> FloatImage:
    """The share of each footprint covered by lines of ``width`` around every whole number."""

    def total(x: Coordinates) -> Coordinates:
        whole = np.floor(x)
        return np.asarray(whole * width + np.clip(x - whole - (0.5 - width / 2), 0, width))

    half = foot / 2
    moved = at + np.float32(0.5)
    return np.asarray((total(moved + half) - total(moved - half)) / foot, np.float32)


@dataclass(frozen=True, eq=False)
class Tiling:
    """A pattern; `paint_tiling` draws it.

    ``size``: of a tile along u and v; ``joint``: width of the joints as a share of v's size, 0 for
    none; ``gaps``: whether there are joints along u and along v; ``offset`` (64,): shift of each
    row in tiles; ``cells`` (64, 64, 3): colours of tiles; ``filler`` (3,): colour of the joints;
    ``bump``: brightness on the edges of tiles; ``rough``: strength of the texture; ``stretch``: of
    its waves.
    """

    size: tuple[float, float]
    joint: float
    gaps: tuple[bool, bool]
    offset: FloatImage
    cells: FloatImage
    filler: FloatImage
    bump: float
    rough: float
    stretch: float


def random_tiling(rng: Generator, scale: float = 1.0) -> Tiling:
    """A random pattern; tiles are about ``scale`` units large."""
    kind = rng.choice(["slabs", "bricks", "boards", "checks", "bands", "plain"],
                      p=[0.28, 0.23, 0.17, 0.1, 0.14, 0.08])  # fmt: skip
    high = scale * float(np.exp(rng.normal(0, 0.35)))
    longer = {"slabs": rng.choice([1.0, rng.uniform(1, 2)]), "bricks": rng.uniform(1.8, 3.5),
              "boards": rng.uniform(5, 14), "checks": 1.0}.get(str(kind), 1.0)  # fmt: skip
    offset = np.zeros(_CELLS, np.float32)
    if kind == "bricks":
        offset[1::2] = 0.5
    elif kind == "boards":
        offset = rng.random(_CELLS, np.float32)
    return Tiling(
        size=(high * float(longer), high),
        joint=0.0 if kind in ("checks", "plain") else float(rng.uniform(0.02, 0.13)),
        gaps=(kind != "bands", True),
        offset=offset,
        cells=_tile_colours(rng, str(kind)),
        filler=draw_palette(rng, 1, 1)[0] * np.float32(rng.uniform(0.4, 1.0)),
        bump=float(rng.choice([0.0, rng.uniform(0.02, 0.15)])),
        rough=float(rng.exponential(0.05)),
        stretch=float(rng.uniform(5, 12)) if kind == "boards" else 1.0,
    )


def _tile_colours(rng: Generator, kind: str) -> FloatImage:
    """Colours of tiles: mostly shades of one, two alternating for checks and bands."""
    first, second = draw_palette(rng, 2, 2)
    cells = np.broadcast_to(first, (_CELLS, _CELLS, 3)).copy()
    if kind == "checks":
        cells[(np.indices((_CELLS, _CELLS)).sum(axis=0) % 2) == 1] = second
    elif kind == "bands" and rng.random() < 0.6:
        cells[1::2] = second
    elif kind in ("slabs", "bricks") and rng.random() < 0.3:
        cells[rng.random((_CELLS, _CELLS)) < rng.uniform(0.05, 0.4)] = second
    if kind == "plain":
        return cells
    uneven = rng.normal(0, rng.exponential(0.08), (_CELLS, _CELLS, 1))
    return np.asarray(cells * np.exp(uneven), np.float32)


def paint_tiling(rng: Generator, pattern: Tiling, on: PlanePoints) -> FloatImage:
    """The pattern as a plane's pixels show it, (side, side, 3)."""
    high, wide = pattern.size[1], pattern.size[0]
    v, foot_v = np.clip(on.v / high, -_FAR, _FAR), np.maximum(on.high / high, 1e-4)
    row = np.floor(v).astype(np.int32) & (_CELLS - 1)
    u = np.clip(on.u / wide, -_FAR, _FAR) + pattern.offset[row]
    foot_u = np.maximum(on.wide / wide, 1e-4)
    column = np.floor(u).astype(np.int32) & (_CELLS - 1)
    mean = pattern.cells.mean(axis=(0, 1))
    seen = np.clip(1.5 - np.maximum(foot_u, foot_v), 0, 1)[..., None]
    picture = mean + seen * (pattern.cells[row, column] - mean)
    texture = fractal_noise(rng, _PIXELS, rng.uniform(3, 30), 4, pattern.stretch)
    # 128 texels to about three tiles.
    step = np.float32(_PIXELS / (3 * high))
    grain = sample_mirrored(texture, on.u * step, on.v * step)
    fade = np.clip(4 / np.maximum(np.maximum(on.wide, on.high) * step, 1), 0, 1)
    picture *= (1 + np.float32(pattern.rough) * fade * grain)[..., None]
    if pattern.joint:
        ratio = pattern.size[1] / pattern.size[0]
        gap = line_share(v, pattern.joint, foot_v) if pattern.gaps[1] else np.zeros_like(v)
        if pattern.gaps[0]:
            gap = np.maximum(gap, line_share(u, pattern.joint * ratio, foot_u))
        if pattern.bump:
            rim = line_share(v - np.float32(1.5 * pattern.joint), pattern.joint, foot_v)
            picture *= (1 + np.float32(pattern.bump) * rim)[..., None]
        picture += gap[..., None] * (pattern.filler - picture)
    return np.asarray(picture, np.float32)
