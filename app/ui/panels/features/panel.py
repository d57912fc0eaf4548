"""The Features panel: chooses a map, has it drawn in the background, and ties it to the photo."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QPoint, QPointF, Qt, QTimer
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QFrame, QScrollArea, QVBoxLayout, QWidget

from app.configuration.text import t
from app.inspection.inspector import Inspector
from app.session.controller import Controller
from app.session.session import Message, Session
from app.ui.overlays.map_overlay import Veil
from app.ui.panels.features.pointing import Pointing
from app.ui.panels.features.saving import Saving
from app.ui.panels.features.stage import Stage
from app.ui.panels.features.subjects import Subjects
from app.ui.shell.workspace import Desk
from app.ui.tools.probe import Probe
from app.workers.jobs import Job

if TYPE_CHECKING:
    from app.inspection.maps import Findings, Query
    from app.ui.panels.features.drawing import Drawn
    from inpaint_core.contract.specs import TapPoint

_LATE = 150  # ms after which what is not drawn yet is said to be computed
_PICTURES = ("map", "channels", "spectrum")


class FeaturesPanel(QWidget):
    """What the network computed, and where the fill came from, registered to the photo."""

    def __init__(self, controller: Controller, inspector: Inspector, desk: Desk) -> None:
        super().__init__()
        self._controller, self._inspector, self._desk = controller, inspector, desk
        self._session: Session | None = None
        self._jobs: dict[str, Job] = {}
        self.drawn: Drawn | None = None
        self.veil = Veil()
        self.saving = Saving(self, controller, inspector)
        self.subjects = Subjects(controller.settings, self.saving.menu)
        self.stage = Stage(controller.settings)
        inner = QWidget()
        column = self._column = QVBoxLayout(inner)
        column.setContentsMargins(0, 0, 0, 4)
        column.setSpacing(2)
        column.addWidget(self.subjects, 5)
        column.addWidget(self.stage, 4)
        area = QScrollArea()  # a low window must not be made higher
        area.setWidget(inner)
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(area)
        self.setFocusProxy(self.subjects.look)
        bar = area.verticalScrollBar().sizeHint().width()
        self.setMinimumWidth(inner.minimumSizeHint().width() + bar + 2)
        self.pointing = Pointing(self.stage, self.veil)
        self._late = QTimer(self, singleShot=True, interval=_LATE)
        self._late.timeout.connect(lambda: self.stage.wait(t("features.computing")))
        self._filling = False
        desk.canvas.add_overlay(self.veil)
        self._wire()

    def _wire(self) -> None:
        subjects, stage = self.subjects, self.stage
        self._inspector.found.connect(self._on_found)
        self._inspector.busy.connect(self._on_busy)
        self._controller.filler.moved.connect(self._on_moved)
        self._controller.shown.connect(self.show_photo)
        self._controller.altered.connect(self._offer)
        self._controller.ready.connect(lambda _: self._offer())
        self._desk.canvas.hovered.connect(self._on_hover)
        self.pointing.reading.connect(self._read)
        self._desk.picked.connect(lambda _: subjects.origin.why.setChecked(False))
        subjects.look_asked.connect(self.look)
        subjects.network_asked.connect(self._look_with_network)
        subjects.alone_asked.connect(self._look_alone)
        subjects.changed.connect(self.ask)
        subjects.chosen.connect(self._on_chosen)
        subjects.depth_asked.connect(self._ask_figures)
        subjects.origin.picking.connect(self._pick_pixel)
        subjects.compare.keep_asked.connect(self._keep)
        subjects.compare.vary_asked.connect(self._vary)
        subjects.compare.against_asked.connect(self._compare)
        self._inspector.compared.connect(self._on_compared)
        stage.changed.connect(self.ask)
        stage.veil_changed.connect(self._show_veil)
        stage.grid.chosen.connect(subjects.controls.pick_channel)

    # -- what there is -------------------------------------------------------------------------

    @property
    def found(self) -> Findings:
        """What is known about the photo in front."""
        return self._inspector.of(self._session)

    def show_photo(self, session: Session | None) -> None:
        """Show what is known about a photo."""
        self._session = session
        self.subjects.origin.why.setChecked(False)
        self._forget()
        if self.isVisible():
            self._fill()

    def showEvent(self, event: QShowEvent) -> None:
        """While it is in sight, fills are looked into."""
        super().showEvent(event)
        self._inspector.looking = True
        self._fill()

    def hideEvent(self, event: QHideEvent) -> None:
        """Nothing asks any more."""
        super().hideEvent(event)
        self._inspector.looking = False
        self.subjects.origin.why.setChecked(False)
        self._forget()

    def _forget(self) -> None:
        for job in self._jobs.values():
            job.cancel()
        self.drawn = None
        self.saving.shown = None
        self.veil.clear()
        self.stage.clear()
        self.pointing.show(None, None, None)

    def _on_found(self, session: Session) -> None:
        if session is not self._session or not self.isVisible():
            return
        if self.found.run is None:
            self._forget()
        self._fill()

    def _fill(self) -> None:
        """List what can be looked at, and draw what was looked at last."""
        if self._session is None:
            return
        self.subjects.list(self._taps(), self.found)
        self._offer()
        self.ask()
        if self.subjects.on_layers:
            self._ask_figures()

    def _taps(self) -> tuple[TapPoint, ...]:
        """Those of the run's networks, or of any engine that has some."""
        from inpaint_core.generators.registry import generators

        run = self.found.run
        specs = {} if run is None else {c.seen.spec.id: c.seen.spec for c in run.captures}
        found = tuple(tap for spec in specs.values() for tap in spec.taps)
        if found:
            return found
        return next((spec.taps for spec in generators().values() if spec.taps), ())

    def _offer(self) -> None:
        if self.isVisible():
            inspector, session = self._inspector, self._session
            can_look, network = inspector.can_look(session), inspector.network is not None
            rivals = inspector.rivals(session)
            self.subjects.offer(self.found, can_look, network, rivals, self._filling)
            self.saving.offer()

    def _on_moved(self, session: Session) -> None:
        """A fill began, got further or ended: the first and the last is worth a word."""
        filling = session.filling is not None
        if session is self._session and filling != self._filling:
            self._filling = filling
            self._offer()

    def _on_busy(self, on: bool) -> None:
        self._offer()
        if on and self.drawn is None and self.isVisible():
            self.stage.wait(t("features.looking"))
        elif not on:
            self._rest()

    # -- asking --------------------------------------------------------------------------------

    def look(self) -> None:
        """Look into the last fill, or what is painted."""
        if self._session is not None:
            self._inspector.look(self._session)

    def _look_with_network(self) -> None:
        row = self._inspector.network
        if self._session is not None and row is not None:
            self._inspector.look(self._session, row.id)

    def _look_alone(self) -> None:
        """Look for one map only, so that all of its tiles are kept."""
        run, tap = self.found.run, self.subjects.tap
        if self._session is not None and run is not None and tap:
            self._inspector.look(self._session, run.request.engine, (tap,))

    def _on_chosen(self, subject: str) -> None:
        """Something of the tree: where it is not known yet, this is the time to look."""
        run, tap = self.found.run, self.subjects.tap
        missing = run is None or (
            subject == "tap" and bool(run.taps) and tap not in {each.name for each in run.taps}
        )
        if missing and self._inspector.can_look(self._session):
            self.look()
        else:
            self.ask()

    def _keep(self) -> None:
        if self._session is not None:
            self._inspector.keep(self._session)

    def _compare(self, against: Any) -> None:
        if self._session is not None:
            self._inspector.compare(self._session, against)

    def _on_compared(self, session: Session) -> None:
        """Two runs are there: show what differs, of a map that both have."""
        run, kept = self.found.run, self.found.kept
        if session is self._session and run is not None and kept is not None:
            if not (run.taps and kept.taps):
                self.subjects.look_at("fill")
            elif self.subjects.subject not in ("tap", "fill", "coarse", "edges"):
                self.subjects.look_at("tap")
            self.subjects.compare.turn("difference")
            self.ask()

    def _vary(self, runs: int, how: Any) -> None:
        if self._session is not None:
            self.subjects.look_at("guess")
            self._inspector.vary(self._session, runs, how)

    def _pick_pixel(self, on: bool) -> None:
        document = self._desk.canvas.document
        tool = self._desk.canvas.tool
        if on and document is not None:
            probe = Probe(document, self._controller.settings)
            probe.pointed.connect(self._on_pointed)
            self._desk.canvas.set_tool(probe)
        elif isinstance(tool, Probe):
            self._desk.pick(self._desk.tool)

    def _on_pointed(self, x: int, y: int) -> None:
        if self._session is not None:
            self.subjects.look_at("why.photo")
            self._inspector.why(self._session, x, y)

    # -- drawing -------------------------------------------------------------------------------

    @property
    def query(self) -> Query:
        """What is to be looked at."""
        from app.inspection.maps import Query

        values: dict[str, Any] = self.subjects.values
        return Query(**values)

    def ask(self) -> None:
        """Have what is chosen drawn in the background; what was asked before is not waited for."""
        session = self._session
        if session is None or not self.isVisible() or self.found.run is None:
            return
        from app.ui.panels.features import drawing

        query, found = self.query, self.found
        view = self.stage.view if query.subject == "tap" else "map"
        self.stage.offer(query.subject == "tap")
        self._start("map", partial(drawing.drawn, query, found), self._on_drawn)
        if view == "channels":
            width = self.stage.room
            grid = partial(drawing.gridded, query, found, self.stage.order, width)
            self._start("channels", grid, self.stage.show_channels)
        elif view == "spectrum":
            waves = partial(drawing.spectral, query, found)
            self._start("spectrum", waves, self.stage.show_spectrum)
        self.stage.turn(view)
        for place, stretch in enumerate((5, 4) if view == "map" else (2, 5)):
            self._column.setStretch(place, stretch)  # many channels need room

    def _ask_figures(self) -> None:
        run = self.found.run
        if run is None or not run.taps:
            self.subjects.layers.show_figures(None)
            return
        from app.inspection import maps

        work = partial(maps.figures, run, self.query.depth)
        self._start("figures", work, self.subjects.layers.show_figures)

    def _start(self, what: str, work: Any, then: Any) -> None:
        if what in self._jobs:
            self._jobs[what].cancel()
        job = self._inspector.draw(work)
        self._jobs[what] = job
        job.succeeded.connect(then)
        job.failed.connect(self._on_failed)
        for ended in (job.succeeded, job.failed, job.cancelled):
            ended.connect(partial(self._on_ended, what, job))
        if what in _PICTURES and not self._late.isActive():
            self._late.start(0 if self.drawn is None else _LATE)

    def _on_ended(self, what: str, job: Job, *_: object) -> None:
        if self._jobs.get(what) is job:
            del self._jobs[what]
            self._rest()

    def _rest(self) -> None:
        """Nobody waits any more, unless a picture is still being made."""
        if not any(what in self._jobs for what in _PICTURES):
            self._late.stop()
            self.stage.wait("")

    def _on_failed(self, error: Exception) -> None:
        from app.session.filling import failure

        message: Message = failure(error, "window.mistake")
        self._controller.told.emit(message)

    def _on_drawn(self, drawn: Drawn | None) -> None:
        self.drawn = drawn
        self.saving.shown = None if drawn is None else drawn.shown
        self.saving.title = self.subjects.title
        self.saving.offer()
        self.stage.show_map(drawn, self.subjects.told_unit)
        if drawn is not None:
            self.subjects.drawn(drawn.shown)
        self._show_veil()
        self.pointing.show(drawn, self.found.run, self._pin)

    @property
    def _pin(self) -> QPointF | None:
        """The pixel that was asked about, while the answer is looked at."""
        why = self.found.why
        if why is None or not self.subjects.subject.startswith("why"):
            return None
        return QPointF(why.x + 0.5, why.y + 0.5)

    def _show_veil(self) -> None:
        if self.drawn is not None and self.stage.over.isChecked():
            opacity = self.stage.opacity.value() / 100
            self.veil.show_layers(self.drawn.layers, self.drawn.outline, opacity)
        else:
            self.veil.clear()

    # -- pointing ------------------------------------------------------------------------------

    def _on_hover(self, pixel: QPoint | None) -> None:
        if self.isVisible() and self.found.run is not None:
            self.pointing.hover(pixel)

    def _read(self, place: QPointF | None) -> None:
        """The values of all maps where the cursor is."""
        from app.inspection import maps

        run = self.found.run
        if run is None or place is None or not run.taps or not self.isVisible():
            self.subjects.tree.read({})
            return
        x, y, query = int(place.x()), int(place.y()), self.query
        self._start("read", lambda _: maps.values_at(run, x, y, query), self.subjects.tree.read)
