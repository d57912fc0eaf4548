"""Files from outside are decoded in a child process: nothing they do harms the editor."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import cv2  # noqa: F401
import misbehaving
import numpy as np
import pytest
from PIL import Image
from pytestqt.qtbot import QtBot

from app.ui.shell.editor import Editor
from app.workers.decoder import decoding_work as work
from app.workers.decoder.decoder_pool import DecoderFailed, DecoderPool
from app.workers.decoder.limits import DecodeLimits, ExtendableTimeout
from inpaint_core.contract.errors import OutOfMemory, PhotoDamaged
from inpaint_core.contract.message import Message
from inpaint_core.contract.progress import Cancelled, Progress
from inpaint_core.photo.read_photo import read_mask, read_photo

_ROOT = Path(__file__).resolve().parents[2]
_LINUX = pytest.mark.skipif(sys.platform != "linux", reason="only Linux has this")
_LIMITS = DecodeLimits(60.0, 1 << 31)


def gone(process: int) -> bool:
    """True when a process has ended, whether or not anybody has asked how."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()[0] in "ZX"
    except FileNotFoundError:
        return True


def soon(happens: Callable[[], bool]) -> None:
    end = time.monotonic() + 20
    while not happens():
        assert time.monotonic() < end
        time.sleep(0.01)


# -- what comes back -------------------------------------------------------------------------


@pytest.mark.parametrize("size", [40, 4_000_000])
def test_arrays_come_back_as_they_were(decoder: DecoderPool, size: int) -> None:
    found = decoder.run(misbehaving.values, size, path=Path("a"), limits=_LIMITS)
    for name, want in misbehaving.values(size).items():
        np.testing.assert_array_equal(found[name], want)
        assert found[name].dtype == want.dtype


def test_a_photo_is_the_same_as_read_here(decoder: DecoderPool, tmp_path: Path) -> None:
    path = tmp_path / "a.tif"
    y, x = np.mgrid[:300, :400]
    values = np.stack([x, y, x + y, 255 - y // 2], axis=-1).astype(np.uint8)
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.fromarray(values, "RGBA").save(path, exif=exif)
    here = read_photo(path)
    there = decoder.run(work.decode_photo, path, path=path, limits=_LIMITS)
    np.testing.assert_array_equal(there.pixels, here.pixels)
    assert there.alpha is not None
    assert here.alpha is not None
    np.testing.assert_array_equal(there.alpha, here.alpha)
    rest = replace(there, pixels=here.pixels, alpha=here.alpha)
    assert all(getattr(rest, name) == getattr(here, name) for name in ("exif", "icc", "origin"))
    mask = decoder.run(work.decode_mask, path, here.shape, path=path, limits=_LIMITS)
    np.testing.assert_array_equal(mask.mask, read_mask(path, here.shape))


def test_what_came_back_outlives_the_child(decoder: DecoderPool) -> None:
    found = decoder.run(misbehaving.values, 1_000_000, path=Path("a"), limits=_LIMITS)
    decoder.close()
    assert decoder.processes == ()
    found["large"] += 1
    np.testing.assert_array_equal(found["large"], misbehaving.values(1_000_000)["large"] + 1)


def test_work_reports_how_far_it_is(decoder: DecoderPool) -> None:
    seen: list[tuple[float, str]] = []
    progress = Progress(lambda done, text: seen.append((done, str(text))))
    run = decoder.run
    assert (
        run(misbehaving.steps, 4, path=Path(), limits=_LIMITS, progress=progress, reports=True) == 4
    )
    assert seen == [(n / 4, "Testing…") for n in range(4)]
    assert run(misbehaving.steps, 2, path=Path(), limits=_LIMITS, reports=True) == 2
    progress = Progress(lambda done, text: progress.cancel())
    with pytest.raises(Cancelled):
        run(misbehaving.steps, 9, path=Path(), limits=_LIMITS, progress=progress, reports=True)
    assert decoder.processes == ()


def test_a_refusal_keeps_its_name_and_words(decoder: DecoderPool) -> None:
    with pytest.raises(PhotoDamaged) as raised:
        decoder.run(misbehaving.refuse, Path("a.jpg"), path=Path("a.jpg"), limits=_LIMITS)
    assert raised.value.message == Message("photo.damaged", path="a.jpg")


def test_a_mistake_is_told_with_its_place(decoder: DecoderPool) -> None:
    with pytest.raises(RuntimeError, match="ZeroDivisionError"):
        decoder.run(misbehaving.mistake, Path("a.jpg"), path=Path("a.jpg"), limits=_LIMITS)


# -- what children do ------------------------------------------------------------------------


def test_one_child_is_kept_and_started_in_advance(decoder: DecoderPool) -> None:
    decoder.warm()
    (process,) = decoder.processes
    for _ in range(3):
        assert decoder.run(misbehaving.process, path=Path("a"), limits=_LIMITS) == process


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such signals")
@pytest.mark.parametrize("does", [misbehaving.killed, misbehaving.segfault])
def test_a_crash_is_a_sentence_and_the_next_file_opens(
    decoder: DecoderPool, photo: Path, does: Callable[[Path], object]
) -> None:
    decoder.warm()
    before = decoder.processes
    with pytest.raises(DecoderFailed, match=r"“ramp\.png”"):
        decoder.run(does, photo, path=photo, limits=_LIMITS)
    assert not set(before) & set(decoder.processes)
    assert decoder.run(work.decode_photo, photo, path=photo, limits=_LIMITS).shape == (60, 90)


def test_a_child_that_died_while_idle_is_replaced(decoder: DecoderPool, photo: Path) -> None:
    decoder.warm()
    (process,) = decoder.processes
    os.kill(process, getattr(signal, "SIGKILL", signal.SIGTERM))
    soon(lambda: gone(process))
    assert decoder.run(work.decode_photo, photo, path=photo, limits=_LIMITS).shape == (60, 90)
    assert process not in decoder.processes


def test_a_hang_is_ended_by_its_bound(decoder: DecoderPool) -> None:
    process = decoder.run(misbehaving.process, path=Path("a"), limits=_LIMITS)
    with pytest.raises(DecoderFailed, match=r"“a\.jpg”"):
        decoder.run(misbehaving.hang, Path(), path=Path("a.jpg"), limits=DecodeLimits(0.2, 1 << 30))
    assert gone(process)
    # Another one is there already for the next file.
    (other,) = decoder.processes
    assert other != process


def test_who_is_asked_may_wait_longer(decoder: DecoderPool, photo: Path) -> None:
    decoder.run(misbehaving.process, path=Path("a"), limits=_LIMITS)
    timeout = ExtendableTimeout()
    left: list[float] = []

    def slow(seconds: float) -> None:
        left.append(seconds)
        timeout.extend()

    timeout.on_slow = slow
    limits = DecodeLimits(0.2, 1 << 30)
    found = decoder.run(misbehaving.slowly, photo, path=photo, limits=limits, timeout=timeout)
    assert found.shape == (60, 90)
    assert len(left) == 1
    assert left[0] < 0.11


@_LINUX
def test_too_much_memory_is_a_sentence(decoder: DecoderPool, photo: Path) -> None:
    with pytest.raises(OutOfMemory, match=r"“ramp\.png”"):
        decoder.run(misbehaving.hog, photo, path=photo, limits=DecodeLimits(60.0, 200 << 20))
    assert decoder.run(work.decode_photo, photo, path=photo, limits=_LIMITS).shape == (60, 90)


def test_a_cancel_ends_the_child(decoder: DecoderPool) -> None:
    process = decoder.run(misbehaving.process, path=Path("a"), limits=_LIMITS)
    progress = Progress()
    threading.Timer(0.2, progress.cancel).start()
    with pytest.raises(Cancelled):
        decoder.run(misbehaving.hang, Path(), path=Path("a"), limits=_LIMITS, progress=progress)
    assert gone(process)


@pytest.mark.parametrize("waits", [False, True])
def test_a_closed_decoder_leaves_no_child(decoder: DecoderPool, waits: bool) -> None:
    decoder.warm(2)
    processes = decoder.processes
    assert len(processes) == 2
    if waits:
        decoder.run(misbehaving.process, path=Path("a"), limits=_LIMITS)
    decoder.close()
    assert all(gone(process) for process in processes)


def test_after_the_end_nothing_is_started(decoder: DecoderPool) -> None:
    decoder.warm()
    decoder.close()
    decoder.warm()
    with pytest.raises(DecoderFailed, match="did not start"):
        decoder.run(misbehaving.process, path=Path("a"), limits=_LIMITS)
    assert decoder.processes == ()


@_LINUX
def test_a_killed_editor_leaves_no_child() -> None:
    child = subprocess.Popen(
        [sys.executable, misbehaving.__file__],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(_ROOT)},
    )
    assert child.stdout is not None
    process = int(child.stdout.readline())
    assert not gone(process)
    child.kill()
    child.wait()
    child.stdout.close()
    soon(lambda: gone(process))


def test_time_grows_with_the_file(tmp_path: Path) -> None:
    small, large = tmp_path / "a", tmp_path / "b"
    small.write_bytes(b"")
    with large.open("wb") as stream:
        stream.truncate(100_000_000)
    assert DecodeLimits.for_file(large).seconds >= DecodeLimits.for_file(small).seconds + 50
    missing = DecodeLimits.for_file(tmp_path / "missing")
    assert missing.seconds == DecodeLimits.for_file(small).seconds


# -- in the editor -----------------------------------------------------------------------------


@pytest.mark.parametrize("does", [misbehaving.killed, misbehaving.hang, misbehaving.hog])
def test_the_editor_lives_on(
    editor: Editor,
    qtbot: QtBot,
    photo: Path,
    gravel: Path,
    monkeypatch: pytest.MonkeyPatch,
    does: Callable[[Path], object],
) -> None:
    editor.controller.open([gravel])
    qtbot.waitUntil(lambda: editor.controller.current is not None, timeout=20_000)
    with monkeypatch.context() as patched:
        patched.setattr(work, "decode_photo", does)
        patched.setattr(DecodeLimits, "for_file", lambda path: DecodeLimits(1.5, 300 << 20))
        editor.controller.open([photo])
        qtbot.waitUntil(
            lambda: not editor.controller.is_busy and "“ramp.png”" in editor.window.notice.text,
            timeout=20_000,
        )
    assert editor.controller.current is not None
    assert editor.controller.current.document.path == gravel
    editor.controller.open([photo])
    qtbot.waitUntil(lambda: len(editor.controller.sessions) == 2, timeout=20_000)


def test_the_editor_asks_whether_to_wait(
    editor: Editor, qtbot: QtBot, photo: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    editor.decoder.run(misbehaving.process, path=photo, limits=_LIMITS)
    monkeypatch.setattr(work, "decode_photo", misbehaving.slowly)
    monkeypatch.setattr(DecodeLimits, "for_file", lambda path: DecodeLimits(0.8, 1 << 31))
    editor.controller.open([photo])
    notice = editor.window.notice
    qtbot.waitUntil(lambda: "unusually long" in notice.text, timeout=20_000)
    wait, stop = notice.buttons
    assert (wait.text(), stop.text()) == ("Wait", "Stop")
    wait.click()
    qtbot.waitUntil(lambda: editor.controller.current is not None, timeout=20_000)


def test_stopping_ends_what_hangs(
    editor: Editor, qtbot: QtBot, photo: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(work, "decode_photo", misbehaving.hang)
        editor.controller.open([photo])
        qtbot.waitUntil(lambda: bool(editor.decoder.processes))
        editor.window.status.stop_asked.emit()
        qtbot.waitUntil(lambda: not editor.files.jobs, timeout=20_000)
    assert editor.window.notice.text == ""
    editor.controller.open([photo])
    qtbot.waitUntil(lambda: editor.controller.current is not None, timeout=20_000)


def test_masks_and_thumbnails_that_break_are_told_or_left_out(
    editor: Editor, qtbot: QtBot, photo: Path, gravel: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    editor.controller.open([photo])
    qtbot.waitUntil(lambda: editor.controller.current is not None, timeout=20_000)
    monkeypatch.setattr("app.session.mask_commands.decode_mask", misbehaving_mask)
    monkeypatch.setattr("app.session.library.thumbnail_maker.make_thumbnail", misbehaving_mask)
    editor.window.command_handlers.mask_commands.load(photo)
    qtbot.waitUntil(lambda: "“ramp.png”" in editor.window.notice.text, timeout=20_000)
    with qtbot.waitSignal(editor.recent.thumbnails.ready, timeout=20_000) as made:
        editor.recent.thumbnails.request(gravel)
    assert made.args == [gravel, None]


def misbehaving_mask(path: Path, _: object) -> None:
    misbehaving.segfault(path)


def test_reading_needs_no_qt_in_the_child() -> None:
    program = (
        "import sys, app.workers.decoder.child, app.workers.decoder.decoding_work;"
        "print(*(n for n in ('PySide6', 'torch', 'cv2') if n in sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=_ROOT
    )
    assert done.stdout.strip() == ""


def test_a_child_may_be_started_while_another_thread_imports_cv2(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """cv2 has its own folder, with a package “typing”, in sys.path while it is imported, and is not
    in sys.modules then.
    """
    folder = Path(sys.modules["cv2"].__file__ or "").parent
    assert (folder / "typing").is_dir()
    pool = DecoderPool()
    with monkeypatch.context() as meanwhile:
        meanwhile.delitem(sys.modules, "cv2")
        meanwhile.setattr(sys, "path", [sys.path[0], str(folder), *sys.path[1:]])
        pool.warm()
    (child,) = pool.processes
    try:
        assert pool.run(misbehaving.process, path=Path("a.png"), limits=_LIMITS) == child
    finally:
        pool.close()
