"""Two pages of the map chooser: where a fill came from, and how two or more fills differ."""

from __future__ import annotations

from collections.abc import Set
from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QSpinBox, QWidget

from app.configuration.text import t
from app.inspection.comparison import COMPARED_OPTIONS, ComparedOption
from app.ui.widgets.commands import KeyGuard
from app.ui.widgets.layouts import lay_out_column, make_grid, make_row
from app.ui.widgets.panel_parts import (
    WrappedLabel,
    explain_widget,
    make_button,
    make_choice,
    make_segments,
)

_SIDES = ("now", "kept", "difference")


class ComparePage(QWidget):
    """Compares fills. ``keep_asked()``: keep this run as the reference. ``chosen(side)``: show one
    run, or the difference. ``against_asked(against)``: fill again with one thing changed.
    ``vary_asked(runs, how)``: fill several times and show the spread.
    """

    keep_asked = Signal()
    chosen = Signal(str)
    against_asked = Signal(str)
    vary_asked = Signal(int, str)

    def __init__(self) -> None:
        super().__init__()
        self.keep = make_button("keep", "ph.push-pin")
        self.kept = WrappedLabel(t("features.kept.none"))
        self.sides = make_segments(self, [f"side.{side}" for side in _SIDES])
        self.against = {}
        for against in COMPARED_OPTIONS:
            choice_button = make_button(f"against.{against}", segment=True)
            choice_button.clicked.connect(partial(self._ask, against))
            self.against[against] = choice_button
        self.runs = QSpinBox()
        self.runs.setRange(2, 12)
        self.runs.setValue(4)
        explain_widget(self.runs, "runs")
        KeyGuard(self.runs)
        self.how = make_choice("vary", ("seed", "tiles"))
        self.vary = make_button("guess", "ph.waves")
        lay_out_column(
            self,
            WrappedLabel(t("features.against.about")),
            make_grid(list(self.against.values()), 2, spacing=4),
            make_row(self.keep, None),
            self.kept,
            make_row(*self.sides.buttons()),
            10,
            WrappedLabel(t("features.guess.about")),
            make_row(self.runs, self.how),
            make_row(self.vary, None),
            None,
            margins=(8, 8, 8, 4),
        )
        self.keep.clicked.connect(self.keep_asked)
        self.sides.idClicked.connect(lambda index: self.chosen.emit(_SIDES[index]))
        self.vary.clicked.connect(
            lambda: self.vary_asked.emit(self.runs.value(), self.how.currentData())
        )
        self.update_choices(False, False, "", frozenset())

    @property
    def side(self) -> str:
        """Which run the map is of: "now", "kept" or "difference"."""
        return _SIDES[self.sides.checkedId()]

    def show_side(self, side: str) -> None:
        """Choose a side without emitting `chosen`."""
        self.sides.button(_SIDES.index(side)).setChecked(True)

    def _ask(self, against: ComparedOption, *_: object) -> None:
        self.against_asked.emit(against)

    def update_choices(
        self, has_run: bool, has_fill: bool, kept_text: str, comparisons: Set[ComparedOption]
    ) -> None:
        """Enable what is possible: ``has_run`` to keep it, ``has_fill`` to repeat it, and the
        ``comparisons``. ``kept_text`` describes the run that is kept, "" = none.
        """
        kept = bool(kept_text)
        self.keep.setEnabled(has_run)
        self.vary.setEnabled(has_fill)
        for against, choice_button in self.against.items():
            choice_button.setEnabled(against in comparisons)
        self.kept.show_text(kept_text or t("features.kept.none"))
        for each in self.sides.buttons():
            each.setEnabled(kept and has_run)
        if not (kept and has_run):
            self.sides.button(0).setChecked(True)


class OriginPage(QWidget):
    """Where a fill came from. ``chosen(subject)``: a map was chosen. ``picking(bool)``: whether a
    click on the photo picks a pixel.
    """

    chosen = Signal(str)
    picking = Signal(bool)

    def __init__(self) -> None:
        super().__init__()
        self.offsets = make_button("offsets", "ph.git-branch", checkable=True)
        self.why = make_button("why", "ph.question", checkable=True)
        self.photo = make_button("why.photo", "ph.image", checkable=True)
        self.edges = make_button("why.edges", "ph.line-segments", checkable=True)
        self._maps = {"offsets": self.offsets, "why.photo": self.photo, "why.edges": self.edges}
        about, self.answer = WrappedLabel(t("features.origin")), WrappedLabel()
        row = make_row(self.photo, self.edges, None)
        items = (about, self.offsets, self.why, self.answer, row, None)
        lay_out_column(self, *items, margins=(8, 8, 8, 4))
        for subject, each in self._maps.items():
            each.clicked.connect(partial(self._choose, subject))
        self.why.toggled.connect(self.picking)

    def _choose(self, subject: str, *_: object) -> None:
        self.chosen.emit(subject)

    def update_choices(self, offsets: bool, network: bool, photo: bool, edges: bool) -> None:
        """Enable the maps that exist, and picking a pixel if there is a ``network``."""
        self.offsets.setEnabled(offsets)
        self.why.setEnabled(network)
        self.photo.setVisible(photo)
        self.edges.setVisible(edges)

    def mark(self, subject: str) -> None:
        """Mark the map that is shown."""
        for own, each in self._maps.items():
            each.setChecked(own == subject)
