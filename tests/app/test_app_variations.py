"""Variations offer what differs in kind first, say what each is, and remember no more than that."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from networks import fresh
from numpy.typing import NDArray
from PIL import Image
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.document.place_pixels import PlacePixels
from app.session.frozen_request import FrozenRequest
from app.session.session import Session
from app.session.variations import Attempt, Variations, describe_attempt
from app.ui.shell.editor import Editor
from app.workers.engine_lane import EngineRow, LoadedEngines
from inpaint_core.contract.geometry import Rect
from inpaint_core.contract.message import Message
from inpaint_core.contract.options import FillOptions
from inpaint_core.contract.request import InpaintResult
from inpaint_core.engine.engine import Engine
from inpaint_core.photo.photo import Photo
from inpaint_core.project.model import Part

TEXTURE = EngineRow("exemplar", "Exemplar", "", is_usable=True, is_single=True)
NETWORK = replace(TEXTURE, id="tsgl", title="TSGL", is_network=True)
AUTO = replace(TEXTURE, id="auto", title="Automatic", is_single=False, is_offered=False)
SMOOTH = replace(TEXTURE, id="harmonic", title="Smooth", is_offered=False)
ROWS = (AUTO, TEXTURE, SMOOTH, NETWORK)


def test_of_several_networks_each_is_named() -> None:
    other = replace(NETWORK, id="lama", title="LaMa")
    attempt = Attempt("network", "lama", 0, "auto", "auto")
    assert describe_attempt(attempt, (TEXTURE, other), 3) == "With network"
    without_weights = replace(NETWORK, is_usable=False)
    assert describe_attempt(attempt, (TEXTURE, without_weights, other), 3) == "With network"
    assert describe_attempt(attempt, (TEXTURE, NETWORK, other), 3) == "LaMa"


def fence() -> NDArray[np.uint8]:
    """Bars that stand in step, in front of a wall."""
    rng = np.random.default_rng(5)
    y, x = np.mgrid[:160, :240]
    bars = np.where(x % 16 < 6, 60, 170) + 0.2 * y
    return np.stack([bars + rng.normal(0, 6, (160, 240))] * 3, axis=2).clip(0, 255).astype(np.uint8)


def open_picture(
    editor: Editor, qtbot: QtBot, path: Path, pixels: NDArray[np.uint8], *holes: Rect
) -> Session:
    """Open a photo of ``pixels``, and fill the ``holes`` in it."""
    Image.fromarray(pixels).save(path)
    editor.controller.open([path])
    qtbot.waitUntil(lambda: editor.controller.current is not None)
    session = editor.controller.current
    assert session is not None
    with session.document.edit("history.brush") as editing:
        for hole in holes:
            editing.write("mask", hole, np.full((hole.h, hole.w), 255, np.uint8))
    editor.window.canvas.setFocus()
    qtbot.keyClick(editor.window.canvas, Qt.Key.Key_Return)
    idle(editor, qtbot)
    return session


def idle(editor: Editor, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: not editor.controller.is_busy, timeout=120000)


def words(editor: Editor) -> list[str]:
    shown = editor.window.variations.list
    return [shown.item(row).text() for row in range(shown.count())]


@pytest.fixture
def network() -> Iterator[None]:
    with fresh():
        yield


def test_what_differs_in_kind_comes_first_and_says_what_it_is(
    editor: Editor, qtbot: QtBot, tmp_path: Path, network: None
) -> None:
    editor.controller.engines.loaded = LoadedEngines(ROWS, "auto", 0.0)
    editor.window.variations.engines = ROWS
    hole = Rect(90, 50, 60, 50)
    session = open_picture(editor, qtbot, tmp_path / "fence.png", fence(), hole)
    editor.settings.set("fill.variations", 3)
    arrived: list[int] = []
    editor.controller.filler.variations_changed.connect(
        lambda _: arrived.append(len(words(editor)))
    )
    qtbot.keyClick(editor.window.canvas, Qt.Key.Key_V)
    qtbot.waitUntil(lambda: editor.controller.is_busy)
    idle(editor, qtbot)
    assert words(editor) == ["First fill", "Not aligned", "With network", "Try 4"]
    assert arrived == [2, 3, 4]
    assert session.variations is not None
    kinds = session.variations.fills
    assert [fill.recipe.options.regularity for fill in kinds] == ["auto", "off", "auto", "auto"]
    assert [fill.recipe.engines for fill in kinds] == [
        ("exemplar",), ("exemplar",), ("tsgl",), ("exemplar",)
    ]  # fmt: skip
    assert [fill.seed for fill in kinds] == [0, 0, 0, 1]
    tips = [editor.window.variations.list.item(row).toolTip() for row in range(4)]
    assert "kept in step" in tips[1]
    assert tips[3].endswith("seed 1")


def test_what_looks_the_same_is_dropped_and_the_end_is_told(
    editor: Editor, qtbot: QtBot, tmp_path: Path
) -> None:
    flat = np.full((120, 160, 3), 90, np.uint8)
    session = open_picture(editor, qtbot, tmp_path / "flat.png", flat, Rect(60, 40, 20, 20))
    editor.controller.make_variations(4)
    idle(editor, qtbot)
    assert words(editor) == ["First fill"]
    assert "no other fill" in editor.window.notice.text
    assert session.running_fill is None
    editor.controller.make_variations(4)
    assert session.running_fill is None


def test_what_was_filled_is_masked_again_beside_what_was_painted_since(
    editor: Editor, qtbot: QtBot, tmp_path: Path
) -> None:
    path, hole = tmp_path / "flat.png", Rect(60, 40, 20, 20)
    Image.new("RGB", (160, 120)).save(path)
    editor.controller.open([path])
    qtbot.waitUntil(lambda: editor.controller.current is not None)
    session = editor.controller.current
    assert session is not None
    document, again = session.document, editor.window.actions_by_id["mask.again"]
    assert not again.isEnabled()
    before = PlacePixels.read((hole,), lambda rect: document.pixels[rect.slices])
    part = Part.of(hole, np.full((20, 20), 255, np.uint8))
    session.variations = Variations((hole,), before, part, FillOptions())
    with document.edit("history.brush") as editing:
        editing.write("mask", Rect(70, 50, 20, 20), np.full((20, 20), 100, np.uint8))
    again.trigger()
    wanted = np.zeros((120, 160), np.uint8)
    wanted[50:70, 70:90] = 100
    wanted[40:60, 60:80] = 255
    assert np.array_equal(document.mask, wanted)
    position = document.history.position
    again.trigger()  # it is there already
    assert document.history.position == position
    document.undo()
    assert document.mask.max() == 100


def test_esc_stops_them_and_what_arrived_stays(
    editor: Editor, qtbot: QtBot, gravel: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pixels = np.asarray(Image.open(gravel))
    session = open_picture(editor, qtbot, gravel.with_name("a.png"), pixels, Rect(60, 40, 30, 30))
    before = session.document.pixels.copy()
    editor.controller.make_variations(9)
    qtbot.waitUntil(lambda: len(words(editor)) == 3, timeout=120000)
    qtbot.keyClick(editor.window.canvas, Qt.Key.Key_Escape)
    assert session.running_fill is None
    idle(editor, qtbot)
    assert words(editor) == ["First fill", "Try 2", "Try 3"]
    assert np.array_equal(session.document.pixels, before)
    editor.controller.make_variations(1)
    idle(editor, qtbot)
    assert words(editor)[3:] == ["Try 4"]


def test_far_holes_do_not_keep_the_photo_between_them(
    editor: Editor, qtbot: QtBot, tmp_path: Path
) -> None:
    rng = np.random.default_rng(6)
    pixels = rng.integers(60, 190, (700, 900, 3), np.uint8)
    holes = (Rect(10, 10, 12, 12), Rect(870, 670, 12, 12))
    session = open_picture(editor, qtbot, tmp_path / "far.png", pixels, *holes)
    editor.controller.make_variations(2)
    idle(editor, qtbot)
    variations, document = session.variations, session.document
    assert variations is not None
    assert len(variations.fills) == 3
    held = [variations.before, *(fill.pixels for fill in variations.fills)]
    assert sum(part.nbytes for part in held) < pixels.nbytes // 50
    between = Rect(400, 300, 40, 40)
    with document.edit("history.fill") as editing:
        editing.write("pixels", between, np.zeros((40, 40, 3), np.uint8))
    assert variations.find_shown(document) == 0
    editor.controller.choose_variation(2)
    assert variations.find_shown(document) == 2
    assert not document.pixels[between.slices].any()
    changed = (document.pixels != pixels).any(axis=2)
    changed[between.slices] = False
    for hole in holes:
        assert changed[hole.slices].any()
        changed[hole.grow(3).slices] = False
    assert not changed.any()


def begun(
    workless: Editor, engines: tuple[str, ...], *said: str, engine: str = "auto"
) -> Variations:
    """The variations of a fill that ``engines`` made and that ``said`` these messages."""
    from app.document.document import Document

    document = Document(Photo(np.full((90, 120, 3), 80, np.uint8)))
    with document.edit("history.brush") as editing:
        editing.write("mask", Rect(40, 30, 20, 20), np.full((20, 20), 255, np.uint8))
    result = InpaintResult(
        Rect(40, 30, 20, 20),
        np.full((20, 20, 3), 60, np.uint8),
        np.full((20, 20), 255, np.uint8),
        engine,
        0,
        "cpu",
        plan=tuple({"engine": name} for name in engines),
        notes=tuple(map(Message, said)),
    )
    return Variations.of(FrozenRequest.of(document, workless.settings), result)


@pytest.mark.parametrize(
    ("engines", "said", "kinds"),
    [
        (("exemplar",), (), ["network", "again"]),
        (("tsgl",), (), ["texture", "again"]),
        (("exemplar", "tsgl"), (), ["texture", "network", "again"]),
        (("exemplar",), ("engine.planes_unsure",), ["always", "network", "again"]),
        (
            ("exemplar",),
            ("engine.planes_continued", "engine.kept_regular"),
            ["off", "free", "network", "again"],
        ),
        (("tsgl",), ("engine.planes_continued",), ["texture", "off", "again"]),
        (("exemplar",), ("engine.too_few_sources",), []),
    ],
)
def test_only_kinds_that_can_differ_are_tried(
    editor: Editor, engines: tuple[str, ...], said: tuple[str, ...], kinds: list[str]
) -> None:
    variations = begun(editor, engines, *said)
    for kind in kinds:
        attempt = variations.next(ROWS)
        assert attempt is not None
        assert attempt.kind == kind
    if not kinds:
        assert variations.next(ROWS) is None


def test_no_network_is_tried_without_weights_and_no_seed_of_what_has_none(editor: Editor) -> None:
    rows = (AUTO, TEXTURE, SMOOTH, replace(NETWORK, is_usable=False))
    first = begun(editor, ("exemplar",)).next(rows)
    assert first is not None
    assert (first.kind, first.seed) == ("again", 1)
    smooth = begun(editor, ("harmonic",), engine="harmonic")
    kinds = [attempt.kind for attempt in iter(lambda: smooth.next(rows), None)]
    assert kinds == ["texture"]


def test_a_fill_without_alignment_differs_where_something_repeats() -> None:
    from inpaint_core.contract.progress import Progress
    from inpaint_core.contract.request import InpaintRequest

    mask = np.zeros((160, 240), np.uint8)
    mask[50:100, 90:150] = 255
    held, free = (
        Engine().inpaint(
            InpaintRequest(fence(), mask, FillOptions("exemplar", regularity=how)), Progress()
        )
        for how in ("auto", "off")
    )
    kept = Message("engine.kept_regular")
    assert kept in held.notes
    assert kept not in free.notes
    assert not np.array_equal(held.pixels, free.pixels)


def filled_in_three_ways(
    editor: Editor, qtbot: QtBot, path: Path, pixels: NDArray[np.uint8], hole: Rect
) -> tuple[Session, Variations]:
    """A photo with a smooth fill, and two variations of other colours."""
    editor.settings.set("fill.engine", "harmonic")
    session = open_picture(editor, qtbot, path, pixels, hole)
    variations = session.variations
    assert variations is not None
    for colour in (30, 220):
        result = InpaintResult(
            hole,
            np.full((hole.h, hole.w, 3), colour, np.uint8),
            np.full((hole.h, hole.w), 255, np.uint8),
            "harmonic",
            colour,
            "cpu",
        )
        assert variations.add(result, variations.fills[0].attempt, variations.options)
    editor.controller.filler.variations_changed.emit(session)
    return session, variations


def test_pointing_shows_a_variation_in_place_and_choosing_it_is_one_step(
    editor: Editor, qtbot: QtBot, tmp_path: Path
) -> None:
    pixels = np.full((1200, 1600, 3), 100, np.uint8)
    pixels[::7, ::5] = 140
    hole = Rect(1300, 900, 24, 24)
    session, variations = filled_in_three_ways(editor, qtbot, tmp_path / "w.png", pixels, hole)
    canvas, shown = editor.window.canvas, editor.window.variations.list
    document, entries = session.document, session.document.history
    filled, view = document.pixels.copy(), canvas.view_position()
    assert canvas.zoom < 1

    def seen() -> int:
        assert canvas.picture is not None
        return int(canvas.picture.read(0, hole, "preview")[12, 12, 0])

    qtbot.mouseMove(shown.viewport(), shown.visualItemRect(shown.item(1)).center())
    qtbot.waitUntil(lambda: canvas.shows_preview)
    assert canvas.zoom == 1
    assert canvas.views()[0].pane.contains(canvas.to_widget(QPointF(1312, 912)))
    assert seen() == 30
    assert np.array_equal(document.pixels, filled)
    assert len(entries.entries) == 2
    QApplication.sendEvent(shown.viewport(), QEvent(QEvent.Type.Leave))
    assert not canvas.shows_preview
    assert canvas.view_position() == view
    # The arrow keys show what Enter will choose.
    shown.setFocus()
    shown.setCurrentRow(1)
    qtbot.keyClick(shown, Qt.Key.Key_Right)
    assert shown.currentRow() == 2
    assert seen() == 220
    assert len(entries.entries) == 2
    qtbot.keyClick(shown, Qt.Key.Key_Return)
    assert variations.find_shown(document) == 2
    assert entries.entries[-1].name_key == "history.variation"
    assert len(entries.entries) == 3
    assert not canvas.shows_preview
    qtbot.keyClick(shown, Qt.Key.Key_Left)
    assert seen() == 30
    qtbot.keyClick(shown, Qt.Key.Key_Escape)
    assert not canvas.shows_preview
    assert shown.currentRow() == 2
    assert canvas.view_position() == view
    editor.settings.set("fill.variations_full", False)
    qtbot.keyClick(shown, Qt.Key.Key_Left)
    assert canvas.shows_preview
    assert canvas.zoom < 1


def test_what_was_painted_back_stays_over_another_variation(
    editor: Editor, qtbot: QtBot, tmp_path: Path
) -> None:
    from app.document.retouching.restoring_stroke import RestoringStroke

    pixels = np.full((120, 160, 3), 100, np.uint8)
    pixels[::7, ::5] = 140
    pixels[50:70, 70:90] = 250
    hole = Rect(60, 40, 40, 40)
    session, variations = filled_in_three_ways(editor, qtbot, tmp_path / "b.png", pixels, hole)
    document, canvas = session.document, editor.window.canvas
    with document.edit("history.restore") as editing:
        RestoringStroke(editing, document.shape, 20, 1).draw_to(80, 60)
    assert variations.find_shown(document) == 0
    editor.window.variations.pointed.emit(1)
    assert canvas.picture is not None
    assert canvas.picture.read(0, hole, "preview")[20, 20, 0] == 250
    assert canvas.picture.read(0, hole, "preview")[4, 4, 0] == 30
    editor.window.variations.pointed.emit(None)
    editor.controller.choose_variation(1)
    assert variations.find_shown(document) == 1
    assert np.array_equal(document.pixels[55:65, 75:85], pixels[55:65, 75:85])
    assert (document.pixels[42:48, 62:68] == 30).all()
