from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from PySide6.QtCore import QSettings

from app.configuration.actions import ACTIONS
from app.configuration.keymap import Keymap, ShortcutConflict

_DEFAULTS = {"open": ("Ctrl+O",), "in": ("+", "="), "out": ("-",), "sample": ()}


@pytest.fixture
def store(tmp_path: Path) -> QSettings:
    return QSettings(str(tmp_path / "keys.ini"), QSettings.Format.IniFormat)


def test_defaults_hold_until_changed_and_changes_outlive_the_program(store: QSettings) -> None:
    keymap = Keymap(store, _DEFAULTS)
    assert keymap.keys("open") == ("Ctrl+O",)
    assert store.allKeys() == []
    keymap.set_keys("open", ["ctrl+shift+o", "Ctrl+K"])
    store.sync()
    again = Keymap(QSettings(store.fileName(), QSettings.Format.IniFormat), _DEFAULTS)
    assert again.keys("open") == ("Ctrl+Shift+O", "Ctrl+K")
    assert again.is_changed("open")
    assert again.keys("in") == ("+", "=")


def test_back_to_the_default_leaves_nothing_in_the_store(store: QSettings) -> None:
    keymap = Keymap(store, _DEFAULTS)
    keymap.set_keys("open", ["Ctrl+K"])
    keymap.set_keys("open", ["Ctrl+O"])
    assert store.allKeys() == []
    keymap.set_keys("open", [])
    assert keymap.keys("open") == ()
    assert keymap.is_changed("open")
    keymap.reset("open")
    assert store.allKeys() == []


def test_a_conflict_names_the_other_action(store: QSettings) -> None:
    keymap = Keymap(store, _DEFAULTS)
    with pytest.raises(ShortcutConflict) as found:
        keymap.set_keys("sample", ["Ctrl+O"])
    assert (found.value.key, found.value.other) == ("Ctrl+O", "open")
    assert keymap.keys("sample") == ()


def test_taking_a_key_leaves_the_other_action_its_rest(store: QSettings) -> None:
    keymap = Keymap(store, _DEFAULTS)
    told: list[str] = []
    keymap.changed.connect(told.append)
    keymap.set_keys("sample", ["="], take=True)
    assert keymap.keys("sample") == ("=",)
    assert keymap.keys("in") == ("+",)
    assert sorted(told) == ["in", "sample"]


def test_a_sequence_that_begins_with_a_shortcut_conflicts(store: QSettings) -> None:
    keymap = Keymap(store, _DEFAULTS)
    assert keymap.find_owner("Ctrl+O, Ctrl+P") == "open"
    assert keymap.find_owner("Ctrl+P") is None
    assert keymap.find_owner("Ctrl+O", except_for="open") is None


def test_a_new_default_does_not_take_what_a_person_chose(store: QSettings) -> None:
    Keymap(store, _DEFAULTS).set_keys("sample", ["N"])
    newer = Keymap(store, {**_DEFAULTS, "new": ("N", "Ctrl+N")})
    assert newer.keys("sample") == ("N",)
    assert newer.keys("new") == ("Ctrl+N",)


@pytest.mark.parametrize("held", ["", "nonsense", "[1", '["\\u0000\\u0001x"]', "7"])
def test_what_makes_no_sense_in_the_store_counts_as_the_default(
    store: QSettings, held: str
) -> None:
    store.setValue("keys/open", held)
    assert Keymap(store, _DEFAULTS).keys("open") == ("Ctrl+O",)


def test_what_is_no_key_is_refused(store: QSettings) -> None:
    keymap = Keymap(store, _DEFAULTS)
    with pytest.raises(ValueError, match="not a shortcut"):
        keymap.set_keys("open", [""])
    with pytest.raises(KeyError):
        keymap.set_keys("nothing", ["Ctrl+K"])


def test_no_two_actions_share_a_default(store: QSettings) -> None:
    keymap = Keymap(store, {action: row.keys for action, row in ACTIONS.items()})
    for action in ACTIONS:
        for key in keymap.keys(action):
            assert keymap.find_owner(key, except_for=action) is None, key


_STEP = st.tuples(st.sampled_from(sorted(_DEFAULTS)), st.lists(
    st.sampled_from(["Ctrl+O", "+", "=", "-", "X", "Ctrl+X, Y", "Ctrl+X"]), max_size=3,
))  # fmt: skip


@given(st.lists(_STEP, max_size=6))
@hypothesis_settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30)
def test_no_key_ever_does_two_things(store: QSettings, steps: list[tuple[str, list[str]]]) -> None:
    store.clear()
    keymap = Keymap(store, _DEFAULTS)
    for action, keys in steps:
        keymap.set_keys(action, keys, take=True)
        if len(set(keys)) == len(keys) and not {"Ctrl+X", "Ctrl+X, Y"} <= set(keys):
            assert keymap.keys(action) == tuple(keys)
    held = [key for action in _DEFAULTS for key in keymap.keys(action)]
    assert len(held) == len(set(held))
    keymap.reset()
    assert {action: keymap.keys(action) for action in _DEFAULTS} == _DEFAULTS
