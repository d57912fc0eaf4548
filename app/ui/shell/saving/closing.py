"""Closing photos: asks about what is not saved, and closes when it is."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtWidgets import QWidget

from app.configuration.text import t
from app.session.controller import Controller
from app.session.session import Session
from app.ui.dialogs import questions
from app.ui.shell.saving import unsaved_dialog
from app.ui.shell.saving.photo_writing import PhotoWriting
from app.ui.shell.saving.saving_rules import find_save_target

SaveProject = Callable[[Session], bool]
"""Saves a project in the background; False if the person cancelled."""
FindProject = Callable[[Session], Path]
"""Where a project is saved without asking."""


class Closing(QObject):
    """Closes photos of the ``window``. ``ready()``: after `ask_close_all`, all that was to be saved
    is on the disk, and it can be asked again. ``save_beside`` saves a project without asking, where
    ``find_project`` says.
    """

    ready = Signal()

    def __init__(
        self,
        window: QWidget,
        controller: Controller,
        writing: PhotoWriting,
        save_project: SaveProject,
        save_beside: SaveProject,
        find_project: FindProject,
    ) -> None:
        super().__init__(window)
        self._window = window
        self._controller = controller
        self._writing = writing
        self._save_project, self._save_beside = save_project, save_beside
        self._find_project = find_project
        self._closes_all = False
        # What was answered about several photos at once: whether to save each, and in what state.
        self._decided: dict[Session, tuple[bool, int]] = {}
        self._goes_on = False

    def close_one(self, session: Session | None) -> None:
        """Close a photo, after asking."""
        self._closes_all = False
        if session is not None:
            self.ask_close(session)

    def ask_close_all(self) -> bool:
        """Close all photos, after asking; False if one stays open for now. Of several unsaved ones
        it is asked once: those to save are closed first, so that nothing is lost if one cannot be.
        """
        goes_on, self._goes_on = self._goes_on, False
        sessions = tuple(self._controller.sessions)
        unsaved = [session for session in sessions if session.document.is_modified]
        if not goes_on:
            self._decided = {}
            if len(unsaved) > 1:
                marked = unsaved_dialog.ask_which_to_save(self._window, self._describe(unsaved))
                if marked is None:
                    return False
                self._decided = {
                    session: (row in marked, session.document.history.state)
                    for row, session in enumerate(unsaved)
                }
        self._closes_all = True
        return all(map(self._close_as_decided, sorted(sessions, key=lambda s: not self._saves(s))))

    def _saves(self, session: Session) -> bool:
        """Whether a photo is to be saved, and is as it was when that was decided."""
        return self._decided.get(session) == (True, session.document.history.state)

    def _close_as_decided(self, session: Session) -> bool:
        """As `ask_close`, without asking about what was decided already."""
        if self._saves(session):
            into_photo = find_save_target(session, self._controller.settings) == "photo"
            save = self._writing.save_photo if into_photo else self._save_beside
            return self._save(session, save)
        if self._decided.get(session) == (False, session.document.history.state):
            self._controller.close(session)
            return True
        return self.ask_close(session)

    def _describe(self, sessions: list[Session]) -> list[str]:
        """Each photo, and where it would be saved."""
        rows = []
        for session in sessions:
            if find_save_target(session, self._controller.settings) == "photo":
                rows.append(t("window.unsaved.as_photo", name=session.name))
                continue
            project = self._find_project(session).name
            rows.append(t("window.unsaved.as_project", name=session.name, project=project))
        return rows

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
                return self._save(session, write if answer == "save" else self._save_project)
        self._controller.close(session)
        return True

    def _save(self, session: Session, save: SaveProject) -> bool:
        """Save a photo that is to be closed then; it stays open for now."""
        session.closes_when_saved = True  # set first, as a failure resets it
        session.closes_when_saved = save(session) and session.closes_when_saved
        self._closes_all = self._closes_all and session.closes_when_saved
        return False  # `on_saved` goes on when the file is there

    def on_saved(self, session: Session) -> None:
        """Close a photo that was saved for that, and go on with the others."""
        if session.closes_when_saved and session in self._controller.sessions:
            self._controller.close(session)
            if self._closes_all:
                # Later, because the job that has just ended is still emitting its signals.
                QTimer.singleShot(0, self._go_on)

    def _go_on(self) -> None:
        self._goes_on = True
        self.ready.emit()
