"""Closing photos: asks about what is not saved, and closes when it is."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtWidgets import QWidget

from app.session.controller import Controller
from app.session.session import Session
from app.ui.dialogs import questions
from app.ui.shell.saving.photo_writing import PhotoWriting
from app.ui.shell.saving.saving_rules import find_save_target

SaveProject = Callable[[Session], bool]
"""Saves a project in the background; False if the person cancelled."""


class Closing(QObject):
    """Closes photos of the ``window``. ``ready()``: after `ask_close_all`, all that was to be saved
    is on the disk, and it can be asked again.
    """

    ready = Signal()

    def __init__(
        self,
        window: QWidget,
        controller: Controller,
        writing: PhotoWriting,
        save_project: SaveProject,
    ) -> None:
        super().__init__(window)
        self._window = window
        self._controller = controller
        self._writing = writing
        self._save_project = save_project
        self._closes_all = False

    def close_one(self, session: Session | None) -> None:
        """Close a photo, after asking."""
        self._closes_all = False
        if session is not None:
            self.ask_close(session)

    def ask_close_all(self) -> bool:
        """Close all photos, after asking; False if one stays open for now."""
        self._closes_all = True
        return all(map(self.ask_close, tuple(self._controller.sessions)))

    def ask_close(self, session: Session) -> bool:
        """Close a photo, after asking if it was changed; False if it stays open for now."""
        if session.document.is_modified:
            self._controller.show(session)
            into_photo = find_save_target(session, self._controller.settings) == "photo"
            has_project = session.project_path is not None
            answer = questions.ask_unsaved(self._window, session.name, has_project, into_photo)
            if answer == "cancel":
                self._closes_all = False
                return False
            if answer in ("save", "project"):
                write = self._writing.save_photo if into_photo else self._writing.export
                save = write if answer == "save" else self._save_project
                session.closes_when_saved = True  # set first, as a failure resets it
                session.closes_when_saved = save(session) and session.closes_when_saved
                self._closes_all = self._closes_all and session.closes_when_saved
                return False  # `on_saved` goes on when the file is there
        self._controller.close(session)
        return True

    def on_saved(self, session: Session) -> None:
        """Close a photo that was saved for that, and go on with the others."""
        if session.closes_when_saved and session in self._controller.sessions:
            self._controller.close(session)
            if self._closes_all:
                # Later, because the job that has just ended is still emitting its signals.
                QTimer.singleShot(0, self.ready.emit)
