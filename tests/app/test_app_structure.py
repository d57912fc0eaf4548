"""The structure panel and what the fill sees, in the real window with the real engine."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QPointF, QRect, QRectF, QSize
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.inspection.prior_maps import PRIOR_KINDS, PriorParameters, VisiblePart, compute_prior_map
from app.session.session import Session
from app.ui.overlays import prior_preview
from app.ui.overlays.plan_overlay import compute_plan_geometry, list_legend
from app.ui.painting import qimage
from app.ui.painting.map_pixels import map_pixels
from app.ui.painting.view_transform import ViewTransform
from app.ui.shell.editor import Editor
from app.workers.jobs import Lane
from inpaint_core.contract.geometry import Rect
from inpaint_core.contract.options import FillOptions
from inpaint_core.contract.progress import Cancelled, Progress
from inpaint_core.contract.request import InpaintRequest
from inpaint_core.priors.canny import find_canny_edges
from inpaint_core.priors.l0 import smooth_l0


@pytest.fixture
def square(tmp_path: Path) -> Path:
    """A dark square, 100..200 x 60..140, on light grey."""
    pixels = np.full((200, 300, 3), 200, np.uint8)
    pixels[60:140, 100:200] = 40
    path = tmp_path / "square.png"
    Image.fromarray(pixels).save(path)
    return path


@pytest.fixture
def session(editor: Editor, qtbot: QtBot, square: Path) -> Session:
    editor.controller.open([square])
    qtbot.waitUntil(lambda: editor.controller.current is not None)
    assert editor.controller.current is not None
    return editor.controller.current


def settle(editor: Editor, qtbot: QtBot) -> None:
    QApplication.processEvents()
    qtbot.waitUntil(lambda: not editor.window.inspection.is_busy, timeout=30000)
    QApplication.processEvents()


def show(editor: Editor, qtbot: QtBot) -> None:
    action = editor.window.actions_by_id["window.structure"]
    if not action.isChecked():
        action.trigger()
    settle(editor, qtbot)


def paint(session: Session, rect: Rect) -> None:
    with session.document.edit("history.brush") as editing:
        editing.write("mask", rect, np.full((rect.h, rect.w), 255, np.uint8))


def test_larger_letters_make_the_panel_wider(
    editor: Editor, qtbot: QtBot, session: Session
) -> None:
    show(editor, qtbot)
    panel = editor.window.structure
    narrow, font = panel.width(), panel.font()
    font.setPointSizeF(font.pointSizeF() * 2)
    panel.setFont(font)
    qtbot.waitUntil(lambda: panel.width() > narrow)
    inner = panel.area.widget()
    assert inner.minimumSizeHint().width() <= panel.area.viewport().width()


def test_nothing_is_computed_while_nobody_looks(
    editor: Editor, qtbot: QtBot, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[object] = []
    real = Lane.start

    def start(lane: Lane, work: object) -> object:
        lists_folder = "FolderWalk" in getattr(work, "__qualname__", "")  # when a file is written
        if lane is editor.inspection_lane and not lists_folder:
            started.append(work)
        return real(lane, work)  # type: ignore[arg-type]

    monkeypatch.setattr(Lane, "start", start)
    editor.settings.set("mask.warn_cut", False)  # what looks beside a mask uses the lane too
    paint(session, Rect(20, 20, 30, 30))
    editor.window.canvas.zoom_in()
    editor.settings.set("structure.sigma", 3)
    QApplication.processEvents()
    assert not editor.window.inspection.is_busy
    assert started == []
    assert editor.controller.filler.wanted_products == frozenset()
    show(editor, qtbot)
    assert len(started) == 5
    assert editor.controller.filler.wanted_products == {"edges"}
    editor.window.actions_by_id["window.structure"].trigger()
    editor.window.canvas.zoom_in()
    QApplication.processEvents()
    assert not editor.window.inspection.is_busy
    assert len(started) == 5
    assert editor.controller.filler.wanted_products == frozenset()


@pytest.mark.parametrize("zoom", [0.5, 1.0, 3.0])
def test_an_overlay_lies_on_the_photo_within_a_pixel(
    editor: Editor, qtbot: QtBot, session: Session, zoom: float
) -> None:
    window = editor.window
    canvas = window.canvas
    canvas.zoom_to(zoom)
    editor.settings.set("structure.opacity", 100)
    show(editor, qtbot)
    window.structure.tiles["edges"].click()
    QApplication.processEvents()
    shown = qimage.to_rgb(canvas.grab().toImage()).astype(int)
    cyan = (shown[..., 0] < 60) & (shown[..., 1] > 150) & (shown[..., 2] > 190)
    corner, far = canvas.to_widget(QPointF(100, 60)), canvas.to_widget(QPointF(200, 140))
    x, y = round((corner.x() + far.x()) / 2), round((corner.y() + far.y()) / 2)
    rows, columns = np.flatnonzero(cyan[:, x]) + 0.5, np.flatnonzero(cyan[y]) + 0.5
    near = max(zoom, 1.0) * 1.01  # a pixel of the photo, or of the screen where that is larger
    for found, wanted in ((rows, (corner.y(), far.y())), (columns, (corner.x(), far.x()))):
        assert found.size
        distance = np.abs(found[:, None] - np.array(wanted)[None, :])
        assert distance.min(axis=1).max() <= near
        assert distance.min(axis=0).max() <= near
    # At another place of the view it moves with the photo.
    canvas.pan(QPointF(17, 9))
    settle(editor, qtbot)
    again = qimage.to_rgb(canvas.grab().toImage()).astype(int)
    cyan = (again[..., 0] < 60) & (again[..., 1] > 150) & (again[..., 2] > 190)
    moved = canvas.to_widget(QPointF(100, 100))
    columns = np.flatnonzero(cyan[round(moved.y())]) + 0.5
    assert np.abs(columns - moved.x()).min() <= near


def test_sliders_act_at_once_and_only_on_what_they_name(
    editor: Editor, qtbot: QtBot, session: Session
) -> None:
    show(editor, qtbot)
    panel = editor.window.structure
    before = dict(panel.maps)
    assert set(before) == set(PRIOR_KINDS) - {"completed", "semantic"}
    assert before["edges"].values.any()
    editor.settings.set("structure.low", 1)
    editor.settings.set("structure.high", 1)
    editor.settings.set("structure.sigma", 8)
    settle(editor, qtbot)
    assert not panel.maps["edges"].values.any()
    for kind in ("lines", "grey", "hole", "smooth"):
        assert panel.maps[kind] is before[kind]
    editor.settings.set("structure.smoother", "rtv")
    settle(editor, qtbot)
    assert panel.maps["smooth"] is not before["smooth"]
    assert panel.maps["grey"] is before["grey"]


def test_a_click_lays_one_map_and_another_takes_its_place(
    editor: Editor, qtbot: QtBot, session: Session
) -> None:
    show(editor, qtbot)
    panel, canvas = editor.window.structure, editor.window.canvas
    plain = qimage.to_rgb(canvas.grab().toImage())
    panel.tiles["grey"].click()
    assert panel.overlay.prior_map is panel.maps["grey"]
    panel.tiles["hole"].click()
    assert panel.overlay.prior_map is panel.maps["hole"]
    assert not panel.tiles["grey"].isChecked()
    paint(session, Rect(20, 20, 60, 60))
    settle(editor, qtbot)
    editor.settings.set("look.mask_shown", False)
    assert not np.array_equal(qimage.to_rgb(canvas.grab().toImage()), plain)
    session.document.undo()
    panel.tiles["hole"].click()
    settle(editor, qtbot)
    assert panel.overlay.prior_map is None
    assert np.array_equal(qimage.to_rgb(canvas.grab().toImage()), plain)
    assert not panel.tiles["completed"].isEnabled()


def test_a_fill_is_the_same_with_and_without_anybody_looking(
    editor: Editor, qtbot: QtBot, session: Session
) -> None:
    found = []
    for looking in (False, True):
        paint(session, Rect(150, 50, 30, 30))
        if looking:
            show(editor, qtbot)
            editor.window.structure.tiles["smooth"].click()
            editor.settings.set("structure.sigma", 5)
            editor.window.actions_by_id["view.sees"].trigger()
        editor.window.actions_by_id["fill.run"].trigger()
        qtbot.waitUntil(lambda: not editor.controller.is_busy, timeout=60000)
        assert not session.document.mask.any()
        found.append(session.document.pixels.copy())
        session.document.go_to(0)
    assert np.array_equal(found[0], found[1])


def test_looking_never_holds_up_the_canvas(editor: Editor, qtbot: QtBot, session: Session) -> None:
    """What is asked on the UI thread is copied there, and nothing else is done: no job's work."""
    import threading

    threads: list[str] = []

    def compute(*arguments: object) -> object:
        threads.append(threading.current_thread().name)
        return compute_prior_map(*arguments)  # type: ignore[arg-type]

    editor.window.structure.preview.watch(True)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(prior_preview, "compute_prior_map", compute)
        editor.window.structure.preview.show_photo(session)
        settle(editor, qtbot)
    editor.window.structure.preview.watch(False)
    assert threads
    assert all(name.startswith("inspection") for name in threads)


# -- what the fill sees ----------------------------------------------------------------------------


def test_what_the_model_sees_is_live_and_goes_away(
    editor: Editor, qtbot: QtBot, session: Session
) -> None:
    window = editor.window
    editor.settings.set("fill.engine", "tsgl")
    plain = qimage.to_rgb(window.canvas.grab().toImage())
    window.actions_by_id["view.sees"].trigger()
    settle(editor, qtbot)
    overlay = window.inspection.sees.overlay
    assert overlay.plan is not None
    assert overlay.plan.planned.crops == ()
    paint(session, Rect(150, 50, 30, 30))
    settle(editor, qtbot)
    first = overlay.plan
    assert len(first.planned.crops) == 1
    assert first.tiles
    assert first.planned.mask.rect == Rect(148, 48, 34, 34)
    editor.settings.set("fill.grow", 5)
    settle(editor, qtbot)
    assert overlay.plan.planned.mask.rect == Rect(143, 43, 44, 44)
    window.actions_by_id["view.sees"].trigger()
    settle(editor, qtbot)
    assert overlay.plan is None
    session.document.undo()
    assert np.array_equal(qimage.to_rgb(window.canvas.grab().toImage()), plain)


def test_the_plan_is_the_engines_own_and_its_legend_says_what_is_there() -> None:
    mask = np.zeros((1200, 1800), np.uint8)
    mask[300:420, 200:1600] = 255
    image = np.broadcast_to(np.uint8(9), (1200, 1800, 3))
    plan = compute_plan_geometry(
        InpaintRequest(image, mask, FillOptions(engine="tsgl")), Progress()
    )
    crop = plan.planned.crops[0]
    assert crop.plan is not None
    assert len(plan.tiles) == len(crop.plan.levels[-1].tiles) > 1
    assert plan.side == 512
    assert plan.share == pytest.approx(crop.plan.levels[-1].scale, rel=0.01)
    strength = plan.blends[0].strength
    assert strength.max() > 240
    assert (strength == 0).any()
    marks = [mark for mark, _ in list_legend(plan)]
    assert marks == ["mask", "crop", "", "tile", "filled", "blend"]  # no swatch has two meanings
    whole = compute_plan_geometry(
        InpaintRequest(image, mask, FillOptions(engine="exemplar")), Progress()
    )
    assert whole.tiles == ()
    assert [mark for mark, _ in list_legend(whole)] == ["mask", "crop", "", ""]
    # Who leaves the choice to the engine is told what it will choose.
    auto = compute_plan_geometry(
        InpaintRequest(image, mask, FillOptions(engine="auto")), Progress()
    )
    assert auto.planned.crops[0].engine in ("exemplar", "tsgl")


# -- its parts -------------------------------------------------------------------------------------


def test_maps_are_the_engines_own_priors() -> None:
    rng = np.random.default_rng(3)
    pixels = rng.integers(0, 256, (40, 60, 3), np.uint8)
    mask = np.zeros((40, 60), np.uint8)
    mask[10:20, 10:20] = 255
    visible_part = VisiblePart(pixels, mask, (0, 0, 60, 40), 0, 0, 0.0)
    prior_settings = PriorParameters(1.5, 0.2, 0.4, "l0", 0.03)
    image = pixels.astype(np.float32) / np.float32(255)
    found = compute_prior_map("edges", visible_part, prior_settings, 10**6, Progress())
    assert np.array_equal(found.values > 0, find_canny_edges(image, mask > 0, 1.5, 0.2, 0.4))
    found = compute_prior_map("smooth", visible_part, prior_settings, 10**6, Progress())
    assert np.array_equal(
        found.values, np.rint(smooth_l0(image, mask > 0, 0.03) * 255).astype(np.uint8)
    )
    assert compute_prior_map(
        "smooth", visible_part, prior_settings, 600, Progress()
    ).values.shape == (20, 30, 3)


@pytest.mark.parametrize("smoother", ["l0", "rtv"])
def test_a_smoothing_that_is_no_longer_wanted_stops(smoother: str) -> None:
    class Late(Progress):
        """Cancelled when it is asked for the third time."""

        asked = 0

        def check(self) -> None:
            self.asked += 1
            if self.asked == 3:
                self.cancel()
            super().check()

    pixels = np.random.default_rng(3).integers(0, 256, (60, 60, 3), np.uint8)
    visible_part = VisiblePart(pixels, np.zeros((60, 60), np.uint8), (0, 0, 60, 60), 0, 0, 0.0)
    prior_settings = PriorParameters(2, 0.1, 0.2, smoother, 0.02)  # type: ignore[arg-type]
    with pytest.raises(Cancelled):
        compute_prior_map("smooth", visible_part, prior_settings, 10**6, Late())


@pytest.mark.parametrize("zoom", [0.37, 1.0, 2.6])
def test_a_map_is_spread_over_its_extent_and_nothing_else(zoom: float) -> None:
    view = ViewTransform(QSize(100, 80), QRectF(0, 0, 300, 260), 1.0, zoom, QPointF(50, 40))
    values = np.full((10, 20), 255, np.uint8)
    found = map_pixels(values, (20.0, 30.0, 60.0, 50.0), view, QRect(0, 0, 300, 260))
    ys, xs = np.nonzero(found > 127)
    left, top = view.corner
    assert xs.min() == pytest.approx(20 * zoom + left, abs=1)
    assert xs.max() + 1 == pytest.approx(60 * zoom + left, abs=1)
    assert ys.min() == pytest.approx(30 * zoom + top, abs=1)
    assert ys.max() + 1 == pytest.approx(50 * zoom + top, abs=1)
    assert (found[ys.min() : ys.max() + 1, xs.min() : xs.max() + 1] > 127).all()


def test_a_stroke_under_way_comes_first(editor: Editor, qtbot: QtBot, session: Session) -> None:
    show(editor, qtbot)
    canvas = editor.window.canvas
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(type(canvas), "is_busy", property(lambda _: True))
        paint(session, Rect(20, 20, 30, 30))
        until = time.monotonic() + 0.3
        while time.monotonic() < until:
            QApplication.processEvents()
        assert not editor.inspection_lane.jobs
    settle(editor, qtbot)
    assert editor.window.structure.maps["hole"].values.any()
