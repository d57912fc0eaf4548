"""Projects in the editor: saved, opened, found again, made again on another photo."""

from __future__ import annotations

import json
import shutil
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QSettings
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication, QPushButton
from pytestqt.qtbot import QtBot

from app.configuration.settings import Settings
from app.document.retouching.copy_source import source_of
from app.session.recovery.unsaved_work import find_unsaved_work
from app.session.session import Session
from app.ui.dialogs import questions
from app.ui.shell.editor import Editor
from app.workers.decoder.decoder_pool import DecoderPool
from inpaint_core.contract.geometry import Rect
from inpaint_core.engine.engine import Engine
from inpaint_core.project.read_project import read_project


def settle(editor: Editor, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: not editor.controller.is_busy)


def open_(editor: Editor, qtbot: QtBot, *paths: Path) -> Session:
    editor.controller.open(paths)
    settle(editor, qtbot)
    assert editor.controller.current is not None
    return editor.controller.current


def paint(session: Session, rect: Rect) -> None:
    with session.document.edit("history.brush") as editing:
        editing.write("mask", rect, np.full((rect.h, rect.w), 255, np.uint8))


def fill(editor: Editor, qtbot: QtBot, rect: Rect) -> None:
    assert editor.controller.current is not None
    paint(editor.controller.current, rect)
    editor.controller.run_fill()
    settle(editor, qtbot)


def trigger(editor: Editor, qtbot: QtBot, action: str) -> None:
    editor.window.actions_by_id[action].trigger()
    settle(editor, qtbot)


def choose(editor: Editor, words: str) -> None:
    (button,) = (b for b in editor.window.notice.findChildren(QPushButton) if b.text() == words)
    button.click()


def forbid_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*_: object) -> None:
        raise AssertionError("nothing is to be filled")

    monkeypatch.setattr(Engine, "inpaint", never)


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where every question about a project's place is answered with."""
    path = tmp_path / "work.lacuna"
    monkeypatch.setattr(questions, "ask_project_to_save", lambda parent, proposed: path)
    monkeypatch.setattr(questions, "ask_project_to_replay", lambda parent, photo: path)
    return path


@pytest.fixture
def saved(editor: Editor, qtbot: QtBot, gravel: Path, place: Path) -> np.ndarray:
    """A project with two fills, one of them undone, and paint; closed. Its pixels."""
    editor.settings.set("fill.grow", 2)
    session = open_(editor, qtbot, gravel)
    fill(editor, qtbot, Rect(40, 40, 12, 10))
    fill(editor, qtbot, Rect(100, 90, 10, 10))
    with session.document.edit("history.protect") as editing:
        editing.write("protect", Rect(0, 0, 9, 9), np.full((9, 9), 255, np.uint8))
    session.document.go_to(3)
    trigger(editor, qtbot, "file.save")
    pixels = session.document.pixels.copy()
    editor.controller.close(session)
    return pixels


def test_a_project_shows_again_what_was_stored(
    editor: Editor, qtbot: QtBot, saved: np.ndarray, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    forbid_engine(monkeypatch)
    session = open_(editor, qtbot, place)
    document = session.document
    assert np.array_equal(document.pixels, saved)
    assert (document.history.position, len(document.history.entries)) == (3, 5)
    assert document.mask.any()
    assert not document.is_modified
    assert not editor.window.isWindowModified()
    rows = editor.window.history.list.model()
    names = [rows.index(row, 0).data() for row in range(rows.rowCount())]
    assert names == ["Opened", "Brush", "Fill", "Brush", "Fill", "Protect"]
    made = document.history.entries[1].recipe
    assert made is not None
    assert (made.options.engine, made.options.grow, made.options.feather, made.mask.rect) == (
        "exemplar",
        2,
        editor.settings.get("fill.feather"),
        Rect(40, 40, 12, 10),
    )
    editor.controller.redo()
    assert not document.mask[90:100, 100:110].any()
    assert editor.window.isWindowModified()
    assert editor.recent.paths[0] == place
    # Once more: it is in front already.
    editor.controller.open([place])
    assert len(editor.controller.sessions) == 1


def test_a_photo_that_moved_along_is_found(
    editor: Editor, qtbot: QtBot, saved: np.ndarray, place: Path, gravel: Path
) -> None:
    folder = place.parent / "moved"
    folder.mkdir()
    session = open_(editor, qtbot, place.rename(folder / place.name))  # the photo is where it was
    assert session.document.path == gravel
    editor.controller.close(session)
    session = open_(editor, qtbot, (folder / place.name).rename(place))
    editor.controller.close(session)
    place.rename(folder / place.name)
    gravel.rename(folder / gravel.name)
    session = open_(editor, qtbot, folder / place.name)
    assert session.document.path == folder / gravel.name
    assert np.array_equal(session.document.pixels, saved)


def test_a_photo_that_is_gone_is_asked_for(
    editor: Editor,
    qtbot: QtBot,
    saved: np.ndarray,
    place: Path,
    gravel: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    elsewhere = gravel.parent / "far" / "away.png"
    elsewhere.parent.mkdir()
    gravel.rename(elsewhere)
    editor.controller.open([place])
    settle(editor, qtbot)
    assert editor.controller.sessions == []
    assert gravel.name in editor.window.notice.text
    asked: list[str] = []

    def answer(parent: object, project: Path, name: str) -> Path:
        asked.append(name)
        return elsewhere

    monkeypatch.setattr(questions, "ask_photo_of_project", answer)
    choose(editor, "Find it…")
    settle(editor, qtbot)
    assert asked == [gravel.name]
    (session,) = editor.controller.sessions
    assert np.array_equal(session.document.pixels, saved)
    # Saved again, it knows the new place.
    trigger(editor, qtbot, "file.save")
    with read_project(place) as project:
        assert project.original.relative == "far/away.png"


def _change(path: Path) -> np.ndarray:
    pixels = np.asarray(Image.open(path)).copy()
    pixels[:4] = 255 - pixels[:4]
    Image.fromarray(pixels).save(path)
    return pixels


def test_a_changed_photo_is_said_and_its_fills_can_be_made_again(
    editor: Editor, qtbot: QtBot, saved: np.ndarray, place: Path, gravel: Path
) -> None:
    pixels = _change(gravel)
    session = open_(editor, qtbot, place)
    assert "has changed" in editor.window.notice.text
    assert np.array_equal(session.document.pixels, pixels)  # not what was stored
    assert session.project_path is None
    choose(editor, "Repeat the fills")
    settle(editor, qtbot)
    assert [entry.name_key for entry in session.document.history.entries] == ["history.fill"]
    changed = (session.document.pixels != pixels).any(axis=2)
    assert changed[40:50, 40:52].any()
    assert not changed[:30].any()
    assert session.document.is_modified


def test_a_changed_photo_can_have_what_was_stored(
    editor: Editor, qtbot: QtBot, saved: np.ndarray, place: Path, gravel: Path
) -> None:
    pixels = _change(gravel)
    session = open_(editor, qtbot, place)
    choose(editor, "Show the stored results")
    assert np.array_equal(session.document.pixels[36:54, 36:56], saved[36:54, 36:56])
    assert np.array_equal(session.document.pixels[:4], pixels[:4])
    assert session.document.is_modified
    trigger(editor, qtbot, "file.save")
    assert not session.document.is_modified
    editor.controller.close(session)
    session = open_(editor, qtbot, place)  # now the project is of the photo as it is
    assert not editor.window.notice.isVisible()
    assert np.array_equal(session.document.pixels[:4], pixels[:4])


def test_the_fills_of_one_photo_are_made_again_on_another(
    editor: Editor, qtbot: QtBot, saved: np.ndarray, place: Path, gravel: Path
) -> None:
    other = gravel.with_name("other.png")
    pixels = np.asarray(Image.open(gravel).transpose(Image.Transpose.ROTATE_180))
    Image.fromarray(pixels).save(other)
    session = open_(editor, qtbot, other)
    paint(session, Rect(150, 5, 8, 8))
    trigger(editor, qtbot, "fill.replay")
    document = session.document
    assert [e.name_key for e in document.history.entries] == ["history.brush", "history.fill"]
    changed = (document.pixels != pixels).any(axis=2)
    assert changed[40:50, 40:52].any()
    assert Rect.bounding(changed).intersect(Rect(30, 30, 32, 30)) == Rect.bounding(changed)
    assert document.mask[8, 153] == 255  # what was painted here is still there
    made = document.history.entries[1].recipe
    assert made is not None
    assert made.options.grow == 2
    assert "were repeated" in editor.window.notice.text


def test_a_replay_waits_for_nobody_but_says_so(
    editor: Editor, qtbot: QtBot, saved: np.ndarray, place: Path, gravel: Path
) -> None:
    session = open_(editor, qtbot, gravel)
    paint(session, Rect(150, 5, 8, 8))
    begin = editor.engine.add
    editor.engine.add = lambda job: job  # type: ignore[method-assign]  # never begins
    editor.controller.run_fill()
    editor.engine.add = begin  # type: ignore[method-assign]
    projects = editor.window.command_handlers.project_commands.projects
    with qtbot.waitSignal(editor.controller.notice_posted):
        projects.replay(session, place)
    assert "still running" in editor.window.notice.text
    assert session.running_fill is not None
    editor.controller.cancel()
    projects.replay(session, place)
    qtbot.waitUntil(lambda: session.running_fill is not None)
    settle(editor, qtbot)
    names = [entry.name_key for entry in session.document.history.entries]
    assert names == ["history.brush", "history.fill"]


def test_what_was_stored_comes_on_top_of_what_was_done_meanwhile(
    editor: Editor, qtbot: QtBot, saved: np.ndarray, place: Path, gravel: Path
) -> None:
    _change(gravel)
    session = open_(editor, qtbot, place)
    paint(session, Rect(150, 5, 8, 8))
    choose(editor, "Show the stored results")
    document = session.document
    assert (document.history.position, len(document.history.entries)) == (4, 6)
    assert document.mask[8, 153] == 255
    assert np.array_equal(document.pixels[36:54, 36:56], saved[36:54, 36:56])


def test_a_project_does_not_fit_a_photo_of_another_size(
    editor: Editor, qtbot: QtBot, saved: np.ndarray, place: Path, photo: Path, gravel: Path
) -> None:
    session = open_(editor, qtbot, photo)
    trigger(editor, qtbot, "fill.replay")
    assert "another size" in editor.window.notice.text
    assert not session.document.is_modified
    # Nor does it when the photo itself was cropped.
    Image.open(gravel).crop((0, 0, 150, 100)).save(gravel)
    session = open_(editor, qtbot, place)
    assert "another size" in editor.window.notice.text
    assert not session.document.is_modified


def test_a_damaged_project_is_refused_with_a_sentence(
    editor: Editor, qtbot: QtBot, saved: np.ndarray, place: Path
) -> None:
    place.write_bytes(place.read_bytes()[:-300])
    editor.controller.open([place])
    settle(editor, qtbot)
    assert editor.controller.sessions == []
    assert "damaged" in editor.window.notice.text


def test_a_picture_that_cannot_be_decoded_leaves_no_half_opened_photo(
    editor: Editor, qtbot: QtBot, saved: np.ndarray, place: Path
) -> None:
    with zipfile.ZipFile(place) as archive:
        entries = {name: archive.read(name) for name in archive.namelist()}
    broken = next(name for name in entries if "pixels" in name)
    entries[broken] = entries[broken][:-40]
    with zipfile.ZipFile(place, "w") as archive:
        for name, data in entries.items():
            archive.writestr(name, data)
    editor.controller.open([place])
    settle(editor, qtbot)
    assert editor.controller.sessions == []
    assert "damaged" in editor.window.notice.text


def test_a_photo_that_is_no_photo_any_more_is_said(
    editor: Editor, qtbot: QtBot, saved: np.ndarray, place: Path, gravel: Path
) -> None:
    gravel.write_bytes(b"no photo")
    editor.controller.open([place])
    settle(editor, qtbot)
    assert editor.controller.sessions == []
    assert gravel.name in editor.window.notice.text
    place.unlink()  # nobody holds it open, which Windows would mind


def test_names_of_edits_that_are_not_known_are_shown_plainly(
    editor: Editor, qtbot: QtBot, saved: np.ndarray, place: Path
) -> None:
    with zipfile.ZipFile(place) as archive:
        entries = {name: archive.read(name) for name in archive.namelist()}
    content = json.loads(entries["project.json"])
    names = ["history.of_tomorrow", "settings.look.theme", "history.grow", "history.fill", "{x}"]
    for edit, name in zip(content["edits"], names, strict=True):
        edit["name"] = name
    entries["project.json"] = json.dumps(content).encode()
    with zipfile.ZipFile(place, "w") as archive:
        for name, data in entries.items():
            archive.writestr(name, data)
    open_(editor, qtbot, place)
    rows = editor.window.history.list.model()
    shown = [rows.index(row, 0).data() for row in range(rows.rowCount())]
    assert shown == ["Opened", "Edit", "Edit", "Edit", "Fill", "Edit"]


# -- saved or not ----------------------------------------------------------------------------------


def test_the_mark_says_whether_the_project_holds_it(
    editor: Editor, qtbot: QtBot, gravel: Path, place: Path
) -> None:
    session = open_(editor, qtbot, gravel)
    paint(session, Rect(4, 4, 9, 9))
    assert editor.window.isWindowModified()
    trigger(editor, qtbot, "file.save")
    assert not editor.window.isWindowModified()
    assert place.name in editor.window.notice.text
    paint(session, Rect(40, 4, 9, 9))
    assert editor.window.isWindowModified()
    trigger(editor, qtbot, "file.quick_export")
    assert editor.window.isWindowModified()  # an export does not hold the mask
    before = place.read_bytes()
    trigger(editor, qtbot, "file.save")  # to the same place, without a question
    assert not editor.window.isWindowModified()
    assert place.read_bytes() != before
    editor.controller.undo()
    assert editor.window.isWindowModified()


def test_what_is_painted_while_saving_is_not_called_saved(
    editor: Editor, qtbot: QtBot, gravel: Path, place: Path
) -> None:
    session = open_(editor, qtbot, gravel)
    paint(session, Rect(4, 4, 9, 9))
    editor.window.actions_by_id["file.save"].trigger()
    paint(session, Rect(40, 4, 9, 9))
    settle(editor, qtbot)
    assert session.document.is_modified
    with read_project(place) as project:
        assert len(project.edits) == 1


def test_closing_saves_the_project_where_that_is_the_answer(
    editor: Editor, qtbot: QtBot, gravel: Path, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = open_(editor, qtbot, gravel)
    paint(session, Rect(4, 4, 9, 9))
    monkeypatch.setattr(questions, "ask_unsaved", lambda *_: "project")
    editor.window.close()
    assert editor.window.isVisible()
    qtbot.waitUntil(lambda: not editor.window.isVisible())
    with read_project(place) as project:
        assert len(project.edits) == 1


def test_a_project_that_cannot_be_written_keeps_the_photo_open(
    editor: Editor, qtbot: QtBot, gravel: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        questions, "ask_project_to_save", lambda parent, proposed: tmp_path / "no" / "p.lacuna"
    )
    monkeypatch.setattr(questions, "ask_unsaved", lambda *_: "project")
    session = open_(editor, qtbot, gravel)
    paint(session, Rect(4, 4, 9, 9))
    trigger(editor, qtbot, "file.close")
    assert editor.controller.sessions == [session]
    assert session.document.is_modified
    assert not session.closes_when_saved
    assert session.project_path is None
    assert "does not exist" in editor.window.notice.text


def test_no_answer_to_where_changes_nothing(
    editor: Editor, qtbot: QtBot, gravel: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(questions, "ask_project_to_save", lambda parent, proposed: None)
    monkeypatch.setattr(questions, "ask_project_to_replay", lambda parent, photo: None)
    session = open_(editor, qtbot, gravel)
    paint(session, Rect(4, 4, 9, 9))
    for action in ("file.save", "file.save_as", "fill.replay"):
        trigger(editor, qtbot, action)
    assert session.document.is_modified
    assert not session.closes_when_saved


def test_a_pasted_picture_is_put_beside_its_project(
    editor: Editor, qtbot: QtBot, place: Path
) -> None:
    image = QImage(60, 40, QImage.Format.Format_RGB32)
    image.fill(0xFF336699)
    QApplication.clipboard().setImage(image)
    trigger(editor, qtbot, "file.paste")
    session = editor.controller.current
    assert session is not None
    paint(session, Rect(4, 4, 9, 9))
    trigger(editor, qtbot, "file.save")
    assert session.name == "work.tif"
    assert "work.tif" in editor.window.notice.text
    mask = session.document.mask.copy()
    editor.controller.close(session)
    session = open_(editor, qtbot, place)
    assert session.document.path == place.with_suffix(".tif")
    assert np.array_equal(session.document.mask, mask)
    assert (session.document.photo.pixels == (0x33, 0x66, 0x99)).all()


def test_a_photo_that_changed_since_it_was_opened_is_not_vouched_for(
    editor: Editor, qtbot: QtBot, gravel: Path, place: Path
) -> None:
    session = open_(editor, qtbot, gravel)
    paint(session, Rect(4, 4, 9, 9))
    _change(gravel)
    trigger(editor, qtbot, "file.save")
    with read_project(place) as project:
        assert project.original.sha256 is None
    editor.controller.close(session)
    open_(editor, qtbot, place)
    assert "has changed" in editor.window.notice.text


@pytest.mark.parametrize("goes_on", [False, True])
def test_saving_into_the_photo_is_known_to_project_and_journal(
    editor: Editor, qtbot: QtBot, gravel: Path, place: Path, tmp_path: Path, goes_on: bool
) -> None:
    """But where more was done than the project holds, opening it asks."""
    editor.settings.set("save.into_photo", "always")
    session = open_(editor, qtbot, gravel)
    fill(editor, qtbot, Rect(40, 40, 12, 10))
    trigger(editor, qtbot, "file.save_project")
    if goes_on:
        fill(editor, qtbot, Rect(100, 90, 10, 10))
    trigger(editor, qtbot, "file.save_photo")
    pixels = session.document.pixels.copy()
    editor.journal.flush()
    shutil.copytree(tmp_path / "state", tmp_path / "left")
    (work,) = find_unsaved_work(tmp_path / "left")
    assert work.photo_state == "same"
    assert work.project is not None
    assert work.project.is_current
    work.release()
    trigger(editor, qtbot, "file.save_photo")  # again: the project is not another program's
    editor.controller.close(session)
    session = open_(editor, qtbot, place)
    assert ("has changed" in editor.window.notice.text) == goes_on
    np.testing.assert_array_equal(session.document.pixels, pixels)
    assert len(session.document.history.entries) == (0 if goes_on else 2)
    if goes_on:
        choose(editor, "Show the stored results")
    trigger(editor, qtbot, "file.save")  # from now on it knows the file
    editor.controller.close(session)
    open_(editor, qtbot, place)
    assert "has changed" not in editor.window.notice.text


def test_work_is_restored_on_a_photo_that_its_project_does_not_know(
    editor: Editor,
    qtbot: QtBot,
    gravel: Path,
    place: Path,
    settings: QSettings,
    tmp_path: Path,
    lent: DecoderPool,
) -> None:
    """It was saved into, after more had been done than the project holds."""
    editor.settings.set("save.into_photo", "always")
    session = open_(editor, qtbot, gravel)
    fill(editor, qtbot, Rect(40, 40, 12, 10))
    trigger(editor, qtbot, "file.save_project")
    fill(editor, qtbot, Rect(100, 90, 10, 10))
    trigger(editor, qtbot, "file.save_photo")
    paint(session, Rect(4, 4, 9, 9))
    editor.journal.flush()
    shutil.copytree(tmp_path / "state", tmp_path / "left")
    again = Editor(Settings(settings), tmp_path / "left", tmp_path / "cache", lent)
    qtbot.addWidget(again.window)
    again.start([])
    qtbot.waitUntil(lambda: "gravel.png" in again.window.notice.text)
    choose(again, "Restore")
    qtbot.waitUntil(lambda: again.controller.current is not None)
    settle(again, qtbot)
    found = again.controller.current
    assert found is not None
    assert found.project_path == place
    np.testing.assert_array_equal(found.document.pixels, session.document.pixels)
    np.testing.assert_array_equal(found.document.mask, session.document.mask)
    again.close()


def test_variations_are_remembered_with_how_they_were_made(
    editor: Editor, qtbot: QtBot, gravel: Path, place: Path
) -> None:
    session = open_(editor, qtbot, gravel)
    fill(editor, qtbot, Rect(40, 40, 12, 10))
    editor.controller.make_variations(1)
    settle(editor, qtbot)
    editor.controller.choose_variation(1)
    trigger(editor, qtbot, "file.save")
    with read_project(place) as project:
        (made,) = project.recipes()  # the first fill of this hole is not made again
        assert (made.options.engine, made.options.seed) == ("exemplar", 1)
        assert made.mask.rect == Rect(40, 40, 12, 10)
        assert [edit.name for edit in project.edits][-1] == "history.variation"
    assert session.document.history.entries[-1].values["number"] == 2


def test_the_welcome_page_shows_the_photo_of_a_project(
    editor: Editor, qtbot: QtBot, saved: np.ndarray, place: Path, gravel: Path
) -> None:
    recent = editor.recent
    assert recent.paths[:2] == (place, gravel)
    pictures: dict[Path, bytes | None] = {}
    recent.thumbnails.ready.connect(pictures.__setitem__)
    for path in (place, gravel):
        recent.thumbnails.request(path)
    qtbot.waitUntil(lambda: len(pictures) == 2)
    assert pictures[place] == pictures[gravel] is not None
    place.write_bytes(b"no project")
    recent.thumbnails.request(place)
    qtbot.waitUntil(lambda: pictures[place] is None)


def test_after_a_crash_the_project_goes_on_with_its_steps(
    editor: Editor,
    qtbot: QtBot,
    saved: np.ndarray,
    gravel: Path,
    place: Path,
    settings: QSettings,
    tmp_path: Path,
    lent: DecoderPool,
) -> None:
    session = open_(editor, qtbot, place)
    paint(session, Rect(60, 60, 8, 8))
    source_of(session.document).set_point((20.5, 30.5))
    editor.journal.flush()
    for number, changed in enumerate((False, True)):
        left = tmp_path / f"left {number}"
        shutil.copytree(tmp_path / "state", left)
        if changed:  # by another program, or on another machine
            shutil.copy(place, tmp_path / "copy")
            place.unlink()
            shutil.copy(tmp_path / "copy", place)
        again = Editor(Settings(settings), left, tmp_path / "cache", lent)
        qtbot.addWidget(again.window)
        again.start([])
        qtbot.waitUntil(lambda again=again: "gravel.png" in again.window.notice.text)  # type: ignore[misc]
        choose(again, "Restore")
        qtbot.waitUntil(lambda again=again: again.controller.current is not None)  # type: ignore[misc]
        settle(again, qtbot)
        found = again.controller.current
        assert found is not None
        assert found.project_path == place
        assert found.document.is_modified
        assert np.array_equal(found.document.pixels, saved)
        assert np.array_equal(found.document.mask, session.document.mask)
        assert source_of(found.document).point == (20.5, 30.5)
        names = [entry.name_key for entry in found.document.history.entries]
        steps = [entry.name_key for entry in session.document.history.entries[:-1]]
        assert names == ([] if changed else steps) + ["recovery.restored"]
        trigger(again, qtbot, "file.save")
        if changed:
            assert again.window.notice.buttons  # the other version is not lost without a question
            with read_project(place) as project:
                assert len(project.edits) == len(steps) + 1  # as the first round saved it
        else:
            assert not found.document.is_modified
            with read_project(place) as project:
                assert [edit.name for edit in project.edits] == names
                assert project.copy_points is not None
        again.close()
