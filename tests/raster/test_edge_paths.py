"""Paths along the edges of a photo."""

from __future__ import annotations

import numpy as np
import pytest

from inpaint_core.contract.arrays import Pixels
from inpaint_core.photo.photo import as_pixels
from inpaint_core.raster.edge_paths import REACH, EdgePaths

CENTRE, RADIUS = 400.0, 240.0


def draw_disc(dtype: type[np.uint8 | np.uint16]) -> Pixels:
    """A disc of little contrast on noise, and a far stronger edge that is none of its own."""
    y, x = np.mgrid[:800, :800] + 0.5
    grey = np.where(np.hypot(x - CENTRE, y - CENTRE) < RADIUS, 130.0, 100.0)
    grey[:, 780:] = 255
    grey += np.random.default_rng(1).normal(0, 3, grey.shape)
    scale = np.iinfo(dtype).max // 255
    return as_pixels(np.repeat((np.clip(grey, 0, 255) * scale).astype(dtype)[..., None], 3, axis=2))


def on_rim(degrees: float) -> tuple[float, float]:
    angle = np.radians(degrees)
    return CENTRE + RADIUS * float(np.cos(angle)), CENTRE + RADIUS * float(np.sin(angle))


def distances(points: np.ndarray) -> np.ndarray:
    """How far the points and those half-way between them are from the rim."""
    dense = np.vstack([points, (points[1:] + points[:-1]) / 2])
    return np.abs(np.hypot(*(dense - CENTRE).T) - RADIUS)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("step", [1.0, 3.0])
def test_the_path_follows_the_rim_that_a_straight_line_leaves(
    step: float, dtype: type[np.uint8 | np.uint16]
) -> None:
    start, end = on_rim(0), on_rim(60)
    path = EdgePaths(draw_disc(dtype), start, step).trace(end)
    assert distances(np.array([start, *path])).max() < 2 * step
    assert distances(np.array([start, end])).max() > 30
    assert path[-1].tolist() == list(end)


def test_beyond_what_was_searched_the_path_goes_straight_on() -> None:
    start, end = on_rim(0), on_rim(180)
    path = EdgePaths(draw_disc(np.uint8), start, 1.0).trace(end)
    assert path[-1].tolist() == list(end)
    assert (np.abs(path[:-1] - start) <= REACH + 1).all()
    assert np.abs(path[:-1] - start).max() > REACH - 1


def test_points_beyond_the_photo_are_joined_with_it() -> None:
    pixels = draw_disc(np.uint8)
    path = EdgePaths(pixels, (-50.0, 400.0), 1.0).trace((100.0, -30.0))
    assert path[-1].tolist() == [100.0, -30.0]
    assert (path[:-1] >= 0).all()
    for shape in ((1, 1, 3), (2, 40, 3)):
        ends = EdgePaths(np.zeros(shape, np.uint8), (0.5, 0.5), 20.0).trace((30.0, 1.0))
        assert ends[-1].tolist() == [30.0, 1.0]
