"""The Variations panel: several fills of the same hole as thumbnails to choose from."""

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
from app.ui.widgets import thumbnails
from app.ui.widgets.commands import KeyGuard
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
    """The Variations panel. ``chosen(index)``: a fill was chosen. ``more``: the action for more."""

    chosen = Signal(int)

    def __init__(self, more: QAction) -> None:
        super().__init__()
        self.engines: Sequence[EngineRow] = ()
        self._session: Session | None = None
        self._marked: tuple[Variations | None, int, int] = (None, 0, 0)
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
        KeyGuard(self.list, *_KEYS)
        self._empty_text = QLabel(t("window.variations.none"))
        self._empty_text.setObjectName("muted")
        self._empty_text.setWordWrap(True)
        self._empty_text.setAlignment(Qt.AlignmentFlag.AlignTop)
        self._empty_text.setContentsMargins(10, 8, 10, 8)
        self.button = QToolButton()
        self.button.setDefaultAction(more)
        self.button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 6)
        column.setSpacing(4)
        column.addWidget(self._empty_text)
        column.addWidget(self.list, 1)
        column.addWidget(self.button, 0, Qt.AlignmentFlag.AlignHCenter)
        self.show_photo(None)

    def show_photo(self, session: Session | None) -> None:
        """Show the current variations of a photo."""
        self._session = session
        variations = None if session is None else session.variations
        self._empty_text.setVisible(variations is None)
        self.list.setVisible(variations is not None)
        listed, takes = self._listed
        if variations is not listed:
            self.list.clear()
            takes = []
        if session is not None and variations is not None:
            for take in variations.takes[len(takes) :]:
                self._add(session, variations, take)
            takes = list(variations.takes)
        self._listed = (variations, takes)
        self.mark()

    def _add(self, session: Session, variations: Variations, take: Take) -> None:
        picture = thumbnails.draw_variation(session, variations.rect, take.pixels, _SIZE)
        icon = thumbnails.make_untinted_icon(picture)
        number = self.list.count() + 1
        title = next((row.title for row in self.engines if row.id == take.engine), take.engine)
        item = QListWidgetItem(icon, t("window.variation", n=number))
        item.setToolTip(t("window.variation.tip", engine=title, seed=take.seed))
        self.list.addItem(item)

    def mark(self) -> None:
        """Select the variation that the photo shows."""
        if self._session is None or self._session.variations is None:
            return
        # Comparing pixels is slow in a large photo, so not after every stroke.
        variations = self._session.variations
        state = (variations, len(variations.takes), self._session.pixel_revision)
        if state == self._marked:
            return
        self._marked = state
        index = self._session.variations.find_shown(self._session.document)
        self.list.blockSignals(True)
        self.list.setCurrentRow(-1 if index is None else index)
        self.list.blockSignals(False)

    def _pick(self, item: QListWidgetItem) -> None:
        self.chosen.emit(self.list.row(item))
