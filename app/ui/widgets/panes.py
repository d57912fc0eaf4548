"""The parts of a window that the focus goes through, one after the other."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QWidget


def focus_next_pane(window: QWidget, panes: Sequence[QWidget]) -> None:
    """Move the focus in ``window`` to the next of ``panes`` that is visible; after the last one,
    to the first.
    """
    shown = [pane for pane in panes if pane.isVisible()]
    focused = QApplication.focusWidget() or window
    at = next((i for i, p in enumerate(shown) if p is focused or p.isAncestorOf(focused)), -1)
    shown[(at + 1) % len(shown)].setFocus(Qt.FocusReason.ShortcutFocusReason)
