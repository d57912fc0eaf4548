"""A field for each kind of setting; field and setting follow each other."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject, QSize, Qt, Signal
from PySide6.QtGui import QColor, QIcon, QPainter, QPixmap
from PySide6.QtWidgets import (
    QCheckBox,
    QColorDialog,
    QComboBox,
    QDoubleSpinBox,
    QFileDialog,
    QLineEdit,
    QPushButton,
    QSlider,
    QSpinBox,
    QWidget,
)

from app.configuration.settings import SETTINGS, Setting, Settings
from app.configuration.text import LANGUAGES, t
from app.ui.widgets.layouts import make_row


def make_field(row: Setting, settings: Settings) -> QWidget:
    """A widget that shows a setting and changes it immediately."""
    if isinstance(row.default, bool):
        widget: QWidget = make_check_box(row.id, settings, t(f"settings.{row.id}"))
    elif isinstance(row.default, int | float):
        widget = _make_number_field(row, settings)
    elif row.choices:
        widget = make_choice_field(row.id, settings, "settings.")
        widget.setAccessibleName(t(f"settings.{row.id}"))
    elif row.default.startswith("#"):
        widget = _make_colour_field(row, settings)
    elif row.unit == "icc":
        widget = _make_file_field(row, settings)
    else:
        widget = _make_text_field(row, settings)
    widget.setObjectName(row.id)
    return widget


def follow_setting(
    widget: QObject, setting: str, settings: Settings, show: Callable[[Any], object]
) -> None:
    """Show the value of a setting, now and after every change as long as ``widget`` exists."""
    show(settings.get(setting))
    settings.changed.connect(_Follower(widget, setting, show).on_change)


class _Follower(QObject):
    """A receiver that Qt disconnects when its parent is deleted."""

    def __init__(self, parent: QObject, setting: str, show: Callable[[Any], object]) -> None:
        super().__init__(parent)
        self._setting, self._show = setting, show

    def on_offer(self, setting: str) -> None:
        self._show(setting)

    def on_change(self, setting: str, value: object) -> None:
        if setting == self._setting:
            self._show(value)


def make_check_box(setting: str, settings: Settings, text: str) -> QCheckBox:
    """A check box for a setting that is on or off."""
    box = QCheckBox(text)
    follow_setting(box, setting, settings, box.setChecked)
    box.toggled.connect(lambda on: settings.set(setting, on))
    return box


def make_choice_field(setting: str, settings: Settings, texts: str) -> QComboBox:
    """A combo box for a setting with a few choices, whose texts have keys that begin with
    ``texts``, and for what else this machine offers. A value that it does not offer is shown as it
    is written.
    """
    box = QComboBox()
    for choice in SETTINGS[setting].choices:
        language = setting == "look.language" and choice in LANGUAGES
        title = LANGUAGES[choice] if language else t(f"{texts}{setting}.{choice}")
        box.addItem(title, choice)

    def show(value: str) -> None:
        if box.findData(value) < 0:
            box.addItem(value, value)
        box.setCurrentIndex(box.findData(value))

    def add_offers(offered: str) -> None:
        for value, title in settings.offers(setting).items() if offered == setting else ():
            if box.findData(value) < 0:
                box.addItem(title, value)
            box.setItemText(box.findData(value), title)

    add_offers(setting)
    settings.offered.connect(_Follower(box, setting, add_offers).on_offer)
    follow_setting(box, setting, settings, show)
    box.currentIndexChanged.connect(lambda: settings.set(setting, box.currentData()))
    return box


def _make_number_field(row: Setting, settings: Settings) -> QWidget:
    low = row.low or 0
    high = row.high if row.high is not None else 1 << 30
    spin: QSpinBox | QDoubleSpinBox
    if isinstance(row.default, int):
        low, high = round(low), round(high)
        spin = QSpinBox()
        spin.setRange(low, high)
    else:
        spin = QDoubleSpinBox()
        spin.setRange(low, high)
        spin.setDecimals(1)
        spin.setSingleStep(0.5)
    if row.unit:
        spin.setSuffix(f" {row.unit}")
    if row.lowest_text:
        spin.setSpecialValueText(t(row.lowest_text))
    # Otherwise every typed digit changes the setting: 1, 15, 150.
    spin.setKeyboardTracking(False)
    spin.setAccessibleName(t(f"settings.{row.id}"))
    follow_setting(spin, row.id, settings, spin.setValue)
    spin.valueChanged.connect(lambda value: settings.set(row.id, value))
    if isinstance(spin, QDoubleSpinBox):
        return _make_group(spin)
    if high - low > 1000:
        spin.setSingleStep(64)
        return _make_group(spin)
    slider = QSlider(Qt.Orientation.Horizontal)
    slider.setRange(spin.minimum(), spin.maximum())
    slider.setAccessibleName(t(f"settings.{row.id}"))
    slider.setValue(spin.value())
    slider.valueChanged.connect(spin.setValue)
    spin.valueChanged.connect(slider.setValue)
    return _make_group(slider, spin)


def _make_text_field(row: Setting, settings: Settings) -> QLineEdit:
    line = QLineEdit()
    line.setAccessibleName(t(f"settings.{row.id}"))
    follow_setting(line, row.id, settings, line.setText)
    line.editingFinished.connect(lambda: settings.set(row.id, line.text()))
    return line


def _make_file_field(row: Setting, settings: Settings) -> QWidget:
    """A field for the file of a colour profile, which is typed or chosen."""
    line, choose = _make_text_field(row, settings), QPushButton(t("settings.choose"))
    line.setPlaceholderText(t("settings.icc.none"))
    choose.setAutoDefault(False)

    def ask() -> None:
        title, kinds = t(f"settings.{row.id}"), t("settings.icc.filter")
        path, _ = QFileDialog.getOpenFileName(choose, title, line.text(), kinds)
        if path:
            settings.set(row.id, path)

    choose.clicked.connect(ask)
    return _make_group(line, choose)


class _ColourButton(QPushButton):
    """A swatch that opens the colour dialog; ``picked("#rrggbb")`` for every colour tried there."""

    picked = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self._colour = QColor()
        self.setIconSize(QSize(34, 16))
        self.setAutoDefault(False)
        self.clicked.connect(self._ask)

    def show_colour(self, value: object) -> None:
        self._colour = QColor(str(value))
        swatch = QPixmap(self.iconSize() * self.devicePixelRatioF())
        swatch.setDevicePixelRatio(self.devicePixelRatioF())
        swatch.fill(self._colour)
        painter = QPainter(swatch)
        painter.setPen(QColor(0, 0, 0, 90))
        painter.drawRect(0, 0, self.iconSize().width() - 1, self.iconSize().height() - 1)
        painter.end()
        self.setIcon(QIcon(swatch))
        self.setText(self._colour.name().upper())

    def _ask(self) -> None:
        before = self._colour.name()
        dialog = QColorDialog(self._colour, self)
        dialog.setWindowTitle(t("settings.colour.pick"))
        dialog.currentColorChanged.connect(lambda colour: self.picked.emit(colour.name()))
        if not dialog.exec():
            self.picked.emit(before)


def _make_colour_field(row: Setting, settings: Settings) -> QWidget:
    button = _ColourButton()
    button.setAccessibleName(t(f"settings.{row.id}"))
    follow_setting(button, row.id, settings, button.show_colour)
    button.picked.connect(lambda name: settings.set(row.id, name))
    return _make_group(button)


def _make_group(*widgets: QWidget) -> QWidget:
    """The widgets side by side; a single one at its own width."""
    group = make_row(*widgets, *([None] if len(widgets) == 1 else []), spacing=10)
    group.setFocusProxy(widgets[0])
    return group
