"""Record what the user does as a script that can be played."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent, QKeySequence, QMouseEvent, QPointingDevice, QTabletEvent

import resources
from app.automation.fill_timings import FillTiming, FillTimings
from app.automation.pointer import modifier_names
from app.automation.script import format_step
from app.configuration.actions import ACTIONS
from app.configuration.settings import SETTINGS
from app.configuration.text import t

if TYPE_CHECKING:
    from app.document.layer_tiles import LayerChange
    from app.session.session import Session
    from app.ui.painting.view_transform import ViewPosition, ViewTransform
    from app.ui.shell.window import Window
    from inpaint_core.photo.photo import Photo

#: Actions whose effect is recorded instead: a photo, a setting, a step in the history, a mask.
_RECORDED_BY_EFFECT = {
    "file.open",
    "file.sample",
    "file.paste",
    "edit.undo",
    "edit.redo",
    "edit.preferences",
    "mask.load",
    "fill.load_semantic",
    "mask.show",
    "fill.after_stroke",
    "brush.larger",
    "brush.smaller",
    "brush.harder",
    "brush.softer",
}
#: Actions that would wait for the user, or do not change the document.
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
_BEGIN = (QEvent.Type.MouseButtonPress, QEvent.Type.MouseButtonDblClick, QEvent.Type.TabletPress)
_MOVE = (QEvent.Type.MouseMove, QEvent.Type.TabletMove)
_END = (QEvent.Type.MouseButtonRelease, QEvent.Type.TabletRelease)

Point = list[float]


class _RecordedStroke:
    """A stroke while it is drawn: what will be recorded of it, and the view it was drawn in."""

    def __init__(
        self, view: ViewTransform, place: ViewPosition, event: QMouseEvent | QTabletEvent
    ) -> None:
        self.view = view
        self.place = place
        self.points: list[Point] = []
        self.values: dict[str, Any] = {}
        modifiers = modifier_names(event.modifiers())
        if modifiers:
            self.values["modifiers"] = modifiers
        if isinstance(event, QTabletEvent):
            self.values["device"] = "pen"
            if event.pointerType() == QPointingDevice.PointerType.Eraser:
                self.values["eraser"] = True
        elif event.type() == QEvent.Type.MouseButtonDblClick:
            self.values["double"] = True

    def point(self, event: QMouseEvent | QTabletEvent) -> Point:
        """The place of an event in the photo, with the pressure of a pen."""
        place = self.view.to_photo(event.position())
        point = [place.x(), place.y()]
        return [*point, event.pressure()] if isinstance(event, QTabletEvent) else point


class Recorder(QObject):
    """Writes a script to ``path`` while the user works in ``window``, one line per step.

    Strokes are recorded in the photo's coordinates with the zoom they were drawn at, so that they
    give the same mask in a window of another size. Raises OSError if the file cannot be created.
    """

    def __init__(self, window: Window, path: Path) -> None:
        super().__init__()
        self._window = window
        self._path = path
        self._file = path.open("w", encoding="utf-8")
        self._stroke: _RecordedStroke | None = None
        self._place: ViewPosition | None = None  # the view that the script has set
        self._working = False
        self._worked = False  # a job has ended, for which the next step must wait
        self._masks = 0
        self._positions: dict[Session, tuple[int, int]] = {}  # newest serial, and position
        self._write("resize", width=window.size().width(), height=window.size().height())
        for name, row in SETTINGS.items():
            if window.controller.settings.get(name) != row.default:
                self._on_setting(name, window.controller.settings.get(name))
        for name, action in window.actions_by_id.items():
            action.triggered.connect(partial(self._on_action, name))
        window.controller.settings.changed.connect(self._on_setting)
        controller = window.controller
        controller.session_opened.connect(self._on_opened)
        controller.session_closed.connect(lambda session: self._positions.pop(session, None))
        controller.task_changed.connect(self._on_worked)
        self._fill_timings = FillTimings(window)
        self._fill_timings.ended.connect(self._on_filled)
        window.canvas.installEventFilter(self)

    def close(self) -> None:
        """Close the script file."""
        self._window.canvas.removeEventFilter(self)
        self._file.close()

    def _write(self, do: str, **values: Any) -> None:
        if self._file.closed:
            return
        if self._worked:
            self._worked = False
            print(format_step("wait"), file=self._file)
        print(format_step(do, **values), file=self._file, flush=True)

    # -- actions and settings ---------------------------------------------------------------------

    def _on_action(self, name: str, *_: object) -> None:
        if name in _RECORDED_BY_EFFECT or name in _LEFT_OUT:
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

    def _on_filled(self, timing: FillTiming) -> None:
        """Note how long the fill took; a comment, as it will take another time elsewhere."""
        if not self._file.closed and timing.first_picture is not None:
            figures = {"first": f"{timing.first_picture:.2f}", "done": f"{timing.ended:.2f}"}
            words = t("play.filled", pictures=timing.pictures, **figures)
            print(f"# {words}", file=self._file, flush=True)

    def _on_opened(self, session: Session) -> None:
        path = session.document.path
        self._positions[session] = (0, 0)
        session.changed.connect(partial(self._on_change, session))
        self._worked = False  # the step “open” waits by itself
        self._place = None
        if path is None:
            print(f"# {t('play.pasted')}", file=self._file, flush=True)
        elif path == resources.path("samples/beach.jpg"):
            self._write("action", id="file.sample")
            self._worked = True
        else:
            self._write("open", path=str(path.absolute()))

    def _on_change(self, session: Session, change: LayerChange) -> None:
        """Record steps in the history, loaded masks and chosen variations."""
        history = session.document.history
        if (
            change.layer != "history"
            or session.document.is_editing
            or session not in self._positions
        ):
            return
        from inpaint_core.photo.photo import Photo, grey_pixels

        newest = max((entry.serial for entry in history.entries), default=0)
        last, position = self._positions[session]
        self._positions[session] = (newest, history.position)
        if newest > last:
            entry = history.entries[-1]
            if entry.name_key == "history.variation":
                self._write("variation", number=entry.values["number"])
            elif entry.name_key == "history.load":
                mask = grey_pixels(session.document.mask)
                self._write_picture(Photo(mask, is_grey=True), what="mask")
            elif entry.name_key == "history.semantic":
                self._write_picture(Photo(session.document.semantic.copy()), what="semantic")
        elif history.position == position - 1:
            self._write("action", id="edit.undo")
        elif history.position == position + 1:
            self._write("action", id="edit.redo")
        elif history.position != position:
            self._write("history", position=history.position)

    def _write_picture(self, picture: Photo, what: str) -> None:
        """Keep a loaded mask or map beside the script, as its own file may be gone when it is
        played.
        """
        from inpaint_core.photo.write_photo import write_photo

        self._masks += 1
        path = self._path.with_name(f"{self._path.stem}-{what}-{self._masks}.png")
        write_photo(path, picture, overwrite=True)
        self._worked = False
        self._write("mask", path=path.name, **({} if what == "mask" else {"what": what}))

    # -- strokes -------------------------------------------------------------------------------

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Record the events of the canvas."""
        kind = event.type()
        if isinstance(event, QMouseEvent | QTabletEvent):
            if kind in _BEGIN and event.button() == Qt.MouseButton.LeftButton:
                self._begin(event)
            elif kind in _MOVE and self._stroke is not None:
                self._stroke.points.append(self._stroke.point(event))
            elif kind in _END and event.button() == Qt.MouseButton.LeftButton:
                self._end(event)
        elif kind in (QEvent.Type.FocusOut, QEvent.Type.Hide):
            self._end(None)
        elif kind == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            self._key(event)
        return False

    def _begin(self, event: QMouseEvent | QTabletEvent) -> None:
        canvas = self._window.canvas
        if canvas.document is None or self._stroke is not None:
            return
        self._stroke = _RecordedStroke(
            canvas.view_at(event.position()), canvas.view_position(), event
        )
        self._stroke.points.append(self._stroke.point(event))

    def _end(self, event: QMouseEvent | QTabletEvent | None) -> None:
        """Record the stroke that ends, unless it moved the view or was abandoned."""
        stroke, self._stroke = self._stroke, None
        canvas = self._window.canvas
        if stroke is None or not canvas.is_busy or canvas.view_position() != stroke.place:
            return
        if event is not None:
            release = stroke.point(event)
            if release != stroke.points[-1]:
                stroke.values["release"] = release
        if self._place != stroke.place:
            self._place = stroke.place
            self._write("zoom", to=stroke.place.zoom, at=[stroke.place.x, stroke.place.y])
        self._write("stroke", points=stroke.points, **stroke.values)
        tool = canvas.tool
        self._worked = self._worked or (tool is not None and tool.id in ("wand", "snap"))

    def _key(self, event: QKeyEvent) -> None:
        """Record keys that act on what the tool has under way."""
        tool = self._window.canvas.tool
        if tool is None or not tool.is_active or self._stroke is not None:
            return
        key = Qt.Key(event.key())
        if key == Qt.Key.Key_Escape or key in tool.keys:
            combined = QKeySequence(event.keyCombination())
            keys = combined.toString(QKeySequence.SequenceFormat.PortableText)
            self._write("key", keys=keys)
