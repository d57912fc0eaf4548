from __future__ import annotations

import gc
import shutil
import sys
import threading
import weakref
from base64 import b64encode
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

import numpy as np
import pytest
from PIL import Image
from PySide6 import __version_info__
from PySide6.QtCore import (
    QCoreApplication,
    QEvent,
    QMimeData,
    QPoint,
    QPointF,
    QSettings,
    Qt,
    QTimer,
    QUrl,
)
from PySide6.QtGui import (
    QAction,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDropEvent,
    QImage,
    QKeySequence,
)
from PySide6.QtWidgets import (
    QApplication,
    QComboBox,
    QDoubleSpinBox,
    QFileDialog,
    QLabel,
    QMenu,
    QPushButton,
    QTabBar,
    QToolButton,
)
from pytestqt.qtbot import QtBot

import resources
from app.configuration.actions import ACTIONS, MENUS, TOOL_BAR, TOOLS
from app.configuration.settings import Settings
from app.configuration.text import t
from app.session.notice import Notice
from app.ui.dialogs import questions
from app.ui.dialogs.export_dialog import ExportDialog
from app.ui.dialogs.shortcuts_dialog import ShortcutsDialog
from app.ui.painting import opened_photo as opening
from app.ui.shell.editor import Editor
from app.ui.shell.saving.unsaved_dialog import UnsavedDialog
from app.ui.shell.window import Window
from app.ui.theme import theme
from app.ui.welcome.recent_photos import RecentPhotos
from app.ui.widgets.elided_label import ElidedLabel
from app.workers.decoder.decoder_pool import DecoderPool
from app.workers.engine_lane import EngineRow
from inpaint_core.contract.geometry import Rect
from inpaint_core.contract.progress import Progress


def _words(window: Window) -> str:
    labels = window.status.findChildren(QLabel)
    return " | ".join(label.text() for label in labels if label.text())


def _open(editor: Editor, qtbot: QtBot, *paths: Path) -> None:
    count = len(editor.controller.sessions) + len(paths)
    editor.controller.open(paths)
    qtbot.waitUntil(
        lambda: len(editor.controller.sessions) == count and not editor.controller.is_busy
    )


def _paint(editor: Editor, place: int = 10) -> None:
    """An edit of the photo in front, as a tool would make it."""
    assert editor.controller.current is not None
    with editor.controller.current.document.edit("history.brush") as editing:
        editing.write("mask", Rect(place, 10, 8, 8), np.full((8, 8), 255, np.uint8))


def _paint_all(editor: Editor) -> None:
    for session in editor.controller.sessions:
        editor.controller.show(session)
        _paint(editor)


def _answers(monkeypatch: pytest.MonkeyPatch, *answers: questions.UnsavedAnswer) -> list[str]:
    """Answer the questions about unsaved photos; returns the names that were asked about."""
    asked: list[str] = []
    left = list(answers)

    def answer(parent: object, name: str, *_: bool) -> questions.UnsavedAnswer:
        asked.append(name)
        return left.pop(0)

    monkeypatch.setattr(questions, "ask_unsaved", answer)
    return asked


# -- actions ---------------------------------------------------------------------------------------


def test_every_action_has_words_an_icon_and_a_place_in_a_menu(window: Window) -> None:
    in_menus = {row for rows in MENUS.values() for row in rows if row is not None}
    assert in_menus == set(ACTIONS)
    for row in ACTIONS.values():
        action = window.actions_by_id[row.id]
        assert row.name in action.toolTip()
        assert row.tip in action.toolTip()
        assert row.tip.endswith(".")
        assert not action.icon().pixmap(20, 20).toImage().isNull()
        drawn = action.icon().pixmap(20, 20).toImage().convertToFormat(QImage.Format.Format_ARGB32)
        assert any(drawn.pixelColor(x, y).alpha() for x in range(20) for y in range(20)), row.id


def test_every_action_is_in_the_menu_bar_and_has_an_access_key_of_its_own(window: Window) -> None:
    titles: list[str] = []
    found: set[QAction] = set()
    for top in window.menuBar().actions():
        menu = top.menu()
        assert isinstance(menu, QMenu)
        titles.append(_access(top.text()))
        keys = [_access(a.text()) for a in menu.actions() if a.text()]
        assert len(keys) == len(set(keys)), (top.text(), keys)
        found.update(menu.actions())
    assert len(titles) == len(set(titles))
    assert set(window.actions_by_id.values()) <= found


def _access(text: str) -> str:
    assert "&" in text, text
    return text[text.index("&") + 1].lower()


def test_every_action_is_in_the_sheet_of_shortcuts(editor: Editor, qtbot: QtBot) -> None:
    assert set(editor.keymap.actions) == set(ACTIONS)
    sheet = ShortcutsDialog(editor.keymap)
    qtbot.addWidget(sheet)
    tree = sheet.tree
    rows = [
        tree.topLevelItem(i).child(j).text(0)  # type: ignore[union-attr]
        for i in range(tree.topLevelItemCount())
        for j in range(tree.topLevelItem(i).childCount())  # type: ignore[union-attr]
    ]
    assert {row.name for row in ACTIONS.values()} <= set(rows)


def test_no_shortcut_is_given_twice() -> None:
    keys = [QKeySequence(key).toString() for row in ACTIONS.values() for key in row.keys]
    assert all(keys)
    assert len(keys) == len(set(keys))


def test_the_strip_shows_every_tool_in_order() -> None:
    assert [name for name in TOOL_BAR if name] == [f"tool.{tool}" for tool in TOOLS]
    menus = (*MENUS["tool"], *MENUS["find"], *MENUS["retouch"])
    listed = [name for name in menus if name in TOOL_BAR and name]
    assert sorted(listed, key=TOOL_BAR.index) == [f"tool.{tool}" for tool in TOOLS]


def test_the_hint_says_how_a_tool_that_finds_something_begins(
    editor: Editor, qtbot: QtBot, photo: Path
) -> None:
    _open(editor, qtbot, photo)
    session, hint = editor.controller.current, editor.window.hint
    assert session is not None
    said = {}
    for tool in ("brush", "wires"):
        editor.window.actions_by_id[f"tool.{tool}"].trigger()
        said[tool] = hint.next_step(session)
    assert said["wires"] == ACTIONS["tool.wires"].tip != said["brush"]


def test_changed_keys_apply_at_once(editor: Editor, qtbot: QtBot, photo: Path) -> None:
    _open(editor, qtbot, photo)
    editor.keymap.set_keys("tool.lasso", ["F4"])
    action = editor.window.actions_by_id["tool.lasso"]
    assert "(F4)" in action.toolTip()
    editor.window.canvas.setFocus()
    qtbot.keyClick(editor.window.canvas, Qt.Key.Key_F4)
    assert editor.window.workspace.tool == "lasso"


def test_what_is_enabled_follows_what_there_is(editor: Editor, qtbot: QtBot, photo: Path) -> None:
    def enabled() -> set[str]:
        return {row for row in ACTIONS if editor.window.actions_by_id[row].isEnabled()}

    def needing(*needs: str) -> set[str]:
        rows = {row.id for row in ACTIONS.values() if set(row.needs) <= set(needs)}
        return rows - {"file.save_project"}  # “Save” does that where photos are not saved into

    assert enabled() == needing()
    _open(editor, qtbot, photo)
    assert enabled() == needing("photo", "file")
    _paint(editor)
    assert enabled() == needing("photo", "file", "mask", "undo")
    editor.controller.undo()
    assert enabled() == needing("photo", "file", "redo")
    editor.controller.show(None)
    assert enabled() == needing()


# -- keys ------------------------------------------------------------------------------------------


def test_keys_choose_tools_zoom_and_change_the_brush(editor: Editor, qtbot: QtBot) -> None:
    _open(editor, qtbot, resources.path("samples/beach.jpg"))
    window, canvas, settings = editor.window, editor.window.canvas, editor.settings
    for tool in TOOLS:
        (key,) = ACTIONS[f"tool.{tool}"].keys
        pressed = QKeySequence(key)[0]
        qtbot.keyClick(canvas, pressed.key(), pressed.keyboardModifiers())
        assert canvas.tool is not None
        assert canvas.tool.id == tool
        assert window.actions_by_id[f"tool.{tool}"].isChecked()
    fitted = canvas.zoom
    qtbot.keyClick(canvas, Qt.Key.Key_1)
    assert canvas.zoom == 1.0
    qtbot.keyClick(canvas, Qt.Key.Key_F)
    assert canvas.zoom == fitted
    _paint(editor)
    qtbot.keyClick(canvas, Qt.Key.Key_F, Qt.KeyboardModifier.ShiftModifier)
    assert canvas.zoom == 4.0  # what was painted is small
    size, hardness = settings.get("brush.size"), settings.get("brush.hardness")
    qtbot.keyClick(canvas, Qt.Key.Key_BracketRight)
    assert settings.get("brush.size") > size
    qtbot.keyClick(canvas, Qt.Key.Key_BracketLeft, Qt.KeyboardModifier.ShiftModifier)
    assert settings.get("brush.hardness") < hardness


def test_keys_belong_to_the_field_that_is_typed_in(
    editor: Editor, qtbot: QtBot, photo: Path
) -> None:
    _open(editor, qtbot, photo)
    _paint(editor)
    window = editor.window
    dial = window.options.size_dial
    dial.field.setFocus()
    dial.field.selectAll()
    qtbot.keyClicks(dial.field, "11e")
    qtbot.keyClick(dial.field, Qt.Key.Key_Return)
    assert editor.settings.get("brush.size") == 11
    assert window.workspace.tool == "brush"
    assert window.canvas.zoom == 1.0
    assert editor.controller.current is not None
    assert editor.controller.current.running_fill is None
    assert window.canvas.hasFocus()


def test_the_pencils_options_are_evenly_spaced(editor: Editor, qtbot: QtBot, photo: Path) -> None:
    _open(editor, qtbot, photo)
    editor.window.actions_by_id["tool.pencil"].trigger()
    QApplication.processEvents()
    shown = (QComboBox, QDoubleSpinBox, QLabel)
    parts = [
        (part.mapTo(editor.window, QPoint()).x(), part)
        for kind in shown
        for part in editor.window.options.findChildren(kind)
        if part.isVisible()
    ]
    ordered = [part for _, part in sorted(parts, key=lambda each: each[0])]
    groups = [place for place, part in enumerate(ordered) if isinstance(part, QLabel)][:3]
    gaps = [
        ordered[at].mapTo(editor.window, QPoint()).x()
        - ordered[at - 1].mapTo(editor.window, ordered[at - 1].rect().topRight()).x()
        for at in groups[1:]
    ]
    assert max(gaps) - min(gaps) <= 1


def test_the_original_is_shown_while_the_key_is_held(
    editor: Editor, qtbot: QtBot, photo: Path
) -> None:
    _open(editor, qtbot, photo)
    canvas = editor.window.canvas
    editor.window.actions_by_id["view.split"].trigger()
    qtbot.keyPress(canvas, Qt.Key.Key_Backslash)
    assert canvas.compare_mode == "original"
    qtbot.keyRelease(canvas, Qt.Key.Key_Backslash)
    assert canvas.compare_mode == "split"
    editor.window.actions_by_id["view.side"].trigger()
    assert not editor.window.actions_by_id["view.split"].isChecked()
    editor.window.actions_by_id["view.side"].trigger()
    assert canvas.compare_mode == "off"


def test_tab_hides_the_mask_only_from_the_photo(editor: Editor, qtbot: QtBot, photo: Path) -> None:
    _open(editor, qtbot, photo)
    canvas = editor.window.canvas
    canvas.setFocus()
    qtbot.keyClick(canvas, Qt.Key.Key_Tab)
    assert editor.settings.get("look.mask_shown") is False
    assert not editor.window.actions_by_id["mask.show"].isChecked()
    editor.window.history.list.setFocus()
    qtbot.keyClick(editor.window.history.list, Qt.Key.Key_Tab)
    assert editor.settings.get("look.mask_shown") is False
    assert not editor.window.history.list.hasFocus()


def test_every_part_of_the_window_is_reached_by_a_key(
    editor: Editor, qtbot: QtBot, photo: Path
) -> None:
    window = editor.window
    _open(editor, qtbot, photo)
    window.canvas.setFocus()
    seen = []
    for _ in range(4):
        focused = QApplication.focusWidget()
        assert focused is not None
        seen.append(focused)
        qtbot.keyClick(focused, Qt.Key.Key_F6)
    assert window.canvas.hasFocus()
    assert window.history.list in seen
    assert window.options.size_dial.field in seen
    assert window.top_bar.engines in seen


# -- opening ---------------------------------------------------------------------------------------


def test_a_photo_is_shown_with_its_facts(editor: Editor, qtbot: QtBot, photo: Path) -> None:
    window = editor.window
    assert window.welcome.isVisible()
    _open(editor, qtbot, photo)
    assert window.canvas.isVisible()
    assert window.canvas.photo_size.toTuple() == (90, 60)
    for word in ("90×60", "8-bit", "100 %"):
        assert word in _words(window)
    window.canvas.hovered.emit(QPoint(10, 20))
    assert "x 10  y 20" in _words(window)
    assert "RGB 20 80 30" in _words(window)
    assert photo in editor.recent.paths


def test_sixteen_bit_numbers_are_shown_at_their_depth(
    editor: Editor, qtbot: QtBot, tmp_path: Path
) -> None:
    path = tmp_path / "deep.png"
    Image.fromarray(np.full((20, 30), 54321, np.uint16)).save(path)
    _open(editor, qtbot, path)
    editor.window.canvas.hovered.emit(QPoint(0, 0))
    assert "16-bit" in _words(editor.window)
    assert "RGB 54321 54321 54321" in _words(editor.window)


def test_a_missing_file_is_told_in_a_bar_and_nothing_is_lost(
    editor: Editor, qtbot: QtBot, photo: Path, tmp_path: Path
) -> None:
    window = editor.window
    _open(editor, qtbot, photo)
    editor.controller.open([tmp_path / "gone.jpg"])
    qtbot.waitUntil(lambda: "gone.jpg" in window.notice.text)
    assert window.windowTitle() == "ramp.png[*]"
    window.notice.clear()
    assert window.notice.text == ""


def test_a_mistake_of_ours_is_told_and_logged(
    editor: Editor,
    qtbot: QtBot,
    photo: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def broken(progress: Progress) -> opening.OpenedPhoto:
        raise ZeroDivisionError("a bug")

    editor.controller.open_with(broken)
    qtbot.waitUntil(lambda: "bug in Lacuna" in editor.window.notice.text)
    assert "lacuna.log" in editor.window.notice.text
    assert "ZeroDivisionError" in caplog.text


def test_opening_can_be_stopped(
    editor: Editor, qtbot: QtBot, photo: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    go = threading.Event()

    def slow(progress: Progress) -> opening.OpenedPhoto:
        assert go.wait(30)
        return editor.controller.read_photo(photo, progress)

    editor.controller.open_with(slow)
    assert editor.controller.is_busy
    editor.window.status.stop_asked.emit()
    assert not editor.controller.is_busy
    go.set()
    qtbot.waitUntil(lambda: not editor.files.jobs)
    assert not editor.controller.sessions


def test_the_open_dialog_takes_several_photos_and_remembers_the_folder(
    editor: Editor,
    qtbot: QtBot,
    photo: Path,
    gravel: Path,
    settings: QSettings,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[str] = []

    def choose(parent: object, title: str, folder: str, patterns: str) -> tuple[list[str], str]:
        asked.append(patterns)
        return [str(photo), str(gravel)], patterns

    monkeypatch.setattr(QFileDialog, "getOpenFileNames", choose)
    editor.window.actions_by_id["file.open"].trigger()
    qtbot.waitUntil(lambda: len(editor.controller.sessions) == 2)
    assert "*.tif" in asked[0]
    assert settings.value("open/folder") == str(photo.parent)
    assert editor.window.windowTitle() == "ramp.png[*]"


_HELD = (Qt.MouseButton.LeftButton, Qt.KeyboardModifier.ShiftModifier)  # Shift proposes to move


def _offer(*urls: str | QUrl, text: str = "", **pictures: bytes) -> QMimeData:
    """What another program offers; ``pictures`` are bytes by kind."""
    found = QMimeData()
    if urls:
        found.setUrls([QUrl(url) for url in urls])
    if text:
        found.setText(text)
    for kind, data in pictures.items():
        found.setData(f"image/{kind}", data)
    return found


def _drop(
    window: Window, data: QMimeData, actions: Qt.DropAction = Qt.DropAction.CopyAction
) -> Qt.DropAction | None:
    """Drag over the window and drop there: what the source is told that was done, None if the
    window does not want it.
    """
    # Qt 6.12 takes it as a QPointF and warns of a QPoint, those before know only that.
    at = QPointF(50, 50) if __version_info__ >= (6, 12) else QPoint(50, 50)

    enter = QDragEnterEvent(at, actions, data, *_HELD)
    enter.ignore()
    QApplication.sendEvent(window, enter)
    if not enter.isAccepted():
        return None
    drop = QDropEvent(QPointF(50, 50), actions, data, *_HELD)
    QApplication.sendEvent(window, drop)
    return drop.dropAction()


def test_a_dropped_file_opens(editor: Editor, qtbot: QtBot, photo: Path) -> None:
    assert not _drop(editor.window, _offer(text="two words"))
    assert _drop(editor.window, _offer(QUrl.fromLocalFile(str(photo))))
    qtbot.waitUntil(lambda: len(editor.controller.sessions) == 1)
    assert editor.controller.current.document.path == photo


def test_a_photo_says_that_what_is_dragged_over_it_may_be_dropped(
    editor: Editor, qtbot: QtBot, photo: Path
) -> None:
    editor.controller.open([photo])
    qtbot.waitUntil(lambda: editor.controller.current is not None)
    window, frame = editor.window, editor.window.drop_frame
    at = QPointF(50, 50) if __version_info__ >= (6, 12) else QPoint(50, 50)

    def drag(data: QMimeData) -> None:
        enter = QDragEnterEvent(at, Qt.DropAction.CopyAction, data, *_HELD)
        QApplication.sendEvent(window, enter)

    drag(_offer(text="two words"))
    assert not frame.isVisible()
    file = _offer(QUrl.fromLocalFile(str(photo)))
    drag(file)
    assert frame.isVisible()
    assert frame.geometry() == window.workspace.rect()
    QApplication.sendEvent(window, QDragLeaveEvent())
    assert not frame.isVisible()
    drag(file)
    assert _drop(window, file)
    assert not frame.isVisible()


def test_the_box_of_engines_keeps_its_width_and_says_what_is_missing(window: Window) -> None:
    bar = window.top_bar
    wide = bar.engines.sizeHint()
    usual = EngineRow("auto", "Automatic", "", is_usable=True, is_single=False)
    absent = EngineRow("zits", "Edges and lines first " * 3, "", is_usable=False, is_single=True)
    bar.show_engines((usual, absent), "auto")
    assert bar.engines.sizeHint() == wide
    assert bar.engines.itemText(1) == f"{absent.title} – no weights yet"
    lines = bar.engines.view()
    assert lines.minimumWidth() >= lines.fontMetrics().horizontalAdvance(bar.engines.itemText(1))


def test_menus_call_the_key_enter_as_all_else_does(window: Window) -> None:
    fill = window.actions_by_id["fill.run"]
    assert fill.shortcut() == QKeySequence("Return")
    assert fill.text().partition("\t")[2] == "Enter"
    assert fill.iconText() == ACTIONS["fill.run"].name
    assert "\t" not in window.actions_by_id["file.open"].text()


def test_what_is_dropped_is_never_moved(editor: Editor, qtbot: QtBot, photo: Path) -> None:
    copy, move, link = Qt.DropAction.CopyAction, Qt.DropAction.MoveAction, Qt.DropAction.LinkAction
    file = _offer(QUrl.fromLocalFile(str(photo)))
    assert QDropEvent(QPointF(), copy | move, file, *_HELD).proposedAction() == move
    assert _drop(editor.window, file, copy | move | link) == copy
    assert _drop(editor.window, file, move | link) == link
    assert _drop(editor.window, file, move) is None
    qtbot.waitUntil(lambda: not editor.controller.is_busy)
    assert len(editor.controller.sessions) == 1


@pytest.mark.parametrize(
    "offer",
    [
        lambda data: _offer(png=data),
        lambda data: _offer("https://example.org/a.jpg", text="https://example.org", png=data),
        lambda data: _offer(jpeg=b"not one", png=data),
        lambda data: _offer(f"data:image/png;base64,{b64encode(data).decode()}"),
        lambda data: _offer(f"data:image/png,{quote(data)}"),
        lambda data: _offer(text=f"data:image/png;base64,{quote(b64encode(data))}"),
    ],
)
@pytest.mark.parametrize("way", ["drop", "paste"])
def test_a_picture_of_a_browser_is_a_photo_without_a_file(
    editor: Editor, qtbot: QtBot, photo: Path, offer: Callable[[bytes], QMimeData], way: str
) -> None:
    data = offer(photo.read_bytes())
    if way == "drop":
        assert _drop(editor.window, data)
    else:
        QApplication.clipboard().setMimeData(data)
        editor.window.actions_by_id["file.paste"].trigger()
    qtbot.waitUntil(lambda: len(editor.controller.sessions) == 1)
    session = editor.controller.current
    assert session is not None
    assert session.document.path is None
    assert session.name == "Pasted photo"
    assert np.array_equal(session.document.pixels, np.asarray(Image.open(photo)))


@pytest.mark.parametrize("way", ["drop", "paste"])
@pytest.mark.parametrize("text", ["", "https://example.org/a.jpg"])
def test_a_web_address_alone_is_answered_with_a_sentence(
    editor: Editor, text: str, way: str
) -> None:
    data = _offer(text=text) if text else _offer("http://example.org/a.jpg")
    if way == "drop":
        assert _drop(editor.window, data)
    else:
        QApplication.clipboard().setMimeData(data)
        editor.window.actions_by_id["file.paste"].trigger()
    assert "does not go online" in editor.window.notice.text
    assert not editor.controller.is_busy


@pytest.mark.skipif(sys.platform != "linux", reason="file systems whose names are bytes")
def test_a_name_that_is_no_text_is_shown_with_a_sign_and_kept(
    editor: Editor, qtbot: QtBot, photo: Path
) -> None:
    window = editor.window
    photo = photo.rename(photo.with_name("caf\udce9.png"))
    other = photo.with_name("th\udce9.png")
    other.write_bytes(photo.read_bytes())
    assert _drop(window, _offer(QUrl(photo.as_uri())))
    qtbot.waitUntil(lambda: len(editor.controller.sessions) == 1)
    document = editor.controller.current.document
    assert document.path == photo
    assert window.windowTitle() == "caf\ufffd.png[*]"
    assert editor.recent.paths == (photo,)
    assert window.welcome.findChild(RecentPhotos).list.item(0).text() == "caf\ufffd.png"
    _open(editor, qtbot, other)
    tabs = window.workspace.tabs
    assert [tabs.tabText(at) for at in (0, 1)] == ["caf\ufffd.png", "th\ufffd.png"]
    dialog = ExportDialog(document, editor.settings, editor.files, window)
    assert dialog.form.name.text() == "caf\ufffd-lacuna.png"
    assert dialog.form.path == photo.with_name("caf\udce9-lacuna.png")
    dialog.form.name.setText("new.png")
    assert dialog.form.path == photo.with_name("new.png")
    dialog.done(0)
    document.path.write_bytes(b"damaged")
    editor.controller.close(editor.controller.sessions[0])
    editor.controller.open([photo])
    qtbot.waitUntil(lambda: "caf\ufffd.png" in window.notice.text)


def test_a_picture_that_is_damaged_is_answered_with_a_sentence(
    editor: Editor, qtbot: QtBot
) -> None:
    assert _drop(editor.window, _offer(png=b"not a picture"))
    qtbot.waitUntil(lambda: "Pasted photo" in editor.window.notice.text)
    assert editor.controller.sessions == []


def test_pictures_and_files_are_pasted_and_the_result_is_copied(
    editor: Editor, qtbot: QtBot, photo: Path
) -> None:
    clipboard = QApplication.clipboard()
    window = editor.window
    clipboard.clear()
    window.actions_by_id["file.paste"].trigger()
    assert "no picture on the clipboard" in window.notice.text
    picture = QImage(40, 30, QImage.Format.Format_RGB32)
    picture.fill(0x336699)
    clipboard.setImage(picture)
    window.actions_by_id["file.paste"].trigger()
    qtbot.waitUntil(lambda: len(editor.controller.sessions) == 1)
    session = editor.controller.current
    assert session is not None
    assert session.document.path is None
    assert session.document.shape == (30, 40)
    assert (session.document.pixels == (0x33, 0x66, 0x99)).all()
    clipboard.clear()
    window.actions_by_id["file.copy"].trigger()
    assert clipboard.image().pixelColor(5, 5).rgb() & 0xFFFFFF == 0x336699
    files = QMimeData()
    files.setUrls([QUrl.fromLocalFile(str(photo))])
    clipboard.setMimeData(files)
    window.actions_by_id["file.paste"].trigger()
    qtbot.waitUntil(lambda: window.windowTitle() == "ramp.png[*]")


def test_recent_photos_are_in_the_menu(editor: Editor, qtbot: QtBot, photo: Path) -> None:
    _open(editor, qtbot, photo)
    editor.window.actions_by_id["file.close"].trigger()
    menu = next(m for m in editor.window.findChildren(QMenu) if m.title() == "Open &recent")
    menu.aboutToShow.emit()
    (entry,) = menu.actions()
    assert entry.text() == "ramp.png"
    entry.trigger()
    qtbot.waitUntil(lambda: len(editor.controller.sessions) == 1)


# -- tabs and closing ------------------------------------------------------------------------------


def test_several_photos_are_tabs_with_their_own_view_mask_and_history(
    editor: Editor, qtbot: QtBot, photo: Path
) -> None:
    window = editor.window
    _open(editor, qtbot, photo)
    assert not window.workspace.tabs.isVisible()
    _paint(editor)
    window.canvas.zoom_to(3.0)
    _open(editor, qtbot, resources.path("samples/beach.jpg"))
    first, second = editor.controller.sessions
    assert editor.controller.current is second
    assert [window.workspace.tabs.tabText(i) for i in range(2)] == ["ramp.png •", "beach.jpg"]
    assert window.history.list.model().rowCount() == 1
    assert not window.isWindowModified()
    qtbot.keyClick(window.canvas, Qt.Key.Key_Tab, Qt.KeyboardModifier.ControlModifier)
    assert editor.controller.current is first
    assert window.canvas.document is first.document
    assert window.canvas.zoom == 3.0
    assert window.canvas.tool is not None
    assert window.canvas.tool.document is first.document
    assert window.history.list.model().rowCount() == 2
    assert window.isWindowModified()
    window.workspace.tabs.setCurrentIndex(1)
    assert editor.controller.current is second
    editor.controller.open([photo])
    assert editor.controller.current is first
    assert len(editor.controller.sessions) == 2


def test_closing_a_changed_photo_asks(
    editor: Editor, qtbot: QtBot, photo: Path, gravel: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = editor.window
    _open(editor, qtbot, photo, gravel)
    asked = _answers(monkeypatch, "cancel", "discard")
    _paint(editor)
    window.actions_by_id["file.close"].trigger()
    assert len(editor.controller.sessions) == 2
    window.actions_by_id["file.close"].trigger()
    assert [session.name for session in editor.controller.sessions] == ["gravel.png"]
    window.actions_by_id["file.close"].trigger()  # unchanged: no question
    assert asked == ["ramp.png", "ramp.png"]
    assert window.welcome.isVisible()
    assert window.windowTitle() == ""
    assert "200×160" not in _words(window)


def _close_with(editor: Editor, press: Callable[[UnsavedDialog], None]) -> list[str]:
    """Close the window, and answer the question about all unsaved photos; returns what it lists."""
    rows: list[str] = []

    def answer() -> None:
        dialog = QApplication.activeModalWidget()
        assert isinstance(dialog, UnsavedDialog)
        rows.extend(dialog.list.item(row).text() for row in range(dialog.list.count()))
        press(dialog)

    QTimer.singleShot(0, answer)
    editor.window.close()
    return rows


def test_closing_the_window_asks_once_about_all_changed_photos(
    editor: Editor, qtbot: QtBot, photo: Path, gravel: Path, tmp_path: Path
) -> None:
    third = tmp_path / "third.png"
    shutil.copy(photo, third)
    _open(editor, qtbot, photo, gravel, third)
    _paint_all(editor)
    rows = _close_with(editor, lambda dialog: dialog.cancel.click())
    assert rows == [
        t("window.unsaved.as_project", name=f"{name}.png", project=f"{name}.lacuna")
        for name in ("ramp", "gravel", "third")
    ]
    assert editor.window.isVisible()
    assert len(editor.controller.sessions) == 3

    def save_two(dialog: UnsavedDialog) -> None:
        assert dialog.save.text() == t("window.unsaved.save_all")
        box = dialog.list.visualItemRect(dialog.list.item(1))
        at = QPoint(box.left() + 10, box.center().y())
        qtbot.mouseClick(dialog.list.viewport(), Qt.MouseButton.LeftButton, pos=at)
        assert dialog.save.text() == t("window.unsaved.save_some", count=2)
        qtbot.keyClick(dialog.list, Qt.Key.Key_Return)

    _close_with(editor, save_two)
    assert editor.window.isVisible()  # until all are on the disk
    qtbot.waitUntil(lambda: not editor.window.isVisible())
    assert sorted(path.name for path in tmp_path.glob("*.lacuna")) == [
        "ramp.lacuna",
        "third.lacuna",
    ]


def test_all_changed_photos_are_discarded_at_once(
    editor: Editor, qtbot: QtBot, photo: Path, gravel: Path, tmp_path: Path
) -> None:
    _open(editor, qtbot, photo, gravel)
    _paint_all(editor)
    _close_with(editor, lambda dialog: dialog.discard.click())
    assert not editor.window.isVisible()
    assert not list(tmp_path.glob("*.lacuna"))


def test_a_photo_that_cannot_be_saved_keeps_the_others_open(
    editor: Editor, qtbot: QtBot, photo: Path, gravel: Path, tmp_path: Path
) -> None:
    _open(editor, qtbot, photo, gravel)
    _paint_all(editor)
    editor.controller.sessions[1].project_path = tmp_path / "gone" / "gravel.lacuna"

    def save_second(dialog: UnsavedDialog) -> None:
        dialog.list.item(0).setCheckState(Qt.CheckState.Unchecked)
        dialog.save.click()

    _close_with(editor, save_second)
    qtbot.waitUntil(lambda: not editor.controller.is_busy)
    assert len(editor.controller.sessions) == 2
    assert _close_with(editor, lambda dialog: dialog.cancel.click())  # asked again, not gone on


def test_saving_on_close_writes_the_file_and_then_closes(
    editor: Editor, qtbot: QtBot, photo: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from app.ui.dialogs import export_dialog as exporting

    _open(editor, qtbot, photo)
    _paint(editor)
    _answers(monkeypatch, "save")
    monkeypatch.setattr(
        exporting,
        "ask_export",
        lambda parent, document, settings, lane: exporting.quick_order(document, settings),
    )
    editor.window.close()
    assert editor.window.isVisible()
    qtbot.waitUntil(lambda: not editor.window.isVisible())
    assert (photo.parent / "ramp-lacuna.png").is_file()


def test_a_quick_export_saves_and_the_mark_goes(editor: Editor, qtbot: QtBot, photo: Path) -> None:
    _open(editor, qtbot, photo)
    _paint(editor)
    assert editor.window.isWindowModified()
    editor.window.actions_by_id["file.quick_export"].trigger()
    qtbot.waitUntil(lambda: not editor.controller.is_busy)
    assert not editor.window.isWindowModified()
    written = np.asarray(Image.open(photo.parent / "ramp-lacuna.png"))
    assert np.array_equal(written, np.asarray(Image.open(photo)))
    assert "ramp-lacuna.png" in editor.window.notice.text
    editor.controller.undo()
    assert editor.window.isWindowModified()


def test_the_cross_of_a_tab_has_the_colour_of_its_text(
    editor: Editor, qtbot: QtBot, photo: Path, gravel: Path
) -> None:
    _open(editor, qtbot, photo, gravel)
    tabs, colours = editor.window.workspace.tabs, theme.current_theme()

    def is_drawn(at: int, colour: str) -> bool:
        cross = tabs.tabButton(at, QTabBar.ButtonPosition.RightSide)
        assert isinstance(cross, QToolButton)
        image = cross.icon().pixmap(24, 24).toImage()
        return any(
            image.pixelColor(x, y).name() == colour
            for x, y in np.ndindex(image.width(), image.height())
        )

    for current in (0, 1):
        tabs.setCurrentIndex(current)
        assert is_drawn(current, colours.on_canvas)
        assert is_drawn(1 - current, colours.muted)


def test_long_names_widen_nothing(editor: Editor, qtbot: QtBot, photo: Path) -> None:
    long = photo.with_name("long-" * 45 + "name.png")
    shutil.copy(photo, long)
    window, controller = editor.window, editor.controller
    _open(editor, qtbot, photo, long)
    _paint(editor)
    window.resize(1000, 700)
    tabs = window.workspace.tabs
    assert max(tabs.tabRect(at).width() for at in (0, 1)) < 450
    wide = window.status.minimumSizeHint().width()
    release = threading.Event()
    controller.start_task(lambda _: release.wait(30), f"Opening “{long.name}”", lambda _: None)
    (task,) = (each for each in window.status.findChildren(ElidedLabel) if long.name in each.text())
    assert window.status.minimumSizeHint().width() < wide + 250  # for the bar and the cross
    assert window.width() == 1000
    assert task.shown_text.endswith("…")
    release.set()
    qtbot.waitUntil(lambda: not controller.is_busy)


# -- history, mask ---------------------------------------------------------------------------------


def test_the_history_goes_anywhere_by_mouse_and_keys(
    editor: Editor, qtbot: QtBot, photo: Path
) -> None:
    _open(editor, qtbot, photo)
    panel = editor.window.history.list
    for place in (10, 30, 50):
        _paint(editor, place)
    model = panel.model()
    names = [model.index(row, 0).data() for row in range(model.rowCount())]
    assert names == ["Opened", "Brush", "Brush", "Brush"]
    assert panel.currentIndex().row() == 3
    session = editor.controller.current
    assert session is not None
    qtbot.mouseClick(
        panel.viewport(),
        Qt.MouseButton.LeftButton,
        pos=panel.visualRect(model.index(1, 0)).center(),
    )
    assert session.document.history.position == 1
    dimmed = Qt.ItemDataRole.ForegroundRole
    assert [model.index(row, 0).data(dimmed) is not None for row in range(4)] == [
        False,
        False,
        True,
        True,
    ]
    qtbot.keyClick(panel, Qt.Key.Key_Down)
    qtbot.keyClick(panel, Qt.Key.Key_Return)
    assert session.document.history.position == 2
    _paint(editor, 70)
    assert model.rowCount() == 4
    assert panel.currentIndex().row() == 3

    def pictures() -> list[bytes]:
        icons = [model.index(r, 0).data(Qt.ItemDataRole.DecorationRole) for r in range(4)]
        images = [icon.pixmap(64, 44).toImage() for icon in icons]
        return [bytes(image.constBits()) for image in images]

    qtbot.waitUntil(lambda: len(set(pictures())) >= 3)


def test_the_current_edit_stays_in_sight_when_its_list_gets_smaller(
    editor: Editor, qtbot: QtBot, photo: Path
) -> None:
    window = editor.window
    window.resize(1280, 1000)
    _open(editor, qtbot, photo)
    for place in range(5, 65, 3):
        _paint(editor, place)
    panel = window.history.list

    def in_sight() -> bool:
        return panel.viewport().rect().contains(panel.visualRect(panel.currentIndex()))

    assert in_sight()
    window.resize(1280, 640)
    qtbot.waitUntil(lambda: panel.viewport().height() < 320)
    assert in_sight()


def test_mask_operations_are_edits(editor: Editor, qtbot: QtBot, photo: Path) -> None:
    _open(editor, qtbot, photo)
    _paint(editor)
    session = editor.controller.current
    assert session is not None
    area = np.count_nonzero(session.document.mask)
    editor.settings.set("mask.step", 2)
    for name, check in (
        ("grow", lambda n: n > area),
        ("shrink", lambda n: 0 < n <= area + 8),
        ("feather", lambda n: n > area),
        ("smooth", lambda n: n > 0),
        ("fill_holes", lambda n: n > 0),
        ("invert", lambda n: n > 60 * 90 / 2),
        ("clear", lambda n: n == 0),
    ):
        editor.window.actions_by_id[f"mask.{name}"].trigger()
        assert check(np.count_nonzero(session.document.mask)), name
    panel = editor.window.history.list.model()
    assert panel.index(2, 0).data() == "Grow by 2 px"


def test_a_mask_is_saved_and_loaded(
    editor: Editor, qtbot: QtBot, photo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _open(editor, qtbot, photo)
    _paint(editor)
    session = editor.controller.current
    assert session is not None
    mask = session.document.mask.copy()
    path = tmp_path / "mine.png"
    monkeypatch.setattr(questions, "ask_mask_to_save", lambda parent, photo: path)
    monkeypatch.setattr(questions, "ask_mask_to_load", lambda parent, photo: path)
    editor.window.actions_by_id["mask.save"].trigger()
    qtbot.waitUntil(lambda: not editor.controller.is_busy)
    assert np.array_equal(np.asarray(Image.open(path).convert("L")), mask)
    editor.window.actions_by_id["mask.clear"].trigger()
    editor.window.actions_by_id["mask.load"].trigger()
    qtbot.waitUntil(lambda: not editor.controller.is_busy)
    assert np.array_equal(session.document.mask, mask)
    Image.new("L", (10, 10)).save(path)
    editor.window.actions_by_id["mask.load"].trigger()
    qtbot.waitUntil(lambda: "10 x 10" in editor.window.notice.text)
    assert np.array_equal(session.document.mask, mask)


@pytest.mark.parametrize(
    ("remove", "said"),
    [(15, "15 of 255"), ((255, 0, 0), "76 of 255"), (255, ""), ("inverted", "looks inverted")],
)
def test_a_mask_in_other_numbers_is_understood_and_said(
    editor: Editor,
    qtbot: QtBot,
    photo: Path,
    tmp_path: Path,
    remove: int | tuple[int, int, int] | str,
    said: str,
) -> None:
    _open(editor, qtbot, photo)
    session = editor.controller.current
    assert session is not None
    hole = np.zeros(session.document.shape, bool)
    hole[10:20, 30:50] = True
    if remove == "inverted":
        hole, remove = ~hole, 255
    values = hole * 1 if isinstance(remove, int) else hole[..., None]
    Image.fromarray((values * np.array(remove)).astype(np.uint8)).save(tmp_path / "m.png")
    editor.window.command_handlers.mask_commands.load(tmp_path / "m.png")
    qtbot.waitUntil(lambda: not editor.controller.is_busy)
    assert np.array_equal(session.document.mask, hole * 255)
    assert (said in editor.window.notice.text) if said else editor.window.notice.text == ""


# -- remembered ------------------------------------------------------------------------------------


def test_the_window_remembers_its_size_and_panels(
    editor: Editor, qtbot: QtBot, photo: Path, settings: QSettings, tmp_path: Path
) -> None:
    editor.window.resize(760, 560)  # the screenless screen has 800x800
    editor.window.close()
    editor.window.show()
    _open(editor, qtbot, photo)
    editor.window.actions_by_id["window.variations"].trigger()
    assert not editor.window.variations.isVisible()
    remembered = settings.value("window/geometry")
    editor.window.close()
    settings.setValue("window/geometry", remembered)
    again = Editor(Settings(settings), tmp_path / "state", tmp_path / "cache")
    qtbot.addWidget(again.window)
    assert again.window.size().toTuple() == (760, 560)
    again.window.show()
    _open(again, qtbot, photo)
    assert again.window.history.isVisible()
    assert not again.window.variations.isVisible()
    again.window.actions_by_id["window.reset"].trigger()
    assert again.window.variations.isVisible()
    again.close()


def test_what_a_crash_left_is_offered_and_restored(
    editor: Editor, qtbot: QtBot, photo: Path, settings: QSettings, tmp_path: Path
) -> None:
    _open(editor, qtbot, photo)
    _paint(editor)
    editor.journal.flush()
    left = tmp_path / "left"
    shutil.copytree(tmp_path / "state", left)  # as a crash would have left it
    again = Editor(Settings(settings), left, tmp_path / "cache")
    qtbot.addWidget(again.window)
    again.start([])
    qtbot.waitUntil(lambda: "ramp.png" in again.window.notice.text)
    buttons = again.window.notice.findChildren(QPushButton)
    assert [button.text() for button in buttons] == ["Restore", "Discard"]
    buttons[0].click()
    qtbot.waitUntil(lambda: len(again.controller.sessions) == 1)
    (session,) = again.controller.sessions
    assert (session.document.mask[10:18, 10:18] == 255).all()
    assert session.document.is_modified
    assert session.document.path == photo
    again.close()
    assert not list(left.glob("*.journal"))


def test_all_that_a_crash_left_is_restored_at_once(
    editor: Editor,
    qtbot: QtBot,
    photo: Path,
    gravel: Path,
    settings: QSettings,
    tmp_path: Path,
    lent: DecoderPool,
) -> None:
    for path in (photo, gravel):
        _open(editor, qtbot, path)
        _paint(editor)
    editor.journal.flush()
    left = tmp_path / "left"
    shutil.copytree(tmp_path / "state", left)
    again = Editor(Settings(settings), left, tmp_path / "cache", lent)
    qtbot.addWidget(again.window)
    again.start([])
    qtbot.waitUntil(lambda: "Lacuna closed" in again.window.notice.text)
    (button,) = (b for b in again.window.notice.buttons if b.text() == "Restore all (2)")
    button.click()
    qtbot.waitUntil(lambda: len(again.controller.sessions) == 2)
    assert {session.document.path for session in again.controller.sessions} == {photo, gravel}
    assert all(session.has_mask for session in again.controller.sessions)
    assert "Lacuna closed" not in again.window.notice.text
    again.close()


def test_what_a_crash_left_is_offered_until_it_is_answered(
    editor: Editor,
    qtbot: QtBot,
    photo: Path,
    gravel: Path,
    settings: QSettings,
    tmp_path: Path,
    lent: DecoderPool,
) -> None:
    _open(editor, qtbot, photo)
    _paint(editor)
    editor.journal.flush()
    left = tmp_path / "left"
    shutil.copytree(tmp_path / "state", left)
    again = Editor(Settings(settings), left, tmp_path / "cache", lent)
    qtbot.addWidget(again.window)
    again.start([gravel])  # as from a file manager
    qtbot.waitUntil(lambda: len(again.controller.sessions) == 1)
    notice = again.window.notice
    assert "ramp.png" in notice.text
    again.controller.post_notice(Notice("Something is wrong."))
    assert notice.text == "Something is wrong."
    again.controller.clear_notice()
    assert "ramp.png" in notice.text
    notice.dismiss()
    assert notice.text == ""
    again.close()
    assert list(left.glob("*.journal"))


def test_work_that_cannot_be_restored_does_not_hide_other_work(
    editor: Editor,
    qtbot: QtBot,
    photo: Path,
    gravel: Path,
    settings: QSettings,
    tmp_path: Path,
    lent: DecoderPool,
) -> None:
    _open(editor, qtbot, photo, gravel)
    _paint_all(editor)
    editor.journal.flush()
    left = tmp_path / "left"
    shutil.copytree(tmp_path / "state", left)
    for path in (photo, gravel):
        Image.new("RGB", (30, 20)).save(path)
    again = Editor(Settings(settings), left, tmp_path / "cache", lent)
    qtbot.addWidget(again.window)
    again.start([])
    notice = again.window.notice
    qtbot.waitUntil(lambda: bool(notice.text))
    first, second = (gravel, photo) if gravel.name in notice.text else (photo, gravel)
    assert first.name in notice.text
    (button,) = (button for button in notice.buttons if button.text() == "Restore")
    button.click()
    qtbot.waitUntil(lambda: "does not fit" in notice.text)
    notice.dismiss()
    assert second.name in notice.text
    again.close()


def test_a_closed_photo_is_given_back(editor: Editor, qtbot: QtBot, photo: Path) -> None:
    editor.controller.open([photo])
    qtbot.waitUntil(lambda: editor.controller.current is not None)
    session = editor.controller.current
    assert session is not None
    gone = weakref.ref(session.document)
    editor.controller.close(session)
    del session

    def freed() -> bool:
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
        gc.collect()
        return gone() is None

    qtbot.waitUntil(freed)
