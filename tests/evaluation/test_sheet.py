from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inpaint_core.contract.geometry import Rect
from inpaint_core.lab.evaluation.cases import Case, Sample
from inpaint_core.lab.evaluation.contact_sheet import (
    CAPTION,
    GAP,
    ROWS,
    WIDEST_PAGE,
    WIDTH,
    cell_side,
    draw_at_full_size,
    draw_row,
    find_close_up,
    fit_to_side,
    stack_pages,
)
from inpaint_core.lab.evaluation.photo_scoring import ScoredPhoto, ScoreRow
from inpaint_core.lab.evaluation.scores import score_fill

CASE = Case("sea", Path("sea.jpg"), Path("sea.png"))


def one(names: list[str]) -> ScoredPhoto:
    truth = np.full((60, 90, 3), 200, np.uint8)
    hole = np.zeros((60, 90), bool)
    hole[20:40, 30:60] = True
    colours = {name: (0, 60 * i, 255) for i, name in enumerate(names)}
    fills = {n: np.where(hole[..., None], c, truth).astype(np.uint8) for n, c in colours.items()}
    rows = tuple(ScoreRow("sea", n, score_fill(truth, f, hole)) for n, f in fills.items())
    return ScoredPhoto(CASE, Sample(truth, hole), rows, fills)


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 90), st.integers(1, 90), st.integers(0, 89), st.integers(0, 89), st.data())
def test_the_window_holds_the_hole_and_stays_inside(
    height: int, width: int, y: int, x: int, data: st.DataObject
) -> None:
    y, x = y % height, x % width
    bottom = data.draw(st.integers(y + 1, height))
    right = data.draw(st.integers(x + 1, width))
    hole = np.zeros((height, width), bool)
    hole[y:bottom, x:right] = True
    view = find_close_up(hole)
    assert view.contains(Rect.from_bounds(x, y, right, bottom))
    assert Rect.whole(hole.shape).contains(view)


@pytest.mark.parametrize("shape", [(20, 50), (50, 20), (300, 700), (1, 900)])
def test_pictures_are_scaled_to_the_cell(shape: tuple[int, int]) -> None:
    cell = fit_to_side(np.zeros((*shape, 3), np.uint8), 200)
    assert max(cell.shape[:2]) == 200
    assert min(cell.shape[:2]) == max(1, round(200 * min(shape) / max(shape)))


def test_a_row_shows_every_fill_and_fits_the_sheet() -> None:
    names = ["one", "two", "three", "four", "five", "six", "seven"]
    row = draw_row(one(names), names)
    assert row.width <= WIDTH
    colours = {colour for _, colour in row.getcolors(row.width * row.height) or []}
    assert {(0, 60 * i % 256, 255) for i in range(4)} <= colours


def test_missing_fills_and_photos_leave_their_cells_empty() -> None:
    trial = one(["ours"])
    assert draw_row(trial, ["ours", "theirs"]).width == 4 * (cell_side(4) + 6) + 6
    unread = ScoredPhoto(CASE, None, (ScoreRow("sea", "ours", None, error="Broken."),), {})
    assert draw_row(unread, ["ours"]).width == 3 * (cell_side(3) + 6) + 6


def test_close_ups_are_pixel_for_pixel() -> None:
    trial = one([f"engine {number}" for number in range(30)])
    assert trial.sample is not None
    page = draw_at_full_size(trial)
    assert page is not None
    assert page.width <= WIDEST_PAGE
    view = find_close_up(trial.sample.hole)
    assert page.height > 2 * (CAPTION + view.h), "too many for one row"
    seen = np.asarray(page)
    shown = [trial.sample.truth, None, *trial.composites.values()]
    columns = (page.width - GAP) // (view.w + GAP)
    for index, picture in enumerate(shown):
        row, column = divmod(index, columns)
        x, y = GAP + column * (view.w + GAP), row * (CAPTION + view.h + GAP) + CAPTION
        if picture is not None:
            found = seen[y : y + view.h, x : x + view.w]
            np.testing.assert_array_equal(found, picture[view.slices])
    assert draw_at_full_size(ScoredPhoto(CASE, None, (), {})) is None


def test_pages_hold_a_dozen_rows_each() -> None:
    row = draw_row(one(["ours"]), ["ours"])
    sheets = list(stack_pages([row] * (ROWS + 1)))
    assert [sheet.height for sheet in sheets] == [ROWS * row.height, row.height]
    assert list(stack_pages([])) == []
