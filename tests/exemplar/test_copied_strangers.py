"""Things that occur once in the photo and must not be copied into the hole."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from textures import box, view

from inpaint_core.contract.arrays import BoolMask, FloatImage
from inpaint_core.contract.options import FillOptions
from inpaint_core.contract.progress import Progress
from inpaint_core.contract.request import InpaintRequest
from inpaint_core.engine.context_crops import build_view, find_context_crops
from inpaint_core.exemplar.coarse_to_fine import CoarseToFineFill
from inpaint_core.exemplar.pyramid import build_pyramid
from inpaint_core.exemplar.strangers.copied_strangers import find_copied_strangers
from inpaint_core.exemplar.strangers.window_histograms import measure_window_histograms
from inpaint_core.exemplar.synthesis import WITHOUT_STRANGERS, synthesise
from inpaint_core.exemplar.thread_team import ThreadTeam
from inpaint_core.raster.soft_mask import soften

SHAPE = (200, 280)
HOLE = box(SHAPE, 40, 30, 120, 120)
RED = np.float32([0.8, 0.1, 0.15])
TOY = (100, 220)
"""The centre of the toy, outside of `HOLE`."""


def lawn() -> FloatImage:
    """Green grain."""
    grain = np.random.default_rng(2).normal(0, 0.08, (*SHAPE, 1)).astype(np.float32)
    soft = cv2.GaussianBlur(grain, (0, 0), 1)[..., None] * 3
    return np.clip(np.float32([0.3, 0.55, 0.25]) + soft, 0, 1).astype(np.float32)


def put_toy(image: FloatImage, y: int, x: int) -> None:
    cv2.circle(image, (x, y), 18, RED.tolist(), -1)
    cv2.circle(image, (x, y), 8, (0.95, 0.9, 0.2), -1)


def copy_into(image: FloatImage, y: int, x: int) -> NDArray[np.int32]:
    """The offsets of a fill that copies the toy to (y, x) and lawn from above elsewhere."""
    offsets = np.zeros((*SHAPE, 2), np.int32)
    offsets[HOLE] = (-41, 0)
    offsets[:, :, 0] = np.where(HOLE & (np.indices(SHAPE)[0] >= 80), 42, offsets[:, :, 0])
    near = HOLE & (np.hypot(*(np.indices(SHAPE) - np.reshape((y, x), (2, 1, 1)))) < 24)
    offsets[near] = (TOY[0] - y, TOY[1] - x)
    rows, columns = np.nonzero(near)
    image[near] = image[rows + TOY[0] - y, columns + TOY[1] - x]
    return offsets


def find(image: FloatImage, offsets: NDArray[np.int32]) -> BoolMask:
    return find_copied_strangers(image * np.float32(255), HOLE, offsets)


def test_the_whole_thing_is_found_where_it_lies_in_the_photo() -> None:
    image = lawn()
    put_toy(image, *TOY)
    found = find(image, copy_into(image, 100, 90))
    toy = np.hypot(*(np.indices(SHAPE) - np.reshape(TOY, (2, 1, 1)))) < 18
    assert found[toy].mean() > 0.95
    assert found.sum() < 5 * toy.sum()
    assert not (found & HOLE).any()


def test_what_occurs_several_times_may_occur_once_more() -> None:
    image = lawn()
    for y, x in (TOY, (35, 250), (170, 240), (20, 60)):
        put_toy(image, y, x)
    assert not find(image, copy_into(image, 100, 90)).any()


def test_what_the_border_continues_belongs_there() -> None:
    image = lawn()
    put_toy(image, *TOY)
    assert not find(image, copy_into(image, 100, 145)).any()


def test_texture_is_no_stranger() -> None:
    image = lawn()
    put_toy(image, *TOY)  # in the photo, but not copied
    offsets = np.zeros((*SHAPE, 2), np.int32)
    offsets[HOLE] = (0, -29)
    assert not find(image, offsets).any()


def test_a_stranger_is_filled_over_unless_a_person_chose_the_source() -> None:
    """The guide shows the toy once more, so that it is copied."""
    image = lawn()
    put_toy(image, *TOY)
    guide = image.copy()
    put_toy(guide, 100, 90)
    made = {}
    for is_chosen in (False, True):
        seen = view(image, HOLE, guide=guide, trust=0.9, is_source_chosen=is_chosen)
        made[is_chosen] = synthesise(seen, Progress())
    red = {k: np.abs(fill.image - RED).max(axis=2)[HOLE] < 0.2 for k, fill in made.items()}
    assert red[True].sum() > 300
    assert red[False].sum() == 0
    assert made[False].notes[-1:] == (WITHOUT_STRANGERS,)
    assert WITHOUT_STRANGERS not in made[True].notes
    rows, columns = np.nonzero(HOLE)
    offsets = made[False].products["offsets"][HOLE]
    copied = image[rows + offsets[:, 0], columns + offsets[:, 1]]
    assert (np.abs(copied - RED).max(axis=1) > 0.2).all()


@pytest.mark.parametrize("is_chosen", [False, True])
def test_a_view_knows_whether_a_person_chose_the_source(is_chosen: bool) -> None:
    image = (lawn() * 255).astype(np.uint8)
    mask = np.where(HOLE, 255, 0).astype(np.uint8)
    source = np.ones(SHAPE, bool) if is_chosen else None
    protect = box(SHAPE, 0, 0, 10, 10)
    request = InpaintRequest(image, mask, FillOptions(source=source, protect=protect))
    soft = soften(mask, 0, 0.0)
    (crop,) = find_context_crops(request, soft)
    assert build_view(request, soft, crop.rect).is_source_chosen is is_chosen


def test_a_fill_goes_on_with_what_is_left_or_not_at_all() -> None:
    image = lawn()
    levels = build_pyramid(view(image, HOLE), 3, Progress())
    toy, most = box(SHAPE, 80, 200, 40, 40), box(SHAPE, 0, 0, 200, 200)
    with ThreadTeam(Progress(), 1) as team:
        fill = CoarseToFineFill(levels, 3, 0, team)
        assert fill.without(most) is None
        another = fill.without(toy)
        assert another is not None
        another.fill_to(0, Progress())
        rows, columns = np.nonzero(HOLE)
        offsets = another.pick_offsets()[HOLE]
    assert not toy[rows + offsets[:, 0], columns + offsets[:, 1]].any()


@given(st.integers(0, 2**32 - 1))
@settings(max_examples=10, deadline=None)
def test_windows_are_alike_from_0_to_1(seed: int) -> None:
    rng = np.random.default_rng(seed)
    colours = rng.uniform(0, 255, (24, 30, 3)).astype(np.float32)
    colours[:, :15] = rng.uniform(0, 255, 3)
    known = rng.random((24, 30)) < 0.8
    known[:8, 22:] = False
    windows = measure_window_histograms(colours, known, 2)
    alike = windows.reshape(-1, windows.shape[2]) @ windows.reshape(-1, windows.shape[2]).T
    assert alike.min() >= 0
    assert alike.max() <= 1 + 1e-5
    own = np.diag(alike).reshape(24, 30)
    assert np.allclose(own[own > 0], 1, atol=1e-4)
    assert own[2, 27] == 0
    assert np.allclose(windows[4, 4], windows[18, 6], atol=1e-4)  # both plain


def test_windows_without_a_colour_in_common_differ() -> None:
    colours = np.zeros((20, 40, 3), np.float32)
    colours[:, :20], colours[:, 20:] = (200, 20, 20), (20, 60, 200)
    windows = measure_window_histograms(colours, np.ones((20, 40), bool), 2)
    across = float(windows[10, 5] @ windows[10, 35])
    assert 0.25 < across < 0.6  # neither shows an edge
