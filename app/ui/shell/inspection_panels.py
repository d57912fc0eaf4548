"""Looking into fills before and after they are made: the panels that do, and what feeds them."""

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
from app.ui.overlays.plan_preview import Sees
from app.ui.panels.features.panel import FeaturesPanel
from app.ui.panels.structure_panel import StructurePanel
from app.ui.shell.workspace import Desk
from app.workers.engine_lane import FillJob, Ready
from app.workers.jobs import Lane
from inpaint_core.contract.progress import Progress

if TYPE_CHECKING:
    from inpaint_core.contract.request import InpaintResult


class Insight(QObject):
    """Everything is computed on ``lane``, and only while somebody looks at it."""

    def __init__(self, controller: Controller, desk: Desk, lane: Lane) -> None:
        super().__init__()
        canvas = desk.canvas
        self._controller, self._canvas, self._lane = controller, canvas, lane
        self.inspector = Inspector(controller, controller.engine, lane)
        self.features = FeaturesPanel(controller, self.inspector, desk)
        self.sees = Sees(canvas, controller.settings, lane)
        self.structure: StructurePanel | None = None
        controller.shown.connect(self._on_shown)
        controller.ready.connect(self._on_ready)
        controller.filler.moved.connect(self._on_moved)
        controller.filler.varied.connect(self._complete)
        controller.closed.connect(lambda session: self._unguessed.pop(session, None))
        self.inspector.found.connect(self._complete)
        self._loaded = False
        self._heard: FillJob | None = None
        self._unguessed: dict[Session, str] = {}  # why the last fill has no guessed edges

    @property
    def handlers(self) -> Mapping[str, Callable[[], object]]:
        """What its actions do."""
        return {"view.sees": self._toggle_sees}

    def build(self, actions: Mapping[str, QAction]) -> StructurePanel:
        """The structure panel, once there are actions."""
        self._sees_action = actions["view.sees"]
        self.structure = StructurePanel(
            self._canvas, self._controller.settings, self._lane, self._sees_action
        )
        self.structure.watched.connect(self._on_watched)
        self.structure.look_asked.connect(self._look)
        return self.structure

    @property
    def busy(self) -> bool:
        """True while anything is being computed: tests wait for it to end."""
        return self.sees.busy or (self.structure is not None and self.structure.looker.busy)

    def _toggle_sees(self) -> None:
        self.sees.show(self._sees_action.isChecked())

    def _on_watched(self, on: bool) -> None:
        # A network completes edges on the way; they are kept only where somebody looks at them.
        self._controller.filler.want = frozenset({"edges"} if on else ())

    def _on_ready(self, ready: Ready) -> None:
        self.sees.default = ready.default
        self._load()

    def _load(self) -> None:
        """Once there is a photo and the engine is no longer waited for: else the first look would
        wait for what it needs.
        """
        controller = self._controller
        if not self._loaded and controller.current is not None and controller.engines is not None:
            self._loaded = True
            self._lane.start(_import)

    def _on_shown(self, session: Session | None) -> None:
        self._load()
        self.sees.show_photo(session)
        if self.structure is not None:
            self.structure.show_photo(session)
        if session is not None:
            self._complete(session)

    def _on_moved(self, session: Session) -> None:
        """Hear of what comes of a fill before anybody else does."""
        filling = session.filling
        if filling is not None and filling.asked is not None and filling.job is not self._heard:
            self._heard = filling.job
            filling.job.succeeded.connect(partial(self._hear, session))

    def _hear(self, session: Session, result: InpaintResult) -> None:
        why = ""
        if "edges" not in result.products:
            # The first thing that an engine says that chose is why.
            chose = result.engine not in {step["engine"] for step in result.plan}
            said = result.notes[0] if chose and result.notes else ""
            reason = t.said(said) if said else t("structure.unguessed.engine")
            why = t("structure.unguessed", why=reason)
        self._unguessed[session] = why
        self._complete(session)

    def _complete(self, session: Session) -> None:
        """Show the edges that a network completed, in the fill or when it was looked into."""
        panel = self.structure
        if panel is None or session is not self._controller.current:
            return
        held, run = session.completed, self.inspector.of(session).run
        if held is None and run is not None and run.edges is not None:
            held = (run.result.rect, run.edges)
        panel.show_completed(held)
        why = "" if held is not None else self._unguessed.get(session, "")
        panel.explain(why, self.inspector.network is not None)

    def _look(self) -> None:
        """Have a network look at the last fill, which stays as it is."""
        session, network = self._controller.current, self.inspector.network
        if session is not None and network is not None:
            self.inspector.look(session, network.id)


def _import(progress: Progress) -> None:
    """Load what the panels draw with, off the UI thread."""
    from app.inspection import maps  # noqa: F401
    from app.ui.panels.features import drawing  # noqa: F401
    from inpaint_core.inspection import capture  # noqa: F401
    from inpaint_core.project import model  # noqa: F401  (what is remembered of a fill)

    progress.check()
