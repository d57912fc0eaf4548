from __future__ import annotations

import sys
from pathlib import Path

import pytest
from PySide6.QtCore import QSettings, Qt, QTimer
from PySide6.QtWidgets import QApplication, QMessageBox, QPushButton
from pytestqt.qtbot import QtBot

from app.configuration.actions import ACTIONS
from app.configuration.keymap import Keymap
from app.configuration.settings import Settings
from app.configuration.text import t
from app.system import diagnostics
from app.ui.dialogs.about_dialog import AboutDialog
from app.ui.dialogs.shortcuts_dialog import ShortcutsDialog, native_text
from inpaint_core.contract.version import __version__


@pytest.fixture
def keymap(tmp_path: Path) -> Keymap:
    store = QSettings(str(tmp_path / "keys.ini"), QSettings.Format.IniFormat)
    return Keymap(store, {action: row.keys for action, row in ACTIONS.items()})


@pytest.fixture
def sheet(qtbot: QtBot, keymap: Keymap) -> ShortcutsDialog:
    sheet = ShortcutsDialog(keymap)
    qtbot.addWidget(sheet)
    sheet.show()
    return sheet


def shown(sheet: ShortcutsDialog) -> list[str]:
    return [row.text(0) for row in sheet.rows.values() if not row.isHidden()]


def test_every_action_is_on_the_sheet_with_its_keys(sheet: ShortcutsDialog, keymap: Keymap) -> None:
    assert set(sheet.rows) == set(ACTIONS)
    for action, row in sheet.rows.items():
        if action != "file.save":  # saves a project or the photo, as both of its neighbours
            assert row.text(0) == ACTIONS[action].name
        assert row.text(1) == native_text(keymap.keys(action))
        assert row.parent() is not None
    names = shown(sheet)
    assert len(set(names)) == len(names), "two commands of one name"


def test_it_is_searched_by_name_and_by_key(sheet: ShortcutsDialog) -> None:
    sheet.search.setText("BRUSH")
    assert ACTIONS["tool.brush"].name in shown(sheet)
    assert all("brush" in name.casefold() for name in shown(sheet))
    sheet.search.setText("ctrl+shift+z")
    assert shown(sheet) == [ACTIONS["edit.redo"].name]
    sheet.search.setText("nothing like that")
    assert shown(sheet) == []
    assert sheet.no_match.isVisible()
    sheet.search.clear()
    assert len(shown(sheet)) == len(ACTIONS)


def test_keys_are_changed_in_place(qtbot: QtBot, sheet: ShortcutsDialog, keymap: Keymap) -> None:
    row = sheet.rows["file.sample"]
    sheet.tree.setCurrentItem(row)
    qtbot.keyClick(sheet.tree, Qt.Key.Key_F2)
    assert sheet.entry.isVisible()
    qtbot.keyClick(sheet.entry.keys, Qt.Key.Key_J, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(sheet.entry.set_button.isEnabled)
    sheet.entry.set_button.click()
    assert keymap.keys("file.sample") == ("Ctrl+J",)
    assert row.text(1) == native_text(("Ctrl+J",))
    assert row.font(1).bold()
    assert not sheet.entry.isVisible()


def test_a_conflict_is_named_and_taking_the_keys_is_said(
    qtbot: QtBot, sheet: ShortcutsDialog, keymap: Keymap
) -> None:
    entry = sheet.entry
    entry.start("file.sample")
    qtbot.keyClick(entry.keys, Qt.Key.Key_O, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(entry.conflict.isVisible)
    assert ACTIONS["file.open"].name in entry.conflict.text()
    assert entry.set_button.text() == t("help.shortcuts.take")
    qtbot.keyClick(entry, Qt.Key.Key_Escape)
    entry.stop()
    assert keymap.keys("file.open") == ("Ctrl+O",)
    entry.start("file.sample")
    qtbot.keyClick(entry.keys, Qt.Key.Key_O, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(entry.conflict.isVisible)
    entry.set_button.click()
    assert keymap.keys("file.sample") == ("Ctrl+O",)
    assert keymap.keys("file.open") == ()
    assert sheet.rows["file.open"].text(1) == ""


def test_keys_are_added_removed_and_reset(
    qtbot: QtBot, sheet: ShortcutsDialog, keymap: Keymap
) -> None:
    entry = sheet.entry
    entry.start("file.close")
    qtbot.keyClick(entry.keys, Qt.Key.Key_F4, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(entry.add_button.isEnabled)
    entry.add_button.click()
    assert keymap.keys("file.close") == ("Ctrl+W", "Ctrl+F4")
    entry.start("file.close")
    entry.clear_button.click()
    assert keymap.keys("file.close") == ()
    entry.start("file.close")
    entry.reset_button.click()
    assert keymap.keys("file.close") == ("Ctrl+W",)
    assert not keymap.is_changed("file.close")


def test_all_are_reset_after_a_question(sheet: ShortcutsDialog, keymap: Keymap) -> None:
    keymap.set_keys("file.close", ["Ctrl+J"])

    def yes() -> None:
        box = QApplication.activeModalWidget()
        assert isinstance(box, QMessageBox)
        words = t("help.shortcuts.reset_all")
        (button,) = [b for b in box.findChildren(QPushButton) if b.text() == words]
        button.click()

    QTimer.singleShot(0, yes)
    sheet.ask_reset()
    assert keymap.keys("file.close") == ("Ctrl+W",)


def test_escape_ends_the_change_first_and_then_the_sheet(
    qtbot: QtBot, sheet: ShortcutsDialog
) -> None:
    sheet.entry.start("file.open")
    qtbot.keyClick(sheet, Qt.Key.Key_Escape)
    assert sheet.isVisible()
    assert not sheet.entry.isVisible()
    qtbot.keyClick(sheet, Qt.Key.Key_Escape)
    assert not sheet.isVisible()


def test_diagnostics_say_what_a_report_needs(tmp_path: Path) -> None:
    log = Path.home() / "logs" / "lacuna.log"
    rows = diagnostics.collect_diagnostics({"look.theme": "light"}, "1920x1080", log)
    found = dict(rows)
    assert found["Lacuna"] == __version__
    assert found["Python"].startswith(f"{sys.version_info.major}.{sys.version_info.minor}")
    assert found["Settings"] == "look.theme = light"
    assert found["Screen"] == "1920x1080"
    assert float(found["Memory"].split()[0]) > 0.1
    assert "threads" in found["Processor"]
    assert not any(value == "not installed" for value in found.values())
    text = diagnostics.format_diagnostics(rows)
    assert str(Path.home()) not in text
    assert "Log: ~" in text


def test_diagnostics_import_nothing_heavy() -> None:
    import subprocess

    code = (
        "import sys; from pathlib import Path; from app.system import diagnostics\n"
        "rows = diagnostics.collect_diagnostics({}, '', Path('x'))\n"
        "heavy = ('torch', 'numpy', 'cv2', 'numba', 'PySide6')\n"
        "print([name for name in heavy if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True,
        cwd=Path(diagnostics.__file__).parents[2],
    )  # fmt: skip
    assert done.stdout.strip() == "[]"


def test_the_about_box_copies_its_report(qtbot: QtBot, tmp_path: Path) -> None:
    values = Settings(QSettings(str(tmp_path / "v.ini"), QSettings.Format.IniFormat))
    values.set("export.quality", 71)
    box = AboutDialog(values)
    qtbot.addWidget(box)
    box.show()
    assert "export.quality = 71" in box.report.toPlainText()
    box.copy.click()
    assert QApplication.clipboard().text() == box.report.toPlainText()
    assert box.copy.text() == t("help.about.copied")
