"""Output and error streams that are closed, full, or read by nobody."""

from __future__ import annotations

import errno
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from shots import Shot

import inpaint_core
from inpaint_core.batch.batch_journal import NAME, BatchJournal
from inpaint_core.cli import main
from inpaint_core.contract.errors import CannotWrite
from inpaint_core.contract.message import Message

posix = pytest.mark.skipif(os.name != "posix", reason="POSIX shells")
full = pytest.mark.skipif(not Path("/dev/full").exists(), reason="Linux's full device")


def shell(line: str, *arguments: object, unbuffered: bool = False) -> tuple[int, str]:
    """Run ``inpaint "$@"`` with the redirections in ``line``; its exit code and what was said."""
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONUNBUFFERED"}
    if unbuffered:
        environment["PYTHONUNBUFFERED"] = "1"
    command = ["sh", "-c", f'exec "$0" -m inpaint_core "$@" {line}', sys.executable]
    done = subprocess.run(
        [*command, *map(str, arguments)],
        capture_output=True,
        cwd=Path(inpaint_core.__file__).parents[1],
        env=environment,
        check=False,
        timeout=120,
    )
    return done.returncode, (done.stdout + done.stderr).decode()


def fill(shot: Shot) -> tuple[object, ...]:
    argv = ("fill", shot.photo, "--mask", shot.mask, "--out", shot.out)
    return (*argv, "--engine", "harmonic", "--overwrite", "--verbose")


@posix
@pytest.mark.parametrize("line", ["2>&-", ">&-", ">&- 2>&-", "<&- >&- 2>&-", "<&-"])
def test_closed_streams_are_done_without(shot: Shot, line: str) -> None:
    code, said = shell(line, *fill(shot))
    assert code == 0
    assert shot.out.exists()
    assert ("read again" in said) == (line in (">&-", "<&-"))
    assert shell(line, "info", shot.photo)[0] == 0
    assert shell(line, "info", shot.folder / "none.png")[0] == 2


@full
@pytest.mark.parametrize("unbuffered", [False, True])
def test_results_that_find_no_room_are_told(shot: Shot, unbuffered: bool) -> None:
    for argv in (("info", shot.photo), ("--version",), ("--help",), ("engines",)):
        code, said = shell(">/dev/full", *argv, unbuffered=unbuffered)
        assert code == 2
        lost = Message("command.output_lost", reason="No space left on device")
        hint = Message("command.output_lost.hint")
        assert said.splitlines() == [f"inpaint: {lost}", f"hint: {hint}"]
    code, said = shell(">/dev/full", "info", shot.folder / "none.png", unbuffered=unbuffered)
    assert code == 2
    assert "none.png" in said


@full
def test_messages_that_find_no_room_are_no_failure(shot: Shot) -> None:
    assert shell("2>/dev/full", *fill(shot)) == (0, "")
    assert shot.out.exists()
    assert shell("2>/dev/full", "info", shot.folder / "none.png") == (2, "")
    assert shell(">/dev/full 2>/dev/full", "info", shot.photo) == (2, "")


@full
def test_the_report_of_a_batch_outlives_its_sums(shot: Shot) -> None:
    report = shot.folder / "r.json"
    argv = ("batch", shot.photo, "--mask", shot.mask, "--out-dir", shot.folder / "out")
    code, _ = shell(">/dev/full", *argv, "--engine", "harmonic", "--report", report)
    assert code == 2
    assert json.loads(report.read_text("utf-8"))["summary"]["done"] == 1


@posix
@pytest.mark.parametrize("argv", [("engines",), ("--help",), ("info", "PHOTO")])
def test_a_reader_that_went_away_is_no_error(shot: Shot, argv: tuple[str, ...]) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "inpaint_core",
            *(a.replace("PHOTO", str(shot.photo)) for a in argv),
        ],
        stdout=writing,
        stderr=subprocess.PIPE,
        cwd=Path(inpaint_core.__file__).parents[1],
        check=False,
    )
    os.close(writing)
    assert (done.returncode, done.stderr) == (141, b"")


@posix
def test_a_reader_of_messages_that_went_away_stops_nothing(shot: Shot) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(
        [sys.executable, "-m", "inpaint_core", *map(str, fill(shot))],
        stdout=subprocess.PIPE,
        stderr=writing,
        cwd=Path(inpaint_core.__file__).parents[1],
        check=False,
    )
    os.close(writing)
    assert (done.returncode, done.stdout) == (0, b"")
    assert shot.out.exists()


class FullDisk:
    """A disk that takes ``room`` bytes more of batch journals."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, room: int) -> None:
        self.room = room
        self._open = Path.open
        monkeypatch.setattr(Path, "open", lambda path, *a, **k: self.open(path, *a, **k))

    def open(self, path: Path, mode: str = "r", *more: Any, **named: Any) -> Any:
        stream = self._open(path, mode, *more, **named)
        if path.name == NAME and mode == "ab":
            write = stream.write

            def limited(content: bytes) -> int:
                if self.room == 0:
                    raise OSError(errno.ENOSPC, "No space left on device")
                part = content[: self.room]
                self.room -= len(part)
                return int(write(part))

            return Proxy(stream, limited)
        return stream


class Proxy:
    def __init__(self, stream: Any, write: Callable[[bytes], int]) -> None:
        self.write, self.tell, self.close = write, stream.tell, stream.close


def test_a_journal_on_a_full_disk_goes_on_when_there_is_room(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    disk = FullDisk(monkeypatch, 1000)
    with BatchJournal(tmp_path) as journal:
        journal.add("a.png", "started", "1")
        disk.room = 10
        with pytest.raises(CannotWrite, match="disk is full"):
            journal.add("b.png", "started", "2")
        disk.room = 1000
        journal.add("c.png", "started", "3")
    again = BatchJournal(tmp_path)
    assert (again.owns("a.png"), again.owns("c.png")) == (True, True)


def test_a_full_disk_ends_a_batch_with_its_sums(
    shot: Shot, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    disk = FullDisk(monkeypatch, 0)
    argv = ("batch", shot.photo, "--mask", shot.mask, "--out-dir", shot.folder / "out")
    for room in (0, 10, 0):
        disk.room = room
        assert main([*map(str, argv), "--engine", "harmonic"]) == 1
        out, err = capfd.readouterr()
        assert out.splitlines()[0].startswith("1 failed, in ")
        assert NAME in err
        assert "Unexpected" not in err
