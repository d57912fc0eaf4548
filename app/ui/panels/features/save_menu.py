"""The menu that saves maps as files: ask where, then write them in the background."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QFileDialog, QMenu, QWidget

from app.configuration.text import t
from app.inspection.inspector import Inspector
from app.session.controller import Controller
from app.session.notice import Notice
from app.session.session import Session
from app.ui.widgets.new_file import ask_new_file
from app.ui.widgets.panel_parts import make_tip
from inpaint_core.contract.progress import Cancelled, Progress

if TYPE_CHECKING:
    from app.inspection.maps import RenderedMap
    from inpaint_core.inspection.capture import InspectedRun


class SaveMenu:
    """Offers to save the map that is shown, all maps of the run, or a report."""

    def __init__(self, parent: QWidget, controller: Controller, inspector: Inspector) -> None:
        self._parent = parent
        self._controller = controller
        self._inspector = inspector
        self.shown: RenderedMap | None = None
        self.title = ""
        self.menu = QMenu(parent)
        self.menu.setToolTipsVisible(True)
        handlers = {"map": self.save_map, "all": self.save_all, "report": self.save_report}
        self._actions = {}
        for what, handler in handlers.items():
            action = self.menu.addAction(t(f"features.save.{what}"))
            action.setToolTip(make_tip(f"save.{what}"))
            action.triggered.connect(partial(_call, handler))
            self._actions[what] = action

    def update_actions(self) -> None:
        """Enable what can be saved."""
        run = self._inspector.findings_of(self._controller.current).run
        self._actions["map"].setEnabled(run is not None and self.shown is not None)
        for what in ("all", "report"):
            self._actions[what].setEnabled(run is not None)

    def save_map(self) -> None:
        """Ask where to, and write the map that is shown."""
        session, shown, title = self._controller.current, self.shown, self.title
        run = self._inspector.findings_of(session).run
        if session is None or run is None or shown is None:
            return
        name = f"{_stem(session)}-{shown.query.tap or shown.query.subject}.png"
        path = self._ask(session, name, "PNG (*.png)")
        if path is not None:
            self._start(path, lambda _: write_map(run, shown, title, path))

    def save_all(self) -> None:
        """Ask for a folder, and write all maps into a new folder inside it."""
        session = self._controller.current
        run = self._inspector.findings_of(session).run
        if session is None or run is None:
            return
        title = t("features.save.folder")
        chosen = QFileDialog.getExistingDirectory(self._parent, title, str(_folder(session)))
        if chosen:
            folder = _unused(Path(chosen) / f"{_stem(session)}-maps")
            self._start(folder, lambda progress: write_all(run, folder, progress))

    def save_report(self) -> None:
        """Ask where to, and write the report."""
        session = self._controller.current
        run = self._inspector.findings_of(session).run
        if session is None or run is None:
            return
        path = self._ask(session, f"{_stem(session)}-fill.html", "HTML (*.html)")
        if path is not None:
            name = session.name
            self._start(path, lambda _: write_report_page(run, path, name))

    def _ask(self, session: Session, name: str, kind: str) -> Path | None:
        title = t("features.save.title")
        path = ask_new_file(self._parent, title, _folder(session) / name, kind)
        return path if path is None or path.suffix else path.with_suffix(Path(name).suffix)

    def _start(self, path: Path, work: Callable[[Progress], object]) -> None:
        controller = self._controller
        saved = Notice(t("features.saved", name=path.name), is_calm=True, fades=True)
        text = t("window.saving", name=path.name)
        controller.start_task(work, text, lambda _: controller.post_notice(saved))


def write_map(run: InspectedRun, shown: RenderedMap, title: str, path: Path) -> None:
    """Write a map with its colour bar, over an existing file: the dialog has asked."""
    from inpaint_core.inspection.export.run_files import draw_offsets, draw_run_map
    from inpaint_core.photo.atomic_file import write_atomically

    if shown.query.subject == "offsets":
        picture = draw_offsets(run)
    else:
        placed_map = shown.maps[min(shown.query.part, len(shown.maps) - 1)]
        picture = draw_run_map(run, placed_map, title, shown.style)
    with write_atomically(path, overwrite=True) as stream:
        picture.save(stream, "PNG")


def write_all(run: InspectedRun, folder: Path, progress: Progress) -> None:
    """Write all maps of a run into a new folder; remove the folder if cancelled."""
    from inpaint_core.contract.errors import CannotWrite
    from inpaint_core.inspection.export.run_files import export_run

    try:
        folder.mkdir()
    except OSError as error:
        raise CannotWrite(
            "features.save.refused", path=folder, reason=error.strerror or error
        ) from error
    try:
        export_run(run, folder, ("norm", "entropy"), progress=progress)
    except Cancelled:
        shutil.rmtree(folder, ignore_errors=True)
        raise


def write_report_page(run: InspectedRun, path: Path, title: str) -> None:
    """Write the report on a fill."""
    from inpaint_core.inspection.export.report import write_report

    write_report(run, path, title, overwrite=True)


def _stem(session: Session) -> str:
    path = session.document.path
    return t("window.untitled") if path is None else path.stem


def _folder(session: Session) -> Path:
    path = session.document.path
    return Path.home() if path is None else path.parent


def _unused(path: Path) -> Path:
    unused, number = path, 2
    while unused.exists():
        unused = path.with_name(f"{path.name}-{number}")
        number += 1
    return unused


def _call(handler: Callable[[], object], *_: object) -> None:
    handler()
