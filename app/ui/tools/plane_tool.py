"""The tool that sets planes: surfaces of the photo that a fill continues in perspective."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import (
    QColor,
    QKeyEvent,
    QPainter,
    QPainterPath,
    QPen,
    QPolygonF,
    QTransform,
)

from app.configuration.text import t
from app.ui.painting.shapes.outlines import paint_corner, paint_outline, path_through
from app.ui.painting.view_transform import ViewTransform
from app.ui.tools.tool import PointerState, Tool
from inpaint_core.contract.geometry import Plane

if TYPE_CHECKING:
    from app.configuration.settings import Settings
    from app.document.document import Document

_REACH = 10.0  # logical pixels around a corner: a press takes hold of it
_CELLS = 5  # of the grid, along each side
_DELETE_KEYS = frozenset({Qt.Key.Key_Backspace, Qt.Key.Key_Delete})


class PlaneTool(Tool):
    """Four clicks set the corners of a rectangle that lies on a surface. Corners can be dragged.

    Backspace or Delete removes the last corner, or the plane that was touched last.
    """

    id = "plane"
    shows_document = True
    keys = _DELETE_KEYS

    def __init__(self, document: Document, settings: Settings) -> None:
        super().__init__(document, settings)
        self._corners: list[QPointF] = []  # of a plane that is not complete
        self._pointer: PointerState | None = None
        self._touched = -1  # the index of a plane
        self._dragged: tuple[int, Plane] | None = None  # a corner, and the plane as it is dragged

    @property
    def is_active(self) -> bool:
        """True while a plane is not complete, or a corner is being dragged."""
        return bool(self._corners) or self._dragged is not None

    def press(self, pointer: PointerState) -> None:
        """Take hold of a corner, or set one."""
        held = self._find_corner(pointer) if not self._corners else None
        if held is not None:
            self._touched = held[0]
            self._dragged = (held[1], self.document.planes[held[0]])
        else:
            self._corners.append(pointer.point)
        self._follow(pointer)

    def move(self, pointer: PointerState) -> None:
        """Drag the corner; no further than the plane stays one that a rectangle can look like."""
        if self._dragged is not None:
            number, plane = self._dragged
            moved = _with_corner(plane, number, pointer.point)
            if moved.is_valid:
                self._dragged = number, moved
        elif self._corners:
            self._corners[-1] = pointer.point
        self._follow(pointer)

    def release(self, pointer: PointerState) -> None:
        """Keep the corner; with the fourth, the plane is complete."""
        self.move(pointer)
        self.finish()

    def double_press(self, pointer: PointerState) -> None:
        """Nothing more than the first of the two clicks."""

    def hover(self, pointer: PointerState | None) -> None:
        """Show the next side up to the cursor."""
        self._follow(pointer)

    def finish(self) -> None:
        """Keep a corner that was dragged, and a plane that has all corners."""
        planes = list(self.document.planes)
        if self._dragged is not None:
            plane, self._dragged = self._dragged[1], None
            if plane != planes[self._touched]:
                planes[self._touched] = plane
                self.document.set_planes(planes, "history.plane.moved")
        elif len(self._corners) == 4:
            plane = _make_plane(self._corners)
            if not plane.is_valid:
                self._corners.pop()
                self.notice_posted.emit(t("tools.plane.crossed"), t("tools.plane.crossed.hint"))
            else:
                self._corners = []
                self._touched = len(planes)
                self.document.set_planes([*planes, plane])
        self._repaint()

    def cancel(self) -> bool:
        """Discard the unfinished plane, or put the dragged corner back."""
        was_active = self.is_active
        self._corners, self._dragged = [], None
        self._repaint()
        return was_active

    def press_key(self, event: QKeyEvent) -> bool:
        """Remove the last corner, or a plane."""
        if event.key() not in _DELETE_KEYS or self._dragged is not None:
            return False
        planes = list(self.document.planes)
        if self._corners:
            self._corners.pop()
        elif planes:
            del planes[self._touched if 0 <= self._touched < len(planes) else -1]
            self.document.set_planes(planes, "history.plane.removed")
            self._touched = -1
        else:
            return False
        self._repaint()
        return True

    def paint(self, painter: QPainter, view: ViewTransform) -> None:
        """Paint every plane with its grid, and the corners of one that is not complete."""
        for number, plane in enumerate(self.document.planes):
            if self._dragged is not None and number == self._touched:
                plane = self._dragged[1]
            _paint_plane(painter, view, plane)
        if not self._corners:
            return
        points = [view.to_widget(corner) for corner in self._corners]
        ends = [] if self._pointer is None else [view.to_widget(self._pointer.point)]
        if len(points) == 3:
            ends += points[:1]
        paint_outline(painter, path_through([*points, *ends]))
        for point in points:
            paint_corner(painter, point)

    def _find_corner(self, pointer: PointerState) -> tuple[int, int] | None:
        """The plane and the number of the corner under the pointer."""
        if self.canvas is None:
            return None
        view, found, least = self.canvas.view_at(pointer.at), None, _REACH
        here = view.to_widget(pointer.point)
        for index, plane in enumerate(self.document.planes):
            for number, corner in enumerate(_list_corners(plane)):
                away = (view.to_widget(corner) - here).manhattanLength()
                if away <= least:
                    found, least = (index, number), away
        return found

    def _follow(self, pointer: PointerState | None) -> None:
        moves = self._pointer is not None or pointer is not None
        self._pointer = pointer
        if self.is_active and moves:
            self._repaint()

    def _repaint(self) -> None:
        height, width = self.document.shape
        corners = [corner for plane in self.document.planes for corner in _list_corners(plane)]
        dragged = [] if self._dragged is None else _list_corners(self._dragged[1])
        pointer = [] if self._pointer is None else [self._pointer.point]
        whole = [QPointF(0, 0), QPointF(width, height)]
        self.request_repaint([*whole, *corners, *dragged, *self._corners, *pointer], 1.0)


def _list_corners(plane: Plane) -> list[QPointF]:
    """The corners where pixel (0, 0) covers 0..1."""
    return [QPointF(x + 0.5, y + 0.5) for x, y in plane.corners]


def _make_plane(corners: list[QPointF]) -> Plane:
    return Plane(tuple((corner.x() - 0.5, corner.y() - 0.5) for corner in corners))


def _with_corner(plane: Plane, number: int, point: QPointF) -> Plane:
    corners = _list_corners(plane)
    corners[number] = point
    return _make_plane(corners)


def _paint_plane(painter: QPainter, view: ViewTransform, plane: Plane) -> None:
    corners = [view.to_widget(corner) for corner in _list_corners(plane)]
    square = QTransform.squareToQuad(QPolygonF(corners))
    if isinstance(square, QTransform):
        grid = QPainterPath()
        for k in range(1, _CELLS):
            for a, b in (((k, 0), (k, _CELLS)), ((0, k), (_CELLS, k))):
                grid.moveTo(square.map(QPointF(*a) / _CELLS))
                grid.lineTo(square.map(QPointF(*b) / _CELLS))
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for colour, width in ((QColor(0, 0, 0, 110), 2.6), (QColor(90, 200, 250, 230), 1.0)):
            painter.setPen(QPen(colour, width))
            painter.drawPath(grid)
        painter.restore()
    paint_outline(painter, path_through([*corners, corners[0]]))
    for corner in corners:
        paint_corner(painter, corner)
