"""The base of all tools: a tool turns a gesture of the pointer into one edit of the document."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from PySide6.QtCore import QObject, QPointF, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter

from app.ui.painting.view_transform import ViewTransform
from inpaint_core.contract.geometry import Rect

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np
    from numpy.typing import NDArray

    from app.configuration.settings import Settings
    from app.document.document import Document
    from app.ui.painting.document_picture import DocumentPicture


@dataclass(frozen=True)
class PointerState:
    """The state of the mouse or the pen at one event.

    ``x``, ``y``: the point in the photo (pixel (0, 0) covers 0..1), possibly outside it. ``at``:
    the point in the widget. ``pressure`` 0..1, 1 for a mouse; ``eraser``: the pen's eraser end.
    """

    x: float
    y: float
    at: QPointF
    pressure: float = 1.0
    eraser: bool = False
    modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier
    buttons: Qt.MouseButton = Qt.MouseButton.NoButton

    @property
    def point(self) -> QPointF:
        """The point in the photo."""
        return QPointF(self.x, self.y)

    @property
    def erases(self) -> bool:
        """True when the person wants to erase: Alt, or the pen's eraser end."""
        return self.eraser or bool(self.modifiers & Qt.KeyboardModifier.AltModifier)

    @property
    def is_straight(self) -> bool:
        """True while Shift is held."""
        return bool(self.modifiers & Qt.KeyboardModifier.ShiftModifier)


class ToolCanvas(Protocol):
    """What tools may ask of the canvas."""

    def view_at(self, position: QPointF) -> ViewTransform:
        """The view under a point of the widget."""

    @property
    def picture(self) -> DocumentPicture | None:
        """What the canvas draws of the document."""

    def hide_mask(self, rect: Rect, read: Callable[[Rect], NDArray[np.uint8]]) -> None:
        """Do not draw the mask in ``rect`` where it is no stronger than what ``read(rect)``
        returns, until `show_mask`.
        """

    def show_mask(self) -> None:
        """Draw all of the mask."""

    def toggle_fit(self, at: QPointF) -> None:
        """Switch between the whole photo and 100 % at a point of the widget."""

    def pan(self, delta: QPointF) -> None:
        """Move the photo by ``delta`` logical pixels."""

    def zoom_to(self, zoom: float, anchor: QPointF | None = None) -> None:
        """Zoom, keeping the photo's point at ``anchor`` in place."""

    def zoom_step(self, steps: float, anchor: QPointF | None = None) -> None:
        """Zoom by a number of steps, in when positive."""


class Tool(QObject):
    """A tool that works on one document; the canvas passes it pointer events and keys.

    ``committed()``: something was added to the mask. ``repaint_needed(Rect)``: what the tool
    paints over that part of the photo has changed. ``notice_posted(sentence, hint)``: why an
    action had no effect. ``busy_changed(bool)``: a search in the photo began or ended.
    ``search_started(job, text)``: one that takes long began. ``proposal_changed()``: what it found
    and has not yet added to the mask is another one, or is gone. ``hint_changed()``: there is
    something else to do next.
    """

    committed = Signal()
    repaint_needed = Signal(object)
    notice_posted = Signal(str, str)
    busy_changed = Signal(bool)
    search_started = Signal(object, str)
    proposal_changed = Signal()
    hint_changed = Signal()

    id = ""
    uses_brush_size = False
    """True for a tool whose size and hardness are the brush's."""
    shows_document = False
    """True for a tool that paints something that the document holds."""
    keys: frozenset[Qt.Key] = frozenset()
    """Keys that do not trigger shortcuts while the tool is active."""

    def __init__(self, document: Document, settings: Settings) -> None:
        super().__init__()
        self.document = document
        self.settings = settings
        self.canvas: ToolCanvas | None = None

    # -- state -------------------------------------------------------------------------------------

    @property
    def is_active(self) -> bool:
        """True while there is something that Esc would cancel."""
        return False

    def cursor(self) -> Qt.CursorShape:
        """The shape of the mouse cursor over the photo."""
        return Qt.CursorShape.CrossCursor

    def paint(self, painter: QPainter, view: ViewTransform) -> None:
        """Paint the unfinished edit over the photo, in the widget's coordinates."""

    @property
    def hint(self) -> str:
        """What to do next, "" to leave that to the state of the photo."""
        return ""

    @property
    def has_proposal(self) -> bool:
        """Whether the tool shows what it found and has not yet added to the mask."""
        return False

    def add_proposal(self) -> None:
        """Add what is proposed to the mask."""

    def begin(self) -> None:
        """The tool was picked, or came with another photo; the canvas is set."""

    def tell_missing(self) -> None:
        """The tool was picked: say what is missing for it to begin."""

    # -- events ------------------------------------------------------------------------------------

    def press(self, pointer: PointerState) -> None:
        """The button or the pen was pressed."""

    def move(self, pointer: PointerState) -> None:
        """The pointer moved while pressed."""

    def release(self, pointer: PointerState) -> None:
        """The button or the pen was released."""

    def double_press(self, pointer: PointerState) -> None:
        """The second press of a double click; ``release`` follows."""
        self.press(pointer)

    def hover(self, pointer: PointerState | None) -> None:
        """The pointer moved while not pressed; None: it left the canvas."""

    def press_key(self, event: QKeyEvent) -> bool:
        """A key other than Esc was pressed; returns True when the tool has used it."""
        return False

    def finish(self) -> None:
        """End the unfinished edit and keep it: something else is about to happen."""

    def cancel(self) -> bool:
        """Discard the unfinished edit; returns False when there was none."""
        return False

    def request_repaint(self, points: list[QPointF], reach: float = 0.0) -> None:
        """Repaint around ``points`` of the photo, ``reach`` photo pixels far."""
        if points:
            xs, ys = [p.x() for p in points], [p.y() for p in points]
            self.repaint_needed.emit(
                Rect.from_bounds(
                    int(min(xs) - reach) - 1,
                    int(min(ys) - reach) - 1,
                    int(max(xs) + reach) + 2,
                    int(max(ys) + reach) + 2,
                )
            )
