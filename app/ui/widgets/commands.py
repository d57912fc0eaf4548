"""The table of actions as Qt actions: keys, menus, what is enabled."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

from PySide6.QtCore import QCoreApplication, QEvent, QObject, Qt, Signal
from PySide6.QtGui import QAction, QActionGroup, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QMenu, QMenuBar, QWidget

from app.configuration.actions import ACTIONS, MENUS, Need
from app.configuration.keymap import Keymap
from app.configuration.text import t
from app.ui.theme.icons import icon
from app.ui.theme.shortcut_text import shown

Handler = Callable[[], object]
_ROLES = {
    "file.quit": QAction.MenuRole.QuitRole,
    "edit.preferences": QAction.MenuRole.PreferencesRole,
    "help.about": QAction.MenuRole.AboutRole,
}


class Commands(QObject):
    """A Qt action for every row of the table, with the keys of ``keymap``.

    ``handlers`` says for every action what it does, ``held`` for those that last as long as their
    key is held what begins (True) and ends (False). Keys work in ``window``, those of some actions
    only in ``canvas``. An action without a handler, or the other way round, is a KeyError.
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
        self.actions: dict[str, QAction] = {}
        for row in ACTIONS.values():
            action = QAction(icon(row.icon), row.text, window)
            action.setIconText(row.name)  # Qt's own leaves “(O)” of “開く(&O)” on a button
            action.setCheckable(row.checkable)
            if row.group:
                self._group(row.group).addAction(action)
            if row.id in _ROLES:
                action.setMenuRole(_ROLES[row.id])
            if row.canvas:
                action.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
                canvas.addAction(action)
            else:
                window.addAction(action)
            if row.held:
                action.setAutoRepeat(False)
                hold = Hold(held[row.id], self)
                action.triggered.connect(hold.begin)
            else:
                action.triggered.connect(partial(_call, handlers[row.id]))
            self.actions[row.id] = action
            self._name(row.id)
        keymap.changed.connect(self._name)

    def _group(self, name: str) -> QActionGroup:
        if name not in self._groups:
            group = QActionGroup(self)
            optional = QActionGroup.ExclusionPolicy.ExclusiveOptional
            always = QActionGroup.ExclusionPolicy.Exclusive
            group.setExclusionPolicy(always if name == "tool" else optional)
            self._groups[name] = group
        return self._groups[name]

    def _name(self, action: str) -> None:
        """Take over the keys, and say them in the tip."""
        row, found = ACTIONS[action], self.actions[action]
        found.setShortcuts([QKeySequence(key) for key in self._keymap.keys(action)])
        keys = shown(found)
        first = f"{row.name}  ({keys})" if keys else row.name
        found.setToolTip(f"<p style='white-space:pre'><b>{first}</b></p><p>{row.tip}</p>")
        found.setStatusTip("")

    def enable(self, there: frozenset[Need]) -> None:
        """Enable what makes sense with what is there."""
        for row in ACTIONS.values():
            self.actions[row.id].setEnabled(there.issuperset(row.needs))

    def fill(self, bar: QMenuBar, recent: QMenu) -> None:
        """Put everything into the menus; ``recent`` follows “Open”."""
        for name, rows in MENUS.items():
            menu = bar.addMenu(t(f"actions.menu.{name}"))
            menu.setToolTipsVisible(True)
            for row in rows:
                if row is None:
                    menu.addSeparator()
                else:
                    menu.addAction(self.actions[row])
                if row == "file.open":
                    menu.addMenu(recent)


class Hold(QObject):
    """Calls ``does(True)`` at the press of a key and ``does(False)`` at its release.

    Where it began without a key (in a menu), it ends at the next press of a button or key.
    """

    def __init__(self, does: Callable[[bool], object], parent: QObject) -> None:
        super().__init__(parent)
        self._does = does
        self._on = False

    def begin(self) -> None:
        """The key went down."""
        application = QCoreApplication.instance()
        if not self._on and application is not None:
            self._on = True
            # Only while it lasts: every event of the program passes through here.
            application.installEventFilter(self)
            self._does(True)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Look for what ends it."""
        kind = event.type()
        ends = kind in (QEvent.Type.MouseButtonPress, QEvent.Type.WindowDeactivate) or (
            kind == QEvent.Type.KeyRelease
            and isinstance(event, QKeyEvent)
            and not event.isAutoRepeat()
        )
        application = QCoreApplication.instance()
        if self._on and ends and application is not None:
            self._on = False
            application.removeEventFilter(self)
            self._does(False)
        return False


class Guard(QObject):
    """Keeps keys for the field that has the focus, where they would trigger an action.

    ``keys``: only these; without, everything that is typed without Ctrl, Alt and Meta but the
    function keys. ``left()``: Return or Esc was pressed, which means that one is done with it.
    """

    left = Signal()

    def __init__(self, field: QWidget, *keys: Qt.Key) -> None:
        super().__init__(field)
        self._keys = keys
        field.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Accept what belongs to the field before it becomes a shortcut."""
        if isinstance(event, QKeyEvent):
            key = Qt.Key(event.key())
            if event.type() == QEvent.Type.ShortcutOverride and self._own(key, event.modifiers()):
                event.accept()
                return True
            done = key in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Escape)
            if event.type() == QEvent.Type.KeyRelease and done and not self._keys:
                self.left.emit()
        return False

    def _own(self, key: Qt.Key, modifiers: Qt.KeyboardModifier) -> bool:
        if self._keys:
            return key in self._keys
        strong = (
            Qt.KeyboardModifier.ControlModifier
            | Qt.KeyboardModifier.AltModifier
            | Qt.KeyboardModifier.MetaModifier
        )
        return not modifiers & strong and not Qt.Key.Key_F1 <= key <= Qt.Key.Key_F35


def _call(handler: Handler, *_: object) -> None:
    """``handler`` without the arguments that ``triggered`` passes."""
    handler()
