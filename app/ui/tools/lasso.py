"""Lasso: a loop drawn by hand, which closes itself and is filled."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtGui import QPainter

from app.ui.painting.view_transform import View
from app.ui.tools.loop import Loop
from app.ui.tools.region import RegionTool
from app.ui.tools.tool import Pointer

if TYPE_CHECKING:
    from app.configuration.settings import Settings
    from app.document.document import Document


class Lasso(RegionTool):
    """Fills the loop; with Alt it is taken out of the mask."""

    id = "lasso"

    def __init__(self, document: Document, settings: Settings) -> None:
        super().__init__(document, settings)
        self._loop = Loop()

    @property
    def active(self) -> bool:
        """True while a loop is being drawn."""
        return bool(self._loop.points)

    def press(self, pointer: Pointer) -> None:
        """Begin the loop."""
        self._loop.begin(pointer)

    def move(self, pointer: Pointer) -> None:
        """Go on with it."""
        if self.active:
            self.touch(self._loop.add(pointer))

    def release(self, pointer: Pointer) -> None:
        """Close and fill it."""
        self.move(pointer)
        self.finish()

    def finish(self) -> None:
        """Close and fill it."""
        points = self._loop.take()
        self.touch(points)
        if len(points) > 2:
            self.fill(points, self._loop.erases)

    def cancel(self) -> bool:
        """Forget the loop."""
        points = self._loop.take()
        self.touch(points)
        return bool(points)

    def paint(self, painter: QPainter, view: View) -> None:
        """Draw the loop."""
        self._loop.paint(painter, view)
