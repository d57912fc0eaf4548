"""The welcome page: a drop zone, the three steps, and recent photos."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from app.configuration.text import t
from app.session.recent_files import RecentFiles
from app.ui.shell.recent_photos import RecentPhotos
from app.ui.theme.icons import make_icon

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
        column = QVBoxLayout(body)
        column.setContentsMargins(24, 20, 24, 16)
        column.setSpacing(18)
        column.addStretch(1)
        column.addWidget(self._zone, 4)
        column.addWidget(self._steps)
        column.addWidget(self.recent_photos, 3)
        column.addWidget(_label(t("welcome.private"), "muted"))
        column.addStretch(1)
        page = QHBoxLayout(self)
        page.setContentsMargins(0, 0, 0, 0)
        page.addStretch(1)
        page.addWidget(body, 100)
        page.addStretch(1)
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
        buttons = QHBoxLayout()
        buttons.setSpacing(12)
        buttons.addStretch()
        buttons.addWidget(self._open)
        buttons.addWidget(sample)
        buttons.addStretch()
        column = QVBoxLayout(zone)
        column.setContentsMargins(24, 16, 24, 14)
        column.setSpacing(10)
        column.addStretch()
        column.addWidget(picture, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addWidget(_label(t("welcome.drop"), "headline"))
        column.addSpacing(4)
        column.addLayout(buttons)
        column.addStretch()
        column.addWidget(_label(t("welcome.formats"), "muted"))
        return zone

    def _how(self) -> QWidget:
        """The three steps, each with an icon, a word and a sentence."""
        row = QHBoxLayout()
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(28)
        for step, name in _STEPS:
            picture = QLabel()
            self._pictures.append((picture, name, 30))
            title = QLabel(t(f"welcome.step.{step}"))
            title.setObjectName("heading")
            how = QLabel(t(f"welcome.step.{step}.how"))
            how.setObjectName("muted")
            how.setWordWrap(True)
            words = QVBoxLayout()
            words.setSpacing(2)
            words.addWidget(title)
            words.addWidget(how, 1, Qt.AlignmentFlag.AlignTop)
            part = QHBoxLayout()
            part.setSpacing(12)
            part.addWidget(picture, 0, Qt.AlignmentFlag.AlignTop)
            part.addLayout(words, 1)
            row.addLayout(part, 1)
        steps = QWidget()
        steps.setLayout(row)
        return steps

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


def _label(text: str, name: str) -> QLabel:
    label = QLabel(text)
    label.setObjectName(name)
    label.setAlignment(Qt.AlignmentFlag.AlignHCenter)
    return label
