"""The Features panel, with the real network; its weights are fresh, so what it paints is noise."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from looking import HOLE, fill, idle, opened
from networks import fresh
from PIL import Image
from PySide6.QtCore import QEvent, QObject, QPoint, QPointF, Qt
from PySide6.QtGui import QWindow
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QDockWidget,
    QFileDialog,
    QSlider,
    QTabBar,
    QWidget,
)
from pytestqt.qtbot import QtBot

from app.inspection import maps
from app.inspection.inspector import Inspector
from app.session.session import Session
from app.ui.panels.features.features_panel import FeaturesPanel
from app.ui.panels.features.save_menu import write_all
from app.ui.shell.editor import Editor
from app.ui.tools.viewing_tools import ProbeTool
from inpaint_core.contract.progress import Cancelled, Progress
from inpaint_core.contract.specs import TapPoint
from inpaint_core.generators.registry import generator
from inpaint_core.inspection.influence import find_source
from inpaint_core.inspection.map_statistics import measure_map

HOW = ("norm", "mean", "max", "entropy", "colours", "channel")


@pytest.fixture(scope="module", autouse=True)
def network() -> Iterator[None]:
    with fresh():
        yield


@pytest.fixture
def session(editor: Editor, qtbot: QtBot, gravel: Path) -> Session:
    editor.settings.set("fill.engine", "tsgl")
    return opened(editor, qtbot, gravel)


@pytest.fixture
def panel(editor: Editor) -> FeaturesPanel:
    return editor.window.inspection.features


def usual_taps() -> tuple[TapPoint, ...]:
    """The network's taps but for the one that is recorded on request only."""
    return tuple(tap for tap in generator("tsgl").taps if not tap.on_request)


def leaf(panel: FeaturesPanel, qtbot: QtBot, name: str) -> None:
    """Click on a map in the tree."""
    tree = panel.chooser.tree
    item = tree.find_item(*name.split("/"))
    assert item is not None
    tree.scrollToItem(item)
    place = tree.visualItemRect(item).center()
    qtbot.mouseClick(tree.viewport(), Qt.MouseButton.LeftButton, pos=place)


def hover(editor: Editor, qtbot: QtBot, x: int, y: int) -> None:
    place = on_canvas(editor, x, y)
    qtbot.mouseMove(editor.window.canvas, place + QPoint(30, 30))
    qtbot.mouseMove(editor.window.canvas, place)


def on_canvas(editor: Editor, x: int, y: int) -> QPoint:
    place = editor.window.canvas.to_widget(QPointF(x + 0.5, y + 0.5))
    return QPoint(int(place.x()), int(place.y()))


def test_looking_changes_nothing_and_nobody_looks_unless_the_panel_is_open(
    editor: Editor, session: Session, panel: FeaturesPanel, qtbot: QtBot
) -> None:
    inspector = editor.window.inspection.inspector
    plain = fill(editor, session, qtbot)
    assert inspector.findings_of(session).run is None
    editor.controller.undo()
    editor.window.actions_by_id["window.features"].trigger()
    assert editor.engine.inspects_fills
    seen = fill(editor, session, qtbot)
    assert np.array_equal(seen, plain)
    run = inspector.findings_of(session).run
    assert run is not None
    assert run.taps == usual_taps()
    assert np.array_equal(run.result.pixels, plain[run.result.rect.slices])
    editor.window.actions_by_id["window.features"].trigger()
    assert not editor.engine.inspects_fills
    assert not panel.overlay.layers
    editor.controller.undo()
    fill(editor, session, qtbot)
    assert inspector.findings_of(session).run is None


class Clicks(QObject):
    """Counts what is clicked on in the whole program."""

    def __init__(self) -> None:
        super().__init__()
        self.count = 0

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        pressed = event.type() == QEvent.Type.MouseButtonPress
        if pressed and isinstance(watched, QWindow):  # each click once, whoever passes it on
            self.count += 1
        return False


def press(window: QWidget, widget: QWidget, place: QPoint | None = None) -> None:
    """Click as a hand does: on the window, at the place where the widget is."""
    at = widget.mapTo(window, widget.rect().center() if place is None else place)
    assert window.rect().contains(at)
    handle = window.windowHandle()
    QTest.mouseClick(handle, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, at)


def test_any_map_is_three_clicks_from_a_fill(
    editor: Editor, session: Session, panel: FeaturesPanel, qtbot: QtBot
) -> None:
    window, chooser = editor.window, panel.chooser
    window.resize(1280, 900)
    fill(editor, session, qtbot)
    clicks = Clicks()
    QApplication.instance().installEventFilter(clicks)
    press(window, window.top_bar.widgetForAction(window.actions_by_id["fill.look"]))
    idle(editor, qtbot)
    assert clicks.count == 1
    first, seen = clicks.count, set()
    ways = chooser.controls.reduction.buttons()
    for number, tap in enumerate(usual_taps()):
        clicks.count = first
        item = chooser.tree.find_item("tap", tap.name)
        assert item is not None
        chooser.tree.scrollToItem(item)  # the wheel's work
        place = chooser.tree.visualItemRect(item).center()
        press(window, chooser.tree.viewport(), place)
        press(window, ways[number % len(ways)])
        idle(editor, qtbot)
        assert clicks.count <= 3
        assert panel.drawn is not None
        query = panel.drawn.shown.query
        assert (query.tap, query.reduction) == (tap.name, HOW[number % len(ways)])
        seen.add(query.tap)
    assert seen == {tap.name for tap in usual_taps()}
    for result in ("fill", "coarse", "edges"):
        clicks.count = first
        item = chooser.tree.find_item(result)
        assert item is not None
        chooser.tree.scrollToItem(item)
        press(window, chooser.tree.viewport(), chooser.tree.visualItemRect(item).center())
        idle(editor, qtbot)
        assert clicks.count == 2
        assert panel.drawn.shown.query.subject == result
    tabs = chooser.pages.tabBar()
    for page, target, subject in (
        (2, chooser.origin.offsets, "offsets"),
        (3, chooser.compare.vary, "guess"),
        (3, chooser.compare.against["seed"], "fill"),
    ):
        clicks.count = first
        press(window, tabs, tabs.tabRect(page).center())
        press(window, target)
        idle(editor, qtbot)
        assert clicks.count <= 3
        assert panel.drawn is not None
        assert panel.drawn.shown.query.subject == subject
    QApplication.instance().removeEventFilter(clicks)


def test_a_map_reads_what_it_shows_and_is_drawn_in_the_background(
    editor: Editor, session: Session, panel: FeaturesPanel, qtbot: QtBot
) -> None:
    before = fill(editor, session, qtbot)
    drawn_on: set[str] = set()
    real = maps.render_map

    def draw(*given: object) -> object:
        drawn_on.add(threading.current_thread().name)
        return real(*given)  # type: ignore[arg-type]

    maps.render_map = draw  # type: ignore[assignment]
    try:
        bar = editor.window.top_bar
        button = bar.widgetForAction(editor.window.actions_by_id["fill.look"])
        qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
        idle(editor, qtbot)
        leaf(panel, qtbot, "tap/decoded-4")
        qtbot.mouseClick(panel.chooser.controls.reduction.button(3), Qt.MouseButton.LeftButton)
        idle(editor, qtbot)
    finally:
        maps.render_map = real
    assert drawn_on == {name for name in drawn_on if name.startswith("inspection")} != set()
    assert np.array_equal(session.document.pixels, before)
    run = panel.findings.run
    assert run is not None
    assert panel.drawn is not None
    (laid,) = run.read_map("decoded-4", "entropy")
    shown = panel.drawn.shown
    assert np.array_equal(shown.maps[0].values, laid.values)
    assert panel.overlay.layers
    x, y = HOLE.x + 7, HOLE.y + 9
    hover(editor, qtbot, x, y)
    value = laid.value_at(x, y)
    assert value is not None
    assert f"{float(value):.3g}" in panel.map_view.text
    rows = [panel.chooser.tree.find_item("tap", tap.name) for tap in run.taps]
    values = {row.data(0, Qt.ItemDataRole.UserRole)[1]: row for row in rows if row is not None}
    assert len(values) == len(run.taps)
    qtbot.waitUntil(lambda: all(row.text(1) != "" for row in values.values()))
    assert values["decoded-4"].text(1) == f"{float(value):.3g}"


def test_pointing_at_the_map_points_at_the_photo(
    editor: Editor, session: Session, panel: FeaturesPanel, qtbot: QtBot
) -> None:
    editor.window.actions_by_id["window.features"].trigger()
    fill(editor, session, qtbot)
    picture = panel.map_view.picture
    area = picture.image_rect()
    assert panel.drawn is not None
    rect = panel.drawn.shown.rect
    for share in (0.25, 0.75):
        place = QPointF(area.x() + share * area.width(), area.y() + share * area.height())
        qtbot.mouseMove(picture, place.toPoint())
        cross = panel.overlay.cross
        assert cross is not None
        assert cross.x() == pytest.approx(rect.x + share * rect.w, abs=1.5 * rect.w / area.width())
        assert cross.y() == pytest.approx(rect.y + share * rect.h, abs=1.5 * rect.h / area.height())
    on = panel.map_view.on_photo.isChecked()
    qtbot.mouseClick(picture, Qt.MouseButton.LeftButton, pos=area.center().toPoint())
    assert panel.map_view.on_photo.isChecked() is not on
    assert bool(panel.overlay.layers) is not on


def test_channels_spectrum_and_figures_are_those_of_the_map(
    editor: Editor, session: Session, panel: FeaturesPanel, qtbot: QtBot
) -> None:
    editor.window.actions_by_id["window.features"].trigger()
    fill(editor, session, qtbot)
    run = panel.findings.run
    assert run is not None
    leaf(panel, qtbot, "tap/texture-2")
    panel.map_view.views.button(1).click()
    idle(editor, qtbot)
    mosaic = panel.map_view.grid.mosaic
    assert mosaic is not None
    assert sorted(mosaic.order) == list(range(72))
    (crop,) = run.find_captures("texture-2")
    energy = [
        np.square(run.read_map("texture-2", "channel", k)[0].values).mean()
        for k in mosaic.order[:9]
    ]
    assert energy == sorted(energy, reverse=True)
    cell = QPoint(mosaic.cell + 5, 5)
    qtbot.mouseClick(panel.map_view.grid, Qt.MouseButton.LeftButton, pos=cell)
    idle(editor, qtbot)
    assert panel.drawn is not None
    assert panel.drawn.shown.query.channel == mosaic.order[1]
    wanted = run.read_map("texture-2", "channel", mosaic.order[1])[0].values
    assert np.array_equal(panel.drawn.shown.maps[0].values, wanted)
    panel.chooser.pages.setCurrentIndex(1)
    idle(editor, qtbot)
    assert panel.chooser.layers.part.isVisible()
    panel.chooser.layers.show_figures(None)
    assert not panel.chooser.layers.part.isVisible()  # nothing to choose from
    panel.chooser.figures_asked.emit()
    idle(editor, qtbot)
    panel.chooser.layers.show_part("texture")
    lines = {line.name: line.values for line in panel.chooser.layers.regions.lines}
    direct = measure_map([(c.maps["texture-2"], c.hole) for c in crop])
    assert lines["Hole"][1] == pytest.approx(direct.inside.rms)
    assert lines["Outside"][1] == pytest.approx(direct.outside.rms)
    (line,) = panel.chooser.layers.divergence.lines
    assert line.values[1] == pytest.approx(run.measure_divergence("texture-1", "texture-2"))


def test_a_filled_pixel_shows_where_it_is_from_and_why(
    editor: Editor, session: Session, panel: FeaturesPanel, qtbot: QtBot
) -> None:
    editor.window.actions_by_id["window.features"].trigger()
    fill(editor, session, qtbot)
    origin = panel.chooser.origin
    panel.chooser.pages.setCurrentIndex(2)
    qtbot.mouseClick(origin.offsets, Qt.MouseButton.LeftButton)
    idle(editor, qtbot)
    run = panel.findings.run
    assert run is not None
    x, y = HOLE.x + 12, HOLE.y + 8
    hover(editor, qtbot, x, y)
    source = find_source(run.result, x, y)
    assert source is not None
    assert panel.overlay.line == (
        QPointF(x + 0.5, y + 0.5),
        QPointF(source[0] + 0.5, source[1] + 0.5),
    )
    hover(editor, qtbot, 5, 5)
    assert panel.overlay.line is None
    qtbot.mouseClick(origin.why, Qt.MouseButton.LeftButton)
    canvas = editor.window.canvas
    assert isinstance(canvas.tool, ProbeTool)
    qtbot.mouseClick(canvas, Qt.MouseButton.LeftButton, pos=on_canvas(editor, x, y))
    idle(editor, qtbot)
    why = panel.findings.influence
    assert why is not None
    assert (why.x, why.y) == (x, y)
    assert panel.drawn is not None
    assert np.array_equal(panel.drawn.shown.maps[0].values, why.photo.values)
    assert panel.overlay.cross == QPointF(x + 0.5, y + 0.5)
    assert not session.has_mask
    qtbot.mouseClick(canvas, Qt.MouseButton.LeftButton, pos=on_canvas(editor, 2, 2))
    idle(editor, qtbot)
    assert "was not filled" in editor.window.notice.text
    editor.window.actions_by_id["tool.eraser"].trigger()
    assert not origin.why.isChecked()
    assert canvas.tool is not None
    assert canvas.tool.id == "eraser"


def test_runs_are_compared_and_guesses_found(
    editor: Editor, session: Session, panel: FeaturesPanel, qtbot: QtBot
) -> None:
    editor.window.actions_by_id["window.features"].trigger()
    fill(editor, session, qtbot)
    compare = panel.chooser.compare
    panel.chooser.pages.setCurrentIndex(3)
    assert not compare.sides.button(2).isEnabled()
    qtbot.mouseClick(compare.keep, Qt.MouseButton.LeftButton)
    kept = panel.findings.run
    assert panel.findings.kept_run is kept is not None
    editor.settings.set("fill.engine", "harmonic")
    editor.controller.undo()
    fill(editor, session, qtbot)
    now = panel.findings.run
    assert now is not None
    assert now is not kept
    assert panel.chooser.subject == "fill"
    qtbot.mouseClick(compare.sides.button(2), Qt.MouseButton.LeftButton)
    idle(editor, qtbot)
    assert panel.drawn is not None
    shown = panel.drawn.shown
    luma = np.array([0.299, 0.587, 0.114])
    apart = (now.result.pixels.astype(float) - kept.result.pixels) / 255 @ luma
    assert np.abs(apart).max() > 0.05
    assert np.allclose(shown.maps[0].values, apart, atol=1e-4)
    assert shown.style is not None
    assert shown.style.scale.low == -shown.style.scale.high
    compare.runs.setValue(2)
    qtbot.mouseClick(compare.vary, Qt.MouseButton.LeftButton)
    idle(editor, qtbot)
    guess = panel.findings.stability
    assert guess is not None
    assert panel.drawn is not None
    assert panel.drawn.shown.query.subject == "guess"
    assert np.array_equal(panel.drawn.shown.maps[0].values, guess.deviation)


def test_a_fill_without_a_network_says_so_and_offers_one(
    editor: Editor, session: Session, panel: FeaturesPanel, qtbot: QtBot
) -> None:
    editor.settings.set("fill.engine", "exemplar")
    editor.window.actions_by_id["window.features"].trigger()
    chooser = panel.chooser
    assert not chooser.network.isVisible()
    before = fill(editor, session, qtbot)
    assert "no maps of a network" in chooser.message.text()
    assert chooser.network.isVisible()
    qtbot.mouseClick(chooser.network, Qt.MouseButton.LeftButton)
    idle(editor, qtbot)
    run = panel.findings.run
    assert run is not None
    assert run.taps
    assert not chooser.network.isVisible()
    assert panel.drawn is not None
    assert panel.drawn.shown.query.subject == "tap"
    assert np.array_equal(session.document.pixels, before)
    assert session.document.history.entries[-1].name_key == "history.fill"


def test_maps_are_written_as_pictures_arrays_and_a_page(
    editor: Editor,
    session: Session,
    panel: FeaturesPanel,
    qtbot: QtBot,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    editor.window.actions_by_id["window.features"].trigger()
    fill(editor, session, qtbot)
    editor.window.inspection.inspector.inspect(session, taps=("structure-1", "decoded-1"))
    idle(editor, qtbot)
    assert all(panel.chooser.tree.find_item("tap", tap.name) for tap in usual_taps())
    answers = iter([tmp_path / "one.png", tmp_path / "page.html"])
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(next(answers)), ""))
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(tmp_path))
    for action in (panel.save_menu.menu.actions()[k] for k in (0, 2, 1)):
        action.trigger()
        idle(editor, qtbot)
    with Image.open(tmp_path / "one.png") as picture:
        assert min(picture.size) > 300
    assert "<html" in (tmp_path / "page.html").read_text("utf-8")
    folder = tmp_path / "gravel-maps"
    index = json.loads((folder / "index.json").read_text("utf-8"))
    assert [tap["name"] for tap in index["taps"]] == ["structure-1", "decoded-1"]
    for tap in index["taps"]:
        assert len(tap["files"]) == 3
        assert all((folder / name).is_file() for name in tap["files"])
    with np.load(folder / "maps.npz") as arrays:
        assert "structure-1/0" in arrays
    assert "gravel-maps" in editor.window.notice.text
    stopped = Progress()
    stopped.cancel()
    run = panel.findings.run
    assert run is not None
    with pytest.raises(Cancelled):
        write_all(run, tmp_path / "stopped", stopped)
    assert not (tmp_path / "stopped").exists()


def test_a_map_that_was_not_kept_is_looked_for_when_it_is_chosen(
    editor: Editor, session: Session, panel: FeaturesPanel, qtbot: QtBot
) -> None:
    editor.window.actions_by_id["window.features"].trigger()
    fill(editor, session, qtbot)
    editor.window.inspection.inspector.inspect(session, taps=("structure-5",))
    idle(editor, qtbot)
    run = panel.findings.run
    assert run is not None
    assert [tap.name for tap in run.taps] == ["structure-5"]
    leaf(panel, qtbot, "tap/local-4")
    idle(editor, qtbot)
    run = panel.findings.run
    assert run is not None
    assert run.taps == usual_taps()
    assert panel.drawn is not None
    assert panel.drawn.shown.query.tap == "local-4"


def test_a_fill_comes_before_an_answer(
    editor: Editor, session: Session, panel: FeaturesPanel, qtbot: QtBot
) -> None:
    fill(editor, session, qtbot)
    busy: list[bool] = []
    inspector = editor.window.inspection.inspector
    inspector.busy_changed.connect(busy.append)
    inspector.inspect(session)
    editor.controller.undo()
    fill(editor, session, qtbot)
    assert busy == [True, False]
    assert inspector.findings_of(session).run is None
    assert editor.window.notice.text == ""


def test_every_control_says_what_it_does_to_photographers_and_researchers(
    editor: Editor, session: Session, panel: FeaturesPanel
) -> None:
    kinds = (QAbstractButton, QComboBox, QAbstractSpinBox, QSlider)
    ours = [w for kind in kinds for w in panel.findChildren(kind)]
    own = [w for w in ours if w.accessibleName() and not isinstance(w.parent(), QTabBar)]
    assert len(own) > 30
    for control in own:
        said = re.findall(r"<p>(.*?)</p>", control.toolTip())
        assert len(said) == 2, control.accessibleName()
        assert all(re.sub("<.*?>", "", words).endswith(".") for words in said), said


def test_what_is_known_goes_with_its_photo(
    editor: Editor, session: Session, panel: FeaturesPanel, qtbot: QtBot, photo: Path
) -> None:
    inspector: Inspector = editor.window.inspection.inspector
    editor.window.actions_by_id["window.features"].trigger()
    fill(editor, session, qtbot)
    assert panel.overlay.layers
    editor.controller.open([photo])
    qtbot.waitUntil(lambda: len(editor.controller.sessions) == 2)
    assert not panel.overlay.layers
    assert panel.drawn is None
    editor.controller.show(session)
    idle(editor, qtbot)
    assert panel.overlay.layers
    editor.controller.close(session)
    assert inspector.findings_of(session).run is None


def test_while_it_is_open_all_panels_share_one_place_as_tabs(
    editor: Editor, session: Session, panel: FeaturesPanel, qtbot: QtBot
) -> None:
    window = editor.window
    every = window.findChildren(QDockWidget)
    docks = {dock.objectName().removeprefix("panel."): dock for dock in every}
    height, width = window.height(), docks["history"].width()
    window.actions_by_id["window.features"].trigger()
    assert set(window.tabifiedDockWidgets(docks["features"])) >= {
        docks["history"],
        docks["variations"],
    }
    qtbot.waitUntil(panel.isVisible)
    assert window.height() == height
    assert docks["features"].width() > width
    window.actions_by_id["window.features"].trigger()
    assert window.tabifiedDockWidgets(docks["history"]) == []
    assert docks["history"].isVisible()
    assert docks["variations"].isVisible()
    qtbot.waitUntil(lambda: docks["history"].width() == width)
