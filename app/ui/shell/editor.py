"""The whole editor, assembled: the program starts it, tests and scripts drive it."""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QDateTime, QEvent, QLocale, QObject, Qt, QTimer
from PySide6.QtGui import QFileOpenEvent

from app.configuration.actions import ACTIONS
from app.configuration.keymap import Keymap
from app.configuration.settings import Settings
from app.configuration.text import t
from app.instance.requests import TOKEN, OpenRequest
from app.session.controller import Controller
from app.session.damage_check import DamageCheck
from app.session.library.recent_files import RecentFiles
from app.session.library.thumbnail_maker import ThumbnailMaker
from app.session.notice import Notice
from app.session.recovery.project_link import ProjectLink
from app.session.recovery.recovery_journal import RecoveryJournal
from app.session.recovery.unsaved_work import UnsavedWork, find_unsaved_work
from app.session.session import Session
from app.ui.painting import opened_photo as opening
from app.ui.painting.display_profile import DisplayProfile
from app.ui.shell.saving.edit_requests import EditRequests, Finish
from app.ui.shell.window import Window
from app.workers.decoder.decoder_pool import MAX_IDLE, DecoderPool
from app.workers.engine_lane import EngineLane
from app.workers.jobs import Lane
from inpaint_core.contract.errors import CannotWrite, InpaintError
from inpaint_core.contract.progress import Progress
from inpaint_core.local.download_permission import allow_downloads, are_downloads_allowed

if TYPE_CHECKING:
    from app.instance.window_listener import WindowListener

_WARM_UP_DELAY = 150  # ms after showing the window: painting it comes before loading the engine


class FileOpenEvents(QObject):
    """Opens files that macOS asks a running program to open, after a double click in the Finder or
    a drop on the Dock. An event filter for the application.
    """

    def __init__(self, controller: Controller) -> None:
        super().__init__()
        self._controller = controller

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Check the type first: every event of the program passes here."""
        if event.type() == QEvent.Type.FileOpen and isinstance(event, QFileOpenEvent):
            if event.file():
                self._controller.open([Path(event.file())])
            return True
        return False


class Editor(QObject):
    """Owns the threads, the controller and the window. ``settings`` and their store keep values
    and the window's place; ``state`` is the folder of the journals, ``cache`` that of the
    thumbnails (None: the user's). ``decoder`` may already be running. Call `close` at the end.
    """

    def __init__(
        self,
        settings: Settings,
        state: Path,
        cache: Path | None = None,
        decoder: DecoderPool | None = None,
    ) -> None:
        super().__init__()
        self.settings, store = settings, settings.store
        self.files, self.tool_lane, self.engine = Lane("files"), Lane("tools"), EngineLane()
        self.inspection_lane = Lane("inspection")
        self.thumbnail_lane = Lane("thumbnails")
        self.decoder = DecoderPool() if decoder is None else decoder
        read = partial(opening.open_photo, decoder=self.decoder)
        self.controller = Controller(self.files, self.engine, self.settings, read, self.decoder)
        self.keymap = Keymap(store, {row.id: row.keys for row in ACTIONS.values()})
        self.thumbnails = ThumbnailMaker(self.thumbnail_lane, self.decoder, cache)
        self.recent = RecentFiles(store, self.thumbnails)
        self.journal = RecoveryJournal(state)
        self._state = state
        self._recoverable: list[UnsavedWork] = []
        self._listener: WindowListener | None = None
        lanes = (self.files, self.tool_lane, self.inspection_lane, self.engine)
        self.window = Window(self.controller, self.keymap, self.recent, *lanes)
        self.display = DisplayProfile(self.settings, self.window)
        self.display.changed.connect(self._update_colours)
        self.display.notice_posted.connect(self.window.notice.tell)
        self.controller.current_changed.connect(self._update_colours)
        self._warm_up_timer = QTimer(self, singleShot=True, interval=_WARM_UP_DELAY)
        self._warm_up_timer.timeout.connect(partial(self.decoder.warm, MAX_IDLE))
        self._warm_up_timer.timeout.connect(self.controller.engines.warm_up)
        compile_exports = self.engine.compile_exports  # so that the first export need not wait
        self.controller.engines.ready.connect(lambda _: self.thumbnail_lane.start(compile_exports))
        self.damage_check = DamageCheck(self.controller, self.thumbnail_lane)
        self.controller.session_opened.connect(self._on_opened)
        self.controller.session_closed.connect(self._on_closed)
        self._projects = self.window.command_handlers.project_commands.projects
        self._projects.project_located.connect(self._on_project_located)
        self.window.command_handlers.writing.photo_replaced.connect(self._on_photo_replaced)
        self.journal.failed.connect(self._on_journal_failed)
        self.edit_requests = EditRequests(self.controller)
        self.file_open_events = FileOpenEvents(self.controller)
        self.settings.set("weights.downloads", are_downloads_allowed())
        self.settings.changed.connect(self._on_setting)

    def start(self, paths: list[Path], for_other_programs: bool = False) -> None:
        """Show the window; then open the photos, load the engine, and offer recoverable work.

        ``for_other_programs``: another one waits for these photos, or soon will for others, and the
        window closes when nobody waits any more and no photo is open.
        """
        self.window.show()
        opens = self.controller.open
        if for_other_programs:
            self.edit_requests.all_finished.connect(self._close_if_idle)
            opens = partial(self.edit_requests.add, finish=lambda _: None)
        application = QCoreApplication.instance()
        if sys.platform == "darwin" and application is not None:
            # Other systems send no such events.
            application.installEventFilter(self.file_open_events)
        if paths:
            QTimer.singleShot(0, self, partial(opens, paths))
            # The user is waiting for the photo, not yet for the engine.
            self.controller.session_opened.connect(self._warm_up_timer.start)
            self.controller.notice_posted.connect(self._warm_up_timer.start)
        else:
            self._warm_up_timer.start()
        QTimer.singleShot(0, self, self._find_recoverable)

    def listen(self, address: Path) -> None:
        """Once the window is on the screen, open what other processes hand to it."""
        QTimer.singleShot(0, self, partial(self._listen, address))

    def _listen(self, address: Path) -> None:
        from app.instance.window_listener import WindowListener  # not before the window is shown

        self._listener = WindowListener(address)
        self._listener.asked.connect(self._on_asked)
        self._listener.edit_asked.connect(self._on_edit_asked)

    def _on_asked(self, request: OpenRequest) -> None:
        if request.token:
            os.environ[TOKEN] = request.token  # Qt's Wayland plug-in takes it from there
        _bring_to_front(self.window)
        if request.paths:
            self.controller.open(request.paths)

    def _on_edit_asked(self, request: OpenRequest, finish: Finish) -> None:
        self._on_asked(replace(request, paths=()))
        self.edit_requests.add(request.paths, finish)

    def _close_if_idle(self) -> None:
        # Later, because the photo that was just closed is still being closed.
        QTimer.singleShot(0, self, self._close_window)

    def _close_window(self) -> None:
        if not self.controller.sessions and not self.controller.is_busy:
            self.window.close()

    def close(self) -> None:
        """End all threads. Recoverable work that nobody decided on is offered again next time."""
        self._warm_up_timer.stop()
        self.thumbnails.close()
        self.window.command_handlers.weights_commands.close()
        for session in tuple(self.controller.sessions):
            self.controller.close(session)
        if self._listener is not None:
            self._listener.close()
        for work in self._recoverable:
            work.release()
        self._recoverable.clear()
        lanes = (self.inspection_lane, self.tool_lane, self.thumbnail_lane, self.files)
        for lane in (self.engine, *lanes):
            lane.close()
        self.decoder.close()
        self.journal.close()

    def _update_colours(self) -> None:
        """Show the current photo in the display's colours."""
        session = self.controller.current
        if session is not None:
            session.opened_file.picture.colours.set_screen(self.display.space)
            self.window.canvas.invalidate_all()

    def _on_setting(self, setting: str, value: object) -> None:
        """Tell the switch that commands obey too."""
        if setting == "weights.downloads":
            try:
                allow_downloads(bool(value))
            except InpaintError as error:
                self.window.notice.tell(Notice.from_error(error))

    # -- the journal ---------------------------------------------------------------------------

    def _on_opened(self, session: Session) -> None:
        if self.settings.get("recovery.on"):
            self.journal.watch(session.document)

    def _on_closed(self, session: Session) -> None:
        self.journal.forget(session.document)

    def _on_project_located(self, path: Path) -> None:
        for session in self.controller.sessions:
            if session.project_path == path and session.project_version is not None:
                link = ProjectLink(path, session.project_version)
                self.journal.note_project(session.document, link)

    def _on_photo_replaced(self, session: Session) -> None:
        if session.photo_version is not None:
            self.journal.note_photo(session.document, session.photo_version)
        if session.project_path is not None:
            self._on_project_located(session.project_path)

    def _on_journal_failed(self, error: Exception) -> None:
        if not isinstance(error, InpaintError):
            error = CannotWrite("recovery.not_written", reason=error)
        self.window.notice.tell(Notice.from_error(error))

    def _find_recoverable(self) -> None:
        self._recoverable = find_unsaved_work(self._state)
        self._offer_recovery()

    def _offer_recovery(self) -> None:
        """Offer the newest of the work that a crash left behind."""
        if not self._recoverable:
            return
        work = self._recoverable[0]
        name = t("window.untitled") if work.path is None else work.path.name
        moment = QDateTime.fromSecsSinceEpoch(int(work.edited_at))
        when = QLocale().toString(moment, QLocale.FormatType.ShortFormat)
        key = {"same": "hint", "changed": "changed", "missing": "missing"}[work.photo_state]
        choices = [(t("window.recovery.discard"), partial(self._discard, work))]
        if work.photo_state != "missing":
            choices.insert(0, (t("window.recovery.restore"), partial(self._restore, work)))
        there = [each for each in self._recoverable if each.photo_state != "missing"]
        if len(there) > 1:
            text = t("window.recovery.restore_all", count=len(there))
            choices.insert(0, (text, partial(self._restore_all, there)))
        hint = t(f"window.recovery.{key}", when=when, path=work.path)
        offer = Notice(t("window.recovery.found", name=name), hint, tuple(choices))
        self.window.notice.stand(offer)

    def _discard(self, work: UnsavedWork) -> None:
        self._recoverable.remove(work)
        work.discard()
        self._offer_recovery()

    def _restore_all(self, works: list[UnsavedWork]) -> None:
        for work in works:
            self._recoverable.remove(work)
            self._open_work(work)
        self._offer_recovery()  # what is left, however these end

    def _restore(self, work: UnsavedWork) -> None:
        self._restore_all([work])

    def _open_work(self, work: UnsavedWork) -> None:
        project = work.project
        if project is not None and project.is_current and work.photo_state == "same":
            # On top of the steps that it holds.
            self._projects.open(project.path, then=partial(self._on_restored, work))
            return

        def read(progress: Progress) -> opening.OpenedPhoto:
            opened = opening.open_photo(work.source, progress, self.decoder)
            return replace(opened, path=work.path)

        self.controller.open_with(read, partial(self._on_restored, work))

    def _on_restored(self, work: UnsavedWork, session: Session) -> None:
        try:
            self.journal.recover(work, session.document)
            if work.project is not None:
                session.project_path = work.project.path
                session.project_version = work.project.version
                self.controller.update_actions()
        except InpaintError as error:
            work.release()
            self.window.notice.tell(Notice.from_error(error))


def _bring_to_front(window: Window) -> None:
    """Show the window before those of other programs, also one that was minimised."""
    window.setWindowState(window.windowState() & ~Qt.WindowState.WindowMinimized)
    window.show()
    window.raise_()
    window.activateWindow()
