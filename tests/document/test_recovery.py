from __future__ import annotations

import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import get_args

import crashing
import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from app.document.document import Document
from app.document.retouching.copy_source import source_of
from app.session.recovery.project_link import ProjectLink
from app.session.recovery.recovery_journal import RecoveryJournal
from app.session.recovery.unsaved_work import UnsavedWork, find_unsaved_work
from inpaint_core.contract.choices import Layer
from inpaint_core.contract.errors import BadRequest, CannotWrite, PhotoDamaged
from inpaint_core.contract.geometry import Rect
from inpaint_core.photo.file_version import FileVersion
from inpaint_core.photo.photo import Photo
from inpaint_core.photo.read_photo import read_photo
from inpaint_core.photo.write_photo import write_photo

ROOT = Path(__file__).resolve().parents[2]
SQUARE = Rect(240, 10, 40, 40)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    pixels = np.random.default_rng(1).integers(0, 256, (420, 610, 3), np.uint8)
    write_photo(tmp_path / "photo.png", Photo(pixels, pixels[..., 0] // 2))
    return tmp_path / "photo.png"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "state" / "journals"


@pytest.fixture
def journal(folder: Path) -> Iterator[RecoveryJournal]:
    journal = RecoveryJournal(folder)
    yield journal
    journal.close()


def opened(path: Path) -> Document:
    return Document(read_photo(path), path)


def paint(document: Document, value: int = 255) -> None:
    with document.edit("history.brush") as editing:
        editing.write("mask", SQUARE, np.full((SQUARE.h, SQUARE.w), value, np.uint8))


def crashed(folder: Path, into: Path) -> Path:
    """What the disk would hold if the program died now; its locks die with it."""
    shutil.copytree(folder, into)
    return into


def state(document: Document) -> tuple[bytes, ...]:
    has_alpha = document.alpha is not None
    layers = [layer for layer in get_args(Layer) if has_alpha or "alpha" not in layer]
    return tuple(document.read(layer).tobytes() for layer in layers)


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGKILL")
@pytest.mark.parametrize("attempt", range(4))
def test_a_kill_at_any_moment_loses_no_edit_that_was_written(
    path: Path, folder: Path, attempt: int
) -> None:
    chance = random.Random(attempt)
    child = subprocess.Popen(
        [sys.executable, crashing.__file__, str(folder), str(path)],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert child.stdout is not None
    said = [child.stdout.readline() for _ in range(chance.randrange(1, 12))]
    time.sleep(chance.uniform(0, 0.03))
    child.send_signal(signal.SIGKILL)
    last = int([*said, *child.communicate()[0].splitlines()][-1])

    (left,) = find_unsaved_work(folder)
    assert (left.path, left.source, left.photo_state) == (path, path, "same")
    document = opened(path)
    left.restore(document)
    left.discard()
    assert list(folder.iterdir()) == []

    replayed = opened(path)
    steps = crashing.edits(replayed)
    for _ in range(last + 1):
        next(steps)
    # What was done since the last line may be there too, as far as it got.
    states = [state(replayed)]
    for _ in range(12):
        next(steps)
        states.append(state(replayed))
    assert state(document) in states


def test_what_was_left_is_restored_as_one_edit(
    path: Path, folder: Path, journal: RecoveryJournal
) -> None:
    document = opened(path)
    journal.watch(document)
    paint(document)
    document.apply_fill(Rect(0, 0, 9, 9), np.zeros((9, 9, 3), np.uint8))
    with document.edit("history.protect") as editing:
        editing.write("protect", Rect(600, 410, 10, 10), np.full((10, 10), 255, np.uint8))
    paint(document, 7)
    document.undo()
    journal.flush()
    (left,) = find_unsaved_work(crashed(folder, folder.parent / "crashed"))
    again = opened(path)
    left.restore(again)
    assert state(again) == state(document)
    assert [entry.name_key for entry in again.history.entries] == ["recovery.restored"]
    assert again.is_modified
    again.undo()
    assert not again.is_modified
    assert state(again) == state(opened(path))
    left.discard()


def test_where_to_copy_from_and_the_project_are_kept_with_edits_alone(
    path: Path, folder: Path, journal: RecoveryJournal, tmp_path: Path
) -> None:
    document, project = opened(path), tmp_path / "work.lacuna"
    project.write_bytes(b"a project")
    link = ProjectLink(project, FileVersion.at(project))
    journal.watch(document)
    journal.note_project(document, link)
    source_of(document).set_point((300.5, 20.25))
    journal.flush()
    assert not folder.exists()  # nothing was edited: there is nothing to restore
    paint(document)
    source_of(document).set_target((30.0, 400.0))  # after the last edit
    source_of(document).choose(3)
    source_of(document).set_point((7.0, 6.0))
    source_of(document).choose(1)
    journal.flush()
    (left,) = find_unsaved_work(crashed(folder, folder.parent / "crashed"))
    assert left.project == link
    assert link.is_current
    again = opened(path)
    journal.recover(left, again)
    source = source_of(again)
    assert (source.point, source.target) == ((300.5, 20.25), (30.0, 400.0))
    source.choose(3)
    assert (source.point, source.target) == ((7.0, 6.0), None)
    source.choose(1)
    journal.flush()
    found = find_unsaved_work(crashed(folder, folder.parent / "crashed again"))
    assert [work.project for work in found] == [link, link]  # the next crash knows it too
    for work in found:
        work.release()
    third = crashed(folder, folder.parent / "the third crash")
    work, other = find_unsaved_work(third)
    other.release()
    journal.recover(work, again)  # changes nothing, as all of it is there already
    journal.flush()
    assert len(list(third.glob("*.journal"))) == 1  # and is not offered for ever
    project.write_bytes(b"another one")
    assert not link.is_current


def test_work_is_not_lost_with_where_to_copy_from(
    path: Path, folder: Path, journal: RecoveryJournal
) -> None:
    document = opened(path)
    journal.watch(document)
    paint(document)
    source_of(document).set_point((30.0, 20.0))
    journal.flush()
    copy = crashed(folder, folder.parent / "crashed")
    (damaged,) = copy.glob("*.journal")
    with closing(sqlite3.connect(damaged)) as connection, connection:
        connection.execute("update about set value = ? where name = 'copy'", ('{"source": [1]}',))
    (left,) = find_unsaved_work(copy)
    again = opened(path)
    left.restore(again)
    assert state(again) == state(document)
    assert source_of(again).point is None
    left.discard()


def test_a_journal_in_use_is_not_offered(
    path: Path, folder: Path, journal: RecoveryJournal
) -> None:
    document = opened(path)
    journal.watch(document)
    assert not folder.exists()
    paint(document)
    journal.flush()
    assert find_unsaved_work(folder) == []
    journal.forget(document)
    journal.flush()
    assert list(folder.iterdir()) == []
    paint(document, 3)
    journal.flush()
    assert list(folder.iterdir()) == []


def test_what_is_offered_is_held(path: Path, folder: Path, journal: RecoveryJournal) -> None:
    document = opened(path)
    journal.watch(document)
    paint(document)
    journal.flush()
    copy = crashed(folder, folder.parent / "crashed")
    (left,) = find_unsaved_work(copy)
    assert find_unsaved_work(copy) == []
    left.release()
    (left,) = find_unsaved_work(copy)
    left.discard()
    assert find_unsaved_work(copy) == []


def test_an_edit_that_was_rolled_back_is_not_written(
    path: Path, folder: Path, journal: RecoveryJournal
) -> None:
    document = opened(path)
    journal.watch(document)
    editing = document.begin("history.brush")
    editing.write("mask", SQUARE, np.full((SQUARE.h, SQUARE.w), 9, np.uint8))
    editing.rollback()
    journal.flush()
    assert not folder.exists()


def test_nothing_is_lost_between_the_old_journal_and_the_new(
    path: Path, folder: Path, journal: RecoveryJournal
) -> None:
    document = opened(path)
    journal.watch(document)
    paint(document)
    journal.flush()
    old = crashed(folder, folder.parent / "crashed")
    (left,) = find_unsaved_work(old)
    again = opened(path)
    journal.recover(left, again)
    journal.flush()
    assert list(old.iterdir()) == []
    found = find_unsaved_work(crashed(folder, folder.parent / "crashed again"))
    assert len(found) == 2  # the first document's, and the restored one's
    for left in found:
        third = opened(path)
        left.restore(third)
        assert state(third) == state(document)
        left.discard()


@pytest.mark.parametrize(
    ("kind", "expected"), [("touched", "same"), ("changed", "changed"), ("missing", "missing")]
)
def test_a_photo_that_changed_on_the_disk_is_said(
    path: Path, folder: Path, journal: RecoveryJournal, kind: str, expected: str
) -> None:
    document = opened(path)
    journal.watch(document)
    paint(document)
    journal.flush()
    if kind == "touched":
        os.utime(path, (1, 1))
    elif kind == "changed":
        write_photo(path, Photo(document.pixels[::-1].copy()), overwrite=True)
    else:
        path.unlink()
    (left,) = find_unsaved_work(crashed(folder, folder.parent / "crashed"))
    assert left.photo_state == expected
    assert left.path == path
    left.discard()


def test_another_photo_is_refused(path: Path, folder: Path, journal: RecoveryJournal) -> None:
    document = opened(path)
    journal.watch(document)
    paint(document)
    values = np.zeros((9, 9, 3), np.uint8)
    document.apply_fill(Rect(0, 0, 9, 9), values, alpha=values[..., 0])
    journal.flush()
    (left,) = find_unsaved_work(crashed(folder, folder.parent / "crashed"))
    for other in (
        Photo(document.pixels.copy()),  # not transparent any more
        Photo(document.pixels[:-1].copy()),
        Photo(document.pixels.astype(np.uint16)),
    ):
        with pytest.raises(BadRequest):
            left.restore(Document(other))
    left.discard()


@pytest.mark.parametrize("bits", [8, 16])
def test_a_pasted_photo_comes_back_itself(
    folder: Path, journal: RecoveryJournal, bits: int
) -> None:
    rng = np.random.default_rng(2)
    kind = np.uint8 if bits == 8 else np.uint16
    document = Document(Photo(rng.integers(0, 2**bits, (50, 300, 3)).astype(kind)))
    journal.watch(document)
    with document.edit("history.brush") as editing:
        editing.write("mask", Rect(250, 0, 50, 50), np.full((50, 50), 255, np.uint8))
    journal.flush()
    (left,) = find_unsaved_work(crashed(folder, folder.parent / "crashed"))
    assert left.path is None
    again = Document(read_photo(left.source))
    left.restore(again)
    assert state(again) == state(document)
    left.discard()
    assert list((folder.parent / "crashed").iterdir()) == []


def test_the_newest_comes_first(path: Path, folder: Path, journal: RecoveryJournal) -> None:
    documents = [opened(path) for _ in range(3)]
    for document in documents:
        journal.watch(document)
        paint(document)
    journal.flush()
    paint(documents[1], 9)
    journal.flush()
    found = find_unsaved_work(crashed(folder, folder.parent / "crashed"))
    times = [left.edited_at for left in found]
    assert times == sorted(times, reverse=True)
    again = opened(path)
    found[0].restore(again)
    assert state(again) == state(documents[1])
    for left in found:
        left.discard()


def test_a_journal_does_not_grow_with_the_number_of_edits(
    path: Path, folder: Path, journal: RecoveryJournal
) -> None:
    document = opened(path)
    journal.watch(document)
    rng = np.random.default_rng(0)
    sizes = []
    for _ in range(20):
        document.apply_fill(Rect(0, 0, 300, 300), rng.integers(0, 256, (300, 300, 3), np.uint8))
        journal.flush()
        sizes.append(sum(file.stat().st_size for file in folder.iterdir()))
    assert sizes[-1] <= 1.2 * sizes[1]


def test_a_damaged_journal_is_put_aside(
    path: Path, folder: Path, journal: RecoveryJournal, caplog: pytest.LogCaptureFixture
) -> None:
    document = opened(path)
    journal.watch(document)
    paint(document)
    journal.flush()
    copy = crashed(folder, folder.parent / "crashed")
    (file,) = copy.glob("*.journal")
    file.write_bytes(b"not a database, but long enough to be looked at" * 100)
    assert find_unsaved_work(copy) == []
    assert [found.suffix for found in copy.glob("*.damaged")] == [".damaged"]
    assert "cannot be read" in caplog.text
    assert find_unsaved_work(copy) == []


def test_a_damaged_tile_is_said_and_nothing_is_restored(
    path: Path, folder: Path, journal: RecoveryJournal
) -> None:
    document = opened(path)
    journal.watch(document)
    paint(document)
    journal.flush()
    copy = crashed(folder, folder.parent / "crashed")
    (file,) = copy.glob("*.journal")
    with sqlite3.connect(file) as connection:
        connection.execute("update tile set data = x'00' where column = 1")
    connection.close()
    (left,) = find_unsaved_work(copy)
    again = opened(path)
    with pytest.raises(PhotoDamaged):
        left.restore(again)
    assert not again.mask.any()
    assert not again.is_modified
    left.discard()


def test_a_journal_that_cannot_be_written_is_said_once(
    path: Path, folder: Path, journal: RecoveryJournal, qtbot: QtBot
) -> None:
    folder.parent.mkdir()
    folder.write_text("in the way")
    document = opened(path)
    journal.watch(document)
    heard: list[object] = []
    journal.failed.connect(heard.append)
    with qtbot.waitSignal(journal.failed):
        paint(document)
    paint(document, 9)
    journal.flush()
    qtbot.wait(50)
    assert [type(error) for error in heard] == [CannotWrite]
    folder.unlink()
    paint(document, 7)  # tried again, with everything that was not written
    journal.flush()
    (left,) = find_unsaved_work(crashed(folder, folder.parent / "crashed"))
    again = opened(path)
    left.restore(again)
    assert state(again) == state(document)
    left.discard()


def test_a_journal_without_an_edit_is_no_offer(tmp_path: Path) -> None:
    file = tmp_path / "begun.journal"
    file.touch()
    assert find_unsaved_work(tmp_path) == []
    assert file.exists()  # perhaps another program is about to write to it
    os.utime(file, (1, 1))
    assert find_unsaved_work(tmp_path) == []
    assert not file.exists()


def test_no_folder_means_nothing_was_left(tmp_path: Path) -> None:
    found: list[UnsavedWork] = find_unsaved_work(tmp_path / "never made")
    assert found == []


def test_what_was_done_before_it_was_watched_is_kept_too(
    path: Path, folder: Path, journal: RecoveryJournal
) -> None:
    document = opened(path)
    paint(document)
    document.apply_fill(Rect(0, 0, 9, 9), np.zeros((9, 9, 3), np.uint8))
    journal.watch(document)
    journal.flush()
    (left,) = find_unsaved_work(crashed(folder, folder.parent / "crashed"))
    again = opened(path)
    left.restore(again)
    assert state(again) == state(document)
    left.discard()


def test_copies_without_a_journal_go_after_a_day(tmp_path: Path) -> None:
    for name in ("old.tif", ".old.part", "new.tif", ".new.part"):
        (tmp_path / name).touch()
        if "old" in name:
            os.utime(tmp_path / name, (1, 1))
    assert find_unsaved_work(tmp_path) == []
    assert {found.name for found in tmp_path.iterdir()} == {"new.tif", ".new.part"}
