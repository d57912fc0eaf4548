"""Everything that was done to the photo, to go to any of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import (
    QAbstractListModel,
    QItemSelectionModel,
    QModelIndex,
    QPersistentModelIndex,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QBrush, QColor, QIcon, QPixmap
from PySide6.QtWidgets import QFrame, QListView, QVBoxLayout, QWidget

from app.configuration.settings import Settings
from app.configuration.text import t
from app.session.session import Session
from app.ui.theme import theme
from app.ui.widgets import thumbnails as thumbs
from app.ui.widgets.commands import Guard
from inpaint_core.contract.geometry import Rect

if TYPE_CHECKING:
    from app.document.change import Change

_SIZE = (64, 44)
_KEYS = (
    Qt.Key.Key_Return,
    Qt.Key.Key_Enter,
    Qt.Key.Key_Space,
    Qt.Key.Key_Up,
    Qt.Key.Key_Down,
    Qt.Key.Key_Home,
    Qt.Key.Key_End,
)


class Steps(QAbstractListModel):
    """The history of a session as rows: first the photo as it was opened, then every edit."""

    def __init__(self, session: Session, settings: Settings) -> None:
        super().__init__()
        self._session = session
        self._settings = settings
        self._rows = session.document.history.entries
        self._pictures: dict[int, QIcon] = {}
        blank = QPixmap(*_SIZE)
        blank.fill(Qt.GlobalColor.transparent)
        self._blank = QIcon(blank)  # holds the place of one that is still to be drawn
        session.changed.connect(self._on_change)
        self._draw()

    @property
    def position(self) -> int:
        """The row where the document stands."""
        return self._session.document.history.position

    def rowCount(self, parent: QModelIndex | QPersistentModelIndex = QModelIndex()) -> int:  # noqa: B008
        """One more than there are edits."""
        return 0 if parent.isValid() else len(self._rows) + 1

    def data(
        self,
        index: QModelIndex | QPersistentModelIndex,
        role: int = Qt.ItemDataRole.DisplayRole,
    ) -> Any:
        """Its name, its picture; what was undone is dimmed."""
        row = index.row()
        if role == Qt.ItemDataRole.DisplayRole:
            if row == 0:
                return t("history.opened")
            entry = self._rows[row - 1]
            return t(entry.name_key, **entry.values)
        if role == Qt.ItemDataRole.DecorationRole:
            serial = 0 if row == 0 else self._rows[row - 1].serial
            return self._pictures.get(serial, self._blank)
        if role == Qt.ItemDataRole.ForegroundRole and row > self.position:
            return QBrush(QColor(theme.current().disabled))
        return None

    def _on_change(self, change: Change) -> None:
        if change.layer != "history" or self._session.document.editing:
            return
        entries = self._session.document.history.entries
        if entries != self._rows:
            kept = 0
            while kept < min(len(entries), len(self._rows)) and entries[kept] == self._rows[kept]:
                kept += 1
            if kept < len(self._rows):
                self.beginRemoveRows(QModelIndex(), kept + 1, len(self._rows))
                self._rows = self._rows[:kept]
                self.endRemoveRows()
            if kept < len(entries):
                self.beginInsertRows(QModelIndex(), kept + 1, len(entries))
                self._rows = entries
                self.endInsertRows()
        self._draw()
        self.dataChanged.emit(self.index(0), self.index(len(self._rows)))

    def _draw(self) -> None:
        """The picture of the state that the document is in, once: it takes about 1 ms."""
        document = self._session.document
        serial = document.history.state
        if serial in self._pictures:
            return
        rect = Rect.whole(document.shape)
        if self.position:
            rect = Rect(0, 0, 0, 0)
            for _, part in self._rows[self.position - 1].rects:
                rect = rect.union(part)
        tint = str(self._settings.get("look.mask_colour"))
        picture = thumbs.changed(self._session, rect, _SIZE, tint)
        self._pictures[serial] = thumbs.untinted(picture)


class HistoryPanel(QWidget):
    """``asked(position)``: a place in the history was chosen."""

    asked = Signal(int)

    def __init__(self, settings: Settings) -> None:
        super().__init__()
        self._settings = settings
        self._steps: dict[Session, Steps] = {}
        self._shown: Steps | None = None
        self.list = QListView()
        self.list.setObjectName("history")
        self.list.setIconSize(QSize(*_SIZE))
        self.list.setUniformItemSizes(True)
        self.list.setFrameShape(QFrame.Shape.NoFrame)
        self.list.setEditTriggers(QListView.EditTrigger.NoEditTriggers)
        self.list.setAccessibleName(t("history.title"))
        self.list.clicked.connect(lambda index: self.asked.emit(index.row()))
        self.list.activated.connect(lambda index: self.asked.emit(index.row()))
        Guard(self.list, *_KEYS)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.list)

    def add(self, session: Session) -> None:
        """Keep the history of a photo that was opened."""
        self._steps[session] = Steps(session, self._settings)

    def remove(self, session: Session) -> None:
        """It was closed."""
        steps = self._steps.pop(session)
        if self._shown is steps:
            self.show_photo(None)
        steps.deleteLater()

    def show_photo(self, session: Session | None) -> None:
        """Show the history of a photo."""
        if self._shown is not None:
            self._shown.dataChanged.disconnect(self._mark)
        self._shown = None if session is None else self._steps[session]
        self.list.setModel(self._shown)
        if self._shown is not None:
            self._shown.dataChanged.connect(self._mark)
            self._mark()

    def _mark(self) -> None:
        """Mark where the document stands."""
        if self._shown is None:
            return
        here = self._shown.index(self._shown.position)
        flag = QItemSelectionModel.SelectionFlag.ClearAndSelect
        selection = self.list.selectionModel()
        if not selection.isSelected(here) or selection.currentIndex() != here:
            selection.setCurrentIndex(here, flag)
            self.list.scrollTo(here)
