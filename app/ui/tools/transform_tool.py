"""The tool that moves, turns and scales the mask, or a connected part of it."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, Literal

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QKeyEvent, QPainter, QPolygonF

from app.configuration.text import t
from app.document.retouching.copy_placement import CopyPlacement
from app.document.retouching.lifted_mask import LiftedMask
from app.ui.painting.shapes.moved_mask import MovedMask
from app.ui.painting.shapes.outlines import paint_corner, paint_outline, path_through
from app.ui.painting.view_transform import ViewTransform
from app.ui.tools.tool import PointerState, Tool

if TYPE_CHECKING:
    from app.configuration.settings import Settings
    from app.document.document import Document

Gesture = Literal["", "move", "turn", "scale"]

_REACH = 10.0  # logical pixels around a handle: a press takes hold of it
_STALK = 26.0  # logical pixels from the frame to the handle that turns it
_STEADY = 3.0  # logical pixels: a shorter drag is a click
_SMALLEST, _LARGEST = 0.05, 20.0  # times its size
_ENTER_KEYS = frozenset({Qt.Key.Key_Return, Qt.Key.Key_Enter})
_WAYS = {
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, -1),
    Qt.Key.Key_Down: (0, 1),
}


class TransformTool(Tool):
    """Shows a frame around the mask: inside of it, a drag moves the mask, a corner scales it, and
    the handle beyond it turns it. A click on a part of the mask takes that part alone, one beside
    it all again. Arrow keys move by a pixel, with Shift by ten; with Ctrl they turn and scale.

    Enter makes it one edit, Esc puts the mask back. The document stays as it is until then.
    """

    id = "transform"
    shows_document = True
    keys = _ENTER_KEYS | _WAYS.keys()

    def __init__(self, document: Document, settings: Settings) -> None:
        super().__init__(document, settings)
        self._lifted: tuple[LiftedMask, MovedMask] | None = None
        self._revision = -1  # of the document that it was lifted from
        self._placement = CopyPlacement((0, 0), (0, 0))
        self._is_hiding = False  # the mask where it was
        self._gesture: Gesture = ""
        self._start: tuple[PointerState, CopyPlacement] | None = None
        self._pointer: PointerState | None = None

    # -- state -------------------------------------------------------------------------------------

    @property
    def is_active(self) -> bool:
        """True while the mask is shown elsewhere than it is."""
        self._follow_document()
        return self._lifted is not None and self._placement != self._begin_placement()

    @property
    def has_proposal(self) -> bool:
        """Whether there is something to apply, which a fill does first."""
        return self.is_active

    @property
    def hint(self) -> str:
        """The keys that end it, what the frame is for, or that there is nothing to frame."""
        if self.is_active:
            return t("tools.transform.hint")
        empty = self._lifted is None
        return t("tools.transform.empty_hint" if empty else "actions.tool.transform.tip")

    def cursor(self) -> Qt.CursorShape:
        """What a drag would do."""
        held = self._gesture or ("" if self._pointer is None else self._find_gesture(self._pointer))
        shape = Qt.CursorShape
        shapes = {"move": shape.SizeAllCursor, "turn": shape.PointingHandCursor}
        return shapes.get(held, shape.SizeFDiagCursor if held == "scale" else shape.ArrowCursor)

    def begin(self) -> None:
        """Frame the mask."""
        self._follow_document()

    def tell_missing(self) -> None:
        """Say so if there is no mask."""
        self._follow_document()
        if self._lifted is None:
            self.notice_posted.emit(t("tools.shadow.empty"), t("tools.transform.empty_hint"))

    # -- events ------------------------------------------------------------------------------------

    def press(self, pointer: PointerState) -> None:
        """Take hold of the frame, a corner or the handle above."""
        self._follow_document()
        self._gesture = self._find_gesture(pointer)
        self._start = pointer, self._placement

    def move(self, pointer: PointerState) -> None:
        """Drag what is held."""
        if self._start is None or self._lifted is None:
            return
        first, placed = self._start
        middle = QPointF(*placed.target)
        before, now = first.point - middle, pointer.point - middle
        if self._gesture == "move":
            way = pointer.point - first.point
            self._move_from(placed, round(way.x()), round(way.y()))
        elif self._gesture == "turn":
            turn = math.degrees(math.atan2(now.y(), now.x()) - math.atan2(before.y(), before.x()))
            turned = placed.rotation + turn
            self._put(rotation=round(turned / 15) * 15.0 if pointer.is_straight else turned)
        elif self._gesture == "scale":
            ratio = math.hypot(now.x(), now.y()) / max(math.hypot(before.x(), before.y()), 1e-6)
            self._put(scale=placed.scale * ratio)

    def release(self, pointer: PointerState) -> None:
        """Let go; a click chooses a part of the mask."""
        started, self._start = self._start, None
        self._gesture = ""
        if started is None:
            return
        moved = pointer.at - started[0].at
        if moved.manhattanLength() < _STEADY:
            self._put_back(started[1])
            if not self.is_active:
                self._choose(LiftedMask.part_at(self.document.mask, (pointer.x, pointer.y)))

    def double_press(self, pointer: PointerState) -> None:
        """Nothing more than the first of the two clicks."""

    def hover(self, pointer: PointerState | None) -> None:
        """Show what a drag would do."""
        self._pointer = pointer

    def press_key(self, event: QKeyEvent) -> bool:
        """Move, turn or scale, or apply."""
        key, modifiers = Qt.Key(event.key()), event.modifiers()
        if key in _ENTER_KEYS and self.is_active:
            self.add_proposal()
            return True
        self._follow_document()
        if key not in _WAYS or self._lifted is None or self._start is not None:
            return False
        across, down = _WAYS[key]
        step = 10 if modifiers & Qt.KeyboardModifier.ShiftModifier else 1
        if modifiers & Qt.KeyboardModifier.ControlModifier:
            scale = self._placement.scale * (1 - 0.01 * step * down)
            self._put(rotation=self._placement.rotation + across * step, scale=scale)
        else:
            self._move_from(self._placement, across * step, down * step)
        return True

    def finish(self) -> None:
        """End the drag where it is."""
        self._start, self._gesture = None, ""

    def cancel(self) -> bool:
        """Put the mask back."""
        was_active = self.is_active
        self.finish()
        self._put_back(self._begin_placement())
        return was_active

    def add_proposal(self) -> None:
        """Make what is shown the mask, as one edit."""
        if not self.is_active or self._lifted is None or self.document.is_editing:
            return
        lifted, placement = self._lifted[0], self._placement
        rect, values = lifted.place(self.document.mask, placement)
        self.cancel()
        with self.document.edit("history.transform") as editing:
            editing.write("mask", rect, values)

    # -- the mask ----------------------------------------------------------------------------------

    def _follow_document(self) -> None:
        """Frame all of the mask anew once the document is another one."""
        if self._revision != self.document.revision:
            self._revision = self.document.revision
            self._choose(None)

    def _choose(self, part: LiftedMask | None) -> None:
        self._repaint()
        self._hide(False)
        lifted = part or LiftedMask.whole(self.document.mask)
        self._lifted = None if lifted is None else (lifted, MovedMask(lifted))
        was, self._placement = self._placement, self._begin_placement()
        self._repaint()
        if was != self._placement:
            self.hint_changed.emit()

    def _begin_placement(self) -> CopyPlacement:
        middle = (0.0, 0.0) if self._lifted is None else self._lifted[0].middle
        return CopyPlacement(middle, middle)

    def _move_from(self, placed: CopyPlacement, across: int, down: int) -> None:
        x, y = placed.target
        self._put(target=(x + across, y + down))

    def _put(
        self,
        target: tuple[float, float] | None = None,
        rotation: float | None = None,
        scale: float | None = None,
    ) -> None:
        placed = self._placement
        if target is not None:
            placed = replace(placed, target=target)
        if rotation is not None:
            placed = replace(placed, rotation=(rotation + 180) % 360 - 180)
        if scale is not None:
            placed = replace(placed, scale=min(max(scale, _SMALLEST), _LARGEST))
        self._put_back(placed)

    def _put_back(self, placement: CopyPlacement) -> None:
        was_active = self.is_active
        self._repaint()
        self._placement = placement
        self._repaint()
        if self.is_active != was_active:
            self._hide(not was_active)
            self.proposal_changed.emit()
            self.hint_changed.emit()

    def _hide(self, is_hidden: bool) -> None:
        """Hide the mask where it was, or show it there."""
        if self.canvas is None or self._lifted is None or is_hidden == self._is_hiding:
            return
        self._is_hiding = is_hidden
        if is_hidden:
            self.canvas.hide_mask(self._lifted[0].rect, self._lifted[0].read)
        else:
            self.canvas.show_mask()

    # -- what is shown -----------------------------------------------------------------------------

    def paint(self, painter: QPainter, view: ViewTransform) -> None:
        """Paint the mask where it is put, and its frame."""
        self._follow_document()
        if self._lifted is None:
            return
        if self.is_active:
            colour = QColor(self.settings.get("look.mask_colour"))
            opacity = self.settings.get("look.mask_opacity") / 100
            self._lifted[1].paint(painter, view, self._placement, colour, opacity)
        corners, side, handle = self._find_frame(view)
        paint_outline(painter, path_through([*corners, corners[0]]))
        paint_outline(painter, path_through([side, handle]))
        for point in (*corners, handle):
            paint_corner(painter, point, closes=point is handle)

    def _find_frame(self, view: ViewTransform) -> tuple[list[QPointF], QPointF, QPointF]:
        """In the widget: the corners, the middle of a side, and the handle beyond it: of the upper
        side, or of the lower one where the view ends above.
        """
        assert self._lifted is not None
        points = self._lifted[0].find_corners(self._placement)
        corners = [view.to_widget(QPointF(*point)) for point in points]
        above, below = (corners[0] + corners[1]) / 2, (corners[2] + corners[3]) / 2
        away = above - below
        stalk = away * (_STALK / max(math.hypot(away.x(), away.y()), 1e-6))
        if view.pane.contains(above + stalk):
            return corners, above, above + stalk
        return corners, below, below - stalk

    def _find_gesture(self, pointer: PointerState) -> Gesture:
        """What a drag from there would do."""
        if self._lifted is None or self.canvas is None:
            return ""
        view = self.canvas.view_at(pointer.at)
        corners, _, handle = self._find_frame(view)
        at = view.to_widget(pointer.point)
        if (at - handle).manhattanLength() <= _REACH:
            return "turn"
        if any((at - corner).manhattanLength() <= _REACH for corner in corners):
            return "scale"
        inside = QPolygonF(corners).containsPoint(at, Qt.FillRule.OddEvenFill)
        return "move" if inside else ""

    def _repaint(self) -> None:
        if self._lifted is None:
            return
        corners = [QPointF(*p) for p in self._lifted[0].find_corners(self._placement)]
        scale = 1.0 if self.canvas is None else self.canvas.view_at(QPointF()).scale
        self.request_repaint(corners, (_STALK + _REACH) / scale)
