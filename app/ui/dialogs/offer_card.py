"""The card of a weights file that can be fetched: it says everything before it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.configuration.text import t
from app.session.weights.weights_import import WeightsImport
from app.ui.dialogs.weights_card import WeightsCard, format_size, name_engine, show_words

if TYPE_CHECKING:
    from inpaint_core.importing.catalogue import CatalogueFile


class OfferCard(WeightsCard):
    """A file of the catalogue, with a button that fetches and imports it."""

    def __init__(self, file: CatalogueFile, imports: WeightsImport, held: str = "") -> None:
        super().__init__(file.file, file.size, file.address)
        self.file = file
        self._imports = imports
        self.drop_tick()
        show_words(self.what, t("weights_dialogs.offer", engine=name_engine(file.engine)))
        self.show_known(file.known)
        show_words(self.hash, t("weights_dialogs.offer.hash", sha256=file.sha256))
        self.button.setText(t("weights_dialogs.offer.go", size=format_size(file.size)))
        self.button.clicked.connect(self.fetch)
        self.button.show()
        self.changed.connect(self._update_button)
        if held:
            self.show_imported(held)

    def fetch(self) -> None:
        """Fetch it, and import it then."""
        job = self._imports.fetch(self.file)
        job.succeeded.connect(self.show_imported)
        self.watch(job, t("weights_dialogs.waiting"))

    def _update_button(self) -> None:
        self.button.setVisible(not self.is_busy and not self.engine)
