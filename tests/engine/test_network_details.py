"""A network that is trusted: its fill reaches the photo's own resolution with its edges, sharp."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from inpaint_core.contract.request import InpaintResult
from inpaint_core.lab.evaluation.native_stage.perfect_network import PerfectNetwork, measure

Picture = NDArray[np.uint8]


@pytest.fixture(scope="module")
def photo() -> Picture:
    """A textured wall, a darker roof whose edge bends where the hole is, and sky."""
    rng = np.random.default_rng(0)
    grain = rng.normal(0, 14, (200, 300, 1)).astype(np.float32)
    y, x = np.mgrid[:200, :300]
    bend = 85 + 30 * np.cos((x - 150) / 20) * (np.abs(x - 150) < 60)
    picture = np.where((y < bend)[..., None], (90, 120, 190), (150, 120, 90)) + grain
    picture[(y - bend > 0) & (y - bend < 8)] *= 0.4
    return np.clip(cv2.GaussianBlur(picture, (0, 0), 0.7), 0, 255).astype(np.uint8)


@pytest.fixture(scope="module")
def mask() -> Picture:
    mask = np.zeros((200, 300), np.uint8)
    mask[45:135, 108:192] = 255
    return mask


def seen_at(photo: Picture, scale: float) -> Picture:
    small = cv2.resize(photo, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    return np.asarray(small, np.uint8)


def filled(result: InpaintResult, photo: Picture) -> Picture:
    return np.asarray(result.applied_to(photo), np.uint8)


def test_a_view_that_is_not_enlarged_is_used_as_it_is(photo: Picture, mask: Picture) -> None:
    result = PerfectNetwork(photo, 1024).fill(mask)
    assert result.plan[0]["levels"][-1]["scale"] == 1
    assert np.array_equal(result.applied_to(photo), photo)
    assert "native" not in result.timings


def test_an_enlarged_view_keeps_its_edges_and_gets_sharp(photo: Picture, mask: Picture) -> None:
    trusted, guiding = (PerfectNetwork(photo, 64, trust).fill(mask) for trust in (1.0, 0.3))
    assert trusted.plan[0]["levels"][-1]["scale"] == 0.5
    found, other = (measure(photo, filled(r, photo), mask) for r in (trusted, guiding))
    enlarged = cv2.resize(seen_at(photo, 0.5), (300, 200), interpolation=cv2.INTER_CUBIC)
    alone = measure(photo, np.asarray(enlarged, np.uint8), mask)
    assert found["sharpness"] > 0.85 > alone["sharpness"] + 0.2
    assert found["edge error"] < 0.7 * other["edge error"]
    assert found["psnr"] > other["psnr"] + 3
    shown = [seen_at(each, 0.25).astype(int) for each in (filled(trusted, photo), photo)]
    assert np.abs(shown[0] - shown[1]).max() <= 12  # all that the network showed is left
