"""What repeats around the hole is measured band by band, and stays in step."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from textures import box, grey, view

from inpaint_core.contract.progress import Progress
from inpaint_core.exemplar.repetition import Repetition, find_repetition
from inpaint_core.exemplar.synthesis import synthesise

SHAPE = (160, 400)
HOLE = box(SHAPE, 20, 160, 120, 90)
ALONG = np.array([1, 0], np.float32)


def posts(period: float, thick: int = 6, rows: slice = np.s_[:]) -> NDArray[np.float32]:
    x = np.arange(SHAPE[1])
    picture = np.full(SHAPE, 0.3, np.float32)
    picture[rows] = np.where((x + 5) % period < thick, 0.9, 0.3)
    picture += np.random.default_rng(0).normal(0, 0.01, SHAPE).astype(np.float32)
    return grey(picture)


def periods(found: Repetition, row: int) -> tuple[float, float]:
    place = np.array([200], np.float32), np.array([row], np.float32)
    period, strength = found.read_bands(*place)
    return float(period[0]), float(strength[0])


@settings(max_examples=25)
@given(period=st.floats(14, 45))
def test_the_period_of_posts_is_measured_to_a_fraction_of_a_pixel(period: float) -> None:
    found = find_repetition(posts(period), HOLE, ALONG, 1.0)
    measured, strength = periods(found, 80)
    assert measured == pytest.approx(period, abs=0.35)
    assert strength > 0.5


def test_two_railings_have_a_period_each() -> None:
    picture = posts(18)
    picture[85:] = posts(41)[85:]
    found = find_repetition(picture, HOLE, ALONG, 1.0)
    assert periods(found, 45)[0] == pytest.approx(18, abs=0.5)
    assert periods(found, 120)[0] == pytest.approx(41, abs=0.5)


def test_lengths_are_in_pixels_of_the_photo() -> None:
    found = find_repetition(posts(20), HOLE, ALONG, 2.0)
    assert periods(found, 160)[0] == pytest.approx(40, abs=1)
    along = found.measure_along(*(np.array(v, np.float32) for v in ([100, 140], [0, 0])))
    assert along[1] - along[0] == pytest.approx(40)


@pytest.mark.parametrize("kind", ["noise", "plain", "one post", "ramp"])
def test_what_does_not_repeat_has_no_period(kind: str) -> None:
    rng = np.random.default_rng(2)
    picture = {
        "noise": rng.uniform(0.2, 0.8, SHAPE),
        "plain": np.full(SHAPE, 0.5),
        "one post": np.where(np.abs(np.arange(SHAPE[1]) - 60) < 5, 0.9, 0.3) + np.zeros(SHAPE),
        "ramp": np.linspace(0, 1, SHAPE[1]) + np.zeros(SHAPE),
    }[kind]
    found = find_repetition(grey(picture).astype(np.float32), HOLE, ALONG, 1.0)
    assert not found.strengths.any()


def test_posts_stay_in_step_and_whole() -> None:
    truth = posts(26, rows=np.s_[10:150])
    fill = synthesise(view(truth, HOLE), Progress())
    bright, wanted = (fill.image[..., 0] > 0.6)[HOLE], (truth[..., 0] > 0.6)[HOLE]
    assert (bright == wanted).mean() > 0.95
