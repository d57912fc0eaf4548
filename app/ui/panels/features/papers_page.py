"""The page of the papers: draw the figures of a paper for the photo in front, and save them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtWidgets import QCheckBox, QComboBox, QScrollArea, QWidget

from app.configuration.text import t
from app.inspection.inspector import Inspector
from app.session.controller import Controller
from app.session.notice import Notice
from app.session.session import Session
from app.ui.panels.features.figure_view import FigureView, ShownFigure, prepare_figures
from app.ui.widgets.layouts import lay_out_column, make_row, make_scroll_area
from app.ui.widgets.new_file import ask_new_file
from app.ui.widgets.panel_parts import WrappedLabel, explain_widget, make_button
from app.workers.jobs import Job
from inpaint_core.contract.errors import InpaintError
from inpaint_core.contract.message import Message
from inpaint_core.contract.progress import Progress

if TYPE_CHECKING:
    from inpaint_core.inspection.capture import InspectedRun
    from inpaint_core.inspection.figures.paper_figure import PaperFigure, PaperSpec


class PapersPage(QWidget):
    """Chooses a paper, looks inside with its engine where that has not happened yet, and shows its
    figures. Nothing of a paper is loaded before the page is in front.
    """

    def __init__(self, controller: Controller, inspector: Inspector) -> None:
        super().__init__()
        self._controller, self._inspector = controller, inspector
        self._waiting: Session | None = None
        self._job: Job | None = None
        self._drawn: tuple[PaperSpec, InspectedRun, tuple[PaperFigure, ...]] | None = None
        self.figures: list[FigureView] = []
        self.paper = QComboBox()
        explain_widget(self.paper, "paper")
        self.draw = make_button("draw", "ph.eye")
        self.save = make_button("page_file", "ph.export")
        self.truth = QCheckBox(t("features.truth"))
        explain_widget(self.truth, "truth")
        self.message = WrappedLabel(t("features.papers.about"))
        self._area = QScrollArea()
        self._show(())
        head = make_row(self.paper, self.draw, None)
        items = (head, make_row(self.save, None), self.truth, self.message)
        self._column = lay_out_column(self, *items, (self._area, 1), margins=(8, 8, 8, 4))
        self.paper.activated.connect(lambda _: self._on_paper())
        self.draw.clicked.connect(self.draw_figures)
        self.save.clicked.connect(self._save)
        inspector.findings_changed.connect(self._on_findings)
        inspector.busy_changed.connect(self._on_busy)
        controller.current_changed.connect(lambda _: self._clear())

    @property
    def spec(self) -> PaperSpec:
        """The paper that is chosen."""
        from inpaint_core.inspection.papers.registry import papers

        return papers()[str(self.paper.currentData())]

    def open(self) -> None:
        """List the papers, the first time that the page is in front."""
        if self.paper.count() == 0:
            from inpaint_core.inspection.papers.registry import papers

            for spec in sorted(papers().values(), key=lambda each: each.title == "ZITS"):
                self.paper.addItem(spec.title, spec.id)
            self.paper.setCurrentIndex(max(self.paper.findData("tsgl"), 0))
        self.update_choices()

    def update_choices(self) -> None:
        """Enable what is possible now, and say what is missing."""
        if self.paper.count() == 0:
            return
        reason = _find_obstacle(self.spec)
        session = self._controller.current
        can_look = self._inspector.can_inspect(session)
        self.draw.setEnabled(not reason and can_look and self._job is None)
        self.save.setEnabled(self._drawn is not None)
        self.truth.setVisible(any("truth" in figure.needs for figure in self.spec.figures))
        about = t("features.papers.about") if can_look else t("features.look.none")
        self.message.show_text(reason or about)
        self.message.setVisible(self._drawn is None or bool(reason))

    def _on_paper(self) -> None:
        self._clear()

    def _clear(self) -> None:
        if self._job is not None:
            self._job.cancel()
        self._job, self._waiting, self._drawn = None, None, None
        self._show(())
        self.update_choices()

    # -- drawing -------------------------------------------------------------------------------

    def draw_figures(self) -> None:
        """Draw the chosen paper's figures, after a look inside where the run lacks its maps."""
        session = self._controller.current
        if session is None:
            return
        from inpaint_core.inspection.figures.draw_paper import list_taps

        run, engine = self._inspector.findings_of(session).run, self.spec.engine
        wanted = list_taps(self.spec, engine)
        if run is not None and {tap.name for tap in run.taps} >= set(wanted):
            self._draw(run)
        else:
            self._waiting = session
            self._inspector.inspect(session, engine, wanted)

    def _on_findings(self, session: Session) -> None:
        run = self._inspector.findings_of(session).run
        if session is self._waiting:
            self._waiting = None
            if run is not None and run.taps:
                self._draw(run)
        elif session is self._controller.current and self._drawn and run is not self._drawn[1]:
            self._clear()
        self.update_choices()

    def _on_busy(self, on: bool) -> None:
        if not on:
            self._waiting = None  # it was stopped, or failed and that was told

    def _draw(self, run: InspectedRun) -> None:
        spec, truth = self.spec, self.truth.isChecked() and self.truth.isVisible()

        def work(progress: Progress) -> tuple[tuple[PaperFigure, ...], list[ShownFigure]]:
            from inpaint_core.inspection.figures.draw_paper import draw_paper

            shown = run.request.image if truth else None
            figures = draw_paper(spec, run, shown, progress=progress)
            return figures, prepare_figures(spec, figures)

        self._job = job = self._inspector.maps.start(work)
        self._controller.show_task(job, t.message(Message("figures.drawing")))
        job.succeeded.connect(partial(self._on_drawn, job, spec, run))
        job.failed.connect(self._controller.post_failure)
        for ended in (job.succeeded, job.failed, job.cancelled):
            ended.connect(partial(self._on_ended, job))
        self.update_choices()

    def _on_drawn(self, job: Job, spec: PaperSpec, run: InspectedRun, result: Any) -> None:
        if self._job is job:
            figures, shown = result
            self._drawn = (spec, run, figures)
            self._show(shown)

    def _on_ended(self, job: Job, *_: object) -> None:
        if self._job is job:
            self._job = None
            self.update_choices()

    def _show(self, shown: Sequence[ShownFigure]) -> None:
        """Put other figures into the page, which then shows the first one."""
        self.figures = [FigureView(each) for each in shown]
        inner = QWidget()
        lay_out_column(inner, *self.figures, None, margins=(0, 4, 6, 4), spacing=18)
        area = make_scroll_area(inner)
        if self.layout() is not None:
            self._column.replaceWidget(self._area, area)
        self._area.hide()
        self._area.deleteLater()
        self._area = area

    # -- saving --------------------------------------------------------------------------------

    def _save(self) -> None:
        """Ask where to, and write the page."""
        session = self._controller.current
        if session is None or self._drawn is None:
            return
        spec, run, figures = self._drawn
        photo = session.document.path
        folder, stem = (None, "") if photo is None else (photo.parent, photo.stem)
        name = f"{stem or t('window.untitled')}-{spec.id}.html"
        proposed = (Path.home() if folder is None else folder) / name
        path = ask_new_file(self, t("features.save.title"), proposed, "HTML (*.html)")
        if path is None:
            return
        path = path if path.suffix else path.with_suffix(".html")
        title, language = session.name, t.language

        def work(_: Progress) -> None:
            from inpaint_core.inspection.figures.paper_page import write_page

            write_page(spec, run, figures, path, title, t.message, language)

        saved = Notice(t("features.saved", name=path.name), is_calm=True, fades=True)
        text = t("window.saving", name=path.name)
        self._controller.start_task(work, text, lambda _: self._controller.post_notice(saved))


def _find_obstacle(spec: PaperSpec) -> str:
    """Why the figures of a paper cannot be drawn here, and what to do; "" if they can."""
    from inpaint_core.inspection.figures.draw_paper import check_engine

    try:
        check_engine(spec, spec.engine)
    except InpaintError as error:
        return f"{t.message(error.message)} {t.message(error.hint)}"
    return ""
