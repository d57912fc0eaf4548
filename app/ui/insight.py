"""Looking into fills before and after they are made: the panels that do, and what feeds them."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction

from app.controller import Controller
from app.engine_lane import Ready
from app.inspector import Inspector
from app.jobs import Lane
from app.session import Session
from app.ui.desk import Desk
from app.ui.panels.features.panel import FeaturesPanel
from app.ui.panels.structure import StructurePanel
from app.ui.sees import Sees


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
        controller.filler.applied.connect(self._on_applied)

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

    def _on_shown(self, session: Session | None) -> None:
        self.sees.show_photo(session)
        if self.structure is not None:
            self.structure.show_photo(session)

    def _on_applied(self, session: Session) -> None:
        if self.structure is not None and session is self._controller.current:
            self.structure.show_completed()
