"""The lower half of the panel: the map itself, what its colours mean, and what lies on it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QImage
from PySide6.QtWidgets import (
    QButtonGroup,
    QCheckBox,
    QFrame,
    QScrollArea,
    QSlider,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from app.configuration.settings import Settings
from app.configuration.text import t
from app.ui.panels.features.grid import Grid
from app.ui.panels.features.legend import Legend
from app.ui.panels.features.picture import Picture
from app.ui.widgets.panel_parts import button, choice, explained, row, words

if TYPE_CHECKING:
    from app.ui.panels.features.drawing import Drawn
    from inpaint_core.inspection.reduction import Order

View = Literal["map", "channels", "spectrum"]
_VIEWS: tuple[View, ...] = ("map", "channels", "spectrum")


class Stage(QWidget):
    """``changed()``: another view is wanted. ``veil_changed()``: what lies on the photo is."""

    changed = Signal()
    veil_changed = Signal()

    def __init__(self, settings: Settings) -> None:
        super().__init__()
        self._settings = settings
        self._drawn: Drawn | None = None
        self._unit, self._waiting = "", ""
        self.views = QButtonGroup(self)
        tabs = []
        for index, view in enumerate(_VIEWS):
            tab = button(f"view.{view}", "", checkable=True)
            tab.setObjectName("segment")
            self.views.addButton(tab, index)
            tabs.append(tab)
        tabs[0].setChecked(True)
        self._tabs = row(*tabs, stretch=True)
        self.sort = choice("order", ("energy", "hole", "name"))
        self.picture, self.grid, self.waves = Picture(), Grid(), Picture()
        self.legend = Legend()
        self._scroll = QScrollArea()
        self._scroll.setFrameShape(QFrame.Shape.NoFrame)
        self._scroll.setWidget(self.grid)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._channels = QWidget()
        inside = QVBoxLayout(self._channels)
        inside.setContentsMargins(0, 0, 0, 0)
        inside.addWidget(self.sort)
        inside.addWidget(self._scroll, 1)
        self._pages = QStackedWidget()
        for page in (self.picture, self._channels, self.waves):
            self._pages.addWidget(page)
        self._value = words()
        self.over = QCheckBox(t("features.over"))
        self.over.setChecked(bool(settings.get("features.over")))
        explained(self.over, "over")
        self.opacity = QSlider(Qt.Orientation.Horizontal)
        self.opacity.setRange(5, 100)
        self.opacity.setValue(int(settings.get("features.opacity")))
        explained(self.opacity, "opacity")
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 0, 8, 2)
        column.setSpacing(4)
        for part in (self._tabs, self._pages, self.legend, self._value):
            column.addWidget(part, 1 if part is self._pages else 0)
        column.addWidget(row(self.over, self.opacity))
        self._value.setWordWrap(False)
        self._wire()
        self.clear()

    def _wire(self) -> None:
        self.views.idClicked.connect(lambda _: self.changed.emit())
        self.sort.activated.connect(lambda _: self.changed.emit())
        self.picture.clicked.connect(self.over.toggle)
        self.over.toggled.connect(lambda on: self._settings.set("features.over", on))
        self.opacity.valueChanged.connect(
            lambda value: self._settings.set("features.opacity", value)
        )
        self.over.toggled.connect(lambda _: self.veil_changed.emit())
        self.opacity.valueChanged.connect(lambda _: self.veil_changed.emit())

    @property
    def view(self) -> View:
        """What is wanted of a tap."""
        return _VIEWS[self.views.checkedId()]

    @property
    def order(self) -> Order:
        """How channels are sorted."""
        order: Order = self.sort.currentData()
        return order

    @property
    def room(self) -> int:
        """The width that channels have."""
        bar = self._scroll.verticalScrollBar().sizeHint().width()
        return self.width() - 16 - bar

    def offer(self, tap: bool) -> None:
        """Only a tap has channels and a spectrum."""
        self._tabs.setVisible(tap)

    def turn(self, view: View) -> None:
        """Show one of the views."""
        self._pages.setCurrentIndex(_VIEWS.index(view))
        if view == "map":
            self._explain()
        elif view == "channels":
            self.legend.clear(t("features.grid.about"))

    def clear(self) -> None:
        """There is nothing to show."""
        self._drawn = None
        self.wait("")
        self.picture.show_image(QImage(), None)
        self.waves.show_image(QImage(), None)
        self.grid.show_mosaic(None, QImage())
        self.legend.clear()
        self.tell("")

    def show_map(self, drawn: Drawn | None, unit: str) -> None:
        """Show a map."""
        self._drawn, self._unit = drawn, unit
        if drawn is None:
            self.picture.show_image(QImage(), None)
        else:
            self.picture.show_image(drawn.picture, drawn.shown.rect)
            self.grid.mark(drawn.shown.query.channel)
        if self._pages.currentIndex() == 0:
            self._explain()

    def wait(self, words: str) -> None:
        """Say over the pictures, and where there is none, what is waited for; "" = nothing."""
        self._waiting = words
        for picture in (self.picture, self.waves, self.grid):
            picture.say(words)
        if self._drawn is None and self._pages.currentIndex() == 0:
            self._explain()

    def _explain(self) -> None:
        drawn = self._drawn
        if drawn is None:
            self.legend.clear("" if self._waiting else t("features.no_map"))
        elif drawn.shown.look is not None:
            scale, unit = drawn.shown.look.scale, self._unit
            if drawn.shown.same:
                unit = t("features.same")
            self.legend.show_scale(drawn.legend, scale.low, scale.high, unit)
        elif not drawn.legend.isNull():
            far = f"{drawn.shown.reach:.0f}"
            self.legend.show_wheel(drawn.legend, t("features.wheel", far=far))
        else:
            self.legend.clear(self._unit)

    def show_channels(self, found: Any) -> None:
        """Show a mosaic of channels and its image."""
        mosaic, image = (None, QImage()) if found is None else found
        self.grid.show_mosaic(mosaic, image)

    def show_spectrum(self, found: Any) -> None:
        """Show a spectrum: its image, its look and the bar of its colours."""
        if found is None:
            self.waves.show_image(QImage(), None)
            return
        image, look, bar = found
        self.waves.show_image(image, None)
        if self._pages.currentIndex() == 2:
            self.legend.show_scale(bar, look.scale.low, look.scale.high, t("features.spectral"))

    def tell(self, text: str) -> None:
        """Say what is under the cursor."""
        self._value.say(text or " ")
