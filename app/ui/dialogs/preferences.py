"""The preferences, made from the rows of `SETTINGS`: what is chosen applies at once."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QListWidget,
    QMessageBox,
    QScrollArea,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from app.configuration.settings import SETTINGS, Setting, Settings
from app.configuration.text import t
from app.ui.widgets.setting_fields import field

#: Pages, and the sections of settings on each; a section that none names is on the second.
_PAGES = (
    ("look", ("look",)),
    ("work", ("brush", "wand", "box", "mask", "fill")),
    ("export", ("export",)),
    ("memory", ("history", "recovery")),
)


def pages() -> dict[str, tuple[Setting, ...]]:
    """The settings that the dialog shows, by page."""
    found: dict[str, list[Setting]] = {page: [] for page, _ in _PAGES}
    place = {section: page for page, sections in _PAGES for section in sections}
    for row in SETTINGS.values():
        if row.shown:
            found[place.get(row.id.partition(".")[0], "work")].append(row)
    return {page: tuple(rows) for page, rows in found.items() if rows}


class Preferences(QDialog):
    """The dialog. It may stay open while the editor is used."""

    def __init__(self, settings: Settings, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(t("settings.title"))
        self._settings = settings
        self._names = QListWidget()
        self._names.setObjectName("sections")
        self._names.setFrameShape(QFrame.Shape.NoFrame)
        self._stack = QStackedWidget()
        for page, rows in pages().items():
            self._names.addItem(t(f"settings.page.{page}"))
            self._stack.addWidget(_page(rows, settings))
        self._names.setFixedWidth(self._names.sizeHintForColumn(0) + 36)
        self._names.currentRowChanged.connect(self._stack.setCurrentIndex)
        self._names.setCurrentRow(0)
        buttons = QDialogButtonBox()
        close = buttons.addButton(t("settings.close"), QDialogButtonBox.ButtonRole.RejectRole)
        reset = buttons.addButton(t("settings.reset"), QDialogButtonBox.ButtonRole.ResetRole)
        close.setDefault(True)
        reset.setAutoDefault(False)
        reset.clicked.connect(self._reset)
        buttons.rejected.connect(self.reject)
        middle = QHBoxLayout()
        middle.setSpacing(0)
        middle.addWidget(self._names)
        middle.addWidget(self._stack, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(middle, 1)
        foot = QHBoxLayout()
        foot.setContentsMargins(16, 12, 16, 14)
        foot.addWidget(buttons)
        column.addLayout(foot)
        letter = self.fontMetrics().averageCharWidth()
        self.resize(max(700, letter * 110), max(560, self.fontMetrics().height() * 42))

    def _reset(self) -> None:
        box = QMessageBox(self)
        box.setIcon(QMessageBox.Icon.Question)
        box.setText(t("settings.reset.sure"))
        box.setInformativeText(t("settings.reset.hint"))
        yes = box.addButton(t("settings.reset"), QMessageBox.ButtonRole.DestructiveRole)
        box.setDefaultButton(box.addButton(t("settings.cancel"), QMessageBox.ButtonRole.RejectRole))
        box.exec()
        if box.clickedButton() is yes:
            for row in (row for rows in pages().values() for row in rows):
                self._settings.set(row.id, row.default)


def _page(rows: tuple[Setting, ...], settings: Settings) -> QWidget:
    form = QWidget()
    lines = QGridLayout(form)
    lines.setContentsMargins(28, 20, 28, 20)
    lines.setHorizontalSpacing(18)
    lines.setVerticalSpacing(4)
    lines.setColumnStretch(1, 1)
    for number, row in enumerate(rows):
        made = field(row, settings)
        made.setToolTip(t(f"settings.{row.id}.tip"))
        if not isinstance(row.default, bool):  # a switch carries its own words
            title = QLabel(t(f"settings.{row.id}"))
            title.setBuddy(made)
            lines.addWidget(title, 2 * number, 0, Qt.AlignmentFlag.AlignRight)
        lines.addWidget(made, 2 * number, 1)
        tip = QLabel(t(f"settings.{row.id}.tip"))
        tip.setObjectName("muted")
        tip.setWordWrap(True)
        tip.setContentsMargins(0, 0, 0, 14)
        lines.addWidget(tip, 2 * number + 1, 1)
    lines.setRowStretch(2 * len(rows), 1)
    scroll = QScrollArea()
    scroll.setFrameShape(QFrame.Shape.NoFrame)
    scroll.setWidgetResizable(True)
    scroll.setWidget(form)
    return scroll
