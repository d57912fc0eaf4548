"""The upper half of the panel: inspect a fill, and choose one of its maps."""

from __future__ import annotations

from collections.abc import Sequence, Set
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QMenu, QPushButton, QTabWidget, QToolButton, QWidget

from app.configuration.settings import Settings
from app.configuration.text import t
from app.ui.panels.features.chooser_pages import ComparePage, OriginPage
from app.ui.panels.features.layers_page import LayersPage
from app.ui.panels.features.map_controls import MapControls
from app.ui.panels.features.map_tree import MapTree
from app.ui.panels.features.papers_page import PapersPage
from app.ui.widgets.layouts import lay_out_column, make_row
from app.ui.widgets.panel_parts import WrappedLabel, explain_widget, make_button, make_tip

if TYPE_CHECKING:
    from app.inspection.comparison import ComparedOption
    from app.inspection.maps import Findings, RenderedMap
    from inpaint_core.contract.specs import TapPoint
    from inpaint_core.inspection.capture import InspectedRun

_PAGES = ("maps", "layers", "origin", "compare", "papers")


class MapChooser(QWidget):
    """``chosen(subject)``: another map was chosen. ``changed()``: the same map is to be drawn
    differently.

    ``page_changed()``: another page is in front.

    Requests to inspect: ``look_asked()``, ``network_look_asked()`` with a network,
    ``single_look_asked()`` for the chosen map only. ``figures_asked()``: the layers page needs its
    figures.
    """

    look_asked = Signal()
    network_look_asked = Signal()
    single_look_asked = Signal()
    figures_asked = Signal()
    page_changed = Signal()
    chosen = Signal(str)
    changed = Signal()

    def __init__(self, settings: Settings, menu: QMenu, papers: PapersPage) -> None:
        super().__init__()
        self.papers = papers
        self.subject, self.tap = "tap", ""
        self.look = make_button("look", "ph.eye")
        self.save = make_button("save", "ph.export")
        self.save.setMenu(menu)
        self.save.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.message = WrappedLabel()
        self.network = QPushButton(t("features.network"))
        explain_widget(self.network, "network")
        self.alone = QPushButton(t("features.alone"))
        explain_widget(self.alone, "alone")
        self.tree, self.controls = MapTree(), MapControls(settings)
        self.layers, self.origin, self.compare = LayersPage(), OriginPage(), ComparePage()
        maps = QWidget()
        lay_out_column(maps, (self.tree, 1), self.controls, margins=(8, 8, 8, 4), spacing=5)
        self.pages = _Pages()
        self.pages.setDocumentMode(True)
        self.pages.setObjectName("pages")
        pages = (maps, self.layers, self.origin, self.compare, papers)
        for name, page in zip(_PAGES, pages, strict=True):
            self.pages.addTab(page, t(f"features.page.{name}"))
            self.pages.setTabToolTip(self.pages.count() - 1, make_tip(f"page.{name}"))
        notes = QWidget()
        lay_out_column(notes, self.message, self.network, self.alone, margins=(8, 0, 8, 0))
        head = make_row(self.look, self.save, None)
        head.setContentsMargins(8, 6, 8, 0)
        lay_out_column(self, head, notes, (self.pages, 1), spacing=4)
        self.look.clicked.connect(self.look_asked)
        self.network.clicked.connect(self.network_look_asked)
        self.alone.clicked.connect(self.single_look_asked)
        self.tree.chosen.connect(self._on_tree)
        self.controls.changed.connect(self.changed)
        self.origin.chosen.connect(self._on_origin)
        self.compare.chosen.connect(lambda _: self.changed.emit())
        self.pages.currentChanged.connect(self._on_page)

    # -- what is available ---------------------------------------------------------------------

    def list_taps(self, taps: Sequence[TapPoint], findings: Findings) -> None:
        """List the taps, and choose a map that the run has."""
        self.tree.list_taps(taps)
        names = [tap.name for tap in taps]
        if self.tap not in names:
            self.tap = names[0] if names else ""
        if self.subject == "tap" and findings.run is not None and not findings.run.taps:
            self.subject = "fill"
        elif self.subject == "fill" and findings.run is not None and findings.run.taps:
            self.subject = "tap"
        self._mark()

    def update_choices(
        self,
        findings: Findings,
        can_look: bool,
        network: bool,
        comparisons: Set[ComparedOption],
        filling: bool,
    ) -> None:
        """Enable what is possible now, and describe what is known; ``filling``: a fill is
        running.
        """
        run, why = findings.run, findings.influence
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
            text = t.message(run.notes[-1])
        self.message.show_text(text)
        self.message.setVisible(bool(text))
        self.network.setVisible(alone)
        self.network.setEnabled(network)
        self.alone.setVisible(run is not None and bool(run.left_out) and bool(self.tap))
        offsets = run is not None and run.offsets is not None
        gradient = run is not None and bool(run.taps)
        edges = why is not None and why.edges is not None
        self.origin.update_choices(offsets, gradient, why is not None, edges)
        if why is None:
            self.origin.answer.show_text("")
        else:
            brightness = f"{why.value:.2f}"
            self.origin.answer.show_text(t("features.answer", x=why.x, y=why.y, value=brightness))
        kept_run = findings.kept_run
        kept = "" if kept_run is None else t("features.kept", run=_describe(kept_run))
        if kept and run is not None and run is not findings.kept_run:
            kept += "\n" + t("features.kept.now", run=_describe(run))
        self.compare.update_choices(run is not None, can_look, kept, comparisons)
        self.papers.update_choices()

    def show_drawn(self, shown: RenderedMap) -> None:
        """Show the range and the crops of the map that was drawn; a fixed range starts there."""
        if shown.style is not None and shown.query.scale_mode != "fixed":
            self.controls.set_range(shown.style.scale.low, shown.style.scale.high)
        self.controls.set_counts(len(shown.maps), shown.levels)

    # -- the choice ----------------------------------------------------------------------------

    @property
    def values(self) -> dict[str, object]:
        """The choices as arguments of `MapQuery`."""
        side = "now" if self.subject.startswith(("why", "guess")) else self.compare.side
        tap = self.tap if self.subject == "tap" else ""
        return {"subject": self.subject, "tap": tap, "side": side, **self.controls.values}

    @property
    def title(self) -> str:
        """The chosen map, in words."""
        unit = self.unit_with_side
        return f"{self.tap} ({unit})" if self.subject == "tap" else unit

    @property
    def unit_with_side(self) -> str:
        """What the values are, and of which run if it is not the current one."""
        side = str(self.values["side"])
        return self.unit if side == "now" else f"{t(f'features.side.{side}')}: {self.unit}"

    @property
    def unit(self) -> str:
        """What the values are."""
        if self.subject != "tap":
            return t.get(f"features.{self.subject}.unit", t(f"features.{self.subject}"))
        return t(f"features.how.{self.controls.values['reduction']}")

    @property
    def shows_layers(self) -> bool:
        """Whether the layers page is in front."""
        return self.pages.currentWidget() is self.layers

    @property
    def shows_papers(self) -> bool:
        """Whether the page of the papers is in front."""
        return self.pages.currentWidget() is self.papers

    def select(self, subject: str) -> None:
        """Choose a map without emitting `chosen`; it is drawn once it exists."""
        self.subject = subject
        self._mark()

    def _mark(self) -> None:
        tap = self.subject == "tap"
        self.tree.mark(self.subject, self.tap if tap else "")
        self.origin.mark(self.subject)
        self.controls.show_choices(tap, self.tree.channel_count(self.tap))

    def _on_tree(self, subject: str, tap: str) -> None:
        self.subject = subject
        if subject == "tap":
            self.tap = tap
            self.layers.show_part(tap.rpartition("-")[0])
        self._mark()
        self.chosen.emit(subject)

    def _on_origin(self, subject: str) -> None:
        self.subject = subject
        self.compare.show_side("now")
        self._mark()
        self.chosen.emit(subject)

    def _on_page(self, _index: int) -> None:
        if self.shows_layers:
            self.figures_asked.emit()
        elif self.shows_papers:
            self.papers.open()
        self.page_changed.emit()


class _Pages(QTabWidget):
    """Pages that do not demand more height than there is."""

    def hasHeightForWidth(self) -> bool:
        """No: otherwise the height that the text prefers would become the minimum."""
        return False


def _describe(run: InspectedRun) -> str:
    """The settings of a run in which two runs can differ, in words."""
    result, request = run.result, run.request
    engine = t.get(f"engines.{result.engine}", result.engine)
    parts = [t("features.run", engine=engine, seed=result.seed)]
    if request.options.precision != "auto":
        parts.append(request.options.precision)
    if request.options.edges is not None:
        parts.append(t("features.run.edges"))
    return ", ".join(parts)
