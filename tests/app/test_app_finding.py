"""The tools that find things, with real events: what they propose, ticking off, adding, undo."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest
from handwork import ALT, SHIFT, Pen, Workbench, at_work
from PIL import Image
from PySide6.QtCore import QPointF, Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.configuration.text import t
from app.ui.shell.editor import Editor
from app.ui.tools.finding_tool import FindingTool
from app.ui.tools.tool import PointerState
from inpaint_core.contract.geometry import Rect


@pytest.fixture
def workbench(qapp: QApplication, tmp_path: Path) -> Iterator[Workbench]:
    with at_work(tmp_path) as workbench:
        yield workbench


def paint_photo(workbench: Workbench, pixels: np.ndarray) -> None:
    with workbench.document.edit("history.fill") as editing:
        editing.write("pixels", Rect.whole(pixels.shape), pixels)


def draw_sky() -> np.ndarray:
    """A grey sky with two wires, three spots and a dark wall below."""
    rng = np.random.default_rng(1)
    pixels = np.full((300, 400, 3), 180, np.float64) + rng.normal(0, 1, (300, 400, 1))
    pixels[60:63] = pixels[100:102] = 40
    y, x = np.mgrid[:300, :400]
    for at in ((80, 150), (200, 160), (320, 140)):
        pixels[np.hypot(x - at[0], y - at[1]) < 5] -= 30
    pixels[220:] = rng.uniform(20, 60, (80, 400, 1))
    return np.clip(pixels, 0, 255).astype(np.uint8)


def draw_sand() -> np.ndarray:
    """A plain colour with texture."""
    grain = np.random.default_rng(1).normal(0, 30, (300, 400)).astype(np.float32)
    values = np.array([170.0, 150, 110]) + cv2.GaussianBlur(grain, (0, 0), 1.5)[..., None]
    return np.clip(values, 0, 255).astype(np.uint8)


def use(workbench: Workbench, qtbot: QtBot, tool_id: str) -> FindingTool:
    tool = workbench.use(tool_id)
    assert isinstance(tool, FindingTool)
    qtbot.waitUntil(lambda: not tool.is_searching, timeout=60_000)
    return tool


def test_a_click_on_a_wire_masks_it_and_alt_erases_it(workbench: Workbench, qtbot: QtBot) -> None:
    paint_photo(workbench, draw_sky())
    tool = use(workbench, qtbot, "wires")
    workbench.click((150, 64))
    qtbot.waitUntil(lambda: not tool.is_searching, timeout=60_000)
    mask = workbench.document.mask
    assert (mask[60:63, 3:397] > 127).all()
    assert not mask[70:].any()
    assert workbench.names[-1] == "history.wires"
    workbench.click((150, 61), ALT)
    qtbot.waitUntil(lambda: not tool.is_searching, timeout=60_000)
    assert not workbench.document.mask[60:63, 3:397].any()
    workbench.document.undo()
    workbench.document.undo()
    assert not workbench.document.mask.any()


def test_a_click_beside_every_line_says_so(workbench: Workbench, qtbot: QtBot) -> None:
    paint_photo(workbench, draw_sky())
    tool, told = use(workbench, qtbot, "wires"), []
    tool.notice_posted.connect(lambda text, _: told.append(text))
    workbench.click((150, 190))
    qtbot.waitUntil(lambda: not tool.is_searching, timeout=60_000)
    assert len(told) == 1
    assert not workbench.document.mask.any()


def test_spots_are_ticked_off_by_click_and_box_and_added_by_enter(
    workbench: Workbench, qtbot: QtBot
) -> None:
    paint_photo(workbench, draw_sky())
    tool = use(workbench, qtbot, "spots")
    assert len(tool.proposals) == 3
    assert tool.has_proposal
    assert not workbench.document.mask.any()
    workbench.canvas.grab()
    workbench.click((80.5, 150.5))
    assert [p.is_ticked for p in tool.proposals].count(False) == 1
    workbench.drag([(180, 130), (190, 150), (350, 180)])
    assert [p.is_ticked for p in tool.proposals].count(False) == 3
    workbench.drag([(180, 130), (190, 150), (350, 180)])
    assert [p.is_ticked for p in tool.proposals].count(False) == 1
    workbench.click((250.5, 40.5))  # no spot there: one is added by hand
    qtbot.waitUntil(lambda: not tool.is_searching, timeout=60_000)
    assert len(tool.proposals) == 4
    assert workbench.key(Qt.Key.Key_Return)
    mask = workbench.document.mask
    assert mask[160, 200] == mask[140, 320] == mask[40, 250] == 255
    assert mask[150, 80] == 0
    assert not tool.has_proposal
    assert workbench.names[-1] == "history.spots"
    workbench.document.undo()
    assert not workbench.document.mask.any()


def test_the_sensitivity_keeps_what_was_ticked_off(workbench: Workbench, qtbot: QtBot) -> None:
    paint_photo(workbench, draw_sky())
    tool = use(workbench, qtbot, "spots")
    workbench.click((80.5, 150.5))
    workbench.settings.set("spots.sensitivity", 0)
    fewer = len(tool.proposals)
    workbench.settings.set("spots.sensitivity", 50)
    assert fewer <= 3
    assert len(tool.proposals) == 3
    assert [p.is_ticked for p in tool.proposals].count(False) == 1


def test_escape_cancels_a_search_and_discards_marks(workbench: Workbench, qtbot: QtBot) -> None:
    paint_photo(workbench, draw_sky())
    tool = workbench.use("spots")
    assert isinstance(tool, FindingTool)
    assert tool.is_searching
    assert workbench.key(Qt.Key.Key_Escape)
    assert not tool.is_searching
    assert not tool.has_proposal
    tool = use(workbench, qtbot, "spots")
    assert tool.has_proposal
    assert workbench.key(Qt.Key.Key_Escape)
    assert not tool.has_proposal
    assert not workbench.document.mask.any()


def wait_for(tool: FindingTool, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: not tool.is_searching, timeout=60_000)


def test_a_pen_follows_a_wire_and_its_eraser_erases_it(workbench: Workbench, qtbot: QtBot) -> None:
    paint_photo(workbench, draw_sky())
    tool = use(workbench, qtbot, "wires")
    Pen(workbench).stroke([((150, 64), 0.4), ((150.5, 64.5), 0.7)])  # a tap is never quite still
    wait_for(tool, qtbot)
    assert (workbench.document.mask[60:63, 3:397] > 127).all()
    Pen(workbench, eraser=True).stroke([((150, 61), 0.5)])
    wait_for(tool, qtbot)
    assert not workbench.document.mask[60:63, 3:397].any()
    assert workbench.names[-2:] == ["history.wires", "history.wires"]


def test_a_drag_moves_a_spot_and_with_shift_it_sets_its_size(
    workbench: Workbench, qtbot: QtBot
) -> None:
    paint_photo(workbench, draw_sky())
    tool, document = use(workbench, qtbot, "spots"), workbench.document
    assert tool.hint == t("tools.spots.found", ticked=3, count=3)
    workbench.drag([(200, 160), (215, 165), (230, 180)])
    workbench.drag([(80, 150), (80, 170)], SHIFT)
    workbench.press((320, 140))
    workbench.move((340, 150))
    assert workbench.key(Qt.Key.Key_Escape)
    workbench.release((340, 150))
    assert tool.hint == t("tools.spots.found", ticked=3, count=3)  # none was ticked off
    workbench.settings.set("spots.sensitivity", 51)  # what was moved stays where it is
    workbench.drag([(230, 180), (230, 3), (230, -90)])  # not out of the photo
    workbench.key(Qt.Key.Key_Return)
    assert document.mask[140, 320] == 255
    assert not document.mask[155:166, 195:206].any()
    wide = np.flatnonzero(document.mask[150, :150])
    assert 38 < wide[-1] - wide[0] < 70
    top = np.flatnonzero(document.mask[:, 230])
    assert (top[0], len(top) < 20) == (0, True)
    document.undo()
    assert not document.mask.any()


def test_a_pen_ticks_off_spots_and_adds_one(workbench: Workbench, qtbot: QtBot) -> None:
    paint_photo(workbench, draw_sky())
    tool, pen = use(workbench, qtbot, "spots"), Pen(workbench)
    assert isinstance(tool, FindingTool)
    pen.stroke([((80, 150), 0.3), ((81, 150), 0.6)])
    assert [p.is_ticked for p in tool.proposals].count(False) == 1
    pen.stroke([((180, 130), 0.5), ((250, 150), 0.5), ((350, 180), 0.5)])
    assert [p.is_ticked for p in tool.proposals].count(False) == 3
    pen.stroke([((250, 40), 0.5)])
    wait_for(tool, qtbot)
    assert len(tool.proposals) == 4
    assert workbench.key(Qt.Key.Key_Return)
    mask = workbench.document.mask
    assert mask[40, 250] == 255
    assert not mask[100:].any()


def test_a_pen_ticks_off_writing_and_a_shadow(workbench: Workbench, qtbot: QtBot) -> None:
    letters, photo = np.zeros((300, 400), np.uint8), draw_sand()
    cv2.putText(letters, "2019 08 14", (60, 200), cv2.FONT_HERSHEY_SIMPLEX, 0.9, 255, 2)
    photo[letters > 0] = (255, 140, 40)
    paint_photo(workbench, photo)
    tool, pen = use(workbench, qtbot, "text"), Pen(workbench)
    assert len(tool.proposals) == 1
    y, x = (float(values[0]) for values in np.nonzero(letters))
    pen.stroke([((x + 0.5, y + 0.5), 0.5)])
    assert not tool.proposals[0].is_ticked
    pen.stroke([((x + 0.5, y + 0.5), 0.5)])
    assert workbench.key(Qt.Key.Key_Enter)
    assert (workbench.document.mask[letters > 0] > 127).mean() > 0.9

    photo = draw_sand()
    photo[160:200, 200:300] = photo[160:200, 200:300] // 2
    photo[110:200, 160:200] = (200, 60, 50)
    paint_photo(workbench, photo)
    with workbench.document.edit("history.box") as editing:
        box = np.zeros((300, 400), np.uint8)
        box[107:203, 157:203] = 255
        editing.write("mask", Rect(0, 0, 400, 300), box)
    tool = use(workbench, qtbot, "shadow")
    assert len(tool.proposals) == 1
    assert not workbench.document.mask[180, 250]  # it is shown before it is added
    pen.stroke([((250, 180), 0.5)])
    assert not tool.proposals[0].is_ticked
    pen.stroke([((250, 180), 0.5)])
    assert workbench.key(Qt.Key.Key_Return)
    assert (workbench.document.mask[165:195, 210:290] > 127).all()
    assert workbench.names[-1] == "history.shadow"


def test_marks_are_chosen_and_ticked_with_the_keyboard_alone(
    workbench: Workbench, qtbot: QtBot
) -> None:
    paint_photo(workbench, draw_sky())
    tool = use(workbench, qtbot, "spots")
    first, second, third = tool.proposals
    assert workbench.key(Qt.Key.Key_PageDown)
    assert workbench.key(Qt.Key.Key_PageDown)
    assert workbench.key(Qt.Key.Key_Backspace)
    assert [p.is_ticked for p in (first, second, third)] == [True, False, True]
    assert workbench.key(Qt.Key.Key_PageUp)
    assert workbench.key(Qt.Key.Key_PageUp)  # from the first to the last
    assert workbench.key(Qt.Key.Key_Delete)
    assert [p.is_ticked for p in (first, second, third)] == [True, False, False]
    assert workbench.key(Qt.Key.Key_Delete)
    assert third.is_ticked
    # One out of sight is brought into view.
    workbench.canvas.zoom_to(8.0, workbench.at((395, 5)))
    assert workbench.key(Qt.Key.Key_PageDown)
    middle = first.path.boundingRect().center()
    assert workbench.canvas.rect().contains(workbench.canvas.to_widget(middle).toPoint())
    assert workbench.key(Qt.Key.Key_Return)
    added = [workbench.value(80, 150), workbench.value(200, 160), workbench.value(320, 140)]
    assert added.count(255) == 2


def open_photo(editor: Editor, qtbot: QtBot, pixels: np.ndarray, path: Path) -> None:
    Image.fromarray(pixels).save(path)
    editor.controller.open([path])
    qtbot.waitUntil(lambda: editor.controller.current is not None, timeout=60_000)


def test_fill_adds_what_is_found_and_fills_it(editor: Editor, qtbot: QtBot, tmp_path: Path) -> None:
    open_photo(editor, qtbot, draw_sky(), tmp_path / "sky.png")
    window, session = editor.window, editor.controller.current
    assert session is not None
    actions = window.actions_by_id
    assert not actions["found.add"].isEnabled()
    actions["wires.find"].trigger()
    tool = window.canvas.tool
    assert isinstance(tool, FindingTool)
    qtbot.waitUntil(lambda: not tool.is_searching, timeout=60_000)
    assert len(tool.proposals) == 2
    assert actions["found.add"].isEnabled()
    assert "2" in window.hint.text()
    actions["found.discard"].trigger()
    assert not tool.has_proposal
    actions["tool.spots"].trigger()
    tool = window.canvas.tool
    assert isinstance(tool, FindingTool)
    qtbot.waitUntil(lambda: tool.has_proposal, timeout=60_000)
    actions["spots.view"].trigger()
    shown = window.canvas.grab().toImage()
    actions["spots.view"].trigger()
    assert window.canvas.grab().toImage() != shown
    actions["tool.brush"].trigger()
    actions["spots.view"].trigger()  # it belongs to the tool, which is picked then
    assert actions["tool.spots"].isChecked()
    assert actions["spots.view"].isChecked()
    actions["spots.view"].trigger()
    assert actions["tool.spots"].isChecked()
    tool = window.canvas.tool
    assert isinstance(tool, FindingTool)
    qtbot.waitUntil(lambda: tool.has_proposal, timeout=60_000)
    with qtbot.waitSignal(editor.controller.filler.fill_applied, timeout=240_000):
        actions["fill.run"].trigger()
    assert not session.document.mask.any()
    assert abs(int(session.document.pixels[150, 80, 0]) - 180) < 8


def test_a_cut_object_is_said_and_added(editor: Editor, qtbot: QtBot, tmp_path: Path) -> None:
    pixels = draw_sky()
    pixels[:] = 150
    pixels += np.random.default_rng(2).integers(0, 12, (300, 400, 1), np.uint8)
    pixels[90:200, 120:280] = (200, 40, 40)
    open_photo(editor, qtbot, pixels, tmp_path / "box.png")
    session, window = editor.controller.current, editor.window
    assert session is not None
    with session.document.edit("history.box") as editing:
        editing.write("mask", Rect(115, 85, 135, 120), np.full((120, 135), 255, np.uint8))
    qtbot.waitUntil(lambda: bool(window.cut_watch.marks), timeout=60_000)
    window.canvas.grab()
    (button,) = window.notice.buttons
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert (session.document.mask[92:198, 122:278] > 127).all()
    assert window.cut_watch.marks == []
    session.document.undo()
    assert session.document.mask[150, 270] == 0


def test_a_notice_of_nothing_goes_when_something_is_found(
    editor: Editor, qtbot: QtBot, tmp_path: Path
) -> None:
    pixels = np.full((300, 400, 3), 180, np.uint8)
    pixels[150:153] = 40
    open_photo(editor, qtbot, pixels, tmp_path / "plain.png")
    window = editor.window
    for tool_id, at in (("spots", QPointF(200, 60)), ("wires", QPointF(200, 151))):
        window.actions_by_id[f"tool.{tool_id}"].trigger()
        tool = window.canvas.tool
        assert isinstance(tool, FindingTool)
        wait_for(tool, qtbot)
        if tool_id == "wires":
            tool.click_beside(PointerState(200, 250, QPointF(0, 0)))
            wait_for(tool, qtbot)
        assert t(f"tools.{tool_id}.nothing") in window.notice.text
        tool.click_beside(PointerState(at.x(), at.y(), QPointF(0, 0)))
        wait_for(tool, qtbot)
        assert window.notice.text == ""


def test_a_rough_mask_is_grown_to_the_object_when_asked(
    editor: Editor, qtbot: QtBot, tmp_path: Path
) -> None:
    pixels = 150 + np.random.default_rng(2).integers(0, 12, (300, 400, 1), np.uint8)
    pixels = np.repeat(pixels, 3, axis=2)
    pixels[90:200, 120:280] = (200, 40, 40)
    open_photo(editor, qtbot, pixels, tmp_path / "box.png")
    session, window = editor.controller.current, editor.window
    assert session is not None
    grow = window.actions_by_id["mask.grow_to_object"]
    assert not grow.isEnabled()
    # Too small at the left, and too large at the right: a mask that is loaded is not looked at.
    with session.document.edit("history.load") as editing:
        editing.write("mask", Rect(135, 80, 155, 130), np.full((130, 155), 255, np.uint8))
    window.canvas.setFocus()
    qtbot.keyClick(window.canvas, Qt.Key.Key_G, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: bool(session.document.mask[145, 122]), timeout=60_000)
    assert (session.document.mask[95:195, 122:135] > 127).mean() > 0.95
    assert not session.document.mask[:, :110].any()
    assert window.notice.text == ""
    before = session.document.mask.copy()
    grow.trigger()
    qtbot.waitUntil(lambda: t("tools.cut.none") in window.notice.text, timeout=60_000)
    assert np.array_equal(session.document.mask, before)
    session.document.undo()
    assert not session.document.mask[145, 122]
