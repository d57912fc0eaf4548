"""Keeps the plan of the next fill up to date while it is shown."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer

from app.configuration.settings import Settings
from app.session.frozen_request import FrozenRequest
from app.session.session import Session
from app.ui.canvas.canvas import Canvas
from app.ui.overlays.plan_overlay import PlanGeometry, PlanOverlay, compute_plan_geometry
from app.workers.jobs import Job, Lane
from inpaint_core.contract.geometry import Rect
from inpaint_core.contract.progress import Progress

if TYPE_CHECKING:
    from collections.abc import Callable

    from inpaint_core.contract.request import InpaintRequest
    from inpaint_core.project.model import Part

_DELAY = 120  # ms without a change before anything is computed
_MOST_LEVELS = 4  # the mask is searched at this level at most


class PlanPreview(QObject):
    """Shows the plan of the next fill on ``canvas``; it is computed on ``lane``."""

    def __init__(self, canvas: Canvas, settings: Settings, lane: Lane) -> None:
        super().__init__()
        self._canvas, self._settings, self._lane = canvas, settings, lane
        self._session: Session | None = None
        self._is_shown = False
        self._job: Job | None = None
        self.overlay = PlanOverlay()
        canvas.add_overlay(self.overlay)
        self._timer = QTimer(self, singleShot=True, interval=_DELAY)
        self._timer.timeout.connect(self._start)
        settings.changed.connect(self._on_setting)

    @property
    def is_busy(self) -> bool:
        """True while a plan is being computed or is due."""
        return self._timer.isActive() or self._job is not None

    def show(self, on: bool) -> None:
        """Show or hide the plan."""
        self._is_shown = on
        self._restart()

    def show_photo(self, session: Session | None) -> None:
        """Switch to another photo."""
        if self._session is not None:
            self._session.changed.disconnect(self._on_change)
        self._session = session
        if session is not None:
            session.changed.connect(self._on_change)
        self.overlay.show_plan(None)
        self._restart()

    def _restart(self) -> None:
        if self._job is not None:
            self._job.cancel()
            self._job = None
        if self._is_shown and self._session is not None:
            self._timer.start()
        else:
            self._timer.stop()
            self.overlay.show_plan(None)

    def _on_change(self, change: object) -> None:
        if self._is_shown and getattr(change, "layer", "") in (
            "mask",
            "protect",
            "source",
            "edges",
            "pixels",
        ):
            self._restart()

    def _on_setting(self, setting: str, _value: object) -> None:
        if self._is_shown and setting in ("fill.engine", "fill.grow", "fill.feather"):
            self._restart()

    def _start(self) -> None:
        if self._canvas.is_busy:
            self._timer.start()  # a stroke has priority
            return
        request = self._freeze_request()
        if request is None:
            return
        self._job = self._lane.start(partial(_run_plan, request))
        self._job.succeeded.connect(partial(self._on_plan, self._job))
        self._job.failed.connect(partial(self._on_failed, self._job))

    def _freeze_request(self) -> Callable[[], InpaintRequest] | None:
        """The request of a fill started now, to be built on the lane from copies, which take a few
        milliseconds.
        """
        session, scene = self._session, self._canvas.scene
        if session is None or scene is None:
            return None
        document = session.document
        mask = None if scene.picture.levels == 1 else self._find_mask()
        frozen = FrozenRequest.of(document, self._settings, mask=mask)

        def request() -> InpaintRequest:
            from inpaint_core.contract.request import InpaintRequest
            from inpaint_core.generators.registry import generator
            from inpaint_core.project.model import as_arrays

            if generator(frozen.options.engine).choose is not None:
                return frozen.request()
            # Only engines that choose another one read the pixels.
            options = as_arrays(frozen.options, document.shape)
            return InpaintRequest(frozen.pixels.base, frozen.mask.spread(document.shape), options)

        return request

    def _find_mask(self) -> Part:
        """The mask, searched at a smaller level: a large one would take too long."""
        from inpaint_core.project.model import Part

        scene = self._canvas.scene
        assert scene is not None
        level = min(scene.picture.levels - 1, _MOST_LEVELS)
        height, width = scene.picture.level_size(level)
        coarse = Rect.bounding(scene.mask(level, Rect(0, 0, width, height)))
        step = 2**level
        rect = Rect(coarse.x * step, coarse.y * step, coarse.w * step, coarse.h * step)
        rect = rect.intersect(Rect.whole(scene.document.shape))
        return Part.of(rect, scene.document.mask[rect.slices].copy())

    def _on_plan(self, job: Job, plan: PlanGeometry) -> None:
        if job is self._job:
            self._job = None
            self.overlay.show_plan(plan)

    def _on_failed(self, job: Job, error: Exception) -> None:
        from app.session.notice import describe_failure

        if job is self._job:
            self._job = None
            describe_failure(error, "window.mistake")  # logs unexpected errors
            self.overlay.show_plan(None)


def _run_plan(request: Callable[[], InpaintRequest], progress: Progress) -> PlanGeometry:
    progress.check()
    return compute_plan_geometry(request(), progress)
