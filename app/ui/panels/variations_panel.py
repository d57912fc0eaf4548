"""Several fills of the same place as small pictures, to choose from."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import (
    QFrame,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from app.configuration.text import t
from app.session.session import Session
from app.session.variations import Take, Variations
from app.ui.widgets import thumbnails as thumbs
from app.ui.widgets.commands import Guard
from app.workers.engine_lane import EngineRow

_SIZE = (104, 78)
_KEYS = (
    Qt.Key.Key_Return,
    Qt.Key.Key_Enter,
    Qt.Key.Key_Space,
    Qt.Key.Key_Up,
    Qt.Key.Key_Down,
    Qt.Key.Key_Left,
    Qt.Key.Key_Right,
    Qt.Key.Key_Home,
    Qt.Key.Key_End,
)


class VariationsPanel(QWidget):
    """``chosen(index)``: one of the fills was picked. ``more`` is the action that asks for more."""

    chosen = Signal(int)

    def __init__(self, more: QAction) -> None:
        super().__init__()
        self.engines: Sequence[EngineRow] = ()
        self._session: Session | None = None
        self._seen: tuple[Variations | None, int, int] = (None, 0, 0)
        self._listed: tuple[Variations | None, list[Take]] = (None, [])
        self.list = QListWidget()
        self.list.setObjectName("variations")
        self.list.setViewMode(QListWidget.ViewMode.IconMode)
        self.list.setMovement(QListWidget.Movement.Static)
        self.list.setResizeMode(QListWidget.ResizeMode.Adjust)
        self.list.setUniformItemSizes(True)
        self.list.setIconSize(QSize(*_SIZE))
        line = self.list.fontMetrics().height()
        self.list.setGridSize(QSize(_SIZE[0] + 14, _SIZE[1] + line + 16))
        self.list.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.list.setFrameShape(QFrame.Shape.NoFrame)
        self.list.setAccessibleName(t("window.variations.title"))
        self.list.itemClicked.connect(self._pick)
        self.list.itemActivated.connect(self._pick)
        Guard(self.list, *_KEYS)
        self._words = QLabel(t("window.variations.none"))
        self._words.setObjectName("muted")
        self._words.setWordWrap(True)
        self._words.setAlignment(Qt.AlignmentFlag.AlignTop)
        self._words.setContentsMargins(10, 8, 10, 8)
        self.button = QToolButton()
        self.button.setDefaultAction(more)
        self.button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 6)
        column.setSpacing(4)
        column.addWidget(self._words)
        column.addWidget(self.list, 1)
        column.addWidget(self.button, 0, Qt.AlignmentFlag.AlignHCenter)
        self.show_photo(None)

    def show_photo(self, session: Session | None) -> None:
        """Show the variations of a photo, as they are now."""
        self._session = session
        found = None if session is None else session.variations
        self._words.setVisible(found is None)
        self.list.setVisible(found is not None)
        listed, takes = self._listed
        if found is not listed:
            self.list.clear()
            takes = []
        if session is not None and found is not None:
            for take in found.takes[len(takes) :]:
                self._add(session, found, take)
            takes = list(found.takes)
        self._listed = (found, takes)
        self.mark()

    def _add(self, session: Session, variations: Variations, take: Take) -> None:
        picture = thumbs.replaced(session, variations.rect, take.pixels, _SIZE)
        icon = thumbs.untinted(picture)
        number = self.list.count() + 1
        title = next((row.title for row in self.engines if row.id == take.engine), take.engine)
        item = QListWidgetItem(icon, t("window.variation", n=number))
        item.setToolTip(t("window.variation.tip", engine=title, seed=take.seed))
        self.list.addItem(item)

    def mark(self) -> None:
        """Mark the one that the photo shows."""
        if self._session is None or self._session.variations is None:
            return
        # Comparing pixels takes a while in a large photo: not after every stroke.
        seen = (self._session.variations, len(self._session.variations.takes), self._session.drawn)
        if seen == self._seen:
            return
        self._seen = seen
        index = self._session.variations.chosen(self._session.document)
        self.list.blockSignals(True)
        self.list.setCurrentRow(-1 if index is None else index)
        self.list.blockSignals(False)

    def _pick(self, item: QListWidgetItem) -> None:
        self.chosen.emit(self.list.row(item))
