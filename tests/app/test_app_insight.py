"""Comparing fills, what is held of them, and what the panels say while they wait; with the real
network, whose weights are fresh, and the real generators.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from looking import HOLE, fill, idle, opened, paint
from networks import fresh
from PySide6.QtCore import QPointF, Qt
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractSlider,
    QAbstractSpinBox,
    QComboBox,
    QScrollBar,
    QTabBar,
    QTreeWidget,
    QWidget,
)
from pytestqt.qtbot import QtBot

from app.configuration.text import t
from app.session.frozen_request import chosen_grow
from app.session.session import Session
from app.ui.painting import qimage
from app.ui.panels.features.features_panel import FeaturesPanel
from app.ui.panels.features.layers_page import LayerPlot
from app.ui.shell.editor import Editor
from app.ui.widgets.setting_slider import SettingSlider
from inpaint_core.contract.options import FillOptions
from inpaint_core.contract.progress import Progress
from inpaint_core.contract.request import InpaintRequest
from inpaint_core.engine.engine import Engine
from inpaint_core.inspection.capture import InspectedRun
from inpaint_core.inspection.placed_map import subtract_maps


@pytest.fixture(scope="module", autouse=True)
def network() -> Iterator[None]:
    with fresh():
        yield


@pytest.fixture
def panel(editor: Editor) -> FeaturesPanel:
    return editor.window.inspection.features


@pytest.fixture
def session(editor: Editor, qtbot: QtBot, gravel: Path) -> Session:
    editor.settings.set("fill.engine", "tsgl")
    return opened(editor, qtbot, gravel)


# -- comparing -------------------------------------------------------------------------------------


def test_one_click_compares_with_another_seed_and_precision(
    editor: Editor,
    session: Session,
    panel: FeaturesPanel,
    qtbot: QtBot,
    count_memory_bytes: Callable[[InspectedRun], int],
) -> None:
    fill(editor, session, qtbot)
    before = session.document.pixels.copy()
    editor.window.actions_by_id["window.features"].trigger()
    compare = panel.chooser.compare
    panel.chooser.pages.setCurrentIndex(3)
    idle(editor, qtbot)
    # Nothing was looked into yet: the click looks into both.
    qtbot.mouseClick(compare.against["seed"], Qt.MouseButton.LeftButton)
    idle(editor, qtbot)
    now, kept = panel.findings.run, panel.findings.kept_run
    assert now is not None
    assert kept is not None
    assert now.request.options.seed == kept.request.options.seed + 1
    assert np.array_equal(kept.result.pixels, before[kept.result.rect.slices])
    assert compare.side == "difference"
    # A seed changes what is copied, and no network's map: that would be a blank sheet.
    assert panel.drawn is not None
    assert panel.drawn.shown.query.subject == "fill"
    assert not panel.drawn.shown.is_equal
    panel.chooser.select("tap")
    panel.request_map()
    idle(editor, qtbot)
    assert panel.drawn.shown.is_equal
    assert panel.map_view.picture.message == t("features.same")
    assert not panel.overlay.layers
    assert "1" in compare.kept.text()
    assert len(compare.kept.text().splitlines()) == 2
    qtbot.mouseClick(compare.against["precision"], Qt.MouseButton.LeftButton)
    idle(editor, qtbot)
    now, kept = panel.findings.run, panel.findings.kept_run
    assert now is not None
    assert kept is not None
    assert (kept.request.options.precision, now.request.options.precision) == (
        "float32",
        "bfloat16",
    )
    for name in ("seed", "engine", "grow", "feather"):
        assert getattr(kept.request.options, name) == getattr(now.request.options, name)
    assert np.array_equal(kept.request.mask, now.request.mask)
    assert panel.drawn is not None
    shown = panel.drawn.shown
    assert shown.query.side == "difference"
    tap = shown.query.tap
    (one,), (other,) = kept.read_map(tap, "norm"), now.read_map(tap, "norm")
    wanted = subtract_maps(one, other).values
    assert np.array_equal(shown.maps[0].values, wanted)
    assert 0 < np.abs(wanted).max() < 0.2 * np.abs(one.values).max()
    assert shown.style is not None
    assert shown.style.scale.low == -shown.style.scale.high
    # Both sides are on one scale.
    scales = []
    for side in (0, 1):
        qtbot.mouseClick(compare.sides.button(side), Qt.MouseButton.LeftButton)
        idle(editor, qtbot)
        look = panel.drawn.shown.style
        assert look is not None
        scales.append(look.scale)
    assert scales[0] == scales[1]
    assert np.array_equal(session.document.pixels, before)
    # The maps of the one that was kept lie on disk.
    assert count_memory_bytes(kept) == 0
    assert 0 < count_memory_bytes(now) < 300_000_000


@pytest.mark.usefixtures("only_base_ships")
def test_one_click_compares_with_another_engine_and_other_edges(
    editor: Editor, session: Session, panel: FeaturesPanel, qtbot: QtBot
) -> None:
    editor.window.actions_by_id["window.features"].trigger()
    fill(editor, session, qtbot)
    compare = panel.chooser.compare
    panel.chooser.pages.setCurrentIndex(3)
    assert not compare.against["edges"].isEnabled()
    qtbot.mouseClick(compare.against["engine"], Qt.MouseButton.LeftButton)
    idle(editor, qtbot)
    now, kept = panel.findings.run, panel.findings.kept_run
    assert now is not None
    assert kept is not None
    assert (kept.request.options.engine, now.request.options.engine) == ("tsgl", "exemplar")
    assert panel.drawn is not None
    assert panel.drawn.shown.query.subject == "fill"
    # And back.
    qtbot.mouseClick(compare.against["engine"], Qt.MouseButton.LeftButton)
    idle(editor, qtbot)
    now = panel.findings.run
    assert now is not None
    assert now.request.options.engine == "tsgl"
    with session.document.edit("history.pencil") as editing:
        line = np.zeros((HOLE.h, HOLE.w), np.uint8)
        line[12] = 255
        editing.write("edges", HOLE, line)
    panel.update_choices()
    assert compare.against["edges"].isEnabled()
    qtbot.mouseClick(compare.against["edges"], Qt.MouseButton.LeftButton)
    idle(editor, qtbot)
    now, kept = panel.findings.run, panel.findings.kept_run
    assert now is not None
    assert kept is not None
    assert kept.request.options.edges is None
    assert now.request.options.edges is not None
    assert np.array_equal(now.request.options.edges[HOLE.slices], line > 0)
    runs = now
    qtbot.mouseClick(compare.against["edges"], Qt.MouseButton.LeftButton)
    idle(editor, qtbot)
    assert panel.findings.run is runs
    assert "same as in this fill" in editor.window.notice.text


def test_only_the_newest_run_is_in_memory(
    editor: Editor,
    session: Session,
    panel: FeaturesPanel,
    qtbot: QtBot,
    photo: Path,
    count_memory_bytes: Callable[[InspectedRun], int],
) -> None:
    editor.window.actions_by_id["window.features"].trigger()
    fill(editor, session, qtbot)
    first = panel.findings.run
    assert first is not None
    assert count_memory_bytes(first) > 0
    panel.chooser.compare.keep.click()
    assert panel.findings.kept_run is first
    panel.look()
    idle(editor, qtbot)
    found = panel.findings
    assert found.run is not None
    assert found.kept_run is not None
    assert count_memory_bytes(found.kept_run) == 0
    assert count_memory_bytes(found.run) > 0
    (one,), (other,) = first.read_map("local-2"), found.kept_run.read_map("local-2")
    assert np.array_equal(one.values, other.values)


# -- waiting ---------------------------------------------------------------------------------------


def test_a_map_that_is_not_drawn_yet_is_said_to_be_computed(
    editor: Editor, session: Session, panel: FeaturesPanel, qtbot: QtBot
) -> None:
    fill(editor, session, qtbot)
    editor.window.actions_by_id["window.features"].trigger()
    map_view = panel.map_view
    assert map_view.picture.message == t("features.map.none")
    gate = threading.Event()
    editor.inspection_lane.start(lambda _: gate.wait(30))
    panel.look()
    qtbot.waitUntil(lambda: map_view.picture.message == t("features.looking"))
    qtbot.waitUntil(lambda: "computed" in map_view.picture.message, timeout=60000)
    assert map_view.legend.text != t("features.no_map")
    gate.set()
    idle(editor, qtbot)
    assert map_view.picture.message == ""
    assert panel.drawn is not None
    # A map that takes its time leaves what is shown, under what is said.
    gate.clear()
    editor.inspection_lane.start(lambda _: gate.wait(30))
    tree = panel.chooser.tree
    item = tree.find_item("tap", "decoded-4")
    assert item is not None
    tree.setCurrentItem(item)
    qtbot.waitUntil(lambda: "computed" in map_view.picture.message)
    assert panel.drawn.shown.query.tap != "decoded-4"
    gate.set()
    idle(editor, qtbot)
    assert map_view.picture.message == ""
    assert panel.drawn.shown.query.tap == "decoded-4"


# -- completed edges -------------------------------------------------------------------------------


def test_the_edges_that_the_real_network_completed_are_shown(
    editor: Editor, session: Session, qtbot: QtBot
) -> None:
    window = editor.window
    window.actions_by_id["window.structure"].trigger()
    idle(editor, qtbot)
    paint(session)
    request = InpaintRequest(
        session.document.pixels.copy(),
        session.document.mask.copy(),
        FillOptions(
            engine="tsgl",
            grow=chosen_grow(editor.settings),
            feather=editor.settings.get("fill.feather"),
        ),
        want=frozenset({"edges"}),
    )
    editor.controller.run_fill()
    idle(editor, qtbot)
    result = Engine().inpaint(request, Progress())
    edges, rect = result.products["edges"], result.rect
    look = window.structure.maps["completed"]
    assert look.extent == (rect.x, rect.y, rect.right, rect.bottom)
    assert np.array_equal(look.values, np.rint(edges * 255).astype(np.uint8))
    assert look.small.any()
    tile = window.structure.tiles["completed"]
    assert tile.isEnabled()
    editor.settings.set("structure.opacity", 100)
    plain = qimage.to_rgb(window.canvas.grab().toImage()).astype(int)
    qtbot.mouseClick(tile, Qt.MouseButton.LeftButton)
    shown = qimage.to_rgb(window.canvas.grab().toImage()).astype(int)
    row, column = np.unravel_index(int(edges.argmax()), edges.shape)
    at = window.canvas.to_widget(QPointF(rect.x + column + 0.5, rect.y + row + 0.5)).toPoint()
    here, there = shown[at.y(), at.x()], plain[at.y(), at.x()]
    assert here[1] - there[1] > here[2] - there[2]  # in their own colour, green
    corner = window.canvas.to_widget(QPointF(rect.x - 4, rect.y - 4)).toPoint()
    assert np.array_equal(shown[corner.y(), corner.x()], plain[corner.y(), corner.x()])


@pytest.mark.usefixtures("only_base_ships")
def test_without_guessed_edges_the_panel_says_why_and_offers_to_look(
    editor: Editor, session: Session, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    import weights

    monkeypatch.setattr(weights, "FOLDER", Path("/nowhere"))  # “auto” has nothing to choose from
    editor.settings.set("fill.engine", "auto")
    window = editor.window
    panel = window.structure
    window.actions_by_id["window.structure"].trigger()
    assert not panel.look.isVisible()
    fill(editor, session, qtbot)
    assert not panel.tiles["completed"].isEnabled()
    assert panel.why.isVisible()
    assert "Exemplar synthesis alone was used" in panel.why.text()
    assert "gives no" not in session.fill_summary
    assert panel.look.isVisible()
    before = session.document.pixels.copy()
    entries = len(session.document.history.entries)
    qtbot.mouseClick(panel.look, Qt.MouseButton.LeftButton)
    idle(editor, qtbot)
    assert panel.tiles["completed"].isEnabled()
    assert not panel.look.isVisible()
    run = window.inspection.inspector.findings_of(session).run
    assert run is not None
    assert run.edges is not None
    shown = panel.maps["completed"].values
    assert np.array_equal(shown, np.rint(run.edges * 255).astype(np.uint8))
    assert np.array_equal(session.document.pixels, before)
    assert len(session.document.history.entries) == entries
    # The next fill without a network takes them away, and says why again.
    editor.controller.undo()
    fill(editor, session, qtbot)
    assert not panel.tiles["completed"].isEnabled()
    assert "completed" not in panel.maps
    assert panel.look.isVisible()


def test_guessed_edges_go_with_their_fill(editor: Editor, session: Session, qtbot: QtBot) -> None:
    panel = editor.window.structure
    editor.window.actions_by_id["window.structure"].trigger()
    fill(editor, session, qtbot)
    assert panel.tiles["completed"].isEnabled()
    editor.settings.set("fill.engine", "exemplar")
    editor.window.inspection.inspector.inspect(session)  # so that something is known of the fill
    idle(editor, qtbot)
    editor.controller.undo()
    fill(editor, session, qtbot)
    assert not panel.tiles["completed"].isEnabled()
    assert panel.why.isVisible()
    assert "uses no network" in panel.why.text()


# -- tips ------------------------------------------------------------------------------------------

KINDS = (QAbstractButton, QComboBox, QAbstractSpinBox, QAbstractSlider, QTreeWidget, LayerPlot)
NAMED = {  # of these the paper has a figure or an equation, or a source is cited
    "features": ("Entropy", "Spectrum", "Change from layer to layer"),
    "structure": ("Edges", "Lines", "Smooth", "Hole", "Strength"),
}


def spoken(panel: QWidget) -> dict[str, list[str]]:
    """The sentences of the tip of every control, by what the control is called."""
    found: dict[str, list[str]] = {}
    for kind in KINDS:
        for control in panel.findChildren(kind):
            inside = control.parent()
            if isinstance(inside, (QTabBar, QAbstractSpinBox, QComboBox, QScrollBar)):
                continue  # part of another control
            if isinstance(control, QScrollBar):
                continue
            name = control.accessibleName() or getattr(control, "text", str)()
            tip = control.toolTip()
            if not tip and isinstance(inside, SettingSlider):
                tip = inside.toolTip()  # Qt shows that of what it lies in
            found[f"{name} ({type(control).__name__})"] = re.findall(r"<p>(.*?)</p>", tip)
    return found


def test_every_control_has_a_tip_for_photographers_and_one_for_researchers(
    editor: Editor, session: Session, panel: FeaturesPanel, qtbot: QtBot
) -> None:
    editor.window.actions_by_id["window.features"].trigger()
    fill(editor, session, qtbot)
    for name, widget in (("features", panel), ("structure", editor.window.structure)):
        tips = spoken(widget)
        assert len(tips) > 15
        lacking = {
            control: said
            for control, said in tips.items()
            if len(said) != 2
            or said[0] == said[1]
            or not all(re.sub("<.*?>", "", words).endswith(".") for words in said)
        }
        assert lacking == {}
        for control in NAMED[name]:
            exact = next(said[1] for key, said in tips.items() if key.startswith(control))
            assert re.search(r"figures? \d|equations? \d|eq\. \d|\d{4}", exact), control
    tree = panel.chooser.tree
    items = [tree.topLevelItem(k) for k in range(tree.topLevelItemCount())]
    leaves = [item.child(k) for item in items for k in range(item.childCount())]
    for item in (*items, *leaves):
        said = re.findall(r"<p>(.*?)</p>", item.toolTip(0))
        assert len(said) == 2, item.text(0)
    tabs = panel.chooser.pages
    for index in range(tabs.count()):
        assert len(re.findall(r"<p>(.*?)</p>", tabs.tabToolTip(index))) == 2
    for action in panel.save_menu.menu.actions():
        assert len(re.findall(r"<p>(.*?)</p>", action.toolTip())) == 2
