"""The tree of maps: taps by part of the network, then by resolution."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QModelIndex, QSignalBlocker, QSize, Qt, Signal
from PySide6.QtWidgets import QHeaderView, QTreeWidget, QTreeWidgetItem

from app.configuration.text import t
from app.ui.widgets.commands import KeyGuard
from app.ui.widgets.panel_parts import explain_widget, make_tip

if TYPE_CHECKING:
    from inpaint_core.contract.specs import TapPoint

_KEY = Qt.ItemDataRole.UserRole
_RESULTS = ("fill", "coarse", "edges")
_KEYS = (Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_Home, Qt.Key.Key_End, Qt.Key.Key_Return)


class MapTree(QTreeWidget):
    """``chosen(subject, tap)``: a map was chosen; ``tap`` is "" if the subject is not a tap.

    The second column shows the values under the cursor.
    """

    chosen = Signal(str, str)

    def __init__(self) -> None:
        super().__init__()
        self.setColumnCount(2)
        self.setHeaderHidden(True)
        self.setUniformRowHeights(True)
        self.setIndentation(14)
        explain_widget(self, "tree")
        self.setMinimumHeight(5 * (self.fontMetrics().height() + 6))
        self.header().setStretchLastSection(False)
        self.header().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        self.header().setSectionResizeMode(1, QHeaderView.ResizeMode.Fixed)
        wide = self.fontMetrics().horizontalAdvance("-00.000")
        self.header().resizeSection(1, wide + 12)
        self._taps: tuple[TapPoint, ...] | None = None
        self._items: dict[str, QTreeWidgetItem] = {}
        KeyGuard(self, *_KEYS)
        self.currentItemChanged.connect(self._on_current)

    def sizeHint(self) -> QSize:
        """About ten rows high."""
        return QSize(260, 11 * (self.fontMetrics().height() + 6))

    def list_taps(self, taps: Sequence[TapPoint]) -> None:
        """Show these taps, and the results that every fill has."""
        if self._taps == tuple(taps):
            return
        self._taps = tuple(taps)
        with QSignalBlocker(self):
            self.clear()
            self._items = {}
            results = self._part(t("features.results"), make_tip("results"))
            for name in _RESULTS:
                item = self._leaf(results, t(f"features.{name}"), name, "")
                item.setToolTip(0, make_tip(name))
            for tap in taps:
                self._add(tap)
            self.expandAll()

    def _add(self, tap: TapPoint) -> None:
        part, _, number = tap.name.rpartition("-")
        part = part if number.isdigit() else tap.name
        title = t.get(f"features.part.{part}", tap.title)
        if part not in self._items:
            self._items[part] = self._part(title, _tip(part, tap.title))
        words = t("features.tap", stride=tap.stride, channels=tap.channels)
        leaf = self._leaf(self._items[part], words, "tap", tap.name)
        leaf.setToolTip(0, _tip(part, tap.title))

    def _part(self, words: str, explanation: str) -> QTreeWidgetItem:
        item = QTreeWidgetItem(self, [words])
        item.setFlags(Qt.ItemFlag.ItemIsEnabled)
        item.setToolTip(0, explanation)
        return item

    def _leaf(self, parent: QTreeWidgetItem, words: str, subject: str, tap: str) -> QTreeWidgetItem:
        item = QTreeWidgetItem(parent, [words])
        item.setData(0, _KEY, (subject, tap))
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        item.setTextAlignment(1, right)
        self._items[f"{subject}/{tap}"] = item
        return item

    def mark(self, subject: str, tap: str = "") -> None:
        """Select a row without emitting `chosen`; nothing if the tree does not hold the subject."""
        item = self.find_item(subject, tap)
        with QSignalBlocker(self):
            if item is None:
                self.setCurrentIndex(QModelIndex())
                return
            self.setCurrentItem(item)
            part = item.parent()
            if part is not None:
                part.setExpanded(True)
            self.scrollToItem(item)

    def find_item(self, subject: str, tap: str = "") -> QTreeWidgetItem | None:
        """The row of a map, None if the tree does not hold it."""
        return self._items.get(f"{subject}/{tap}")

    def channel_count(self, tap: str) -> int:
        """The number of channels of a tap; 0 if it is not listed."""
        return next((each.channels for each in self._taps or () if each.name == tap), 0)

    def show_values(self, values: Mapping[str, float]) -> None:
        """Show the values under the cursor, by tap."""
        for key, item in self._items.items():
            subject, _, tap = key.partition("/")
            if subject == "tap":
                value = values.get(tap)
                text = "" if value is None else f"{value:.3g}"
                if item.text(1) != text:
                    item.setText(1, text)

    def _on_current(self, item: QTreeWidgetItem | None) -> None:
        key = None if item is None else item.data(0, _KEY)
        if key is not None:
            self.chosen.emit(*key)


def _tip(part: str, title: str) -> str:
    plain = t.get(f"features.part.{part}.tip", title)
    exact = t.get(f"features.part.{part}.science", "")
    return f"<p>{plain}</p><p><i>{exact}</i></p>"
