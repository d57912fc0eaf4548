"""The engines that there are to choose from, loaded in the background and listed anew when weights
come or go.
"""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QObject, Signal

from app.configuration.settings import Settings
from app.session.networks_offer import offer_networks
from app.session.notice import Notice, describe_failure
from app.workers.engine_lane import EngineLane, EngineRow, LoadedEngines
from app.workers.network_device import NetworkDevice
from inpaint_core.local.optional_libraries import has_torch


class EngineList(QObject):
    """Which engines there are, and which of them can be used. Belongs to the UI thread.

    ``ready(LoadedEngines)``: the engine is loaded. ``listed(LoadedEngines)``: other weights are
    there. ``notice_posted(Notice)``. ``loaded`` is None until the engine is ready.
    """

    ready = Signal(object)
    listed = Signal(object)
    notice_posted = Signal(object)

    def __init__(self, lane: EngineLane, settings: Settings) -> None:
        super().__init__()
        self.lane = lane
        self.loaded: LoadedEngines | None = None
        self.network_device = NetworkDevice(lane, settings)
        self.network_device.failed.connect(self._on_unready)
        self._settings = settings
        self._newer_rows: tuple[EngineRow, ...] = ()
        self._is_warming_up = False

    @property
    def rows(self) -> tuple[EngineRow, ...]:
        """The engines to choose from; empty until the engine is ready."""
        return () if self.loaded is None else self.loaded.engines

    @property
    def default(self) -> str:
        """The id of the engine that is used unless the settings name another; empty until the
        engine is ready.
        """
        return "" if self.loaded is None else self.loaded.default

    def find(self, engine: str | None = None) -> EngineRow | None:
        """An engine, by default that of the settings; None where there is no such engine, and until
        one is ready.
        """
        chosen = str(self._settings.get("fill.engine")) if engine is None else engine
        wanted = self.default if chosen == "default" else chosen
        return next((row for row in self.rows if row.id == wanted), None)

    def takes_semantic(self, engine: str | None = None) -> bool:
        """Whether an engine, by default that of the settings, needs a semantic map."""
        row = self.find(engine)
        return row is not None and row.takes_semantic

    def warm_up(self) -> None:
        """Load the engine in the background; further calls do nothing."""
        if not self._is_warming_up:
            self._is_warming_up = True
            wanted = str(self._settings.get("fill.engine"))
            job = self.lane.warm_up(wanted, str(self._settings.get("fill.device")))
            job.succeeded.connect(self._on_loaded)
            job.failed.connect(self._on_unready)

    def refresh(self) -> None:
        """List the engines anew, as weights were imported or removed."""
        job = self.lane.list_engines()
        job.succeeded.connect(self._on_listed)
        job.failed.connect(self._on_list_failed)

    def _on_loaded(self, loaded: LoadedEngines) -> None:
        self.loaded = replace(loaded, engines=self._newer_rows or loaded.engines)
        self.ready.emit(self.loaded)
        if has_torch():
            self.network_device.start()
            return
        offer = offer_networks(self._settings)
        if offer is not None:
            self._post(offer)

    def _on_listed(self, rows: tuple[EngineRow, ...]) -> None:
        if self.loaded is None:
            self._newer_rows = rows  # loading them may have listed them before
            return
        self.loaded = replace(self.loaded, engines=rows)
        wanted = self._settings.get("fill.engine")
        if wanted not in ("default", *(row.id for row in rows if row.is_usable)):
            self._settings.set("fill.engine", "default")
        self.listed.emit(self.loaded)

    def _on_unready(self, error: Exception) -> None:
        self._post(describe_failure(error, "fill.unready"))

    def _on_list_failed(self, error: Exception) -> None:
        self._post(describe_failure(error, "window.mistake"))

    def _post(self, notice: Notice) -> None:
        self.notice_posted.emit(notice)
