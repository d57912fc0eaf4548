"""Lines that cross the hole together are found, followed, and continued each by itself."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from textures import box, grey, view

from inpaint_core.contract.geometry import Segment
from inpaint_core.contract.progress import Progress
from inpaint_core.exemplar.line_continuation import find_line_ends, shrink_for_lines
from inpaint_core.exemplar.line_families import LineFamily, find_families
from inpaint_core.exemplar.pyramid import build_alignment
from inpaint_core.exemplar.structure_lines import find_structure
from inpaint_core.exemplar.synthesis import synthesise

SHAPE = (200, 300)
HOLE = box(SHAPE, 40, 110, 120, 80)


def families(picture: NDArray[Any], hole: NDArray[np.bool_] = HOLE) -> tuple[LineFamily, ...]:
    image = np.array(picture, np.float32)
    image[hole] = 0
    small, covered, step = shrink_for_lines(image, hole)
    ends, segments = find_line_ends(small, covered, Progress())
    return find_families(ends, segments, small, covered, float(step.mean()))


def slats(*rows: int, high: int = 8, lean: float = 0.0, grow: float = 0.0) -> NDArray[np.float32]:
    """Dark slats on a light wall; they ``lean``, and ``grow`` apart to the right."""
    y, x = np.mgrid[: SHAPE[0], : SHAPE[1]].astype(np.float32)
    flat = 100 + (y - 100 - lean * (x - 150)) / (1 + grow * (x - 150))
    dark = np.zeros(SHAPE, bool)
    for row in rows:
        dark |= (flat >= row) & (flat < row + high)
    noise = np.random.default_rng(0).normal(0, 0.01, SHAPE)
    return grey(np.where(dark, 0.25, 0.75) + noise).astype(np.float32)


@pytest.mark.parametrize(("lean", "grow"), [(0.0, 0.0), (0.12, 0.0), (0.0, 0.0008)])
def test_both_edges_of_every_slat_cross_the_hole(lean: float, grow: float) -> None:
    found = families(slats(55, 85, 115, 145, lean=lean, grow=grow))
    crossings = [line for family in found for line in family.crossings]
    assert len(found) == 1
    assert len(crossings) == 8
    assert [line.rises for line in crossings] == [False, True] * 4
    middle = np.array([line.position for line in crossings])
    wanted = np.array([row + edge - 99.5 for row in (55, 85, 115, 145) for edge in (0, 8)])
    np.testing.assert_allclose(middle, wanted, atol=1.5)
    for line in crossings:
        assert line.first < -30
        assert line.last > 30


def test_the_position_is_the_same_all_along_a_slat() -> None:
    (family,) = families(slats(55, 85, 115, 145, grow=0.0008))
    x = np.linspace(0, 299, 9, dtype=np.float32)
    for flat in (60.0, 100.0, 140.0):
        y = (100 + (flat - 100) * (1 + 0.0008 * (x - 150))).astype(np.float32)
        assert np.ptp(family.measure_position(x, y)) < 2.0


def test_a_slat_that_ends_at_the_hole_is_not_invented_behind_it() -> None:
    picture = slats(55, 85, 115, 145)
    picture[80:100, 150:] = picture[20, 5]  # one slat has no other half
    rows = [line.position + 99.5 for family in families(picture) for line in family.crossings]
    assert len(rows) == 6
    assert not [row for row in rows if 78 < row < 100]


def test_an_edge_of_the_other_sign_does_not_go_on() -> None:
    picture = slats(55, 85, 115, 145)
    picture[:, 150:] = 1 - picture[:, 150:]
    assert families(picture) == ()


def test_noise_has_no_families() -> None:
    noise = np.random.default_rng(1).uniform(0.2, 0.8, (*SHAPE, 3)).astype(np.float32)
    assert families(noise) == ()


def test_strength_is_full_on_the_lines_and_less_between_and_beside_them() -> None:
    (family,) = families(slats(55, 85, 115, 145))
    x, y = np.full(3, 150, np.float32), np.array([85, 104, 45], np.float32)
    on, between, beside = family.measure_strength(x, y, float(max(SHAPE)))
    assert on > 0.9
    assert 0.3 < between < 0.9
    assert 0 < beside < 0.3


def test_where_lines_were_drawn_they_stand_alone() -> None:
    picture = slats(55, 85, 115, 145)
    plain = view(picture, HOLE)
    assert find_structure(plain, Progress()).families
    drawn = view(picture, HOLE, lines=(Segment(100, 60, 200, 140),))
    assert find_structure(drawn, Progress()).families == ()


@pytest.mark.parametrize("seed", [0, 3])
def test_slats_that_differ_are_each_continued_by_themselves(seed: int) -> None:
    picture = slats(60, 90, 120)
    shades = {60: 0.1, 90: 0.25, 120: 0.4}
    for row, shade in shades.items():
        picture[row : row + 8] = shade
    fill = synthesise(view(picture, HOLE, seed=seed), Progress())
    for row, shade in shades.items():
        inside = fill.image[row + 1 : row + 7, 112:188].mean(axis=2)
        assert np.abs(inside - shade).mean() < 0.05
        assert (
            np.abs(np.diff((fill.image[row - 4 : row + 4, 112:188, 0] < 0.5).sum(axis=0))).max()
            <= 1
        )


def test_regular_lines_have_a_period_and_others_none() -> None:
    (regular,) = families(slats(*range(45, 165, 12), high=6))
    assert regular.measure_period() == pytest.approx(12, abs=0.3)
    (uneven,) = families(slats(45, 58, 80, 95, 124, 140, 155))
    assert uneven.measure_period() == 0


def test_patches_of_regular_lines_may_come_from_a_neighbour_of_the_same_phase() -> None:
    plain = view(slats(*range(45, 165, 12), high=6), HOLE)
    held = build_alignment(find_structure(plain, Progress()), HOLE, 1.0)
    assert held.period[0] == pytest.approx(12, abs=0.3)
    assert held.weight[0].max() == 1
    coarse = HOLE[::4, ::4]  # here their period is too small to be seen
    small = build_alignment(find_structure(plain, Progress()), coarse, 0.25)
    assert not small.weight[0].any()
