"""Recent photos: the thumbnails on the welcome page, and the menu."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QPoint, QRect, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QAction, QHideEvent, QIcon, QKeyEvent, QPainter, QPixmap, QShowEvent
from PySide6.QtWidgets import QListWidgetItem, QMenu, QWidget

from app.configuration.text import t
from app.session.library.recent_files import RecentFiles
from app.ui.theme.icons import make_icon
from app.ui.widgets.layouts import lay_out_column, make_label
from app.ui.widgets.thumbnails import ThumbnailList
from inpaint_core.contract.file_names import show_name

_PICTURE = QSize(160, 108)
_PATH = Qt.ItemDataRole.UserRole


class RecentPhotos(QWidget):
    """Thumbnails of recent photos, newest first; hidden if there are none. ``asked(path)``: one was
    chosen.

    A missing photo is greyed out; the context menu and Delete remove it from the list.
    """

    asked = Signal(object)

    def __init__(self, recent: RecentFiles) -> None:
        super().__init__()
        self._recent = recent
        self._wanted: tuple[Path, ...] = ()
        self.list = _List("recent", t("welcome.recent"), _PICTURE, (12, 18))
        self.list.setMinimumHeight(self.list.gridSize().height() + 6)
        self.list.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.list.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.list.itemActivated.connect(self._choose)
        self.list.itemClicked.connect(self._choose)
        self.list.removal_asked.connect(self._forget)
        self.list.customContextMenuRequested.connect(self._menu)
        lay_out_column(self, make_label(t("welcome.recent"), "heading"), (self.list, 1), spacing=8)
        recent.changed.connect(self._fill)
        recent.thumbnails.ready.connect(self._show_picture)
        self._fill()

    def _fill(self) -> None:
        self.list.clear()
        for path in self._recent.paths:
            icon = QIcon(_framed(None, self.devicePixelRatioF()))
            item = QListWidgetItem(icon, show_name(path.name))
            item.setData(_PATH, path)
            item.setToolTip(show_name(path))
            self.list.addItem(item)
        self.setVisible(self.list.count() > 0)
        self._request_thumbnails_soon()

    def _request_thumbnails_soon(self) -> None:
        # The list often changes because a photo is being opened, which hides this page.
        QTimer.singleShot(0, self, self._request_thumbnails)

    def _request_thumbnails(self) -> None:
        if not self.isVisible():
            return
        self._wanted = self._recent.paths
        for path in self._wanted:
            self._recent.thumbnails.request(path)

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
        if item.flags() & Qt.ItemFlag.ItemIsEnabled:  # clicks on disabled items are reported too
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
        """Make the thumbnails only while the list is visible."""
        super().showEvent(event)
        self._request_thumbnails_soon()

    def hideEvent(self, event: QHideEvent) -> None:
        """Stop making thumbnails: opening a photo needs the time more."""
        super().hideEvent(event)
        self._recent.thumbnails.cancel(self._wanted)


class RecentMenu(QMenu):
    """The recent photos by name. ``asked(path)``: one was chosen."""

    asked = Signal(object)

    def __init__(self, recent: RecentFiles, parent: QWidget) -> None:
        super().__init__(t("window.recent"), parent)
        self._recent = recent
        self.aboutToShow.connect(self._fill)

    def _fill(self) -> None:
        self.clear()
        for path in self._recent.paths:
            action = QAction(show_name(path.name).replace("&", "&&"), self)
            action.setToolTip(show_name(path))
            action.triggered.connect(lambda _on, path=path: self.asked.emit(path))
            self.addAction(action)
        if self.isEmpty():
            self.addAction(t("window.recent.none")).setEnabled(False)


class _List(ThumbnailList):
    """Delete removes the current photo from the list."""

    removal_asked = Signal(int)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Delete and self.currentRow() >= 0:
            self.removal_asked.emit(self.currentRow())
        else:
            super().keyPressEvent(event)


def _framed(picture: bytes | None, ratio: float) -> QPixmap:
    """The thumbnail centred in a picture of fixed size; an icon if there is none."""
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
        make_icon("ph.image", "muted").paint(painter, place)
    painter.end()
    return field
