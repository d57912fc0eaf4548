"""What fills look like: patterns continue, guides and lines are followed, texture is real."""

from __future__ import annotations

import subprocess
import sys
from itertools import pairwise
from typing import Any

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from textures import box, grey, noise, two_tone, view

from inpaint_core.contract.geometry import Segment
from inpaint_core.contract.options import FillOptions
from inpaint_core.contract.progress import Progress
from inpaint_core.contract.request import InpaintRequest
from inpaint_core.engine.engine import Engine
from inpaint_core.exemplar.synthesis import synthesise
from inpaint_core.lab.evaluation.scores import Scores, score_fill


def pattern(name: str) -> NDArray[np.float32]:
    y, x = np.mgrid[:100, :110]
    planes = {
        "stripes": x % 8 < 4,
        "diagonals": (x + y) % 10 < 5,
        "checks": (x // 4 + y // 4) % 2,
        "dots": (x % 9 - 4) ** 2 + (y % 9 - 4) ** 2 < 9,
    }
    return grey(np.asarray(planes[name]) * 0.5 + 0.25)


@pytest.mark.parametrize("name", ["stripes", "diagonals", "checks", "dots"])
def test_a_pattern_goes_on(name: str) -> None:
    truth = pattern(name)
    hole = box(truth.shape[:2], 30, 32, 34, 40)
    fill = synthesise(view(truth, hole, seed=3), Progress()).image
    wrong = np.abs(fill - truth).max(axis=2)[hole] > 0.1
    assert wrong.mean() < 0.02


def test_a_horizon_runs_through() -> None:
    shape = (110, 160)
    border = 55 + 0.1 * (np.arange(160) - 80)
    hole = box(shape, 25, 50, 60, 60)
    fill = synthesise(view(two_tone(shape, border), hole), Progress()).image
    rows = (fill[25:85, 50:110, 2] > 0.55).sum(axis=0) + 25
    assert np.abs(rows - border[50:110]).max() < 2.5


def guided(hole: NDArray[np.bool_], side: int) -> float:
    """The share of the fill that comes from the side that the guide shows: 0 left, 1 right."""
    shape = hole.shape
    left = grey(noise(shape, 1.5, 0.5, 0.08, 1)) * np.float32([1.2, 0.9, 0.6])
    right = grey(noise(shape, 0.0, 0.5, 0.08, 2)) * np.float32([0.6, 0.9, 1.2])
    image = np.where(np.arange(shape[1])[None, :, None] < 80, left, right)
    guide = image.copy()
    guide[hole] = (left, right)[side][hole].mean(axis=0)
    fill = synthesise(view(image, hole, guide=guide), Progress())
    y, x = np.nonzero(hole)
    from_right = x + fill.products["offsets"][y, x, 1] >= 80
    return float((from_right == bool(side)).mean())


@pytest.mark.parametrize("side", [0, 1])
def test_the_guide_chooses_the_texture_where_the_border_leaves_it_open(side: int) -> None:
    assert guided(box((100, 160), 50, 40, 50, 80), side) > 0.75


@pytest.mark.parametrize("side", [0, 1])
def test_the_guide_chooses_the_texture(side: int) -> None:
    assert guided(box((100, 160), 30, 55, 40, 50), side) > 0.9


def rows_of_border(borders: Any, *corners: tuple[float, float]) -> NDArray[Any]:
    """The row of the filled border at columns 65 .. 114, along a drawn polyline of (x, y)."""
    shape = (120, 180)
    hole = box(shape, 20, 65, 80, 50)
    lines = tuple(Segment(*a, *b) for a, b in pairwise(corners))
    fill = synthesise(view(two_tone(shape, borders), hole, lines=lines), Progress()).image
    return np.asarray((fill[20:100, 65:115, 2] > 0.55).sum(axis=0) + 20)


@pytest.mark.parametrize("to", [45, 75])
def test_a_border_makes_the_bend_that_is_drawn(to: float) -> None:
    rows = rows_of_border(60.0, (60, 59.5), (90, to - 0.5), (120, 59.5))
    wanted = np.interp(np.arange(65, 115), [60, 90, 120], [60, to, 60])
    assert np.abs(rows - wanted).max() < 6


@pytest.mark.parametrize("to", [-1, 1])
def test_a_border_slopes_as_drawn(to: int) -> None:
    ends = np.array([60.0 - 11 * to, 60.0 + 11 * to])
    rows = rows_of_border(np.repeat(ends, 90), (64, ends[0] - 0.5), (115, ends[1] - 0.5))
    assert np.abs(rows - np.interp(np.arange(65, 115), [64, 115], ends)).max() < 4


@pytest.mark.parametrize("at", [75, 105])
def test_a_border_steps_where_drawn(at: int) -> None:
    corners = (20, 49.5), (at, 49.5), (at, 71.5), (160, 71.5)
    rows = rows_of_border(np.repeat([50.0, 72.0], 90), *corners)
    columns = np.arange(65, 115)
    wrong = np.abs(rows - np.where(columns < at, 50, 72)) > 3
    assert wrong[np.abs(columns - at) > 6].mean() < 0.1


def fills_of(truth: NDArray[np.uint8], hole: NDArray[np.bool_], engine: str) -> Scores:
    request = InpaintRequest(
        truth, hole.astype(np.uint8) * 255, FillOptions(engine=engine, feather=0.0)
    )
    result = Engine().inpaint(request, Progress())
    return score_fill(truth, result.applied_to(truth), hole)


def cloud(shape: tuple[int, int], seed: int) -> NDArray[Any]:
    """Noise whose spectrum falls with the frequency, like that of photos."""
    across = np.fft.fftfreq(shape[0])[:, None], np.fft.rfftfreq(shape[1])[None]
    frequency = np.maximum(np.hypot(*across), 1 / max(shape))
    white = np.random.default_rng(seed).standard_normal(shape)
    plane = np.fft.irfft2(np.fft.rfft2(white) / frequency, shape)
    return np.asarray(plane / plane.std())


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_texture_is_real(seed: int) -> None:
    shape = (200, 240)
    bark = 0.5 + 0.12 * cloud(shape, seed)
    truth: Any = bark[..., None] * np.array([0.9, 0.7, 0.5]) + np.array([0, 0, 0.1])
    truth = np.rint(truth.clip(0, 1) * 255).astype(np.uint8)
    hole = cv2.circle(np.zeros(shape, np.uint8), (120, 100), 32, 1, -1) > 0
    ours, floor = fills_of(truth, hole, "exemplar"), fills_of(truth, hole, "harmonic")
    assert ours.patches < 0.7 * floor.patches
    assert 0.7 < ours.sharpness < 1.3
    assert 0.8 < ours.seam < 1.25


def test_a_16_bit_gradient_keeps_its_levels() -> None:
    rng = np.random.default_rng(3)
    ramp = np.linspace(20_000, 26_000, 200)[None, :, None] + np.linspace(0, 900, 160)[:, None, None]
    truth = (ramp + 30 * rng.standard_normal((160, 200, 3))).astype(np.uint16)
    mask = box((160, 200), 50, 60, 60, 80).astype(np.uint8) * 255
    result = Engine().inpaint(InpaintRequest(truth, mask, FillOptions(feather=0.0)), Progress())
    fill = result.applied_to(truth)[mask > 0].reshape(60, 80, 3).astype(float)
    assert np.unique(fill).size > 256
    assert (fill % 257 == 0).mean() < 0.05  # an 8-bit level has this form
    columns = fill.mean(axis=0)
    steps = np.abs(np.diff(columns, axis=0))
    assert steps.max() < 200  # an 8-bit step is 257; the ramp's own is 30
    assert np.abs(columns - truth[50:110, 60:140].mean(axis=0)).max() < 400


def test_needs_no_torch() -> None:
    program = """
import sys
import numpy as np
from inpaint_core.contract.options import FillOptions
from inpaint_core.contract.request import InpaintRequest
from inpaint_core.engine.engine import Engine
from inpaint_core.contract.progress import Progress

image = np.random.default_rng(0).integers(0, 255, (40, 40, 3)).astype(np.uint8)
mask = np.zeros((40, 40), np.uint8)
mask[15:25, 15:25] = 255
Engine().inpaint(InpaintRequest(image, mask, FillOptions("exemplar")), Progress())
print("torch" in sys.modules, "numba" in sys.modules)
"""
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == ["False", "True"]
