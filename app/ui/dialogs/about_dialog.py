"""About Lacuna: versions, licence, and the diagnostics for a bug report."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, QTimer, QUrl
from PySide6.QtGui import QDesktopServices, QFontDatabase, QGuiApplication, QIcon
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QLabel, QPlainTextEdit, QWidget

import resources
from app.configuration.settings import SETTINGS, Settings
from app.configuration.text import t
from app.system import diagnostics, log
from app.system.notices import find_notices
from app.ui.dialogs.notices_dialog import NoticesDialog
from app.ui.widgets.layouts import lay_out_column, lay_out_row, make_label
from inpaint_core.contract.version import __version__

_CONFIRMATION = 1500  # ms that the button reads “Copied”


class AboutDialog(QDialog):
    """The about dialog."""

    def __init__(self, settings: Settings, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(t("help.about.title"))
        picture = QLabel()
        icon = QIcon(str(resources.path("icon.svg")))
        picture.setPixmap(icon.pixmap(QSize(64, 64), self.devicePixelRatioF()))
        words = lay_out_column(
            None,
            make_label("Lacuna", "headline"),
            make_label(t("help.about.version", version=__version__), wraps=True),
            6,
            make_label(t("help.about.what"), "text", wraps=True),
            make_label(t("help.about.licence"), wraps=True),
            spacing=4,
        )
        head = lay_out_row(None, picture, (words, 1), spacing=18)
        head.setAlignment(picture, Qt.AlignmentFlag.AlignTop)
        changed = {
            name: settings.get(name)
            for name, row in SETTINGS.items()
            if settings.get(name) != row.default
        }
        rows = diagnostics.collect_diagnostics(changed, _screen(self), log.log_path())
        self.report = QPlainTextEdit(diagnostics.format_diagnostics(rows))
        self.report.setReadOnly(True)
        self.report.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        self.report.setAccessibleName(t("help.about.diagnostics"))
        # Tab moves on to the buttons.
        self.report.setTabChangesFocus(True)
        title = make_label(t("help.about.diagnostics"), "heading")
        buttons = QDialogButtonBox()
        close = buttons.addButton(t("help.about.close"), QDialogButtonBox.ButtonRole.RejectRole)
        action = QDialogButtonBox.ButtonRole.ActionRole
        self.copy = buttons.addButton(t("help.about.copy"), action)
        folder = buttons.addButton(t("help.about.log"), action)
        notices = find_notices()
        if notices is not None:
            licences = buttons.addButton(t("help.about.licences"), action)
            licences.clicked.connect(lambda: NoticesDialog(notices, self).exec())
        close.setDefault(True)
        close.setFocus()
        self.copy.clicked.connect(self._copy)
        folder.clicked.connect(_open_log_folder)
        buttons.rejected.connect(self.reject)
        items = (head, 8, title, (self.report, 1), buttons)
        lay_out_column(self, *items, margins=(24, 22, 24, 16), spacing=10)
        letter = self.fontMetrics().averageCharWidth()
        self.resize(max(600, letter * 92), max(480, self.fontMetrics().height() * 33))

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self.report.toPlainText())
        self.copy.setText(t("help.about.copied"))
        QTimer.singleShot(_CONFIRMATION, self.copy, lambda: self.copy.setText(t("help.about.copy")))


def _open_log_folder() -> None:
    QDesktopServices.openUrl(QUrl.fromLocalFile(str(log.log_path().parent)))


def _screen(widget: QWidget) -> str:
    screen = widget.screen()
    size, ratio = screen.size(), screen.devicePixelRatio()
    platform = QGuiApplication.platformName()
    return f"{size.width()}x{size.height()}, scale {ratio:g}, {platform}"
