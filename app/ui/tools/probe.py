"""Pointing at a pixel: a click that changes nothing."""

from __future__ import annotations

import math

from PySide6.QtCore import Qt, Signal

from app.ui.tools.tool import Pointer, Tool


class Probe(Tool):
    """``pointed(x, y)``: that pixel of the photo was clicked on."""

    pointed = Signal(int, int)

    id = "probe"

    def cursor(self) -> Qt.CursorShape:
        """A question mark."""
        return Qt.CursorShape.WhatsThisCursor

    def press(self, pointer: Pointer) -> None:
        """Tell where."""
        height, width = self.document.shape
        x, y = math.floor(pointer.x), math.floor(pointer.y)
        if 0 <= x < width and 0 <= y < height:
            self.pointed.emit(x, y)
