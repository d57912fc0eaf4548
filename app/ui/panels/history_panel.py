"""The History panel: every edit of the photo; choosing one goes back to it."""

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
from PySide6.QtGui import QBrush, QColor, QIcon, QPixmap, QResizeEvent
from PySide6.QtWidgets import QListView, QMenu, QToolButton, QWidget

from app.configuration.settings import Settings
from app.configuration.text import strip_access_key, t
from app.session.session import Session
from app.ui.panels.fade_strip import FadeStrip
from app.ui.theme import theme
from app.ui.theme.icons import make_icon
from app.ui.widgets import thumbnails
from app.ui.widgets.commands import LIST_KEYS, KeyGuard
from app.ui.widgets.layouts import lay_out_column
from inpaint_core.contract.geometry import Rect

if TYPE_CHECKING:
    from app.document.layer_tiles import LayerChange

_SIZE = (64, 44)


class HistoryModel(QAbstractListModel):
    """The history of a photo as rows: the photo as it was opened, then every edit."""

    def __init__(self, session: Session, settings: Settings) -> None:
        super().__init__()
        self._session = session
        self._settings = settings
        self._rows = session.document.history.entries
        self._pictures: dict[int, QIcon] = {}
        blank = QPixmap(*_SIZE)
        blank.fill(Qt.GlobalColor.transparent)
        self._blank = QIcon(blank)  # a placeholder until the picture is drawn
        session.changed.connect(self._on_change)
        self._draw()

    def icon(self, row: int) -> QIcon:
        """The picture of a row."""
        serial = 0 if row == 0 else self._rows[row - 1].serial
        return self._pictures.get(serial, self._blank)

    @property
    def session(self) -> Session:
        """The photo."""
        return self._session

    @property
    def position(self) -> int:
        """The row of the document's current state."""
        return self._session.document.history.position

    def rowCount(self, parent: QModelIndex | QPersistentModelIndex = QModelIndex()) -> int:  # noqa: B008
        """The number of edits plus one."""
        return 0 if parent.isValid() else len(self._rows) + 1

    def data(
        self, index: QModelIndex | QPersistentModelIndex, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        """Name and picture of a row; undone edits are dimmed."""
        row = index.row()
        if role == Qt.ItemDataRole.DisplayRole:
            if row == 0:
                return t("history.opened")
            entry = self._rows[row - 1]
            return t(entry.name_key, **entry.values)
        if role == Qt.ItemDataRole.DecorationRole:
            return self.icon(row)
        if role == Qt.ItemDataRole.ForegroundRole and row > self.position:
            return QBrush(QColor(theme.current_theme().disabled))
        return None

    def _on_change(self, change: LayerChange) -> None:
        if change.layer != "history" or self._session.document.is_editing:
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
        """Draw the picture of the current state, once: it takes about 1 ms."""
        document = self._session.document
        serial = document.history.state
        if serial in self._pictures:
            return
        rect = Rect.whole(document.shape)
        if self.position:
            parts = [part for _, part in self._rows[self.position - 1].rects]
            rect = thumbnails.choose_part(parts, document.shape, _SIZE)
        tint = str(self._settings.get("look.mask_colour"))
        picture = thumbnails.draw_edit(self._session, rect, _SIZE, tint)
        self._pictures[serial] = thumbnails.make_untinted_icon(picture)


class HistoryPanel(QWidget):
    """The History panel, with a button for the menu ``snapshots``. ``asked(position)``: an edit was
    chosen.
    """

    asked = Signal(int)

    def __init__(self, settings: Settings, snapshots: QMenu) -> None:
        super().__init__()
        self._settings = settings
        self._models: dict[Session, HistoryModel] = {}
        self._shown: HistoryModel | None = None
        self.list = QListView()
        self.list.setObjectName("history")
        self.list.setIconSize(QSize(*_SIZE))
        self.list.setUniformItemSizes(True)
        self.list.setEditTriggers(QListView.EditTrigger.NoEditTriggers)
        self.list.setAccessibleName(t("history.title"))
        self.list.clicked.connect(lambda index: self.asked.emit(index.row()))
        self.list.activated.connect(lambda index: self.asked.emit(index.row()))
        KeyGuard(self.list, *LIST_KEYS)
        self.fade = FadeStrip()
        button = QToolButton()
        button.setText(strip_access_key(snapshots.title()))
        button.setIcon(make_icon("ph.bookmark-simple"))
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.setToolTip(t("window.snapshots.save.tip"))
        button.setMenu(snapshots)
        button.setObjectName("menu")
        column = lay_out_column(self, (self.list, 1), self.fade, button)
        column.setAlignment(button, Qt.AlignmentFlag.AlignHCenter)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the current state in sight, as when the panels appear with a project's photo."""
        super().resizeEvent(event)
        self.list.scrollTo(self.list.currentIndex())

    def add(self, session: Session) -> None:
        """Follow the history of a photo that was opened."""
        self._models[session] = HistoryModel(session, self._settings)

    def remove(self, session: Session) -> None:
        """Forget a photo that was closed."""
        model = self._models.pop(session)
        if self._shown is model:
            self.show_photo(None)
        model.deleteLater()

    def show_photo(self, session: Session | None) -> None:
        """Show the history of a photo."""
        self.fade.finish()
        if self._shown is not None:
            self._shown.dataChanged.disconnect(self._mark)
        self._shown = None if session is None else self._models[session]
        self.list.setModel(self._shown)
        if self._shown is not None:
            self._shown.dataChanged.connect(self._mark)
            self._mark()
        else:
            self.fade.show_steps(None, self._draw_step)

    def _mark(self) -> None:
        """Select the row of the current state."""
        if self._shown is None:
            return
        self.fade.show_steps(self._shown.session, self._draw_step)
        here = self._shown.index(self._shown.position)
        flag = QItemSelectionModel.SelectionFlag.ClearAndSelect
        selection = self.list.selectionModel()
        if not selection.isSelected(here) or selection.currentIndex() != here:
            selection.setCurrentIndex(here, flag)
            self.list.scrollTo(here)

    def _draw_step(self, index: int) -> QIcon:
        return QIcon() if self._shown is None else self._shown.icon(index + 1)
