"""A bar above the photo that says what went wrong and what to do, without stopping anybody."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Slot
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QToolButton, QVBoxLayout, QWidget

from app.ui import theme
from app.ui.icons import icon


class Notice(QFrame):
    """Shows one sentence and one hint until it is closed or replaced."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("notice")
        self._icon = QLabel()
        self._icon.setPixmap(icon("ph.warning-circle", theme.ALERT).pixmap(QSize(22, 22)))
        self._message = QLabel()
        self._hint = QLabel()
        font = self._message.font()
        font.setBold(True)
        self._message.setFont(font)
        for label in (self._message, self._hint):
            label.setWordWrap(True)
            # File names may look like mark-up, and must be shown as they are.
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        close = QToolButton()
        close.setIcon(icon("ph.x"))
        close.setToolTip("Dismiss")
        close.setAccessibleName("Dismiss")
        close.setAutoRaise(True)
        close.clicked.connect(self.clear)
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(self._message)
        words.addWidget(self._hint)
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 10, 12, 10)
        row.setSpacing(12)
        row.addWidget(self._icon, 0, Qt.AlignmentFlag.AlignTop)
        row.addLayout(words, 1)
        row.addWidget(close, 0, Qt.AlignmentFlag.AlignTop)
        self.hide()

    @property
    def text(self) -> str:
        """What is shown, empty when nothing is."""
        if self.isHidden():
            return ""
        return f"{self._message.text()} {self._hint.text()}".strip()

    def tell(self, message: str, hint: str = "") -> None:
        """Show a sentence and a hint."""
        self._message.setText(message)
        self._hint.setText(hint)
        self._hint.setVisible(bool(hint))
        self.setAccessibleName(f"{message} {hint}")
        self.show()

    @Slot()
    def clear(self) -> None:
        """Close the bar."""
        self.hide()
