"""Drawn and found lines: which are kept, which are dropped, and what a line is copied from."""

from __future__ import annotations

import numpy as np
import pytest
from textures import box, two_tone, view

from inpaint_core.contract.arrays import FloatImage
from inpaint_core.contract.geometry import Segment
from inpaint_core.contract.progress import Progress
from inpaint_core.exemplar.structure_lines import FOUND_WEIGHT, Structure, find_structure
from inpaint_core.exemplar.synthesis import synthesise

SHAPE = (160, 200)
HOLE = box(SHAPE, 30, 70, 110, 60)


def two_borders(upper: float = 60.0, lower: float = 110.0) -> FloatImage:
    """Sky, sea and sand."""
    picture = two_tone(SHAPE, upper)
    sand = np.arange(SHAPE[0]) >= lower
    picture[sand] = picture[sand] * 0.2 + np.float32([0.75, 0.65, 0.45])
    return np.asarray(picture, np.float32)


def structure(*lines: Segment) -> Structure:
    return find_structure(view(two_borders(), HOLE, lines=lines), Progress())


def rows(lines: tuple[np.ndarray, ...]) -> list[int]:
    return sorted(round(float(line[:, 1].mean()) / 10) * 10 for line in lines)


def test_nothing_drawn_leaves_what_was_found() -> None:
    seen = structure()
    assert seen.weight == FOUND_WEIGHT
    assert rows(seen.lines) == [60, 110]


def test_a_drawn_line_replaces_the_one_that_it_follows_and_no_other() -> None:
    own, *others = structure(Segment(70, 61, 129, 58)).lines
    np.testing.assert_allclose(own, [[70, 61], [129, 58]])
    # It is made from the border that it continues on both sides; the other border is kept.
    assert rows(tuple(others)) == [60, 60, 110]
    assert [len(line) for line in others] == [2, 2, 4]


def test_a_found_line_that_is_crossed_gives_way() -> None:
    _, kept = structure(Segment(100, 85, 101, 135)).lines
    assert rows((kept,)) == [60]  # and nothing in the photo runs in the drawn line's direction


def test_a_line_that_continues_none_is_made_from_all_in_its_direction() -> None:
    _, *others = structure(Segment(80, 86, 120, 84)).lines
    assert set(rows(tuple(line for line in others if len(line) == 2))) == {60, 110}
    assert rows(tuple(line for line in others if len(line) == 4)) == [60, 110]


def test_pieces_of_one_stroke_are_made_from_what_any_of_them_continues() -> None:
    _, _, *others = structure(Segment(70, 59, 100, 64), Segment(100, 64, 129, 59)).lines
    assert rows(tuple(others)) == [60, 60, 110]


@pytest.mark.parametrize("drawn", [60.0, 66.0])
def test_a_drawn_horizon_leaves_the_shore_where_it_is(drawn: float) -> None:
    truth = two_borders()
    line = Segment(70, drawn - 0.5, 129, drawn - 0.5)
    fill = synthesise(view(truth, HOLE, lines=(line,)), Progress()).image
    inside = fill[30:140, 75:125, 2]
    sea = (inside < 0.45).mean(axis=1) > 0.5
    found = np.flatnonzero(sea) + 30
    assert abs(found[0] - drawn) <= 4
    assert abs(found[-1] + 1 - 110) <= 4
