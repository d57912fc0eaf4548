"""The controller: opens and closes photos and runs the editor's actions on the current one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from PySide6.QtCore import QObject, Signal

from app.configuration.actions import Need
from app.configuration.settings import Settings
from app.configuration.text import t
from app.session.engine_list import EngineList
from app.session.filler import Filler
from app.session.notice import Notice, describe_failure
from app.session.raw_decoder import describe_reading_failure, install_raw_decoder
from app.session.session import OpenedFile, Session, TaskProgress
from app.system.association.file_kinds import PROJECT_SUFFIX
from app.workers.decoder.limits import ExtendableTimeout
from app.workers.engine_lane import EngineLane
from app.workers.jobs import Job, Lane
from inpaint_core.contract.file_names import is_same_file
from inpaint_core.contract.progress import Progress
from inpaint_core.importing.other_programs import WEIGHTS_SUFFIXES

if TYPE_CHECKING:
    from app.document.layer_tiles import LayerChange
    from app.workers.decoder.decoder_pool import DecoderPool


class ReadPhoto(Protocol):
    """Reads a photo; runs on the files lane."""

    def __call__(
        self, path: Path, progress: Progress, *, timeout: ExtendableTimeout | None = None
    ) -> OpenedFile:
        """Raises `InpaintError` or `Cancelled`."""


class Controller(QObject):
    """Holds the open photos and acts on the current one. Belongs to the UI thread.

    ``read_photo`` reads photos on the files lane, ``decoder`` any other untrusted file.
    Signals: ``session_opened(session)``, ``session_closed(session)``, ``opening_ended(path or None,
    has_failed)``: a photo or a project (its photo: None) could not be read, or was stopped,
    ``current_changed(session or None)``, ``actions_changed()``, ``project_requested(path)`` and
    ``folder_requested(path)``: one is to be opened, ``weights_offered(paths)``: to be imported,
    ``task_changed(TaskProgress or None)``, ``notice_posted(Notice)``, ``notice_cleared()``.
    """

    session_opened = Signal(object)
    session_closed = Signal(object)
    opening_ended = Signal(object, bool)
    current_changed = Signal(object)
    actions_changed = Signal()
    project_requested = Signal(object)
    folder_requested = Signal(object)
    weights_offered = Signal(object)
    task_changed = Signal(object)
    notice_posted = Signal(object)
    notice_cleared = Signal()
    _reading_slow = Signal(object, object, float)

    def __init__(
        self,
        files_lane: Lane,
        engine_lane: EngineLane,
        settings: Settings,
        read_photo: ReadPhoto,
        decoder: DecoderPool,
    ) -> None:
        super().__init__()
        self.settings = settings
        self.engines = EngineList(engine_lane, settings)
        self.filler = Filler(engine_lane, settings, self.engines)
        self.sessions: list[Session] = []
        self.current: Session | None = None
        self.files_lane = files_lane
        self.read_photo = read_photo
        self.decoder = decoder
        self._reading: dict[Job, Path | None] = {}
        self._task: tuple[Job, TaskProgress] | None = None  # of the files lane
        self._was_filling = False  # the current photo, when that was last announced
        self._reading_slow.connect(self._on_slow_reading)
        self.filler.fill_progressed.connect(self._on_fill_progress)
        settings.changed.connect(self._on_setting)
        self.filler.notice_posted.connect(self.post_session_notice)
        self.engines.notice_posted.connect(self.post_notice)
        for signal in (self.engines.ready, self.engines.listed):
            signal.connect(lambda _: self.update_actions())

    def _on_setting(self, setting: str, value: object) -> None:
        if setting == "fill.engine":
            self.update_actions()  # some need an engine of a kind

    # -- opening and closing -------------------------------------------------------------------

    def open(self, paths: Sequence[Path]) -> None:
        """Open photos and projects in tabs, and the first photo of a folder; show a photo that is
        open already. Weights files are offered for import.
        """
        self.clear_notice()
        weights = [path for path in paths if path.suffix.lower() in WEIGHTS_SUFFIXES]
        if weights:
            self.weights_offered.emit(weights)
            paths = [path for path in paths if path not in weights]
        for index, path in enumerate(paths):
            held = next((s for s in self.sessions if s.shows(path)), None)
            if path.suffix.lower() == PROJECT_SUFFIX:
                self.project_requested.emit(path)
            elif path.is_dir():
                self.folder_requested.emit(path)
            elif held is not None:
                self.show(held)
            elif not any(other and is_same_file(path, other) for other in self._reading.values()):
                timeout = ExtendableTimeout()
                timeout.on_slow = partial(self._reading_slow.emit, path, timeout)
                self._start(path, partial(self.read_photo, path, timeout=timeout), front=index == 0)

    def open_with(
        self, read: Callable[[Progress], OpenedFile], then: Callable[[Session], None] | None = None
    ) -> None:
        """Open what ``read`` returns on the files lane, then call ``then`` with the session."""
        self.clear_notice()
        self._start(None, read, front=True, then=then)

    def _start(
        self,
        path: Path | None,
        read: Callable[[Progress], OpenedFile],
        front: bool,
        then: Callable[[Session], None] | None = None,
    ) -> None:
        job = self.files_lane.start(read)
        self._reading[job] = path
        self.show_task(job, t("window.opening", name=path.name if path else t("window.untitled")))
        job.succeeded.connect(partial(self._on_read, job, front, then))
        job.failed.connect(partial(self._on_read_failed, job))

    def _on_read(
        self, job: Job, front: bool, then: Callable[[Session], None] | None, opened: OpenedFile
    ) -> None:
        if self._reading.pop(job, job) is job:
            return  # stopped
        from app.document.document import Document

        megabytes = int(self.settings.get("history.megabytes"))
        document = Document(opened.photo, opened.path, megabytes * 2**20)
        session = Session(opened, document)
        session.changed.connect(partial(self._on_change, session))
        self.sessions.append(session)
        self.session_opened.emit(session)
        if front or self.current is None:
            self.show(session)
        else:
            self.update_actions()
        if opened.notes:
            first, *rest = map(t.message, opened.notes)
            self.post_session_notice(session, Notice(first, " ".join(rest)))
        if then is not None:
            then(session)

    def _on_read_failed(self, job: Job, error: Exception) -> None:
        path = self._reading.pop(job, job)
        if not isinstance(path, Job):  # else it was stopped
            install = None if path is None else partial(self._install_raw_decoder, path)
            self.post_notice(describe_reading_failure(error, install, self.settings))
            self.opening_ended.emit(path, True)

    def _install_raw_decoder(self, path: Path) -> None:
        installing = t("decoder.raw.installing")
        self.start_task(install_raw_decoder, installing, lambda _: self.open([path]))

    def _on_slow_reading(self, path: Path, timeout: ExtendableTimeout, seconds: float) -> None:
        if path not in self._reading.values():
            return
        choices = ((t("decoder.wait"), timeout.extend), (t("decoder.stop"), self.stop))
        hint = t("decoder.long.hint", seconds=round(seconds))
        self.post_notice(Notice(t("decoder.long", name=path.name), hint, choices))

    @property
    def is_reading(self) -> bool:
        """True while a photo is being opened."""
        return bool(self._reading)

    def show(self, session: Session | None) -> None:
        """Make a photo the current one and show its tab."""
        self.current = session
        self.clear_notice()
        self.current_changed.emit(session)
        self._update_task()
        self.update_actions()
        if session is not None and session.notice is not None:
            self.post_session_notice(session, session.notice)

    def switch_photo(self, by: int) -> None:
        """Show the next (1) or the previous (-1) photo."""
        if self.current is not None:
            at = self.sessions.index(self.current)
            self.show(self.sessions[(at + by) % len(self.sessions)])

    def close(self, session: Session) -> None:
        """Close a photo and discard unsaved changes."""
        self.filler.cancel(session)
        at = self.sessions.index(session)
        self.sessions.remove(session)
        session.close()
        self.session_closed.emit(session)
        if session is self.current:
            self.show(self.sessions[min(at, len(self.sessions) - 1)] if self.sessions else None)
        else:
            self.update_actions()

    def stop(self) -> None:
        """Stop the current photo's fill or, without one, the work on files."""
        if self.current is not None and self.filler.cancel(self.current):
            return
        stopped, self._reading = self._reading, {}
        for job in stopped:
            job.cancel()
            self.opening_ended.emit(stopped[job], False)
        if self._task is not None:
            job, _ = self._task
            job.cancel()
            self._on_task_ended(job)

    # -- tasks and notices ---------------------------------------------------------------------

    def start_task(
        self,
        work: Callable[[Progress], object],
        text: str,
        then: Callable[[Any], object],
        on_failure: Callable[[Exception], None] | None = None,
    ) -> Job:
        """Do ``work`` on the files lane and show its progress, then call ``then`` with the result.
        By default a notice tells of a failure.
        """
        job = self.files_lane.start(work)
        self.show_task(job, text)
        job.succeeded.connect(then)
        job.failed.connect(on_failure or self.post_failure)
        return job

    def show_task(self, job: Job, text: str) -> None:
        """Show the progress of a job of the files lane until it ends."""
        self._task = (job, TaskProgress(text))
        job.progressed.connect(partial(self._on_task_progress, job, text))
        for ended in (job.succeeded, job.failed, job.cancelled):
            ended.connect(partial(self._on_task_ended, job))
        self._update_task()

    def _on_task_progress(self, job: Job, text: str, fraction: float, _detail: object) -> None:
        if self._task is not None and self._task[0] is job:
            self._task = (job, TaskProgress(text, fraction))
            self._update_task()

    def _on_task_ended(self, job: Job, *_: object) -> None:
        if self._task is not None and self._task[0] is job:
            self._task = None
            self._update_task()

    def _update_task(self) -> None:
        fill = None if self.current is None else self.current.running_fill
        files = None if self._task is None else self._task[1]
        self.task_changed.emit(files if fill is None else fill.progress)

    @property
    def is_busy(self) -> bool:
        """True while any photo is being filled or opened, or a file is written."""
        filling = any(session.running_fill is not None for session in self.sessions)
        return filling or self.is_reading or self._task is not None

    def post_notice(self, notice: Notice) -> None:
        """Show a notice."""
        self.notice_posted.emit(notice)

    def post_failure(self, error: Exception) -> None:
        """Show a notice about an error."""
        self.post_notice(describe_failure(error, "window.mistake"))

    def post_session_notice(self, session: Session, notice: Notice) -> None:
        """Show a notice about a photo: now, and again when the photo is shown, if it has choices;
        only then if another photo is the current one.
        """
        session.notice = notice if notice.choices or session is not self.current else None
        if session is self.current:
            self.post_notice(notice)

    def clear_notice(self) -> None:
        """Remove the notice that is shown."""
        self.notice_cleared.emit()

    def dismiss_notice(self) -> None:
        """Drop the current photo's notice; it needs no answer any more."""
        if self.current is not None:
            self.current.notice = None

    def update_actions(self) -> None:
        """Announce that other actions may be available."""
        self._was_filling = self.current is not None and self.current.running_fill is not None
        self.actions_changed.emit()

    def _on_fill_progress(self, session: Session) -> None:
        if session is self.current:
            self._update_task()
            is_filling = session.running_fill is not None
            if is_filling != self._was_filling:  # not for every step of the progress
                self.update_actions()

    def _on_change(self, session: Session, change: LayerChange) -> None:
        if change.layer == "history":
            self.filler.resume(session)
            self.update_actions()

    @property
    def available_needs(self) -> frozenset[Need]:
        """The needs of actions that are met now."""
        session = self.current
        if session is None:
            return frozenset()
        history, idle = session.document.history, not session.document.is_editing
        met: dict[Need, bool] = {
            "photo": True,
            "file": session.document.path is not None,
            "mask": session.has_mask,
            "protect": session.has_painted("protect") and idle,
            "source": session.has_painted("source") and idle,
            "edges": session.has_painted("edges") and idle,
            "planes": bool(session.document.planes) and idle,
            "undo": history.can_undo and idle,
            "redo": history.can_redo and idle,
            "semantic_engine": self.engines.takes_semantic(),
            "semantic": session.document.has_semantic,
            "filling": session.running_fill is not None,
            "filled": session.variations is not None and session.running_fill is None,
            "several": len(self.sessions) > 1,
        }
        return frozenset(need for need, is_met in met.items() if is_met)

    # -- actions on the current photo ----------------------------------------------------------

    def clear_planes(self) -> None:
        """Remove the planes that were set."""
        if self.current is not None and not self.current.document.is_editing:
            self.current.document.set_planes((), "history.plane.cleared")

    def run_fill(self) -> None:
        """Fill the mask."""
        if self.current is not None:
            self.clear_notice()
            self.filler.run(self.current)

    def cancel(self) -> None:
        """Stop the fill that is running."""
        if self.current is not None:
            self.filler.cancel(self.current)

    def make_variations(self, count: int | None = None) -> None:
        """Make ``count`` variations of the last fill, by default as many as the settings say."""
        if self.current is not None:
            wanted = int(self.settings.get("fill.variations")) if count is None else count
            self.filler.make_variations(self.current, wanted)

    def choose_variation(self, index: int) -> None:
        """Apply a variation."""
        if self.current is not None:
            self.filler.choose_variation(self.current, index)

    def stroke_finished(self) -> None:
        """After a stroke: fill at once if the settings say so."""
        if self.settings.get("fill.after_stroke"):
            self.run_fill()

    def undo(self) -> None:
        """Undo the last edit."""
        self._move_in_history(lambda session: session.document.undo())

    def redo(self) -> None:
        """Redo the edit that was undone last."""
        self._move_in_history(lambda session: session.document.redo())

    def go_to(self, position: int) -> None:
        """Undo or redo until ``position`` edits are done."""
        self._move_in_history(lambda session: session.document.go_to(position))

    def _move_in_history(self, move: Callable[[Session], None]) -> None:
        from inpaint_core.contract.errors import InpaintError

        session = self.current
        if session is None or session.document.is_editing:
            return
        if session.notice is None:
            self.clear_notice()
        try:
            move(session)
        except InpaintError as error:
            self.post_notice(Notice.from_error(error))
