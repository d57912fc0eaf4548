"""The prior maps of the visible part of the photo: kept up to date while shown, and drawn."""

from __future__ import annotations

import math
from collections.abc import Iterable
from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QRect, QTimer, Signal
from PySide6.QtGui import QColor, QPainter

from app.configuration.settings import Settings
from app.inspection.prior_maps import (
    COMPUTED_KINDS,
    FAST_SMOOTHING_PIXELS,
    KIND_COLOURS,
    PRIOR_KINDS,
    PriorKind,
    PriorMap,
    PriorParameters,
    VisiblePart,
    compute_prior_map,
    map_completed_edges,
)
from app.session.frozen_request import chosen_grow
from app.session.session import Session
from app.ui.canvas.canvas import Canvas
from app.ui.painting.overlay import Overlay
from app.ui.painting.view_transform import ViewTransform
from app.workers.jobs import Job, Lane, Work
from inpaint_core.contract.geometry import Rect

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


_DELAY = 80  # ms without a change before anything is computed
_ENLARGED = 1 << 20  # pixels of smoothed colours shown over the photo
_MOST_PIXELS = 1 << 22  # copied of the photo
_MARGIN = 16  # pixels around the visible part: edges depend on their surroundings

#: Which maps a setting changes.
_CHANGES: dict[str, tuple[PriorKind, ...]] = {
    "structure.sigma": ("edges",),
    "structure.low": ("edges",),
    "structure.high": ("edges",),
    "structure.smoother": ("smooth",),
    "structure.l0": ("smooth",),
    "structure.rtv": ("smooth",),
    "fill.grow": COMPUTED_KINDS,
    "fill.feather": COMPUTED_KINDS,
}


class PriorPreview(QObject):
    """Computes maps of what ``canvas`` shows, on ``lane``, while `watch` is on.

    ``map_ready(PriorMap)``: a map is ready; ``map_failed(kind)``: the visible part has no such map.
    """

    map_ready = Signal(object)
    map_failed = Signal(str)

    def __init__(self, canvas: Canvas, settings: Settings, lane: Lane) -> None:
        super().__init__()
        self._canvas, self._settings, self._lane = canvas, settings, lane
        self._is_watching = False
        self._session: Session | None = None
        self._stale: set[PriorKind] = set()
        self._jobs: dict[PriorKind, Job] = {}
        self._enlarged: PriorKind | None = None
        self._timer = QTimer(self, singleShot=True, interval=_DELAY)
        self._timer.timeout.connect(self._start)
        canvas.moved.connect(self._request_all)
        settings.changed.connect(self._on_setting)

    @property
    def is_busy(self) -> bool:
        """True while a map is being computed or is due."""
        return self._timer.isActive() or bool(self._jobs)

    def watch(self, on: bool) -> None:
        """Start or stop keeping the maps up to date."""
        self._is_watching = on
        if on:
            self.request(COMPUTED_KINDS)
        else:
            self._timer.stop()
            self._cancel(COMPUTED_KINDS)

    def show_photo(self, session: Session | None) -> None:
        """Switch to another photo."""
        if self._session is not None:
            self._session.changed.disconnect(self._on_change)
        self._session = session
        self._cancel(PRIOR_KINDS)
        if session is not None:
            session.changed.connect(self._on_change)
            self.request(COMPUTED_KINDS)

    def enlarge(self, kind: PriorKind | None) -> None:
        """Compute this map, now shown over the photo, at the photo's resolution."""
        if kind == "smooth" and self._enlarged != kind:
            self._enlarged = kind
            self.request(("smooth",))
        self._enlarged = kind

    def request(self, kinds: Iterable[PriorKind]) -> None:
        """Compute these maps again soon."""
        if self._is_watching and self._session is not None:
            self._stale.update(kinds)
            self._timer.start()

    def map_completed_edges(self, rect: Rect, edges: NDArray[Any]) -> None:
        """Compute the map of the edges (h, w) that a network completed in ``rect`` of the photo."""
        self._cancel(("completed",))
        self._start_job("completed", partial(map_completed_edges, rect, edges))

    def cancel_map(self, kind: PriorKind) -> None:
        """Stop computing a map."""
        self._cancel((kind,))

    def _request_all(self) -> None:
        self.request(COMPUTED_KINDS)

    def _on_change(self, change: object) -> None:
        if getattr(change, "layer", "") in ("pixels", "mask"):
            self.request(COMPUTED_KINDS)

    def _on_setting(self, setting: str, _value: object) -> None:
        self.request(_CHANGES.get(setting, ()))

    def _start(self) -> None:
        if self._canvas.is_busy:
            self._timer.start()  # a stroke has priority
            return
        visible_part = copy_visible_part(self._canvas, self._settings)
        if visible_part is None:
            return
        settings = PriorParameters.of(self._settings)
        stale, self._stale = self._stale, set()
        if "smooth" in self._jobs:
            stale.add("smooth")  # slow: quick maps need not wait for it
        self._cancel(stale)
        for kind in COMPUTED_KINDS:
            if kind in stale:
                most = _ENLARGED if kind == self._enlarged else FAST_SMOOTHING_PIXELS
                self._start_job(
                    kind, partial(compute_prior_map, kind, visible_part, settings, most)
                )

    def _start_job(self, kind: PriorKind, work: Work) -> None:
        job = self._jobs[kind] = self._lane.start(work)
        job.succeeded.connect(partial(self._on_map, job))
        job.failed.connect(partial(self._on_failed, kind, job))

    def _cancel(self, kinds: Iterable[PriorKind]) -> None:
        for kind in kinds:
            job = self._jobs.pop(kind, None)
            if job is not None:
                job.cancel()

    def _on_map(self, job: Job, prior_map: PriorMap) -> None:
        if self._jobs.get(prior_map.kind) is job:
            del self._jobs[prior_map.kind]
            self.map_ready.emit(prior_map)

    def _on_failed(self, kind: PriorKind, job: Job, error: Exception) -> None:
        from app.session.notice import describe_failure

        if self._jobs.get(kind) is job:
            del self._jobs[kind]
            describe_failure(error, "window.mistake")  # logs unexpected errors
            self.map_failed.emit(kind)


def copy_visible_part(canvas: Canvas, settings: Settings) -> VisiblePart | None:
    """A copy of the visible part of the photo at about its size on screen; None if there is none.

    At most four million pixels are copied, which takes a few milliseconds. On the UI thread.
    """
    scene = canvas.scene
    if scene is None:
        return None
    import numpy as np

    from app.ui.painting.pyramid import shrink_rect

    picture = scene.picture
    view = canvas.views()[-1]  # side by side, the second pane shows the document
    start, end = view.to_photo(view.pane.topLeft()), view.to_photo(view.pane.bottomRight())
    rect = Rect.from_bounds(
        math.floor(start.x()), math.floor(start.y()), math.ceil(end.x()), math.ceil(end.y())
    )
    rect = rect.intersect(Rect.whole(picture.shape))
    if rect.is_empty:
        return None
    level = min(view.level, picture.levels - 1)
    while level + 1 < picture.levels and rect.area >> (2 * level) > _MOST_PIXELS:
        level += 1
    height, width = picture.level_size(level)
    part = shrink_rect(rect, level).grow(_MARGIN).intersect(Rect(0, 0, width, height))
    step = 2**level
    return VisiblePart(
        np.array(picture.read(level, part)),
        np.array(scene.mask(level, part)),
        (part.x * step, part.y * step, part.right * step, part.bottom * step),
        level,
        chosen_grow(settings),
        float(settings.get("fill.feather")),
    )


class PriorOverlay(Overlay):
    """Shows one map at a time, at the opacity of the setting ``structure.opacity``."""

    def __init__(self, settings: Settings) -> None:
        super().__init__()
        self._settings = settings
        self.prior_map: PriorMap | None = None
        self._colours: NDArray[np.uint8] | None = None  # of a map that is a picture
        settings.changed.connect(self._on_setting)

    def show_map(self, prior_map: PriorMap | None) -> None:
        """Show another map or none."""
        if prior_map is not self.prior_map:
            self.prior_map = prior_map
            self._colours = None
            self.changed.emit()

    def draw(self, painter: QPainter, view: ViewTransform, rect: QRect) -> None:
        """Draw the map."""
        prior_map = self.prior_map
        if prior_map is None:
            return
        from app.ui.painting import qimage
        from app.ui.painting.map_pixels import (
            map_pixels,
            premultiply,
            tint_pixels,
            to_bgra,
            visible_rect,
        )

        opacity = self._settings.get("structure.opacity") / 100
        rect = visible_rect(prior_map.extent, view, rect)
        if rect.isEmpty():
            return
        if prior_map.kind in KIND_COLOURS:
            values = map_pixels(prior_map.values, prior_map.extent, view, rect)
            pixels = tint_pixels(values, QColor(*KIND_COLOURS[prior_map.kind]), opacity)
        else:
            if self._colours is None:
                self._colours = to_bgra(prior_map.values)
            pixels = premultiply(map_pixels(self._colours, prior_map.extent, view, rect), opacity)
        painter.drawImage(rect.topLeft(), qimage.overlay_image(pixels))

    def _on_setting(self, setting: str, _value: object) -> None:
        if setting == "structure.opacity" and self.prior_map is not None:
            self.changed.emit()
