"""The program's own folders: never relative, never another's, and closed to everybody else."""

from __future__ import annotations

import os
import stat
import sys
from pathlib import Path

import platformdirs
import pytest

from inpaint_core.local import own_folders
from inpaint_core.local.own_folders import (
    NOWHERE,
    cache_folder,
    config_folder,
    is_private,
    log_folder,
    make_private,
    read_private,
    state_folder,
    write_private,
)

FOLDERS = (cache_folder, config_folder, log_folder, state_folder)
posix = pytest.mark.skipif(os.name == "nt", reason="Windows has no modes")


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have other variables")
@pytest.mark.parametrize("value", ["", "relative", ".", "./numba"])
def test_no_folder_is_relative(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("CACHE", "CONFIG", "STATE"):
        monkeypatch.setenv(f"XDG_{name}_HOME", value)
    for home in ("/nowhere/at/all", "", "home"):
        monkeypatch.setenv("HOME", home)
        for find in FOLDERS:
            assert find().is_absolute()
            assert not find().is_relative_to(tmp_path)


@pytest.mark.parametrize("error", [RuntimeError("no home"), OSError("no home")])
def test_without_a_home_there_is_no_folder_and_nothing_fails_but_writing(
    monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def refuse(*_: object, **__: object) -> Path:
        raise error

    for kind in ("cache", "config", "log", "state"):
        monkeypatch.setattr(platformdirs, f"user_{kind}_path", refuse)
    for find in FOLDERS:
        assert find() == NOWHERE
    assert not is_private(NOWHERE)
    assert list(NOWHERE.glob("*")) == []
    with pytest.raises(OSError, match=r"."):
        write_private(NOWHERE / "a", b"1")
    with pytest.raises(OSError, match=r"."):
        read_private(NOWHERE / "a", 10)


@posix
def test_files_and_folders_are_the_owners_alone(tmp_path: Path) -> None:
    path = tmp_path / "new" / "folder" / "file"
    write_private(path, b"12345")
    assert (mode(path.parent), mode(path)) == (0o700, 0o600)
    assert read_private(path, 5) == b"12345"
    write_private(path, b"678")
    assert read_private(path, 5) == b"678"
    assert [found.name for found in path.parent.iterdir()] == ["file"]
    path.parent.chmod(0o755)
    make_private(path.parent)
    assert mode(path.parent) == 0o700


@posix
def test_what_others_can_write_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "folder" / "file"
    write_private(path, b"1")
    for bits in (0o755, 0o770, 0o777, 0o1777):
        path.parent.chmod(bits)
        with pytest.raises(PermissionError):
            read_private(path, 10)
    with pytest.raises(PermissionError):
        write_private(path, b"2")
    path.parent.chmod(0o700)
    for bits in (0o620, 0o602, 0o666):
        path.chmod(bits)
        with pytest.raises(PermissionError):
            read_private(path, 10)
    path.chmod(0o600)
    assert read_private(path, 10) == b"1"


@posix
def test_what_others_own_is_not_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "folder" / "file"
    write_private(path, b"1")
    owner = os.geteuid()
    monkeypatch.setattr(own_folders.os, "geteuid", lambda: owner + 1)
    assert not is_private(path.parent)
    with pytest.raises(PermissionError):
        read_private(path, 10)
    with pytest.raises(PermissionError):
        write_private(path, b"2")
    with pytest.raises(PermissionError):
        make_private(path.parent)


@posix
def test_links_pipes_and_what_is_too_long_are_not_read(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    write_private(folder / "file", b"123")
    (folder / "link").symlink_to(folder / "file")
    os.mkfifo(folder / "pipe", 0o600)
    (tmp_path / "linked").symlink_to(folder)
    for path, most in (
        (folder / "link", 10),
        (folder / "pipe", 10),
        (folder / "file", 2),
        (folder, 10),
        (tmp_path / "linked" / "file", 10),
    ):
        with pytest.raises(OSError, match=r"."):
            read_private(path, most)
    folder.chmod(0o755)
    make_private(tmp_path / "linked")  # a folder that a person put elsewhere
    assert mode(folder) == 0o700
    assert (tmp_path / "linked").is_symlink()


@posix
def test_a_failed_write_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise OSError("full")

    path = tmp_path / "folder" / "file"
    monkeypatch.setattr(Path, "replace", refuse)
    with pytest.raises(OSError, match="full"):
        write_private(path, b"1")
    assert list(path.parent.iterdir()) == []
