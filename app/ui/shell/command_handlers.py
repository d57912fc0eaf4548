"""What each action does beyond the controller's own work: dialogs, files, the view."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QDialog, QWidget

import resources
from app.configuration.actions import ACTIONS
from app.configuration.keymap import Keymap
from app.configuration.settings import SETTINGS
from app.configuration.text import t
from app.session.controller import Controller
from app.session.mask_commands import MaskCommands
from app.session.notice import Notice
from app.session.session import Session
from app.ui.dialogs import questions
from app.ui.shell import clipboard
from app.ui.shell.project_commands import ProjectCommands
from app.ui.shell.saving.photo_writing import PhotoWriting
from app.ui.shell.saving.printing import PhotoPrinting
from app.ui.shell.saving.saving_rules import find_save_target
from app.ui.shell.weights_commands import WeightsCommands
from app.ui.shell.workspace import Workspace
from app.workers.jobs import Lane
from inpaint_core.contract.geometry import Rect


class CommandHandlers(QObject):
    """Handles the actions. ``saved(session)``: the photo was written, or its project saved."""

    saved = Signal(object)

    def __init__(
        self,
        window: QWidget,
        controller: Controller,
        workspace: Workspace,
        keymap: Keymap,
        files: Lane,
    ) -> None:
        super().__init__(window)
        self._window = window
        self._controller = controller
        self._canvas = workspace.canvas
        self._workspace = workspace
        self._keymap = keymap
        self._compare_before = self._canvas.compare_mode
        self._dialogs: dict[str, QDialog] = {}
        self.mask_commands = MaskCommands(controller)
        self.project_commands = ProjectCommands(window, controller, workspace.canvas)
        self.project_commands.projects.project_saved.connect(self.saved)
        self.writing = PhotoWriting(window, controller, workspace.canvas.finish, files)
        self.writing.saved.connect(self.saved)
        self.printing = PhotoPrinting(window, controller, workspace.canvas.finish)
        self.weights_commands = WeightsCommands(window, controller)

    @property
    def by_action(self) -> dict[str, Callable[[], object]]:
        """The handlers by action id, without those of the window itself."""
        controller, canvas, masks = self._controller, self._canvas, self.mask_commands
        mask_operations = ("grow", "shrink", "feather", "smooth", "fill_holes", "invert", "clear")
        tools = [name for name in ACTIONS if name.startswith("tool.")]
        return {
            "file.open": self.open,
            "file.sample": lambda: controller.open([resources.path("samples/beach.jpg")]),
            "file.paste": self.paste,
            "file.copy": self.copy,
            **self.project_commands.by_action,
            "file.save": self.save,
            "file.save_photo": self.writing.save_photo,
            **self.weights_commands.by_action,
            "file.export": self.writing.export,
            "file.quick_export": self.writing.quick_export,
            "file.print": self.printing.print_photo,
            "edit.undo": partial(self._run_settled, controller.undo),
            "edit.redo": partial(self._run_settled, controller.redo),
            "edit.preferences": partial(self._show_dialog, "preferences"),
            **{name: partial(self._workspace.pick, name.removeprefix("tool.")) for name in tools},
            "brush.larger": partial(self._resize_brush, 1),
            "brush.smaller": partial(self._resize_brush, -1),
            "brush.harder": partial(self._harden_brush, 10),
            "brush.softer": partial(self._harden_brush, -10),
            "clone.source": self._set_copy_source,
            "clone.other": self._workspace.copy_from_other,
            "clone.next": self._choose_next_source,
            "plane.clear": partial(self._run_settled, controller.clear_planes),
            **{
                f"mask.{name}": partial(self._run_settled, partial(masks.change, name))
                for name in mask_operations
            },
            "mask.again": partial(self._run_settled, masks.bring_back),
            "protect.clear": partial(self._run_settled, partial(masks.clear_layer, "protect")),
            "source.clear": partial(self._run_settled, partial(masks.clear_layer, "source")),
            "edges.clear": partial(self._run_settled, partial(masks.clear_layer, "edges")),
            "mask.load": lambda: self._ask_mask(questions.ask_mask_to_load, masks.load),
            "mask.save": lambda: self._ask_mask(questions.ask_mask_to_save, masks.save),
            "fill.load_semantic": lambda: self._ask_mask(
                questions.ask_semantic_map, masks.load_semantic
            ),
            "fill.clear_semantic": partial(self._run_settled, masks.clear_semantic),
            "mask.show": partial(self._toggle_setting, "look.mask_shown"),
            "fill.run": self._fill,
            "snap.middle": self._workspace.select_middle,
            "wires.find": self._workspace.find_wires,
            "spots.view": self._toggle_spot_view,
            "found.add": self._workspace.add_proposal,
            "found.discard": self._workspace.discard_proposal,
            "fill.cancel": controller.cancel,
            "fill.variations": controller.make_variations,
            "fill.after_stroke": partial(self._toggle_setting, "fill.after_stroke"),
            "view.zoom_in": canvas.zoom_in,
            "view.zoom_out": canvas.zoom_out,
            "view.fit": canvas.fit,
            "view.actual": canvas.show_actual_size,
            "view.mask": self._show_mask,
            "view.navigator": partial(self._toggle_setting, "navigator.shown"),
            "view.proof": self._toggle_proof,
            "view.split": partial(self._compare, "split"),
            "view.side": partial(self._compare, "side"),
            "window.next": partial(controller.switch_photo, 1),
            "window.previous": partial(controller.switch_photo, -1),
            "help.shortcuts": partial(self._show_dialog, "shortcuts"),
            "help.manual": partial(self._show_dialog, "manual"),
            "help.about": partial(self._show_dialog, "about"),
        }

    # -- files ---------------------------------------------------------------------------------

    def open(self) -> None:
        """Ask for photos, and open them."""
        paths = questions.ask_photos(self._window, self._controller.settings)
        if paths:
            self._controller.open(paths)

    def paste(self) -> None:
        """Open what is on the clipboard."""
        clipboard.open_offered(self._controller, QGuiApplication.clipboard().mimeData())

    def copy(self) -> None:
        """Put the photo on the clipboard."""
        if self._controller.current is not None:
            clipboard.copy_photo(self._controller.current.document)
            self._controller.post_notice(Notice(t("window.copied"), is_calm=True, fades=True))

    def save(self, session: Session | None = None) -> bool:
        """Save the project or the photo, by `find_save_target`; False if nothing is written."""
        saved = self._controller.current if session is None else session
        if saved is None:
            return False
        into_photo = find_save_target(saved, self._controller.settings) == "photo"
        return (self.writing.save_photo if into_photo else self.project_commands.save)(saved)

    # -- the mask and the brush ----------------------------------------------------------------

    def _run_settled(self, handler: Callable[[], object]) -> None:
        """End a stroke that is under way, then call ``handler``."""
        self._canvas.finish()
        handler()

    def _fill(self) -> None:
        """Add what a tool proposes to the mask, and fill."""
        self._canvas.finish()
        session = self._controller.current
        self._workspace.add_proposal()
        if session is not None and session.running_fill is None:  # it may fill after every stroke
            self._controller.run_fill()

    def _ask_mask(
        self, ask: Callable[[QWidget, Path | None], Path | None], handler: Callable[[Path], object]
    ) -> None:
        """Ask for the file of a mask or a map, and call ``handler`` with it."""
        session = self._controller.current
        if session is not None:
            path = ask(self._window, session.document.path)
            if path is not None:
                handler(path)

    def _toggle_setting(self, setting: str) -> None:
        settings = self._controller.settings
        settings.set(setting, not settings.get(setting))

    def _toggle_proof(self) -> None:
        settings = self._controller.settings
        if not settings.get("look.proof") and not settings.get("look.proof_file"):
            path = questions.ask_profile(self._window)
            if path is not None:
                settings.set("look.proof_file", str(path))
        self._toggle_setting("look.proof")

    def _toggle_spot_view(self) -> None:
        """Show spots clearly, with the tool that the view belongs to; or the photo again."""
        self._toggle_setting("spots.view")
        if self._controller.settings.get("spots.view"):
            self._workspace.pick("spots")

    def _resize_brush(self, direction: int) -> None:
        settings = self._controller.settings
        size = float(settings.get("brush.size"))
        step = max(1.0, round(size * 0.15))
        settings.set("brush.size", size + direction * step)

    def _set_copy_source(self) -> None:
        """Copy by hand from where the pointer is, with the clone brush if no such tool is used."""
        from app.ui.tools.copy_tools import CloneTool

        if not isinstance(self._canvas.tool, CloneTool):
            self._workspace.pick("clone")
        if isinstance(self._canvas.tool, CloneTool):
            self._canvas.tool.set_source()

    def _choose_next_source(self) -> None:
        """Copy by hand from the next of the stored sources, or from the first one again."""
        settings, numbers = self._controller.settings, SETTINGS["clone.number"]
        number = int(settings.get("clone.number"))
        settings.set("clone.number", numbers.low if number == numbers.high else number + 1)

    def _harden_brush(self, by: int) -> None:
        settings = self._controller.settings
        settings.set("brush.hardness", int(settings.get("brush.hardness")) + by)

    # -- the view ------------------------------------------------------------------------------

    def _show_mask(self) -> None:
        """Zoom to the mask."""
        if self._controller.current is not None:
            self._canvas.finish()
            self._canvas.show_part(Rect.bounding(self._controller.current.document.mask))

    def _compare(self, mode: str) -> None:
        chosen = "off" if self._canvas.compare_mode == mode else mode
        self._canvas.compare(chosen)  # type: ignore[arg-type]

    def hold_original(self, on: bool) -> None:
        """Show the original while ``on``, then the comparison that was shown before."""
        if on:
            self._compare_before = self._canvas.compare_mode
        self._canvas.compare("original" if on else self._compare_before)

    def _show_dialog(self, name: str) -> None:
        """Show a dialog beside the window, or bring it to the front."""
        dialog = self._dialogs.get(name)
        if dialog is None:
            dialog = self._build(name)
            self._dialogs[name] = dialog
            dialog.finished.connect(lambda _result: self._dialogs.pop(name, None))
            dialog.finished.connect(dialog.deleteLater)
        dialog.show()
        dialog.raise_()
        dialog.activateWindow()

    def _build(self, name: str) -> QDialog:
        from app.ui.dialogs.about_dialog import AboutDialog
        from app.ui.dialogs.manual_dialog import ManualDialog
        from app.ui.dialogs.preferences_dialog import PreferencesDialog
        from app.ui.dialogs.shortcuts_dialog import ShortcutsDialog

        settings = self._controller.settings
        if name == "preferences":
            return PreferencesDialog(settings, self._window)
        if name == "manual":
            return ManualDialog(self._window)
        if name == "shortcuts":
            dialog = ShortcutsDialog(self._keymap, self._window)
            dialog.manual_asked.connect(partial(self._show_dialog, "manual"))
            return dialog
        return AboutDialog(settings, self._window)
