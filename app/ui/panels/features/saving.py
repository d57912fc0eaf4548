"""Maps as files: which one, where to, and the job that writes."""

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
from app.session.filling import failure
from app.session.session import Message, Session
from app.ui.widgets.panel_parts import tip
from inpaint_core.contract.progress import Cancelled, Progress

if TYPE_CHECKING:
    from app.inspection.maps import Shown
    from inpaint_core.inspection.capture import Run

_WHAT = ("map", "all", "report")


class Saving:
    """The menu of what can be written, and what it does."""

    def __init__(self, parent: QWidget, controller: Controller, inspector: Inspector) -> None:
        self._parent = parent
        self._controller = controller
        self._inspector = inspector
        self.shown: Shown | None = None
        self.title = ""
        self.menu = QMenu(parent)
        self.menu.setToolTipsVisible(True)
        does = {"map": self.save_map, "all": self.save_all, "report": self.save_report}
        self._actions = {}
        for what in _WHAT:
            action = self.menu.addAction(t(f"features.save.{what}"))
            action.setToolTip(tip(f"save.{what}"))
            action.triggered.connect(partial(_call, does[what]))
            self._actions[what] = action

    def offer(self) -> None:
        """Enable what there is something to write of."""
        run = self._inspector.of(self._controller.current).run
        self._actions["map"].setEnabled(run is not None and self.shown is not None)
        for what in ("all", "report"):
            self._actions[what].setEnabled(run is not None)

    def save_map(self) -> None:
        """Ask where to and write the map that is shown."""
        session, shown, title = self._controller.current, self.shown, self.title
        run = self._inspector.of(session).run
        if session is None or run is None or shown is None:
            return
        name = f"{_stem(session)}-{shown.query.tap or shown.query.subject}.png"
        path = self._ask(session, name, "PNG (*.png)")
        if path is not None:
            self._start(path, lambda _: write_map(run, shown, title, path))

    def save_all(self) -> None:
        """Ask for a folder and write everything into a new one in it."""
        session = self._controller.current
        run = self._inspector.of(session).run
        if session is None or run is None:
            return
        title = t("features.save.folder")
        chosen = QFileDialog.getExistingDirectory(self._parent, title, str(_folder(session)))
        if chosen:
            folder = _unused(Path(chosen) / f"{_stem(session)}-maps")
            self._start(folder, lambda progress: write_all(run, folder, progress))

    def save_report(self) -> None:
        """Ask where to and write the page."""
        session = self._controller.current
        run = self._inspector.of(session).run
        if session is None or run is None:
            return
        path = self._ask(session, f"{_stem(session)}-fill.html", "HTML (*.html)")
        if path is not None:
            name = session.name
            self._start(path, lambda _: write_page(run, path, name))

    def _ask(self, session: Session, name: str, kind: str) -> Path | None:
        title = t("features.save.title")
        place = str(_folder(session) / name)
        chosen, _ = QFileDialog.getSaveFileName(self._parent, title, place, kind)
        if not chosen:
            return None
        path = Path(chosen)
        return path if path.suffix else path.with_suffix(Path(name).suffix)

    def _start(self, path: Path, work: Callable[[Progress], object]) -> None:
        controller = self._controller
        job = controller.files.start(work)
        controller.work(job, t("window.saving", name=path.name))
        saved = Message(t("features.saved", name=path.name), calm=True)
        job.succeeded.connect(lambda _: controller.told.emit(saved))
        job.failed.connect(lambda error: controller.told.emit(failure(error, "window.mistake")))


def write_map(run: Run, shown: Shown, title: str, path: Path) -> None:
    """Write a map with its colour bar. The dialog has asked about a file that is there."""
    from inpaint_core.inspection.run_export import map_picture, offsets_picture
    from inpaint_core.photo.atomic_file import replacing

    if shown.query.subject == "offsets":
        picture = offsets_picture(run)
    else:
        laid = shown.laid[min(shown.query.part, len(shown.laid) - 1)]
        picture = map_picture(run, laid, title, shown.look)
    with replacing(path, overwrite=True) as stream:
        picture.save(stream, "PNG")


def write_all(run: Run, folder: Path, progress: Progress) -> None:
    """Write all maps of a run into a new folder, which goes again when it is cancelled."""
    from inpaint_core.contract.errors import CannotWrite
    from inpaint_core.inspection.run_export import export

    try:
        folder.mkdir()
    except OSError as error:
        raise CannotWrite(t("features.save.refused", path=folder), str(error)) from error
    try:
        export(run, folder, ("norm", "entropy"), progress=progress)
    except Cancelled:
        shutil.rmtree(folder, ignore_errors=True)
        raise


def write_page(run: Run, path: Path, title: str) -> None:
    """Write the page about a fill."""
    from inpaint_core.inspection.report import write_report

    write_report(run, path, title, overwrite=True)


def _stem(session: Session) -> str:
    path = session.document.path
    return t("window.untitled") if path is None else path.stem


def _folder(session: Session) -> Path:
    path = session.document.path
    return Path.home() if path is None else path.parent


def _unused(path: Path) -> Path:
    found, number = path, 2
    while found.exists():
        found = path.with_name(f"{path.name}-{number}")
        number += 1
    return found


def _call(does: Callable[[], object], *_: object) -> None:
    does()
