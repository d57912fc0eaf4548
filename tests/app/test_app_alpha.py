"""Transparency is filled with the photo: shown, undone, saved, kept after a crash, exported."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.session.export import ExportPlan
from app.session.recovery.unsaved_work import find_unsaved_work
from app.session.session import Session
from app.ui.dialogs.export_dialog import ExportOrder
from app.ui.shell.editor import Editor
from app.ui.widgets import thumbnails
from inpaint_core.contract.geometry import Rect
from inpaint_core.photo.photo import Photo
from inpaint_core.photo.read_photo import read_photo
from inpaint_core.photo.write_photo import write_photo

HOLE = Rect(60, 50, 50, 40)


def cut_out(path: Path, bits: int) -> NDArray[Any]:
    """A photo that fades to the right, with something opaque in it that is to go; its alpha."""
    kind, step = (np.uint8, 1) if bits == 8 else (np.uint16, 257)
    _, x = np.mgrid[:160, :200]
    noise = np.random.default_rng(4).normal(0, 5, x.shape)
    grey = (100 + 40 * np.sin(x / 9) + noise).clip(0, 255) * step
    alpha = ((220 - x) * step).astype(kind)
    alpha[60:80, 70:100] = np.iinfo(kind).max
    write_photo(path, Photo(np.stack([grey.astype(kind)] * 3, axis=-1), alpha))
    return alpha


def idle(editor: Editor, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: not editor.controller.is_busy, timeout=60_000)


def fill(editor: Editor, qtbot: QtBot, path: Path) -> Session:
    editor.settings.set("fill.engine", "harmonic")
    editor.controller.open([path])
    qtbot.waitUntil(lambda: editor.controller.current is not None, timeout=20_000)
    session = editor.controller.current
    assert session is not None
    with session.document.edit("history.brush") as editing:
        editing.write("mask", HOLE, np.full((HOLE.h, HOLE.w), 255, np.uint8))
    editor.controller.run_fill()
    idle(editor, qtbot)
    return session


@pytest.mark.parametrize("bits", [8, 16])
def test_it_is_filled_undone_saved_and_exported(
    editor: Editor, qtbot: QtBot, tmp_path: Path, bits: int
) -> None:
    path = tmp_path / "cut.png"
    before = cut_out(path, bits)
    session = fill(editor, qtbot, path)
    document = session.document
    filled = document.alpha
    assert filled is not None
    filled = filled.copy()
    step = 1 if bits == 8 else 257
    fade = np.broadcast_to((220 - np.arange(200)) * step, filled.shape)
    inside = HOLE.grow(-3).slices
    # Nothing of the opaque thing is left: alpha goes on as it is around the hole.
    assert np.abs(filled[inside].astype(int) - fade[inside]).max() <= 2 * step
    outside = np.ones(filled.shape, np.bool_)
    outside[HOLE.grow(4).slices] = False
    np.testing.assert_array_equal(filled[outside], before[outside])
    assert document.history.position == 2

    editor.controller.undo()
    np.testing.assert_array_equal(document.alpha, before)
    editor.controller.redo()
    np.testing.assert_array_equal(document.alpha, filled)

    out = tmp_path / "out.png"
    editor.window.command_handlers.writing.write(session, ExportOrder(out, ExportPlan()))
    idle(editor, qtbot)
    written = read_photo(out)
    assert written.alpha is not None
    np.testing.assert_array_equal(written.alpha, filled)
    np.testing.assert_array_equal(written.pixels, document.pixels)

    project = tmp_path / "cut.lacuna"
    editor.window.command_handlers.project_commands.projects.save(session, project)
    idle(editor, qtbot)
    editor.controller.close(session)
    editor.controller.open([project])
    qtbot.waitUntil(
        lambda: editor.controller.current is not None and not editor.controller.is_busy,
        timeout=20_000,
    )
    again = editor.controller.current
    assert again is not None
    np.testing.assert_array_equal(again.document.alpha, filled)
    editor.controller.undo()
    np.testing.assert_array_equal(again.document.alpha, before)


def test_a_crash_does_not_lose_it(editor: Editor, qtbot: QtBot, tmp_path: Path) -> None:
    path = tmp_path / "cut.png"
    cut_out(path, 8)
    session = fill(editor, qtbot, path)
    editor.journal.flush()
    shutil.copytree(tmp_path / "state", tmp_path / "crashed")
    (left,) = find_unsaved_work(tmp_path / "crashed")
    editor.controller.open_with(lambda progress: editor.controller.read_photo(path, progress))
    qtbot.waitUntil(lambda: len(editor.controller.sessions) == 2, timeout=20_000)
    other = editor.controller.sessions[1].document
    left.restore(other)
    left.discard()
    np.testing.assert_array_equal(other.alpha, session.document.alpha)


def test_variations_and_replays_fill_it_too(editor: Editor, qtbot: QtBot, tmp_path: Path) -> None:
    path = tmp_path / "cut.png"
    before = cut_out(path, 8)
    session = fill(editor, qtbot, path)
    document = session.document
    filled = np.array(document.alpha)
    project = tmp_path / "cut.lacuna"
    editor.window.command_handlers.project_commands.projects.save(session, project)
    idle(editor, qtbot)
    editor.controller.undo()
    editor.controller.choose_variation(0)
    np.testing.assert_array_equal(document.alpha, filled)
    editor.controller.undo()
    np.testing.assert_array_equal(document.alpha, before)
    editor.controller.undo()
    editor.window.command_handlers.project_commands.projects.replay(session, project)
    idle(editor, qtbot)
    qtbot.waitUntil(lambda: bool(editor.window.notice.text))
    idle(editor, qtbot)
    np.testing.assert_array_equal(document.alpha, filled)


@pytest.mark.parametrize("bits", [8, 16])
def test_the_canvas_shows_it_now_and_before(
    editor: Editor, qtbot: QtBot, tmp_path: Path, bits: int
) -> None:
    path = tmp_path / "cut.png"
    before = cut_out(path, bits)
    session = fill(editor, qtbot, path)
    picture, document = session.opened_file.picture, session.document
    whole = Rect.whole(document.shape)

    def eight(values: Any) -> NDArray[np.uint8]:
        return np.asarray(values if bits == 8 else np.rint(values / 257), np.uint8)

    # A second edit beside the first: what was there before must be that of the photo as opened.
    rect = Rect(10, 10, 30, 30)
    with document.edit("history.fill") as editing:
        editing.write("alpha", rect, np.zeros((30, 30), before.dtype))
    np.testing.assert_array_equal(picture.read_alpha(0, whole), eight(document.alpha))
    np.testing.assert_array_equal(picture.read_alpha(0, whole, "before"), eight(before))
    grab = editor.window.canvas.grab().toImage()
    assert not grab.isNull()


def test_a_copy_on_the_clipboard_is_transparent_too(
    editor: Editor, qtbot: QtBot, tmp_path: Path
) -> None:
    path = tmp_path / "cut.png"
    cut_out(path, 16)
    session = fill(editor, qtbot, path)
    editor.window.actions_by_id["file.copy"].trigger()
    image = QApplication.clipboard().image()
    alpha = session.document.alpha
    assert alpha is not None
    for x, y in ((80, 70), (10, 10), (190, 150)):
        assert image.pixelColor(x, y).alpha() == round(int(alpha[y, x]) / 257)


def test_alpha_that_is_the_same_all_around_stays(
    editor: Editor, qtbot: QtBot, tmp_path: Path
) -> None:
    path = tmp_path / "opaque.png"
    cut_out(path, 8)
    photo = read_photo(path)
    alpha = np.full(photo.shape, 255, np.uint8)
    alpha[:, :10] = 0  # far away
    write_photo(path, Photo(photo.pixels, alpha), overwrite=True)
    session = fill(editor, qtbot, path)
    assert {layer for layer, _ in session.document.history.entries[-1].rects} == {"pixels", "mask"}
    np.testing.assert_array_equal(session.document.alpha, alpha)


def test_each_variation_brings_its_own_alpha(editor: Editor, qtbot: QtBot, tmp_path: Path) -> None:
    path = tmp_path / "cut.png"
    y, x = np.mgrid[:160, :200]
    alpha = np.where((x // 9 + y // 9) % 2, 255, 0).astype(np.uint8)
    noise = np.random.default_rng(4).integers(90, 160, (160, 200), np.uint8)
    write_photo(path, Photo(np.stack([noise] * 3, axis=-1), alpha))
    session = fill(editor, qtbot, path)
    document, controller = session.document, editor.controller
    smooth = np.array(document.alpha)
    editor.settings.set("fill.engine", "exemplar")
    controller.undo()
    controller.run_fill()
    idle(editor, qtbot)
    copied = np.array(document.alpha)
    assert (copied != smooth).any()
    controller.make_variations(1)
    idle(editor, qtbot)
    assert session.variations is not None
    other, rect = session.variations.fills[1], session.variations.rect
    _, wanted = session.variations.show(document, other)
    controller.choose_variation(1)
    shown = document.alpha
    assert shown is not None
    assert wanted is not None
    np.testing.assert_array_equal(shown[rect.slices], wanted)
    controller.choose_variation(0)
    np.testing.assert_array_equal(document.alpha, copied)
    controller.undo()
    controller.undo()
    controller.undo()
    np.testing.assert_array_equal(document.alpha, alpha)


def test_an_opaque_photo_has_none(editor: Editor, qtbot: QtBot, gravel: Path) -> None:
    session = fill(editor, qtbot, gravel)
    assert session.document.alpha is None
    assert {layer for layer, _ in session.document.history.entries[-1].rects} == {"pixels", "mask"}


def test_pictures_of_edits_and_variations_show_opacity(
    editor: Editor, qtbot: QtBot, tmp_path: Path
) -> None:
    path = tmp_path / "hidden.png"
    alpha = np.full((160, 200), 255, np.uint8)
    alpha[:, 100:] = 0  # what is red there is not seen
    write_photo(path, Photo(np.full((160, 200, 3), (250, 0, 0), np.uint8), alpha))
    editor.controller.open([path])
    qtbot.waitUntil(lambda: editor.controller.current is not None, timeout=20_000)
    session, whole = editor.controller.current, Rect(0, 0, 200, 160)
    assert session is not None
    edit = thumbnails.draw_edit(session, whole, (64, 44), "#00ff00").toImage()
    pixels = session.document.pixels
    kept = thumbnails.draw_variation(session, whole, pixels, (64, 44)).toImage()
    opaque = np.full((160, 200), 255, np.uint8)
    filled = thumbnails.draw_variation(session, whole, pixels, (64, 44), opaque).toImage()
    for picture, right in ((edit, 90), (kept, 90), (filled, 250)):
        assert picture.pixelColor(10, 20).red() > 240
        assert picture.pixelColor(55, 20).red() in range(right - 25, right + 6)
