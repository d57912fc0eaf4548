"""Rendered photos with structure through the hole, whose truth is known.

Each has lit surfaces, grain, a slight lens blur and one hole that its lines cross: of each plain
kind (a horizon, a kerb, beams, tiles, stripes, a facade) three, then of each built kind (a floor, a
brick wall, a railing, stairs, an arch, wires). All from random numbers that a seed decides, so they
may be shipped, and nobody can have trained on them; what procedural training pictures are drawn
with is not used here.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import cv2
import numpy as np

from inpaint_core.contract.arrays import BoolMask
from inpaint_core.lab.evaluation.built_scenes import BUILT
from inpaint_core.lab.evaluation.cases import Sample
from inpaint_core.lab.evaluation.surfaces import Drawing, Space, Surface, painted
from inpaint_core.lab.evaluation.timing_scenes import smooth_noise

HEIGHT, WIDTH = 384, 512
FINER = 2
"""Lines are drawn at so many times the size and scaled down: smooth edges at any angle."""


def _horizon(at: Space, rng: np.random.Generator) -> Surface:
    turned = at.turned(rng.uniform(-0.08, 0.08))
    return painted((turned.y > rng.uniform(-0.1, 0.1)).astype(np.int64), rng, 2)


def _kerb(at: Space, rng: np.random.Generator) -> Surface:
    turned = at.turned(rng.uniform(0.3, 0.9) * rng.choice([-1, 1]))
    edges = rng.uniform(-0.08, 0.02) + np.array([0.0, 0.05, 0.09])
    return painted(np.digitize(turned.y, edges), rng, 4)


def _beams(at: Space, rng: np.random.Generator) -> Surface:
    which = np.zeros(at.shape, np.int64)
    first = rng.uniform(0, np.pi)
    for number in range(1, 4):
        beam = at.turned(first + number * rng.uniform(0.7, 1.0))
        which[np.abs(beam.y - rng.uniform(-0.05, 0.05)) < rng.uniform(0.015, 0.05)] = number
    return painted(which, rng, 4)


def _tiles(at: Space, rng: np.random.Generator) -> Surface:
    turned = at.turned(rng.uniform(0, 0.7))
    side, joint = rng.uniform(0.1, 0.2), 0.012
    x, y = (turned.x / side) % 1 * side, (turned.y / side) % 1 * side
    return painted(((x < joint) | (y < joint)).astype(np.int64), rng, 2)


def _stripes(at: Space, rng: np.random.Generator) -> Surface:
    turned = at.turned(rng.uniform(-1.5, 1.5))
    return painted(np.floor(turned.y / rng.uniform(0.05, 0.1)).astype(np.int64) % 3, rng, 3)


def _facade(at: Space, rng: np.random.Generator) -> Surface:
    """Windows with frames in rows, seen at a slant."""
    scale = 1 + rng.uniform(-0.35, 0.35) * at.x
    x, y = at.x * scale, at.y * scale
    wide, high = rng.uniform(0.14, 0.22), rng.uniform(0.18, 0.26)
    across, down = np.abs((x / wide) % 1 - 0.5), np.abs((y / high) % 1 - 0.5)
    pane, frame = (across < 0.27) & (down < 0.3), (across < 0.32) & (down < 0.34)
    return painted(frame.astype(np.int64) + pane, rng, 3)


KINDS: Mapping[str, Drawing] = MappingProxyType(
    {
        "horizon": _horizon,
        "kerb": _kerb,
        "beams": _beams,
        "tiles": _tiles,
        "stripes": _stripes,
        "facade": _facade,
        **BUILT,
    }
)

_PLAIN = tuple(kind for kind in KINDS if kind not in BUILT)
ORDER = _PLAIN * 3 + tuple(BUILT) * 3
"""Kinds by number, over and over: three plain ones of each, then three built ones of each."""


def structure(number: int, seed: int = 0) -> tuple[str, Sample]:
    """The name and the photo (384, 512, 3) of a scene, with its hole. Always the same."""
    kind = ORDER[number % len(ORDER)]
    rng = np.random.default_rng([seed, number])
    rows, columns = np.mgrid[: HEIGHT * FINER, : WIDTH * FINER].astype(np.float32)
    scale = HEIGHT * FINER
    space = Space((columns - WIDTH * FINER / 2) / scale, (rows - HEIGHT * FINER / 2) / scale)
    picture = cv2.resize(KINDS[kind](space, rng), (WIDTH, HEIGHT), interpolation=cv2.INTER_AREA)
    light = 1 + 0.12 * smooth_noise(rng, HEIGHT, WIDTH, cell=HEIGHT, octaves=1)
    picture = cv2.GaussianBlur(picture, (0, 0), 0.6) * light[..., None]
    picture = picture + np.asarray(rng.normal(0, 1.5, picture.shape), np.float32)
    truth = np.clip(np.rint(picture), 0, 255).astype(np.uint8)
    return f"{number:03d}_{kind}", Sample(truth, _hole(rng))


def _hole(rng: np.random.Generator) -> BoolMask:
    """An irregular hole near the middle, where every kind of scene has its lines: 2 to 10 %."""
    rows, columns = np.mgrid[:HEIGHT, :WIDTH].astype(np.float32)
    y = rows - HEIGHT * rng.uniform(0.47, 0.53)
    x = columns - WIDTH * rng.uniform(0.46, 0.54)
    radius = HEIGHT * rng.uniform(0.1, 0.19)
    slim = rng.uniform(0.75, 1.3)
    wobble = 1 + 0.12 * smooth_noise(rng, HEIGHT, WIDTH, cell=60.0, octaves=2)
    return np.asarray(np.hypot(x * slim, y / slim) < radius * wobble)
