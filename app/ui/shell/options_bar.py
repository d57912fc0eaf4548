"""The bar above the photo: options of the current tool, and mask operations."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QLabel, QSizePolicy, QStackedWidget, QToolBar, QToolButton, QWidget

from app.configuration.actions import ACTIONS
from app.configuration.settings import Settings
from app.configuration.text import t
from app.ui.theme.icons import make_icon
from app.ui.widgets.layouts import make_label, make_row
from app.ui.widgets.setting_fields import make_check_box, make_choice_field
from app.ui.widgets.setting_slider import SettingSlider

_MASK = ("mask.grow", "mask.shrink", "mask.feather", "mask.invert", "mask.clear")
_PAGES = {
    **dict.fromkeys(("eraser", "protect", "source"), "brush"),
    "heal": "clone",
}
"""The tools whose options are those of another one."""


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
        self.size_dial, hardness = self._brush_dials()
        self._add("brush", self.size_dial, hardness, self._choice("brush.pressure", "pressure"))
        self._add("restore", *self._brush_dials(), self._choice("restore.mode", "restore.mode"))
        aligned = make_check_box("clone.aligned", settings, t("window.clone.aligned"))
        aligned.setToolTip(t("window.clone.aligned.tip"))
        turn = self._dial("clone.rotation", "clone.rotation", "°", slider=0)
        scale = self._dial("clone.scale", "clone.scale", "%", slider=0)
        mirrored = make_check_box("clone.mirrored", settings, t("window.clone.mirrored"))
        mirrored.setToolTip(t("window.clone.mirrored.tip"))
        opacity = self._dial("clone.opacity", "clone.opacity", "%", slider=0)
        number = self._dial("clone.number", "clone.number", slider=0)
        brush = self._brush_dials(0)
        self._add("clone", *brush, opacity, number, aligned, turn, scale, mirrored, spacing=14)
        edges = make_check_box("outline.edges", settings, t("window.outline.edges"))
        edges.setToolTip(t("window.outline.edges.tip"))
        self._add("lasso", self._choice("outline.layer", "outline.layer"))
        self._add("polygon", self._choice("outline.layer", "outline.layer"), edges)
        self._add("box", self._choice("box.shape", "shape"))
        self._add("snap", self._choice("snap.drag", "snap.drag"), make_label(t("window.snap")))
        contiguous = make_check_box("wand.contiguous", settings, t("window.contiguous"))
        contiguous.setToolTip(t("window.contiguous.tip"))
        self._add("wand", self._dial("wand.tolerance", "tolerance"), contiguous)
        width = self._dial("pencil.width", "pencil.width", "px", slider=60)
        eraser = self._dial("pencil.eraser", "pencil.eraser", "px")
        self._add("pencil", self._choice("pencil.mode", "pencil.mode"), width, eraser)
        clear = make_button(actions["plane.clear"])
        self._add("plane", clear, make_label(t("window.plane")))
        sensitivity = self._dial("spots.sensitivity", "spots.sensitivity")
        for tool, parts in {
            "wires": (make_button(actions["wires.find"]),),
            "spots": (sensitivity, make_button(actions["spots.view"])),
            "text": (),
            "shadow": (),
        }.items():
            ends = make_button(actions["found.add"]), make_button(actions["found.discard"])
            self._add(tool, *parts, *ends, spacing=8)
        self._words = make_label()
        self._add("", self._words)
        self._stack.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self._stack.setContentsMargins(8, 0, 0, 0)
        self.addWidget(self._stack)
        self.addSeparator()
        self.addWidget(self._dial("mask.step", "mask", "px", slider=0))
        for name in _MASK:
            self.addAction(actions[name])
        more = self.findChild(QToolButton, "qt_toolbar_ext_button")
        if more is not None:  # it opens what there is no room for; Qt's own icon is always black
            more.setIcon(make_icon("ph.caret-double-right"))
        self.setFocusProxy(self.size_dial.field)
        self.show_tool("brush")

    def show_tool(self, tool: str) -> None:
        """Show the options of a tool, or its tip if it has none."""
        page = _PAGES.get(tool, tool)
        if page not in self._pages:
            self._words.setText(ACTIONS[f"tool.{tool}"].tip)
            page = ""
        self._stack.setCurrentWidget(self._pages[page])

    def _add(self, name: str, *parts: QWidget, spacing: int = 18) -> None:
        page = make_row(*parts, None, spacing=spacing)
        self._pages[name] = page
        self._stack.addWidget(page)

    def _brush_dials(self, slider: int = 150) -> tuple[SettingSlider, SettingSlider]:
        """Size and hardness of the brush."""
        size = self._dial("brush.size", "size", "px", slider=slider, logarithmic=True)
        return size, self._dial("brush.hardness", "hardness", "%", slider=min(slider, 110))

    def _dial(self, setting: str, key: str, unit: str = "", **look: Any) -> SettingSlider:
        name, tip = t(f"window.{key}"), t(f"window.{key}.tip")
        dial = SettingSlider(self._settings, setting, name, tip, unit=unit, **look)
        dial.left.connect(self.left)
        return dial

    def _choice(self, setting: str, key: str) -> QWidget:
        """A combo box with its label."""
        box = make_choice_field(setting, self._settings, "window.")
        box.setToolTip(t(f"window.{key}.tip"))
        label = QLabel(t(f"window.{key}"))
        label.setBuddy(box)
        box.setAccessibleName(label.text())
        return make_row(label, box)


def make_button(action: QAction) -> QToolButton:
    """A button with the icon and the name of an action."""
    button = QToolButton()
    button.setDefaultAction(action)
    button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    return button
