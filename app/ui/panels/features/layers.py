"""Where does the hole fill in? Figures over the depth of the network."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QVBoxLayout, QWidget

from app.configuration.text import t
from app.ui.panels.features.plot import Line, Plot
from app.ui.theme import theme
from app.ui.widgets.panel_parts import choice, explained, row

if TYPE_CHECKING:
    from app.inspection.maps import Figures
    from inpaint_core.inspection.statistics import Statistics

_MEASURES = ("rms", "mean", "std", "silent")
_REGIONS = (
    ("inside", Qt.PenStyle.SolidLine),
    ("ring", Qt.PenStyle.DashLine),
    ("outside", Qt.PenStyle.DotLine),
)
# Readable on the ground of each look, and far apart for every kind of colour vision.
_DARK = {"inside": "#f0a24a", "ring": "#c9c9c9", "outside": "#5fa8e8"}
_LIGHT = {"inside": "#9c4a00", "ring": "#4c4c4c", "outside": "#12569c"}


class Layers(QWidget):
    """Shows the figures of one part of the network."""

    def __init__(self) -> None:
        super().__init__()
        self._figures: Figures | None = None
        self.part = QComboBox()
        explained(self.part, "part")
        self.measure = choice("measure", _MEASURES)
        self.regions, self.divergence = Plot(), Plot()
        explained(self.regions, "regions")
        explained(self.divergence, "divergence")
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 8, 8, 4)
        column.addWidget(row(self.part, self.measure))
        column.addWidget(self.regions, 3)
        column.addWidget(self.divergence, 2)
        self.part.activated.connect(self._draw)
        self.measure.activated.connect(self._draw)

    def show_figures(self, figures: Figures | None) -> None:
        """Show other figures; None = there are none."""
        self._figures = figures
        held = self.part.currentData()
        self.part.clear()
        for part in () if figures is None else figures.parts:
            self.part.addItem(t.known(f"features.part.{part}", part), part)
        self.part.setCurrentIndex(max(self.part.findData(held), 0))
        self._draw()

    def pick(self, part: str) -> None:
        """Show a part of the network."""
        index = self.part.findData(part)
        if index >= 0:
            self.part.setCurrentIndex(index)
            self._draw()

    def _draw(self, *_: object) -> None:
        figures, part = self._figures, self.part.currentData()
        if figures is None or part is None:
            for plot in (self.regions, self.divergence):
                plot.show_lines("", (), ())
            return
        taps = figures.parts[part]
        names = [f"1/{tap.stride}" for tap in taps]
        measure = str(self.measure.currentData())
        colours = _DARK if theme.current().dark else _LIGHT
        statistics = [figures.statistics[tap.name] for tap in taps]
        lines = [
            Line(
                t(f"features.region.{region}"),
                colours[region],
                dash,
                tuple(_figure(each, region, measure) for each in statistics),
            )
            for region, dash in _REGIONS
        ]
        self.regions.show_lines(t(f"features.measure.{measure}"), names, lines)
        apart = tuple(figures.divergences.get(tap.name, float("nan")) for tap in taps)
        line = Line(t("features.nats"), colours["inside"], Qt.PenStyle.SolidLine, apart)
        self.divergence.show_lines(t("features.divergence"), names, [line])


def _figure(statistics: Statistics, region: str, measure: str) -> float:
    return float(getattr(getattr(statistics, region), measure))
