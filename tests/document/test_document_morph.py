from __future__ import annotations

import math
from collections.abc import Callable

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from app.document import mask_operations as morph
from inpaint_core.contract.geometry import Rect

SHAPE = (70, 90)
Mask = NDArray[np.uint8]


def applied(mask: Mask, result: morph.MaskChange) -> Mask:
    rect, values = result
    assert values.shape == (max(rect.h, 0), max(rect.w, 0))
    assert values.dtype == np.uint8
    assert Rect.whole(mask.shape).contains(rect)
    out = mask.copy()
    out[rect.slices] = values
    return out


@st.composite
def masks(draw: st.DrawFn) -> Mask:
    mask = np.zeros(SHAPE, np.uint8)
    for _ in range(draw(st.integers(0, 3))):
        x, y, r = draw(st.integers(-5, 95)), draw(st.integers(-5, 75)), draw(st.integers(0, 20))
        cv2.circle(mask, (x, y), r, draw(st.sampled_from([255, 255, 90])), draw(st.integers(-1, 2)))
    sigma = draw(st.sampled_from([0.0, 0.0, 0.7, 4.0]))
    return np.asarray(cv2.GaussianBlur(mask, (0, 0), sigma) if sigma else mask, np.uint8)


pixels = st.sampled_from([0.0, 0.5, 1.0, 2.5, 4.0, 11.0, 15.0, 40.0])


@given(masks(), pixels)
def test_a_grown_mask_holds_the_mask_and_a_shrunk_one_lies_in_it(mask: Mask, by: float) -> None:
    assert (applied(mask, morph.grow(mask, by)) >= mask).all()
    assert (applied(mask, morph.shrink(mask, by)) <= mask).all()


@given(masks(), pixels)
def test_growing_is_shrinking_what_is_kept(mask: Mask, by: float) -> None:
    inside = np.pad(mask, 41)  # at the photo's edge they differ: a mask does not come off it
    one = applied(inside, morph.grow(inside, by))
    other = 255 - applied(255 - inside, morph.shrink(255 - inside, by))
    assert np.abs(one.astype(int) - other).max() <= 1


@settings(max_examples=20)
@given(masks())
def test_twice_inverted_is_the_same_and_cleared_is_empty(mask: Mask) -> None:
    inverted = applied(mask, morph.invert(mask))
    assert np.array_equal(inverted, 255 - mask)
    assert np.array_equal(applied(inverted, morph.invert(inverted)), mask)
    assert not applied(mask, morph.clear(mask)).any()


@given(masks())
def test_holes_are_filled_once_and_for_all(mask: Mask) -> None:
    once = applied(mask, morph.fill_holes(mask))
    assert (once >= mask).all()
    assert np.array_equal(applied(once, morph.fill_holes(once)), once)


@pytest.mark.parametrize("by", [1, 3, 4.5, 12, 13, 30])
@pytest.mark.parametrize("middle", [(100, 100), (0, 100), (199, 199)])
def test_the_element_is_round(by: float, middle: tuple[int, int]) -> None:
    mask = np.zeros((200, 200), np.uint8)
    mask[middle] = 255
    grown = applied(mask, morph.grow(mask, by))
    ys, xs = np.mgrid[:200, :200]
    away = np.hypot(ys - middle[0], xs - middle[1])
    assert (grown[away <= by] > 120).all()
    assert not grown[away > by + 0.51].any()


@pytest.mark.parametrize("by", [5, 30])
def test_what_grew_shrinks_back(by: float) -> None:
    mask = np.zeros((240, 240), np.uint8)
    cv2.circle(mask, (120, 120), 60, 255, -1)
    grown = applied(mask, morph.grow(mask, by))
    back = applied(grown, morph.shrink(grown, by))
    assert np.count_nonzero((back >= 128) != (mask >= 128)) < 60  # of 11,000; here and there


@pytest.mark.parametrize("by", [8, 24])
def test_a_soft_edge_stays_soft(by: int) -> None:
    ramp = np.clip(np.arange(200) * 255 / 40 - 512, 0, 255)  # over 40 pixels
    mask = np.ascontiguousarray(np.broadcast_to(ramp, (120, 200)).astype(np.uint8))
    row = applied(mask, morph.grow(mask, by))[60].astype(int)
    moved = np.roll(mask[60], -by).astype(int)
    moved[-by:] = 255
    assert np.abs(row - moved).max() < 26


def test_a_mask_does_not_come_off_the_photos_edge() -> None:
    mask = np.zeros(SHAPE, np.uint8)
    mask[:40, :40] = 255
    for by in (5, 20):
        shrunk = applied(mask, morph.shrink(mask, by))
        assert (shrunk[: 40 - by, : 40 - by] == 255).all()
        assert not shrunk[40 - by + 1 :].any()
    assert (applied(mask, morph.feather(mask, 10))[:20, :20] == 255).all()


def test_a_feathered_edge_fades_over_so_many_pixels() -> None:
    mask = np.zeros((100, 200), np.uint8)
    mask[:, 100:] = 255
    row = applied(mask, morph.feather(mask, 20))[50].astype(int)
    assert (np.diff(row) >= 0).all()
    assert row[99] + row[100] == pytest.approx(255, abs=2)
    assert row[100 - 20] == pytest.approx(255 * 0.5 * math.erfc(19.5 / 10 / math.sqrt(2)), abs=2)
    assert not row[:60].any()


def test_smoothing_takes_frays_away_and_keeps_the_place() -> None:
    mask = np.zeros((120, 120), np.uint8)
    mask[30:90, 30:90] = 255
    mask[10:30, 60] = 255  # a fray
    mask[15, 15] = 255  # a speck
    out = applied(mask, morph.smooth(mask, 6))
    assert not out[:28].any()
    assert out[30:90, 60].min() >= 100
    assert out[31, 31] < 128  # a corner
    assert (out[40:80, 40:80] == 255).all()
    assert np.count_nonzero((out > 10) & (out < 245)) < 60 * 4 * 2.5


def test_what_a_stroke_encloses_is_filled() -> None:
    mask = np.zeros((100, 100), np.uint8)
    cv2.circle(mask, (50, 50), 30, 255, 5, cv2.LINE_AA)
    filled = applied(mask, morph.fill_holes(mask))
    assert (filled[50, 20:80] == 255).all()
    assert np.array_equal(filled[:15], mask[:15])
    mask[:, 50:] = 0  # open now
    assert np.array_equal(applied(mask, morph.fill_holes(mask)), mask)


def test_a_bay_at_the_photos_edge_is_no_hole() -> None:
    mask = np.full(SHAPE, 255, np.uint8)
    mask[20:30, :10] = 0
    mask[50:60, 50:60] = 0
    filled = applied(mask, morph.fill_holes(mask))
    assert not filled[20:30, :10].any()
    assert (filled[50:60, 50:60] == 255).all()


@pytest.mark.parametrize(
    "operation",
    [
        morph.clear,
        morph.fill_holes,
        lambda mask: morph.grow(mask, 4),
        lambda mask: morph.shrink(mask, 4),
        lambda mask: morph.feather(mask, 4),
        lambda mask: morph.smooth(mask, 4),
    ],
)
def test_an_empty_mask_stays_empty(operation: Callable[[Mask], morph.MaskChange]) -> None:
    rect, values = operation(np.zeros(SHAPE, np.uint8))
    assert rect.is_empty
    assert values.size == 0
