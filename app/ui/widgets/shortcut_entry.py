"""The form in which a new shortcut for an action is entered."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Signal
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QKeySequenceEdit, QPushButton, QWidget

from app.configuration.actions import ACTIONS
from app.configuration.keymap import Keymap
from app.configuration.text import t
from app.ui.widgets.layouts import lay_out_column, lay_out_row, make_label

_PORTABLE = QKeySequence.SequenceFormat.PortableText


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
            keys = self.keys.keySequence().toString(QKeySequence.SequenceFormat.NativeText)
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
