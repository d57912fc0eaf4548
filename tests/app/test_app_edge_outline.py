"""The polygon whose sides follow edges, with real events around a disc of radius 50."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from handwork import ALT, LEFT, NOTHING, SHIFT, Place, Workbench, at_work
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QImage, QPainter
from PySide6.QtWidgets import QApplication, QCheckBox
from pytestqt.qtbot import QtBot

from app.ui.shell.editor import Editor
from app.ui.tools.tool import Tool

ANGLES = (0, 90, 180, 270)
ARC, CHORD = 45.0, 50 * float(np.cos(np.pi / 4))  # where a side is halfway


@pytest.fixture
def workbench(qapp: QApplication, tmp_path: Path) -> Iterator[Workbench]:
    with at_work(tmp_path) as workbench:
        workbench.settings.set("outline.edges", True)
        yield workbench


def on_rim(degrees: float, radius: float = 50.0) -> Place:
    angle = np.radians(degrees)
    return 200 + radius * float(np.cos(angle)), 150 + radius * float(np.sin(angle))


def double_click(workbench: Workbench, place: Place) -> None:
    workbench.click(place)
    workbench.mouse(QEvent.Type.MouseButtonDblClick, place, LEFT, LEFT)
    workbench.release(place)


def errors(workbench: Workbench) -> tuple[int, int]:
    """How many pixels the mask lacks more than 2 inside the rim, and has more than 2 outside."""
    y, x = np.mgrid[:300, :400] + 0.5
    away = np.hypot(x - 200, y - 150) - 50
    mask = workbench.document.mask > 127
    return int(np.count_nonzero(~mask & (away < -2))), int(np.count_nonzero(mask & (away > 2)))


def is_painted(workbench: Workbench, tool: Tool, place: Place) -> bool:
    """Whether the tool paints over the photo within 2 pixels of ``place``."""
    image = QImage(workbench.canvas.size(), QImage.Format.Format_ARGB32)
    image.fill(0)
    painter = QPainter(image)
    at = workbench.at(place)
    tool.paint(painter, workbench.canvas.view_at(at))
    painter.end()
    x, y = round(at.x()), round(at.y())
    around = [(x + dx, y + dy) for dx in range(-2, 3) for dy in range(-2, 3)]
    return any(image.pixelColor(*pixel).alpha() for pixel in around)


@pytest.mark.parametrize("close", ["double", "enter", "first"])
def test_the_mask_ends_at_the_rim_and_is_one_step(workbench: Workbench, close: str) -> None:
    workbench.use("polygon")
    for degrees in ANGLES[:-1]:
        workbench.click(on_rim(degrees))
    if close == "double":
        double_click(workbench, on_rim(ANGLES[-1]))
    else:
        workbench.click(on_rim(ANGLES[-1]))
        if close == "enter":
            assert workbench.key(Qt.Key.Key_Return)
        else:
            workbench.click(on_rim(ANGLES[0], 52))
    assert errors(workbench) == (0, 0)
    assert workbench.names == ["history.polygon"]
    workbench.document.undo()
    assert not workbench.document.mask.any()


def test_without_the_choice_sides_are_straight(workbench: Workbench) -> None:
    workbench.settings.set("outline.edges", False)
    workbench.use("polygon")
    for degrees in ANGLES:
        workbench.click(on_rim(degrees))
    workbench.key(Qt.Key.Key_Return)
    assert errors(workbench)[0] > 1000


def test_alt_erases_up_to_the_rim(workbench: Workbench) -> None:
    workbench.use("box")
    workbench.drag([(100, 50), (300, 250)])
    workbench.use("polygon")
    for degrees in ANGLES:
        workbench.click(on_rim(degrees))
    workbench.key(Qt.Key.Key_Return, ALT)
    y, x = np.mgrid[:300, :400] + 0.5
    away = np.hypot(x - 200, y - 150) - 50
    mask = workbench.document.mask[50:250, 100:300]
    assert not mask[away[50:250, 100:300] < -2].any()
    assert (mask[away[50:250, 100:300] > 2] == 255).all()


def test_the_side_to_the_pointer_follows_the_rim_live(workbench: Workbench, qtbot: QtBot) -> None:
    tool = workbench.use("polygon")
    halfway = on_rim(ARC), on_rim(ARC, CHORD)

    def shows(*wanted: bool) -> bool:
        return tuple(is_painted(workbench, tool, place) for place in halfway) == wanted

    workbench.click(on_rim(0))
    workbench.move(on_rim(90), held=NOTHING)
    qtbot.waitUntil(lambda: shows(True, False))  # without another event
    workbench.move(on_rim(90), SHIFT, NOTHING)
    assert shows(False, True)
    workbench.move(on_rim(20), held=NOTHING)
    assert shows(False, False)
    workbench.drag([on_rim(30), on_rim(60), on_rim(90)])  # the corner is where the button goes up
    assert shows(True, False)
    assert is_painted(workbench, tool, on_rim(90))


def test_backspace_takes_a_side_back_and_esc_all_of_them(
    workbench: Workbench, qtbot: QtBot
) -> None:
    tool = workbench.use("polygon")
    for place in (on_rim(0), on_rim(90), (320, 250)):
        workbench.click(place)
    workbench.move((320, 250), held=NOTHING)
    assert is_painted(workbench, tool, (320, 250))
    assert workbench.key(Qt.Key.Key_Backspace)
    workbench.move(on_rim(180), held=NOTHING)
    assert not is_painted(workbench, tool, (320, 250))
    qtbot.waitUntil(lambda: is_painted(workbench, tool, on_rim(135)))
    for degrees in ANGLES[2:]:
        workbench.click(on_rim(degrees))
    workbench.key(Qt.Key.Key_Return)
    assert errors(workbench) == (0, 0)
    workbench.document.undo()
    for degrees in ANGLES:
        workbench.click(on_rim(degrees))
    assert workbench.key(Qt.Key.Key_Escape)
    assert not tool.is_active
    assert not is_painted(workbench, tool, on_rim(0))
    assert not workbench.document.mask.any()


def test_at_another_zoom_edges_are_searched_again(workbench: Workbench, qtbot: QtBot) -> None:
    tool = workbench.use("polygon")
    workbench.canvas.zoom_to(0.1, workbench.at((200, 150)))
    workbench.click(on_rim(0))
    workbench.move(on_rim(90), held=NOTHING)
    qtbot.waitUntil(lambda: not workbench.lane.jobs)
    workbench.canvas.zoom_to(1.0, workbench.at((200, 150)))
    workbench.move(on_rim(90), held=NOTHING)
    qtbot.waitUntil(lambda: is_painted(workbench, tool, on_rim(ARC)))
    assert not is_painted(workbench, tool, on_rim(ARC, CHORD))


def test_the_bar_has_the_choice_for_the_polygon_only(
    editor: Editor, qtbot: QtBot, photo: Path
) -> None:
    editor.controller.open([photo])
    qtbot.waitUntil(lambda: editor.controller.current is not None)
    editor.window.actions_by_id["tool.polygon"].trigger()
    boxes = [box for box in editor.window.options.findChildren(QCheckBox) if box.isVisible()]
    assert [box.text() for box in boxes] == ["Follow edges"]
    boxes[0].click()
    assert editor.settings.get("outline.edges")
    assert "Backspace" in editor.window.hint.text()
    editor.window.actions_by_id["tool.lasso"].trigger()
    assert not boxes[0].isVisible()
