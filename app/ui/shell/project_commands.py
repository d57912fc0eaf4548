"""The project actions: save, save as, replay, and locate a missing photo."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from app.configuration.text import t
from app.session.controller import Controller
from app.session.export import find_free_path
from app.session.projects import Projects
from app.session.session import Session
from app.system.association.file_kinds import PROJECT_SUFFIX
from app.ui.canvas.canvas import Canvas
from app.ui.dialogs import questions


class ProjectCommands(QObject):
    """Handles the project actions."""

    def __init__(self, window: QWidget, controller: Controller, canvas: Canvas) -> None:
        super().__init__(window)
        self._window = window
        self._controller = controller
        self._canvas = canvas
        self.projects = Projects(controller)
        self.projects.photo_missing.connect(self._locate_photo)

    @property
    def by_action(self) -> dict[str, Callable[[], object]]:
        """The handlers by action id."""
        return {
            "file.save_project": self.save,
            "file.save_as": self.save_as,
            "fill.replay": self.replay,
        }

    def save(self, session: Session | None = None) -> bool:
        """Save the project where it was saved before, else ask; False if the user cancelled."""
        saved = self._controller.current if session is None else session
        if saved is None or saved.project_path is None:
            return self.save_as(saved)
        self._canvas.finish()
        self.projects.save(saved, saved.project_path)
        return True

    def save_beside(self, session: Session) -> bool:
        """Save the project where it was saved before, else beside the photo, under a free name;
        always True.
        """
        self._canvas.finish()
        self.projects.save(session, self.find_place(session))
        return True

    def find_place(self, session: Session) -> Path:
        """Where `save_beside` saves the project."""
        return session.project_path or find_free_path(_proposed_path(session))

    def save_as(self, session: Session | None = None) -> bool:
        """Ask where to save the project, and save it; False if the user cancelled."""
        saved = self._controller.current if session is None else session
        if saved is None:
            return False
        path = questions.ask_project_to_save(self._window, _proposed_path(saved))
        if path is None:
            return False
        self._canvas.finish()
        self.projects.save(saved, path)
        return True

    def replay(self) -> None:
        """Ask for a project, and replay its fills on the current photo."""
        session = self._controller.current
        if session is not None:
            path = questions.ask_project_to_replay(self._window, session.document.path)
            if path is not None:
                self._canvas.finish()
                self.projects.replay(session, path)

    def _locate_photo(self, project: Path, name: str) -> None:
        photo = questions.ask_photo_of_project(self._window, project, name)
        if photo is not None:
            self.projects.open(project, photo)


def _proposed_path(session: Session) -> Path:
    """Where the project is, else beside the photo with the same name."""
    photo = session.document.path
    if session.project_path is not None:
        return session.project_path
    if photo is None:
        return Path.home() / f"{t('window.untitled')}{PROJECT_SUFFIX}"
    return photo.with_name(photo.stem + PROJECT_SUFFIX)
