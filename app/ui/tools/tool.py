"""What every tool is: it turns the pointer's way over the photo into one edit of the document."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from PySide6.QtCore import QObject, QPointF, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter

from app.ui.painting.view_transform import View
from inpaint_core.contract.geometry import Rect

if TYPE_CHECKING:
    from app.configuration.settings import Settings
    from app.document.document import Document


@dataclass(frozen=True)
class Pointer:
    """Where the mouse or the pen is, and how it is held.

    ``x``, ``y``: the photo's point (pixel (0, 0) covers 0..1), beyond its rim too. ``at``: the
    point in the widget. ``pressure`` 0..1, 1 for a mouse; ``eraser``: the pen's other end.
    """

    x: float
    y: float
    at: QPointF
    pressure: float = 1.0
    eraser: bool = False
    modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier
    buttons: Qt.MouseButton = Qt.MouseButton.NoButton

    @property
    def erases(self) -> bool:
        """True where the person wants to take away: Alt, or the pen's eraser end."""
        return self.eraser or bool(self.modifiers & Qt.KeyboardModifier.AltModifier)

    @property
    def straight(self) -> bool:
        """True while Shift is held."""
        return bool(self.modifiers & Qt.KeyboardModifier.ShiftModifier)


class Stage(Protocol):
    """What tools may do with the canvas."""

    def view_at(self, position: QPointF) -> View:
        """The view under a point of the widget."""

    def toggle_fit(self, at: QPointF) -> None:
        """Change between the whole photo and 100 % at a point of the widget."""

    def pan(self, delta: QPointF) -> None:
        """Move the photo by ``delta`` logical pixels."""

    def zoom_to(self, zoom: float, anchor: QPointF | None = None) -> None:
        """Zoom so that the photo's point at ``anchor`` stays where it is."""

    def zoom_step(self, steps: float, anchor: QPointF | None = None) -> None:
        """Zoom by so many steps, in when positive."""


class Tool(QObject):
    """A tool at work on one document; `Canvas` hands it the pointer and the keys.

    ``committed()``: something was added to the mask. ``touched(Rect)``: what the tool draws over
    that part of the photo differs. ``told(sentence, hint)``: a word to the person on why nothing
    came of it. ``busy(bool)``: the tool is working something out.
    """

    committed = Signal()
    touched = Signal(object)
    told = Signal(str, str)
    busy = Signal(bool)

    id = ""
    sized = False
    """True for a tool that uses the brush's size and hardness."""
    keys: frozenset[Qt.Key] = frozenset()
    """Keys that the tool keeps from being shortcuts while it is active."""

    def __init__(self, document: Document, settings: Settings) -> None:
        super().__init__()
        self.document = document
        self.settings = settings
        self.stage: Stage | None = None

    # -- what the canvas asks ----------------------------------------------------------------------

    @property
    def active(self) -> bool:
        """True while something is under way that Esc abandons."""
        return False

    def cursor(self) -> Qt.CursorShape:
        """What the mouse cursor looks like over the photo."""
        return Qt.CursorShape.CrossCursor

    def paint(self, painter: QPainter, view: View) -> None:
        """Draw what is under way over the photo, in the widget's coordinates."""

    # -- what the canvas tells ---------------------------------------------------------------------

    def press(self, pointer: Pointer) -> None:
        """The button or the pen went down."""

    def move(self, pointer: Pointer) -> None:
        """It moved while down."""

    def release(self, pointer: Pointer) -> None:
        """It went up."""

    def double(self, pointer: Pointer) -> None:
        """It went down for the second time in a short while; ``release`` follows."""
        self.press(pointer)

    def hover(self, pointer: Pointer | None) -> None:
        """It moved while up; None when it left the canvas."""

    def key(self, event: QKeyEvent) -> bool:
        """A key was pressed; True where it meant something to the tool. Esc is not told here."""
        return False

    def finish(self) -> None:
        """The person turned elsewhere: what is under way ends here, and is kept."""

    def cancel(self) -> bool:
        """Abandon what is under way; False when nothing was."""
        return False

    def touch(self, points: list[QPointF], reach: float = 0.0) -> None:
        """Say that what is drawn differs around ``points`` of the photo, ``reach`` pixels far."""
        if points:
            xs, ys = [p.x() for p in points], [p.y() for p in points]
            self.touched.emit(
                Rect.from_bounds(
                    int(min(xs) - reach) - 1,
                    int(min(ys) - reach) - 1,
                    int(max(xs) + reach) + 2,
                    int(max(ys) + reach) + 2,
                )
            )
