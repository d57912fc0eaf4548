from __future__ import annotations

import os
import stat
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QSettings, Qt
from PySide6.QtGui import QImage
from pytestqt.qtbot import QtBot

import resources
from app.session.library.recent_files import RecentFiles
from app.session.library.thumbnail_maker import THUMBNAIL_SIDE, ThumbnailMaker
from app.ui.welcome.welcome_page import WelcomePage
from app.workers.decoder.decoder_pool import DecoderPool
from app.workers.jobs import Lane


@pytest.fixture
def recent(tmp_path: Path, lane: Lane, decoder: DecoderPool) -> RecentFiles:
    store = QSettings(str(tmp_path / "recent.ini"), QSettings.Format.IniFormat)
    return RecentFiles(store, ThumbnailMaker(lane, decoder, tmp_path / "cache"))


def photo_at(path: Path, size: tuple[int, int] = (600, 400)) -> Path:
    x = np.linspace(0, 255, size[0], dtype=np.uint8)
    pixels = np.broadcast_to(x[None, :, None], (size[1], size[0], 3))
    Image.fromarray(np.ascontiguousarray(pixels)).save(path)
    return path


def test_newest_first_each_once_and_no_more_than_twelve(
    recent: RecentFiles, tmp_path: Path
) -> None:
    paths = [tmp_path / f"{n}.jpg" for n in range(15)]
    for path in paths:
        recent.add(path)
    recent.add(paths[10])
    assert recent.paths[:2] == (paths[10], paths[14])
    assert len(recent.paths) == 12
    recent.remove(paths[14])
    assert paths[14] not in recent.paths


def test_a_single_photo_and_odd_names_come_back(recent: RecentFiles, tmp_path: Path) -> None:
    path = tmp_path / "café, „Strand“ [1].jpg"
    recent.add(path)
    assert recent.paths == (path,)


def test_the_sample_is_not_remembered(recent: RecentFiles) -> None:
    recent.add(resources.path("samples/beach.jpg"))
    assert recent.paths == ()


def test_a_thumbnail_is_made_once(qtbot: QtBot, recent: RecentFiles, tmp_path: Path) -> None:
    path = photo_at(tmp_path / "a.jpg")
    with qtbot.waitSignal(recent.thumbnails.ready) as made:
        recent.thumbnails.request(path)
    assert made.args is not None
    picture = QImage.fromData(made.args[1])
    size = (picture.width(), picture.height())
    assert size == (THUMBNAIL_SIDE, round(THUMBNAIL_SIDE * 400 / 600))
    (cached,) = (tmp_path / "cache").glob("*.png")
    stamp = cached.stat().st_mtime_ns
    with qtbot.waitSignal(recent.thumbnails.ready) as again:
        recent.thumbnails.request(path)
    assert again.args == made.args
    assert cached.stat().st_mtime_ns == stamp
    whole = cached.read_bytes()
    for damaged in (b"", whole[:-5], b"garbage" * 99):
        cached.write_bytes(damaged)
        with qtbot.waitSignal(recent.thumbnails.ready) as anew:
            recent.thumbnails.request(path)
        assert anew.args == made.args
        assert cached.read_bytes() == whole
    if os.name != "nt":  # it shows a photo of this user
        assert stat.S_IMODE(cached.stat().st_mode) == 0o600
        assert stat.S_IMODE(cached.parent.stat().st_mode) == 0o700
    recent.clear()
    assert not list((tmp_path / "cache").glob("*.png"))


def test_missing_and_damaged_photos_have_none(
    qtbot: QtBot, recent: RecentFiles, tmp_path: Path
) -> None:
    bad = tmp_path / "bad.jpg"
    bad.write_bytes(b"\xff\xd8\xff" + bytes(100))
    told: dict[Path, object] = {}
    recent.thumbnails.ready.connect(lambda path, picture: told.update({path: picture}))
    recent.thumbnails.request(bad)
    recent.thumbnails.request(tmp_path / "gone.jpg")
    qtbot.waitUntil(lambda: len(told) == 2)
    assert set(told.values()) == {None}


def test_a_folder_that_cannot_be_written_costs_the_cache_only(
    qtbot: QtBot, lane: Lane, decoder: DecoderPool, tmp_path: Path
) -> None:
    (tmp_path / "file").write_bytes(b"")
    store = QSettings(str(tmp_path / "r.ini"), QSettings.Format.IniFormat)
    recent = RecentFiles(store, ThumbnailMaker(lane, decoder, tmp_path / "file" / "cache"))
    with qtbot.waitSignal(recent.thumbnails.ready) as made:
        recent.thumbnails.request(photo_at(tmp_path / "a.png"))
    assert made.args is not None
    assert made.args[1] is not None


def test_the_welcome_page_shows_them_and_opens_one(
    qtbot: QtBot, recent: RecentFiles, tmp_path: Path
) -> None:
    there, gone = photo_at(tmp_path / "there.jpg"), tmp_path / "gone.jpg"
    recent.add(gone)
    recent.add(there)
    page = WelcomePage(recent)
    qtbot.addWidget(page)
    page.resize(1280, 760)
    rows = page.recent_photos.list
    page.show()
    qtbot.waitUntil(lambda: not rows.item(1).flags() & Qt.ItemFlag.ItemIsEnabled)
    assert str(gone) in rows.item(1).toolTip()
    asked: list[Path] = []
    page.recent_asked.connect(asked.append)
    place = rows.visualItemRect(rows.item(0)).center()
    qtbot.mouseClick(rows.viewport(), Qt.MouseButton.LeftButton, pos=place)
    qtbot.mouseClick(
        rows.viewport(),
        Qt.MouseButton.LeftButton,
        pos=rows.visualItemRect(rows.item(1)).center(),
    )
    assert asked == [there]
    rows.setCurrentRow(0)
    qtbot.keyClick(rows, Qt.Key.Key_Delete)
    assert recent.paths == (gone,)
    recent.remove(gone)
    assert page.recent_photos.isHidden()


def test_nothing_is_decoded_for_a_page_that_is_not_seen(
    qtbot: QtBot, recent: RecentFiles, tmp_path: Path, lane: Lane
) -> None:
    page = WelcomePage(recent)
    qtbot.addWidget(page)
    page.show()
    recent.add(photo_at(tmp_path / "a.png"))
    recent.add(photo_at(tmp_path / "b.png"))
    page.hide()  # as when the photo is shown instead
    qtbot.wait(20)
    qtbot.waitUntil(lambda: not lane.jobs)
    assert not list((tmp_path / "cache").glob("*.png"))
    made: list[object] = []
    recent.thumbnails.ready.connect(lambda path, picture: made.append(path))
    page.show()
    qtbot.waitUntil(lambda: len(made) == 2, timeout=20_000)


def test_the_welcome_page_works_without_recent_photos(qtbot: QtBot, recent: RecentFiles) -> None:
    page = WelcomePage(recent)
    qtbot.addWidget(page)
    page.show()
    assert page.recent_photos.isHidden()
    with qtbot.waitSignal(page.open_asked):
        qtbot.keyClick(page.focusProxy(), Qt.Key.Key_Space)


@pytest.mark.parametrize(
    "stored",
    ["[" * 100_000, '{"a": ' * 50_000, "9" * 5000, "null", "{}", '[1, null, ["a"], ""]', "\x00"],
)
def test_a_damaged_list_is_an_empty_one(
    tmp_path: Path, lane: Lane, decoder: DecoderPool, stored: str
) -> None:
    store = QSettings(str(tmp_path / "recent.ini"), QSettings.Format.IniFormat)
    store.setValue("recent/photos", stored)
    recent = RecentFiles(store, ThumbnailMaker(lane, decoder, tmp_path / "cache"))
    assert [path for path in recent.paths if path != Path()] == []
    recent.add(tmp_path / "a.png")
    assert recent.paths[0] == tmp_path / "a.png"
