"""Looking inside fills: what was found about each photo, and the jobs that find it."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any
from weakref import WeakSet

from PySide6.QtCore import QObject, Signal

from app.configuration.text import t
from app.session.controller import Controller
from app.session.filling import failure
from app.session.frozen_request import Asked
from app.session.session import Message, Session
from app.workers.engine_lane import EngineLane, EngineRow, FillJob
from app.workers.jobs import Job, Lane
from inpaint_core.contract.progress import Progress

if TYPE_CHECKING:
    from app.inspection.comparison import Against
    from app.inspection.maps import Findings
    from inpaint_core.contract.request import InpaintRequest
    from inpaint_core.inspection.capture import Run
    from inpaint_core.inspection.influence import Influence
    from inpaint_core.inspection.stability import Stability, Vary

_log = logging.getLogger(__name__)


class Inspector(QObject):
    """Knows what was found about the open photos. Belongs to the UI thread.

    ``found(session)``: something else is known about it. ``busy(bool)``: a question is being worked
    on. ``compared(session)``: it has two runs that differ in what was asked. Whatever is asked, the
    photo stays as it is. Only the newest run is held in memory, the others on disk.
    """

    found = Signal(object)
    busy = Signal(bool)
    compared = Signal(object)

    def __init__(self, controller: Controller, engine: EngineLane, maps: Lane) -> None:
        super().__init__()
        self._controller = controller
        self._engine = engine
        self._maps = maps
        self._findings: dict[Session, Findings] = {}
        self._fills: dict[Session, FillJob] = {}
        self._asked: Job | None = None
        self._shelved: WeakSet[Run] = WeakSet()  # on disk, or on their way there
        controller.filler.moved.connect(self._on_moved)
        controller.filler.applied.connect(self._on_applied)
        controller.closed.connect(self._forget)

    @property
    def looking(self) -> bool:
        """Fills that begin while this is True are looked into."""
        return self._engine.looking

    @looking.setter
    def looking(self, on: bool) -> None:
        self._engine.looking = on

    @property
    def network(self) -> EngineRow | None:
        """The engine that is one network, if its weights are here."""
        rows = self._controller.rows
        return next((row for row in rows if row.network and row.single and row.usable), None)

    def of(self, session: Session | None) -> Findings:
        """What is known about a photo."""
        from app.inspection.maps import Findings

        return Findings() if session is None else self._findings.get(session, Findings())

    def can_look(self, session: Session | None) -> bool:
        """True where there is a fill, or a mask that could be filled."""
        if session is None:
            return False
        return session.painted or (
            session.variations is not None and bool(session.variations.takes)
        )

    # -- questions -----------------------------------------------------------------------------

    def look(
        self, session: Session, engine: str | None = None, taps: Sequence[str] | None = None
    ) -> None:
        """Look into the fill of what is painted, or of the last one; with another ``engine`` if
        one is named, and for the maps of ``taps`` alone if they are.
        """
        asked = self._asking(session, engine)
        if asked is None:
            told = Message(t("features.nothing"), t("fill.empty.hint"), calm=True)
            self._controller.told.emit(told)
            return
        self._look(session, asked.request, taps, self._on_run)

    def compare(self, session: Session, against: Against) -> None:
        """Keep the last run, and look into a fill that differs from it in one thing; “precision”
        makes both anew.
        """
        from app.inspection.comparison import differ, first_of
        from app.session.frozen_request import drawn

        run = self.of(session).run
        if run is not None and against == "edges" and not differ(run, drawn(session.document)):
            told = Message(t("features.edges.same"), t("features.edges.same.hint"), calm=True)
            self._controller.told.emit(told)
            return
        if run is None:
            asked = self._asking(session, None)
            if asked is not None:
                then = partial(self._on_first, against)
                self._look(session, asked.request, None, then)
            return
        first = first_of(run, against, self._controller.rows)
        if first is None:
            self._on_rival(against, session, run)
        else:
            self._look(session, lambda: first, None, partial(self._on_rival, against))

    def rivals(self, session: Session | None) -> frozenset[Against]:
        """What the last run, or else the last fill, could be compared with."""
        from app.inspection.comparison import offered

        if session is None:
            return frozenset()
        run = self.of(session).run
        if run is None and not self.can_look(session):
            return frozenset()
        return offered(run, self._controller.rows, session.document.made("edges"))

    def why(self, session: Session, x: int, y: int) -> None:
        """Ask why the filled pixel (x, y) is as it is."""
        run = self.of(session).run
        if run is not None:
            job = self._engine.influence(run, x, y)
            self._begin(job, session, t("features.asking"), self._on_why)

    def vary(self, session: Session, runs: int, how: Vary) -> None:
        """Fill several times and find out where the fills differ."""
        asked = self._asking(session, None)
        if asked is not None:
            job = self._engine.stability(asked.request, runs, how)
            self._begin(job, session, t("features.varying"), self._on_guess)

    def keep(self, session: Session) -> None:
        """Keep the run to compare later ones with it."""
        self._know(session, kept=self.of(session).run)

    def stop(self) -> None:
        """What was asked last is no longer wanted."""
        if self._asked is not None:
            self._asked.cancel()

    def draw(self, work: Callable[[Progress], object]) -> Job:
        """Make pictures in the background; the caller hears of the job's result."""
        return self._maps.start(work)

    # -- answers -------------------------------------------------------------------------------

    def _asking(self, session: Session, engine: str | None) -> Asked | None:
        variations, document = session.variations, session.document
        if session.painted:
            asked = Asked.of(document, self._controller.settings)
        elif variations is not None and variations.takes:
            take = variations.takes[variations.chosen(document) or 0]
            asked = variations.asking(document, take.engine, take.seed)
        else:
            return None
        return asked if engine is None else replace(asked, how={**asked.how, "engine": engine})

    def _look(
        self,
        session: Session,
        request: Callable[[], InpaintRequest],
        taps: Sequence[str] | None,
        then: Callable[[Session, Any], None],
    ) -> None:
        self._shelve(None)  # there will be another one
        job = self._engine.look(request, taps)
        self._begin(job, session, t("features.looking"), then)

    def _begin(
        self, job: Job, session: Session, text: str, then: Callable[[Session, Any], None]
    ) -> None:
        self.stop()
        self._asked = job
        self._controller.work(job, text)
        job.succeeded.connect(partial(self._answer, session, then))
        job.failed.connect(self._on_failed)
        for ended in (job.succeeded, job.failed, job.cancelled):
            ended.connect(partial(self._end, job))
        self.busy.emit(True)

    def _answer(
        self, session: Session, then: Callable[[Session, Any], None], result: object
    ) -> None:
        if session in self._controller.sessions:
            then(session, result)

    def _end(self, job: Job, *_: object) -> None:
        if self._asked is job:
            self._asked = None
            self.busy.emit(False)

    def _on_failed(self, error: Exception) -> None:
        self._controller.told.emit(failure(error, "window.mistake"))

    def _on_run(self, session: Session, run: Run) -> None:
        self._know(session, run=run, why=None)

    def _on_first(self, against: Against, session: Session, run: Run) -> None:
        self._on_run(session, run)
        self.compare(session, against)

    def _on_rival(self, against: Against, session: Session, run: Run) -> None:
        """One of the two is there."""
        from app.inspection.comparison import second_of
        from app.session.frozen_request import drawn

        self._know(session, run=run, kept=run, why=None)
        edges = drawn(session.document)
        second = second_of(run, against, self._controller.rows, edges)
        self._look(session, lambda: second, None, self._on_second)

    def _on_second(self, session: Session, run: Run) -> None:
        self._on_run(session, run)
        self.compared.emit(session)

    def _on_why(self, session: Session, why: Influence) -> None:
        self._know(session, why=why)

    def _on_guess(self, session: Session, guess: Stability) -> None:
        self._know(session, guess=guess)

    def _know(self, session: Session, **what: Any) -> None:
        self._findings[session] = replace(self.of(session), **what)
        if "run" in what:
            self._shelve(what["run"])
        self.found.emit(session)

    def _shelve(self, newest: Run | None) -> None:
        """Put every run but the ``newest`` on disk, in the background."""
        from inpaint_core.inspection.run_on_disk import on_disk

        for findings in self._findings.values():
            for run in (findings.run, findings.kept):
                if run is not None and run is not newest and run not in self._shelved:
                    self._shelved.add(run)
                    job = self._maps.start(partial(on_disk, run))
                    job.succeeded.connect(partial(self._on_shelved, run))
                    job.failed.connect(partial(_log.warning, "A run stays in memory: %s"))

    def _on_shelved(self, run: Run, stored: Run) -> None:
        self._shelved.add(stored)
        for session, findings in self._findings.items():
            which = [name for name in ("run", "kept") if getattr(findings, name) is run]
            changes: dict[str, Any] = dict.fromkeys(which, stored)
            if changes:
                self._findings[session] = replace(findings, **changes)

    # -- fills ---------------------------------------------------------------------------------

    def _on_moved(self, session: Session) -> None:
        filling = session.filling
        if filling is None or filling.asked is None or self._fills.get(session) is filling.job:
            return
        self._fills[session] = filling.job
        if self.looking:
            self._shelve(None)
        self.stop()  # whoever wants a fill does not want to wait for an answer

    def _on_applied(self, session: Session) -> None:
        """There is a new fill: what is known is its inside, or nothing."""
        job = self._fills.pop(session, None)
        run = None if job is None else job.inside
        if run is not None or session in self._findings:
            self._know(session, run=run, why=None, guess=None)

    def _forget(self, session: Session) -> None:
        self._findings.pop(session, None)
        self._fills.pop(session, None)
