"""Object snap: a rough loop, tightened to the object in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtGui import QPainter

from app.document import object_snap as snap
from app.ui.painting.view_transform import View
from app.ui.tools.loop import Loop
from app.ui.tools.region import as_array
from app.ui.tools.seeker import Seeker
from app.ui.tools.tool import Pointer

if TYPE_CHECKING:
    from PySide6.QtCore import QPointF

    from app.configuration.settings import Settings
    from app.document.document import Document
    from app.workers.jobs import Lane


class Snap(Seeker):
    """Adds the object in the loop; with Alt it is taken out of the mask."""

    id = "snap"

    def __init__(self, document: Document, settings: Settings, lane: Lane) -> None:
        super().__init__(document, settings, lane)
        self._loop = Loop()
        self._sought: list[QPointF] = []

    @property
    def active(self) -> bool:
        """True while a loop is being drawn, or the object in it looked for."""
        return bool(self._loop.points) or super().active

    def press(self, pointer: Pointer) -> None:
        """Begin the loop."""
        self.cancel()
        self._loop.begin(pointer)

    def move(self, pointer: Pointer) -> None:
        """Go on with it."""
        if self._loop.points:
            self.touch(self._loop.add(pointer))

    def release(self, pointer: Pointer) -> None:
        """Close it and look for the object in it."""
        self.move(pointer)
        self.finish()

    def finish(self) -> None:
        """Close the loop and look for the object in it."""
        points = self._loop.take()
        self.touch(points)
        if len(points) > 2:
            pixels, outline = self.document.pixels, as_array(points)
            self.seek(lambda: snap.snap(pixels, outline), self._loop.erases)
            self._sought = points

    def cancel(self) -> bool:
        """Forget the loop, or drop the question."""
        points = self._loop.take()
        self.touch(points)
        return super().cancel() or bool(points)

    def ended(self) -> None:
        """The loop is not drawn any more."""
        super().ended()
        points, self._sought = self._sought, []
        self.touch(points)

    def paint(self, painter: QPainter, view: View) -> None:
        """Draw the loop, faintly while the object in it is looked for."""
        self._loop.paint(painter, view)
        if self._sought:
            shown = Loop()
            shown.points, shown.erases = self._sought, self._loop.erases
            painter.save()
            painter.setOpacity(0.6)
            shown.paint(painter, view)
            painter.restore()
