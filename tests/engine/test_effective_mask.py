"""A hole grows by itself over the soft edge of what a tight mask covers, and over nothing else."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import cv2
import numpy as np
import pytest
import skimage.data
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from inpaint_core.contract.geometry import Rect
from inpaint_core.contract.message import Message
from inpaint_core.contract.options import FillOptions
from inpaint_core.contract.progress import Progress
from inpaint_core.contract.request import InpaintRequest
from inpaint_core.engine.effective_mask import MOST_WIDENED, find_effective_mask
from inpaint_core.engine.engine import Engine
from inpaint_core.raster.soft_mask import soften

Y, X = np.mgrid[:220, :420]
GRAVEL = np.stack([skimage.data.gravel()[:220, :420]] * 3, axis=2) * 0.4 + 20
FIRST, SECOND = np.hypot(Y - 110, X - 110) - 50, np.hypot(Y - 110, X - 310) - 40
"""Pixels outside of two discs."""


def scene(*covers: NDArray[np.bool_], blur: float = 1.5) -> NDArray[np.uint8]:
    """Bright things with soft edges on gravel."""
    image = GRAVEL
    for cover in covers:
        strength = cv2.GaussianBlur(cover.astype(np.float32), (0, 0), blur)[..., None]
        image = strength * (30, 60, 250) + (1 - strength) * image
    return np.rint(image).astype(np.uint8)


def ask(image: NDArray[np.uint8], hole: NDArray[np.bool_], **options: Any) -> InpaintRequest:
    return InpaintRequest(image, hole.astype(np.uint8) * 255, FillOptions("harmonic", **options))


def strength(request: InpaintRequest) -> NDArray[np.uint8]:
    return find_effective_mask(request).mask.over(Rect.whole(request.mask.shape))


@pytest.mark.parametrize("blur", [1.0, 1.5, 2.0])
def test_it_grows_until_nothing_of_the_edge_is_left(blur: float) -> None:
    image = scene(FIRST < 0, blur=blur)
    found = find_effective_mask(ask(image, FIRST < 0))
    (note,) = found.notes
    pixels = int(str(note.values["pixels"]))
    assert note == Message("engine.widened", pixels=pixels)
    assert blur <= pixels <= min(3 * blur, MOST_WIDENED)
    assert found.warnings == ()
    grown = find_effective_mask(ask(image, FIRST < 0, grow=pixels)).mask
    assert found.mask.rect == grown.rect
    assert np.array_equal(found.mask.strength, grown.strength)
    result = Engine().inpaint(ask(image, FIRST < 0), Progress())
    assert note in result.notes
    outside = result.applied_to(image)[FIRST > 0].astype(int)
    left = outside[..., 2] - outside[..., 1]  # gravel is grey, the disc is blue
    assert left.max() < 0.15 * (image[110, 110, 2].astype(int) - image[110, 110, 1])


@pytest.mark.parametrize("more", [8, 20, -20])
def test_a_mask_that_ends_elsewhere_stays_as_it_is(more: int) -> None:
    image, hole = scene(FIRST < 0), more > FIRST
    found = find_effective_mask(ask(image, hole))
    assert (found.notes, found.warnings) == ((), ())
    assert np.array_equal(strength(ask(image, hole)), strength(ask(image, hole, grow=0)))


def test_a_number_is_taken_as_it_is_and_a_rim_is_told() -> None:
    image = scene(FIRST < 0)
    for grow in (-2, 0, 1):
        found = find_effective_mask(ask(image, FIRST < 0, grow=grow))
        plain = soften((FIRST < 0).astype(np.uint8) * 255, grow, 2.0)
        assert np.array_equal(found.mask.strength, plain.strength)
        assert found.notes == ()
        assert [warning.key for warning in found.warnings] == ["engine.tight_mask"]


def test_each_hole_grows_by_itself() -> None:
    image = scene(FIRST < 0, SECOND < 0)
    tight, wide = FIRST < 0, SECOND < 12
    both = strength(ask(image, tight | wide))
    assert np.array_equal(both[:, :210], strength(ask(image, tight))[:, :210])
    assert np.array_equal(both[:, 210:], strength(ask(image, wide, grow=0))[:, 210:])
    assert (both[:, :210] == 255).sum() > tight.sum()


@pytest.mark.parametrize("option", ["protect", "source"])
def test_nothing_that_is_marked_is_grown_over(option: str) -> None:
    image, hole = scene(FIRST < 0), FIRST < 0
    marked = (X > 120) & ~hole
    free, kept = strength(ask(image, hole)), strength(ask(image, hole, grow=0))
    found = strength(ask(image, hole, **{option: marked}))
    assert np.array_equal(found[marked], kept[marked])
    assert np.array_equal(found[~marked], free[~marked])
    assert (found != kept).any()


def test_something_to_copy_from_is_left() -> None:
    image, hole = scene(FIRST < 0), FIRST < 0
    ring = FIRST > 2
    found = find_effective_mask(ask(image, hole, protect=ring))
    assert found.notes == ()
    assert not ring[found.mask.over(Rect.whole(hole.shape)) == 0].all()


def test_what_is_transparent_says_nothing() -> None:
    request = ask(scene(FIRST < 0), FIRST < 0)
    alpha = np.full(FIRST.shape, 255, np.uint8)
    opaque = replace(request, alpha=alpha)
    assert np.array_equal(strength(opaque), strength(request))
    alpha = np.where(np.abs(FIRST) < 3, 250, alpha).astype(np.uint8)
    assert find_effective_mask(replace(request, alpha=alpha)).notes == ()


@given(st.integers(0, 2**32 - 1))
def test_only_the_hole_that_is_reported_changes(seed: int) -> None:
    rng = np.random.default_rng(seed)
    mask = np.zeros((90, 120), np.uint8)
    image = np.ascontiguousarray(skimage.data.astronaut()[60:150, 150:270])
    for _ in range(int(rng.integers(1, 4))):
        x, y = int(rng.integers(120)), int(rng.integers(90))
        axes = (int(rng.integers(4, 18)), int(rng.integers(4, 18)))
        cv2.ellipse(mask, (x, y), axes, 0, 0, 360, int(rng.integers(1, 256)), -1)
        image[mask > 200] = rng.integers(0, 256, 3)
    image = cv2.GaussianBlur(image, (0, 0), 1.0).astype(np.uint8)
    request = InpaintRequest(image, mask, FillOptions("harmonic"))
    result = Engine().inpaint(request, Progress())
    reported = np.zeros(mask.shape, np.uint8)
    reported[result.rect.slices] = result.strength
    assert (reported[mask > 0] > 0).all()
    filled = result.applied_to(image)
    assert np.array_equal(filled[reported == 0], image[reported == 0])
    reach = MOST_WIDENED + 3
    around = cv2.dilate(mask, np.ones((2 * reach + 1, 2 * reach + 1), np.uint8))
    assert (reported[around == 0] == 0).all()
