"""The photo in the colours of the screen."""

from __future__ import annotations

import io
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageCms
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColorSpace
from pytestqt.qtbot import QtBot

from app.configuration.text import t
from app.system import monitor_profile as monitor
from app.ui.dialogs import questions
from app.ui.painting import display_profile as display
from app.ui.painting.document_picture import DocumentPicture
from app.ui.painting.screen_colours import ScreenColours
from app.ui.shell.editor import Editor
from inpaint_core.contract.geometry import Rect
from inpaint_core.photo.colour.icc_profiles import SPACES, Space, make_profile
from inpaint_core.photo.photo import Photo
from inpaint_core.photo.write_photo import write_photo

PATCHES = np.array(
    [[255, 0, 0], [0, 255, 0], [0, 0, 255], [200, 120, 60], [90, 140, 30], [128, 128, 128]],
    np.uint8,
)


def littlecms(pixels: NDArray[np.uint8], source: bytes, target: bytes) -> NDArray[np.int_]:
    found = ImageCms.profileToProfile(
        Image.fromarray(pixels),
        *(ImageCms.ImageCmsProfile(io.BytesIO(icc)) for icc in (source, target)),
        renderingIntent=ImageCms.Intent.RELATIVE_COLORIMETRIC,
    )
    assert found is not None
    return np.asarray(found).astype(int)


def patches(path: Path, icc: bytes | None) -> Path:
    pixels = np.repeat(np.repeat(PATCHES[None], 40, axis=1), 60, axis=0)
    write_photo(path, Photo(pixels, icc=icc))
    return path


def shown(editor: Editor) -> NDArray[np.int_]:
    """The colour in the middle of each patch, as it is on the canvas."""
    canvas = editor.window.canvas
    image = canvas.grab().toImage()
    ratio = canvas.devicePixelRatioF()
    places = [canvas.to_widget(QPointF(40 * i + 20, 30)) * ratio for i in range(len(PATCHES))]
    colours = [image.pixelColor(round(at.x()), round(at.y())).getRgb()[:3] for at in places]
    return np.array(colours).astype(int)


@pytest.fixture
def adobe(tmp_path: Path) -> Path:
    path = tmp_path / "monitor.icc"
    path.write_bytes(make_profile("adobe"))
    return path


def opened(editor: Editor, qtbot: QtBot, path: Path) -> None:
    count = len(editor.controller.sessions)
    editor.controller.open([path])
    qtbot.waitUntil(lambda: len(editor.controller.sessions) > count, timeout=20_000)
    qtbot.waitUntil(lambda: not editor.controller.is_busy)


@pytest.mark.parametrize("icc", [None, "p3"])
def test_a_chosen_profile_changes_what_is_shown(
    editor: Editor, qtbot: QtBot, tmp_path: Path, adobe: Path, icc: str | None
) -> None:
    own = make_profile("p3" if icc else "srgb")
    opened(editor, qtbot, patches(tmp_path / "a.png", own if icc else None))
    plain = shown(editor)
    assert np.abs(plain - littlecms(PATCHES[None], own, make_profile("srgb"))[0]).max() <= 2
    editor.settings.set("look.display_file", str(adobe))
    assert editor.settings.get("look.display") == "file"
    found = shown(editor)
    assert np.abs(found - littlecms(PATCHES[None], own, make_profile("adobe"))[0]).max() <= 2
    # It is seen: pure red is far less of it on a wide screen.
    assert np.abs(found - plain).max() > 25
    editor.settings.set("look.display", "srgb")
    assert np.array_equal(shown(editor), plain)


def with_codes(path: Path, primaries: int, transfer: int) -> Path:
    """The PNG with a cICP chunk (ITU-T H.273) behind its header."""
    data = path.read_bytes()
    chunk = b"cICP" + bytes([primaries, transfer, 0, 1])
    chunk = struct.pack(">I", 4) + chunk + struct.pack(">I", zlib.crc32(chunk))
    path.write_bytes(data[:33] + chunk + data[33:])
    return path


def test_a_png_is_shown_by_its_own_words_on_colour(
    editor: Editor, qtbot: QtBot, tmp_path: Path
) -> None:
    path = with_codes(patches(tmp_path / "a.png", None), 12, 13)
    opened(editor, qtbot, path)
    want = littlecms(PATCHES[None], make_profile("p3"), make_profile("srgb"))[0]
    assert np.abs(shown(editor) - want).max() <= 2
    assert np.abs(want - PATCHES).max() > 20


def test_the_system_s_profile_counts_for_photos_that_come_later_too(
    editor: Editor, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def found(platform: str, window: int) -> bytes:
        asked.append(platform)
        return make_profile("adobe")

    monkeypatch.setattr(display, "read_monitor_profile", found)
    opened(editor, qtbot, patches(tmp_path / "a.png", None))
    want = littlecms(PATCHES[None], make_profile("srgb"), make_profile("adobe"))[0]
    assert np.abs(shown(editor) - want).max() <= 2
    opened(editor, qtbot, patches(tmp_path / "b.png", make_profile("adobe")))
    assert np.array_equal(shown(editor), PATCHES)
    assert asked == ["offscreen"]


@pytest.mark.qt_log_ignore("fromIccProfile", "ICC signature", "propagateSizeHints")
@pytest.mark.parametrize("content", [None, b"no profile", b"x" * 200])
def test_a_file_that_is_no_profile_is_told(
    editor: Editor, qtbot: QtBot, tmp_path: Path, content: bytes | None
) -> None:
    opened(editor, qtbot, patches(tmp_path / "a.png", None))
    bad = tmp_path / "bad.icc"
    if content is not None:
        bad.write_bytes(content)
    editor.settings.set("look.display_file", str(bad))
    assert "“bad.icc”" in editor.window.notice.text
    assert np.array_equal(shown(editor), PATCHES)


def test_eight_bits_of_any_profile_are_drawn_from_their_own_memory() -> None:
    pixels = np.random.default_rng(1).integers(0, 256, (300, 400, 3), np.uint8)
    picture = DocumentPicture.from_photo(Photo(pixels, icc=make_profile("p3")))
    assert np.shares_memory(picture.read(0, Rect(0, 0, 400, 300)), pixels)
    picture.colours.set_screen(QColorSpace.fromIccProfile(make_profile("adobe")))
    assert np.shares_memory(picture.read(0, Rect(0, 0, 400, 300)), pixels)


def test_light_linear_shadows_of_16_bits_keep_their_steps() -> None:
    linear = QColorSpace(
        QColorSpace.Primaries.DciP3D65, QColorSpace.TransferFunction.Linear
    ).iccProfile()
    ramp = np.repeat(np.arange(4096, dtype=np.uint16)[None, :, None], 3, axis=2)
    colours = ScreenColours(Photo(ramp, icc=bytes(linear.data())))
    found = colours.convert(ramp)[0, :, 1].astype(int)
    coded = np.where(
        ramp[0, :, 1] / 65535 <= 0.0031308,
        ramp[0, :, 1] / 65535 * 12.92,
        1.055 * (ramp[0, :, 1] / 65535) ** (1 / 2.4) - 0.055,
    )
    assert np.abs(found - coded * 255).max() <= 1.5
    # At 8 bits of light there would be 16 steps here.
    assert len(np.unique(found)) > 60


def test_where_nothing_is_told_it_is_srgb() -> None:
    assert monitor.read_monitor_profile("offscreen", 0) is None
    assert monitor.read_monitor_profile("wayland", 0) is None


def narrow_profile() -> bytes:
    """A device with half of sRGB's colours: its primaries lie half way to white."""
    halved = tuple(
        (0.5 * x + 0.5 * 0.3127, 0.5 * y + 0.5 * 0.3290) for x, y in SPACES["srgb"].primaries
    )
    profile = make_profile("srgb")
    columns = Space("narrow", halved).to_xyz()  # type: ignore[arg-type]
    for at, column in enumerate(SPACES["srgb"].to_xyz().T):
        fixed = [
            b"XYZ " + bytes(4) + struct.pack(">3i", *(round(v * 65536) for v in values))
            for values in (column, columns.T[at])
        ]
        assert fixed[0] in profile
        profile = profile.replace(*fixed)
    return profile


@pytest.mark.parametrize("warns", [False, True])
def test_proof_colours_shows_what_the_device_has(
    editor: Editor, qtbot: QtBot, tmp_path: Path, warns: bool
) -> None:
    device = tmp_path / "printer.icc"
    device.write_bytes(narrow_profile())
    opened(editor, qtbot, patches(tmp_path / "a.png", None))
    editor.settings.set("look.proof_file", str(device))
    editor.settings.set("look.proof_gamut", warns)
    assert np.array_equal(shown(editor), PATCHES)
    qtbot.keyClick(editor.window.canvas, Qt.Key.Key_P, Qt.KeyboardModifier.ShiftModifier)
    assert editor.window.actions_by_id["view.proof"].isChecked()
    found = shown(editor)
    assert np.abs(found[5] - PATCHES[5]).max() <= 1  # the grey is there in both
    if warns:
        assert (np.ptp(found[:3], axis=1) == 0).all()
    else:
        srgb, narrow = make_profile("srgb"), narrow_profile()
        there = littlecms(PATCHES[None], srgb, narrow).astype(np.uint8)
        assert np.abs(found - littlecms(there, narrow, srgb)[0]).max() <= 2
        assert np.abs(found[:3] - PATCHES[:3]).max() > 60
    session = editor.controller.current
    assert session is not None
    assert np.array_equal(session.document.pixels[30, 20::40][:6], PATCHES)
    editor.window.actions_by_id["view.proof"].trigger()
    assert np.array_equal(shown(editor), PATCHES)


@pytest.mark.parametrize("chosen", [True, False])
def test_without_a_usable_profile_nothing_is_proofed(
    editor: Editor, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, chosen: bool
) -> None:
    opened(editor, qtbot, patches(tmp_path / "a.png", None))
    bad = tmp_path / "bad.icc"
    bad.write_bytes(b"no profile")
    monkeypatch.setattr(questions, "ask_profile", lambda _: bad if chosen else None)
    action = editor.window.actions_by_id["view.proof"]
    action.trigger()
    words = t("window.proof", name="bad.icc") if chosen else t("window.proof.none")
    assert words in editor.window.notice.text
    assert not action.isChecked()
    assert np.array_equal(shown(editor), PATCHES)
