from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inpaint_core.contract.geometry import Rect
from inpaint_core.raster.soft_mask import soften, soften_sparing


def whole(mask: np.ndarray, grow: int, feather: float) -> np.ndarray:
    return soften(mask, grow, feather).over(Rect.whole(mask.shape))


@st.composite
def painted(draw: st.DrawFn) -> np.ndarray:
    h, w = draw(st.integers(1, 40)), draw(st.integers(1, 40))
    mask = np.zeros((h, w), np.uint8)
    for _ in range(draw(st.integers(0, 4))):
        y, x = draw(st.integers(0, h - 1)), draw(st.integers(0, w - 1))
        size = draw(st.integers(1, 12))
        mask[y : y + size, x : x + size] = draw(st.sampled_from([255, 255, 60, 200]))
    return mask


@given(painted(), st.integers(-6, 6), st.floats(0, 8))
@settings(max_examples=60, deadline=None)
def test_against_the_definition(mask: np.ndarray, grow: int, feather: float) -> None:
    h, w = mask.shape
    y, x = np.mgrid[:h, :w]
    away = np.hypot(
        y[:, :, None, None] - y[None, None], x[:, :, None, None] - x[None, None]
    )  # (h, w, h, w)
    near = away <= abs(grow) + 1e-6
    if grow >= 0:
        grown = np.where(near, mask[None, None], 0).max(axis=(2, 3))
    else:
        grown = np.where(near, mask[None, None], 255).min(axis=(2, 3))
    full = np.where((grown == 255)[None, None], away, np.inf).min(axis=(2, 3))
    fall = 255 * (1 - full / (feather + 1)) if feather > 0 else np.zeros((h, w))
    wanted = np.maximum(grown, np.clip(fall, 0, 255))
    assert np.abs(whole(mask, grow, feather) - wanted).max() <= 0.51


@given(painted(), st.integers(-3, 3), st.floats(0, 4))
@settings(max_examples=30, deadline=None)
def test_blocks_do_not_show(mask: np.ndarray, grow: int, feather: float) -> None:
    in_blocks = soften(mask, grow, feather, block_side=7).over(Rect.whole(mask.shape))
    np.testing.assert_array_equal(in_blocks, whole(mask, grow, feather))


@given(painted(), st.integers(-3, 3))
@settings(max_examples=30, deadline=None)
def test_the_rectangle_is_tight(mask: np.ndarray, grow: int) -> None:
    soft = soften(mask, grow, 2.0)
    assert soft.rect == Rect.bounding(soft.over(Rect.whole(mask.shape)))
    assert soft.strength.shape == (soft.rect.h, soft.rect.w)


def test_the_fade_falls_outwards_from_full_strength() -> None:
    mask = np.zeros((1, 20), np.uint8)
    mask[0, :5] = 255
    row = whole(mask, 0, 4.0)[0]
    assert row[:5].tolist() == [255] * 5
    assert row[5:10].tolist() == [204, 153, 102, 51, 0]


def test_a_painted_soft_edge_keeps_its_strength() -> None:
    mask = np.zeros((1, 40), np.uint8)
    mask[0, 5:35] = np.linspace(255, 1, 30)
    row = whole(mask, 0, 2.0)[0]
    assert (row[9:] == mask[0, 9:]).all()
    assert row[4] == 170


def test_over_a_part_that_misses_it() -> None:
    mask = np.zeros((30, 30), np.uint8)
    mask[20:25, 20:25] = 255
    soft = soften(mask, 0, 0.0)
    assert not soft.over(Rect(0, 0, 10, 10)).any()
    assert soft.over(Rect(22, 22, 8, 8))[:3, :3].all()
    assert soft.over(Rect(22, 22, 8, 8)).sum() == 9 * 255


def mesh(gap: int, wire: int, size: int = 120) -> np.ndarray:
    y, x = np.mgrid[:size, :size]
    return (((x % (gap + wire) < wire) | (y % (gap + wire) < wire)) * 255).astype(np.uint8)


@pytest.mark.parametrize(("gap", "wire"), [(1, 1), (2, 2), (4, 3), (8, 4)])
@pytest.mark.parametrize("feather", [0.5, 2.0, 9.0])
def test_narrow_known_parts_are_not_faded_away(gap: int, wire: int, feather: float) -> None:
    mask = mesh(gap, wire)
    soft, grow, used = soften_sparing(mask, 0, feather)
    assert (grow, used) == (0, 0.0)
    np.testing.assert_array_equal(soft.over(Rect.whole(mask.shape)), mask)


def test_every_second_column_stays_known() -> None:
    mask = np.zeros((40, 50), np.uint8)
    mask[:, ::2] = 255
    soft, _, _ = soften_sparing(mask, 0, 2.0)
    np.testing.assert_array_equal(soft.over(Rect.whole(mask.shape)) == 0, mask == 0)


def test_a_mesh_in_a_wide_photo_is_not_faded_away_either() -> None:
    mask = np.zeros((500, 600), np.uint8)
    mask[100:220, 100:220] = mesh(4, 4)
    assert soften_sparing(mask, 0, 2.0)[2] == 0


@pytest.mark.parametrize("feather", [0.0, 2.0, 12.0, 40.0])
@pytest.mark.parametrize(("gap", "wire"), [(120, 60), (100, 8)])
def test_a_fade_that_leaves_room_is_as_wide_as_asked_for(
    gap: int, wire: int, feather: float
) -> None:
    mask = mesh(gap, wire, 400)
    soft, grow, used = soften_sparing(mask, 0, feather)
    assert (grow, used) == (0, feather)
    wanted = soften(mask, 0, feather)
    np.testing.assert_array_equal(soft.strength, wanted.strength)
    assert soft.rect == wanted.rect


@pytest.mark.parametrize("feather", [0.5, 2.0, 12.0])
def test_the_soft_edge_of_a_brush_takes_nothing_from_the_fade(feather: float) -> None:
    y, x = np.mgrid[:300, :300]
    ramp = 3 * (120 - np.hypot(x - 150, y - 150))  # soft over 85 pixels
    mask = ramp.clip(0, 255).astype(np.uint8)
    soft, _, used = soften_sparing(mask, 0, feather)
    assert used == feather
    np.testing.assert_array_equal(soft.strength, soften(mask, 0, feather).strength)


def test_growing_over_everything_is_held_back() -> None:
    soft, grow, used = soften_sparing(mesh(8, 4), 16, 2.0)
    assert 0 < grow < 16
    assert used == 0
    assert (soft.over(Rect.whole((120, 120))) == 0).any()
    _, grow, _ = soften_sparing(mesh(8, 4), 2, 0.0)
    assert grow == 2
    assert soften_sparing(np.full((9, 9), 255, np.uint8), 4, 2.0)[0].strength.all()
    assert soften_sparing(np.zeros((9, 9), np.uint8), 4, 2.0)[0].rect.is_empty
