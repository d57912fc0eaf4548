"""A map of the structure over the photo."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRect
from PySide6.QtGui import QColor, QPainter

from app.configuration.settings import Settings
from app.inspection.prior_maps import COLOURS
from app.ui.painting.overlay import Overlay
from app.ui.painting.view_transform import View

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from app.inspection.prior_maps import Look


class Structural(Overlay):
    """Shows one map at a time; ``structure.opacity`` says how strongly."""

    def __init__(self, settings: Settings) -> None:
        super().__init__()
        self._settings = settings
        self.look: Look | None = None
        self._colours: NDArray[np.uint8] | None = None  # of a map that is a picture, for drawing
        settings.changed.connect(self._on_setting)

    def show_look(self, look: Look | None) -> None:
        """Show another map, or none."""
        if look is not self.look:
            self.look = look
            self._colours = None
            self.changed.emit()

    def draw(self, painter: QPainter, view: View, rect: QRect) -> None:
        """Draw the map, registered to the photo."""
        look = self.look
        if look is None:
            return
        from app.ui.painting import qimage
        from app.ui.painting.map_pixels import colours, covered, inside, spread, tinted

        opacity = self._settings.get("structure.opacity") / 100
        rect = inside(look.extent, view, rect)
        if rect.isEmpty():
            return
        if look.kind in COLOURS:
            found = spread(look.values, look.extent, view, rect)
            pixels = tinted(found, QColor(*COLOURS[look.kind]), opacity)
        else:
            if self._colours is None:
                self._colours = colours(look.values)
            pixels = covered(spread(self._colours, look.extent, view, rect), opacity)
        painter.drawImage(rect.topLeft(), qimage.overlay(pixels))

    def _on_setting(self, setting: str, _value: object) -> None:
        if setting == "structure.opacity" and self.look is not None:
            self.changed.emit()
