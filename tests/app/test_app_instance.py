"""A second start hands its photos to the window that is there."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtNetwork import QLocalServer, QLocalSocket
from pytestqt.qtbot import QtBot

from app.instance.claim import claim_window, window_address
from app.instance.hand_over import hand_over
from app.instance.requests import OpenRequest
from app.instance.window_listener import WindowListener
from app.instance.window_process import find_own_program
from app.system.association.set_association import launch_command
from app.ui.shell.editor import Editor

ROOT = Path(__file__).resolve().parents[2]

# Hands over from a process of its own, as this one runs the window's event loop.
_HAND_OVER = """
import sys, time
from pathlib import Path
from PySide6.QtCore import QCoreApplication
from app.instance.hand_over import hand_over
application = QCoreApplication([])
paths = [Path(name) for name in sys.argv[3:]]
print(hand_over(paths, Path(sys.argv[1]), time.monotonic() + float(sys.argv[2])))
"""


def start_lacuna(home: Path, *arguments: object, cwd: Path | None = None) -> subprocess.Popen[str]:
    """The program itself, with folders of its own in ``home``."""
    folders = {f"XDG_{kind}_HOME": str(home / kind) for kind in ("CONFIG", "STATE")}
    environment = {**os.environ, **folders, "QT_QPA_PLATFORM": "offscreen", "HOME": str(home)}
    return subprocess.Popen(
        [sys.executable, "-m", "app", *map(str, arguments)],
        env={**environment, "PYTHONPATH": str(ROOT)},
        cwd=cwd,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def hand_over_from_elsewhere(
    address: Path, *paths: object, seconds: float = 60, cwd: Path | None = None
) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", _HAND_OVER, str(address), str(seconds), *map(str, paths)],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        cwd=cwd,
        stdout=subprocess.PIPE,
        text=True,
    )


@pytest.fixture
def short(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder whose sockets have a short enough path."""
    return tmp_path_factory.mktemp("w")


@pytest.fixture
def address(short: Path) -> Path:
    return short / "window"


@pytest.fixture
def listening(editor: Editor, address: Path, qtbot: QtBot) -> Editor:
    editor.listen(address)
    probe = QLocalSocket()

    def is_there() -> bool:
        probe.connectToServer(str(address))
        found = probe.waitForConnected(100)
        probe.abort()
        return found

    qtbot.waitUntil(is_there, timeout=20000)
    return editor


def test_the_window_opens_what_another_process_hands_over(
    listening: Editor, address: Path, photo: Path, qtbot: QtBot
) -> None:
    listening.window.showMinimized()
    other = hand_over_from_elsewhere(address, photo.name, cwd=photo.parent)
    qtbot.waitUntil(lambda: len(listening.controller.sessions) == 1, timeout=60000)
    assert other.communicate()[0] == "\n"
    assert listening.controller.sessions[0].document.path == photo
    assert not listening.window.windowState() & Qt.WindowState.WindowMinimized


def test_without_a_photo_the_window_comes_to_the_front(
    listening: Editor, address: Path, qtbot: QtBot
) -> None:
    listening.window.showMinimized()
    other = hand_over_from_elsewhere(address)
    qtbot.waitUntil(lambda: not listening.window.isMinimized(), timeout=60000)
    assert other.communicate()[0] == "\n"
    assert listening.controller.sessions == []


def test_what_is_not_a_request_is_not_obeyed(
    qtbot: QtBot, address: Path, qtlog: object, caplog: pytest.LogCaptureFixture
) -> None:
    listener = WindowListener(address)
    asked: list[OpenRequest] = []
    listener.asked.connect(asked.append)
    for line in (b"\n", b"[]\n", b'{"open": ["relative"], "token": ""}\n', b"[" * 9999 + b"\n"):
        socket = QLocalSocket()
        socket.connectToServer(str(address))
        socket.write(line)
        qtbot.waitUntil(lambda s=socket: s.state() == s.LocalSocketState.UnconnectedState)
        assert socket.readAll().data() == b""
    assert asked == []
    listener.close()


def test_a_window_that_hangs_is_left_alone_and_opens_nothing_later(
    qtbot: QtBot, address: Path, photo: Path
) -> None:
    listener = WindowListener(address)  # its event loop does not run meanwhile
    asked: list[OpenRequest] = []
    listener.asked.connect(asked.append)
    other = hand_over_from_elsewhere(address, photo, seconds=0.2)
    assert "answer" in other.communicate()[0]
    qtbot.wait(200)
    assert asked == []
    listener.close()


def test_a_socket_that_a_crash_left_behind_is_replaced(
    qtbot: QtBot, address: Path, qapp: object
) -> None:
    first = QLocalServer()
    assert first.listen(str(address))
    left = address.with_name("left")
    os.link(address, left) if hasattr(os, "link") else None
    first.close()
    left.rename(address)  # as if nobody had removed it
    assert "reached" in hand_over([], address, time.monotonic() + 0.1)
    listener = WindowListener(address)
    assert listener.is_listening
    listener.close()


def test_a_claim_is_held_by_one_and_ends_with_its_process(short: Path) -> None:
    address = short / "state" / "window"
    code = (
        "import sys; from pathlib import Path; from app.instance.claim import claim_window\n"
        "claim = claim_window(Path(sys.argv[1])); print(claim is not None, flush=True); input()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code, str(address)],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "True\n"
        assert claim_window(address) is None
        other.kill()
    claim = claim_window(address)
    assert claim is not None
    claim.release()


def test_other_settings_have_another_window(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = window_address()
    monkeypatch.setattr("app.instance.claim.config_folder", lambda: tmp_path)
    assert window_address() != one


@pytest.mark.parametrize("name", ["/a/ä b.jpg", "/a/\udcff.jpg", '/a/"\n'])
def test_a_request_arrives_as_it_was_sent(name: str) -> None:
    request = OpenRequest((Path(name),), "token")
    line = request.encode()
    assert line.count(b"\n") == 1
    assert OpenRequest.decode(line) == request


@pytest.fixture
def first(short: Path, photo: Path) -> Iterator[subprocess.Popen[str]]:
    process = start_lacuna(short)
    yield process
    process.kill()
    process.communicate()


def wait_for_socket(home: Path) -> Path:
    end = time.monotonic() + 60
    while time.monotonic() < end:
        found = [path for path in home.rglob("window-*") if path.is_socket()]
        if found:
            return found[0]
        time.sleep(0.05)
    raise AssertionError("no window listens")


@pytest.mark.skipif(os.name == "nt", reason="looks at the socket's file")
def test_two_starts_of_the_program_make_one_window(
    short: Path, photo: Path, first: subprocess.Popen[str]
) -> None:
    wait_for_socket(short)
    second = start_lacuna(short, photo.name, cwd=photo.parent)
    _, errors = second.communicate(timeout=60)
    assert (second.returncode, errors) == (0, "")
    assert first.poll() is None
    recent = short / "CONFIG" / "Lacuna" / "Lacuna.conf"
    end = time.monotonic() + 60
    while str(photo) not in recent.read_text("utf-8") and time.monotonic() < end:
        time.sleep(0.05)
    assert str(photo) in recent.read_text("utf-8")


@pytest.mark.skipif(os.name == "nt", reason="looks at the socket's file")
def test_after_a_crash_the_next_start_listens(short: Path, first: subprocess.Popen[str]) -> None:
    wait_for_socket(short)
    first.kill()
    first.communicate()
    next_one = start_lacuna(short)
    try:
        address = wait_for_socket(short)
        end = time.monotonic() + 60
        while (reason := ask(address)) and time.monotonic() < end:
            time.sleep(0.05)
        assert not reason
    finally:
        next_one.kill()
        next_one.communicate()


def ask(address: Path) -> str:
    """Why the window at ``address`` does not come to the front; "" if it does."""
    return hand_over_from_elsewhere(address, seconds=5).communicate()[0].strip()


def test_the_window_of_an_appimage_is_started_from_its_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What it holds goes with the process that waits. Another program's image is not ours."""
    monkeypatch.setenv("APPIMAGE", "/photos/Lacuna.AppImage")
    monkeypatch.setenv("APPDIR", str(tmp_path / "mounted"))
    assert find_own_program() == (sys.executable, "-m", "app")
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    assert find_own_program() == launch_command() == (sys.executable,)
    inside = str(tmp_path / "mounted" / "usr" / "lib" / "lacuna" / "lacuna")
    monkeypatch.setattr(sys, "executable", inside)
    assert find_own_program() == launch_command() == ("/photos/Lacuna.AppImage",)
    monkeypatch.delenv("APPIMAGE")
    assert find_own_program() == launch_command() == (inside,)
