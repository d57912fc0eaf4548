"""A view of the photo in which spots stand out, as raw developers have one."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRect
from PySide6.QtGui import QPainter

from app.ui.painting.overlay import Overlay
from app.ui.painting.view_transform import ViewTransform
from inpaint_core.contract.geometry import Rect

if TYPE_CHECKING:
    from app.configuration.settings import Settings
    from app.ui.canvas.canvas import Canvas

_MARGIN = 40  # pixels of the level around what is drawn: its surroundings count


class SpotView(Overlay):
    """Draws the fine differences in brightness over the photo of ``canvas``, white on black, while
    `show_view` and the setting “spots.view” are on; fainter ones, too, at a high sensitivity.
    """

    def __init__(self, canvas: Canvas, settings: Settings) -> None:
        super().__init__()
        self._canvas, self._settings = canvas, settings
        self._is_shown = False
        canvas.add_overlay(self)
        settings.changed.connect(self._on_setting)

    def show_view(self, on: bool) -> None:
        """Draw the view, if the setting is on as well, or do not."""
        if on != self._is_shown:
            self._is_shown = on
            if self._settings.get("spots.view"):
                self.changed.emit()

    def draw(self, painter: QPainter, view: ViewTransform, rect: QRect) -> None:
        """Draw the view."""
        scene = self._canvas.scene
        if scene is None or not self._is_shown or not self._settings.get("spots.view"):
            return
        from app.ui.painting import qimage
        from app.ui.painting.map_pixels import map_pixels, visible_rect
        from app.ui.painting.pyramid import shrink_rect
        from inpaint_core.selection.spot_looks import show_contrast

        picture = scene.picture
        rect = visible_rect((0, 0, view.size.width(), view.size.height()), view, rect)
        if rect.isEmpty():
            return
        start = view.to_photo(QPointF(rect.topLeft()) / view.ratio)
        end = view.to_photo(QPointF(rect.x() + rect.width(), rect.y() + rect.height()) / view.ratio)
        part = Rect.from_bounds(
            math.floor(start.x()), math.floor(start.y()), math.ceil(end.x()), math.ceil(end.y())
        ).intersect(Rect.whole(picture.shape))
        level = min(view.level, picture.levels - 1)
        height, width = picture.level_size(level)
        part = shrink_rect(part, level).grow(_MARGIN).intersect(Rect(0, 0, width, height))
        if part.is_empty:
            return
        sensitivity = float(self._settings.get("spots.sensitivity"))
        values = show_contrast(picture.read(level, part), sensitivity)
        step = 2**level
        extent = (part.x * step, part.y * step, part.right * step, part.bottom * step)
        grey = map_pixels(values, extent, view, rect)
        painter.drawImage(rect.topLeft(), qimage.from_grey(grey))

    def _on_setting(self, setting: str, _value: object) -> None:
        shown = self._is_shown and bool(self._settings.get("spots.view"))
        if setting == "spots.view" or (shown and setting == "spots.sensitivity"):
            self.changed.emit()
