"""Recent photos as small pictures to choose from."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QPoint, QRect, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QHideEvent, QIcon, QKeyEvent, QPainter, QPixmap, QShowEvent
from PySide6.QtWidgets import (
    QFrame,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QMenu,
    QVBoxLayout,
    QWidget,
)

from app.configuration.text import t
from app.session.recent import Recent
from app.ui.theme.icons import icon

_PICTURE = QSize(160, 108)
_PATH = Qt.ItemDataRole.UserRole


class Shelf(QWidget):
    """A row or more of photos, newest first; hidden while there are none. ``asked(path)``.

    A photo that is gone is greyed; the context menu and Delete take it off the list.
    """

    asked = Signal(object)

    def __init__(self, recent: Recent) -> None:
        super().__init__()
        self._recent = recent
        title = QLabel(t("welcome.recent"))
        title.setObjectName("heading")
        self.list = _List()
        self.list.setObjectName("shelf")
        self.list.setViewMode(QListWidget.ViewMode.IconMode)
        self.list.setMovement(QListWidget.Movement.Static)
        self.list.setResizeMode(QListWidget.ResizeMode.Adjust)
        self.list.setUniformItemSizes(True)
        self.list.setIconSize(_PICTURE)
        line = self.list.fontMetrics().height()
        self.list.setGridSize(QSize(_PICTURE.width() + 12, _PICTURE.height() + line + 18))
        self.list.setMinimumHeight(self.list.gridSize().height() + 6)
        self.list.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.list.setWordWrap(False)
        self.list.setFrameShape(QFrame.Shape.NoFrame)
        self.list.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.list.setAccessibleName(t("welcome.recent"))
        self.list.itemActivated.connect(self._choose)
        self.list.itemClicked.connect(self._choose)
        self.list.removal_asked.connect(self._forget)
        self.list.customContextMenuRequested.connect(self._menu)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(title)
        column.addWidget(self.list, 1)
        recent.changed.connect(self._fill)
        recent.thumbnail_made.connect(self._show_picture)
        self._fill()

    def _fill(self) -> None:
        self.list.clear()
        for path in self._recent.paths:
            item = QListWidgetItem(QIcon(_framed(None, self.devicePixelRatioF())), path.name)
            item.setData(_PATH, path)
            item.setToolTip(str(path))
            self.list.addItem(item)
        self.setVisible(self.list.count() > 0)
        self._ask_soon()

    def _ask_soon(self) -> None:
        # What makes the list another one may be a photo that is about to be shown instead of it.
        QTimer.singleShot(0, self, self._ask)

    def _ask(self) -> None:
        if not self.isVisible():
            return
        for path in self._recent.paths:
            self._recent.ask(path)

    def _show_picture(self, path: Path, picture: bytes | None) -> None:
        for row in range(self.list.count()):
            item = self.list.item(row)
            if item.data(_PATH) != path:
                continue
            item.setIcon(QIcon(_framed(picture, self.devicePixelRatioF())))
            if picture is None:
                item.setFlags(item.flags() & ~Qt.ItemFlag.ItemIsEnabled)
                item.setToolTip(t("welcome.recent.missing", path=path))

    def _choose(self, item: QListWidgetItem) -> None:
        if item.flags() & Qt.ItemFlag.ItemIsEnabled:  # a click on a disabled one is told too
            self.asked.emit(item.data(_PATH))

    def _forget(self, row: int) -> None:
        self._recent.remove(self.list.item(row).data(_PATH))

    def _menu(self, place: QPoint) -> None:
        row = self.list.indexAt(place).row()
        menu = QMenu(self)
        if row >= 0:
            menu.addAction(t("welcome.recent.forget"), lambda: self._forget(row))
        menu.addAction(t("welcome.recent.clear"), self._recent.clear)
        menu.exec(self.list.mapToGlobal(place))

    def showEvent(self, event: QShowEvent) -> None:
        """Have the pictures made only when somebody looks."""
        super().showEvent(event)
        self._ask_soon()

    def hideEvent(self, event: QHideEvent) -> None:
        """Nobody looks: a photo that is being opened needs the time more."""
        super().hideEvent(event)
        self._recent.rest()


class _List(QListWidget):
    """Delete takes the current photo off the list."""

    removal_asked = Signal(int)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Delete and self.currentRow() >= 0:
            self.removal_asked.emit(self.currentRow())
        else:
            super().keyPressEvent(event)


def _framed(picture: bytes | None, ratio: float) -> QPixmap:
    """The thumbnail in the middle of a field of one size; a symbol where there is none."""
    field = QPixmap(_PICTURE * ratio)
    field.setDevicePixelRatio(ratio)
    field.fill(Qt.GlobalColor.transparent)
    painter = QPainter(field)
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
    whole = QRect(QPoint(0, 0), _PICTURE)
    found = QPixmap()
    if picture is not None and found.loadFromData(picture):
        size = found.size().scaled(_PICTURE, Qt.AspectRatioMode.KeepAspectRatio)
        place = QRect(QPoint(0, 0), size)
        place.moveCenter(whole.center())
        place.moveBottom(whole.bottom())
        painter.drawPixmap(place, found)
    else:
        place = QRect(0, 0, 40, 40)
        place.moveCenter(whole.center())
        icon("ph.image", "muted").paint(painter, place)
    painter.end()
    return field
