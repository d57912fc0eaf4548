"""The clone and heal brushes, which copy from a point that Alt and a click set, and the patch tool,
which copies from where an outline is dragged to.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, Qt, Slot
from PySide6.QtGui import QPainter, QPainterPath, QPolygonF

from app.configuration.text import t
from app.document import shapes
from app.document.open_edit import OpenEdit
from app.document.retouching.copy_placement import CopyPlacement
from app.document.retouching.copy_source import source_of
from app.document.retouching.copy_stroke import CopyStroke, HealingStroke
from app.document.retouching.patching import heal_region
from app.ui.painting.copy_preview import paint_copy
from app.ui.painting.shapes.outlines import paint_cross, paint_outline
from app.ui.painting.view_transform import ViewTransform
from app.ui.tools.brush_tools import BrushTool
from app.ui.tools.region_tools import LassoTool, to_point_array
from app.ui.tools.tool import PointerState
from inpaint_core.contract.choices import Layer
from inpaint_core.contract.geometry import Rect

if TYPE_CHECKING:
    from app.configuration.settings import Settings
    from app.document.document import Document

_CROSS = 12.0  # logical pixels around the source that its cross-hair takes


class CloneTool(BrushTool):
    """Copies from the point that was set with Alt and a click, or with the pen's eraser end. While
    the pointer moves, the brush shows what a stroke would copy, and a cross-hair where from.
    """

    id = "clone"
    kind: type[CopyStroke] = CopyStroke
    layer: Layer = "pixels"
    ring_settings = (
        *BrushTool.ring_settings, "clone.aligned", "clone.rotation", "clone.scale", "clone.mirrored"
    )  # fmt: skip

    def __init__(self, document: Document, settings: Settings) -> None:
        self._source = source_of(document)
        self._placement: CopyPlacement | None = None  # of the stroke
        self._sets_target = False  # the stroke is the first one from this source
        self._is_choosing = False  # Alt is held, or the pen upside down
        self._shown_number = self._source.number
        super().__init__(document, settings)

    def begin(self) -> None:
        """Show which of the sources this photo uses."""
        self._shown_number = self._source.number
        self.settings.set("clone.number", self._shown_number)

    def press(self, pointer: PointerState) -> None:
        """Start a stroke, or set the source with Alt."""
        self._is_choosing = pointer.erases
        if self._is_choosing:
            self._move_ring(pointer)
            self.set_source()
            return
        self._placement = self._find_placement(pointer.point)
        if self._placement is None:
            self.notice_posted.emit(t("tools.copy.no_source"), t("tools.copy.no_source.hint"))
            return
        if not self._shows_any(self._placement, pointer.point):
            hint = t("tools.copy.no_source.hint")
            self.notice_posted.emit(t("tools.copy.beyond"), hint)  # the stroke may go on to others
        self._sets_target = self._source.target is None
        if self._sets_target:
            self._source.set_target((pointer.x, pointer.y))
        super().press(pointer)

    def set_source(self) -> None:
        """Copy from where the pointer is; if that is not in the photo, say so."""
        at, (height, width) = self._ring_at, self.document.shape
        if self.is_active:
            return
        if at is None or not (0 <= at.x() < width and 0 <= at.y() < height):
            self.notice_posted.emit(t("tools.copy.outside"), t("tools.copy.no_source.hint"))
            return
        self._repaint_ring()
        self._source.set_point((at.x(), at.y()))
        self._repaint_ring()

    def finish(self) -> None:
        """End the stroke and keep it."""
        super().finish()
        self._forget_placement()

    def cancel(self) -> bool:
        """Discard the stroke."""
        if self.is_active and self._sets_target:
            self._source.set_target(None)
        self._forget_placement()
        return super().cancel()

    def paint(self, painter: QPainter, view: ViewTransform) -> None:
        """Paint what would be copied, the ring, and the cross-hair."""
        at = self._ring_at
        if at is None or self._is_choosing:
            super().paint(painter, view)
            source = self._source.point
            if source is not None and self._source.other is None:
                paint_cross(painter, view.to_widget(QPointF(*source)))
            if at is not None:
                paint_cross(painter, view.to_widget(at))
            return
        placement = self._placement or self._find_placement(at)
        other = self._source.other
        own = None if self.canvas is None else self.canvas.picture
        picture = own if other is None else other.picture
        if placement is not None and picture is not None and not self.is_active:
            circle, radius = QPainterPath(), self._diameter() / 2
            circle.addEllipse(at, radius, radius)
            paint_copy(painter, view, picture, placement, circle)
        super().paint(painter, view)
        if placement is not None and other is None:
            paint_cross(painter, view.to_widget(_find_source(placement, at)))

    def _history_key(self, erases: bool) -> str:
        return f"history.{self.id}"

    def _start_stroke(self, editing: OpenEdit, erases: bool) -> CopyStroke:
        assert self._placement is not None
        size, hardness = self._diameter(), self._hardness()
        opacity = self.settings.get("clone.opacity") / 100
        other = None if self._source.other is None else self._source.other.document
        shape, placement = self.document.shape, self._placement
        return self.kind(editing, shape, size, hardness, placement, opacity, other)

    def _find_placement(self, at: QPointF) -> CopyPlacement | None:
        """What a stroke that begins ``at`` a point would copy."""
        return self._source.place(
            (at.x(), at.y()),
            bool(self.settings.get("clone.aligned")),
            float(self.settings.get("clone.rotation")),
            float(self.settings.get("clone.scale")) / 100,
            bool(self.settings.get("clone.mirrored")),
        )

    def _shows_any(self, placement: CopyPlacement, at: QPointF) -> bool:
        """Whether there is anything to copy under the brush."""
        radius = self._diameter() / 2
        reach = Rect.from_bounds(
            int(at.x() - radius), int(at.y() - radius), int(at.x() + radius) + 1,
            int(at.y() + radius) + 1,
        )  # fmt: skip
        other = self._source.other
        shape = self.document.shape if other is None else other.document.shape
        shown = placement.find_bounds(reach).intersect(Rect.whole(shape))
        return not shown.is_empty

    def _forget_placement(self) -> None:
        self._repaint_ring()
        self._placement = None
        self._repaint_ring()

    def _move_ring(self, pointer: PointerState | None) -> None:
        self._repaint_ring()
        self._is_choosing = pointer is not None and not self.is_active and pointer.erases
        if self._source.number != self._shown_number:
            self.begin()  # a project that was opened says so
        super()._move_ring(pointer)

    @Slot(str, object)
    def _on_setting(self, setting: str, value: object) -> None:
        if setting == "clone.number" and self.canvas is not None:  # else it is another photo's
            self._repaint_ring()
            self._shown_number = int(self.settings.get(setting))
            self._source.choose(self._shown_number)
            self._repaint_ring()
        super()._on_setting(setting, value)

    def _repaint_ring(self, size: float | None = None) -> None:
        super()._repaint_ring(size)
        if self.canvas is None:
            return
        points = [] if self._source.point is None else [QPointF(*self._source.point)]
        if self._ring_at is not None:
            points.append(self._ring_at)
            placement = self._placement or self._find_placement(self._ring_at)
            if placement is not None:
                points.append(_find_source(placement, self._ring_at))
        for point in points:
            self.request_repaint([point], _CROSS / self._scale())


class HealTool(CloneTool):
    """As the clone brush; its colours adapt to what is around the stroke, while it goes on."""

    id = "heal"
    kind = HealingStroke


def _find_source(placement: CopyPlacement, at: QPointF) -> QPointF:
    return QPointF(*placement.find_source(at.x(), at.y()))


class PatchTool(LassoTool):
    """A loop outlines what is to be healed; a drag from inside of it chooses what with. Meanwhile
    the outline shows what would be copied; it is healed when the drag ends, as one edit.

    The outline stays, to be dragged again; Esc removes it, and a loop beside it is another one.
    """

    id = "patch"

    def __init__(self, document: Document, settings: Settings) -> None:
        super().__init__(document, settings)
        self._outline = QPolygonF()
        self._dragged: tuple[QPointF, QPointF] | None = None  # from where, and to where

    @property
    def is_active(self) -> bool:
        """True while there is an outline, or a part of one."""
        return super().is_active or not self._outline.isEmpty()

    @property
    def hint(self) -> str:
        """What to do with the outline."""
        return "" if self._outline.isEmpty() else t("tools.patch.hint")

    def cursor(self) -> Qt.CursorShape:
        """A cross for the outline, a hand while it is dragged."""
        is_free = self._dragged is None
        return Qt.CursorShape.CrossCursor if is_free else Qt.CursorShape.ClosedHandCursor

    def press(self, pointer: PointerState) -> None:
        """Take hold of the outline, or begin one."""
        if self._outline.containsPoint(pointer.point, Qt.FillRule.OddEvenFill):
            self._dragged = (pointer.point, pointer.point)
            return
        self._set_outline(QPolygonF())
        super().press(pointer)

    def move(self, pointer: PointerState) -> None:
        """Drag the outline, or go on with it."""
        if self._dragged is None:
            super().move(pointer)
            return
        self._repaint_outline()
        self._dragged = (self._dragged[0], pointer.point)
        self._repaint_outline()

    def apply_loop(self, points: list[QPointF], erases: bool) -> None:
        """Keep the outline, to be dragged."""
        self._set_outline(QPolygonF(points))

    def finish(self) -> None:
        """Heal what is outlined with what it was dragged to; close a loop."""
        dragged, self._dragged = self._dragged, None
        if dragged is None:
            super().finish()
            return
        across, down = _find_move(*dragged)
        points = to_point_array(self._outline.toList())
        rect, strength = shapes.rasterize_polygon(points, self.document.shape)
        if rect.is_empty or not (across or down):
            return
        revision = self.document.revision
        with self.document.edit("history.patch") as editing:
            heal_region(editing, rect, strength, (across, down))
        if self.document.revision == revision:
            self.notice_posted.emit(t("tools.copy.beyond"), t("tools.patch.beyond_hint"))
        self._repaint_outline()

    def cancel(self) -> bool:
        """Put the outline back, or remove it."""
        if self._dragged is not None:
            self._repaint_outline()
            self._dragged = None
            return True
        had_outline = not self._outline.isEmpty()
        self._set_outline(QPolygonF())
        return super().cancel() or had_outline

    def paint(self, painter: QPainter, view: ViewTransform) -> None:
        """Paint the loop, what would be copied into it, and where from."""
        super().paint(painter, view)
        if self._outline.isEmpty():
            return
        path = QPainterPath()
        path.addPolygon(self._outline)
        path.closeSubpath()
        if self._dragged is not None:
            move = QPointF(*_find_move(*self._dragged))
            middle = self._outline.boundingRect().center()
            source = middle + move
            placement = CopyPlacement((source.x(), source.y()), (middle.x(), middle.y()))
            if self.canvas is not None and self.canvas.picture is not None:
                paint_copy(painter, view, self.canvas.picture, placement, path)
            paint_outline(painter, view.map_path(path.translated(move)), erases=True)
        paint_outline(painter, view.map_path(path))

    def _set_outline(self, outline: QPolygonF) -> None:
        self._repaint_outline()
        was_there, self._outline = not self._outline.isEmpty(), outline
        self._repaint_outline()
        if was_there or not outline.isEmpty():
            self.hint_changed.emit()

    def _repaint_outline(self) -> None:
        for move in (QPointF(), QPointF(*_find_move(*(self._dragged or (QPointF(), QPointF()))))):
            self.request_repaint([point + move for point in self._outline.toList()])


def _find_move(start: QPointF, end: QPointF) -> tuple[int, int]:
    """In whole pixels, so that they are copied as they are."""
    return round(end.x() - start.x()), round(end.y() - start.y())
