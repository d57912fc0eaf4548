"""Small parts that the panel is put together from."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QSignalBlocker, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QToolButton, QWidget

from app.configuration.text import t
from app.ui.theme.icons import icon


def tip(name: str) -> str:
    """Two sentences: one for photographers, one for researchers."""
    plain, exact = t(f"features.{name}.tip"), t(f"features.{name}.science")
    return f"<p>{plain}</p><p><i>{exact}</i></p>"


def explained(widget: QWidget, name: str) -> None:
    """Give a control its tip, and its name for those who do not see it."""
    widget.setToolTip(tip(name))
    if not widget.accessibleName():
        widget.setAccessibleName(t(f"features.{name}"))


def choice(name: str, values: Iterable[str]) -> QComboBox:
    """A list of words to choose from; each item's data is its value. The tip explains them all."""
    box = QComboBox()
    for value in values:
        box.addItem(t(f"features.{name}.{value}"), value)
    box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    box.setMinimumContentsLength(8)
    explained(box, name)
    return box


def put(box: QComboBox, value: str) -> None:
    """Choose a value without telling anybody."""
    with QSignalBlocker(box):
        box.setCurrentIndex(max(box.findData(value), 0))


def button(name: str, picture: str, checkable: bool = False) -> QToolButton:
    """A button with words and a picture, where one is named."""
    made = QToolButton()
    made.setText(t(f"features.{name}"))
    if picture:
        made.setIcon(icon(picture))
    made.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
    made.setCheckable(checkable)
    made.setObjectName("flat")
    explained(made, name)
    return made


class Words(QLabel):
    """Plain words that break into lines and are as high as these are.

    A label of Qt's own would have everything around it be as high as it would like to be.
    """

    def __init__(self, text: str = "") -> None:
        super().__init__(text)
        self.setObjectName("muted")
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setWordWrap(True)

    def hasHeightForWidth(self) -> bool:
        """Not as far as others need to know."""
        return False

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Another width may take more lines."""
        super().resizeEvent(event)
        self._fit()

    def say(self, text: str) -> None:
        """Show other words."""
        self.setText(text)
        self._fit()

    def _fit(self) -> None:
        high = self.heightForWidth(self.width()) if self.wordWrap() else 0
        self.setMinimumHeight(max(high, 0))


def words(text: str = "") -> Words:
    """Plain words that break into lines."""
    return Words(text)


def row(*widgets: QWidget, stretch: bool = False) -> QWidget:
    """The widgets side by side; with ``stretch`` room is left at the end."""
    group = QWidget()
    line = QHBoxLayout(group)
    line.setContentsMargins(0, 0, 0, 0)
    line.setSpacing(6)
    for widget in widgets:
        line.addWidget(widget)
    if stretch:
        line.addStretch()
    return group
