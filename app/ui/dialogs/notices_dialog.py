"""The licences of what the installed application brings along."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtGui import QFontDatabase
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QPlainTextEdit, QWidget

from app.configuration.text import t
from app.ui.widgets.layouts import lay_out_column


class NoticesDialog(QDialog):
    """Shows the text of a file."""

    def __init__(self, path: Path, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(t("help.about.licences"))
        text = QPlainTextEdit(path.read_text("utf-8", "replace"))
        text.setReadOnly(True)
        text.setTabChangesFocus(True)
        text.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        text.setAccessibleName(t("help.about.licences"))
        buttons = QDialogButtonBox()
        buttons.addButton(t("help.about.close"), QDialogButtonBox.ButtonRole.RejectRole)
        buttons.rejected.connect(self.reject)
        lay_out_column(self, (text, 1), buttons, margins=(24, 22, 24, 16), spacing=10)
        letter = text.fontMetrics().averageCharWidth()
        self.resize(letter * 96, self.fontMetrics().height() * 36)  # lines of 80 letters
