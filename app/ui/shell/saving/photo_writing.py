"""Export, quick export, and saving into a photo's own file."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from app.configuration.text import t
from app.session.controller import Controller
from app.session.export import list_losses
from app.session.newer_file import ask_about_newer_file
from app.session.notice import Notice, describe_failure
from app.session.session import Session
from app.ui.dialogs import questions
from app.ui.shell.saving.project_renewal import ProjectRenewal
from app.ui.shell.saving.saving_rules import find_obstacle, plan_saving
from app.ui.shell.saving.show_in_folder import show_in_folder
from app.workers.jobs import Lane
from inpaint_core.contract.errors import FileChanged
from inpaint_core.photo.file_version import FileVersion

if TYPE_CHECKING:
    from app.session.export import Exported
    from app.ui.dialogs.export_dialog import ExportOrder


class PhotoWriting(QObject):
    """Writes photos on the lane ``files``; ``settle`` ends a stroke that is under way.

    ``saved(session)``: the photo was written. ``photo_replaced(session)``: into its own file.
    """

    saved = Signal(object)
    photo_replaced = Signal(object)

    def __init__(
        self,
        window: QWidget,
        controller: Controller,
        settle: Callable[[], None],
        files: Lane,
    ) -> None:
        super().__init__(window)
        self._window = window
        self._controller = controller
        self._settle = settle
        self._files = files

    def export(self, session: Session | None = None) -> bool:
        """Ask where and how to export; False if the user cancelled."""
        from app.ui.dialogs.export_dialog import ask_export

        exported = self._controller.current if session is None else session
        if exported is None:
            return False
        self._settle()
        order = ask_export(self._window, exported.document, self._controller.settings, self._files)
        if order is not None:
            self.write(exported, order)
        return order is not None

    def quick_export(self, session: Session | None = None, keeps_size: bool = False) -> None:
        """Export a photo, by default the current one, with the last settings, without questions;
        in its own size where that is all that is kept of it.
        """
        from app.ui.dialogs.export_dialog import quick_order

        exported = self._controller.current if session is None else session
        if exported is not None:
            self._settle()
            order = quick_order(exported.document, self._controller.settings, keeps_size)
            self.write(exported, order)

    def save_photo(self, session: Session | None = None) -> bool:
        """Write a photo into its own file; False if nothing is written.

        Asks first, unless that was allowed for good or another program handed the photo over, and
        in any case once where the file has more than what would be written. What cannot be written
        there is exported.
        """
        from app.ui.dialogs.export_dialog import ExportOrder

        saved = self._controller.current if session is None else session
        if saved is None:
            return False
        self._settle()
        document, settings = saved.document, self._controller.settings
        obstacle = find_obstacle(saved)
        if obstacle is not None or document.path is None:
            hint = "" if obstacle is None else t.message(obstacle)

            def export() -> None:
                self.export(saved)

            notice = Notice(t("export.into.no"), hint, ((t("export.into.export"), export),))
            self._controller.post_session_notice(saved, notice)
            return False
        losses = () if saved.accepts_losses else list_losses(document.photo)
        is_allowed = saved.is_handed_over or settings.get("save.into_photo") == "always"
        if losses or not is_allowed:
            answer = questions.ask_into_photo(
                self._window, document.path.name, tuple(map(t.message, losses)), not is_allowed
            )
            if answer == "export":
                return self.export(saved)
            if answer == "cancel":
                return False
            if answer == "always":
                settings.set("save.into_photo", "always")
            saved.accepts_losses = True
        order = ExportOrder(
            document.path, plan_saving(settings), overwrite=True, over_original=True
        )
        self.write(saved, order)
        return True

    def write(self, session: Session, order: ExportOrder) -> None:
        """Write a photo as ``order`` says, in the background."""
        if order.over_original and order.seen is None:
            order = replace(order, seen=session.photo_version)
        state, photo = session.document.history.state, session.document.path
        renewal = ProjectRenewal.of(session, state) if order.over_original else None
        renew = None if renewal is None or photo is None else partial(renewal.run, photo)
        job = order.start(self._files, session.document, renew)
        self._controller.show_task(job, t("export.writing", name=order.path.name))
        job.succeeded.connect(partial(self._on_written, session, state, renewal))
        job.failed.connect(partial(self._on_failed, session, order))
        job.cancelled.connect(partial(self._on_stopped, session))

    def _on_written(
        self, session: Session, state: int, renewal: ProjectRenewal | None, exported: Exported
    ) -> None:
        from app.session.export import is_original
        from app.ui.dialogs.export_dialog import describe_export

        is_own = is_original(exported.path, session.document.path)
        if is_own:
            session.photo_version = exported.version
            session.file_stat = (exported.version.size, exported.version.modified)
            session.file_hash = None if renewal is None else renewal.digest
            if renewal is not None and renewal.version is not None:
                session.project_version = renewal.version
            self.photo_replaced.emit(session)
        # For a photo with a project, “saved” means saved in the project, unless another program
        # waits for its file.
        same = session.document.history.state == state and not session.document.is_editing
        if same and (is_own if session.is_handed_over else session.project_path is None):
            session.document.mark_saved()
        # What was done while it was being written is nowhere yet.
        session.closes_when_saved = session.closes_when_saved and same
        # What could not be kept stays on the screen; that it went well does not.
        is_whole = not exported.notes
        text, hint = describe_export(exported, is_own)
        show = (t("export.show"), partial(show_in_folder, exported.path))
        self._controller.post_notice(Notice(text, hint, (show,), is_calm=is_whole, fades=is_whole))
        self.saved.emit(session)

    def _on_stopped(self, session: Session) -> None:
        session.closes_when_saved = False

    def _on_failed(self, session: Session, order: ExportOrder, error: Exception) -> None:
        from app.ui.dialogs.export_dialog import order_beside

        session.closes_when_saved = False
        if isinstance(error, FileChanged):
            now = replace(order, overwrite=True, seen=FileVersion.at(order.path))
            beside = order_beside(order)
            ask_about_newer_file(
                self._controller,
                session,
                error,
                partial(self.write, session, now),
                (beside.path, partial(self.write, session, beside)),
            )
            return
        self._controller.post_notice(describe_failure(error, "window.mistake"))
