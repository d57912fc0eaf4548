"""The welcome page: a drop zone, the three steps, and recent photos."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QLabel, QPushButton, QWidget

from app.configuration.text import t
from app.session.library.recent_files import RecentFiles
from app.ui.theme.icons import make_icon
from app.ui.welcome.recent_photos import RecentPhotos
from app.ui.widgets.layouts import lay_out_column, lay_out_row, make_label, make_row

_STEPS = (("open", "ph.folder-open"), ("paint", "ph.paint-brush"), ("fill", "ph.sparkle"))
_WIDEST = 1080


class WelcomePage(QWidget):
    """Shown while no photo is open. The window handles drops, and calls `highlight` meanwhile.

    ``recent_asked(path)``: a recent photo was chosen.
    """

    open_asked = Signal()
    sample_asked = Signal()
    recent_asked = Signal(object)

    def __init__(self, recent: RecentFiles, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("welcome")
        # Without this a plain QWidget ignores the style sheet's background.
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._pictures: list[tuple[QLabel, str, int]] = []
        self._zone = self._drop_zone()
        self._steps = self._how()
        self.recent_photos = RecentPhotos(recent)
        self.recent_photos.asked.connect(self.recent_asked)
        body = QWidget()
        body.setMaximumWidth(_WIDEST)
        private, space = _centred(t("welcome.private"), "muted"), (None, 1)
        items = (space, (self._zone, 4), self._steps, (self.recent_photos, 3), private, space)
        lay_out_column(body, *items, margins=(24, 20, 24, 16), spacing=18)
        lay_out_row(self, space, (body, 100), space)
        self.setFocusProxy(self._open)
        self._draw_icons()

    def _drop_zone(self) -> QFrame:
        zone = QFrame()
        zone.setObjectName("dropzone")
        zone.setMinimumHeight(220)
        zone.setMaximumHeight(340)
        picture = QLabel()
        self._pictures.append((picture, "ph.image", 60))
        self._open = QPushButton(t("welcome.open"))
        self._open.setObjectName("primary")
        self._open.setIcon(make_icon("ph.folder-open", "on_accent"))
        self._open.clicked.connect(self.open_asked)
        sample = QPushButton(t("welcome.sample"))
        sample.clicked.connect(self.sample_asked)
        buttons = lay_out_row(None, None, self._open, sample, None, spacing=12)
        drop = _centred(t("welcome.drop"), "headline")
        formats = _centred(t("welcome.formats"), "muted")
        items = (None, picture, drop, 4, buttons, None, formats)
        column = lay_out_column(zone, *items, margins=(24, 16, 24, 14), spacing=10)
        column.setAlignment(picture, Qt.AlignmentFlag.AlignHCenter)
        return zone

    def _how(self) -> QWidget:
        """The three steps, each with an icon, a word and a sentence."""
        steps = []
        for step, name in _STEPS:
            picture = QLabel()
            self._pictures.append((picture, name, 30))
            title = make_label(t(f"welcome.step.{step}"), "heading")
            how = make_label(t(f"welcome.step.{step}.how"), wraps=True)
            words = lay_out_column(None, title, (how, 1), spacing=2)
            words.setAlignment(how, Qt.AlignmentFlag.AlignTop)
            part = lay_out_row(None, picture, (words, 1), spacing=12)
            part.setAlignment(picture, Qt.AlignmentFlag.AlignTop)
            steps.append((part, 1))
        return make_row(*steps, spacing=28)

    def _draw_icons(self) -> None:
        """Draw the icons in the theme's colour: a label, unlike a button, keeps the old pixels."""
        ratio = self.devicePixelRatioF()
        for label, name, size in self._pictures:
            label.setPixmap(make_icon(name, "muted").pixmap(QSize(size, size), ratio))

    def highlight(self, on: bool) -> None:
        """Light up the drop zone while a photo is dragged over the window."""
        self._zone.setProperty("hot", on)
        self._zone.style().unpolish(self._zone)
        self._zone.style().polish(self._zone)

    def changeEvent(self, event: QEvent) -> None:
        """Redraw the icons for another theme or screen."""
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.DevicePixelRatioChange):
            self._draw_icons()
        super().changeEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Hide the steps if the window is too low for everything."""
        self._steps.setVisible(self.height() >= 420)
        super().resizeEvent(event)


def _centred(text: str, name: str) -> QLabel:
    label = make_label(text, name)
    label.setAlignment(Qt.AlignmentFlag.AlignHCenter)
    return label
