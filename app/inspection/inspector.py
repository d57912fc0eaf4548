"""The inspector: runs inspection jobs and keeps their findings for each photo."""

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
from app.session.frozen_request import FrozenRequest
from app.session.notice import Notice
from app.session.session import Session
from app.workers.engine_lane import EngineLane, EngineRow, FillJob
from app.workers.jobs import Job, Lane

if TYPE_CHECKING:
    from app.inspection.comparison import ComparedOption
    from app.inspection.maps import Findings
    from inpaint_core.contract.request import InpaintRequest
    from inpaint_core.inspection.capture import InspectedRun
    from inpaint_core.inspection.stability import Vary

_log = logging.getLogger(__name__)


class Inspector(QObject):
    """Keeps the findings about the open photos. Belongs to the UI thread.

    ``findings_changed(session)``; ``busy_changed(bool)``: whether a job runs;
    ``comparison_ready(session)``: its two runs differ in one option. Inspection never changes a
    photo. Only the newest run is kept in memory, the others on disk.
    """

    findings_changed = Signal(object)
    busy_changed = Signal(bool)
    comparison_ready = Signal(object)

    def __init__(self, controller: Controller, engine: EngineLane, maps: Lane) -> None:
        super().__init__()
        self._controller = controller
        self._engine = engine
        self.maps = maps  # the lane that renders maps
        self._findings: dict[Session, Findings] = {}
        self._fill_jobs: dict[Session, FillJob] = {}
        self._running_job: Job | None = None
        self._stored_runs: WeakSet[InspectedRun] = WeakSet()  # on disk or being written
        controller.filler.fill_progressed.connect(self._on_fill_progress)
        controller.filler.fill_applied.connect(self._on_fill_applied)
        controller.session_closed.connect(self._forget)

    @property
    def inspects_fills(self) -> bool:
        """True if fills that start from now on are inspected."""
        return self._engine.inspects_fills

    @inspects_fills.setter
    def inspects_fills(self, on: bool) -> None:
        self._engine.inspects_fills = on

    @property
    def network(self) -> EngineRow | None:
        """The network to look into where no engine is named, if its weights are here."""
        from app.inspection.comparison import find_network

        return find_network(self._controller.engines.rows)

    def findings_of(self, session: Session | None) -> Findings:
        """The findings about a photo; empty for None."""
        from app.inspection.maps import Findings

        return Findings() if session is None else self._findings.get(session, Findings())

    def can_inspect(self, session: Session | None) -> bool:
        """True if there is a fill or a mask to inspect."""
        if session is None:
            return False
        return session.has_mask or (
            session.variations is not None and bool(session.variations.fills)
        )

    # -- commands ------------------------------------------------------------------------------

    def inspect(
        self, session: Session, engine: str | None = None, taps: Sequence[str] | None = None
    ) -> None:
        """Inspect a fill of the mask, or the last fill if nothing is painted; optionally with
        another ``engine`` and only for the maps of ``taps``.
        """
        frozen = self._make_request(session, engine)
        if frozen is None:
            notice = Notice(t("features.nothing"), t("fill.empty.hint"), is_calm=True)
            self._controller.post_notice(notice)
            return
        self._start_run(session, frozen.request, taps, self._on_run)

    def compare(self, session: Session, option: ComparedOption) -> None:
        """Keep the last run and inspect a fill that differs from it in one option; “precision”
        repeats both.
        """
        from app.inspection.comparison import has_other_edges, make_first_request
        from app.session.frozen_request import drawn_edges

        run = self.findings_of(session).run
        if (
            run is not None
            and option == "edges"
            and not has_other_edges(run, drawn_edges(session.document))
        ):
            hint = t("features.edges.same.hint")
            self._controller.post_notice(Notice(t("features.edges.same"), hint, is_calm=True))
            return
        if run is None:
            frozen = self._make_request(session, None)
            if frozen is not None:
                then = partial(self._on_base_run, option)
                self._start_run(session, frozen.request, None, then)
            return
        first = make_first_request(run, option, self._controller.engines.rows)
        if first is None:
            self._on_first_run(option, session, run)
        else:
            self._start_run(session, lambda: first, None, partial(self._on_first_run, option))

    def comparable_options(self, session: Session | None) -> frozenset[ComparedOption]:
        """The options in which the last run, or else the last fill, can be compared."""
        from app.inspection.comparison import find_comparable_options

        if session is None:
            return frozenset()
        run = self.findings_of(session).run
        if run is None and not self.can_inspect(session):
            return frozenset()
        return find_comparable_options(
            run, self._controller.engines.rows, session.document.is_written("edges")
        )

    def explain_pixel(self, session: Session, x: int, y: int) -> None:
        """Find what influenced the filled pixel (x, y)."""
        run = self.findings_of(session).run
        if run is not None:
            job = self._engine.find_influence(run, x, y)
            self._track(job, session, t("features.asking"), partial(self._keep, "influence"))

    def measure_stability(self, session: Session, runs: int, vary: Vary) -> None:
        """Fill several times and find where the fills differ."""
        frozen = self._make_request(session, None)
        if frozen is not None:
            job = self._engine.measure_stability(frozen.request, runs, vary)
            self._track(job, session, t("features.varying"), partial(self._keep, "stability"))

    def keep_run(self, session: Session) -> None:
        """Keep the run so that later ones can be compared with it."""
        self._update_findings(session, kept_run=self.findings_of(session).run)

    def stop(self) -> None:
        """Cancel the running job."""
        if self._running_job is not None:
            self._running_job.cancel()

    # -- jobs and their results ----------------------------------------------------------------

    def _make_request(self, session: Session, engine: str | None) -> FrozenRequest | None:
        variations, document = session.variations, session.document
        if session.has_mask:
            frozen = FrozenRequest.of(document, self._controller.settings)
        elif variations is not None and variations.fills:
            fill = variations.fills[variations.find_shown(document) or 0]
            frozen = variations.freeze_request(document, fill.attempt)
        else:
            return None
        if engine is None:
            return frozen
        return replace(frozen, options=replace(frozen.options, engine=engine))

    def _start_run(
        self,
        session: Session,
        request: Callable[[], InpaintRequest],
        taps: Sequence[str] | None,
        then: Callable[[Session, Any], None],
    ) -> None:
        self._store_runs_except(None)
        job = self._engine.inspect(request, taps)
        self._track(job, session, t("features.looking"), then)

    def _track(
        self, job: Job, session: Session, text: str, then: Callable[[Session, Any], None]
    ) -> None:
        self.stop()
        self._running_job = job
        self._controller.show_task(job, text)
        job.succeeded.connect(partial(self._on_succeeded, session, then))
        job.failed.connect(self._controller.post_failure)
        for ended in (job.succeeded, job.failed, job.cancelled):
            ended.connect(partial(self._on_ended, job))
        self.busy_changed.emit(True)

    def _on_succeeded(
        self, session: Session, then: Callable[[Session, Any], None], result: object
    ) -> None:
        if session in self._controller.sessions:
            then(session, result)

    def _on_ended(self, job: Job, *_: object) -> None:
        if self._running_job is job:
            self._running_job = None
            self.busy_changed.emit(False)

    def _on_run(self, session: Session, run: InspectedRun) -> None:
        self._update_findings(session, run=run, influence=None)

    def _on_base_run(self, option: ComparedOption, session: Session, run: InspectedRun) -> None:
        self._on_run(session, run)
        self.compare(session, option)

    def _on_first_run(self, option: ComparedOption, session: Session, run: InspectedRun) -> None:
        from app.inspection.comparison import make_second_request
        from app.session.frozen_request import drawn_edges

        self._update_findings(session, run=run, kept_run=run, influence=None)
        edges = drawn_edges(session.document)
        second = make_second_request(run, option, self._controller.engines.rows, edges)
        self._start_run(session, lambda: second, None, self._on_second_run)

    def _on_second_run(self, session: Session, run: InspectedRun) -> None:
        self._on_run(session, run)
        self.comparison_ready.emit(session)

    def _keep(self, name: str, session: Session, result: object) -> None:
        self._update_findings(session, **{name: result})

    def _update_findings(self, session: Session, **changes: Any) -> None:
        self._findings[session] = replace(self.findings_of(session), **changes)
        if "run" in changes:
            self._store_runs_except(changes["run"])
        self.findings_changed.emit(session)

    def _store_runs_except(self, newest: InspectedRun | None) -> None:
        """Move all runs except ``newest`` to disk, in the background."""
        from inpaint_core.inspection.run_on_disk import move_to_disk

        for findings in self._findings.values():
            for run in (findings.run, findings.kept_run):
                if run is not None and run is not newest and run not in self._stored_runs:
                    self._stored_runs.add(run)
                    job = self.maps.start(partial(move_to_disk, run))
                    job.succeeded.connect(partial(self._on_stored, run))
                    job.failed.connect(partial(_log.warning, "A run stays in memory: %s"))

    def _on_stored(self, run: InspectedRun, stored: InspectedRun) -> None:
        self._stored_runs.add(stored)
        for session, findings in self._findings.items():
            names = [name for name in ("run", "kept_run") if getattr(findings, name) is run]
            changes: dict[str, Any] = dict.fromkeys(names, stored)
            if changes:
                self._findings[session] = replace(findings, **changes)

    # -- fills ---------------------------------------------------------------------------------

    def _on_fill_progress(self, session: Session) -> None:
        fill = session.running_fill
        if fill is None or fill.frozen_request is None or self._fill_jobs.get(session) is fill.job:
            return
        self._fill_jobs[session] = fill.job
        if self.inspects_fills:
            self._store_runs_except(None)
        self.stop()  # a fill must not wait for an inspection

    def _on_fill_applied(self, session: Session) -> None:
        """Replace the findings by those of the new fill, if it was inspected."""
        job = self._fill_jobs.pop(session, None)
        run = None if job is None else job.inspected_run
        if run is not None or session in self._findings:
            self._update_findings(session, run=run, influence=None, stability=None)

    def _forget(self, session: Session) -> None:
        self._findings.pop(session, None)
        self._fill_jobs.pop(session, None)
