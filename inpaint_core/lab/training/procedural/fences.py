"""Stripes and bars, mostly in front of something: fences, girders, poles, wires, blinds."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from inpaint_core.contract.arrays import FloatImage
from inpaint_core.lab.training.procedural.canvas import CanvasPoints, ShapeCanvas, draw_palette


def draw_fence(rng: Generator, side: int, behind: FloatImage) -> FloatImage:
    """Posts that recede, and rails across them, in front of a picture (side, side, 3)."""
    canvas = ShapeCanvas(side, draw_palette(rng, 24, 2))
    canvas.roughen(rng)
    pitch, width = float(np.exp(rng.uniform(np.log(0.06), np.log(0.5)))), rng.uniform(0.1, 0.55)
    number = np.arange(-40, 41) + rng.random()
    squeeze = rng.normal(0, 0.5)
    slant, turn = rng.normal(0, 0.05), rng.uniform(-0.12, 0.12)
    top, bottom = (rng.uniform(-0.3, 0.4), rng.uniform(0.7, 1.3)) if rng.random() < 0.6 else (-1, 2)

    def project(x: CanvasPoints, y: CanvasPoints) -> CanvasPoints:
        """Points of the fence as they appear in the picture: distant ones are closer together."""
        near = np.maximum(1 + squeeze * x, 0.15)
        u, v = x / near, (y - 0.5) / near
        points = np.stack([u - slant * v, v + turn * u], axis=-1)
        return np.asarray(points + 0.5)

    posts = number * pitch
    round_ = rng.random() < 0.4
    for rail in _rail_heights(rng, float(top), float(bottom)):
        thick = pitch * width * rng.uniform(0.3, 0.9)
        x = np.array([-1.5 if squeeze < 0.5 else -1.0, 1.5])
        ends = project(np.array([x[0], x[1], x[1], x[0]]), rail + thick * np.array([0, 0, 1, 1]))
        canvas.polygons([23], ends[None])
    for index, x in enumerate(posts):
        if 1 + squeeze * x < 0.2:
            continue
        left, right = x - pitch * width / 2, x + pitch * width / 2
        label = 1 + index % 16
        corners = project(np.array([left, right, right, left]),
                       np.array([top, top, bottom, bottom], np.float64))  # fmt: skip
        canvas.polygons([label], corners[None])
        if round_:  # a bright side and a dark one
            half = project(np.array([left + pitch * width * 0.6, right, right,
                                  left + pitch * width * 0.6]),
                        np.array([top, top, bottom, bottom], np.float64))  # fmt: skip
            canvas.colours[17] = canvas.colours[1] * 0.6
            canvas.polygons([17], half[None])
    canvas.colours[2:17] = canvas.colours[1] * np.exp(rng.normal(0, 0.06, (15, 1)))
    return canvas.picture(rng, behind)


def _rail_heights(rng: Generator, top: float, bottom: float) -> list[float]:
    count = int(rng.integers(0, 4))
    return [float(y) for y in np.linspace(max(top, -0.1), min(bottom, 1.1), count + 2)[1:-1]]


def draw_bars(rng: Generator, side: int, behind: FloatImage) -> FloatImage:
    """Beams, poles, branches and wires at any angle in front of a picture (side, side, 3)."""
    canvas = ShapeCanvas(side, draw_palette(rng, 64, 2))
    canvas.roughen(rng)
    count = int(rng.integers(1, 8))
    common = rng.uniform(0, np.pi)
    for number in range(count):
        angle = common + rng.choice([0.0, np.pi / 2]) + rng.normal(0, 0.25)
        along = np.array([np.cos(angle), np.sin(angle)])
        across = np.array([-along[1], along[0]])
        middle = rng.uniform(0.05, 0.95, 2)
        width = float(np.exp(rng.uniform(np.log(0.008), np.log(0.15))))
        taper = float(rng.uniform(0.5, 1.5)) if rng.random() < 0.4 else 1.0
        bend = rng.normal(0, 0.1) if rng.random() < 0.25 else 0.0
        steps = np.linspace(-1.6, 1.6, 17)
        line = middle + steps[:, None] * along + (bend * steps**2)[:, None] * across
        half = width / 2 * np.linspace(1, taper, 17)[:, None] * across
        # Strips of different brightness: the faces of a beam, the roundness of a pole.
        strips = int(rng.choice([1, 2, 5]))
        light = _profile(rng, strips)
        edges = np.linspace(-1, 1, strips + 1)
        for strip in range(strips):
            label = 1 + number * 5 + strip
            canvas.colours[label] = canvas.colours[1 + number * 5] * light[strip] / light[0]
            low, high = line + edges[strip] * half, line + edges[strip + 1] * half
            canvas.polygon(label, np.concatenate([low, high[::-1]]))
    return canvas.picture(rng, behind)


def _profile(rng: Generator, strips: int) -> NDArray[np.float64]:
    """Brightness across a bar lit from one side."""
    middle = (np.arange(strips) + 0.5) / strips * 2 - 1
    sun, dim = rng.uniform(-0.9, 0.9), rng.uniform(0.3, 0.9)
    return np.asarray(1 - dim * np.abs(middle - sun) / 2)


def draw_stripes(rng: Generator, side: int) -> FloatImage:
    """Parallel bands of different widths and colours in perspective: cladding, blinds, steps,
    ploughed fields.
    """
    kinds = int(rng.integers(2, 6))
    canvas = ShapeCanvas(side, draw_palette(rng, 64, kinds))
    canvas.roughen(rng)
    period = float(np.exp(rng.uniform(np.log(0.05), np.log(0.6))))
    widths = rng.dirichlet(np.full(kinds, 2.0)) * period
    edges = np.concatenate([[0], np.cumsum(np.tile(widths, max(int(5 / period), 2)))]) - 2.3
    canvas.labels[:] = 1
    angle, squeeze = rng.uniform(0, np.pi), np.clip(rng.normal(0, 0.3), -0.6, 0.6)
    c, s = np.cos(angle), np.sin(angle)
    glow = rng.normal(0, 0.15) / period * (rng.random() < 0.5)
    for number, (low, high) in enumerate(pairwise(edges)):
        label = 1 + number % kinds if period < 0.1 else 1 + number % 60
        if period >= 0.1:
            canvas.colours[label] = canvas.colours[1 + number % kinds] * np.exp(rng.normal(0, 0.05))
        x = np.array([low, low, high, high]) / np.maximum(
            1 + squeeze * np.array([-1, 1, 1, -1]), 0.2
        )
        y = np.array([-1.2, 1.2, 1.2, -1.2])
        corners = np.stack([x * c - y * s, x * s + y * c], axis=1) + 0.5
        canvas.polygons([label], corners[None])
        canvas.shade(label, corners.mean(axis=0)[None], glow * np.array([[c, s]]))
    return canvas.picture(rng)
