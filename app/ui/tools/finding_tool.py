"""The base of tools that find things: what is found is looked at before it joins the mask."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QKeyEvent, QPainter, QPainterPath, QPen, QPolygonF

from app.configuration.text import t
from app.document import shapes
from app.ui.painting.shapes.outlines import paint_outline
from app.ui.painting.view_transform import ViewTransform
from app.ui.tools.search_tool import SearchTool
from app.ui.tools.tool import PointerState

if TYPE_CHECKING:
    from app.configuration.settings import Settings
    from app.document.document import Document
    from app.workers.jobs import Lane
    from inpaint_core.selection.mark import Mark

_ENTER_KEYS = frozenset({Qt.Key.Key_Return, Qt.Key.Key_Enter})
_DELETE_KEYS = frozenset({Qt.Key.Key_Backspace, Qt.Key.Key_Delete})
_STEPS = {Qt.Key.Key_PageDown: 1, Qt.Key.Key_PageUp: -1}
_NEAR = 5.0  # logical pixels around a mark that count as the mark
_LEAST_DRAG = 6.0  # logical pixels: less is a click with a shaky hand
_SMALLEST = 7.0  # logical pixels: the radius of the ring around marks that would be smaller
_TICKED, _UNTICKED = QColor("#ffd54a"), QColor(255, 255, 255, 150)


@dataclass(eq=False)
class Proposal:
    """A ``mark`` that is offered, its outline in the photo, and whether it is ticked."""

    mark: Mark
    path: QPainterPath
    is_ticked: bool = True


class FindingTool(SearchTool):
    """Shows marks: a click ticks one off or on again, a box all in it, Enter adds them to the mask.

    Esc discards them. Page Down and Page Up choose one after the other, Backspace or Delete ticks
    the chosen one, or the one that was clicked last, off or on.
    """

    keys = _ENTER_KEYS | _DELETE_KEYS | _STEPS.keys()
    history_key: ClassVar[str] = ""

    def __init__(self, document: Document, settings: Settings, lane: Lane) -> None:
        super().__init__(document, settings, lane)
        self.proposals: list[Proposal] = []
        self._touched: Proposal | None = None
        self._start: PointerState | None = None
        self._end: PointerState | None = None

    # -- what is proposed ----------------------------------------------------------------------

    @property
    def has_proposal(self) -> bool:
        """Whether marks are shown."""
        return bool(self.proposals)

    @property
    def is_active(self) -> bool:
        """True during a search and while marks are shown."""
        return self.has_proposal or self._start is not None or super().is_active

    @property
    def hint(self) -> str:
        """How many marks there are, and what to do with them."""
        if self.is_searching:
            return t(f"tools.{self.id}.searching")
        if not self.proposals:
            return ""
        ticked = sum(proposal.is_ticked for proposal in self.proposals)
        return t("tools.found", ticked=ticked, count=len(self.proposals))

    def propose(self, marks: Sequence[Mark], sure: float = 0.0) -> None:
        """Show ``marks`` instead of those that are shown; less certain ones than ``sure`` are not
        ticked.
        """
        self.show_proposals([Proposal(m, make_path(m), m.certainty >= sure) for m in marks])

    def show_proposals(self, proposals: list[Proposal]) -> None:
        """Show ``proposals``."""
        self._repaint_marks()
        self.proposals, self._touched = proposals, None
        self._repaint_marks()
        self.proposal_changed.emit()

    def add_proposal(self) -> None:
        """Add the ticked marks to the mask as one edit, and show no marks any more."""
        marks = [proposal.mark for proposal in self.proposals if proposal.is_ticked]
        self.show_proposals([])
        if not marks:
            return
        revision = self.document.revision
        with self.document.edit(self.history_key) as editing:
            # Mark by mark: they may lie far apart.
            for mark in marks:
                shapes.paint_shape(editing, "mask", mark.rect, mark.strength)
        if self.document.revision != revision:
            self.committed.emit()

    def cancel(self) -> bool:
        """Cancel the search or the box; else discard the marks."""
        had_box = self._take_box() is not None
        searched = self.is_searching
        cancelled = super().cancel()
        if not searched and not had_box and self.proposals:
            self.show_proposals([])
            return True
        return cancelled or had_box

    def end_search(self) -> None:
        """The search has ended."""
        super().end_search()
        self.proposal_changed.emit()

    # -- events --------------------------------------------------------------------------------

    def press(self, pointer: PointerState) -> None:
        """A click or a box begins."""
        self._start = self._end = pointer

    def move(self, pointer: PointerState) -> None:
        """Drag the box."""
        if self._start is not None:
            self._repaint_box()
            self._end = pointer
            self._repaint_box()

    def release(self, pointer: PointerState) -> None:
        """Tick marks on or off."""
        self.move(pointer)
        self.finish()

    def double_press(self, pointer: PointerState) -> None:
        """As a click: marks are ticked quickly one after the other."""
        self.press(pointer)

    def finish(self) -> None:
        """Tick the mark under the click, or those in the box, on or off."""
        box = self._take_box()
        if box is None:
            return
        start, end = box
        moved = end.at - start.at
        if max(abs(moved.x()), abs(moved.y())) < _LEAST_DRAG:
            hit = self.find_mark(start)
            if hit is None:
                self.click_beside(start)
            else:
                hit.is_ticked = not hit.is_ticked
                self._touched = hit
        else:
            area = QRectF(start.point, end.point).normalized()
            inside = [p for p in self.proposals if area.contains(p.path.boundingRect().center())]
            ticked = not any(proposal.is_ticked for proposal in inside)
            for proposal in inside:
                proposal.is_ticked = ticked
        self._repaint_marks()
        self.proposal_changed.emit()

    def click_beside(self, pointer: PointerState) -> None:
        """A click where no mark is."""

    def press_key(self, event: QKeyEvent) -> bool:
        """Enter adds the marks, Page Down and Page Up choose one, Backspace and Delete tick it."""
        key = Qt.Key(event.key())
        if not self.proposals or key not in self.keys:
            return False
        if key in _ENTER_KEYS:
            self.add_proposal()
        elif key in _STEPS:
            self._choose_next(_STEPS[key])
        elif self._touched is not None:
            self._touched.is_ticked = not self._touched.is_ticked
            self._repaint_marks()
            self.proposal_changed.emit()
        return True

    def _choose_next(self, step: int) -> None:
        """Choose the mark ``step`` after the chosen one, and bring it into view."""
        if self._touched in self.proposals:
            at = (self.proposals.index(self._touched) + step) % len(self.proposals)
        else:
            at = 0 if step > 0 else -1
        self._touched = self.proposals[at]
        if self.canvas is not None:
            view = self.canvas.view_at(QPointF(0, 0))
            shown, middle = QRectF(view.pane), self._touched.path.boundingRect().center()
            if not shown.contains(view.to_widget(middle)):
                self.canvas.pan(shown.center() - view.to_widget(middle))
        self._repaint_marks()

    # -- painting ------------------------------------------------------------------------------

    def paint(self, painter: QPainter, view: ViewTransform) -> None:
        """Paint the marks, and the box."""
        super().paint(painter, view)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        shown = QRectF(view.pane)
        for proposal in self.proposals:
            path = view.map_path(proposal.path)
            if path.boundingRect().adjusted(-20, -20, 20, 20).intersects(shown):
                _paint_mark(painter, path, proposal.is_ticked, proposal is self._touched)
        painter.restore()
        if self._start is not None and self._end is not None:
            box = QPainterPath()
            ends = view.to_widget(self._start.point), view.to_widget(self._end.point)
            box.addRect(QRectF(*ends).normalized())
            paint_outline(painter, box)

    def find_mark(self, pointer: PointerState) -> Proposal | None:
        """The smallest mark under the pointer."""
        scale = 1.0 if self.canvas is None else self.canvas.view_at(pointer.at).scale
        near = [
            proposal
            for proposal in self.proposals
            if proposal.mark.is_near(pointer.x, pointer.y, _NEAR / scale)
        ]
        return min(near, key=lambda proposal: proposal.mark.rect.area, default=None)

    def drop_box(self) -> None:
        """The drag was no box."""
        self._take_box()

    def _take_box(self) -> tuple[PointerState, PointerState] | None:
        self._repaint_box()
        start, end = self._start, self._end
        self._start = self._end = None
        return None if start is None or end is None else (start, end)

    def _repaint_box(self) -> None:
        if self._start is not None and self._end is not None:
            self.request_repaint([self._start.point, self._end.point])

    def _repaint_marks(self) -> None:
        if self.proposals:
            height, width = self.document.shape
            self.request_repaint([QPointF(0, 0), QPointF(width, height)])


def make_path(mark: Mark) -> QPainterPath:
    """The outline of ``mark`` in the photo."""
    path = QPainterPath()
    for outline in mark.list_outlines():
        path.addPolygon(QPolygonF([QPointF(x, y) for x, y in outline.tolist()]))
        path.closeSubpath()
    return path


def _paint_mark(painter: QPainter, path: QPainterPath, is_ticked: bool, is_chosen: bool) -> None:
    bounds = path.boundingRect()
    if max(bounds.width(), bounds.height()) < 2 * _SMALLEST:
        path = QPainterPath()
        path.addEllipse(bounds.center(), _SMALLEST, _SMALLEST)
    colour = _TICKED if is_ticked else _UNTICKED
    painter.setBrush(QColor(255, 213, 74, 70) if is_ticked else Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(QColor(0, 0, 0, 170), 5.0 if is_chosen else 3.0))
    painter.drawPath(path)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    pen = QPen(colour, 2.8 if is_chosen else 1.4)
    if not is_ticked:
        pen.setDashPattern([2.0, 3.0])
    painter.setPen(pen)
    painter.drawPath(path)
