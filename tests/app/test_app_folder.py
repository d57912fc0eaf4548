"""Walking through a folder, with the filmstrip, and batches in the window."""

from __future__ import annotations

import os
import shutil
import threading
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QSettings, Qt
from PySide6.QtWidgets import QComboBox
from pytestqt.qtbot import QtBot

from app.configuration.text import t
from app.session.library.batch_work import BatchOrder, read_settings
from app.session.library.folder_photos import list_folder_photos, read_facts
from app.session.library.star_ratings import sidecar_names, write_stars
from app.session.session import Session
from app.ui.dialogs import questions
from app.ui.dialogs.batch_dialog import BatchDialog
from app.ui.shell.editor import Editor
from inpaint_core.batch.batch_run import BatchRun
from inpaint_core.contract.errors import FileUnreadable
from inpaint_core.contract.geometry import Rect
from inpaint_core.photo.metadata.xmp import read_rating, write_rating


@pytest.fixture
def album(tmp_path: Path, gravel: Path) -> Path:
    """A folder with three photos, out of order, and a mask."""
    folder = tmp_path / "album"
    folder.mkdir()
    for name in ("img_10.png", "img_2.png", "img_1.png"):
        shutil.copy(gravel, folder / name)
    Image.new("L", (200, 160)).save(folder / "img_2_mask.png")
    return folder


def current(editor: Editor) -> Session:
    session = editor.controller.current
    assert session is not None
    return session


def open_album(editor: Editor, album: Path, qtbot: QtBot) -> None:
    editor.controller.open([album])
    qtbot.waitUntil(lambda: editor.controller.current is not None)
    qtbot.waitUntil(lambda: len(editor.window.filmstrip.photos) == 3)


def is_current(editor: Editor, name: str) -> bool:
    session = editor.controller.current
    return session is not None and session.name == name and not editor.controller.is_busy


def retouch(session: Session) -> None:
    session.document.apply_fill(Rect(20, 20, 9, 9), np.full((9, 9, 3), 77, np.uint8))


def paint(session: Session, rect: Rect) -> None:
    edit = session.document.begin("history.brush")
    edit.write("mask", rect, np.full((rect.h, rect.w), 255, np.uint8))
    edit.commit()


def test_photos_are_counted_naturally_and_know_what_lies_beside_them(album: Path) -> None:
    for name in ("img_1-lacuna.png", "img_1-lacuna-2.png", "alone-lacuna.png"):
        shutil.copy(album / "img_1.png", album / name)
    (album / "img_2.lacuna").write_bytes(b"")
    (album / "img_1.lacuna").write_bytes(b"")
    found = [(photo.path.name, photo.state) for photo in list_folder_photos(album)]
    assert found == [
        ("alone-lacuna.png", "untouched"),  # a copy of nothing that is here
        ("img_1.png", "retouched"),
        ("img_2.png", "project"),
        ("img_10.png", "untouched"),
    ]
    assert list_folder_photos(album.parent / "album" / "..") != ()
    empty = album / "empty"
    empty.mkdir()
    assert list_folder_photos(empty) == ()


def test_a_folder_opens_with_its_strip_and_keys_walk_through_it(
    editor: Editor, album: Path, qtbot: QtBot
) -> None:
    open_album(editor, album, qtbot)
    window, strip = editor.window, editor.window.filmstrip.list
    assert is_current(editor, "img_1.png")
    assert window.actions_by_id["window.folder"].isChecked()
    assert strip.isVisible()
    names = [strip.item(row).text() for row in range(strip.count())]
    assert names == ["img_1.png", "img_2.png", "img_10.png"]
    window.canvas.setFocus()
    qtbot.keyClick(window.canvas, Qt.Key.Key_PageDown)
    qtbot.waitUntil(lambda: is_current(editor, "img_2.png"))
    qtbot.waitUntil(lambda: len(editor.controller.sessions) == 1)  # the first one is closed
    assert strip.currentRow() == 1
    qtbot.keyClick(window.canvas, Qt.Key.Key_PageUp)
    qtbot.waitUntil(lambda: is_current(editor, "img_1.png"))
    qtbot.keyClick(window.canvas, Qt.Key.Key_PageUp)
    assert window.notice.isVisible()
    assert t("folder.first") in window.notice.text
    rect = strip.visualItemRect(strip.item(2))
    qtbot.mouseClick(strip.viewport(), Qt.MouseButton.LeftButton, pos=rect.center())
    qtbot.waitUntil(lambda: is_current(editor, "img_10.png"))


@pytest.mark.parametrize("how", ["copy", "project"])
def test_what_was_changed_is_saved_on_the_way(
    editor: Editor, album: Path, qtbot: QtBot, how: str
) -> None:
    editor.settings.set("folder.save", how)
    editor.settings.set("export.resize", "percent")  # what is saved on the way keeps its size
    open_album(editor, album, qtbot)
    before = (album / "img_1.png").read_bytes()
    retouch(current(editor))
    editor.window.folder.step(1)
    saved = album / ("img_1-lacuna.png" if how == "copy" else "img_1.lacuna")
    qtbot.waitUntil(saved.is_file)
    qtbot.waitUntil(lambda: is_current(editor, "img_2.png"))
    qtbot.waitUntil(lambda: len(editor.controller.sessions) == 1)
    assert (album / "img_1.png").read_bytes() == before
    state = "retouched" if how == "copy" else "project"
    photos = editor.window.filmstrip.photos
    qtbot.waitUntil(lambda: editor.window.filmstrip.photos[0].state == state)
    assert len(photos) == 3
    if how == "copy":
        with Image.open(saved) as image:
            assert (np.asarray(image)[20:29, 20:29] == 77).all()
    editor.window.folder.step(-1)
    qtbot.waitUntil(lambda: is_current(editor, "img_1.png"))
    # With a project, the work is there again.
    assert current(editor).document.history.can_undo == (how == "project")


def test_what_is_painted_and_not_filled_is_asked_about(
    editor: Editor, album: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_album(editor, album, qtbot)
    session = current(editor)
    paint(session, Rect(5, 5, 10, 10))
    answers = ["cancel", "discard"]
    monkeypatch.setattr(questions, "ask_unsaved", lambda *_: answers.pop(0))
    editor.window.folder.step(1)
    qtbot.waitUntil(lambda: len(answers) == 1 and editor.controller.sessions == [session])
    editor.window.folder.step(1)
    qtbot.waitUntil(lambda: is_current(editor, "img_2.png"))
    qtbot.waitUntil(lambda: session not in editor.controller.sessions)
    assert sorted(path.name for path in album.iterdir()) == [
        "img_1.png",
        "img_10.png",
        "img_2.png",
        "img_2_mask.png",
    ]


@pytest.mark.parametrize("said", ["cancel", "discard"])
def test_what_was_changed_is_asked_about_when_the_next_photo_is_shown(
    editor: Editor, album: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, said: str
) -> None:
    editor.settings.set("folder.save", "ask")
    (album / "img_2.png").write_bytes(b"no picture")
    open_album(editor, album, qtbot)
    session = current(editor)
    retouch(session)
    asked: list[int] = []

    def ask(*_: object) -> str:
        asked.append(len(editor.controller.sessions))
        return said

    monkeypatch.setattr(questions, "ask_unsaved", ask)
    with qtbot.waitSignal(editor.controller.opening_ended):
        editor.window.folder.step(1)
    assert asked == []  # nobody leaves for a photo that cannot be read
    assert is_current(editor, "img_1.png")
    editor.window.folder.step(1)
    qtbot.waitUntil(lambda: asked == [2])
    qtbot.waitUntil(lambda: len(editor.controller.sessions) == 1)
    name = "img_1.png" if said == "cancel" else "img_10.png"
    qtbot.waitUntil(lambda: is_current(editor, name))
    assert session.document.is_modified


def test_after_a_damaged_project_nothing_is_left_behind_its_back(
    editor: Editor, album: Path, qtbot: QtBot
) -> None:
    """And it is stepped over, though the photo can be opened by itself."""
    open_album(editor, album, qtbot)
    session = current(editor)
    (album / "img_2.lacuna").write_bytes(b"no project")
    with qtbot.waitSignal(editor.controller.opening_ended):
        editor.window.folder.step(1)
    editor.controller.open([album / "img_2.png"])
    qtbot.waitUntil(lambda: is_current(editor, "img_2.png"))
    qtbot.wait(50)
    assert session in editor.controller.sessions
    editor.controller.show(session)
    editor.window.folder.step(1)
    qtbot.waitUntil(lambda: is_current(editor, "img_10.png"))


def test_broken_photos_are_stepped_over(editor: Editor, album: Path, qtbot: QtBot) -> None:
    for name in ("img_1.png", "img_2.png"):
        shutil.move(album / name, album / name.replace(".", "_whole."))  # img_1, img_1_whole, ...
        (album / name).write_bytes(b"no picture")
    editor.controller.open([album])
    qtbot.waitUntil(lambda: is_current(editor, "img_1_whole.png"))
    qtbot.waitUntil(lambda: len(editor.window.filmstrip.photos) == 5)
    session = current(editor)
    retouch(session)
    editor.window.folder.step(1)
    with qtbot.waitSignal(editor.controller.opening_ended):
        pass
    assert "img_2.png" in editor.window.notice.text
    # What is left for a photo that cannot be shown stays open.
    assert is_current(editor, "img_1_whole.png")
    editor.window.folder.step(1)
    qtbot.waitUntil(lambda: is_current(editor, "img_2_whole.png"))
    qtbot.waitUntil(lambda: session not in editor.controller.sessions)
    assert (album / "img_1_whole-lacuna.png").is_file()


def test_an_empty_folder_says_so(editor: Editor, tmp_path: Path, qtbot: QtBot) -> None:
    folder = tmp_path / "empty"
    folder.mkdir()
    editor.controller.open([folder])
    qtbot.waitUntil(lambda: t("folder.empty", name="empty") in editor.window.notice.text)
    assert editor.controller.sessions == []


def make_dialog(editor: Editor) -> BatchDialog:
    editor.window.actions_by_id["file.batch"].trigger()
    dialog = editor.window.findChild(BatchDialog)
    assert dialog is not None
    return dialog


def states(dialog: BatchDialog) -> list[str]:
    rows = (dialog.table.topLevelItem(row) for row in range(dialog.table.topLevelItemCount()))
    return ["" if row is None else row.text(1) for row in rows]


def test_a_batch_says_when_its_results_get_another_size(
    editor: Editor, album: Path, qtbot: QtBot
) -> None:
    open_album(editor, album, qtbot)
    dialog = make_dialog(editor)
    assert not dialog.resized.isVisible()
    editor.settings.set("export.resize", "long")
    assert dialog.resized.isVisible()
    dialog.close()


def test_a_batch_fills_what_is_painted_in_every_photo_and_resumes(
    editor: Editor, album: Path, qtbot: QtBot
) -> None:
    editor.settings.set("fill.engine", "harmonic")
    (album / "img_2.png").write_bytes(b"no photo")
    open_album(editor, album, qtbot)
    paint(current(editor), Rect(50, 40, 30, 20))
    dialog = make_dialog(editor)
    assert dialog.chosen_kind == "painted"
    assert [path.name for path in dialog.photos] == ["img_1.png", "img_2.png", "img_10.png"]
    qtbot.mouseClick(dialog.go, Qt.MouseButton.LeftButton)
    assert dialog.stop.isVisible()
    qtbot.waitUntil(lambda: not dialog.work.is_running)
    done, failed, other = states(dialog)
    assert done == other == t("batch.outcome.done")
    assert "img_2.png" in failed
    results = album / "lacuna"
    original = np.asarray(Image.open(album / "img_1.png"))
    filled = np.asarray(Image.open(results / "img_1.png"))
    assert (filled[45:55, 55:75] != original[45:55, 55:75]).any()
    assert np.array_equal(filled[80:], original[80:])
    assert (results / "lacuna-mask.png").is_file()
    shutil.copy(album / "img_1.png", album / "img_2.png")
    qtbot.mouseClick(dialog.go, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: not dialog.work.is_running)
    assert states(dialog)[1] == t("batch.outcome.done")
    dialog.close()


def test_a_stopped_batch_says_what_is_left(editor: Editor, album: Path, qtbot: QtBot) -> None:
    open_album(editor, album, qtbot)
    dialog = make_dialog(editor)
    dialog.kind.setCurrentIndex(dialog.kind.findData("text"))
    dialog.work.begun.connect(lambda _: dialog.stop.click())
    qtbot.mouseClick(dialog.go, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: not dialog.work.is_running)
    assert states(dialog)[-1] == t("batch.left")
    assert dialog.go.isEnabled()
    dialog.close()


@pytest.mark.parametrize("how", ["Esc", "the window's button"])
def test_closing_the_dialog_stops_the_batch(
    editor: Editor, album: Path, qtbot: QtBot, how: str
) -> None:
    open_album(editor, album, qtbot)
    dialog = make_dialog(editor)
    dialog.kind.setCurrentIndex(dialog.kind.findData("text"))
    qtbot.mouseClick(dialog.go, Qt.MouseButton.LeftButton)
    work = dialog.work  # the dialog itself is deleted
    with qtbot.waitSignal(work.ended):
        if how == "Esc":
            qtbot.keyClick(dialog, Qt.Key.Key_Escape)
        else:
            dialog.close()
    assert len(work.outcomes) < 3


def test_without_a_file_or_a_mask_it_cannot_start(
    editor: Editor, album: Path, qtbot: QtBot, settings: QSettings
) -> None:
    open_album(editor, album, qtbot)
    dialog = make_dialog(editor)
    assert dialog.chosen_kind == "spots"
    assert dialog.go.isEnabled()
    for kind in ("painted", "mask", "masks", "project"):
        dialog.kind.setCurrentIndex(dialog.kind.findData(kind))
        assert not dialog.go.isEnabled()
    dialog.table.selectAll()
    qtbot.mouseClick(dialog.remove, Qt.MouseButton.LeftButton)
    assert dialog.photos == []
    dialog.close()


def test_a_painted_batch_that_is_run_again_skips_what_is_done(
    editor: Editor, album: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    editor.settings.set("fill.engine", "harmonic")
    open_album(editor, album, qtbot)
    paint(current(editor), Rect(50, 40, 30, 20))
    dialog = make_dialog(editor)
    for state in ("done", "skipped"):
        qtbot.mouseClick(dialog.go, Qt.MouseButton.LeftButton)
        qtbot.waitUntil(lambda: not dialog.work.is_running)
        assert [outcome.state for outcome in dialog.work.outcomes] == [state] * 3
    # Once a row has gone, each of the others still opens its own result.
    first = dialog.table.topLevelItem(0)
    assert first is not None
    first.setSelected(True)
    qtbot.mouseClick(dialog.remove, Qt.MouseButton.LeftButton)
    opened: list[Path] = []
    monkeypatch.setattr(editor.controller, "open", opened.extend)
    row = dialog.table.topLevelItem(0)
    assert row is not None
    dialog.table.itemActivated.emit(row, 0)
    assert opened == [album / "lacuna" / "img_2.png"]
    dialog.close()


def test_the_painted_mask_replaces_no_photo_of_the_batch(
    editor: Editor, album: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    (album / "img_10.png").rename(album / "lacuna-mask.png")
    before = (album / "lacuna-mask.png").read_bytes()
    open_album(editor, album, qtbot)
    paint(current(editor), Rect(50, 40, 30, 20))
    dialog = make_dialog(editor)
    monkeypatch.setattr(BatchDialog, "out_dir", album)
    qtbot.mouseClick(dialog.go, Qt.MouseButton.LeftButton)
    assert "lacuna-mask.png" in dialog.problem.text()
    assert not dialog.work.is_running
    assert (album / "lacuna-mask.png").read_bytes() == before
    dialog.close()


def test_a_batch_that_is_stopped_at_once_closes_its_journal(
    editor: Editor, album: Path, qtbot: QtBot
) -> None:
    """A file that is left open is a warning, which fails the test."""
    open_album(editor, album, qtbot)
    dialog = make_dialog(editor)
    dialog.kind.setCurrentIndex(dialog.kind.findData("text"))
    is_ready = threading.Event()

    order = BatchOrder(
        tuple(dialog.photos), "text", None, album / "out", *read_settings(editor.settings)
    )

    def prepare() -> BatchRun:
        run = order.prepare()
        is_ready.set()
        return run

    dialog.work.start(prepare)
    assert is_ready.wait(240)
    dialog.work.stop()
    dialog.work.start(order.prepare)  # not while one is running
    qtbot.waitUntil(lambda: not dialog.work.is_running)
    assert dialog.work.outcomes == []
    dialog.close()


def test_a_photo_that_changes_while_it_is_saved_stays_open(
    editor: Editor, album: Path, qtbot: QtBot
) -> None:
    open_album(editor, album, qtbot)
    session, go_on = current(editor), threading.Event()
    retouch(session)
    editor.controller.files_lane.start(lambda _: go_on.wait(240))  # a slow disk
    session.closes_when_saved = True
    editor.window.command_handlers.writing.quick_export(session)
    session.document.apply_fill(Rect(60, 60, 9, 9), np.full((9, 9, 3), 55, np.uint8))
    go_on.set()
    qtbot.waitUntil(lambda: not editor.controller.is_busy)
    assert (album / "img_1-lacuna.png").is_file()
    assert editor.controller.sessions == [session]
    assert session.document.is_modified


def test_a_photo_that_cannot_be_opened_and_one_that_is_gone_are_no_end(
    editor: Editor, album: Path, qtbot: QtBot
) -> None:
    (album / "img_2.png").write_bytes(b"no photo")
    open_album(editor, album, qtbot)
    editor.window.folder.step(1)
    qtbot.waitUntil(lambda: "img_2.png" in editor.window.notice.text)
    assert is_current(editor, "img_1.png")
    editor.window.folder.step(1)
    qtbot.waitUntil(lambda: is_current(editor, "img_10.png"))
    (album / "img_10.png").unlink()
    qtbot.waitUntil(lambda: len(editor.window.filmstrip.photos) == 2)
    shutil.copy(album / "img_1.png", album / "img_2.png")
    editor.window.folder.step(-1)
    qtbot.waitUntil(lambda: is_current(editor, "img_2.png"))
    shutil.rmtree(album)
    qtbot.waitUntil(lambda: editor.window.filmstrip.photos == ())
    with pytest.raises(FileUnreadable):
        list_folder_photos(album)


def names(editor: Editor) -> list[str]:
    return [photo.path.name for photo in editor.window.filmstrip.photos]


def stars(editor: Editor) -> dict[str, int]:
    return {photo.path.name: photo.stars for photo in editor.window.filmstrip.photos}


def pick(qtbot: QtBot, box: QComboBox, value: object) -> None:
    """Choose with the keyboard."""
    box.setFocus()
    while box.currentData() != value:
        before = box.currentIndex()
        down = before < box.findData(value)
        qtbot.keyClick(box, Qt.Key.Key_Down if down else Qt.Key.Key_Up)
        assert box.currentIndex() != before


def test_the_strip_is_sorted_by_name_date_and_file_time(
    editor: Editor, album: Path, qtbot: QtBot
) -> None:
    for number, (name, date) in enumerate(
        {"img_10.png": "2020:01:01", "img_1.png": "2021:01:01", "img_2.png": ""}.items()
    ):
        if date:
            exif = Image.Exif()
            exif.get_ifd(0x8769)[0x9003] = f"{date} 10:00:00"
            with Image.open(album / name) as image:
                image.save(album / name, exif=exif.tobytes())
        os.utime(album / name, (1_000_000_000 - number, 1_000_000_000 - number))
    open_album(editor, album, qtbot)
    order = editor.window.filmstrip.filters.order
    assert names(editor) == ["img_1.png", "img_2.png", "img_10.png"]
    pick(qtbot, order, "modified")
    assert names(editor) == ["img_2.png", "img_1.png", "img_10.png"]
    pick(qtbot, order, "taken")  # the one without a date counts by its file: 2001
    qtbot.waitUntil(lambda: names(editor) == ["img_2.png", "img_10.png", "img_1.png"])
    assert is_current(editor, "img_1.png")
    editor.window.canvas.setFocus()
    qtbot.keyClick(editor.window.canvas, Qt.Key.Key_PageUp)
    qtbot.waitUntil(lambda: is_current(editor, "img_10.png"))


def test_stars_are_given_beside_the_photo_and_filtered(
    editor: Editor, album: Path, qtbot: QtBot
) -> None:
    open_album(editor, album, qtbot)
    before = {path: path.read_bytes() for path in album.iterdir()}
    canvas, strip = editor.window.canvas, editor.window.filmstrip
    for count in (1, 2):
        qtbot.keyClick(canvas, Qt.Key.Key_Up, Qt.KeyboardModifier.AltModifier)
        qtbot.waitUntil(lambda count=count: stars(editor)["img_1.png"] == count)
    assert read_rating((album / "img_1.png.xmp").read_bytes()) == 2
    strip.make_menu(album / "img_10.png").actions()[5].trigger()
    qtbot.waitUntil(lambda: stars(editor)["img_10.png"] == 5)
    assert strip.list.item(2).toolTip().endswith(t("folder.stars.of", stars=5))
    pick(qtbot, strip.filters.stars, 3)
    assert names(editor) == ["img_10.png"]
    canvas.setFocus()  # keys go on from where the photo would be
    qtbot.keyClick(canvas, Qt.Key.Key_PageDown)
    qtbot.waitUntil(lambda: is_current(editor, "img_10.png"))
    qtbot.keyClick(canvas, Qt.Key.Key_Down, Qt.KeyboardModifier.AltModifier)
    qtbot.waitUntil(lambda: stars(editor)["img_10.png"] == 4)
    pick(qtbot, strip.filters.stars, 5)
    assert names(editor) == []
    assert not strip.list.isVisible()
    pick(qtbot, strip.filters.stars, 0)
    assert len(names(editor)) == 3
    assert {path: path.read_bytes() for path in before} == before


def test_stars_that_are_given_quickly_add_up(editor: Editor, album: Path, qtbot: QtBot) -> None:
    open_album(editor, album, qtbot)
    for _ in range(3):  # none waits for the folder to be read anew
        qtbot.keyClick(editor.window.canvas, Qt.Key.Key_Up, Qt.KeyboardModifier.AltModifier)
    qtbot.waitUntil(lambda: stars(editor)["img_1.png"] == 3)


def test_a_sidecar_that_cannot_be_understood_stays(
    editor: Editor, album: Path, qtbot: QtBot
) -> None:
    (album / "img_1.png.xmp").write_bytes(b"not XMP")
    open_album(editor, album, qtbot)
    editor.window.actions_by_id["folder.more_stars"].trigger()
    words = t("folder.sidecar_unreadable", name="img_1.png.xmp")
    qtbot.waitUntil(lambda: words in editor.window.notice.text)
    assert (album / "img_1.png.xmp").read_bytes() == b"not XMP"


def test_stars_of_other_programs_are_read(tmp_path: Path) -> None:
    photo, raw = tmp_path / "a.jpg", tmp_path / "b.nef"
    packet = write_rating(None, 4)
    assert packet is not None
    Image.new("RGB", (9, 9)).save(photo, xmp=write_rating(None, 1))
    (photo,) = list_folder_photos(tmp_path)
    assert read_facts(photo).rating == 1
    (tmp_path / "a.jpg.xmp").write_bytes(packet)
    (photo,) = list_folder_photos(tmp_path)
    assert read_facts(photo).rating == 4
    assert sidecar_names(raw)[0] == "b.xmp"
    assert write_stars(raw, 2) == tmp_path / "b.xmp"
    (tmp_path / "b.xmp").rename(tmp_path / "b.nef.xmp")
    assert write_stars(raw, 3) == tmp_path / "b.nef.xmp"


def test_marks_are_filtered(editor: Editor, album: Path, qtbot: QtBot) -> None:
    shutil.copy(album / "img_2.png", album / "img_2-lacuna.png")
    open_album(editor, album, qtbot)
    marks = editor.window.filmstrip.filters.marks
    pick(qtbot, marks, "retouched")
    assert names(editor) == ["img_2.png"]
    pick(qtbot, marks, "untouched")
    assert names(editor) == ["img_1.png", "img_10.png"]


def test_sub_folders_are_walked_through(editor: Editor, album: Path, qtbot: QtBot) -> None:
    inner = album / "day 2"
    inner.mkdir()
    (album / ".hidden").mkdir()
    for folder in (inner, album / ".hidden"):
        shutil.copy(album / "img_1.png", folder / "img_1.png")
    open_album(editor, album, qtbot)
    strip = editor.window.filmstrip
    qtbot.mouseClick(strip.filters.deep, Qt.MouseButton.LeftButton)
    assert editor.window.actions_by_id["folder.deep"].isChecked()
    qtbot.waitUntil(lambda: len(strip.photos) == 4)
    assert strip.photos[-1].path == inner / "img_1.png"
    editor.window.folder.go_to(inner / "img_1.png")
    qtbot.waitUntil(lambda: current(editor).document.path == inner / "img_1.png")
    assert len(strip.photos) == 4  # still those of the folder that was opened
    shutil.copy(album / "img_1.png", inner / "img_3.png")
    qtbot.waitUntil(lambda: len(strip.photos) == 5)
    editor.window.actions_by_id["folder.deep"].trigger()
    qtbot.waitUntil(lambda: names(editor) == ["img_1.png", "img_3.png"])


def test_a_folder_of_sub_folders_opens(editor: Editor, album: Path, qtbot: QtBot) -> None:
    editor.settings.set("folder.deep", True)
    editor.controller.open([album.parent])
    qtbot.waitUntil(lambda: editor.controller.current is not None)
    qtbot.waitUntil(lambda: {"img_1.png", "img_2.png", "img_10.png"} <= set(names(editor)))
