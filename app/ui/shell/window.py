"""The main window: lays out its parts and connects them; no part knows the others."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import QMainWindow, QSizePolicy, QStackedWidget, QWidget

from app.configuration.actions import TOOL_BAR, Need
from app.configuration.brush_presets import BrushPresets
from app.configuration.keymap import Keymap
from app.configuration.text import t
from app.session.controller import Controller
from app.session.library.folder_walk import FolderWalk
from app.session.library.recent_files import RecentFiles
from app.session.notice import Notice
from app.session.session import Session
from app.session.snapshots import Snapshots
from app.ui.overlays.cut_watch import CutWatch
from app.ui.overlays.navigator import Navigator
from app.ui.overlays.variation_preview import VariationPreview
from app.ui.panels.filmstrip_panel import FilmstripPanel
from app.ui.panels.history_panel import HistoryPanel
from app.ui.panels.panel_docks import PanelDocks
from app.ui.panels.variations_panel import VariationsPanel
from app.ui.shell import clipboard
from app.ui.shell.canvas_menu import CanvasMenu
from app.ui.shell.command_handlers import CommandHandlers
from app.ui.shell.folder_commands import FolderCommands
from app.ui.shell.hint_line import HintLine
from app.ui.shell.inspection_panels import InspectionPanels
from app.ui.shell.notice_bar import NoticeBar
from app.ui.shell.options_bar import OptionsBar
from app.ui.shell.saving.closing import Closing
from app.ui.shell.saving.saving_rules import find_save_target
from app.ui.shell.status_line import StatusLine
from app.ui.shell.top_bar import TopBar
from app.ui.shell.workspace import Workspace
from app.ui.welcome.recent_photos import RecentMenu
from app.ui.welcome.welcome_page import WelcomePage
from app.ui.widgets.commands import Commands, shortcut_text
from app.ui.widgets.drop_area import DropArea, DropFrame
from app.ui.widgets.full_screen import FullScreen
from app.ui.widgets.layouts import lay_out_column, lay_out_row
from app.ui.widgets.named_items_menu import NamedItemsMenu
from app.ui.widgets.panes import focus_next_pane
from app.ui.widgets.positional_shortcuts import PositionalShortcuts
from app.ui.widgets.setting_fields import follow_setting
from app.ui.widgets.tool_strip import ToolStrip
from app.workers.engine_lane import EngineLane, LoadedEngines
from app.workers.jobs import Lane

PANELS = ("folder", "structure", "features", "history", "variations")


class Window(QMainWindow):
    """The editor's window. Files are written on the lane ``files``, tools compute on ``tool_lane``,
    and panels on ``inspection_lane``.
    """

    def __init__(
        self,
        controller: Controller,
        keymap: Keymap,
        recent: RecentFiles,
        files: Lane,
        tool_lane: Lane,
        inspection_lane: Lane,
        engine_lane: EngineLane,
    ) -> None:
        super().__init__()
        self.controller = controller
        self._recent = recent
        self._session: Session | None = None
        self.notice = NoticeBar()
        self.status = StatusLine()
        self.workspace = Workspace(controller, tool_lane)
        self.canvas = self.workspace.canvas
        self.cut_watch = CutWatch(self.canvas, controller, inspection_lane)
        self.navigator = Navigator(self.canvas, controller)
        self.welcome = WelcomePage(recent)
        self.inspection = InspectionPanels(controller, self.workspace, inspection_lane)
        self.command_handlers = CommandHandlers(self, controller, self.workspace, keymap, files)
        writing, projects = self.command_handlers.writing, self.command_handlers.project_commands
        self.closing = Closing(
            self, controller, writing, projects.save, projects.save_beside, projects.find_place
        )
        self.closing.ready.connect(self.close)
        self.command_handlers.saved.connect(self.closing.on_saved)
        walk = FolderWalk(controller, inspection_lane)
        self.folder = FolderCommands(
            self, controller, walk, self.command_handlers, engine_lane, self.closing.ask_close
        )
        self.filmstrip = FilmstripPanel(walk, recent.thumbnails)
        handlers: dict[str, Callable[[], object]] = {
            **self.command_handlers.by_action,
            "file.close": lambda: self.closing.close_one(self._session),
            "file.quit": self.close,
            "view.fullscreen": lambda: self.full_screen.toggle(),
            **self.inspection.by_action,
            **self.folder.by_action,
            "fill.look": self._look_inside,
            "edit.fade": self._fade,
            "mask.grow_to_object": self.cut_watch.grow,
            **{f"window.{name}": partial(self._toggle_panel, name) for name in PANELS},
            "window.panes": self._next_pane,
            "window.reset": self._reset_layout,
        }
        held = {"view.original": self.command_handlers.hold_original}
        self.commands = Commands(self, self.canvas, keymap, handlers, held)
        self.actions_by_id = self.commands.actions
        PositionalShortcuts(self, self.actions_by_id.values())
        full_screen = self.actions_by_id["view.fullscreen"]
        self.full_screen = FullScreen(self, full_screen, self._on_full_screen)
        self.canvas_menu = CanvasMenu(controller, self.workspace, self.actions_by_id)
        self._build_centre()
        self._build_bars()
        self._build_panels()
        self._wire()
        self.resize(1280, 800)
        self._has_layout = self.docks.restore()
        self._check_panels()
        self._on_current_changed(None)
        self._on_actions_changed()

    # -- layout --------------------------------------------------------------------------------

    def _build_centre(self) -> None:
        self.hint = HintLine(self.actions_by_id)
        self._pages = QStackedWidget()
        self._pages.addWidget(self.welcome)
        self._pages.addWidget(self.workspace)
        centre = QWidget()
        lay_out_column(centre, (self._pages, 1), spacing=0)
        self.notice.attach_to(centre, self.workspace.tabs)
        self.workspace.column.addWidget(self.hint)
        self.drop_frame = DropFrame(self.workspace)
        self._drop_area = DropArea(self, clipboard.can_open)
        tools = (None if name is None else self.actions_by_id[name] for name in TOOL_BAR)
        self._strip = ToolStrip(t("window.tools"), tuple(tools))
        beside = QWidget()
        lay_out_row(beside, self._strip, (centre, 1), spacing=0)
        self.setCentralWidget(beside)
        self.setStatusBar(self.status)

    def _build_bars(self) -> None:
        actions = self.actions_by_id
        self.recent_menu = RecentMenu(self._recent, self)
        presets = BrushPresets(self.controller.settings)
        snapshots = Snapshots(self.controller, self.canvas.finish)
        self.presets_menu = NamedItemsMenu("presets", presets, self, has_keys=True)
        self.snapshots_menu = NamedItemsMenu("snapshots", snapshots, self, has_keys=False)
        menus = {
            "file.open": self.recent_menu,
            "edit.redo": self.snapshots_menu,
            "brush.softer": self.presets_menu,
        }
        self.commands.fill_menus(self.menuBar(), menus)
        self.top_bar = TopBar(self.controller.settings, actions)
        self.addToolBar(self.top_bar)
        self.addToolBarBreak()
        self.options = OptionsBar(self.controller.settings, actions)
        self.addToolBar(self.options)

    def _build_panels(self) -> None:
        self.docks = PanelDocks(self, self.controller.settings.store)
        self._variation_preview = VariationPreview(self.controller, self.canvas)
        self.variations = VariationsPanel(self.actions_by_id["fill.variations"])
        self.history = HistoryPanel(self.controller.settings, self.snapshots_menu)
        self.structure = self.inspection.build(self.actions_by_id)
        title = t("structure.title")
        self.docks.add("structure", title, self.structure, shown=False, height=3)
        features, title = self.inspection.features, t("features.title")
        self.docks.add("features", title, features, shown=False, height=9, beside="structure")
        below = Qt.DockWidgetArea.BottomDockWidgetArea
        self.docks.add("folder", t("folder.title"), self.filmstrip, shown=False, area=below)
        self.docks.add("history", t("history.title"), self.history)
        self.docks.add("variations", t("window.variations.title"), self.variations)

    def _wire(self) -> None:
        controller, actions = self.controller, self.actions_by_id
        controller.session_opened.connect(self._on_opened)
        controller.session_closed.connect(self.history.remove)
        controller.current_changed.connect(self._on_current_changed)
        controller.actions_changed.connect(self._on_actions_changed)
        controller.task_changed.connect(self.status.show_task)
        controller.notice_posted.connect(self.notice.tell)
        controller.notice_cleared.connect(self.notice.clear)
        self.workspace.notice_withdrawn.connect(self.notice.withdraw)
        controller.engines.ready.connect(self._on_ready)
        controller.engines.listed.connect(self._on_ready)
        controller.engines.network_device.found.connect(self.status.show_device)
        controller.filler.variations_changed.connect(self._on_variations_changed)
        controller.filler.fill_applied.connect(self._on_applied)
        switches = {
            "look.mask_shown": "mask.show",
            "fill.after_stroke": "fill.after_stroke",
            "spots.view": "spots.view",
            "folder.deep": "folder.deep",
            "navigator.shown": "view.navigator",
            "look.proof": "view.proof",
        }
        for setting, switch in switches.items():
            follow_setting(self, setting, controller.settings, actions[switch].setChecked)
        self.command_handlers.project_commands.projects.project_located.connect(self._recent.add)
        self.workspace.picked.connect(self._on_picked)
        self.workspace.tabs.close_asked.connect(self.closing.close_one)
        self.canvas.zoomed.connect(self.status.show_zoom)
        self.canvas.hovered.connect(self.status.show_pixel)
        self.notice.dismissed.connect(controller.dismiss_notice)
        self.notice.dismissed.connect(self.cut_watch.forget)
        self.status.stop_asked.connect(controller.stop)
        self.top_bar.fill_asked.connect(self._on_fill_asked)
        self.hint.outcome_asked.connect(self._show_outcome)
        self._drop_area.hovered.connect(self._show_drop)
        self._drop_area.dropped.connect(partial(clipboard.open_offered, controller))
        self.options.left.connect(self.canvas.setFocus)
        self.history.asked.connect(controller.go_to)
        self.canvas.finished.connect(self.history.fade.finish)
        self.history.fade.failed.connect(controller.post_failure)
        covered = Notice(t("history.fade.covered"), t("history.fade.covered.hint"), is_calm=True)
        self.history.fade.covered.connect(partial(controller.post_notice, covered))
        self.variations.chosen.connect(controller.choose_variation)
        self.variations.pointed.connect(self._variation_preview.show)
        self.filmstrip.asked.connect(self.folder.go_to)
        self.folder.folder_opened.connect(partial(self._show_panel, "folder"))
        self.welcome.open_asked.connect(actions["file.open"].trigger)
        self.welcome.sample_asked.connect(actions["file.sample"].trigger)
        for recent in (self.welcome.recent_asked, self.recent_menu.asked):
            recent.connect(lambda path: controller.open([path]))
        actions[f"tool.{self.workspace.tool}"].setChecked(True)

    # -- signals of the controller -------------------------------------------------------------

    def _on_opened(self, session: Session) -> None:
        self.history.add(session)
        if session.document.path is not None:
            self._recent.add(session.document.path)

    def _on_current_changed(self, session: Session | None) -> None:
        self._session = session
        # The page that is hidden must not keep a low window from shrinking.
        policy = QSizePolicy.Policy.Preferred if session is None else QSizePolicy.Policy.Ignored
        self.welcome.setSizePolicy(policy, policy)
        self._pages.setCurrentWidget(self.welcome if session is None else self.workspace)
        self._show_bars()
        if session is not None and not self._has_layout:
            # Panels have no sizes to share before they are shown.
            self._has_layout = True
            QTimer.singleShot(0, self, self.docks.share_heights)
        self.status.show_photo(session)
        if session is not None:
            self.status.show_zoom(self.canvas.zoom)
        self.history.show_photo(session)
        self.variations.show_photo(session)
        # macOS shows the file's icon.
        path = None if session is None else session.document.path
        self.setWindowFilePath("" if path is None else str(path))
        (self.welcome if session is None else self.workspace).setFocus()

    def _on_actions_changed(self) -> None:
        """Update which actions are possible, the hint and the title."""
        session = self._session
        if session is not None and session.document.is_editing and self.canvas.is_busy:
            self.notice.clear_calm()
        tool = self.canvas.tool
        found: frozenset[Need] = frozenset(
            ("found",) if tool is not None and tool.has_proposal else ()
        )
        self.commands.enable(self.controller.available_needs | found)
        self.hint.update_hint(session, "" if tool is None else tool.hint)
        # Qt appends the application's name, and puts the modified mark in place of [*].
        self.setWindowTitle("" if session is None else f"{session.name}[*]")
        self.setWindowModified(session is not None and session.document.is_modified)
        self.variations.mark()
        self._show_save_target(session)

    def _show_save_target(self, session: Session | None) -> None:
        """Say what Ctrl+S writes, and show it beside Export where that is the photo itself."""
        target = None if session is None else find_save_target(session, self.controller.settings)
        into_photo = target == "photo"
        self.commands.rename("file.save", "file.save_photo" if into_photo else "file.save")
        self.actions_by_id["file.save_photo"].setVisible(not into_photo)
        self.actions_by_id["file.save_project"].setVisible(into_photo)
        self.top_bar.show_save(into_photo)

    def _on_ready(self, ready: LoadedEngines) -> None:
        self.top_bar.show_engines(ready.engines, ready.default)
        self.variations.engines = ready.engines

    def _on_variations_changed(self, session: Session) -> None:
        if session is self._session:
            self.variations.show_photo(session)
            self._on_actions_changed()

    def _show_outcome(self, outcome: str) -> None:
        first, stop, rest = outcome.partition(". ")
        self.notice.tell(Notice(first + stop.rstrip(), rest, is_calm=True))

    def _on_applied(self, session: Session) -> None:
        self.status.show_device(self.controller.filler.last_device)

    def _on_picked(self, tool: str) -> None:
        self.actions_by_id[f"tool.{tool}"].setChecked(True)
        self.options.show_tool(tool)
        used = self.canvas.tool
        self.hint.show_tool(tool, self._session, "" if used is None else used.hint)
        self.canvas.setFocus()

    def _on_fill_asked(self) -> None:
        stops = self.actions_by_id["fill.cancel"].isEnabled()
        self.actions_by_id["fill.cancel" if stops else "fill.run"].trigger()
        self.canvas.setFocus()

    def _show_drop(self, is_possible: bool) -> None:
        """Show that what is dragged may be dropped; of a web address the drop says why it is not
        opened.
        """
        self.welcome.highlight(is_possible)
        self.drop_frame.setVisible(False)
        if is_possible:
            self.drop_frame.show_over(self.workspace)

    # -- panels and layout ---------------------------------------------------------------------

    def _toggle_panel(self, name: str) -> None:
        self.docks.set_shown(name, self.actions_by_id[f"window.{name}"].isChecked())

    def _show_panel(self, name: str) -> None:
        self.full_screen.leave()  # there, no panel is seen
        self.actions_by_id[f"window.{name}"].setChecked(True)
        self._toggle_panel(name)

    def _look_inside(self) -> None:
        """Show the Features panel, and inspect the fill."""
        self.canvas.finish()
        self._show_panel("features")
        self.inspection.features.look()

    def _fade(self) -> None:
        """Show the History panel, and go to the slider that fades a step."""
        self.canvas.finish()
        self._show_panel("history")
        self.history.fade.slider.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def _check_panels(self) -> None:
        for name in PANELS:
            self.actions_by_id[f"window.{name}"].setChecked(self.docks.is_wanted(name))

    def _reset_layout(self) -> None:
        self.full_screen.leave()  # new sizes would end it without a word
        self.docks.reset()
        self._check_panels()
        self._has_layout = False
        self._on_current_changed(self._session)

    def _next_pane(self) -> None:
        """Move the focus to the next part of the window that can take it."""
        page = self.canvas if self._session is not None else self.welcome
        panes = (
            page,
            self.structure,
            self.inspection.features,
            self.history.list,
            self.variations.list,
            self.filmstrip.list,
            self.top_bar.engines,
            self.options,
        )
        focus_next_pane(self, panes)

    def _on_full_screen(self, is_on: bool) -> None:
        self._show_bars()
        if is_on and self._session is not None:
            leave = t("window.fullscreen", key=shortcut_text(self.actions_by_id["view.fullscreen"]))
            self.notice.tell(Notice(leave, is_calm=True, fades=True))

    def _show_bars(self) -> None:
        """Show what lies around the page, on the whole screen around the photo nothing."""
        has_photo = self._session is not None
        shown = not (has_photo and self.full_screen.is_on)
        always: tuple[QWidget, ...] = (self.menuBar(), self.top_bar, self.status)
        for bar in (*always, self.options, self._strip):
            bar.setVisible(shown and (has_photo or bar in always))
        self.docks.show_wanted(shown and has_photo)

    # -- closing -------------------------------------------------------------------------------

    def closeEvent(self, event: QCloseEvent) -> None:
        """Ask about unsaved photos, and remember the window's layout."""
        if not self.full_screen.is_on:
            self.docks.remember(self._session is not None)
        if not self.closing.ask_close_all():
            event.ignore()
            return
        self.controller.stop()
        super().closeEvent(event)
