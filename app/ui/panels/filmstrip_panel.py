"""The Folder panel: a filmstrip of the photos in the current photo's folder."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from PySide6.QtCore import QEvent, QPoint, QRect, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QHideEvent, QIcon, QPainter, QPixmap, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QListView, QListWidgetItem, QMenu, QWidget

from app.configuration.text import t
from app.session.library.folder_photos import FolderPhoto
from app.session.library.folder_walk import FolderWalk
from app.session.library.star_ratings import MOST_STARS
from app.session.library.thumbnail_maker import ThumbnailMaker
from app.ui.panels.filmstrip_filters import FilmstripFilters
from app.ui.theme.icons import make_icon
from app.ui.widgets.commands import LIST_KEYS, KeyGuard
from app.ui.widgets.layouts import lay_out_column, lay_out_row, make_label
from app.ui.widgets.thumbnails import ThumbnailList, make_untinted_icon
from inpaint_core.contract.file_names import show_name

_PICTURE = QSize(104, 66)
_BADGE, _STAR = 18, 11  # pixels
_BADGES = {"project": "ph.floppy-disk", "retouched": "ph.check-circle"}
_PATH = Qt.ItemDataRole.UserRole
_DELAY = 80  # ms of rest after which the visible part of the strip is drawn


class FilmstripPanel(QWidget):
    """The photos of ``walk``, with marks on those that were retouched or have a project;
    ``thumbnails`` makes the pictures that are visible. ``asked(path)``: one was chosen.
    """

    asked = Signal(object)

    def __init__(self, walk: FolderWalk, thumbnails: ThumbnailMaker) -> None:
        super().__init__()
        self._walk, self._thumbnails = walk, thumbnails
        self._pictures: dict[Path, QPixmap] = {}
        self.list = ThumbnailList("filmstrip", t("folder.title"), _PICTURE, (16, 16))
        self.list.setFlow(QListView.Flow.LeftToRight)
        self.list.setWrapping(False)
        self.list.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.list.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setHorizontalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        bar = self.list.horizontalScrollBar()
        self.list.setFixedHeight(self.list.gridSize().height() + bar.sizeHint().height())
        self.list.itemClicked.connect(self._choose)
        self.list.itemActivated.connect(self._choose)
        KeyGuard(self.list, *LIST_KEYS, Qt.Key.Key_Left, Qt.Key.Key_Right)
        self._empty_text = make_label(t("folder.none"), wraps=True)
        self._empty_text.setContentsMargins(10, 8, 10, 8)
        self.filters = FilmstripFilters(walk)
        strip = lay_out_column(None, self._empty_text, self.list)
        self.setMaximumHeight(max(self.list.height(), self.filters.sizeHint().height()))
        lay_out_row(self, self.filters, (strip, 1), spacing=0)
        self.list.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.list.customContextMenuRequested.connect(self._show_menu)
        self._delay = QTimer(self, singleShot=True, interval=_DELAY)
        self._delay.timeout.connect(self._request_visible)
        bar.valueChanged.connect(lambda _: self._delay.start())
        thumbnails.ready.connect(self._on_ready)
        walk.listed.connect(self._fill)
        walk.moved.connect(self._mark)
        self._fill()

    @property
    def photos(self) -> tuple[FolderPhoto, ...]:
        """The photos of the strip."""
        return self._walk.photos

    def _fill(self) -> None:
        photos = self.photos
        known = {photo.path for photo in photos}
        self._pictures = {path: made for path, made in self._pictures.items() if path in known}
        self.list.blockSignals(True)
        self.list.clear()
        drawn: dict[tuple[str, int], QIcon] = {}  # without a picture, they look alike
        for photo in photos:
            kind = photo.state, photo.stars
            icon = None if photo.path in self._pictures else drawn.get(kind)
            if icon is None:
                icon = self._draw(photo)
            if photo.path not in self._pictures:
                drawn[kind] = icon
            name = show_name(photo.path.name)
            item = QListWidgetItem(icon, name)
            item.setData(_PATH, photo.path)
            said = [t(f"folder.state.{photo.state}")]
            if photo.stars:
                said.append(t("folder.stars.of", stars=photo.stars))
            item.setToolTip("\n".join((name, *said)))
            item.setData(Qt.ItemDataRole.AccessibleTextRole, ", ".join((name, *said)))
            self.list.addItem(item)
        self.list.blockSignals(False)
        self.list.setVisible(bool(photos))
        self._empty_text.setText(t("folder.none_pass" if self._walk.hides_some else "folder.none"))
        self._empty_text.setVisible(not photos)
        self._mark()
        self._delay.start()

    def _mark(self) -> None:
        index = self._walk.index
        self.list.blockSignals(True)
        self.list.setCurrentRow(-1 if index is None else index)
        self.list.blockSignals(False)
        if index is not None:
            self.list.scrollToItem(self.list.item(index), QListView.ScrollHint.EnsureVisible)
        self._delay.start()

    def _request_visible(self) -> None:
        """Have the pictures made that are seen and not there yet, and no others."""
        self._cancel()
        if not self.isVisible():
            return
        shown = self.list.viewport().rect()
        for row in range(self.list.count()):
            item = self.list.item(row)
            path = item.data(_PATH)
            if path not in self._pictures and self.list.visualItemRect(item).intersects(shown):
                self._thumbnails.request(path)

    def _on_ready(self, path: Path, picture: bytes | None) -> None:
        found = QPixmap()
        if picture is not None:
            found.loadFromData(picture)
        for row, photo in enumerate(self.photos):
            if photo.path == path and row < self.list.count():
                self._pictures[path] = found
                self.list.item(row).setIcon(self._draw(photo))

    def _draw(self, photo: FolderPhoto) -> QIcon:
        """The photo's picture with its mark in the corner; an icon while there is no picture."""
        ratio = self.devicePixelRatioF()
        field = QPixmap(_PICTURE * ratio)
        field.setDevicePixelRatio(ratio)
        field.fill(Qt.GlobalColor.transparent)
        painter = QPainter(field)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        whole, picture = QRect(QPoint(0, 0), _PICTURE), self._pictures.get(photo.path, QPixmap())
        place = QRect(0, 0, 32, 32)
        if not picture.isNull():
            size = picture.size().scaled(_PICTURE, Qt.AspectRatioMode.KeepAspectRatio)
            place = QRect(QPoint(0, 0), size)
        place.moveCenter(whole.center())
        if picture.isNull():
            make_icon("ph.image", "muted").paint(painter, place)
        else:
            painter.drawPixmap(place, picture)
        badge = _BADGES.get(photo.state)
        if badge is not None:
            corner = QRect(0, 0, _BADGE, _BADGE)
            corner.moveBottomRight(place.bottomRight() - QPoint(3, 3))
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(self.palette().color(self.backgroundRole()))
            painter.drawEllipse(corner.adjusted(-1, -1, 1, 1))
            make_icon(badge, "accent").paint(painter, corner.adjusted(1, 1, -1, -1))
        if photo.stars:
            self._draw_stars(painter, photo.stars, place)
        painter.end()
        return make_untinted_icon(field)

    def _draw_stars(self, painter: QPainter, stars: int, place: QRect) -> None:
        """The stars in the lower left corner of a picture."""
        band = QRect(0, 0, _STAR * stars + 4, _STAR + 4)
        band.moveBottomLeft(place.bottomLeft() + QPoint(2, -2))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self.palette().color(self.backgroundRole()))
        painter.drawRoundedRect(band, 4, 4)
        icon = make_icon("ph.star-fill", "accent")
        for number in range(stars):
            icon.paint(painter, band.x() + 2 + number * _STAR, band.y() + 2, _STAR, _STAR)

    def _show_menu(self, at: QPoint) -> None:
        """Offer to give the photo under the pointer stars."""
        item = self.list.itemAt(at)
        if item is not None:
            menu = self.make_menu(item.data(_PATH))
            menu.exec(self.list.viewport().mapToGlobal(at))

    def make_menu(self, path: Path) -> QMenu:
        """The menu of a photo: its stars."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        has = next((photo.stars for photo in self.photos if photo.path == path), 0)
        for stars in range(MOST_STARS + 1):
            text = "★" * stars if stars else t("folder.stars.none")
            action = menu.addAction(text, partial(self._walk.rate, path, stars))
            action.setCheckable(True)
            action.setChecked(stars == has)
        return menu

    def _choose(self, item: QListWidgetItem) -> None:
        self.asked.emit(item.data(_PATH))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """More of the strip may be visible."""
        super().resizeEvent(event)
        self._delay.start()

    def showEvent(self, event: QShowEvent) -> None:
        """Make the pictures only while the strip is visible."""
        super().showEvent(event)
        self._walk.want_facts(True)
        self._delay.start()

    def hideEvent(self, event: QHideEvent) -> None:
        """Stop making pictures."""
        super().hideEvent(event)
        self._walk.want_facts(False)
        self._cancel()

    def changeEvent(self, event: QEvent) -> None:
        """Draw the marks and the stars in the colours of another theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            QTimer.singleShot(0, self, self._fill)

    def _cancel(self) -> None:
        self._thumbnails.cancel(photo.path for photo in self.photos)
