"""The navigator in the corner of the canvas; brushes and states that are kept under a name."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from looking import paint
from PySide6.QtCore import QPoint, QPointF, QSettings, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QInputDialog
from pytestqt.qtbot import QtBot

from app.configuration.brush_presets import BrushPresets
from app.configuration.settings import Settings
from app.session.session import Session
from app.ui.overlays.navigator import Navigator
from app.ui.shell.editor import Editor
from app.ui.widgets.named_items_menu import NamedItemsMenu
from inpaint_core.contract.choices import Layer
from inpaint_core.contract.geometry import Plane, Rect

LAYERS: tuple[Layer, ...] = ("pixels", "mask", "edges", "restored", "filled")
ALT, LEFT = Qt.KeyboardModifier.AltModifier, Qt.MouseButton.LeftButton


@pytest.fixture
def session(editor: Editor, qtbot: QtBot, gravel: Path) -> Session:
    editor.controller.open([gravel])
    qtbot.waitUntil(lambda: editor.controller.current is not None)
    assert editor.controller.current is not None
    return editor.controller.current


@pytest.fixture
def navigator(editor: Editor, session: Session) -> Navigator:
    shown = editor.window.navigator
    assert not shown.isVisible()
    QTest.keyClick(editor.window.canvas, Qt.Key.Key_N, Qt.KeyboardModifier.ShiftModifier)
    assert shown.isVisible()
    assert editor.window.actions_by_id["view.navigator"].isChecked()
    return shown


# -- the navigator ---------------------------------------------------------------------------------


def test_the_frame_is_what_the_canvas_shows(editor: Editor, navigator: Navigator) -> None:
    canvas = editor.window.canvas
    assert navigator.visible_part == navigator.rect().toRectF()  # all of it
    canvas.zoom_to(16.0)
    canvas.centre_on(QPointF(60, 40))
    scale = navigator.width() / 200
    middle = navigator.visible_part.center()
    assert middle.x() == pytest.approx(60 * scale, abs=1)
    assert middle.y() == pytest.approx(40 * scale, abs=1)
    view = canvas.views()[0]
    wide = view.pane.width() / view.scale * scale
    assert navigator.visible_part.width() == pytest.approx(wide, abs=1)


def test_dragging_the_frame_moves_the_photo_and_the_wheel_zooms(
    editor: Editor, session: Session, navigator: Navigator
) -> None:
    canvas = editor.window.canvas
    canvas.zoom_to(16.0)
    scale = navigator.width() / 200
    QTest.mousePress(navigator, LEFT, pos=QPoint(round(100 * scale), round(80 * scale)))
    QTest.mouseMove(navigator, QPoint(round(150 * scale), round(30 * scale)))
    QTest.mouseRelease(navigator, LEFT, pos=QPoint(round(150 * scale), round(30 * scale)))
    shown = canvas.view_position()
    assert shown.x == pytest.approx(150, abs=1)
    assert shown.y == pytest.approx(30, abs=1)
    assert shown.zoom == 16.0
    assert not session.document.history.entries  # the tool below has painted nothing


def test_the_picture_follows_the_photo_and_the_corner(
    editor: Editor, session: Session, navigator: Navigator, qtbot: QtBot
) -> None:
    before = navigator.grab().toImage()
    paint(session, Rect(40, 40, 100, 80))
    qtbot.waitUntil(lambda: navigator.grab().toImage() != before)
    canvas = editor.window.canvas
    editor.window.resize(900, 620)
    QApplication.processEvents()
    away = canvas.rect().bottomRight() - navigator.geometry().bottomRight()
    assert 8 <= away.x() == away.y() <= 16
    editor.controller.close(session)
    assert not navigator.isVisible()


# -- brushes ---------------------------------------------------------------------------------------


def list_names(menu: NamedItemsMenu) -> list[str]:
    QApplication.processEvents()  # the menu is filled after the action has ended
    texts = [action.text() for action in menu.actions()]
    return texts[: texts.index("")]


def test_a_brush_is_saved_under_a_name_and_back_with_its_key(
    editor: Editor, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings, menu = editor.settings, editor.window.presets_menu
    names = iter([("Hair & wires", True), ("Large", True), ("", True), ("no", False)])
    monkeypatch.setattr(QInputDialog, "getText", lambda *_: next(names))
    save = menu.save
    settings.set("brush.size", 6)
    settings.set("brush.hardness", 30)
    settings.set("clone.opacity", 50)
    save.trigger()
    settings.reset()
    settings.set("brush.size", 300)
    for _ in range(3):
        save.trigger()
    assert list_names(menu) == ["Hair && wires", "Large"]
    QTest.keyClick(editor.window.canvas, Qt.Key.Key_1, ALT)
    values = [settings.get(name) for name in ("brush.size", "brush.hardness", "clone.opacity")]
    assert values == [6, 30, 50]
    QTest.keyClick(editor.window.canvas, Qt.Key.Key_2, ALT)
    assert settings.get("brush.size") == 300
    menu.removal.actions()[0].trigger()
    assert list_names(menu) == ["Large"]
    QTest.keyClick(editor.window.canvas, Qt.Key.Key_1, ALT)
    assert settings.get("brush.size") == 300


def test_presets_that_cannot_be_read_are_left_out(tmp_path: Path) -> None:
    store = QSettings(str(tmp_path / "kept.ini"), QSettings.Format.IniFormat)
    settings = Settings(store)
    presets = BrushPresets(settings)
    presets.save("good")
    good = str(store.value("brush/presets"))
    for damaged in ("{", "3", '[{"name": 1}, 7]', good[:-1] + ', {"name": "bad", "size": "x"}]'):
        store.setValue("brush/presets", damaged)
        assert [preset.name for preset in presets.presets] == (["good"] * ("good" in damaged))
    settings.set("brush.size", 77)
    presets.save("good")  # in place of the first
    assert [preset.size for preset in presets.presets] == [77]


# -- snapshots -------------------------------------------------------------------------------------


def test_a_photo_comes_back_to_a_snapshot_in_one_step(
    editor: Editor, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    document, menu = session.document, editor.window.snapshots_menu
    monkeypatch.setattr(QInputDialog, "getText", lambda *_: ("Half done", True))
    fill = np.full((30, 40, 3), 7, np.uint8)
    document.apply_fill(Rect(20, 20, 40, 30), fill)
    paint(session, Rect(100, 100, 20, 20))
    document.set_planes([Plane(((1, 1), (9, 1), (9, 9), (1, 9)))])
    kept = {layer: document.read(layer).copy() for layer in LAYERS}
    planes = document.planes
    menu.save.trigger()
    assert list_names(menu) == ["Half done"]
    document.go_to(1)  # the rest is undone, and dropped by what comes next
    paint(session, Rect(10, 130, 30, 20))
    document.apply_fill(Rect(25, 25, 90, 90), np.full((90, 90, 3), 90, np.uint8))
    changed = {layer: document.read(layer).copy() for layer in LAYERS}
    menu.actions()[0].trigger()
    entry = document.history.entries[-1]
    assert (entry.name_key, entry.values["name"]) == ("history.snapshot", "Half done")
    assert all(np.array_equal(document.read(layer), kept[layer]) for layer in LAYERS)
    assert document.planes == planes
    position = document.history.position
    menu.actions()[0].trigger()
    assert document.history.position == position  # it is that state already
    document.undo()
    assert all(np.array_equal(document.read(layer), changed[layer]) for layer in LAYERS)
    assert document.planes == ()


def test_every_photo_has_its_own_snapshots(
    editor: Editor, session: Session, photo: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    menu = editor.window.snapshots_menu
    monkeypatch.setattr(QInputDialog, "getText", lambda *_: ("Start", True))
    menu.save.trigger()
    assert list_names(menu) == ["Start"]
    editor.controller.open([photo])
    qtbot.waitUntil(lambda: editor.controller.current is not session)
    assert list_names(menu) == []
    editor.controller.show(session)
    assert list_names(menu) == ["Start"]
    paint(session)
    menu.actions()[0].trigger()
    assert not session.has_mask
    for each in tuple(editor.controller.sessions):
        editor.controller.close(each)
    assert list_names(menu) == []
    assert not menu.save.isEnabled()
