"""The edge pencil with real events, and that the next fill has the edges that were drawn."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from handwork import ALT, NONE, SHIFT, Workbench, at_work
from numpy.typing import NDArray
from PIL import Image
from PySide6.QtCore import QPointF, Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.configuration.settings import Settings
from app.document.document import Document
from app.session.frozen_request import FrozenRequest
from app.ui.painting import qimage
from app.ui.shell.editor import Editor
from inpaint_core.contract.geometry import Rect
from inpaint_core.photo.photo import Photo


@pytest.fixture
def workbench(qapp: QApplication, tmp_path: Path) -> Iterator[Workbench]:
    with at_work(tmp_path) as workbench:
        yield workbench


def test_a_line_is_one_pixel_wide_and_one_edit(workbench: Workbench) -> None:
    workbench.use("pencil")
    workbench.drag([(50.5, 100.5), (90.5, 100.5), (150.5, 100.5)])
    assert workbench.names == ["history.pencil"]
    edges = workbench.document.edges
    assert set(np.unique(edges)) == {0, 255}
    assert (edges[100, 50:151] == 255).all()
    assert np.count_nonzero(edges) == 101
    assert not workbench.document.mask.any()
    workbench.document.undo()
    assert not workbench.document.edges.any()
    workbench.document.redo()
    assert np.count_nonzero(workbench.document.edges) == 101


def test_shift_draws_straight_and_width_is_obeyed(workbench: Workbench) -> None:
    workbench.settings.set("pencil.width", 3)
    workbench.use("pencil")
    workbench.click((60.5, 60.5))
    workbench.click((160.5, 110.5), SHIFT)
    edges = workbench.document.edges
    xs = np.arange(62, 159)
    ys = 60 + (xs - 60) / 2
    for x, y in zip(xs, ys, strict=True):
        assert edges[round(y), x] == 255
        assert 3 <= np.count_nonzero(edges[:, x]) <= 4
    assert not edges[:, :58].any()
    assert not edges[:, 163:].any()


def test_alt_or_the_mode_rubs_out_and_esc_takes_a_stroke_back(workbench: Workbench) -> None:
    workbench.settings.set("pencil.eraser", 10)
    workbench.use("pencil")
    workbench.drag([(50.5, 100.5), (150.5, 100.5)])
    workbench.drag([(100.5, 90.5), (100.5, 110.5)], ALT)
    assert workbench.names == ["history.pencil", "history.unpencil"]
    assert not workbench.document.edges[100, 97:104].any()
    assert workbench.document.edges[100, 90] == 255
    workbench.settings.set("pencil.mode", "erase")
    workbench.drag([(60.5, 100.5), (70.5, 100.5)])
    assert not workbench.document.edges[100, 60:71].any()
    workbench.press((120.5, 100.5))
    assert not workbench.document.edges[100, 120]
    workbench.key(Qt.Key.Key_Escape)
    assert workbench.document.edges[100, 120] == 255
    workbench.drag([(60.5, 100.5), (70.5, 100.5)], ALT)
    assert (workbench.document.edges[100, 60:71] == 255).all()


def test_drawing_starts_no_fill_after_the_stroke(workbench: Workbench, qtbot: QtBot) -> None:
    workbench.use("pencil")
    with qtbot.assertNotEmitted(workbench.canvas.stroke_finished):
        workbench.drag([(50.5, 100.5), (150.5, 100.5)])
    workbench.use("brush")
    with qtbot.waitSignal(workbench.canvas.stroke_finished):
        workbench.drag([(50.5, 100.5), (150.5, 100.5)])


@pytest.mark.parametrize("zoom", [0.3, 0.56, 1.0, 3.0])
def test_a_drawn_edge_is_seen_where_it_is_without_gaps(workbench: Workbench, zoom: float) -> None:
    workbench.canvas.zoom_to(zoom)
    workbench.use("pencil")
    workbench.drag([(150.5, 100.5), (250.5, 170.5)])
    workbench.canvas.set_tool(None)
    shown = qimage.to_rgb(workbench.canvas.grab().toImage()).astype(int)
    yellow = (shown[..., 0] > 220) & (shown[..., 1] > 180) & (shown[..., 2] < 90)
    ys, xs = np.nonzero(yellow)
    start, end = workbench.at((150.5, 100.5)), workbench.at((250.5, 170.5))
    assert xs.min() == pytest.approx(start.x(), abs=2.5 + zoom)
    assert xs.max() == pytest.approx(end.x(), abs=2.5 + zoom)
    assert set(range(xs.min(), xs.max() + 1)) == set(xs)
    along = start.y() + (xs + 0.5 - start.x()) * (end.y() - start.y()) / (end.x() - start.x())
    assert np.abs(ys + 0.5 - along).max() < 2.5 + zoom


# -- fills -----------------------------------------------------------------------------------------


def scene() -> NDArray[np.uint8]:
    """Bright above, dark below, with a hazy band between them where the horizon is not seen."""
    rng = np.random.default_rng(5)
    rows = np.clip((np.arange(160) - 40) / 80, 0, 1)
    sky, land = np.array([200, 205, 210.0]), np.array([70, 80, 50.0])
    pixels = sky + (land - sky) * rows[:, None, None]
    sharp = np.where(np.arange(160)[:, None, None] < 80, sky, land)
    wide = np.broadcast_to(sharp, (160, 240, 3)).copy()
    wide[:, 90:150] = pixels
    return (wide + rng.normal(0, 4, wide.shape)).clip(0, 255).astype(np.uint8)


def fill(editor: Editor, qtbot: QtBot, height: int) -> NDArray[np.uint8]:
    """Draw a horizon at ``height`` through the hole, fill, and take everything back."""
    session = editor.controller.current
    assert session is not None
    document, canvas = session.document, editor.window.canvas
    with document.edit("history.brush") as editing:
        editing.write("mask", Rect(85, 30, 70, 100), np.full((100, 70), 255, np.uint8))
    editor.window.actions_by_id["tool.pencil"].trigger()
    places = [canvas.to_widget(QPointF(x + 0.2, y + 0.2)).toPoint() for x, y in
              ((82, 80), (100, height), (140, height), (158, 80))]  # fmt: skip
    for place in places:
        held = SHIFT if place is not places[0] else NONE
        qtbot.mousePress(canvas, Qt.MouseButton.LeftButton, held, place)
        qtbot.mouseRelease(canvas, Qt.MouseButton.LeftButton, held, place)
    assert document.edges[height, 120] == 255
    editor.window.actions_by_id["fill.run"].trigger()
    qtbot.waitUntil(lambda: not editor.controller.is_busy, timeout=60000)
    assert not document.mask.any()
    assert not document.edges[30:130, 85:155].any()
    found = document.pixels.copy()
    document.undo()
    assert document.edges[height, 120] == 255
    assert document.mask[80, 120] == 255
    document.go_to(0)
    return found


def test_two_drawn_horizons_give_two_fills_with_an_edge_along_each(
    editor: Editor, qtbot: QtBot, tmp_path: Path
) -> None:
    path = tmp_path / "scene.png"
    Image.fromarray(scene()).save(path)
    editor.controller.open([path])
    qtbot.waitUntil(lambda: editor.controller.current is not None)
    for height, other in ((65, 95), (95, 65)):
        grey = fill(editor, qtbot, height)[..., 1].astype(int)
        middle = grey[:, 110:130].mean(axis=1)

        def step(at: int, middle: NDArray[np.float64] = middle) -> float:
            return float(middle[at - 9 : at - 3].mean() - middle[at + 3 : at + 9].mean())

        assert step(height) > 70
        assert abs(step(other)) < 35


def test_edges_go_with_what_was_asked_and_only_where_they_were_filled(tmp_path: Path) -> None:
    from PySide6.QtCore import QSettings

    settings = Settings(QSettings(str(tmp_path / "v.ini"), QSettings.Format.IniFormat))
    document = Document(Photo(np.zeros((40, 60, 3), np.uint8)))
    assert FrozenRequest.of(document, settings).request().options.edges is None
    assert not document.is_written("edges")
    with document.edit("history.pencil") as editing:
        editing.write("edges", Rect(10, 20, 40, 1), np.full((1, 40), 255, np.uint8))
        editing.write("mask", Rect(20, 10, 20, 20), np.full((20, 20), 255, np.uint8))
    frozen = FrozenRequest.of(document, settings)
    edges = frozen.request().options.edges
    assert edges is not None
    assert np.array_equal(edges, document.edges > 127)
    hole = Rect(20, 10, 20, 20)
    assert not frozen.is_stale(document, hole)
    with document.edit("history.pencil") as editing:
        editing.write("edges", Rect(2, 2, 5, 1), np.full((1, 5), 255, np.uint8))
    assert not frozen.is_stale(document, hole)
    with document.edit("history.pencil") as editing:
        editing.write("edges", Rect(25, 12, 1, 1), np.full((1, 1), 255, np.uint8))
    assert frozen.is_stale(document, hole)
    document.apply_fill(hole, np.full((20, 20, 3), 9, np.uint8))
    assert not document.edges[hole.slices].any()
    assert document.edges[20, 12] == 255
    assert document.edges[2, 3] == 255
    document.undo()
    assert document.edges[20, 30] == 255


def test_drawn_edges_are_saved_and_loaded_with_the_mask(
    editor: Editor, qtbot: QtBot, tmp_path: Path
) -> None:
    path, mask = tmp_path / "scene.png", tmp_path / "mask.png"
    Image.fromarray(scene()).save(path)
    editor.controller.open([path])
    qtbot.waitUntil(lambda: editor.controller.current is not None)
    session = editor.controller.current
    assert session is not None
    with session.document.edit("history.pencil") as editing:
        editing.write("mask", Rect(85, 30, 70, 100), np.full((100, 70), 255, np.uint8))
        editing.write("edges", Rect(90, 60, 50, 1), np.full((1, 50), 255, np.uint8))
    edges = session.document.edges.copy()
    editor.window.command_handlers.mask_commands.save(mask)
    qtbot.waitUntil(lambda: not editor.controller.is_busy)
    session.document.undo()
    assert not session.document.edges.any()
    editor.window.command_handlers.mask_commands.load(mask)
    qtbot.waitUntil(lambda: not editor.controller.is_busy)
    assert np.array_equal(session.document.edges, edges)
    assert session.document.mask[80, 120] == 255
    # Saved again without edges, the old ones do not come back.
    with session.document.edit("history.unpencil") as editing:
        editing.write("edges", Rect(90, 60, 50, 1), np.zeros((1, 50), np.uint8))
    editor.window.command_handlers.mask_commands.save(mask)
    editor.window.command_handlers.mask_commands.load(mask)
    qtbot.waitUntil(lambda: not editor.controller.is_busy)
    assert not session.document.edges.any()


def test_drawn_edges_outlive_a_crash(qtbot: QtBot, tmp_path: Path) -> None:
    from app.session.recovery.recovery_journal import RecoveryJournal
    from app.session.recovery.unsaved_work import find_unsaved_work

    path, state = tmp_path / "scene.png", tmp_path / "journals"
    Image.fromarray(scene()).save(path)
    document = Document(Photo(scene()), path)
    journal = RecoveryJournal(state)
    journal.watch(document)
    with document.edit("history.pencil") as editing:
        editing.write("edges", Rect(90, 60, 50, 1), np.full((1, 50), 255, np.uint8))
    journal.flush()
    for left in state.glob("*.journal"):  # as a crash leaves it: nobody closes it
        (tmp_path / "left").mkdir()
        (tmp_path / "left" / left.name).write_bytes(left.read_bytes())
    (found,) = find_unsaved_work(tmp_path / "left")
    again = Document(Photo(scene()), path)
    found.restore(again)
    found.discard()
    journal.close()
    assert np.array_equal(again.edges, document.edges)
    again.undo()
    assert not again.edges.any()
