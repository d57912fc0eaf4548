"""The main window: lays out its parts and wires them; each part knows nothing of the others."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from PySide6.QtCore import QByteArray, Qt, QTimer
from PySide6.QtGui import (
    QAction,
    QCloseEvent,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDropEvent,
)
from PySide6.QtWidgets import (
    QApplication,
    QMainWindow,
    QMenu,
    QStackedWidget,
    QToolBar,
    QVBoxLayout,
    QWidget,
)

from app.configuration.actions import STRIP
from app.configuration.keymap import Keymap
from app.configuration.text import t
from app.session.controller import Controller
from app.session.recent import Recent
from app.session.session import Message, Session
from app.ui.dialogs import questions as asking
from app.ui.panels.docks import Docks
from app.ui.panels.history_panel import HistoryPanel
from app.ui.panels.variations_panel import VariationsPanel
from app.ui.shell import clipboard
from app.ui.shell.command_handlers import Deeds
from app.ui.shell.hint_line import Hint
from app.ui.shell.inspection_panels import Insight
from app.ui.shell.notice_bar import Notice
from app.ui.shell.options_bar import Options
from app.ui.shell.status_line import Status
from app.ui.shell.top_bar import TopBar
from app.ui.shell.welcome import Welcome
from app.ui.shell.workspace import Desk
from app.ui.widgets.commands import Commands
from app.workers.engine_lane import Ready
from app.workers.jobs import Lane

PANELS = ("structure", "features", "history", "variations")
_LAYOUT = 3  # counts up when panels come or go: an older layout is then not restored


class Window(QMainWindow):
    """The editor's window. Files are written on ``files``; tools look for things on
    ``seekers``, panels read things off photos on ``looks``.
    """

    def __init__(
        self,
        controller: Controller,
        keymap: Keymap,
        recent: Recent,
        files: Lane,
        seekers: Lane,
        looks: Lane,
    ) -> None:
        super().__init__()
        self.controller = controller
        self._store = controller.settings.store
        self._recent = recent
        self._session: Session | None = None
        self._closing = False
        self._arranged = False
        self.notice = Notice()
        self.status = Status()
        self.desk = Desk(controller, seekers)
        self.canvas = self.desk.canvas
        self.welcome = Welcome(recent)
        self.insight = Insight(controller, self.desk, looks)
        self.deeds = Deeds(self, controller, self.desk, keymap, files)
        handlers: dict[str, Callable[[], object]] = {
            **self.deeds.handlers,
            "file.close": self._close_current,
            "file.quit": self.close,
            "view.fullscreen": self._toggle_full_screen,
            **self.insight.handlers,
            "fill.look": self._look_inside,
            **{f"window.{name}": partial(self._toggle_panel, name) for name in PANELS},
            "window.panes": self._next_pane,
            "window.reset": self._reset_layout,
        }
        held = {"view.original": self.deeds.hold_original}
        self.commands = Commands(self, self.canvas, keymap, handlers, held)
        self.actions_by_id = self.commands.actions
        self._build_centre()
        self._build_bars()
        self._build_panels()
        self._wire()
        self.setAcceptDrops(True)
        self.resize(1280, 800)
        self._plain = self.saveState(_LAYOUT)
        self._restore()
        self._on_shown(None)
        self._on_altered()

    # -- laying out ----------------------------------------------------------------------------

    def _build_centre(self) -> None:
        self.hint = Hint(self.actions_by_id)
        self._pages = QStackedWidget()
        self._pages.addWidget(self.welcome)
        self._pages.addWidget(self.desk)
        centre = QWidget()
        column = QVBoxLayout(centre)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._pages, 1)
        self.notice.lie_over(centre, self.desk.tabs)
        self.desk.column.addWidget(self.hint)
        self.setCentralWidget(centre)
        self.setStatusBar(self.status)

    def _build_bars(self) -> None:
        actions = self.actions_by_id
        self._recent_menu = QMenu(t("window.recent"), self)
        self._recent_menu.aboutToShow.connect(self._list_recent)
        self.commands.fill(self.menuBar(), self._recent_menu)
        self.topbar = TopBar(self.controller.settings, actions)
        self.addToolBar(self.topbar)
        self.addToolBarBreak()
        self.options = Options(self.controller.settings, actions)
        self.addToolBar(self.options)
        self._strip = QToolBar(t("window.tools"))
        self._strip.setObjectName("strip")
        self._strip.setMovable(False)
        self._strip.setContextMenuPolicy(Qt.ContextMenuPolicy.PreventContextMenu)
        self._strip.setOrientation(Qt.Orientation.Vertical)
        for name in STRIP:
            if name is None:
                self._strip.addSeparator()
            else:
                self._strip.addAction(actions[name])
        self.addToolBar(Qt.ToolBarArea.LeftToolBarArea, self._strip)

    def _build_panels(self) -> None:
        self.docks = Docks(self, self._store)
        self.variations = VariationsPanel(self.actions_by_id["fill.variations"])
        self.history = HistoryPanel(self.controller.settings)
        self.structure = self.insight.build(self.actions_by_id)
        title = t("structure.title")
        self.docks.add("structure", title, self.structure, shown=False, height=3)
        features, title = self.insight.features, t("features.title")
        self.docks.add("features", title, features, shown=False, height=9, beside="structure")
        self.docks.add("history", t("history.title"), self.history)
        self.docks.add("variations", t("window.variations.title"), self.variations)

    def _wire(self) -> None:
        controller, actions = self.controller, self.actions_by_id
        controller.opened.connect(self._on_opened)
        controller.closed.connect(self._on_closed)
        controller.shown.connect(self._on_shown)
        controller.altered.connect(self._on_altered)
        controller.worked.connect(self.status.show_task)
        controller.told.connect(self.notice.tell)
        controller.hushed.connect(self.notice.clear)
        controller.ready.connect(self._on_ready)
        controller.filler.varied.connect(self._on_varied)
        controller.filler.applied.connect(self._on_applied)
        controller.settings.changed.connect(self._on_setting)
        self.deeds.told.connect(self.notice.tell)
        self.deeds.saved.connect(self._on_saved)
        self.deeds.keeping.projects.kept.connect(self._recent.add)
        self.desk.told.connect(self.notice.tell)
        self.desk.picked.connect(self._on_picked)
        self.desk.tabs.close_asked.connect(self._on_close_asked)
        self.canvas.zoomed.connect(self.status.show_zoom)
        self.canvas.hovered.connect(self.status.show_pixel)
        self.notice.dismissed.connect(controller.dismissed)
        self.status.stop_asked.connect(controller.stop)
        self.topbar.fill_asked.connect(self._on_fill_asked)
        self.options.left.connect(self.canvas.setFocus)
        self.history.asked.connect(controller.go)
        self.variations.chosen.connect(controller.choose)
        self.welcome.open_asked.connect(actions["file.open"].trigger)
        self.welcome.sample_asked.connect(actions["file.sample"].trigger)
        self.welcome.recent_asked.connect(lambda path: controller.open([path]))
        actions[f"tool.{self.desk.tool}"].setChecked(True)

    # -- what the controller tells -------------------------------------------------------------

    def _on_opened(self, session: Session) -> None:
        self.history.add(session)
        if session.document.path is not None:
            self._recent.add(session.document.path)

    def _on_closed(self, session: Session) -> None:
        self.history.remove(session)

    def _on_shown(self, session: Session | None) -> None:
        self._session = session
        self._pages.setCurrentWidget(self.welcome if session is None else self.desk)
        self.docks.show(session is not None)
        if session is not None and not self._arranged:
            # Panels have a size to share out only when they are shown.
            self._arranged = True
            QTimer.singleShot(0, self, self.docks.share_out)
        for bar in (self.options, self._strip):
            bar.setVisible(session is not None)
        self.status.show_photo(session)
        if session is not None:
            self.status.show_zoom(self.canvas.zoom)
        self.history.show_photo(session)
        self.variations.show_photo(session)
        # macOS shows the file's icon.
        path = None if session is None else session.document.path
        self.setWindowFilePath("" if path is None else str(path))
        (self.welcome if session is None else self.desk).setFocus()

    def _on_altered(self) -> None:
        """Something may be possible now that was not, or the other way round."""
        session = self._session
        if session is not None and session.document.editing and self.canvas.busy:
            self.notice.settle()
        self.commands.enable(self.controller.needs)
        self.hint.tell(session)
        # Qt appends the application's name to the title, and puts a mark where [*] stands.
        self.setWindowTitle("" if session is None else f"{session.name}[*]")
        self.setWindowModified(session is not None and session.document.modified)
        self.variations.mark()

    def _on_ready(self, ready: Ready) -> None:
        self.topbar.show_engines(ready.engines, ready.default)
        self.variations.engines = ready.engines
        self.status.show_device(ready.device)

    def _on_varied(self, session: Session) -> None:
        if session is self._session:
            self.variations.show_photo(session)
            self._on_altered()

    def _on_applied(self, session: Session) -> None:
        ready = self.controller.engines
        network = "GPU" if ready is None else ready.device
        self.status.show_device("CPU" if self.controller.filler.device == "cpu" else network)

    def _on_picked(self, tool: str) -> None:
        self.actions_by_id[f"tool.{tool}"].setChecked(True)
        self.options.show_tool(tool)
        self.canvas.setFocus()

    def _on_setting(self, setting: str, value: object) -> None:
        switches = {"look.mask_shown": "mask.show", "fill.after_stroke": "fill.after_stroke"}
        if setting in switches:
            self.actions_by_id[switches[setting]].setChecked(bool(value))

    def _on_fill_asked(self) -> None:
        stops = self.actions_by_id["fill.cancel"].isEnabled()
        self.actions_by_id["fill.cancel" if stops else "fill.run"].trigger()
        self.canvas.setFocus()

    def _list_recent(self) -> None:
        self._recent_menu.clear()
        for path in self._recent.paths:
            action = QAction(path.name.replace("&", "&&"), self._recent_menu)
            action.setToolTip(str(path))
            action.triggered.connect(partial(self._open_recent, path))
            self._recent_menu.addAction(action)
        if self._recent_menu.isEmpty():
            self._recent_menu.addAction(t("window.recent.none")).setEnabled(False)

    def _open_recent(self, path: Path, *_: object) -> None:
        self.controller.open([path])

    # -- panels and places ---------------------------------------------------------------------

    def _toggle_panel(self, name: str) -> None:
        self.docks.switch(name, self.actions_by_id[f"window.{name}"].isChecked())

    def _look_inside(self) -> None:
        """Show the panel that looks into fills, and look."""
        self.canvas.finish()
        self.actions_by_id["window.features"].setChecked(True)
        self._toggle_panel("features")
        self.insight.features.look()

    def _restore(self) -> None:
        geometry = self._store.value("window/geometry")
        if isinstance(geometry, QByteArray):
            self.restoreGeometry(geometry)
        state = self._store.value("window/state")
        if isinstance(state, QByteArray):
            self._arranged = self.restoreState(state, _LAYOUT)
        for name in self.docks.names:
            self.actions_by_id[f"window.{name}"].setChecked(self.docks.wanted(name))
        self._on_setting("look.mask_shown", self.controller.settings.get("look.mask_shown"))
        self._on_setting("fill.after_stroke", self.controller.settings.get("fill.after_stroke"))

    def _reset_layout(self) -> None:
        self.docks.reset()
        for name in self.docks.names:
            self.actions_by_id[f"window.{name}"].setChecked(self.docks.wanted(name))
        self.restoreState(self._plain, _LAYOUT)
        self._arranged = False
        self._on_shown(self._session)

    def _next_pane(self) -> None:
        """Give the focus to the next part of the window that can take it."""
        page = self.canvas if self._session is not None else self.welcome
        parts = (
            page,
            self.structure,
            self.insight.features,
            self.history.list,
            self.variations.list,
            self.topbar.engines,
            self.options,
        )
        shown = [part for part in parts if part.isVisible()]
        here = QApplication.focusWidget() or self
        at = next((i for i, p in enumerate(shown) if p is here or p.isAncestorOf(here)), -1)
        shown[(at + 1) % len(shown)].setFocus(Qt.FocusReason.ShortcutFocusReason)

    def _toggle_full_screen(self) -> None:
        self.setWindowState(self.windowState() ^ Qt.WindowState.WindowFullScreen)

    # -- closing -------------------------------------------------------------------------------

    def _close_current(self) -> None:
        if self._session is not None:
            self._on_close_asked(self._session)

    def _on_close_asked(self, session: Session) -> None:
        self._closing = False
        self.ask_close(session)

    def ask_close(self, session: Session) -> bool:
        """Close a photo, after asking where it was changed; False when it stays open for now."""
        if session.document.modified:
            self.controller.show(session)
            kept = {"project": True} if session.project is not None else {}
            answer = asking.unsaved(self, session.name, **kept)
            if answer == "cancel":
                self._closing = False
                return False
            if answer in ("save", "project"):
                saves = self.deeds.export if answer == "save" else self.deeds.keeping.save
                session.closes = True  # before it begins: a failure takes it back
                session.closes = saves(session) and session.closes
                self._closing = self._closing and session.closes
                return False  # `_on_saved` goes on when the file is there
        self.controller.close(session)
        return True

    def _on_saved(self, session: Session) -> None:
        if session.closes and session in self.controller.sessions:
            self.controller.close(session)
            if self._closing:
                # Later: the job that has just ended is still telling everybody.
                QTimer.singleShot(0, self.close)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Ask about what was not saved; remember the window's place."""
        self._closing = True
        self._remember()
        for session in tuple(self.controller.sessions):
            if not self.ask_close(session):
                event.ignore()
                return
        self.controller.stop()
        super().closeEvent(event)

    def _remember(self) -> None:
        self._store.setValue("window/geometry", self.saveGeometry())
        if self._session is not None:
            self._store.setValue("window/state", self.saveState(_LAYOUT))

    # -- dropping ------------------------------------------------------------------------------

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Take files, and nothing else."""
        if clipboard.files(event.mimeData()):
            event.acceptProposedAction()
            self.welcome.highlight(True)

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        """The drag went elsewhere."""
        self.welcome.highlight(False)

    def dropEvent(self, event: QDropEvent) -> None:
        """Open what was dropped."""
        self.welcome.highlight(False)
        event.acceptProposedAction()
        self.controller.open(clipboard.files(event.mimeData()))

    def tell(self, message: Message) -> None:
        """Show a message above the photo."""
        self.notice.tell(message)
