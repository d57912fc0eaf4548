"""The bar above the photo: options of the current tool, and mask operations."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QHBoxLayout,
    QLabel,
    QSizePolicy,
    QStackedWidget,
    QToolBar,
    QWidget,
)

from app.configuration.actions import ACTIONS
from app.configuration.settings import SETTINGS, Settings
from app.configuration.text import t
from app.ui.widgets.setting_slider import SettingSlider

_MASK = ("mask.grow", "mask.shrink", "mask.feather", "mask.invert", "mask.clear")
_BRUSHES = ("brush", "eraser", "protect")


class OptionsBar(QToolBar):
    """Shows the options of a tool. ``left()``: the user finished typing in a field."""

    left = Signal()

    def __init__(self, settings: Settings, actions: Mapping[str, QAction]) -> None:
        super().__init__(t("window.options"))
        self.setObjectName("options")
        self.setMovable(False)
        self.setIconSize(QSize(18, 18))
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.PreventContextMenu)
        self._settings = settings
        self._pages: dict[str, QWidget] = {}
        self._stack = QStackedWidget()
        self._add("brush", self._brush())
        self._add("box", self._box())
        self._add("wand", self._wand())
        self._add("pencil", self._pencil())
        self._words = QLabel()
        self._words.setObjectName("muted")
        self._add("", _row(self._words))
        self._stack.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self._stack.setContentsMargins(8, 0, 0, 0)
        self.addWidget(self._stack)
        self.addSeparator()
        step = self._dial("mask.step", t("window.mask"), t("window.mask.tip"), "px", slider=0)
        self.addWidget(step)
        for name in _MASK:
            self.addAction(actions[name])
        self.setFocusProxy(self.size_dial.field)
        self.show_tool("brush")

    def show_tool(self, tool: str) -> None:
        """Show the options of a tool, or its tip if it has none."""
        page = "brush" if tool in _BRUSHES else tool
        if page not in self._pages:
            self._words.setText(ACTIONS[f"tool.{tool}"].tip)
            page = ""
        self._stack.setCurrentWidget(self._pages[page])

    def _add(self, name: str, page: QWidget) -> None:
        self._pages[name] = page
        self._stack.addWidget(page)

    def _dial(
        self,
        setting: str,
        name: str,
        tip: str,
        unit: str = "",
        slider: int = 110,
        logarithmic: bool = False,
    ) -> SettingSlider:
        dial = SettingSlider(
            self._settings, setting, name, tip, unit=unit, slider=slider, logarithmic=logarithmic
        )
        dial.left.connect(self.left)
        return dial

    def _brush(self) -> QWidget:
        self.size_dial = self._dial(
            "brush.size",
            t("window.size"),
            t("window.size.tip"),
            unit="px",
            slider=150,
            logarithmic=True,
        )
        hardness = self._dial("brush.hardness", t("window.hardness"), t("window.hardness.tip"), "%")
        pressure = self._choice("brush.pressure", t("window.pressure.tip"))
        return _row(self.size_dial, hardness, _with_label(t("window.pressure"), pressure))

    def _box(self) -> QWidget:
        return _row(
            _with_label(t("window.shape"), self._choice("box.shape", t("window.shape.tip")))
        )

    def _wand(self) -> QWidget:
        tolerance = self._dial("wand.tolerance", t("window.tolerance"), t("window.tolerance.tip"))
        contiguous = QCheckBox(t("window.contiguous"))
        contiguous.setToolTip(t("window.contiguous.tip"))
        contiguous.setChecked(bool(self._settings.get("wand.contiguous")))
        contiguous.toggled.connect(lambda on: self._settings.set("wand.contiguous", on))

        def follow(setting: str, value: object) -> None:
            if setting == "wand.contiguous":
                contiguous.setChecked(bool(value))

        self._settings.changed.connect(follow)
        return _row(tolerance, contiguous)

    def _pencil(self) -> QWidget:
        mode = self._choice("pencil.mode", t("window.pencil.mode.tip"))
        width = self._dial(
            "pencil.width", t("window.pencil.width"), t("window.pencil.width.tip"), "px", slider=60
        )
        eraser = self._dial(
            "pencil.eraser", t("window.pencil.eraser"), t("window.pencil.eraser.tip"), "px"
        )
        return _row(_with_label(t("window.pencil.mode"), mode), width, eraser)

    def _choice(self, setting: str, tip: str) -> QComboBox:
        """A combo box for a setting with a few choices."""
        box = QComboBox()
        box.setToolTip(tip)
        for choice in SETTINGS[setting].choices:
            box.addItem(t(f"window.{setting}.{choice}"), choice)
        box.setCurrentIndex(box.findData(self._settings.get(setting)))
        box.activated.connect(lambda index: self._settings.set(setting, box.itemData(index)))

        def follow(changed: str, value: object) -> None:
            if changed == setting:
                box.setCurrentIndex(box.findData(value))

        self._settings.changed.connect(follow)
        return box


def _with_label(name: str, field: QWidget) -> QWidget:
    label = QLabel(name)
    label.setBuddy(field)
    field.setAccessibleName(name)
    pair = _row(label, field)
    layout = pair.layout()
    assert layout is not None
    layout.setSpacing(6)
    return pair


def _row(*parts: QWidget) -> QWidget:
    row = QWidget()
    line = QHBoxLayout(row)
    line.setContentsMargins(0, 0, 0, 0)
    line.setSpacing(18)
    for part in parts:
        line.addWidget(part, 0, Qt.AlignmentFlag.AlignVCenter)
    line.addStretch()
    return row
