"""Holes in façades are filled in perspective, from allowed pixels only."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "perspective"))
from facades import WALL, draw_board, draw_facade, error_in, facade_view, hole_at

from inpaint_core.contract.geometry import Plane
from inpaint_core.contract.progress import Cancelled, Progress, ReadPicture
from inpaint_core.contract.request import Fill
from inpaint_core.exemplar.synthesis import HELD, synthesise


@pytest.fixture(scope="module")
def continued() -> Fill:
    return synthesise(facade_view(planes=(WALL,)), Progress())


def test_a_set_plane_is_continued_much_closer_to_the_truth() -> None:
    board, hole = draw_board(), hole_at(120, 90, 100, 110)
    truth = draw_facade(board)
    fill = synthesise(facade_view(hole, board, planes=(WALL,)), Progress())
    plain = synthesise(facade_view(hole, board, perspective="off"), Progress())
    assert error_in(fill.image, truth, hole) < 0.5 * error_in(plain.image, truth, hole)
    assert [note.key for note in fill.notes] == ["engine.planes_continued"]
    assert set(plain.notes) <= {HELD}


def test_a_sure_plane_is_continued_unasked() -> None:
    truth, hole = draw_facade(), hole_at()
    found = synthesise(facade_view(), Progress())
    plain = synthesise(facade_view(perspective="off"), Progress())
    assert [note.key for note in found.notes] == ["engine.planes_continued"]
    assert error_in(found.image, truth, hole) < 0.8 * error_in(plain.image, truth, hole)


def test_offsets_lead_to_sources_and_say_what_is_rounded(continued: Fill) -> None:
    hole = hole_at()
    perspective = continued.products["perspective"]
    assert perspective.dtype == bool
    np.testing.assert_array_equal(perspective, hole)
    y, x = np.nonzero(hole)
    dy, dx = continued.products["offsets"][y, x].T
    assert not hole[y + dy, x + dx].any()
    assert (continued.products["offsets"][~hole] == 0).all()
    np.testing.assert_array_equal(continued.image[~hole], facade_view().image[~hole])


@pytest.mark.parametrize("forbidden", ["right", "stripes"])
def test_nothing_is_read_from_where_it_may_not(forbidden: str) -> None:
    hole = hole_at()
    source = ~hole
    if forbidden == "right":
        source[:, 250:] = False
    else:
        source[:, ::40] = False
    view = facade_view(planes=(WALL,), source=source)
    image = np.where(source[..., None] | hole[..., None], view.image, np.float32([0, 1, 0]))
    known = hole_at(160, 100, 90, 100) & ~hole & ~source
    image[known] = view.image[known]  # what is beside the hole may be looked at
    fills = [synthesise(view, Progress()), synthesise(replace(view, image=image), Progress())]
    for fill in fills:
        y, x = np.nonzero(hole)
        dy, dx = fill.products["offsets"][y, x].T
        assert source[y + dy, x + dx].all()
    greener = fills[1].image[hole][:, 1] - fills[1].image[hole][:, 0]
    assert greener.max() < 0.2  # 1 where a forbidden pixel is copied


def test_the_seed_decides_and_nothing_is_drawn_by_chance() -> None:
    view = facade_view(planes=(WALL,))
    one, again = (synthesise(view, Progress()) for _ in range(2))
    np.testing.assert_array_equal(one.image, again.image)
    other = synthesise(replace(view, seed=5), Progress())
    assert (other.image != one.image).any()


def test_a_plane_that_misses_the_hole_is_said_and_changes_nothing() -> None:
    away = Plane(((5.0, 5.0), (60.0, 8.0), (60.0, 40.0), (5.0, 45.0)))
    missed = synthesise(facade_view(planes=(away,), perspective="off"), Progress())
    plain = synthesise(facade_view(perspective="off"), Progress())
    assert [note.key for note in missed.notes if note != HELD] == ["engine.planes_miss_hole"]
    np.testing.assert_array_equal(missed.image, plain.image)


def test_a_plane_without_sources_is_said_and_filled_otherwise() -> None:
    hole = hole_at()
    source = np.zeros_like(hole)
    source[2:10, 10:390] = True
    view = facade_view(planes=(WALL,), source=source)
    fill = synthesise(view, Progress())
    told = [note.key for note in fill.notes if note != HELD]
    assert told == ["engine.plane_without_sources"]
    assert not fill.products["perspective"].any()


def test_what_lies_beyond_the_horizon_is_filled_as_ever() -> None:
    hole = hole_at(150, 40, 100, 200)
    floor = Plane(((150.0, 160.0), (250.0, 160.0), (390.0, 290.0), (10.0, 290.0)))
    fill = synthesise(facade_view(hole, planes=(floor,)), Progress())
    assert fill.products["perspective"].any()
    assert not fill.products["perspective"][:110].any()
    assert fill.products["offsets"][hole].any(axis=1).all()


def test_progress_never_falls_and_every_moment_can_be_cancelled() -> None:
    view = facade_view(hole_at(180, 120, 40, 40), planes=(WALL,))
    heard: list[float] = []
    synthesise(view, Progress(lambda fraction, text: heard.append(fraction)))
    assert heard == sorted(heard)
    assert heard[-1] == 1
    for stop_at in (0, len(heard) // 2, len(heard) - 2):
        with pytest.raises(Cancelled):
            synthesise(view, cancelling(stop_at))


def cancelling(at: int) -> Progress:
    """A progress that is cancelled at its ``at``-th report (from 0)."""
    heard: list[float] = []

    def listen(fraction: float, _: object) -> None:
        if len(heard) == at:
            progress.cancel()
        heard.append(fraction)

    progress = Progress(listen)
    return progress


def test_a_plane_is_shown_as_it_is_filled_in_its_place_in_the_photo(continued: Fill) -> None:
    seen, hole = facade_view(planes=(WALL,)), hole_at()
    shown: list[tuple[float, np.ndarray]] = []

    def listen(read: ReadPicture, scale: float, white: float) -> None:
        shown.append((scale, read() / white))

    fill = synthesise(seen, Progress().with_previews(listen))
    np.testing.assert_array_equal(fill.image, continued.image)
    scale, last = shown[-1]
    assert scale == 1
    known = ~np.isnan(last[..., 0])
    np.testing.assert_array_equal(known, hole)
    assert np.abs(last - fill.image)[hole].mean() < 0.1
    first = shown[0][1]
    assert np.abs(first - fill.image)[hole].mean() > np.abs(last - fill.image)[hole].mean()
