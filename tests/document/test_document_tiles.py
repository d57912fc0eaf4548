from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from app.document.layer_tiles import merge_tiles, tile_rect, tiles_in
from inpaint_core.contract.geometry import Rect

SHAPE = (1500, 1300)


@given(st.sets(st.tuples(st.integers(0, 5), st.integers(0, 5)), max_size=20))
def test_joined_rectangles_hold_these_tiles_and_no_other(keys: set[tuple[int, int]]) -> None:
    rects = merge_tiles({key: tile_rect(key, SHAPE) for key in keys})
    held = [key for rect in rects for key in tiles_in(rect)]
    assert sorted(held) == sorted(keys)
    assert all(Rect.whole(SHAPE).contains(rect) for rect in rects)


def test_a_whole_photo_is_one_rectangle() -> None:
    whole = Rect.whole(SHAPE)
    assert merge_tiles({key: tile_rect(key, SHAPE) for key in tiles_in(whole)}) == (whole,)
    assert merge_tiles({}) == ()
