"""Two runs side by side, and many runs against each other."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QButtonGroup, QSpinBox, QVBoxLayout, QWidget

from app.text import t
from app.ui.commands import Guard
from app.ui.panels.features.parts import button, choice, explained, row, words

_SIDES = ("now", "kept", "difference")


class Compare(QWidget):
    """``keep_asked()``; ``chosen(side)``: of which run, or the difference; ``vary_asked(runs,
    how)``; ``guess_asked()``: the map of what differs is to be looked at.
    """

    keep_asked = Signal()
    chosen = Signal(str)
    vary_asked = Signal(int, str)

    def __init__(self) -> None:
        super().__init__()
        self.keep = button("keep", "ph.push-pin")
        self.kept = words(t("features.kept.none"))
        self.sides = QButtonGroup(self)
        made = []
        for index, side in enumerate(_SIDES):
            each = button(f"side.{side}", "", checkable=True)
            each.setObjectName("segment")
            self.sides.addButton(each, index)
            made.append(each)
        made[0].setChecked(True)
        self.runs = QSpinBox()
        self.runs.setRange(2, 12)
        self.runs.setValue(4)
        explained(self.runs, "runs")
        Guard(self.runs)
        self.how = choice("vary", ("seed", "tiles"))
        self.vary = button("guess", "ph.waves")
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 8, 8, 4)
        column.addWidget(row(self.keep, stretch=True))
        column.addWidget(self.kept)
        column.addWidget(row(*made))
        column.addSpacing(10)
        column.addWidget(words(t("features.guess.about")))
        column.addWidget(row(self.runs, self.how))
        column.addWidget(row(self.vary, stretch=True))
        column.addStretch()
        self.keep.clicked.connect(self.keep_asked)
        self.sides.idClicked.connect(lambda index: self.chosen.emit(_SIDES[index]))
        self.vary.clicked.connect(
            lambda: self.vary_asked.emit(self.runs.value(), self.how.currentData())
        )
        self.offer(False, False, "")

    @property
    def side(self) -> str:
        """Of which run the map is."""
        return _SIDES[self.sides.checkedId()]

    def offer(self, run: bool, fill: bool, kept: str) -> None:
        """There is a ``run`` to keep, a ``fill`` to repeat, and what is ``kept``: "" = nothing."""
        self.keep.setEnabled(run)
        self.vary.setEnabled(fill)
        self.kept.say(t("features.kept", run=kept) if kept else t("features.kept.none"))
        for each in self.sides.buttons():
            each.setEnabled(bool(kept) and run)
        if not (kept and run):
            self.sides.button(0).setChecked(True)
