"""A number to set: its name, a slider and a field, all for one setting."""

from __future__ import annotations

import math

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import QDoubleSpinBox, QHBoxLayout, QLabel, QSizePolicy, QSlider, QWidget

from app.configuration.settings import SETTINGS, Settings
from app.ui.widgets.commands import Guard

_STEPS = 1000


class Dial(QWidget):
    """Shows and changes the setting ``setting``, whose ``name`` and ``tip`` are sentences.

    ``logarithmic``: half of the slider's way doubles a small number as it doubles a large one.
    ``slider`` is its width in pixels, 0 for a field alone; ``decimals`` are kept. ``left()``: the
    person is done typing.
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
        Guard(self.field).left.connect(self.left)
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setRange(0, _STEPS)
        self.slider.setFixedWidth(max(slider, 1))
        self.slider.setVisible(slider > 0)
        self.label = QLabel(name)
        self.label.setBuddy(self.field)
        for part in (self.slider, self.field):
            part.setAccessibleName(name)
        self.setToolTip(tip)
        line = QHBoxLayout(self)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(6)
        line.addWidget(self.label)
        if slider:
            line.addWidget(self.slider)
        line.addWidget(self.field)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Preferred)
        self._show(float(settings.get(setting)))
        self.slider.valueChanged.connect(self._slid)
        self.field.valueChanged.connect(self._typed)
        settings.changed.connect(self._on_setting)

    def _slid(self, position: int) -> None:
        share = position / _STEPS
        if self._logarithmic:
            value = self._low * (self._high / self._low) ** share
        else:
            value = self._low + (self._high - self._low) * share
        self._settings.set(self._setting, round(value, self.field.decimals()))

    def _typed(self, value: float) -> None:
        self._settings.set(self._setting, value)

    def _on_setting(self, setting: str, value: object) -> None:
        if setting == self._setting:
            self._show(float(str(value)))

    def _show(self, value: float) -> None:
        if self._logarithmic:
            share = math.log(value / self._low) / math.log(self._high / self._low)
        else:
            share = (value - self._low) / (self._high - self._low)
        with QSignalBlocker(self.slider), QSignalBlocker(self.field):
            self.slider.setValue(round(share * _STEPS))
            self.field.setValue(value)
