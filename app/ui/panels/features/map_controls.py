"""How the chosen map is reduced to one value per pixel, and coloured."""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker, Signal
from PySide6.QtWidgets import QDoubleSpinBox, QSpinBox, QWidget

from app.configuration.settings import SETTINGS, Settings
from app.configuration.text import t
from app.ui.widgets.commands import KeyGuard
from app.ui.widgets.layouts import lay_out_column, make_grid, make_row
from app.ui.widgets.panel_parts import (
    WrappedLabel,
    explain_widget,
    make_choice,
    make_segments,
    select_value,
)

_REDUCTIONS = ("norm", "mean", "max", "entropy", "colours", "channel")


class MapControls(QWidget):
    """``changed()``: a choice changed. Colours and range are kept as settings."""

    changed = Signal()

    def __init__(self, settings: Settings) -> None:
        super().__init__()
        self._settings = settings
        self._tap = True
        self.reduction = make_segments(self, [f"how.{name}" for name in _REDUCTIONS])
        self._reductions = make_grid(self.reduction.buttons(), 3, spacing=3)
        self.reduction.idClicked.connect(self._on_choice)
        self.channel = self._number("channel", 0, 0)
        self.colours = make_choice("colours", SETTINGS["features.colours"].choices)
        self.spread = make_choice("spread", SETTINGS["features.spread"].choices)
        self.low, self.high = self._range_end("low", 0.0), self._range_end("high", 1.0)
        self._fixed = make_row(self.low, WrappedLabel("–"), self.high)
        self.hole_number = self._number("crop", 1, 1)
        self.hole_number.setPrefix(f"{t('features.crop')} ")
        self.hole_number.hide()
        self.pass_choice = make_choice("depth", ("first", "whole", "fine"))
        select_value(self.pass_choice, "whole")
        for box, setting in ((self.colours, "colours"), (self.spread, "spread")):
            select_value(box, str(settings.get(f"features.{setting}")))
            box.activated.connect(self._remember)
        self.pass_choice.activated.connect(self._on_choice)
        self._channel_row = make_row(WrappedLabel(t("features.channel")), self.channel)
        self._crop_row = make_row(self.pass_choice, self.hole_number)
        self._crop_row.hide()
        style = make_row(self.colours, self.spread)
        items = (self._reductions, self._channel_row, style, self._fixed, self._crop_row)
        lay_out_column(self, *items, spacing=5)
        self._update_visibility()

    def _number(self, name: str, low: int, high: int) -> QSpinBox:
        spin = QSpinBox()
        spin.setRange(low, high)
        spin.setKeyboardTracking(False)
        explain_widget(spin, name)
        KeyGuard(spin)
        spin.valueChanged.connect(self._on_choice)
        return spin

    def _range_end(self, name: str, value: float) -> QDoubleSpinBox:
        spin = QDoubleSpinBox()
        spin.setRange(-1e6, 1e6)
        spin.setDecimals(3)
        spin.setSingleStep(0.1)
        spin.setKeyboardTracking(False)
        spin.setValue(value)
        spin.setAccessibleName(t(f"features.{name}"))
        explain_widget(spin, "ends")
        KeyGuard(spin)
        spin.valueChanged.connect(self._on_choice)
        return spin

    def show_choices(self, tap: bool, channels: int) -> None:
        """Show the reductions if the map is a ``tap``, which has ``channels`` channels."""
        self._tap = tap
        self._reductions.setVisible(tap)
        with QSignalBlocker(self.channel):
            self.channel.setRange(0, max(channels - 1, 0))
        self._update_visibility()

    def set_counts(self, holes: int, passes: int) -> None:
        """Set how many holes with a crop of their own the map has, and how many passes."""
        with QSignalBlocker(self.hole_number):
            self.hole_number.setRange(1, max(holes, 1))
        self.hole_number.setSuffix(f" / {holes}")
        self.hole_number.setVisible(holes > 1)
        self.pass_choice.setVisible(passes > 1)
        self._crop_row.setVisible(holes > 1 or passes > 1)

    def pick_channel(self, channel: int) -> None:
        """Choose one channel."""
        with QSignalBlocker(self.channel):
            self.channel.setValue(channel)
        self.reduction.button(_REDUCTIONS.index("channel")).setChecked(True)
        self._on_choice()

    @property
    def values(self) -> dict[str, object]:
        """The choices as arguments of `MapQuery`."""
        return {
            "reduction": _REDUCTIONS[self.reduction.checkedId()],
            "channel": self.channel.value(),
            "depth": self.pass_choice.currentData(),
            "part": self.hole_number.value() - 1,
            "colours": self.colours.currentData(),
            "scale_mode": self.spread.currentData(),
            "low": self.low.value(),
            "high": self.high.value(),
        }

    def set_range(self, low: float, high: float) -> None:
        """Set the ends that a fixed range starts with, without emitting `changed`."""
        for spin, value in ((self.low, low), (self.high, high)):
            with QSignalBlocker(spin):
                spin.setValue(value)

    def _remember(self) -> None:
        for box, setting in ((self.colours, "colours"), (self.spread, "spread")):
            self._settings.set(f"features.{setting}", box.currentData())
        self._on_choice()

    def _update_visibility(self) -> None:
        self._channel_row.setVisible(
            self._tap and _REDUCTIONS[self.reduction.checkedId()] == "channel"
        )
        self._fixed.setVisible(self.spread.currentData() == "fixed")

    def _on_choice(self, *_: object) -> None:
        self._update_visibility()
        self.changed.emit()
