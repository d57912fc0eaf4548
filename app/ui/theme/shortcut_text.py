"""Shortcuts as people read them."""

from __future__ import annotations

from PySide6.QtGui import QAction, QKeySequence

from app.configuration.text import t


def shown(action: QAction) -> str:
    """The first shortcut of an action as this system writes it, "" when it has none.

    Qt calls the large key “Return”, which is written on few keyboards.
    """
    keys = action.shortcut()
    if keys == QKeySequence("Return"):
        return t("window.key.enter")
    return keys.toString(QKeySequence.SequenceFormat.NativeText)
