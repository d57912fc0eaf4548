"""The shortcuts of the actions; those that differ from the defaults are stored."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping

from PySide6.QtCore import QObject, QSettings, Signal
from PySide6.QtGui import QKeySequence

_NONE = QKeySequence.SequenceMatch.NoMatch


class ShortcutConflict(ValueError):
    """The shortcut ``key`` belongs to the action ``other``."""

    def __init__(self, key: str, other: str) -> None:
        super().__init__(f"{key} belongs to {other}")
        self.key = key
        self.other = other


class Keymap(QObject):
    """The shortcuts of every action in portable notation, the one to display first.

    ``defaults`` are the shortcuts as shipped; changed ones are kept in ``store``.
    ``changed(action)`` is emitted after every change.
    """

    changed = Signal(str)

    def __init__(self, store: QSettings, defaults: Mapping[str, tuple[str, ...]]) -> None:
        super().__init__()
        self._store = store
        self._defaults = {action: _normalize(keys) for action, keys in defaults.items()}
        self._own: dict[str, tuple[str, ...]] = {}
        for action in self._defaults:
            stored = _parse(store.value(_store_key(action)))
            if stored is not None:
                self._own[action] = stored

    @property
    def actions(self) -> tuple[str, ...]:
        """All actions that can have shortcuts."""
        return tuple(self._defaults)

    def keys(self, action: str) -> tuple[str, ...]:
        """The current shortcuts. Raises KeyError for an unknown action.

        A shortcut that the person gave to one action is removed from another's defaults, even if
        a newer version introduces a default that is in use.
        """
        own = self._own.get(action)
        if own is not None:
            return own
        taken = [key for other, keys in self._own.items() if other != action for key in keys]
        return tuple(
            key for key in self._defaults[action] if not any(_conflict(key, t) for t in taken)
        )

    def is_changed(self, action: str) -> bool:
        """True if the shortcuts differ from the default."""
        return action in self._own

    def find_owner(self, key: str, except_for: str = "") -> str | None:
        """The action that ``key`` triggers, other than ``except_for``; None if it is free.

        A sequence that starts with another one conflicts with it, as only one could be typed.
        """
        for action in self._defaults:
            if action != except_for and any(_conflict(key, stored) for stored in self.keys(action)):
                return action
        return None

    def set_keys(self, action: str, keys: Iterable[str], *, take: bool = False) -> None:
        """Set the shortcuts of an action.

        Raises KeyError for an unknown action, ValueError for invalid keys, and `ShortcutConflict`
        if another action has one of them; with ``take``, that action loses it instead.
        """
        wanted = _normalize(keys)
        if action not in self._defaults:
            raise KeyError(action)
        owners = {key: self.find_owner(key, except_for=action) for key in wanted}
        for key, other in owners.items():
            if other is not None and not take:
                raise ShortcutConflict(key, other)
        for other in {found for found in owners.values() if found is not None}:
            left = (k for k in self.keys(other) if not any(_conflict(k, key) for key in wanted))
            self._store_keys(other, tuple(left))
        self._store_keys(action, wanted)

    def reset(self, action: str | None = None) -> None:
        """Reset the shortcuts of one action, or of all (None), to the defaults.

        A default that was given to another action stays with that one.
        """
        for name in [action] if action is not None else list(self._own):
            if self._own.pop(name, None) is not None:
                self._store.remove(_store_key(name))
                self.changed.emit(name)

    def _store_keys(self, action: str, keys: tuple[str, ...]) -> None:
        if keys == self.keys(action):
            return
        if keys == self._defaults[action]:
            self._own.pop(action, None)
            self._store.remove(_store_key(action))
        else:
            self._own[action] = keys
            # As JSON, since an INI file turns a list of one string into a string.
            self._store.setValue(_store_key(action), json.dumps(keys))
        self.changed.emit(action)


def _store_key(action: str) -> str:
    return f"keys/{action}"


def _parse(stored: object) -> tuple[str, ...] | None:
    """The stored shortcuts; None if there are none or they are invalid."""
    try:
        found = json.loads(str(stored)) if stored is not None else None
        return _normalize(found) if isinstance(found, list) else None
    except (ValueError, RecursionError):
        return None


def _normalize(keys: Iterable[str]) -> tuple[str, ...]:
    """The keys in portable notation without duplicates. Raises ValueError for an invalid one."""
    found: dict[str, None] = {}
    for key in keys:
        portable = QKeySequence.fromString(str(key), QKeySequence.SequenceFormat.PortableText)
        text = portable.toString(QKeySequence.SequenceFormat.PortableText)
        if not text:
            raise ValueError(f"{key!r} is not a shortcut")
        found[text] = None
    return tuple(found)


def _conflict(one: str, other: str) -> bool:
    first, second = QKeySequence(one), QKeySequence(other)
    return first.matches(second) != _NONE or second.matches(first) != _NONE
