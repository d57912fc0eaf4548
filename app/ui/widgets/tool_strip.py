"""The tools beside the photo, in as many columns as the height of the window asks for."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QAction, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QStyle, QStyleOption, QToolButton, QWidget

from app.ui.theme import theme

_ICON = QSize(22, 22)
_EDGE = 6  # pixels between the buttons and the strip's edge
_GAP = 11  # pixels between two groups, with a line in the middle


class ToolStrip(QWidget):
    """Buttons for ``actions``; None begins another group. No tool is ever hidden for want of room:
    a lower window gets a second column.
    """

    def __init__(self, title: str, actions: Sequence[QAction | None]) -> None:
        super().__init__()
        self.setObjectName("strip")
        self.setAccessibleName(title)
        self._groups: list[list[QToolButton]] = [[]]
        self._lines: list[QRect] = []
        for action in actions:
            if action is None:
                self._groups.append([])
                continue
            button = QToolButton(self)
            button.setDefaultAction(action)
            button.setIconSize(_ICON)
            button.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # every tool has a key
            self._groups[-1].append(button)

    @property
    def columns(self) -> int:
        """The least columns with which all tools fit into the height."""
        most = max(map(len, self._groups))
        return next((n for n in range(1, most) if self._measure(n) <= self.height()), most)

    def sizeHint(self) -> QSize:
        """The width of the columns; any height."""
        return QSize(self.columns * self._side + 2 * _EDGE, 2 * self._side)

    def minimumSizeHint(self) -> QSize:
        """As `sizeHint`."""
        return self.sizeHint()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Arrange the tools anew."""
        super().resizeEvent(event)
        self._arrange()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the background of the style sheet, and the lines between the groups."""
        painter, option = QPainter(self), QStyleOption()
        option.initFrom(self)
        self.style().drawPrimitive(QStyle.PrimitiveElement.PE_Widget, option, painter, self)
        for line in self._lines:
            painter.fillRect(line, theme.current_theme().line)

    @property
    def _side(self) -> int:
        hints = [button.sizeHint() for group in self._groups for button in group]
        return max(max(hint.width(), hint.height()) for hint in hints)

    def _measure(self, columns: int) -> int:
        rows = sum(-(-len(group) // columns) for group in self._groups)
        return rows * self._side + (len(self._groups) - 1) * _GAP + 2 * _EDGE

    def _arrange(self) -> None:
        side, columns, top = self._side, self.columns, _EDGE
        self._lines = []
        for group in self._groups:
            if top > _EDGE:
                width = columns * side
                self._lines.append(QRect(_EDGE + 4, top + _GAP // 2, width - 8, 1))
                top += _GAP
            for number, button in enumerate(group):
                row, column = divmod(number, columns)
                button.setGeometry(_EDGE + column * side, top + row * side, side, side)
            top += -(-len(group) // columns) * side
        self.updateGeometry()
        self.update()
