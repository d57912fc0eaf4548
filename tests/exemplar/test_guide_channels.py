"""Guide channels: details are as strong as those of the truth."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from textures import box, grey, view

from inpaint_core.contract.arrays import FloatImage
from inpaint_core.contract.progress import Progress
from inpaint_core.contract.request import SHOWN
from inpaint_core.exemplar import pyramid as guide
from inpaint_core.exemplar import target_patches as targets
from inpaint_core.exemplar.pyramid import DETAILS, WEIGHT, build_guide_channels
from inpaint_core.exemplar.structure_lines import Structure
from inpaint_core.exemplar.synthesis import synthesise

SIDE = 256
DEEP = box((SIDE, SIDE), 20, 20, 216, 216)
CENTRE = np.s_[96:160, 96:160]


def ripples(period: float) -> FloatImage:
    """Ripples of 50 levels around 120."""
    x = np.arange(SIDE) / period * 2 * np.pi
    return grey(120 + 50 * np.sin(x)[None] * np.cos(x)[:, None])


def said(
    photo: FloatImage,
    fill: FloatImage,
    trust: float,
    hole: np.ndarray = DEEP,
    shown: tuple[float, ...] = SHOWN,
) -> FloatImage:
    return build_guide_channels(photo, hole, fill, trust, shown=shown)


@pytest.mark.parametrize("period", [12, 24, 36])
def test_a_guide_of_full_trust_is_taken_as_it_is(period: float) -> None:
    truth = ripples(period)
    soft = cv2.GaussianBlur(truth, (0, 0), SIDE * DETAILS[-1] / 2)
    np.testing.assert_allclose(said(truth, truth, 1)[CENTRE], WEIGHT * soft[CENTRE], atol=0.5)


@pytest.mark.parametrize("period", [12, 24, 36])
@pytest.mark.parametrize("trust", [0.2, 0.5])
def test_details_that_are_shown_too_weakly_are_made_as_strong_as_the_truth(
    period: float, trust: float
) -> None:
    truth = ripples(period)
    weak = 120 + np.float32(0.4) * (truth - 120)
    wanted = trust * said(truth, truth, 1)[CENTRE]
    np.testing.assert_allclose(
        said(truth, weak, trust, shown=(0.4,) * 4)[CENTRE], wanted, atol=2 * trust
    )


def test_the_finer_the_detail_the_more_it_is_strengthened() -> None:
    flat = np.full((SIDE, SIDE, 3), 120, np.float32)
    gains = [
        (said(flat, ripples(period), 0.5) - 0.5 * WEIGHT * 120)[CENTRE].std()
        / (0.5 * said(flat, ripples(period), 1)[CENTRE].std())
        for period in (60, 30, 15, 8)
    ]
    assert gains == sorted(gains)
    assert gains[0] > 1.5
    assert gains[-1] < 1 / min(SHOWN) + 0.01


def test_colours_are_kept_and_so_is_what_is_outside_or_thin() -> None:
    photo, flat = ripples(24), np.full((SIDE, SIDE, 3), 30, np.float32)
    np.testing.assert_allclose(said(flat, flat, 0.5), 0.5 * WEIGHT * 30, rtol=1e-4)
    thin = box((SIDE, SIDE), 20, 126, 216, 3)
    full = said(photo, photo, 1, thin)
    np.testing.assert_allclose(said(photo, photo, 0.5, thin)[~thin], full[~thin] / 2, atol=0.5)
    np.testing.assert_allclose(said(photo, photo, 0.5, thin)[thin], full[thin] / 2, atol=8)


@pytest.mark.parametrize("period", [12, 24])
def test_a_faint_idea_of_stripes_brings_stripes_back(
    period: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    plane = np.full((160, 240), 0.5, np.float32)
    plane[:, 80:] += 0.35 * np.sin(np.arange(160) * 2 * np.pi / period)[:, None]
    plane += np.random.default_rng(1).normal(0, 0.02, plane.shape).astype(np.float32)
    truth = grey(plane.clip(0, 1))
    hole = box(plane.shape, 30, 75, 100, 60)  # where the stripes end is in the hole
    # By the guide alone: lines and repetition would bring them back as well.
    monkeypatch.setattr(guide, "find_structure", lambda *_: Structure((), 0.0))
    faint = 0.5 + np.float32(0.35) * (cv2.GaussianBlur(truth, (0, 0), 2) - np.float32(0.5))

    def filled(shown: tuple[float, ...] = SHOWN) -> tuple[float, tuple[str, ...]]:
        fill = synthesise(view(truth, hole, guide=faint, trust=0.3, shown=shown), Progress())
        across, wanted = fill.image[hole][:, 0], truth[hole][:, 0]
        return float(np.cov(across, wanted)[0, 1] / wanted.var(ddof=1)), fill.notes

    strengthened, notes = filled()
    assert notes == ()
    as_it_is, _ = filled((1.0,) * 4)  # which may be left out
    assert strengthened > max(as_it_is + 0.1, 0.93)
    # Contrast, too, brings stripes back under a guide: what does the strengthening do by itself?
    monkeypatch.setattr(targets, "GUIDED_CONTRAST", targets.CONTRAST)
    strengthened, notes = filled()
    assert notes == ()
    as_it_is, _ = filled((1.0,) * 4)
    assert strengthened > max(as_it_is + 0.1, 0.9)
