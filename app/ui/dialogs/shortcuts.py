"""All shortcuts on one sheet: to look up, and to change in place."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QHeaderView,
    QLabel,
    QLineEdit,
    QMessageBox,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from app.configuration.actions import ACTIONS, MENUS
from app.configuration.keymap import Keymap
from app.configuration.text import plain, t
from app.ui.widgets.shortcut_entry import KeyEntry

_ACTION = Qt.ItemDataRole.UserRole
_GESTURES = ("wheel", "pan", "brush", "erase", "line", "cancel")


class Shortcuts(QDialog):
    """The sheet. It may stay open beside the window."""

    def __init__(self, keymap: Keymap, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(t("help.shortcuts.title"))
        self._keymap = keymap
        self.entry = KeyEntry(keymap)
        self.search = QLineEdit()
        self.search.setPlaceholderText(t("help.shortcuts.search"))
        self.search.setAccessibleName(t("help.shortcuts.search"))
        self.search.setClearButtonEnabled(True)
        self.search.textChanged.connect(self._filter)
        self.tree = _Tree()
        self.tree.setColumnCount(2)
        self.tree.setHeaderLabels([t("help.shortcuts.command"), t("help.shortcuts.keys")])
        self.tree.setRootIsDecorated(False)
        self.tree.setIndentation(14)
        self.tree.setUniformRowHeights(True)
        self.tree.header().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        self.tree.header().setSectionResizeMode(1, QHeaderView.ResizeMode.ResizeToContents)
        self.tree.itemDoubleClicked.connect(self._edit)
        self.tree.currentItemChanged.connect(lambda: self.entry.stop())
        self._nothing = QLabel(t("help.shortcuts.none"))
        self._nothing.setObjectName("muted")
        self._nothing.hide()
        how = QLabel(t("help.shortcuts.how"))
        how.setObjectName("muted")
        how.setWordWrap(True)
        self._rows: dict[str, QTreeWidgetItem] = {}
        self._groups: list[QTreeWidgetItem] = []
        self._build()
        buttons = QDialogButtonBox()
        close = buttons.addButton(t("help.shortcuts.close"), QDialogButtonBox.ButtonRole.RejectRole)
        reset = buttons.addButton(
            t("help.shortcuts.reset_all"), QDialogButtonBox.ButtonRole.ResetRole
        )
        for button in (close, reset):
            button.setAutoDefault(False)
        reset.clicked.connect(self._reset)
        buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.setContentsMargins(18, 16, 18, 14)
        column.setSpacing(10)
        column.addWidget(self.search)
        column.addWidget(self.tree, 1)
        column.addWidget(self._nothing)
        column.addWidget(self.entry)
        column.addWidget(how)
        column.addWidget(buttons)
        keymap.changed.connect(self._refresh)
        letter = self.fontMetrics().averageCharWidth()
        self.resize(max(560, letter * 84), max(620, self.fontMetrics().height() * 40))
        self.search.setFocus()

    def _build(self) -> None:
        for menu, actions in MENUS.items():
            group = self._group(plain(t(f"actions.menu.{menu}")))
            for action in actions:
                if action is not None:
                    self._add(group, action)
        listed = set(self._rows)
        rest = [action for action in self._keymap.actions if action not in listed]
        if rest:
            group = self._group(t("help.shortcuts.more"))
            for action in rest:
                self._add(group, action)
        group = self._group(t("help.mouse.title"))
        for gesture in _GESTURES:
            words = [t(f"help.mouse.{gesture}"), t(f"help.mouse.{gesture}.keys")]
            item = QTreeWidgetItem(group, words)
            item.setFlags(Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable)
        self.tree.expandAll()

    def _group(self, title: str) -> QTreeWidgetItem:
        group = QTreeWidgetItem(self.tree, [title])
        group.setFlags(Qt.ItemFlag.ItemIsEnabled)
        font = group.font(0)
        font.setBold(True)
        group.setFont(0, font)
        self._groups.append(group)
        return group

    def _add(self, group: QTreeWidgetItem, action: str) -> None:
        item = QTreeWidgetItem(group, [ACTIONS[action].name, ""])
        item.setData(0, _ACTION, action)
        item.setToolTip(0, ACTIONS[action].tip)
        self._rows[action] = item
        self._refresh(action)

    def _refresh(self, action: str) -> None:
        item = self._rows[action]
        item.setText(1, native(self._keymap.keys(action)))
        font = item.font(1)
        font.setBold(self._keymap.is_changed(action))
        item.setFont(1, font)

    def _filter(self, words: str) -> None:
        """Show what contains all the words, as name or as key."""
        self.entry.stop()
        wanted = words.casefold().split()
        any_left = False
        for group in self._groups:
            left = 0
            for item in self._members(group):
                found = f"{item.text(0)} {item.text(1)}".casefold()
                item.setHidden(not all(word in found for word in wanted))
                left += not item.isHidden()
            group.setHidden(left == 0)
            any_left = any_left or left > 0
        self._nothing.setVisible(not any_left)

    def _members(self, group: QTreeWidgetItem) -> list[QTreeWidgetItem]:
        found = (group.child(index) for index in range(group.childCount()))
        return [item for item in found if item is not None]

    def _edit(self, item: QTreeWidgetItem) -> None:
        action = item.data(0, _ACTION)
        if isinstance(action, str):
            self.entry.start(action)

    def _reset(self) -> None:
        box = QMessageBox(self)
        box.setIcon(QMessageBox.Icon.Question)
        box.setText(t("help.shortcuts.reset_all.sure"))
        yes = box.addButton(t("help.shortcuts.reset_all"), QMessageBox.ButtonRole.DestructiveRole)
        no = box.addButton(t("help.shortcuts.cancel"), QMessageBox.ButtonRole.RejectRole)
        box.setDefaultButton(no)
        box.exec()
        if box.clickedButton() is yes:
            self._keymap.reset()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc ends changing a key first, then closes the sheet."""
        if event.key() == Qt.Key.Key_Escape and not self.entry.isHidden():
            self.entry.stop()
        else:
            super().keyPressEvent(event)


class _Tree(QTreeWidget):
    """Return and F2 edit the row."""

    def keyPressEvent(self, event: QKeyEvent) -> None:
        keys = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_F2)
        if event.key() in keys and self.currentItem() is not None:
            self.itemDoubleClicked.emit(self.currentItem(), 1)
        else:
            super().keyPressEvent(event)


def native(keys: tuple[str, ...]) -> str:
    """Shortcuts as this system writes them."""
    form = QKeySequence.SequenceFormat.NativeText
    return "   ".join(QKeySequence(key).toString(form) for key in keys)
