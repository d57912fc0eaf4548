"""Columns and rows of widgets, and the labels and scroll areas in them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from PySide6.QtCore import QEvent, QObject, QSize, Qt
from PySide6.QtWidgets import (
    QBoxLayout,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLayout,
    QScrollArea,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

Layout = TypeVar("Layout", bound=QBoxLayout)
Item = QWidget | QLayout | int | None
"""A widget or a layout; a number of pixels; None: free space."""
Margins = tuple[int, int, int, int]
"""Left, top, right, bottom in pixels."""


def lay_out_column(
    parent: QWidget | None,
    *items: Item | tuple[Item, int],
    margins: Margins = (0, 0, 0, 0),
    spacing: int | None = None,
) -> QVBoxLayout:
    """Lay out items, each alone or with its stretch factor, below each other in ``parent``."""
    return _fill(QVBoxLayout(), parent, items, margins, spacing)


def lay_out_row(
    parent: QWidget | None,
    *items: Item | tuple[Item, int],
    margins: Margins = (0, 0, 0, 0),
    spacing: int | None = None,
) -> QHBoxLayout:
    """As `lay_out_column`, side by side."""
    return _fill(QHBoxLayout(), parent, items, margins, spacing)


def make_row(*items: Item | tuple[Item, int], spacing: int = 6) -> QWidget:
    """A widget with the items side by side."""
    row = QWidget()
    lay_out_row(row, *items, spacing=spacing)
    return row


def make_grid(widgets: Sequence[QWidget], columns: int, spacing: int) -> QWidget:
    """A widget with others in rows of ``columns``, each as wide as its column."""
    group = QWidget()
    grid = QGridLayout(group)
    grid.setContentsMargins(0, 0, 0, 0)
    grid.setSpacing(spacing)
    for index, widget in enumerate(widgets):
        widget.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        grid.addWidget(widget, *divmod(index, columns))
    return group


def _fill(
    layout: Layout,
    parent: QWidget | None,
    items: Sequence[Item | tuple[Item, int]],
    margins: Margins,
    spacing: int | None,
) -> Layout:
    if parent is not None:
        parent.setLayout(layout)
    layout.setContentsMargins(*margins)
    if spacing is not None:
        layout.setSpacing(spacing)
    for each in items:
        item, stretch = each if isinstance(each, tuple) else (each, 0)
        if item is None:
            layout.addStretch(stretch)
        elif isinstance(item, int):
            layout.addSpacing(item)
        elif isinstance(item, QWidget):
            layout.addWidget(item, stretch)
        else:
            layout.addLayout(item, stretch)
    return layout


def make_label(text: str = "", name: str = "muted", *, wraps: bool = False) -> QLabel:
    """A label that the style sheet knows by ``name``: "muted", "heading", "headline", "alert"."""
    label = QLabel(text)
    label.setObjectName(name)
    label.setWordWrap(wraps)
    return label


class _Column(QScrollArea):
    """Is at least as wide as what it scrolls, also when that needs more for larger letters."""

    def minimumSizeHint(self) -> QSize:
        """The width of what is in it, with the bar beside it."""
        hint, inner = super().minimumSizeHint(), self.widget()
        if inner is not None:
            width = inner.minimumSizeHint().width() + self.verticalScrollBar().sizeHint().width()
            hint.setWidth(max(hint.width(), width))
        return hint

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Hear when that changes."""
        if event.type() == QEvent.Type.LayoutRequest and watched is self.widget():
            self.updateGeometry()
        return super().eventFilter(watched, event)


def make_scroll_area(inner: QWidget) -> QScrollArea:
    """``inner`` in a frame that scrolls it up and down only, and so lets a low window stay low."""
    area = _Column()
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setWidgetResizable(True)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setWidget(inner)
    return area
