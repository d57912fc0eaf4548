"""Two runs side by side, and many runs against each other."""

from __future__ import annotations

from collections.abc import Set
from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QButtonGroup,
    QGridLayout,
    QSizePolicy,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from app.configuration.text import t
from app.inspection.comparison import AGAINST, Against
from app.ui.widgets.commands import Guard
from app.ui.widgets.panel_parts import button, choice, explained, row, words

_SIDES = ("now", "kept", "difference")


class Compare(QWidget):
    """``keep_asked()``; ``chosen(side)``: of which run, or the difference; ``against_asked(what)``:
    a fill that differs in one thing; ``vary_asked(runs, how)``.
    """

    keep_asked = Signal()
    chosen = Signal(str)
    against_asked = Signal(str)
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
        rivals = QWidget()
        grid = QGridLayout(rivals)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(4)
        self.rivals = {}
        for index, against in enumerate(AGAINST):
            rival = button(f"against.{against}", "")
            rival.setObjectName("segment")
            rival.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
            rival.clicked.connect(partial(self._ask, against))
            grid.addWidget(rival, index // 2, index % 2)
            self.rivals[against] = rival
        self.runs = QSpinBox()
        self.runs.setRange(2, 12)
        self.runs.setValue(4)
        explained(self.runs, "runs")
        Guard(self.runs)
        self.how = choice("vary", ("seed", "tiles"))
        self.vary = button("guess", "ph.waves")
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 8, 8, 4)
        column.addWidget(words(t("features.against.about")))
        column.addWidget(rivals)
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
        self.offer(False, False, "", frozenset())

    @property
    def side(self) -> str:
        """Of which run the map is."""
        return _SIDES[self.sides.checkedId()]

    def turn(self, side: str) -> None:
        """Show this side, without telling anybody."""
        self.sides.button(_SIDES.index(side)).setChecked(True)

    def _ask(self, against: Against, *_: object) -> None:
        self.against_asked.emit(against)

    def offer(self, run: bool, fill: bool, told: str, rivals: Set[Against]) -> None:
        """There is a ``run`` to keep, a ``fill`` to repeat, ``rivals`` to compare with, and in
        words what is kept: "" = nothing.
        """
        kept = bool(told)
        self.keep.setEnabled(run)
        self.vary.setEnabled(fill)
        for against, rival in self.rivals.items():
            rival.setEnabled(against in rivals)
        self.kept.say(told or t("features.kept.none"))
        for each in self.sides.buttons():
            each.setEnabled(bool(kept) and run)
        if not (kept and run):
            self.sides.button(0).setChecked(True)
