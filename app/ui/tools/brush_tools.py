"""The brush, the eraser, the brushes for where to copy from and for taking back, and the edge
pencil: strokes of a round brush.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, Qt, Slot
from PySide6.QtGui import QPainter

from app.configuration.text import t
from app.document.retouching.restoring_stroke import RestoringStroke
from app.document.stroke import EdgeStroke, Stroke
from app.ui.painting.shapes.outlines import paint_ring
from app.ui.painting.view_transform import ViewTransform
from app.ui.tools.tool import PointerState, Tool
from inpaint_core.contract.choices import Layer

if TYPE_CHECKING:
    from app.configuration.settings import Settings
    from app.document.document import Document
    from app.document.open_edit import OpenEdit


PenPoint = tuple[float, float, float]
"""x, y in the photo, and pressure."""

_SPACING = 0.03  # of the brush's size
_PRESSURE_STEP = 0.02  # of the full pressure
_CORNER_COSINE = math.cos(math.radians(50))
_MOST_PIECES = 8


class BrushTool(Tool):
    """Paints the mask; with Alt or the pen's eraser end it erases.

    With Shift, a press draws a straight line from the end of the last stroke.
    """

    id = "brush"
    uses_brush_size = True
    layer: Layer = "mask"
    erases = False
    ring_settings: tuple[str, ...] = ("brush.size", "brush.hardness", "brush.units")
    """The settings that change the ring."""

    def __init__(self, document: Document, settings: Settings) -> None:
        super().__init__(document, settings)
        self._editing: OpenEdit | None = None
        self._stroke: Stroke | EdgeStroke | None = None
        self._adds_to_mask = False
        self._ring_at: QPointF | None = None  # in the photo
        self._last_points: list[PenPoint] = []  # the last two points of the stroke
        self._pending: PenPoint | None = None  # the last one, if not drawn yet
        self._last_end: QPointF | None = None  # of the last stroke
        self._shown_diameter = self._diameter()
        settings.changed.connect(self._on_setting)

    @property
    def is_active(self) -> bool:
        """True during a stroke."""
        return self._editing is not None

    def cursor(self) -> Qt.CursorShape:
        """A blank one: the ring is the cursor."""
        return Qt.CursorShape.BlankCursor

    def press(self, pointer: PointerState) -> None:
        """Start a stroke."""
        erases = self.erases != pointer.erases
        self._editing = self.document.begin(self._history_key(erases))
        self._adds_to_mask = self.layer == "mask" and not erases
        self._stroke = self._start_stroke(self._editing, erases)
        self._last_points, self._pending = [], None
        if pointer.is_straight and self._last_end is not None:
            self._draw_to((self._last_end.x(), self._last_end.y(), pointer.pressure))
        self._draw_to((pointer.x, pointer.y, pointer.pressure))
        self._stroke.show()
        self._move_ring(pointer)

    def _history_key(self, erases: bool) -> str:
        """The text key of a stroke in the history."""
        return "history.eraser" if erases else "history.brush"

    def _start_stroke(self, editing: OpenEdit, erases: bool) -> Stroke | EdgeStroke:
        """The object that draws the stroke."""
        return Stroke(
            editing, self.layer, self.document.shape, self._diameter(), self._hardness(), erases
        )

    def _diameter(self) -> float:
        """The diameter in photo pixels."""
        size = float(self.settings.get("brush.size"))
        return size / self._scale() if self.settings.get("brush.units") == "screen" else size

    def _scale(self) -> float:
        """Logical pixels of the screen per photo pixel."""
        return 1.0 if self.canvas is None else self.canvas.view_at(QPointF(0, 0)).scale

    def _hardness(self) -> float:
        return float(self.settings.get("brush.hardness") / 100)

    def move(self, pointer: PointerState) -> None:
        """Continue the stroke."""
        if self._stroke is None:
            return
        self._pending = (pointer.x, pointer.y, pointer.pressure)
        x, y, pressure = self._last_points[-1]
        away = math.hypot(pointer.x - x, pointer.y - y)
        # A mouse reports up to a thousand points a second. Points closer together than the brush
        # can show wait for the next one, so that the cost of a stroke depends only on its length.
        spacing = max(_SPACING * self._diameter(), 0.5)
        if away >= spacing or abs(pointer.pressure - pressure) > _PRESSURE_STEP:
            self._draw_curve(max(0.3, 0.3 / self._scale()))
            self._stroke.show()
        self._move_ring(pointer)

    def release(self, pointer: PointerState) -> None:
        """End the stroke. A lifted pen reports no pressure: only its position is used."""
        if self._stroke is not None:
            self._pending = (pointer.x, pointer.y, pointer.pressure or self._last_points[-1][2])
        self._move_ring(pointer)
        self.finish()

    def hover(self, pointer: PointerState | None) -> None:
        """Move the ring."""
        self._move_ring(pointer)

    def finish(self) -> None:
        """End the stroke and keep it."""
        if self._stroke is not None:
            self._draw_curve(0.3)
            self._stroke.finish()
        editing, self._editing, self._stroke = self._editing, None, None
        if editing is None:
            return
        self._last_end = QPointF(self._last_points[-1][0], self._last_points[-1][1])
        revision = self.document.revision
        editing.commit()
        if self._adds_to_mask and self.document.revision != revision:
            self.committed.emit()

    def cancel(self) -> bool:
        """Discard the stroke."""
        editing, self._editing, self._stroke = self._editing, None, None
        if editing is None:
            return False
        editing.rollback()
        return True

    def paint(self, painter: QPainter, view: ViewTransform) -> None:
        """Paint the ring."""
        if self._ring_at is not None:
            radius = self._diameter() / 2 * view.scale
            paint_ring(painter, view.to_widget(self._ring_at), radius, self._hardness())

    def _draw_curve(self, tolerance: float) -> None:
        """Draw to the pending point, in pieces at most ``tolerance`` photo pixels off a curve."""
        point, self._pending = self._pending, None
        if point is None or point == self._last_points[-1]:
            return
        before = self._last_points[-2] if len(self._last_points) > 1 else None
        for step in interpolate_curve(before, self._last_points[-1], point, tolerance):
            self._draw(step)
        self._last_points = [self._last_points[-1], point]

    def _draw_to(self, point: PenPoint) -> None:
        self._draw(point)
        self._last_points = [*self._last_points[-1:], point]

    def _draw(self, point: PenPoint) -> None:
        x, y, pressure = point
        pressure_sets = self.settings.get("brush.pressure")
        assert self._stroke is not None
        self._stroke.draw_to(
            x,
            y,
            pressure if pressure_sets == "size" else 1.0,
            pressure if pressure_sets == "hardness" else 1.0,
        )

    def _move_ring(self, pointer: PointerState | None) -> None:
        self._repaint_ring()
        self._ring_at = None if pointer is None else pointer.point
        self._repaint_ring()

    def _repaint_ring(self, size: float | None = None) -> None:
        if self._ring_at is not None and self.canvas is not None:
            scale = self._scale()
            radius = (self._diameter() if size is None else size) / 2
            self.request_repaint([self._ring_at], max(radius, 3 / scale) + 3 / scale)

    @Slot(str, object)
    def _on_setting(self, setting: str, _value: object) -> None:
        if setting in self.ring_settings and self._ring_at is not None:
            self._repaint_ring(self._shown_diameter)  # the previous ring may be larger
            self._repaint_ring()
        if setting in self.ring_settings:
            self._shown_diameter = self._diameter()


class EraserTool(BrushTool):
    """Erases from the mask; with Alt it paints."""

    id = "eraser"
    erases = True


class ProtectTool(BrushTool):
    """Paints the protected area, from which nothing is copied; with Alt it erases."""

    id = "protect"
    layer: Layer = "protect"

    def _history_key(self, erases: bool) -> str:
        return "history.unprotect" if erases else "history.protect"


class SourceTool(BrushTool):
    """Paints the area from which alone is copied; with Alt it erases."""

    id = "source"
    layer: Layer = "source"

    def _history_key(self, erases: bool) -> str:
        return "history.source.erased" if erases else "history.source"


class PencilTool(BrushTool):
    """Draws edges; erases them with Alt, the pen's eraser end, or in the mode "erase".

    With Shift, a press draws a straight line from the end of the last one.
    """

    id = "pencil"
    uses_brush_size = False
    layer: Layer = "edges"
    ring_settings: tuple[str, ...] = ("pencil.width", "pencil.eraser", "pencil.mode")

    def __init__(self, document: Document, settings: Settings) -> None:
        self._ring_erases = False  # the ring shows the eraser's size
        self.settings = settings
        super().__init__(document, settings)

    @property
    def erases(self) -> bool:  # type: ignore[override]
        """True in the mode in which drawing without Alt erases."""
        return bool(self.settings.get("pencil.mode") == "erase")

    def _history_key(self, erases: bool) -> str:
        return "history.unpencil" if erases else "history.pencil"

    def _start_stroke(self, editing: OpenEdit, erases: bool) -> EdgeStroke:
        return EdgeStroke(editing, self.layer, self._width(erases), erases)

    def _diameter(self) -> float:
        return self._width(self._ring_erases)

    def _hardness(self) -> float:
        return 1.0

    def _width(self, erases: bool) -> float:
        return float(self.settings.get("pencil.eraser" if erases else "pencil.width"))

    def _move_ring(self, pointer: PointerState | None) -> None:
        self._repaint_ring()
        if pointer is not None:
            self._ring_erases = self.erases != pointer.erases
        super()._move_ring(pointer)


def interpolate_curve(
    before: PenPoint | None, start: PenPoint, end: PenPoint, tolerance: float
) -> list[PenPoint]:
    """Points from ``start`` (not included) to ``end`` (included) on a curve that comes from
    ``before``: a cubic Hermite spline with tangents like Catmull and Rom's. It goes through every
    point and needs no later one.

    ``tolerance``: the largest distance of the pieces from the curve, in photo pixels. At a corner,
    or after a piece of a very different length, the line is straight: a curve would overshoot.
    """
    dx, dy = end[0] - start[0], end[1] - start[1]
    length = math.hypot(dx, dy)
    if before is None or length == 0:
        return [end]
    px, py = start[0] - before[0], start[1] - before[1]
    before_length = math.hypot(px, py)
    turns = px * dx + py * dy < _CORNER_COSINE * before_length * length
    if turns or not length / 4 < before_length < length * 4:
        return [end]
    # Tangents: at the start along both of its pieces, at the end along the chord.
    tx = (px / before_length + dx / length) / 2 * length
    ty = (py / before_length + dy / length) / 2 * length
    # How far the start tangent leads off the chord; the bulge of a cubic is 4/27 of that.
    bulge = abs(tx * dy - ty * dx) / length * 4 / 27
    count = min(math.ceil(math.sqrt(bulge / tolerance)), _MOST_PIECES)
    points = []
    for index in range(1, count):
        u = index / count
        h_start, h_end = 2 * u**3 - 3 * u**2 + 1, 3 * u**2 - 2 * u**3
        g_start, g_end = u**3 - 2 * u**2 + u, u**3 - u**2
        points.append(
            (
                h_start * start[0] + g_start * tx + h_end * end[0] + g_end * dx,
                h_start * start[1] + g_start * ty + h_end * end[1] + g_end * dy,
                start[2] + (end[2] - start[2]) * u,
            )
        )
    return [*points, end]


class RestoreTool(BrushTool):
    """Paints the original back into fills; with Alt, the pen's eraser end, or in the mode "put", it
    paints the fills over it again.
    """

    id = "restore"
    layer: Layer = "restored"

    @property
    def erases(self) -> bool:  # type: ignore[override]
        """True in the mode in which painting without Alt brings the fills back."""
        return bool(self.settings.get("restore.mode") == "put")

    @property
    def hint(self) -> str:
        """What painting does in the mode that is set."""
        return t("tools.restore.put") if self.erases else ""

    @Slot(str, object)
    def _on_setting(self, setting: str, value: object) -> None:
        super()._on_setting(setting, value)
        if setting == "restore.mode":
            self.hint_changed.emit()

    def _history_key(self, erases: bool) -> str:
        return "history.unrestore" if erases else "history.restore"

    def _start_stroke(self, editing: OpenEdit, erases: bool) -> RestoringStroke:
        return RestoringStroke(
            editing, self.document.shape, self._diameter(), self._hardness(), erases
        )
