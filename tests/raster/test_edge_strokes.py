"""Strokes to edges one pixel wide, lines to strokes, strokes to lines."""

from __future__ import annotations

from itertools import pairwise

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from inpaint_core.contract.geometry import Segment
from inpaint_core.contract.request import View
from inpaint_core.raster.edge_strokes import draw_lines, thin_strokes, trace_strokes
from inpaint_core.raster.scaling import pad_view, shrink_view


def stroke(width: int, *points: tuple[int, int]) -> np.ndarray:
    plane = np.zeros((80, 120), np.uint8)
    cv2.polylines(plane, [np.array(points)], False, [1], width)
    return plane > 0


def pieces(mask: np.ndarray) -> int:
    return cv2.connectedComponents(mask.astype(np.uint8), connectivity=8)[0] - 1


@pytest.mark.parametrize("width", [1, 2, 3, 7, 12])
@pytest.mark.parametrize(
    "points", [[(15, 20), (105, 26)], [(20, 15), (60, 65), (100, 15)], [(60, 10), (60, 70)]]
)
def test_a_thinned_stroke_is_one_pixel_wide_and_whole(
    width: int, points: list[tuple[int, int]]
) -> None:
    drawn = stroke(width, *points)
    thin = thin_strokes(drawn)
    assert pieces(thin) == 1
    assert not (thin & ~drawn).any()
    assert not cv2.erode(thin.astype(np.uint8), np.ones((2, 2), np.uint8)).any()
    # It keeps the stroke's length, and lies in its middle.
    length = sum(max(abs(a - c), abs(b - d)) for (a, b), (c, d) in pairwise(points))
    assert length - width - 2 <= np.count_nonzero(thin) <= 1.15 * length + width
    middle = cv2.distanceTransform((~stroke(1, *points)).astype(np.uint8), cv2.DIST_L2, 5)
    assert np.quantile(middle[thin], 0.9) <= 1.5


@given(st.integers(0, 2**32 - 1), st.integers(1, 9))
def test_thinning_neither_joins_nor_loses_strokes(seed: int, width: int) -> None:
    rng = np.random.default_rng(seed)
    plane = np.zeros((80, 120), np.uint8)
    for _ in range(4):
        (a, b), (c, d) = rng.integers(0, (120, 80), (2, 2)).tolist()
        cv2.line(plane, (a, b), (c, d), [1], width)
    thin = thin_strokes(plane > 0)
    assert pieces(thin) == pieces(plane > 0)
    np.testing.assert_array_equal(thin_strokes(thin), thin)


@given(*[st.floats(-1e7, 1e7)] * 4)
def test_the_way_there_is_the_way_back(x0: float, y0: float, x1: float, y1: float) -> None:
    for line in (Segment(x0, y0, x1, y1), Segment(x0 % 90, y0 % 60, x1 % 90, y1)):
        there = draw_lines((line,), (60, 90))
        back = draw_lines((Segment(line.x1, line.y1, line.x0, line.y0),), (60, 90))
        near = cv2.dilate(there.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
        assert not (back & ~near).any()
        assert pieces(there) <= 1


def test_a_line_is_drawn_where_it_is() -> None:
    plane = draw_lines((Segment(-1e6, 20, 1e6, 20), Segment(10, -5, 10, 500)), (60, 90))
    wanted = np.zeros((60, 90), bool)
    wanted[20] = wanted[:, 10] = True
    np.testing.assert_array_equal(plane, wanted)
    assert not draw_lines((Segment(0, 99, 89, 99), Segment(-9, 0, -2, 50)), (60, 90)).any()


@pytest.mark.parametrize("width", [1, 4])
def test_a_stroke_is_traced_by_segments_along_it(width: int) -> None:
    points = [(20, 15), (60, 65), (100, 15)]
    lines = trace_strokes(thin_strokes(stroke(width, *points)))
    assert 2 <= len(lines) <= 6
    back = draw_lines(lines, (80, 120))
    true = stroke(1, *points)
    away = cv2.distanceTransform((~true).astype(np.uint8), cv2.DIST_L2, 5)
    assert away[back].max() <= 3
    reached = cv2.dilate(back.astype(np.uint8), np.ones((7, 7), np.uint8)) > 0
    assert (true & reached).sum() >= 0.97 * true.sum()


def test_nothing_drawn_is_nothing() -> None:
    nothing = np.zeros((20, 30), bool)
    assert not thin_strokes(nothing).any()
    assert trace_strokes(nothing) == ()


@pytest.mark.parametrize("width", [1, 3, 8])
def test_edges_survive_a_view_made_small(width: int) -> None:
    drawn = thin_strokes(stroke(width, (15, 20), (60, 60), (105, 26)))
    hole = np.zeros((80, 120), bool)
    hole[5:75, 10:110] = True
    view = View(np.zeros((80, 120, 3), np.float32), hole, ~hole, edges=drawn)
    small = shrink_view(view, 31, 21).edges
    assert small is not None
    assert pieces(small) == 1
    assert not cv2.erode(small.astype(np.uint8), np.ones((2, 2), np.uint8)).any()
    assert 18 <= np.count_nonzero(small) <= 32
    whole = pad_view(view, 64)
    assert whole.edges is not None
    assert whole.edges.shape == whole.hole.shape == (128, 128)
    np.testing.assert_array_equal(whole.edges[:80, :120], drawn)
    assert not (whole.edges & ~whole.hole).any()
