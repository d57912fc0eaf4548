"""The device that networks run on."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QObject, Signal

from app.configuration.settings import Settings
from app.workers.engine_lane import EngineLane


class NetworkDevice(QObject):
    """Gets networks ready on the device of the settings, from `start` on and after every change,
    and offers every graphics card there.

    ``found(name)``: the display name of the device that networks will run on. ``failed(error)``:
    this machine has no such device.
    """

    found = Signal(str)
    failed = Signal(object)

    def __init__(self, engine_lane: EngineLane, settings: Settings) -> None:
        super().__init__()
        self._engine_lane, self._settings = engine_lane, settings

    def start(self) -> None:
        """Import torch, name the device, and get networks ready there."""
        self._prepare()
        self.offer_graphics_cards()
        self._settings.changed.connect(self._on_setting_changed)

    def _on_setting_changed(self, setting: str, value: object) -> None:
        if setting == "fill.device":
            self._prepare()

    def _prepare(self) -> None:
        wanted = self._settings.get("fill.device")
        job = self._engine_lane.import_torch(wanted)
        job.succeeded.connect(lambda name: self._on_found(wanted, name))
        job.failed.connect(self.failed)

    def offer_graphics_cards(self) -> None:
        """Find the graphics cards, and offer them where the device is set."""
        self._engine_lane.list_graphics_cards().succeeded.connect(self._offer)

    def _offer(self, cards: Mapping[str, str]) -> None:
        titles = {name: f"{name} – {title}" for name, title in cards.items()}
        self._settings.offer("fill.device", titles)

    def _on_found(self, wanted: str, name: str) -> None:
        if wanted != self._settings.get("fill.device"):
            return  # it was changed again meanwhile
        self.found.emit(name)
        self._engine_lane.warm_up_networks(self._settings.get("fill.engine"), wanted)
