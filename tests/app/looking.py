"""Open a photo, fill a hole in it, and wait until nobody looks into the network any more."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from pytestqt.qtbot import QtBot

from app.session.session import Session
from app.ui.shell.editor import Editor
from inpaint_core.contract.geometry import Rect

HOLE = Rect(80, 60, 30, 24)


def opened(editor: Editor, qtbot: QtBot, path: Path) -> Session:
    """The photo in the editor, whose engines are known."""
    editor.controller.engines.warm_up()
    editor.controller.open([path])
    qtbot.waitUntil(lambda: editor.controller.current is not None)
    qtbot.waitUntil(lambda: editor.controller.engines.loaded is not None)
    assert editor.controller.current is not None
    return editor.controller.current


def idle(editor: Editor, qtbot: QtBot) -> None:
    """Wait until nothing is filled, looked into or shown any more."""

    def still() -> bool:
        busy = editor.controller.is_busy or editor.window.inspection.is_busy
        lanes = (editor.inspection_lane, editor.engine)
        return not busy and not any(lane.jobs for lane in lanes)

    qtbot.waitUntil(still)


def paint(session: Session, rect: Rect = HOLE) -> None:
    with session.document.edit("history.brush") as editing:
        editing.write("mask", rect, np.full((rect.h, rect.w), 255, np.uint8))


def fill(editor: Editor, session: Session, qtbot: QtBot) -> NDArray[np.uint8]:
    """Paint, where nothing is painted yet, and fill; returns the pixels."""
    if not session.has_mask:
        paint(session)
    editor.controller.run_fill()
    idle(editor, qtbot)
    assert not session.has_mask
    return session.document.pixels.copy()
