"""Saving into a photo's own file, and photos that another program waits for."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QTimer
from PySide6.QtNetwork import QLocalSocket
from PySide6.QtWidgets import QApplication, QMessageBox, QPushButton
from pytestqt.qtbot import QtBot

from app.configuration.text import t
from app.instance.requests import ACCEPTED, CLOSED, NOT_OPENED, OpenRequest
from app.instance.window_listener import WindowListener
from app.session.export import list_losses
from app.session.raw_decoder import describe_reading_failure
from app.session.session import Session
from app.ui.dialogs import questions
from app.ui.dialogs.questions import IntoAnswer, UnsavedAnswer
from app.ui.shell import folder_commands
from app.ui.shell.editor import Editor
from app.ui.shell.saving import photo_writing
from app.ui.shell.saving.saving_rules import find_obstacle, find_save_target
from inpaint_core.contract.errors import PhotoUnsupported
from inpaint_core.contract.geometry import Rect
from inpaint_core.contract.options import OutputOptions
from inpaint_core.photo.colour.icc_profiles import make_profile
from inpaint_core.photo.layers import mark_retouched
from inpaint_core.photo.photo import Photo
from inpaint_core.photo.read_photo import read_photo
from inpaint_core.photo.write_photo import write_photo
from inpaint_core.retouch.save_photo import save_photo

HOLE = Rect(10, 10, 20, 20)
EXIF = b"II*\0\x08\0\0\0\x01\0\x0f\x01\x02\0\x07\0\0\0\x1a\0\0\0\0\0\0\0Camera\0\0"  # a maker
XMP = b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF/></x:xmpmeta>'


@pytest.fixture
def developed(tmp_path: Path) -> Path:
    """What a raw developer hands over: a TIFF of 16 bits with profile and metadata."""
    y, x = np.mgrid[:60, :90]
    pixels = np.stack([x * 600, y * 900, (x + y) * 333], axis=2).astype(np.uint16)
    path = tmp_path / "developed.tif"
    write_photo(path, Photo(pixels, icc=make_profile("p3"), exif=EXIF, xmp=XMP))
    path.chmod(0o640)
    return path


def settle(editor: Editor, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: not editor.controller.is_busy)


def open_and_fill(editor: Editor, qtbot: QtBot, path: Path) -> Session:
    editor.controller.open([path])
    qtbot.waitUntil(lambda: any(s.document.path == path for s in editor.controller.sessions))
    settle(editor, qtbot)
    session = editor.controller.current
    assert session is not None
    fill(session)
    return session


def fill(session: Session, value: int = 999) -> None:
    dtype = session.document.photo.pixels.dtype
    session.document.apply_fill(HOLE, np.full((20, 20, 3), min(value, 99), dtype))


def answer(monkeypatch: pytest.MonkeyPatch, said: IntoAnswer) -> list[tuple[object, ...]]:
    asked: list[tuple[object, ...]] = []

    def ask(parent: object, *about: object) -> IntoAnswer:
        asked.append(about)
        return said

    monkeypatch.setattr(questions, "ask_into_photo", ask)
    return asked


def press(editor: Editor, action: str) -> None:
    editor.window.actions_by_id[action].trigger()


def test_a_photo_goes_back_into_its_file_only_after_a_question(
    editor: Editor, qtbot: QtBot, developed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = open_and_fill(editor, qtbot, developed)
    before = developed.read_bytes()
    asked = answer(monkeypatch, "cancel")
    press(editor, "file.save_photo")
    assert asked == [("developed.tif", (), True)]
    assert developed.read_bytes() == before
    assert session.document.is_modified
    answer(monkeypatch, "once")
    press(editor, "file.save_photo")
    settle(editor, qtbot)
    assert not session.document.is_modified
    found, original = read_photo(developed), session.document.photo
    assert found.bits == 16
    assert (found.icc, found.xmp) == (original.icc, original.xmp)
    assert found.exif is not None
    assert b"Camera" in found.exif
    np.testing.assert_array_equal(found.pixels, session.document.pixels)
    assert stat.S_IMODE(developed.stat().st_mode) == 0o640
    assert [path.name for path in developed.parent.glob("*.part")] == []
    # The next time, it asks again.
    fill(session, 5)
    asked = answer(monkeypatch, "cancel")
    press(editor, "file.save_photo")
    assert len(asked) == 1


def test_once_allowed_ctrl_s_saves_into_photos_but_not_those_with_a_project(
    editor: Editor, qtbot: QtBot, developed: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    session = open_and_fill(editor, qtbot, developed)
    actions, window = editor.window.actions_by_id, editor.window
    assert find_save_target(session, editor.settings) == "project"
    assert t("actions.file.save") in actions["file.save"].text()
    assert actions["file.save_photo"].isVisible()
    assert not actions["file.save_project"].isVisible()
    assert actions["file.save"] not in window.top_bar.actions()
    answer(monkeypatch, "always")
    press(editor, "file.save_photo")
    settle(editor, qtbot)
    assert editor.settings.get("save.into_photo") == "always"
    assert find_save_target(session, editor.settings) == "photo"
    editor.controller.update_actions()
    assert t("actions.file.save_photo") in actions["file.save"].text()
    assert not actions["file.save_photo"].isVisible()
    assert actions["file.save_project"].isVisible()
    shown = window.top_bar.actions()
    assert shown.index(actions["file.save"]) + 1 == shown.index(actions["file.export"])
    fill(session, 7)
    asked = answer(monkeypatch, "cancel")
    press(editor, "file.save")
    settle(editor, qtbot)
    assert asked == []
    np.testing.assert_array_equal(read_photo(developed).pixels, session.document.pixels)
    editor.window.command_handlers.project_commands.projects.save(session, tmp_path / "a.lacuna")
    settle(editor, qtbot)
    assert find_save_target(session, editor.settings) == "project"
    assert t("actions.file.save") in actions["file.save"].text()
    assert actions["file.save"] not in window.top_bar.actions()


def test_what_the_file_has_besides_is_not_lost_without_a_question(
    editor: Editor, qtbot: QtBot, developed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Layers, once for each photo, also where saving was allowed for good."""
    original = read_photo(developed)
    editor.settings.set("export.layers", True)
    editor.settings.set("save.into_photo", "always")
    session = open_and_fill(editor, qtbot, developed)
    press(editor, "file.save")
    settle(editor, qtbot)
    editor.controller.close(session)
    session = open_and_fill(editor, qtbot, developed)
    assert session.document.photo.origin.has_layers
    assert len(list_losses(session.document.photo)) == 1
    asked = answer(monkeypatch, "cancel")
    before = developed.read_bytes()
    press(editor, "file.save")
    assert asked == [("developed.tif", (t("export.into.layers"),), False)]
    assert developed.read_bytes() == before
    answer(monkeypatch, "once")
    press(editor, "file.save")
    settle(editor, qtbot)
    assert developed.read_bytes() != before
    fill(session, 3)
    asked = answer(monkeypatch, "cancel")
    press(editor, "file.save")
    settle(editor, qtbot)
    assert asked == []
    outside = np.ones(original.shape, np.bool_)
    outside[HOLE.slices] = False
    np.testing.assert_array_equal(read_photo(developed).pixels[outside], original.pixels[outside])


@pytest.mark.parametrize("suffix", [".tif", ".psd", ".ora"])
def test_another_programs_file_does_not_lose_its_layers_without_a_question(
    editor: Editor,
    qtbot: QtBot,
    developed: Path,
    suffix: str,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    path, original = tmp_path / f"layers{suffix}", read_photo(developed)
    touched = np.zeros(original.shape, np.bool_)
    touched[HOLE.slices] = True
    layered = replace(original, retouched=mark_retouched(original, original, touched))
    save_photo(path, layered, touched, OutputOptions(layers=True))
    editor.edit_requests.add([path], lambda _: None)
    qtbot.waitUntil(lambda: len(editor.controller.sessions) == 1)
    (session,) = editor.controller.sessions
    fill(session)
    before = path.read_bytes()
    asked = answer(monkeypatch, "cancel")
    unsaved(monkeypatch, "save")
    for action in ("file.save", "file.close"):
        press(editor, action)
        settle(editor, qtbot)
        assert asked.pop() == (path.name, (t("export.into.layers"),), False)
    assert path.read_bytes() == before
    answer(monkeypatch, "once")
    press(editor, "file.save")
    settle(editor, qtbot)
    np.testing.assert_array_equal(read_photo(path).pixels, session.document.pixels)


def test_what_cannot_be_written_is_exported_instead(
    editor: Editor, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A GIF, and a PNG that is called a JPEG, which saving would make a JPEG."""
    gif, named = tmp_path / "a.gif", tmp_path / "b.jpg"
    Image.new("RGB", (90, 60), (9, 99, 200)).save(gif)
    Image.new("RGB", (90, 60), (9, 99, 200)).save(named, "PNG")
    editor.settings.set("save.into_photo", "always")
    exported: list[object] = []
    writing = editor.window.command_handlers.writing
    monkeypatch.setattr(writing, "export", exported.append)
    for path in (gif, named):
        before = path.read_bytes()
        session = open_and_fill(editor, qtbot, path)
        assert find_obstacle(session) is not None
        assert find_save_target(session, editor.settings) == "project"
        press(editor, "file.save_photo")
        assert t("export.into.no") in editor.window.notice.text
        (button,) = editor.window.notice.buttons
        button.click()
        assert exported.pop() is session
        assert path.read_bytes() == before


def test_a_newer_file_is_not_replaced_without_a_question(
    editor: Editor, qtbot: QtBot, developed: Path
) -> None:
    editor.settings.set("save.into_photo", "always")
    open_and_fill(editor, qtbot, developed)
    newer = replace(read_photo(developed), xmp=None)
    write_photo(developed, newer, overwrite=True)
    before = developed.read_bytes()
    press(editor, "file.save")
    settle(editor, qtbot)
    assert developed.read_bytes() == before
    texts = [button.text() for button in editor.window.notice.buttons]
    assert texts == [t("export.replace"), t("export.both"), t("export.cancel")]
    editor.window.notice.buttons[0].click()
    settle(editor, qtbot)
    assert developed.read_bytes() != before


def test_a_link_stays_a_link(editor: Editor, qtbot: QtBot, developed: Path) -> None:
    link = developed.with_name("link.tif")
    link.symlink_to(developed)
    editor.settings.set("save.into_photo", "always")
    session = open_and_fill(editor, qtbot, link)
    press(editor, "file.save")
    settle(editor, qtbot)
    assert link.is_symlink()
    np.testing.assert_array_equal(read_photo(developed).pixels, session.document.pixels)


def test_the_photos_own_file_is_shown_in_its_folder(
    editor: Editor, qtbot: QtBot, developed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown: list[Path] = []
    monkeypatch.setattr(folder_commands, "show_in_folder", shown.append)
    open_and_fill(editor, qtbot, developed)
    press(editor, "file.show_folder")
    assert shown == [developed]


def test_success_goes_by_itself_and_shows_the_folder_but_a_warning_stays(
    editor: Editor, qtbot: QtBot, developed: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    shown: list[Path] = []
    monkeypatch.setattr(photo_writing, "show_in_folder", shown.append)
    editor.settings.set("save.into_photo", "always")
    session = open_and_fill(editor, qtbot, developed)
    notice = editor.window.notice
    press(editor, "file.save")
    settle(editor, qtbot)
    assert "developed.tif" in notice.text
    assert notice.fading.isActive()
    (button,) = notice.buttons
    assert button.text() == t("export.show")
    notice.fading.setInterval(1)
    notice.fading.start()
    qtbot.waitUntil(lambda: notice.text == "")
    editor.settings.set("export.format", "jpeg")  # which loses eight bits
    press(editor, "file.quick_export")
    settle(editor, qtbot)
    assert notice.text
    assert not notice.fading.isActive()
    notice.clear_calm()
    assert notice.text
    (button,) = notice.buttons
    button.click()
    assert shown == [developed.with_name("developed-lacuna.jpg")]
    assert session.document.path == developed


@pytest.mark.parametrize(
    ("key", "want"), [("into.go", "once"), ("into.export", "export"), ("cancel", "cancel")]
)
def test_the_question_names_what_would_be_lost(
    editor: Editor, qtbot: QtBot, key: str, want: str
) -> None:
    texts: list[str] = []

    def press_button() -> None:
        box = QApplication.activeModalWidget()
        assert isinstance(box, QMessageBox)
        texts.extend((box.text(), box.informativeText()))
        (button,) = [b for b in box.findChildren(QPushButton) if b.text() == t(f"export.{key}")]
        button.click()

    QTimer.singleShot(0, press_button)
    assert questions.ask_into_photo(editor.window, "a.tif", ("layers", "a page"), True) == want
    assert "a.tif" in texts[0]
    assert "layers" in texts[1]
    assert "a page" in texts[1]


# -- other programs ------------------------------------------------------------------------------


@pytest.fixture
def address(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("w") / "window"


class Program:
    """Another program, which has handed photos over."""

    def __init__(self, address: Path, *paths: Path) -> None:
        self.heard = b""
        self.socket = QLocalSocket()
        self.socket.readyRead.connect(self._on_data)
        self.socket.connectToServer(str(address))
        self.socket.write(OpenRequest(paths, waits=True).encode())

    def _on_data(self) -> None:
        self.heard += self.socket.readAll().data()


def listen(editor: Editor, qtbot: QtBot, address: Path) -> None:
    editor.listen(address)
    qtbot.waitUntil(address.exists)


def unsaved(monkeypatch: pytest.MonkeyPatch, said: UnsavedAnswer) -> list[tuple[object, ...]]:
    asked: list[tuple[object, ...]] = []

    def ask(parent: object, *about: object) -> UnsavedAnswer:
        asked.append(about)
        return said

    monkeypatch.setattr(questions, "ask_unsaved", ask)
    return asked


@pytest.mark.skipif(os.name == "nt", reason="waits for the socket's file")
def test_another_program_hears_when_its_photo_is_closed(
    editor: Editor, qtbot: QtBot, address: Path, developed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And its file has what was done, with no question asked."""
    listen(editor, qtbot, address)
    program = Program(address, developed)
    controller = editor.controller
    qtbot.waitUntil(lambda: len(controller.sessions) == 1)
    (session,) = controller.sessions
    assert session.is_handed_over
    assert find_save_target(session, editor.settings) == "photo"
    qtbot.waitUntil(lambda: t("export.into.handed_over", name="developed.tif") in text(editor))
    fill(session)
    asked = answer(monkeypatch, "cancel")
    press(editor, "file.save")
    settle(editor, qtbot)
    assert asked == []
    assert not session.document.is_modified
    assert program.heard == ACCEPTED
    np.testing.assert_array_equal(read_photo(developed).pixels, session.document.pixels)
    fill(session, 4)
    closing = unsaved(monkeypatch, "save")
    press(editor, "file.close")
    qtbot.waitUntil(lambda: program.heard == ACCEPTED + CLOSED)
    assert closing == [("developed.tif", False, True)]
    assert (read_photo(developed).pixels[HOLE.slices] == 4).all()
    assert controller.sessions == []


def text(editor: Editor) -> str:
    return editor.window.notice.text


@pytest.mark.skipif(os.name == "nt", reason="waits for the socket's file")
def test_a_program_waits_only_for_its_own_photos(
    editor: Editor, qtbot: QtBot, address: Path, developed: Path, photo: Path
) -> None:
    """One that was open already counts as handed over, and two programs may wait for one."""
    listen(editor, qtbot, address)
    editor.controller.open([developed, photo])
    qtbot.waitUntil(lambda: len(editor.controller.sessions) == 2)
    programs = Program(address, developed), Program(address, developed)
    sessions = {s.document.path: s for s in editor.controller.sessions}
    qtbot.waitUntil(lambda: all(program.heard == ACCEPTED for program in programs))
    assert sessions[developed].is_handed_over
    assert not sessions[photo].is_handed_over
    editor.controller.close(sessions[developed])
    qtbot.waitUntil(lambda: all(program.heard == ACCEPTED + CLOSED for program in programs))
    assert editor.controller.sessions == [sessions[photo]]


@pytest.mark.skipif(os.name == "nt", reason="waits for the socket's file")
def test_a_program_hears_that_its_photo_could_not_be_opened(
    editor: Editor, qtbot: QtBot, address: Path, tmp_path: Path
) -> None:
    listen(editor, qtbot, address)
    broken = tmp_path / "broken.tif"
    broken.write_bytes(b"II*\0nothing")
    program = Program(address, broken)
    qtbot.waitUntil(lambda: program.heard == ACCEPTED + NOT_OPENED)
    gone = Program(address, tmp_path / "gone.tif")
    gone.socket.waitForBytesWritten()
    gone.socket.abort()  # a program that ends is not answered
    qtbot.waitUntil(lambda: not editor.controller.is_busy)


def test_a_window_for_other_programs_closes_after_the_last_photo(
    editor: Editor, qtbot: QtBot, developed: Path, photo: Path
) -> None:
    editor.start([developed], for_other_programs=True)
    controller = editor.controller
    qtbot.waitUntil(lambda: len(controller.sessions) == 1)
    (session,) = controller.sessions
    assert session.is_handed_over
    controller.open([photo])
    qtbot.waitUntil(lambda: len(controller.sessions) == 2)
    controller.close(session)
    qtbot.wait(50)
    assert editor.window.isVisible()  # the person has a photo of their own open
    controller.close(controller.sessions[0])
    editor.edit_requests.add([developed], lambda _: None)
    qtbot.waitUntil(lambda: len(controller.sessions) == 1)
    controller.close(controller.sessions[0])
    qtbot.waitUntil(lambda: not editor.window.isVisible())


def test_what_is_no_photo_is_not_waited_for(
    editor: Editor, qtbot: QtBot, developed: Path, tmp_path: Path
) -> None:
    """A folder would open as its first photo, weights as a question: neither is ever closed."""
    heard: list[bool] = []
    editor.edit_requests.add([tmp_path], heard.append)
    editor.edit_requests.add([tmp_path / "some.safetensors"], heard.append)
    assert heard == [False, False]
    editor.edit_requests.add([developed, developed.parent], heard.append)
    qtbot.waitUntil(lambda: len(editor.controller.sessions) == 1)
    assert len(heard) == 2
    editor.controller.close(editor.controller.sessions[0])
    assert heard == [False, False, False]


def test_a_photo_by_several_names_is_one_photo(
    editor: Editor, qtbot: QtBot, developed: Path, tmp_path: Path
) -> None:
    """Also while it is being read, and where it cannot be read."""
    broken, folder = tmp_path / "broken.tif", tmp_path / "x"
    broken.write_bytes(b"II*\0nothing")
    folder.mkdir()
    heard: list[bool] = []
    for path in (broken, developed):
        names = [path, folder / ".." / path.name]
        editor.edit_requests.add(names, heard.append)
        editor.edit_requests.add(names[::-1], heard.append)
    qtbot.waitUntil(lambda: len(editor.controller.sessions) == 1)
    settle(editor, qtbot)
    assert heard == [False, False]
    (session,) = editor.controller.sessions
    editor.controller.close(session)
    assert heard == [False, False, True, True]


def test_a_listener_answers_who_waits_only_once(qtbot: QtBot, address: Path) -> None:
    listener = WindowListener(address)
    finishes: list[Callable[[bool], None]] = []
    listener.edit_asked.connect(lambda _, finish: finishes.append(finish))
    program = Program(address, Path.cwd() / "a.tif")
    qtbot.waitUntil(lambda: len(finishes) == 1)
    finishes[0](True)
    finishes[0](True)
    qtbot.waitUntil(lambda: program.heard == ACCEPTED + CLOSED)
    listener.close()


# Waits in a process of its own, as this one runs the window's event loop.
_WAIT = """
import sys, time
from pathlib import Path
from PySide6.QtCore import QCoreApplication
from app.instance.hand_over import edit_in_window
application = QCoreApplication([])
print(edit_in_window([Path(sys.argv[2])], Path(sys.argv[1]), time.monotonic() + 60))
"""


@pytest.mark.skipif(os.name == "nt", reason="waits for the socket's file")
def test_a_process_that_waits_ends_with_its_photo(
    editor: Editor, qtbot: QtBot, address: Path, developed: Path, tmp_path: Path
) -> None:
    listen(editor, qtbot, address)
    broken = tmp_path / "broken.tif"
    broken.write_bytes(b"II*\0nothing")
    for path, is_closed in ((developed, True), (broken, False)):
        with subprocess.Popen(
            [sys.executable, "-c", _WAIT, str(address), str(path)],
            env={**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parents[2])},
            stdout=subprocess.PIPE,
            text=True,
        ) as waiting:
            if is_closed:
                qtbot.waitUntil(lambda: len(editor.controller.sessions) == 1)
                assert waiting.poll() is None
                editor.controller.close(editor.controller.sessions[0])
            qtbot.waitUntil(lambda waiting=waiting: waiting.poll() is not None)
            assert waiting.communicate()[0] == f"('', {is_closed})\n"


@pytest.mark.skipif(os.name == "nt", reason="looks at the socket's file")
def test_the_program_that_was_started_waits(
    tmp_path_factory: pytest.TempPathFactory, developed: Path
) -> None:
    """Though another process has the window: `lacuna --edit` ends when the photo is closed."""
    from test_app_instance import start_lacuna, wait_for_socket

    home = tmp_path_factory.mktemp("h")
    # The window's process is the one that --edit started; it has no name here but its socket.
    waiting = start_lacuna(home, "--edit", developed.as_uri())
    try:
        address = wait_for_socket(home)
        # Another one that waits for the same photo, and then goes, changes nothing.
        recent = home / "CONFIG" / "Lacuna" / "Lacuna.conf"
        end = time.monotonic() + 120
        while str(developed) not in recent.read_text("utf-8") and time.monotonic() < end:
            time.sleep(0.05)
        assert str(developed) in recent.read_text("utf-8")
        assert waiting.poll() is None
        assert address.exists()
        _end_window(address)
        _, errors = waiting.communicate(timeout=120)
        assert (waiting.returncode, errors) == (1, "")  # it was never closed properly
    finally:
        waiting.kill()
        waiting.communicate()


def _end_window(address: Path) -> None:
    """End the process that listens at ``address``, as a crash would."""
    import signal
    import socket
    import struct

    with socket.socket(socket.AF_UNIX) as client:
        client.connect(str(address))
        who = client.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
    os.kill(struct.unpack("3i", who)[0], signal.SIGKILL)


# -- raw files -----------------------------------------------------------------------------------


def test_a_missing_raw_decoder_is_installed_on_a_click(
    editor: Editor, monkeypatch: pytest.MonkeyPatch
) -> None:
    error = PhotoUnsupported("photo.raw_decoder_missing", path="a.nef")
    clicked: list[bool] = []
    notice = describe_reading_failure(error, lambda: clicked.append(True), editor.settings)
    ((label, install),) = notice.choices
    assert label == t("decoder.raw.install")
    install()
    assert clicked == [True]
    editor.settings.set("weights.downloads", False)
    assert describe_reading_failure(error, lambda: None, editor.settings).choices == ()
    editor.settings.set("weights.downloads", True)
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    assert describe_reading_failure(error, lambda: None, editor.settings).choices == ()
    other = PhotoUnsupported("photo.raw_unknown", path="a.nef")
    assert describe_reading_failure(other, lambda: None, editor.settings).choices == ()
