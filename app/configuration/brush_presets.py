"""Brushes that are kept under a name."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass

from PySide6.QtCore import QObject, Signal

from app.configuration.settings import SETTINGS, Settings
from app.configuration.text import t

_KEY = "brush/presets"
_VALUES = {"size": "brush.size", "hardness": "brush.hardness", "opacity": "clone.opacity"}
"""The values of a preset, and the settings that they are."""


@dataclass(frozen=True)
class BrushPreset:
    """A brush: its name, and the settings “brush.size”, “brush.hardness” and “clone.opacity”."""

    name: str
    size: float
    hardness: int
    opacity: int


class BrushPresets(QObject):
    """The presets in the order in which they were saved, kept in the store of ``settings``; a reset
    of the settings leaves them. ``changed()``: there are others.
    """

    changed = Signal()

    def __init__(self, settings: Settings) -> None:
        super().__init__()
        self._settings = settings

    @property
    def presets(self) -> tuple[BrushPreset, ...]:
        """All presets; those that cannot be read are left out."""
        try:
            rows = json.loads(str(self._settings.store.value(_KEY, "[]")))
        except ValueError:
            return ()
        read = (_read(row) for row in (rows if isinstance(rows, list) else ()))
        return tuple(preset for preset in read if preset is not None)

    def save(self, name: str) -> None:
        """Keep the brush as it is under ``name``, in place of one that has that name."""
        values = {value: self._settings.get(setting) for value, setting in _VALUES.items()}
        preset, presets = BrushPreset(name, **values), list(self.presets)
        at = next((i for i, each in enumerate(presets) if each.name == name), len(presets))
        presets[at : at + 1] = [preset]
        self._store(presets)

    def remove(self, name: str) -> None:
        """Forget the preset ``name``."""
        self._store([each for each in self.presets if each.name != name])

    def use(self, name: str) -> None:
        """Make the brush as the preset ``name`` is."""
        preset = next(each for each in self.presets if each.name == name)
        for value, setting in _VALUES.items():
            self._settings.set(setting, getattr(preset, value))

    @property
    def rows(self) -> list[tuple[str, str]]:
        """The names of the presets, each with its values."""
        return [(each.name, _describe(each)) for each in self.presets]

    @property
    def can_save(self) -> bool:
        """Always True: there is always a brush."""
        return True

    def _store(self, presets: list[BrushPreset]) -> None:
        self._settings.store.setValue(_KEY, json.dumps([asdict(preset) for preset in presets]))
        self.changed.emit()


def _describe(preset: BrushPreset) -> str:
    values = {"hardness": preset.hardness, "opacity": preset.opacity}
    return t("window.presets.tip", size=f"{preset.size:g}", **values)


def _read(row: object) -> BrushPreset | None:
    if not isinstance(row, dict) or not isinstance(row.get("name"), str):
        return None
    try:
        values = {v: SETTINGS[setting].validate(row[v]) for v, setting in _VALUES.items()}
    except (KeyError, ValueError):
        return None
    return BrushPreset(row["name"], **values)  # type: ignore[arg-type]  # of their defaults' types
