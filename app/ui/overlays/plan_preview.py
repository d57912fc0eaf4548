"""Keeps what the model would see up to date, while it is shown."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer

from app.configuration.settings import Settings
from app.session.frozen_request import Frozen, Part, chosen, drawn
from app.session.session import Session
from app.ui.canvas.canvas import Canvas
from app.ui.overlays.plan_overlay import Plan, PlanOverlay, planned
from app.workers.jobs import Job, Lane
from inpaint_core.contract.geometry import Rect
from inpaint_core.contract.progress import Progress

if TYPE_CHECKING:
    from collections.abc import Callable

    from inpaint_core.contract.request import InpaintRequest

_QUIET = 120  # ms without a change before anything is computed
_COARSE = 4  # levels of the mask's halves at the most in which it is looked for


class Sees(QObject):
    """Shows on ``canvas`` what a fill of the photo would go over; computed on ``lane``."""

    def __init__(self, canvas: Canvas, settings: Settings, lane: Lane) -> None:
        super().__init__()
        self._canvas, self._settings, self._lane = canvas, settings, lane
        self._session: Session | None = None
        self._on = False
        self._job: Job | None = None
        self.default = "auto"  # the engine that is used when none is named
        self.overlay = PlanOverlay()
        canvas.add_overlay(self.overlay)
        self._timer = QTimer(self, singleShot=True, interval=_QUIET)
        self._timer.timeout.connect(self._start)
        settings.changed.connect(self._on_setting)

    @property
    def busy(self) -> bool:
        """True while something is being computed or is going to be."""
        return self._timer.isActive() or self._job is not None

    @property
    def on(self) -> bool:
        """Whether it is shown."""
        return self._on

    def show(self, on: bool) -> None:
        """Show it from now on, or no more."""
        self._on = on
        self._ask()

    def show_photo(self, session: Session | None) -> None:
        """Look at another photo."""
        if self._session is not None:
            self._session.changed.disconnect(self._on_change)
        self._session = session
        if session is not None:
            session.changed.connect(self._on_change)
        self.overlay.show_plan(None)
        self._ask()

    def _ask(self) -> None:
        if self._job is not None:
            self._job.cancel()
            self._job = None
        if self._on and self._session is not None:
            self._timer.start()
        else:
            self._timer.stop()
            self.overlay.show_plan(None)

    def _on_change(self, change: object) -> None:
        if self._on and getattr(change, "layer", "") in (
            "mask",
            "protect",
            "edges",
            "pixels",
        ):
            self._ask()

    def _on_setting(self, setting: str, _value: object) -> None:
        if self._on and setting in ("fill.engine", "fill.grow", "fill.feather"):
            self._ask()

    def _start(self) -> None:
        if self._canvas.busy:
            self._timer.start()  # a stroke comes first
            return
        request = self._request()
        if request is None:
            return
        self._job = self._lane.start(partial(_plan, request))
        self._job.succeeded.connect(partial(self._on_plan, self._job))
        self._job.failed.connect(partial(self._on_failed, self._job))

    def _request(self) -> Callable[[], InpaintRequest] | None:
        """What a fill would ask for now, put together on the lane from copies that take a few
        milliseconds.
        """
        session, scene = self._session, self._canvas.scene
        if session is None or scene is None:
            return None
        document = session.document
        mask = Part.of(document.mask) if scene.picture.levels == 1 else self._found()
        protect = document.protect.copy() if document.made("protect") else None
        how = {"engine": self.default, **chosen(self._settings)}
        pixels, edges = Frozen.of(document), drawn(document)

        def request() -> InpaintRequest:
            from inpaint_core.contract.request import InpaintRequest
            from inpaint_core.generators.registry import generator

            whole = Rect.whole(document.shape)
            image = pixels.base
            if pixels.patches and generator(how["engine"]).choose is not None:
                image = pixels.read(whole)  # only who chooses looks at them
            return InpaintRequest(
                image,
                mask.over(whole),
                protect=None if protect is None else protect > 127,
                edges=None if edges is None else edges.over(whole) > 127,
                **how,
            )

        return request

    def _found(self) -> Part:
        """The mask, looked for in one of its halves: a large one would take too long."""
        scene = self._canvas.scene
        assert scene is not None
        level = min(scene.picture.levels - 1, _COARSE)
        height, width = scene.picture.size(level)
        coarse = Rect.bounding(scene.mask(level, Rect(0, 0, width, height)))
        step = 2**level
        rect = Rect(coarse.x * step, coarse.y * step, coarse.w * step, coarse.h * step)
        rect = rect.intersect(Rect.whole(scene.document.shape))
        return Part(rect, scene.document.mask[rect.slices].copy())

    def _on_plan(self, job: Job, plan: Plan) -> None:
        if job is self._job:
            self._job = None
            self.overlay.show_plan(plan)

    def _on_failed(self, job: Job, error: Exception) -> None:
        from app.session.filling import failure

        if job is self._job:
            self._job = None
            failure(error, "window.mistake")  # a mistake of ours is written to the log
            self.overlay.show_plan(None)


def _plan(request: Callable[[], InpaintRequest], progress: Progress) -> Plan:
    progress.check()
    return planned(request(), progress)
