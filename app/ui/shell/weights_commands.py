"""The actions on weights: import them, and show what there is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QDialog, QWidget

from app.session.controller import Controller
from app.session.weights.weights_import import WeightsImport
from app.session.weights.weights_list import WeightsList

if TYPE_CHECKING:
    from app.ui.dialogs.import_weights_dialog import ImportWeightsDialog
    from app.ui.dialogs.weights_dialog import WeightsDialog


class WeightsCommands(QObject):
    """Handles the actions on weights, and weights files that were dropped or opened."""

    def __init__(self, window: QWidget, controller: Controller) -> None:
        super().__init__(window)
        self._window = window
        self._controller = controller
        self.imports = WeightsImport()
        self._list = WeightsList(controller.files_lane, self.imports.lane)
        self._list.changed.connect(controller.engines.refresh)
        self.import_dialog: ImportWeightsDialog | None = None
        self.list_dialog: WeightsDialog | None = None
        self.imports.imported.connect(self._on_imported)
        controller.weights_offered.connect(self.import_files)

    @property
    def by_action(self) -> dict[str, Callable[[], object]]:
        """The handlers by action id."""
        return {"file.import_weights": self.show_import, "file.weights": self.show_list}

    def close(self) -> None:
        """Stop what is under way, and end the thread and the child process of imports."""
        self.imports.close()

    def import_files(self, paths: Sequence[Path]) -> None:
        """Show the dialog that imports with these files."""
        self.show_import().add_files(paths)

    def show_import(self) -> ImportWeightsDialog:
        """Show the dialog that imports, or bring it to the front."""
        from app.ui.dialogs.import_weights_dialog import ImportWeightsDialog

        if self.import_dialog is None:
            dialog = self.import_dialog = ImportWeightsDialog(self.imports, self._window)
            dialog.use_asked.connect(self._use)
            dialog.finished.connect(self._forget_import)
        _bring_to_front(self.import_dialog)
        return self.import_dialog

    def show_list(self) -> WeightsDialog:
        """Show the table, or bring it to the front."""
        from app.ui.dialogs.weights_dialog import WeightsDialog

        if self.list_dialog is None:
            weights, settings = self._list, self._controller.settings
            dialog = WeightsDialog(weights, settings, self._is_filling, self._window)
            dialog.import_asked.connect(self.show_import)
            dialog.finished.connect(self._forget_list)
            self.list_dialog = dialog
        _bring_to_front(self.list_dialog)
        return self.list_dialog

    def _forget_import(self) -> None:
        if self.import_dialog is not None:
            self.import_dialog.deleteLater()
            self.import_dialog = None

    def _forget_list(self) -> None:
        if self.list_dialog is not None:
            self.list_dialog.deleteLater()
            self.list_dialog = None

    def _on_imported(self) -> None:
        self._controller.engines.refresh()
        if self.list_dialog is not None:
            self.list_dialog.refresh()

    def _use(self, engine: str) -> None:
        self._controller.settings.set("fill.engine", engine)

    def _is_filling(self) -> bool:
        return any(each.running_fill is not None for each in self._controller.sessions)


def _bring_to_front(dialog: QDialog) -> None:
    dialog.show()
    dialog.raise_()
    dialog.activateWindow()
