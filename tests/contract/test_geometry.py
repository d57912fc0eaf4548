from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from inpaint_core.contract.geometry import Rect, Segment

rects = st.builds(
    Rect, st.integers(0, 30), st.integers(0, 30), st.integers(0, 20), st.integers(0, 20)
)


def drawn(rect: Rect) -> np.ndarray:
    out = np.zeros((64, 64), bool)
    out[rect.slices] = True
    return out


@given(rects, rects)
@settings(max_examples=100, deadline=None)
def test_sets_of_pixels(a: Rect, b: Rect) -> None:
    np.testing.assert_array_equal(drawn(a.intersect(b)), drawn(a) & drawn(b))
    assert Rect.bounding(drawn(a) | drawn(b)) == Rect.bounding(drawn(a.union(b)))
    assert a.area == np.count_nonzero(drawn(a))
    assert a.is_empty == (a.area == 0)
    assert a.contains(b) == (not (drawn(b) & ~drawn(a)).any())


@given(arrays.arrays(bool, st.tuples(st.integers(1, 20), st.integers(1, 20))))
@settings(max_examples=50, deadline=None)
def test_the_bounding_rectangle_is_the_smallest(mask: np.ndarray) -> None:
    rect = Rect.bounding(mask)
    assert np.count_nonzero(mask[rect.slices]) == np.count_nonzero(mask)
    if not rect.is_empty:
        inside = mask[rect.slices]
        assert inside[0].any()
        assert inside[-1].any()
        assert inside[:, 0].any()
        assert inside[:, -1].any()


@given(rects, st.integers(-5, 5), st.integers(-5, 5))
@settings(max_examples=30, deadline=None)
def test_moving_and_growing(rect: Rect, dx: int, dy: int) -> None:
    assert rect.translate(dx, dy).translate(-dx, -dy) == rect
    assert rect.grow(dx).grow(-dx) == rect
    assert Rect.from_bounds(rect.x, rect.y, rect.right, rect.bottom) == rect


def test_a_scaled_line_keeps_its_place_in_the_picture() -> None:
    line = Segment(-0.5, 9.5, 19.5, 9.5)  # along the lower edge of row 9, from edge to edge
    assert line.scale(0.5, 0.5) == Segment(-0.5, 4.5, 9.5, 4.5)
    assert line.translate(3, -2) == Segment(2.5, 7.5, 22.5, 7.5)
