"""What each action does, beyond what the controller does by itself: dialogs, files, the view."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QDialog, QWidget

import resources
from app.configuration.actions import ACTIONS
from app.configuration.keymap import Keymap
from app.configuration.text import t
from app.session.controller import Controller
from app.session.filling import failure
from app.session.session import Message, Session
from app.ui.dialogs import questions as asking
from app.ui.shell import clipboard
from app.ui.shell.project_commands import Keeping
from app.ui.shell.workspace import Desk
from app.workers.jobs import Lane

if TYPE_CHECKING:
    from app.session.export import Exported
    from app.ui.dialogs.export_dialog import Order


class Deeds(QObject):
    """``told(Message)``: something to say. ``saved(session)``: it was exported, or its project
    saved.
    """

    told = Signal(object)
    saved = Signal(object)

    def __init__(
        self, window: QWidget, controller: Controller, desk: Desk, keymap: Keymap, files: Lane
    ) -> None:
        super().__init__(window)
        self._window = window
        self._controller = controller
        self._canvas = desk.canvas
        self._desk = desk
        self._keymap = keymap
        self._files = files
        self._compare_before = self._canvas.comparing
        self._dialogs: dict[str, QDialog] = {}
        self.keeping = Keeping(window, controller, desk.canvas, files)
        self.keeping.saved.connect(self.saved)

    @property
    def handlers(self) -> dict[str, Callable[[], object]]:
        """By action; what the window itself does is missing."""
        controller, canvas = self._controller, self._canvas
        morphs = ("grow", "shrink", "feather", "smooth", "fill_holes", "invert", "clear")
        tools = [name for name in ACTIONS if name.startswith("tool.")]
        return {
            "file.open": self.open,
            "file.sample": lambda: controller.open([resources.path("samples/beach.jpg")]),
            "file.paste": self.paste,
            "file.copy": self.copy,
            **self.keeping.handlers,
            "file.export": self.export,
            "file.quick_export": self.quick_export,
            "edit.undo": partial(self._settled, controller.undo),
            "edit.redo": partial(self._settled, controller.redo),
            "edit.preferences": partial(self._dialog, "preferences"),
            **{name: partial(self._desk.pick, name.removeprefix("tool.")) for name in tools},
            "brush.larger": partial(self._resize, 1),
            "brush.smaller": partial(self._resize, -1),
            "brush.harder": partial(self._harden, 10),
            "brush.softer": partial(self._harden, -10),
            **{f"mask.{name}": partial(self._mask, name) for name in morphs},
            "mask.load": self.load_mask,
            "mask.save": self.save_mask,
            "mask.show": partial(self._switch, "look.mask_shown"),
            "fill.run": partial(self._settled, controller.run_fill),
            "fill.cancel": controller.cancel,
            "fill.variations": controller.variations,
            "fill.after_stroke": partial(self._switch, "fill.after_stroke"),
            "view.zoom_in": canvas.zoom_in,
            "view.zoom_out": canvas.zoom_out,
            "view.fit": canvas.fit,
            "view.actual": canvas.actual,
            "view.split": partial(self._compare, "split"),
            "view.side": partial(self._compare, "side"),
            "window.next": partial(controller.step, 1),
            "window.previous": partial(controller.step, -1),
            "help.shortcuts": partial(self._dialog, "shortcuts"),
            "help.about": partial(self._dialog, "about"),
        }

    # -- files ---------------------------------------------------------------------------------

    def open(self) -> None:
        """Ask for photos and open them."""
        paths = asking.photos(self._window, self._controller.settings)
        if paths:
            self._controller.open(paths)

    def paste(self) -> None:
        """Open what is on the clipboard."""
        paths, image = clipboard.pasted(), clipboard.image()
        if paths:
            self._controller.open(paths)
        elif image is not None:
            self._controller.add(partial(clipboard.read, image))
        else:
            self.told.emit(Message(t("window.paste.none"), t("window.paste.none.hint"), calm=True))

    def copy(self) -> None:
        """Put the photo on the clipboard."""
        if self._controller.current is not None:
            clipboard.copy(self._controller.current.document)
            self.told.emit(Message(t("window.copied"), calm=True))

    def export(self, session: Session | None = None) -> bool:
        """Ask where and how to export; False when the person thought better of it."""
        from app.ui.dialogs.export_dialog import ask_export

        found = self._controller.current if session is None else session
        if found is None:
            return False
        self._canvas.finish()
        order = ask_export(self._window, found.document, self._controller.settings, self._files)
        if order is not None:
            self.write(found, order)
        return order is not None

    def quick_export(self) -> None:
        """Export as last time, without a question."""
        from app.ui.dialogs.export_dialog import quick_order

        session = self._controller.current
        if session is not None:
            self._canvas.finish()
            self.write(session, quick_order(session.document, self._controller.settings))

    def write(self, session: Session, order: Order) -> None:
        """Export a photo as ``order`` says."""
        state = session.document.history.state
        job = order.start(self._files, session.document)
        self._controller.work(job, t("export.writing", name=order.path.name))
        job.succeeded.connect(partial(self._written, session, state))
        job.failed.connect(partial(self._failed, session))
        job.cancelled.connect(partial(self._stopped, session))

    def _written(self, session: Session, state: int, exported: Exported) -> None:
        from app.ui.dialogs.export_dialog import told

        # With a project, “saved” means that the project holds it.
        same = session.document.history.state == state and not session.document.editing
        if same and session.project is None:
            session.document.saved()
        self.told.emit(Message(*told(exported), calm=True))
        self.saved.emit(session)

    def _stopped(self, session: Session) -> None:
        session.closes = False

    def _failed(self, session: Session, error: Exception) -> None:
        session.closes = False
        self.told.emit(failure(error, "window.mistake"))

    # -- the mask and the brush ----------------------------------------------------------------

    def _settled(self, does: Callable[[], object]) -> None:
        """A stroke that is under way ends before anything else happens."""
        self._canvas.finish()
        does()

    def _mask(self, operation: str) -> None:
        self._settled(partial(self._controller.masking.change, operation))

    def load_mask(self) -> None:
        """Ask for a picture and use it as the mask."""
        session = self._controller.current
        if session is not None:
            path = asking.mask_to_load(self._window, session.document.path)
            if path is not None:
                self._controller.masking.load(path)

    def save_mask(self) -> None:
        """Ask where to and write the mask there."""
        session = self._controller.current
        if session is not None:
            path = asking.mask_to_save(self._window, session.document.path)
            if path is not None:
                self._controller.masking.save(path)

    def _switch(self, setting: str) -> None:
        settings = self._controller.settings
        settings.set(setting, not settings.get(setting))

    def _resize(self, direction: int) -> None:
        settings = self._controller.settings
        size = float(settings.get("brush.size"))
        step = max(1.0, round(size * 0.15))
        settings.set("brush.size", size + direction * step)

    def _harden(self, by: int) -> None:
        settings = self._controller.settings
        settings.set("brush.hardness", int(settings.get("brush.hardness")) + by)

    # -- looking -------------------------------------------------------------------------------

    def _compare(self, mode: str) -> None:
        chosen = "off" if self._canvas.comparing == mode else mode
        self._canvas.compare(chosen)  # type: ignore[arg-type]

    def hold_original(self, on: bool) -> None:
        """Show the photo as it was opened, or what was shown before that."""
        if on:
            self._compare_before = self._canvas.comparing
        self._canvas.compare("original" if on else self._compare_before)

    def _dialog(self, name: str) -> None:
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
        from app.ui.dialogs.about import About
        from app.ui.dialogs.preferences import Preferences
        from app.ui.dialogs.shortcuts import Shortcuts

        settings = self._controller.settings
        if name == "preferences":
            return Preferences(settings, self._window)
        if name == "shortcuts":
            return Shortcuts(self._keymap, self._window)
        return About(settings, self._window)
