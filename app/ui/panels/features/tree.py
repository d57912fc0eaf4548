"""The places in the network that can be looked at: by part, then by resolution."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QModelIndex, QSignalBlocker, QSize, Qt, Signal
from PySide6.QtWidgets import QHeaderView, QTreeWidget, QTreeWidgetItem

from app.configuration.text import t
from app.ui.widgets.commands import Guard
from app.ui.widgets.panel_parts import explained, tip

if TYPE_CHECKING:
    from inpaint_core.contract.specs import TapPoint

_KEY = Qt.ItemDataRole.UserRole
_RESULTS = ("fill", "coarse", "edges")
_KEYS = (Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_Home, Qt.Key.Key_End, Qt.Key.Key_Return)


class Tree(QTreeWidget):
    """``chosen(subject, tap)``: something to look at; ``tap`` is "" where the subject is no tap.

    The second column holds the values under the cursor.
    """

    chosen = Signal(str, str)

    def __init__(self) -> None:
        super().__init__()
        self.setColumnCount(2)
        self.setHeaderHidden(True)
        self.setUniformRowHeights(True)
        self.setIndentation(14)
        explained(self, "tree")
        self.setMinimumHeight(5 * (self.fontMetrics().height() + 6))
        self.header().setStretchLastSection(False)
        self.header().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        self.header().setSectionResizeMode(1, QHeaderView.ResizeMode.Fixed)
        wide = self.fontMetrics().horizontalAdvance("-00.000")
        self.header().resizeSection(1, wide + 12)
        self._taps: tuple[TapPoint, ...] | None = None
        self._items: dict[str, QTreeWidgetItem] = {}
        Guard(self, *_KEYS)
        self.currentItemChanged.connect(self._tell)

    def sizeHint(self) -> QSize:
        """About ten rows."""
        return QSize(260, 11 * (self.fontMetrics().height() + 6))

    def list(self, taps: Sequence[TapPoint]) -> None:
        """Show these taps, and what belongs to every fill."""
        if self._taps == tuple(taps):
            return
        self._taps = tuple(taps)
        with QSignalBlocker(self):
            self.clear()
            self._items = {}
            results = self._part(t("features.results"), tip("results"))
            for name in _RESULTS:
                item = self._leaf(results, t(f"features.{name}"), name, "")
                item.setToolTip(0, tip(name))
            for tap in taps:
                self._add(tap)
            self.expandAll()

    def _add(self, tap: TapPoint) -> None:
        part, _, number = tap.name.rpartition("-")
        part = part if number.isdigit() else tap.name
        title = t.known(f"features.part.{part}", tap.title)
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

    def pick(self, subject: str, tap: str = "") -> None:
        """Mark what is looked at; whatever is no place of the tree marks nothing."""
        item = self._items.get(f"{subject}/{tap}")
        with QSignalBlocker(self):
            if item is None:
                self.setCurrentIndex(QModelIndex())
                return
            self.setCurrentItem(item)
            part = item.parent()
            if part is not None:
                part.setExpanded(True)
            self.scrollToItem(item)

    def channels(self, tap: str) -> int:
        """How many channels a tap has; 0 for one that is not listed."""
        return next((each.channels for each in self._taps or () if each.name == tap), 0)

    def read(self, values: Mapping[str, float]) -> None:
        """Show the values under the cursor, by tap."""
        for key, item in self._items.items():
            subject, _, tap = key.partition("/")
            if subject == "tap":
                found = values.get(tap)
                text = "" if found is None else f"{found:.3g}"
                if item.text(1) != text:
                    item.setText(1, text)

    def _tell(self, item: QTreeWidgetItem | None) -> None:
        held = None if item is None else item.data(0, _KEY)
        if held is not None:
            self.chosen.emit(*held)


def _tip(part: str, title: str) -> str:
    plain = t.known(f"features.part.{part}.tip", title)
    exact = t.known(f"features.part.{part}.science", "")
    return f"<p>{plain}</p><p><i>{exact}</i></p>"
