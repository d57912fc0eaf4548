"""A damaged JPEG is shown at once, and what is wrong with it is said soon after."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from pytestqt.qtbot import QtBot

from app.configuration.text import t
from app.session.notice import Notice
from app.ui.shell.editor import Editor
from inpaint_core.contract.message import Message

SAID = t.message(Message("photo.partly_damaged"))


def render_jpeg() -> bytes:
    y, x = np.mgrid[:240, :320]
    out = io.BytesIO()
    Image.fromarray(np.stack([x, y, x ^ y], axis=2).astype(np.uint8)).save(out, "JPEG")
    return out.getvalue()


@pytest.mark.parametrize("is_damaged", [True, False])
def test_only_a_damaged_photo_gets_the_notice(
    editor: Editor, qtbot: QtBot, tmp_path: Path, is_damaged: bool
) -> None:
    data, path = render_jpeg(), tmp_path / "shore.jpg"
    middle = len(data) // 2
    path.write_bytes(data[:middle] + bytes(400) + data[middle + 400 :] if is_damaged else data)
    notices: list[Notice] = []
    editor.controller.notice_posted.connect(notices.append)
    editor.controller.open([path])
    qtbot.waitUntil(lambda: editor.controller.current is not None, timeout=20000)
    qtbot.waitUntil(lambda: not editor.thumbnail_lane.jobs, timeout=30000)
    assert [notice.text for notice in notices] == ([SAID] if is_damaged else [])
