"""Projects of open photos: saved, opened again, made again on other photos."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from app.configuration.text import t
from app.session.controller import Controller
from app.session.filling import failure
from app.session.journal import stat_of
from app.session.session import Message, Opened, Session
from app.workers.decoder import decoding_work as work
from app.workers.decoder.bounds import Bounds
from app.workers.jobs import Lane
from inpaint_core.contract.errors import InpaintError
from inpaint_core.contract.progress import Progress

if TYPE_CHECKING:
    from app.document.history_snapshot import Past
    from inpaint_core.photo.photo import Photo
    from inpaint_core.project.model import Edit, Project, Recipe
    from inpaint_core.project.photo_location import Found

_AT_ONCE = 256 << 20  # bytes of stored results that are decoded before they are shown
_PICTURE, _PICTURE_PER_MP = 5.0, 0.5  # seconds that decoding one of its pictures may take
_OWN_NAMES = ("history.", "recovery.", "project.")


@dataclass(frozen=True, eq=False)
class _Order:
    """A document to be written to ``path``, frozen. ``photo`` None: it was never a file.

    ``stat``: size and time of the photo's file when it was read, ``digest`` its SHA-256 if known.
    """

    path: Path
    past: Past
    photo: Path | None
    picture: Photo
    stat: tuple[int, int] | None
    digest: str | None


@dataclass(frozen=True)
class _Saved:
    photo: Path
    stat: tuple[int, int] | None
    digest: str | None


class Projects(QObject):
    """Does everything with projects; files are read and written on ``files``.

    ``saved(session)``: its project is on the disk.
    ``kept(path)``: there is a project at this place. ``sought(path, name)``: the photo called
    ``name`` of the project at ``path`` was not found, and the person wants to say where it is.
    """

    saved = Signal(object)
    kept = Signal(object)
    sought = Signal(object, str)

    def __init__(self, controller: Controller, files: Lane) -> None:
        super().__init__()
        self._controller = controller
        self._files = files
        controller.project_asked.connect(self.open)

    # -- opening -------------------------------------------------------------------------------

    def open(self, path: Path, photo: Path | None = None) -> None:
        """Open a project with its photo, which lies at ``photo`` where the person said so."""
        held = next((s for s in self._controller.sessions if s.project == path.absolute()), None)
        if held is not None:
            self._controller.show(held)
            return

        def look(progress: Progress) -> tuple[Project, Found | None]:
            from inpaint_core.project.photo_location import compared, find
            from inpaint_core.project.read_project import read

            project = read(path, self._decode)
            found = find(project.original, path) if photo is None else None
            return project, found if photo is None else compared(project.original, photo)

        job = self._files.start(look)
        self._controller.work(job, t("window.opening", name=path.name))
        job.succeeded.connect(self._on_looked)
        job.failed.connect(self._on_failed)

    def _on_looked(self, looked: tuple[Project, Found | None]) -> None:
        project, found = looked
        if found is None:
            name = project.original.name
            find = (t("project.find"), partial(self.sought.emit, project.path, name))
            hint = t("project.missing.hint")
            self._tell(Message(t("project.missing", name=name), hint, (find,)))
            project.close()
            return

        def read(progress: Progress) -> Opened:
            opened = self._controller.read(found.path, progress)
            if found.same:
                project.decode(_AT_ONCE, progress)  # here, where nobody waits for it
            return opened

        self._controller.add(read, partial(self._on_opened, project, found))

    def _on_opened(self, project: Project, found: Found, session: Session) -> None:
        original, photo = project.original, session.document.photo
        fits = (original.shape, original.bits) == (photo.shape, photo.bits)
        if found.same and fits:
            self._show_stored(session, project)
            session.digest = original.sha256
            session.document.saved()
            return
        name = found.path.name
        if original.shape != photo.shape:
            self._tell(Message(t("project.other_size", name=name), t("project.other_size.hint")))
            project.close()
            return
        choices = [(t("project.again"), partial(self._replay, session, project))]
        if fits:
            choices.append((t("project.stored"), partial(self._show_stored, session, project)))
        message = Message(
            t("project.changed", name=name), t("project.changed.hint"), tuple(choices)
        )
        self._controller.filler.told.emit(session, message)

    def _show_stored(self, session: Session, project: Project) -> None:
        from app.document.history_snapshot import restore

        if session.document.editing:
            return  # a stroke is under way; the question stays
        session.message = None
        try:
            with project:
                restore(session.document, tuple(map(_named, project.edits)), project.position)
        except InpaintError as error:
            self._controller.close(session)
            self._tell(Message.of(error))
            return
        session.project = project.path.absolute()
        self.kept.emit(session.project)
        self._controller.altered.emit()

    # -- saving --------------------------------------------------------------------------------

    def save(self, session: Session, path: Path) -> None:
        """Write the project of a photo; what is at ``path`` is replaced."""
        from app.document.history_snapshot import Past

        document = session.document
        order = _Order(
            path.absolute(),
            Past.of(document),
            document.path,
            document.photo,
            session.stat,
            session.digest,
        )
        state = document.history.state
        job = self._files.start(partial(_write, order))
        self._controller.work(job, t("window.saving", name=path.name))
        job.succeeded.connect(partial(self._on_saved, session, order, state))
        job.failed.connect(partial(self._on_unsaved, session))
        job.cancelled.connect(partial(self._on_unsaved, session, None))

    def _on_saved(self, session: Session, order: _Order, state: int, saved: _Saved) -> None:
        document = session.document
        pasted = document.path is None
        document.path = saved.photo
        session.project, session.stat, session.digest = order.path, saved.stat, saved.digest
        if document.history.state == state and not document.editing:
            document.saved()
        self._controller.altered.emit()
        hint = t("project.saved.photo", name=saved.photo.name) if pasted else ""
        self._tell(Message(t("project.saved", name=order.path.name), hint, calm=True))
        self.kept.emit(order.path)
        self.saved.emit(session)

    def _on_unsaved(self, session: Session, error: Exception | None) -> None:
        session.closes = False
        if error is not None:
            self._on_failed(error)

    # -- again on another photo ----------------------------------------------------------------

    def replay(self, session: Session, path: Path) -> None:
        """Make the fills of the project at ``path`` again on an open photo of the same size."""

        def look(progress: Progress) -> Project:
            from inpaint_core.project.read_project import read

            return read(path, self._decode)

        job = self._files.start(look)
        self._controller.work(job, t("window.opening", name=path.name))
        job.succeeded.connect(partial(self._replay, session))
        job.failed.connect(self._on_failed)

    def _replay(self, session: Session, project: Project) -> None:
        session.message = None
        try:
            with project:
                recipes: tuple[Recipe, ...] = tuple(made.kept() for made in project.recipes())
        except InpaintError as error:
            self._tell(Message.of(error))
            return
        if session not in self._controller.sessions:
            return
        name = project.path.name
        if project.original.shape != session.document.shape:
            name = session.name
            self._tell(Message(t("project.other_size", name=name), t("project.other_size.hint")))
        elif not recipes:
            self._tell(Message(t("project.nothing", name=name), t("project.nothing.hint")))
        elif self._controller.filler.replay(session, recipes):
            self._controller.hushed.emit()
        else:
            self._tell(Message(t("project.busy"), t("project.busy.hint"), calm=True))

    def _decode(self, data: bytes, name: str, pixels: int) -> Photo:
        """A picture of a project, which may come from anywhere."""
        return self._controller.decoder.run(
            work.picture,
            data,
            name,
            pixels,
            path=Path(name),
            bounds=Bounds.short(_PICTURE + _PICTURE_PER_MP * pixels / 1e6),
        )

    def _on_failed(self, error: Exception) -> None:
        self._tell(failure(error, "window.mistake"))

    def _tell(self, message: Message) -> None:
        self._controller.told.emit(message)


def _named(edit: Edit) -> Edit:
    """The edit with a name that this version of the editor can show."""
    if edit.name.startswith(_OWN_NAMES):
        try:
            if "{" not in t(edit.name, **edit.values):
                return edit
        except (KeyError, ValueError, IndexError):
            pass  # of another version, or written by hand
    return replace(edit, name="project.edit", values={})


def _write(order: _Order, progress: Progress) -> _Saved:
    """On the lane's thread."""
    from inpaint_core.project.photo_location import original_of, sha256
    from inpaint_core.project.write_project import write

    photo, stat, digest = order.photo, order.stat, order.digest
    if photo is None:
        photo = _beside(order)
        stat, digest = stat_of(photo), None
    if stat is not None and stat_of(photo) == stat:
        digest = digest or sha256(photo)
    else:
        digest = None  # the file is no longer what was opened
    size = 0 if stat is None else stat[0]
    bits = order.picture.bits
    original = original_of(photo, order.path, order.past.shape, bits, size, digest)
    write(
        order.path,
        original,
        order.past.edits(),
        order.past.position,
        overwrite=True,
        progress=progress,
    )
    return _Saved(photo, stat, digest)


def _beside(order: _Order) -> Path:
    """Write a pasted picture, which a project cannot point to, next to it."""
    from app.session.export import free
    from inpaint_core.photo.write_photo import write_photo

    path = free(order.path.with_suffix(".tif"))
    write_photo(path, order.picture)
    return path
