"""The tools that add a region to the mask as one edit: lasso, box and polygon."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt, Slot
from PySide6.QtGui import QKeyEvent, QPainter, QPainterPath

from app.configuration.text import t
from app.document import shapes
from app.ui.painting.shapes.edge_outline import EdgeOutline
from app.ui.painting.shapes.outlines import paint_corner, paint_loop, paint_outline
from app.ui.painting.view_transform import ViewTransform
from app.ui.tools.tool import PointerState, Tool
from inpaint_core.contract.choices import Layer

if TYPE_CHECKING:
    from app.configuration.settings import Settings
    from app.document.document import Document
    from app.workers.jobs import Lane
    from inpaint_core.contract.geometry import Rect

_CLOSING_DISTANCE = 8.0  # logical pixels around the first corner: a click closes the outline
_ENTER_KEYS = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


_AREA_KEYS: dict[Layer, tuple[str, str]] = {
    "protect": ("history.protect", "history.unprotect"),
    "source": ("history.source", "history.source.erased"),
}
"""The words in the history for an area that is added, and for one that is erased."""


class RegionTool(Tool):
    """Adds a region to the mask or erases it."""

    @property
    def layer(self) -> Layer:
        """What the region is added to."""
        return "mask"

    def apply(self, rect: Rect, coverage: NDArray[np.uint8], erases: bool) -> None:
        """Add ``coverage`` (h, w) 0..255 to the layer in ``rect``, or erase it."""
        if rect.is_empty:
            return
        layer, revision = self.layer, self.document.revision
        key = _AREA_KEYS[layer][erases] if layer in _AREA_KEYS else f"history.{self.id}"
        with self.document.edit(key) as editing:
            shapes.paint_shape(editing, layer, rect, coverage, erases)
        if layer == "mask" and not erases and self.document.revision != revision:
            self.committed.emit()

    def apply_polygon(self, points: Sequence[QPointF], erases: bool) -> None:
        """Add the polygon through ``points`` to the mask, or erase it."""
        self.apply(*shapes.rasterize_polygon(to_point_array(points), self.document.shape), erases)


def to_point_array(points: Sequence[QPointF]) -> NDArray[np.float64]:
    """``points`` as (N, 2), x and y."""
    return np.array([(point.x(), point.y()) for point in points], np.float64).reshape(-1, 2)


class OutlineTool(RegionTool):
    """Adds the inside of an outline to the mask, or to what the setting “outline.layer” says."""

    def __init__(self, document: Document, settings: Settings) -> None:
        super().__init__(document, settings)
        settings.changed.connect(self._on_setting)

    @property
    def hint(self) -> str:
        """What is outlined, if it is not what is to be removed."""
        return "" if self.layer == "mask" else t(f"tools.outline.{self.layer}")

    @Slot(str, object)
    def _on_setting(self, setting: str, _value: object) -> None:
        if setting in ("outline.layer", "outline.edges"):
            self.hint_changed.emit()

    @property
    def layer(self) -> Layer:
        """What the region is added to."""
        chosen: Layer = self.settings.get("outline.layer")
        return chosen


class LassoTool(OutlineTool):
    """A freehand loop, closed with a straight line: adds its inside; with Alt, erases it."""

    id = "lasso"

    def __init__(self, document: Document, settings: Settings) -> None:
        super().__init__(document, settings)
        self._points: list[QPointF] = []
        self._erases = False

    @property
    def is_active(self) -> bool:
        """True while a loop is being drawn."""
        return bool(self._points)

    def press(self, pointer: PointerState) -> None:
        """Start the loop."""
        self._points, self._erases = [pointer.point], pointer.erases

    def move(self, pointer: PointerState) -> None:
        """Extend the loop."""
        if self._points and self._points[-1] != pointer.point:
            self._points.append(pointer.point)
            # The closing line runs from the end to the first point.
            self.request_repaint([self._points[0], *self._points[-3:]])

    def release(self, pointer: PointerState) -> None:
        """Close and apply the loop."""
        self.move(pointer)
        self.finish()

    def finish(self) -> None:
        """Close and apply the loop."""
        points = self._take_points()
        if len(points) > 2:
            self.apply_loop(points, self._erases)

    def apply_loop(self, points: list[QPointF], erases: bool) -> None:
        """Apply a loop that was closed."""
        self.apply_polygon(points, erases)

    def cancel(self) -> bool:
        """Discard the loop."""
        return bool(self._take_points())

    def _take_points(self) -> list[QPointF]:
        points, self._points = self._points, []
        self.request_repaint(points)
        return points

    def paint(self, painter: QPainter, view: ViewTransform) -> None:
        """Paint the loop."""
        paint_loop(painter, [view.to_widget(point) for point in self._points], self._erases)


class BoxTool(RegionTool):
    """Adds the box to the mask; Shift makes its sides equal, Alt erases it from the mask."""

    id = "box"

    def __init__(self, document: Document, settings: Settings) -> None:
        super().__init__(document, settings)
        self._start: QPointF | None = None
        self._end = QPointF()
        self._erases = False

    @property
    def is_active(self) -> bool:
        """True while a box is being dragged."""
        return self._start is not None

    def press(self, pointer: PointerState) -> None:
        """Set the first corner."""
        self._erases = pointer.erases
        self._start = self._end = pointer.point

    def move(self, pointer: PointerState) -> None:
        """Drag the other corner."""
        if self._start is None:
            return
        self.request_repaint([self._start, self._end])
        end = pointer.point
        if pointer.is_straight:
            across, down = end.x() - self._start.x(), end.y() - self._start.y()
            side = max(abs(across), abs(down))
            square = QPointF(math.copysign(side, across), math.copysign(side, down))
            end = self._start + square
        self._end = end
        self.request_repaint([self._start, self._end])

    def release(self, pointer: PointerState) -> None:
        """Apply the box."""
        self.move(pointer)
        self.finish()

    def finish(self) -> None:
        """Apply the box as it is."""
        start, self._start = self._start, None
        if start is None:
            return
        self.request_repaint([start, self._end])
        draw = shapes.rasterize_ellipse if self._is_ellipse else shapes.rasterize_rectangle
        rect, coverage = draw(
            start.x(), start.y(), self._end.x(), self._end.y(), self.document.shape
        )
        self.apply(rect, coverage, self._erases)

    def cancel(self) -> bool:
        """Discard the box."""
        start, self._start = self._start, None
        if start is not None:
            self.request_repaint([start, self._end])
        return start is not None

    def paint(self, painter: QPainter, view: ViewTransform) -> None:
        """Paint the outline of the box."""
        if self._start is not None:
            box = QRectF(view.to_widget(self._start), view.to_widget(self._end)).normalized()
            path = QPainterPath()
            if self._is_ellipse:
                path.addEllipse(box)
            else:
                path.addRect(box)
            paint_outline(painter, path, self._erases)

    @property
    def _is_ellipse(self) -> bool:
        return bool(self.settings.get("box.shape") == "ellipse")


class PolygonTool(OutlineTool):
    """A click sets a corner. A double click, Enter, or a click on the first corner closes the
    outline and adds its inside, or erases it with Alt; Backspace removes the last corner.

    With the setting “outline.edges”, sides follow the photo's edges, but for those with Shift.
    """

    id = "polygon"
    keys = frozenset({*_ENTER_KEYS, Qt.Key.Key_Backspace})

    def __init__(self, document: Document, settings: Settings, lane: Lane) -> None:
        super().__init__(document, settings)
        self._outline = EdgeOutline(lambda: document.pixels, lane)
        self._outline.searched.connect(self._on_searched)
        self._end: PointerState | None = None  # where the next corner would be
        self._next: list[QPointF] = []  # the side up to there
        self._closing: list[QPointF] = []  # and on to the first corner

    @property
    def hint(self) -> str:
        """How to go along edges, if that is what the sides do."""
        return super().hint or (t("tools.outline.edges") if self._follows_edges else "")

    @property
    def is_active(self) -> bool:
        """True while there are corners."""
        return bool(self._outline.corners)

    def press(self, pointer: PointerState) -> None:
        """Set a corner, or close the outline at its first one."""
        self._see(pointer)
        if self._would_close(pointer):
            self._close(pointer.erases)
            return
        self._outline.add(pointer.point)
        self._follow(pointer)

    def move(self, pointer: PointerState) -> None:
        """Move the corner that was just set until the button is released."""
        if self.is_active:
            self._see(pointer)
            self.request_repaint(self._changing_points())
            self._outline.move_last(pointer.point)
            self._follow(pointer)

    def release(self, pointer: PointerState) -> None:
        """The corner stays where it is: search the edges around it."""
        self._outline.search()

    def double_press(self, pointer: PointerState) -> None:
        """Close the outline: the first of the two clicks has set its last corner."""
        if self.is_active:
            self._see(pointer)
            self._close(pointer.erases)
        else:
            self.press(pointer)

    def hover(self, pointer: PointerState | None) -> None:
        """Show the next side up to the cursor."""
        if self.is_active:
            self._see(pointer)
            self._outline.search()  # at another zoom, again
            self._follow(pointer)

    def press_key(self, event: QKeyEvent) -> bool:
        """Enter closes the outline, Backspace removes a corner."""
        if not self.is_active:
            return False
        if event.key() in _ENTER_KEYS:
            self._close(bool(event.modifiers() & Qt.KeyboardModifier.AltModifier))
            return True
        if event.key() == Qt.Key.Key_Backspace:
            self.request_repaint(self._changing_points())
            self._outline.remove_last()
            self._outline.search()
            self._follow(self._end)
            return True
        return False

    def cancel(self) -> bool:
        """Discard the corners; they are no longer shown, not even beyond the photo."""
        was_active = self.is_active
        self.request_repaint([*self._outline.points, *self._changing_points()])
        self._outline.clear()
        self._end, self._next, self._closing = None, [], []
        return was_active

    def paint(self, painter: QPainter, view: ViewTransform) -> None:
        """Paint the corners, the sides, and the side that would close the outline."""
        points = [view.to_widget(point) for point in [*self._outline.points, *self._next]]
        closing = [view.to_widget(point) for point in self._closing]
        erases = self._end is not None and self._end.erases
        paint_loop(painter, points, erases, 0.4, closing)
        for index, corner in enumerate(self._outline.corners):
            closes = index == 0 and self._end is not None and self._would_close(self._end)
            paint_corner(painter, view.to_widget(corner), closes)

    @property
    def _follows_edges(self) -> bool:
        return bool(self.settings.get("outline.edges"))

    def _see(self, pointer: PointerState | None) -> None:
        """Sides are from now on as the pointer wants them, and as exact as the photo is shown."""
        if pointer is not None and self.canvas is not None:
            step = max(1.0, 1 / self.canvas.view_at(pointer.at).scale)
            self._outline.step = step if self._follows_edges and not pointer.is_straight else None

    @Slot()
    def _on_searched(self) -> None:
        self._follow(self._end)

    def _would_close(self, pointer: PointerState) -> bool:
        corners = self._outline.corners
        if len(corners) < 3 or self.canvas is None:
            return False
        view = self.canvas.view_at(pointer.at)
        away = view.to_widget(corners[0]) - view.to_widget(pointer.point)
        return away.manhattanLength() <= _CLOSING_DISTANCE

    def _close(self, erases: bool) -> None:
        is_area = len(self._outline.corners) > 2
        points = self._outline.closed_points if is_area else []
        self.cancel()
        if is_area:
            self.apply_polygon(points, erases)

    def _follow(self, pointer: PointerState | None) -> None:
        self.request_repaint(self._changing_points())
        self._end, self._next, self._closing = pointer, [], []
        if self.is_active:
            if pointer is not None:
                self._next = self._outline.trace_next(pointer.point)
            self._closing = self._outline.trace_closing((self._next or self._outline.points)[-1])
        self.request_repaint(self._changing_points())

    def _changing_points(self) -> list[QPointF]:
        """The points between which the painted outline changes."""
        first = self._outline.corners[:1]
        return [*first, *self._outline.last_points, *self._next, *self._closing]
