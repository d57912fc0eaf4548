"""A menu of things that are kept under a name: saved, brought back and removed there."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any, Protocol

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QInputDialog, QLineEdit, QMenu, QWidget

from app.configuration.text import t

_KEYS = 9
"""As many have a key: Alt+1 and so on."""


class NamedItems(Protocol):
    """Things with names. ``changed()``: there are others, or others are possible."""

    changed: Any

    @property
    def rows(self) -> Sequence[tuple[str, str]]:
        """The names, each with what there is to say about it."""

    @property
    def can_save(self) -> bool:
        """Whether there is anything to keep."""

    def save(self, name: str) -> None:
        """Keep what there is now under ``name``, in place of what has that name."""

    def use(self, name: str) -> None:
        """Bring back what is kept under ``name``."""

    def remove(self, name: str) -> None:
        """Forget what is kept under ``name``."""


class NamedItemsMenu(QMenu):
    """Lists ``items``, which ``window`` asks names for. Its texts begin with “window.<words>”.
    ``has_keys``: Alt and a digit bring them back anywhere in the window.
    """

    def __init__(self, words: str, items: NamedItems, window: QWidget, has_keys: bool) -> None:
        super().__init__(t(f"window.{words}"), window)
        self._words, self._items = words, items
        self._window, self._has_keys = window, has_keys
        self._shown: list[QAction] = []
        self.setToolTipsVisible(True)
        self._line = self.addSeparator()
        self.save = self.addAction(t(f"window.{words}.save"))
        self.save.setToolTip(t(f"window.{words}.save.tip"))
        self.save.triggered.connect(self._ask)
        self.removal = self.addMenu(t("window.named.remove"))
        # Later, because the action that changes them is one of those that are replaced.
        items.changed.connect(self._fill, Qt.ConnectionType.QueuedConnection)
        self._fill()

    @Slot()
    def _fill(self) -> None:
        for action in self._shown:
            self._window.removeAction(action)
            self.removeAction(action)
            action.deleteLater()
        rows = self._items.rows
        self._shown = [self._make_action(number, *row) for number, row in enumerate(rows, 1)]
        self.insertActions(self._line, self._shown)
        self.save.setEnabled(self._items.can_save)
        self.removal.clear()
        self.removal.setEnabled(bool(rows))
        for name, _ in rows:
            removal = self.removal.addAction(_show(name))
            removal.triggered.connect(partial(self._remove, name))

    def _make_action(self, number: int, name: str, tip: str) -> QAction:
        action = QAction(_show(name), self)
        action.setToolTip(tip)
        if self._has_keys and number <= _KEYS:
            action.setShortcut(QKeySequence(f"Alt+{number}"))
            self._window.addAction(action)
        action.triggered.connect(partial(self._use, name))
        return action

    def _use(self, name: str, *_: object) -> None:
        self._items.use(name)

    def _remove(self, name: str, *_: object) -> None:
        self._items.remove(name)

    def _ask(self) -> None:
        """Ask for a name, and keep what there is under it."""
        title, label = t(f"window.{self._words}.save.title"), t("window.named.name")
        normal = QLineEdit.EchoMode.Normal
        name, is_given = QInputDialog.getText(self._window, title, label, normal, "")
        if is_given and name.strip():
            self._items.save(name.strip())


def _show(name: str) -> str:
    """A name as a menu shows it."""
    return name.replace("&", "&&")
