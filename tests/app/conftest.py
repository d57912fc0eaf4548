from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QSettings
from pytestqt.qtbot import QtBot

from app import log
from app.jobs import Lane
from app.ui.window import Window


@pytest.fixture
def lane() -> Iterator[Lane]:
    lane = Lane("test")
    yield lane
    lane.close()


@pytest.fixture
def settings(tmp_path: Path) -> QSettings:
    return QSettings(str(tmp_path / "settings.ini"), QSettings.Format.IniFormat)


@pytest.fixture
def window(
    qtbot: QtBot, lane: Lane, settings: QSettings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Window:
    monkeypatch.setattr(log, "path", lambda: tmp_path / "lacuna.log")
    window = Window(lane, settings)
    qtbot.addWidget(window)
    window.show()
    return window


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    """A photo of 90x60 pixels in which every pixel differs."""
    y, x = np.mgrid[:60, :90]
    pixels = np.stack([x * 2, y * 4, (x + y)], axis=-1).astype(np.uint8)
    path = tmp_path / "ramp.png"
    Image.fromarray(pixels).save(path)
    return path
