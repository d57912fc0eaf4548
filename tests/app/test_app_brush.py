"""Brush, eraser and protect brush with real events of mouse and pen."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from handwork import ALT, CTRL, LEFT, MIDDLE, NONE, NOTHING, RIGHT, SHIFT, Pen, Workbench, at_work
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import (
    QFocusEvent,
    QKeyEvent,
)
from PySide6.QtWidgets import QApplication

from app.ui.painting import qimage
from app.ui.tools.brush_tools import interpolate_curve


@pytest.fixture
def workbench(qapp: QApplication, tmp_path: Path) -> Iterator[Workbench]:
    with at_work(tmp_path) as workbench:
        yield workbench


# -- brush and eraser ------------------------------------------------------------------------------


def test_a_stroke_is_one_edit_of_the_brushs_true_size(workbench: Workbench) -> None:
    workbench.use("brush")
    workbench.drag([(50, 100), (80, 100), (150, 100)])
    assert workbench.names == ["history.brush"]
    assert workbench.value(100, 100) == 255
    assert workbench.value(100, 91) == 255
    assert workbench.value(100, 88) == 0
    assert workbench.value(41, 100) == 255
    assert workbench.value(38, 100) == 0
    workbench.document.undo()
    assert not workbench.document.mask.any()


def test_every_point_told_is_painted_and_the_line_between_them_is_smooth(
    workbench: Workbench,
) -> None:
    workbench.use("brush")
    workbench.settings.set("brush.size", 4)
    angles = np.linspace(0, np.pi, 9)
    points = [(200 - 100 * np.cos(a), 250 - 100 * np.sin(a)) for a in angles]
    workbench.drag(points)
    mask = workbench.document.mask
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


def test_a_point_too_near_to_be_seen_waits_but_is_not_lost(workbench: Workbench) -> None:
    workbench.use("brush")
    workbench.settings.set("brush.size", 100)
    workbench.press((100, 100))
    before = workbench.document.mask.copy()
    workbench.move((102, 100))
    assert np.array_equal(workbench.document.mask, before)
    QApplication.sendEvent(workbench.canvas, QFocusEvent(QEvent.Type.FocusOut))
    assert workbench.value(151, 100) == 255
    assert before[100, 151] == 0


def test_the_curve_keeps_to_straight_lines_and_to_corners() -> None:
    assert interpolate_curve(None, (0, 0, 1), (10, 0, 1), 0.3) == [(10, 0, 1)]
    assert interpolate_curve((-10, 0, 1), (0, 0, 1), (10, 0, 1), 0.3) == [(10, 0, 1)]
    assert interpolate_curve((0, -10, 1), (0, 0, 1), (10, 0, 1), 0.3) == [(10, 0, 1)]
    bent = interpolate_curve((-100, 30, 1), (0, 0, 1), (100, 0, 0.5), 0.3)
    assert len(bent) > 2
    assert bent[-1] == (100, 0, 0.5)
    assert all(-8 < y < 0 for _, y, _ in bent[:-1])
    assert all(0.5 < pressure < 1 for _, _, pressure in bent[:-1])


def test_alt_erases_with_the_brush_and_paints_with_the_eraser(workbench: Workbench) -> None:
    workbench.use("brush")
    workbench.drag([(50, 100), (150, 100)])
    workbench.drag([(100, 80), (100, 120)], ALT)
    assert workbench.value(60, 100) == 255
    assert workbench.value(100, 100) == 0
    workbench.use("eraser")
    workbench.drag([(60, 80), (60, 120)])
    assert workbench.value(60, 100) == 0
    workbench.drag([(100, 80), (100, 120)], ALT)
    assert workbench.value(100, 100) == 255
    assert workbench.names == ["history.brush", "history.eraser", "history.eraser", "history.brush"]


def test_shift_draws_a_straight_line_from_the_last_stroke(workbench: Workbench) -> None:
    workbench.use("brush")
    workbench.click((50, 50))
    workbench.click((250, 250), SHIFT)
    assert workbench.value(150, 150) == 255
    assert workbench.value(150, 170) == 0


def test_esc_abandons_the_stroke_and_the_rest_of_the_drag_paints_nothing(
    workbench: Workbench,
) -> None:
    workbench.use("brush")
    workbench.press((50, 100))
    workbench.move((150, 100))
    assert workbench.value(100, 100) == 255
    assert workbench.canvas.is_busy
    assert workbench.key(Qt.Key.Key_Escape)
    assert not workbench.canvas.is_busy
    workbench.move((200, 150))
    workbench.release((200, 150))
    assert workbench.untouched
    assert not workbench.key(Qt.Key.Key_Escape)  # nothing to abandon: somebody else's key


def test_esc_is_no_shortcut_while_something_is_under_way(workbench: Workbench) -> None:
    workbench.use("brush")
    override = QKeyEvent(QEvent.Type.ShortcutOverride, Qt.Key.Key_Escape, NONE)
    override.ignore()
    QApplication.sendEvent(workbench.canvas, override)
    assert not override.isAccepted()
    workbench.press((50, 100))
    QApplication.sendEvent(workbench.canvas, override)
    assert override.isAccepted()


def test_a_second_button_does_not_disturb_the_stroke(workbench: Workbench) -> None:
    workbench.use("brush")
    workbench.press((50, 100))
    workbench.move((100, 100))
    for button in (RIGHT, MIDDLE):
        workbench.mouse(QEvent.Type.MouseButtonPress, (110, 100), button, LEFT | button)
        workbench.mouse(QEvent.Type.MouseMove, (120, 100), NOTHING, LEFT | button)
        workbench.mouse(QEvent.Type.MouseButtonRelease, (120, 100), button, LEFT)
    workbench.move((200, 100))
    workbench.release((200, 100))
    assert workbench.names == ["history.brush"]
    assert workbench.value(190, 100) == 255
    assert workbench.at((0, 0)) == QPointF(100, 50)  # the middle button did not pan


def test_losing_the_focus_keeps_the_stroke(workbench: Workbench) -> None:
    workbench.use("brush")
    workbench.press((50, 100))
    workbench.move((150, 100))
    QApplication.sendEvent(workbench.canvas, QFocusEvent(QEvent.Type.FocusOut))
    assert workbench.names == ["history.brush"]
    assert workbench.value(150, 100) == 255
    assert not workbench.document.is_editing
    workbench.move((150, 200), held=NOTHING)
    assert workbench.value(150, 200) == 0


def test_a_release_that_never_came_ends_the_stroke_at_the_next_move(workbench: Workbench) -> None:
    workbench.use("brush")
    workbench.press((50, 100))
    workbench.move((150, 100))
    workbench.move((150, 200), held=NOTHING)
    assert workbench.names == ["history.brush"]
    assert workbench.value(150, 200) == 0


def test_another_tool_keeps_the_stroke(workbench: Workbench) -> None:
    workbench.use("brush")
    workbench.press((50, 100))
    workbench.move((150, 100))
    workbench.use("lasso")
    assert workbench.names == ["history.brush"]
    assert not workbench.document.is_editing


def test_people_hear_of_what_was_added_and_not_of_what_was_taken_away(workbench: Workbench) -> None:
    heard: list[bool] = []
    workbench.canvas.stroke_finished.connect(lambda: heard.append(workbench.canvas.is_busy))
    workbench.use("brush")
    workbench.drag([(50, 100), (150, 100)])
    assert heard == [False]
    workbench.drag([(60, 100), (100, 100)])  # nothing new: no edit
    workbench.drag([(50, 100), (150, 100)], ALT)
    workbench.use("protect")
    workbench.drag([(50, 100), (150, 100)])
    assert heard == [False]


def test_alt_and_the_right_button_change_size_and_hardness_where_the_cursor_is(
    workbench: Workbench,
) -> None:
    workbench.use("brush")
    for button, modifiers in ((RIGHT, ALT), (LEFT, ALT | CTRL)):
        workbench.settings.set("brush.size", 40)
        workbench.settings.set("brush.hardness", 50)
        workbench.drag([(100, 100), (110, 100), (130, 80)], modifiers, button)
        assert workbench.settings.get("brush.size") == 100
        assert workbench.settings.get("brush.hardness") == 60
    workbench.press((100, 100), ALT, RIGHT)
    workbench.move((200, 200), ALT, RIGHT)
    workbench.key(Qt.Key.Key_Escape)
    assert workbench.settings.get("brush.size") == 100
    assert workbench.settings.get("brush.hardness") == 60
    assert workbench.untouched


def test_the_ring_is_as_large_as_the_brush_and_shows_on_any_photo(workbench: Workbench) -> None:
    workbench.use("brush")
    workbench.settings.set("brush.size", 80)
    before = qimage.to_rgb(workbench.canvas.grab().toImage()).astype(int)
    workbench.move((100, 100), held=NOTHING)
    after = qimage.to_rgb(workbench.canvas.grab().toImage()).astype(int)
    at = workbench.at((100, 100)).toPoint()
    ys, xs = np.nonzero(np.abs(after - before).max(axis=2) > 40)
    radii = np.hypot(xs + 0.5 - at.x(), ys + 0.5 - at.y())
    ring = radii[radii > 10]
    assert abs(np.median(ring) - 40) < 1.5
    drawn = after[ys, xs][radii > 10]
    assert drawn.max() > 200
    assert drawn.min() < 80
    workbench.settings.set("brush.hardness", 40)
    softer = qimage.to_rgb(workbench.canvas.grab().toImage()).astype(int)
    inner = np.abs(softer - after).max(axis=2) > 20
    ys, xs = np.nonzero(inner)
    assert abs(np.median(np.hypot(xs + 0.5 - at.x(), ys + 0.5 - at.y())) - 16) < 1.5


# -- the pen ---------------------------------------------------------------------------------------


def _width(workbench: Workbench, x: int) -> int:
    return int(np.count_nonzero(workbench.document.mask[:, x] > 127))


def test_pressure_is_size(workbench: Workbench) -> None:
    workbench.use("brush")
    Pen(workbench).stroke([((50, 100), 0.2), ((150, 100), 0.6), ((250, 100), 1.0)])
    assert workbench.names == ["history.brush"]
    assert _width(workbench, 150) == pytest.approx(12, abs=1)
    assert _width(workbench, 249) == pytest.approx(20, abs=1)


def test_pressure_is_hardness_or_nothing_where_asked(workbench: Workbench) -> None:
    workbench.use("brush")
    workbench.settings.set("brush.size", 40)
    workbench.settings.set("brush.pressure", "hardness")
    Pen(workbench).stroke([((50, 100), 0.1), ((150, 100), 0.1)])
    soft = workbench.document.mask[:, 100]
    assert np.count_nonzero((soft > 10) & (soft < 245)) > 20
    workbench.document.undo()
    workbench.settings.set("brush.pressure", "none")
    Pen(workbench).stroke([((50, 100), 0.1), ((150, 100), 0.1)])
    assert _width(workbench, 100) == 40


def test_the_pens_other_end_erases(workbench: Workbench) -> None:
    workbench.use("brush")
    workbench.drag([(50, 100), (150, 100)])
    Pen(workbench, eraser=True).stroke([((100, 80), 1.0), ((100, 120), 1.0)])
    assert workbench.value(100, 100) == 0
    assert workbench.names == ["history.brush", "history.eraser"]


def test_the_mouse_is_not_heard_while_the_pen_is_down(workbench: Workbench) -> None:
    workbench.use("brush")
    pen = Pen(workbench)
    pen.send(QEvent.Type.TabletPress, (50, 100), 1.0, True)
    workbench.move((300, 250), held=NOTHING)
    workbench.press((300, 250))
    workbench.release((300, 250))
    pen.send(QEvent.Type.TabletMove, (150, 100), 1.0, True)
    pen.send(QEvent.Type.TabletRelease, (150, 100), 0.0, False)
    assert workbench.names == ["history.brush"]
    assert workbench.value(300, 250) == 0
    assert workbench.value(100, 100) == 255


# -- protect ---------------------------------------------------------------------------------------


def test_the_protect_brush_protects_and_leaves_the_mask_alone(workbench: Workbench) -> None:
    workbench.use("protect")
    workbench.drag([(50, 100), (150, 100)])
    assert workbench.document.protect[100, 100] == 255
    assert not workbench.document.mask.any()
    workbench.drag([(50, 100), (150, 100)], ALT)
    assert workbench.document.protect[100, 100] == 0
    assert workbench.names == ["history.protect", "history.unprotect"]
