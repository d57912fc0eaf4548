"""Every tool with real events on a real document."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from handwork import ALT, LEFT, MIDDLE, NONE, NOTHING, SHIFT, Desk, at_work
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import (
    QKeyEvent,
    QMouseEvent,
)
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.ui.tools.seeker import Seeker
from app.ui.tools.table import TOOLS
from app.ui.tools.tool import Tool


@pytest.fixture
def desk(qapp: QApplication, tmp_path: Path) -> Iterator[Desk]:
    with at_work(tmp_path) as desk:
        yield desk


# -- regions ---------------------------------------------------------------------------------------


def test_a_lasso_closes_itself_and_alt_takes_away(desk: Desk) -> None:
    desk.use("lasso")
    desk.drag([(50, 50), (150, 50), (150, 150), (50, 150)])
    assert desk.value(100, 100) == 255
    assert desk.value(45, 100) == 0
    desk.drag([(80, 80), (120, 80), (120, 120), (80, 120)], ALT)
    assert desk.value(100, 100) == 0
    assert desk.value(60, 60) == 255
    assert desk.names == ["history.lasso"] * 2


def test_a_lasso_can_be_abandoned_and_a_click_is_no_loop(desk: Desk) -> None:
    tool = desk.use("lasso")
    desk.press((50, 50))
    desk.move((150, 50))
    desk.move((150, 150))
    assert tool.active
    desk.key(Qt.Key.Key_Escape)
    desk.release((50, 150))
    desk.click((60, 60))
    assert desk.untouched


@pytest.mark.parametrize("close", ["double", "enter", "first"])
def test_a_polygon_is_closed_in_three_ways(desk: Desk, close: str) -> None:
    desk.use("polygon")
    for place in ((50, 50), (150, 50), (150, 150)):
        desk.click(place)
    assert desk.names == []
    if close == "double":
        desk.click((50, 150))
        desk.mouse(QEvent.Type.MouseButtonDblClick, (50, 150), LEFT, LEFT)
        desk.release((50, 150))
    else:
        desk.click((50, 150))
        if close == "enter":
            assert desk.key(Qt.Key.Key_Return)
        else:
            desk.click((52, 51))
    assert desk.names == ["history.polygon"]
    assert desk.value(60, 140) == 255
    assert desk.value(140, 60) == 255
    assert desk.value(160, 100) == 0
    assert not desk.key(Qt.Key.Key_Return)  # Enter fills again


def test_backspace_takes_a_corner_back_and_esc_all_of_them(desk: Desk) -> None:
    tool = desk.use("polygon")
    for place in ((50, 50), (150, 50), (150, 150), (300, 290)):
        desk.click(place)
    desk.key(Qt.Key.Key_Backspace)
    desk.click((50, 150))
    desk.key(Qt.Key.Key_Return)
    assert desk.value(60, 140) == 255
    assert desk.value(200, 200) == 0
    desk.click((10, 10))
    desk.click((30, 10))
    desk.key(Qt.Key.Key_Escape)
    assert not tool.active
    assert not desk.key(Qt.Key.Key_Backspace)
    assert desk.names == ["history.polygon"]


def test_boxes(desk: Desk) -> None:
    desk.use("box")
    desk.drag([(50, 50), (90, 80), (150, 100)])
    assert desk.document.mask[50:100, 50:150].all()
    assert np.count_nonzero(desk.document.mask) == 5000
    desk.drag([(60, 60), (80, 80)], ALT)
    assert np.count_nonzero(desk.document.mask) == 4600
    desk.document.go(0)
    desk.drag([(150, 150), (100, 130)], SHIFT)  # up and to the left, as square as the longer side
    assert np.count_nonzero(desk.document.mask) == 2500
    assert desk.value(101, 101) == 255
    desk.document.go(0)
    desk.settings.set("box.shape", "ellipse")
    desk.drag([(50, 50), (150, 100)])
    assert desk.value(52, 52) == 0
    assert desk.value(100, 52) == 255
    assert np.count_nonzero(desk.document.mask > 127) == pytest.approx(np.pi * 50 * 25, rel=0.01)
    assert desk.names == ["history.box"]


def _settle(tool: Tool) -> None:
    assert isinstance(tool, Seeker)
    end = time.monotonic() + 60
    while tool.active and time.monotonic() < end:
        QApplication.processEvents()
        time.sleep(0.005)
    assert not tool.active


def test_the_wand_takes_what_is_of_one_colour(desk: Desk) -> None:
    tool = desk.use("wand")
    busy: list[bool] = []
    tool.busy.connect(busy.append)
    desk.click((200, 150))
    assert tool.active
    assert desk.canvas.cursor().shape() == Qt.CursorShape.BusyCursor
    _settle(tool)
    assert desk.canvas.cursor().shape() == Qt.CursorShape.CrossCursor
    assert busy == [True, False]
    assert desk.value(200, 110) == 255
    assert desk.value(200, 95) == 0
    assert desk.names == ["history.wand"]
    desk.click((200, 150), ALT)
    _settle(tool)
    assert not desk.document.mask.any()
    desk.click((-20, 150))
    assert not tool.active


def test_snap_tightens_a_rough_loop_to_the_object(desk: Desk) -> None:
    tool = desk.use("snap")
    loop = [(130, 80), (270, 75), (275, 220), (125, 225)]
    desk.drag(loop)
    assert tool.active
    assert not desk.document.mask.any()
    desk.canvas.grab()
    _settle(tool)
    y, x = np.mgrid[:300, :400]
    disc = np.hypot(x - 200, y - 150) < 50
    found = desk.document.mask > 127
    assert (found & disc).sum() / (found | disc).sum() > 0.95
    assert desk.names == ["history.snap"]


def test_snap_says_when_nothing_stands_out(desk: Desk) -> None:
    tool = desk.use("snap")
    told: list[tuple[str, str]] = []
    tool.told.connect(lambda *words: told.append(words))
    desk.drag([(-50, -50), (450, -50), (450, 350), (-50, 350)])  # no surroundings are left
    _settle(tool)
    assert len(told) == 1
    assert all(words.endswith(".") for words in told[0])
    assert desk.untouched


def test_what_is_looked_for_is_dropped_with_esc_and_with_another_tool(desk: Desk) -> None:
    for leave in (lambda: desk.key(Qt.Key.Key_Escape), lambda: desk.use("brush")):
        tool = desk.use("snap")
        desk.drag([(130, 80), (270, 75), (275, 220), (125, 225)])
        leave()
        assert not tool.active
        while desk.lane.waiting:
            QApplication.processEvents()
        assert desk.untouched


def test_a_mistake_of_ours_is_a_sentence_too(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("app.document.colour_selection.select", fail)
    tool = desk.use("wand")
    told: list[tuple[str, str]] = []
    tool.told.connect(lambda *words: told.append(words))
    desk.click((200, 150))
    _settle(tool)
    assert len(told) == 1
    assert "ZeroDivisionError" in caplog.text
    assert desk.untouched


# -- looking ---------------------------------------------------------------------------------------


def test_space_and_the_middle_button_take_the_hand_whatever_the_tool(desk: Desk) -> None:
    desk.use("brush")
    corner = desk.at((0, 0))
    start = desk.at((100, 100))

    def drag(button: Qt.MouseButton) -> None:
        for kind, at in (
            (QEvent.Type.MouseButtonPress, start),
            (QEvent.Type.MouseMove, start + QPointF(30, 20)),
            (QEvent.Type.MouseButtonRelease, start + QPointF(30, 20)),
        ):
            QApplication.sendEvent(
                desk.canvas,
                QMouseEvent(kind, at, desk.canvas.mapToGlobal(at), button, button, NONE),
            )

    drag(MIDDLE)
    assert desk.at((0, 0)) == corner + QPointF(30, 20)
    space = QKeyEvent(QEvent.Type.KeyPress, Qt.Key.Key_Space, NONE)
    QApplication.sendEvent(desk.canvas, space)
    assert desk.canvas.cursor().shape() == Qt.CursorShape.OpenHandCursor
    drag(LEFT)
    assert desk.at((0, 0)) == corner + QPointF(60, 40)
    QApplication.sendEvent(desk.canvas, QKeyEvent(QEvent.Type.KeyRelease, Qt.Key.Key_Space, NONE))
    assert desk.untouched
    drag(LEFT)
    assert desk.names == ["history.brush"]


def test_the_hand_moves_the_photo_and_a_double_click_fits_it(desk: Desk, qtbot: QtBot) -> None:
    desk.use("hand")
    corner = desk.at((0, 0))
    qtbot.mousePress(desk.canvas, LEFT, pos=QPoint(300, 200))
    qtbot.mouseMove(desk.canvas, QPoint(340, 230))
    qtbot.mouseRelease(desk.canvas, LEFT, pos=QPoint(340, 230))
    assert desk.at((0, 0)) == corner + QPointF(40, 30)
    desk.mouse(QEvent.Type.MouseButtonDblClick, (10, 10), LEFT, LEFT)
    desk.release((10, 10))
    assert desk.at((0, 0)) == corner
    desk.canvas.resize(200, 150)
    assert desk.canvas.zoom < 0.5
    desk.mouse(QEvent.Type.MouseButtonDblClick, (10, 10), LEFT, LEFT)
    assert desk.canvas.zoom == 1.0


def test_the_zoom_tool_goes_nearer_and_away_and_shows_a_box(desk: Desk) -> None:
    desk.use("zoom")
    desk.click((100, 100))
    nearer = desk.canvas.zoom
    assert nearer > 1.2
    desk.click((100, 100), ALT)
    assert desk.canvas.zoom == pytest.approx(1.0)
    desk.canvas.fit()
    desk.drag([(100, 100), (150, 120), (220, 160)])
    assert desk.canvas.zoom == pytest.approx(min(600 / 120, 400 / 60))
    middle = desk.canvas.to_photo(QPointF(300, 200))
    assert abs(middle.x() - 160) < 1
    assert abs(middle.y() - 130) < 1
    assert desk.untouched


def test_arrow_keys_move_the_photo(desk: Desk) -> None:
    desk.use("brush")
    corner = desk.at((0, 0))
    assert desk.key(Qt.Key.Key_Right)
    assert desk.at((0, 0)) == corner - QPointF(40, 0)
    assert not desk.key(Qt.Key.Key_Q)


@pytest.mark.parametrize("row", TOOLS, ids=lambda row: row.id)
def test_every_tool_survives_a_gesture_it_was_not_made_for(desk: Desk, row: object) -> None:
    """A press without a move, a release out of the photo, Esc twice, a leave in the middle."""
    tool = desk.use(row.id)  # type: ignore[attr-defined]
    assert tool.id == row.id  # type: ignore[attr-defined]
    desk.move((10, 10), held=NOTHING)
    desk.click((-500, 900))
    desk.press((20, 20))
    QApplication.sendEvent(desk.canvas, QEvent(QEvent.Type.Leave))
    desk.canvas.grab()
    desk.key(Qt.Key.Key_Escape)
    desk.key(Qt.Key.Key_Escape)
    desk.release((3000, 3000))
    assert not desk.document.editing
    assert not desk.canvas.busy
    assert not tool.active


def test_the_tools_stand_in_the_order_of_the_strip_with_keys_of_their_own() -> None:
    assert [row.id for row in TOOLS] == [
        *("brush", "eraser", "lasso", "polygon", "box", "wand", "snap"),
        *("protect", "pencil", "hand", "zoom"),
    ]
    assert len({row.key for row in TOOLS}) == len(TOOLS)
