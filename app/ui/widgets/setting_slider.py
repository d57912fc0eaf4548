"""A numeric setting as a label, a slider and a field."""

from __future__ import annotations

import math

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import QDoubleSpinBox, QLabel, QSizePolicy, QSlider, QWidget

from app.configuration.settings import SETTINGS, Settings
from app.ui.widgets.commands import KeyGuard
from app.ui.widgets.layouts import lay_out_row
from app.ui.widgets.setting_fields import follow_setting

_STEPS = 1000


class SettingSlider(QWidget):
    """Shows and changes the setting ``setting``; ``name`` and ``tip`` are shown texts.

    ``logarithmic``: equal steps of the slider multiply the value by equal factors. ``slider`` is
    its width in pixels, 0 for none; ``decimals`` is the precision of the field. ``left()``: Return
    or Esc ended the input.
    """

    left = Signal()

    def __init__(
        self,
        settings: Settings,
        setting: str,
        name: str,
        tip: str,
        *,
        unit: str = "",
        slider: int = 110,
        logarithmic: bool = False,
        decimals: int = 0,
    ) -> None:
        super().__init__()
        row = SETTINGS[setting]
        assert row.low is not None
        assert row.high is not None
        self._settings, self._setting = settings, setting
        self._low, self._high, self._logarithmic = row.low, row.high, logarithmic
        self.field = QDoubleSpinBox()
        self.field.setDecimals(decimals)
        self.field.setSingleStep(10.0**-decimals)
        self.field.setRange(row.low, row.high)
        self.field.setSuffix(f" {unit}" if unit else "")
        self.field.setKeyboardTracking(False)
        self.field.setButtonSymbols(QDoubleSpinBox.ButtonSymbols.NoButtons)
        self.field.setAlignment(Qt.AlignmentFlag.AlignRight)
        widest = self.field.fontMetrics().horizontalAdvance(f"{row.high:.{decimals}f} {unit}")
        self.field.setFixedWidth(widest + 22)
        KeyGuard(self.field).left.connect(self.left)
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setRange(0, _STEPS)
        self.slider.setFixedWidth(max(slider, 1))
        self.slider.setVisible(slider > 0)
        self.label = QLabel(name)
        self.label.setBuddy(self.field)
        for part in (self.slider, self.field):
            part.setAccessibleName(name)
        self.setToolTip(tip)
        lay_out_row(self, self.label, self.slider, self.field, spacing=6)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Preferred)
        follow_setting(self, setting, settings, self._show)
        self.slider.valueChanged.connect(self._on_slider)
        self.field.valueChanged.connect(lambda value: settings.set(setting, value))

    def _on_slider(self, position: int) -> None:
        fraction = position / _STEPS
        if self._logarithmic:
            value = self._low * (self._high / self._low) ** fraction
        else:
            value = self._low + (self._high - self._low) * fraction
        self._settings.set(self._setting, round(value, self.field.decimals()))

    def _show(self, value: float) -> None:
        if self._logarithmic:
            fraction = math.log(value / self._low) / math.log(self._high / self._low)
        else:
            fraction = (value - self._low) / (self._high - self._low)
        with QSignalBlocker(self.slider), QSignalBlocker(self.field):
            self.slider.setValue(round(fraction * _STEPS))
            self.field.setValue(value)
