from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from PySide6.QtCore import QSettings

from app.configuration.settings import SETTINGS, Settings


@pytest.fixture
def store(tmp_path: Path) -> QSettings:
    return QSettings(str(tmp_path / "settings.ini"), QSettings.Format.IniFormat)


def test_only_what_differs_is_kept_and_comes_back_in_its_type(store: QSettings) -> None:
    settings = Settings(store)
    other = {"recovery.on": False, "export.quality": 71, "fill.feather": 3.5, "look.theme": "light"}
    for name, value in other.items():
        settings.set(name, value)
    store.sync()
    again = Settings(QSettings(store.fileName(), QSettings.Format.IniFormat))
    for name, value in other.items():
        assert again.get(name) == value
        assert type(again.get(name)) is type(SETTINGS[name].default)
    assert len(store.allKeys()) == len(other)
    settings.reset()
    assert store.allKeys() == []


def test_a_change_is_told_once(store: QSettings) -> None:
    settings = Settings(store)
    told: list[tuple[str, object]] = []
    settings.changed.connect(lambda name, value: told.append((name, value)))
    settings.set("export.quality", 71)
    settings.set("export.quality", 71)
    settings.set("export.quality", 500)
    assert told == [("export.quality", 71), ("export.quality", 100)]


@pytest.mark.parametrize(
    ("name", "value"),
    [("look.theme", "pink"), ("export.quality", "much"), ("recovery.on", "perhaps"),
     ("fill.feather", float("nan")), ("export.quality", float("inf"))],
)  # fmt: skip
def test_nonsense_is_refused(store: QSettings, name: str, value: object) -> None:
    settings = Settings(store)
    with pytest.raises(ValueError, match=name):
        settings.set(name, value)
    assert settings.get(name) == SETTINGS[name].default


#: What a store can hold.
_WHOLE = st.integers(-(2**63), 2**63 - 1)


@given(name=st.sampled_from(sorted(SETTINGS)), held=st.text(max_size=8) | _WHOLE)
@hypothesis_settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_lies_in_the_store_the_value_makes_sense(
    store: QSettings, name: str, held: object
) -> None:
    store.setValue(f"settings/{name}", held)
    row, value = SETTINGS[name], Settings(store).get(name)
    assert type(value) is type(row.default)
    if row.choices:
        assert value in row.choices
    if row.low is not None:
        assert value >= row.low
    if row.high is not None:
        assert value <= row.high


def test_an_unknown_setting_is_a_mistake(store: QSettings) -> None:
    with pytest.raises(KeyError):
        Settings(store).get("look.nothing")
