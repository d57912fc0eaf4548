"""The editor starts, opens a photo and shows its settings whatever lies in the store."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from PySide6.QtCore import QSettings
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.configuration.actions import ACTIONS
from app.configuration.settings import SETTINGS, Settings
from app.ui.dialogs.preferences_dialog import PreferencesDialog
from app.ui.shell.editor import Editor
from app.ui.shell.window import PANELS
from app.ui.theme import language, theme
from app.workers.decoder.decoder_pool import DecoderPool

_NAMES = [
    *(f"settings/{name}" for name in SETTINGS),
    *(f"keys/{name}" for name in ACTIONS),
    *(f"window/panel/{name}" for name in PANELS),
    "window/geometry",
    "window/state",
    "recent/photos",
    "open/folder",
]
_VALUES = {
    "a list": "1, 2, 3",
    "an object": '"{\\"a\\": [null]}"',
    "names of no file": json.dumps(json.dumps(["", "\0", None, 3, "x" * 40_000, "a/" * 9000])),
    "a huge number": "9" * 5000,
    "nested": '"' + "[" * 100_000 + '"',
    "bytes": "@ByteArray(\\0\\xff\\x1\\xd9\\xd0\\xcb)",
    "a rectangle": "@Rect(1 2 3 4)",
    "a variant": "@Variant(\\0\\0\\0\\x7f\\0\\0\\0\\x1)",
    "a surrogate": '"\\xd800\\xdfff\\x0"',
}


def write_store(file: Path, value: str) -> None:
    sections: dict[str, list[str]] = {}
    for name in _NAMES:
        section, _, key = name.partition("/")
        sections.setdefault(section, []).append(key.replace("/", "\\"))
    lines = (f"[{name}]\n" + "".join(f"{key}={value}\n" for key in keys)
             for name, keys in sections.items())  # fmt: skip
    file.write_text("".join(lines))


def start(
    qtbot: QtBot, file: Path, decoder: DecoderPool, photo: Path, application: QApplication
) -> None:
    settings = Settings(QSettings(str(file), QSettings.Format.IniFormat))
    font, switcher = application.font(), theme.ThemeSwitcher(application, settings)
    language.install_language(application, settings)
    editor = Editor(settings, file.parent / "state", file.parent / "cache", decoder)
    try:
        editor.start([photo])
        qtbot.waitUntil(lambda: editor.controller.current is not None, timeout=20_000)
        dialog = PreferencesDialog(settings, editor.window)
        dialog.show()
        qtbot.wait(20)
        dialog.close()
    finally:
        editor.close()
        editor.window.hide()
        editor.window.deleteLater()
        switcher.setParent(None)  # type: ignore[call-overload]
        switcher.deleteLater()
        application.setStyleSheet("")  # other tests measure widgets as they come
        application.setFont(font)


@pytest.mark.qt_log_ignore("QVariant::load", "propagateSizeHints")  # Qt says so itself
@pytest.mark.parametrize("value", _VALUES.values(), ids=_VALUES)
def test_any_store_starts(
    qtbot: QtBot,
    qapp: QApplication,
    tmp_path: Path,
    lent: DecoderPool,
    photo: Path,
    value: str,
) -> None:
    write_store(tmp_path / "settings.ini", value)
    start(qtbot, tmp_path / "settings.ini", lent, photo, qapp)
