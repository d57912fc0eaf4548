"""The settings: one row each, and the store of the values that differ from the defaults."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from PySide6.QtCore import QObject, QSettings, Signal

from app.configuration.text import LANGUAGES
from inpaint_core.contract.choices import (
    CHROMA_SAMPLINGS,
    DEFAULT_FEATHER,
    DEVICES,
    FORMAT_NAMES,
    MAX_PERCENT,
    MAX_SIDE,
    METADATA_CHOICES,
    MOST_COPY_SOURCES,
    PROFILES,
    RESIZE_BY,
    is_device,
)
from inpaint_core.contract.message import Message
from inpaint_core.local.own_folders import config_folder, make_private

_log = logging.getLogger(__name__)


AUTOMATIC = -1
"""The number of a setting that leaves the number to the program."""


@dataclass(frozen=True)
class Setting:
    """A setting: its ``id`` (“section.name”), its default and its permitted values.

    Its type is that of the default: bool, int, float or str. ``low`` and ``high`` bound a number,
    inclusive; ``choices`` are the values of a string, and ``accepts`` tells further ones, which
    this machine may have. ``shown``: it is in the settings dialog; others are set where they are
    used or stored silently. ``unit`` of a number: "%", "px", "MB"; of a file's path: its type,
    such as "icc". ``lowest_text``: the lowest number is no number but
    stands for something else, whose words have this key. Its label is
    “settings.<id>” in the texts, its explanation “settings.<id>.tip”.
    """

    id: str
    default: bool | int | float | str
    low: float | None = None
    high: float | None = None
    choices: tuple[str, ...] = ()
    shown: bool = True
    unit: str = ""
    lowest_text: str = ""
    accepts: Callable[[str], bool] | None = None

    def validate(self, value: Any) -> bool | int | float | str:
        """``value`` converted to this setting's type and clamped. Raises ValueError if invalid."""
        kind = type(self.default)
        if kind is bool:
            if str(value).lower() not in ("true", "false", "0", "1"):
                raise ValueError(
                    Message("settings.refused.flag", setting=self.id, value=repr(value))
                )
            return str(value).lower() in ("true", "1")
        try:
            found: int | float | str = kind(float(value)) if kind is int else kind(value)
        except (TypeError, ValueError, OverflowError) as error:
            raise self._refuse(value) from error
        if isinstance(found, str):
            is_further = self.accepts is not None and self.accepts(found)
            if self.choices and found not in self.choices and not is_further:
                raise ValueError(
                    Message(
                        "settings.refused.choice",
                        setting=self.id,
                        choices=self.choices,
                        value=repr(found),
                    )
                )
            return found
        if found != found:
            raise self._refuse(value)
        low = found if self.low is None else max(found, kind(self.low))
        return low if self.high is None else min(low, kind(self.high))

    def _refuse(self, value: object) -> ValueError:
        return ValueError(Message("settings.refused.value", setting=self.id, value=repr(value)))


_ROWS = (
    Setting("look.theme", "dark", choices=("dark", "light", "system")),
    Setting("look.language", "system", choices=("system", *LANGUAGES)),
    Setting("look.text_size", 100, 75, 200, unit="%"),
    Setting("look.display", "system", choices=("system", "srgb", "file")),
    Setting("look.display_file", "", unit="icc"),
    Setting("look.proof", False, shown=False),
    Setting("look.proof_file", "", unit="icc"),
    Setting("look.proof_intent", "relative", choices=("relative", "perceptual")),
    Setting("look.proof_gamut", False),
    Setting("look.mask_colour", "#ff3b30"),
    Setting("look.mask_opacity", 50, 10, 100, unit="%"),
    Setting("look.mask_shown", True, shown=False),
    Setting("navigator.shown", False, shown=False),
    Setting("brush.size", 40.0, 1, 2000, shown=False),
    Setting("brush.units", "screen", choices=("screen", "photo")),
    Setting("brush.hardness", 80, 0, 100, shown=False),
    Setting("brush.pressure", "size", choices=("none", "size", "hardness")),
    Setting("restore.mode", "take", choices=("take", "put"), shown=False),
    Setting("clone.number", 1, 1, MOST_COPY_SOURCES, shown=False),
    Setting("clone.aligned", True, shown=False),
    Setting("clone.rotation", 0.0, -180, 180, shown=False),
    Setting("clone.scale", 100.0, 25, 400, shown=False),
    Setting("clone.mirrored", False, shown=False),
    Setting("clone.opacity", 100, 1, 100, shown=False),
    Setting("outline.layer", "mask", choices=("mask", "protect", "source"), shown=False),
    Setting("outline.edges", False, shown=False),
    Setting("pencil.mode", "draw", choices=("draw", "erase"), shown=False),
    Setting("pencil.width", 1, 1, 5, shown=False),
    Setting("pencil.eraser", 16, 2, 200, shown=False),
    Setting("structure.opacity", 80, 5, 100, shown=False),
    Setting("structure.sigma", 2.0, 0.5, 8, shown=False),
    Setting("structure.low", 0.1, 0.01, 1, shown=False),
    Setting("structure.high", 0.2, 0.01, 1, shown=False),
    Setting("structure.smoother", "l0", choices=("l0", "rtv"), shown=False),
    Setting("structure.l0", 0.02, 0.001, 0.2, shown=False),
    Setting("structure.rtv", 0.005, 0.0005, 0.05, shown=False),
    Setting("networks.quiet", False, shown=False),
    Setting("features.colours", "dusk", choices=("dusk", "ember", "grey"), shown=False),
    Setting("features.spread", "percentile", choices=("percentile", "map", "fixed"), shown=False),
    Setting("features.opacity", 70, 5, 100, shown=False),
    Setting("features.over", True, shown=False),
    Setting("wand.tolerance", 24, 0, 255, shown=False),
    Setting("wand.contiguous", True, shown=False),
    Setting("box.shape", "rectangle", choices=("rectangle", "ellipse"), shown=False),
    Setting("snap.drag", "box", choices=("box", "loop"), shown=False),
    Setting("spots.sensitivity", 50, 0, 100, shown=False),
    Setting("spots.view", False, shown=False),
    Setting("mask.warn_cut", True),
    Setting("mask.step", 4, 1, 200, shown=False),
    Setting("fill.engine", "default", shown=False),
    Setting("fill.after_stroke", False, shown=False),
    Setting("fill.grow", AUTOMATIC, AUTOMATIC, 100, unit="px", lowest_text="settings.automatic"),
    Setting("fill.feather", DEFAULT_FEATHER, 0, 50, unit="px"),
    Setting("fill.device", "auto", choices=DEVICES, accepts=is_device),
    Setting("fill.variations", 4, 1, 12),
    Setting("fill.variations_full", True),
    Setting("history.megabytes", 512, 64, 16384, unit="MB"),
    Setting("export.format", "same", choices=FORMAT_NAMES),
    Setting("export.as_original", True),
    Setting("export.quality", 95, 1, 100),
    Setting("export.chroma", "auto", choices=("auto", *CHROMA_SAMPLINGS)),
    Setting("export.depth", "same", choices=("same", "8", "16")),
    Setting("export.profile", "keep", choices=PROFILES),
    Setting("export.metadata", "all", choices=METADATA_CHOICES),
    Setting("export.history", False),
    Setting("export.layers", False),
    Setting("export.resize", "none", choices=("none", *RESIZE_BY)),
    Setting("export.pixels", 2048, 1, MAX_SIDE, unit="px"),
    Setting("export.percent", 50.0, 0.1, MAX_PERCENT, unit="%"),
    Setting("export.no_enlarging", True),
    Setting("export.sharpen", False),
    Setting("export.folder", "", shown=False),
    Setting("save.into_photo", "ask", choices=("ask", "always")),
    Setting("folder.save", "copy", choices=("copy", "project", "ask")),
    Setting("folder.sort", "name", choices=("name", "taken", "modified"), shown=False),
    Setting("folder.deep", False, shown=False),
    Setting("recovery.on", True),
    Setting("weights.downloads", True),
)
SETTINGS: Mapping[str, Setting] = MappingProxyType({row.id: row for row in _ROWS})
"""Every setting by id."""


def open_store() -> QSettings:
    """The user's store of settings. Where it cannot be written, values last until the end."""
    if sys.platform in ("win32", "darwin"):
        return QSettings()
    # Where Qt puts it too, but out of others' reach; without HOME, Qt would take “/” for the home.
    path = config_folder() / "Lacuna.conf"
    try:
        make_private(path.parent)
        path.touch(mode=0o600)
        path.chmod(0o600)  # Qt gives a new version of the file the mode of the old one
    except OSError as error:
        _log.warning("settings cannot be stored: %s", error)
    return QSettings(str(path), QSettings.Format.NativeFormat)


class Settings(QObject):
    """The current values; those that differ from the defaults are kept in ``store``.

    ``changed(id, value)`` is emitted after every change, ``offered(id)`` after `offer`. An invalid
    value in the store counts as the default.
    """

    changed = Signal(str, object)
    offered = Signal(str)

    def __init__(self, store: QSettings) -> None:
        super().__init__()
        self.store = store
        self._offers: dict[str, Mapping[str, str]] = {}

    def offers(self, setting: str) -> Mapping[str, str]:
        """Values of a setting that this machine has besides its choices, with their titles."""
        return self._offers.get(setting, {})

    def offer(self, setting: str, titles: Mapping[str, str]) -> None:
        """Offer values besides the choices of a setting, such as the graphics cards there are."""
        if titles != self.offers(setting):
            self._offers[setting] = titles
            self.offered.emit(setting)

    def get(self, setting: str) -> Any:
        """The value of a setting in its own type. Raises KeyError for an unknown setting."""
        row = SETTINGS[setting]
        stored = self.store.value(f"settings/{setting}")
        if stored is None:
            return row.default
        try:
            return row.validate(stored)
        except ValueError:
            return row.default

    def set(self, setting: str, value: Any) -> None:
        """Change a setting. Raises KeyError or ValueError."""
        row = SETTINGS[setting]
        valid = row.validate(value)
        if valid == self.get(setting):
            return
        if valid == row.default:
            self.store.remove(f"settings/{setting}")
        else:
            self.store.setValue(f"settings/{setting}", valid)
        self.changed.emit(setting, valid)

    def reset(self) -> None:
        """Reset all settings to their defaults."""
        for setting, row in SETTINGS.items():
            self.set(setting, row.default)
