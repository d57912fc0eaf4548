"""The frame around an open photo that says that what is dragged over it may be dropped."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QLabel, QWidget

from app.configuration.text import t
from app.ui.widgets.layouts import lay_out_column


class DropFrame(QFrame):
    """Lies over a widget and takes no part in its layout or in what the pointer does."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("dropframe")
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        words = QLabel(t("window.drop.open"))
        words.setObjectName("dropwords")
        column = lay_out_column(self, None, words, margins=(0, 0, 0, 48))
        column.setAlignment(words, Qt.AlignmentFlag.AlignHCenter)
        self.hide()

    def show_over(self, widget: QWidget) -> None:
        """Cover a widget, unless it is hidden."""
        if widget.isVisible():
            self.setGeometry(widget.rect())
            self.raise_()
            self.show()
