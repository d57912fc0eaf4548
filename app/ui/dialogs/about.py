"""What Lacuna is, and what a report of a problem should say."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, QTimer, QUrl
from PySide6.QtGui import QDesktopServices, QFontDatabase, QGuiApplication, QIcon
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QVBoxLayout,
    QWidget,
)

import resources
from app.configuration.settings import SETTINGS, Settings
from app.configuration.text import t
from app.system import diagnostics, log
from inpaint_core import __version__

_SAID = 1500  # ms that the button says “Copied”


class About(QDialog):
    """The about box."""

    def __init__(self, settings: Settings, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(t("help.about.title"))
        picture = QLabel()
        icon = QIcon(str(resources.path("icon.svg")))
        picture.setPixmap(icon.pixmap(QSize(64, 64), self.devicePixelRatioF()))
        name = QLabel("Lacuna")
        name.setObjectName("headline")
        words = QVBoxLayout()
        words.setSpacing(4)
        words.addWidget(name)
        words.addWidget(_muted(t("help.about.version", version=__version__)))
        words.addSpacing(6)
        words.addWidget(_muted(t("help.about.what"), "text"))
        words.addWidget(_muted(t("help.about.licence")))
        head = QHBoxLayout()
        head.setSpacing(18)
        head.addWidget(picture, 0, Qt.AlignmentFlag.AlignTop)
        head.addLayout(words, 1)
        changed = {
            name: settings.get(name)
            for name, row in SETTINGS.items()
            if settings.get(name) != row.default
        }
        rows = diagnostics.collect(changed, _screen(self), log.path())
        self.report = QPlainTextEdit(diagnostics.as_text(rows))
        self.report.setReadOnly(True)
        self.report.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        self.report.setAccessibleName(t("help.about.diagnostics"))
        # Tab is to move on to the buttons.
        self.report.setTabChangesFocus(True)
        title = QLabel(t("help.about.diagnostics"))
        title.setObjectName("heading")
        buttons = QDialogButtonBox()
        close = buttons.addButton(t("help.about.close"), QDialogButtonBox.ButtonRole.RejectRole)
        action = QDialogButtonBox.ButtonRole.ActionRole
        self.copy = buttons.addButton(t("help.about.copy"), action)
        folder = buttons.addButton(t("help.about.log"), action)
        close.setDefault(True)
        close.setFocus()
        self.copy.clicked.connect(self._copy)
        folder.clicked.connect(_open_log_folder)
        buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 22, 24, 16)
        column.setSpacing(10)
        column.addLayout(head)
        column.addSpacing(8)
        column.addWidget(title)
        column.addWidget(self.report, 1)
        column.addWidget(buttons)
        letter = self.fontMetrics().averageCharWidth()
        self.resize(max(600, letter * 92), max(480, self.fontMetrics().height() * 33))

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self.report.toPlainText())
        self.copy.setText(t("help.about.copied"))
        QTimer.singleShot(_SAID, self.copy, lambda: self.copy.setText(t("help.about.copy")))


def _open_log_folder() -> None:
    QDesktopServices.openUrl(QUrl.fromLocalFile(str(log.path().parent)))


def _muted(text: str, name: str = "muted") -> QLabel:
    label = QLabel(text)
    label.setObjectName(name)
    label.setWordWrap(True)
    return label


def _screen(widget: QWidget) -> str:
    screen = widget.screen()
    size, ratio = screen.size(), screen.devicePixelRatio()
    platform = QGuiApplication.platformName()
    return f"{size.width()}x{size.height()}, scale {ratio:g}, {platform}"
