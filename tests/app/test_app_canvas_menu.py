"""The menu at the pointer, and the photo on the whole screen."""

from __future__ import annotations

from pathlib import Path

import pytest
from looking import HOLE, fill, paint
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu
from pytestqt.qtbot import QtBot

from app.configuration.actions import TOOLS
from app.session.session import Session
from app.ui.shell.editor import Editor
from app.ui.tools.copy_tools import CloneTool

RIGHT = Qt.MouseButton.RightButton


@pytest.fixture
def session(editor: Editor, qtbot: QtBot, gravel: Path) -> Session:
    editor.controller.open([gravel])
    qtbot.waitUntil(lambda: editor.controller.current is not None)
    qtbot.waitUntil(lambda: not editor.controller.is_busy)
    assert editor.controller.current is not None
    return editor.controller.current


def click_right(editor: Editor, x: float, y: float) -> QMenu | None:
    """Press the right button as the desktop would, at a point of the photo; the menu."""
    canvas = editor.window.canvas
    at = canvas.mapTo(editor.window, canvas.to_widget(QPointF(x, y)).toPoint())
    handle = editor.window.windowHandle()
    QTest.mousePress(handle, RIGHT, Qt.KeyboardModifier.NoModifier, at)
    QTest.mouseRelease(handle, RIGHT, Qt.KeyboardModifier.NoModifier, at)
    QApplication.processEvents()
    menu = QApplication.activePopupWidget()
    return menu if isinstance(menu, QMenu) else None


def list_names(editor: Editor, menu: QMenu) -> set[str]:
    by_action = {action: name for name, action in editor.window.actions_by_id.items()}
    return {by_action[action] for action in menu.actions() if action in by_action}


def test_the_menu_offers_what_makes_sense_where_it_was_asked_for(
    editor: Editor, session: Session
) -> None:
    menu = click_right(editor, 20, 20)
    assert menu is not None
    assert list_names(editor, menu) == {"view.fit", "view.actual"}
    mask, tools = (action.menu() for action in menu.actions() if action.menu() is not None)
    assert isinstance(mask, QMenu)
    assert isinstance(tools, QMenu)
    assert list_names(editor, mask) == {"mask.invert"}
    assert list_names(editor, tools) == {f"tool.{tool}" for tool in TOOLS}
    menu.close()
    assert not session.document.history.entries  # nothing was painted
    paint(session)
    menu = click_right(editor, HOLE.x + 5, HOLE.y + 5)
    assert menu is not None
    named = list_names(editor, menu)
    assert {"fill.run", "edit.undo", "view.mask"} <= named
    assert "mask.again" not in named
    undo = editor.window.actions_by_id["edit.undo"]
    QTest.mouseClick(menu, Qt.MouseButton.LeftButton, pos=menu.actionGeometry(undo).center())
    assert not session.has_mask


def test_the_last_fill_is_brought_back_where_it_lies(
    editor: Editor, session: Session, qtbot: QtBot
) -> None:
    editor.controller.engines.warm_up()
    qtbot.waitUntil(lambda: editor.controller.engines.loaded is not None)
    fill(editor, session, qtbot)
    menu = click_right(editor, 150, 140)  # not where the last test clicked: that is a double click
    assert menu is not None
    assert "mask.again" not in list_names(editor, menu)
    menu.close()
    menu = click_right(editor, HOLE.x + 5, HOLE.y + 5)
    assert menu is not None
    assert {"mask.again", "fill.variations"} <= list_names(editor, menu)
    menu.close()


def test_a_place_to_copy_from_is_where_the_menu_was_asked_for(
    editor: Editor, session: Session
) -> None:
    editor.window.actions_by_id["tool.clone"].trigger()
    menu = click_right(editor, 50, 40)
    assert menu is not None
    source = editor.window.actions_by_id["clone.source"]
    QTest.mouseClick(menu, Qt.MouseButton.LeftButton, pos=menu.actionGeometry(source).center())
    tool = editor.window.canvas.tool
    assert isinstance(tool, CloneTool)
    point = tool._source.point
    assert point is not None
    assert abs(point[0] - 50) <= 1
    assert abs(point[1] - 40) <= 1


def test_alt_and_the_right_button_still_resize_the_brush(editor: Editor, session: Session) -> None:
    canvas, handle = editor.window.canvas, editor.window.windowHandle()
    at = canvas.mapTo(editor.window, canvas.rect().center())
    alt = Qt.KeyboardModifier.AltModifier
    before = editor.settings.get("brush.size")
    QTest.mousePress(handle, RIGHT, alt, at)
    QTest.mouseMove(handle, at + QPoint(30, 0))
    QTest.mouseRelease(handle, RIGHT, alt, at + QPoint(30, 0))
    assert QApplication.activePopupWidget() is None
    assert editor.settings.get("brush.size") > before


# -- the whole screen ------------------------------------------------------------------------------


def test_only_the_photo_is_on_the_whole_screen(
    editor: Editor, session: Session, qtbot: QtBot
) -> None:
    window = editor.window
    parts = (window.menuBar(), window.top_bar, window.options, window.status, window.history)
    assert all(part.isVisible() for part in parts)
    QTest.keyClick(window.canvas, Qt.Key.Key_F11)
    qtbot.waitUntil(window.isFullScreen)
    assert not any(part.isVisible() for part in parts)
    assert window.actions_by_id["view.fullscreen"].isChecked()
    assert "F11" in window.notice.text
    QTest.keyClick(window.canvas, Qt.Key.Key_Tab)  # keys still work
    assert not editor.settings.get("look.mask_shown")
    editor.controller.show(session)
    assert not window.history.isVisible()
    window.canvas.setFocus()
    QTest.keyClick(window.canvas, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: not window.isFullScreen())
    assert all(part.isVisible() for part in parts)
    assert not window.actions_by_id["view.fullscreen"].isChecked()


def test_the_whole_screen_is_not_remembered_as_the_layout(
    editor: Editor, session: Session, qtbot: QtBot
) -> None:
    window = editor.window
    window.actions_by_id["view.fullscreen"].trigger()
    qtbot.waitUntil(window.isFullScreen)
    window.close()
    assert editor.settings.store.value("window/state") is None
    assert editor.settings.store.value("window/geometry") is None


@pytest.mark.parametrize("command", ["edit.fade", "window.reset"])
def test_commands_that_show_panels_leave_the_whole_screen(
    editor: Editor, session: Session, qtbot: QtBot, command: str
) -> None:
    window = editor.window
    session.document.apply_fill(HOLE, 255 - session.document.pixels[HOLE.slices])
    window.actions_by_id["view.fullscreen"].trigger()
    qtbot.waitUntil(lambda: not window.history.isVisible())
    window.actions_by_id[command].trigger()
    qtbot.waitUntil(window.history.isVisible)
    assert window.menuBar().isVisible()
    assert (window.isFullScreen(), window.full_screen.is_on) == (False, False)
    assert not window.actions_by_id["view.fullscreen"].isChecked()
