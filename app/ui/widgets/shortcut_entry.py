"""The line in which the keys of one action are pressed anew."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Signal
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import (
    QHBoxLayout,
    QKeySequenceEdit,
    QLabel,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from app.configuration.actions import ACTIONS
from app.configuration.keymap import Keymap
from app.configuration.text import t

_PORTABLE = QKeySequence.SequenceFormat.PortableText


class KeyEntry(QWidget):
    """Hidden until `start`. Names the action that has the keys already. ``ended()`` afterwards."""

    ended = Signal()

    def __init__(self, keymap: Keymap) -> None:
        super().__init__()
        self._keymap = keymap
        self._action = ""
        self._title = QLabel()
        self._title.setObjectName("heading")
        self.keys = QKeySequenceEdit()
        # One chord per shortcut: single keys and Ctrl+key are taken the moment they are pressed.
        self.keys.setMaximumSequenceLength(1)
        self.keys.setClearButtonEnabled(True)
        self.keys.keySequenceChanged.connect(self._pressed)
        self._conflict = QLabel()
        self._conflict.setObjectName("alert")
        self._conflict.setWordWrap(True)
        self.set = self._button("help.shortcuts.set", lambda: self._put(()))
        self.add = self._button("help.shortcuts.add", lambda: self._put(self._had()))
        self.none = self._button("help.shortcuts.clear", self._clear)
        self.default = self._button("help.shortcuts.reset", self._reset)
        self.cancel = self._button("help.shortcuts.cancel", self.stop)
        top = QHBoxLayout()
        top.setSpacing(8)
        top.addWidget(self._title)
        top.addWidget(self.keys, 1)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addStretch()
        for button in (self.set, self.add, self.none, self.default, self.cancel):
            row.addWidget(button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addLayout(top)
        column.addWidget(self._conflict)
        column.addLayout(row)
        self.hide()

    def _button(self, key: str, clicked: Callable[[], None]) -> QPushButton:
        button = QPushButton(t(key))
        button.setAutoDefault(False)
        button.clicked.connect(lambda: clicked())
        return button

    def start(self, action: str) -> None:
        """Ask for the keys of this action."""
        self._action = action
        self._title.setText(t("help.shortcuts.press", name=ACTIONS[action].name))
        self.keys.clear()
        self.default.setEnabled(self._keymap.is_changed(action))
        self.none.setEnabled(bool(self._had()))
        self._pressed()
        self.show()
        self.keys.setFocus()

    def stop(self) -> None:
        """Leave everything as it is."""
        if not self.isHidden():
            self.hide()
            self.ended.emit()

    def _had(self) -> tuple[str, ...]:
        return self._keymap.keys(self._action)

    def _pressed(self) -> None:
        key = self.keys.keySequence().toString(_PORTABLE)
        owner = self._keymap.owner(key, without=self._action) if key else None
        self._conflict.setVisible(owner is not None)
        if owner is not None:
            shown = self.keys.keySequence().toString(QKeySequence.SequenceFormat.NativeText)
            other = ACTIONS[owner].name
            self._conflict.setText(t("help.shortcuts.conflict", keys=shown, other=other))
        words = "help.shortcuts.take" if owner is not None else "help.shortcuts.set"
        self.set.setText(t(words))
        self.set.setEnabled(bool(key))
        # Beside the ones it has makes sense only where it has some, and the key is free.
        self.add.setVisible(owner is None and bool(self._had()))
        self.add.setEnabled(bool(key) and key not in self._had())

    def _put(self, beside: tuple[str, ...]) -> None:
        key = self.keys.keySequence().toString(_PORTABLE)
        # The button has said whose keys are taken.
        self._keymap.set_keys(self._action, (*beside, key), take=True)
        self.stop()

    def _clear(self) -> None:
        self._keymap.set_keys(self._action, ())
        self.stop()

    def _reset(self) -> None:
        self._keymap.reset(self._action)
        self.stop()
