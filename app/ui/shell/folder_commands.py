"""The folder actions: the next photo, the one before, a whole folder, a batch."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtWidgets import QWidget

from app.configuration.text import t
from app.session.controller import Controller
from app.session.library.folder_photos import SortKey, list_sorted
from app.session.library.folder_walk import FolderWalk
from app.session.notice import Notice
from app.session.session import Session
from app.system.association.file_kinds import PROJECT_SUFFIX
from app.ui.dialogs import questions
from app.ui.shell.command_handlers import CommandHandlers
from app.ui.shell.saving.show_in_folder import show_in_folder
from app.workers.engine_lane import EngineLane
from inpaint_core.contract.file_names import show_name
from inpaint_core.photo.file_version import FileVersion

if TYPE_CHECKING:
    from app.session.library.folder_photos import FolderPhoto
    from app.ui.dialogs.batch_dialog import BatchDialog


@dataclass(frozen=True)
class _Step:
    """From the photo of ``session``, left at a ``position`` of its history, to the photo at
    ``path``: ``target`` is what is opened for it, unless it ``was_open`` before.
    """

    session: Session
    position: int
    path: Path
    target: Path
    was_open: bool


class FolderCommands(QObject):
    """Handles the folder actions. ``close(session)`` closes a photo, after asking about changes.

    ``folder_opened()``: a whole folder was opened.
    """

    folder_opened = Signal()

    def __init__(
        self,
        window: QWidget,
        controller: Controller,
        walk: FolderWalk,
        handlers: CommandHandlers,
        engine_lane: EngineLane,
        close: Callable[[Session], bool],
    ) -> None:
        super().__init__(window)
        self._window, self._controller, self._walk = window, controller, walk
        self._handlers, self._engine_lane, self._close = handlers, engine_lane, close
        self._step: _Step | None = None  # until the other photo is open
        self._unreadable: dict[Path, FileVersion] = {}  # photos and projects that are stepped over
        self._to_try: list[Path] = []  # of a folder, until one of them is open
        self._batch: BatchDialog | None = None
        controller.folder_requested.connect(self.open_folder)
        controller.session_opened.connect(self._on_opened)
        controller.opening_ended.connect(self._on_not_opened)

    @property
    def by_action(self) -> dict[str, Callable[[], object]]:
        """The handlers by action id."""
        return {
            "file.open_folder": self.ask_folder,
            "file.batch": self.show_batch,
            "file.show_folder": self.show_file,
            "folder.next": lambda: self.step(1),
            "folder.previous": lambda: self.step(-1),
            "folder.more_stars": lambda: self._walk.rate_current(1),
            "folder.fewer_stars": lambda: self._walk.rate_current(-1),
            "folder.deep": self._toggle_deep,
        }

    def show_file(self) -> None:
        """Show the photo's file in the system's file manager."""
        session = self._controller.current
        if session is not None and session.document.path is not None:
            show_in_folder(session.document.path)

    def _toggle_deep(self) -> None:
        settings = self._controller.settings
        settings.set("folder.deep", not settings.get("folder.deep"))

    def ask_folder(self) -> None:
        """Ask for a folder, and open its first photo."""
        folder = questions.ask_folder(
            self._window, t("folder.open.title"), self._controller.settings
        )
        if folder is not None:
            self.open_folder(folder)

    def open_folder(self, folder: Path) -> None:
        """Open the first photo of a folder that can be read, and show the others."""

        def on_listed(photos: list[FolderPhoto]) -> None:
            if photos:
                self._walk.enter(folder)
                self._to_try = [photo.path for photo in photos]
                self._controller.open(self._to_try[:1])
                self.folder_opened.emit()
            else:
                name = show_name(folder.name)
                hint = t("folder.empty.hint")
                self._controller.post_notice(Notice(t("folder.empty", name=name), hint))

        text = t("window.opening", name=show_name(folder.name))
        deep = bool(self._controller.settings.get("folder.deep"))
        order: SortKey = self._controller.settings.get("folder.sort")
        self._controller.start_task(lambda _: list_sorted(folder, deep, order), text, on_listed)

    def step(self, by: int) -> None:
        """Go to the next photo in the folder, or by -1 to the one before; those that were tried
        and could not be read are stepped over.
        """
        way = by
        while (path := self._walk.find_neighbour(way)) is not None and self._is_unreadable(path):
            way += by
        if path is not None:
            self.go_to(path)
        elif self._controller.current is not None and self._walk.photos:
            text = t("folder.last" if by > 0 else "folder.first")
            self._controller.post_notice(Notice(text, is_calm=True))

    def _is_unreadable(self, path: Path) -> bool:
        """Whether it or its project could not be read, and has not been written since."""
        target = _find_target(path)
        return target in self._unreadable and self._unreadable[target] == FileVersion.at(target)

    def go_to(self, path: Path) -> None:
        """Leave the current photo, saved as the settings say, for another one of the folder, or
        its project where it has one.

        Only when the other one is shown, so that there is always a photo to show. One that is
        being filled stays open, and so does one that could not be saved or is worked on meanwhile.
        """
        session = self._controller.current
        if session is None or session.document.path == path:
            return
        target, position = _find_target(path), session.document.history.position
        was_open = any(each.shows(path) for each in self._controller.sessions)
        step = _Step(session, position, path, target, was_open)
        self._step = None if session.running_fill is not None else step
        self._controller.open([target])
        if self._controller.current is not session:  # it was open already
            self._leave()

    def _saves(self, session: Session) -> bool:
        """Whether to save without asking; what is painted and not filled is no result yet."""
        return not session.has_mask and self._controller.settings.get("folder.save") != "ask"

    def _on_opened(self, session: Session) -> None:
        self._to_try = []
        path = session.document.path
        if path is not None:
            self._unreadable.pop(path, None)
        if self._step is not None and path == self._step.path:
            QTimer.singleShot(0, self, self._leave)  # when it is the current one
        else:
            self._step = None

    def _on_not_opened(self, path: Path | None, has_failed: bool) -> None:
        step = self._step
        if step is not None and path in (None, step.path, step.target):
            path, self._step = step.target, None  # without a path it is the photo of a project
        to_try, self._to_try = self._to_try, []
        if path is not None and has_failed:
            self._unreadable[path] = FileVersion.at(path)
            if to_try[:1] == [path] and len(to_try) > 1:
                self._to_try = to_try[1:]
                self._controller.open(self._to_try[:1])

    def _leave(self) -> None:
        """Save and close the photo that was left, as the settings say or the person does."""
        step, self._step = self._step, None
        if step is None:
            return
        session = step.session
        if session not in self._controller.sessions or session.running_fill is not None:
            return
        if session.document.history.position != step.position:  # it was worked on meanwhile
            return
        if not session.document.is_modified:
            self._controller.close(session)
        elif not self._saves(session):
            self._ask(step)
        else:
            session.closes_when_saved = True
            how = self._controller.settings.get("folder.save")
            if how == "project" or session.project_path is not None:
                self._handlers.project_commands.save_beside(session)
            else:
                self._handlers.writing.quick_export(session)

    def _ask(self, step: _Step) -> None:
        """Ask what to do with the photo that was left, which is shown meanwhile; then show the
        other one again, or close it where the person stays.
        """
        other = self._controller.current
        goes = self._close(step.session) or step.session.closes_when_saved
        if other is None or other not in self._controller.sessions:
            return
        if goes:
            self._controller.show(other)
        elif not step.was_open and not other.document.is_modified:
            self._controller.close(other)

    def show_batch(self) -> None:
        """Show the dialog for a batch, or bring it to the front."""
        from app.ui.dialogs.batch_dialog import BatchDialog

        if self._batch is None:
            self._batch = BatchDialog(self._controller, self._engine_lane, self._walk, self._window)
            self._batch.finished.connect(self._forget_batch)
        self._batch.show()
        self._batch.raise_()
        self._batch.activateWindow()

    def _forget_batch(self) -> None:
        if self._batch is not None:
            self._batch.deleteLater()
            self._batch = None


def _find_target(path: Path) -> Path:
    """What is opened for a photo of the folder: its project where it has one."""
    project = path.with_suffix(PROJECT_SUFFIX)
    return project if project.is_file() else path
