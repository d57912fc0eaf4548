"""A prior map (edges, lines, ...) over the photo."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRect
from PySide6.QtGui import QColor, QPainter

from app.configuration.settings import Settings
from app.inspection.prior_maps import KIND_COLOURS
from app.ui.painting.overlay import Overlay
from app.ui.painting.view_transform import ViewTransform

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from app.inspection.prior_maps import PriorMap


class PriorOverlay(Overlay):
    """Shows one map at a time, at the opacity of the setting ``structure.opacity``."""

    def __init__(self, settings: Settings) -> None:
        super().__init__()
        self._settings = settings
        self.prior_map: PriorMap | None = None
        self._colours: NDArray[np.uint8] | None = None  # of a map that is a picture
        settings.changed.connect(self._on_setting)

    def show_map(self, prior_map: PriorMap | None) -> None:
        """Show another map or none."""
        if prior_map is not self.prior_map:
            self.prior_map = prior_map
            self._colours = None
            self.changed.emit()

    def draw(self, painter: QPainter, view: ViewTransform, rect: QRect) -> None:
        """Draw the map."""
        prior_map = self.prior_map
        if prior_map is None:
            return
        from app.ui.painting import qimage
        from app.ui.painting.map_pixels import (
            map_pixels,
            premultiply,
            tint_pixels,
            to_bgra,
            visible_rect,
        )

        opacity = self._settings.get("structure.opacity") / 100
        rect = visible_rect(prior_map.extent, view, rect)
        if rect.isEmpty():
            return
        if prior_map.kind in KIND_COLOURS:
            values = map_pixels(prior_map.values, prior_map.extent, view, rect)
            pixels = tint_pixels(values, QColor(*KIND_COLOURS[prior_map.kind]), opacity)
        else:
            if self._colours is None:
                self._colours = to_bgra(prior_map.values)
            pixels = premultiply(map_pixels(self._colours, prior_map.extent, view, rect), opacity)
        painter.drawImage(rect.topLeft(), qimage.overlay_image(pixels))

    def _on_setting(self, setting: str, _value: object) -> None:
        if setting == "structure.opacity" and self.prior_map is not None:
            self.changed.emit()
