from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QMimeData, QPoint, QPointF, QSettings, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QApplication, QFileDialog, QLabel
from pytestqt.qtbot import QtBot

import resources
from app.actions import ACTIONS, MENUS, TOOLBAR
from app.jobs import Lane
from app.ui import opening
from app.ui.window import Window
from inpaint_core.progress import Progress


def _words(window: Window) -> str:
    labels = window.status.findChildren(QLabel)
    return " | ".join(label.text() for label in labels if label.text())


def _open(window: Window, qtbot: QtBot, path: Path) -> None:
    window.open_paths([path])
    qtbot.waitUntil(lambda: window.windowTitle() == path.name)


def test_an_empty_window_welcomes_and_offers_no_photo_actions(window: Window) -> None:
    assert window.welcome.isVisible()
    assert not window.canvas.isVisible()
    for row in ACTIONS:
        assert window.actions_by_id[row.id].isEnabled() is not row.needs_photo


def test_every_row_of_menus_and_tool_bar_is_an_action() -> None:
    ids = {row.id for row in ACTIONS}
    rows = [row for rows in (*MENUS.values(), TOOLBAR) for row in rows if row is not None]
    assert set(rows) == ids


def test_no_shortcut_is_given_twice() -> None:
    keys = [key for row in ACTIONS for key in row.keys]
    assert len(keys) == len(set(keys))


def test_a_photo_is_shown_with_its_facts(window: Window, qtbot: QtBot, photo: Path) -> None:
    _open(window, qtbot, photo)
    assert window.canvas.isVisible()
    assert window.canvas.photo_size.toTuple() == (90, 60)
    assert "90×60" in _words(window)
    assert "8-bit" in _words(window)
    assert "100 %" in _words(window)
    assert all(window.actions_by_id[row.id].isEnabled() for row in ACTIONS)
    window.canvas.hovered.emit(QPoint(10, 20))
    assert "x 10  y 20" in _words(window)
    assert "RGB 20 80 30" in _words(window)


def test_sixteen_bit_numbers_are_shown_at_their_depth(
    window: Window, qtbot: QtBot, tmp_path: Path
) -> None:
    path = tmp_path / "deep.png"
    Image.fromarray(np.full((20, 30), 54321, np.uint16)).save(path)
    _open(window, qtbot, path)
    window.canvas.hovered.emit(QPoint(0, 0))
    assert "16-bit" in _words(window)
    assert "RGB 54321 54321 54321" in _words(window)


def test_the_sample_opens(window: Window, qtbot: QtBot) -> None:
    window.welcome.sample_asked.emit()
    qtbot.waitUntil(lambda: window.windowTitle() == "beach.jpg")
    assert window.canvas.photo_size.toTuple() == (1600, 1067)


def test_a_missing_file_is_told_in_a_bar_and_nothing_is_lost(
    window: Window, qtbot: QtBot, photo: Path, tmp_path: Path
) -> None:
    _open(window, qtbot, photo)
    window.open_paths([tmp_path / "gone.jpg"])
    qtbot.waitUntil(lambda: "gone.jpg" in window.notice.text)
    assert window.windowTitle() == photo.name
    assert window.canvas.isVisible()
    window.notice.clear()
    assert window.notice.text == ""


def test_a_file_that_is_no_photo_is_told(window: Window, qtbot: QtBot, tmp_path: Path) -> None:
    path = tmp_path / "letter.jpg"
    path.write_text("Dear photographer")
    window.open_paths([path])
    qtbot.waitUntil(lambda: "letter.jpg" in window.notice.text)
    assert window.welcome.isVisible()


def test_a_mistake_of_ours_is_told_and_logged(
    window: Window,
    qtbot: QtBot,
    photo: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def broken(path: Path, progress: Progress) -> opening.Opened:
        raise ZeroDivisionError("a bug")

    monkeypatch.setattr(opening, "read", broken)
    window.open_paths([photo])
    qtbot.waitUntil(lambda: "mistake in Lacuna" in window.notice.text)
    assert "lacuna.log" in window.notice.text
    assert "ZeroDivisionError" in caplog.text


def test_the_photo_asked_for_last_wins(
    window: Window, qtbot: QtBot, lane: Lane, photo: Path, tmp_path: Path
) -> None:
    other = tmp_path / "other.png"
    Image.new("RGB", (33, 44)).save(other)
    window.open_paths([photo])
    window.open_paths([other])
    qtbot.waitUntil(lambda: lane.waiting == 0)
    assert window.windowTitle() == "other.png"
    assert window.canvas.photo_size.toTuple() == (33, 44)


def test_several_photos_are_not_dropped_in_silence(
    window: Window, qtbot: QtBot, photo: Path
) -> None:
    window.open_paths([photo, photo, photo])
    qtbot.waitUntil(lambda: window.windowTitle() == photo.name)
    assert "first of 3" in window.notice.text


def test_closing_the_photo_leads_back_to_the_welcome_page(
    window: Window, qtbot: QtBot, photo: Path
) -> None:
    _open(window, qtbot, photo)
    window.actions_by_id["close"].trigger()
    assert window.welcome.isVisible()
    assert window.windowTitle() == ""
    assert "90×60" not in _words(window)


def test_closing_while_a_photo_is_read_shows_nothing_later(
    window: Window, qtbot: QtBot, lane: Lane, photo: Path
) -> None:
    window.open_paths([photo])
    window.actions_by_id["close"].setEnabled(True)
    window.actions_by_id["close"].trigger()
    qtbot.waitUntil(lambda: lane.waiting == 0)
    assert window.welcome.isVisible()


def test_the_open_dialog_offers_photos_and_remembers_the_folder(
    window: Window,
    qtbot: QtBot,
    photo: Path,
    settings: QSettings,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[str] = []

    def choose(parent: object, title: str, folder: str, patterns: str) -> tuple[str, str]:
        asked.append(patterns)
        return str(photo), patterns

    monkeypatch.setattr(QFileDialog, "getOpenFileName", choose)
    window.actions_by_id["open"].trigger()
    qtbot.waitUntil(lambda: window.windowTitle() == photo.name)
    assert "*.tif" in asked[0]
    assert settings.value("open/folder") == str(photo.parent)


def _mime(*urls: QUrl) -> QMimeData:
    mime = QMimeData()
    mime.setUrls(list(urls))
    return mime


def test_a_dropped_file_opens(window: Window, qtbot: QtBot, photo: Path) -> None:
    mime = _mime(QUrl.fromLocalFile(str(photo)))
    where = (Qt.DropAction.CopyAction, mime, Qt.MouseButton.LeftButton)
    enter = QDragEnterEvent(QPointF(50, 50), *where, Qt.KeyboardModifier.NoModifier)
    QApplication.sendEvent(window, enter)
    assert enter.isAccepted()
    drop = QDropEvent(QPointF(50, 50), *where, Qt.KeyboardModifier.NoModifier)
    QApplication.sendEvent(window, drop)
    qtbot.waitUntil(lambda: window.windowTitle() == photo.name)


def test_a_dragged_web_address_is_refused(window: Window) -> None:
    mime = _mime(QUrl("https://example.org/photo.jpg"))
    enter = QDragEnterEvent(
        QPointF(50, 50),
        Qt.DropAction.CopyAction,
        mime,
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )
    enter.ignore()
    QApplication.sendEvent(window, enter)
    assert not enter.isAccepted()


def test_the_window_remembers_its_size(
    window: Window, qtbot: QtBot, lane: Lane, settings: QSettings
) -> None:
    window.resize(700, 500)
    window.close()
    again = Window(lane, settings)
    qtbot.addWidget(again)
    assert again.size().toTuple() == (700, 500)


def test_keys_zoom_and_fit(window: Window, qtbot: QtBot) -> None:
    _open(window, qtbot, resources.path("samples/beach.jpg"))
    window.activateWindow()
    fitted = window.canvas.zoom
    qtbot.keyClick(window.canvas, Qt.Key.Key_1)
    assert window.canvas.zoom == 1.0
    qtbot.keyClick(window.canvas, Qt.Key.Key_F)
    assert window.canvas.zoom == fitted
