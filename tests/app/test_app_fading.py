"""Fading a fill in the History panel, with real events."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from looking import HOLE, idle
from PIL import Image
from playing import play, stroke
from PySide6.QtCore import QPoint, QPointF, QRect, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication, QSlider, QStyle, QStyleOptionSlider
from pytestqt.qtbot import QtBot

from app.configuration.text import t
from app.document.place_pixels import PlacePixels
from app.session.session import Session
from app.session.variations import Attempt, Variation, Variations
from app.ui.dialogs import questions
from app.ui.panels.fade_strip import FadeStrip
from app.ui.shell.editor import Editor
from inpaint_core.contract.errors import FileUnreadable
from inpaint_core.contract.geometry import Rect
from inpaint_core.contract.options import FillOptions
from inpaint_core.photo.read_photo import decode_photo
from inpaint_core.project.model import Part, Recipe
from inpaint_core.project.read_project import read_project

LEFT = Qt.MouseButton.LeftButton


def handle(slider: QSlider) -> QRect:
    option = QStyleOptionSlider()
    slider.initStyleOption(option)
    style, part = slider.style(), QStyle.SubControl.SC_SliderHandle
    return style.subControlRect(QStyle.ComplexControl.CC_Slider, option, part, slider)


def turn_wheel(slider: QSlider, steps: int) -> None:
    at, none = QPointF(slider.rect().center()), Qt.MouseButton.NoButton
    event = QWheelEvent(
        at,
        slider.mapToGlobal(at),
        QPoint(),
        QPoint(0, 120 * steps),
        none,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(slider, event)


def names(session: Session) -> list[str]:
    return [entry.name_key for entry in session.document.history.entries]


def open_photo(editor: Editor, qtbot: QtBot, path: Path) -> Session:
    editor.controller.open([path])
    qtbot.waitUntil(lambda: editor.controller.current is not None)
    assert editor.controller.current is not None
    return editor.controller.current


@pytest.fixture
def filled(editor: Editor, qtbot: QtBot, gravel: Path) -> Session:
    """A photo with a fill, another one of which can be chosen."""
    session = open_photo(editor, qtbot, gravel)
    document, mask = session.document, Part.of(HOLE, np.full((HOLE.h, HOLE.w), 255, np.uint8))
    before = PlacePixels.read((HOLE,), lambda place: document.pixels[place.slices].copy())
    session.variations = Variations((HOLE,), before, mask, FillOptions())
    for seed in range(2):
        pixels = np.random.default_rng(seed).integers(0, 255, (HOLE.h, HOLE.w, 3), np.uint8)
        attempt = Attempt("again", "exemplar", seed, "auto", "auto")
        recipe = Recipe(mask, FillOptions(seed=seed))
        fill = Variation(attempt, PlacePixels((HOLE,), (pixels,)), recipe)
        session.variations.fills.append(fill)
    pixels, recipe = (
        session.variations.fills[0].pixels.values[0],
        session.variations.fills[0].recipe,
    )
    document.apply_fill(HOLE, pixels, recipe=recipe)
    return session


def test_a_drag_is_one_step_and_what_is_exported_is_what_is_seen(
    editor: Editor, qtbot: QtBot, filled: Session, tmp_path: Path
) -> None:
    strip, document = editor.window.history.fade, filled.document
    after, before, count = document.pixels.copy(), document.photo.pixels, len(names(filled))
    editor.window.actions_by_id["edit.fade"].trigger()
    slider = strip.slider
    assert slider.hasFocus()
    assert strip.choice.currentText() == t("history.fill")
    start = handle(slider).center()
    qtbot.mousePress(slider, LEFT, pos=start)
    seen = set()
    for x in range(start.x(), start.x() // 2, -9):
        qtbot.mouseMove(slider, QPoint(x, start.y()))
        seen.add(int(document.pixels[HOLE.slices].sum()))
    assert len(seen) > 5
    assert len(names(filled)) == count
    percent = slider.value()
    qtbot.mouseRelease(slider, LEFT, pos=QPoint(x, start.y()))
    assert 30 < percent < 70
    assert strip.field.value() == percent
    assert names(filled)[count:] == ["history.fade"]
    shown = document.pixels.copy()
    changed = (after != before).any(axis=2)
    assert np.array_equal(shown[~changed], before[~changed])
    mean = before + (after.astype(float) - before) * percent / 100
    assert np.abs(shown - mean).max() < 1.5
    editor.window.command_handlers.writing.quick_export()
    idle(editor, qtbot)
    (written,) = set(tmp_path.glob("gravel*.png")) - {tmp_path / "gravel.png"}
    assert np.array_equal(np.asarray(Image.open(written).convert("RGB")), shown)
    editor.window.actions_by_id["edit.undo"].trigger()
    assert np.array_equal(document.pixels, after)
    assert slider.value() == 100
    editor.window.actions_by_id["edit.redo"].trigger()
    assert np.array_equal(document.pixels, shown)
    assert slider.value() == percent


def test_keys_are_one_step_esc_takes_them_back_and_a_number_is_typed(
    editor: Editor, qtbot: QtBot, filled: Session
) -> None:
    strip, document, count = editor.window.history.fade, filled.document, len(names(filled))
    after = document.pixels.copy()
    strip.slider.setFocus()
    for _ in range(4):
        qtbot.keyClick(strip.slider, Qt.Key.Key_PageDown)
    assert not np.array_equal(document.pixels, after)
    qtbot.keyClick(strip.slider, Qt.Key.Key_Escape)
    assert np.array_equal(document.pixels, after)
    assert (strip.slider.value(), document.is_editing) == (100, False)
    for _ in range(4):
        qtbot.keyClick(strip.slider, Qt.Key.Key_PageDown)
    qtbot.waitUntil(lambda: not document.is_editing)
    assert names(filled)[count:] == ["history.fade"]
    strip.field.setFocus()
    strip.field.selectAll()
    qtbot.keyClicks(strip.field, "20")
    qtbot.keyClick(strip.field, Qt.Key.Key_Return)
    editor.window.canvas.setFocus()
    assert names(filled)[count:] == ["history.fade"] * 2
    assert [e.values["percent"] for e in document.history.entries[count:]] == [60, 20]
    assert t("history.fade", percent=20) in editor.window.history.list.currentIndex().data()


@pytest.mark.parametrize("by_wheel", [False, True])
def test_a_project_that_is_saved_at_once_holds_the_fill_and_its_fading(
    editor: Editor,
    qtbot: QtBot,
    filled: Session,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    by_wheel: bool,
) -> None:
    strip, document, path = editor.window.history.fade, filled.document, tmp_path / "work.lacuna"
    monkeypatch.setattr(questions, "ask_project_to_save", lambda parent, proposed: path)
    after = document.pixels.copy()
    if by_wheel:  # which leaves the focus where it was
        turn_wheel(strip.slider, -8)
    else:
        strip.slider.setFocus()
        for _ in range(4):
            qtbot.keyClick(strip.slider, Qt.Key.Key_PageDown)
    shown = document.pixels.copy()
    assert document.is_editing
    assert not np.array_equal(shown, after)
    focus = editor.window.canvas if by_wheel else strip.slider
    qtbot.keyClick(focus, Qt.Key.Key_S, Qt.KeyboardModifier.ControlModifier)
    idle(editor, qtbot)
    assert not document.is_modified
    with read_project(path, lambda data, name, _: decode_photo(data, Path(name))) as project:
        edits = [edit.kept() for edit in project.edits]
    assert [edit.name for edit in edits] == ["history.fill", "history.fade"]
    for edit, pixels in zip(edits, (after, shown), strict=True):
        ((layer, part),) = edit.changes
        assert layer == "pixels"
        assert np.array_equal(part.load(), pixels[part.rect.slices])


def test_a_stroke_that_begins_at_once_is_a_step_of_its_own(
    editor: Editor, filled: Session, tmp_path: Path
) -> None:
    turn_wheel(editor.window.history.fade.slider, -8)
    assert filled.document.is_editing
    play(editor, tmp_path, stroke((20, 20), (40, 20)))
    assert names(filled) == ["history.fill", "history.fade", "history.brush"]
    assert not filled.document.is_editing


def test_undo_takes_a_fade_back_at_once(editor: Editor, qtbot: QtBot, filled: Session) -> None:
    slider, document = editor.window.history.fade.slider, filled.document
    after = document.pixels.copy()
    slider.setFocus()
    qtbot.keyClick(slider, Qt.Key.Key_PageDown)
    qtbot.keyClick(slider, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert names(filled) == ["history.fill", "history.fade"]
    assert document.history.position == 1
    assert np.array_equal(document.pixels, after)


def test_a_variation_replaces_a_faded_fill(editor: Editor, filled: Session) -> None:
    strip, document = editor.window.history.fade, filled.document
    strip.field.setValue(30)
    strip.finish()
    editor.controller.choose_variation(1)
    assert names(filled)[-1] == "history.variation"
    assert filled.variations is not None
    assert filled.variations.find_shown(document) == 1
    assert (strip.choice.count(), strip.slider.value()) == (1, 100)


def test_a_step_that_is_hidden_or_lost_says_so(
    editor: Editor, filled: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    strip, document = editor.window.history.fade, filled.document
    around = HOLE.grow(20)
    document.apply_fill(around, 255 - document.pixels[around.slices])
    assert strip.choice.count() == 2
    strip.choice.setCurrentIndex(1)
    strip.field.setValue(30)
    assert editor.window.notice.text.startswith(t("history.fade.covered"))
    assert (strip.slider.value(), names(filled)[-1]) == (100, "history.fill")
    strip.choice.setCurrentIndex(0)

    def lose(*_: object) -> None:
        raise FileUnreadable("history.unreadable", reason="lost")

    monkeypatch.setattr(type(document.history), "make_readers", lose)
    strip.field.setValue(30)
    assert editor.window.notice.text.startswith(t("history.unreadable", reason="lost"))
    assert not document.is_editing


def test_there_is_nothing_to_fade_before_the_first_fill(
    editor: Editor, qtbot: QtBot, gravel: Path
) -> None:
    session = open_photo(editor, qtbot, gravel)
    strip: FadeStrip = editor.window.history.fade
    assert not strip.isVisible()
    session.document.apply_fill(Rect(0, 0, 9, 9), np.zeros((9, 9, 3), np.uint8))
    assert strip.isVisible()
    editor.controller.close(session)
    assert not strip.isVisible()
