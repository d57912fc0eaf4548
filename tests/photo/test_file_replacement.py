"""A file that another program has written in the meantime stays, and what is replaced keeps its
names, its owner and its permissions.
"""

from __future__ import annotations

import errno
import os
import stat
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from renders import scene

from inpaint_core.contract.errors import CannotWrite, FileChanged
from inpaint_core.contract.options import OutputOptions
from inpaint_core.photo import file_replacement
from inpaint_core.photo.atomic_file import write_atomically
from inpaint_core.photo.file_version import FileVersion
from inpaint_core.photo.photo import Photo
from inpaint_core.photo.read_photo import read_photo
from inpaint_core.photo.write_photo import write_photo
from inpaint_core.retouch.save_photo import save_photo

posix = pytest.mark.skipif(sys.platform == "win32", reason="owners, modes and links are POSIX")
PHOTO = Photo(scene(60, 80))
NOBODY = 65534


def replace_with(path: Path, content: bytes, seen: FileVersion | None = None) -> None:
    with write_atomically(path, overwrite=True, seen=seen) as stream:
        stream.write(content)


def rewrite(path: Path) -> None:
    path.write_bytes(b"newer, in place")


def move_over(path: Path) -> None:
    other = path.with_name("other")
    other.write_bytes(b"newer, by its name")
    other.replace(path)


def write_backdated(path: Path) -> None:
    """Of the same size, and with the time that the old one had, as some copying programs do."""
    old = path.stat()
    move_over(path)
    path.write_bytes(b"N" * old.st_size)
    os.utime(path, ns=(old.st_atime_ns, old.st_mtime_ns))


@pytest.mark.parametrize("change", [rewrite, move_over, write_backdated])
@pytest.mark.parametrize("late", [False, True], ids=["before writing", "while writing"])
def test_a_newer_version_is_left_alone(tmp_path: Path, change: object, late: bool) -> None:
    path = tmp_path / "a.bin"
    path.write_bytes(b"as it was read")
    seen = FileVersion.at(path)
    if not late:
        change(path)
    with (  # noqa: PT012
        pytest.raises(FileChanged, match="changed by another program") as caught,
        write_atomically(path, overwrite=True, seen=seen) as stream,
    ):
        stream.write(b"ours")
        if late:
            change(path)
    assert str(caught.value.hint)
    assert path.read_bytes()[:1] in (b"n", b"N")
    assert list(tmp_path.iterdir()) == [path]
    replace_with(path, b"now", FileVersion.at(path))
    assert path.read_bytes() == b"now"


def test_without_a_version_it_is_the_one_at_the_start(tmp_path: Path) -> None:
    path = tmp_path / "a.bin"
    path.write_bytes(b"before")
    with pytest.raises(FileChanged), write_atomically(path, overwrite=True) as stream:  # noqa: PT012
        stream.write(b"ours")
        rewrite(path)
    assert path.read_bytes() == b"newer, in place"


@pytest.mark.parametrize("overwrite", [False, True])
def test_a_file_that_appears_meanwhile_stays(tmp_path: Path, overwrite: bool) -> None:
    path = tmp_path / "a.bin"
    with pytest.raises(CannotWrite), write_atomically(path, overwrite) as stream:  # noqa: PT012
        stream.write(b"ours")
        rewrite(path)
    assert path.read_bytes() == b"newer, in place"
    assert list(tmp_path.iterdir()) == [path]


def test_a_file_that_appears_in_the_last_moment_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the last look and the new name."""
    path = tmp_path / "a.bin"
    put = file_replacement.put_in_place

    def appear_first(*arguments: object) -> None:
        rewrite(path)
        put(*arguments)

    monkeypatch.setattr("inpaint_core.photo.atomic_file.put_in_place", appear_first)
    with (
        pytest.raises(CannotWrite, match="exists"),
        write_atomically(path, overwrite=False) as stream,
    ):
        stream.write(b"ours")
    assert path.read_bytes() == b"newer, in place"
    assert list(tmp_path.iterdir()) == [path]


def test_a_file_that_is_gone_is_written_anew(tmp_path: Path) -> None:
    path = tmp_path / "a.bin"
    path.write_bytes(b"before")
    with write_atomically(path, overwrite=True) as stream:
        stream.write(b"ours")
        path.unlink()
    assert path.read_bytes() == b"ours"


def test_a_photo_knows_the_version_it_was_read_from(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    write_photo(path, PHOTO)
    photo = read_photo(path)
    assert photo.version == FileVersion.at(path)
    write_photo(path, Photo(PHOTO.pixels[::-1].copy()), overwrite=True)
    newer = path.read_bytes()
    nothing = np.zeros(photo.shape, bool)
    with pytest.raises(FileChanged):
        save_photo(path, photo, nothing, OutputOptions(), overwrite=True, seen=photo.version)
    assert path.read_bytes() == newer


@pytest.mark.parametrize("suffix", [".png", ".tif", ".webp", ".bmp", ".jpg"])
def test_what_fails_the_check_never_takes_the_name(tmp_path: Path, suffix: str) -> None:
    """The photo that is compared with differs outside of the mask: as if the disk had."""
    path = tmp_path / f"a{suffix}"
    path.write_bytes(b"the old one")

    def check(written: Path) -> None:
        assert written.parent == tmp_path
        assert read_photo(written).shape == PHOTO.shape
        assert path.read_bytes() == b"the old one"
        raise CannotWrite("photo.check_failed", path=path, reason="wrong")

    with pytest.raises(CannotWrite, match="was not written"):
        write_photo(path, PHOTO, overwrite=True, check=check)
    assert path.read_bytes() == b"the old one"
    assert list(tmp_path.iterdir()) == [path]


@posix
def test_all_names_of_a_file_show_the_new_content(tmp_path: Path) -> None:
    path, other = tmp_path / "a.bin", tmp_path / "b.bin"
    path.write_bytes(b"a longer content than the new one")
    path.chmod(0o640)
    other.hardlink_to(path)
    replace_with(path, b"new")
    assert other.read_bytes() == path.read_bytes() == b"new"
    assert path.samefile(other)
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert sorted(tmp_path.iterdir()) == [path, other]


@posix
def test_a_chain_of_links_stays(tmp_path: Path) -> None:
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    path, first, second = folder / "a.bin", tmp_path / "first", tmp_path / "second"
    path.write_bytes(b"before")
    first.symlink_to("elsewhere/a.bin")
    second.symlink_to("first")
    replace_with(second, b"new")
    assert second.is_symlink()
    assert first.is_symlink()
    assert path.read_bytes() == b"new"
    assert list(folder.iterdir()) == [path]


@posix
@pytest.mark.parametrize("fails_again", [False, True])
def test_content_that_cannot_be_exchanged_is_not_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fails_again: bool
) -> None:
    path, other = tmp_path / "a.bin", tmp_path / "b.bin"
    path.write_bytes(b"before")
    other.hardlink_to(path)
    copy_all, calls = file_replacement.shutil.copyfileobj, []

    def fail(source: object, target: object) -> None:
        calls.append(1)
        if len(calls) == 2 or (fails_again and len(calls) > 2):  # the first one is the copy
            target.write(b"ha")
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        copy_all(source, target)

    monkeypatch.setattr(file_replacement.shutil, "copyfileobj", fail)
    with pytest.raises(CannotWrite) as caught:
        replace_with(path, b"new")
    if fails_again:
        assert str(tmp_path / "a.bin~") in str(caught.value.message)
        assert (tmp_path / "a.bin~").read_bytes() == b"before"
    else:
        assert path.read_bytes() == b"before"
        assert sorted(tmp_path.iterdir()) == [path, other]


@posix
@pytest.mark.skipif(not hasattr(os, "setxattr"), reason="attributes are Linux's")
def test_attributes_stay(tmp_path: Path) -> None:
    path = tmp_path / "a.bin"
    path.write_bytes(b"before")
    try:
        os.setxattr(path, "user.rating", b"5")
    except OSError:
        pytest.skip("this drive has no attributes")
    inode = path.stat().st_ino
    replace_with(path, b"new")
    assert path.stat().st_ino != inode
    assert os.getxattr(path, "user.rating") == b"5"


@contextmanager
def as_anyone() -> Iterator[None]:
    """Permissions do not stop root, so root becomes nobody."""
    if os.geteuid():
        yield
        return
    os.setegid(NOBODY)
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)
        os.setegid(0)


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that everyone can reach: pytest's own are the user's alone."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o777)
        yield folder
        folder.chmod(0o777)


@posix
def test_a_file_in_a_folder_that_is_write_protected(open_folder: Path) -> None:
    path = open_folder / "a.bin"
    with as_anyone():
        path.write_bytes(b"before")
    open_folder.chmod(0o555)
    with as_anyone():
        replace_with(path, b"new")
        assert path.read_bytes() == b"new"
        with pytest.raises(CannotWrite, match="permission"):
            replace_with(open_folder / "b.bin", b"new")
    assert list(open_folder.iterdir()) == [path]


@posix
@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root has others")
def test_the_owner_stays(open_folder: Path) -> None:
    path = open_folder / "a.bin"
    path.write_bytes(b"before")
    path.chmod(0o666)
    with as_anyone():  # who may not give a file away: the content is exchanged
        replace_with(path, b"new")
    assert (path.stat().st_uid, path.read_bytes()) == (0, b"new")
    os.chown(path, NOBODY, NOBODY)
    path.chmod(0o640)
    inode = path.stat().st_ino
    replace_with(path, b"newer")  # root may
    found = path.stat()
    assert found.st_ino != inode
    assert (found.st_uid, found.st_gid, stat.S_IMODE(found.st_mode)) == (NOBODY, NOBODY, 0o640)
