"""Only the photo, on the whole screen."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QAction, QKeyEvent
from PySide6.QtWidgets import QWidget


class FullScreen(QObject):
    """Switches ``window`` between the whole screen and its own size, and keeps ``action`` checked
    while it has the whole screen, also where the desktop has switched. ``on_change(bool)`` is
    called after each change. Esc gives it back where nothing else uses that key.
    """

    def __init__(
        self, window: QWidget, action: QAction, on_change: Callable[[bool], object]
    ) -> None:
        super().__init__(window)
        self._window, self._action, self._on_change = window, action, on_change
        self._is_on = False
        window.installEventFilter(self)

    @property
    def is_on(self) -> bool:
        """Whether the window has the whole screen."""
        return self._is_on

    def toggle(self) -> None:
        """Take the whole screen, or give it back."""
        self._window.setWindowState(self._window.windowState() ^ Qt.WindowState.WindowFullScreen)

    def leave(self) -> None:
        """Give the screen back."""
        if self._window.isFullScreen():
            self.toggle()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Follow the window's state, and leave at Esc."""
        if event.type() == QEvent.Type.WindowStateChange:
            was_on, self._is_on = self._is_on, self._window.isFullScreen()
            self._action.setChecked(self._is_on)
            if was_on != self._is_on:
                self._on_change(self._is_on)
        return self._is_on and isinstance(event, QKeyEvent) and self._take(event)

    def _take(self, event: QKeyEvent) -> bool:
        is_wanted = event.key() == Qt.Key.Key_Escape and event.type() == QEvent.Type.KeyPress
        if is_wanted:
            self.leave()
        return is_wanted
