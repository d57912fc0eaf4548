"""The object tool: shows what a click would take, and takes it."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath

from app.configuration.text import t
from app.document.open_edit import blend_strength
from app.document.region_search import snap_to_object
from app.ui.painting.shapes.outlines import paint_dot, paint_loop, paint_outline
from app.ui.painting.view_transform import ViewTransform
from app.ui.tools.object_preview import ObjectPreview, PhotoEye, Question
from app.ui.tools.region_tools import to_point_array
from app.ui.tools.search_tool import FoundRegion, SearchTool
from app.ui.tools.tool import PointerState
from inpaint_core.contract.geometry import Rect
from inpaint_core.object_selection.load_network import has_weights
from inpaint_core.object_selection.pointing import Click, Pointing

if TYPE_CHECKING:
    from app.configuration.settings import Settings
    from app.document.document import Document
    from app.workers.jobs import Job, Lane
    from inpaint_core.contract.progress import Progress

_LEAST_DRAG = 6.0  # logical pixels: less is a click with a shaky hand
_NEAR = 12.0  # logical pixels around an object: a click there still belongs to it


@dataclass(frozen=True)
class _Taken:
    """An object that was put into the mask by ``pointing``, and the ``state`` of the document with
    it. ``before`` (h, w): the mask in ``rect`` without it. ``bounds``: where it lies.
    """

    pointing: Pointing
    state: int
    rect: Rect
    before: NDArray[np.uint8]
    bounds: Rect


class ObjectTool(SearchTool):
    """A click adds the object under it, which is shown before; with Alt, takes it away. Dragging
    draws a box or a loop around it, as the setting “snap.drag” says.

    Further clicks on the same object, or near it, correct it: with Alt, what does not belong to
    it. Esc ends that. Without the network's weights, only dragging works, by GrabCut.
    """

    id = "snap"
    shows_document = True

    def __init__(self, document: Document, settings: Settings, lane: Lane) -> None:
        super().__init__(document, settings, lane)
        self._can_point = has_weights()
        self._eye: tuple[int, PhotoEye] | None = None  # with the state of the pixels it saw
        self._opening: Job | None = None
        self._taken: list[_Taken] = []
        self._drawn: list[QPointF] = []  # a box's first and last corner, or a loop
        self._searched: list[QPointF] = []  # the outline in which is searched
        self._start: PointerState | None = None
        self._waiting: list[Callable[[], None]] = []  # what was asked for during a search
        self.preview = ObjectPreview(lane, self._ask)
        self.preview.repaint_needed.connect(self.repaint_needed)

    # -- state -----------------------------------------------------------------------------------

    @property
    def is_active(self) -> bool:
        """True during a search and while something is drawn."""
        return self._start is not None or super().is_active

    @property
    def is_searching(self) -> bool:
        """True during a search and while the photo is looked at for the first time."""
        return self._opening is not None or super().is_searching

    @property
    def hint(self) -> str:
        """What to do with the object that was taken last."""
        if self._opening is not None:
            return t("tools.snap.opening")
        return "" if self._current is None else t("tools.snap.correct")

    def cursor(self) -> Qt.CursorShape:
        """The busy cursor while the photo is looked at, too."""
        return Qt.CursorShape.BusyCursor if self.is_searching else super().cursor()

    @property
    def clicks(self) -> int:
        """How many clicks the object has that further ones would correct; 0 = there is none."""
        return 0 if self._current is None else len(self._current.pointing.clicks)

    @property
    def _current(self) -> _Taken | None:
        """The object that further clicks correct; undo goes back to how it was before."""
        state = self.document.history.state
        return next((taken for taken in reversed(self._taken) if taken.state == state), None)

    def begin(self) -> None:
        """Look at the photo, so that the first click need not wait."""
        if self._can_point:
            self._open()
        else:
            self.notice_posted.emit(t("tools.snap.no_weights"), t("tools.snap.no_weights_hint"))

    def cancel(self) -> bool:
        """Cancel the search, or what is being drawn; else, correct the object no more."""
        drew, self._start = self._start is not None, None
        self.request_repaint(self._drawn)
        self._drawn, self._waiting = [], []
        opening, self._opening = self._opening, None
        if opening is not None:
            opening.cancel()
            self._eye = None
            self.busy_changed.emit(False)
        cancelled = super().cancel() or drew or opening is not None
        self.preview.stop()
        if not cancelled and self._current is not None:
            self._repaint_all()
            self._taken = []
            cancelled = True
        self.proposal_changed.emit()
        return cancelled

    def end_search(self) -> None:
        """Paint the outline no more."""
        super().end_search()
        points, self._searched = self._searched, []
        self.request_repaint(points)

    # -- events ----------------------------------------------------------------------------------

    def press(self, pointer: PointerState) -> None:
        """A click, a box or a loop begins."""
        self.preview.stop()
        self._start = pointer
        self._drawn = [pointer.point]

    def move(self, pointer: PointerState) -> None:
        """Drag the box, or go on with the loop."""
        if self._start is None:
            return
        moved = pointer.at - self._start.at
        if len(self._drawn) == 1 and max(abs(moved.x()), abs(moved.y())) < _LEAST_DRAG:
            return
        self.request_repaint(self._drawn)
        if self._draws_box:
            self._drawn[1:] = [pointer.point]
        elif self._drawn[-1] != pointer.point:
            self._drawn.append(pointer.point)
        self.request_repaint(self._drawn)

    def release(self, pointer: PointerState) -> None:
        """Take what was clicked on or drawn around."""
        self.move(pointer)
        self.finish()

    def double_press(self, pointer: PointerState) -> None:
        """As a click: objects are clicked on quickly one after the other."""
        self.press(pointer)

    def finish(self) -> None:
        """Take what was clicked on or drawn around."""
        start, self._start = self._start, None
        drawn, self._drawn = self._drawn, []
        if start is None:
            return
        if len(drawn) < 2:
            self.click(start)
        elif super().is_searching:
            self._waiting.append(partial(self._search_in, drawn, start.erases))
        else:
            self._search_in(drawn, start.erases)

    def hover(self, pointer: PointerState | None) -> None:
        """Show what a click would take."""
        if pointer is None or not self._can_point or not self._is_inside(pointer):
            self.preview.stop()
        else:
            self.preview.follow(pointer)

    # -- clicks ----------------------------------------------------------------------------------

    def click(self, pointer: PointerState) -> None:
        """Take the object at ``pointer``, or correct the one that was taken last."""
        if not self._is_inside(pointer):
            return
        if not self._can_point:
            self.notice_posted.emit(t("tools.snap.no_weights"), t("tools.snap.no_weights_hint"))
            return
        if super().is_searching:
            self._waiting.append(partial(self.click, pointer))
            return
        eye = self._open()
        taken, pointing, erases = self._read(pointer)
        shown = self._find_shown(pointer)

        def search(progress: Progress) -> tuple[Pointing, FoundRegion] | None:
            finder = eye.open(progress)
            found = finder.find(pointing, shown, progress)
            return None if found is None else (pointing, finder.refine(found))

        self.run_search(search, partial(self._on_clicked, taken, erases))

    def _read(self, pointer: PointerState) -> tuple[_Taken | None, Pointing, bool]:
        """What a click means: the object that it corrects, if any, how that is pointed at then,
        and whether it is taken out of the mask.
        """
        click = Click(pointer.x, pointer.y, not pointer.erases)
        taken = self._current
        if taken is not None and (pointer.is_straight or self._is_near(pointer, taken)):
            return taken, taken.pointing.add(click), False
        return None, Pointing((Click(pointer.x, pointer.y),)), pointer.erases

    def _is_near(self, pointer: PointerState, taken: _Taken) -> bool:
        scale = 1.0 if self.canvas is None else self.canvas.view_at(pointer.at).scale
        box = taken.bounds
        reach = max(_NEAR / scale, 0.08 * max(box.w, box.h))
        return bool(
            box.x - reach <= pointer.x < box.right + reach
            and box.y - reach <= pointer.y < box.bottom + reach
        )

    def _on_clicked(
        self, taken: _Taken | None, erases: bool, found: tuple[Pointing, FoundRegion] | None
    ) -> None:
        if found is None or not found[1][1].any():
            self.notice_posted.emit(t("tools.snap.nothing_here"), t("tools.snap.nothing_here_hint"))
        elif erases:
            self.apply(*found[1], True)
        else:
            self._take(taken if taken is self._current else None, *found)
        self._go_on()

    def _go_on(self) -> None:
        """Do what was asked for meanwhile."""
        self.proposal_changed.emit()
        if self._waiting and not super().is_searching:
            self._waiting.pop(0)()

    def _take(self, old: _Taken | None, pointing: Pointing, found: FoundRegion) -> None:
        """Put the region into the mask, as one edit, in place of what it was before."""
        rect, strength = found
        whole = rect if old is None else rect.union(old.rect)
        before = self.document.mask[whole.slices].copy()
        if old is not None:
            before[old.rect.translate(-whole.x, -whole.y).slices] = old.before
        after = before.copy()
        at = rect.translate(-whole.x, -whole.y).slices
        after[at] = blend_strength(before[at], strength, False)
        with self.document.edit(f"history.{self.id}") as editing:
            editing.write("mask", whole, after)
        bounds = Rect.bounding(strength > 127).translate(rect.x, rect.y)
        state = self.document.history.state
        place = 0 if old is None else self._taken.index(old) + 1
        kept = self._taken[:place]
        self._taken = [*kept, _Taken(pointing, state, whole, before, bounds)]
        self.committed.emit()

    def _search_in(self, drawn: list[QPointF], erases: bool) -> None:
        """Search for the object in the box or the loop that was drawn."""
        points = drawn
        if self._draws_box:
            box = QRectF(drawn[0], drawn[-1]).normalized()
            points = [box.topLeft(), box.topRight(), box.bottomRight(), box.bottomLeft()]
        self._searched = points
        self.request_repaint(points)
        pixels, outline = self.document.pixels, to_point_array(points)
        self.run_search(
            lambda _progress: snap_to_object(pixels, outline),
            partial(self._on_outlined, erases),
            t("tools.snap.searching"),
        )

    def _on_outlined(self, erases: bool, found: FoundRegion) -> None:
        rect, coverage = found
        if rect.is_empty or not coverage.any():
            self.tell_nothing_found()
        elif erases:
            self.apply(rect, coverage, True)
        else:
            self._take(None, Pointing(box=rect), found)
        self._go_on()

    def _ask(self, pointer: PointerState) -> Question | None:
        """What a click at ``pointer`` would be about."""
        if self._start is not None or super().is_searching:
            return None
        _, pointing, erases = self._read(pointer)
        return Question(self._open(), pointing, self._find_shown(pointer), erases)

    # -- looking ---------------------------------------------------------------------------------

    def _open(self) -> PhotoEye:
        """The eye on the photo as it is now; the network sees it in the background."""
        state = self._find_pixels_state()
        if self._eye is None or self._eye[0] != state:
            eye = PhotoEye(self.document.pixels)
            self._eye = state, eye
            job = self._opening = self._lane.start(eye.open)
            job.succeeded.connect(lambda _: self._on_opened(job))
            job.cancelled.connect(lambda: self._on_opened(job))
            job.failed.connect(lambda error: self._on_not_opened(job, error))
            self.search_started.emit(job, t("tools.snap.opening"))
            self.busy_changed.emit(True)
            self.proposal_changed.emit()
        return self._eye[1]

    def _find_pixels_state(self) -> int:
        """The serial of the last edit that changed what the photo looks like."""
        history = self.document.history
        done = history.entries[: history.position]
        changed = (e for e in reversed(done) if any(layer == "pixels" for layer, _ in e.rects))
        return next((entry.serial for entry in changed), 0)

    def _on_opened(self, job: Job) -> None:
        if job is self._opening:
            self._opening = None
            self.busy_changed.emit(False)
            self.proposal_changed.emit()

    def _on_not_opened(self, job: Job, error: Exception) -> None:
        if job is self._opening:
            self._can_point = False
            self._opening, self._eye = None, None
            self.show_failure(error)
            self.busy_changed.emit(False)
            self.proposal_changed.emit()

    def _find_shown(self, pointer: PointerState) -> Rect | None:
        """The part of the photo that is on the screen."""
        if self.canvas is None:
            return None
        view = self.canvas.view_at(pointer.at)
        corner, far = view.to_photo(view.pane.topLeft()), view.to_photo(view.pane.bottomRight())
        shown = Rect.from_bounds(
            math.floor(corner.x()), math.floor(corner.y()), math.ceil(far.x()), math.ceil(far.y())
        )
        return shown.intersect(Rect.whole(self.document.shape))

    def _is_inside(self, pointer: PointerState) -> bool:
        height, width = self.document.shape
        return 0 <= pointer.x < width and 0 <= pointer.y < height

    @property
    def _draws_box(self) -> bool:
        return bool(self.settings.get("snap.drag") == "box")

    # -- painting --------------------------------------------------------------------------------

    def paint(self, painter: QPainter, view: ViewTransform) -> None:
        """Paint what a click would take, the clicks on the object, and what is being drawn."""
        super().paint(painter, view)
        self.preview.paint(painter, view, QColor(self.settings.get("look.mask_colour")))
        taken = self._current
        if taken is not None:
            for click in taken.pointing.clicks:
                paint_dot(painter, view.to_widget(QPointF(click.x, click.y)), click.is_wanted)
        if len(self._drawn) > 1 and self._draws_box:
            box = QPainterPath()
            ends = view.to_widget(self._drawn[0]), view.to_widget(self._drawn[-1])
            box.addRect(QRectF(*ends).normalized())
            paint_outline(painter, box, self._start is not None and self._start.erases)
        else:
            paint_loop(painter, [view.to_widget(point) for point in self._drawn], False)
        painter.save()
        painter.setOpacity(0.6)
        paint_loop(painter, [view.to_widget(point) for point in self._searched], False)
        painter.restore()

    def _repaint_all(self) -> None:
        self.repaint_needed.emit(Rect.whole(self.document.shape))
