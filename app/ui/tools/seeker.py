"""What tools that look for a region in the photo have in common: they do it beside the UI."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Qt

from app.configuration.text import t
from app.ui.tools.region import RegionTool
from inpaint_core.contract.errors import InpaintError
from inpaint_core.contract.geometry import Rect

if TYPE_CHECKING:
    from app.configuration.settings import Settings
    from app.document.document import Document
    from app.workers.jobs import Job, Lane

_log = logging.getLogger(__name__)

Found = tuple[Rect, NDArray[np.uint8]]


class Seeker(RegionTool):
    """Asks the lane for a region and adds it to the mask when it is found.

    One question at a time: a new one, Esc, or another tool drops the one before.
    """

    def __init__(self, document: Document, settings: Settings, lane: Lane) -> None:
        super().__init__(document, settings)
        self._lane = lane
        self._job: Job | None = None

    @property
    def active(self) -> bool:
        """True while the region is being looked for."""
        return self._job is not None

    def cursor(self) -> Qt.CursorShape:
        """A busy one meanwhile."""
        if self._job is not None:
            return Qt.CursorShape.BusyCursor
        return Qt.CursorShape.CrossCursor

    def cancel(self) -> bool:
        """Drop the question."""
        job = self._job
        if job is not None:
            job.cancel()
            self.ended()
        return job is not None

    def seek(self, look: Callable[[], Found], erases: bool) -> None:
        """Run ``look`` on the lane's thread and add what it finds, or take it away."""
        self.cancel()
        job = self._lane.start(lambda _progress: look())
        self._job = job
        job.succeeded.connect(lambda found: self._on_found(job, found, erases))
        job.failed.connect(lambda error: self._on_failed(job, error))
        self.busy.emit(True)

    def ended(self) -> None:
        """The question is answered or dropped."""
        self._job = None
        self.busy.emit(False)

    def _on_found(self, job: Job, found: Found, erases: bool) -> None:
        if job is not self._job:
            return
        self.ended()
        rect, coverage = found
        if rect.empty or not coverage.any():
            self.told.emit(t(f"tools.{self.id}.nothing"), t(f"tools.{self.id}.nothing_hint"))
        else:
            self.apply(rect, coverage, erases)

    def _on_failed(self, job: Job, error: Exception) -> None:
        if job is not self._job:
            return
        self.ended()
        if isinstance(error, InpaintError):
            self.told.emit(t.said(error.message), t.said(error.hint))
        else:
            _log.error("%s failed", self.id, exc_info=error)
            self.told.emit(t("tools.failed"), t("tools.failed_hint"))
