"""Shortcuts on keyboards without Latin letters, found by where a key lies."""

from __future__ import annotations

import sys
import unicodedata
from collections.abc import Iterable

from PySide6.QtCore import QCoreApplication, QEvent, QKeyCombination, QLocale, QObject, Qt
from PySide6.QtGui import QAction, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QApplication, QWidget
from shiboken6 import isValid

from app.system.key_positions import us_character

_COMMAND_MODIFIERS = (
    Qt.KeyboardModifier.ControlModifier
    | Qt.KeyboardModifier.AltModifier
    | Qt.KeyboardModifier.MetaModifier
)
_FIRST_NON_LATIN = "\u0370"  # Greek; what lies before is Latin, or on Latin keyboards too (º, µ)


class PositionalShortcuts(QObject):
    """Gives a key that nothing has taken, and that types no Latin letter, the meaning of the key in
    its place on a US keyboard: “И” is “B” where no other layout is installed.

    Triggers ``actions`` and those of ``window``, also later ones; a text field gets its own
    shortcuts, such as Ctrl+Z, and keeps what can be typed. Layouts with Latin letters (AZERTY,
    Dvorak) are left alone.
    ``platform`` is as in `sys.platform`.
    """

    def __init__(
        self, window: QWidget, actions: Iterable[QAction], platform: str = sys.platform
    ) -> None:
        super().__init__(window)
        self._window = window
        self._actions = tuple(actions)
        self._platform = platform
        # What the last letter was; before the first, that of the system's language.
        self._is_latin = QLocale.system().script() == QLocale.Script.LatinScript
        self._is_sending = False
        self._watched: QWidget | None = None
        application = QApplication.instance()
        if isinstance(application, QApplication):
            application.focusChanged.connect(self._on_focus_changed)

    def _on_focus_changed(self, _old: QWidget | None, now: QWidget | None) -> None:
        """Watch the widget that gets the keys; every event of the program would pass through a
        filter of the application.
        """
        # While a window is being deleted, its widgets may be gone before that is said of them.
        if self._watched is not None and isValid(self._watched):
            self._watched.removeEventFilter(self)
            self._watched.destroyed.disconnect(self._on_destroyed)
        self._watched = now or QApplication.activeWindow()
        if self._watched is not None:
            self._watched.installEventFilter(self)
            self._watched.destroyed.connect(self._on_destroyed)

    def _on_destroyed(self) -> None:
        self._watched = None

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Learn the layout from every key, and act on a press that is no shortcut as it is."""
        if self._is_sending or not isinstance(event, QKeyEvent):
            return False
        if event.type() == QEvent.Type.ShortcutOverride:
            self._learn_layout(event)
        elif event.type() == QEvent.Type.KeyPress:
            key = self._find_key(event)
            if key is not None and self._press(watched, event, key):
                event.accept()
                return True
        return False

    def _learn_layout(self, event: QKeyEvent) -> None:
        typed = _typed(event)
        # With Shift, Hebrew keyboards type Latin capitals.
        if typed.isalpha() and not event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            self._is_latin = not _is_non_latin(typed)

    def _find_key(self, event: QKeyEvent) -> Qt.Key | None:
        """The key in this place on a US keyboard; None where the event's own key counts."""
        place = us_character(self._platform, event.nativeScanCode(), event.nativeVirtualKey())
        typed = _typed(event)
        if not place or not typed:
            return None
        # Greek and Hebrew have punctuation in the places of Q and W. So has Dvorak, whose Q and W
        # are elsewhere.
        is_displaced = not self._is_latin and place.isalnum() and not typed.isalnum()
        return Qt.Key(ord(place.upper())) if _is_non_latin(typed) or is_displaced else None

    def _press(self, watched: QObject, event: QKeyEvent, key: Qt.Key) -> bool:
        """Press ``key`` in place of the event's; True if that did something."""
        modifiers = event.modifiers()
        asked = QKeyEvent(QEvent.Type.ShortcutOverride, key, modifiers, event.text())
        asked.ignore()
        self._send(watched, asked)
        if asked.isAccepted():  # it belongs to the field
            if not modifiers & _COMMAND_MODIFIERS:
                return False
            return self._send(watched, QKeyEvent(QEvent.Type.KeyPress, key, modifiers))
        action = self._find_action(watched, QKeySequence(QKeyCombination(modifiers, key)))
        if action is None:
            return False
        if action.autoRepeat() or not event.isAutoRepeat():
            action.trigger()
        return True

    def _send(self, watched: QObject, event: QKeyEvent) -> bool:
        """Send an event of our own, which this filter lets pass."""
        self._is_sending = True
        try:
            return QCoreApplication.sendEvent(watched, event)
        finally:
            self._is_sending = False

    def _find_action(self, watched: QObject, keys: QKeySequence) -> QAction | None:
        """The action that Qt would trigger for ``keys``."""
        if not self._is_window_active():
            return None
        for action in (*self._actions, *self._window.actions()):
            in_widget = action.shortcutContext() == Qt.ShortcutContext.WidgetShortcut
            if (
                action.isEnabled()
                and keys in action.shortcuts()
                and (not in_widget or watched in action.associatedObjects())
            ):
                return action
        return None

    def _is_window_active(self) -> bool:
        """True if the window, or a panel that floats over it, is active."""
        active = QApplication.activeWindow()
        while active is not None and active.windowType() == Qt.WindowType.Tool:
            parent = active.parentWidget()
            active = None if parent is None else parent.window()
        return active is self._window and QApplication.activeModalWidget() is None


def _typed(event: QKeyEvent) -> str:
    """The character of a key, "" for other keys."""
    # The key is a capital, which for “µ” is Greek; with Ctrl there is no text.
    key, text = event.key(), event.text()[:1]
    typed = text if text.isprintable() else ""
    if not typed and 0 < key <= sys.maxunicode:
        typed = chr(key)
    return typed if typed.isprintable() and not typed.isspace() else ""


def _is_non_latin(typed: str) -> bool:
    """True for letters, digits and marks of scripts other than Latin."""
    return (
        typed >= _FIRST_NON_LATIN
        and unicodedata.category(typed)[0] in "LMN"
        and "LATIN" not in unicodedata.name(typed, "")
    )
