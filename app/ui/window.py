"""The main window: lays out its parts and wires them; each part knows nothing of the others."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from PySide6.QtCore import QByteArray, QSettings, QSize, Qt
from PySide6.QtGui import (
    QAction,
    QCloseEvent,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDropEvent,
    QKeySequence,
)
from PySide6.QtWidgets import (
    QFileDialog,
    QMainWindow,
    QMessageBox,
    QStackedWidget,
    QToolBar,
    QVBoxLayout,
    QWidget,
)

import resources
from app import log
from app.actions import ACTIONS, MENUS, TOOLBAR
from app.jobs import Job, Lane
from app.ui import opening
from app.ui.canvas import Canvas
from app.ui.icons import icon
from app.ui.notice import Notice
from app.ui.status import Status
from app.ui.welcome import Welcome
from inpaint_core import __version__
from inpaint_core.errors import InpaintError

_log = logging.getLogger(__name__)


class Window(QMainWindow):
    """The editor's window. Files are read on ``lane``; ``settings`` remembers its place."""

    def __init__(self, lane: Lane, settings: QSettings) -> None:
        super().__init__()
        self._lane = lane
        self._settings = settings
        self._opening: Job | None = None
        self.canvas = Canvas()
        self.welcome = Welcome()
        self.notice = Notice()
        self.status = Status()
        self._pages = QStackedWidget()
        self._pages.addWidget(self.welcome)
        self._pages.addWidget(self.canvas)
        centre = QWidget()
        column = QVBoxLayout(centre)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.notice)
        column.addWidget(self._pages, 1)
        self.setCentralWidget(centre)
        self.setStatusBar(self.status)
        self.actions_by_id = self._build_actions()
        self._build_bars()
        self.canvas.zoomed.connect(self.status.show_zoom)
        self.canvas.hovered.connect(self.status.show_pixel)
        self.welcome.open_asked.connect(self.actions_by_id["open"].trigger)
        self.welcome.sample_asked.connect(self.actions_by_id["sample"].trigger)
        self.setAcceptDrops(True)
        self.resize(1280, 800)
        geometry = settings.value("window/geometry")
        if isinstance(geometry, QByteArray):
            self.restoreGeometry(geometry)
        self._show(None)

    # -- laying out ----------------------------------------------------------------------------

    def _build_actions(self) -> dict[str, QAction]:
        """A QAction for every row of the table; a row without a handler is a KeyError here."""
        handlers: dict[str, Callable[[], object]] = {
            "open": self._ask_for_photo,
            "sample": self._open_sample,
            "close": self._close_photo,
            "quit": self.close,
            "zoom_in": self.canvas.zoom_in,
            "zoom_out": self.canvas.zoom_out,
            "fit": self.canvas.fit,
            "actual": self.canvas.actual,
            "fullscreen": self._toggle_full_screen,
            "about": self._show_about,
        }
        built = {}
        for row in ACTIONS:
            action = QAction(row.text, self)
            if row.icon:
                action.setIcon(icon(row.icon))
            if row.short:
                action.setIconText(row.short)
            action.setShortcuts([QKeySequence(key) for key in row.keys])
            keys = action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
            name = row.text.replace("&", "").rstrip("…")
            action.setToolTip(f"{name}  ({keys})" if keys else name)
            action.triggered.connect(partial(_call, handlers[row.id]))
            built[row.id] = action
        built["quit"].setMenuRole(QAction.MenuRole.QuitRole)
        built["about"].setMenuRole(QAction.MenuRole.AboutRole)
        return built

    def _build_bars(self) -> None:
        for title, rows in MENUS.items():
            menu = self.menuBar().addMenu(title)
            for row in rows:
                if row is None:
                    menu.addSeparator()
                else:
                    menu.addAction(self.actions_by_id[row])
        bar = QToolBar("Tools")
        bar.setObjectName("tools")
        bar.setMovable(False)
        bar.setIconSize(QSize(20, 20))
        bar.setContextMenuPolicy(Qt.ContextMenuPolicy.PreventContextMenu)
        for row in TOOLBAR:
            if row is None:
                bar.addSeparator()
            else:
                bar.addAction(self.actions_by_id[row])
        self.addToolBar(bar)

    # -- opening -------------------------------------------------------------------------------

    def open_paths(self, paths: Sequence[Path]) -> None:
        """Open the first photo and say so if there were more."""
        self.notice.clear()
        if len(paths) > 1:
            self.notice.tell(
                f"Lacuna shows one photo at a time: this is the first of {len(paths)}.",
                "“inpaint batch” on the command line fills many photos with one mask.",
            )
        self._open(paths[0])

    def _open(self, path: Path) -> None:
        if self._opening is not None:
            self._opening.cancel()
        job = self._lane.start(partial(opening.read, path))
        self._opening = job
        self.status.working(0.0, f"Opening {path.name}…")
        job.progressed.connect(partial(self._on_progress, job))
        job.succeeded.connect(partial(self._on_opened, job))
        job.failed.connect(partial(self._on_failed, job))

    # A photo asked for later wins: what an earlier job still has to say is not heard.

    def _on_progress(self, job: Job, fraction: float, text: str) -> None:
        if job is self._opening:
            self.status.working(fraction, text)

    def _on_opened(self, job: Job, opened: opening.Opened) -> None:
        if job is self._opening:
            self._opening = None
            self.status.idle()
            self._show(opened)
            if opened.notes:
                self.notice.tell(opened.notes[0], " ".join(opened.notes[1:]))

    def _on_failed(self, job: Job, error: Exception) -> None:
        if job is not self._opening:
            return
        self._opening = None
        self.status.idle()
        if isinstance(error, InpaintError):
            self.notice.tell(error.message, error.hint)
        else:
            _log.error("opening a photo failed", exc_info=error)
            self.notice.tell(
                "The photo could not be opened because of a mistake in Lacuna.",
                f"The details are in {log.path()}.",
            )

    def _show(self, opened: opening.Opened | None) -> None:
        self._pages.setCurrentWidget(self.welcome if opened is None else self.canvas)
        self.status.show_photo(opened)
        self.canvas.show_levels(() if opened is None else opened.levels)
        for row in ACTIONS:
            self.actions_by_id[row.id].setEnabled(opened is not None or not row.needs_photo)
        # Qt appends the application's name to the title, and macOS shows the file's icon.
        self.setWindowTitle("" if opened is None else opened.path.name)
        self.setWindowFilePath("" if opened is None else str(opened.path))
        (self.welcome if opened is None else self.canvas).setFocus()

    # -- what the actions do -------------------------------------------------------------------

    def _ask_for_photo(self) -> None:
        patterns = " ".join(f"*.{ending}" for ending in opening.ENDINGS)
        last = self._settings.value("open/folder")
        name, _ = QFileDialog.getOpenFileName(
            self,
            "Open a photo",
            last if isinstance(last, str) else "",
            f"Photos ({patterns});;All files (*)",
        )
        if name:
            self._settings.setValue("open/folder", str(Path(name).parent))
            self.open_paths([Path(name)])

    def _open_sample(self) -> None:
        self.open_paths([resources.path("samples/beach.jpg")])

    def _close_photo(self) -> None:
        if self._opening is not None:
            self._opening.cancel()
            self._opening = None
            self.status.idle()
        self.notice.clear()
        self._show(None)

    def _toggle_full_screen(self) -> None:
        self.setWindowState(self.windowState() ^ Qt.WindowState.WindowFullScreen)

    def _show_about(self) -> None:
        QMessageBox.about(
            self,
            "About Lacuna",
            f"<h3>Lacuna {__version__}</h3>"
            "<p>Removes what you paint over from a photo.<br>"
            "Everything runs on your own machine.</p>"
            "<p>Free software under the Apache License 2.0.</p>",
        )

    # -- events --------------------------------------------------------------------------------

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Take files, and nothing else."""
        if _dropped(event):
            event.acceptProposedAction()
            self.welcome.highlight(True)

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        """The drag went elsewhere."""
        self.welcome.highlight(False)

    def dropEvent(self, event: QDropEvent) -> None:
        """Open what was dropped."""
        self.welcome.highlight(False)
        event.acceptProposedAction()
        self.open_paths(_dropped(event))

    def closeEvent(self, event: QCloseEvent) -> None:
        """Remember the window's place."""
        if self._opening is not None:
            self._opening.cancel()
            self._opening = None
        self._settings.setValue("window/geometry", self.saveGeometry())
        super().closeEvent(event)


def _call(handler: Callable[[], object], *_: object) -> None:
    """``handler`` without the arguments that ``triggered`` passes."""
    handler()


def _dropped(event: QDropEvent) -> list[Path]:
    """The local files that are being dragged."""
    urls = event.mimeData().urls()
    return [Path(url.toLocalFile()) for url in urls if url.isLocalFile()]
