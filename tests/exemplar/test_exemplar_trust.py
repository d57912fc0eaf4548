"""How far a guide is followed: as far as texture fits under it."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import pytest
from skimage import data
from textures import box, two_tone, view

from inpaint_core.exemplar import synthesis
from inpaint_core.exemplar.pyramid import build, with_trust
from inpaint_core.exemplar.synthesis import IGNORED, synthesise
from inpaint_core.progress import Progress


@pytest.mark.parametrize("trust", [0.25, 0.5])
def test_a_guide_is_left_out_where_the_photo_does_not_have_what_it_shows(trust: float) -> None:
    image = two_tone((110, 160), 55)
    hole = box(image.shape[:2], 25, 50, 60, 60)
    turned = two_tone((160, 160), 80).transpose(1, 0, 2)[:110]  # sky beside ground, not over it
    tested = synthesise(view(image, hole, guide=turned, trust=trust), Progress())
    free = synthesise(view(image, hole), Progress())
    assert tested.notes == (IGNORED,)
    assert np.array_equal(tested.image, free.image)


@pytest.mark.parametrize(
    ("fits", "chosen", "begun"),
    [
        ((10, 10.9, 9), 1, 2),
        ((10, 11.1, 10.9), 2, 3),
        ((10, 12, 11.1), 0, 3),
        ((0, 0, 0), 1, 2),
    ],
)
def test_a_guide_is_trusted_as_far_as_texture_fits(
    fits: tuple[float, ...], chosen: int, begun: int
) -> None:
    @dataclass
    class Rival:
        fit: float
        reached: int | None = None

        def to(self, last: int, progress: Progress) -> None:
            self.reached = last

        def misfit(self) -> float:
            return self.fit

    image = two_tone((110, 160), 55)
    levels = build(view(image, box(image.shape[:2], 25, 50, 60, 60)), 3, Progress())
    rivals = [Rival(fit) for fit in fits]
    taken, _ = synthesis._fitting(rivals, levels, Progress())  # type: ignore[arg-type]
    assert taken is rivals[chosen]
    assert [rival.reached for rival in rivals] == [1] * begun + [None] * (3 - begun)


def test_less_trust_is_less_trust_in_the_copy_alone() -> None:
    image = two_tone((110, 160), 55)
    hole = box(image.shape[:2], 25, 50, 60, 60)
    whole = build(view(image, hole, guide=image, trust=0.5), 3, Progress())[1]
    half = build(view(image, hole, guide=image, trust=0.25), 3, Progress())[1]
    free = build(view(image, hole), 3, Progress())[1]
    before = whole.f.copy()
    assert np.allclose(with_trust(whole, 0.5).f, half.f)
    assert np.array_equal(with_trust(whole, 0).f, free.f)
    assert np.array_equal(whole.f, before)


def test_a_guide_that_the_photo_bears_out_is_followed() -> None:
    small = cv2.resize(data.astronaut(), None, fx=0.4, fy=0.4, interpolation=cv2.INTER_AREA)
    truth = small.astype(np.float32) / np.float32(255)
    hole = box(truth.shape[:2], 82, 82, 40, 40)
    guide = cv2.GaussianBlur(truth, (0, 0), 4)
    fill = synthesise(view(truth, hole, guide=guide, trust=0.5), Progress())
    free = synthesise(view(truth, hole), Progress())
    errors = [np.abs(f.image - truth)[hole].mean() for f in (fill, free)]
    assert fill.notes == ()
    assert errors[0] < 0.85 * errors[1]
