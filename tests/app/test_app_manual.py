"""The manual: its chapters, links and pictures, and reading it in the editor."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QImageReader
from pytestqt.qtbot import QtBot

import resources
from app.configuration.actions import ACTIONS
from app.ui.dialogs.manual_dialog import ManualDialog
from app.ui.dialogs.shortcuts_dialog import ShortcutsDialog
from app.ui.shell.editor import Editor

FOLDER = resources.path("manual/contents.json").parent
CHAPTERS = json.loads((FOLDER / "contents.json").read_text("utf-8"))


@pytest.fixture
def dialog(qtbot: QtBot) -> ManualDialog:
    dialog = ManualDialog()
    qtbot.addWidget(dialog)
    dialog.show()
    qtbot.waitExposed(dialog)
    return dialog


def headings(text: str) -> set[str]:
    found = re.findall(r"^#+ (.*)$", text, re.MULTILINE)
    return {re.sub(r"[^a-z0-9 -]", "", each.lower()).replace(" ", "-") for each in found}


def test_every_chapter_is_listed_and_every_link_and_picture_is_there() -> None:
    assert sorted(f"{name}.md" for name in CHAPTERS) == sorted(p.name for p in FOLDER.glob("*.md"))
    used = set()
    for name in CHAPTERS:
        text = (FOLDER / f"{name}.md").read_text("utf-8")
        for target in re.findall(r"\]\(([^)]*)\)", text):
            file, _, anchor = target.partition("#")
            assert (FOLDER / file).is_file(), target
            if anchor:
                assert anchor in headings((FOLDER / file).read_text("utf-8")), target
            if file.startswith("pictures/"):
                used.add(Path(file).name)
    assert used == {path.name for path in (FOLDER / "pictures").iterdir()}
    assert b"webp" in [bytes(kind.data()) for kind in QImageReader.supportedImageFormats()]


def test_the_keys_that_it_names_are_the_editor_s() -> None:
    """Each tool's key in the tables of tools.md."""
    keys = {key for action in ACTIONS.values() for key in action.keys}
    rows = re.findall(r"^\| [^|]+ \| ([^|]+) \|", (FOLDER / "tools.md").read_text("utf-8"), re.M)
    named = {key.strip() for row in rows for key in row.split(",")} - {"key", "---"}
    assert {"B", "Shift+K", "J"} <= named <= keys | {""}


def test_links_and_the_list_lead_to_chapters(qtbot: QtBot, dialog: ManualDialog) -> None:
    assert dialog.list.count() == len(CHAPTERS)
    assert "drop it on the window" in dialog.page.toPlainText()
    assert dialog.page.verticalScrollBar().value() == 0  # it begins at the beginning
    dialog.page.anchorClicked.emit(QUrl("tools.md#mending-a-fill"))
    assert dialog.list.currentRow() == CHAPTERS.index("tools")
    assert dialog.page.textCursor().selectedText() == "Mending a fill"
    qtbot.keyClick(dialog.list, Qt.Key.Key_Down)
    assert "Difficult cases" in dialog.page.toPlainText()
    # No picture is wider than the page.
    assert dialog.page.horizontalScrollBar().maximum() == 0
    dialog.resize(500, 400)
    assert dialog.page.horizontalScrollBar().maximum() == 0


def test_words_are_found_in_other_chapters(qtbot: QtBot, dialog: ManualDialog) -> None:
    dialog.search.setFocus()
    qtbot.keyClicks(dialog.search, "kerb")
    qtbot.keyClick(dialog.search, Qt.Key.Key_Return)
    assert dialog.list.currentRow() == CHAPTERS.index("tools")
    assert dialog.page.textCursor().selectedText().lower() == "kerb"
    dialog.search.setText("no such words")
    qtbot.keyClick(dialog.search, Qt.Key.Key_Return)
    assert dialog.list.currentRow() == CHAPTERS.index("tools")


def test_words_are_found_while_they_are_typed(qtbot: QtBot, dialog: ManualDialog) -> None:
    dialog.search.setFocus()
    qtbot.keyClicks(dialog.search, "compressed")  # in the chapter that is shown
    assert dialog.list.currentRow() == 0
    assert dialog.page.textCursor().selectedText() == "compressed"
    qtbot.keyClicks(dialog.search, " blocks")
    assert dialog.page.textCursor().selectedText() == "compressed blocks"
    where = dialog.page.cursorRect()
    assert 0 <= where.top() <= where.bottom() <= dialog.page.viewport().height()


def test_it_opens_from_the_menu_and_beside_the_shortcuts(editor: Editor, qtbot: QtBot) -> None:
    editor.window.actions_by_id["help.manual"].trigger()
    (manual,) = editor.window.findChildren(ManualDialog)
    assert manual.isVisible()
    manual.close()
    shortcuts = ShortcutsDialog(editor.keymap)
    qtbot.addWidget(shortcuts)
    with qtbot.waitSignal(shortcuts.manual_asked):
        shortcuts.manual_button.click()
