from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray
from skimage import data

from inpaint_core.lab.evaluation.pixel_metrics import coarse_error, ssim_map
from inpaint_core.lab.evaluation.scores import (
    SCORE_NAMES,
    Scores,
    mean_scores,
    score_fill,
    score_penalty,
)


def case() -> tuple[NDArray[np.uint8], NDArray[np.uint8], NDArray[np.bool_]]:
    truth = np.ascontiguousarray(data.astronaut()[:128, 128:288])
    hole = np.zeros(truth.shape[:2], bool)
    hole[50:80, 60:100] = True
    return truth, np.where(hole[..., None], truth[:, ::-1], truth), hole


def test_truth_is_ideal() -> None:
    truth, _, hole = case()
    scores = score_fill(truth, truth, hole)
    assert scores.psnr == scores.psnr_hole == math.inf
    assert scores.ssim == pytest.approx(1)
    assert (scores.l1, scores.l1_hole, scores.patches, scores.blur) == (0, 0, 0, 0)
    assert scores.sharpness == 1
    assert scores.features is None


def test_errors_by_hand() -> None:
    truth = np.full((100, 100, 3), 50, np.uint8)
    hole = np.zeros((100, 100), bool)
    hole[40:60, 40:60] = True  # 4 % of the photo
    scores = score_fill(truth, truth + np.uint8(10), hole)
    assert scores.l1_hole == 10
    assert scores.l1 == pytest.approx(0.4)
    assert scores.psnr_hole == pytest.approx(10 * math.log10(255**2 / 100))
    assert scores.psnr == pytest.approx(10 * math.log10(255**2 / 4))


def test_differences_are_not_taken_modulo_256() -> None:
    truth = np.full((40, 40, 3), 250, np.uint8)
    hole = np.zeros((40, 40), bool)
    hole[10:30, 10:30] = True
    assert score_fill(truth, np.zeros_like(truth), hole).l1_hole == 250


def test_cropping_changes_nothing() -> None:
    truth, filled, hole = case()
    scores, similar = score_fill(truth, filled, hole), ssim_map(truth, filled)
    assert scores.ssim == pytest.approx(float(similar.mean()), abs=1e-6)
    assert scores.ssim_hole == pytest.approx(float(similar[hole].mean()), abs=1e-6)


def test_pixels_outside_the_hole_are_ignored() -> None:
    truth, filled, hole = case()
    seen: list[NDArray[np.uint8]] = []

    def features(a: NDArray[np.uint8], b: NDArray[np.uint8], where: NDArray[np.bool_]) -> float:
        seen.append(b)
        return float(np.abs(a.astype(int) - b)[~where].sum())

    spoilt = np.where(hole[..., None], filled, 0).astype(np.uint8)
    assert score_fill(truth, spoilt, hole, features) == score_fill(truth, filled, hole, features)
    assert np.array_equal(seen[0], seen[1])


def test_sizes_and_empty_holes_are_refused() -> None:
    truth, filled, hole = case()
    with pytest.raises(ValueError, match="size"):
        score_fill(truth, filled[1:], hole)
    with pytest.raises(ValueError, match="empty"):
        score_fill(truth, filled, np.zeros_like(hole))


def test_mean_is_geometric_for_ratios() -> None:
    truth, filled, hole = case()
    one = replace(
        score_fill(truth, filled, hole), sharpness=0.5, seam=4.0, l1=1.0, features=2.0, lpips=0.5
    )
    two = replace(one, sharpness=2.0, seam=1.0, l1=3.0)
    both = mean_scores([one, two])
    assert both.sharpness == pytest.approx(1)
    assert both.seam == pytest.approx(2)
    assert both.l1 == pytest.approx(2)
    assert both.features == pytest.approx(2)
    assert both.lpips == pytest.approx(0.5)
    assert mean_scores([one, replace(two, features=None)]).features is None


@pytest.mark.parametrize("name", SCORE_NAMES)
def test_loss_ranks_the_better_value_first(name: str) -> None:
    better: dict[str, float] = {"sharpness": 1.1, "seam": 0.9}
    worse: dict[str, float] = {"sharpness": 0.5, "seam": 1.3}
    if name.startswith(("psnr", "ssim")):
        good, bad = 2.0, 1.0
    else:
        good, bad = better.get(name, 1.0), worse.get(name, 2.0)
    assert score_penalty(name, good) < score_penalty(name, bad)


def test_every_score_has_a_name() -> None:
    assert set(SCORE_NAMES) == set(Scores.__slots__)


def test_a_coarse_error_ignores_details_and_not_surfaces() -> None:
    truth = np.full((200, 240, 3), 100, np.uint8)
    hole = np.zeros(truth.shape[:2], bool)
    hole[40:160, 60:180] = True
    checks = np.where(np.indices(hole.shape).sum(axis=0)[..., None] % 2, 60, 140).astype(np.uint8)
    assert coarse_error(truth, np.where(hole[..., None], checks, truth), hole) < 1
    lighter = truth + np.uint8(20)
    # Near its border the error spreads into the known part, where there is none.
    assert 15 < coarse_error(truth, lighter, hole) < 20
    assert coarse_error(truth, np.zeros_like(truth), ~np.zeros_like(hole)) == pytest.approx(100)


def test_a_coarse_error_is_measured_at_one_size() -> None:
    """Whatever is outside of the hole and however large the photo is."""
    truth, filled, hole = case()
    small, large = ((np.repeat(np.repeat(a, n, 0), n, 1) for a in (truth, filled, hole))
                    for n in (4, 8))  # fmt: skip
    wanted = coarse_error(*(np.ascontiguousarray(a) for a in small))
    assert wanted > 2
    found = coarse_error(*(np.ascontiguousarray(a) for a in large))
    assert found == pytest.approx(wanted, rel=0.02)
    spoilt = np.where(hole[..., None], filled, 0).astype(np.uint8)
    assert coarse_error(truth, spoilt, hole) == coarse_error(truth, filled, hole)
