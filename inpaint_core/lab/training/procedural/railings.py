"""Railings and lattices in front of something: balusters with handrails, level or on stairs, grids
and wire mesh. All of it recedes in perspective and keeps its period to the end of the picture.
"""

from __future__ import annotations

import numpy as np
from numpy.random import Generator

from inpaint_core.contract.arrays import FloatImage
from inpaint_core.lab.training.procedural.canvas import CanvasPoints, ShapeCanvas, draw_palette

_RAIL, _POST = 1, 2
_BARS = 3
"""Labels of bars start here: each has its own brightness."""
_SHADES = 12


class _Screen:
    """The upright plane that the bars stand in: ``project`` maps its coordinates, in sides of the
    picture around the middle, to the picture.
    """

    def __init__(self, rng: Generator, slope: float) -> None:
        self.squeeze = float(rng.normal(0, 0.45))
        self.tilt, self.slope = float(rng.normal(0, 0.06)), slope

    def project(self, points: CanvasPoints) -> CanvasPoints:
        """Points (..., 2) of the screen in the picture; distant ones are closer together."""
        x, y = points[..., 0], points[..., 1] + self.slope * points[..., 0]
        near = np.maximum(1 + self.squeeze * x, 0.15)
        across, down = x / near, y / near
        return np.asarray(np.stack([across + self.tilt * down, down], axis=-1) + 0.5)

    def bars(self, ends: CanvasPoints, width: float) -> CanvasPoints:
        """The outlines (n, 4, 2) of straight bars between ``ends`` (n, 2, 2)."""
        along = ends[:, 1] - ends[:, 0]
        across = np.stack([-along[:, 1], along[:, 0]], axis=1)
        across *= width / 2 / np.maximum(np.linalg.norm(along, axis=1, keepdims=True), 1e-6)
        corners = [ends[:, 0] - across, ends[:, 0] + across, ends[:, 1] + across]
        return self.project(np.stack([*corners, ends[:, 1] - across], axis=1))


def draw_railing(rng: Generator, side: int, behind: FloatImage) -> FloatImage:
    """Balusters between a handrail and a lower rail, perhaps along stairs, in front of a picture
    (side, side, 3).
    """
    canvas = _make_canvas(rng, side)
    screen = _Screen(rng, float(rng.normal(0, 0.5)) if rng.random() < 0.35 else 0.0)
    pitch = float(np.exp(rng.uniform(np.log(0.04), np.log(0.2))))
    width = pitch * float(rng.uniform(0.12, 0.5))
    top, bottom = float(rng.uniform(-0.4, 0.1)), float(rng.uniform(0.2, 0.6))
    at = (np.arange(-60, 61) + rng.random()) * pitch
    at = at[(np.abs(at) < 2) & (1 + screen.squeeze * at > 0.2)]
    ends = np.stack([np.stack([at, np.full_like(at, top)], axis=1),
                     np.stack([at, np.full_like(at, bottom)], axis=1)], axis=1)  # fmt: skip
    canvas.polygons(_shades(rng, len(at)), screen.bars(ends, width))
    every = int(rng.integers(6, 14))
    if rng.random() < 0.6:
        canvas.polygons([_POST] * len(ends[::every]), screen.bars(ends[::every], 2.2 * width))
    reach = 0.8 / max(abs(screen.squeeze), 0.4)
    heights = [top, bottom, *rng.uniform(top, bottom, int(rng.integers(0, 2)))]
    rails = np.array([[(-reach, y), (reach, y)] for y in heights])
    canvas.polygons([_RAIL] * len(rails), screen.bars(rails, width * float(rng.uniform(0.8, 2.0))))
    return canvas.picture(rng, behind)


def draw_lattice(rng: Generator, side: int, behind: FloatImage) -> FloatImage:
    """Two families of parallel bars that cross, as in grids, trellises and wire fences, in front of
    a picture (side, side, 3).
    """
    canvas = _make_canvas(rng, side)
    screen = _Screen(rng, 0.0)
    pitch = float(np.exp(rng.uniform(np.log(0.05), np.log(0.22))))
    width = pitch * float(rng.uniform(0.06, 0.28))
    angle = float(rng.choice([0.0, np.pi / 4, rng.uniform(0, np.pi / 2)]))
    stretch = float(rng.choice([1.0, rng.uniform(1.0, 2.5)]))
    for turn, step in ((angle, pitch), (angle + np.pi / 2, pitch * stretch)):
        along = np.array([np.cos(turn), np.sin(turn)])
        across = np.array([-along[1], along[0]])
        offsets = (np.arange(-round(1.5 / step), round(1.5 / step) + 1) + rng.random()) * step
        middles = offsets[:, None] * across
        ends = np.stack([middles - 1.5 * along, middles + 1.5 * along], axis=1)
        canvas.polygons(_shades(rng, len(ends)), screen.bars(ends, width))
    return canvas.picture(rng, behind)


def _make_canvas(rng: Generator, side: int) -> ShapeCanvas:
    """A canvas whose bars are shades of one colour."""
    canvas = ShapeCanvas(side, draw_palette(rng, _BARS + _SHADES, 2))
    canvas.roughen(rng, 0.6)
    paint = canvas.colours[_POST]
    canvas.colours[_RAIL] = np.clip(paint * rng.uniform(0.7, 1.3), 0, 1)
    shades = np.exp(rng.normal(0, 0.05, (_SHADES, 1)))
    canvas.colours[_BARS : _BARS + _SHADES] = np.clip(paint * shades, 0, 1)
    return canvas


def _shades(rng: Generator, count: int) -> list[int]:
    return [_BARS + int(shade) for shade in rng.integers(_SHADES, size=count)]
