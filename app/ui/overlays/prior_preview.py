"""Keeps the maps of what is in sight up to date, while somebody looks at them."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QTimer, Signal

from app.configuration.settings import Settings
from app.inspection.prior_maps import COMPUTED, KINDS, SMALL, Kind, Knobs, Look, completed, look
from app.session.session import Session
from app.ui.canvas.canvas import Canvas
from app.ui.overlays.visible_part import seen
from app.workers.jobs import Job, Lane, Work

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from inpaint_core.contract.geometry import Rect

_QUIET = 80  # ms without a change before anything is computed
_LARGE = 1 << 20  # pixels of smoothed colours when they lie on the photo

#: Which maps a setting changes.
_CHANGES: dict[str, tuple[Kind, ...]] = {
    "structure.sigma": ("edges",),
    "structure.low": ("edges",),
    "structure.high": ("edges",),
    "structure.smoother": ("smooth",),
    "structure.l0": ("smooth",),
    "structure.rtv": ("smooth",),
    "fill.grow": COMPUTED,
    "fill.feather": COMPUTED,
}


class Looker(QObject):
    """Computes maps of what ``canvas`` shows on ``lane``, as long as `watch` says so.

    ``looked(Look)``: a map is ready. ``lost(kind)``: it cannot be had of what is in sight.
    """

    looked = Signal(object)
    lost = Signal(str)

    def __init__(self, canvas: Canvas, settings: Settings, lane: Lane) -> None:
        super().__init__()
        self._canvas, self._settings, self._lane = canvas, settings, lane
        self._watching = False
        self._session: Session | None = None
        self._stale: set[Kind] = set()
        self._jobs: dict[Kind, Job] = {}
        self._large: Kind | None = None
        self._timer = QTimer(self, singleShot=True, interval=_QUIET)
        self._timer.timeout.connect(self._start)
        canvas.moved.connect(self._spoil_all)
        settings.changed.connect(self._on_setting)

    @property
    def busy(self) -> bool:
        """True while a map is being computed or is going to be."""
        return self._timer.isActive() or bool(self._jobs)

    def watch(self, on: bool) -> None:
        """Begin or end to keep the maps up to date; what is being computed is given up."""
        self._watching = on
        if on:
            self.ask(COMPUTED)
        else:
            self._timer.stop()
            self._cancel(COMPUTED)

    def show_photo(self, session: Session | None) -> None:
        """Look at another photo."""
        if self._session is not None:
            self._session.changed.disconnect(self._on_change)
        self._session = session
        self._cancel(KINDS)
        if session is not None:
            session.changed.connect(self._on_change)
            self.ask(COMPUTED)

    def enlarge(self, kind: Kind | None) -> None:
        """This map lies on the photo now: it must be as fine as the photo is."""
        if kind == "smooth" and self._large != kind:
            self._large = kind
            self.ask(("smooth",))
        self._large = kind

    def ask(self, kinds: Iterable[Kind]) -> None:
        """These maps are no longer up to date."""
        if self._watching and self._session is not None:
            self._stale.update(kinds)
            self._timer.start()

    def complete(self, rect: Rect, edges: NDArray[Any]) -> None:
        """Make a map of the edges (h, w) that a network completed in ``rect`` of the photo."""
        self._cancel(("completed",))
        self._follow("completed", partial(completed, rect, edges))

    def give_up(self, kind: Kind) -> None:
        """A map that is being computed is no longer wanted."""
        self._cancel((kind,))

    def _spoil_all(self) -> None:
        self.ask(COMPUTED)

    def _on_change(self, change: object) -> None:
        if getattr(change, "layer", "") in ("pixels", "mask"):
            self.ask(COMPUTED)

    def _on_setting(self, setting: str, _value: object) -> None:
        self.ask(_CHANGES.get(setting, ()))

    def _start(self) -> None:
        if self._canvas.busy:
            self._timer.start()  # a stroke comes first
            return
        sight = seen(self._canvas, self._settings)
        if sight is None:
            return
        knobs = Knobs.of(self._settings)
        stale, self._stale = self._stale, set()
        if "smooth" in self._jobs:
            stale.add("smooth")  # it takes long: what is quick need not wait for it
        self._cancel(stale)
        for kind in COMPUTED:
            if kind in stale:
                most = _LARGE if kind == self._large else SMALL
                self._follow(kind, partial(look, kind, sight, knobs, most))

    def _follow(self, kind: Kind, work: Work) -> None:
        job = self._jobs[kind] = self._lane.start(work)
        job.succeeded.connect(partial(self._on_look, job))
        job.failed.connect(partial(self._on_failed, kind, job))

    def _cancel(self, kinds: Iterable[Kind]) -> None:
        for kind in kinds:
            job = self._jobs.pop(kind, None)
            if job is not None:
                job.cancel()

    def _on_look(self, job: Job, found: Look) -> None:
        if self._jobs.get(found.kind) is job:
            del self._jobs[found.kind]
            self.looked.emit(found)

    def _on_failed(self, kind: Kind, job: Job, error: Exception) -> None:
        from app.session.filling import failure

        if self._jobs.get(kind) is job:
            del self._jobs[kind]
            failure(error, "window.mistake")  # a mistake of ours is written to the log
            self.lost.emit(kind)
