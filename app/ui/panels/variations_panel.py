"""The Variations panel: several fills of the same hole as thumbnails to choose from."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QListWidgetItem, QToolButton, QWidget

from app.configuration.text import t
from app.session.session import Session
from app.session.variations import Variation, Variations, describe_attempt
from app.ui.widgets import thumbnails
from app.ui.widgets.commands import LIST_KEYS, KeyGuard
from app.ui.widgets.layouts import lay_out_column, make_label
from app.workers.engine_lane import EngineRow

_SIZE = (104, 78)


class VariationsPanel(QWidget):
    """The Variations panel. ``chosen(index)``: a fill was chosen. ``more``: the action for more."""

    chosen = Signal(int)

    def __init__(self, more: QAction) -> None:
        super().__init__()
        self.engines: Sequence[EngineRow] = ()
        self._session: Session | None = None
        self._marked: tuple[Variations | None, int, int] = (None, 0, 0)
        self._listed: tuple[Variations | None, list[Variation]] = (None, [])
        title = t("window.variations.title")
        self.list = thumbnails.ThumbnailList("variations", title, QSize(*_SIZE), (14, 16))
        self.list.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.list.itemClicked.connect(self._pick)
        self.list.itemActivated.connect(self._pick)
        KeyGuard(self.list, *LIST_KEYS, Qt.Key.Key_Left, Qt.Key.Key_Right)
        self._empty_text = make_label(t("window.variations.none"), wraps=True)
        self._empty_text.setAlignment(Qt.AlignmentFlag.AlignTop)
        self._empty_text.setContentsMargins(10, 8, 10, 8)
        self.button = QToolButton()
        self.button.setDefaultAction(more)
        self.button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        items = (self._empty_text, (self.list, 1), self.button)
        column = lay_out_column(self, *items, margins=(0, 0, 0, 6), spacing=4)
        column.setAlignment(self.button, Qt.AlignmentFlag.AlignHCenter)
        self.show_photo(None)

    def show_photo(self, session: Session | None) -> None:
        """Show the current variations of a photo."""
        self._session = session
        variations = None if session is None else session.variations
        self._empty_text.setVisible(variations is None)
        self.list.setVisible(variations is not None)
        listed, fills = self._listed
        if variations is not listed:
            self.list.clear()
            fills = []
            self._marked = (None, 0, 0)
        if session is not None and variations is not None:
            for fill in variations.fills[len(fills) :]:
                self._add(session, variations, fill)
            fills = list(variations.fills)
        self._listed = (variations, fills)
        self.mark()

    def _add(self, session: Session, variations: Variations, fill: Variation) -> None:
        pixels, alpha = variations.show(session.document, fill)
        picture = thumbnails.draw_variation(session, variations.rect, pixels, _SIZE, alpha)
        icon = thumbnails.make_untinted_icon(picture)
        number = self.list.count() + 1
        title = next((row.title for row in self.engines if row.id == fill.engine), fill.engine)
        word = describe_attempt(fill.attempt, self.engines, number)
        item = QListWidgetItem(icon, word)
        about = t(f"fill.kind.{fill.attempt.kind}.tip", engine=title)
        how = t("window.variation.tip", n=number, engine=title, seed=fill.seed)
        item.setToolTip(f"{about}\n{how}")
        self.list.addItem(item)

    def mark(self) -> None:
        """Select the variation that the photo shows."""
        if self._session is None or self._session.variations is None:
            return
        # Comparing pixels is slow in a large photo, so not after every stroke.
        variations = self._session.variations
        state = (variations, len(variations.fills), self._session.pixel_revision)
        if state == self._marked:
            return
        self._marked = state
        index = self._session.variations.find_shown(self._session.document)
        self.list.blockSignals(True)
        self.list.setCurrentRow(-1 if index is None else index)
        self.list.blockSignals(False)

    def _pick(self, item: QListWidgetItem) -> None:
        self.chosen.emit(self.list.row(item))
