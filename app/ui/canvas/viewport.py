"""The part of the canvas that knows where the photo is: zoom and pan, and how it is compared."""

from __future__ import annotations

import math
from dataclasses import replace

from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Signal, Slot
from PySide6.QtWidgets import QWidget

from app.ui.canvas.split_view import Mode, Split
from app.ui.painting.frame_buffer import Frame
from app.ui.painting.view_transform import Place, View

_STEP = 1.25


class Viewport(QWidget):
    """A widget with a photo of some size in it, seen in one or two parts.

    ``zoomed(zoom)`` after every change of zoom, 1.0 = one photo pixel on one pixel of the screen.
    ``moved()``: another part of the photo is in sight.
    """

    zoomed = Signal(float)
    moved = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._frame = Frame()
        self._split = Split()
        self._size = QSize()
        self._view = View(QSize(1, 1), QRectF(0, 0, 1, 1), 1.0, 1.0, QPointF())
        self._fitted = True

    # -- what is seen --------------------------------------------------------------------------

    def show_size(self, size: QSize) -> None:
        """Show a photo of ``size``, fitted; an empty one = there is none."""
        self._size = size
        if not size.isEmpty():
            self._view = replace(self._view, size=size)
            self.fit()
        self.spoil_all()

    @property
    def photo_size(self) -> QSize:
        """Size of the photo in pixels, empty when there is none."""
        return QSize(self._size)

    def compare(self, mode: Mode) -> None:
        """Show the photo as it was opened: alone, left of a line, side by side, or not at all."""
        if mode == self._split.mode:
            return
        self._split.mode = mode
        self.lay_out()
        self.spoil_all()

    @property
    def comparing(self) -> Mode:
        """How the photo as it was opened is shown."""
        return self._split.mode

    # -- zoom and pan --------------------------------------------------------------------------

    @property
    def zoom(self) -> float:
        """Screen pixels per photo pixel."""
        return self._view.zoom

    def views(self) -> list[View]:
        """What each part of the canvas shows: one, or two side by side."""
        panes = self._split.panes(self.width(), self.height())
        return [self._view.within(pane, self.devicePixelRatioF()) for pane in panes]

    def view_at(self, position: QPointF) -> View:
        """The view under a point of the widget."""
        views = self.views()
        return next((view for view in views if view.pane.contains(position)), views[0])

    def to_photo(self, position: QPointF) -> QPointF:
        """The point of the photo at ``position`` in the widget, in pixels."""
        return self.view_at(position).to_photo(position)

    def to_widget(self, point: QPointF) -> QPointF:
        """Where the photo's ``point`` is in the widget; side by side, in the first part."""
        return self.views()[0].to_widget(point)

    def view(self) -> Place:
        """What part of the photo is looked at, to come back to."""
        centre = self._view.centre
        return Place(self._view.zoom, centre.x(), centre.y(), self._fitted)

    def restore_view(self, place: Place) -> None:
        """Look at that part again."""
        if place.fitted:
            self.fit()
        elif not self._size.isEmpty():
            nearer = self._view.zoomed(place.zoom, self._view.pane.center())
            self._look(nearer.moved(QPointF(place.x, place.y)), False)

    def toggle_fit(self, at: QPointF) -> None:
        """Change between the whole photo and 100 % at a point of the widget."""
        if self._fitted:
            self.zoom_to(1.0, at)
        else:
            self.fit()

    @Slot()
    def fit(self) -> None:
        """Show the whole photo, at 100 % at the most."""
        if not self._size.isEmpty():
            self.lay_out()
            self._look(self._view.fitted(), True)

    @Slot()
    def actual(self) -> None:
        """Show one photo pixel on one pixel of the screen."""
        self.zoom_to(1.0)

    @Slot()
    def zoom_in(self) -> None:
        """One step nearer."""
        self.zoom_step(1)

    @Slot()
    def zoom_out(self) -> None:
        """One step away."""
        self.zoom_step(-1)

    def zoom_step(self, steps: float, anchor: QPointF | None = None) -> None:
        """Zoom by so many steps, in when positive; ``anchor`` as in `zoom_to`."""
        self.zoom_to(self._view.zoom * _STEP**steps, anchor)

    def zoom_to(self, zoom: float, anchor: QPointF | None = None) -> None:
        """Zoom so that the photo's point at ``anchor`` (widget coordinates) stays where it is.

        Without an anchor the middle of the view stays.
        """
        if self._size.isEmpty():
            return
        if anchor is None:
            anchor = self._view.pane.center()
        else:  # in the second part of two, as if it were in the first
            anchor = anchor - self.view_at(anchor).pane.topLeft()
        self._look(self._view.zoomed(zoom, anchor), False)

    def pan(self, delta: QPointF) -> None:
        """Move the photo by ``delta`` logical pixels."""
        if not self._size.isEmpty():
            self._look(self._view.moved(self._view.centre - delta / self._view.scale), False)

    def _look(self, view: View, fitted: bool) -> None:
        last, self._view = self._view, view
        self._fitted = fitted
        if last.zoom != view.zoom or fitted:
            self.zoomed.emit(view.zoom)
        same = replace(view, centre=last.centre) == last
        if same and self._split.mode in ("off", "original"):
            (x, y), (old_x, old_y) = view.corner, last.corner
            self._frame.shift(x - old_x, y - old_y)
            self.update()
        else:
            self.spoil_all()
        self.moved.emit()

    def lay_out(self) -> None:
        """Take over the widget's size."""
        ratio = self.devicePixelRatioF()
        pane = self._split.panes(self.width(), self.height())[0]
        self._frame.resize(QSize(math.ceil(self.width() * ratio), math.ceil(self.height() * ratio)))
        changed = (pane, ratio) != (self._view.pane, self._view.ratio)
        self._view = self._view.within(pane, ratio)
        if changed:
            self._frame.spoil(None)
            if self._fitted and not self._size.isEmpty():
                self._look(self._view.fitted(), True)
            else:
                self.moved.emit()

    # -- the dividing line ---------------------------------------------------------------------

    def move_split(self, x: float) -> None:
        """Move the dividing line to ``x``."""
        before = self._split.line(self.width())
        self._split.drag(x, self.width())
        after = self._split.line(self.width())
        ratio = self._view.ratio
        low, high = min(before, after), max(before, after)
        moved = QRectF(low - 1, 0, high - low + 2, self.height())
        self._frame.spoil(on_screen(moved, ratio))
        self.update()  # the labels move too; the rest of the photo is only copied

    def on_split(self, position: QPointF) -> bool:
        """True where a press takes hold of the dividing line."""
        return self._split.near(position, self.width(), self.height())

    def spoil_all(self) -> None:
        """Everything has to be drawn again."""
        self._frame.spoil(None)
        self.update()


def on_screen(rect: QRectF, ratio: float) -> QRect:
    """The screen's pixels of a rectangle of the widget."""
    left, top = round(rect.left() * ratio), round(rect.top() * ratio)
    right, bottom = math.ceil(rect.right() * ratio), math.ceil(rect.bottom() * ratio)
    return QRect(left, top, right - left, bottom - top)


def in_widget(rect: QRect, ratio: float) -> QRect:
    """The widget's pixels that hold the screen's pixels in ``rect``."""
    return QRectF(
        rect.x() / ratio, rect.y() / ratio, rect.width() / ratio, rect.height() / ratio
    ).toAlignedRect()
