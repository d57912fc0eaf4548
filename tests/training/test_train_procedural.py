"""Drawn pictures to train on."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from tiny import of

from inpaint_core.lab.training.photo_archive import PhotoArchive
from inpaint_core.lab.training.procedural.canvas import draw_palette
from inpaint_core.lab.training.procedural.fences import draw_bars, draw_fence
from inpaint_core.lab.training.procedural.noise import fractal_noise, sample_mirrored
from inpaint_core.lab.training.procedural.scenes import SCENES, Scene, draw_picture
from inpaint_core.lab.training.procedural.tilings import line_share
from inpaint_core.lab.training.samples import SampleMixture, make_sample
from inpaint_core.networks.tsgl.config import BASE


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32), st.sampled_from([64, 128, 192]))
def test_a_picture_is_a_picture_and_always_the_same(seed: int, side: int) -> None:
    drawn = draw_picture(np.random.default_rng(seed), side)
    assert drawn.shape == (side, side, 3)
    assert drawn.dtype == np.float32
    assert np.isfinite(drawn).all()
    assert drawn.min() >= 0
    assert drawn.max() <= 1
    np.testing.assert_array_equal(drawn, draw_picture(np.random.default_rng(seed), side))


@pytest.mark.parametrize("scene", SCENES)
def test_every_kind_differs_from_picture_to_picture(scene: Scene) -> None:
    drawn = [scene(np.random.default_rng(seed), 64) for seed in range(12)]
    assert all(np.isfinite(one).all() and one.shape == (64, 64, 3) for one in drawn)
    apart = [np.abs(one - other).mean() for one, other in pairwise(drawn)]
    assert np.median(apart) > 0.05


def test_shares_add_up() -> None:
    assert sum(SCENES.values()) == pytest.approx(1.0)


def test_statistics_are_near_those_of_photos() -> None:
    drawn = np.stack([draw_picture(np.random.default_rng([3, n]), 64) for n in range(80)])
    means = drawn.mean(axis=(1, 2, 3))
    assert 0.2 < means.mean() < 0.6
    assert means.min() > 0.03, "no black pictures"
    assert means.max() < 0.93, "no white ones"
    red, green, blue = drawn.reshape(-1, 3).T
    assert np.corrcoef(red, green)[0, 1] > 0.85
    assert np.corrcoef(green, blue)[0, 1] > 0.7


def test_bars_leave_what_is_between_them() -> None:
    behind = np.zeros((96, 96, 3), np.float32)
    behind[..., 1] = 1.0
    for seed in range(6):
        for before in (draw_bars, draw_fence):
            found = before(np.random.default_rng(seed), 96, behind)
            bare = (found == behind).all(axis=2)
            assert 0.03 < bare.mean() < 0.999


def test_a_line_covers_its_share_of_any_footprint() -> None:
    at = np.linspace(-3, 3, 6001, dtype=np.float32)[None]
    for foot in (0.01, 0.3, 1.0, 7.5):
        covered = line_share(at, 0.2, np.full_like(at, foot))
        assert covered.mean() == pytest.approx(0.2, abs=0.01)
        assert covered.min() > -1e-3
        assert covered.max() < 1 + 1e-3
    sharp = line_share(at, 0.2, np.full_like(at, 0.001))[0]
    away = np.abs(at[0] - np.rint(at[0]))
    assert (sharp[away < 0.095] > 0.99).all()
    assert (sharp[away > 0.105] < 0.01).all()


def test_noise_repeats_without_seams() -> None:
    field = fractal_noise(np.random.default_rng(0), 64, 16, 3)
    assert 0.5 < field.std() < 2
    at = np.arange(0, 400, 0.5, dtype=np.float32)[None].repeat(2, axis=0)
    rows = sample_mirrored(field, at, np.full_like(at, 20))
    inner = np.abs(np.diff(field, axis=1)).max()
    assert np.abs(np.diff(rows, axis=1)).max() < inner


def test_colours_of_a_palette_keep_to_few_hues() -> None:
    colours = draw_palette(np.random.default_rng(4), 200, 1)
    assert colours.shape == (200, 3)
    dim = colours[colours.max(axis=1) < 0.95]
    ratios = dim / dim.sum(axis=1, keepdims=True)
    assert ratios.std(axis=0).max() < 0.05
    assert np.ptp(colours.mean(axis=1)) > 0.05


def test_a_share_of_the_samples_is_drawn_and_the_rest_stays(album: Path) -> None:
    photos = PhotoArchive([str(album / "photos")])

    def truths(share: float) -> list[torch.Tensor]:
        return [make_sample(photos, of(BASE), 64, 5, n, mixture=SampleMixture(share)).truth
                for n in range(40)]  # fmt: skip

    plain, mixed, drawn = truths(0.0), truths(0.3), truths(1.0)
    kept = [torch.equal(one, other) for one, other in zip(plain, mixed, strict=True)]
    assert 5 <= kept.count(False) <= 20
    assert all(
        torch.equal(other, whole)
        for same, other, whole in zip(kept, mixed, drawn, strict=True)
        if not same
    )
    assert not any(torch.equal(one, other) for one, other in zip(plain, drawn, strict=True))


def test_samples_without_are_those_from_before_there_were_any(album: Path) -> None:
    """The numbers that decide a sample are drawn in the same order as ever."""
    photos = PhotoArchive([str(album / "photos")])
    rng = np.random.default_rng([7, 3])
    number = int(rng.integers(len(photos)))
    photo = photos.read(number)
    assert photo is not None
    cut = min(int(64 * rng.uniform(1.0, 2.0)), 96)
    y, x = (int(rng.integers(length - cut + 1)) for length in photo.shape[:2])
    mean = photo[y : y + cut, x : x + cut].mean()
    found = (make_sample(photos, of(BASE), 64, 7, 3).truth.mean() + 1) * 127.5
    assert float(found) == pytest.approx(float(mean), abs=1.0)
