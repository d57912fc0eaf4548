"""Shortcuts that can be changed: what differs from the defaults is kept, nothing else."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping

from PySide6.QtCore import QObject, QSettings, Signal
from PySide6.QtGui import QKeySequence

_NONE = QKeySequence.SequenceMatch.NoMatch


class Conflict(ValueError):
    """The shortcut ``key`` belongs to the action ``other``."""

    def __init__(self, key: str, other: str) -> None:
        super().__init__(f"{key} belongs to {other}")
        self.key = key
        self.other = other


class Keymap(QObject):
    """The shortcuts of every action, in portable notation, the one to show first.

    ``defaults`` are the shortcuts of each action as shipped; what a person changed lies in
    ``store``. ``changed(action)`` after every change.
    """

    changed = Signal(str)

    def __init__(self, store: QSettings, defaults: Mapping[str, tuple[str, ...]]) -> None:
        super().__init__()
        self._store = store
        self._defaults = {action: _tidy(keys) for action, keys in defaults.items()}
        self._own: dict[str, tuple[str, ...]] = {}
        for action in self._defaults:
            held = _parsed(store.value(_place(action)))
            if held is not None:
                self._own[action] = held

    @property
    def actions(self) -> tuple[str, ...]:
        """Every action that can have shortcuts."""
        return tuple(self._defaults)

    def keys(self, action: str) -> tuple[str, ...]:
        """The shortcuts now in force. Raises KeyError for an unknown action.

        What a person gave to one action is taken off another's defaults: a shortcut never does
        two things, even where a newer version brings a default that was already in use.
        """
        own = self._own.get(action)
        if own is not None:
            return own
        taken = [key for other, keys in self._own.items() if other != action for key in keys]
        return tuple(
            key for key in self._defaults[action] if not any(_clash(key, t) for t in taken)
        )

    def is_changed(self, action: str) -> bool:
        """True where a person chose other shortcuts than the default."""
        return action in self._own

    def owner(self, key: str, without: str = "") -> str | None:
        """The action that ``key`` would trigger, other than ``without``; None when it is free.

        A sequence that begins with another one counts too: only one of them could ever be typed.
        """
        for action in self._defaults:
            if action != without and any(_clash(key, held) for held in self.keys(action)):
                return action
        return None

    def set_keys(self, action: str, keys: Iterable[str], *, take: bool = False) -> None:
        """Give an action these shortcuts and no others.

        Raises KeyError for an unknown action, ValueError for keys that are none, and `Conflict`
        where another action has one of them, unless ``take``: then that one loses it.
        """
        wanted = _tidy(keys)
        if action not in self._defaults:
            raise KeyError(action)
        owners = {key: self.owner(key, without=action) for key in wanted}
        for key, other in owners.items():
            if other is not None and not take:
                raise Conflict(key, other)
        for other in {found for found in owners.values() if found is not None}:
            left = (k for k in self.keys(other) if not any(_clash(k, key) for key in wanted))
            self._put(other, tuple(left))
        self._put(action, wanted)

    def reset(self, action: str | None = None) -> None:
        """Back to the default of one action, or of all (None).

        A default that another action has been given meanwhile stays with that one.
        """
        for name in [action] if action is not None else list(self._own):
            if self._own.pop(name, None) is not None:
                self._store.remove(_place(name))
                self.changed.emit(name)

    def _put(self, action: str, keys: tuple[str, ...]) -> None:
        if keys == self.keys(action):
            return
        if keys == self._defaults[action]:
            self._own.pop(action, None)
            self._store.remove(_place(action))
        else:
            self._own[action] = keys
            # As JSON: a list of one string would come back from an INI file as a string.
            self._store.setValue(_place(action), json.dumps(keys))
        self.changed.emit(action)


def _place(action: str) -> str:
    return f"keys/{action}"


def _parsed(held: object) -> tuple[str, ...] | None:
    """What the store holds, or None where it holds nothing that makes sense."""
    try:
        found = json.loads(str(held)) if held is not None else None
        return _tidy(found) if isinstance(found, list) else None
    except ValueError:
        return None


def _tidy(keys: Iterable[str]) -> tuple[str, ...]:
    """The keys in portable notation, each once. Raises ValueError for one that Qt cannot read."""
    found: dict[str, None] = {}
    for key in keys:
        portable = QKeySequence.fromString(str(key), QKeySequence.SequenceFormat.PortableText)
        text = portable.toString(QKeySequence.SequenceFormat.PortableText)
        if not text:
            raise ValueError(f"{key!r} is no shortcut")
        found[text] = None
    return tuple(found)


def _clash(one: str, other: str) -> bool:
    first, second = QKeySequence(one), QKeySequence(other)
    return first.matches(second) != _NONE or second.matches(first) != _NONE
