from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from app.document.document import Document
from app.document.stroke import Stroke
from inpaint_core.contract.geometry import Rect
from inpaint_core.photo.photo import Photo

SHAPE = (180, 240)
Point = tuple[float, float, float]

points = st.lists(
    st.tuples(st.floats(-40, 280), st.floats(-40, 220), st.floats(0, 1)), min_size=1, max_size=5
)
short = points.map(lambda path: [(x / 3 + 60, y / 3 + 40, p) for x, y, p in path[:3]])
sizes = st.floats(1, 90)
parts = st.floats(0, 1)


def blank(value: int = 0) -> Document:
    document = Document(Photo(np.zeros((*SHAPE, 3), np.uint8)))
    with document.edit("history.clear") as editing:
        editing.write("mask", Rect.whole(SHAPE), np.full(SHAPE, value, np.uint8))
    return document


def drawn(
    path: list[Point], size: float, hardness: float, erase: bool = False, value: int = 0
) -> NDArray[np.uint8]:
    document = blank(value)
    with document.edit("history.brush") as editing:
        stroke = Stroke(editing, "mask", SHAPE, size, hardness, erase)
        for x, y, pressure in path:
            before = document.mask.copy()
            dirty = stroke.draw_to(x, y, pressure)
            outside = document.mask != before
            outside[dirty.slices] = False
            assert not outside.any()
            change = document.mask.astype(int) - before
            assert (change <= 0).all() if erase else (change >= 0).all()
    return document.mask.copy()


def gaps(path: list[Point], size: float) -> NDArray[np.float64]:
    """Distance of each pixel's centre from the outline of all places the brush has been at,
    sampled densely; negative inside.
    """
    ys, xs = np.mgrid[: SHAPE[0], : SHAPE[1]] + 0.5
    out = np.full(SHAPE, np.inf)
    for (x0, y0, p0), (x1, y1, p1) in zip([path[0], *path[:-1]], path, strict=True):
        for t in np.linspace(0, 1, 2 + math.ceil(3 * math.hypot(x1 - x0, y1 - y0))):
            radius = max(size / 2 * p0, 0.5) * (1 - t) + max(size / 2 * p1, 0.5) * t
            away = np.hypot(xs - x0 - (x1 - x0) * t, ys - y0 - (y1 - y0) * t)
            np.minimum(out, away - radius, out=out)
    return out


@settings(max_examples=25)
@given(short, sizes, parts)
def test_paint_lies_within_the_outline(path: list[Point], size: float, hardness: float) -> None:
    mask, gap = drawn(path, size, hardness), gaps(path, size)
    assert not mask[gap > 0.6].any()


@settings(max_examples=25)
@given(short, sizes)
def test_a_hard_brush_fills_its_outline(path: list[Point], size: float) -> None:
    mask, gap = drawn(path, size, 1), gaps(path, size)
    assert (mask[gap < -0.51] == 255).all()
    on_it = mask[np.abs(gap) < 0.05]  # half covered
    assert ((on_it > 80) & (on_it < 175)).all()


@settings(max_examples=25)
@given(points, sizes, parts, st.integers(0, 255))
def test_erasing_is_painting_on_the_inverted_mask(
    path: list[Point], size: float, hardness: float, value: int
) -> None:
    painted = drawn(path, size, hardness, value=255 - value)
    assert np.array_equal(drawn(path, size, hardness, erase=True, value=value), 255 - painted)


@settings(max_examples=15)
@given(points, sizes, parts)
def test_going_over_it_again_within_a_stroke_changes_little(
    path: list[Point], size: float, hardness: float
) -> None:
    once = drawn(path, size, hardness).astype(int)
    assert np.abs(drawn(path + path[::-1], size, hardness) - once).max() <= 1


@pytest.mark.parametrize("hardness", [0.0, 0.5, 1.0])
def test_a_line_has_no_scallops(hardness: float) -> None:
    """However it is cut into pieces, each row of a level line has one value."""
    path = [(x, 90.5, 1.0) for x in (-60.0, 20.0, 47.3, 47.9, 120.0, 300.0)]
    mask = drawn(path, 60, hardness).astype(int)
    assert np.ptp(mask, axis=1).max() <= 1
    assert mask[90].min() == 255
    assert np.abs(drawn([path[0], path[-1]], 60, hardness) - mask).max() <= 1


def test_a_soft_brush_falls_smoothly() -> None:
    row = drawn([(120.5, 90.5, 1.0)], 100, 0.5).astype(int)[90]
    assert (row[120 - 24 : 120 + 25] == 255).all()
    right = row[120:]
    assert (np.diff(right) <= 0).all()
    assert np.diff(right).min() > -20  # no edge in it
    assert right[37] == pytest.approx(128, abs=12)
    assert not right[51:].any()


def test_pressure_changes_evenly_along_a_piece() -> None:
    mask = drawn([(40, 90, 0.25), (200, 90, 1.0)], 80, 1.0)
    heights = (mask >= 128).sum(axis=0)
    assert heights[40] == pytest.approx(20, abs=4)
    assert heights[120] == pytest.approx(50, abs=4)
    assert heights[199] == pytest.approx(80, abs=4)
    assert (np.diff(heights[35:205]) >= 0).all()


def test_a_pen_can_change_the_hardness() -> None:
    document = blank()
    with document.edit("history.brush") as editing:
        Stroke(editing, "mask", SHAPE, 80, 1.0).draw_to(120.5, 90.5, pressure_hardness=0.25)
    assert document.mask[90, 120 + 8] == 255
    assert 0 < document.mask[90, 120 + 25] < 255


def test_soft_strokes_add_up() -> None:
    document = blank()
    seen = []
    for _ in range(3):
        with document.edit("history.brush") as editing:
            Stroke(editing, "mask", SHAPE, 100, 0.0).draw_to(120, 90)
        seen.append(int(document.mask[90, 145]))
    assert 0 < seen[0] < seen[1] < seen[2]


def test_nothing_is_drawn_outside_of_the_photo() -> None:
    document = blank()
    editing = document.begin("history.brush")
    stroke = Stroke(editing, "mask", SHAPE, 20, 0.5)
    assert stroke.draw_to(-500, -500).is_empty
    assert stroke.draw_to(1e5, -500).is_empty
    editing.commit()
    assert len(document.history.entries) == 0
