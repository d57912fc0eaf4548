from __future__ import annotations

import stat
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from PySide6.QtCore import QSettings

from app.configuration.settings import SETTINGS, Settings, open_store


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


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have stores of their own")
def test_the_store_is_the_owners_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    for value in ("light", "system"):  # Qt replaces the file each time
        store = open_store()
        Settings(store).set("look.theme", value)
        store.sync()
        file = tmp_path / "Lacuna" / "Lacuna.conf"
        assert Path(store.fileName()) == file
        assert f"={value}" in file.read_text()
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have stores of their own")
def test_a_store_that_cannot_be_written_lasts_until_the_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "file"))
    settings = Settings(open_store())
    settings.set("look.theme", "light")
    settings.store.sync()
    assert settings.get("look.theme") == "light"
