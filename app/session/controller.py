"""The one that turns what a person wants into edits of documents and jobs of the engine."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from PySide6.QtCore import QObject, Signal

from app.configuration.actions import Need
from app.configuration.settings import Settings
from app.configuration.text import t
from app.session.filling import Filler, Task, failure
from app.session.mask_commands import Masking
from app.session.session import Message, Opened, Session
from app.workers.decoder.bounds import Patience
from app.workers.engine_lane import EngineLane, EngineRow, Ready
from app.workers.jobs import Job, Lane
from inpaint_core.contract.progress import Progress

if TYPE_CHECKING:
    from app.document.change import Change
    from app.workers.decoder.decoder import Decoder


class Read(Protocol):
    """Reads a photo on the files' lane."""

    def __call__(
        self, path: Path, progress: Progress, *, patience: Patience | None = None
    ) -> Opened:
        """Raises `InpaintError` or `Cancelled`."""


#: What the name of a project ends in.
PROJECT = ".lacuna"


class Controller(QObject):
    """Holds the open photos and does everything with them. Belongs to the UI thread.

    ``read`` reads a photo on the lane ``files``, and ``decoder`` what else comes from outside;
    the lane ``engine`` also answers questions.
    ``opened(session)``, ``closed(session)``;
    ``shown(session or None)``: which one is in front now. ``altered()``: what can be done may
    differ. ``project_asked(path)``: a project is to be opened. ``worked(Task or None)``: what is
    going on with the one in front. ``told(Message)``, ``hushed()``: what was told no longer
    matters. ``ready(Ready)``: the engine is loaded.
    """

    opened = Signal(object)
    closed = Signal(object)
    shown = Signal(object)
    altered = Signal()
    project_asked = Signal(object)
    worked = Signal(object)
    told = Signal(object)
    hushed = Signal()
    ready = Signal(object)
    _slow = Signal(object, object, float)

    def __init__(
        self, files: Lane, engine: EngineLane, settings: Settings, read: Read, decoder: Decoder
    ) -> None:
        super().__init__()
        self.settings = settings
        self.filler = Filler(engine, settings)
        self.sessions: list[Session] = []
        self.current: Session | None = None
        self.engines: Ready | None = None
        self.files = files
        self.engine = engine
        self.read = read
        self.decoder = decoder
        self.masking = Masking(self)
        self._reading: dict[Job, Path | None] = {}
        self._task: tuple[Job, Task] | None = None  # what the files' lane is doing
        self._warming = False
        self._slow.connect(self._on_slow)
        self.filler.moved.connect(self._on_moved)
        self.filler.told.connect(self._on_told)

    # -- the engine ----------------------------------------------------------------------------

    def warm_up(self) -> None:
        """Load the engine in the background, once."""
        if not self._warming:
            self._warming = True
            wanted = str(self.settings.get("fill.engine"))
            job = self.engine.warm_up(wanted, str(self.settings.get("fill.device")))
            job.succeeded.connect(self._on_ready)
            job.failed.connect(lambda error: self.told.emit(failure(error, "fill.unready")))

    def _on_ready(self, found: Ready) -> None:
        self.engines = found
        self.filler.engines, self.filler.default = found.engines, found.default
        self.filler.device = self.filler.device or found.device
        self.ready.emit(found)

    @property
    def rows(self) -> tuple[EngineRow, ...]:
        """The engines to choose from, none until the engine is ready."""
        return () if self.engines is None else self.engines.engines

    # -- opening and closing -------------------------------------------------------------------

    def open(self, paths: Sequence[Path]) -> None:
        """Open photos and projects, each in a tab; a photo that is open comes to the front."""
        self.hushed.emit()
        for index, path in enumerate(paths):
            if path.suffix.lower() == PROJECT:
                self.project_asked.emit(path)
                continue
            held = next((s for s in self.sessions if _same(s.document.path, path)), None)
            if held is not None:
                self.show(held)
            elif path not in self._reading.values():
                patience = Patience()
                patience.slow = partial(self._slow.emit, path, patience)
                self._start(path, partial(self.read, path, patience=patience), front=index == 0)

    def add(
        self,
        read: Callable[[Progress], Opened],
        then: Callable[[Session], None] | None = None,
    ) -> None:
        """Open something that is no file: ``read`` makes it on the files' lane. ``then`` is
        called with the session.
        """
        self.hushed.emit()
        self._start(None, read, front=True, then=then)

    def _start(
        self,
        path: Path | None,
        read: Callable[[Progress], Opened],
        front: bool,
        then: Callable[[Session], None] | None = None,
    ) -> None:
        job = self.files.start(read)
        self._reading[job] = path
        name = t("window.untitled") if path is None else path.name
        text = t("window.opening", name=name)
        self.work(job, text)
        job.succeeded.connect(partial(self._on_read, job, front, then))
        job.failed.connect(partial(self._on_unread, job))

    def _on_read(
        self,
        job: Job,
        front: bool,
        then: Callable[[Session], None] | None,
        opened: Opened,
    ) -> None:
        if self._reading.pop(job, job) is job:
            return  # no longer wanted
        from app.document.document import Document

        megabytes = int(self.settings.get("history.megabytes"))
        document = Document(opened.photo, opened.path, megabytes * 2**20)
        session = Session(opened, document)
        session.changed.connect(partial(self._on_change, session))
        self.sessions.append(session)
        self.opened.emit(session)
        if front or self.current is None:
            self.show(session)
        else:
            self.altered.emit()
        if opened.notes:
            first, *rest = map(t.said, opened.notes)
            self._on_told(session, Message(first, " ".join(rest)))
        if then is not None:
            then(session)

    def _on_unread(self, job: Job, error: Exception) -> None:
        if self._reading.pop(job, job) is not job:
            self.told.emit(failure(error, "window.mistake"))

    def _on_slow(self, path: Path, patience: Patience, seconds: float) -> None:
        if path not in self._reading.values():
            return
        choices = ((t("decoder.wait"), patience.wait), (t("decoder.stop"), self.stop))
        hint = t("decoder.long.hint", seconds=round(seconds))
        self.told.emit(Message(t("decoder.long", name=path.name), hint, choices))

    @property
    def reading(self) -> bool:
        """True while a photo is being opened."""
        return bool(self._reading)

    def show(self, session: Session | None) -> None:
        """Bring a photo to the front."""
        self.current = session
        self.hushed.emit()
        self.shown.emit(session)
        self._tell_work()
        self.altered.emit()
        if session is not None and session.message is not None:
            message = session.message
            self._on_told(session, message)

    def step(self, by: int) -> None:
        """Bring the next (1) or the previous (-1) photo to the front."""
        if self.current is not None:
            at = self.sessions.index(self.current)
            self.show(self.sessions[(at + by) % len(self.sessions)])

    def close(self, session: Session) -> None:
        """Close a photo, whatever has not been saved."""
        self.filler.cancel(session)
        at = self.sessions.index(session)
        self.sessions.remove(session)
        session.leave()
        self.closed.emit(session)
        if session is self.current:
            self.show(self.sessions[min(at, len(self.sessions) - 1)] if self.sessions else None)
        else:
            self.altered.emit()

    def stop(self) -> None:
        """What is going on with the photo in front, or else with files, is no longer wanted."""
        if self.current is not None and self.filler.cancel(self.current):
            return
        for job in self._reading:
            job.cancel()
        self._reading.clear()
        if self._task is not None:
            job, _ = self._task
            job.cancel()
            self._on_worked(job)

    # -- what is going on ----------------------------------------------------------------------

    def work(self, job: Job, text: str) -> None:
        """Show a job of the files' lane as what is going on, until it ends."""
        self._task = (job, Task(text))
        job.progressed.connect(partial(self._on_work, job, text))
        for ended in (job.succeeded, job.failed, job.cancelled):
            ended.connect(partial(self._on_worked, job))
        self._tell_work()

    def _on_work(self, job: Job, text: str, fraction: float, detail: str) -> None:
        if self._task is not None and self._task[0] is job:
            self._task = (job, Task(text, fraction))
            self._tell_work()

    def _on_worked(self, job: Job, *_: object) -> None:
        if self._task is not None and self._task[0] is job:
            self._task = None
            self._tell_work()

    def _tell_work(self) -> None:
        filling = None if self.current is None else self.current.filling
        if filling is not None:
            self.worked.emit(filling.task)
        else:
            self.worked.emit(None if self._task is None else self._task[1])

    @property
    def busy(self) -> bool:
        """True while anything is being filled or opened: tests and scripts wait for it to end."""
        filling = any(session.filling is not None for session in self.sessions)
        return filling or self.reading or self._task is not None

    def _on_moved(self, session: Session) -> None:
        if session is self.current:
            self._tell_work()
            self.altered.emit()

    def _on_told(self, session: Session, message: Message) -> None:
        # What nobody sees now, or what waits for an answer, is told when the photo is in front.
        session.message = message if message.choices or session is not self.current else None
        if session is self.current:
            self.told.emit(message)

    def _on_change(self, session: Session, change: Change) -> None:
        if change.layer == "history":
            self.filler.settle(session)
            self.altered.emit()

    @property
    def needs(self) -> frozenset[Need]:
        """What there is now, of what actions may need."""
        session = self.current
        if session is None:
            return frozenset()
        history, idle = session.document.history, not session.document.editing
        there: dict[Need, bool] = {
            "photo": True,
            "mask": session.painted,
            "undo": history.can_undo and idle,
            "redo": history.can_redo and idle,
            "filling": session.filling is not None,
            "filled": session.variations is not None and session.filling is None,
            "several": len(self.sessions) > 1,
        }
        return frozenset(need for need, found in there.items() if found)

    def dismissed(self) -> None:
        """What was told needs no answer any more."""
        if self.current is not None:
            self.current.message = None

    # -- what is done with the photo in front --------------------------------------------------

    def run_fill(self) -> None:
        """Fill what is painted."""
        if self.current is not None:
            self.hushed.emit()
            self.filler.run(self.current)

    def cancel(self) -> None:
        """Stop the fill that is running."""
        if self.current is not None:
            self.filler.cancel(self.current)

    def variations(self, count: int | None = None) -> None:
        """Fill the place of the last fill in other ways, as often as the settings say."""
        if self.current is not None:
            found = int(self.settings.get("fill.variations")) if count is None else count
            self.filler.vary(self.current, found)

    def choose(self, index: int) -> None:
        """Put a variation into the photo."""
        if self.current is not None:
            self.filler.choose(self.current, index)

    def stroke_finished(self) -> None:
        """Something was painted: fill it at once where the settings say so."""
        if self.settings.get("fill.after_stroke"):
            self.run_fill()

    def undo(self) -> None:
        """Take the last edit back."""
        self._go(lambda session: session.document.undo())

    def redo(self) -> None:
        """Do the edit that was undone last again."""
        self._go(lambda session: session.document.redo())

    def go(self, position: int) -> None:
        """Go to any place of the history."""
        self._go(lambda session: session.document.go(position))

    def _go(self, move: Callable[[Session], None]) -> None:
        from inpaint_core.contract.errors import InpaintError

        session = self.current
        if session is None or session.document.editing:
            return
        if session.message is None:
            self.hushed.emit()
        try:
            move(session)
        except InpaintError as error:
            self.told.emit(Message.of(error))


def _same(one: Path | None, other: Path) -> bool:
    try:
        return one is not None and one.samefile(other)
    except OSError:
        return False
