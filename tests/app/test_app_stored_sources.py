"""Several stored places to copy from, with real events."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from handwork import ALT, Workbench, at_work
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.configuration.text import t
from app.document.document import Document
from app.document.retouching.copy_source import OtherPhoto, source_of
from app.ui.painting.document_picture import DocumentPicture
from app.ui.shell.editor import Editor
from inpaint_core.project.model import CopyPoints


@pytest.fixture
def workbench(qapp: QApplication, tmp_path: Path) -> Iterator[Workbench]:
    with at_work(tmp_path) as workbench:
        yield workbench


def test_each_number_has_a_place_of_its_own(workbench: Workbench) -> None:
    document, settings = workbench.document, workbench.settings
    original = document.pixels.copy()
    told: list[str] = []
    tool = workbench.use("clone")
    tool.notice_posted.connect(lambda text, _: told.append(text))
    workbench.click((200.5, 150.5), ALT)  # on the disc
    settings.set("clone.number", 2)
    workbench.click((60, 60))
    assert told == [t("tools.copy.no_source")]
    workbench.click((350.5, 250.5), ALT)
    workbench.click((60.5, 60.5))
    assert (document.pixels[60, 60] == original[250, 350]).all()
    settings.set("clone.number", 1)
    workbench.click((100.5, 60.5))
    assert tuple(document.pixels[60, 100]) == (220, 30, 30)
    settings.set("clone.number", 2)  # aligned with the first stroke from there
    workbench.click((70.5, 60.5))
    assert (document.pixels[60, 70] == original[250, 360]).all()
    points = source_of(document).points
    assert points is not None
    assert (points.number, points.source) == (2, (350.5, 250.5))
    assert [(each.number, each.source) for each in points.others] == [(1, (200.5, 150.5))]


def test_a_photo_says_which_it_uses_and_what_a_project_restores(workbench: Workbench) -> None:
    document, settings = workbench.document, workbench.settings
    source = source_of(document)
    workbench.use("heal")
    source.restore(CopyPoints((9.0, 8.0), None, 4, (CopyPoints((1.0, 2.0)),)))
    workbench.move((50, 50))
    assert settings.get("clone.number") == 4
    settings.set("clone.number", 1)
    assert source.point == (1.0, 2.0)
    settings.set("clone.number", 3)
    other = Document(document.photo)
    source.set_point(
        (5.0, 5.0), other=OtherPhoto(other, DocumentPicture.from_photo(document.photo))
    )
    points = source.points
    assert points is not None  # another one stands for what a project does not know
    assert (points.number, len(points.others)) == (1, 1)
    source.forget(other)
    assert source.point is None
    assert (source.choose(4), source.point) == (None, (9.0, 8.0))
    workbench.use("clone")
    assert settings.get("clone.number") == 4


def test_a_key_goes_through_them(editor: Editor, qtbot: QtBot, photo: Path) -> None:
    editor.controller.open([photo])
    qtbot.waitUntil(lambda: editor.controller.current is not None)
    editor.window.workspace.pick("clone")
    seen = []
    for _ in range(5):
        editor.window.actions_by_id["clone.next"].trigger()
        seen.append(editor.settings.get("clone.number"))
    assert seen == [2, 3, 4, 5, 1]
