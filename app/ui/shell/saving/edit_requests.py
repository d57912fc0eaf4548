"""Photos that other programs have handed over, and wait for until they are closed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal

from app.configuration.text import t
from app.session.controller import Controller
from app.session.notice import Notice
from app.session.session import Session
from app.system.association.file_kinds import PROJECT_SUFFIX
from inpaint_core.contract.file_names import is_same_file
from inpaint_core.importing.other_programs import WEIGHTS_SUFFIXES

Finish = Callable[[bool], None]
"""Tells the other program that it need not wait any more; True if it got all of its photos."""


@dataclass(eq=False)
class _Waiting:
    """A request: photos that are being opened, and the open ones; and whether any could not be."""

    finish: Finish
    opening: set[Path]
    open: set[Session] = field(default_factory=set)
    has_failed: bool = False


class EditRequests(QObject):
    """Opens photos for other programs. ``all_finished()``: nobody waits any more."""

    all_finished = Signal()

    def __init__(self, controller: Controller) -> None:
        super().__init__()
        self._controller = controller
        self._waiting: list[_Waiting] = []
        controller.session_opened.connect(self._on_opened)
        controller.session_closed.connect(self._on_closed)
        controller.opening_ended.connect(self._on_not_opened)

    def add(self, paths: Sequence[Path], finish: Finish) -> None:
        """Open the photos, and call ``finish`` when all of them are closed. What is no photo, such
        as a folder, is not opened.
        """
        photos = [path for path in paths if not _is_other(path)]
        request = _Waiting(finish, set(photos), has_failed=len(photos) < len(paths))
        self._waiting.append(request)
        for session in self._controller.sessions:
            self._attach(session)
        self._controller.open(photos)
        self._check(request)

    def _attach(self, session: Session) -> None:
        for request in self._waiting:
            found = {path for path in request.opening if session.shows(path)}
            if found:
                request.opening -= found
                request.open.add(session)
                self._hand_over(session)

    def _hand_over(self, session: Session) -> None:
        if not session.is_handed_over:
            session.is_handed_over = True
            self._controller.update_actions()

    def _on_opened(self, session: Session) -> None:
        self._attach(session)
        if session.is_handed_over and not session.opened_file.notes:
            # Later: a photo that is shown first clears what is said of the one before.
            QTimer.singleShot(0, self, partial(self._explain, session))

    def _explain(self, session: Session) -> None:
        hint = t("export.into.handed_over.hint")
        notice = Notice(t("export.into.handed_over", name=session.name), hint, is_calm=True)
        self._controller.post_session_notice(session, replace(notice, fades=True))

    def _on_closed(self, session: Session) -> None:
        for request in tuple(self._waiting):
            request.open.discard(session)
            self._check(request)

    def _on_not_opened(self, path: Path | None) -> None:
        for request in tuple(self._waiting):
            # It may have been asked for by several names, and was opened by one of them.
            found = {each for each in request.opening if path and is_same_file(each, path)}
            if found:
                request.opening -= found
                request.has_failed = True
                self._check(request)

    def _check(self, request: _Waiting) -> None:
        if request in self._waiting and not request.opening and not request.open:
            self._waiting.remove(request)
            request.finish(not request.has_failed)
            if not self._waiting:
                self.all_finished.emit()


def _is_other(path: Path) -> bool:
    """Whether opening it would not open the photo in it, which then would never be closed."""
    return path.is_dir() or path.suffix.lower() in (PROJECT_SUFFIX, *WEIGHTS_SUFFIXES)
