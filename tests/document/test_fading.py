"""Fading what was done to a photo: exact at both ends, anew every time, in its place only."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from app.document.document import Document
from app.document.history_snapshot import HistorySnapshot, restore_edits
from app.document.retouching.fading import FADED, FadableStep, Fade, list_fadable
from app.document.retouching.restoring_stroke import RestoringStroke
from inpaint_core.contract.geometry import Rect
from inpaint_core.contract.options import FillOptions
from inpaint_core.photo.photo import Photo
from inpaint_core.project.model import Part, Recipe

FIRST, SECOND = Rect(200, 100, 120, 90), Rect(290, 150, 80, 60)
KINDS = pytest.mark.parametrize(
    ("dtype", "has_alpha"), [(np.uint8, False), (np.uint16, False), (np.uint8, True)]
)
State = tuple[NDArray[Any], NDArray[Any] | None]


def opened(dtype: type = np.uint8, has_alpha: bool = False, memory: int = 1 << 29) -> Document:
    random, top = np.random.default_rng(1), int(np.iinfo(dtype).max)
    pixels = random.integers(0, top, (300, 400, 3), dtype)
    alpha = random.integers(0, top, (300, 400), dtype) if has_alpha else None
    return Document(Photo(pixels, alpha=alpha), history_bytes=memory)


def fill(document: Document, rect: Rect, seed: int, **options: Any) -> None:
    """As an engine's result, which differs nowhere but in a part of its rectangle."""
    around = rect.grow(20)
    pixels = document.read_filled(around).pixels.copy()
    alpha = None if document.alpha is None else document.alpha[around.slices].copy()
    inside = rect.translate(-around.x, -around.y).slices
    random = np.random.default_rng(seed)
    for array in (pixels, alpha):
        if array is not None:
            shape, top = array[inside].shape, int(np.iinfo(array.dtype).max)
            array[inside] = random.integers(0, top, shape, array.dtype)
    mask = Part.of(rect, np.full((rect.h, rect.w), 255, np.uint8))
    recipe = Recipe(mask, FillOptions())
    document.apply_fill(around, pixels, alpha=alpha, recipe=recipe, **options)


def state(document: Document) -> State:
    alpha = None if document.alpha is None else document.alpha.copy()
    return document.pixels.copy(), alpha


def equals(one: State, other: State) -> bool:
    return all(map(np.array_equal, one, other))


def fade(document: Document, step: FadableStep, percent: int) -> None:
    faded = Fade(document, step)
    with document.edit(FADED, faded.describe(percent)) as editing:
        faded.apply(editing, percent)


@KINDS
def test_both_ends_are_exact_and_nothing_outside_changes(dtype: type, has_alpha: bool) -> None:
    document = opened(dtype, has_alpha)
    before = state(document)
    fill(document, FIRST, 2)
    after = state(document)
    for percent in (50, 0, 30, 100):
        (step,) = list_fadable(document)
        fade(document, step, percent)
        outside = np.ones(document.shape, np.bool_)
        outside[FIRST.slices] = False
        assert np.array_equal(document.pixels[outside], before[0][outside])
        if percent == 50 and not has_alpha:
            mean = (before[0].astype(float) + after[0]) / 2
            shown = document.pixels[FIRST.slices]
            assert np.abs(shown - mean[FIRST.slices]).max() <= np.iinfo(dtype).max / 255
        assert equals(state(document), before) == (percent == 0)
        assert list_fadable(document)[0].percent == percent
    assert equals(state(document), after)
    document.go_to(2)
    assert not equals(state(document), after)
    assert [entry.values["percent"] for entry in document.history.entries[1:]] == [50, 0, 30, 100]


def test_a_fill_over_a_fill_is_faded_to_that_and_hides_it() -> None:
    document = opened(memory=1)  # all of the history is read back from the disk
    fill(document, FIRST, 2)
    first = state(document)
    fill(document, SECOND, 3)
    both = state(document)
    second, below = list_fadable(document)
    fade(document, second, 0)
    assert equals(state(document), first)
    document.undo()
    fade(document, below, 0)
    common = SECOND.slices
    assert np.array_equal(document.pixels[common], both[0][common])
    kept = document.photo.pixels[100:140, 200:280]
    assert np.array_equal(document.pixels[100:140, 200:280], kept)
    fill(document, FIRST.grow(60), 4)
    assert all(Fade(document, step).is_covered for step in list_fadable(document)[1:])


def test_what_was_painted_back_stays_over_a_faded_fill() -> None:
    document = opened()
    fill(document, FIRST, 2)
    filled = state(document)
    with document.edit("history.restore") as editing:
        stroke = RestoringStroke(editing, document.shape, 30, 1.0)
        stroke.draw_to(220, 150)
        stroke.draw_to(300, 150)
    painted = state(document)
    (step,) = list_fadable(document)
    fade(document, step, 40)
    row = (slice(145, 155), slice(225, 295))
    assert np.array_equal(document.pixels[row], document.photo.pixels[row])
    fade(document, list_fadable(document)[0], 100)
    assert equals(state(document), painted)
    assert np.array_equal(document.read_filled(Rect.whole(document.shape)).pixels, filled[0])


def test_fills_of_one_mask_are_one_step_which_fades_to_the_photo_before_them() -> None:
    document = opened()
    before = state(document)
    fill(document, FIRST, 2)
    fill(document, FIRST, 5, name="history.variation", keep_restored=True)
    (step,) = list_fadable(document)
    assert (step.first, step.index) == (0, 1)
    fade(document, step, 0)
    assert equals(state(document), before)


def test_a_project_s_fills_can_be_faded_on() -> None:
    document = opened()
    fill(document, FIRST, 2)
    after = state(document)
    fade(document, list_fadable(document)[0], 25)
    edits = dict(HistorySnapshot.of(document).edits())
    again = opened()
    restore_edits(again, tuple(edits[at] for at in sorted(edits)), len(edits))
    assert equals(state(again), state(document))
    (step,) = list_fadable(again)
    assert step.percent == 25
    fade(again, step, 100)
    assert equals(state(again), after)
