"""Facades: rows of windows with frames and sills, ledges and beams, seen at an angle."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from inpaint_core.contract.arrays import FloatImage
from inpaint_core.lab.training.procedural.canvas import ShapeCanvas, draw_palette
from inpaint_core.lab.training.procedural.noise import draw_shadow

_WALL, _FRAME, _SILL, _SHADE, _LEDGE, _DOOR = 1, 2, 3, 4, 5, 6
_PANES = 8
"""Labels of panes start here: each window reflects something else."""

Boxes = NDArray[np.float64]


def draw_facade(rng: Generator, side: int) -> FloatImage:
    """A wall of windows (side, side, 3)."""
    canvas = ShapeCanvas(side, draw_palette(rng, 7, 3))
    canvas.roughen(rng, 0.8)
    wall = canvas.colours[_WALL]
    canvas.colours[_SHADE] = wall * rng.uniform(0.35, 0.75)
    if rng.random() < 0.6:
        canvas.colours[_FRAME] = rng.uniform(0.6, 0.95)
    seen = _random_view(rng)
    canvas.labels[:] = _WALL
    columns, rows = rng.uniform(1.5, 6), rng.uniform(1.5, 6)
    pitch = np.array([1 / columns, 1 / rows])
    _colour_panes(rng, canvas)
    grid = np.mgrid[-3 : int(columns) + 4, -3 : int(rows) + 4].reshape(2, -1).T
    origin = grid * pitch + rng.uniform(0, 1, 2) * pitch
    size = pitch * rng.uniform(0.3, 0.75, 2)
    windows = np.concatenate([origin, origin + size], axis=1)
    if rng.random() < 0.6:
        _draw_ledges(rng, canvas, pitch, origin, size, seen)
    _draw_windows(rng, canvas, windows, size, seen)
    drawn = canvas.picture(rng)
    return drawn * draw_shadow(rng, side)[..., None] if rng.random() < 0.35 else drawn


def _random_view(rng: Generator) -> NDArray[np.float64]:
    """A homography (3, 3) from the wall to the picture: tilted, slightly turned, cropped."""
    slant = rng.normal(0, (0.35, 0.2))
    turn, zoom = rng.normal(0, 0.06), rng.uniform(0.8, 1.3)
    c, s = np.cos(turn) * zoom, np.sin(turn) * zoom
    about = np.array([[1, 0, -0.5], [0, 1, -0.5], [0, 0, 1]])
    back = np.array([[1, 0, 0.5], [0, 1, 0.5], [0, 0, 1]])
    tilted = np.array([[c, -s, 0], [s, c, 0], [slant[0], slant[1], 1]])
    return np.asarray(back @ tilted @ about)


def _project_corners(boxes: Boxes, seen: NDArray[np.float64]) -> NDArray[np.float64]:
    """The corners (n, 4, 2) in the picture of boxes (n, 4): left, top, right, bottom."""
    points = boxes[:, [[0, 1], [2, 1], [2, 3], [0, 3]]]
    flat = points @ seen[:, :2].T + seen[:, 2]
    return np.asarray(flat[..., :2] / np.maximum(flat[..., 2:], 0.05))


def _colour_panes(rng: Generator, canvas: ShapeCanvas) -> None:
    """Give the panes dark glass that reflects a bright sky, differently in each window."""
    count = 24
    glass = draw_palette(rng, 1, 1, 0.7)[0] * rng.uniform(0.15, 1.0) * (0.93, 0.98, 1.05)
    canvas.colours[_PANES : _PANES + count] = glass * np.exp(rng.normal(0, 0.25, (count, 1)))
    canvas.slope[_PANES : _PANES + count] = rng.normal(0, 0.35, (count, 3)) * (1, 1, 0.5)
    canvas.grain[_PANES : _PANES + count] *= 0.5


def _draw_ledges(
    rng: Generator, canvas: ShapeCanvas, pitch: Boxes, origin: Boxes, size: Boxes,
    seen: NDArray[np.float64],
) -> None:  # fmt: skip
    """Draw bands along the storeys and perhaps beams between the windows, with shadows."""
    thick = float(pitch[1] * rng.uniform(0.03, 0.12))
    for y in np.unique(origin[:, 1]) + size[1] + (pitch[1] - size[1]) * rng.uniform(0.2, 0.8):
        band = np.array([[-3.0, y, 4.0, y + thick]])
        canvas.polygons([_SHADE], _project_corners(band + np.array([0, 0, 0, thick * 0.5]), seen))
        canvas.polygons([_LEDGE], _project_corners(band, seen))
    if rng.random() < 0.4:
        for x in np.unique(origin[:, 0]) + size[0] + (pitch[0] - size[0]) * 0.5:
            beam = np.array([[x - thick / 2, -3.0, x + thick / 2, 4.0]])
            canvas.polygons([_LEDGE], _project_corners(beam, seen))


def _draw_windows(
    rng: Generator, canvas: ShapeCanvas, windows: Boxes, size: Boxes, seen: NDArray[np.float64]
) -> None:
    """Draw reveal, frame, panes between bars, and sill."""
    pixel = 1 / canvas.side
    edge = max(float(size.min() * rng.uniform(0.04, 0.12)), 1.2 * pixel)
    most = np.clip(size / (7 * pixel), 1, 3).astype(int)
    bars = int(rng.integers(1, most[0] + 1)), int(rng.integers(1, most[1] + 1))
    outer = _project_corners(windows + edge * np.array([-1, -1, 1, 1]), seen)
    deep = _project_corners(windows + edge * np.array([-1, -1, 1.6, 1.9]), seen)
    sill = np.stack([windows[:, 0] - 1.5 * edge, windows[:, 3] + edge * 0.6,
                     windows[:, 2] + 1.5 * edge, windows[:, 3] + 2 * edge], axis=1)  # fmt: skip
    below = _project_corners(sill, seen)
    with_sill, with_shade = rng.random() < 0.6, rng.random() < 0.6
    panes = [
        _project_corners(_cut_pane(windows, i, j, bars, max(edge * 0.4, 1.1 * pixel)), seen)
        for i in range(bars[0])
        for j in range(bars[1])
    ]
    layers = [(_SHADE, deep)] if with_shade else []
    layers += [(_FRAME, outer), *((_PANES, pane) for pane in panes)]
    layers += [(_SILL, below)] if with_sill else []
    inside = (outer.max(axis=1) > 0).all(axis=1) & (outer.min(axis=1) < 1).all(axis=1)
    for number in np.flatnonzero(inside):
        glass = int(rng.integers(24))
        labels = [label + glass * (label == _PANES) for label, _ in layers]
        canvas.polygons(labels, np.stack([corners[number] for _, corners in layers]))


def _cut_pane(windows: Boxes, i: int, j: int, bars: tuple[int, int], bar: float) -> Boxes:
    """Pane (i, j) of every window, inset by half a bar."""
    low, high = windows[:, :2], windows[:, 2:]
    share = (high - low) / bars
    start = low + share * (i, j)
    return np.concatenate([start + bar / 2, start + share - bar / 2], axis=1)
