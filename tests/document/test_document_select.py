from __future__ import annotations

from typing import Any

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from skimage import data
from skimage.measure import label

from app.document import region_search as snap
from app.document import region_search as wand
from app.document import shapes
from app.document.document import Document
from inpaint_core.contract.geometry import Rect
from inpaint_core.photo.photo import Photo

SHAPE = (60, 80)
places = st.floats(-30, 110)


def whole(shape: tuple[int, int], found: shapes.PlacedShape) -> NDArray[np.uint8]:
    rect, strength = found
    out = np.zeros(shape, np.uint8)
    assert strength.shape == (max(rect.h, 0), max(rect.w, 0))
    out[rect.slices] = strength
    return out


@given(places, places, places, places)
def test_a_rectangle_covers_its_area(x0: float, y0: float, x1: float, y1: float) -> None:
    rect, strength = shapes.rasterize_rectangle(x0, y0, x1, y1)
    expected = abs(x1 - x0) * abs(y1 - y0)
    assert strength.sum() / 255 == pytest.approx(expected, abs=0.002 * max(rect.area, 1))
    cut = whole(SHAPE, shapes.rasterize_rectangle(x0, y0, x1, y1, SHAPE))
    shifted = np.zeros((260, 260), np.uint8)
    shifted[rect.translate(100, 100).slices] = strength
    assert np.array_equal(cut, shifted[100 : 100 + SHAPE[0], 100 : 100 + SHAPE[1]])


@given(st.lists(st.tuples(places, places), min_size=3, max_size=3))
def test_a_triangle_covers_its_area(corners: list[tuple[float, float]]) -> None:
    points = np.array(corners)
    (ax, ay), (bx, by) = points[1] - points[0], points[2] - points[0]
    sides = np.hypot(*(points - np.roll(points, 1, axis=0)).T).sum()
    rect, strength = shapes.rasterize_polygon(points)
    assert strength.sum() / 255 == pytest.approx(abs(ax * by - ay * bx) / 2, abs=0.2 * sides + 1)
    cut = whole(SHAPE, shapes.rasterize_polygon(points, SHAPE))
    shifted = np.zeros((260, 260), np.uint8)
    shifted[rect.translate(100, 100).slices] = strength
    # Where it is cut off, OpenCV's outline may go a quarter of a pixel another way.
    other = shifted[100 : 100 + SHAPE[0], 100 : 100 + SHAPE[1]].astype(int)
    assert np.abs(cut - other).max() <= 128
    assert np.abs(cut - other).sum() / 255 <= 0.1 * sides + 1


def test_an_ellipse_touches_its_sides() -> None:
    rect, strength = shapes.rasterize_ellipse(10, 20, 70, 50)
    assert rect == Rect(10, 20, 60, 30)
    ys, xs = np.mgrid[20:50, 10:70] + 0.5
    away = np.hypot((xs - 40) / 30, (ys - 35) / 15)
    assert (strength[away < 0.94] == 255).all()
    assert not strength[away > 1.06].any()
    assert strength.sum() / 255 == pytest.approx(np.pi * 30 * 15, rel=0.01)


def test_edges_of_outlines_are_soft_and_a_large_one_is_seamless() -> None:
    rect, strength = shapes.rasterize_polygon(np.array([(0.0, 0.0), (300.0, 0.0), (0.0, 900.0)]))
    assert rect == Rect(0, 0, 300, 900)
    lengths = strength.sum(axis=1) / 255
    assert np.abs(lengths - np.linspace(300, 0, 901)[:-1]).max() < 0.5
    assert set(np.unique(np.diff(strength[:, 100].astype(int)) > 0)) == {np.False_}


def test_an_outline_without_inside_is_empty() -> None:
    for found in (
        shapes.rasterize_polygon(np.array([(1.0, 1.0), (5.0, 5.0)])),
        shapes.rasterize_polygon(np.array([(200.0, 1.0), (220.0, 5.0), (210.0, 30.0)]), SHAPE),
        shapes.rasterize_rectangle(5, 5, 5, 9),
        shapes.rasterize_ellipse(5, 5, 5, 9),
    ):
        assert found[0].is_empty
        assert found[1].size == 0


def test_shapes_are_added_and_taken_away() -> None:
    document = Document(Photo(np.zeros((*SHAPE, 3), np.uint8)))
    with document.edit("history.box") as editing:
        dirty = shapes.paint_shape(editing, "mask", *shapes.rasterize_rectangle(-10, -10, 40, 30))
    assert dirty == Rect(0, 0, 40, 30)
    with document.edit("history.box") as editing:
        shapes.paint_shape(editing, "mask", *shapes.rasterize_rectangle(10, 10, 20, 20), erase=True)
        assert shapes.paint_shape(
            editing, "mask", *shapes.rasterize_rectangle(100, 100, 120, 120)
        ).is_empty
    expected = np.zeros(SHAPE, np.uint8)
    expected[:30, :40] = 255
    expected[10:20, 10:20] = 0
    assert np.array_equal(document.mask, expected)


@pytest.mark.parametrize("kind", [np.uint8, np.uint16])
@pytest.mark.parametrize("contiguous", [True, False])
@given(
    seed=st.integers(0, 99), x=st.integers(0, 29), y=st.integers(0, 19), reach=st.integers(0, 255)
)
def test_the_wand_selects_what_is_alike(
    kind: Any, contiguous: bool, seed: int, x: int, y: int, reach: int
) -> None:
    rng = np.random.default_rng(seed)
    small = rng.integers(0, 256, (10, 15, 3)).repeat(2, axis=0).repeat(2, axis=1)
    pixels = (small * (257 if kind == np.uint16 else 1)).astype(kind)
    alike = np.abs(small - small[y, x]).max(axis=2) <= reach
    if contiguous:
        parts = label(alike, connectivity=1)
        alike = parts == parts[y, x]
    found = wand.select_by_colour(pixels, x, y, reach, contiguous)
    assert np.array_equal(whole((20, 30), found), np.where(alike, 255, 0))
    assert found[0] == Rect.bounding(alike)


def test_the_wand_needs_a_pixel_of_the_photo() -> None:
    with pytest.raises(IndexError):
        wand.select_by_colour(np.zeros((5, 6, 3), np.uint8), 6, 0, 10)


def circle(x: float, y: float, radius: float) -> NDArray[np.float64]:
    angles = np.linspace(0, 2 * np.pi, 40, endpoint=False)
    return np.stack([x + radius * np.cos(angles), y + radius * np.sin(angles)], axis=1)


@pytest.mark.parametrize("kind", [np.uint8, np.uint16])
@pytest.mark.parametrize("scale", [1, 4])
def test_a_loop_snaps_to_the_object(kind: Any, scale: int) -> None:
    rng = np.random.default_rng(4)
    size = (240 * scale, 300 * scale)
    inside = np.zeros(size, np.uint8)
    cv2.ellipse(inside, (150 * scale, 120 * scale), (60 * scale, 40 * scale), 20, 0, 360, 255, -1)
    pixels = np.where(inside[:, :, np.newaxis] > 0, (180, 60, 50), (70, 110, 90))
    pixels = (pixels + rng.normal(0, 12, pixels.shape)).clip(0, 255)
    image = pixels.astype(kind) * kind(257 if kind == np.uint16 else 1)
    loop = circle(150 * scale, 120 * scale, 80 * scale)
    rect, strength = snap.snap_to_object(image, loop)
    found = whole(size, (rect, strength)) >= 128
    both = np.count_nonzero(found & (inside > 0))
    assert both / np.count_nonzero(found | (inside > 0)) > 0.97
    assert np.array_equal(snap.snap_to_object(image, loop)[1], strength)
    allowed = whole(size, shapes.rasterize_polygon(loop, size))
    assert (whole(size, (rect, strength)) <= allowed).all()


def test_a_head_is_cut_out_of_a_photo() -> None:
    image = data.astronaut()
    found = whole((512, 512), snap.snap_to_object(image, circle(225, 120, 105)))
    assert found[110, 225] == 255  # the face
    assert found[40, 225] > 128  # the hair
    assert not found[60, 305:].any()  # the wall


def test_a_loop_around_nothing_snaps_to_nothing() -> None:
    image = np.full((100, 100, 3), 90, np.uint8)
    assert snap.snap_to_object(image, np.array([(5.0, 5.0), (9.0, 9.0)]))[0].is_empty
    assert snap.snap_to_object(image, circle(300, 300, 20))[0].is_empty
    assert not snap.snap_to_object(image, circle(50, 50, 200))[
        1
    ].any()  # nothing around to compare with
