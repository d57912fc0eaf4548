"""Brush, eraser and protect brush: strokes of a round brush."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, Qt, Slot
from PySide6.QtGui import QPainter

from app.document.change import Layer
from app.document.stroke import Stroke
from app.ui.painting.view_transform import View
from app.ui.tools.curve import Point, between
from app.ui.tools.ring import paint_ring
from app.ui.tools.tool import Pointer, Tool

if TYPE_CHECKING:
    from app.configuration.settings import Settings
    from app.document.document import Document
    from app.document.edge_line import Trace
    from app.document.editing import Editing

_NEAR = 0.03  # of the brush's size
_LIGHTER = 0.02  # of the full pressure


class Brush(Tool):
    """Paints the mask; with Alt or the pen's eraser end it takes away.

    With Shift a press draws a straight line from where the last stroke ended.
    """

    id = "brush"
    sized = True
    layer: Layer = "mask"
    erases = False
    shaping: tuple[str, ...] = ("brush.size", "brush.hardness")
    """The settings that its ring shows."""

    def __init__(self, document: Document, settings: Settings) -> None:
        super().__init__(document, settings)
        self._editing: Editing | None = None
        self._stroke: Stroke | Trace | None = None
        self._adds = False
        self._at: QPointF | None = None  # where the ring is
        self._way: list[Point] = []  # the last two points of the stroke
        self._waiting: Point | None = None  # the last one told, where it is not drawn yet
        self._ended: QPointF | None = None  # where the last stroke ended
        self._size_shown = self._size()
        settings.changed.connect(self._on_setting)

    @property
    def active(self) -> bool:
        """True while a stroke is under way."""
        return self._editing is not None

    def cursor(self) -> Qt.CursorShape:
        """The ring is the cursor."""
        return Qt.CursorShape.BlankCursor

    def press(self, pointer: Pointer) -> None:
        """Begin a stroke."""
        erases = self.erases != pointer.erases
        self._editing = self.document.begin(self._name(erases))
        self._adds = self.layer == "mask" and not erases
        self._stroke = self._begun(self._editing, erases)
        self._way, self._waiting = [], None
        if pointer.straight and self._ended is not None:
            self._to((self._ended.x(), self._ended.y(), pointer.pressure))
        self._to((pointer.x, pointer.y, pointer.pressure))
        self._move_ring(pointer)

    def _name(self, erases: bool) -> str:
        """What the history calls a stroke."""
        return "history.eraser" if erases else "history.brush"

    def _begun(self, editing: Editing, erases: bool) -> Stroke | Trace:
        """What draws the stroke."""
        return Stroke(
            editing,
            self.layer,
            self.document.shape,
            self._size(),
            self._hardness(),
            erases,
        )

    def _size(self) -> float:
        """Its diameter in pixels of the photo."""
        return float(self.settings.get("brush.size"))

    def _hardness(self) -> float:
        return float(self.settings.get("brush.hardness") / 100)

    def move(self, pointer: Pointer) -> None:
        """Go on with the stroke."""
        if self._stroke is None:
            return
        self._waiting = (pointer.x, pointer.y, pointer.pressure)
        x, y, pressure = self._way[-1]
        away = math.hypot(pointer.x - x, pointer.y - y)
        # A mouse tells a thousand points a second. Those that lie closer together than the brush
        # can show wait for the next one: what a stroke costs then depends on its length only.
        near = max(_NEAR * self._size(), 0.5)
        if away >= near or abs(pointer.pressure - pressure) > _LIGHTER:
            scale = 1.0 if self.stage is None else self.stage.view_at(pointer.at).scale
            self._curve(max(0.3, 0.3 / scale))
        self._move_ring(pointer)

    def release(self, pointer: Pointer) -> None:
        """End the stroke. A pen that is lifted has no pressure left: only the place counts."""
        if self._stroke is not None:
            self._waiting = (pointer.x, pointer.y, pointer.pressure or self._way[-1][2])
        self._move_ring(pointer)
        self.finish()

    def hover(self, pointer: Pointer | None) -> None:
        """Move the ring."""
        self._move_ring(pointer)

    def finish(self) -> None:
        """Keep what was painted."""
        if self._stroke is not None:
            self._curve(0.3)
        editing, self._editing, self._stroke = self._editing, None, None
        if editing is None:
            return
        self._ended = QPointF(self._way[-1][0], self._way[-1][1])
        revision = self.document.revision
        editing.commit()
        if self._adds and self.document.revision != revision:
            self.committed.emit()

    def cancel(self) -> bool:
        """Take the stroke back."""
        editing, self._editing, self._stroke = self._editing, None, None
        if editing is None:
            return False
        editing.rollback()
        return True

    def paint(self, painter: QPainter, view: View) -> None:
        """Draw the ring."""
        if self._at is not None:
            radius = self._size() / 2 * view.scale
            paint_ring(painter, view.to_widget(self._at), radius, self._hardness())

    def _curve(self, fine: float) -> None:
        """Draw to the point that waits, in pieces no farther than ``fine`` from a curve."""
        point, self._waiting = self._waiting, None
        if point is None or point == self._way[-1]:
            return
        before = self._way[-2] if len(self._way) > 1 else None
        for place in between(before, self._way[-1], point, fine):
            self._draw(place)
        self._way = [self._way[-1], point]

    def _to(self, point: Point) -> None:
        self._draw(point)
        self._way = [*self._way[-1:], point]

    def _draw(self, point: Point) -> None:
        x, y, pressure = point
        means = self.settings.get("brush.pressure")
        assert self._stroke is not None
        self._stroke.to(
            x,
            y,
            pressure if means == "size" else 1.0,
            pressure if means == "hardness" else 1.0,
        )

    def _move_ring(self, pointer: Pointer | None) -> None:
        self._touch_ring()
        self._at = None if pointer is None else QPointF(pointer.x, pointer.y)
        self._touch_ring()

    def _touch_ring(self, size: float | None = None) -> None:
        if self._at is not None and self.stage is not None:
            scale = self.stage.view_at(QPointF(0, 0)).scale
            radius = (self._size() if size is None else size) / 2
            self.touch([self._at], max(radius, 3 / scale) + 3 / scale)

    @Slot(str, object)
    def _on_setting(self, setting: str, _value: object) -> None:
        if setting in self.shaping and self._at is not None:
            self._touch_ring(self._size_shown)  # where the larger of both rings is
            self._touch_ring()
        if setting in self.shaping:
            self._size_shown = self._size()


class Eraser(Brush):
    """Takes away what the brush paints; with Alt it paints."""

    id = "eraser"
    erases = True


class Protect(Brush):
    """Paints what must not be copied from; with Alt it takes that away."""

    id = "protect"
    layer: Layer = "protect"

    def _name(self, erases: bool) -> str:
        return "history.protect"
