"""Saves, opens and replays projects."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from app.configuration.text import t
from app.document.retouching.copy_source import source_of
from app.session.controller import Controller
from app.session.newer_file import ask_about_newer_file
from app.session.notice import Notice
from app.session.recovery.journal_file import read_stat
from app.session.session import OpenedFile, Session
from app.workers.decoder import decoding_work as work
from app.workers.decoder.limits import DecodeLimits
from inpaint_core.contract.errors import FileChanged, InpaintError
from inpaint_core.contract.progress import Progress
from inpaint_core.photo.file_version import FileVersion

if TYPE_CHECKING:
    from app.document.history_snapshot import HistorySnapshot
    from inpaint_core.photo.photo import Photo
    from inpaint_core.project.model import CopyPoints, Edit, Project, Recipe
    from inpaint_core.project.photo_location import FoundPhoto

_DECODED_AHEAD = 256 << 20  # bytes of stored results that are decoded on the files lane
_PICTURE_SECONDS, _PICTURE_SECONDS_PER_MP = 5.0, 0.5  # limits for decoding a stored picture
_KNOWN_TITLES = ("history.", "recovery.", "project.")


@dataclass(frozen=True, eq=False)
class _SaveOrder:
    """A frozen document and the project's ``path``.

    ``seen`` is the version of the project's file that may be replaced, None any. ``photo_path`` is
    None for a photo that was never a file; ``stat`` is size and time of its file
    as it was read, ``digest`` its SHA-256 if known.
    """

    path: Path
    snapshot: HistorySnapshot
    photo_path: Path | None
    photo: Photo
    stat: tuple[int, int] | None
    digest: str | None
    seen: FileVersion | None
    copy_points: CopyPoints | None


@dataclass(frozen=True)
class _Saved:
    photo_path: Path
    stat: tuple[int, int] | None
    digest: str | None
    version: FileVersion


class Projects(QObject):
    """Reads and writes projects on the controller's files lane.

    ``project_saved(session)``: its project is on the disk. ``project_located(path)``: a project
    was saved to or opened from ``path``. ``photo_missing(path, name)``: the photo ``name`` of the
    project at ``path`` was not found, and the person wants to locate it.
    """

    project_saved = Signal(object)
    project_located = Signal(object)
    photo_missing = Signal(object, str)

    def __init__(self, controller: Controller) -> None:
        super().__init__()
        self._controller = controller
        controller.project_requested.connect(self.open)

    # -- opening -------------------------------------------------------------------------------

    def open(
        self,
        path: Path,
        photo: Path | None = None,
        then: Callable[[Session], object] | None = None,
    ) -> None:
        """Open a project with its photo, located by the person at ``photo`` or found. ``then`` is
        called once what it stores is shown, or without that where the photo has changed.
        """
        held = next(
            (s for s in self._controller.sessions if s.project_path == path.absolute()), None
        )
        if held is not None:
            self._controller.show(held)
            if then is not None:
                then(held)
            return

        def read_project(progress: Progress) -> tuple[Project, FoundPhoto | None]:
            from inpaint_core.project.photo_location import compare_photo, find_photo
            from inpaint_core.project.read_project import read_project

            project = read_project(path, self._decode)
            found = find_photo(project.original, path) if photo is None else None
            return project, found if photo is None else compare_photo(project.original, photo)

        text = t("window.opening", name=path.name)
        read, failed = partial(self._on_project_read, then), partial(self._on_not_read, path)
        job = self._controller.start_task(read_project, text, read, failed)
        job.cancelled.connect(partial(self._controller.opening_ended.emit, path, False))

    def _on_not_read(self, path: Path, error: Exception) -> None:
        self._controller.post_failure(error)
        self._controller.opening_ended.emit(path, True)

    def _on_project_read(
        self,
        then: Callable[[Session], object] | None,
        project_and_photo: tuple[Project, FoundPhoto | None],
    ) -> None:
        project, found = project_and_photo
        if found is None:
            name = project.original.name
            find = (t("project.find"), partial(self.photo_missing.emit, project.path, name))
            hint = t("project.missing.hint")
            self._controller.post_notice(Notice(t("project.missing", name=name), hint, (find,)))
            project.close()
            self._controller.opening_ended.emit(project.path, True)
            return

        def read(progress: Progress) -> OpenedFile:
            opened = self._controller.read_photo(found.path, progress)
            if found.same:
                project.decode(_DECODED_AHEAD, progress)  # here, not on the UI thread
            return opened

        self._controller.open_with(read, partial(self._on_opened, project, found, then))

    def _on_opened(
        self,
        project: Project,
        found: FoundPhoto,
        then: Callable[[Session], object] | None,
        session: Session,
    ) -> None:
        original, photo = project.original, session.document.photo
        fits = (original.shape, original.bits) == (photo.shape, photo.bits)
        if found.same and fits:
            self._show_stored(session, project)
            session.file_hash = original.sha256
            session.document.mark_saved()
            if then is not None and session in self._controller.sessions:
                then(session)
            return
        if then is not None and fits:  # what is to be added stands without the stored steps, too
            project.close()
            then(session)
            return
        name = found.path.name
        if original.shape != photo.shape:
            self._controller.post_notice(
                Notice(t("project.other_size", name=name), t("project.other_size.hint"))
            )
            project.close()
            return
        choices = [(t("project.again"), partial(self._replay, session, project))]
        if fits:
            choices.append((t("project.stored"), partial(self._show_stored, session, project)))
        message = Notice(t("project.changed", name=name), t("project.changed.hint"), tuple(choices))
        self._controller.post_session_notice(session, message)

    def _show_stored(self, session: Session, project: Project) -> None:
        from app.document.history_snapshot import restore_edits

        if session.document.is_editing:
            return  # during a stroke; the question stays
        session.notice = None
        try:
            with project:
                restore_edits(
                    session.document, tuple(map(_with_known_title, project.edits)), project.position
                )
        except InpaintError as error:
            self._controller.close(session)
            self._controller.post_notice(Notice.from_error(error))
            return
        source_of(session.document).restore(project.copy_points)
        session.project_path = project.path.absolute()
        session.project_version = project.version
        session.project_state = session.document.history.state
        self.project_located.emit(session.project_path)
        self._controller.update_actions()

    # -- saving --------------------------------------------------------------------------------

    def save(self, session: Session, path: Path, seen: FileVersion | None = None) -> None:
        """Write the project of a photo to ``path`` and replace a file that exists.

        ``seen`` is the version that may be replaced; None is the one that the photo was opened from
        or last saved to, and of another file the one that is there now.
        """
        from app.document.history_snapshot import HistorySnapshot

        if seen is None and path.absolute() == session.project_path:
            seen = session.project_version
        seen = FileVersion.at(path) if seen is None else seen
        document = session.document
        order = _SaveOrder(
            path.absolute(),
            HistorySnapshot.of(document),
            document.path,
            document.photo,
            session.file_stat,
            session.file_hash,
            seen,
            source_of(document).points,
        )
        state = document.history.state
        job = self._controller.start_task(
            partial(_write, order),
            t("window.saving", name=path.name),
            partial(self._on_saved, session, order, state),
            partial(self._on_not_saved, session, order),
        )
        job.cancelled.connect(partial(self._on_not_saved, session, order, None))

    def _on_saved(self, session: Session, order: _SaveOrder, state: int, saved: _Saved) -> None:
        document = session.document
        was_pasted = document.path is None
        document.path = saved.photo_path
        session.project_path, session.project_version = order.path, saved.version
        session.file_stat, session.file_hash = saved.stat, saved.digest
        session.project_state = state
        if document.history.state == state and not document.is_editing:
            document.mark_saved()
        else:  # what was done meanwhile is nowhere yet
            session.closes_when_saved = False
        self._controller.update_actions()
        hint = t("project.saved.photo", name=saved.photo_path.name) if was_pasted else ""
        self._controller.post_notice(
            Notice(t("project.saved", name=order.path.name), hint, is_calm=True, fades=True)
        )
        self.project_located.emit(order.path)
        self.project_saved.emit(session)

    def _on_not_saved(self, session: Session, order: _SaveOrder, error: Exception | None) -> None:
        from app.session.export import find_free_path

        session.closes_when_saved = False
        if isinstance(error, FileChanged):
            path, other = order.path, find_free_path(order.path)
            ask_about_newer_file(
                self._controller,
                session,
                error,
                lambda: self.save(session, path, FileVersion.at(path)),
                (other, lambda: self.save(session, other)),
            )
        elif error is not None:
            self._controller.post_failure(error)

    # -- replaying -----------------------------------------------------------------------------

    def replay(self, session: Session, path: Path) -> None:
        """Repeat the fills of the project at ``path`` on an open photo of the same size."""

        def read_project(progress: Progress) -> Project:
            from inpaint_core.project.read_project import read_project

            return read_project(path, self._decode)

        text = t("window.opening", name=path.name)
        self._controller.start_task(read_project, text, partial(self._replay, session))

    def _replay(self, session: Session, project: Project) -> None:
        session.notice = None
        try:
            with project:
                recipes: tuple[Recipe, ...] = tuple(made.kept() for made in project.recipes())
        except InpaintError as error:
            self._controller.post_notice(Notice.from_error(error))
            return
        if session not in self._controller.sessions:
            return
        name = project.path.name
        if project.original.shape != session.document.shape:
            name = session.name
            self._controller.post_notice(
                Notice(t("project.other_size", name=name), t("project.other_size.hint"))
            )
        elif not recipes:
            self._controller.post_notice(
                Notice(t("project.nothing", name=name), t("project.nothing.hint"))
            )
        elif self._controller.filler.replay(session, recipes):
            self._controller.clear_notice()
        else:
            self._controller.post_notice(
                Notice(t("project.busy"), t("project.busy.hint"), is_calm=True)
            )

    def _decode(self, data: bytes, name: str, pixels: int) -> Photo:
        """A picture stored in a project, decoded in the child process as it may be malicious."""
        return self._controller.decoder.run(
            work.decode_picture,
            data,
            name,
            pixels,
            path=Path(name),
            limits=DecodeLimits.for_seconds(
                _PICTURE_SECONDS + _PICTURE_SECONDS_PER_MP * pixels / 1e6
            ),
        )


def _with_known_title(edit: Edit) -> Edit:
    """The edit with a title that this version of the editor can show."""
    if edit.name.startswith(_KNOWN_TITLES):
        try:
            if "{" not in t(edit.name, **edit.values):
                return edit
        except (KeyError, ValueError, IndexError):
            pass  # from another version, or written by hand
    return replace(edit, name="project.edit", values={})


def _write(order: _SaveOrder, progress: Progress) -> _Saved:
    """Write a project; runs on the files lane."""
    from inpaint_core.project.photo_location import describe_original, sha256
    from inpaint_core.project.write_project import write_project

    photo_path, stat, digest = order.photo_path, order.stat, order.digest
    if photo_path is None:
        photo_path = _write_pasted_photo(order)
        stat, digest = read_stat(photo_path), None
    if stat is not None and read_stat(photo_path) == stat:
        digest = digest or sha256(photo_path)
    else:
        digest = None  # the file has changed since it was opened
    size = 0 if stat is None else stat[0]
    snapshot, bits = order.snapshot, order.photo.bits
    original = describe_original(photo_path, order.path, snapshot.shape, bits, size, digest)
    write_project(
        order.path,
        original,
        snapshot.edits(),
        snapshot.position,
        copy_points=order.copy_points,
        overwrite=True,
        seen=order.seen,
        progress=progress,
    )
    return _Saved(photo_path, stat, digest, FileVersion.at(order.path))


def _write_pasted_photo(order: _SaveOrder) -> Path:
    """Write a pasted picture next to the project, which needs a file to refer to."""
    from app.session.export import find_free_path
    from inpaint_core.photo.write_photo import write_photo

    path = find_free_path(order.path.with_suffix(".tif"))
    write_photo(path, order.photo)
    return path
