from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QSettings
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot
from skimage import data

from app.configuration.settings import Settings
from app.system import log
from app.ui.shell.editor import Editor
from app.ui.shell.window import Window
from app.workers.decoder.decoder_pool import DecoderPool
from app.workers.jobs import Lane

_HERE = Path(__file__).parent
_PATIENCE = 240_000  # ms
_LANES = ("engine", "files", "tools", "journal", "inspection", "thumbnails", "networks", "weights")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A warning of Qt fails the test that caused it, but for what only the screenless plug-in
    says.
    """
    for item in items:
        if item.path.is_relative_to(_HERE):
            item.add_marker(pytest.mark.qt_log_level_fail("WARNING"))
            silent = ("propagateSizeHints", r"raise\(\)", "grabbing the keyboard")
            item.add_marker(pytest.mark.qt_log_ignore(*silent))


class _PatientQtBot(QtBot):
    """Waits as long as a busy machine needs; pytest-qt gives up after five seconds."""

    def waitUntil(self, callback: Any, *, timeout: int = _PATIENCE) -> None:
        super().waitUntil(callback, timeout=timeout)

    def waitSignal(self, signal: Any, *, timeout: int = _PATIENCE, **others: Any) -> Any:
        return super().waitSignal(signal, timeout=timeout, **others)

    def waitExposed(self, widget: QWidget, *, timeout: int = _PATIENCE) -> Any:
        return super().waitExposed(widget, timeout=timeout)


@pytest.fixture
def qtbot(qapp: QApplication, request: pytest.FixtureRequest) -> QtBot:
    return _PatientQtBot(request)


@pytest.fixture
def lane() -> Iterator[Lane]:
    lane = Lane("test")
    yield lane
    lane.close()


@pytest.fixture
def decoder() -> Iterator[DecoderPool]:
    decoder = DecoderPool()
    yield decoder
    decoder.close()


@pytest.fixture
def settings(tmp_path: Path) -> QSettings:
    return QSettings(str(tmp_path / "settings.ini"), QSettings.Format.IniFormat)


class _Lent(DecoderPool):
    """Outlives the editors, one test after the other, so that its child starts only once."""

    def close(self) -> None:
        pass


@pytest.fixture(scope="session")
def lent() -> Iterator[DecoderPool]:
    decoder = _Lent()
    yield decoder
    DecoderPool.close(decoder)


@pytest.fixture
def editor(
    qtbot: QtBot,
    settings: QSettings,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    lent: DecoderPool,
) -> Iterator[Editor]:
    """The editor with its window on the screen; afterwards, none of its threads is left."""
    monkeypatch.setattr(log, "log_path", lambda: tmp_path / "lacuna.log")
    editor = Editor(Settings(settings), tmp_path / "state", tmp_path / "cache", lent)
    editor.settings.set("fill.engine", "exemplar")
    editor.window.show()
    qtbot.waitExposed(editor.window)
    yield editor
    # Qt deletes what lies on the clipboard when the process ends, which is after Python has.
    QApplication.clipboard().clear()
    editor.close()
    # A window that is still there would get the mouse of the next test.
    for window in QApplication.topLevelWidgets():
        window.hide()
    editor.window.deleteLater()
    names = [thread.name for thread in threading.enumerate()]
    assert not [name for name in names if name.startswith(_LANES)]


@pytest.fixture
def window(editor: Editor) -> Window:
    return editor.window


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    """A photo of 90x60 pixels in which every pixel differs."""
    y, x = np.mgrid[:60, :90]
    pixels = np.stack([x * 2, y * 4, (x + y)], axis=-1).astype(np.uint8)
    path = tmp_path / "ramp.png"
    Image.fromarray(pixels).save(path)
    return path


@pytest.fixture
def gravel(tmp_path: Path) -> Path:
    """A photo of 200x160 pixels, full of texture."""
    path = tmp_path / "gravel.png"
    Image.fromarray(data.gravel()[:160, :200]).convert("RGB").save(path)
    return path
