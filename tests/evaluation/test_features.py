from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from skimage import data

from inpaint_core.contract.errors import WeightsUnavailable
from inpaint_core.lab.evaluation.perceptual.feature_distance import FeatureDistance

CHANNELS = {  # fire module: input, squeeze, expand (twice)
    3: (64, 16, 64),
    4: (128, 16, 64),
    6: (128, 32, 128),
    7: (256, 32, 128),
    9: (256, 48, 192),
    10: (384, 48, 192),
    11: (384, 64, 256),
    12: (512, 64, 256),
}


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """SqueezeNet 1.1's shapes and names with random numbers."""
    source = torch.Generator().manual_seed(5)
    state: dict[str, torch.Tensor] = {}

    def add(name: str, out: int, into: int, side: int) -> None:
        spread = (2 / (into * side * side)) ** 0.5
        weight = torch.randn((out, into, side, side), generator=source) * spread
        state[f"{name}.weight"], state[f"{name}.bias"] = weight, torch.zeros(out)

    add("features.0", 64, 3, 3)
    for fire, (into, narrow, wide) in CHANNELS.items():
        add(f"features.{fire}.squeeze", narrow, into, 1)
        add(f"features.{fire}.expand1x1", wide, narrow, 1)
        add(f"features.{fire}.expand3x3", wide, narrow, 3)
    path = tmp_path_factory.mktemp("weights") / "random.pth"
    torch.save(state, path)
    return path


def scene() -> tuple[NDArray[np.uint8], NDArray[np.bool_]]:
    truth = np.ascontiguousarray(data.astronaut()[:200, 100:330])
    hole = np.zeros(truth.shape[:2], bool)
    hole[80:130, 90:150] = True
    return truth, hole


def blurred(truth: NDArray[np.uint8], hole: NDArray[np.bool_], sigma: float) -> NDArray[np.uint8]:
    return np.where(hole[..., None], cv2.GaussianBlur(truth, (0, 0), sigma), truth)


def test_zero_for_equal_and_growing_with_the_blur(weights: Path) -> None:
    truth, hole = scene()
    distance = FeatureDistance(weights)
    assert distance(truth, truth, hole) == 0
    little = distance(truth, blurred(truth, hole, 0.6), hole)
    much = distance(truth, blurred(truth, hole, 4), hole)
    assert 0 < little < much


def test_each_of_seven_layers_is_at_most_two(weights: Path) -> None:
    # Unit vectors without negative parts are at most sqrt(2) apart.
    truth, hole = scene()
    filled = np.where(hole[..., None], 255 - truth, truth)
    assert FeatureDistance(weights)(truth, filled, hole) <= 14


def test_another_truth_is_not_taken_for_the_last_one(weights: Path) -> None:
    truth, hole = scene()
    filled = blurred(truth, hole, 2)
    other = np.ascontiguousarray(truth[:, ::-1])
    shared = FeatureDistance(weights)
    shared(truth, filled, hole)
    assert shared(other, filled, hole) == FeatureDistance(weights)(other, filled, hole)


def test_far_away_pixels_do_not_matter(weights: Path) -> None:
    truth, hole = scene()
    wide = np.pad(truth, ((400, 400), (400, 400), (0, 0)), mode="reflect")
    far = wide.copy()
    far[:100] = 0
    big = np.pad(hole, 400)
    distance = FeatureDistance(weights)
    filled = np.where(big[..., None], 255 - wide, wide)
    changed = np.where(big[..., None], 255 - far, far)
    assert distance(wide, filled, big) == pytest.approx(distance(far, changed, big), rel=1e-6)


def test_an_empty_hole_measures_zero(weights: Path) -> None:
    truth, hole = scene()
    assert FeatureDistance(weights)(truth, 255 - truth, np.zeros_like(hole)) == 0


def test_missing_and_foreign_files_are_named(tmp_path: Path) -> None:
    with pytest.raises(WeightsUnavailable, match="no weights file"):
        FeatureDistance(tmp_path / "nothing.pth")
    foreign = tmp_path / "foreign.pth"
    torch.save({"layer.weight": torch.zeros(3)}, foreign)
    with pytest.raises(WeightsUnavailable, match="foreign"):
        FeatureDistance(foreign)
    broken = tmp_path / "broken.pth"
    broken.write_bytes(b"nothing that torch could read")
    with pytest.raises(WeightsUnavailable, match="broken"):
        FeatureDistance(broken)
