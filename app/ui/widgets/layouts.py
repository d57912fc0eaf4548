"""Columns and rows of widgets, and the labels and scroll areas in them."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QBoxLayout,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLayout,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

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
    column = QVBoxLayout(parent)
    _fill(column, items, margins, spacing)
    return column


def lay_out_row(
    parent: QWidget | None,
    *items: Item | tuple[Item, int],
    margins: Margins = (0, 0, 0, 0),
    spacing: int | None = None,
) -> QHBoxLayout:
    """As `lay_out_column`, side by side."""
    row = QHBoxLayout(parent)
    _fill(row, items, margins, spacing)
    return row


def make_row(*items: Item | tuple[Item, int], spacing: int = 6) -> QWidget:
    """A widget with the items side by side."""
    row = QWidget()
    lay_out_row(row, *items, spacing=spacing)
    return row


def _fill(
    layout: QBoxLayout,
    items: tuple[Item | tuple[Item, int], ...],
    margins: Margins,
    spacing: int | None,
) -> None:
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


def make_label(text: str = "", name: str = "muted", *, wraps: bool = False) -> QLabel:
    """A label that the style sheet knows by ``name``: "muted", "heading", "headline", "alert"."""
    label = QLabel(text)
    label.setObjectName(name)
    label.setWordWrap(wraps)
    return label


def make_scroll_area(inner: QWidget) -> QScrollArea:
    """``inner`` in a frame that scrolls it up and down only, and so lets a low window stay low."""
    area = QScrollArea()
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setWidgetResizable(True)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setWidget(inner)
    return area
