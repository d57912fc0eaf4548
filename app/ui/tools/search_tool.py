"""The base of tools that search the photo on a worker thread, and the simplest: the magic wand."""

from __future__ import annotations

import logging
import math
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Qt

from app.configuration.text import t
from app.document.region_search import select_by_colour
from app.ui.tools.region_tools import RegionTool
from app.ui.tools.tool import PointerState
from inpaint_core.contract.errors import InpaintError, explain_missing_torch
from inpaint_core.contract.geometry import Rect

if TYPE_CHECKING:
    from app.configuration.settings import Settings
    from app.document.document import Document
    from app.workers.jobs import Job, Lane
    from inpaint_core.contract.progress import Progress


_log = logging.getLogger(__name__)

FoundRegion = tuple[Rect, NDArray[np.uint8]]


class SearchTool(RegionTool):
    """Searches for a region on a lane and adds it to the mask when it is found.

    One search at a time: a new one, Esc, or another tool cancels it.
    """

    def __init__(self, document: Document, settings: Settings, lane: Lane) -> None:
        super().__init__(document, settings)
        self._lane = lane
        self._job: Job | None = None

    @property
    def is_searching(self) -> bool:
        """True during a search."""
        return self._job is not None

    @property
    def is_active(self) -> bool:
        """True during a search."""
        return self.is_searching or super().is_active

    def cursor(self) -> Qt.CursorShape:
        """The busy cursor during a search."""
        return super().cursor() if self._job is None else Qt.CursorShape.BusyCursor

    def cancel(self) -> bool:
        """Cancel the search."""
        job, cancelled = self._job, super().cancel()
        if job is not None:
            job.cancel()
            self.end_search()
        return cancelled or job is not None

    def start_search(self, search: Callable[[], FoundRegion], erases: bool) -> None:
        """Run ``search`` on the lane's thread and add what it finds, or erase it."""
        self.cancel()
        self.run_search(lambda _progress: search(), partial(self._on_found, erases))

    def run_search(
        self, search: Callable[[Progress], Any], then: Callable[[Any], object], text: str = ""
    ) -> None:
        """Run ``search`` on the lane's thread, and call ``then`` with what it returns. One that
        takes long shows its progress under the name ``text``.
        """
        job = self._lane.start(search)
        self._job = job
        job.succeeded.connect(lambda found: self._on_ended(job, found, then))
        job.failed.connect(lambda error: self._on_failed(job, error))
        job.cancelled.connect(lambda: self._on_stopped(job))
        if text:
            self.search_started.emit(job, text)
        self.busy_changed.emit(True)

    def tell_nothing_found(self) -> None:
        """Say that the search has found nothing, and what may help."""
        self.notice_posted.emit(t(f"tools.{self.id}.nothing"), t(f"tools.{self.id}.nothing_hint"))

    def end_search(self) -> None:
        """The search has ended or was cancelled."""
        self._job = None
        self.busy_changed.emit(False)

    def _on_ended(self, job: Job, found: Any, then: Callable[[Any], object]) -> None:
        if job is self._job:
            self.end_search()
            then(found)

    def _on_stopped(self, job: Job) -> None:
        if job is self._job:
            self.end_search()

    def _on_found(self, erases: bool, found: FoundRegion) -> None:
        rect, coverage = found
        if rect.is_empty or not coverage.any():
            self.tell_nothing_found()
        else:
            self.apply(rect, coverage, erases)

    def _on_failed(self, job: Job, error: Exception) -> None:
        if job is not self._job:
            return
        self.end_search()
        self.show_failure(error)

    def show_failure(self, error: Exception) -> None:
        """Say why a search has failed."""
        error = explain_missing_torch(error) or error
        if isinstance(error, InpaintError):
            self.notice_posted.emit(t.message(error.message), t.message(error.hint))
        else:
            _log.error("%s failed", self.id, exc_info=error)
            self.notice_posted.emit(t("tools.failed"), t("tools.failed_hint"))


class WandTool(SearchTool):
    """The magic wand: adds the area of about the clicked colour; with Alt, erases it."""

    id = "wand"

    def press(self, pointer: PointerState) -> None:
        """Search for the clicked colour."""
        x, y = math.floor(pointer.x), math.floor(pointer.y)
        height, width = self.document.shape
        if not (0 <= x < width and 0 <= y < height):
            return
        # Not a copy: that would take longer than the search. A fill that arrives meanwhile can only
        # change where the search stops.
        pixels = self.document.pixels
        tolerance = self.settings.get("wand.tolerance")
        contiguous = self.settings.get("wand.contiguous")
        self.start_search(
            lambda: select_by_colour(pixels, x, y, tolerance, contiguous), pointer.erases
        )
