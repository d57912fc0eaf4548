"""The tool for planes with real events, and what the next fill, the project and variations make of
planes.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from handwork import Workbench, at_work
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from app.document.document import Document
from app.document.history_snapshot import HistorySnapshot, restore_edits
from app.document.planes import format_planes, parse_planes
from app.session.frozen_request import FrozenRequest
from app.session.variations import Variations
from inpaint_core.contract.geometry import Plane, Rect
from inpaint_core.contract.message import Message
from inpaint_core.contract.request import InpaintResult
from inpaint_core.photo.photo import Photo
from inpaint_core.project.model import Recipe

CORNERS = ((60.5, 50.5), (300.5, 80.5), (310.5, 220.5), (50.5, 250.5))
PLANE = Plane(tuple((x - 0.5, y - 0.5) for x, y in CORNERS))


@pytest.fixture
def workbench(qapp: QApplication, tmp_path: Path) -> Iterator[Workbench]:
    with at_work(tmp_path) as workbench:
        workbench.use("plane")
        yield workbench


def set_plane(workbench: Workbench, corners: tuple[tuple[float, float], ...] = CORNERS) -> None:
    for corner in corners:
        workbench.click(corner)


def test_four_clicks_set_a_plane_as_one_edit(workbench: Workbench) -> None:
    document = workbench.document
    for number, corner in enumerate(CORNERS):
        assert document.planes == ()
        workbench.click(corner)
        assert workbench.canvas.tool is not None
        assert workbench.canvas.tool.is_active == (number < 3)
    assert document.planes == (PLANE,)
    assert workbench.names == ["history.plane"]
    document.undo()
    assert document.planes == ()
    document.redo()
    assert document.planes == (PLANE,)
    assert document.is_modified
    assert not document.mask.any()


def test_corners_can_be_dragged_but_not_across(workbench: Workbench) -> None:
    set_plane(workbench)
    revision = workbench.document.revision
    workbench.drag([CORNERS[1], (340.5, 60.5), (350.5, 40.5)])
    assert workbench.names == ["history.plane", "history.plane.moved"]
    assert workbench.document.revision == revision + 1
    (moved,) = workbench.document.planes
    assert moved.corners[1] == pytest.approx((350, 40))
    assert moved.corners[0] == PLANE.corners[0]
    workbench.drag([(350.5, 40.5), (20.5, 290.5)])
    assert all(plane.is_valid for plane in workbench.document.planes)
    workbench.document.go_to(1)
    assert workbench.document.planes == (PLANE,)


def test_a_click_on_a_corner_changes_nothing(workbench: Workbench) -> None:
    set_plane(workbench)
    workbench.click(CORNERS[2])
    assert workbench.names == ["history.plane"]


def test_corners_out_of_order_are_refused_and_can_be_mended(workbench: Workbench) -> None:
    told: list[str] = []
    assert workbench.canvas.tool is not None
    workbench.canvas.tool.notice_posted.connect(lambda text, hint: told.append(hint))
    crossed = (CORNERS[0], CORNERS[1], CORNERS[3], CORNERS[2])
    set_plane(workbench, crossed)
    assert workbench.document.planes == ()
    assert told == ["Click them in order around it."]
    workbench.key(Qt.Key.Key_Backspace)
    workbench.click(CORNERS[2])
    workbench.click(CORNERS[3])
    assert workbench.document.planes == (PLANE,)


def test_esc_discards_and_delete_removes(workbench: Workbench) -> None:
    workbench.click(CORNERS[0])
    workbench.click(CORNERS[1])
    workbench.key(Qt.Key.Key_Escape)
    assert workbench.names == []
    set_plane(workbench)
    second = tuple((x + 12.0, y + 20.0) for x, y in CORNERS)
    set_plane(workbench, second)
    assert len(workbench.document.planes) == 2
    workbench.click(CORNERS[0])
    workbench.key(Qt.Key.Key_Delete)
    (left,) = workbench.document.planes
    assert left.corners[0] == pytest.approx((72, 70))
    workbench.document.undo()
    assert len(workbench.document.planes) == 2


def test_the_grid_is_painted_and_gone_after_undo(workbench: Workbench) -> None:
    before = workbench.canvas.grab().toImage()
    set_plane(workbench)
    with_grid = workbench.canvas.grab().toImage()
    assert with_grid != before
    workbench.document.undo()
    workbench.canvas.tool.hover(None)  # type: ignore[union-attr]
    assert workbench.canvas.grab().toImage() == before


def painted(planes: tuple[Plane, ...]) -> Document:
    document = Document(Photo(np.full((300, 400, 3), 120, np.uint8)))
    with document.edit("history.brush") as editing:
        editing.write("mask", Rect(100, 100, 20, 20), np.full((20, 20), 255, np.uint8))
    if planes:
        document.set_planes(planes)
    return document


def test_a_fill_has_the_planes_and_is_stale_when_they_change(workbench: Workbench) -> None:
    document = painted((PLANE,))
    frozen = FrozenRequest.of(document, workbench.settings)
    assert frozen.options.planes == (PLANE,)
    assert frozen.request().options.planes == (PLANE,)
    assert not frozen.is_stale(document, Rect(100, 100, 20, 20))
    document.set_planes(())
    assert frozen.is_stale(document, Rect(100, 100, 20, 20))


def test_planes_survive_in_a_history_that_is_stored() -> None:
    document = painted((PLANE,))
    document.set_planes((PLANE, PLANE.translate(3, 4)), "history.plane")
    document.undo()
    snapshot = HistorySnapshot.of(document)
    edits = tuple(edit for _, edit in sorted(snapshot.edits(), key=lambda pair: pair[0]))
    other = Document(Photo(np.full((300, 400, 3), 120, np.uint8)))
    restore_edits(other, edits, snapshot.position)
    assert other.planes == (PLANE,)
    other.redo()
    assert other.planes == (PLANE, PLANE.translate(3, 4))
    other.go_to(0)
    assert other.planes == ()


@pytest.mark.parametrize(
    "text", ["", "{}", "[1]", "[[1, 2]]", '[["a"]]', "null", "[[0,0,1,1,1,0,0,1]]", "[" * 9999]
)
def test_damaged_planes_are_left_out(text: str) -> None:
    assert parse_planes(text) == ()
    assert parse_planes(format_planes((PLANE,))) == (PLANE,)


@pytest.mark.parametrize(
    ("note", "planes", "first"),
    [
        ("engine.planes_unsure", (), "always"),
        ("engine.planes_continued", (), "off"),
        ("engine.planes_continued", (PLANE,), "auto"),
        ("engine.exemplar_alone", (), "auto"),
    ],
)
def test_the_first_variation_does_what_the_fill_did_not(
    workbench: Workbench, note: str, planes: tuple[Plane, ...], first: str
) -> None:
    document = painted(planes)
    frozen = FrozenRequest.of(document, workbench.settings)
    pixels = np.full((20, 20, 3), 60, np.uint8)
    result = InpaintResult(
        Rect(100, 100, 20, 20), pixels, np.full((20, 20), 255, np.uint8), "exemplar", 0, "cpu",
        notes=(Message(note),),
    )  # fmt: skip
    variations = Variations.of(frozen, result)
    attempt = variations.next(())
    assert attempt is not None
    assert attempt.perspective == first
    assert attempt.seed == (1 if first == "auto" else 0)
    more = variations.freeze_request(document, attempt)
    assert more.options.perspective == first
    assert more.options.planes == planes
    made = replace(result, pixels=pixels + 9, seed=attempt.seed)
    assert variations.add(made, attempt, more.options)
    assert variations.fills[1].attempt.kind == ("again" if first == "auto" else first)
    recipe: Recipe = variations.fills[1].recipe
    assert recipe.options.perspective == first
    following = variations.next(())
    assert following is not None
    assert following.perspective == "auto"
