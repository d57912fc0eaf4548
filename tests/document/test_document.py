from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from app.document.document import Document
from app.document.layer_tiles import LayerChange
from app.document.spill_file import Span, SpillFile
from inpaint_core.contract.choices import Layer
from inpaint_core.contract.errors import FileUnreadable
from inpaint_core.contract.geometry import Rect
from inpaint_core.photo.photo import Photo

SHAPE = (300, 530)  # two tiles by three, the last ones cut off
LAYERS: tuple[Layer, ...] = ("pixels", "alpha", "mask", "protect")


def photo(kind: type[np.unsignedinteger[Any]] = np.uint8) -> Photo:
    rng = np.random.default_rng(5)
    pixels: Any = rng.integers(0, np.iinfo(kind).max, (*SHAPE, 3), kind, endpoint=True)
    alpha: Any = rng.integers(0, np.iinfo(kind).max, SHAPE, kind, endpoint=True)
    return Photo(pixels, alpha)


def layer_of(document: Document, layer: Layer) -> NDArray[Any]:
    found: NDArray[Any] = getattr(document, layer)
    return found


def values(layer: Layer, rect: Rect, seed: int, kind: Any = np.uint8) -> NDArray[Any]:
    rng = np.random.default_rng(seed)
    if layer == "pixels":
        return rng.integers(0, np.iinfo(kind).max, (rect.h, rect.w, 3), kind)
    return np.full((rect.h, rect.w), seed % 256, kind if layer == "alpha" else np.uint8)


def state(document: Document) -> dict[Layer, NDArray[Any]]:
    return {layer: layer_of(document, layer).copy() for layer in LAYERS}


def same(one: dict[Layer, NDArray[Any]], other: dict[Layer, NDArray[Any]]) -> bool:
    return all(np.array_equal(one[layer], other[layer]) for layer in LAYERS)


@st.composite
def rects(draw: st.DrawFn) -> Rect:
    x, y = draw(st.integers(0, SHAPE[1] - 1)), draw(st.integers(0, SHAPE[0] - 1))
    w, h = draw(st.integers(1, SHAPE[1] - x)), draw(st.integers(1, SHAPE[0] - y))
    return Rect(x, y, w, h)


@dataclass(frozen=True)
class Step:
    """``what``: edit, rollback, undo, redo, go, save. ``writes``: (layer, rect, seed)."""

    what: str
    writes: tuple[tuple[Layer, Rect, int], ...]
    number: int


steps = st.lists(
    st.builds(
        Step,
        st.sampled_from(["edit", "edit", "edit", "rollback", "undo", "redo", "go", "save"]),
        st.lists(
            st.tuples(st.sampled_from(LAYERS), rects(), st.integers(0, 300)), min_size=1, max_size=3
        ).map(tuple),
        st.integers(0, 20),
    ),
    min_size=3,
    max_size=14,
)


@settings(max_examples=30)
@given(steps, st.sampled_from([0, 100_000, 10**9]), st.sampled_from([np.uint8, np.uint16]))
def test_a_document_does_what_copies_of_whole_arrays_would(
    tmp_path_factory: pytest.TempPathFactory, script: list[Step], limit: int, kind: Any
) -> None:
    """Also: those who listen can keep a copy, and the photo is not written to."""
    opened = photo(kind)
    document = Document(opened, history_bytes=limit, spill=tmp_path_factory.mktemp("spill"))
    shown = state(document)

    def hear(change: LayerChange) -> None:
        if change.layer != "history":
            area = change.rect.slices
            shown[change.layer][area] = layer_of(document, change.layer)[area]

    document.subscribe(hear)
    states, position, saved = [state(document)], 0, states_id(document)
    for step in script:
        if step.what in ("edit", "rollback"):
            editing = document.begin("history.brush")
            for layer, rect, seed in step.writes:
                was = editing.read_before(layer, rect)
                assert np.array_equal(was, states[position][layer][rect.slices])
                editing.write(layer, rect, values(layer, rect, seed, kind))
                assert np.array_equal(editing.read_before(layer, rect), was)
            if step.what == "rollback":
                editing.rollback()
            else:
                editing.commit()
                if not same(state(document), states[position]):
                    states[position + 1 :] = [state(document)]
                    position += 1
        elif step.what == "undo":
            document.undo()
            position = max(position - 1, 0)
        elif step.what == "redo":
            document.redo()
            position = min(position + 1, len(states) - 1)
        elif step.what == "go":
            position = step.number % len(states)
            document.go_to(position)
        else:
            document.mark_saved()
            saved = states_id(document)
        assert same(state(document), states[position])
        assert same(shown, states[position])
        assert document.history.position == position
        assert len(document.history.entries) == len(states) - 1
        assert document.history.can_undo == (position > 0)
        assert document.history.can_redo == (position < len(states) - 1)
        assert document.history.memory_bytes <= limit
        assert document.is_modified == (states_id(document) != saved)
    assert np.array_equal(opened.pixels, photo(kind).pixels)


def states_id(document: Document) -> tuple[int, ...]:
    """Names a state by the edits that led to it."""
    return tuple(e.serial for e in document.history.entries[: document.history.position])


def test_a_photo_that_is_only_looked_at_is_in_memory_once() -> None:
    opened = photo()
    document = Document(opened)
    assert np.shares_memory(document.pixels, opened.pixels)
    document.apply_fill(Rect(3, 4, 5, 6), np.zeros((6, 5, 3), np.uint8))
    assert not np.shares_memory(document.pixels, opened.pixels)


@pytest.mark.parametrize("layer", LAYERS)
def test_others_cannot_write_to_a_layer(layer: Layer) -> None:
    document = Document(photo())
    with pytest.raises(ValueError, match="read-only"):
        layer_of(document, layer)[0, 0] = 1


def test_one_edit_at_a_time() -> None:
    document = Document(photo())
    editing = document.begin("history.brush")
    for forbidden in (lambda: document.begin("history.brush"), document.undo, document.redo):
        with pytest.raises(RuntimeError):
            forbidden()
    editing.rollback()
    with pytest.raises(RuntimeError):
        editing.write("mask", Rect(0, 0, 1, 1), np.ones((1, 1), np.uint8))
    with pytest.raises(RuntimeError):
        editing.commit()
    document.begin("history.brush").commit()
    assert document.history.entries == ()
    assert document.revision == 0


@pytest.mark.parametrize(
    ("rect", "array"),
    [
        (Rect(-1, 0, 2, 2), np.zeros((2, 2), np.uint8)),
        (Rect(SHAPE[1] - 1, 0, 2, 2), np.zeros((2, 2), np.uint8)),
        (Rect(0, 0, 2, 2), np.zeros((2, 3), np.uint8)),
        (Rect(0, 0, 2, 2), np.zeros((2, 2), np.uint16)),
        (Rect(0, 0, 2, 2), np.zeros((2, 2, 3), np.uint8)),
    ],
)
def test_what_does_not_fit_is_refused(rect: Rect, array: NDArray[Any]) -> None:
    document = Document(photo())
    with pytest.raises(ValueError, match=r"outside|fit"), document.edit("history.brush") as editing:
        editing.write("mask", rect, array)
    assert not document.is_editing
    assert not document.mask.any()


def test_an_exception_rolls_an_edit_back() -> None:
    document = Document(photo())

    def broken() -> None:
        with document.edit("history.brush") as editing:
            editing.write("mask", Rect(0, 0, 300, 300), np.ones((300, 300), np.uint8))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        broken()
    assert not document.mask.any()
    assert not document.is_modified


def test_entries_say_where_and_what() -> None:
    document = Document(photo())
    with document.edit("history.grow", {"pixels": 4}) as editing:
        editing.write("mask", Rect(250, 10, 20, 5), np.full((5, 20), 9, np.uint8))
        editing.write("protect", Rect(1, 290, 2, 3), np.full((3, 2), 9, np.uint8))
    (entry,) = document.history.entries
    assert (entry.name_key, dict(entry.values)) == ("history.grow", {"pixels": 4})
    assert entry.rects == (("mask", Rect(250, 10, 20, 5)), ("protect", Rect(1, 290, 2, 3)))
    assert entry.bounds == Rect(1, 10, 269, 283)


@pytest.mark.parametrize("kind", [np.uint8, np.uint16])
def test_a_fill_and_its_cleared_mask_are_one_step(kind: Any) -> None:
    document = Document(photo(kind))
    with document.edit("history.brush") as editing:
        editing.write("mask", Rect(90, 90, 60, 60), np.full((60, 60), 255, np.uint8))
    asked = document.mask.copy()
    with document.edit("history.brush") as editing:  # painted while the fill was running
        editing.write("mask", Rect(80, 80, 5, 5), np.full((5, 5), 255, np.uint8))
    painted, rect = document.mask.copy(), Rect(80, 80, 80, 80)
    filled = np.full((80, 80, 3), np.iinfo(kind).max, kind)
    document.apply_fill(rect, filled, filled=asked)

    expected = document.photo.pixels.copy()
    expected[rect.slices] = filled
    assert document.pixels.dtype == kind
    assert np.array_equal(document.pixels, expected)
    assert Rect.bounding(document.mask) == Rect(80, 80, 5, 5)
    document.undo()
    assert np.array_equal(document.mask, painted)
    assert np.array_equal(document.pixels, document.photo.pixels)
    document.apply_fill(rect, filled, clear=None)
    assert np.array_equal(document.mask, painted)
    document.apply_fill(rect, filled[::-1] // 2, clear=Rect(100, 0, 9999, 9999))
    assert Rect.bounding(document.mask) == Rect(80, 80, 20, 70)


def test_a_listener_can_leave() -> None:
    document = Document(photo())
    heard: list[LayerChange] = []
    leave = document.subscribe(heard.append)
    document.mark_saved()
    leave()
    leave()
    document.mark_saved()
    assert heard == [LayerChange("history")]


def test_a_step_that_cannot_be_read_back_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    document = Document(photo(), history_bytes=0, spill=tmp_path)
    rect = Rect(10, 10, 200, 200)
    document.apply_fill(rect, values("pixels", rect, 1))
    document.apply_fill(rect, values("pixels", rect, 2))
    now, revision = document.pixels.copy(), document.revision

    def broken(self: SpillFile, span: Span) -> bytearray:
        raise OSError("input/output error")

    with monkeypatch.context() as patched:
        patched.setattr(SpillFile, "read", broken)
        with pytest.raises(FileUnreadable):
            document.undo()
    assert np.array_equal(document.pixels, now)
    assert (document.history.position, document.revision) == (2, revision)
    document.go_to(0)
    assert np.array_equal(document.pixels, document.photo.pixels)


def test_a_full_disk_costs_no_step(tmp_path: Path) -> None:
    place = tmp_path / "file"
    place.write_text("in the way")
    document = Document(photo(), history_bytes=0, spill=place)
    rect = Rect(10, 10, 200, 200)
    document.apply_fill(rect, values("pixels", rect, 1))
    document.undo()
    assert np.array_equal(document.pixels, document.photo.pixels)


def test_a_lower_limit_applies_at_once(tmp_path: Path) -> None:
    document = Document(photo(), spill=tmp_path)
    rect = Rect(10, 10, 200, 200)
    for seed in range(4):
        document.apply_fill(rect, values("pixels", rect, seed))
    held = document.history.memory_bytes
    document.history.limit = held // 2
    assert held // 4 <= document.history.memory_bytes <= held // 2
    document.go_to(0)
    assert np.array_equal(document.pixels, document.photo.pixels)


def test_the_disk_is_given_back(tmp_path: Path) -> None:
    document = Document(photo(), history_bytes=0, spill=tmp_path)
    rect = Rect(10, 10, 200, 200)
    for seed in range(3):
        document.apply_fill(rect, values("pixels", rect, seed))
    assert document.history.spill.size == pytest.approx(3 * 200 * 200 * 3, rel=0.01)
    document.go_to(0)
    document.apply_fill(rect, values("pixels", rect, 9))
    assert document.history.spill.size == pytest.approx(200 * 200 * 3, rel=0.01)
    assert list(tmp_path.iterdir()) == []  # nothing to be left behind by a crash


def test_a_fill_of_spots_holds_and_announces_only_the_tiles_with_spots() -> None:
    document = Document(photo())
    rect, spots = Rect(10, 10, 500, 280), (Rect(12, 12, 9, 9), Rect(490, 270, 9, 9))
    with document.edit("history.brush") as editing:
        for spot in spots:
            editing.write("mask", spot, np.full((9, 9), 255, np.uint8))
    pixels = document.pixels[rect.slices].copy()
    for spot in spots:
        pixels[spot.translate(-rect.x, -rect.y).slices] ^= 255
    seen: list[LayerChange] = []
    document.subscribe(seen.append)
    document.apply_fill(rect, pixels)
    np.testing.assert_array_equal(document.pixels[rect.slices], pixels)
    assert not document.mask.any()
    changed = [change.rect for change in seen if change.layer == "pixels"]
    assert sum(part.area for part in changed) < 2 * 256 * 256
    assert all(any(part.contains(spot) for part in changed) for spot in spots)
    document.undo()
    np.testing.assert_array_equal(document.pixels, document.photo.pixels)
    assert np.count_nonzero(document.mask) == 2 * 81
