"""Every tool with real events on a real document."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from handwork import ALT, LEFT, MIDDLE, NONE, NOTHING, SHIFT, Workbench, at_work
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import (
    QKeyEvent,
    QMouseEvent,
)
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.configuration.actions import TOOLS
from app.ui.tools.search_tool import SearchTool
from app.ui.tools.tool import Tool


@pytest.fixture
def workbench(qapp: QApplication, tmp_path: Path) -> Iterator[Workbench]:
    with at_work(tmp_path) as workbench:
        yield workbench


# -- regions ---------------------------------------------------------------------------------------


def test_a_lasso_closes_itself_and_alt_takes_away(workbench: Workbench) -> None:
    workbench.use("lasso")
    workbench.drag([(50, 50), (150, 50), (150, 150), (50, 150)])
    assert workbench.value(100, 100) == 255
    assert workbench.value(45, 100) == 0
    workbench.drag([(80, 80), (120, 80), (120, 120), (80, 120)], ALT)
    assert workbench.value(100, 100) == 0
    assert workbench.value(60, 60) == 255
    assert workbench.names == ["history.lasso"] * 2


def test_a_lasso_can_be_abandoned_and_a_click_is_no_loop(workbench: Workbench) -> None:
    tool = workbench.use("lasso")
    workbench.press((50, 50))
    workbench.move((150, 50))
    workbench.move((150, 150))
    assert tool.is_active
    workbench.key(Qt.Key.Key_Escape)
    workbench.release((50, 150))
    workbench.click((60, 60))
    assert workbench.untouched


@pytest.mark.parametrize("close", ["double", "enter", "first"])
def test_a_polygon_is_closed_in_three_ways(workbench: Workbench, close: str) -> None:
    workbench.use("polygon")
    for place in ((50, 50), (150, 50), (150, 150)):
        workbench.click(place)
    assert workbench.names == []
    if close == "double":
        workbench.click((50, 150))
        workbench.mouse(QEvent.Type.MouseButtonDblClick, (50, 150), LEFT, LEFT)
        workbench.release((50, 150))
    else:
        workbench.click((50, 150))
        if close == "enter":
            assert workbench.key(Qt.Key.Key_Return)
        else:
            workbench.click((52, 51))
    assert workbench.names == ["history.polygon"]
    assert workbench.value(60, 140) == 255
    assert workbench.value(140, 60) == 255
    assert workbench.value(160, 100) == 0
    assert not workbench.key(Qt.Key.Key_Return)  # Enter fills again


def test_backspace_takes_a_corner_back_and_esc_all_of_them(workbench: Workbench) -> None:
    tool = workbench.use("polygon")
    for place in ((50, 50), (150, 50), (150, 150), (300, 290)):
        workbench.click(place)
    workbench.key(Qt.Key.Key_Backspace)
    workbench.click((50, 150))
    workbench.key(Qt.Key.Key_Return)
    assert workbench.value(60, 140) == 255
    assert workbench.value(200, 200) == 0
    workbench.click((10, 10))
    workbench.click((30, 10))
    workbench.key(Qt.Key.Key_Escape)
    assert not tool.is_active
    assert not workbench.key(Qt.Key.Key_Backspace)
    assert workbench.names == ["history.polygon"]


def test_boxes(workbench: Workbench) -> None:
    workbench.use("box")
    workbench.drag([(50, 50), (90, 80), (150, 100)])
    assert workbench.document.mask[50:100, 50:150].all()
    assert np.count_nonzero(workbench.document.mask) == 5000
    workbench.drag([(60, 60), (80, 80)], ALT)
    assert np.count_nonzero(workbench.document.mask) == 4600
    workbench.document.go_to(0)
    workbench.drag(
        [(150, 150), (100, 130)], SHIFT
    )  # up and to the left, as square as the longer side
    assert np.count_nonzero(workbench.document.mask) == 2500
    assert workbench.value(101, 101) == 255
    workbench.document.go_to(0)
    workbench.settings.set("box.shape", "ellipse")
    workbench.drag([(50, 50), (150, 100)])
    assert workbench.value(52, 52) == 0
    assert workbench.value(100, 52) == 255
    assert np.count_nonzero(workbench.document.mask > 127) == pytest.approx(
        np.pi * 50 * 25, rel=0.01
    )
    assert workbench.names == ["history.box"]


def _settle(tool: Tool) -> None:
    assert isinstance(tool, SearchTool)
    end = time.monotonic() + 60
    while tool.is_active and time.monotonic() < end:
        QApplication.processEvents()
        time.sleep(0.005)
    assert not tool.is_active


def test_the_wand_takes_what_is_of_one_colour(workbench: Workbench) -> None:
    tool = workbench.use("wand")
    busy: list[bool] = []
    tool.busy_changed.connect(busy.append)
    workbench.click((200, 150))
    assert tool.is_active
    assert workbench.canvas.cursor().shape() == Qt.CursorShape.BusyCursor
    _settle(tool)
    assert workbench.canvas.cursor().shape() == Qt.CursorShape.CrossCursor
    assert busy == [True, False]
    assert workbench.value(200, 110) == 255
    assert workbench.value(200, 95) == 0
    assert workbench.names == ["history.wand"]
    workbench.click((200, 150), ALT)
    _settle(tool)
    assert not workbench.document.mask.any()
    workbench.click((-20, 150))
    assert not tool.is_active


@pytest.mark.parametrize("drawn", ["box", "loop"])
def test_a_rough_box_or_loop_is_tightened_to_the_object(workbench: Workbench, drawn: str) -> None:
    workbench.settings.set("snap.drag", drawn)
    tool = workbench.use("snap")
    loop = [(130, 80), (270, 75), (275, 220), (125, 225)]
    workbench.drag(loop if drawn == "loop" else [loop[0], (200, 100), loop[2]])
    assert tool.is_active
    assert not workbench.document.mask.any()
    workbench.canvas.grab()
    _settle(tool)
    y, x = np.mgrid[:300, :400]
    disc = np.hypot(x - 200, y - 150) < 50
    found = workbench.document.mask > 127
    assert (found & disc).sum() / (found | disc).sum() > 0.95
    assert workbench.names == ["history.snap"]


def test_an_object_is_found_in_a_box_without_surroundings(workbench: Workbench) -> None:
    tool = workbench.use("snap")
    workbench.drag([(-50, -50), (450, 350)])
    _settle(tool)
    y, x = np.mgrid[:300, :400]
    disc = np.hypot(x - 200, y - 150) < 50
    found = workbench.document.mask > 127
    assert (found & disc).sum() / (found | disc).sum() > 0.95


def test_snap_says_when_nothing_stands_out(workbench: Workbench) -> None:
    tool = workbench.use("snap")
    told: list[tuple[str, str]] = []
    tool.notice_posted.connect(lambda *words: told.append(words))
    workbench.drag([(300, 20), (390, 90)])  # one colour, up to the border
    _settle(tool)
    assert len(told) == 1
    assert all(words.endswith(".") for words in told[0])
    assert workbench.untouched


def test_what_is_looked_for_is_dropped_with_esc_and_with_another_tool(workbench: Workbench) -> None:
    for leave in (lambda: workbench.key(Qt.Key.Key_Escape), lambda: workbench.use("brush")):
        tool = workbench.use("snap")
        workbench.drag([(130, 80), (275, 220)])
        leave()
        assert not tool.is_active
        while workbench.lane.jobs:
            QApplication.processEvents()
        assert workbench.untouched


def test_a_mistake_of_ours_is_a_sentence_too(
    workbench: Workbench, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("app.ui.tools.search_tool.select_by_colour", fail)
    tool = workbench.use("wand")
    told: list[tuple[str, str]] = []
    tool.notice_posted.connect(lambda *words: told.append(words))
    workbench.click((200, 150))
    _settle(tool)
    assert len(told) == 1
    assert "ZeroDivisionError" in caplog.text
    assert workbench.untouched


# -- looking ---------------------------------------------------------------------------------------


def test_space_and_the_middle_button_take_the_hand_whatever_the_tool(workbench: Workbench) -> None:
    workbench.use("brush")
    corner = workbench.at((0, 0))
    start = workbench.at((100, 100))

    def drag(button: Qt.MouseButton) -> None:
        for kind, at in (
            (QEvent.Type.MouseButtonPress, start),
            (QEvent.Type.MouseMove, start + QPointF(30, 20)),
            (QEvent.Type.MouseButtonRelease, start + QPointF(30, 20)),
        ):
            QApplication.sendEvent(
                workbench.canvas,
                QMouseEvent(kind, at, workbench.canvas.mapToGlobal(at), button, button, NONE),
            )

    drag(MIDDLE)
    assert workbench.at((0, 0)) == corner + QPointF(30, 20)
    space = QKeyEvent(QEvent.Type.KeyPress, Qt.Key.Key_Space, NONE)
    QApplication.sendEvent(workbench.canvas, space)
    assert workbench.canvas.cursor().shape() == Qt.CursorShape.OpenHandCursor
    drag(LEFT)
    assert workbench.at((0, 0)) == corner + QPointF(60, 40)
    QApplication.sendEvent(
        workbench.canvas, QKeyEvent(QEvent.Type.KeyRelease, Qt.Key.Key_Space, NONE)
    )
    assert workbench.untouched
    drag(LEFT)
    assert workbench.names == ["history.brush"]


def test_the_hand_moves_the_photo_and_a_double_click_fits_it(
    workbench: Workbench, qtbot: QtBot
) -> None:
    workbench.use("hand")
    corner = workbench.at((0, 0))
    qtbot.mousePress(workbench.canvas, LEFT, pos=QPoint(300, 200))
    qtbot.mouseMove(workbench.canvas, QPoint(340, 230))
    qtbot.mouseRelease(workbench.canvas, LEFT, pos=QPoint(340, 230))
    assert workbench.at((0, 0)) == corner + QPointF(40, 30)
    workbench.mouse(QEvent.Type.MouseButtonDblClick, (10, 10), LEFT, LEFT)
    workbench.release((10, 10))
    assert workbench.at((0, 0)) == corner
    workbench.canvas.resize(200, 150)
    assert workbench.canvas.zoom < 0.5
    workbench.mouse(QEvent.Type.MouseButtonDblClick, (10, 10), LEFT, LEFT)
    assert workbench.canvas.zoom == 1.0


def test_the_zoom_tool_goes_nearer_and_away_and_shows_a_box(workbench: Workbench) -> None:
    workbench.use("zoom")
    workbench.click((100, 100))
    nearer = workbench.canvas.zoom
    assert nearer > 1.2
    workbench.click((100, 100), ALT)
    assert workbench.canvas.zoom == pytest.approx(1.0)
    workbench.canvas.fit()
    workbench.drag([(100, 100), (150, 120), (220, 160)])
    assert workbench.canvas.zoom == pytest.approx(min(600 / 120, 400 / 60))
    middle = workbench.canvas.to_photo(QPointF(300, 200))
    assert abs(middle.x() - 160) < 1
    assert abs(middle.y() - 130) < 1
    assert workbench.untouched


def test_arrow_keys_move_the_photo(workbench: Workbench) -> None:
    workbench.use("brush")
    corner = workbench.at((0, 0))
    assert workbench.key(Qt.Key.Key_Right)
    assert workbench.at((0, 0)) == corner - QPointF(40, 0)
    assert not workbench.key(Qt.Key.Key_Q)


@pytest.mark.parametrize("tool_id", TOOLS)
def test_every_tool_survives_a_gesture_it_was_not_made_for(
    workbench: Workbench, tool_id: str
) -> None:
    """A press without a move, a release out of the photo, Esc twice, a leave in the middle."""
    tool = workbench.use(tool_id)
    assert tool.id == tool_id
    workbench.move((10, 10), held=NOTHING)
    workbench.click((-500, 900))
    workbench.press((20, 20))
    QApplication.sendEvent(workbench.canvas, QEvent(QEvent.Type.Leave))
    workbench.canvas.grab()
    workbench.key(Qt.Key.Key_Escape)
    workbench.key(Qt.Key.Key_Escape)
    workbench.release((3000, 3000))
    assert not workbench.document.is_editing
    assert not workbench.canvas.is_busy
    assert not tool.is_active
