"""Small parts of panels: buttons, choices and labels with the texts of the features panel."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from PySide6.QtCore import QObject, QSignalBlocker, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QButtonGroup, QComboBox, QLabel, QToolButton, QWidget

from app.configuration.text import t
from app.ui.theme.icons import make_icon


def make_tip(name: str) -> str:
    """A tool tip of two sentences: one for photographers, one for researchers."""
    plain, exact = t(f"features.{name}.tip"), t(f"features.{name}.science")
    return f"<p>{plain}</p><p><i>{exact}</i></p>"


def explain_widget(widget: QWidget, name: str) -> None:
    """Set a control's tool tip and accessible name."""
    widget.setToolTip(make_tip(name))
    if not widget.accessibleName():
        widget.setAccessibleName(t(f"features.{name}"))


def make_choice(name: str, values: Iterable[str]) -> QComboBox:
    """A combo box of values; each item's data is its value. The tool tip explains all of them."""
    box = QComboBox()
    for value in values:
        box.addItem(t(f"features.{name}.{value}"), value)
    box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    box.setMinimumContentsLength(8)
    explain_widget(box, name)
    return box


def select_value(box: QComboBox, value: str) -> None:
    """Select a value without a signal."""
    with QSignalBlocker(box):
        box.setCurrentIndex(max(box.findData(value), 0))


def make_button(
    name: str, icon_name: str = "", *, checkable: bool = False, segment: bool = False
) -> QToolButton:
    """A button with a text, and with an icon if ``icon_name`` is given; a ``segment`` looks like
    part of a choice.
    """
    button = QToolButton()
    button.setText(t(f"features.{name}"))
    if icon_name:
        button.setIcon(make_icon(icon_name))
    button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
    button.setCheckable(checkable)
    button.setObjectName("segment" if segment else "flat")
    explain_widget(button, name)
    return button


def make_segments(parent: QObject, names: Sequence[str]) -> QButtonGroup:
    """Buttons of which one is chosen, at first the first one; their ids are 0, 1, and so on."""
    group = QButtonGroup(parent)
    for number, name in enumerate(names):
        group.addButton(make_button(name, checkable=True, segment=True), number)
    group.button(0).setChecked(True)
    return group


class WrappedLabel(QLabel):
    """A label of plain text that wraps and is exactly as high as its lines.

    With Qt's height-for-width, the whole layout around the label would become too high.
    """

    def __init__(self, text: str = "") -> None:
        super().__init__(text)
        self.setObjectName("muted")
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setWordWrap(True)

    def hasHeightForWidth(self) -> bool:
        """False, for the layout around it."""
        return False

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Adapt the height to the lines at the new width."""
        super().resizeEvent(event)
        self._fit()

    def show_text(self, text: str) -> None:
        """Show another text."""
        self.setText(text)
        self._fit()

    def _fit(self) -> None:
        if self.wordWrap():
            self.setFixedHeight(max(self.heightForWidth(self.width()), 0))
