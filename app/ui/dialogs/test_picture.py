"""The small picture on which weights were tested: a hole, and what they filled in."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QPixmap
from PySide6.QtWidgets import QLabel, QWidget

from app.configuration.text import t
from app.ui.widgets.layouts import lay_out_row, make_label

_LINES = 6
"""Its height, in lines of text."""


class TestPicture(QWidget):
    """Both halves of the picture side by side, with what they are; hidden without a picture."""

    __test__ = False  # its name is no sign to pytest

    def __init__(self) -> None:
        super().__init__()
        self.before, self.after = QLabel(), QLabel()
        arrow = make_label("→", "muted")
        words = make_label(t("weights_dialogs.test"), "muted", wraps=True)
        row = (self.before, arrow, self.after, (words, 1))
        lay_out_row(self, *row, margins=(0, 4, 0, 4), spacing=10)
        self.before.setAccessibleName(t("weights_dialogs.test.before"))
        self.after.setAccessibleName(t("weights_dialogs.test.after"))
        self.setVisible(False)

    def show_picture(self, path: Path | None) -> None:
        """Show the picture in this file; None, or a file that cannot be read, shows none."""
        whole = QPixmap() if path is None else QPixmap(str(path))
        side = whole.width() // 2
        if side > 0:
            height = self.fontMetrics().height() * _LINES
            sharp = height * self.devicePixelRatio()
            for label, x in ((self.before, 0), (self.after, side)):
                half = whole.copy(QRect(x, 0, side, whole.height()))
                half = half.scaledToHeight(round(sharp), Qt.TransformationMode.SmoothTransformation)
                half.setDevicePixelRatio(self.devicePixelRatio())
                label.setPixmap(half)
        self.setVisible(side > 0)
