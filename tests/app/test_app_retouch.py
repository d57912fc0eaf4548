"""The tools that retouch by hand, and those that say where to copy from, with real events."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from handwork import ALT, CTRL, NONE, NOTHING, Pen, Workbench, at_work
from PySide6.QtCore import QEvent, QPointF, QSettings, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.configuration.actions import TOOL_BAR
from app.configuration.settings import Settings
from app.configuration.text import t
from app.document.document import Document
from app.document.retouching.copy_source import source_of
from app.session.frozen_request import FrozenRequest
from app.session.notice import Notice
from app.session.recovery.recovery_journal import RecoveryJournal
from app.session.recovery.unsaved_work import find_unsaved_work
from app.ui.painting import qimage
from app.ui.shell.editor import Editor
from app.ui.tools.copy_tools import CloneTool
from app.ui.widgets.tool_strip import ToolStrip
from inpaint_core.contract.geometry import Rect
from inpaint_core.photo.photo import Photo

HOLE = Rect(40, 40, 120, 80)


@pytest.fixture
def workbench(qapp: QApplication, tmp_path: Path) -> Iterator[Workbench]:
    with at_work(tmp_path) as workbench:
        yield workbench


def fill(document: Document) -> None:
    document.apply_fill(HOLE, np.full((HOLE.h, HOLE.w, 3), (10, 90, 200), np.uint8))


# -- taking back -----------------------------------------------------------------------------------


def test_the_original_is_painted_back_and_alt_brings_the_fill_again(workbench: Workbench) -> None:
    document = workbench.document
    fill(document)
    filled, original = document.pixels.copy(), document.photo.pixels
    workbench.use("restore")
    workbench.drag([(60, 80), (140, 80)])
    assert np.array_equal(document.pixels[72:88, 60:140], original[72:88, 60:140])
    assert np.array_equal(document.pixels[95:], filled[95:])
    workbench.drag([(60, 80), (100, 80)], ALT)
    assert np.array_equal(document.pixels[72:88, 60:99], filled[72:88, 60:99])
    assert workbench.names == ["history.fill", "history.restore", "history.unrestore"]
    workbench.settings.set("restore.mode", "put")
    workbench.drag([(60, 80), (140, 80)])
    assert np.array_equal(document.pixels[72:88, 60:140], filled[72:88, 60:140])
    Pen(workbench, eraser=True).stroke([((60, 80), 1.0), ((140, 80), 1.0)])
    assert np.array_equal(document.pixels[72:88, 60:140], original[72:88, 60:140])
    document.go_to(1)
    assert np.array_equal(document.pixels, filled)


def test_esc_takes_the_stroke_back_and_beside_fills_it_is_none(workbench: Workbench) -> None:
    fill(workbench.document)
    filled = workbench.document.pixels.copy()
    workbench.use("restore")
    workbench.press((60, 80))
    workbench.move((100, 80))
    assert not np.array_equal(workbench.document.pixels, filled)
    workbench.key(Qt.Key.Key_Escape)
    assert np.array_equal(workbench.document.pixels, filled)
    workbench.release((100, 80))
    workbench.drag([(250, 200), (300, 220)])
    assert workbench.names == ["history.fill"]


# -- copying by hand -------------------------------------------------------------------------------


@pytest.mark.parametrize("tool", ["clone", "heal"])
def test_a_stroke_copies_from_where_alt_was_clicked(workbench: Workbench, tool: str) -> None:
    before = workbench.document.pixels.copy()
    workbench.use(tool)
    workbench.click((200.5, 150.5), ALT)
    workbench.drag([(60.5, 60.5), (80.5, 60.5)])
    assert workbench.names == [f"history.{tool}"]
    now = workbench.document.pixels
    if tool == "clone":
        assert np.array_equal(now[56:65, 60:80], before[146:155, 200:220])
    else:
        assert np.abs(now[56:65, 60:80].astype(int) - before[56:65, 60:80]).max() < 40
    changed = (now != before).any(axis=2)
    changed[48:73, 48:93] = False
    assert not changed.any()
    workbench.document.undo()
    assert np.array_equal(workbench.document.pixels, before)


def test_without_a_source_the_person_is_told(workbench: Workbench, qtbot: QtBot) -> None:
    tool = workbench.use("clone")
    with qtbot.waitSignal(tool.notice_posted) as told:
        workbench.drag([(60, 60), (80, 60)])
    assert told.args is not None
    assert "Alt" in told.args[1]
    assert workbench.untouched


def test_alt_shows_that_a_click_would_choose_before_the_pointer_moves(
    workbench: Workbench,
) -> None:
    workbench.use("clone")
    workbench.move((100, 100), held=NOTHING)
    canvas = workbench.canvas
    pictures = [canvas.grab().toImage()]
    for kind in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease):
        QApplication.sendEvent(canvas, QKeyEvent(kind, Qt.Key.Key_Alt, NONE))
        pictures.append(canvas.grab().toImage())
    QApplication.sendEvent(canvas, QEvent(QEvent.Type.Leave))
    QApplication.sendEvent(canvas, QKeyEvent(QEvent.Type.KeyPress, Qt.Key.Key_Alt, NONE))
    pictures.append(canvas.grab().toImage())
    free, held, released, left = pictures
    assert held != free
    assert released == free
    assert left not in (free, held)


def test_without_a_pointer_over_the_photo_there_is_no_place_to_copy_from(
    workbench: Workbench, qtbot: QtBot
) -> None:
    tool = workbench.use("clone")
    assert isinstance(tool, CloneTool)
    with qtbot.waitSignal(tool.notice_posted) as told:
        tool.set_source()
    assert told.args is not None
    assert told.args[0] == t("tools.copy.outside")
    assert source_of(workbench.document).point is None


def test_aligned_strokes_keep_the_distance_and_others_begin_anew(workbench: Workbench) -> None:
    document = workbench.document
    before = document.pixels.copy()
    workbench.use("clone")
    workbench.click((200.5, 150.5), ALT)
    workbench.press((60.5, 60.5))
    workbench.key(Qt.Key.Key_Escape)  # an abandoned stroke fixes no distance
    workbench.release((60.5, 60.5))
    workbench.click((80.5, 60.5))
    workbench.click((120.5, 100.5))
    assert np.array_equal(document.pixels[96:105, 116:125], before[186:195, 236:245])
    workbench.use("heal")  # another tool of the same source
    workbench.settings.set("clone.aligned", False)
    workbench.use("clone")
    workbench.click((300.5, 250.5))
    assert np.array_equal(document.pixels[246:255, 296:305], before[146:155, 196:205])


def test_a_copy_may_be_mirrored_and_faint(workbench: Workbench) -> None:
    document, settings = workbench.document, workbench.settings
    before = document.pixels.copy()
    settings.set("clone.mirrored", True)
    workbench.use("clone")
    workbench.click((160, 150), ALT)
    workbench.drag([(70, 70), (90, 70)])
    assert np.array_equal(document.pixels[66:75, 66:90], before[146:155, 140:164][:, ::-1])
    settings.set("clone.mirrored", False)
    settings.set("clone.opacity", 50)
    settings.set("clone.aligned", False)
    workbench.click((200, 150), ALT)
    workbench.click((300, 250))
    half = (before[246:255, 296:305].astype(float) + before[146:155, 196:205]) / 2
    assert np.abs(document.pixels[246:255, 296:305] - half).max() <= 1


def test_the_pen_and_turned_copies_work_and_the_brush_shows_what_it_copies(
    workbench: Workbench,
) -> None:
    workbench.settings.set("clone.rotation", 90)
    workbench.settings.set("clone.scale", 50)
    workbench.settings.set("brush.size", 60)
    workbench.use("clone")
    workbench.click((200, 150), ALT)
    workbench.move((70, 70), held=Qt.MouseButton.NoButton)
    shown = qimage.to_rgb(workbench.canvas.grab().toImage()).astype(int)
    at = workbench.at((70, 70)).toPoint()
    assert shown[at.y() + 8, at.x() + 5, 0] > 190  # red, as the disc is
    assert shown[at.y() + 8, at.x() + 5, 1] < 80
    source = workbench.at((200, 150)).toPoint()
    assert shown[source.y(), source.x() - 7].min() > 130  # an arm of the cross-hair
    Pen(workbench).stroke([((70, 70), 1.0), ((72, 70), 0.5)])
    assert workbench.names == ["history.clone"]
    disc = (workbench.document.pixels[..., 0] > 190) & (workbench.document.pixels[..., 1] < 80)
    assert disc[60:80, 60:80].all()
    assert not disc[70, 102:120].any()
    workbench.settings.set("clone.rotation", 0)


def test_a_stroke_is_healed_before_it_ends(workbench: Workbench) -> None:
    """The red disc is copied: its grain comes, its colour is never seen."""
    document = workbench.document
    before = document.pixels.copy()
    workbench.use("heal")
    workbench.click((200.5, 150.5), ALT)
    workbench.press((60.5, 60.5))
    for x in range(64, 90, 4):
        workbench.move((x + 0.5, 60.5))
        changed = (document.pixels != before).any(axis=2)
        assert changed[60, 56 : x + 4].mean() > 0.8
        assert np.abs(document.pixels.astype(int) - before).max() < 25
    shown = qimage.to_rgb(workbench.canvas.grab().toImage()).astype(int)
    at = workbench.at((70, 60)).toPoint()
    assert np.ptp(shown[at.y() - 4 : at.y() + 4, at.x() - 4 : at.x() + 4]) < 40
    during = document.pixels.copy()
    workbench.release((88.5, 60.5))
    assert np.abs(document.pixels.astype(int) - during).max() <= 1
    assert workbench.names == ["history.heal"]
    workbench.document.undo()
    workbench.press((60.5, 60.5))
    workbench.move((80.5, 60.5))
    workbench.key(Qt.Key.Key_Escape)
    assert np.array_equal(document.pixels, before)


def test_the_hint_says_what_the_mode_paints(editor: Editor, qtbot: QtBot, photo: Path) -> None:
    editor.controller.open([photo])
    qtbot.waitUntil(lambda: editor.controller.current is not None)
    editor.window.actions_by_id["tool.restore"].trigger()
    hint = editor.window.hint
    assert "original" in hint.text().partition(";")[0]
    editor.settings.set("restore.mode", "put")
    assert hint.text() == t("tools.restore.put")
    editor.window.actions_by_id["tool.brush"].trigger()
    assert hint.text() != t("tools.restore.put")
    editor.window.actions_by_id["tool.restore"].trigger()
    assert hint.text() == t("tools.restore.put")
    editor.settings.set("restore.mode", "take")
    assert "original" in hint.text().partition(";")[0]


def test_with_a_mask_the_hint_still_says_what_a_retouching_tool_does(
    editor: Editor, qtbot: QtBot, photo: Path
) -> None:
    editor.controller.open([photo])
    qtbot.waitUntil(lambda: editor.controller.current is not None)
    assert editor.controller.current is not None
    with editor.controller.current.document.edit("history.brush") as editing:
        editing.write("mask", Rect(2, 2, 3, 3), np.full((3, 3), 255, np.uint8))
    for tool in ("clone", "heal"):  # where Alt sets what is copied, instead of erasing
        action = editor.window.actions_by_id[f"tool.{tool}"]
        action.trigger()
        assert editor.window.hint.text() == t(f"actions.tool.{tool}.tip")
    editor.window.actions_by_id["tool.brush"].trigger()
    assert editor.window.hint.text().startswith("Press")


def test_outlines_say_what_they_are_for(editor: Editor, qtbot: QtBot, photo: Path) -> None:
    editor.controller.open([photo])
    qtbot.waitUntil(lambda: editor.controller.current is not None)
    for tool in ("lasso", "polygon"):
        editor.window.actions_by_id[f"tool.{tool}"].trigger()
        editor.settings.set("outline.layer", "protect")
        assert editor.window.hint.text() == t("tools.outline.protect")
        editor.settings.set("outline.layer", "source")
        assert editor.window.hint.text() == t("tools.outline.source")
        editor.settings.set("outline.layer", "mask")
        assert "Paint over" in editor.window.hint.text()


def test_that_there_is_nothing_to_copy_here_is_told(workbench: Workbench, qtbot: QtBot) -> None:
    tool = workbench.use("clone")
    workbench.click((200.5, 250.5), ALT)
    workbench.click((200.5, 100.5))
    workbench.click((200.5, 160.5))  # the source would be at 310, and the brush reaches up to 300
    with qtbot.waitSignal(tool.notice_posted) as told:
        workbench.click((200.5, 170.5))
    assert told.args is not None
    assert told.args[0] == t("tools.copy.beyond")
    assert workbench.names == ["history.clone"]


def test_what_a_tool_told_goes_with_it(editor: Editor, qtbot: QtBot, photo: Path) -> None:
    editor.controller.open([photo])
    qtbot.waitUntil(lambda: editor.controller.current is not None)
    actions, notice = editor.window.actions_by_id, editor.window.notice
    copied = photo.with_name("other.png")
    copied.write_bytes(photo.read_bytes())
    actions["tool.shadow"].trigger()
    assert notice.text.startswith(t("tools.shadow.empty"))
    editor.controller.open([copied])  # nothing was asked of the tool here: the hint says it
    qtbot.waitUntil(lambda: len(editor.controller.sessions) == 2)
    qtbot.waitUntil(lambda: editor.controller.current is editor.controller.sessions[1])
    assert notice.text == ""
    assert editor.window.hint.text() == t("tools.shadow.empty_hint")
    actions["tool.shadow"].trigger()
    assert notice.text.startswith(t("tools.shadow.empty"))
    actions["tool.brush"].trigger()
    assert notice.text == ""
    actions["tool.shadow"].trigger()
    other = Notice("Something else.")
    editor.controller.post_notice(other)
    actions["tool.brush"].trigger()
    assert notice.message is other


# -- where to copy from ----------------------------------------------------------------------------


@pytest.mark.parametrize("layer", ["protect", "source"])
def test_brush_lasso_and_polygon_say_where_to_copy_from(workbench: Workbench, layer: str) -> None:
    document, square = workbench.document, [(50, 50), (150, 50), (150, 150), (50, 150)]
    added, erased = {
        "protect": ("history.protect", "history.unprotect"),
        "source": ("history.source", "history.source.erased"),
    }[layer]
    workbench.use(layer)
    workbench.drag([(220, 200), (300, 200)])
    workbench.settings.set("outline.layer", layer)
    workbench.use("lasso")
    workbench.drag(square)
    workbench.drag([(80, 80), (120, 80), (120, 120), (80, 120)], ALT)
    workbench.use("polygon")
    for place in [(300, 50), (350, 50), (350, 100)]:
        workbench.click(place)
    workbench.key(Qt.Key.Key_Return)
    painted = getattr(document, layer)
    assert [int(painted[y, x]) for x, y in ((260, 200), (60, 60), (100, 100), (345, 60))] == [
        255, 255, 0, 255
    ]  # fmt: skip
    assert not document.mask.any()
    assert workbench.names == [added, added, erased, added]
    workbench.use("snap")
    assert workbench.canvas.tool is not None
    assert workbench.canvas.tool.layer == "mask"  # type: ignore[attr-defined]
    workbench.canvas.set_tool(None)
    shown = qimage.to_rgb(workbench.canvas.grab().toImage()).astype(int)
    at = workbench.at((60, 100)).toPoint()
    part = shown[at.y() - 10 : at.y() + 10, at.x() - 8 : at.x() + 8].mean(axis=(0, 1))
    strongest = {"protect": 2, "source": 1}[layer]
    assert int(part.argmax()) == strongest
    assert part[strongest] > part[0] + 25


def test_a_fill_copies_only_from_there(tmp_path: Path) -> None:
    settings = Settings(QSettings(str(tmp_path / "v.ini"), QSettings.Format.IniFormat))
    document = Document(Photo(np.zeros((40, 60, 3), np.uint8)))
    with document.edit("history.brush") as editing:
        editing.write("mask", Rect(20, 10, 20, 20), np.full((20, 20), 255, np.uint8))
    frozen = FrozenRequest.of(document, settings)
    assert frozen.request().options.source is None
    with document.edit("history.source") as editing:
        editing.write("source", Rect(2, 2, 10, 30), np.full((30, 10), 255, np.uint8))
    assert frozen.is_stale(document, Rect(20, 10, 20, 20))
    frozen = FrozenRequest.of(document, settings)
    source = frozen.request().options.source
    assert source is not None
    assert np.array_equal(source, document.source > 127)
    assert FrozenRequest.for_replay(frozen.recipe, document, "cpu").options.source is not None


def test_what_was_painted_by_hand_outlives_a_crash(qtbot: QtBot, tmp_path: Path) -> None:
    from app.document.retouching.restoring_stroke import RestoringStroke

    pixels = np.random.default_rng(1).integers(0, 65535, (300, 400, 3), np.uint16)
    alpha = np.full((300, 400), 40000, np.uint16)
    document, state = Document(Photo(pixels, alpha)), tmp_path / "journals"
    journal = RecoveryJournal(state)
    journal.watch(document)
    document.apply_fill(HOLE, pixels[100:180, 100:220], alpha=alpha[100:180, 100:220] // 2)
    with document.edit("history.restore") as editing:
        RestoringStroke(editing, document.shape, 40, 0.5).draw_to(100, 80)
    with document.edit("history.source") as editing:
        editing.write("source", HOLE, np.full((HOLE.h, HOLE.w), 255, np.uint8))
    journal.flush()
    (tmp_path / "left").mkdir()
    for left in state.iterdir():  # as a crash leaves it: nobody closes it
        (tmp_path / "left" / left.name).write_bytes(left.read_bytes())
    (found,) = find_unsaved_work(tmp_path / "left")
    again = Document(Photo(pixels, alpha))
    found.restore(again)
    found.discard()
    journal.close()
    for layer in ("pixels", "alpha", "restored", "filled", "filled_alpha", "source"):
        assert np.array_equal(again.read(layer), document.read(layer)), layer


def test_clearing_is_possible_only_where_something_is_painted(
    editor: Editor, qtbot: QtBot, photo: Path
) -> None:
    editor.controller.open([photo])
    qtbot.waitUntil(lambda: editor.controller.current is not None)
    session = editor.controller.current
    assert session is not None
    actions, layers = editor.window.actions_by_id, ("protect", "source", "edges")
    assert not any(actions[f"{layer}.clear"].isEnabled() for layer in layers)
    for layer in layers:
        with session.document.edit("history.brush") as editing:
            editing.write(layer, Rect(5, 5, 9, 9), np.full((9, 9), 255, np.uint8))
        assert actions[f"{layer}.clear"].isEnabled()
        actions[f"{layer}.clear"].trigger()
        assert not session.document.read(layer).any()
        assert not actions[f"{layer}.clear"].isEnabled()
        assert session.document.history.entries[-1].name_key == f"history.{layer}.cleared"


def test_a_key_makes_the_place_under_the_pointer_the_source(
    editor: Editor, qtbot: QtBot, gravel: Path
) -> None:
    editor.controller.open([gravel])
    qtbot.waitUntil(lambda: editor.controller.current is not None)
    session, canvas = editor.controller.current, editor.window.canvas
    assert session is not None
    document, before = session.document, session.document.pixels.copy()
    editor.settings.set("brush.size", 20)
    qtbot.mouseMove(canvas, canvas.to_widget(QPointF(120.5, 80.5)).toPoint())
    canvas.setFocus()
    qtbot.keyClick(canvas, Qt.Key.Key_C, Qt.KeyboardModifier.ShiftModifier)
    assert editor.window.workspace.tool == "clone"
    place = canvas.to_widget(QPointF(40.5, 40.5)).toPoint()
    qtbot.mouseMove(canvas, place)
    qtbot.mouseClick(canvas, Qt.MouseButton.LeftButton, pos=place)
    assert [entry.name_key for entry in document.history.entries] == ["history.clone"]
    source = source_of(document)
    assert source.point is not None
    assert source.target is not None
    dx, dy = (round(a - b) for a, b in zip(source.point, source.target, strict=True))
    y, x = round(source.target[1]), round(source.target[0])
    near = np.s_[y - 3 : y + 3, x - 3 : x + 3]
    far = np.s_[y + dy - 3 : y + dy + 3, x + dx - 3 : x + dx + 3]
    assert np.array_equal(document.pixels[near], before[far])
    assert not np.array_equal(before[near], before[far])


# -- the pen ---------------------------------------------------------------------------------------


def pressed(workbench: Workbench, eraser: bool = False) -> None:
    """A stroke that begins lightly and ends at full pressure."""
    places = [((60.0 + 8 * step, 80.0), 0.2 + 0.1 * step) for step in range(9)]
    Pen(workbench, eraser).stroke(places)


def heights(painted: np.ndarray) -> tuple[int, int]:
    """How high a stroke is where it begins and where it ends."""
    return int(np.count_nonzero(painted[:, 62])), int(np.count_nonzero(painted[:, 122]))


@pytest.mark.parametrize("layer", ["protect", "source", "restored"])
def test_the_pens_pressure_sizes_what_it_paints_and_its_other_end_erases(
    workbench: Workbench, layer: str
) -> None:
    document = workbench.document
    fill(document)
    workbench.settings.set("brush.size", 40)
    workbench.use("restore" if layer == "restored" else layer)
    pressed(workbench)
    painted = document.read(layer).copy()  # type: ignore[arg-type]
    begin, end = heights(painted)
    assert 4 <= begin <= 14
    assert 34 <= end <= 42
    pressed(workbench, eraser=True)
    erased = document.read(layer)  # type: ignore[arg-type]
    assert not erased[painted == 255].any()
    assert erased.max() < 70  # of soft rims a rest is left
    document.undo()
    document.undo()
    workbench.settings.set("brush.pressure", "hardness")
    pressed(workbench)
    softer = document.read(layer)  # type: ignore[arg-type]
    assert heights(softer)[0] > 30
    rims = [int(np.count_nonzero((softer[:, x] > 0) & (softer[:, x] < 255))) for x in (62, 122)]
    assert rims[0] > rims[1] + 10


@pytest.mark.parametrize("tool", ["clone", "heal"])
def test_the_pens_other_end_chooses_the_source_and_its_pressure_sizes_the_copy(
    workbench: Workbench, tool: str
) -> None:
    document = workbench.document
    before = document.pixels.copy()
    workbench.settings.set("brush.size", 40)
    workbench.use(tool)
    Pen(workbench, eraser=True).stroke([((200.5, 150.5), 0.7)])
    assert source_of(document).point == (200.5, 150.5)
    assert not workbench.names
    workbench.move((60, 80), held=NOTHING)
    pressed(workbench)
    assert workbench.names == [f"history.{tool}"]
    begin, end = heights((document.pixels != before).any(axis=2))
    assert 2 <= begin <= 14
    assert 30 <= end <= 42
    document.undo()
    assert np.array_equal(document.pixels, before)


@pytest.mark.parametrize("layer", ["mask", "protect", "source"])
def test_the_pen_outlines_all_three_areas(workbench: Workbench, layer: str) -> None:
    document, square = workbench.document, [(50, 50), (150, 50), (150, 150), (50, 150)]
    hole = [(80, 80), (120, 80), (120, 120), (80, 120)]
    workbench.settings.set("outline.layer", layer)
    workbench.use("lasso")
    Pen(workbench).stroke([(place, 0.1) for place in square])
    Pen(workbench, eraser=True).stroke([(place, 0.9) for place in hole])
    workbench.use("polygon")
    for place in [(300, 50), (350, 50), (350, 100), (300, 50)]:
        Pen(workbench).stroke([(place, 0.5)])
    painted = document.read(layer)  # type: ignore[arg-type]
    assert [int(painted[y, x]) for x, y in ((60, 60), (100, 100), (345, 60))] == [255, 0, 255]
    others = {"mask", "protect", "source"} - {layer}
    assert not any(document.read(other).any() for other in others)  # type: ignore[arg-type]


# -- the brush and the strip -----------------------------------------------------------------------


def test_the_brush_is_as_large_on_the_screen_at_every_zoom(workbench: Workbench) -> None:
    assert workbench.settings.get("brush.units") == "screen"
    workbench.canvas.zoom_to(0.5)
    workbench.use("brush")
    workbench.click((100, 100))
    assert np.count_nonzero(workbench.document.mask[100]) == pytest.approx(40, abs=1)
    workbench.settings.set("brush.units", "photo")
    workbench.click((300, 200))
    assert np.count_nonzero(workbench.document.mask[200]) == pytest.approx(20, abs=1)
    workbench.settings.set("brush.units", "screen")
    start = workbench.at((200, 150))
    workbench.press((200, 150), ALT | CTRL)
    moved = workbench.canvas.to_photo(start + QPointF(10, 0))
    workbench.move((moved.x(), moved.y()), ALT | CTRL)
    workbench.release((moved.x(), moved.y()), ALT | CTRL)
    assert workbench.settings.get("brush.size") == pytest.approx(40, abs=0.1)


def test_every_tool_is_in_sight_however_low_the_window_is(editor: Editor, qtbot: QtBot) -> None:
    actions = [None if n is None else editor.window.actions_by_id[n] for n in TOOL_BAR]
    strip = ToolStrip("Tools", actions)
    qtbot.addWidget(strip)
    strip.show()
    for height in (1000, 500, 300):
        strip.resize(strip.sizeHint().width(), height)
        buttons = [child for child in strip.children() if hasattr(child, "defaultAction")]
        assert len(buttons) == len([name for name in TOOL_BAR if name is not None])
        places = [button.geometry() for button in buttons]  # type: ignore[attr-defined]
        assert all(place.top() >= 0 and place.bottom() < height for place in places)
        assert not any(a.intersects(b) for a in places for b in places if a is not b)
        columns = len({place.left() for place in places})
        assert columns == strip.columns
        assert strip.sizeHint().width() >= max(place.right() for place in places)
    assert columns > 1
