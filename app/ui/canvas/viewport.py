"""The base of the canvas: where the photo is on the widget (zoom, pan, comparison)."""

from __future__ import annotations

import math
from dataclasses import replace

from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Signal, Slot
from PySide6.QtWidgets import QWidget

from app.ui.canvas.split_view import CompareMode, SplitView
from app.ui.painting.frame_buffer import FrameBuffer
from app.ui.painting.view_transform import ViewPosition, ViewTransform
from inpaint_core.contract.geometry import Rect

_ZOOM_STEP = 1.25
_ROOM, _LARGEST_PART = 1.25, 4.0
"""`Viewport.show_part`: width of what is seen in widths of the part; the largest zoom."""


class Viewport(QWidget):
    """A widget that shows a photo of some size in one or two panes.

    ``zoomed(zoom)`` after every change of zoom, 1.0 = one photo pixel per screen pixel.
    ``moved()``: another part of the photo is visible.
    """

    zoomed = Signal(float)
    moved = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._frame = FrameBuffer()
        self._split = SplitView()
        self._size = QSize()
        self._view = ViewTransform(QSize(1, 1), QRectF(0, 0, 1, 1), 1.0, 1.0, QPointF())
        self._fitted = True

    # -- photo and comparison ------------------------------------------------------------------

    def show_size(self, size: QSize) -> None:
        """Show a photo of ``size``, fitted; an empty size means none."""
        self._size = size
        if not size.isEmpty():
            self._view = replace(self._view, size=size)
            self.fit()
        self.invalidate_all()

    @property
    def photo_size(self) -> QSize:
        """The size of the photo in pixels, empty when there is none."""
        return QSize(self._size)

    def compare(self, mode: CompareMode) -> None:
        """Show the original alone, left of a line, side by side, or not at all."""
        if mode == self._split.mode:
            return
        self._split.mode = mode
        self.update_layout()
        self.invalidate_all()

    @property
    def compare_mode(self) -> CompareMode:
        """How the original is shown."""
        return self._split.mode

    # -- zoom and pan --------------------------------------------------------------------------

    @property
    def zoom(self) -> float:
        """Screen pixels per photo pixel."""
        return self._view.zoom

    def views(self) -> list[ViewTransform]:
        """The view of each pane: one, or two side by side."""
        panes = self._split.panes(self.width(), self.height())
        return [self._view.with_pane(pane, self.devicePixelRatioF()) for pane in panes]

    def view_at(self, position: QPointF) -> ViewTransform:
        """The view under a point of the widget."""
        views = self.views()
        return next((view for view in views if view.pane.contains(position)), views[0])

    def to_photo(self, position: QPointF) -> QPointF:
        """The point of the photo at ``position`` in the widget, in pixels."""
        return self.view_at(position).to_photo(position)

    def to_widget(self, point: QPointF) -> QPointF:
        """Where the photo's ``point`` is in the widget; side by side, in the first pane."""
        return self.views()[0].to_widget(point)

    def view_position(self) -> ViewPosition:
        """The visible part of the photo, for `restore_view`."""
        centre = self._view.centre
        return ViewPosition(self._view.zoom, centre.x(), centre.y(), self._fitted)

    def restore_view(self, position: ViewPosition) -> None:
        """Show that part again."""
        if position.fitted:
            self.fit()
        elif not self._size.isEmpty():
            nearer = self._view.with_zoom(position.zoom, self._view.pane.center())
            self._set_view(nearer.with_centre(QPointF(position.x, position.y)), False)

    def toggle_fit(self, at: QPointF) -> None:
        """Switch between the whole photo and 100 % at a point of the widget."""
        if self._fitted:
            self.zoom_to(1.0, at)
        else:
            self.fit()

    @Slot()
    def fit(self) -> None:
        """Show the whole photo, at 100 % at most."""
        if not self._size.isEmpty():
            self.update_layout()
            self._set_view(self._view.with_fit(), True)

    def show_part(self, rect: Rect) -> None:
        """Show ``rect`` of the photo with some of what is around it, at 400 % at most."""
        if self._size.isEmpty() or rect.is_empty:
            return
        self.update_layout()
        pane, ratio = self._view.pane, self._view.ratio
        width, height = pane.width() * ratio / rect.w, pane.height() * ratio / rect.h
        zoom = min(min(width, height) / _ROOM, _LARGEST_PART)
        middle = QPointF(rect.x + rect.w / 2, rect.y + rect.h / 2)
        self._set_view(self._view.with_zoom(zoom, pane.center()).with_centre(middle), False)

    @Slot()
    def show_actual_size(self) -> None:
        """Show one photo pixel per screen pixel."""
        self.zoom_to(1.0)

    @Slot()
    def zoom_in(self) -> None:
        """Zoom in by one step."""
        self.zoom_step(1)

    @Slot()
    def zoom_out(self) -> None:
        """Zoom out by one step."""
        self.zoom_step(-1)

    def zoom_step(self, steps: float, anchor: QPointF | None = None) -> None:
        """Zoom by a number of steps, in when positive; ``anchor`` as in `zoom_to`."""
        self.zoom_to(self._view.zoom * _ZOOM_STEP**steps, anchor)

    def zoom_to(self, zoom: float, anchor: QPointF | None = None) -> None:
        """Zoom, keeping the photo's point at ``anchor`` (widget coordinates) in place.

        Without an anchor, the middle of the view stays.
        """
        if self._size.isEmpty():
            return
        if anchor is None:
            anchor = self._view.pane.center()
        else:  # a point in the second pane, as if it were in the first
            anchor = anchor - self.view_at(anchor).pane.topLeft()
        self._set_view(self._view.with_zoom(zoom, anchor), False)

    def pan(self, delta: QPointF) -> None:
        """Move the photo by ``delta`` logical pixels."""
        if not self._size.isEmpty():
            centre = self._view.centre - delta / self._view.scale
            self._set_view(self._view.with_centre(centre), False)

    def centre_on(self, point: QPointF) -> None:
        """Show the photo's ``point`` in the middle."""
        if not self._size.isEmpty():
            self._set_view(self._view.with_centre(point), False)

    def _set_view(self, view: ViewTransform, fitted: bool) -> None:
        last, self._view = self._view, view
        self._fitted = fitted
        if last.zoom != view.zoom or fitted:
            self.zoomed.emit(view.zoom)
        only_moved = replace(view, centre=last.centre) == last
        if only_moved and self._split.mode in ("off", "original"):
            (x, y), (old_x, old_y) = view.corner, last.corner
            self._frame.shift(x - old_x, y - old_y)
            self.update()
        else:
            self.invalidate_all()
        self.moved.emit()

    def update_layout(self) -> None:
        """Adopt the size of the widget."""
        ratio = self.devicePixelRatioF()
        pane = self._split.panes(self.width(), self.height())[0]
        self._frame.resize(QSize(math.ceil(self.width() * ratio), math.ceil(self.height() * ratio)))
        changed = (pane, ratio) != (self._view.pane, self._view.ratio)
        self._view = self._view.with_pane(pane, ratio)
        if changed:
            self._frame.invalidate(None)
            if self._fitted and not self._size.isEmpty():
                self._set_view(self._view.with_fit(), True)
            else:
                self.moved.emit()

    # -- the dividing line ---------------------------------------------------------------------

    def move_split_line(self, x: float) -> None:
        """Move the dividing line to ``x``."""
        before = self._split.line_x(self.width())
        self._split.drag(x, self.width())
        after = self._split.line_x(self.width())
        ratio = self._view.ratio
        low, high = min(before, after), max(before, after)
        moved = QRectF(low - 1, 0, high - low + 2, self.height())
        self._frame.invalidate(to_screen_rect(moved, ratio))
        self.update()  # the labels move too; the rest of the photo is just copied

    def is_on_split_line(self, position: QPointF) -> bool:
        """True where a press grabs the dividing line."""
        return self._split.is_near_line(position, self.width(), self.height())

    def invalidate_all(self) -> None:
        """Redraw everything."""
        self._frame.invalidate(None)
        self.update()


def to_screen_rect(rect: QRectF, ratio: float) -> QRect:
    """A rectangle of the widget in screen pixels."""
    left, top = round(rect.left() * ratio), round(rect.top() * ratio)
    right, bottom = math.ceil(rect.right() * ratio), math.ceil(rect.bottom() * ratio)
    return QRect(left, top, right - left, bottom - top)


def to_widget_rect(rect: QRect, ratio: float) -> QRect:
    """A rectangle in screen pixels in the widget's coordinates, rounded outwards."""
    return QRectF(
        rect.x() / ratio, rect.y() / ratio, rect.width() / ratio, rect.height() / ratio
    ).toAlignedRect()
