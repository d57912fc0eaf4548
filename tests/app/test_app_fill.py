from __future__ import annotations

import re
import struct
import sys
import threading
from collections.abc import Callable
from html import escape
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QLocale, QPointF, QSettings, Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from app.configuration.settings import Settings
from app.configuration.text import t
from app.document.document import Document
from app.session.frozen_request import FrozenRequest
from app.session.notice import Notice
from app.session.session import RemainingTime, Session
from app.ui.shell.editor import Editor
from app.ui.theme.palette import PROTECT_COLOUR
from app.ui.widgets import thumbnails as thumbs
from inpaint_core.contract.choices import DEFAULT_ENGINE
from inpaint_core.contract.errors import OutOfMemory
from inpaint_core.contract.geometry import Rect
from inpaint_core.contract.message import Message
from inpaint_core.contract.progress import Progress
from inpaint_core.contract.request import InpaintRequest, InpaintResult
from inpaint_core.engine.engine import Engine
from inpaint_core.photo.colour import icc_profiles as profiles
from inpaint_core.photo.photo import Photo
from inpaint_core.photo.read_photo import read_photo
from inpaint_core.photo.tone import find_tone
from inpaint_core.photo.write_photo import write_photo

LEFT = [(40, 60), (60, 90)]
RIGHT = [(150, 60), (160, 90)]


@pytest.fixture
def session(editor: Editor, qtbot: QtBot, gravel: Path) -> Session:
    """A photo that is open, at 100 %, with a brush of 20 pixels."""
    editor.settings.set("brush.size", 20)
    editor.controller.open([gravel])
    qtbot.waitUntil(lambda: editor.controller.current is not None)
    editor.window.canvas.setFocus()
    assert editor.controller.current is not None
    return editor.controller.current


def paint(
    editor: Editor, qtbot: QtBot, points: list[tuple[int, int]], release: bool = True
) -> None:
    canvas = editor.window.canvas
    places = [canvas.to_widget(QPointF(*point)).toPoint() for point in points]
    qtbot.mousePress(canvas, Qt.MouseButton.LeftButton, pos=places[0])
    for place in places[1:]:
        qtbot.mouseMove(canvas, place)
    if release:
        qtbot.mouseRelease(canvas, Qt.MouseButton.LeftButton, pos=places[-1])


def idle(editor: Editor, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: not editor.controller.is_busy, timeout=60000)


class Gate:
    """Lets the engine go on when it is told to; the fills themselves are real."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.go = threading.Event()
        self.begun = threading.Event()
        real = Engine.inpaint

        def inpaint(
            engine: Engine,
            request: InpaintRequest,
            progress: Progress,
            part: Callable[..., None],
            **named: Any,
        ) -> InpaintResult:
            self.begun.set()
            progress.report(0.25, Message("engine.copying_texture"))
            assert self.go.wait(30)
            return real(engine, request, progress, part, **named)

        monkeypatch.setattr(Engine, "inpaint", inpaint)


@pytest.fixture
def gate(monkeypatch: pytest.MonkeyPatch) -> Gate:
    return Gate(monkeypatch)


def test_painting_and_enter_fill_and_undo_brings_the_mask_back(
    editor: Editor, session: Session, qtbot: QtBot
) -> None:
    canvas, document = editor.window.canvas, session.document
    before = document.pixels.copy()
    paint(editor, qtbot, LEFT)
    mask = document.mask.copy()
    assert mask[75, 50] == 255
    qtbot.keyClick(canvas, Qt.Key.Key_Return)
    assert session.running_fill is not None
    idle(editor, qtbot)
    filled = document.pixels.copy()
    assert not document.mask.any()
    assert not np.array_equal(filled[mask > 0], before[mask > 0])
    assert np.array_equal(filled[:, 100:], before[:, 100:])
    assert [entry.name_key for entry in document.history.entries] == [
        "history.brush",
        "history.fill",
    ]
    qtbot.keyClick(canvas, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert np.array_equal(document.pixels, before)
    assert np.array_equal(document.mask, mask)
    qtbot.keyClick(canvas, Qt.Key.Key_Y, Qt.KeyboardModifier.ControlModifier)
    assert np.array_equal(document.pixels, filled)
    assert not document.mask.any()


def test_an_empty_mask_is_told_what_to_do(editor: Editor, session: Session) -> None:
    editor.controller.run_fill()
    assert session.running_fill is None
    assert "Paint over" in editor.window.notice.text


def test_painting_elsewhere_while_filling_is_kept(
    editor: Editor, session: Session, qtbot: QtBot, gate: Gate
) -> None:
    paint(editor, qtbot, LEFT)
    editor.controller.run_fill()
    assert gate.begun.wait(30)
    paint(editor, qtbot, RIGHT)
    gate.go.set()
    idle(editor, qtbot)
    assert not session.document.mask[:, :100].any()
    assert session.document.mask[75, 155] == 255
    assert editor.window.notice.text == ""


def test_enter_while_filling_fills_what_was_painted_meanwhile_afterwards(
    editor: Editor, session: Session, qtbot: QtBot, gate: Gate
) -> None:
    paint(editor, qtbot, LEFT)
    editor.controller.run_fill()
    paint(editor, qtbot, RIGHT)
    editor.controller.run_fill()
    gate.go.set()
    idle(editor, qtbot)
    names = [entry.name_key for entry in session.document.history.entries]
    assert names.count("history.fill") == 2
    assert not session.document.mask.any()


@pytest.mark.parametrize("answer", ["again", "anyway", "dismiss"])
def test_a_stale_result_is_never_applied_silently(
    editor: Editor, session: Session, qtbot: QtBot, gate: Gate, answer: str
) -> None:
    document = session.document
    paint(editor, qtbot, LEFT)
    first = document.mask.copy()
    before = document.pixels.copy()
    editor.controller.run_fill()
    paint(editor, qtbot, [(55, 60), (70, 60)])
    both = document.mask.copy()
    gate.go.set()
    idle(editor, qtbot)
    assert np.array_equal(document.pixels, before)
    assert np.array_equal(document.mask, both)
    again, anyway = editor.window.notice.buttons
    assert "changed" in editor.window.notice.text
    if answer == "dismiss":
        editor.window.notice.dismiss()
        editor.controller.show(session)
        assert editor.window.notice.text == ""
    else:
        (again if answer == "again" else anyway).click()
        idle(editor, qtbot)
    changed = (document.pixels != before).any(axis=2)
    assert changed[first > 0].any() == (answer != "dismiss")
    left = {"again": np.zeros_like(both), "anyway": np.where(first > 0, 0, both), "dismiss": both}
    assert np.array_equal(document.mask, left[answer])


def test_a_stale_result_in_another_tab_is_offered_there(
    editor: Editor, session: Session, qtbot: QtBot, gate: Gate, photo: Path
) -> None:
    paint(editor, qtbot, LEFT)
    editor.controller.run_fill()
    paint(editor, qtbot, [(55, 60), (70, 60)])
    editor.controller.open([photo])
    qtbot.waitUntil(lambda: len(editor.controller.sessions) == 2)
    gate.go.set()
    idle(editor, qtbot)
    assert editor.window.notice.text == ""
    for _ in range(2):
        editor.controller.show(session)
        assert len(editor.window.notice.buttons) == 2
        editor.controller.switch_photo(1)
        assert editor.window.notice.text == ""


def test_painting_and_undoing_it_makes_no_result_stale(
    editor: Editor, session: Session, qtbot: QtBot, gate: Gate
) -> None:
    paint(editor, qtbot, LEFT)
    editor.controller.run_fill()
    paint(editor, qtbot, [(55, 60), (70, 60)])
    editor.controller.undo()
    gate.go.set()
    idle(editor, qtbot)
    assert not session.document.mask.any()
    assert session.document.history.entries[-1].name_key == "history.fill"


def test_what_was_protected_meanwhile_makes_a_result_stale(settings: QSettings) -> None:
    document = Document(Photo(np.full((40, 40, 3), 90, np.uint8)))
    with document.edit("history.brush") as editing:
        editing.write("mask", Rect(5, 5, 4, 4), np.full((4, 4), 255, np.uint8))
    asked = FrozenRequest.of(document, Settings(settings))
    rect = Rect(3, 3, 8, 8)
    assert not asked.is_stale(document, rect)
    with document.edit("history.brush") as editing:
        editing.write("mask", Rect(30, 30, 4, 4), np.full((4, 4), 255, np.uint8))
    assert not asked.is_stale(document, rect)
    with document.edit("history.protect") as editing:
        editing.write("protect", Rect(30, 0, 4, 4), np.full((4, 4), 255, np.uint8))
    assert asked.is_stale(document, rect)


def test_a_result_waits_until_the_stroke_has_ended(
    editor: Editor, session: Session, qtbot: QtBot, gate: Gate
) -> None:
    canvas = editor.window.canvas
    paint(editor, qtbot, LEFT)
    editor.controller.run_fill()
    paint(editor, qtbot, RIGHT, release=False)
    gate.go.set()
    qtbot.waitUntil(
        lambda: (
            session.running_fill is not None and session.running_fill.pending_result is not None
        ),
        timeout=30000,
    )
    assert session.document.mask[75, 50] == 255
    qtbot.mouseRelease(canvas, Qt.MouseButton.LeftButton)
    idle(editor, qtbot)
    assert session.document.mask[75, 50] == 0
    assert session.document.mask[75, 155] == 255


def test_cancelling_works_at_once_and_the_next_fill_runs(
    editor: Editor, session: Session, qtbot: QtBot, gate: Gate
) -> None:
    document = session.document
    paint(editor, qtbot, LEFT)
    before, mask = document.pixels.copy(), document.mask.copy()
    editor.controller.run_fill()
    assert gate.begun.wait(30)
    qtbot.keyClick(editor.window.canvas, Qt.Key.Key_Escape)
    assert session.running_fill is None  # although the engine is still at it
    assert not editor.window.actions_by_id["fill.cancel"].isEnabled()
    editor.controller.run_fill()
    gate.go.set()
    idle(editor, qtbot)
    assert [e.name_key for e in document.history.entries] == ["history.brush", "history.fill"]
    document.undo()
    assert np.array_equal(document.pixels, before)
    assert np.array_equal(document.mask, mask)


def test_esc_abandons_the_stroke_before_the_fill(
    editor: Editor, session: Session, qtbot: QtBot, gate: Gate
) -> None:
    canvas = editor.window.canvas
    paint(editor, qtbot, LEFT)
    editor.controller.run_fill()
    paint(editor, qtbot, RIGHT, release=False)
    assert session.document.mask[75, 155] == 255
    qtbot.keyClick(canvas, Qt.Key.Key_Escape)
    assert session.document.mask[75, 155] == 0
    assert session.running_fill is not None
    qtbot.mouseRelease(canvas, Qt.MouseButton.LeftButton)
    qtbot.keyClick(canvas, Qt.Key.Key_Escape)
    assert session.running_fill is None
    gate.go.set()


def test_enter_closes_a_polygon_before_it_fills(
    editor: Editor, session: Session, qtbot: QtBot
) -> None:
    canvas = editor.window.canvas
    editor.window.actions_by_id["tool.polygon"].trigger()
    for point in ((40, 40), (90, 40), (60, 90)):
        qtbot.mouseClick(
            canvas, Qt.MouseButton.LeftButton, pos=canvas.to_widget(QPointF(*point)).toPoint()
        )
    qtbot.keyClick(canvas, Qt.Key.Key_Return)
    assert session.running_fill is None
    assert session.document.mask[55, 62] == 255
    qtbot.keyClick(canvas, Qt.Key.Key_Return)
    assert session.running_fill is not None
    idle(editor, qtbot)
    assert not session.document.mask.any()


def test_a_fill_is_shown_with_what_it_does_and_can_be_stopped(
    editor: Editor, session: Session, qtbot: QtBot, gate: Gate
) -> None:
    status = editor.window.status
    paint(editor, qtbot, LEFT)
    editor.controller.run_fill()

    def shown() -> list[str]:
        return [label.text() for label in status.findChildren(QLabel) if label.isVisible()]

    qtbot.waitUntil(lambda: "Copying texture" in shown())
    assert "Stop" in editor.window.top_bar.button.text()
    assert "Esc" in editor.window.hint.text()
    status.stop_asked.emit()
    assert "Copying texture" not in shown()
    assert "Fill" in editor.window.top_bar.button.text()
    gate.go.set()


def test_filling_after_every_stroke_is_a_switch(
    editor: Editor, session: Session, qtbot: QtBot
) -> None:
    editor.window.actions_by_id["fill.after_stroke"].trigger()
    assert editor.settings.get("fill.after_stroke") is True
    paint(editor, qtbot, LEFT)
    assert session.running_fill is not None
    idle(editor, qtbot)
    assert session.document.history.entries[-1].name_key == "history.fill"


def test_a_fill_uses_protection_grow_and_feather(
    editor: Editor, session: Session, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[InpaintRequest] = []
    real = Engine.inpaint

    def inpaint(
        engine: Engine, request: InpaintRequest, *more: object, **named: Any
    ) -> InpaintResult:
        asked.append(request)
        return real(engine, request, *more, **named)

    monkeypatch.setattr(Engine, "inpaint", inpaint)
    editor.settings.set("fill.grow", 3)
    editor.settings.set("fill.feather", 4.0)
    editor.controller.settings.set("fill.device", "cpu")
    editor.window.actions_by_id["tool.protect"].trigger()
    paint(editor, qtbot, RIGHT)
    editor.window.actions_by_id["tool.brush"].trigger()
    paint(editor, qtbot, LEFT)
    editor.controller.run_fill()
    idle(editor, qtbot)
    (request,) = asked
    assert (request.options.engine, request.options.grow, request.options.feather) == (
        "exemplar",
        3,
        4.0,
    )
    assert request.options.device == "cpu"
    assert request.options.protect is not None
    assert np.array_equal(request.options.protect, session.document.protect > 127)
    assert request.options.protect[75, 155]


def test_an_error_of_the_engine_is_told_and_nothing_is_lost(
    editor: Editor, session: Session, qtbot: QtBot
) -> None:
    editor.window.command_handlers.mask_commands.change("invert")
    mask = session.document.mask.copy()
    editor.controller.run_fill()
    idle(editor, qtbot)
    assert "No pixel of the photo is left" in editor.window.notice.text
    assert "Paint over less" in editor.window.notice.text
    assert np.array_equal(session.document.mask, mask)


def test_variations_come_one_by_one_and_can_be_chosen_and_undone(
    editor: Editor, session: Session, qtbot: QtBot
) -> None:
    window, document = editor.window, session.document
    paint(editor, qtbot, LEFT)
    assert not window.actions_by_id["fill.variations"].isEnabled()
    editor.controller.run_fill()
    idle(editor, qtbot)
    before = document.photo.pixels
    editor.controller.make_variations(3)
    idle(editor, qtbot)
    assert session.variations is not None
    takes = session.variations.fills
    assert len(takes) >= 3
    whole = [session.variations.show(document, take)[0] for take in takes]
    assert len({pixels.tobytes() for pixels in whole}) == len(takes)
    assert window.variations.list.count() == len(takes)
    assert window.variations.list.currentRow() == 0
    outside = np.ones(document.shape, bool)
    outside[session.variations.rect.slices] = False
    window.variations.list.setFocus()
    qtbot.keyClick(window.variations.list, Qt.Key.Key_Right)
    qtbot.keyClick(window.variations.list, Qt.Key.Key_Return)
    assert session.variations.find_shown(document) == 1
    assert np.array_equal(document.pixels[session.variations.rect.slices], whole[1])
    assert np.array_equal(document.pixels[outside], before[outside])
    assert document.history.entries[-1].name_key == "history.variation"
    editor.controller.undo()
    assert session.variations.find_shown(document) == 0
    assert window.variations.list.currentRow() == 0
    editor.controller.undo()  # now the photo is as before the fill, and the mask is back
    assert session.variations.find_shown(document) is None
    editor.controller.choose_variation(1)
    assert session.variations.find_shown(document) == 1
    assert not document.mask.any()


def test_the_variation_that_is_shown_stays_marked_while_other_photos_are_looked_at(
    editor: Editor, session: Session, qtbot: QtBot, photo: Path
) -> None:
    shown = editor.window.variations.list
    paint(editor, qtbot, LEFT)
    editor.controller.run_fill()
    idle(editor, qtbot)
    editor.controller.open([photo])
    qtbot.waitUntil(lambda: len(editor.controller.sessions) == 2)
    assert shown.count() == 0
    editor.controller.show(session)
    assert shown.currentRow() == 0


def test_one_variation_that_fails_does_not_stop_the_others(
    editor: Editor, session: Session, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = Engine.inpaint

    def inpaint(
        engine: Engine, request: InpaintRequest, *more: object, **named: Any
    ) -> InpaintResult:
        if request.options.seed == 1:
            raise OutOfMemory("engine.out_of_memory")
        return real(engine, request, *more, **named)

    paint(editor, qtbot, LEFT)
    editor.controller.run_fill()
    idle(editor, qtbot)
    monkeypatch.setattr(Engine, "inpaint", inpaint)
    editor.controller.make_variations(2)
    idle(editor, qtbot)
    assert session.variations is not None
    assert [take.seed for take in session.variations.fills] == [0, 2]
    assert "does not fit into this machine" in editor.window.notice.text


def test_a_variation_of_a_place_that_changed_is_not_applied(
    editor: Editor, session: Session, qtbot: QtBot
) -> None:
    document = session.document
    paint(editor, qtbot, LEFT)
    editor.controller.run_fill()
    idle(editor, qtbot)
    assert session.variations is not None
    rect = session.variations.rect
    with document.edit("history.fill") as editing:
        editing.write("pixels", rect, np.zeros((rect.h, rect.w, 3), np.uint8))
    editor.controller.choose_variation(0)
    assert not document.pixels[rect.slices].any()
    assert "no longer fit" in editor.window.notice.text


def test_finished_parts_are_shown_before_the_fill_is_done(
    editor: Editor, qtbot: QtBot, tmp_path: Path
) -> None:
    rng = np.random.default_rng(2)
    path = tmp_path / "wide.png"
    Image.fromarray(rng.integers(0, 256, (150, 900, 3), np.uint8)).save(path)
    editor.settings.set("fill.engine", "harmonic")
    editor.settings.set("brush.size", 20)
    editor.controller.open([path])
    qtbot.waitUntil(lambda: editor.controller.current is not None)
    session = editor.controller.current
    assert session is not None
    parts: list[tuple[Rect, bool]] = []
    editor.controller.filler.part_finished.connect(
        lambda _, rect, pixels: parts.append((rect, session.document.mask.any()))
    )
    paint(editor, qtbot, [(50, 70), (60, 70)])
    paint(editor, qtbot, [(840, 70), (850, 70)])
    editor.controller.run_fill()
    idle(editor, qtbot)
    assert [masked for _, masked in parts] == [True, True]
    assert parts[0][0].right < parts[1][0].x


def test_what_is_asked_is_the_document_as_it_was(settings: QSettings) -> None:
    rng = np.random.default_rng(3)
    photo = Photo(rng.integers(0, 256, (300, 600, 3), np.uint8))
    document = Document(photo)
    for rect in (Rect(10, 20, 300, 50), Rect(280, 40, 100, 240), Rect(500, 290, 30, 10)):
        with document.edit("history.fill") as editing:
            editing.write("pixels", rect, rng.integers(0, 256, (rect.h, rect.w, 3), np.uint8))
    document.undo()
    then = document.pixels.copy()
    asked = FrozenRequest.of(document, Settings(settings))
    document.redo()
    document.go_to(1)
    request = asked.request()
    assert np.array_equal(request.image, then)
    assert request.options.engine == DEFAULT_ENGINE
    part = Rect(250, 30, 120, 100)
    assert np.array_equal(asked.pixels.read(part), then[part.slices])
    put = asked.pixels.put(part, np.zeros((100, 120, 3), np.uint8))
    assert not put.read(part).any()
    assert np.array_equal(asked.pixels.read(part), then[part.slices])


def test_time_left_is_said_only_when_it_can_be_known() -> None:
    remaining = RemainingTime(start=100.0)
    assert remaining.estimate(100.5, 0.5) is None
    assert remaining.estimate(110.0, 0.01) is None
    assert remaining.estimate(110.0, 0.25) == pytest.approx(30.0)
    assert remaining.estimate(115.0, 0.375) == pytest.approx(25.0)
    # One step that took long changes the estimate, but not all at once.
    late = remaining.estimate(130.0, 0.4)
    assert late is not None
    assert 10.0 < late < 45.0
    assert remaining.estimate(1000.0, 0.99) is not None


def test_a_notice_lies_over_the_photo_until_somebody_paints(
    editor: Editor, session: Session, qtbot: QtBot
) -> None:
    canvas, notice = editor.window.canvas, editor.window.notice
    canvas.fit()
    size, zoom = canvas.size(), canvas.zoom
    editor.controller.run_fill()
    qtbot.waitUntil(notice.isVisible)
    page = notice.parentWidget()
    assert page is not None
    assert notice.width() == page.width() >= canvas.width()
    for label in notice.findChildren(QLabel):
        assert label.height() >= label.heightForWidth(label.width())
    assert (canvas.size(), canvas.zoom) == (size, zoom)
    paint(editor, qtbot, LEFT, release=False)
    assert notice.text == ""
    qtbot.mouseRelease(canvas, Qt.MouseButton.LeftButton)
    editor.controller.post_notice(Notice("Something is wrong."))
    paint(editor, qtbot, RIGHT)
    assert "wrong" in notice.text


def test_variations_are_spoken_of_only_while_there_is_a_fill_to_judge(
    editor: Editor, session: Session, qtbot: QtBot
) -> None:
    hint = editor.window.hint
    paint(editor, qtbot, LEFT)
    editor.controller.run_fill()
    idle(editor, qtbot)
    assert session.fill_summary
    filled = hint.next_step(session)
    assert session.fill_summary in filled
    with session.document.edit("history.protect") as editing:
        editing.write("protect", Rect(100, 20, 30, 20), np.full((20, 30), 255, np.uint8))
    assert "Paint over" in hint.next_step(session)
    editor.controller.undo()
    assert hint.next_step(session) == filled


def test_the_seconds_of_a_fill_are_written_as_the_language_does(
    editor: Editor, session: Session, qtbot: QtBot
) -> None:
    before = QLocale()
    QLocale.setDefault(QLocale("de"))
    try:
        paint(editor, qtbot, LEFT)
        editor.controller.run_fill()
        idle(editor, qtbot)
    finally:
        QLocale.setDefault(before)
    assert re.search(r"\d,\d s", session.fill_summary)


def test_what_a_fill_warns_of_is_told_above_the_photo(
    editor: Editor, session: Session, qtbot: QtBot
) -> None:
    height, width = session.document.shape
    nearly_all = Rect(6, 0, width - 6, height)
    with session.document.edit("history.brush") as editing:
        editing.write("mask", nearly_all, np.full((height, width - 6), 255, np.uint8))
    editor.controller.run_fill()
    idle(editor, qtbot)
    notice = editor.window.notice
    assert notice.text.startswith("Too little of the photo")
    assert notice.text in session.fill_summary
    assert notice.message is not None
    assert notice.message.is_calm
    editor.controller.undo()
    assert notice.text == ""


def test_a_long_line_keeps_what_to_do_next(editor: Editor, session: Session, qtbot: QtBot) -> None:
    hint = editor.window.hint
    paint(editor, qtbot, LEFT)
    editor.controller.run_fill()
    idle(editor, qtbot)
    whole = hint.next_step(session)
    next_ = whole[len(session.fill_summary) :].strip()

    def measure(text: str) -> int:
        return hint.fontMetrics().horizontalAdvance(text)

    # A style sheet, where one is applied, pads the line.
    padding = hint.width() - hint.contentsRect().width()
    hint.resize(padding + measure(next_) + 80, hint.height())
    assert hint.text().endswith(next_)
    assert "…" in hint.text()
    assert hint.toolTip() == f"<p>{escape(whole)}</p>"
    qtbot.mouseClick(hint, Qt.MouseButton.LeftButton)
    assert editor.window.notice.text == session.fill_summary
    assert editor.window.notice.message.is_calm
    editor.window.notice.dismiss()
    session.fill_summary = f"{session.fill_summary} The hole grew by 3 pixels. It is smooth."
    editor.controller.update_actions()
    first = session.fill_summary.partition(" The hole")[0]
    hint.resize(padding + measure(f"{first} {t('window.hint.more')}   {next_}") + 9, hint.height())
    assert hint.text() == f"{first} {t('window.hint.more')}   {next_}"
    whole = hint.next_step(session)
    hint.resize(padding + measure(whole) + 20, hint.height())
    assert (hint.text(), hint.toolTip()) == (whole, "")
    qtbot.mouseClick(hint, Qt.MouseButton.LeftButton)
    assert editor.window.notice.text == ""
    hint.resize(padding + 60, hint.height())
    assert measure(hint.text()) <= 60


def test_spots_far_apart_show_the_largest_of_them_in_the_history() -> None:
    shape, size = (2000, 3000), (64, 44)
    spots = [Rect(20, 30, 12, 12), Rect(2800, 1900, 14, 14)]
    assert thumbs.choose_part(spots, shape, size) == spots[1]
    assert thumbs.choose_part(spots[:1], shape, size) == spots[0]
    near = [Rect(20, 30, 12, 12), Rect(60, 40, 14, 14)]
    assert thumbs.choose_part(near, shape, size) == near[0].union(near[1])
    large = [Rect(20, 30, 900, 700), Rect(2800, 1900, 14, 14)]
    assert thumbs.choose_part(large, shape, size) == large[0].union(large[1])


def test_the_picture_of_a_protect_stroke_shows_what_is_protected(
    editor: Editor, session: Session
) -> None:
    rect = Rect(100, 20, 60, 40)
    before = thumbs.draw_edit(session, rect, (64, 44), "#ff0000").toImage().pixelColor(32, 22)
    with session.document.edit("history.protect") as editing:
        editing.write("protect", rect, np.full((40, 60), 255, np.uint8))
    after = thumbs.draw_edit(session, rect, (64, 44), "#ff0000").toImage().pixelColor(32, 22)
    paint = QColor(PROTECT_COLOUR)
    for now, was, tint in (
        (after.red(), before.red(), paint.red()),
        (after.blue(), before.blue(), paint.blue()),
    ):
        assert abs(now - (was + tint) / 2) <= 2


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_a_photo_in_linear_light_is_filled_as_eyes_see(
    editor: Editor, qtbot: QtBot, gravel: Path, tmp_path: Path, dtype: type
) -> None:
    # Adobe RGB with light itself as numbers.
    icc = profiles.make_profile("adobe").replace(
        struct.pack(">IH", 1, 563), struct.pack(">IH", 1, 256)
    )
    pixels = read_photo(gravel).pixels.astype(dtype) * dtype(np.iinfo(dtype).max // 255)
    path = tmp_path / "linear.tif"
    write_photo(path, Photo(pixels, icc=icc))
    photo = read_photo(path)
    curve = find_tone(photo)
    assert curve is not None
    assert photo.pixels.dtype == dtype
    editor.settings.set("fill.engine", "harmonic")
    editor.controller.open([path])
    qtbot.waitUntil(lambda: editor.controller.current is not None)
    session = editor.controller.current
    assert session is not None
    seen: list[np.dtype[Any]] = []
    editor.controller.filler.part_finished.connect(lambda _, rect, part: seen.append(part.dtype))
    paint(editor, qtbot, LEFT)
    request = FrozenRequest.of(session.document, editor.settings).request()
    editor.controller.run_fill()
    idle(editor, qtbot)
    result = Engine().inpaint(request, Progress())
    assert np.array_equal(request.image, curve.to_working(photo.pixels))
    wanted, there = photo.pixels.copy(), result.rect.slices
    wanted[there] = curve.restore(photo.pixels[there], result.pixels)
    assert (wanted != photo.pixels).any()
    assert np.array_equal(session.document.pixels, wanted)
    assert set(seen) <= {np.dtype(dtype)}


@pytest.mark.skipif(sys.platform != "linux", reason="moves the cache as XDG says")
def test_the_first_fill_ever_says_that_it_prepares_and_can_be_stopped(
    editor: Editor,
    session: Session,
    qtbot: QtBot,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "own"))
    paint(editor, qtbot, LEFT)
    editor.controller.engines.warm_up()
    qtbot.waitUntil(lambda: editor.engine.is_first_time, timeout=60000)
    editor.controller.run_fill()
    assert session.running_fill is not None
    assert session.running_fill.progress.text == t("engine.first_time")
    editor.controller.stop()
    assert session.running_fill is None
    assert session.document.history.position == 1
    assert editor.controller.engines.loaded is None
