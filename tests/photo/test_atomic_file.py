"""A file is there whole or not at all, and what was there before survives every failure."""

from __future__ import annotations

import errno
import io
import os
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from renders import scene

from inpaint_core.contract.errors import CannotWrite
from inpaint_core.photo import atomic_file as atomic
from inpaint_core.photo.atomic_file import write_atomically
from inpaint_core.photo.formats.jpeg import jpeg_writer
from inpaint_core.photo.formats.png import png_writer
from inpaint_core.photo.formats.registry import writable_formats
from inpaint_core.photo.formats.tiff import tiff_writer
from inpaint_core.photo.photo import Photo
from inpaint_core.photo.read_photo import read_photo
from inpaint_core.photo.write_photo import write_photo

PHOTO = Photo(scene(60, 80))


def test_the_content_arrives_at_the_end(tmp_path: Path) -> None:
    path = tmp_path / "a.bin"
    with write_atomically(path, overwrite=False) as stream:
        stream.write(b"whole")
        assert not path.exists()
    assert path.read_bytes() == b"whole"
    assert list(tmp_path.iterdir()) == [path]


def test_what_exists_is_replaced_only_when_told(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(b"before")
    with pytest.raises(CannotWrite, match="exists") as caught:
        write_photo(path, PHOTO)
    assert "--overwrite" in str(caught.value.hint)
    assert path.read_bytes() == b"before"
    write_photo(path, PHOTO, overwrite=True)
    np.testing.assert_array_equal(read_photo(path).pixels, PHOTO.pixels)
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("failure", [ValueError, KeyboardInterrupt, MemoryError])
def test_any_failure_leaves_the_old_file_and_nothing_else(
    tmp_path: Path, failure: type[BaseException]
) -> None:
    path = tmp_path / "a.bin"
    path.write_bytes(b"before")
    with pytest.raises(failure), write_atomically(path, overwrite=True) as stream:  # noqa: PT012
        stream.write(b"half")
        raise failure
    assert path.read_bytes() == b"before"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("suffix", sorted(writable_formats()))
def test_a_full_disk_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, suffix: str) -> None:
    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    path = tmp_path / f"a{suffix}"
    path.write_bytes(b"before")
    monkeypatch.setattr(atomic.os, "fsync", full)
    with pytest.raises(CannotWrite, match="disk is full"):
        write_photo(path, PHOTO, overwrite=True)
    assert path.read_bytes() == b"before"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.skipif(sys.platform == "win32", reason="limits of file sizes are POSIX")
def test_a_file_that_the_system_cuts_off_is_named(tmp_path: Path) -> None:
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (2000, hard))
    try:
        with pytest.raises(CannotWrite, match="disk is full"):
            write_photo(tmp_path / "a.bmp", PHOTO)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("code", [errno.EACCES, errno.EROFS, errno.EPERM])
def test_a_folder_that_may_not_be_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    def refuse(*_: object, **__: object) -> int:
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(atomic.os, "open", refuse)  # permissions do not stop root
    with pytest.raises(CannotWrite, match="do not have permission") as caught:
        write_photo(tmp_path / "a.png", PHOTO)
    assert "permissions" in str(caught.value.hint)


def test_folders_and_missing_folders_are_named(tmp_path: Path) -> None:
    folder = tmp_path / "folder.png"
    folder.mkdir()
    with pytest.raises(CannotWrite, match="is a folder"):
        write_photo(folder, PHOTO, overwrite=True)
    with pytest.raises(CannotWrite, match="does not exist"):
        write_photo(tmp_path / "missing" / "a.png", PHOTO)
    with pytest.raises(CannotWrite):
        write_photo(tmp_path / ("x" * 400 + ".png"), PHOTO)
    assert list(tmp_path.iterdir()) == [folder]


def test_an_encoder_that_fails_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*arguments: object) -> None:
        for argument in arguments:
            if isinstance(argument, io.IOBase):
                argument.write(b"half of it")
        raise OSError("encoder error -2")

    monkeypatch.setattr(jpeg_writer, "encode_jpeg", fail)
    monkeypatch.setattr(png_writer, "write_png", fail)
    monkeypatch.setattr(tiff_writer, "write_tiff", fail)
    for suffix in (".jpg", ".png", ".tif"):
        with pytest.raises(CannotWrite, match="encoder error"):
            write_photo(tmp_path / f"a{suffix}", PHOTO)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(sys.platform == "win32", reason="modes and links are POSIX")
def test_modes_and_links_stay(tmp_path: Path) -> None:
    path, link = tmp_path / "a.png", tmp_path / "link.png"
    write_photo(path, PHOTO)
    umask = os.umask(0)
    os.umask(umask)
    assert stat.S_IMODE(path.stat().st_mode) == 0o666 & ~umask
    path.chmod(0o640)
    link.symlink_to(path)
    write_photo(link, PHOTO, overwrite=True)
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert link.is_symlink()


@pytest.mark.skipif(os.name == "nt", reason="Windows has no modes")
@pytest.mark.parametrize("exists", [False, True])
def test_a_part_of_an_output_is_the_owners_alone(tmp_path: Path, exists: bool) -> None:
    path = tmp_path / "a.bin"
    if exists:
        path.touch()
        path.chmod(0o664)
    umask = os.umask(0)
    os.umask(umask)
    with write_atomically(path, overwrite=True) as stream:
        stream.write(b"half")
        stream.flush()
        (part,) = (found for found in tmp_path.iterdir() if found != path)
        assert stat.S_IMODE(part.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.stat().st_mode) == (0o664 if exists else 0o666 & ~umask)


KILLED = """
import os, signal, sys
from pathlib import Path
from inpaint_core.photo.atomic_file import write_atomically
with write_atomically(Path(sys.argv[1]), overwrite=True) as stream:
    stream.write(b"half of it")
    stream.flush()
    os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="kills by a signal")
def test_what_a_killed_save_left_is_removed_by_the_next_one(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(b"the old one")
    done = subprocess.run([sys.executable, "-c", KILLED, str(path)], check=False)
    assert done.returncode == -signal.SIGKILL
    assert path.read_bytes() == b"the old one"
    (left,) = (other for other in tmp_path.iterdir() if other != path)
    # Not older than this process: it might be one's own.
    write_photo(path, PHOTO, overwrite=True)
    assert left.exists()
    hour_ago = time.time() - 3600
    os.utime(left, (hour_ago, hour_ago))
    kept = [tmp_path / name for name in (".lacuna-notes.part", ".0123456789abcdef.part", "b.part")]
    kept.append(tmp_path / left.name.replace("lacuna", "other"))
    for other in kept:
        other.write_bytes(b"not ours")
        os.utime(other, (hour_ago, hour_ago))
    with left.open("rb") as stream:  # another process still writes it
        atomic.lock_partial(stream)
        write_photo(path, PHOTO, overwrite=True)
        assert left.exists()
    write_photo(path, PHOTO, overwrite=True)
    assert sorted(tmp_path.iterdir()) == sorted([path, *kept])


def test_a_save_under_way_is_not_taken_for_a_killed_one(tmp_path: Path) -> None:
    with write_atomically(tmp_path / "a.png", overwrite=False) as stream:
        atomic.remove_stale(tmp_path, before=time.time() + 3600)  # all files are older
        write_photo(tmp_path / "b.png", PHOTO)
        stream.write(b"whole")
    assert (tmp_path / "a.png").read_bytes() == b"whole"


@pytest.mark.skipif(sys.platform == "win32", reason="links need rights there")
def test_a_ring_of_links_is_refused(tmp_path: Path) -> None:
    ring = tmp_path / "ring.png"
    ring.symlink_to(ring)
    with pytest.raises(CannotWrite, match="ring"), write_atomically(ring, overwrite=True):
        pass
    assert ring.readlink() == ring
