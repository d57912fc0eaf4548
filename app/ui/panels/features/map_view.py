"""The lower half of the panel: the chosen map, its legend, and the overlay's controls."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QFrame,
    QScrollArea,
    QSizePolicy,
    QSlider,
    QStackedWidget,
    QWidget,
)

from app.configuration.settings import Settings
from app.configuration.text import t
from app.ui.panels.features.channel_grid import ChannelGrid
from app.ui.panels.features.map_image import MapImage
from app.ui.theme import theme
from app.ui.widgets.layouts import lay_out_column, make_row
from app.ui.widgets.panel_parts import WrappedLabel, explain_widget, make_choice, make_segments

if TYPE_CHECKING:
    from app.ui.panels.features.map_drawing import DrawnMap
    from inpaint_core.inspection.reduction import ChannelOrder


MapViewKind = Literal["map", "channels", "spectrum"]
_VIEWS: tuple[MapViewKind, ...] = ("map", "channels", "spectrum")


class MapView(QWidget):
    """``changed()``: another view was chosen. ``overlay_changed()``: the overlay on the photo was
    switched, or its opacity changed.
    """

    changed = Signal()
    overlay_changed = Signal()

    def __init__(self, settings: Settings) -> None:
        super().__init__()
        self._drawn: DrawnMap | None = None
        self._unit, self._message = "", ""
        self.views = make_segments(self, [f"view.{view}" for view in _VIEWS])
        self._tabs = make_row(*self.views.buttons(), None)
        self.sort = make_choice("order", ("energy", "hole", "name"))
        self.picture, self.grid, self.spectrum = MapImage(), ChannelGrid(), MapImage()
        self.legend = MapLegend()
        self._scroll = QScrollArea()
        self._scroll.setFrameShape(QFrame.Shape.NoFrame)
        self._scroll.setWidget(self.grid)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        channels = QWidget()
        lay_out_column(channels, self.sort, (self._scroll, 1))
        self._pages = QStackedWidget()
        for page in (self.picture, channels, self.spectrum):
            self._pages.addWidget(page)
        self._value = WrappedLabel()
        self.on_photo = QCheckBox(t("features.over"))
        self.on_photo.setChecked(bool(settings.get("features.over")))
        explain_widget(self.on_photo, "over")
        self.opacity = QSlider(Qt.Orientation.Horizontal)
        self.opacity.setRange(5, 100)
        self.opacity.setValue(int(settings.get("features.opacity")))
        explain_widget(self.opacity, "opacity")
        overlay = make_row(self.on_photo, self.opacity)
        items = (self._tabs, (self._pages, 1), self.legend, self._value, overlay)
        lay_out_column(self, *items, margins=(8, 0, 8, 2), spacing=4)
        self._value.setWordWrap(False)
        self.views.idClicked.connect(lambda _: self.changed.emit())
        self.sort.activated.connect(lambda _: self.changed.emit())
        self.picture.clicked.connect(self.on_photo.toggle)
        self.on_photo.toggled.connect(lambda on: settings.set("features.over", on))
        self.opacity.valueChanged.connect(lambda value: settings.set("features.opacity", value))
        for changed in (self.on_photo.toggled, self.opacity.valueChanged):
            changed.connect(lambda _: self.overlay_changed.emit())
        self.clear()

    @property
    def view(self) -> MapViewKind:
        """The chosen view of a tap."""
        return _VIEWS[self.views.checkedId()]

    @property
    def order(self) -> ChannelOrder:
        """How channels are sorted."""
        order: ChannelOrder = self.sort.currentData()
        return order

    @property
    def channels_width(self) -> int:
        """The width available for the channels, in pixels."""
        bar = self._scroll.verticalScrollBar().sizeHint().width()
        return self.width() - 16 - bar

    def show_tabs(self, tap: bool) -> None:
        """Show the choice of views, which only a tap has."""
        self._tabs.setVisible(tap)

    def show_view(self, view: MapViewKind) -> None:
        """Show one of the views."""
        self._pages.setCurrentIndex(_VIEWS.index(view))
        if view == "map":
            self._update_legend()
        elif view == "channels":
            self.legend.clear(t("features.grid.about"))

    def clear(self) -> None:
        """Show nothing."""
        self._drawn = None
        self.show_message("")
        self.picture.show_image(QImage(), None)
        self.spectrum.show_image(QImage(), None)
        self.grid.show_mosaic(None, QImage())
        self.legend.clear()
        self.show_text("")

    def show_map(self, drawn: DrawnMap | None, unit: str) -> None:
        """Show a map whose values are in ``unit``."""
        self._drawn, self._unit = drawn, unit
        if drawn is None:
            self.picture.show_image(QImage(), None)
        else:
            self.picture.show_image(drawn.picture, drawn.shown.rect)
            self.grid.mark(drawn.shown.query.channel)
        self.show_message(self._message)
        if self._pages.currentIndex() == 0:
            self._update_legend()

    def show_message(self, words: str) -> None:
        """Show a message over all views; "" = none."""
        self._message = words
        is_equal = self._drawn is not None and self._drawn.shown.is_equal
        self.picture.show_message(words or (t("features.same") if is_equal else ""))
        for picture in (self.spectrum, self.grid):
            picture.show_message(words)
        if self._drawn is None and self._pages.currentIndex() == 0:
            self._update_legend()

    def _update_legend(self) -> None:
        drawn = self._drawn
        if drawn is None:
            self.legend.clear("" if self._message else t("features.no_map"))
        elif drawn.shown.style is not None:
            scale, unit = drawn.shown.style.scale, self._unit
            if drawn.shown.is_equal:
                unit = t("features.same")
            self.legend.show_scale(drawn.legend, scale.low, scale.high, unit)
        elif not drawn.legend.isNull():
            far = f"{drawn.shown.reach:.0f}"
            self.legend.show_wheel(drawn.legend, t("features.wheel", far=far))
        else:
            self.legend.clear(self._unit)

    def show_channels(self, drawn: Any) -> None:
        """Show what `draw_channels` returned."""
        mosaic, image = (None, QImage()) if drawn is None else drawn
        self.grid.show_mosaic(mosaic, image)

    def show_spectrum(self, drawn: Any) -> None:
        """Show what `draw_spectrum` returned."""
        if drawn is None:
            self.spectrum.show_image(QImage(), None)
            return
        image, look, bar = drawn
        self.spectrum.show_image(image, None)
        if self._pages.currentIndex() == 2:
            self.legend.show_scale(bar, look.scale.low, look.scale.high, t("features.spectral"))

    @property
    def text(self) -> str:
        """What is shown about the place under the cursor."""
        return self._value.text()

    def show_text(self, text: str) -> None:
        """Show what is under the cursor."""
        self._value.show_text(text or " ")


_BAR_HEIGHT = 12


class MapLegend(QWidget):
    """What the colours of a map mean: a bar of values, a wheel of directions, or words."""

    def __init__(self) -> None:
        super().__init__()
        self._bar = QImage()
        self._ends: tuple[float, float] | None = None
        self._unit = ""
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(t("features.legend"))

    def sizeHint(self) -> QSize:
        """Room for a bar and a line of text."""
        return QSize(200, _BAR_HEIGHT + 4 + self.fontMetrics().height())

    @property
    def text(self) -> str:
        """The unit of the bar, or the words that are shown."""
        return self._unit

    def show_scale(self, bar: QImage, low: float, high: float, unit: str) -> None:
        """Show a scale from ``low`` to ``high``; ``bar`` is one pixel high."""
        self._bar, self._ends, self._unit = bar, (low, high), unit
        self.update()

    def show_wheel(self, wheel: QImage, words: str) -> None:
        """Show a picture that explains the colours, beside words."""
        self._bar, self._ends, self._unit = wheel, None, words
        self.update()

    def clear(self, words: str = "") -> None:
        """Show only words."""
        self._bar, self._ends, self._unit = QImage(), None, words
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the bar with numbers below it, or the wheel beside words."""
        painter = QPainter(self)
        painter.setPen(QColor(theme.current_theme().muted))
        below = QRectF(0, _BAR_HEIGHT + 4, self.width(), self.height() - _BAR_HEIGHT - 4)
        if self._ends is None:
            side = self.height() if not self._bar.isNull() else 0
            if side:
                painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
                painter.drawImage(QRectF(0, 0, side, side), self._bar)
            left = side + 8 if side else 0
            room = QRectF(left, 0, self.width() - left, self.height())
            flags = Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextWordWrap
            painter.drawText(room, flags, self._unit)
            return
        painter.drawImage(QRectF(0, 0, self.width(), _BAR_HEIGHT), self._bar)
        low, high = self._ends
        painter.drawText(below, Qt.AlignmentFlag.AlignLeft, f"{low:.3g}")
        painter.drawText(below, Qt.AlignmentFlag.AlignHCenter, self._unit)
        painter.drawText(below, Qt.AlignmentFlag.AlignRight, f"{high:.3g}")
