"""Wires and poles that the tests draw are found, as wide as they are, and nothing else."""

from __future__ import annotations

import itertools

import cv2
import numpy as np
import pytest
from drawn_photos import draw_ground, draw_sky, draw_wire
from hypothesis import given, settings
from hypothesis import strategies as st

from inpaint_core.contract.progress import Cancelled, Progress
from inpaint_core.selection.mark import draw_marks
from inpaint_core.selection.sky_wires import find_wires
from inpaint_core.selection.strip import find_path
from inpaint_core.selection.wire_joints import follow_and_join, join_points
from inpaint_core.selection.wires import Wire, follow_wire


def _draw(wire: Wire, shape: tuple[int, int]) -> np.ndarray:
    mark = wire.draw(shape)
    assert mark is not None
    return draw_marks([mark], shape) > 127


@settings(max_examples=8)
@given(
    seed=st.integers(0, 999),
    left=st.integers(30, 230),
    right=st.integers(30, 230),
    width=st.integers(1, 7),
    at=st.floats(0.2, 0.8),
    dark=st.booleans(),
)
def test_a_click_follows_a_wire_from_edge_to_edge(
    seed: int, left: int, right: int, width: int, at: float, dark: bool
) -> None:
    colour = (40, 40, 45) if dark else (250, 250, 250)
    photo, wire = draw_wire(draw_sky(seed), (-9, left), (430, right), 20, width, colour)
    x = -9 + 439 * at
    y = left + (right - left) * at + 80 * at * (1 - at)
    found = follow_wire(photo, x, y + 3, 8)
    assert found is not None
    drawn = _draw(found, photo.shape[:2])
    assert drawn[wire].mean() > 0.97
    near = cv2.dilate(wire.astype(np.uint8), np.ones((11, 11), np.uint8)) > 0
    assert not (drawn & ~near).any()
    # A wire of one pixel shows on two.
    assert abs(float(np.median(found.widths)) - width) < (0.9 if width == 1 else 0.5)


def test_16_bits_give_the_same_wire() -> None:
    photo, _ = draw_wire(draw_sky(1), (-9, 60), (430, 140), 20, 3)
    found = follow_wire(photo, 200, 118, 12)
    deep = follow_wire(photo.astype(np.uint16) * 257, 200, 118, 12)
    assert found is not None
    assert deep is not None
    np.testing.assert_allclose(deep.points, found.points, atol=0.6)


def test_a_wire_goes_on_behind_a_pole() -> None:
    photo, wire = draw_wire(draw_sky(2), (-9, 80), (430, 90), 25, 3)
    photo[:, 200:230] = (90, 70, 60)
    found = follow_wire(photo, 100, 101, 10)
    assert found is not None
    assert _draw(found, photo.shape[:2])[wire].mean() > 0.97


def test_a_thick_pole_is_followed() -> None:
    photo = draw_sky(3)
    photo[40:, 180:204] = (80, 75, 70)
    found = follow_wire(photo, 190, 200, 6)
    assert found is not None
    drawn = _draw(found, photo.shape[:2])
    assert drawn[48:292, 182:202].mean() > 0.95
    assert not drawn[:, :165].any()
    assert not drawn[:, 219:].any()


@pytest.mark.parametrize("draw", [draw_sky, lambda seed: draw_ground(seed)[:, :, :] // 2 + 60])
def test_nothing_is_followed_where_no_line_is(draw: object) -> None:
    photo = cv2.GaussianBlur(draw(4), (0, 0), 3)  # type: ignore[operator]
    assert follow_wire(np.asarray(photo, np.uint8), 200, 150, 8) is None


def test_a_single_edge_is_no_wire() -> None:
    photo = draw_sky(5)
    photo[150:] = (60, 70, 60)
    found = follow_wire(photo, 200, 150, 3)
    assert found is None


def test_shift_joins_two_pieces_and_facing_ends_join_by_themselves() -> None:
    photo, _ = draw_wire(draw_sky(6, width=900), (-9, 80), (910, 120), 10, 3)
    photo[:, 200:680] = draw_ground(6, width=480)  # a crown that hides the middle
    first = follow_wire(photo, 60, 86, 12)
    assert first is not None
    assert first.points[:, 0].max() < 220
    joined = follow_and_join(photo, (800, 119), 12, first, always=True)
    assert joined is not None
    second, joint = joined
    assert joint is not None
    drawn = np.maximum.reduce([_draw(w, photo.shape[:2]) for w in (first, second, joint)])
    columns = np.flatnonzero(drawn.any(axis=0))
    assert columns[0] <= 2
    assert columns[-1] >= 897
    assert len(columns) == columns[-1] - columns[0] + 1
    # A line that crosses is another one.
    crossed, _ = draw_wire(draw_sky(6), (-9, 80), (430, 120), 10, 3)
    crossed, _ = draw_wire(crossed, (100, 150), (120, 320), 0, 3)
    other = follow_and_join(crossed, (112, 250), 8, first, always=False)
    assert other is not None
    assert other[1] is None


def test_a_joint_keeps_to_the_wire() -> None:
    photo, wire = draw_wire(draw_sky(7), (0, 80), (419, 80), 30, 2)
    joint = join_points(photo, (20, 80 + 120 * (20 / 419) * (399 / 419)), (400, 85.2), 2)
    drawn = _draw(joint, photo.shape[:2])
    assert drawn[:, 25:395][wire[:, 25:395]].mean() > 0.95


def test_all_wires_before_the_sky_are_found_and_no_others() -> None:
    photo = draw_sky(8)
    photo[200:] = draw_ground(8)[200:]
    assert find_wires(photo) == []
    truth = np.zeros(photo.shape[:2], bool)
    for start, end, width in ((40, 60, 2), (70, 75, 1), (110, 90, 3)):
        photo, wire = draw_wire(photo, (-9, start), (430, end), 10, width)
        truth |= wire
    marks = find_wires(photo)
    assert len(marks) == 3
    drawn = draw_marks(marks, photo.shape[:2]) > 127
    assert drawn[truth].mean() > 0.95
    assert not drawn[220:].any()


def test_wires_are_found_before_clouds_and_go_on_before_trees() -> None:
    photo = draw_sky(10, width=700)
    clouds = np.random.default_rng(10).integers(0, 700, (14, 2))
    for x, y in clouds:  # with hard edges
        cv2.ellipse(photo, (int(x), int(y) % 140), (60, 18), 0, 0, 360, (235, 236, 240), -1)
    photo[:, 560:640] = draw_ground(10, width=80) // 3  # a dark crown
    photo[230:] = draw_ground(10, width=700)[230:] // 2
    truth = np.zeros(photo.shape[:2], bool)
    for start, end in ((40, 60), (80, 95)):
        photo, wire = draw_wire(photo, (-9, start), (710, end), 10, 2, (20, 20, 25))
        truth |= wire
    drawn = draw_marks(find_wires(photo), photo.shape[:2]) > 127
    assert drawn[:, :555][truth[:, :555]].mean() > 0.9
    assert drawn[:, 645:][truth[:, 645:]].mean() > 0.9
    assert not drawn[235:].any()


def test_no_sky_no_wires_and_a_cancel_ends_the_search() -> None:
    photo, _ = draw_wire(draw_ground(9) // 3, (-9, 40), (430, 60), 5, 3)
    assert find_wires(photo) == []
    progress = Progress()
    progress.cancel()
    with pytest.raises(Cancelled):
        find_wires(draw_sky(9), progress)


@pytest.mark.parametrize("seed", [11, 12, 13])
def test_a_pole_ends_where_it_does_and_not_in_the_bushes(seed: int) -> None:
    photo = draw_sky(seed, height=400)
    bushes = draw_ground(seed, height=400, width=420).astype(np.float32)
    photo[170:] = np.clip((bushes[170:] - 100) * (0.5, 0.9, 0.4), 0, 255).astype(np.uint8)
    photo[:170][:, 300:304] = 60  # what else there is
    photo[40:300, 180:187] = (150, 140, 125)
    photo[168:176] = (20, 25, 30)  # a dark line that crosses it, and stands out more
    found = follow_wire(photo, 183, 180, 6)
    assert found is not None
    drawn = _draw(found, photo.shape[:2])
    assert drawn[48:292, 182:185].mean() > 0.95
    assert not drawn[:, :165].any()
    assert not drawn[:, 205:].any()
    assert not drawn[325:].any()


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_no_path_is_cheaper_than_the_one_that_is_found(data: st.DataObject) -> None:
    rows, columns = data.draw(st.integers(1, 4)), data.draw(st.integers(1, 6))
    cost = np.random.default_rng(data.draw(st.integers(0, 999))).random((rows, columns))
    ends = st.none() | st.integers(0, rows - 1)
    first, last = data.draw(ends), data.draw(ends)

    def measure(path: tuple[int, ...]) -> float:
        steps = np.abs(np.diff(path))
        if (steps > 1).any():
            return np.inf
        return float(cost[path, range(columns)].sum() + 0.3 * steps.sum())

    paths = itertools.product(range(rows), repeat=columns)
    fitting = [p for p in paths if first in (None, p[0]) and last in (None, p[-1])]
    cheapest = min(measure(path) for path in fitting)
    path = find_path(cost.astype(np.float32), 0.3, first, last)
    if np.isfinite(cheapest):  # else no path leads from the first row to the last
        assert first in (None, path[0])
        assert last in (None, path[-1])
        assert measure(tuple(path.tolist())) == pytest.approx(cheapest, abs=1e-5)
