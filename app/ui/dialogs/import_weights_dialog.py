"""The dialog that imports weights: files from this machine, or fetched on request."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QFileDialog, QPushButton, QWidget

from app.configuration.text import t
from app.session.notice import Notice
from app.session.weights.weights_import import WeightsImport
from app.ui.dialogs.file_card import FileCard
from app.ui.dialogs.offer_card import OfferCard
from app.ui.dialogs.weights_card import WeightsCard, show_words
from app.ui.widgets.layouts import lay_out_column, lay_out_row, make_label, make_scroll_area
from app.workers.decoder.weights_work import describe_entry
from inpaint_core.contract.errors import WeightsUnavailable
from inpaint_core.importing.other_programs import (
    WEIGHTS_SUFFIXES,
    find_weights_files,
    list_weights_folders,
)
from inpaint_core.local.download_permission import are_downloads_allowed


class ImportWeightsDialog(QDialog):
    """One card for each file. It may stay open while the editor is used; closing it stops what is
    under way. ``use_asked(engine)``: the imported weights are to be used.
    """

    use_asked = Signal(str)

    def __init__(self, imports: WeightsImport, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(t("weights_dialogs.title"))
        self.setAcceptDrops(True)
        self._imports = imports
        self.cards: list[WeightsCard] = []
        intro = make_label(t("weights_dialogs.intro"), wraps=True)
        self.choose = self._make_button("weights_dialogs.choose", self._choose)
        self.look = self._make_button("weights_dialogs.look", self.show_found)
        self.web = self._make_button("weights_dialogs.web", self.show_offers)
        sources = lay_out_row(None, self.choose, self.look, self.web, None, spacing=8)
        self.note, self._hint = make_label(wraps=True), make_label(wraps=True)
        for label in (self.note, self._hint):
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.hide()
        self._zone = make_label(t("weights_dialogs.drop"), "dropzone")
        self._zone.setAlignment(Qt.AlignmentFlag.AlignCenter)
        inner = QWidget()
        self._column = lay_out_column(inner, (None, 1), margins=(0, 0, 8, 0), spacing=10)
        buttons = QDialogButtonBox()
        self.go = QPushButton(t("weights_dialogs.go"))
        self.go.setObjectName("primary")
        self.go.setDefault(True)
        buttons.addButton(self.go, QDialogButtonBox.ButtonRole.ActionRole)
        self.stop = buttons.addButton("", QDialogButtonBox.ButtonRole.RejectRole)
        self.stop.setAutoDefault(False)
        self.go.clicked.connect(self.bring_in)
        buttons.rejected.connect(self._stop_or_close)
        self._area = make_scroll_area(inner)
        self._sought: WeightsCard | None = None
        bar = self._area.verticalScrollBar()
        bar.rangeChanged.connect(lambda *_: self._scroll())
        bar.actionTriggered.connect(lambda _: self._on_scrolled())
        items = (intro, sources, self.note, self._hint, (self._zone, 1), (self._area, 1), buttons)
        lay_out_column(self, *items, margins=(18, 16, 18, 14), spacing=10)
        letter = self.fontMetrics().averageCharWidth()
        self.resize(max(620, letter * 92), max(520, self.fontMetrics().height() * 34))
        self._update_buttons()

    def add_files(self, paths: Sequence[Path]) -> None:
        """Show a card for each file, and read it."""
        at = len(self.cards)
        for path in paths:
            self._add_file(path, is_wanted=True)
        self._scroll_to(at)

    def show_found(self) -> None:
        """Show what other programs keep on this machine; nothing of it is read yet."""
        found = find_weights_files()
        at = len(self.cards)
        for file in found:
            self._add_file(file.path, is_wanted=False)
        self._scroll_to(at)
        folders = ", ".join(map(str, list_weights_folders()))
        words = t("weights_dialogs.found") if found else t("weights_dialogs.none", folders=folders)
        self._say(Notice(words))

    def show_offers(self) -> None:
        """Show what can be fetched, unless that is switched off; nothing is fetched yet."""
        from inpaint_core.importing.catalogue import CATALOGUE
        from inpaint_core.networks.store.user_weights import find_imported

        if not are_downloads_allowed():
            self._say(Notice.from_error(WeightsUnavailable("weights.downloads_off")))
            return
        self._say(Notice(t("weights_dialogs.offers")))
        at = len(self.cards)
        shown = [card.file for card in self.cards if isinstance(card, OfferCard)]
        for file in CATALOGUE:
            if file not in shown:
                entry = find_imported(file.sha256)
                held = None if entry is None else describe_entry(entry)
                self._add(OfferCard(file, self._imports, held))
        self._scroll_to(at)

    def bring_in(self) -> None:
        """Import every file that can be."""
        for card in self.cards:
            if isinstance(card, FileCard) and card.can_import:
                card.bring_in()

    def done(self, result: int) -> None:
        """Stop what is under way, and close."""
        for card in self.cards:
            card.cancel()
        self._imports.release()
        super().done(result)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Accept files."""
        if any(url.isLocalFile() for url in event.mimeData().urls()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Show the dropped files."""
        urls = event.mimeData().urls()
        self.add_files([Path(url.toLocalFile()) for url in urls if url.isLocalFile()])
        event.acceptProposedAction()

    def _add_file(self, path: Path, is_wanted: bool) -> None:
        held = [c for c in self.cards if isinstance(c, FileCard) and c.path == path]
        if held:
            held[0].head.setChecked(held[0].head.isChecked() or is_wanted)
            return
        try:
            size = path.stat().st_size
        except OSError:
            size = 0  # reading it says what is wrong
        self._add(FileCard(path, size, self._imports, is_wanted))

    def _add(self, card: WeightsCard) -> None:
        self.cards.append(card)
        card.changed.connect(self._update_buttons)
        card.use_asked.connect(self.use_asked)
        self._column.insertWidget(len(self.cards) - 1, card)
        self._update_buttons()

    def _scroll_to(self, at: int) -> None:
        """Show the cards from number ``at`` on, also while the layout changes, until somebody
        scrolls.
        """
        if at < len(self.cards):
            self._sought = self.cards[at]
            self._scroll()

    def _scroll(self) -> None:
        if self._sought is not None:
            self._area.verticalScrollBar().setValue(self._sought.y())

    def _on_scrolled(self) -> None:
        self._sought = None

    def _choose(self) -> None:
        patterns = " ".join(f"*{suffix}" for suffix in sorted(WEIGHTS_SUFFIXES))
        kinds = t("weights_dialogs.choose.filter", patterns=patterns)
        title = t("weights_dialogs.choose.title")
        names, _ = QFileDialog.getOpenFileNames(self, title, "", kinds)
        self.add_files([Path(name) for name in names])

    def _say(self, notice: Notice) -> None:
        show_words(self.note, notice.text)
        show_words(self._hint, notice.hint)

    def _stop_or_close(self) -> None:
        if any(card.is_busy for card in self.cards):
            for card in self.cards:
                card.cancel()
        else:
            self.reject()

    def _update_buttons(self) -> None:
        self._zone.setVisible(not self.cards)
        self._area.setVisible(bool(self.cards))
        ready = any(isinstance(card, FileCard) and card.can_import for card in self.cards)
        self.go.setEnabled(ready)
        is_busy = any(card.is_busy for card in self.cards)
        self.stop.setText(t("weights_dialogs.cancel" if is_busy else "weights_dialogs.close"))

    def _make_button(self, key: str, clicked: object) -> QPushButton:
        button = QPushButton(t(key))
        button.setAutoDefault(False)
        button.clicked.connect(clicked)
        return button
