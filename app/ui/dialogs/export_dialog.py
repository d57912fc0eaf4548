"""Asking where and how to export: nothing is written here."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QLocale, QTimer
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QLayout,
    QMessageBox,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

import resources
from app.configuration.settings import Settings
from app.configuration.text import t
from app.session.export import (
    ENDINGS,
    Exported,
    ExportPlan,
    estimate,
    free,
    freeze,
    is_original,
    propose,
)
from app.session.export import write as write_file
from app.ui.dialogs.export_form import ExportForm
from app.workers.jobs import Job, Lane
from inpaint_core.contract.progress import Progress

if TYPE_CHECKING:
    from app.document.document import Document
    from inpaint_core.photo.photo import Photo

_PAUSE = 300  # ms after the last change before the size is estimated again


@dataclass(frozen=True)
class Order:
    """What to export: where to, how, and whether a file there, or the original, is replaced."""

    path: Path
    plan: ExportPlan
    overwrite: bool = False
    over_original: bool = False

    def start(self, lane: Lane, document: Document) -> Job:
        """Write the document as it is now, on ``lane``; the job's result is an `Exported`."""
        frozen = freeze(document)

        def work(progress: Progress) -> Exported:
            return write_file(
                frozen,
                self.path,
                self.plan,
                progress,
                overwrite=self.overwrite,
                over_original=self.over_original,
            )

        return lane.start(work)


def quick_order(document: Document, settings: Settings) -> Order:
    """Export as the settings say, without a question, never over a file that exists."""
    plan = ExportPlan.of(settings)
    path = _proposal(document.photo, document.path, plan, settings)
    return Order(free(path), plan)


def ask_export(
    parent: QWidget | None, document: Document, settings: Settings, lane: Lane
) -> Order | None:
    """Show the dialog; None when it was left without exporting. Sizes are estimated on ``lane``."""
    dialog = ExportDialog(document, settings, lane, parent)
    dialog.exec()
    return dialog.order


def told(exported: Exported) -> tuple[str, str]:
    """What to say after an export: a sentence, and what was checked and could not be kept."""
    locale = QLocale()
    size = locale.formattedDataSize(exported.size, 1, QLocale.DataSizeFormat.DataSizeSIFormat)
    check = exported.check
    values = {
        "pixels": locale.toString(check.pixels),
        "differing": locale.toString(check.differing),
        "mean": locale.toString(check.mean, "f", 2),
        "most": locale.toString(check.most),
        "levels": locale.toString(check.levels),
    }
    if check.differing:
        sentence = t("export.checked.lossy", **values)
    elif exported.converted:
        sentence = t("export.checked.converted", **values)
    else:
        sentence = t("export.checked.same", **values)
    if check.kept is not None:
        high, wide = check.kept.size
        kept, blocks = locale.toString(check.kept.blocks), locale.toString(check.kept.total)
        sentence += " " + t("export.checked.blocks", kept=kept, blocks=blocks, w=wide, h=high)
    done = t("export.done", name=exported.path.name, size=size)
    return done, " ".join((sentence, *map(t.said, exported.notes)))


def _proposal(photo: Photo, path: Path | None, plan: ExportPlan, settings: Settings) -> Path:
    """Where to: beside the original, or in the folder that was chosen last instead.

    The sample's own folder is the program's: nothing of the user belongs there.
    """
    chosen = Path(str(settings.get("export.folder")))
    home = Path.home()
    if path is not None and path.parent == resources.path("samples/beach.jpg").parent:
        path = home / path.name
    found = propose(photo, path, plan, home)
    return chosen / found.name if chosen.is_absolute() and chosen.is_dir() else found


class ExportDialog(QDialog):
    """The export dialog. ``order`` is what was decided, None until then."""

    def __init__(
        self, document: Document, settings: Settings, lane: Lane, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(t("export.title"))
        self.order: Order | None = None
        self._document = document
        self._settings = settings
        self._lane = lane
        self._job: Job | None = None
        plan = ExportPlan.of(settings)
        path = _proposal(document.photo, document.path, plan, settings)
        self.form = ExportForm(document.photo, plan, path, document.path)
        self.form.changed.connect(self._changed)
        self.form.browse_asked.connect(self._browse)
        buttons = QDialogButtonBox()
        self.go = QPushButton(t("export.go"))
        self.go.setObjectName("primary")
        self.go.setDefault(True)
        buttons.addButton(self.go, QDialogButtonBox.ButtonRole.AcceptRole)
        buttons.addButton(t("export.cancel"), QDialogButtonBox.ButtonRole.RejectRole)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 18, 20, 16)
        column.setSpacing(16)
        column.addWidget(self.form)
        column.addWidget(buttons)
        # As high as the rows that there are.
        column.setSizeConstraint(QLayout.SizeConstraint.SetFixedSize)
        self._timer = QTimer(self, singleShot=True, interval=_PAUSE)
        self._timer.timeout.connect(self._estimate)
        self._changed()
        self.form.name.setFocus()
        self.form.name.setSelection(0, len(path.stem))

    def _changed(self) -> None:
        self.go.setEnabled(self.form.allowed)
        self.form.show_size(t("export.size.busy"))
        self._timer.start()

    # -- the size ------------------------------------------------------------------------------

    def _estimate(self) -> None:
        self._stop()
        photo = replace(
            self._document.photo, pixels=self._document.pixels, alpha=self._document.alpha
        )
        job = self._lane.start(partial(estimate, photo, self.form.plan))
        self._job = job
        job.succeeded.connect(partial(self._estimated, job))
        job.failed.connect(partial(self._estimated, job))

    def _estimated(self, job: Job, found: object) -> None:
        if job is not self._job:
            return
        self._job = None
        if isinstance(found, int):
            form = QLocale.DataSizeFormat.DataSizeSIFormat
            size = QLocale().formattedDataSize(found, 1, form)
            self.form.show_size(t("export.size.about", size=size))
        else:
            # What keeps the size from being known will be said when it is exported.
            self.form.show_size(t("export.size.unknown"))

    def _stop(self) -> None:
        if self._job is not None:
            self._job.cancel()
            self._job = None

    # -- where to, and whether -----------------------------------------------------------------

    def _browse(self) -> None:
        patterns = " ".join(f"*{ending}" for ending in ENDINGS.values())
        name, _ = QFileDialog.getSaveFileName(
            self,
            t("export.choose.title"),
            str(self.form.path),
            t("export.choose.filter", patterns=patterns),
            # Asked for below, where keeping both is a choice too.
            options=QFileDialog.Option.DontConfirmOverwrite,
        )
        if name:
            self.form.set_path(Path(name))

    def accept(self) -> None:
        """Decide, unless what is at that place is to be kept."""
        path, original = self.form.path, self._document.path
        order = Order(path, self.form.plan)
        if is_original(path, original):
            if not self._ask_original(path):
                return
            order = replace(order, overwrite=True, over_original=True)
        elif path.exists():
            asked = self._ask_existing(path)
            if asked is None:
                return
            order = asked
        self._remember()
        self.order = order
        super().accept()

    def done(self, result: int) -> None:
        """Leave: nothing is estimated any more."""
        self._timer.stop()
        self._stop()
        super().done(result)

    def _ask_original(self, path: Path) -> bool:
        box = QMessageBox(self)
        box.setIcon(QMessageBox.Icon.Warning)
        box.setText(t("export.sure.original", name=path.name))
        box.setInformativeText(t("export.sure.original.hint"))
        yes = box.addButton(t("export.replace"), QMessageBox.ButtonRole.DestructiveRole)
        no = box.addButton(t("export.cancel"), QMessageBox.ButtonRole.RejectRole)
        box.setDefaultButton(no)
        box.exec()
        return box.clickedButton() is yes

    def _ask_existing(self, path: Path) -> Order | None:
        other = free(path)
        box = QMessageBox(self)
        box.setIcon(QMessageBox.Icon.Question)
        box.setText(t("export.sure.exists", name=path.name))
        box.setInformativeText(t("export.sure.exists.hint", other=other.name))
        yes = box.addButton(t("export.replace"), QMessageBox.ButtonRole.DestructiveRole)
        both = box.addButton(t("export.both"), QMessageBox.ButtonRole.AcceptRole)
        box.addButton(t("export.cancel"), QMessageBox.ButtonRole.RejectRole)
        box.setDefaultButton(both)
        box.exec()
        if box.clickedButton() is yes:
            return Order(path, self.form.plan, overwrite=True)
        return Order(other, self.form.plan) if box.clickedButton() is both else None

    def _remember(self) -> None:
        for setting, value in self.form.chosen().items():
            self._settings.set(setting, value)
        beside = None if self._document.path is None else self._document.path.parent
        folder = self.form.path.parent
        self._settings.set("export.folder", "" if folder == beside else str(folder))
