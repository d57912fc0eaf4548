"""One cursor for photo and map: a crosshair on the other one, values, and source pixels."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QPoint, QPointF, QTimer, Signal

from app.configuration.text import t
from app.ui.overlays.map_overlay import MapOverlay
from app.ui.panels.features.map_view import MapView

if TYPE_CHECKING:
    from app.ui.panels.features.map_drawing import DrawnMap
    from inpaint_core.inspection.capture import InspectedRun

_READ_INTERVAL = 30  # ms between two readings of all maps under the cursor


class LinkedCursor(QObject):
    """Marks the cursor on ``map_view`` and on the photo's ``overlay``.

    ``reading(place)``: asks for the values of all maps at a place of the photo (QPointF or None).
    """

    reading = Signal(object)

    def __init__(self, map_view: MapView, overlay: MapOverlay) -> None:
        super().__init__()
        self._map_view, self._overlay = map_view, overlay
        self._drawn: DrawnMap | None = None
        self._run: InspectedRun | None = None
        self._pin: QPointF | None = None
        self._place: QPointF | None = None
        self._timer = QTimer(self, singleShot=True, interval=_READ_INTERVAL)
        self._timer.timeout.connect(lambda: self.reading.emit(self._place))
        map_view.picture.pointed.connect(self._on_point)

    def show(self, drawn: DrawnMap | None, run: InspectedRun | None, pin: QPointF | None) -> None:
        """Show another map of ``run``; ``pin`` is the pixel whose gradient it shows."""
        self._drawn, self._run, self._pin = drawn, run, pin
        self._overlay.show_cross(pin)
        self._update_text()

    def hover(self, pixel: QPoint | None) -> None:
        """The cursor moved over the photo: mark the same place on the map."""
        self._place = None if pixel is None else QPointF(pixel.x() + 0.5, pixel.y() + 0.5)
        self._map_view.picture.mark(self._place)
        self._update_text()

    def _on_point(self, place: QPointF | None) -> None:
        """The cursor moved over the map: mark the same place on the photo."""
        self._place = place
        self._map_view.picture.mark(place)
        self._overlay.show_cross(self._pin if place is None else place)
        self._update_text()

    def _update_text(self) -> None:
        place, drawn = self._place, self._drawn
        if place is None or drawn is None:
            self._map_view.show_text("")
            self._overlay.show_line(None)
        else:
            x, y = int(place.x()), int(place.y())
            self._map_view.show_text(self._describe(drawn, x, y, drawn.shown.value_at(x, y)))
        if not self._timer.isActive():
            self._timer.start()

    def _describe(self, drawn: DrawnMap, x: int, y: int, value: Any) -> str:
        self._overlay.show_line(None)
        if drawn.shown.query.subject == "offsets" and self._run is not None:
            from inpaint_core.inspection.influence import find_source, is_in_perspective

            source = find_source(self._run.result, x, y)
            if source is None:
                return t("features.copied.none")
            there = QPointF(source[0] + 0.5, source[1] + 0.5)
            self._overlay.show_line((QPointF(x + 0.5, y + 0.5), there))
            near = is_in_perspective(self._run.result, x, y)
            key = "features.copied.near" if near else "features.copied"
            return t(key, x=source[0], y=source[1], far=f"{float(value):.0f}")
        if value is None:
            return t("features.no_value", x=x, y=y)
        figures = "  ".join(f"{float(v):.3g}" for v in value.ravel())
        return t("features.value", x=x, y=y, value=figures)
