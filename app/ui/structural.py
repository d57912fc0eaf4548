"""A map of the structure over the photo."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRect
from PySide6.QtGui import QColor, QPainter

from app.settings import Settings
from app.ui.overlay import Overlay
from app.ui.view import View

if TYPE_CHECKING:
    from app.looks import Look

#: Maps that say where something is are drawn in a colour; the others are pictures themselves.
COLOURS = {
    "edges": QColor("#00d5ff"),
    "lines": QColor("#ff9f0a"),
    "hole": QColor("#ff5edb"),
    "completed": QColor("#8cff5a"),
}


class Structural(Overlay):
    """Shows one map at a time; ``structure.opacity`` says how strongly."""

    def __init__(self, settings: Settings) -> None:
        super().__init__()
        self._settings = settings
        self.look: Look | None = None
        settings.changed.connect(self._on_setting)

    def show_look(self, look: Look | None) -> None:
        """Show another map, or none."""
        if look is not self.look:
            self.look = look
            self.changed.emit()

    def draw(self, painter: QPainter, view: View, rect: QRect) -> None:
        """Draw the map, registered to the photo."""
        look = self.look
        if look is None:
            return
        import numpy as np

        from app.ui import qimage
        from app.ui.spread import covered, spread, tinted

        opacity = self._settings.get("structure.opacity") / 100
        rect = rect.intersected(view.area)
        if rect.isEmpty():
            return
        if look.kind in COLOURS:
            found = spread(look.values, look.extent, view, rect)
            pixels = tinted(found, COLOURS[look.kind], opacity)
        else:
            colours = look.values if look.values.ndim == 3 else np.dstack([look.values] * 3)
            opaque = np.full(colours.shape[:2], 255, np.uint8)
            found = spread(np.dstack([colours, opaque]), look.extent, view, rect)
            pixels = covered(found, opacity)
        painter.drawImage(rect.topLeft(), qimage.overlay(pixels))

    def _on_setting(self, setting: str, _value: object) -> None:
        if setting == "structure.opacity" and self.look is not None:
            self.changed.emit()
