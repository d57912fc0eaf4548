"""Moving, turning and scaling the mask, with real events."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from handwork import CTRL, NONE, SHIFT, Place, Workbench, at_work
from PySide6.QtCore import QPointF, Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.configuration.text import t
from app.document.retouching.copy_placement import CopyPlacement
from app.document.retouching.lifted_mask import LiftedMask
from app.ui.shell.editor import Editor
from app.ui.tools.tool import Tool
from inpaint_core.contract.geometry import Rect

ONE, OTHER = Rect(100, 80, 60, 40), Rect(300, 200, 30, 50)


@pytest.fixture
def workbench(qapp: QApplication, tmp_path: Path) -> Iterator[Workbench]:
    with at_work(tmp_path) as workbench:
        with workbench.document.edit("history.brush") as editing:
            for rect in (ONE, OTHER):
                values = np.random.default_rng(rect.x).integers(
                    200, 256, (rect.h, rect.w), np.uint8
                )
                editing.write("mask", rect, values)
        yield workbench


def moved(mask: np.ndarray, rect: Rect, across: int, down: int) -> np.ndarray:
    out = mask.copy()
    out[rect.slices] = 0
    there = out[rect.translate(across, down).slices]
    there[:] = np.maximum(there, mask[rect.slices])
    return out


def red(workbench: Workbench, place: Place) -> bool:
    """Whether the mask is seen there."""
    ratio = workbench.canvas.devicePixelRatioF()
    colour = workbench.canvas.grab().toImage().pixelColor((workbench.at(place) * ratio).toPoint())
    return colour.red() > colour.green() + 20


def test_a_drag_moves_the_whole_mask_and_enter_applies_it(workbench: Workbench) -> None:
    document = workbench.document
    mask = document.mask.copy()
    tool = workbench.use("transform")
    assert red(workbench, (130, 95))
    workbench.drag([(130, 100), (140, 110), (110, 130)])
    assert np.array_equal(document.mask, mask)  # until it is applied
    assert (tool.is_active, tool.hint) == (True, t("tools.transform.hint"))
    assert red(workbench, (90, 130))
    assert not red(workbench, (130, 95))
    assert workbench.key(Qt.Key.Key_Return)
    out = np.zeros_like(mask)
    out[30:, :-20] = mask[:-30, 20:]
    assert np.array_equal(document.mask, out)
    assert workbench.names == ["history.brush", "history.transform"]
    assert not tool.is_active
    document.undo()
    assert np.array_equal(document.mask, mask)
    assert not workbench.key(Qt.Key.Key_Return)  # which fills then


def test_a_click_takes_one_part_which_arrow_keys_move(workbench: Workbench) -> None:
    document = workbench.document
    mask = document.mask.copy()
    tool = workbench.use("transform")
    workbench.click((310, 220))
    for key, modifiers in (
        (Qt.Key.Key_Left, SHIFT),
        (Qt.Key.Key_Left, NONE),
        (Qt.Key.Key_Up, SHIFT),
        (Qt.Key.Key_Down, NONE),
        (Qt.Key.Key_Right, NONE),
    ):
        assert workbench.key(key, modifiers)
    tool.add_proposal()
    assert np.array_equal(document.mask, moved(mask, OTHER, -10, -9))
    document.undo()
    workbench.click((310, 220))
    workbench.click((20, 20))  # beside it: all of the mask again
    workbench.key(Qt.Key.Key_Down)
    workbench.key(Qt.Key.Key_Enter)
    assert np.array_equal(document.mask[1:], mask[:-1])


def test_corners_scale_and_the_handle_turns(workbench: Workbench) -> None:
    document = workbench.document
    tool = workbench.use("transform")
    workbench.click((130, 100))
    middle = QPointF(130, 100)
    corner, far = QPointF(160, 120), QPointF(190, 140)
    workbench.drag([(corner.x(), corner.y()), (far.x(), far.y())])
    tool.add_proposal()
    assert Rect.bounding(document.mask[:, :250] > 100) == Rect(70, 60, 120, 80)
    workbench.click((130, 100))
    top = (middle.x(), 60 - 26 / workbench.canvas.zoom)
    workbench.drag([top, (220, 100)], SHIFT)
    tool.add_proposal()
    found = Rect.bounding(document.mask[:, :250] > 100)
    assert abs(found.w - 80) <= 2
    assert abs(found.h - 120) <= 2
    workbench.click((130, 100))
    assert workbench.key(Qt.Key.Key_Right, CTRL | SHIFT)
    assert workbench.key(Qt.Key.Key_Up, CTRL | SHIFT)
    tool.add_proposal()
    grown = Rect.bounding(document.mask[:, :250] > 100)
    assert grown.w > found.w + 15
    assert grown.h > found.h + 10
    assert workbench.names[1:] == ["history.transform"] * 3


def test_esc_another_tool_and_an_undo_put_the_mask_back(workbench: Workbench) -> None:
    document, count = workbench.document, len(workbench.names)
    tool = workbench.use("transform")
    for leave in (
        lambda: workbench.key(Qt.Key.Key_Escape),
        lambda: workbench.use("brush"),
        document.undo,
    ):
        tool = workbench.use("transform")
        workbench.drag([(130, 100), (200, 130)])
        assert tool.is_active
        assert not red(workbench, (110, 90))
        leave()
        assert not tool.is_active
        assert red(workbench, (110, 90)) == document.mask.any()
    assert len(workbench.names) == count
    document.redo()
    workbench.key(Qt.Key.Key_Down)
    assert tool.is_active  # the frame has followed


def test_without_a_mask_it_says_so(workbench: Workbench) -> None:
    workbench.document.undo()
    tool: Tool = workbench.use("transform")
    told: list[str] = []
    tool.notice_posted.connect(lambda text, _: told.append(text))
    tool.tell_missing()
    assert told == [t("tools.shadow.empty")]
    workbench.drag([(100, 100), (150, 150)])
    assert not workbench.key(Qt.Key.Key_Return)
    assert not workbench.document.history.can_undo


def test_where_the_view_ends_above_the_handle_lies_below(workbench: Workbench) -> None:
    document = workbench.document
    tool = workbench.use("transform")
    workbench.click((130, 100))
    workbench.canvas.pan(-workbench.at((130, 75)))  # the upper left corner of the widget
    below = 120 + 26 / workbench.canvas.zoom
    workbench.drag([(130, below), (130 + below - 100, 100)], SHIFT)
    tool.add_proposal()
    found = Rect.bounding(document.mask[:, :250] > 100)
    assert abs(found.w - 40) <= 2
    assert abs(found.h - 60) <= 2


def test_what_leaves_the_photo_is_cut_off_and_parts_that_touch_corners_are_one() -> None:
    mask = np.zeros((20, 30), np.uint8)
    mask[2:5, 2:6] = 90
    mask[5:8, 6:9] = 200
    mask[15, 20] = 255
    lifted = LiftedMask.part_at(mask, (2.5, 2.5))
    assert lifted is not None
    assert lifted.rect == Rect(2, 2, 7, 6)
    assert LiftedMask.part_at(mask, (15, 15)) is None
    assert LiftedMask.part_at(mask, (-1, 40)) is None
    x, y = lifted.middle
    rect, values = lifted.place(mask, CopyPlacement((x, y), (x - 4, y)))
    out = mask.copy()
    out[rect.slices] = values
    assert out[3, 0] == out[3, 1] == 90
    assert np.count_nonzero(out) == 3 * 2 + 9 + 1
    rect, values = lifted.place(mask, CopyPlacement((x, y), (x + 900, y)))
    out[:] = mask
    out[rect.slices] = values
    assert np.count_nonzero(out) == 1


def test_in_the_window_enter_and_what_fills_apply_it_first(
    editor: Editor, qtbot: QtBot, photo: Path
) -> None:
    editor.controller.open([photo])
    qtbot.waitUntil(lambda: editor.controller.current is not None)
    session, window = editor.controller.current, editor.window
    assert session is not None
    document, canvas = session.document, window.canvas
    window.actions_by_id["tool.transform"].trigger()
    assert window.hint.text() == t("tools.transform.empty_hint")
    window.actions_by_id["tool.brush"].trigger()
    with document.edit("history.brush") as editing:
        editing.write("mask", Rect(20, 20, 10, 10), np.full((10, 10), 255, np.uint8))
    window.actions_by_id["tool.transform"].trigger()
    assert window.hint.text() == t("actions.tool.transform.tip")
    qtbot.keyClick(canvas, Qt.Key.Key_Right)
    assert window.actions_by_id["found.add"].isEnabled()
    qtbot.keyClick(canvas, Qt.Key.Key_Return)
    assert session.running_fill is None
    assert Rect.bounding(document.mask) == Rect(21, 20, 10, 10)
    qtbot.keyClick(canvas, Qt.Key.Key_Down)
    window.workspace.add_proposal()  # as the button that fills does
    assert Rect.bounding(document.mask) == Rect(21, 21, 10, 10)
    qtbot.keyClick(canvas, Qt.Key.Key_Down)
    qtbot.keyClick(canvas, Qt.Key.Key_Escape)
    assert not window.actions_by_id["found.add"].isEnabled()
    names = [entry.name_key for entry in document.history.entries]
    assert names == ["history.brush", "history.transform", "history.transform"]
