"""Vanishing points and planes of rendered façades, and planes from straight ahead."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from facades import CORNERS, SHAPE, WALL, facade_view, hole_at
from hypothesis import given
from hypothesis import strategies as st

from inpaint_core.contract.geometry import Plane, Segment
from inpaint_core.contract.progress import Cancelled, Progress
from inpaint_core.contract.request import View
from inpaint_core.perspective.plane_parts import find_plane_parts
from inpaint_core.perspective.rectification import (
    find_clean,
    measure_distortion,
    measure_plane,
    place_view,
    read_between,
)
from inpaint_core.perspective.regularity import measure_regularity
from inpaint_core.perspective.scene_planes import find_planes, take_given_planes
from inpaint_core.perspective.vanishing_points import find_vanishing_points, find_view_segments

TRUE_POINTS = [
    np.cross(
        np.cross((*CORNERS[a], 1), (*CORNERS[b], 1)), np.cross((*CORNERS[c], 1), (*CORNERS[d], 1))
    )
    for a, b, c, d in ((0, 1, 3, 2), (0, 3, 1, 2))
]


def directions_at(point: np.ndarray, x: float, y: float) -> float:
    """The angle, 0 .. pi, in which a vanishing point is seen from (x, y)."""
    way = point[:2] - point[2] * np.array([x, y])
    return float(np.arctan2(way[1], way[0]) % np.pi)


def test_vanishing_points_are_where_the_lines_of_the_wall_meet() -> None:
    view = facade_view()
    segments = find_view_segments(view.image, view.hole, Progress())
    points, _ = find_vanishing_points(segments, (), SHAPE)
    for true in TRUE_POINTS:
        for x, y in ((60.0, 60.0), (340.0, 200.0)):
            wanted = directions_at(true, x, y)
            away = [abs(directions_at(p.point, x, y) - wanted) for p in points[:2]]
            assert min(min(a, np.pi - a) for a in away) < np.radians(1.0)


def test_segments_lie_outside_of_the_hole() -> None:
    view = facade_view()
    segments = find_view_segments(view.image, view.hole, Progress())
    ends = np.rint(segments.reshape(-1, 2)).astype(int)
    inner = hole_at(174, 114, 62, 72)  # segments found at a quarter of the size are coarse
    inside = (ends >= 0).all(axis=1) & (ends[:, 0] < SHAPE[1]) & (ends[:, 1] < SHAPE[0])
    assert not inner[ends[inside, 1], ends[inside, 0]].any()


def test_lines_drawn_by_hand_speak_for_a_vanishing_point() -> None:
    height, width = 200, 300
    hole = np.zeros((height, width), bool)
    hole[80:120, 120:180] = True
    grain = np.random.default_rng(1).random((height, width, 3), np.float32)
    view = View(np.where(hole[..., None], np.float32(0), grain), hole, ~hole)
    assert not find_plane_parts(view, Progress()).parts
    meet = (500.0, 90.0)
    drawn = tuple(Segment(10, y, *(10 + 0.9 * (meet[0] - 10), y + 0.9 * (meet[1] - y))) for y in
                  (20.0, 60.0, 140.0, 190.0))  # fmt: skip
    points, _ = find_vanishing_points(np.zeros((0, 4)), drawn, (height, width))
    np.testing.assert_allclose(points[0].point[:2] / points[0].point[2], meet, atol=2)


def test_the_wall_is_found_and_its_texture_is_regular() -> None:
    view = facade_view()
    found = find_plane_parts(view, Progress())
    (part,) = found.parts
    assert not found.is_reached
    assert not found.is_unsure
    assert (part.hole & view.hole).sum() > 0.95 * view.hole.sum()
    assert not (part.hole & ~view.hole).any()
    assert measure_regularity(view, part.plane, part.scales) > 0.25
    likelihood = part.plane.measure_likelihood(SHAPE)
    assert likelihood[100:200, 40:160].mean() > 2 * likelihood[:20, 300:].mean()


def test_what_is_seen_from_straight_ahead_or_without_lines_is_left_to_translations() -> None:
    wall = facade_view().image
    flat = np.tile(wall[100:148, 60:108], (6, 8, 1))[: SHAPE[0], : SHAPE[1]]
    hole = hole_at()[: flat.shape[0], : flat.shape[1]]
    flat[hole] = 0
    assert not find_plane_parts(View(flat, hole, ~hole), Progress()).parts
    grain = np.random.default_rng(0).random((*SHAPE, 3)).astype(np.float32)
    hole = hole_at()
    grain[hole] = 0
    assert not find_plane_parts(View(grain, hole, ~hole), Progress()).parts


@pytest.mark.parametrize("choice", ["auto", "always", "off"])
def test_a_plane_that_is_set_takes_every_hole_that_it_reaches_into(choice: str) -> None:
    hole = hole_at()
    hole[20:40, 300:330] = True  # above the corners
    view = facade_view(hole, planes=(WALL,), perspective=choice)
    found = find_plane_parts(view, Progress())
    assert found.is_reached
    np.testing.assert_array_equal(
        np.logical_or.reduce([part.hole for part in found.parts]), hole_at()
    )


def test_between_two_planes_a_pixel_belongs_to_the_nearer_one() -> None:
    left = Plane(((10.0, 60.0), (190.0, 80.0), (190.0, 220.0), (10.0, 240.0)))
    right = Plane(((210.0, 80.0), (390.0, 60.0), (390.0, 240.0), (210.0, 220.0)))
    hole = hole_at(150, 100, 100, 90)
    one, two = (p.find_pixels(SHAPE) for p in take_given_planes((left, right), hole))
    assert not (one & two).any()
    assert one[hole_at(150, 100, 45, 90)].all()
    assert two[hole_at(205, 100, 45, 90)].all()


def test_nothing_beyond_the_horizon_belongs_to_a_plane() -> None:
    floor = Plane(((150.0, 160.0), (250.0, 160.0), (390.0, 290.0), (10.0, 290.0)))
    hole = hole_at(150, 40, 100, 200)
    (plane,) = take_given_planes((floor,), hole)
    meet = 160 - (150 - 10) ** -1 * 130 * (250 - 150) / 2  # where the sides meet: the horizon
    assert not plane.find_pixels(SHAPE)[: int(meet) - 1].any()
    assert plane.find_pixels(SHAPE)[int(meet) + 2 :].all()


def test_rectified_lines_of_the_wall_are_upright_and_level_and_near_parts_keep_their_size() -> None:
    hole = hole_at()
    (plane,) = take_given_planes((WALL,), hole)
    y, x = (a.astype(float) for a in np.nonzero(hole))
    scales = measure_plane(plane, x, y)
    assert scales is not None
    placed = place_view(scales, hole, ~hole)
    u, v = placed.to_plane(*np.array(CORNERS).T)
    assert abs(v[0] - v[1]) < 1e-6 * abs(v).max() + 1e-6
    assert abs(v[3] - v[2]) < 1e-6 * abs(v).max() + 1e-6
    assert abs(u[0] - u[3]) < 1e-6 * abs(u).max() + 1e-6
    assert u[1] > u[0]  # neither mirrored
    assert v[3] > v[0]  # nor upside down
    first, second = scales.measure(x, y)
    assert np.quantile(first, 0.1) == pytest.approx(1)
    assert np.quantile(second, 0.1) == pytest.approx(1)
    assert measure_distortion(scales, x, y) > 0.05
    back_x, back_y, seen = placed.to_view(u, v)
    np.testing.assert_allclose(np.stack([back_x, back_y], 1), CORNERS, atol=1e-6)
    assert seen.all()


def test_bicubic_interpolation_reads_allowed_pixels_only() -> None:
    rng = np.random.default_rng(4)
    allowed = rng.random((60, 80)) > 0.02
    clean = find_clean(allowed)
    assert clean.any()
    y, x = (a.astype(float) for a in np.nonzero(clean))
    x += rng.uniform(-0.5, 0.5, x.size)
    y += rng.uniform(-0.5, 0.5, y.size)
    image = rng.random((60, 80, 3)).astype(np.float32)
    other = np.where(allowed[..., None], image, np.float32(1e6))
    np.testing.assert_array_equal(read_between(image, x, y), read_between(other, x, y))


def test_finding_can_be_cancelled() -> None:
    progress = Progress()
    progress.cancel()
    with pytest.raises(Cancelled):
        find_planes(facade_view(), progress)


coordinates = st.floats(-500, 900, allow_nan=False)


@given(st.lists(st.tuples(coordinates, coordinates), min_size=4, max_size=4),
       st.floats(0.1, 8), st.floats(-300, 300))  # fmt: skip
def test_planes_scale_and_move_back(
    corners: list[tuple[float, float]], factor: float, move: float
) -> None:
    plane = Plane(tuple(corners))
    there = plane.translate(move, -move).scale(factor, factor)
    back = there.scale(1 / factor, 1 / factor).translate(-move, move)
    np.testing.assert_allclose(back.numbers, plane.numbers, atol=1e-6)
    assert Plane.from_numbers(plane.numbers) == plane


@pytest.mark.parametrize(
    "corners",
    [
        ((0, 0), (10, 10), (10, 0), (0, 10)),  # crossed
        ((0, 0), (10, 0), (20, 0), (10, 10)),  # three on one line
        ((0, 0), (10, 0), (2, 2), (0, 10)),  # a dent
        ((5, 5), (5, 5), (5, 5), (5, 5)),
        ((0, 0), (10, 0), (10, 10)),
        ((0, 0), (10, 0), (10, 1e9), (0, 10)),
        ((0, 0), (10, 0), (10, float("nan")), (0, 10)),
    ],
)
def test_corners_that_no_rectangle_has_are_not_valid(corners: tuple[tuple[float, float]]) -> None:
    assert not Plane(corners).is_valid
    assert replace(WALL, corners=WALL.corners[::-1]).is_valid
