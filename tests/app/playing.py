"""Playing steps in a window that is there."""

from __future__ import annotations

import io
import json
import time
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from PySide6.QtWidgets import QApplication

from app.automation.player import Player
from app.automation.script import parse_steps
from app.ui.shell.editor import Editor


def play(editor: Editor, folder: Path, *steps: dict[str, Any]) -> list[dict[str, Any]]:
    """Play steps in a window that is there; what was printed of each."""
    out, codes = io.StringIO(), list[int]()
    player = Player(editor.window, parse_steps([json.dumps(step) for step in steps]), folder, out)
    player.finished.connect(codes.append)
    player.start()
    editor.window.update()
    end = time.monotonic() + 120
    while not codes:
        assert time.monotonic() < end, out.getvalue()
        QApplication.processEvents()
        time.sleep(0.001)
    reports = [json.loads(line) for line in out.getvalue().splitlines()]
    assert codes == [int("error" in reports[-1])]
    return reports


def pixels(path: Path) -> NDArray[np.uint8]:
    with Image.open(path) as picture:
        return np.asarray(picture)


def stroke(*points: tuple[float, ...], **values: Any) -> dict[str, Any]:
    return {"do": "stroke", "points": [list(point) for point in points], **values}
