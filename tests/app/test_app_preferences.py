from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QSettings, Qt, QTimer
from PySide6.QtWidgets import (
    QApplication,
    QCheckBox,
    QColorDialog,
    QComboBox,
    QDoubleSpinBox,
    QMessageBox,
    QPushButton,
    QScrollArea,
    QSpinBox,
    QStackedWidget,
    QWidget,
)
from pytestqt.qtbot import QtBot

from app.configuration.settings import SETTINGS, Settings
from app.configuration.text import LANGUAGES, t
from app.session.frozen_request import chosen_grow
from app.ui.dialogs.preferences_dialog import PreferencesDialog, setting_pages
from app.ui.widgets.setting_fields import make_field


@pytest.fixture
def values(tmp_path: Path) -> Settings:
    return Settings(QSettings(str(tmp_path / "values.ini"), QSettings.Format.IniFormat))


def made(qtbot: QtBot, name: str, values: Settings) -> QWidget:
    widget = make_field(SETTINGS[name], values)
    qtbot.addWidget(widget)
    return widget


def test_every_shown_setting_is_on_a_page_and_has_its_words() -> None:
    shown = [row.id for rows in setting_pages().values() for row in rows]
    assert sorted(shown) == sorted(row.id for row in SETTINGS.values() if row.shown)
    for name in shown:
        assert t(f"settings.{name}")
        assert t(f"settings.{name}.tip")
        for choice in SETTINGS[name].choices:
            known = name == "look.language" and choice in LANGUAGES
            assert known or t(f"settings.{name}.{choice}")


def test_the_dialog_has_a_field_for_each(qtbot: QtBot, values: Settings) -> None:
    dialog = PreferencesDialog(values)
    qtbot.addWidget(dialog)
    for rows in setting_pages().values():
        for row in rows:
            assert dialog.findChild(QWidget, row.id) is not None, row.id


@pytest.mark.parametrize("language", list(LANGUAGES))
def test_no_page_is_wider_than_the_dialog(qtbot: QtBot, values: Settings, language: str) -> None:
    """The pages scroll up and down only."""
    t.choose(language)
    try:
        dialog = PreferencesDialog(values)
    finally:
        t.choose("en")
    qtbot.addWidget(dialog)
    dialog.show()
    stack = dialog.findChild(QStackedWidget)
    assert stack is not None
    for index in range(stack.count()):
        stack.setCurrentIndex(index)
        QApplication.processEvents()
        page = stack.widget(index)
        assert isinstance(page, QScrollArea)
        assert page.widget().width() <= page.viewport().width(), index


def test_a_switch_applies_at_once_and_follows(qtbot: QtBot, values: Settings) -> None:
    box = made(qtbot, "recovery.on", values)
    assert isinstance(box, QCheckBox)
    box.click()
    assert values.get("recovery.on") is False
    values.set("recovery.on", True)
    assert box.isChecked()


def test_a_number_applies_at_once_and_follows(qtbot: QtBot, values: Settings) -> None:
    group = made(qtbot, "look.mask_opacity", values)
    spin = group.findChild(QSpinBox)
    assert spin is not None
    assert spin.suffix() == " %"
    spin.setValue(70)
    assert values.get("look.mask_opacity") == 70
    values.set("look.mask_opacity", 30)
    assert spin.value() == 30
    other = made(qtbot, "fill.feather", values)
    measure = other.findChild(QDoubleSpinBox)
    assert measure is not None
    measure.setValue(3.5)
    assert values.get("fill.feather") == 3.5


def test_the_lowest_number_may_stand_for_a_word(qtbot: QtBot, values: Settings) -> None:
    group = made(qtbot, "fill.grow", values)
    spin = group.findChild(QSpinBox)
    assert spin is not None
    assert spin.text() == "automatic"
    assert chosen_grow(values) is None
    for pixels in (0, 3):
        spin.setValue(pixels)
        assert chosen_grow(values) == pixels
        assert spin.text() == f"{pixels} px"
    spin.setValue(spin.minimum())
    assert chosen_grow(values) is None


def test_a_choice_applies_at_once_and_follows(qtbot: QtBot, values: Settings) -> None:
    box = made(qtbot, "look.language", values)
    assert isinstance(box, QComboBox)
    box.setCurrentIndex(box.findText("Deutsch"))
    assert values.get("look.language") == "de"
    values.set("look.language", "ja")
    assert box.currentText() == "日本語"


@pytest.mark.parametrize("taken", [True, False])
def test_a_colour_shows_while_it_is_picked(qtbot: QtBot, values: Settings, taken: bool) -> None:
    group = made(qtbot, "look.mask_colour", values)
    button = group.findChild(QPushButton)
    assert button is not None
    seen: list[object] = []
    values.changed.connect(lambda name, value: seen.append(value))

    def pick() -> None:
        dialog = QApplication.activeModalWidget()
        assert isinstance(dialog, QColorDialog)
        dialog.setCurrentColor(Qt.GlobalColor.green)
        dialog.accept() if taken else dialog.reject()

    QTimer.singleShot(0, pick)
    button.click()
    assert seen[0] == "#00ff00"
    assert values.get("look.mask_colour") == ("#00ff00" if taken else "#ff3b30")
    assert button.text() == ("#00FF00" if taken else "#FF3B30")


def test_a_field_that_is_gone_hears_nothing(qtbot: QtBot, values: Settings) -> None:
    box = make_field(SETTINGS["recovery.on"], values)
    gone: list[bool] = []
    box.destroyed.connect(lambda: gone.append(True))
    box.deleteLater()
    qtbot.waitUntil(lambda: bool(gone))
    values.set("recovery.on", False)


def test_reset_sets_back_what_is_shown(qtbot: QtBot, values: Settings) -> None:
    dialog = PreferencesDialog(values)
    qtbot.addWidget(dialog)
    dialog.show()
    values.set("export.quality", 40)
    values.set("brush.size", 99)
    (reset,) = [b for b in dialog.findChildren(QPushButton) if b.text() == t("settings.reset")]

    def answer(name: str) -> None:
        box = QApplication.activeModalWidget()
        assert isinstance(box, QMessageBox)
        (button,) = [b for b in box.findChildren(QPushButton) if b.text() == t(name)]
        button.click()

    QTimer.singleShot(0, lambda: answer("settings.cancel"))
    reset.click()
    assert values.get("export.quality") == 40
    QTimer.singleShot(0, lambda: answer("settings.reset"))
    reset.click()
    assert values.get("export.quality") == 95
    assert values.get("brush.size") == 99
