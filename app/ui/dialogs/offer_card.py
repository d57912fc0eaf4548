"""The card of a weights file that can be fetched: it says everything before it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.configuration.text import t
from app.session.weights.weights_import import WeightsImport
from app.ui.dialogs.weights_card import WeightsCard, format_size, name_engine, show_words
from app.workers.decoder.weights_work import BroughtIn

if TYPE_CHECKING:
    from inpaint_core.importing.catalogue import CatalogueFile


class OfferCard(WeightsCard):
    """A file of the catalogue, with a button that fetches and imports it."""

    def __init__(
        self, file: CatalogueFile, imports: WeightsImport, held: BroughtIn | None = None
    ) -> None:
        super().__init__(file.file, file.size, file.address)
        self.file = file
        self._imports = imports
        self.drop_tick()
        show_words(self.what, t("weights_dialogs.offer", engine=name_engine(file.engine)))
        self.show_known(file.known)
        show_words(self.hash, t("weights_dialogs.offer.hash", sha256=file.sha256))
        self.button.clicked.connect(self.fetch)
        self.changed.connect(self._update_button)
        self._update_button()
        if held is not None:
            self.show_imported(held)

    def fetch(self) -> None:
        """Fetch it, and import it then."""
        job = self._imports.fetch(self.file)
        job.succeeded.connect(self.show_imported)
        self.watch(job, t("weights_dialogs.waiting"))

    def _update_button(self) -> None:
        from inpaint_core.importing.download import count_fetched

        left = self.file.size - count_fetched(self.file)
        size, is_begun = format_size(left or self.file.size), 0 < left < self.file.size
        self.button.setText(t(f"weights_dialogs.offer.{'rest' if is_begun else 'go'}", size=size))
        self.button.setVisible(not self.is_busy and not self.engine)
