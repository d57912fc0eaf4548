"""The fields of a new size: which side, how long, and what that makes of the photo."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QLocale, Signal
from PySide6.QtWidgets import QCheckBox, QComboBox, QDoubleSpinBox, QSpinBox, QWidget

from app.configuration.text import t
from app.session.export import read_resize
from app.ui.widgets.layouts import lay_out_column, make_label, make_row
from inpaint_core.contract.choices import MAX_PERCENT, MAX_SIDE, RESIZE_BY
from inpaint_core.contract.options import Resize


class ResizeFields(QWidget):
    """In which size a photo of ``size`` (width, height) is written; ``get`` tells the settings by
    their id. ``changed()``: in another one.
    """

    changed = Signal()

    def __init__(self, size: tuple[int, int], get: Callable[[str], Any]) -> None:
        super().__init__()
        self._size = size
        self.by = QComboBox()
        for choice in ("none", *RESIZE_BY):
            self.by.addItem(t(f"export.resize.{choice}"), choice)
        self.by.setCurrentIndex(self.by.findData(get("export.resize")))
        self.pixels = QSpinBox()
        self.pixels.setRange(1, MAX_SIDE)
        self.pixels.setSuffix(" px")
        self.pixels.setValue(get("export.pixels"))
        self.percent = QDoubleSpinBox()
        self.percent.setRange(0.1, MAX_PERCENT)
        self.percent.setDecimals(1)
        self.percent.setSuffix(" %")
        self.percent.setValue(get("export.percent"))
        for field in (self.by, self.pixels, self.percent):
            field.setAccessibleName(t("export.resize"))
        self.no_enlarging = QCheckBox(t("export.no_enlarging"))
        self.no_enlarging.setToolTip(t("export.no_enlarging.tip"))
        self.no_enlarging.setChecked(get("export.no_enlarging"))
        self.sharpen = QCheckBox(t("export.sharpen"))
        self.sharpen.setToolTip(t("export.sharpen.tip"))
        self.sharpen.setChecked(get("export.sharpen"))
        self.outcome = make_label(wraps=True)
        choices = make_row((self.by, 1), self.pixels, self.percent, spacing=8)
        self._ticks = make_row(self.no_enlarging, self.sharpen, None, spacing=16)
        lay_out_column(self, choices, self._ticks, self.outcome, spacing=6)
        for signal in (
            *(self.by.currentIndexChanged, self.pixels.valueChanged, self.percent.valueChanged),
            *(self.no_enlarging.toggled, self.sharpen.toggled),
        ):
            signal.connect(self._update)
        self._update()

    @property
    def wanted(self) -> Resize | None:
        """The size that was chosen; None: the photo's own."""
        return read_resize(self.settings().__getitem__)

    @property
    def changes_size(self) -> bool:
        """Whether the photo gets another size."""
        resize = self.wanted
        return resize is not None and resize.target(*self._size) != self._size

    def settings(self) -> dict[str, object]:
        """The choices by setting id; hidden fields keep their value."""
        return {
            "export.resize": self.by.currentData(),
            "export.pixels": self.pixels.value(),
            "export.percent": self.percent.value(),
            "export.no_enlarging": self.no_enlarging.isChecked(),
            "export.sharpen": self.sharpen.isChecked(),
        }

    def _update(self) -> None:
        by, resize = self.by.currentData(), self.wanted
        self.pixels.setVisible(by not in ("none", "percent"))
        self.percent.setVisible(by == "percent")
        self._ticks.setVisible(resize is not None)
        self.outcome.setVisible(resize is not None)
        if resize is not None:
            number = QLocale().toString
            (width, height), (wide, high) = self._size, resize.target(*self._size)
            key = "computed" if self.changes_size else "kept"
            values = {"width": width, "height": height, "wide": wide, "high": high}
            shown = {name: number(value) for name, value in values.items()}
            self.outcome.setText(t(f"export.resize.{key}", **shown))
        self.changed.emit()
