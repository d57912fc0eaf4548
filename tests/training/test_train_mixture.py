"""Whole views, regular structure, and the mixture of samples."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from tiny import of

from inpaint_core.lab.training.config import parse_table
from inpaint_core.lab.training.hole_sampler import OBJECTS, HoleSampler
from inpaint_core.lab.training.photo_archive import PhotoArchive
from inpaint_core.lab.training.procedural.landscapes import draw_landscape
from inpaint_core.lab.training.procedural.regular_structure import (
    SCREENS,
    WALLS,
    draw_regular_structure,
)
from inpaint_core.lab.training.samples import CROPS, SampleMixture, make_sample
from inpaint_core.lab.training.trainer import Trainer
from inpaint_core.networks.inputs import Batch
from inpaint_core.networks.tsgl.config import BASE

shares = st.floats(0, 1)


def samples(album: Path, mixture: SampleMixture, numbers: range = range(30)) -> list[Batch]:
    photos = PhotoArchive([str(album / "photos")])
    return [make_sample(photos, of(BASE), 64, 5, n, mixture=mixture) for n in numbers]


def same(one: Batch, other: Batch) -> bool:
    """Whether two samples are equal in everything that a network sees or learns from."""
    pairs = zip(one.inputs.tensors().values(), other.inputs.tensors().values(), strict=True)
    maps = [*pairs, (one.truth, other.truth), (one.targets["edges"], other.targets["edges"])]
    return all(a is b or (a is not None and b is not None and torch.equal(a, b)) for a, b in maps)


@pytest.mark.parametrize("name", ["structure", "whole_views"])
def test_a_share_of_the_samples_changes_and_the_rest_stays(album: Path, name: str) -> None:
    plain, some, more, every = (
        samples(album, SampleMixture(**{name: share})) for share in (0.0, 0.3, 0.6, 1.0)
    )
    kept = [same(one, other) for one, other in zip(plain, some, strict=True)]
    assert 3 <= kept.count(False) <= 16
    for before, now, later, last in zip(plain, some, more, every, strict=True):
        assert not same(before, last)
        assert same(now, before) or (same(now, last) and same(later, last))
    assert all(map(same, plain, samples(album, CROPS)))


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 99), shares, shares, shares, st.sampled_from([64, 128]))
def test_a_sample_of_any_mixture_is_a_function_of_its_number(
    album: Path, number: int, drawn: float, structure: float, whole: float, side: int
) -> None:
    photos = PhotoArchive([str(album / "photos")])
    mixture = SampleMixture(drawn, structure, whole)
    one, again = (make_sample(photos, of(BASE), side, 1, number, mixture=mixture) for _ in range(2))
    assert same(one, again)
    assert one.truth.shape == (1, 3, side, side)
    assert one.truth.abs().max() <= 1
    assert 0 < float(one.inputs.known.mean()) < 1


def test_a_whole_view_shows_nearly_the_whole_photo_in_its_proportions(tmp_path: Path) -> None:
    """Of circles of a tenth of the shorter side, wherever they are."""
    photo = np.full((300, 400, 3), 255, np.uint8)
    for y in range(50, 300, 100):
        for x in range(50, 400, 100):
            cv2.circle(photo, (x, y), 30, (0, 0, 0), -1)
    Image.fromarray(photo).save(tmp_path / "one.png")
    photos = PhotoArchive([str(tmp_path)])
    widths = []
    for number in range(12):
        batch = make_sample(
            photos, of(BASE), 128, 0, number, mixture=SampleMixture(whole_views=1.0)
        )
        dark = (batch.truth[0, 0].numpy() < 0).astype(np.uint8)
        _, _, stats, _ = cv2.connectedComponentsWithStats(dark)
        x, y, w, h, _ = stats.T
        inner = (x[1:] > 0) & (y[1:] > 0) & (x[1:] + w[1:] < 128) & (y[1:] + h[1:] < 128)
        assert inner.sum() >= 4
        assert (np.abs(w[1:] - h[1:])[inner] <= 1).all()  # round
        widths += list(w[1:][inner])
    # The shorter side of 300 pixels, or at least 0.8 of it, became 128.
    assert 61 * 128 / 300 - 2 <= min(widths) < max(widths) <= 61 * 128 / 240 + 2
    assert max(widths) - min(widths) >= 3


@settings(max_examples=40, deadline=None)
@given(
    st.integers(0, 10_000),
    st.sampled_from([64, 96, 128]),
    st.sampled_from([OBJECTS, (0.04, 0.3), (0.3, 0.31)]),
)
def test_objects_cover_the_wanted_share(seed: int, side: int, share: tuple[float, float]) -> None:
    hole = HoleSampler().draw_objects(np.random.default_rng(seed), side, share)
    assert hole.shape == (side, side)
    assert hole.dtype == bool
    assert share[0] < hole.mean() <= share[1]
    again = HoleSampler().draw_objects(np.random.default_rng(seed), side, share)
    np.testing.assert_array_equal(hole, again)


def test_objects_are_silhouettes_where_there_are_some(tmp_path: Path) -> None:
    white = np.zeros((90, 60), np.uint8)
    white[10:80, 20:40] = 255  # upright, 70 by 20
    Image.fromarray(white).save(tmp_path / "one.png")
    holes = HoleSampler(PhotoArchive([str(tmp_path)]))
    filled = []
    for seed in range(30):
        hole = holes.draw_objects(np.random.default_rng(seed), 96)
        count, _, stats, _ = cv2.connectedComponentsWithStats(hole.astype(np.uint8))
        filled += [stats[k, 4] / (stats[k, 2] * stats[k, 3]) for k in range(1, count)]
    assert np.median(filled) == 1  # boxes


def test_sizes_of_objects_spread_over_the_scale() -> None:
    found = [HoleSampler().draw_objects(np.random.default_rng(s), 64).mean() for s in range(80)]
    middle = np.sqrt(OBJECTS[0] * OBJECTS[1])
    assert 0.3 < np.mean(np.array(found) < middle) < 0.75


@pytest.mark.parametrize("draw", SCREENS)
def test_a_screen_leaves_what_is_behind_it(draw: object) -> None:
    behind = np.zeros((96, 96, 3), np.float32)
    behind[..., 1] = 1.0
    drawn = []
    for seed in range(8):
        found = draw(np.random.default_rng(seed), 96, behind)  # type: ignore[operator]
        assert np.isfinite(found).all()
        drawn.append(float((found == behind).all(axis=2).mean()))
    assert all(0.02 < bare < 1 for bare in drawn)
    assert np.mean(drawn) < 0.97


def count_turns(picture: np.ndarray) -> float:
    """How often the brightness crosses its mean along a row or a column, whichever is more."""
    grey = cv2.GaussianBlur(picture.mean(axis=2), (0, 0), 1.0)
    ways = [np.diff(np.sign(plane - plane.mean(axis=0)), axis=0) for plane in (grey, grey.T)]
    return max(float((way != 0).sum(axis=0).mean()) for way in ways)


def test_structure_repeats() -> None:
    assert sum(WALLS.values()) == pytest.approx(sum(SCREENS.values())) == pytest.approx(1)
    drawn = [draw_regular_structure(np.random.default_rng(seed), 64) for seed in range(24)]
    plain = [draw_landscape(np.random.default_rng(seed), 64) for seed in range(24)]
    assert np.median([*map(count_turns, drawn)]) > 1.6 * np.median([*map(count_turns, plain)])
    assert all(p.min() >= 0 and p.max() <= 1 and p.dtype == np.float32 for p in drawn)
    assert np.median([np.abs(a - b).mean() for a, b in pairwise(drawn)]) > 0.05


@pytest.mark.usefixtures("_tiny")
def test_training_resumes_with_the_same_samples(album: Path, tmp_path: Path) -> None:
    """Of all kinds, and with the same chances for the discriminator."""

    def run(steps: int, out: str) -> Trainer:
        trainer = Trainer(
            parse_table(
                {
                    "photos": [str(album / "photos")], "validation": [str(album / "photos")],
                    "out": str(tmp_path / out), "network": "base", "device": "cpu", "batch": 2,
                    "sizes": [[0, 64]], "steps": steps, "workers": 1, "precision": "float32",
                    "procedural": 0.2, "structure": 0.4, "whole_views": 0.5, "border": 0.5,
                    "adversarial": 0.1, "augment": ["colour", "translation", "cutout"],
                    "schedule": "constant", "validation_samples": 1, "seed": 3,
                }
            )
        )  # fmt: skip
        trainer.run(lambda line: None)
        return trainer

    whole = run(2, "whole")
    run(1, "parts")
    parts = run(2, "parts")
    assert whole.skipped == parts.skipped == 0
    for name, value in whole.generator.state_dict().items():
        assert torch.equal(value, parts.generator.state_dict()[name]), name
    assert whole.discriminator is not None
    assert parts.discriminator is not None
    for name, value in whole.discriminator.state_dict().items():
        assert torch.equal(value, parts.discriminator.state_dict()[name]), name
