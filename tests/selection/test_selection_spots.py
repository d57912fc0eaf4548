"""Spots that the tests draw are found and covered; what another photo confirms is surer."""

from __future__ import annotations

import numpy as np
import pytest
from drawn_photos import draw_ground, draw_sky, draw_spot
from hypothesis import given, settings
from hypothesis import strategies as st

from inpaint_core.contract.progress import Cancelled, Progress
from inpaint_core.selection.mark import draw_marks
from inpaint_core.selection.spot_looks import show_contrast
from inpaint_core.selection.spots import (
    confirm_spots,
    find_spot_at,
    find_spots,
    least_certainty,
)

PLACES = ((60, 60), (200, 80), (340, 70), (120, 180), (290, 210))


@settings(max_examples=12)
@given(
    seed=st.integers(0, 999),
    radius=st.floats(3, 11),
    share=st.floats(0.06, 0.3),
    deep=st.booleans(),
)
def test_dust_before_a_sky_is_found_and_covered(
    seed: int, radius: float, share: float, deep: bool
) -> None:
    photo = draw_sky(seed, noise=1.0)
    for x, y in PLACES:
        photo = draw_spot(photo, x, y, radius, share)
    pixels = photo.astype(np.uint16) * 257 if deep else photo
    spots = [s for s in find_spots(pixels) if s.certainty >= least_certainty(50)]
    marks = [spot.draw(photo.shape[:2]) for spot in spots]
    drawn = draw_marks([mark for mark in marks if mark is not None], photo.shape[:2]) > 127
    rows, columns = np.mgrid[: photo.shape[0], : photo.shape[1]]
    near = np.zeros(drawn.shape, bool)
    for x, y in PLACES:
        away = np.hypot(columns + 0.5 - x, rows + 0.5 - y)
        assert drawn[away < radius].mean() > 0.9
        near |= away < 3 * radius + 4
    assert not (drawn & ~near).any()


def test_a_plain_sky_and_its_edge_have_no_spots() -> None:
    photo = draw_sky(1)
    photo[200:] = (70, 80, 60)
    assert [s for s in find_spots(photo) if s.certainty >= least_certainty(50)] == []


def test_grains_of_a_texture_are_no_spots() -> None:
    spots = [s for s in find_spots(draw_ground(8)) if s.certainty >= least_certainty(50)]
    assert len(spots) <= 2


def test_glints_are_no_spots_while_fainter_dust_is() -> None:
    photo = draw_sky(9, noise=1.0)
    for x, y in PLACES[:3]:
        photo[y - 1 : y + 2, x - 1 : x + 2] = 255
    for x, y in PLACES[3:]:
        photo = draw_spot(photo, x, y, 6, 0.06)
    spots = [s for s in find_spots(photo) if s.certainty >= least_certainty(50)]
    assert len(spots) == 2
    for x, y in PLACES[3:]:
        assert min(np.hypot(s.x - x, s.y - y) for s in spots) < 3


def test_certainty_falls_with_contrast_and_rises_with_sensitivity() -> None:
    photo = draw_sky(2, noise=1.0)
    for (x, y), share in zip(PLACES, (0.16, 0.12, 0.08, 0.05, 0.035), strict=True):
        photo = draw_spot(photo, x, y, 6, share)
    spots = find_spots(photo)
    assert [s.certainty for s in spots] == sorted((s.certainty for s in spots), reverse=True)
    order = [
        min(range(5), key=lambda k: np.hypot(PLACES[k][0] - s.x, PLACES[k][1] - s.y)) for s in spots
    ]
    assert list(dict.fromkeys(order))[:3] == [0, 1, 2]
    assert all(s.contrast < 0 for s in spots[:3])
    counts = [sum(s.certainty >= least_certainty(k) for s in spots) for k in (0, 50, 100)]
    assert counts == sorted(counts)


def test_the_same_place_in_another_photo_confirms() -> None:
    one = draw_spot(draw_sky(3, noise=1.0), 200, 100, 6, 0.05)
    other = draw_spot(draw_sky(4, noise=1.0), 201, 100, 6, 0.06)
    alone = find_spots(one)
    spot = min(alone, key=lambda s: np.hypot(s.x - 200, s.y - 100))
    (confirmed,) = [
        s for s in confirm_spots(alone, [find_spots(other)], 420) if (s.x, s.y) == (spot.x, spot.y)
    ]
    assert confirmed.seen_in == 1
    assert confirmed.certainty > spot.certainty
    elsewhere = find_spots(draw_spot(draw_sky(4, noise=1.0), 300, 100, 6, 0.06))
    assert all(
        s.seen_in == 0
        for s in confirm_spots(alone, [elsewhere], 420)
        if (s.x, s.y) == (spot.x, spot.y)
    )


def test_a_spot_is_found_at_a_click() -> None:
    photo = draw_spot(draw_sky(5), 100, 90, 8, 0.06)
    found = find_spot_at(photo, 103, 87, 10)
    assert found is not None
    assert np.hypot(found.x - 100, found.y - 90) < 3
    assert find_spot_at(photo, 1000, 90, 10) is None


def test_spots_stand_out_in_their_view() -> None:
    photo = draw_spot(draw_sky(6, noise=0.5), 100, 90, 6, 0.08)
    faint, strong = show_contrast(photo, 20), show_contrast(photo, 80)
    assert strong[90, 100] > 3 * np.median(strong)
    assert faint[90, 100] < strong[90, 100]
    assert strong.shape == photo.shape[:2]


def test_tiny_photos_and_a_cancel() -> None:
    assert find_spots(draw_ground(7)[:5, :5]) == []
    progress = Progress()
    progress.cancel()
    with pytest.raises(Cancelled):
        find_spots(draw_sky(7), progress)


def test_the_spot_under_a_click_wins_over_a_stronger_one_beside_it() -> None:
    for seed in range(3):
        wall = draw_spot(draw_sky(seed), 200, 150, 11, 0.07)
        photo = draw_spot(wall, 216, 158, 3, 0.6)
        found = find_spot_at(photo, 201, 150, 20)
        assert found is not None
        assert np.hypot(found.x - 200, found.y - 150) < 8
        assert found.radius > 5
        beside = find_spot_at(photo, 217, 158, 20)
        assert beside is not None
        assert np.hypot(beside.x - 216, beside.y - 158) < 3
        assert beside.radius < 7
