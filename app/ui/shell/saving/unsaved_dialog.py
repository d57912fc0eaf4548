"""One question about several unsaved photos: which to save before they are closed."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QDialogButtonBox,
    QListWidget,
    QListWidgetItem,
    QWidget,
)

from app.configuration.text import t
from app.ui.widgets.layouts import lay_out_column, make_label

_MOST_ROWS = 10
"""As many photos are shown without scrolling."""


class UnsavedDialog(QDialog):
    """Lists what is unsaved in ``rows``, all of it marked to be saved. Accepted: save what is
    marked, and discard the rest.
    """

    def __init__(self, rows: Sequence[str], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(t("window.unsaved.title"))
        self.list = QListWidget()
        self.list.setObjectName("unsaved")
        self.list.ensurePolished()  # rows are measured in the theme's style
        self.list.setAccessibleName(t("window.unsaved.title"))
        self.list.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.list.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        for row in rows:
            item = QListWidgetItem(row, self.list)
            item.setToolTip(row)
            item.setFlags(Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsUserCheckable)
            item.setCheckState(Qt.CheckState.Checked)
        buttons = QDialogButtonBox()
        role = QDialogButtonBox.ButtonRole
        self.save = buttons.addButton("", role.AcceptRole)
        self.save.setObjectName("primary")
        self.save.setDefault(True)
        self.discard = buttons.addButton(t("window.unsaved.discard_all"), role.DestructiveRole)
        self.cancel = buttons.addButton(t("window.unsaved.cancel"), role.RejectRole)
        items = (
            make_label(t("window.unsaved.several", count=len(rows)), "heading"),
            make_label(t("window.unsaved.several.hint"), wraps=True),
            (self.list, 1),
            buttons,
        )
        lay_out_column(self, *items, margins=(24, 22, 24, 16), spacing=10)
        height = self.list.sizeHintForRow(0) * min(len(rows), _MOST_ROWS)
        self.list.setMinimumHeight(height + 2 * self.list.frameWidth())
        widest = self.list.sizeHintForColumn(0) + self.list.verticalScrollBar().sizeHint().width()
        self.resize(min(max(widest + 70, 460), 800), self.minimumSizeHint().height())
        self.list.itemChanged.connect(self._name_save)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        self.discard.clicked.connect(self._discard)
        self._name_save()

    @property
    def marked(self) -> tuple[int, ...]:
        """The rows to save."""
        items = enumerate(map(self.list.item, range(self.list.count())))
        return tuple(row for row, item in items if item.checkState() == Qt.CheckState.Checked)

    def _name_save(self, *_: object) -> None:
        count = len(self.marked)
        is_all = count == self.list.count()
        key = "window.unsaved.save_all" if is_all else "window.unsaved.save_some"
        self.save.setText(t(key, count=count))
        self.save.setEnabled(count > 0)

    def _discard(self) -> None:
        for row in range(self.list.count()):
            self.list.item(row).setCheckState(Qt.CheckState.Unchecked)
        self.accept()


def ask_which_to_save(parent: QWidget, rows: Sequence[str]) -> tuple[int, ...] | None:
    """Ask which of the unsaved photos described by ``rows`` to save; None if cancelled."""
    dialog = UnsavedDialog(rows, parent)
    try:
        return dialog.marked if dialog.exec() == QDialog.DialogCode.Accepted else None
    finally:
        dialog.deleteLater()
