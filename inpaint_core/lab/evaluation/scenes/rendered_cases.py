"""Rendered photos with structure through the hole, whose truth is known.

Each has lit surfaces, grain, a slight lens blur and one hole that its lines cross. Three of each
plain kind (a horizon, a kerb, beams, tiles, stripes, a facade) alternate with three of each built
kind (a floor, a brick wall, a railing, stairs, an arch, wires). All come from seeded random
numbers, so they may be shipped and nobody can have trained on them; the procedural training
pictures share no code with them.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import cv2
import numpy as np

from inpaint_core.contract.arrays import BoolMask
from inpaint_core.lab.evaluation.cases import Sample
from inpaint_core.lab.evaluation.scenes.scene_drawing import (
    SceneCoordinates,
    SceneFunction,
    Surface,
    paint_surfaces,
    smooth_noise,
)

HEIGHT, WIDTH = 384, 512
FINER = 2
"""Lines are drawn enlarged by this factor and scaled down, for smooth edges at any angle."""


def _horizon(at: SceneCoordinates, rng: np.random.Generator) -> Surface:
    turned = at.turned(rng.uniform(-0.08, 0.08))
    return paint_surfaces((turned.y > rng.uniform(-0.1, 0.1)).astype(np.int64), rng, 2)


def _kerb(at: SceneCoordinates, rng: np.random.Generator) -> Surface:
    turned = at.turned(rng.uniform(0.3, 0.9) * rng.choice([-1, 1]))
    edges = rng.uniform(-0.08, 0.02) + np.array([0.0, 0.05, 0.09])
    return paint_surfaces(np.digitize(turned.y, edges), rng, 4)


def _beams(at: SceneCoordinates, rng: np.random.Generator) -> Surface:
    which = np.zeros(at.shape, np.int64)
    first = rng.uniform(0, np.pi)
    for number in range(1, 4):
        beam = at.turned(first + number * rng.uniform(0.7, 1.0))
        which[np.abs(beam.y - rng.uniform(-0.05, 0.05)) < rng.uniform(0.015, 0.05)] = number
    return paint_surfaces(which, rng, 4)


def _tiles(at: SceneCoordinates, rng: np.random.Generator) -> Surface:
    turned = at.turned(rng.uniform(0, 0.7))
    side, joint = rng.uniform(0.1, 0.2), 0.012
    x, y = (turned.x / side) % 1 * side, (turned.y / side) % 1 * side
    return paint_surfaces(((x < joint) | (y < joint)).astype(np.int64), rng, 2)


def _stripes(at: SceneCoordinates, rng: np.random.Generator) -> Surface:
    turned = at.turned(rng.uniform(-1.5, 1.5))
    return paint_surfaces(np.floor(turned.y / rng.uniform(0.05, 0.1)).astype(np.int64) % 3, rng, 3)


def _facade(at: SceneCoordinates, rng: np.random.Generator) -> Surface:
    """Rows of windows with frames, seen at an angle."""
    scale = 1 + rng.uniform(-0.35, 0.35) * at.x
    x, y = at.x * scale, at.y * scale
    wide, high = rng.uniform(0.14, 0.22), rng.uniform(0.18, 0.26)
    across, down = np.abs((x / wide) % 1 - 0.5), np.abs((y / high) % 1 - 0.5)
    pane, frame = (across < 0.27) & (down < 0.3), (across < 0.32) & (down < 0.34)
    return paint_surfaces(frame.astype(np.int64) + pane, rng, 3)


def _floor(at: SceneCoordinates, rng: np.random.Generator) -> Surface:
    """A tiled floor that runs to a wall with a skirting board."""
    turned = at.turned(rng.uniform(-0.03, 0.03))
    base, skirting = rng.uniform(-0.08, 0.0), rng.uniform(0.025, 0.05)
    horizon = base - rng.uniform(0.25, 0.35)
    away = 0.5 / np.maximum(turned.y - horizon, 0.05)
    across, side = (turned.x - rng.uniform(-0.2, 0.2)) * away, rng.uniform(0.2, 0.35)
    u, v = (across / side) % 1, (away / side + rng.uniform(0, 1)) % 1
    joint = np.minimum(np.minimum(u, 1 - u), np.minimum(v, 1 - v)) < 0.025
    if rng.random() < 0.4:  # laid in two colours
        odd = (np.floor(across / side) + np.floor(away / side)) % 2
        joint = odd > 0
    which = np.where(turned.y > base, joint, 3)
    which[(turned.y <= base) & (turned.y > base - skirting)] = 2
    return paint_surfaces(which.astype(np.int64), rng, 4)


def _bricks(at: SceneCoordinates, rng: np.random.Generator) -> Surface:
    """A brick wall seen at an angle, every other row shifted by half a brick."""
    near = 1 + rng.uniform(-0.35, 0.35) * at.x
    turned = at.turned(rng.uniform(-0.06, 0.06))
    x, y = turned.x * near, turned.y * near
    high = rng.uniform(0.06, 0.1)
    long, joint = high * rng.uniform(2.2, 3.2), high * rng.uniform(0.1, 0.16)
    row = np.floor(y / high + 100).astype(np.int64)
    moved = x / long + 0.5 * (row % 2) + 100
    brick = np.floor(moved).astype(np.int64)
    gap = ((y / high + 100) % 1 * high < joint) | (moved % 1 * long < joint)
    shade = (row * 7 + brick * 3 + row * brick) % 3  # bricks of three shades
    picture = paint_surfaces(np.where(gap, 0, 1), rng, 2)
    tone = np.array([0.88, 1.0, 1.1], np.float32)[shade]
    return np.asarray(np.where(gap, 1.0, tone)[..., None] * picture, np.float32)


def _railing(at: SceneCoordinates, rng: np.random.Generator) -> Surface:
    """Posts and two rails in front of a horizon."""
    turned = at.turned(rng.uniform(-0.05, 0.05))
    which = (turned.y > rng.uniform(-0.1, 0.1)).astype(np.int64)
    near = 1 + rng.uniform(-0.3, 0.3) * at.x
    pitch = rng.uniform(0.07, 0.13)
    post = np.abs((at.x * near / pitch) % 1 - 0.5) < rng.uniform(0.1, 0.18)
    top, bottom = rng.uniform(-0.3, -0.05), rng.uniform(0.15, 0.35)
    y = turned.y * near
    which[post & (y > top) & (y < bottom)] = 2
    thick = rng.uniform(0.02, 0.035)
    which[(np.abs(y - top) < thick) | (np.abs(y - bottom) < thick)] = 3
    return paint_surfaces(which, rng, 4)


def _stairs(at: SceneCoordinates, rng: np.random.Generator) -> Surface:
    """A flight of steps from the side: treads and risers above a string board."""
    flip = float(rng.choice([-1, 1]))
    x, rise, run = at.x * flip, rng.uniform(0.08, 0.12), rng.uniform(0.11, 0.16)
    step = np.floor((x + 10) / run)
    edge = -(step - np.floor(10 / run)) * rise + rng.uniform(-0.03, 0.08)
    below = at.y - edge
    which = np.full(at.shape, 0, np.int64)
    which[below > 0] = 1
    which[(below > 0) & (below < 0.022)] = 2  # the tread's nose
    slope = -(x / run) * rise
    which[at.y - slope > rng.uniform(0.2, 0.26)] = 3
    return paint_surfaces(which, rng, 4)


def _arch(at: SceneCoordinates, rng: np.random.Generator) -> Surface:
    """A round arch of stones on two jambs; its ring goes through the middle."""
    radius, thick = rng.uniform(0.22, 0.34), rng.uniform(0.06, 0.09)
    angle = rng.uniform(0.35, np.pi - 0.35)
    x = at.x + (radius + thick / 2) * np.float32(np.cos(angle))
    y = at.y - (radius + thick / 2) * np.float32(np.sin(angle))
    away = np.where(y < 0, np.hypot(x, y), np.abs(x))
    along = np.where(y < 0, np.arctan2(-y, x) * radius, np.where(x > 0, -y, np.pi * radius + y))
    stone = rng.uniform(0.07, 0.1)
    which = np.full(at.shape, 0, np.int64)
    which[away < radius + thick] = 1
    ring = (away >= radius) & (away < radius + thick)
    which[ring & ((along / stone + 20) % 1 * stone < 0.008)] = 2
    which[np.abs(away - radius - thick) < 0.004] = 2
    which[away < radius] = 3
    return paint_surfaces(which, rng, 4)


def _wires(at: SceneCoordinates, rng: np.random.Generator) -> Surface:
    """A pole with a cross-arm in front of a smooth sky, and sagging wires 2 or 3 pixels wide."""
    which = np.zeros(at.shape, np.int64)
    pole = at.turned(rng.uniform(-0.04, 0.04))
    place = rng.uniform(-0.06, 0.06)
    for number in range(int(rng.integers(3, 6))):
        height = -0.12 + 0.08 * number + rng.uniform(-0.02, 0.02)
        slope, sag = rng.uniform(-0.15, 0.15), rng.uniform(0.05, 0.3)
        wire = height + slope * at.x + sag * at.x**2
        which[np.abs(at.y - wire) < rng.uniform(0.003, 0.005)] = 1
    which[np.abs(pole.x - place) < rng.uniform(0.014, 0.025)] = 2
    arm = rng.uniform(-0.16, -0.06)
    which[(np.abs(pole.y - arm) < 0.012) & (np.abs(pole.x - place) < rng.uniform(0.12, 0.2))] = 2
    return paint_surfaces(which, rng, 3)


_PLAIN: Mapping[str, SceneFunction] = {
    "horizon": _horizon, "kerb": _kerb, "beams": _beams, "tiles": _tiles, "stripes": _stripes,
    "facade": _facade,
}  # fmt: skip
# Their lines meet, bend and end inside the hole, which is harder than two surfaces with an edge.
_BUILT: Mapping[str, SceneFunction] = {
    "floor": _floor, "bricks": _bricks, "railing": _railing, "stairs": _stairs, "arch": _arch,
    "wires": _wires,
}  # fmt: skip
SCENE_KINDS: Mapping[str, SceneFunction] = MappingProxyType({**_PLAIN, **_BUILT})
SCENE_ORDER = (*_PLAIN,) * 3 + (*_BUILT,) * 3
"""Kinds by number, repeating: three rounds of the plain ones, then three of the built ones."""


def render_case(number: int, seed: int = 0) -> tuple[str, Sample]:
    """The name of scene ``number`` and its photo (384, 512, 3) with the hole. Deterministic."""
    kind = SCENE_ORDER[number % len(SCENE_ORDER)]
    rng = np.random.default_rng([seed, number])
    rows, columns = np.mgrid[: HEIGHT * FINER, : WIDTH * FINER].astype(np.float32)
    scale = HEIGHT * FINER
    space = SceneCoordinates(
        (columns - WIDTH * FINER / 2) / scale, (rows - HEIGHT * FINER / 2) / scale
    )
    picture = cv2.resize(
        SCENE_KINDS[kind](space, rng), (WIDTH, HEIGHT), interpolation=cv2.INTER_AREA
    )
    light = 1 + 0.12 * smooth_noise(rng, HEIGHT, WIDTH, cell=HEIGHT, octaves=1)
    picture = cv2.GaussianBlur(picture, (0, 0), 0.6) * light[..., None]
    picture = picture + np.asarray(rng.normal(0, 1.5, picture.shape), np.float32)
    truth = np.clip(np.rint(picture), 0, 255).astype(np.uint8)
    return f"{number:03d}_{kind}", Sample(truth, _draw_hole(rng))


def _draw_hole(rng: np.random.Generator) -> BoolMask:
    """An irregular hole of 2 to 10 % near the middle, where every kind of scene has its lines."""
    rows, columns = np.mgrid[:HEIGHT, :WIDTH].astype(np.float32)
    y = rows - HEIGHT * rng.uniform(0.47, 0.53)
    x = columns - WIDTH * rng.uniform(0.46, 0.54)
    radius = HEIGHT * rng.uniform(0.1, 0.19)
    slim = rng.uniform(0.75, 1.3)
    wobble = 1 + 0.12 * smooth_noise(rng, HEIGHT, WIDTH, cell=60.0, octaves=2)
    return np.asarray(np.hypot(x * slim, y / slim) < radius * wobble)
