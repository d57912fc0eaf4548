"""What is shown before a photo is open: where to drop one, and two buttons."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from app.ui.icons import icon


class Welcome(QWidget):
    """The welcome page. The window handles the drop itself and calls `highlight`."""

    open_asked = Signal()
    sample_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("welcome")
        # Without this a plain QWidget ignores the style sheet's background.
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._zone = QFrame()
        self._zone.setObjectName("dropzone")
        self._zone.setMinimumSize(420, 300)
        self._zone.setMaximumSize(640, 400)

        picture = QLabel()
        picture.setPixmap(icon("ph.image", "#7c7c7c").pixmap(QSize(72, 72)))
        headline = _label("Drop a photo here", "headline")
        self._open = QPushButton("Open a photo…")
        self._open.setObjectName("primary")
        self._open.setIcon(icon("ph.folder-open", "#101418"))
        self._open.clicked.connect(self.open_asked)
        sample = QPushButton("Try a sample")
        sample.clicked.connect(self.sample_asked)
        buttons = QHBoxLayout()
        buttons.setSpacing(12)
        buttons.addStretch()
        buttons.addWidget(self._open)
        buttons.addWidget(sample)
        buttons.addStretch()

        column = QVBoxLayout(self._zone)
        column.setSpacing(14)
        column.addStretch()
        column.addWidget(picture, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addWidget(headline)
        column.addSpacing(6)
        column.addLayout(buttons)
        column.addStretch()
        column.addWidget(_label("JPEG, PNG, TIFF, WebP and more, at 8 or 16 bits", "muted"))
        column.setContentsMargins(24, 24, 24, 20)

        page = QVBoxLayout(self)
        page.setSpacing(18)
        page.addStretch()
        row = QHBoxLayout()
        row.addStretch(1)
        row.addWidget(self._zone, 4)
        row.addStretch(1)
        page.addLayout(row, 6)
        page.addWidget(_label("Your photos stay on this machine.", "muted"))
        page.addStretch()
        self.setFocusProxy(self._open)

    def highlight(self, on: bool) -> None:
        """Light up the drop zone while a photo is dragged over the window."""
        self._zone.setProperty("hot", on)
        self._zone.style().unpolish(self._zone)
        self._zone.style().polish(self._zone)


def _label(text: str, name: str) -> QLabel:
    label = QLabel(text)
    label.setObjectName(name)
    label.setAlignment(Qt.AlignmentFlag.AlignHCenter)
    return label
