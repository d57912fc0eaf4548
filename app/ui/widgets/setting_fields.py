"""One field for each kind of setting, in step with the setting both ways."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QColor, QIcon, QPainter, QPixmap
from PySide6.QtWidgets import (
    QCheckBox,
    QColorDialog,
    QComboBox,
    QDoubleSpinBox,
    QFileDialog,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QSlider,
    QSpinBox,
    QWidget,
)

from app.configuration.settings import Setting, Settings
from app.configuration.text import LANGUAGES, t


def field(row: Setting, settings: Settings) -> QWidget:
    """A widget that shows the setting and changes it at once."""
    if isinstance(row.default, bool):
        made = _switch(row, settings)
    elif isinstance(row.default, int):
        made = _number(row, settings)
    elif isinstance(row.default, float):
        made = _measure(row, settings)
    elif row.choices:
        made = _choice(row, settings)
    elif row.default.startswith("#"):
        made = _colour(row, settings)
    elif row.unit == "icc":
        made = _file(row, settings)
    else:
        made = _line(row, settings)
    made.setObjectName(row.id)
    return made


def _keep(
    widget: QWidget, row: Setting, settings: Settings, show: Callable[[object], None]
) -> None:
    """Have the widget follow the setting for as long as it exists."""

    def changed(setting: str, value: object) -> None:
        if setting == row.id:
            show(value)

    show(settings.get(row.id))
    settings.changed.connect(changed)
    widget.destroyed.connect(lambda: settings.changed.disconnect(changed))


def _switch(row: Setting, settings: Settings) -> QWidget:
    box = QCheckBox(t(f"settings.{row.id}"))
    _keep(box, row, settings, lambda value: box.setChecked(bool(value)))
    box.toggled.connect(lambda on: settings.set(row.id, on))
    return box


def _number(row: Setting, settings: Settings) -> QWidget:
    low, high = round(row.low or 0), round(row.high if row.high is not None else 1 << 30)
    spin = QSpinBox()
    spin.setRange(low, high)
    if row.unit:
        spin.setSuffix(f" {row.unit}")
    # Each digit typed would be a change of its own: 1, 15, 150.
    spin.setKeyboardTracking(False)
    spin.setAccessibleName(t(f"settings.{row.id}"))
    _keep(spin, row, settings, lambda value: spin.setValue(int(str(value))))
    spin.valueChanged.connect(lambda value: settings.set(row.id, value))
    if high - low > 1000:
        spin.setSingleStep(64)
        return _row(spin)
    slider = QSlider(Qt.Orientation.Horizontal)
    slider.setRange(low, high)
    slider.setAccessibleName(t(f"settings.{row.id}"))
    slider.setValue(spin.value())
    slider.valueChanged.connect(spin.setValue)
    spin.valueChanged.connect(slider.setValue)
    return _row(slider, spin)


def _measure(row: Setting, settings: Settings) -> QWidget:
    spin = QDoubleSpinBox()
    spin.setDecimals(1)
    spin.setSingleStep(0.5)
    spin.setRange(row.low or 0.0, row.high if row.high is not None else 1e9)
    if row.unit:
        spin.setSuffix(f" {row.unit}")
    spin.setKeyboardTracking(False)
    spin.setAccessibleName(t(f"settings.{row.id}"))
    _keep(spin, row, settings, lambda value: spin.setValue(float(str(value))))
    spin.valueChanged.connect(lambda value: settings.set(row.id, value))
    return _row(spin)


def _choice(row: Setting, settings: Settings) -> QWidget:
    box = QComboBox()
    box.setAccessibleName(t(f"settings.{row.id}"))
    for choice in row.choices:
        language = row.id == "look.language" and choice in LANGUAGES
        title = LANGUAGES[choice] if language else t(f"settings.{row.id}.{choice}")
        box.addItem(title, choice)
    _keep(box, row, settings, lambda value: box.setCurrentIndex(box.findData(value)))
    box.currentIndexChanged.connect(lambda: settings.set(row.id, box.currentData()))
    return box


def _line(row: Setting, settings: Settings) -> QWidget:
    line = QLineEdit()
    line.setAccessibleName(t(f"settings.{row.id}"))
    _keep(line, row, settings, lambda value: line.setText(str(value)))
    line.editingFinished.connect(lambda: settings.set(row.id, line.text()))
    return line


def _file(row: Setting, settings: Settings) -> QWidget:
    """A colour profile's file to choose; its name is typed or picked."""
    line, choose = QLineEdit(), QPushButton(t("settings.choose"))
    line.setAccessibleName(t(f"settings.{row.id}"))
    line.setPlaceholderText(t("settings.icc.none"))
    choose.setAutoDefault(False)
    _keep(line, row, settings, lambda value: line.setText(str(value)))
    line.editingFinished.connect(lambda: settings.set(row.id, line.text()))

    def ask() -> None:
        title, kinds = t(f"settings.{row.id}"), t("settings.icc.filter")
        place, _ = QFileDialog.getOpenFileName(choose, title, line.text(), kinds)
        if place:
            settings.set(row.id, place)

    choose.clicked.connect(ask)
    return _row(line, choose)


class _ColourButton(QPushButton):
    """A swatch that opens the colour dialog; ``picked("#rrggbb")`` while one is tried out."""

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


def _colour(row: Setting, settings: Settings) -> QWidget:
    button = _ColourButton()
    button.setAccessibleName(t(f"settings.{row.id}"))
    _keep(button, row, settings, button.show_colour)
    button.picked.connect(lambda name: settings.set(row.id, name))
    return _row(button)


def _row(*widgets: QWidget) -> QWidget:
    """The widgets side by side; the last ones at their own width."""
    group = QWidget()
    row = QHBoxLayout(group)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(10)
    for widget in widgets:
        row.addWidget(widget)
    if len(widgets) == 1:
        row.addStretch()
    group.setFocusProxy(widgets[0])
    return group
