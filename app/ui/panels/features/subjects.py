"""The upper half of the panel: looking inside, and choosing what to look at."""

from __future__ import annotations

from collections.abc import Sequence, Set
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QMenu, QPushButton, QTabWidget, QToolButton, QVBoxLayout, QWidget

from app.configuration.settings import Settings
from app.configuration.text import t
from app.ui.panels.features.compare import Compare
from app.ui.panels.features.controls import Controls
from app.ui.panels.features.layers import Layers
from app.ui.panels.features.origin import Origin
from app.ui.panels.features.tree import Tree
from app.ui.widgets.panel_parts import button, explained, row, tip, words

if TYPE_CHECKING:
    from app.inspection.comparison import Against
    from app.inspection.maps import Findings, Shown
    from inpaint_core.contract.specs import TapPoint
    from inpaint_core.inspection.capture import Run

_PAGES = ("maps", "layers", "origin", "compare")


class Subjects(QWidget):
    """``chosen(subject)``: another map; ``changed()``: the same one otherwise. ``look_asked()``,
    ``network_asked()`` with a network, ``alone_asked()`` for one map only; ``depth_asked()``: the
    figures of the layers are wanted.
    """

    look_asked = Signal()
    network_asked = Signal()
    alone_asked = Signal()
    depth_asked = Signal()
    chosen = Signal(str)
    changed = Signal()

    def __init__(self, settings: Settings, menu: QMenu) -> None:
        super().__init__()
        self.subject, self.tap = "tap", ""
        self.look = button("look", "ph.eye")
        self.save = button("save", "ph.export")
        self.save.setMenu(menu)
        self.save.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.told = words()
        self.network = QPushButton(t("features.network"))
        explained(self.network, "network")
        self.alone = QPushButton(t("features.alone"))
        explained(self.alone, "alone")
        self.tree, self.controls = Tree(), Controls(settings)
        self.layers, self.origin, self.compare = Layers(), Origin(), Compare()
        maps = QWidget()
        inside = QVBoxLayout(maps)
        inside.setContentsMargins(8, 8, 8, 4)
        inside.setSpacing(5)
        inside.addWidget(self.tree, 1)
        inside.addWidget(self.controls)
        self.pages = _Pages()
        self.pages.setDocumentMode(True)
        self.pages.setObjectName("pages")
        for name, page in zip(_PAGES, (maps, self.layers, self.origin, self.compare), strict=True):
            self.pages.addTab(page, t(f"features.page.{name}"))
            self.pages.setTabToolTip(self.pages.count() - 1, tip(f"page.{name}"))
        notes = QWidget()
        told = QVBoxLayout(notes)
        told.setContentsMargins(8, 0, 8, 0)
        for widget in (self.told, self.network, self.alone):
            told.addWidget(widget)
        head = row(self.look, self.save, stretch=True)
        head.setContentsMargins(8, 6, 8, 0)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(head)
        column.addWidget(notes)
        column.addWidget(self.pages, 1)
        self.look.clicked.connect(self.look_asked)
        self.network.clicked.connect(self.network_asked)
        self.alone.clicked.connect(self.alone_asked)
        self.tree.chosen.connect(self._on_tree)
        self.controls.changed.connect(self.changed)
        self.origin.chosen.connect(self._on_origin)
        self.compare.chosen.connect(lambda _: self.changed.emit())
        self.pages.currentChanged.connect(self._on_page)

    # -- what there is -------------------------------------------------------------------------

    def list(self, taps: Sequence[TapPoint], found: Findings) -> None:
        """List what can be looked at."""
        self.tree.list(taps)
        names = [tap.name for tap in taps]
        if self.tap not in names:
            self.tap = names[0] if names else ""
        if self.subject == "tap" and found.run is not None and not found.run.taps:
            self.subject = "fill"
        elif self.subject == "fill" and found.run is not None and found.run.taps:
            self.subject = "tap"
        self._mark()

    def offer(
        self,
        found: Findings,
        can_look: bool,
        network: bool,
        rivals: Set[Against],
        filling: bool,
    ) -> None:
        """What can be asked now, and what there is to say about what is known; ``filling``: a
        fill is under way.
        """
        run, why = found.run, found.why
        self.look.setEnabled(can_look)
        alone = run is not None and not run.taps
        text = ""
        if filling:
            text = t("features.filling")
        elif run is None:
            text = t("features.look.first") if can_look else t("features.look.none")
        elif alone:
            text = t("features.no_network")
        elif run.left_out:
            text = t.said(run.notes[-1])
        self.told.say(text)
        self.told.setVisible(bool(text))
        self.network.setVisible(alone)
        self.network.setEnabled(network)
        self.alone.setVisible(run is not None and bool(run.left_out) and bool(self.tap))
        offsets = run is not None and run.offsets is not None
        gradient = run is not None and bool(run.taps)
        edges = why is not None and why.edges is not None
        self.origin.offer(offsets, gradient, why is not None, edges)
        if why is None:
            self.origin.answer.say("")
        else:
            bright = f"{why.value:.2f}"
            self.origin.answer.say(t("features.answer", x=why.x, y=why.y, value=bright))
        told = "" if found.kept is None else t("features.kept", run=_name(found.kept))
        if told and run is not None and run is not found.kept:
            told += "\n" + t("features.kept.now", run=_name(run))
        self.compare.offer(run is not None, can_look, told, rivals)

    def drawn(self, shown: Shown) -> None:
        """A map was drawn: a fixed range begins with its own."""
        if shown.look is not None and shown.query.spread != "fixed":
            self.controls.fix(shown.look.scale.low, shown.look.scale.high)
        self.controls.count(len(shown.laid), shown.levels)

    # -- what is chosen ------------------------------------------------------------------------

    @property
    def values(self) -> dict[str, object]:
        """What is wanted, as arguments of `Query`."""
        side = "now" if self.subject.startswith(("why", "guess")) else self.compare.side
        tap = self.tap if self.subject == "tap" else ""
        return {"subject": self.subject, "tap": tap, "side": side, **self.controls.values}

    @property
    def title(self) -> str:
        """What is looked at, in words."""
        return f"{self.tap} ({self.told_unit})" if self.subject == "tap" else self.told_unit

    @property
    def told_unit(self) -> str:
        """What the values are, and of which run."""
        side = str(self.values["side"])
        return self.unit if side == "now" else f"{t(f'features.side.{side}')}: {self.unit}"

    @property
    def unit(self) -> str:
        """What the values are."""
        if self.subject != "tap":
            return t.known(f"features.{self.subject}.unit", t(f"features.{self.subject}"))
        return t(f"features.how.{self.controls.values['how']}")

    @property
    def on_layers(self) -> bool:
        """True while the figures of the layers are in sight."""
        return self.pages.currentWidget() is self.layers

    def look_at(self, subject: str) -> None:
        """Look at something that is no place of the tree as soon as it is there."""
        self.subject = subject
        self._mark()

    def _mark(self) -> None:
        tap = self.subject == "tap"
        self.tree.pick(self.subject, self.tap if tap else "")
        self.origin.mark(self.subject)
        self.controls.offer(tap, self.tree.channels(self.tap))

    def _on_tree(self, subject: str, tap: str) -> None:
        self.subject = subject
        if subject == "tap":
            self.tap = tap
            self.layers.pick(tap.rpartition("-")[0])
        self._mark()
        self.chosen.emit(subject)

    def _on_origin(self, subject: str) -> None:
        self.subject = subject
        self.compare.turn("now")
        self._mark()
        self.chosen.emit(subject)

    def _on_page(self, _index: int) -> None:
        if self.on_layers:
            self.depth_asked.emit()


class _Pages(QTabWidget):
    """Pages whose words do not ask for more height than there is."""

    def hasHeightForWidth(self) -> bool:
        """No: else what words would like to have were the least that there must be."""
        return False


def _name(run: Run) -> str:
    """What was asked: what two runs can differ in."""
    result, request = run.result, run.request
    engine = t.known(f"engines.{result.engine}", result.engine)
    parts = [t("features.run", engine=engine, seed=result.seed)]
    if request.precision != "auto":
        parts.append(request.precision)
    if request.edges is not None:
        parts.append(t("features.run.edges"))
    return ", ".join(parts)
