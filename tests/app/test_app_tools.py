"""Every tool with real events on a real document."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, QSettings, Qt
from PySide6.QtGui import (
    QFocusEvent,
    QInputDevice,
    QKeyEvent,
    QMouseEvent,
    QPointingDevice,
    QPointingDeviceUniqueId,
    QTabletEvent,
)
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.document.document import Document
from app.jobs import Lane
from app.settings import Settings
from app.ui import qimage
from app.ui.canvas import Canvas
from app.ui.picture import Picture
from app.ui.tools.curve import between
from app.ui.tools.seeker import Seeker
from app.ui.tools.table import TOOLS
from app.ui.tools.tool import Tool
from inpaint_core.imaging.photo import Photo

_NONE = Qt.KeyboardModifier.NoModifier
_ALT = Qt.KeyboardModifier.AltModifier
_SHIFT = Qt.KeyboardModifier.ShiftModifier
_CTRL = Qt.KeyboardModifier.ControlModifier
_LEFT, _RIGHT, _MIDDLE = (
    Qt.MouseButton.LeftButton,
    Qt.MouseButton.RightButton,
    Qt.MouseButton.MiddleButton,
)
_NO = Qt.MouseButton.NoButton
Place = tuple[float, float]


class Desk:
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
        canvas.show_document(self.document, Picture.of(photo))
        settings.set("brush.size", 20)
        settings.set("brush.hardness", 100)

    def use(self, tool: str) -> Tool:
        (row,) = (row for row in TOOLS if row.id == tool)
        built = row.build(self.document, self.settings, self.lane)
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
        modifiers: Qt.KeyboardModifier = _NONE,
    ) -> None:
        at = self.at(place)
        event = QMouseEvent(kind, at, self.canvas.mapToGlobal(at), button, held, modifiers)
        QApplication.sendEvent(self.canvas, event)

    def press(
        self, place: Place, modifiers: Qt.KeyboardModifier = _NONE, button: Qt.MouseButton = _LEFT
    ) -> None:
        self.mouse(QEvent.Type.MouseButtonPress, place, button, button, modifiers)

    def move(
        self, place: Place, modifiers: Qt.KeyboardModifier = _NONE, held: Qt.MouseButton = _LEFT
    ) -> None:
        self.mouse(QEvent.Type.MouseMove, place, _NO, held, modifiers)

    def release(
        self, place: Place, modifiers: Qt.KeyboardModifier = _NONE, button: Qt.MouseButton = _LEFT
    ) -> None:
        self.mouse(QEvent.Type.MouseButtonRelease, place, button, _NO, modifiers)

    def drag(
        self,
        places: Sequence[Place],
        modifiers: Qt.KeyboardModifier = _NONE,
        button: Qt.MouseButton = _LEFT,
    ) -> None:
        self.press(places[0], modifiers, button)
        for place in places[1:]:
            self.move(place, modifiers, button)
        self.release(places[-1], modifiers, button)

    def click(self, place: Place, modifiers: Qt.KeyboardModifier = _NONE) -> None:
        self.drag([place], modifiers)

    def key(self, key: Qt.Key, modifiers: Qt.KeyboardModifier = _NONE) -> bool:
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
        return not self.document.mask.any() and not self.names and not self.document.editing


@pytest.fixture
def desk(qtbot: QtBot, tmp_path: Path) -> Iterator[Desk]:
    settings = Settings(QSettings(str(tmp_path / "kept.ini"), QSettings.Format.IniFormat))
    canvas = Canvas(settings)
    qtbot.addWidget(canvas)
    canvas.resize(600, 400)
    canvas.show()
    lane = Lane("tools")
    yield Desk(canvas, settings, lane)
    canvas.show_document(None, None)
    lane.close()


# -- brush and eraser ------------------------------------------------------------------------------


def test_a_stroke_is_one_edit_of_the_brushs_true_size(desk: Desk) -> None:
    desk.use("brush")
    desk.drag([(50, 100), (80, 100), (150, 100)])
    assert desk.names == ["history.brush"]
    assert desk.value(100, 100) == 255
    assert desk.value(100, 91) == 255
    assert desk.value(100, 88) == 0
    assert desk.value(41, 100) == 255
    assert desk.value(38, 100) == 0
    desk.document.undo()
    assert not desk.document.mask.any()


def test_every_point_told_is_painted_and_the_line_between_them_is_smooth(desk: Desk) -> None:
    desk.use("brush")
    desk.settings.set("brush.size", 4)
    angles = np.linspace(0, np.pi, 9)
    points = [(200 - 100 * np.cos(a), 250 - 100 * np.sin(a)) for a in angles]
    desk.drag(points)
    mask = desk.document.mask
    for x, y in points:
        assert mask[int(y), int(x)] > 200
    # Between two points the arc bulges by 1.9 pixels over the chord.
    ys, xs = np.nonzero(mask > 127)
    radii = np.hypot(xs + 0.5 - 200, ys + 0.5 - 250)
    middle = [
        radii[np.abs(np.arctan2(250 - ys, 200 - xs) - (a + angles[1] / 2)) < 0.02].mean()
        for a in angles[1:-2]
    ]
    assert min(middle) > 98.6
    assert max(middle) < 101


def test_a_point_too_near_to_be_seen_waits_but_is_not_lost(desk: Desk) -> None:
    desk.use("brush")
    desk.settings.set("brush.size", 100)
    desk.press((100, 100))
    before = desk.document.mask.copy()
    desk.move((102, 100))
    assert np.array_equal(desk.document.mask, before)
    QApplication.sendEvent(desk.canvas, QFocusEvent(QEvent.Type.FocusOut))
    assert desk.value(151, 100) == 255
    assert before[100, 151] == 0


def test_the_curve_keeps_to_straight_lines_and_to_corners() -> None:
    assert between(None, (0, 0, 1), (10, 0, 1), 0.3) == [(10, 0, 1)]
    assert between((-10, 0, 1), (0, 0, 1), (10, 0, 1), 0.3) == [(10, 0, 1)]
    assert between((0, -10, 1), (0, 0, 1), (10, 0, 1), 0.3) == [(10, 0, 1)]
    bent = between((-100, 30, 1), (0, 0, 1), (100, 0, 0.5), 0.3)
    assert len(bent) > 2
    assert bent[-1] == (100, 0, 0.5)
    assert all(-8 < y < 0 for _, y, _ in bent[:-1])
    assert all(0.5 < pressure < 1 for _, _, pressure in bent[:-1])


def test_alt_erases_with_the_brush_and_paints_with_the_eraser(desk: Desk) -> None:
    desk.use("brush")
    desk.drag([(50, 100), (150, 100)])
    desk.drag([(100, 80), (100, 120)], _ALT)
    assert desk.value(60, 100) == 255
    assert desk.value(100, 100) == 0
    desk.use("eraser")
    desk.drag([(60, 80), (60, 120)])
    assert desk.value(60, 100) == 0
    desk.drag([(100, 80), (100, 120)], _ALT)
    assert desk.value(100, 100) == 255
    assert desk.names == ["history.brush", "history.eraser", "history.eraser", "history.brush"]


def test_shift_draws_a_straight_line_from_the_last_stroke(desk: Desk) -> None:
    desk.use("brush")
    desk.click((50, 50))
    desk.click((250, 250), _SHIFT)
    assert desk.value(150, 150) == 255
    assert desk.value(150, 170) == 0


def test_esc_abandons_the_stroke_and_the_rest_of_the_drag_paints_nothing(desk: Desk) -> None:
    desk.use("brush")
    desk.press((50, 100))
    desk.move((150, 100))
    assert desk.value(100, 100) == 255
    assert desk.canvas.busy
    assert desk.key(Qt.Key.Key_Escape)
    assert not desk.canvas.busy
    desk.move((200, 150))
    desk.release((200, 150))
    assert desk.untouched
    assert not desk.key(Qt.Key.Key_Escape)  # nothing to abandon: somebody else's key


def test_esc_is_no_shortcut_while_something_is_under_way(desk: Desk) -> None:
    desk.use("brush")
    override = QKeyEvent(QEvent.Type.ShortcutOverride, Qt.Key.Key_Escape, _NONE)
    override.ignore()
    QApplication.sendEvent(desk.canvas, override)
    assert not override.isAccepted()
    desk.press((50, 100))
    QApplication.sendEvent(desk.canvas, override)
    assert override.isAccepted()


def test_a_second_button_does_not_disturb_the_stroke(desk: Desk) -> None:
    desk.use("brush")
    desk.press((50, 100))
    desk.move((100, 100))
    for button in (_RIGHT, _MIDDLE):
        desk.mouse(QEvent.Type.MouseButtonPress, (110, 100), button, _LEFT | button)
        desk.mouse(QEvent.Type.MouseMove, (120, 100), _NO, _LEFT | button)
        desk.mouse(QEvent.Type.MouseButtonRelease, (120, 100), button, _LEFT)
    desk.move((200, 100))
    desk.release((200, 100))
    assert desk.names == ["history.brush"]
    assert desk.value(190, 100) == 255
    assert desk.at((0, 0)) == QPointF(100, 50)  # the middle button did not pan


def test_losing_the_focus_keeps_the_stroke(desk: Desk) -> None:
    desk.use("brush")
    desk.press((50, 100))
    desk.move((150, 100))
    QApplication.sendEvent(desk.canvas, QFocusEvent(QEvent.Type.FocusOut))
    assert desk.names == ["history.brush"]
    assert desk.value(150, 100) == 255
    assert not desk.document.editing
    desk.move((150, 200), held=_NO)
    assert desk.value(150, 200) == 0


def test_a_release_that_never_came_ends_the_stroke_at_the_next_move(desk: Desk) -> None:
    desk.use("brush")
    desk.press((50, 100))
    desk.move((150, 100))
    desk.move((150, 200), held=_NO)
    assert desk.names == ["history.brush"]
    assert desk.value(150, 200) == 0


def test_another_tool_keeps_the_stroke(desk: Desk) -> None:
    desk.use("brush")
    desk.press((50, 100))
    desk.move((150, 100))
    desk.use("lasso")
    assert desk.names == ["history.brush"]
    assert not desk.document.editing


def test_people_hear_of_what_was_added_and_not_of_what_was_taken_away(desk: Desk) -> None:
    heard: list[bool] = []
    desk.canvas.stroke_finished.connect(lambda: heard.append(desk.canvas.busy))
    desk.use("brush")
    desk.drag([(50, 100), (150, 100)])
    assert heard == [False]
    desk.drag([(60, 100), (100, 100)])  # nothing new: no edit
    desk.drag([(50, 100), (150, 100)], _ALT)
    desk.use("protect")
    desk.drag([(50, 100), (150, 100)])
    assert heard == [False]


def test_alt_and_the_right_button_change_size_and_hardness_where_the_cursor_is(desk: Desk) -> None:
    desk.use("brush")
    for button, modifiers in ((_RIGHT, _ALT), (_LEFT, _ALT | _CTRL)):
        desk.settings.set("brush.size", 40)
        desk.settings.set("brush.hardness", 50)
        desk.drag([(100, 100), (110, 100), (130, 80)], modifiers, button)
        assert desk.settings.get("brush.size") == 100
        assert desk.settings.get("brush.hardness") == 60
    desk.press((100, 100), _ALT, _RIGHT)
    desk.move((200, 200), _ALT, _RIGHT)
    desk.key(Qt.Key.Key_Escape)
    assert desk.settings.get("brush.size") == 100
    assert desk.settings.get("brush.hardness") == 60
    assert desk.untouched


def test_the_ring_is_as_large_as_the_brush_and_shows_on_any_photo(desk: Desk) -> None:
    desk.use("brush")
    desk.settings.set("brush.size", 80)
    before = qimage.array(desk.canvas.grab().toImage()).astype(int)
    desk.move((100, 100), held=_NO)
    after = qimage.array(desk.canvas.grab().toImage()).astype(int)
    at = desk.at((100, 100)).toPoint()
    ys, xs = np.nonzero(np.abs(after - before).max(axis=2) > 40)
    radii = np.hypot(xs + 0.5 - at.x(), ys + 0.5 - at.y())
    ring = radii[radii > 10]
    assert abs(np.median(ring) - 40) < 1.5
    drawn = after[ys, xs][radii > 10]
    assert drawn.max() > 200
    assert drawn.min() < 80
    desk.settings.set("brush.hardness", 40)
    softer = qimage.array(desk.canvas.grab().toImage()).astype(int)
    inner = np.abs(softer - after).max(axis=2) > 20
    ys, xs = np.nonzero(inner)
    assert abs(np.median(np.hypot(xs + 0.5 - at.x(), ys + 0.5 - at.y())) - 16) < 1.5


# -- the pen ---------------------------------------------------------------------------------------


class Pen:
    def __init__(self, desk: Desk, eraser: bool = False) -> None:
        kind = QPointingDevice.PointerType.Eraser if eraser else QPointingDevice.PointerType.Pen
        self.desk = desk
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
        at = self.desk.at(place)
        event = QTabletEvent(
            kind,
            self.device,
            at,
            self.desk.canvas.mapToGlobal(at),
            pressure,
            0,
            0,
            0.0,
            0.0,
            0.0,
            _NONE,
            _NO if kind == QEvent.Type.TabletMove else _LEFT,
            _LEFT if down else _NO,
        )
        QApplication.sendEvent(self.desk.canvas, event)
        assert event.isAccepted()

    def stroke(self, places: Sequence[tuple[Place, float]]) -> None:
        self.send(QEvent.Type.TabletPress, *places[0], True)
        for place, pressure in places[1:]:
            self.send(QEvent.Type.TabletMove, place, pressure, True)
        self.send(QEvent.Type.TabletRelease, places[-1][0], 0.0, False)


def _width(desk: Desk, x: int) -> int:
    return int(np.count_nonzero(desk.document.mask[:, x] > 127))


def test_pressure_is_size(desk: Desk) -> None:
    desk.use("brush")
    Pen(desk).stroke([((50, 100), 0.2), ((150, 100), 0.6), ((250, 100), 1.0)])
    assert desk.names == ["history.brush"]
    assert _width(desk, 150) == pytest.approx(12, abs=1)
    assert _width(desk, 249) == pytest.approx(20, abs=1)


def test_pressure_is_hardness_or_nothing_where_asked(desk: Desk) -> None:
    desk.use("brush")
    desk.settings.set("brush.size", 40)
    desk.settings.set("brush.pressure", "hardness")
    Pen(desk).stroke([((50, 100), 0.1), ((150, 100), 0.1)])
    soft = desk.document.mask[:, 100]
    assert np.count_nonzero((soft > 10) & (soft < 245)) > 20
    desk.document.undo()
    desk.settings.set("brush.pressure", "none")
    Pen(desk).stroke([((50, 100), 0.1), ((150, 100), 0.1)])
    assert _width(desk, 100) == 40


def test_the_pens_other_end_erases(desk: Desk) -> None:
    desk.use("brush")
    desk.drag([(50, 100), (150, 100)])
    Pen(desk, eraser=True).stroke([((100, 80), 1.0), ((100, 120), 1.0)])
    assert desk.value(100, 100) == 0
    assert desk.names == ["history.brush", "history.eraser"]


def test_the_mouse_is_not_heard_while_the_pen_is_down(desk: Desk) -> None:
    desk.use("brush")
    pen = Pen(desk)
    pen.send(QEvent.Type.TabletPress, (50, 100), 1.0, True)
    desk.move((300, 250), held=_NO)
    desk.press((300, 250))
    desk.release((300, 250))
    pen.send(QEvent.Type.TabletMove, (150, 100), 1.0, True)
    pen.send(QEvent.Type.TabletRelease, (150, 100), 0.0, False)
    assert desk.names == ["history.brush"]
    assert desk.value(300, 250) == 0
    assert desk.value(100, 100) == 255


# -- protect ---------------------------------------------------------------------------------------


def test_the_protect_brush_protects_and_leaves_the_mask_alone(desk: Desk) -> None:
    desk.use("protect")
    desk.drag([(50, 100), (150, 100)])
    assert desk.document.protect[100, 100] == 255
    assert not desk.document.mask.any()
    desk.drag([(50, 100), (150, 100)], _ALT)
    assert desk.document.protect[100, 100] == 0
    assert desk.names == ["history.protect"] * 2


# -- regions ---------------------------------------------------------------------------------------


def test_a_lasso_closes_itself_and_alt_takes_away(desk: Desk) -> None:
    desk.use("lasso")
    desk.drag([(50, 50), (150, 50), (150, 150), (50, 150)])
    assert desk.value(100, 100) == 255
    assert desk.value(45, 100) == 0
    desk.drag([(80, 80), (120, 80), (120, 120), (80, 120)], _ALT)
    assert desk.value(100, 100) == 0
    assert desk.value(60, 60) == 255
    assert desk.names == ["history.lasso"] * 2


def test_a_lasso_can_be_abandoned_and_a_click_is_no_loop(desk: Desk) -> None:
    tool = desk.use("lasso")
    desk.press((50, 50))
    desk.move((150, 50))
    desk.move((150, 150))
    assert tool.active
    desk.key(Qt.Key.Key_Escape)
    desk.release((50, 150))
    desk.click((60, 60))
    assert desk.untouched


@pytest.mark.parametrize("close", ["double", "enter", "first"])
def test_a_polygon_is_closed_in_three_ways(desk: Desk, close: str) -> None:
    desk.use("polygon")
    for place in ((50, 50), (150, 50), (150, 150)):
        desk.click(place)
    assert desk.names == []
    if close == "double":
        desk.click((50, 150))
        desk.mouse(QEvent.Type.MouseButtonDblClick, (50, 150), _LEFT, _LEFT)
        desk.release((50, 150))
    else:
        desk.click((50, 150))
        if close == "enter":
            assert desk.key(Qt.Key.Key_Return)
        else:
            desk.click((52, 51))
    assert desk.names == ["history.polygon"]
    assert desk.value(60, 140) == 255
    assert desk.value(140, 60) == 255
    assert desk.value(160, 100) == 0
    assert not desk.key(Qt.Key.Key_Return)  # Enter fills again


def test_backspace_takes_a_corner_back_and_esc_all_of_them(desk: Desk) -> None:
    tool = desk.use("polygon")
    for place in ((50, 50), (150, 50), (150, 150), (300, 290)):
        desk.click(place)
    desk.key(Qt.Key.Key_Backspace)
    desk.click((50, 150))
    desk.key(Qt.Key.Key_Return)
    assert desk.value(60, 140) == 255
    assert desk.value(200, 200) == 0
    desk.click((10, 10))
    desk.click((30, 10))
    desk.key(Qt.Key.Key_Escape)
    assert not tool.active
    assert not desk.key(Qt.Key.Key_Backspace)
    assert desk.names == ["history.polygon"]


def test_boxes(desk: Desk) -> None:
    desk.use("box")
    desk.drag([(50, 50), (90, 80), (150, 100)])
    assert desk.document.mask[50:100, 50:150].all()
    assert np.count_nonzero(desk.document.mask) == 5000
    desk.drag([(60, 60), (80, 80)], _ALT)
    assert np.count_nonzero(desk.document.mask) == 4600
    desk.document.go(0)
    desk.drag([(150, 150), (100, 130)], _SHIFT)  # up and to the left, as square as the longer side
    assert np.count_nonzero(desk.document.mask) == 2500
    assert desk.value(101, 101) == 255
    desk.document.go(0)
    desk.settings.set("box.shape", "ellipse")
    desk.drag([(50, 50), (150, 100)])
    assert desk.value(52, 52) == 0
    assert desk.value(100, 52) == 255
    assert np.count_nonzero(desk.document.mask > 127) == pytest.approx(np.pi * 50 * 25, rel=0.01)
    assert desk.names == ["history.box"]


def _settle(tool: Tool) -> None:
    assert isinstance(tool, Seeker)
    end = time.monotonic() + 60
    while tool.active and time.monotonic() < end:
        QApplication.processEvents()
        time.sleep(0.005)
    assert not tool.active


def test_the_wand_takes_what_is_of_one_colour(desk: Desk) -> None:
    tool = desk.use("wand")
    busy: list[bool] = []
    tool.busy.connect(busy.append)
    desk.click((200, 150))
    assert tool.active
    assert desk.canvas.cursor().shape() == Qt.CursorShape.BusyCursor
    _settle(tool)
    assert desk.canvas.cursor().shape() == Qt.CursorShape.CrossCursor
    assert busy == [True, False]
    assert desk.value(200, 110) == 255
    assert desk.value(200, 95) == 0
    assert desk.names == ["history.wand"]
    desk.click((200, 150), _ALT)
    _settle(tool)
    assert not desk.document.mask.any()
    desk.click((-20, 150))
    assert not tool.active


def test_snap_tightens_a_rough_loop_to_the_object(desk: Desk) -> None:
    tool = desk.use("snap")
    loop = [(130, 80), (270, 75), (275, 220), (125, 225)]
    desk.drag(loop)
    assert tool.active
    assert not desk.document.mask.any()
    desk.canvas.grab()
    _settle(tool)
    y, x = np.mgrid[:300, :400]
    disc = np.hypot(x - 200, y - 150) < 50
    found = desk.document.mask > 127
    assert (found & disc).sum() / (found | disc).sum() > 0.95
    assert desk.names == ["history.snap"]


def test_snap_says_when_nothing_stands_out(desk: Desk) -> None:
    tool = desk.use("snap")
    told: list[tuple[str, str]] = []
    tool.told.connect(lambda *words: told.append(words))
    desk.drag([(-50, -50), (450, -50), (450, 350), (-50, 350)])  # no surroundings are left
    _settle(tool)
    assert len(told) == 1
    assert all(words.endswith(".") for words in told[0])
    assert desk.untouched


def test_what_is_looked_for_is_dropped_with_esc_and_with_another_tool(desk: Desk) -> None:
    for leave in (lambda: desk.key(Qt.Key.Key_Escape), lambda: desk.use("brush")):
        tool = desk.use("snap")
        desk.drag([(130, 80), (270, 75), (275, 220), (125, 225)])
        leave()
        assert not tool.active
        while desk.lane.waiting:
            QApplication.processEvents()
        assert desk.untouched


def test_a_mistake_of_ours_is_a_sentence_too(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("app.document.wand.select", fail)
    tool = desk.use("wand")
    told: list[tuple[str, str]] = []
    tool.told.connect(lambda *words: told.append(words))
    desk.click((200, 150))
    _settle(tool)
    assert len(told) == 1
    assert "ZeroDivisionError" in caplog.text
    assert desk.untouched


# -- looking ---------------------------------------------------------------------------------------


def test_space_and_the_middle_button_take_the_hand_whatever_the_tool(desk: Desk) -> None:
    desk.use("brush")
    corner = desk.at((0, 0))
    start = desk.at((100, 100))

    def drag(button: Qt.MouseButton) -> None:
        for kind, at in (
            (QEvent.Type.MouseButtonPress, start),
            (QEvent.Type.MouseMove, start + QPointF(30, 20)),
            (QEvent.Type.MouseButtonRelease, start + QPointF(30, 20)),
        ):
            QApplication.sendEvent(
                desk.canvas,
                QMouseEvent(kind, at, desk.canvas.mapToGlobal(at), button, button, _NONE),
            )

    drag(_MIDDLE)
    assert desk.at((0, 0)) == corner + QPointF(30, 20)
    space = QKeyEvent(QEvent.Type.KeyPress, Qt.Key.Key_Space, _NONE)
    QApplication.sendEvent(desk.canvas, space)
    assert desk.canvas.cursor().shape() == Qt.CursorShape.OpenHandCursor
    drag(_LEFT)
    assert desk.at((0, 0)) == corner + QPointF(60, 40)
    QApplication.sendEvent(desk.canvas, QKeyEvent(QEvent.Type.KeyRelease, Qt.Key.Key_Space, _NONE))
    assert desk.untouched
    drag(_LEFT)
    assert desk.names == ["history.brush"]


def test_the_hand_moves_the_photo_and_a_double_click_fits_it(desk: Desk, qtbot: QtBot) -> None:
    desk.use("hand")
    corner = desk.at((0, 0))
    qtbot.mousePress(desk.canvas, _LEFT, pos=QPoint(300, 200))
    qtbot.mouseMove(desk.canvas, QPoint(340, 230))
    qtbot.mouseRelease(desk.canvas, _LEFT, pos=QPoint(340, 230))
    assert desk.at((0, 0)) == corner + QPointF(40, 30)
    desk.mouse(QEvent.Type.MouseButtonDblClick, (10, 10), _LEFT, _LEFT)
    desk.release((10, 10))
    assert desk.at((0, 0)) == corner
    desk.canvas.resize(200, 150)
    assert desk.canvas.zoom < 0.5
    desk.mouse(QEvent.Type.MouseButtonDblClick, (10, 10), _LEFT, _LEFT)
    assert desk.canvas.zoom == 1.0


def test_the_zoom_tool_goes_nearer_and_away_and_shows_a_box(desk: Desk) -> None:
    desk.use("zoom")
    desk.click((100, 100))
    nearer = desk.canvas.zoom
    assert nearer > 1.2
    desk.click((100, 100), _ALT)
    assert desk.canvas.zoom == pytest.approx(1.0)
    desk.canvas.fit()
    desk.drag([(100, 100), (150, 120), (220, 160)])
    assert desk.canvas.zoom == pytest.approx(min(600 / 120, 400 / 60))
    middle = desk.canvas.to_photo(QPointF(300, 200))
    assert abs(middle.x() - 160) < 1
    assert abs(middle.y() - 130) < 1
    assert desk.untouched


def test_arrow_keys_move_the_photo(desk: Desk) -> None:
    desk.use("brush")
    corner = desk.at((0, 0))
    assert desk.key(Qt.Key.Key_Right)
    assert desk.at((0, 0)) == corner - QPointF(40, 0)
    assert not desk.key(Qt.Key.Key_Q)


@pytest.mark.parametrize("row", TOOLS, ids=lambda row: row.id)
def test_every_tool_survives_a_gesture_it_was_not_made_for(desk: Desk, row: object) -> None:
    """A press without a move, a release out of the photo, Esc twice, a leave in the middle."""
    tool = desk.use(row.id)  # type: ignore[attr-defined]
    assert tool.id == row.id  # type: ignore[attr-defined]
    desk.move((10, 10), held=_NO)
    desk.click((-500, 900))
    desk.press((20, 20))
    QApplication.sendEvent(desk.canvas, QEvent(QEvent.Type.Leave))
    desk.canvas.grab()
    desk.key(Qt.Key.Key_Escape)
    desk.key(Qt.Key.Key_Escape)
    desk.release((3000, 3000))
    assert not desk.document.editing
    assert not desk.canvas.busy
    assert not tool.active


def test_the_tools_stand_in_the_order_of_the_strip_with_keys_of_their_own() -> None:
    assert [row.id for row in TOOLS] == (
        ["brush", "eraser", "lasso", "polygon", "box", "wand", "snap", "protect", "hand", "zoom"]
    )
    assert len({row.key for row in TOOLS}) == len(TOOLS)
