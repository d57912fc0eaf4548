"""Cloning and healing from another open photo, with real events."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from handwork import Workbench, at_work
from numpy.typing import NDArray
from PIL import Image
from PySide6.QtCore import QPointF, Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.configuration.text import t
from app.document.document import Document
from app.document.retouching.copy_placement import CopyPlacement
from app.document.retouching.copy_source import OtherPhoto, source_of
from app.document.retouching.copy_stroke import CopyStroke, HealingStroke
from app.ui.painting.document_picture import DocumentPicture
from app.ui.shell.editor import Editor
from inpaint_core.contract.geometry import Rect
from inpaint_core.photo.colour.icc_profiles import make_profile
from inpaint_core.photo.photo import Photo

LEFT, ALT = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.AltModifier


def noise(dtype: type, seed: int, *shape: int) -> NDArray[Any]:
    return np.random.default_rng(seed).integers(0, np.iinfo(dtype).max, shape, dtype, True)


def stroke(
    document: Document, other: Document, kind: type[CopyStroke] = CopyStroke, turn: float = 0
) -> None:
    placement = CopyPlacement((60, 50), (100, 80), turn)
    with document.edit("history.clone") as editing:
        drawn = kind(editing, document.shape, 30, 1.0, placement, 1.0, other)
        drawn.draw_to(100, 80)
        drawn.draw_to(120, 80)
        drawn.finish()


@pytest.mark.parametrize("own", [np.uint8, np.uint16])
@pytest.mark.parametrize("others", [np.uint8, np.uint16])
def test_pixels_come_over_at_the_depth_of_the_photo(own: type, others: type) -> None:
    document = Document(Photo(noise(own, 1, 150, 200, 3)))
    other = Document(Photo(noise(others, 2, 90, 120, 3)))  # smaller, and as it is now
    other.apply_fill(rect := Rect(40, 30, 60, 50), noise(others, 3, rect.h, rect.w, 3))
    before = document.pixels.copy()
    stroke(document, other)
    factor = np.iinfo(own).max / np.iinfo(others).max
    expected = np.rint(other.pixels[45:55, 60:80] * factor).astype(own)
    assert np.array_equal(document.pixels[75:85, 100:120], expected)
    outside = np.ones(document.shape, np.bool_)
    outside[64:96, 84:136] = False
    assert np.array_equal(document.pixels[outside], before[outside])
    document.undo()
    assert np.array_equal(document.pixels, before)


@pytest.mark.parametrize("has_alpha", [False, True])
def test_what_is_transparent_there_is_seen_through_or_copied(has_alpha: bool) -> None:
    alpha = noise(np.uint8, 4, 150, 200) if has_alpha else None
    document = Document(Photo(noise(np.uint8, 1, 150, 200, 3), alpha=alpha))
    opacity = np.zeros((90, 120), np.uint8)
    opacity[:, 70:] = 255
    other = Document(Photo(noise(np.uint8, 2, 90, 120, 3), alpha=opacity))
    before = document.pixels.copy()
    stroke(document, other)
    assert np.array_equal(document.pixels[75:85, 110:120], other.pixels[45:55, 70:80])
    if document.alpha is None:
        assert np.array_equal(document.pixels[75:85, 100:110], before[75:85, 100:110])
    else:
        assert not document.alpha[75:85, 100:110].any()
        assert (document.alpha[75:85, 110:120] == 255).all()
        stroke(document, Document(Photo(noise(np.uint8, 5, 90, 120, 3))))
        assert (document.alpha[75:85, 100:120] == 255).all()


def test_healing_takes_the_light_of_the_photo_that_is_healed() -> None:
    grain = np.random.default_rng(1).normal(0, 300, (150, 200, 1))
    document = Document(Photo(np.full((150, 200, 3), 40_000, np.uint16)))
    other = Document(Photo((grain + 9_000).repeat(3, axis=2).clip(0, 65535).astype(np.uint16)))
    stroke(document, other, HealingStroke, turn=30)
    healed = document.pixels[75:85, 100:120].astype(float)
    assert abs(healed.mean() - 40_000) < 0.04 * 31_000
    assert 100 < healed.std() < 400


@pytest.fixture
def workbench(qapp: QApplication, tmp_path: Path) -> Iterator[Workbench]:
    with at_work(tmp_path) as workbench:
        yield workbench


def test_the_brush_shows_the_other_photo_and_stays_within_it(workbench: Workbench) -> None:
    photo = Photo(np.full((60, 80, 3), (0, 220, 0), np.uint8))
    other = Document(photo)
    source = source_of(workbench.document)
    picture = DocumentPicture.from_photo(photo)
    source.set_point((70, 30), other=OtherPhoto(other, picture))
    assert source.points is None  # a project knows nothing of another photo
    tool = workbench.use("clone")
    workbench.move((100, 240), held=Qt.MouseButton.NoButton)
    ratio, at = workbench.canvas.devicePixelRatioF(), workbench.at((96, 243))
    colour = workbench.canvas.grab().toImage().pixelColor((at * ratio).toPoint())
    assert colour.green() > 150 > colour.red()
    original = workbench.document.pixels.copy()
    workbench.drag([(100, 240), (130, 240)])
    assert (workbench.document.pixels[235:245, 95:109] == (0, 220, 0)).all()
    assert np.array_equal(workbench.document.pixels[:, 110:], original[:, 110:])
    told: list[str] = []
    tool.notice_posted.connect(lambda text, _: told.append(text))
    workbench.drag([(200, 240)])
    assert told == [t("tools.copy.beyond")]
    source.forget(other)
    workbench.drag([(200, 240)])
    assert told[1:] == [t("tools.copy.no_source")]


def click(editor: Editor, qtbot: QtBot, x: float, y: float, keys: Any = None) -> None:
    canvas = editor.window.canvas
    at = canvas.to_widget(QPointF(x, y)).toPoint()
    qtbot.mouseMove(canvas, at)
    qtbot.mouseClick(canvas, LEFT, keys or Qt.KeyboardModifier.NoModifier, at)


def test_the_last_place_of_another_photo_is_used_until_that_is_closed(
    editor: Editor, qtbot: QtBot, tmp_path: Path
) -> None:
    paths = []
    for seed, icc in ((1, None), (2, None), (3, make_profile("adobe"))):
        paths.append(tmp_path / f"{seed}.png")
        Image.fromarray(noise(np.uint8, seed, 120, 160, 3)).save(paths[-1], icc_profile=icc)
    controller, window = editor.controller, editor.window
    controller.open(paths)
    qtbot.waitUntil(lambda: len(controller.sessions) == 3)
    one, two, third = controller.sessions
    action = window.actions_by_id["clone.other"]
    controller.show(one)
    action.trigger()
    assert window.notice.text.startswith(t("tools.copy.no_other"))
    controller.show(two)
    window.workspace.pick("clone")
    click(editor, qtbot, 50.5, 40.5, ALT)
    controller.show(one)
    window.workspace.pick("brush")
    action.trigger()
    assert window.workspace.tool == "clone"
    click(editor, qtbot, 100.5, 80.5)
    copied = one.document.pixels[78:83, 98:103]
    assert np.array_equal(copied, two.document.pixels[38:43, 48:53])
    assert [entry.name_key for entry in one.document.history.entries] == ["history.clone"]
    controller.show(third)
    action.trigger()
    assert window.notice.text.startswith(t("tools.copy.other_colours", name="2.png"))
    assert source_of(third.document).point is None
    controller.close(two)
    assert source_of(one.document).point is None
