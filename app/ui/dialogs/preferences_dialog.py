"""The preferences, built from the rows of `SETTINGS`; changes apply at once."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFrame,
    QGridLayout,
    QLabel,
    QListWidget,
    QMessageBox,
    QStackedWidget,
    QWidget,
)

from app.configuration.settings import SETTINGS, Setting, Settings
from app.configuration.text import t
from app.ui.dialogs.questions import ask
from app.ui.widgets.layouts import lay_out_column, lay_out_row, make_label, make_scroll_area
from app.ui.widgets.setting_fields import make_field

#: Pages, and the sections of settings on each; other sections go to the second page.
_PAGES = (
    ("look", ("look",)),
    ("work", ("brush", "wand", "box", "mask", "fill", "weights")),
    ("export", ("export", "save", "folder")),
    ("memory", ("history", "recovery")),
)


def setting_pages() -> dict[str, tuple[Setting, ...]]:
    """The settings that the dialog shows, by page."""
    pages: dict[str, list[Setting]] = {page: [] for page, _ in _PAGES}
    page_of = {section: page for page, sections in _PAGES for section in sections}
    for row in SETTINGS.values():
        if row.shown:
            pages[page_of.get(row.id.partition(".")[0], "work")].append(row)
    return {page: tuple(rows) for page, rows in pages.items() if rows}


class PreferencesDialog(QDialog):
    """The preferences dialog. It may stay open while the editor is used."""

    def __init__(self, settings: Settings, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(t("settings.title"))
        self._settings = settings
        self._page_list = QListWidget()
        self._page_list.setObjectName("sections")
        self._page_list.setFrameShape(QFrame.Shape.NoFrame)
        self._stack = QStackedWidget()
        for page, rows in setting_pages().items():
            self._page_list.addItem(t(f"settings.page.{page}"))
            self._stack.addWidget(_build_page(rows, settings))
        self._page_list.setFixedWidth(self._page_list.sizeHintForColumn(0) + 36)
        self._page_list.currentRowChanged.connect(self._stack.setCurrentIndex)
        self._page_list.setCurrentRow(0)
        buttons = QDialogButtonBox()
        close = buttons.addButton(t("settings.close"), QDialogButtonBox.ButtonRole.RejectRole)
        reset = buttons.addButton(t("settings.reset"), QDialogButtonBox.ButtonRole.ResetRole)
        close.setDefault(True)
        reset.setAutoDefault(False)
        reset.clicked.connect(self._reset)
        buttons.rejected.connect(self.reject)
        middle = lay_out_row(None, self._page_list, (self._stack, 1), spacing=0)
        foot = lay_out_row(None, buttons, margins=(16, 12, 16, 14))
        lay_out_column(self, (middle, 1), foot, spacing=0)
        letter = self.fontMetrics().averageCharWidth()
        self.resize(max(700, letter * 110), max(560, self.fontMetrics().height() * 42))

    def _reset(self) -> None:
        role = QMessageBox.ButtonRole
        answers = {"settings.reset": role.DestructiveRole, "settings.cancel": role.RejectRole}
        text, hint = t("settings.reset.sure"), t("settings.reset.hint")
        if ask(self, text, hint, answers, "settings.cancel") == "settings.reset":
            for row in (row for rows in setting_pages().values() for row in rows):
                self._settings.set(row.id, row.default)


def _build_page(rows: tuple[Setting, ...], settings: Settings) -> QWidget:
    form = QWidget()
    lines = QGridLayout(form)
    lines.setContentsMargins(28, 20, 28, 20)
    lines.setHorizontalSpacing(18)
    lines.setVerticalSpacing(4)
    lines.setColumnStretch(1, 1)
    for number, row in enumerate(rows):
        widget = make_field(row, settings)
        widget.setToolTip(t(f"settings.{row.id}.tip"))
        if not isinstance(row.default, bool):  # a check box has its own label
            title = QLabel(t(f"settings.{row.id}"))
            title.setBuddy(widget)
            lines.addWidget(title, 2 * number, 0, Qt.AlignmentFlag.AlignRight)
        lines.addWidget(widget, 2 * number, 1)
        tip = make_label(t(f"settings.{row.id}.tip"), wraps=True)
        tip.setContentsMargins(0, 0, 0, 14)
        lines.addWidget(tip, 2 * number + 1, 1)
    lines.setRowStretch(2 * len(rows), 1)
    area = make_scroll_area(form)
    bar = area.verticalScrollBar().sizeHint().width()
    area.setMinimumWidth(form.minimumSizeHint().width() + bar)
    return area
