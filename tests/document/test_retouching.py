"""Taking back, cloning and healing: exact where it must be, in any order, at any depth."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import DTypeLike, NDArray

from app.document.document import Document
from app.document.history_snapshot import HistorySnapshot, restore_edits
from app.document.retouching import colour_change
from app.document.retouching.copy_placement import CopyPlacement
from app.document.retouching.copy_stroke import CopyStroke, HealingStroke
from app.document.retouching.restoring_stroke import RestoringStroke
from inpaint_core.contract.choices import Layer
from inpaint_core.contract.geometry import Rect
from inpaint_core.photo.photo import Photo

SHAPE = (150, 300)
WHOLE = Rect.whole(SHAPE)
LAYERS: tuple[Layer, ...] = ("pixels", "restored", "filled", "alpha", "filled_alpha")


def noise(seed: int, dtype: DTypeLike, *shape: int) -> NDArray[np.uint8]:
    full = int(np.iinfo(np.dtype(dtype)).max)
    return np.random.default_rng(seed).integers(0, full, shape, dtype, endpoint=True)


def opened(dtype: DTypeLike = np.uint8, has_alpha: bool = False) -> Document:
    alpha = noise(2, dtype, *SHAPE) if has_alpha else None
    return Document(Photo(noise(1, dtype, *SHAPE, 3), alpha))


def filled(document: Document, rect: Rect, seed: int) -> None:
    dtype = document.photo.pixels.dtype
    alpha = None if document.alpha is None else noise(seed + 1, dtype, rect.h, rect.w)
    document.apply_fill(rect, noise(seed, dtype, rect.h, rect.w, 3), alpha=alpha)


def restore(
    document: Document, path: list[tuple[float, float]], size: float, hardness: float, puts: bool
) -> None:
    with document.edit("history.unrestore" if puts else "history.restore") as editing:
        stroke = RestoringStroke(editing, SHAPE, size, hardness, puts)
        for x, y in path:
            stroke.draw_to(x, y)
        stroke.finish()


def state(document: Document) -> tuple[bytes, ...]:
    held = LAYERS if document.alpha is not None else LAYERS[:3]
    return tuple(document.read(layer).tobytes() for layer in held)


points = st.tuples(st.floats(-20, 320), st.floats(-20, 170))
paths = st.lists(points, min_size=1, max_size=3)
strokes = st.tuples(paths, st.floats(1, 90), st.floats(0, 1), st.booleans())
steps = st.one_of(strokes, st.integers(0, 9), st.just("fill"))


@given(steps=st.lists(steps, max_size=7), dtype=st.sampled_from([np.uint8, np.uint16]),
       has_alpha=st.booleans())  # fmt: skip
@settings(max_examples=25)
def test_in_any_order_with_undo_both_come_back_bit_for_bit(
    steps: list[object], dtype: DTypeLike, has_alpha: bool
) -> None:
    document = opened(dtype, has_alpha)
    filled(document, Rect(40, 30, 200, 90), 5)
    states = {document.history.state: state(document)}
    for number, step in enumerate(steps):
        if isinstance(step, int):
            document.go_to(min(step, len(document.history.entries) - 1) + 1)
            assert state(document) == states[document.history.state]
        elif step == "fill":
            filled(document, Rect(100, 10, 60, 100), 20 + number)
        else:
            restore(document, *step)  # type: ignore[misc]
        states[document.history.state] = state(document)
    under = document.read_filled(WHOLE)
    kept = under.pixels.copy(), None if under.alpha is None else under.alpha.copy()
    restored = document.read("restored")
    free = restored == 0
    assert np.array_equal(document.pixels[free], kept[0][free])
    full = restored == 255
    assert np.array_equal(document.pixels[full], document.photo.pixels[full])
    everywhere = [(-20.0, 75.0), (320.0, 75.0)]
    restore(document, everywhere, 400, 1, puts=False)
    assert np.array_equal(document.pixels, document.photo.pixels)
    if has_alpha:
        assert document.photo.alpha is not None
        assert np.array_equal(document.read("alpha"), document.photo.alpha)
    restore(document, everywhere, 400, 1, puts=True)
    assert np.array_equal(document.pixels, kept[0])
    if has_alpha:
        assert np.array_equal(document.read("alpha"), kept[1])
    document.go_to(0)
    assert np.array_equal(document.pixels, document.photo.pixels)
    assert not document.read("restored").any()


def test_a_soft_edge_mixes_and_what_was_never_filled_is_no_edit() -> None:
    document = opened()
    rect = Rect(40, 30, 200, 90)
    filled(document, rect, 5)
    restore(document, [(10, 10)], 20, 1, puts=False)
    assert len(document.history.entries) == 1
    fill = document.pixels.copy()
    restore(document, [(140, 75)], 80, 0, puts=False)
    strength = document.read("restored")
    soft = (strength > 0) & (strength < 255)
    assert np.count_nonzero(soft) > 500
    assert not strength[:30].any()
    share = strength[..., None] / 255
    expected = fill * (1 - share) + document.photo.pixels * share
    assert np.abs(document.pixels - expected).max() <= 0.5 + 1e-9


def test_a_new_fill_belongs_to_what_is_put_back() -> None:
    document = opened()
    filled(document, Rect(40, 30, 200, 90), 5)
    restore(document, [(140, 75)], 60, 1, puts=False)
    filled(document, Rect(120, 60, 40, 30), 9)
    newest = document.pixels.copy()
    restore(document, [(140, 75)], 20, 1, puts=True)
    assert np.array_equal(document.pixels, newest)
    restore(document, [(140, 75)], 20, 1, puts=False)
    assert np.array_equal(document.pixels[70:80, 135:145], document.photo.pixels[70:80, 135:145])
    # A variation instead keeps what was painted back.
    shown = document.read("restored").copy()
    rect = Rect(40, 30, 200, 90)
    document.apply_fill(rect, noise(11, np.uint8, 90, 200, 3), clear=None, keep_restored=True)
    assert np.array_equal(document.read("restored"), shown)
    assert np.array_equal(document.pixels[70:80, 135:145], document.photo.pixels[70:80, 135:145])
    assert np.array_equal(document.read_filled(rect).pixels, noise(11, np.uint8, 90, 200, 3))


@pytest.mark.parametrize("has_alpha", [False, True])
def test_a_history_with_it_is_restored_step_by_step(has_alpha: bool) -> None:
    document = opened(np.uint16, has_alpha)
    filled(document, Rect(40, 30, 200, 90), 5)
    restore(document, [(100, 60), (160, 80)], 40, 0.5, puts=False)
    restore(document, [(130, 70)], 15, 1, puts=True)
    document.undo()
    edits = tuple(edit for _, edit in sorted(HistorySnapshot.of(document).edits(), key=first))
    again = Document(document.photo)
    restore_edits(again, edits, document.history.position)
    assert state(again) == state(document)
    for position in (3, 0, 2, 1):
        document.go_to(position)
        again.go_to(position)
        assert state(again) == state(document)


def first(row: tuple[int, object]) -> int:
    return row[0]


# -- copying by hand -------------------------------------------------------------------------------


def copied(
    document: Document,
    kind: type[CopyStroke],
    placement: CopyPlacement,
    path: list[tuple[float, float]],
    size: float = 30,
    hardness: float = 1.0,
) -> NDArray[np.uint8]:
    """Copy along a path; returns how strongly."""
    with document.edit("history.clone") as editing:
        stroke = kind(editing, SHAPE, size, hardness, placement)
        for x, y in path:
            stroke.draw_to(x, y)
        stroke.finish()
        return stroke._strength


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("has_alpha", [False, True])
def test_a_clone_is_bit_for_bit_the_source_as_it_was(dtype: DTypeLike, has_alpha: bool) -> None:
    document = opened(dtype, has_alpha)
    placement = CopyPlacement((60.3, 70.2), (80.1, 70.4))  # so near that it copies what it painted
    strength = copied(document, CopyStroke, placement, [(80, 70), (200, 70)], hardness=0.5)
    before = document.photo.pixels
    shifted = np.roll(before, 20, axis=1)
    hard, none = strength == 255, strength == 0
    assert np.array_equal(document.pixels[hard], shifted[hard])
    assert np.array_equal(document.pixels[none], before[none])
    if has_alpha and document.photo.alpha is not None:
        opacity = np.roll(document.photo.alpha, 20, axis=1)
        assert np.array_equal(document.read("alpha")[hard], opacity[hard])
        assert np.array_equal(document.read("alpha")[none], document.photo.alpha[none])
    document.undo()
    assert np.array_equal(document.pixels, before)
    document.redo()
    assert np.array_equal(document.pixels[hard], shifted[hard])


def test_nothing_is_copied_from_beyond_the_photo() -> None:
    document = opened()
    for kind in (CopyStroke, HealingStroke):
        copied(document, kind, CopyPlacement((10, 75), (290, 75)), [(250, 75), (290, 75)])
        assert np.array_equal(document.pixels[:, :280], document.photo.pixels[:, :280])
        document.undo()
    copied(document, HealingStroke, CopyPlacement((-90, 75), (100, 75)), [(100, 75)])
    assert not document.history.can_undo


def test_a_copy_can_be_taken_back_and_is_in_the_fill_afterwards() -> None:
    document = opened()
    filled(document, Rect(40, 30, 200, 90), 5)
    restore(document, [(140, 75)], 60, 1, puts=False)
    copied(document, CopyStroke, CopyPlacement((60, 75), (140, 75)), [(140, 75)], 20)
    clone = document.pixels.copy()
    assert document.read("restored")[75, 140] == 0
    restore(document, [(140, 75)], 10, 1, puts=False)
    assert np.array_equal(document.pixels[75, 140], document.photo.pixels[75, 140])
    restore(document, [(140, 75)], 14, 1, puts=True)  # over the first one's soft rim as well
    assert np.array_equal(document.pixels, clone)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_a_mirrored_copy_is_bit_for_bit_and_stays_in_the_photo(dtype: DTypeLike) -> None:
    document = opened(dtype, has_alpha=True)
    placement = CopyPlacement((40.3, 70.2), (200.1, 90.4), is_mirrored=True)
    assert placement.find_source(210, 95) == (30, 75)  # to the right shows to the left
    strength = copied(document, CopyStroke, placement, [(190, 90), (270, 90)], 30)
    # Column x of the copy shows column 239 - x; those from 240 on would show what is beyond.
    before, alpha, hard = document.photo.pixels, document.photo.alpha, strength == 255
    assert alpha is not None
    for layer, photo in (("pixels", before), ("alpha", alpha)):
        mirrored = np.roll(photo[:, 239::-1], 20, axis=0)
        now = document.read(layer)  # type: ignore[arg-type]
        assert np.array_equal(now[:, :240][hard[:, :240]], mirrored[hard[:, :240]])
        assert np.array_equal(now[:, 240:], photo[:, 240:])
    assert hard[:, 240:].any()


@pytest.mark.parametrize("kind", [CopyStroke, HealingStroke])
def test_a_faint_copy_shows_its_share_and_does_not_add_up_within_a_stroke(
    kind: type[CopyStroke],
) -> None:
    pixels = np.full((*SHAPE, 3), 40, np.uint8)
    pixels[:, :100] = 200
    if kind is HealingStroke:  # it takes the place's colours: only the texture differs
        pixels[:] = 100
        pixels[::2, 200:] = 140
    document = Document(Photo(pixels))
    placement = CopyPlacement((50.0, 75.0), (220.0, 75.0))
    with document.edit("history.clone") as editing:
        stroke = kind(editing, SHAPE, 24, 1, placement, 0.25)
        for x in (220, 260, 220, 260):
            stroke.draw_to(x, 75)
        stroke.finish()
    found = document.pixels[70:80, 215:265].astype(float)
    if kind is CopyStroke:
        assert (found == 40 + 160 / 4).all()
    else:
        rows = found.mean(axis=(1, 2))
        assert np.ptp(rows) == pytest.approx(40 * 3 / 4, abs=2)  # a quarter of the stripes is gone


@pytest.mark.parametrize("is_mirrored", [False, True])
@pytest.mark.parametrize(("rotation", "scale"), [(90, 1), (-37, 1.5), (0, 2), (180, 0.5)])
def test_turned_and_scaled_copies_show_the_right_place(
    rotation: float, scale: float, is_mirrored: bool
) -> None:
    y, x = np.mgrid[: SHAPE[0], : SHAPE[1]]
    pixels = np.stack([x * 0.6 + 20, y * 1.2 + 20, np.full(SHAPE, 99)], axis=2)
    document = Document(Photo(pixels.round().astype(np.uint8)))
    placement = CopyPlacement((80.0, 75.0), (210.0, 75.0), rotation, scale, is_mirrored)
    assert placement.find_source(210, 75) == pytest.approx((80, 75))
    right = (math.cos(math.radians(rotation)) / scale, -math.sin(math.radians(rotation)) / scale)
    there = (80 - right[0] if is_mirrored else 80 + right[0], 75 + right[1])
    assert placement.find_source(211, 75) == pytest.approx(there)
    copied(document, CopyStroke, placement, [(210, 75)], 40)
    for dx, dy in ((0, 0), (12, 3), (-8, 10), (5, -13)):
        u, v = placement.find_source(210.5 + dx, 75.5 + dy)
        found = document.pixels[75 + dy, 210 + dx].astype(float)
        assert found == pytest.approx(((u - 0.5) * 0.6 + 20, (v - 0.5) * 1.2 + 20, 99), abs=1.5)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_healing_keeps_the_grain_and_takes_the_light_of_the_place(dtype: DTypeLike) -> None:
    rng = np.random.default_rng(4)
    full = int(np.iinfo(np.dtype(dtype)).max)
    light = np.linspace(0.2, 0.8, SHAPE[1])[None, :, None] * np.array([1, 0.8, 0.6])
    grain = rng.normal(0, 0.02, SHAPE)[..., None]
    photo = np.broadcast_to(light, (*SHAPE, 3)) + grain
    photo[60:90, 210:240] = 0.05  # a blemish
    document = Document(Photo((photo * full).round().astype(dtype)))
    placement = CopyPlacement((75.0, 75.0), (225.0, 75.0))
    strength = copied(document, HealingStroke, placement, [(212, 75), (238, 75)], 60)
    inside = np.zeros(SHAPE, np.bool_)
    inside[60:90, 210:240] = True
    assert (strength[inside] == 255).all()
    healed = document.pixels[inside] / full
    wanted = np.broadcast_to(light, (*SHAPE, 3))[inside]
    assert np.abs((healed - wanted).mean(axis=0)).max() < 0.012
    assert 0.015 < healed.std(axis=0).min() < 0.04
    untouched = strength == 0
    assert np.array_equal(document.pixels[untouched], document.photo.pixels[untouched])


@pytest.mark.parametrize("most", [12_000, 100])
def test_a_stroke_is_healed_while_it_goes_on(most: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where it is solved piece by piece, as in a stroke through all of a large photo."""
    monkeypatch.setattr(colour_change, "_MOST_CELLS", most)
    monkeypatch.setattr(colour_change, "_MOST_CELLS_AT_END", most)
    monkeypatch.setattr(colour_change, "_MARGIN", 6)
    light = np.linspace(40, 200, SHAPE[1])[None, :, None]
    document = Document(Photo(np.broadcast_to(light, (*SHAPE, 3)).round().astype(np.uint8)))
    placement = CopyPlacement((60.0, 75.0), (200.0, 75.0))
    with document.edit("history.heal") as editing:
        stroke = HealingStroke(editing, SHAPE, 16, 1, placement)
        for x in range(160, 270, 5):
            stroke.draw_to(x, 75 + x % 10)
            stroke.show()
            error = document.pixels.astype(int) - document.photo.pixels
            assert error.any() or x == 160
            assert np.abs(error).max() <= 3  # of the 75 between the two places
        during = document.pixels.copy()
        stroke.finish()
    assert np.abs(document.pixels.astype(int) - during).max() <= 1


def test_what_a_wide_scribble_first_took_for_surroundings_is_forgotten(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A stain that is painted over line by line ends up in the colours around all of it."""
    shape = (400, 600)
    photo = np.full((*shape, 3), 150, np.uint8)
    photo[120:280, 120:280] = 40
    results = []
    for most in (64_000, 400):
        monkeypatch.setattr(colour_change, "_MOST_CELLS", most)
        monkeypatch.setattr(colour_change, "_MOST_CELLS_AT_END", most)
        document = Document(Photo(photo))
        with document.edit("history.heal") as editing:
            placement = CopyPlacement((450.0, 200.0), (200.0, 200.0))
            stroke = HealingStroke(editing, shape, 16, 1, placement)
            stroke.draw_to(110, 200)
            stroke.draw_to(290, 200)
            stroke.show()
            assert document.pixels[200, 200].max() < 90  # it goes on with the stain around it
            for row in range(110, 300, 10):
                stroke.draw_to(110 if row % 20 else 290, row)
                stroke.draw_to(290 if row % 20 else 110, row)
                stroke.show()
            stroke.finish()
        results.append(document.pixels)
        assert np.abs(document.pixels[125:275, 125:275].astype(int) - 150).max() <= 6
    assert np.abs(results[0].astype(int) - results[1]).max() <= 6
