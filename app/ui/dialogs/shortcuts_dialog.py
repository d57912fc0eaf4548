"""All shortcuts in one list, to look up, and the form to change one."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import (
    QDialog,
    QHeaderView,
    QKeySequenceEdit,
    QLineEdit,
    QMessageBox,
    QPushButton,
    QTreeWidget,
    QTreeWidgetItem,
    QWidget,
)

from app.configuration.actions import ACTIONS, MENUS
from app.configuration.keymap import Keymap
from app.configuration.text import strip_access_key, t
from app.ui.dialogs.questions import ask
from app.ui.widgets.commands import key_text
from app.ui.widgets.layouts import lay_out_column, lay_out_row, make_label

_ACTION = Qt.ItemDataRole.UserRole
_PORTABLE = QKeySequence.SequenceFormat.PortableText
_GESTURES = ("wheel", "pan", "brush", "erase", "source", "line", "cancel")


class ShortcutsDialog(QDialog):
    """The shortcuts dialog. It may stay open beside the window. ``manual_asked()``: the manual is
    to be shown.
    """

    manual_asked = Signal()

    def __init__(self, keymap: Keymap, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(t("help.shortcuts.title"))
        self._keymap = keymap
        self.entry = ShortcutEntry(keymap)
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
        self.no_match = make_label(t("help.shortcuts.none"))
        self.no_match.hide()
        how = make_label(t("help.shortcuts.how"), wraps=True)
        self.rows: dict[str, QTreeWidgetItem] = {}  # by action
        self._groups: list[QTreeWidgetItem] = []
        self._add_all()
        # Not in a box of Qt's, which puts help behind “Close” on some systems.
        self.manual_button = QPushButton(t("help.manual.title"))
        reset = QPushButton(t("help.shortcuts.reset_all"))
        close = QPushButton(t("help.shortcuts.close"))
        for button in (self.manual_button, reset, close):
            button.setAutoDefault(False)
        self.manual_button.clicked.connect(self.manual_asked)
        reset.clicked.connect(self.ask_reset)
        close.clicked.connect(self.reject)
        buttons = lay_out_row(None, self.manual_button, None, reset, close, spacing=8)
        items = (self.search, (self.tree, 1), self.no_match, self.entry, how, buttons)
        lay_out_column(self, *items, margins=(18, 16, 18, 14), spacing=10)
        keymap.changed.connect(self._refresh)
        letter = self.fontMetrics().averageCharWidth()
        self.resize(max(560, letter * 84), max(620, self.fontMetrics().height() * 40))
        self.search.setFocus()

    def _add_all(self) -> None:
        for menu, actions in MENUS.items():
            group = self._add_group(strip_access_key(t(f"actions.menu.{menu}")))
            for action in actions:
                if action is not None:
                    self._add_action(group, action)
        rest = [action for action in self._keymap.actions if action not in self.rows]
        if rest:
            group = self._add_group(t("help.shortcuts.more"))
            for action in rest:
                self._add_action(group, action)
        group = self._add_group(t("help.mouse.title"))
        for gesture in _GESTURES:
            words = [t(f"help.mouse.{gesture}"), t(f"help.mouse.{gesture}.keys")]
            item = QTreeWidgetItem(group, words)
            item.setFlags(Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable)
        self.tree.expandAll()

    def _add_group(self, title: str) -> QTreeWidgetItem:
        group = QTreeWidgetItem(self.tree, [title])
        group.setFlags(Qt.ItemFlag.ItemIsEnabled)
        font = group.font(0)
        font.setBold(True)
        group.setFont(0, font)
        self._groups.append(group)
        return group

    def _add_action(self, group: QTreeWidgetItem, action: str) -> None:
        # In the menu, it has the name of what it saves of this photo.
        name = t("help.shortcuts.save") if action == "file.save" else ACTIONS[action].name
        item = QTreeWidgetItem(group, [name, ""])
        item.setData(0, _ACTION, action)
        item.setToolTip(0, ACTIONS[action].tip)
        self.rows[action] = item
        self._refresh(action)

    def _refresh(self, action: str) -> None:
        item = self.rows[action]
        item.setText(1, native_text(self._keymap.keys(action)))
        font = item.font(1)
        font.setBold(self._keymap.is_changed(action))
        item.setFont(1, font)

    def _filter(self, words: str) -> None:
        """Show the rows whose name or keys contain all the words."""
        self.entry.stop()
        wanted = words.casefold().split()
        for group in self._groups:
            children = (group.child(index) for index in range(group.childCount()))
            items = [item for item in children if item is not None]
            for item in items:
                text = f"{item.text(0)} {item.text(1)}".casefold()
                item.setHidden(not all(word in text for word in wanted))
            group.setHidden(all(item.isHidden() for item in items))
        self.no_match.setVisible(all(group.isHidden() for group in self._groups))

    def _edit(self, item: QTreeWidgetItem) -> None:
        action = item.data(0, _ACTION)
        if isinstance(action, str):
            self.entry.start(action)

    def ask_reset(self) -> None:
        """Reset all shortcuts, after asking."""
        role, sure = QMessageBox.ButtonRole, t("help.shortcuts.reset_all.sure")
        reset, cancel = "help.shortcuts.reset_all", "help.shortcuts.cancel"
        answers = {reset: role.DestructiveRole, cancel: role.RejectRole}
        if ask(self, sure, "", answers, cancel) == reset:
            self._keymap.reset()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc first ends changing a key, then closes the dialog."""
        if event.key() == Qt.Key.Key_Escape and not self.entry.isHidden():
            self.entry.stop()
        else:
            super().keyPressEvent(event)


class _Tree(QTreeWidget):
    """Return and F2 edit the current row."""

    def keyPressEvent(self, event: QKeyEvent) -> None:
        keys = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_F2)
        if event.key() in keys and self.currentItem() is not None:
            self.itemDoubleClicked.emit(self.currentItem(), 1)
        else:
            super().keyPressEvent(event)


def native_text(keys: tuple[str, ...]) -> str:
    """Shortcuts as this system writes them."""
    return "   ".join(dict.fromkeys(key_text(QKeySequence(key)) for key in keys))


class ShortcutEntry(QWidget):
    """Hidden until `start`; shows which action uses the keys already. ``ended()`` when done."""

    ended = Signal()

    def __init__(self, keymap: Keymap) -> None:
        super().__init__()
        self._keymap = keymap
        self._action = ""
        self._title = make_label(name="heading")
        self.keys = QKeySequenceEdit()
        # One chord per shortcut: single keys and Ctrl+key are accepted when they are pressed.
        self.keys.setMaximumSequenceLength(1)
        self.keys.setClearButtonEnabled(True)
        self.keys.keySequenceChanged.connect(self._on_keys)
        self.conflict = make_label(name="alert", wraps=True)
        self.set_button = _make_button("set", lambda: self._assign(()))
        self.add_button = _make_button("add", lambda: self._assign(self._current_keys()))
        self.clear_button = _make_button("clear", self._clear)
        self.reset_button = _make_button("reset", self._reset)
        self.cancel_button = _make_button("cancel", self.stop)
        changes = (self.set_button, self.add_button, self.clear_button, self.reset_button)
        top = lay_out_row(None, self._title, (self.keys, 1), spacing=8)
        row = lay_out_row(None, None, *changes, self.cancel_button, spacing=8)
        lay_out_column(self, top, self.conflict, row, spacing=8)
        self.hide()

    def start(self, action: str) -> None:
        """Ask for a shortcut for this action."""
        self._action = action
        self._title.setText(t("help.shortcuts.press", name=ACTIONS[action].name))
        self.keys.clear()
        self.reset_button.setEnabled(self._keymap.is_changed(action))
        self.clear_button.setEnabled(bool(self._current_keys()))
        self._on_keys()
        self.show()
        self.keys.setFocus()

    def stop(self) -> None:
        """Close the form without a change."""
        if not self.isHidden():
            self.hide()
            self.ended.emit()

    def _current_keys(self) -> tuple[str, ...]:
        return self._keymap.keys(self._action)

    def _on_keys(self) -> None:
        key = self.keys.keySequence().toString(_PORTABLE)
        owner = self._keymap.find_owner(key, except_for=self._action) if key else None
        self.conflict.setVisible(owner is not None)
        if owner is not None:
            keys = key_text(self.keys.keySequence())
            other = ACTIONS[owner].name
            self.conflict.setText(t("help.shortcuts.conflict", keys=keys, other=other))
        key_of_text = "help.shortcuts.take" if owner is not None else "help.shortcuts.set"
        self.set_button.setText(t(key_of_text))
        self.set_button.setEnabled(bool(key))
        # Adding makes sense only if the action has shortcuts and the new one is free.
        self.add_button.setVisible(owner is None and bool(self._current_keys()))
        self.add_button.setEnabled(bool(key) and key not in self._current_keys())

    def _assign(self, kept: tuple[str, ...]) -> None:
        key = self.keys.keySequence().toString(_PORTABLE)
        # The label has named the action that loses its keys.
        self._keymap.set_keys(self._action, (*kept, key), take=True)
        self.stop()

    def _clear(self) -> None:
        self._keymap.set_keys(self._action, ())
        self.stop()

    def _reset(self) -> None:
        self._keymap.reset(self._action)
        self.stop()


def _make_button(key: str, clicked: Callable[[], None]) -> QPushButton:
    button = QPushButton(t(f"help.shortcuts.{key}"))
    button.setAutoDefault(False)
    button.clicked.connect(lambda: clicked())
    return button
