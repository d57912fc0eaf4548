"""A journal may hold anything: it hides no other, and restores nothing that is damaged."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import stat
import time
import zlib
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from app.document.document import Document
from app.session.recovery.recovery_journal import RecoveryJournal
from app.session.recovery.unsaved_work import UnsavedWork, find_unsaved_work
from inpaint_core.contract.errors import InpaintError, PhotoDamaged
from inpaint_core.contract.geometry import Rect
from inpaint_core.photo.photo import Photo
from inpaint_core.photo.read_photo import read_photo
from inpaint_core.photo.write_photo import write_photo

SQUARE = Rect(240, 10, 40, 40)


@pytest.fixture(scope="module")
def crash(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with “good.png” and “bad.png”, and “journals” with a brush stroke on each."""
    folder = tmp_path_factory.mktemp("crash")
    pixels = np.random.default_rng(1).integers(0, 256, (420, 610, 3), np.uint8)
    journal = RecoveryJournal(folder / "state")
    for name in ("good", "bad"):
        write_photo(folder / f"{name}.png", Photo(pixels))
        document = Document(read_photo(folder / f"{name}.png"), folder / f"{name}.png")
        journal.watch(document)
        with document.edit("history.brush") as editing:
            editing.write("mask", SQUARE, np.full((SQUARE.h, SQUARE.w), 255, np.uint8))
        journal.flush()
        shutil.copytree(folder / "state", folder / "journals", dirs_exist_ok=True)
        (left,) = (folder / "state").glob("*.journal")
        (folder / "journals" / left.name).rename(folder / "journals" / f"{name}.journal")
        journal.forget(document)
        journal.flush()
    journal.close()
    return folder


@pytest.fixture
def left(crash: Path, tmp_path: Path) -> Path:
    """A copy of the journals to spoil."""
    shutil.copytree(crash / "journals", tmp_path / "left")
    return tmp_path / "left"


def spoil(file: Path, statement: str, *values: object) -> None:
    with closing(sqlite3.connect(file)) as connection:
        connection.execute(statement, values)
        connection.commit()


def restore(work: UnsavedWork, photo: Path) -> Document:
    document = Document(read_photo(photo), photo)
    work.restore(document)
    return document


def check_only_good(left: Path, crash: Path) -> None:
    """The good journal is offered and restored; the bad one is not offered, or refused."""
    found = {
        None if work.path is None else work.path.name: work for work in find_unsaved_work(left)
    }
    assert "good.png" in found
    for name, work in found.items():
        document = Document(read_photo(crash / "good.png"), crash / "good.png")
        try:
            work.restore(document)
        except InpaintError:
            assert name != "good.png"
            assert not document.is_modified
        work.release()
    good = next(work for work in find_unsaved_work(left) if work.source == crash / "good.png")
    assert restore(good, crash / "good.png").mask.any()


_SET = "update about set value = ? where name = ?"
_VALUES = (
    *("{}", "[1]", '[1, "2"]', "[null, 1]", "-1", "1e999", "1" * 5000, "true", '"x"'),
    *('"\\u0000"', "[" * 100_000),
)
_BAD_ABOUT = [
    *(
        (_SET, value, name)
        for name in ("path", "shape", "bits", "when", "format", "stat", "sha256")
        for value in _VALUES
    ),
    *((_SET, value, name) for name in ("shape", "bits", "when") for value in (None, "null")),
    *(
        ("insert into about values (?, ?)", name, value)
        for name in ("copy", "project")
        for value in (*_VALUES, '{"source": [1]}', '{"path": "p", "version": [1, 2]}')
    ),
    (_SET, None, "path"),
    (_SET, b"\xff\xfe", "path"),
    (_SET, json.dumps("x" * 40_000), "path"),
    (_SET, json.dumps("x/" * 10_000), "path"),
    (_SET, json.dumps("\ud800"), "path"),
    ("insert into about values (null, null)",),
    ("insert into about values ('odd', 'no JSON')",),
    ("alter table about rename column value to other",),
    ("drop table about",),
    ("drop table tile",),
]


def test_one_bad_journal_does_not_hide_the_others(crash: Path, tmp_path: Path) -> None:
    for number, damage in enumerate(_BAD_ABOUT):
        left = tmp_path / str(number)
        shutil.copytree(crash / "journals", left)
        spoil(left / "bad.journal", *damage)
        check_only_good(left, crash)


def test_what_is_no_journal_does_not_hide_the_others(crash: Path, left: Path) -> None:
    whole = (left / "bad.journal").read_bytes()
    (left / "bad.journal").unlink()
    (left / "folder.journal").mkdir()
    (left / "empty.journal").touch()
    (left / "garbage.journal").write_bytes(whole[:100] + b"garbage" * 999)
    (left / "text.journal").write_text("text")
    (left / "cut.journal").write_bytes(whole[: len(whole) // 2])
    if os.name != "nt":
        os.mkfifo(left / "pipe.journal")
        (left / "gone.journal").symlink_to(left / "nowhere")
    check_only_good(left, crash)


def test_a_damaged_journal_is_kept_for_a_day(left: Path) -> None:
    (left / "bad.journal").write_bytes(b"garbage")
    week_ago = time.time() - 7 * 24 * 3600
    os.utime(left / "bad.journal", (week_ago, week_ago))

    def look() -> bool:
        for work in find_unsaved_work(left):
            work.release()
        return (left / "bad.damaged").exists()

    assert look()  # it was found only now
    assert look()
    os.utime(left / "bad.damaged", (week_ago, week_ago))
    assert not look()
    assert (left / "good.journal").exists()


def test_a_journal_of_a_newer_version_is_left_alone(crash: Path, left: Path) -> None:
    with closing(sqlite3.connect(left / "bad.journal")) as connection:
        rows = dict(connection.execute("select name, value from about"))
    assert rows["format"] == "2"
    spoil(left / "bad.journal", _SET, "3", "format")
    check_only_good(left, crash)
    assert (left / "bad.journal").exists()


def test_a_journal_of_an_older_version_is_offered(crash: Path, left: Path) -> None:
    spoil(left / "good.journal", _SET, "1", "format")
    check_only_good(left, crash)


def test_a_journal_without_a_version_is_of_the_first(crash: Path, left: Path) -> None:
    spoil(left / "good.journal", "delete from about where name = 'format'")
    check_only_good(left, crash)


_PUT = "replace into tile values (?, ?, ?, ?)"
_BAD_TILES = {
    "another layer": (_PUT, "name", 0, 0, b""),
    "no layer": (_PUT, None, 0, 0, b""),
    "a text": (_PUT, "mask", 0, 0, "text"),
    "nothing": (_PUT, "mask", 0, 0, None),
    "a number": (_PUT, "mask", 0, 0, 1.5),
    "no row": (_PUT, "mask", None, 0, zlib.compress(bytes(65536))),
    "a row of text": (_PUT, "mask", "x", 0, zlib.compress(bytes(65536))),
    "half a row": (_PUT, "mask", 0.5, 0, zlib.compress(bytes(65536))),
    "outside": (_PUT, "mask", 9, 0, zlib.compress(bytes(65536))),
    "far outside": (_PUT, "mask", -(2**63), 2**62, zlib.compress(bytes(65536))),
    "no zlib": (_PUT, "mask", 0, 0, b"garbage"),
    "cut off": (_PUT, "mask", 0, 0, zlib.compress(bytes(65536))[:-8]),
    "too short": (_PUT, "mask", 0, 0, zlib.compress(bytes(65535))),
    "too long": (_PUT, "mask", 0, 0, zlib.compress(bytes(65537))),
    "a bomb": (_PUT, "mask", 0, 0, zlib.compress(bytes(200 << 20))),
    "a large value": (_PUT, "mask", 0, 0, bytes(4 << 20)),
    "another column": ("alter table tile rename column data to other",),
}


@pytest.mark.parametrize("damage", _BAD_TILES.values(), ids=_BAD_TILES)
def test_a_bad_tile_is_said_and_nothing_is_restored(
    crash: Path, left: Path, damage: tuple[str, ...]
) -> None:
    spoil(left / "bad.journal", *damage)
    (bad,) = (work for work in find_unsaved_work(left) if work.source == crash / "bad.png")
    document = Document(read_photo(crash / "bad.png"), crash / "bad.png")
    with pytest.raises(PhotoDamaged, match="damaged"):
        bad.restore(document)
    assert not document.mask.any()
    assert not document.is_modified


def test_a_damaged_page_is_found_before_anything_is_restored(crash: Path, left: Path) -> None:
    spoil(left / "bad.journal", "create index extra on tile (row)")
    whole = bytearray((left / "bad.journal").read_bytes())
    with closing(sqlite3.connect(left / "bad.journal")) as connection:
        (page,) = connection.execute(
            "select rootpage from sqlite_master where name = 'extra'"
        ).fetchone()
        (size,) = connection.execute("pragma page_size").fetchone()
    whole[(page - 1) * size : page * size] = bytes(size)
    (left / "bad.journal").write_bytes(whole)
    (bad,) = (work for work in find_unsaved_work(left) if work.source == crash / "bad.png")
    with pytest.raises(PhotoDamaged, match="damaged"):
        restore(bad, crash / "bad.png")


@pytest.mark.skipif(os.name == "nt", reason="Windows has no modes")
def test_a_journal_is_the_owners_alone(tmp_path: Path, crash: Path) -> None:
    folder = tmp_path / "state" / "journals"
    folder.mkdir(parents=True, mode=0o755)
    folder.chmod(0o755)  # as an earlier version made it
    journal = RecoveryJournal(folder)
    photo = read_photo(crash / "good.png")
    for path in (crash / "good.png", None):
        document = Document(photo, path)
        journal.watch(document)
        with document.edit("history.brush") as editing:
            editing.write("mask", SQUARE, np.full((SQUARE.h, SQUARE.w), 255, np.uint8))
    journal.flush()
    files = sorted(found.suffix for found in folder.iterdir())
    assert files in (
        [".journal", ".journal", ".tif"],
        [".journal"] * 2 + [".journal-journal"] * 2 + [".tif"],
    )
    assert {stat.S_IMODE(found.stat().st_mode) for found in folder.iterdir()} == {0o600}
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    journal.close()
