"""The export dialog, which asks where and how to export; and the order that it returns."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QLocale, QTimer
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QLayout,
    QMessageBox,
    QPushButton,
    QWidget,
)

import resources
from app.configuration.settings import Settings
from app.configuration.text import t
from app.session.export import (
    Exported,
    ExportPlan,
    estimate,
    find_free_path,
    freeze,
    is_original,
    list_losses,
    propose,
)
from app.session.export import write as write_file
from app.ui.dialogs.export_form import ExportForm
from app.ui.dialogs.questions import ask, describe_losses
from app.ui.widgets.layouts import lay_out_column
from app.ui.widgets.new_file import ask_new_file
from app.workers.jobs import Job, Lane
from inpaint_core.contract.progress import Progress
from inpaint_core.photo.file_version import FileVersion
from inpaint_core.photo.formats.registry import writable_formats

if TYPE_CHECKING:
    from app.document.document import Document
    from inpaint_core.photo.photo import Photo

_ESTIMATE_DELAY = 300  # ms after the last change before the size is estimated again
_Role = QMessageBox.ButtonRole


@dataclass(frozen=True)
class ExportOrder:
    """Where and how to export, and whether to replace an existing file or the original.

    ``seen`` is the version of the file that may be replaced, None the one that is there when
    writing begins.
    """

    path: Path
    plan: ExportPlan
    overwrite: bool = False
    over_original: bool = False
    seen: FileVersion | None = field(default=None, compare=False)

    def start(self, lane: Lane, document: Document, then: Callable[[], None] | None = None) -> Job:
        """Write the current state of the document on ``lane``, and call ``then`` there when it is
        written; the job returns an `Exported`.
        """
        frozen = freeze(document)

        def work(progress: Progress) -> Exported:
            exported = write_file(
                frozen,
                self.path,
                self.plan,
                progress,
                overwrite=self.overwrite,
                over_original=self.over_original,
                seen=self.seen,
            )
            if then is not None:
                then()
            return exported

        return lane.start(work)


def quick_order(document: Document, settings: Settings) -> ExportOrder:
    """An order after the settings, without a dialog; never replaces a file."""
    plan = ExportPlan.of(settings)
    path = _proposed_path(document.photo, document.path, plan, settings)
    return ExportOrder(find_free_path(path), plan)


def order_beside(order: ExportOrder) -> ExportOrder:
    """The same order under a free name: it replaces nothing."""
    path = find_free_path(order.path)
    return replace(order, path=path, overwrite=False, over_original=False, seen=None)


def ask_export(
    parent: QWidget | None, document: Document, settings: Settings, lane: Lane
) -> ExportOrder | None:
    """Show the dialog; None if it was cancelled. File sizes are estimated on ``lane``."""
    dialog = ExportDialog(document, settings, lane, parent)
    dialog.exec()
    return dialog.order


def describe_export(exported: Exported, is_own: bool = False) -> tuple[str, str]:
    """What to tell after an export, or where it ``is_own``, after saving into the photo's own file:
    a sentence, and what was checked and what could not be kept.
    """
    locale = QLocale()
    check = exported.check
    values = {
        "pixels": locale.toString(check.pixels),
        "differing": locale.toString(check.differing),
        "mean": locale.toString(check.mean, "f", 2),
        "most": locale.toString(check.most),
        "levels": locale.toString(check.levels),
    }
    if check.resized is not None:
        width, height = map(locale.toString, check.resized)
        values |= {"width": width, "height": height}
        kind = "resized_lossy" if check.differing else "resized"
    else:
        kind = "lossy" if check.differing else "converted" if exported.converted else "same"
    sentence = t(f"export.checked.{kind}", **values)
    if check.kept is not None:
        high, wide = check.kept.size
        kept, blocks = locale.toString(check.kept.blocks), locale.toString(check.kept.total)
        sentence += " " + t("export.checked.blocks", kept=kept, blocks=blocks, w=wide, h=high)
    key = "export.saved" if is_own else "export.done"
    done = t(key, name=exported.path.name, size=_format_size(exported.size))
    return done, " ".join((sentence, *map(t.message, exported.notes)))


def _format_size(size: int) -> str:
    return QLocale().formattedDataSize(size, 1, QLocale.DataSizeFormat.DataSizeSIFormat)


def _proposed_path(photo: Photo, path: Path | None, plan: ExportPlan, settings: Settings) -> Path:
    """A free path beside the original, or in the folder that was chosen last.

    The sample photo is exported to the home folder, as its own folder belongs to the program.
    """
    chosen = Path(str(settings.get("export.folder")))
    home = Path.home()
    if path is not None and path.parent == resources.path("samples/beach.jpg").parent:
        path = home / path.name
    proposed = propose(photo, path, plan, home)
    return chosen / proposed.name if chosen.is_absolute() and chosen.is_dir() else proposed


class ExportDialog(QDialog):
    """The export dialog. ``order`` is the result, None until it is accepted."""

    def __init__(
        self, document: Document, settings: Settings, lane: Lane, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(t("export.title"))
        self.order: ExportOrder | None = None
        self._document = document
        self._settings = settings
        self._lane = lane
        self._job: Job | None = None
        plan = ExportPlan.of(settings)
        path = _proposed_path(document.photo, document.path, plan, settings)
        self.form = ExportForm(document.photo, settings, path, document.path)
        self.form.changed.connect(self._on_changed)
        self.form.browse_asked.connect(self._browse)
        buttons = QDialogButtonBox()
        self.go = QPushButton(t("export.go"))
        self.go.setObjectName("primary")
        self.go.setDefault(True)
        buttons.addButton(self.go, QDialogButtonBox.ButtonRole.AcceptRole)
        buttons.addButton(t("export.cancel"), QDialogButtonBox.ButtonRole.RejectRole)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        column = lay_out_column(self, self.form, buttons, margins=(20, 18, 20, 16), spacing=16)
        # As high as the visible rows.
        column.setSizeConstraint(QLayout.SizeConstraint.SetFixedSize)
        self._timer = QTimer(self, singleShot=True, interval=_ESTIMATE_DELAY)
        self._timer.timeout.connect(self._estimate)
        self._on_changed()
        self.form.name.setFocus()
        self.form.name.setSelection(0, len(path.stem))

    def _on_changed(self) -> None:
        self.go.setEnabled(self.form.is_allowed)
        self.form.size_label.setText(t("export.size.busy"))
        self._timer.start()

    # -- estimating the size -------------------------------------------------------------------

    def _estimate(self) -> None:
        self._cancel_estimate()
        photo = replace(
            self._document.photo, pixels=self._document.pixels, alpha=self._document.alpha
        )
        job = self._lane.start(partial(estimate, photo, self.form.plan))
        self._job = job
        job.succeeded.connect(partial(self._on_estimated, job))
        job.failed.connect(partial(self._on_estimated, job))

    def _on_estimated(self, job: Job, size: object) -> None:
        if job is not self._job:
            return
        self._job = None
        if isinstance(size, int):
            self.form.size_label.setText(t("export.size.about", size=_format_size(size)))
        else:
            # Exporting will report what is wrong.
            self.form.size_label.setText(t("export.size.unknown"))

    def _cancel_estimate(self) -> None:
        if self._job is not None:
            self._job.cancel()
            self._job = None

    # -- path and confirmation -----------------------------------------------------------------

    def _browse(self) -> None:
        patterns = " ".join(f"*{known}" for known in writable_formats())
        kinds = t("export.choose.filter", patterns=patterns)
        title = t("export.choose.title")
        # `accept` asks about a file that exists, and offers to keep both.
        path = ask_new_file(self, title, self.form.path, kinds, confirms=False)
        if path is not None:
            self.form.set_path(path)

    def accept(self) -> None:
        """Accept, after asking if a file would be replaced."""
        path, original = self.form.path, self._document.path
        order = ExportOrder(path, self.form.plan)
        if is_original(path, original):
            answers = {"export.replace": _Role.DestructiveRole, "export.cancel": _Role.RejectRole}
            losses = tuple(map(t.message, list_losses(self._document.photo)))
            text, hint = (
                t("export.sure.original", name=path.name),
                describe_losses(path.name, losses),
            )
            warning = QMessageBox.Icon.Warning
            if ask(self, text, hint, answers, "export.cancel", warning) != "export.replace":
                return
            order = replace(order, overwrite=True, over_original=True)
        elif path.exists():
            other = find_free_path(path)
            answers = {
                "export.replace": _Role.DestructiveRole,
                "export.both": _Role.AcceptRole,
                "export.cancel": _Role.RejectRole,
            }
            text = t("export.sure.exists", name=path.name)
            hint = t("export.sure.exists.hint", other=other.name)
            answer = ask(self, text, hint, answers, "export.both")
            if answer not in ("export.replace", "export.both"):
                return
            if answer == "export.replace":
                order = replace(order, overwrite=True, seen=FileVersion.at(path))
            else:
                order = replace(order, path=other)
        self._remember()
        self.order = order
        super().accept()

    def done(self, result: int) -> None:
        """Close the dialog, and cancel the estimate."""
        self._timer.stop()
        self._cancel_estimate()
        super().done(result)

    def _remember(self) -> None:
        for setting, value in self.form.settings().items():
            self._settings.set(setting, value)
        beside = None if self._document.path is None else self._document.path.parent
        folder = self.form.path.parent
        self._settings.set("export.folder", "" if folder == beside else str(folder))
