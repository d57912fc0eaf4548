"""The clone and heal brushes, which copy from a point that Alt and a click set."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF
from PySide6.QtGui import QPainter

from app.configuration.text import t
from app.document.open_edit import OpenEdit
from app.document.retouching.copy_placement import CopyPlacement
from app.document.retouching.copy_source import source_of
from app.document.retouching.copy_stroke import CopyStroke, HealingStroke
from app.ui.painting.copy_preview import paint_copy
from app.ui.painting.shapes.outlines import paint_cross
from app.ui.painting.view_transform import ViewTransform
from app.ui.tools.brush_tools import BrushTool
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
        super().__init__(document, settings)

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
            if source is not None:
                paint_cross(painter, view.to_widget(QPointF(*source)))
            if at is not None:
                paint_cross(painter, view.to_widget(at))
            return
        placement = self._placement or self._find_placement(at)
        picture = None if self.canvas is None else self.canvas.picture
        if placement is not None and picture is not None and not self.is_active:
            paint_copy(painter, view, picture, placement, at, self._diameter())
        super().paint(painter, view)
        if placement is not None:
            paint_cross(painter, view.to_widget(_find_source(placement, at)))

    def _history_key(self, erases: bool) -> str:
        return f"history.{self.id}"

    def _start_stroke(self, editing: OpenEdit, erases: bool) -> CopyStroke:
        assert self._placement is not None
        size, hardness = self._diameter(), self._hardness()
        opacity = self.settings.get("clone.opacity") / 100
        return self.kind(editing, self.document.shape, size, hardness, self._placement, opacity)

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
        shown = placement.find_bounds(reach).intersect(Rect.whole(self.document.shape))
        return not shown.is_empty

    def _forget_placement(self) -> None:
        self._repaint_ring()
        self._placement = None
        self._repaint_ring()

    def _move_ring(self, pointer: PointerState | None) -> None:
        self._repaint_ring()
        self._is_choosing = pointer is not None and not self.is_active and pointer.erases
        super()._move_ring(pointer)

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
