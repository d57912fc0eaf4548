"""In which layer the hole fills in: statistics plotted over the depth of the network."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QComboBox, QSizePolicy, QWidget

from app.configuration.text import t
from app.ui.theme import theme
from app.ui.widgets.layouts import lay_out_column, make_row
from app.ui.widgets.panel_parts import explain_widget, make_choice

if TYPE_CHECKING:
    from app.inspection.comparison import NetworkFigures
    from inpaint_core.inspection.map_statistics import MapStatistics


_MEASURES = ("rms", "mean", "std", "silent")
_REGIONS = (
    ("inside", Qt.PenStyle.SolidLine),
    ("ring", Qt.PenStyle.DashLine),
    ("outside", Qt.PenStyle.DotLine),
)
# Readable on the background of each theme, and distinct for every kind of colour vision.
_DARK = {"inside": "#f0a24a", "ring": "#c9c9c9", "outside": "#5fa8e8"}
_LIGHT = {"inside": "#9c4a00", "ring": "#4c4c4c", "outside": "#12569c"}


class LayersPage(QWidget):
    """Plots the statistics of one part of the network."""

    def __init__(self) -> None:
        super().__init__()
        self._figures: NetworkFigures | None = None
        self.part = QComboBox()
        explain_widget(self.part, "part")
        self.measure = make_choice("measure", _MEASURES)
        self.regions, self.divergence = LayerPlot(), LayerPlot()
        explain_widget(self.regions, "regions")
        explain_widget(self.divergence, "divergence")
        self._head = make_row(self.part, self.measure)
        self._head.hide()
        items = (self._head, (self.regions, 3), (self.divergence, 2))
        lay_out_column(self, *items, margins=(8, 8, 8, 4))
        self.part.activated.connect(self._draw)
        self.measure.activated.connect(self._draw)

    def show_figures(self, figures: NetworkFigures | None) -> None:
        """Show other figures; None = none."""
        self._figures = figures
        selected = self.part.currentData()
        self.part.clear()
        for part in () if figures is None else figures.parts:
            self.part.addItem(t.get(f"features.part.{part}", part), part)
        self._head.setVisible(self.part.count() > 0)
        self.part.setCurrentIndex(max(self.part.findData(selected), 0))
        self._draw()

    def show_part(self, part: str) -> None:
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
        colours = _DARK if theme.current_theme().dark else _LIGHT
        statistics = [figures.statistics[tap.name] for tap in taps]
        lines = [
            PlotLine(
                t(f"features.region.{region}"),
                colours[region],
                dash,
                tuple(_figure(each, region, measure) for each in statistics),
            )
            for region, dash in _REGIONS
        ]
        self.regions.show_lines(t(f"features.measure.{measure}"), names, lines)
        divergences = tuple(figures.divergences.get(tap.name, float("nan")) for tap in taps)
        line = PlotLine(t("features.nats"), colours["inside"], Qt.PenStyle.SolidLine, divergences)
        self.divergence.show_lines(t("features.divergence"), names, [line])


def _figure(statistics: MapStatistics, region: str, measure: str) -> float:
    return float(getattr(getattr(statistics, region), measure))


_GAP = 6


@dataclass(frozen=True)
class PlotLine:
    """A line of a plot, with one value per layer (NaN: none).

    Dashes and names distinguish lines as well as colours do.
    """

    name: str
    colour: str
    dash: Qt.PenStyle
    values: tuple[float, ...]


class LayerPlot(QWidget):
    """Plots lines over layers, from 0 (or the smallest value below it) to the largest. The legend
    shows the values under the cursor.
    """

    def __init__(self) -> None:
        super().__init__()
        self._layers: tuple[str, ...] = ()
        self._lines: tuple[PlotLine, ...] = ()
        self._title = ""
        self._hovered: int | None = None
        self.setMouseTracking(True)
        self.setMinimumHeight(90)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def sizeHint(self) -> QSize:
        """Twice as wide as high."""
        return QSize(280, 140)

    @property
    def lines(self) -> tuple[PlotLine, ...]:
        """The lines that are shown."""
        return self._lines

    def show_lines(self, title: str, layers: Sequence[str], lines: Sequence[PlotLine]) -> None:
        """Show other lines."""
        self._title, self._layers, self._lines = title, tuple(layers), tuple(lines)
        self.setAccessibleName(title)
        self.update()

    def _frame(self) -> QRectF:
        metrics = self.fontMetrics()
        left = metrics.horizontalAdvance("0.0000") + _GAP
        rows = 1 + max((row for *_, row in self._lay_legend()), default=0)
        top = (1 + rows) * metrics.height() + metrics.height() // 2 + _GAP
        bottom = metrics.height() + _GAP
        return QRectF(left, top, max(self.width() - left - 14, 1), self.height() - top - bottom)

    def _place(self, frame: QRectF, index: int) -> float:
        return frame.x() + (index + 0.5) / max(len(self._layers), 1) * frame.width()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint title, legend, grid and lines."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        colours, frame, high = theme.current_theme(), self._frame(), self.fontMetrics().height()
        painter.setPen(QColor(colours.text))
        painter.drawText(QRectF(0, 0, self.width(), high), Qt.AlignmentFlag.AlignLeft, self._title)
        finite = [v for line in self._lines for v in line.values if math.isfinite(v)]
        if not finite or frame.height() < 10:
            return
        low, most = min(0.0, *finite), max(0.0, *finite)
        most = most if most > low else low + 1.0
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        for value in (low, (low + most) / 2, most):
            y = frame.bottom() - (value - low) / (most - low) * frame.height()
            painter.setPen(QPen(QColor(colours.line), 1))
            painter.drawLine(QPointF(frame.left(), y), QPointF(frame.right(), y))
            painter.setPen(QColor(colours.muted))
            label = QRectF(0, y - high / 2, frame.left() - _GAP, high)
            painter.drawText(label, right, f"{value:.3g}")
        wide = frame.width() / len(self._layers)
        longest = max(self.fontMetrics().horizontalAdvance(layer) for layer in self._layers)
        step = math.ceil((longest + 4) / wide)  # names must not cover each other
        for index, layer in enumerate(self._layers):
            if index % step and index != self._hovered:
                continue
            painter.setPen(QColor(colours.text if index == self._hovered else colours.muted))
            label = QRectF(0, frame.bottom() + 2, longest + 2, high)
            label.moveCenter(QPointF(self._place(frame, index), label.center().y()))
            painter.drawText(label, Qt.AlignmentFlag.AlignCenter, layer)
        for line in self._lines:
            self._draw(painter, frame, line, low, most)
        for line, words, x, row in self._lay_legend():
            self._draw_name(painter, line, words, QPointF(x, (1 + row) * high))

    def _draw(
        self, painter: QPainter, frame: QRectF, line: PlotLine, low: float, most: float
    ) -> None:
        points = [
            QPointF(
                self._place(frame, k), frame.bottom() - (v - low) / (most - low) * frame.height()
            )
            for k, v in enumerate(line.values)
            if math.isfinite(v)
        ]
        painter.setPen(QPen(QColor(line.colour), 1.8, line.dash))
        painter.drawPolyline(points)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(line.colour))
        for point in points:
            painter.drawEllipse(point, 3, 3)
        painter.setBrush(Qt.BrushStyle.NoBrush)

    def _lay_legend(self) -> list[tuple[PlotLine, str, float, int]]:
        """Each line with its name and the value under the cursor, where they begin and in which
        row.
        """
        found, x, row = [], 0.0, 0
        for line in self._lines:
            words = line.name
            if self._hovered is not None and self._hovered < len(line.values):
                words += f" {line.values[self._hovered]:.3g}"
            wide = 20 + self.fontMetrics().horizontalAdvance(words)
            if x > 0 and x + wide > self.width():
                x, row = 0.0, row + 1
            found.append((line, words, x, row))
            x += wide + 12
        return found

    def _draw_name(self, painter: QPainter, line: PlotLine, words: str, at: QPointF) -> None:
        """Draw an entry of the legend from its top left corner on."""
        high = self.fontMetrics().height()
        y = at.y() + high / 2 + 1
        painter.setPen(QPen(QColor(line.colour), 1.8, line.dash))
        painter.drawLine(QPointF(at.x(), y), QPointF(at.x() + 16, y))
        wide = self.fontMetrics().horizontalAdvance(words)
        painter.setPen(QColor(theme.current_theme().text))
        room = QRectF(at.x() + 20, at.y() + 1, wide + 2, high)
        painter.drawText(room, Qt.AlignmentFlag.AlignLeft, words)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Show the values of the layer under the cursor."""
        frame = self._frame()
        share = (event.position().x() - frame.x()) / frame.width()
        layer = math.floor(share * len(self._layers))
        self._hovered = layer if 0 <= layer < len(self._layers) else None
        self.update()

    def leaveEvent(self, event: QEvent) -> None:
        """Show no values."""
        self._hovered = None
        self.update()
