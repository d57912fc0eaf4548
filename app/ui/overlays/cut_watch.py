"""Notices when the mask cuts through an object, shows what is left out, and offers to add it."""

from __future__ import annotations

from functools import partial
from importlib.util import find_spec
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QPointF, QTimer
from PySide6.QtGui import QPainter, QPainterPath, QPolygonF

from app.configuration.text import t
from app.session.controller import Controller
from app.session.notice import Notice, describe_failure
from app.session.session import Session
from app.ui.canvas.canvas import Canvas
from app.ui.painting.overlay import Overlay
from app.ui.painting.shapes.outlines import paint_outline
from app.ui.painting.view_transform import ViewTransform
from app.workers.jobs import Job, Lane

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from app.document.layer_tiles import LayerChange
    from inpaint_core.contract.arrays import Pixels
    from inpaint_core.contract.geometry import Rect
    from inpaint_core.contract.progress import Progress
    from inpaint_core.selection.mark import Mark

_DELAY = 700  # ms without a change of the mask before anything is computed
_PAINTED = frozenset(
    f"history.{tool}" for tool in ("brush", "lasso", "polygon", "box", "wand", "snap")
)
"""The edits after which the mask is looked at: those that mask something by hand."""


class CutOverlay(Overlay):
    """Draws the outlines of ``marks``."""

    def __init__(self) -> None:
        super().__init__()
        self._path: QPainterPath | None = None

    def show_marks(self, marks: list[Mark]) -> None:
        """Show other marks, or none."""
        path = None
        if marks:
            path = QPainterPath()
            for mark in marks:
                for outline in mark.list_outlines():
                    path.addPolygon(QPolygonF([QPointF(x, y) for x, y in outline.tolist()]))
                    path.closeSubpath()
        if path is not self._path:
            self._path = path
            self.repaint_needed.emit()

    def paint(self, painter: QPainter, view: ViewTransform) -> None:
        """Paint the outlines."""
        if self._path is not None:
            paint_outline(painter, view.map_path(self._path))


class CutWatch(QObject):
    """Looks at the mask of the current photo after it was painted, or when asked to, on ``lane``.

    What was offered once is not offered again for the same photo by itself.
    """

    def __init__(self, canvas: Canvas, controller: Controller, lane: Lane) -> None:
        super().__init__()
        self._canvas, self._controller, self._lane = canvas, controller, lane
        self._session: Session | None = None
        self._job: Job | None = None
        self._is_asked = False
        self._offered: dict[Session, list[Rect]] = {}
        self.marks: list[Mark] = []
        self.overlay = CutOverlay()
        canvas.add_overlay(self.overlay)
        self._timer = QTimer(self, singleShot=True, interval=_DELAY)
        self._timer.timeout.connect(self._start)
        controller.current_changed.connect(self.show_photo)
        controller.session_closed.connect(lambda session: self._offered.pop(session, None))
        controller.notice_cleared.connect(self.forget)

    def show_photo(self, session: Session | None) -> None:
        """Switch to another photo."""
        if self._session is not None:
            self._session.changed.disconnect(self._on_change)
        self._session = session
        self._stop()
        self.forget()
        if session is not None:
            session.changed.connect(self._on_change)

    def forget(self) -> None:
        """Stop showing what the mask leaves out."""
        self.marks = []
        self.overlay.show_marks([])

    def grow(self) -> None:
        """Add what the mask leaves out; search for it first, where it is not shown."""
        self._canvas.finish()
        self._stop()
        if self.marks:
            marks = self.marks
            self._controller.clear_notice()  # that tells of them
            self._add(marks)
        else:
            self._is_asked = True
            self._start()

    def add(self) -> None:
        """Add what the mask leaves out."""
        marks = self.marks
        self.forget()
        self._add(marks)

    def _add(self, marks: list[Mark]) -> None:
        from app.document import shapes

        session = self._session
        if session is None or not marks or session.document.is_editing:
            return
        with session.document.edit("history.cut") as editing:
            for mark in marks:
                shapes.paint_shape(editing, "mask", mark.rect, mark.strength)

    def _on_change(self, change: LayerChange) -> None:
        if change.layer != "history" or self._session is None:
            if change.layer == "mask":
                self._stop()
                if self.marks:
                    self._controller.clear_notice()  # that tells of them
            return
        history = self._session.document.history
        done = history.entries[: history.position]
        painted = bool(done) and done[-1].name_key in _PAINTED
        if painted and self._controller.settings.get("mask.warn_cut"):
            self._timer.start()

    def _stop(self) -> None:
        self._timer.stop()
        self._is_asked = False
        if self._job is not None:
            self._job.cancel()
            self._job = None

    def _start(self) -> None:
        session = self._session
        if session is None or session.running_fill is not None or not session.has_mask:
            return
        if self._canvas.is_busy or session.document.is_editing:
            self._timer.start()  # a stroke has priority
            return
        pixels, mask, is_asked = session.document.pixels, session.document.mask, self._is_asked
        job = self._lane.start(lambda progress: _search(pixels, mask, is_asked, progress))
        self._job = job
        if is_asked:
            self._controller.show_task(job, t("tools.cut.searching"))
        job.succeeded.connect(partial(self._on_found, job, session))
        job.failed.connect(partial(self._on_failed, job))

    def _on_found(self, job: Job, session: Session, marks: list[Mark]) -> None:
        if job is not self._job:
            return
        self._job = None
        if self._is_asked:
            self._is_asked = False
            self._add(marks)
            if not marks:
                notice = Notice(t("tools.cut.none"), t("tools.cut.none_hint"), is_calm=True)
                self._controller.post_notice(notice)
            return
        offered = self._offered.setdefault(session, [])
        new = [m for m in marks if not any(_is_same(m.rect, rect) for rect in offered)]
        if not new:
            return
        offered += [mark.rect for mark in new]
        choice = (t("tools.cut.add"), self.add)
        self._controller.post_notice(
            Notice(t("tools.cut.found"), t("tools.cut.hint"), (choice,), is_calm=True)
        )
        self.marks = new
        self.overlay.show_marks(new)

    def _on_failed(self, job: Job, error: Exception) -> None:
        if job is self._job:
            self._job = None
            notice = describe_failure(error, "window.mistake")  # logs unexpected errors
            if self._is_asked:
                self._is_asked = False
                self._controller.post_notice(notice)


def _search(
    pixels: Pixels, mask: NDArray[np.uint8], is_asked: bool, progress: Progress
) -> list[Mark]:
    """What ``mask`` (H, W) leaves out of objects, by their colours, and where these tell nothing,
    by the object network, if it is installed. The mask is copied here and not where the window
    waits.
    """
    from inpaint_core.object_selection.load_network import has_weights, load_object_network
    from inpaint_core.selection.cut_objects import find_cut_parts

    mask = mask.copy()
    found = find_cut_parts(pixels, mask, progress)
    if found or not has_weights() or find_spec("torch") is None:
        return found
    from inpaint_core.object_selection.left_out_parts import find_left_out_parts

    return find_left_out_parts(pixels, mask, load_object_network(), is_asked, progress)


def _is_same(one: Rect, other: Rect) -> bool:
    both = one.intersect(other)
    return not both.is_empty and both.area > 0.5 * min(one.area, other.area)
