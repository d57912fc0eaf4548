"""The Features panel: choose a map, draw it in the background, and link it to the photo."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QPoint, QPointF, QTimer, Signal
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QWidget

from app.configuration.text import t
from app.inspection.inspector import Inspector
from app.session.controller import Controller
from app.session.notice import Notice
from app.session.session import Session
from app.ui.canvas.canvas import Canvas
from app.ui.overlays.map_overlay import MapOverlay
from app.ui.panels.features.linked_cursor import LinkedCursor
from app.ui.panels.features.map_chooser import MapChooser
from app.ui.panels.features.map_view import MapView
from app.ui.panels.features.papers_page import PapersPage
from app.ui.panels.features.save_menu import SaveMenu
from app.ui.tools.viewing_tools import ProbeTool
from app.ui.widgets.layouts import lay_out_column, make_scroll_area
from app.workers.jobs import Job

if TYPE_CHECKING:
    from app.inspection.maps import Findings, MapQuery
    from app.ui.panels.features.map_drawing import DrawnMap
    from inpaint_core.contract.specs import TapPoint

_BUSY_DELAY = 150  # ms before the panel says that a map is still being computed
_PICTURES = ("map", "channels", "spectrum")


class FeaturesPanel(QWidget):
    """What the network computed, and where the fill came from, registered to the photo.

    ``picking_ended()``: the panel no longer needs the canvas to pick a pixel.
    """

    picking_ended = Signal()

    def __init__(self, controller: Controller, inspector: Inspector, canvas: Canvas) -> None:
        super().__init__()
        self._controller, self._inspector, self._canvas = controller, inspector, canvas
        self._session: Session | None = None
        self._jobs: dict[str, Job] = {}
        self.drawn: DrawnMap | None = None
        self.overlay = MapOverlay()
        self.save_menu = SaveMenu(self, controller, inspector)
        papers = PapersPage(controller, inspector)
        self.chooser = MapChooser(controller.settings, self.save_menu.menu, papers)
        self.map_view = MapView(controller.settings)
        inner = QWidget()
        items = ((self.chooser, 5), (self.map_view, 4))
        self._column = lay_out_column(inner, *items, margins=(0, 0, 0, 4), spacing=2)
        area = make_scroll_area(inner)
        lay_out_column(self, area)
        self.setFocusProxy(self.chooser.look)
        bar = area.verticalScrollBar().sizeHint().width()
        self.setMinimumWidth(inner.minimumSizeHint().width() + bar + 2)
        self.linked_cursor = LinkedCursor(self.map_view, self.overlay)
        self._busy_timer = QTimer(self, singleShot=True, interval=_BUSY_DELAY)
        self._busy_timer.timeout.connect(
            lambda: self.map_view.show_message(t("features.computing"))
        )
        self._filling = self._is_busy = False
        canvas.add_overlay(self.overlay)
        self._wire()

    def _wire(self) -> None:
        chooser, map_view = self.chooser, self.map_view
        self._inspector.findings_changed.connect(self._on_found)
        self._inspector.busy_changed.connect(self._on_busy)
        self._controller.filler.fill_progressed.connect(self._on_fill_progressed)
        self._controller.current_changed.connect(self.show_photo)
        self._controller.actions_changed.connect(self.update_choices)
        self._controller.engines.ready.connect(lambda _: self.update_choices())
        self._canvas.hovered.connect(self._on_hover)
        self.linked_cursor.reading.connect(self._read_values)
        chooser.look_asked.connect(self.look)
        chooser.network_look_asked.connect(self._look_with_network)
        chooser.single_look_asked.connect(self._look_alone)
        chooser.changed.connect(self.request_map)
        chooser.chosen.connect(self._on_chosen)
        chooser.figures_asked.connect(self._ask_figures)
        chooser.page_changed.connect(self._on_page)
        chooser.origin.picking.connect(self._pick_pixel)
        chooser.compare.keep_asked.connect(self._keep)
        chooser.compare.vary_asked.connect(self._vary)
        chooser.compare.against_asked.connect(self._compare)
        self._inspector.comparison_ready.connect(self._on_compared)
        map_view.changed.connect(self.request_map)
        map_view.overlay_changed.connect(self._show_overlay)
        map_view.grid.chosen.connect(chooser.controls.pick_channel)

    # -- what is available ---------------------------------------------------------------------

    @property
    def findings(self) -> Findings:
        """What is known about the photo in front."""
        return self._inspector.findings_of(self._session)

    def show_photo(self, session: Session | None) -> None:
        """Show what is known about a photo."""
        self._session = session
        self.stop_picking()
        self._clear()
        if self.isVisible():
            self._refresh()

    def showEvent(self, event: QShowEvent) -> None:
        """Inspect every fill while the panel is visible."""
        super().showEvent(event)
        self._inspector.inspects_fills = True
        self._refresh()

    def hideEvent(self, event: QHideEvent) -> None:
        """Stop inspecting and picking."""
        super().hideEvent(event)
        self._inspector.inspects_fills = False
        self.stop_picking()
        self._clear()

    def _clear(self) -> None:
        for job in self._jobs.values():
            job.cancel()
        self.drawn = None
        self.save_menu.shown = None
        self.overlay.clear()
        self.map_view.clear()
        self.linked_cursor.show(None, None, None)

    def _on_found(self, session: Session) -> None:
        if session is not self._session or not self.isVisible():
            return
        if self.findings.run is None:
            self._clear()
        self._refresh()

    def _refresh(self) -> None:
        """List the maps, and draw the one that was shown last."""
        if self._session is None:
            return
        self.chooser.list_taps(self._taps(), self.findings)
        self.update_choices()
        if self.findings.run is None and not self._is_busy:
            self._clear_message()
        self.request_map()
        if self.chooser.shows_layers:
            self._ask_figures()

    def _taps(self) -> tuple[TapPoint, ...]:
        """The taps of the run's networks, else those of the network that “auto” may choose."""
        from inpaint_core.generators.registry import candidates

        run = self.findings.run
        specs = (
            {}
            if run is None
            else {c.generator_pass.spec.id: c.generator_pass.spec for c in run.captures}
        )
        taps = tuple(tap for spec in specs.values() for tap in spec.taps)
        taps = taps or next((spec.taps for spec in candidates() if spec.taps), ())
        return tuple(tap for tap in taps if not tap.on_request)

    def update_choices(self) -> None:
        """Enable what is possible now."""
        if self.isVisible():
            inspector, session = self._inspector, self._session
            can_look, network = inspector.can_inspect(session), inspector.network is not None
            comparisons = inspector.comparable_options(session)
            self.chooser.update_choices(
                self.findings, can_look, network, comparisons, self._filling
            )
            self.save_menu.update_actions()

    def _on_fill_progressed(self, session: Session) -> None:
        """Update the message when a fill begins or ends, not on every step of it."""
        filling = session.running_fill is not None
        if session is self._session and filling != self._filling:
            self._filling = filling
            self.update_choices()

    def _on_busy(self, on: bool) -> None:
        self._is_busy = on
        self.update_choices()
        if on and self.drawn is None and self.isVisible():
            self.map_view.show_message(t("features.looking"))
        elif not on:
            self._clear_message()

    # -- inspecting ----------------------------------------------------------------------------

    def look(self) -> None:
        """Inspect the last fill, or what is painted."""
        if self._session is not None:
            self._inspector.inspect(self._session)

    def _look_with_network(self) -> None:
        row = self._inspector.network
        if self._session is not None and row is not None:
            self._inspector.inspect(self._session, row.id)

    def _look_alone(self) -> None:
        """Capture one map only, so that all of its tiles are kept."""
        run, tap = self.findings.run, self.chooser.tap
        if self._session is not None and run is not None and tap:
            self._inspector.inspect(self._session, run.request.options.engine, (tap,))

    def _on_chosen(self, subject: str) -> None:
        """Draw the map chosen in the tree; inspect first if the run lacks it."""
        run, tap = self.findings.run, self.chooser.tap
        missing = run is None or (
            subject == "tap" and bool(run.taps) and tap not in {each.name for each in run.taps}
        )
        if missing and self._inspector.can_inspect(self._session):
            self.look()
        else:
            self.request_map()

    def _keep(self) -> None:
        if self._session is not None:
            self._inspector.keep_run(self._session)

    def _compare(self, against: Any) -> None:
        if self._session is not None:
            self._inspector.compare(self._session, against)

    def _on_compared(self, session: Session) -> None:
        """Show the difference of two runs in a map that both have."""
        run, kept = self.findings.run, self.findings.kept_run
        if session is self._session and run is not None and kept is not None:
            if not (run.taps and kept.taps) or run.result.seed != kept.result.seed:
                self.chooser.select("fill")  # of a seed, no network's maps depend
            elif self.chooser.subject not in ("tap", "fill", "coarse", "edges"):
                self.chooser.select("tap")
            self.chooser.compare.show_side("difference")
            self.request_map()

    def _vary(self, runs: int, how: Any) -> None:
        if self._session is not None:
            self.chooser.select("guess")
            self._inspector.measure_stability(self._session, runs, how)

    def stop_picking(self) -> None:
        """Leave the canvas to the user's own tool."""
        self.chooser.origin.why.setChecked(False)

    def _pick_pixel(self, on: bool) -> None:
        document, tool = self._canvas.document, self._canvas.tool
        if on and document is not None:
            probe = ProbeTool(document, self._controller.settings)
            probe.pointed.connect(self._on_pointed)
            self._canvas.set_tool(probe)
        elif isinstance(tool, ProbeTool):
            self.picking_ended.emit()

    def _on_pointed(self, x: int, y: int) -> None:
        if self._session is not None:
            self.chooser.select("why.photo")
            self._inspector.explain_pixel(self._session, x, y)

    # -- drawing -------------------------------------------------------------------------------

    @property
    def query(self) -> MapQuery:
        """Which map to draw, and how."""
        from app.inspection.maps import MapQuery

        values: dict[str, Any] = self.chooser.values
        return MapQuery(**values)

    def request_map(self) -> None:
        """Draw the chosen map in the background; a request still running is dropped."""
        session = self._session
        if session is None or not self.isVisible() or self.findings.run is None:
            return
        from app.ui.panels.features.map_drawing import draw_channels, draw_map, draw_spectrum

        query, findings = self.query, self.findings
        view = self.map_view.view if query.subject == "tap" else "map"
        self.map_view.show_tabs(query.subject == "tap")
        self._start("map", partial(draw_map, query, findings), self._on_drawn)
        if view == "channels":
            width = self.map_view.channels_width
            grid = partial(draw_channels, query, findings, self.map_view.order, width)
            self._start("channels", grid, self.map_view.show_channels)
        elif view == "spectrum":
            spectrum = partial(draw_spectrum, query, findings)
            self._start("spectrum", spectrum, self.map_view.show_spectrum)
        self.map_view.show_view(view)
        for place, stretch in enumerate((5, 4) if view == "map" else (2, 5)):
            self._column.setStretch(place, stretch)  # the channels need the space

    def _ask_figures(self) -> None:
        run = self.findings.run
        if run is None or not run.taps:
            self.chooser.layers.show_figures(None)
            return
        from app.inspection.comparison import compute_figures

        work = partial(compute_figures, run, self.query.depth)
        self._start("figures", work, self.chooser.layers.show_figures)

    def _start(self, what: str, work: Any, show: Any) -> None:
        if what in self._jobs:
            self._jobs[what].cancel()
        job = self._inspector.maps.start(work)
        self._jobs[what] = job
        job.succeeded.connect(show)
        job.failed.connect(self._on_failed)
        for ended in (job.succeeded, job.failed, job.cancelled):
            ended.connect(partial(self._on_ended, what, job))
        if what in _PICTURES and not self._busy_timer.isActive():
            self._busy_timer.start(0 if self.drawn is None else _BUSY_DELAY)

    def _on_ended(self, what: str, job: Job, *_: object) -> None:
        if self._jobs.get(what) is job:
            del self._jobs[what]
            self._clear_message()

    def _clear_message(self) -> None:
        """Remove the waiting message, unless a picture is still being computed."""
        if not any(what in self._jobs for what in _PICTURES):
            self._busy_timer.stop()
            is_empty = self._session is not None and self.findings.run is None
            self.map_view.show_message(t("features.map.none") if is_empty else "")

    def _on_failed(self, error: Exception) -> None:
        from app.session.notice import describe_failure

        message: Notice = describe_failure(error, "window.mistake")
        self._controller.post_notice(message)

    def _on_drawn(self, drawn: DrawnMap | None) -> None:
        self.drawn = drawn
        self.save_menu.shown = None if drawn is None else drawn.shown
        self.save_menu.title = self.chooser.title
        self.save_menu.update_actions()
        self.map_view.show_map(drawn, self.chooser.unit_with_side)
        if drawn is not None:
            self.chooser.show_drawn(drawn.shown)
        self._show_overlay()
        self.linked_cursor.show(drawn, self.findings.run, self._pin)

    @property
    def _pin(self) -> QPointF | None:
        """The pixel that was picked, while its gradient is shown."""
        why = self.findings.influence
        if why is None or not self.chooser.subject.startswith("why"):
            return None
        return QPointF(why.x + 0.5, why.y + 0.5)

    def _on_page(self) -> None:
        """The page of the papers needs all the room, and shows no map."""
        self.map_view.setVisible(not self.chooser.shows_papers)
        self._show_overlay()

    def _show_overlay(self) -> None:
        is_wanted = self.map_view.on_photo.isChecked() and not self.chooser.shows_papers
        if self.drawn is not None and is_wanted and not self.drawn.shown.is_equal:
            opacity = self.map_view.opacity.value() / 100
            self.overlay.show_layers(self.drawn.layers, self.drawn.outline, opacity)
        else:
            self.overlay.clear()

    # -- pointing ------------------------------------------------------------------------------

    def _on_hover(self, pixel: QPoint | None) -> None:
        if self.isVisible() and self.findings.run is not None:
            self.linked_cursor.hover(pixel)

    def _read_values(self, place: QPointF | None) -> None:
        """Show the values of all maps at the cursor."""
        from app.inspection import maps

        run = self.findings.run
        if run is None or place is None or not run.taps or not self.isVisible():
            self.chooser.tree.show_values({})
            return
        x, y, query = int(place.x()), int(place.y()), self.query
        self._start(
            "read", lambda _: maps.read_values(run, x, y, query), self.chooser.tree.show_values
        )
