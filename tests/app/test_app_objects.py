"""The object tool with real events: what it shows, takes and takes away, and what undo does."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from handwork import ALT, NOTHING, SHIFT, Pen, Workbench, at_work
from PySide6.QtCore import QEvent, Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

import weights
from app.configuration.text import t
from app.ui.shell.editor import Editor
from app.ui.tools.object_tool import ObjectTool
from inpaint_core.contract.geometry import Rect
from inpaint_core.contract.message import Message
from inpaint_core.object_selection.load_network import load_object_network

DISC, BLOCK = (200.0, 150.0), (60.0, 60.0)


@pytest.fixture
def workbench(qapp: QApplication, tmp_path: Path) -> Iterator[Workbench]:
    """The red disc, and a blue block that is far from it."""
    with at_work(tmp_path) as workbench:
        with workbench.document.edit("history.fill") as editing:
            blue = np.full((60, 60, 3), (30, 40, 200), np.uint8)
            editing.write("pixels", Rect(30, 30, 60, 60), blue)
        yield workbench


def use(workbench: Workbench, qtbot: QtBot) -> ObjectTool:
    tool = workbench.use("snap")
    assert isinstance(tool, ObjectTool)
    settle(tool, qtbot)
    return tool


def settle(tool: ObjectTool, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: not tool.is_searching)


def is_disc(found: np.ndarray) -> bool:
    y, x = np.mgrid[:300, :400]
    disc = np.hypot(x - 200, y - 150) < 50
    return bool((found & disc).sum() / (found | disc).sum() > 0.9)


def test_the_photo_is_looked_at_with_a_busy_sign(workbench: Workbench, qtbot: QtBot) -> None:
    tool = workbench.use("snap")
    assert isinstance(tool, ObjectTool)
    assert tool.is_searching
    assert workbench.canvas.cursor().shape() == Qt.CursorShape.BusyCursor
    assert tool.hint
    settle(tool, qtbot)
    assert workbench.canvas.cursor().shape() == Qt.CursorShape.CrossCursor
    assert tool.hint == ""


def test_what_is_shown_is_what_a_click_takes(workbench: Workbench, qtbot: QtBot) -> None:
    tool = use(workbench, qtbot)
    workbench.move(DISC, held=NOTHING)
    qtbot.waitUntil(lambda: tool.preview.path is not None)
    assert tool.preview.path is not None
    box = tool.preview.path.boundingRect()
    assert workbench.document.mask.any() == np.False_
    workbench.canvas.grab()
    workbench.click(DISC)
    settle(tool, qtbot)
    assert is_disc(workbench.document.mask > 127)
    taken = Rect.bounding(workbench.document.mask > 127)
    for one, other in zip(
        (box.left(), box.top(), box.right(), box.bottom()),
        (taken.x, taken.y, taken.right, taken.bottom),
        strict=True,
    ):
        assert abs(one - other) < 8
    assert workbench.names == ["history.fill", "history.snap"]
    assert tool.hint


def test_clicks_that_follow_quickly_all_count(workbench: Workbench, qtbot: QtBot) -> None:
    tool = workbench.use("snap")
    assert isinstance(tool, ObjectTool)
    workbench.click(DISC)
    workbench.click(BLOCK)
    qtbot.waitUntil(lambda: len(workbench.names) == 3)
    settle(tool, qtbot)
    assert workbench.value(200, 150) > 127
    assert workbench.value(60, 60) > 127
    assert workbench.value(130, 100) == 0
    workbench.click(DISC, ALT)  # the block is the one that would be corrected
    settle(tool, qtbot)
    assert workbench.value(200, 150) == 0
    assert workbench.value(60, 60) == 255
    assert workbench.names == ["history.fill"] + 3 * ["history.snap"]


def test_a_further_click_corrects_the_object_and_undo_goes_back_to_the_one_before(
    workbench: Workbench, qtbot: QtBot
) -> None:
    tool = use(workbench, qtbot)
    workbench.click(DISC)
    settle(tool, qtbot)
    first = workbench.document.mask.copy()
    workbench.click(BLOCK, SHIFT)  # belongs to it
    settle(tool, qtbot)
    second = workbench.document.mask.copy()
    assert tool.clicks == 2
    workbench.click((210, 160), ALT)  # does not
    settle(tool, qtbot)
    assert tool.clicks == 3
    workbench.document.undo()
    assert np.array_equal(workbench.document.mask, second)
    assert tool.clicks == 2
    workbench.document.undo()
    assert np.array_equal(workbench.document.mask, first)
    assert tool.clicks == 1
    assert workbench.key(Qt.Key.Key_Escape)
    assert tool.clicks == 0
    assert tool.hint == ""
    assert np.array_equal(workbench.document.mask, first)


def test_what_was_masked_before_outlasts_a_correction(workbench: Workbench, qtbot: QtBot) -> None:
    workbench.use("box")
    workbench.drag([(180, 140), (300, 160)])
    tool = use(workbench, qtbot)
    workbench.click(DISC)
    settle(tool, qtbot)
    workbench.click(DISC, ALT)
    settle(tool, qtbot)
    assert (workbench.document.mask[141:159, 181:299] == 255).all()


def test_a_fill_is_looked_at_anew(workbench: Workbench, qtbot: QtBot) -> None:
    tool = use(workbench, qtbot)
    with workbench.document.edit("history.fill") as editing:
        editing.write("pixels", Rect(140, 90, 120, 120), np.full((120, 120, 3), 130, np.uint8))
        green = np.full((80, 80, 3), (20, 200, 40), np.uint8)
        editing.write("pixels", Rect(300, 200, 80, 80), green)
    workbench.click((340, 240))
    settle(tool, qtbot)
    mask = workbench.document.mask > 127
    assert mask[240, 340]
    assert mask[205:275, 305:375].mean() > 0.9
    assert not mask[150, 200]


def test_a_pen_takes_and_its_eraser_takes_away(workbench: Workbench, qtbot: QtBot) -> None:
    tool = use(workbench, qtbot)
    Pen(workbench).stroke([(DISC, 0.5), (DISC, 0.6)])
    settle(tool, qtbot)
    assert is_disc(workbench.document.mask > 127)
    workbench.key(Qt.Key.Key_Escape)
    Pen(workbench, eraser=True).stroke([(DISC, 0.5), (DISC, 0.6)])
    settle(tool, qtbot)
    assert workbench.value(200, 150) == 0


def test_leaving_the_canvas_and_another_tool_end_the_preview(
    workbench: Workbench, qtbot: QtBot
) -> None:
    tool = use(workbench, qtbot)
    workbench.move(DISC, held=NOTHING)
    qtbot.waitUntil(lambda: tool.preview.path is not None)
    QApplication.sendEvent(workbench.canvas, QEvent(QEvent.Type.Leave))
    assert tool.preview.path is None
    workbench.move(DISC, held=NOTHING)
    workbench.use("brush")
    qtbot.waitUntil(lambda: not workbench.lane.jobs)
    assert tool.preview.path is None
    assert not workbench.document.mask.any()


def test_a_box_takes_the_object_in_it_and_a_click_corrects_it(
    workbench: Workbench, qtbot: QtBot
) -> None:
    tool = use(workbench, qtbot)
    workbench.drag([(130, 80), (270, 220)])
    settle(tool, qtbot)
    assert is_disc(workbench.document.mask > 127)
    first = workbench.document.mask.copy()
    workbench.click(BLOCK, SHIFT)  # beyond the box
    settle(tool, qtbot)
    assert workbench.value(60, 60) > 127
    assert workbench.value(200, 150) > 127
    workbench.document.undo()
    assert np.array_equal(workbench.document.mask, first)
    workbench.document.undo()
    assert not workbench.document.mask.any()
    assert workbench.names == ["history.fill", "history.snap", "history.snap"]


def test_a_box_takes_an_object_away_and_never_more_than_lies_in_it(
    workbench: Workbench, qtbot: QtBot
) -> None:
    tool = use(workbench, qtbot)
    workbench.drag([(130, 80), (200, 220)])
    settle(tool, qtbot)
    assert workbench.value(190, 150) == 255
    assert not workbench.document.mask[:, 200:].any()
    workbench.drag([(130, 80), (270, 220)], ALT)
    settle(tool, qtbot)
    assert workbench.value(170, 150) == workbench.value(190, 150) == 0


def test_a_box_drawn_before_the_network_fails_to_load_is_searched_by_colours(
    workbench: Workbench, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)
    load_object_network.cache_clear()
    tool = workbench.use("snap")
    assert isinstance(tool, ObjectTool)
    told: list[str] = []
    tool.notice_posted.connect(lambda text, _: told.append(text))
    workbench.drag([(130, 80), (270, 220)])
    settle(tool, qtbot)
    assert told == [t.message(Message("engine.no_torch"))]
    assert is_disc(workbench.document.mask > 127)


def test_without_weights_a_box_still_works(
    workbench: Workbench, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "manifest.json").write_text('{"weights": []}', "utf-8")
    monkeypatch.setattr(weights, "FOLDER", tmp_path)
    tool = workbench.use("snap")
    assert isinstance(tool, ObjectTool)
    told: list[str] = []
    tool.notice_posted.connect(lambda text, _: told.append(text))
    workbench.move(DISC, held=NOTHING)
    workbench.click(DISC)
    assert len(told) == 1
    assert not workbench.document.mask.any()
    workbench.drag([(130, 80), (270, 220)])
    settle(tool, qtbot)
    assert is_disc(workbench.document.mask > 127)


def test_damaged_weights_are_said(
    workbench: Workbench, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    manifest = (weights.FOLDER / "manifest.json").read_text("utf-8")
    (tmp_path / "manifest.json").write_text(manifest, "utf-8")
    (tmp_path / "objects.safetensors").write_bytes(b"no weights")
    monkeypatch.setattr(weights, "FOLDER", tmp_path)
    load_object_network.cache_clear()
    tool = workbench.use("snap")
    told: list[str] = []
    tool.notice_posted.connect(lambda text, _: told.append(text))
    qtbot.waitUntil(lambda: len(told) == 1)
    assert isinstance(tool, ObjectTool)
    assert not tool.is_searching


def test_without_pytorch_it_says_so_and_a_box_still_works(
    workbench: Workbench, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)
    load_object_network.cache_clear()
    tool = workbench.use("snap")
    assert isinstance(tool, ObjectTool)
    told: list[str] = []
    tool.notice_posted.connect(lambda text, _: told.append(text))
    qtbot.waitUntil(lambda: told == [t.message(Message("engine.no_torch"))])
    workbench.drag([(130, 80), (270, 220)])
    settle(tool, qtbot)
    assert is_disc(workbench.document.mask > 127)


def test_a_key_takes_what_lies_in_the_middle(editor: Editor, qtbot: QtBot, tmp_path: Path) -> None:
    from PIL import Image

    pixels = np.full((300, 400, 3), 128, np.uint8)
    y, x = np.mgrid[:300, :400]
    pixels[np.hypot(x - 200, y - 150) < 50] = (220, 30, 30)
    Image.fromarray(pixels).save(tmp_path / "disc.png")
    editor.controller.open([tmp_path / "disc.png"])
    qtbot.waitUntil(lambda: editor.controller.current is not None)
    editor.window.actions_by_id["snap.middle"].trigger()
    tool, session = editor.window.canvas.tool, editor.controller.current
    assert isinstance(tool, ObjectTool)
    assert session is not None
    settle(tool, qtbot)
    assert is_disc(session.document.mask > 127)
