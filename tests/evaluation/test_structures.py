"""Rendered scenes whose lines cross the hole."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from inpaint_core.lab.evaluation.edge_metrics import find_edges
from inpaint_core.lab.evaluation.scenes.rendered_cases import (
    HEIGHT,
    SCENE_KINDS,
    SCENE_ORDER,
    WIDTH,
    render_case,
)


@pytest.mark.parametrize("number", range(len(SCENE_ORDER)))
def test_structure_crosses_the_hole(number: int) -> None:
    name, sample = render_case(number)
    assert name == f"{number:03d}_{SCENE_ORDER[number]}"
    assert sample.truth.shape == (HEIGHT, WIDTH, 3)
    assert sample.truth.dtype == np.uint8
    assert 0.015 < sample.hole.mean() < 0.13
    assert not (sample.hole[0] | sample.hole[-1]).any()
    edges = find_edges(sample.truth)
    reach = int(np.sqrt(sample.hole.sum()))
    assert (edges & sample.hole).sum() > reach / 2
    border = cv2.dilate(sample.hole.astype(np.uint8), np.ones((9, 9), np.uint8)).astype(bool)
    assert (edges & border & ~sample.hole).any(), "the lines are seen outside too"


def test_24_scenes_hold_every_kind_and_each_comes_as_often_as_the_next_in_all() -> None:
    assert set(SCENE_ORDER[:24]) == set(SCENE_KINDS)
    assert {SCENE_ORDER.count(kind) for kind in SCENE_KINDS} == {3}
    assert render_case(len(SCENE_ORDER))[0] == f"{len(SCENE_ORDER):03d}_{SCENE_ORDER[0]}"


def test_a_scene_is_always_the_same_and_no_two_are_alike() -> None:
    scenes = [render_case(number)[1].truth for number in (0, 6, 1)]
    np.testing.assert_array_equal(scenes[0], render_case(0)[1].truth)
    assert np.abs(scenes[0].astype(int) - scenes[1]).mean() > 5
    assert np.abs(scenes[0].astype(int) - render_case(0, seed=1)[1].truth).mean() > 1
