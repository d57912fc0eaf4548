"""Where did this come from? Offsets, and the gradient of a pixel."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QButtonGroup, QVBoxLayout, QWidget

from app.configuration.text import t
from app.ui.widgets.panel_parts import button, row, words


class Origin(QWidget):
    """``chosen(subject)``: something to look at. ``picking(bool)``: a pixel is to be clicked on."""

    chosen = Signal(str)
    picking = Signal(bool)

    def __init__(self) -> None:
        super().__init__()
        self.offsets = button("offsets", "ph.git-branch", checkable=True)
        self.why = button("why", "ph.question", checkable=True)
        self.photo = button("why.photo", "ph.image", checkable=True)
        self.edges = button("why.edges", "ph.line-segments", checkable=True)
        self._subjects = QButtonGroup(self)
        self._subjects.setExclusive(False)
        for made in (self.offsets, self.photo, self.edges):
            self._subjects.addButton(made)
        self._told = words(t("features.origin"))
        self.answer = words()
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 8, 8, 4)
        column.addWidget(self._told)
        column.addWidget(self.offsets)
        column.addWidget(self.why)
        column.addWidget(self.answer)
        column.addWidget(row(self.photo, self.edges, stretch=True))
        column.addStretch()
        self.offsets.clicked.connect(lambda: self.chosen.emit("offsets"))
        self.photo.clicked.connect(lambda: self.chosen.emit("why.photo"))
        self.edges.clicked.connect(lambda: self.chosen.emit("why.edges"))
        self.why.toggled.connect(self.picking)

    def offer(self, offsets: bool, network: bool, photo: bool, edges: bool) -> None:
        """What can be looked at, and whether a pixel can be asked about."""
        self.offsets.setEnabled(offsets)
        self.why.setEnabled(network)
        self.photo.setVisible(photo)
        self.edges.setVisible(edges)

    def mark(self, subject: str) -> None:
        """What is looked at."""
        for made, own in (
            (self.offsets, "offsets"),
            (self.photo, "why.photo"),
            (self.edges, "why.edges"),
        ):
            made.setChecked(own == subject)
