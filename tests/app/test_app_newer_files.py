"""Another program has written the file that the editor is to replace: it asks."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from app.configuration.text import t
from app.session.export import ExportPlan
from app.session.session import Session
from app.ui.dialogs import questions
from app.ui.dialogs.export_dialog import ExportOrder
from app.ui.shell.editor import Editor
from inpaint_core.contract.geometry import Rect
from inpaint_core.project.read_project import read_project

NEWER = np.full((120, 180, 3), 200, np.uint8)


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    y, x = np.mgrid[:120, :180]
    path = tmp_path / "shore.png"
    Image.fromarray(np.stack([x, y * 2, (x + y) // 2], axis=2).astype(np.uint8)).save(path)
    return path


def settle(editor: Editor, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: not editor.controller.is_busy, timeout=20000)


@pytest.fixture
def session(editor: Editor, qtbot: QtBot, photo: Path) -> Session:
    editor.controller.open([photo])
    settle(editor, qtbot)
    found = editor.controller.current
    assert found is not None
    found.document.apply_fill(Rect(10, 10, 20, 20), np.full((20, 20, 3), 90, np.uint8))
    return found


def export_over(editor: Editor, qtbot: QtBot, session: Session, path: Path) -> None:
    order = ExportOrder(path, ExportPlan(), overwrite=True, over_original=True)
    editor.window.command_handlers.writing.write(session, order)
    settle(editor, qtbot)


def answers(editor: Editor) -> list[str]:
    notice = editor.window.notice
    return [b.text() for b in notice.findChildren(QPushButton) if b.isVisible()]


def choose(editor: Editor, qtbot: QtBot, key: str) -> None:
    (button,) = [b for b in editor.window.notice.findChildren(QPushButton) if b.text() == t(key)]
    button.click()
    settle(editor, qtbot)


def colour_at(path: Path) -> tuple[int, ...]:
    with Image.open(path) as image:
        found = image.getpixel((15, 15))
    assert isinstance(found, tuple)
    return found


def test_the_photo_that_was_opened_is_replaced_again_and_again(
    editor: Editor, qtbot: QtBot, session: Session, photo: Path
) -> None:
    """What the editor has written itself is no other program's."""
    for value in (90, 91):
        session.document.apply_fill(Rect(10, 10, 20, 20), np.full((20, 20, 3), value, np.uint8))
        export_over(editor, qtbot, session, photo)
        assert colour_at(photo) == (value, value, value)


@pytest.mark.parametrize("answer", ["export.replace", "export.both", "export.cancel"])
def test_a_newer_photo_is_not_replaced_unasked(
    editor: Editor, qtbot: QtBot, session: Session, photo: Path, answer: str
) -> None:
    Image.fromarray(NEWER).save(photo)
    newer = photo.read_bytes()
    export_over(editor, qtbot, session, photo)
    assert photo.read_bytes() == newer
    for key in ("export.replace", "export.both", "export.cancel"):
        assert t(key) in answers(editor)
    choose(editor, qtbot, answer)
    if answer == "export.replace":
        assert colour_at(photo) == (90, 90, 90)
    else:
        assert photo.read_bytes() == newer
    beside = photo.with_name("shore-2.png")
    assert beside.exists() == (answer == "export.both")
    if beside.exists():
        assert colour_at(beside) == (90, 90, 90)
    qtbot.waitUntil(lambda: t("export.replace") not in answers(editor))


@pytest.mark.parametrize("answer", ["export.replace", "export.both", "export.cancel"])
def test_a_newer_project_is_not_replaced_unasked(
    editor: Editor,
    qtbot: QtBot,
    session: Session,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    answer: str,
) -> None:
    path, beside = tmp_path / "work.lacuna", tmp_path / "work-2.lacuna"
    monkeypatch.setattr(questions, "ask_project_to_save", lambda parent, proposed: path)
    save = editor.window.actions_by_id["file.save"]
    for _ in range(2):
        save.trigger()
        settle(editor, qtbot)
        assert session.project_path == path
    path.write_bytes(b"newer")
    save.trigger()
    settle(editor, qtbot)
    assert path.read_bytes() == b"newer"
    choose(editor, qtbot, answer)
    assert beside.exists() == (answer == "export.both")
    if answer == "export.replace":
        with read_project(path) as project:
            assert len(project.edits) == 1
    else:
        assert path.read_bytes() == b"newer"
    session.document.mark_saved()


def test_a_project_that_was_opened_is_watched_too(
    editor: Editor,
    qtbot: QtBot,
    session: Session,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    path = tmp_path / "work.lacuna"
    monkeypatch.setattr(questions, "ask_project_to_save", lambda parent, proposed: path)
    editor.window.actions_by_id["file.save"].trigger()
    settle(editor, qtbot)
    editor.controller.close(session)
    editor.controller.open([path])
    settle(editor, qtbot)
    assert editor.controller.current is not None
    path.write_bytes(b"newer")
    editor.window.actions_by_id["file.save"].trigger()
    settle(editor, qtbot)
    assert path.read_bytes() == b"newer"
    assert t("export.both") in answers(editor)
    choose(editor, qtbot, "export.cancel")
