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
from inpaint_core.lab.evaluation.scenes.architecture_scenes import ARCHITECTURE_SCENES
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


SCENE_KINDS: Mapping[str, SceneFunction] = MappingProxyType(
    {
        "horizon": _horizon,
        "kerb": _kerb,
        "beams": _beams,
        "tiles": _tiles,
        "stripes": _stripes,
        "facade": _facade,
        **ARCHITECTURE_SCENES,
    }
)

_PLAIN = tuple(kind for kind in SCENE_KINDS if kind not in ARCHITECTURE_SCENES)
SCENE_ORDER = _PLAIN * 3 + tuple(ARCHITECTURE_SCENES) * 3
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
