"""Writes down what a person does as a script that can be played."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent, QKeySequence, QMouseEvent, QPointingDevice, QTabletEvent

import resources
from app.automation.pointer import names
from app.automation.script import written
from app.configuration.actions import ACTIONS
from app.configuration.settings import SETTINGS
from app.configuration.text import t

if TYPE_CHECKING:
    from app.document.change import Change
    from app.session.session import Session
    from app.ui.painting.view_transform import Place, View
    from app.ui.shell.window import Window

#: Actions whose effect is written down instead: a photo, a setting, a step of the history, a mask.
_BY_EFFECT = {
    "file.open",
    "file.sample",
    "file.paste",
    "edit.undo",
    "edit.redo",
    "edit.preferences",
    "mask.load",
    "mask.show",
    "fill.after_stroke",
    "brush.larger",
    "brush.smaller",
    "brush.harder",
    "brush.softer",
}
#: Actions that would wait for a person, or leave the document as it is.
_LEFT_OUT = {
    "file.copy",
    "file.export",
    "file.quick_export",
    "file.quit",
    "file.save",
    "file.save_as",
    "fill.replay",
    "mask.save",
    "view.original",
    "window.reset",
    "help.shortcuts",
    "help.about",
}
_SETTINGS_LEFT_OUT = {"export.folder", "recovery.on", "look.language"}
_BEGIN = (
    QEvent.Type.MouseButtonPress,
    QEvent.Type.MouseButtonDblClick,
    QEvent.Type.TabletPress,
)
_MOVE = (QEvent.Type.MouseMove, QEvent.Type.TabletMove)
_END = (QEvent.Type.MouseButtonRelease, QEvent.Type.TabletRelease)

Point = list[float]


class _Drawn:
    """A stroke while it is made: what will be written of it, and where it was looked from."""

    def __init__(self, view: View, place: Place, event: QMouseEvent | QTabletEvent) -> None:
        self.view = view
        self.place = place
        self.points: list[Point] = []
        self.values: dict[str, Any] = {}
        held = names(event.modifiers())
        if held:
            self.values["modifiers"] = held
        if isinstance(event, QTabletEvent):
            self.values["device"] = "pen"
            if event.pointerType() == QPointingDevice.PointerType.Eraser:
                self.values["eraser"] = True
        elif event.type() == QEvent.Type.MouseButtonDblClick:
            self.values["double"] = True

    def point(self, event: QMouseEvent | QTabletEvent) -> Point:
        """Where in the photo an event is, and how hard the pen presses."""
        place = self.view.to_photo(event.position())
        point = [place.x(), place.y()]
        return [*point, event.pressure()] if isinstance(event, QTabletEvent) else point


class Recorder(QObject):
    """Writes a script to ``path`` while a person works at ``window``, a line for each thing done.

    Strokes are written in the photo's coordinates with the zoom they were made at, so that they
    give the same mask in a window of another size. Raises OSError where the file cannot be made.
    """

    def __init__(self, window: Window, path: Path) -> None:
        super().__init__()
        self._window = window
        self._path = path
        self._file = path.open("w", encoding="utf-8")
        self._drawn: _Drawn | None = None
        self._place: Place | None = None  # where the script looks
        self._working = False
        self._worked = False  # something has ended that the next step must wait for
        self._masks = 0
        self._past: dict[Session, tuple[int, int]] = {}  # newest entry's serial, and position
        self._write("resize", width=window.size().width(), height=window.size().height())
        for name, row in SETTINGS.items():
            if window.controller.settings.get(name) != row.default:
                self._on_setting(name, window.controller.settings.get(name))
        for name, action in window.actions_by_id.items():
            action.triggered.connect(partial(self._on_action, name))
        window.controller.settings.changed.connect(self._on_setting)
        controller = window.controller
        controller.opened.connect(self._on_opened)
        controller.closed.connect(lambda session: self._past.pop(session, None))
        controller.worked.connect(self._on_worked)
        window.canvas.installEventFilter(self)

    def close(self) -> None:
        """End the script."""
        self._window.canvas.removeEventFilter(self)
        self._file.close()

    def _write(self, do: str, **values: Any) -> None:
        if self._file.closed:
            return
        if self._worked:
            self._worked = False
            print(written("wait"), file=self._file)
        print(written(do, **values), file=self._file, flush=True)

    # -- what is done --------------------------------------------------------------------------

    def _on_action(self, name: str, *_: object) -> None:
        if name in _BY_EFFECT or name in _LEFT_OUT:
            return
        if name.startswith("tool."):
            self._write("tool", id=name.removeprefix("tool."))
        elif ACTIONS[name].checkable:
            self._write("action", id=name, on=self._window.actions_by_id[name].isChecked())
        else:
            self._write("action", id=name)

    def _on_setting(self, name: str, value: object) -> None:
        if name not in _SETTINGS_LEFT_OUT:
            self._write("set", id=name, value=value)

    def _on_worked(self, task: object) -> None:
        self._worked = self._worked or (self._working and task is None)
        self._working = task is not None

    def _on_opened(self, session: Session) -> None:
        path = session.document.path
        self._past[session] = (0, 0)
        session.changed.connect(partial(self._on_change, session))
        self._worked = False  # opening waits by itself
        self._place = None
        if path is None:
            print(f"# {t('play.pasted')}", file=self._file, flush=True)
        elif path == resources.path("samples/beach.jpg"):
            self._write("action", id="file.sample")
            self._worked = True
        else:
            self._write("open", path=str(path.absolute()))

    def _on_change(self, session: Session, change: Change) -> None:
        """Steps of the history, however they were asked for, and edits of files and variations."""
        history = session.document.history
        if change.layer != "history" or session.document.editing or session not in self._past:
            return
        newest = max((entry.serial for entry in history.entries), default=0)
        last, position = self._past[session]
        self._past[session] = (newest, history.position)
        if newest > last:
            entry = history.entries[-1]
            if entry.name_key == "history.variation":
                self._write("variation", number=entry.values["number"])
            elif entry.name_key == "history.load":
                self._write_mask(session)
        elif history.position == position - 1:
            self._write("action", id="edit.undo")
        elif history.position == position + 1:
            self._write("action", id="edit.redo")
        elif history.position != position:
            self._write("history", position=history.position)

    def _write_mask(self, session: Session) -> None:
        """Keep a mask that was loaded beside the script: its file may be gone by then."""
        from inpaint_core.photo.photo import Photo, grey_pixels
        from inpaint_core.photo.write_photo import write_photo

        self._masks += 1
        path = self._path.with_name(f"{self._path.stem}-mask-{self._masks}.png")
        write_photo(path, Photo(grey_pixels(session.document.mask), grey=True), overwrite=True)
        self._worked = False
        self._write("mask", path=path.name)

    # -- strokes -------------------------------------------------------------------------------

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Look at what the canvas is about to be told."""
        kind = event.type()
        if isinstance(event, QMouseEvent | QTabletEvent):
            if kind in _BEGIN and event.button() == Qt.MouseButton.LeftButton:
                self._begin(event)
            elif kind in _MOVE and self._drawn is not None:
                self._drawn.points.append(self._drawn.point(event))
            elif kind in _END and event.button() == Qt.MouseButton.LeftButton:
                self._end(event)
        elif kind in (QEvent.Type.FocusOut, QEvent.Type.Hide):
            self._end(None)
        elif kind == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            self._key(event)
        return False

    def _begin(self, event: QMouseEvent | QTabletEvent) -> None:
        canvas = self._window.canvas
        if canvas.document is None or self._drawn is not None:
            return
        self._drawn = _Drawn(canvas.view_at(event.position()), canvas.view(), event)
        self._drawn.points.append(self._drawn.point(event))

    def _end(self, event: QMouseEvent | QTabletEvent | None) -> None:
        """The stroke ends, unless it was none: a move of the view, or abandoned meanwhile."""
        drawn, self._drawn = self._drawn, None
        canvas = self._window.canvas
        if drawn is None or not canvas.busy or canvas.view() != drawn.place:
            return
        if event is not None:
            release = drawn.point(event)
            if release != drawn.points[-1]:
                drawn.values["release"] = release
        if self._place != drawn.place:
            self._place = drawn.place
            self._write("zoom", to=drawn.place.zoom, at=[drawn.place.x, drawn.place.y])
        self._write("stroke", points=drawn.points, **drawn.values)
        tool = canvas.tool
        self._worked = self._worked or (tool is not None and tool.id in ("wand", "snap"))

    def _key(self, event: QKeyEvent) -> None:
        """Keys that mean something to what the tool has under way."""
        tool = self._window.canvas.tool
        if tool is None or not tool.active or self._drawn is not None:
            return
        key = Qt.Key(event.key())
        if key == Qt.Key.Key_Escape or key in tool.keys:
            combined = QKeySequence(event.keyCombination())
            keys = combined.toString(QKeySequence.SequenceFormat.PortableText)
            self._write("key", keys=keys)
