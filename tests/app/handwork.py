"""Somebody who works on a canvas: real events of mouse, pen and keys, at the photo's points."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QSettings, Qt
from PySide6.QtGui import (
    QInputDevice,
    QKeyEvent,
    QMouseEvent,
    QPointingDevice,
    QPointingDeviceUniqueId,
    QTabletEvent,
)
from PySide6.QtWidgets import QApplication

from app.configuration.settings import Settings
from app.document.document import Document
from app.ui.canvas.canvas import Canvas
from app.ui.painting.document_picture import DocumentPicture
from app.ui.tools.build_tool import build_tool
from app.ui.tools.tool import Tool
from app.workers.jobs import Lane
from inpaint_core.photo.photo import Photo

NONE = Qt.KeyboardModifier.NoModifier
ALT = Qt.KeyboardModifier.AltModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier
CTRL = Qt.KeyboardModifier.ControlModifier
LEFT, RIGHT, MIDDLE = (
    Qt.MouseButton.LeftButton,
    Qt.MouseButton.RightButton,
    Qt.MouseButton.MiddleButton,
)
NOTHING = Qt.MouseButton.NoButton
Place = tuple[float, float]


class Workbench:
    """A canvas at 100 % on a grey photo with a red disc, and somebody to work on it.

    Places are the photo's points.
    """

    def __init__(self, canvas: Canvas, settings: Settings, lane: Lane) -> None:
        self.canvas, self.settings, self.lane = canvas, settings, lane
        y, x = np.mgrid[:300, :400]
        pixels = np.full((300, 400, 3), 128, np.uint8)
        pixels += np.random.default_rng(3).integers(0, 6, (300, 400, 1)).astype(np.uint8)
        pixels[np.hypot(x - 200, y - 150) < 50] = (220, 30, 30)
        photo = Photo(pixels)
        self.document = Document(photo)
        canvas.show_document(self.document, DocumentPicture.from_photo(photo))
        settings.set("brush.size", 20)
        settings.set("brush.hardness", 100)

    def use(self, tool: str) -> Tool:
        built = build_tool(tool, self.document, self.settings, self.lane)
        self.canvas.set_tool(built)
        return built

    def at(self, place: Place) -> QPointF:
        return self.canvas.to_widget(QPointF(*place))

    def mouse(
        self,
        kind: QEvent.Type,
        place: Place,
        button: Qt.MouseButton,
        held: Qt.MouseButton,
        modifiers: Qt.KeyboardModifier = NONE,
    ) -> None:
        at = self.at(place)
        event = QMouseEvent(kind, at, self.canvas.mapToGlobal(at), button, held, modifiers)
        QApplication.sendEvent(self.canvas, event)

    def press(
        self, place: Place, modifiers: Qt.KeyboardModifier = NONE, button: Qt.MouseButton = LEFT
    ) -> None:
        self.mouse(QEvent.Type.MouseButtonPress, place, button, button, modifiers)

    def move(
        self, place: Place, modifiers: Qt.KeyboardModifier = NONE, held: Qt.MouseButton = LEFT
    ) -> None:
        self.mouse(QEvent.Type.MouseMove, place, NOTHING, held, modifiers)

    def release(
        self, place: Place, modifiers: Qt.KeyboardModifier = NONE, button: Qt.MouseButton = LEFT
    ) -> None:
        self.mouse(QEvent.Type.MouseButtonRelease, place, button, NOTHING, modifiers)

    def drag(
        self,
        places: Sequence[Place],
        modifiers: Qt.KeyboardModifier = NONE,
        button: Qt.MouseButton = LEFT,
    ) -> None:
        self.press(places[0], modifiers, button)
        for place in places[1:]:
            self.move(place, modifiers, button)
        self.release(places[-1], modifiers, button)

    def click(self, place: Place, modifiers: Qt.KeyboardModifier = NONE) -> None:
        self.drag([place], modifiers)

    def key(self, key: Qt.Key, modifiers: Qt.KeyboardModifier = NONE) -> bool:
        """Press and release; whether the canvas took it."""
        event = QKeyEvent(QEvent.Type.KeyPress, key, modifiers)
        QApplication.sendEvent(self.canvas, event)
        QApplication.sendEvent(self.canvas, QKeyEvent(QEvent.Type.KeyRelease, key, modifiers))
        return event.isAccepted()

    @property
    def names(self) -> list[str]:
        return [entry.name_key for entry in self.document.history.entries]

    def value(self, x: int, y: int) -> int:
        return int(self.document.mask[y, x])

    @property
    def untouched(self) -> bool:
        return not self.document.mask.any() and not self.names and not self.document.is_editing


class Pen:
    def __init__(self, workbench: Workbench, eraser: bool = False) -> None:
        kind = QPointingDevice.PointerType.Eraser if eraser else QPointingDevice.PointerType.Pen
        self.workbench = workbench
        self.device = QPointingDevice(
            "pen",
            1,
            QInputDevice.DeviceType.Stylus,
            kind,
            QInputDevice.Capability.Position | QInputDevice.Capability.Pressure,
            1,
            2,
            "",
            QPointingDeviceUniqueId(),
        )

    def send(self, kind: QEvent.Type, place: Place, pressure: float, down: bool) -> None:
        at = self.workbench.at(place)
        event = QTabletEvent(
            kind,
            self.device,
            at,
            self.workbench.canvas.mapToGlobal(at),
            pressure,
            0,
            0,
            0.0,
            0.0,
            0.0,
            NONE,
            NOTHING if kind == QEvent.Type.TabletMove else LEFT,
            LEFT if down else NOTHING,
        )
        QApplication.sendEvent(self.workbench.canvas, event)
        assert event.isAccepted()

    def stroke(self, places: Sequence[tuple[Place, float]]) -> None:
        self.send(QEvent.Type.TabletPress, *places[0], True)
        for place, pressure in places[1:]:
            self.send(QEvent.Type.TabletMove, place, pressure, True)
        self.send(QEvent.Type.TabletRelease, places[-1][0], 0.0, False)


@contextmanager
def at_work(folder: Path) -> Iterator[Workbench]:
    """A workbench whose settings lie in ``folder``; afterwards, nothing of it is left."""
    settings = Settings(QSettings(str(folder / "kept.ini"), QSettings.Format.IniFormat))
    canvas = Canvas(settings)
    canvas.resize(600, 400)
    canvas.show()
    lane = Lane("tools")
    try:
        yield Workbench(canvas, settings, lane)
    finally:
        canvas.show_document(None, None)
        lane.close()
        canvas.close()
        canvas.deleteLater()
