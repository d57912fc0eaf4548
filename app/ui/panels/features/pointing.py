"""The photo and the map point at each other: crosshairs, values, and where pixels came from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QPoint, QPointF, QTimer, Signal

from app.configuration.text import t
from app.ui.overlays.map_overlay import Veil
from app.ui.panels.features.stage import Stage

if TYPE_CHECKING:
    from app.ui.panels.features.drawing import Drawn
    from inpaint_core.inspection.capture import Run

_READ = 30  # ms between two readings of all maps under the cursor


class Pointing(QObject):
    """Marks on ``stage`` and on the photo's ``veil`` what the cursor is at.

    ``reading(place)``: the values of all maps at this place of the photo (QPointF or None) are
    wanted.
    """

    reading = Signal(object)

    def __init__(self, stage: Stage, veil: Veil) -> None:
        super().__init__()
        self._stage, self._veil = stage, veil
        self._drawn: Drawn | None = None
        self._run: Run | None = None
        self._pin: QPointF | None = None
        self._place: QPointF | None = None
        self._timer = QTimer(self, singleShot=True, interval=_READ)
        self._timer.timeout.connect(lambda: self.reading.emit(self._place))
        stage.picture.pointed.connect(self._on_point)

    def show(self, drawn: Drawn | None, run: Run | None, pin: QPointF | None) -> None:
        """Another map of ``run`` is looked at; ``pin``: the pixel that it is an answer about."""
        self._drawn, self._run, self._pin = drawn, run, pin
        self._veil.mark(pin)
        self._tell()

    def hover(self, pixel: QPoint | None) -> None:
        """The photo was pointed at: so is the map."""
        self._place = None if pixel is None else QPointF(pixel.x() + 0.5, pixel.y() + 0.5)
        self._stage.picture.mark(self._place)
        self._tell()

    def _on_point(self, place: QPointF | None) -> None:
        """The map was pointed at: so is the photo."""
        self._place = place
        self._stage.picture.mark(place)
        self._veil.mark(self._pin if place is None else place)
        self._tell()

    def _tell(self) -> None:
        place, drawn = self._place, self._drawn
        if place is None or drawn is None:
            self._stage.tell("")
            self._veil.connect_points(None)
        else:
            x, y = int(place.x()), int(place.y())
            self._stage.tell(self._words(drawn, x, y, drawn.shown.at(x, y)))
        if not self._timer.isActive():
            self._timer.start()

    def _words(self, drawn: Drawn, x: int, y: int, value: Any) -> str:
        self._veil.connect_points(None)
        if drawn.shown.query.subject == "offsets" and self._run is not None:
            from inpaint_core.inspection.provenance import source_of

            source = source_of(self._run.result, x, y)
            if source is None:
                return t("features.copied.none")
            there = QPointF(source[0] + 0.5, source[1] + 0.5)
            self._veil.connect_points((QPointF(x + 0.5, y + 0.5), there))
            return t("features.copied", x=source[0], y=source[1], far=f"{float(value):.0f}")
        if value is None:
            return t("features.no_value", x=x, y=y)
        figures = "  ".join(f"{float(v):.3g}" for v in value.ravel())
        return t("features.value", x=x, y=y, value=figures)
