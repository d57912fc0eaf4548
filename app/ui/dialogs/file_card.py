"""The card of a weights file on this machine: it is read once it is ticked."""

from __future__ import annotations

from pathlib import Path

from app.configuration.text import t
from app.session.weights.weights_import import WeightsImport
from app.ui.dialogs.weights_card import WeightsCard, describe_place, name_engine, show_words
from app.workers.decoder.weights_work import BroughtIn, ExaminedWeights


class FileCard(WeightsCard):
    """A file that may be imported. ``is_wanted``: it is ticked, and so read at once."""

    def __init__(
        self, path: Path, size: int, imports: WeightsImport, is_wanted: bool = True
    ) -> None:
        super().__init__(path.name, size, describe_place(path))
        self.path = path
        self.examined: ExaminedWeights | None = None
        self._imports = imports
        self._is_asked = False
        self.head.toggled.connect(self._on_wanted)
        self.head.setChecked(is_wanted)

    @property
    def can_import(self) -> bool:
        """Whether everything is there that an import needs: a tick, known tensors, a yes."""
        found = self.examined
        if found is None or self.is_imported or self.is_busy or not self.head.isChecked():
            return False  # not read, imported already, at work, or not wanted
        return self.accept.isChecked() or not found.is_non_commercial

    def bring_in(self) -> None:
        """Start the import."""
        if self.examined is None:
            return
        job = self._imports.bring_in(self.examined, self.path.stem, self.accept.isChecked())
        job.succeeded.connect(self.show_imported)
        self.watch(job, t("weights_dialogs.waiting"))

    def show_examined(self, found: ExaminedWeights) -> None:
        """Say what the file holds, and what its makers allow."""
        self.examined = found
        self.show_known(found.known)
        if found.held:
            self.show_imported(BroughtIn(found.held, (), found.picture))
            show_words(self.what, t("weights_dialogs.held", engine=name_engine(found.held)))
            return
        engine = name_engine(found.engine)
        key = "weights_dialogs.what_part" if found.is_part else "weights_dialogs.what"
        show_words(self.what, t(key, network=found.network, engine=engine))
        self.accept.setVisible(found.is_non_commercial)
        self.changed.emit()

    def _on_wanted(self, is_wanted: bool) -> None:
        if is_wanted and not self._is_asked:
            self._is_asked = True
            job = self._imports.examine(self.path)
            job.succeeded.connect(self.show_examined)
            job.cancelled.connect(self._on_not_examined)
            job.failed.connect(self.drop_tick)
            self.watch(job, t("weights_dialogs.waiting"))
        elif not is_wanted and self.examined is None:
            self.cancel()

    def _on_not_examined(self) -> None:
        self._is_asked = False  # ticking it again reads it again
        self.head.setChecked(False)
        self.show_notice(None)
