"""Brush, eraser and protect brush with real events of mouse and pen."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from handwork import ALT, CTRL, LEFT, MIDDLE, NONE, NOTHING, RIGHT, SHIFT, Desk, Pen, at_work
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import (
    QFocusEvent,
    QKeyEvent,
)
from PySide6.QtWidgets import QApplication

from app.ui.painting import qimage
from app.ui.tools.curve import between


@pytest.fixture
def desk(qapp: QApplication, tmp_path: Path) -> Iterator[Desk]:
    with at_work(tmp_path) as desk:
        yield desk


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
    desk.drag([(100, 80), (100, 120)], ALT)
    assert desk.value(60, 100) == 255
    assert desk.value(100, 100) == 0
    desk.use("eraser")
    desk.drag([(60, 80), (60, 120)])
    assert desk.value(60, 100) == 0
    desk.drag([(100, 80), (100, 120)], ALT)
    assert desk.value(100, 100) == 255
    assert desk.names == ["history.brush", "history.eraser", "history.eraser", "history.brush"]


def test_shift_draws_a_straight_line_from_the_last_stroke(desk: Desk) -> None:
    desk.use("brush")
    desk.click((50, 50))
    desk.click((250, 250), SHIFT)
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
    override = QKeyEvent(QEvent.Type.ShortcutOverride, Qt.Key.Key_Escape, NONE)
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
    for button in (RIGHT, MIDDLE):
        desk.mouse(QEvent.Type.MouseButtonPress, (110, 100), button, LEFT | button)
        desk.mouse(QEvent.Type.MouseMove, (120, 100), NOTHING, LEFT | button)
        desk.mouse(QEvent.Type.MouseButtonRelease, (120, 100), button, LEFT)
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
    desk.move((150, 200), held=NOTHING)
    assert desk.value(150, 200) == 0


def test_a_release_that_never_came_ends_the_stroke_at_the_next_move(desk: Desk) -> None:
    desk.use("brush")
    desk.press((50, 100))
    desk.move((150, 100))
    desk.move((150, 200), held=NOTHING)
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
    desk.drag([(50, 100), (150, 100)], ALT)
    desk.use("protect")
    desk.drag([(50, 100), (150, 100)])
    assert heard == [False]


def test_alt_and_the_right_button_change_size_and_hardness_where_the_cursor_is(desk: Desk) -> None:
    desk.use("brush")
    for button, modifiers in ((RIGHT, ALT), (LEFT, ALT | CTRL)):
        desk.settings.set("brush.size", 40)
        desk.settings.set("brush.hardness", 50)
        desk.drag([(100, 100), (110, 100), (130, 80)], modifiers, button)
        assert desk.settings.get("brush.size") == 100
        assert desk.settings.get("brush.hardness") == 60
    desk.press((100, 100), ALT, RIGHT)
    desk.move((200, 200), ALT, RIGHT)
    desk.key(Qt.Key.Key_Escape)
    assert desk.settings.get("brush.size") == 100
    assert desk.settings.get("brush.hardness") == 60
    assert desk.untouched


def test_the_ring_is_as_large_as_the_brush_and_shows_on_any_photo(desk: Desk) -> None:
    desk.use("brush")
    desk.settings.set("brush.size", 80)
    before = qimage.array(desk.canvas.grab().toImage()).astype(int)
    desk.move((100, 100), held=NOTHING)
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
    desk.move((300, 250), held=NOTHING)
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
    desk.drag([(50, 100), (150, 100)], ALT)
    assert desk.document.protect[100, 100] == 0
    assert desk.names == ["history.protect"] * 2
