"""The actions as Qt actions with keys and menus, and keys that fields and holds need."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

from PySide6.QtCore import QCoreApplication, QEvent, QObject, Qt, Signal
from PySide6.QtGui import QAction, QActionGroup, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QMenu, QMenuBar, QWidget

from app.configuration.actions import ACTIONS, MENUS, Need
from app.configuration.keymap import Keymap
from app.configuration.text import t
from app.ui.theme.icons import make_icon

Handler = Callable[[], object]
LIST_KEYS = (
    Qt.Key.Key_Return,
    Qt.Key.Key_Enter,
    Qt.Key.Key_Space,
    Qt.Key.Key_Up,
    Qt.Key.Key_Down,
    Qt.Key.Key_Home,
    Qt.Key.Key_End,
)
"""The keys of a list with one column."""
_ROLES = {
    "file.quit": QAction.MenuRole.QuitRole,
    "edit.preferences": QAction.MenuRole.PreferencesRole,
    "help.about": QAction.MenuRole.AboutRole,
}


class Commands(QObject):
    """A Qt action for every row of `ACTIONS`, with the keys of ``keymap``.

    ``handlers`` are called when an action is triggered; ``held`` are those of actions that last
    while a key is held, called with True at the press and with False at the release. Keys work in
    ``window``, those of some actions only in ``canvas``. Raises KeyError for an action without a
    handler or a handler without an action.
    """

    def __init__(
        self,
        window: QWidget,
        canvas: QWidget,
        keymap: Keymap,
        handlers: Mapping[str, Handler],
        held: Mapping[str, Callable[[bool], object]],
    ) -> None:
        super().__init__(window)
        if {*handlers, *held} != {*ACTIONS}:
            raise KeyError(sorted({*handlers, *held} ^ {*ACTIONS}))
        self._keymap = keymap
        self._groups: dict[str, QActionGroup] = {}
        self._texts: dict[str, str] = {}
        self.actions: dict[str, QAction] = {}
        for row in ACTIONS.values():
            action = QAction(make_icon(row.icon), row.text, window)
            action.setIconText(row.name)  # Qt's default leaves “(O)” of “開く(&O)” on a button
            action.setCheckable(row.checkable)
            if row.group:
                self._find_group(row.group).addAction(action)
            if row.id in _ROLES:
                action.setMenuRole(_ROLES[row.id])
            if row.canvas:
                action.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
                canvas.addAction(action)
            else:
                window.addAction(action)
            if row.held:
                action.setAutoRepeat(False)
                hold = HeldKey(held[row.id], self)
                action.triggered.connect(hold.begin)
            else:
                action.triggered.connect(partial(_call_without_arguments, handlers[row.id]))
            self.actions[row.id] = action
            self._apply_keys(row.id)
        keymap.changed.connect(self._apply_keys)

    def _find_group(self, name: str) -> QActionGroup:
        if name not in self._groups:
            group = QActionGroup(self)
            optional = QActionGroup.ExclusionPolicy.ExclusiveOptional
            always = QActionGroup.ExclusionPolicy.Exclusive
            group.setExclusionPolicy(always if name == "tool" else optional)
            self._groups[name] = group
        return self._groups[name]

    def rename(self, name: str, other: str) -> None:
        """Give an action the texts of the action ``other``, which is what it does now."""
        if self._texts.get(name, name) != other:
            self._texts[name] = other
            self.actions[name].setIconText(ACTIONS[other].name)
            self._apply_keys(name)

    def _apply_keys(self, name: str) -> None:
        """Set the shortcuts of an action and name them in its tool tip."""
        row, action = ACTIONS[self._texts.get(name, name)], self.actions[name]
        action.setShortcuts([QKeySequence(key) for key in self._keymap.keys(name)])
        keys = shortcut_text(action)
        # What follows a tab is shown by a menu in place of Qt's own name of the key.
        is_renamed = keys != action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
        action.setText(f"{row.text}\t{keys}" if is_renamed else row.text)
        first = f"{row.name}  ({keys})" if keys else row.name
        action.setToolTip(f"<p style='white-space:pre'><b>{first}</b></p><p>{row.tip}</p>")
        action.setStatusTip("")

    def enable(self, available: frozenset[Need]) -> None:
        """Enable the actions whose needs are all available."""
        for row in ACTIONS.values():
            self.actions[row.id].setEnabled(available.issuperset(row.needs))

    def fill_menus(self, bar: QMenuBar, menus: Mapping[str, QMenu]) -> None:
        """Fill the menu bar; ``menus`` are further ones, by the action that each follows."""
        for name, rows in MENUS.items():
            menu = bar.addMenu(t(f"actions.menu.{name}"))
            menu.setToolTipsVisible(True)
            for row in rows:
                if row is None:
                    menu.addSeparator()
                    continue
                menu.addAction(self.actions[row])
                if row in menus:
                    menu.addMenu(menus[row])


class HeldKey(QObject):
    """Calls ``handler(True)`` at the press of a key and ``handler(False)`` at its release.

    If it began without a key (from a menu), it ends at the next mouse press or key release.
    """

    def __init__(self, handler: Callable[[bool], object], parent: QObject) -> None:
        super().__init__(parent)
        self._handler = handler
        self._is_held = False

    def begin(self) -> None:
        """The key was pressed."""
        application = QCoreApplication.instance()
        if not self._is_held and application is not None:
            self._is_held = True
            # Only while held: every event of the program passes through the filter.
            application.installEventFilter(self)
            self._handler(True)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Watch for the end of the hold."""
        kind = event.type()
        ends = kind in (QEvent.Type.MouseButtonPress, QEvent.Type.WindowDeactivate) or (
            kind == QEvent.Type.KeyRelease
            and isinstance(event, QKeyEvent)
            and not event.isAutoRepeat()
        )
        application = QCoreApplication.instance()
        if self._is_held and ends and application is not None:
            self._is_held = False
            application.removeEventFilter(self)
            self._handler(False)
        return False


class KeyGuard(QObject):
    """Reserves keys that would trigger an action for the field that has the focus.

    ``keys``: only these; by default, all keys without Ctrl, Alt or Meta except function keys.
    ``left()``: Return or Esc ended the input.
    """

    left = Signal()

    def __init__(self, field: QWidget, *keys: Qt.Key) -> None:
        super().__init__(field)
        self._keys = keys
        field.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Accept the field's keys before they become shortcuts."""
        if isinstance(event, QKeyEvent):
            key, override = Qt.Key(event.key()), event.type() == QEvent.Type.ShortcutOverride
            if override and self._belongs_to_field(key, event.modifiers()):
                event.accept()
                return True
            done = key in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Escape)
            if event.type() == QEvent.Type.KeyRelease and done and not self._keys:
                self.left.emit()
        return False

    def _belongs_to_field(self, key: Qt.Key, modifiers: Qt.KeyboardModifier) -> bool:
        if self._keys:
            return key in self._keys
        command_modifiers = (
            Qt.KeyboardModifier.ControlModifier
            | Qt.KeyboardModifier.AltModifier
            | Qt.KeyboardModifier.MetaModifier
        )
        return not modifiers & command_modifiers and not Qt.Key.Key_F1 <= key <= Qt.Key.Key_F35


def _call_without_arguments(handler: Handler, *_: object) -> None:
    """Call ``handler`` without the arguments that ``triggered`` passes."""
    handler()


def shortcut_text(action: QAction) -> str:
    """The first shortcut of an action in the notation of the system, "" if it has none."""
    return key_text(action.shortcut())


def key_text(keys: QKeySequence) -> str:
    """A shortcut in the notation of the system.

    “Enter” is used for what Qt calls “Return”, which few keyboards say.
    """
    if keys == QKeySequence("Return"):
        return t("window.key.enter")
    return keys.toString(QKeySequence.SequenceFormat.NativeText)
