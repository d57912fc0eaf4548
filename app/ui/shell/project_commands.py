"""What the actions for projects do: ask where, save, find the photo again, make it again."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from app.configuration.text import t
from app.session.controller import PROJECT, Controller
from app.session.projects import Projects
from app.session.session import Session
from app.ui.canvas.canvas import Canvas
from app.ui.dialogs import questions as asking
from app.workers.jobs import Lane


class Keeping(QObject):
    """``saved(session)``: the project of a photo is on the disk."""

    saved = Signal(object)

    def __init__(
        self, window: QWidget, controller: Controller, canvas: Canvas, files: Lane
    ) -> None:
        super().__init__(window)
        self._window = window
        self._controller = controller
        self._canvas = canvas
        self.projects = Projects(controller, files)
        self.projects.saved.connect(self.saved)
        self.projects.sought.connect(self._seek)

    @property
    def handlers(self) -> dict[str, Callable[[], object]]:
        """By action."""
        return {"file.save": self.save, "file.save_as": self.save_as, "fill.replay": self.replay}

    def save(self, session: Session | None = None) -> bool:
        """Save the project where it was saved before; False when the person had to be asked and
        thought better of it.
        """
        found = self._controller.current if session is None else session
        if found is None or found.project is None:
            return self.save_as(found)
        self._canvas.finish()
        self.projects.save(found, found.project)
        return True

    def save_as(self, session: Session | None = None) -> bool:
        """Ask where to, and save the project there."""
        found = self._controller.current if session is None else session
        if found is None:
            return False
        path = asking.project_to_save(self._window, _proposed(found))
        if path is None:
            return False
        self._canvas.finish()
        self.projects.save(found, path)
        return True

    def replay(self) -> None:
        """Ask for a project, and make its fills again on the photo in front."""
        session = self._controller.current
        if session is not None:
            path = asking.project_to_replay(self._window, session.document.path)
            if path is not None:
                self._canvas.finish()
                self.projects.replay(session, path)

    def _seek(self, project: Path, name: str) -> None:
        photo = asking.photo_of_project(self._window, project, name)
        if photo is not None:
            self.projects.open(project, photo)


def _proposed(session: Session) -> Path:
    """Beside the photo, with its name."""
    photo = session.document.path
    if session.project is not None:
        return session.project
    if photo is None:
        return Path.home() / f"{t('window.untitled')}{PROJECT}"
    return photo.with_name(photo.stem + PROJECT)
