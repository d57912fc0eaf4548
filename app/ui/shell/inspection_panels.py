"""The panels that inspect fills, before and after they are made, and what feeds them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction

from app.configuration.text import t
from app.inspection.inspector import Inspector
from app.session.controller import Controller
from app.session.session import Session
from app.ui.overlays.plan_preview import PlanPreview
from app.ui.panels.features.features_panel import FeaturesPanel
from app.ui.panels.structure_panel import StructurePanel
from app.ui.shell.workspace import Workspace
from app.workers.engine_lane import FillJob
from app.workers.jobs import Lane
from inpaint_core.contract.progress import Progress

if TYPE_CHECKING:
    from inpaint_core.contract.request import InpaintResult


class InspectionPanels(QObject):
    """Connects the panels. Maps are computed on ``lane``, and only while they are visible."""

    def __init__(self, controller: Controller, workspace: Workspace, lane: Lane) -> None:
        super().__init__()
        canvas = workspace.canvas
        self._controller, self._canvas, self._lane = controller, canvas, lane
        self.inspector = Inspector(controller, controller.engines.lane, lane)
        self.features = FeaturesPanel(controller, self.inspector, canvas)
        self.features.picking_ended.connect(lambda: workspace.pick(workspace.tool))
        workspace.picked.connect(lambda _: self.features.stop_picking())
        self.sees = PlanPreview(canvas, controller.settings, lane)
        self.structure: StructurePanel | None = None
        controller.current_changed.connect(self._on_current_changed)
        controller.engines.ready.connect(lambda _: self._load())
        controller.filler.fill_progressed.connect(self._on_fill_progressed)
        controller.filler.variations_changed.connect(self._complete)
        controller.session_closed.connect(lambda session: self._reasons.pop(session, None))
        self.inspector.findings_changed.connect(self._complete)
        self._loaded = False
        self._connected_job: FillJob | None = None
        self._reasons: dict[Session, str] = {}  # why the last fill has no guessed edges

    @property
    def by_action(self) -> Mapping[str, Callable[[], object]]:
        """The handlers by action id."""
        return {"view.sees": lambda: self.sees.show(self._sees_action.isChecked())}

    def build(self, actions: Mapping[str, QAction]) -> StructurePanel:
        """Build the Structure panel, which needs the actions."""
        self._sees_action = actions["view.sees"]
        self.structure = StructurePanel(
            self._canvas, self._controller.settings, self._lane, self._sees_action
        )
        self.structure.watched.connect(self._on_watched)
        self.structure.look_asked.connect(self._look)
        return self.structure

    @property
    def is_busy(self) -> bool:
        """Whether anything is being computed; tests wait for it to end."""
        return self.sees.is_busy or (self.structure is not None and self.structure.preview.is_busy)

    def _on_watched(self, on: bool) -> None:
        # A network completes edges anyway; they are kept only while the panel is visible.
        self._controller.filler.wanted_products = frozenset({"edges"} if on else ())

    def _load(self) -> None:
        """Import what the panels need in the background, once there is a photo and the engine is
        ready, so that the first map appears without delay.
        """
        controller = self._controller
        if (
            not self._loaded
            and controller.current is not None
            and controller.engines.loaded is not None
        ):
            self._loaded = True
            self._lane.start(_import)

    def _on_current_changed(self, session: Session | None) -> None:
        self._load()
        self.sees.show_photo(session)
        if self.structure is not None:
            self.structure.show_photo(session)
        if session is not None:
            self._complete(session)

    def _on_fill_progressed(self, session: Session) -> None:
        """Connect to the job of a new fill, before the result reaches anything else."""
        filling = session.running_fill
        if (
            filling is not None
            and filling.frozen_request is not None
            and filling.job is not self._connected_job
        ):
            self._connected_job = filling.job
            filling.job.succeeded.connect(partial(self._on_filled, session))

    def _on_filled(self, session: Session, result: InpaintResult) -> None:
        why = ""
        if "edges" not in result.products:
            # The first note of an engine that chose another one says why.
            chose = result.engine not in {step["engine"] for step in result.plan}
            said = result.notes[0] if chose and result.notes else None
            reason = t("structure.unguessed.engine") if said is None else t.message(said)
            why = t("structure.unguessed", why=reason)
        self._reasons[session] = why
        self._complete(session)

    def _complete(self, session: Session) -> None:
        """Show the edges that a network completed, in the fill itself or when it was inspected."""
        panel = self.structure
        if panel is None or session is not self._controller.current:
            return
        edges, run = session.completed_edges, self.inspector.findings_of(session).run
        if edges is None and run is not None and run.edges is not None:
            edges = (run.result.rect, run.edges)
        panel.show_completed(edges)
        why = "" if edges is not None else self._reasons.get(session, "")
        panel.show_reason(why, self.inspector.network is not None)

    def _look(self) -> None:
        """Inspect the last fill with a network; the photo stays as it is."""
        session, network = self._controller.current, self.inspector.network
        if session is not None and network is not None:
            self.inspector.inspect(session, network.id)


def _import(progress: Progress) -> None:
    """Import what the panels draw with, off the UI thread."""
    from app.inspection import maps  # noqa: F401
    from app.ui.panels.features import map_drawing as drawing  # noqa: F401
    from inpaint_core.inspection import capture  # noqa: F401
    from inpaint_core.project import model  # noqa: F401

    progress.check()
