from __future__ import annotations

import string
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QAction, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QApplication, QDialog, QLineEdit, QListWidget, QMainWindow, QWidget
from pytestqt.qtbot import QtBot

from app.system.key_positions import us_character
from app.ui.shell.window import Window
from app.ui.widgets.positional_shortcuts import PositionalShortcuts

NONE, SHIFT, CTRL = (
    Qt.KeyboardModifier.NoModifier,
    Qt.KeyboardModifier.ShiftModifier,
    Qt.KeyboardModifier.ControlModifier,
)
# Scan code on a PC (X11 and Wayland add 8) and virtual key on a Mac.
CODES = {
    **{"Q": (16, 12), "W": (17, 13), "E": (18, 14), "A": (30, 0), "G": (34, 5), "H": (35, 4)},
    **{"Z": (44, 6), "B": (48, 11), "P": (25, 35), "V": (47, 9), "[": (26, 33), "1": (2, 18)},
    **{"\\": (43, 42), "]": (27, 30), ",": (51, 43), ".": (52, 47)},
}


def native(place: str, platform: str) -> tuple[int, int]:
    """Native scan code and native virtual key of the key in this place."""
    scan, virtual = CODES[place]
    if platform == "darwin":
        return 1, virtual
    return scan + (8 if platform == "linux" else 0), 0


def press(
    widget: QWidget,
    typed: str,
    place: str,
    modifiers: Qt.KeyboardModifier = NONE,
    *,
    platform: str = "linux",
    repeated: bool = False,
) -> bool:
    """Send what Qt sends for a key that types ``typed`` and is no shortcut; True if taken."""
    text = "" if modifiers & CTRL else typed
    codes = native(place, platform)
    for kind in (QEvent.Type.ShortcutOverride, QEvent.Type.KeyPress):
        event = QKeyEvent(
            kind, ord(typed.upper()), modifiers, *codes, modifiers.value, text, repeated
        )
        event.ignore()
        QApplication.sendEvent(widget, event)
    return event.isAccepted()


class Desk(QMainWindow):
    """A window with a list, a field, and an action for each of ``keys``, which notes it."""

    def __init__(self, platform: str, *keys: str) -> None:
        super().__init__()
        self.done: list[str] = []
        self.list, self.field = QListWidget(), QLineEdit(self)
        self.setCentralWidget(self.list)
        for key in keys:
            action = QAction(key, self)
            action.setShortcut(QKeySequence(key))
            action.triggered.connect(lambda _on, key=key: self.done.append(key))
            self.addAction(action)
        PositionalShortcuts(self, self.actions(), platform)


def shown(qtbot: QtBot, desk: Desk) -> Desk:
    qtbot.addWidget(desk)
    desk.show()
    desk.activateWindow()
    qtbot.waitUntil(desk.isActiveWindow)
    desk.list.setFocus()
    return desk


@pytest.mark.parametrize("platform", ["linux", "win32", "darwin"])
@pytest.mark.parametrize(
    ("typed", "place", "modifiers", "shortcut"),
    [
        ("и", "B", NONE, "B"),  # Russian
        ("я", "Z", CTRL, "Ctrl+Z"),
        ("п", "G", SHIFT, "Shift+G"),
        ("х", "[", NONE, "["),
        ("б", ",", NONE, ","),
        ("β", "B", NONE, "B"),  # Greek
        ("נ", "B", NONE, "B"),  # Hebrew
        ("ش", "A", NONE, "A"),  # Arabic
        ("ๅ", "1", NONE, "1"),  # Thai
        ("ั", "H", NONE, "H"),  # a Thai vowel sign
        ("ฃ", "\\", NONE, "\\"),
        ("こ", "B", NONE, "B"),
        ("١", "1", NONE, "1"),
    ],
)
def test_a_key_without_a_latin_letter_counts_by_its_place(
    qtbot: QtBot,
    platform: str,
    typed: str,
    place: str,
    modifiers: Qt.KeyboardModifier,
    shortcut: str,
) -> None:
    desk = shown(qtbot, Desk(platform, shortcut, "X"))
    assert press(desk.list, typed, place, modifiers, platform=platform)
    assert desk.done == [shortcut]


def test_an_action_that_the_window_gets_later_has_its_place_too(qtbot: QtBot) -> None:
    desk = shown(qtbot, Desk("linux", "B"))
    preset = QAction("preset", desk)
    preset.setShortcut(QKeySequence("Alt+1"))
    preset.triggered.connect(lambda: desk.done.append("preset"))
    desk.addAction(preset)
    assert press(desk.list, "ๅ", "1", Qt.KeyboardModifier.AltModifier)
    assert desk.done == ["preset"]


@pytest.mark.parametrize(
    ("typed", "place"),
    # AZERTY, German, Czech, Spanish, Turkish, a Latin letter with a mark
    [("q", "A"), ("ü", "["), ("ş", "["), ("º", "\\"), ("é", "1"), ("ệ", "E"), ("µ", "\\")],
)
def test_latin_layouts_are_left_alone(qtbot: QtBot, typed: str, place: str) -> None:
    desk = shown(qtbot, Desk("linux", "A", "[", "\\", "1", "E"))
    press(desk.list, typed, place)
    assert desk.done == []


def test_punctuation_in_the_place_of_a_letter_counts_only_where_letters_are_not_latin(
    qtbot: QtBot,
) -> None:
    desk = shown(qtbot, Desk("linux", "W", "Ctrl+Q"))
    press(desk.list, "a", "A")  # Dvorak
    press(desk.list, "'", "Q", CTRL)
    press(desk.list, ",", "W")
    assert desk.done == []
    press(desk.list, "ש", "A")  # Hebrew
    press(desk.list, "'", "W")
    press(desk.list, "/", "Q", CTRL)
    assert desk.done == ["W", "Ctrl+Q"]
    press(desk.list, "A", "A", SHIFT)  # Hebrew types Latin capitals with Shift
    press(desk.list, "'", "W")
    assert desk.done == ["W", "Ctrl+Q", "W"]


def test_a_text_field_keeps_what_is_typed_and_gets_its_own_shortcuts(qtbot: QtBot) -> None:
    desk = shown(qtbot, Desk("linux", "B", "Ctrl+A", "Ctrl+Z", "Ctrl+P"))
    desk.field.setFocus()
    press(desk.field, "и", "B")
    press(desk.field, "й", "Q")
    assert desk.field.text() == "ий"
    press(desk.field, "ф", "A", CTRL)
    assert desk.field.selectedText() == "ий"
    press(desk.field, "я", "Z", CTRL)
    assert desk.field.text() != "ий"
    assert desk.done == []
    press(desk.field, "з", "P", CTRL)  # means nothing to the field
    assert desk.done == ["Ctrl+P"]


def test_what_is_greyed_out_or_behind_a_dialog_is_not_done(qtbot: QtBot) -> None:
    desk = shown(qtbot, Desk("linux", "B", "E"))
    desk.actions()[0].setEnabled(False)
    press(desk.list, "и", "B")
    assert desk.done == []
    dialog = QDialog(desk)
    field = QListWidget(dialog)
    dialog.show()
    dialog.activateWindow()
    qtbot.waitUntil(dialog.isActiveWindow)
    field.setFocus()
    press(field, "у", "E")
    assert desk.done == []


def test_a_held_key_repeats_only_what_may_be_repeated(qtbot: QtBot) -> None:
    desk = shown(qtbot, Desk("linux", "B", "E"))
    desk.actions()[0].setAutoRepeat(False)
    for typed, place in (("и", "B"), ("у", "E")):
        assert press(desk.list, typed, place)
        assert press(desk.list, typed, place, repeated=True)
    assert desk.done == ["B", "E", "E"]


def test_the_window_finds_its_tools_by_place(qtbot: QtBot, window: Window, photo: Path) -> None:
    window.activateWindow()
    window.controller.open([photo])
    qtbot.waitUntil(lambda: not window.controller.is_busy and bool(window.controller.sessions))
    window.canvas.setFocus()
    for typed, place, tool in (("з", "P", "polygon"), ("и", "B", "brush"), ("у", "E", "eraser")):
        press(window.canvas, typed, place, platform=sys.platform)
        assert window.actions_by_id[f"tool.{tool}"].isChecked()
        assert window.workspace.tool == tool


def test_each_character_has_one_place_on_every_platform() -> None:
    for platform in ("linux", "win32", "darwin"):
        found = [us_character(platform, code, code) for code in range(512)]
        characters = sorted(character for character in found if character)
        wanted = sorted(f"{string.ascii_lowercase}{string.digits}-=[];'`\\,./")
        assert characters == wanted


@given(st.sampled_from(sorted(CODES)))
def test_the_tables_of_the_platforms_agree(place: str) -> None:
    for platform in ("linux", "win32", "darwin"):
        assert us_character(platform, *native(place, platform)) == place.lower()
