"""How the chosen map is reduced and painted."""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker, Signal
from PySide6.QtWidgets import (
    QButtonGroup,
    QDoubleSpinBox,
    QGridLayout,
    QSizePolicy,
    QSpinBox,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from app.configuration.settings import SETTINGS, Settings
from app.configuration.text import t
from app.ui.widgets.commands import Guard
from app.ui.widgets.panel_parts import choice, explained, put, row, words

_HOW = ("norm", "mean", "max", "entropy", "colours", "channel")


class Controls(QWidget):
    """``changed()``: something else is wanted. Colours and range are kept as settings."""

    changed = Signal()

    def __init__(self, settings: Settings) -> None:
        super().__init__()
        self._settings = settings
        self._tap = True
        self.how = QButtonGroup(self)
        self._ways = QWidget()
        ways = QGridLayout(self._ways)
        ways.setContentsMargins(0, 0, 0, 0)
        ways.setSpacing(3)
        for place, how in enumerate(_HOW):
            made = QToolButton()
            made.setText(t(f"features.how.{how}"))
            made.setCheckable(True)
            made.setObjectName("segment")
            made.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
            explained(made, f"how.{how}")
            self.how.addButton(made, place)
            ways.addWidget(made, place // 3, place % 3)
        self.how.button(0).setChecked(True)
        self.how.idClicked.connect(self._ask)
        self.channel = self._number("channel", 0, 0)
        self.colours = choice("colours", SETTINGS["features.colours"].choices)
        self.spread = choice("spread", SETTINGS["features.spread"].choices)
        self.low, self.high = self._end("low", 0.0), self._end("high", 1.0)
        self._fixed = row(self.low, words("–"), self.high)
        self.part = self._number("crop", 1, 1)
        self.part.setPrefix(f"{t('features.crop')} ")
        self.part.hide()
        self.sizes = choice("depth", ("first", "whole", "fine"))
        put(self.sizes, "whole")
        for box, setting in ((self.colours, "colours"), (self.spread, "spread")):
            put(box, str(settings.get(f"features.{setting}")))
            box.activated.connect(self._remember)
        self.sizes.activated.connect(self._ask)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(5)
        self._one = row(words(t("features.channel")), self.channel)
        self._where = row(self.sizes, self.part)
        self._where.hide()
        column.addWidget(self._ways)
        column.addWidget(self._one)
        column.addWidget(row(self.colours, self.spread))
        column.addWidget(self._fixed)
        column.addWidget(self._where)
        self._show()

    def _number(self, name: str, low: int, high: int) -> QSpinBox:
        spin = QSpinBox()
        spin.setRange(low, high)
        spin.setKeyboardTracking(False)
        explained(spin, name)
        Guard(spin)
        spin.valueChanged.connect(self._ask)
        return spin

    def _end(self, name: str, value: float) -> QDoubleSpinBox:
        spin = QDoubleSpinBox()
        spin.setRange(-1e6, 1e6)
        spin.setDecimals(3)
        spin.setSingleStep(0.1)
        spin.setKeyboardTracking(False)
        spin.setValue(value)
        spin.setAccessibleName(t(f"features.{name}"))
        explained(spin, "ends")
        Guard(spin)
        spin.valueChanged.connect(self._ask)
        return spin

    def offer(self, tap: bool, channels: int) -> None:
        """Show what there is to choose: ways of reducing a ``tap`` with so many channels."""
        self._tap = tap
        self._ways.setVisible(tap)
        with QSignalBlocker(self.channel):
            self.channel.setRange(0, max(channels - 1, 0))
        self._show()

    def count(self, parts: int, levels: int) -> None:
        """Of how many crops the map is, one of which the picture shows, and at how many sizes."""
        with QSignalBlocker(self.part):
            self.part.setRange(1, max(parts, 1))
        self.part.setSuffix(f" / {parts}")
        self.part.setVisible(parts > 1)
        self.sizes.setVisible(levels > 1)
        self._where.setVisible(parts > 1 or levels > 1)

    def pick_channel(self, channel: int) -> None:
        """Look at one channel."""
        with QSignalBlocker(self.channel):
            self.channel.setValue(channel)
        self.how.button(_HOW.index("channel")).setChecked(True)
        self._ask()

    @property
    def values(self) -> dict[str, object]:
        """What is wanted, as arguments of `Query`."""
        return {
            "how": _HOW[self.how.checkedId()],
            "channel": self.channel.value(),
            "depth": self.sizes.currentData(),
            "part": self.part.value() - 1,
            "colours": self.colours.currentData(),
            "spread": self.spread.currentData(),
            "low": self.low.value(),
            "high": self.high.value(),
        }

    def fix(self, low: float, high: float) -> None:
        """Begin a fixed range with the one that is shown."""
        for spin, value in ((self.low, low), (self.high, high)):
            with QSignalBlocker(spin):
                spin.setValue(value)

    def _remember(self) -> None:
        for box, setting in ((self.colours, "colours"), (self.spread, "spread")):
            self._settings.set(f"features.{setting}", box.currentData())
        self._ask()

    def _show(self) -> None:
        self._one.setVisible(self._tap and _HOW[self.how.checkedId()] == "channel")
        self._fixed.setVisible(self.spread.currentData() == "fixed")

    def _ask(self, *_: object) -> None:
        self._show()
        self.changed.emit()
