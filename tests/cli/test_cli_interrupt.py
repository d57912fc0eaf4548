"""Ctrl-C: a clean stop, exit code 130, no output."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from shots import Shot

import inpaint_core
from inpaint_core.cli import main
from inpaint_core.cli.interruption import cancel_on_signals
from inpaint_core.cli.terminal import ProgressBar
from inpaint_core.contract.progress import Cancelled, Progress
from inpaint_core.engine.engine import Engine
from inpaint_core.generators.registry import generators

posix = pytest.mark.skipif(os.name != "posix", reason="POSIX signals")

# An engine that never ends, and says when it has begun.
ENDLESS = """
import sys, time
from inpaint_core.contract.message import Message
from inpaint_core.engine.engine import Engine

def inpaint(self, request, progress):
    print("begun", flush=True)
    while True:
        progress.report(0.5, Message("retouch.reading_photo"))
        time.sleep(0.01)

Engine.inpaint = inpaint
from inpaint_core.cli import main
sys.exit(main(sys.argv[1:]))
"""


@posix
@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_stops_a_process_and_leaves_no_output(shot: Shot, number: int, code: int) -> None:
    argv = ["fill", shot.photo, "--mask", shot.mask, "--out", shot.out, "--engine", "harmonic"]
    with subprocess.Popen(
        [sys.executable, "-c", ENDLESS, *map(str, argv), "--report", str(shot.folder / "r.json")],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        cwd=Path(inpaint_core.__file__).parents[1],
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "begun\n"
        process.send_signal(number)
        out, err = process.communicate(timeout=60)
    assert process.returncode == code
    assert (out, err) == ("", "inpaint: Stopped; nothing unfinished was written.\n")
    assert sorted(p.name for p in shot.folder.iterdir()) == ["mask.png", "photo.png"]


# After the sub-command: while Python takes itself apart.
AT_THE_END = """
import atexit, os, signal, sys
from inpaint_core.cli import main
atexit.register(lambda: os.kill(os.getpid(), int(number)))
number = sys.argv.pop()
sys.exit(main())
"""


@posix
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_after_the_end_changes_nothing(shot: Shot, number: int) -> None:
    for photo, code in ((shot.photo, 0), (shot.folder / "none.png", 2)):
        done = subprocess.run(
            [sys.executable, "-c", AT_THE_END, "info", str(photo), str(int(number))],
            capture_output=True,
            text=True,
            cwd=Path(inpaint_core.__file__).parents[1],
            check=False,
        )
        assert done.returncode == code
        assert "Traceback" not in done.stderr


@pytest.mark.parametrize("engine", [e for e, s in generators().items() if not s.uses_torch])
@pytest.mark.parametrize("already", [True, False])
def test_the_real_engines_stop_in_the_middle(
    engine: str,
    already: bool,
    shot: Shot,
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    reached = []

    def interrupt(self: ProgressBar, fraction: float, text: str) -> None:
        reached.append(fraction)
        if fraction >= 0.06:  # the engine is at work
            signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr(ProgressBar, "__call__", interrupt)
    if already:
        shot.out.write_bytes(b"precious")
    before = signal.getsignal(signal.SIGINT)
    assert shot.fill("--overwrite", engine=engine) == 130
    assert capfd.readouterr() == ("", "inpaint: Stopped; nothing unfinished was written.\n")
    assert reached[-1] < 1
    assert shot.out.exists() == already
    if already:
        assert shot.out.read_bytes() == b"precious"
    assert len(list(shot.folder.iterdir())) == 2 + already
    assert signal.getsignal(signal.SIGINT) is before


def test_a_second_signal_does_not_wait(
    shot: Shot, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def stubborn(*_: object) -> None:
        signal.raise_signal(signal.SIGINT)
        signal.raise_signal(signal.SIGINT)
        pytest.fail("the second signal was ignored")

    monkeypatch.setattr(Engine, "inpaint", stubborn)
    assert shot.fill() == 130
    assert capfd.readouterr().err == "inpaint: Stopped.\n"
    assert not shot.out.exists()


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
@pytest.mark.parametrize("ending", [".png", ".tif", ".jpg", ".webp", ".bmp"])
@pytest.mark.parametrize("place", ["sync", "rename", "after", "report"])
def test_a_signal_while_the_output_is_written_is_heeded(
    shot: Shot,
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    number: int,
    code: int,
    ending: str,
    place: str,
) -> None:
    shot.out = shot.folder / f"out{ending}"
    assert shot.fill() == 0
    whole = shot.out.read_bytes()
    shot.out.write_bytes(b"precious")
    report = shot.folder / "r.json"
    capfd.readouterr()
    patch_place(monkeypatch, place, lambda: signal.raise_signal(number))
    assert shot.fill("--overwrite", "--report", report) == code
    said = capfd.readouterr().err.splitlines()[-1]
    if shot.out.read_bytes() == b"precious":
        assert said == "inpaint: Stopped; nothing unfinished was written."
    else:
        assert shot.out.read_bytes() == whole
        assert said == f"inpaint: Stopped; “{shot.out}” was already complete and has been saved."
    assert not list(shot.folder.glob(".lacuna-*"))


def patch_place(monkeypatch: pytest.MonkeyPatch, place: str, interrupt: Callable[[], None]) -> None:
    """Call ``interrupt`` while the output is synced, right before or after it takes its name, or
    while the report is written.
    """
    sync, move = os.fsync, Path.replace
    calls: list[int] = []

    def fsync(number: int) -> None:
        calls.append(number)
        if (place, len(calls)) in (("sync", 1), ("report", 2)):
            interrupt()
        sync(number)

    def replace(path: Path, target: Path) -> Path:
        if (place, len(calls)) == ("rename", 1):
            interrupt()
        moved = move(path, target)
        if (place, len(calls)) == ("after", 1):
            interrupt()
        return moved

    monkeypatch.setattr(os, "fsync", fsync)
    monkeypatch.setattr(Path, "replace", replace)


def test_a_second_sigterm_has_its_own_exit_code(
    shot: Shot, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stubborn(*_: object) -> None:
        signal.raise_signal(signal.SIGTERM)
        signal.raise_signal(signal.SIGTERM)

    monkeypatch.setattr(Engine, "inpaint", stubborn)
    assert shot.fill() == 143


def test_a_cancel_that_is_no_signal_is_left_alone() -> None:
    progress = Progress()
    progress.cancel()
    with pytest.raises(Cancelled) as caught, cancel_on_signals(progress):
        progress.check()
    assert caught.value.args == ()


def test_it_works_outside_the_main_thread(shot: Shot) -> None:
    codes: list[int] = []
    argv = ["fill", shot.photo, "--mask", shot.mask, "--out", shot.out, "--engine", "harmonic"]
    thread = threading.Thread(target=lambda: codes.append(main([str(a) for a in argv])))
    thread.start()
    thread.join()
    assert codes == [0]


@posix
def test_a_closed_pipe_is_no_error() -> None:
    code = "from inpaint_core.cli import main; import sys; sys.exit(main(['engines', '--json']))"
    with subprocess.Popen(
        [sys.executable, "-c", code],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=Path(inpaint_core.__file__).parents[1],
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == 141


@posix
def test_a_terminal_sees_a_bar_and_a_summary(shot: Shot) -> None:
    import pty

    ours, theirs = pty.openpty()
    argv = ["fill", shot.photo, "--mask", shot.mask, "--out", shot.out, "--engine", "harmonic"]
    with subprocess.Popen(
        [sys.executable, "-m", "inpaint_core", *map(str, argv)],
        stdout=subprocess.PIPE,
        stderr=theirs,
        cwd=Path(inpaint_core.__file__).parents[1],
        env={**os.environ, "TERM": "xterm", "COLUMNS": "200"},
    ) as process:
        os.close(theirs)
        shown = b""
        try:
            while piece := os.read(ours, 4096):
                shown += piece
        except OSError:  # Linux says so when the other end is closed
            pass
        out, _ = process.communicate(timeout=60)
    os.close(ours)
    assert (process.returncode, out) == (0, b"")
    text = shown.decode("utf-8")
    assert "\r[" in text
    assert " %  " in text
    assert "320 pixels filled by harmonic on cpu in " in text.split("\r")[-2]
