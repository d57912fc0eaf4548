"""The page of the papers in the Features panel, by clicks; the network's weights are fresh."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from looking import idle, opened, paint
from networks import fresh
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QDialog, QFileDialog
from pytestqt.qtbot import QtBot

from app.configuration.text import t
from app.session.session import Session
from app.ui.panels.features.papers_page import PapersPage
from app.ui.shell.editor import Editor
from app.ui.theme.theme import apply_theme, current_theme
from inpaint_core.inspection.papers.registry import papers
from inpaint_core.networks.store import user_weights


@pytest.fixture(scope="module", autouse=True)
def network() -> Iterator[None]:
    with fresh():
        yield


@pytest.fixture
def session(editor: Editor, qtbot: QtBot, gravel: Path) -> Session:
    return opened(editor, qtbot, gravel)


@pytest.fixture
def page(editor: Editor, session: Session, qtbot: QtBot) -> PapersPage:
    """In front, for a photo with something painted over."""
    paint(session)
    editor.window.actions_by_id["window.features"].trigger()
    chooser = editor.window.inspection.features.chooser
    chooser.pages.setCurrentWidget(chooser.papers)
    idle(editor, qtbot)
    return chooser.papers


def draw(editor: Editor, page: PapersPage, qtbot: QtBot) -> None:
    qtbot.mouseClick(page.draw, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: bool(page.figures), timeout=60000)
    idle(editor, qtbot)


def test_the_figures_are_drawn_shown_and_saved(
    editor: Editor,
    session: Session,
    page: PapersPage,
    qtbot: QtBot,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    before = session.document.pixels.copy()
    assert not editor.window.inspection.features.map_view.isVisible()
    assert not page.save.isEnabled()
    draw(editor, page, qtbot)
    assert (session.document.pixels == before).all()
    wanted = papers()["tsgl"].figures
    assert len(page.figures) == len(wanted)
    for spec, view in zip(wanted, page.figures, strict=True):
        assert view.picture.isHidden() == (spec.id == "tsgl_losses")
        plotted = [line.name for line in view.plot.lines]
        assert len(plotted) == {"tsgl_losses": 4, "tsgl_balance": 2}.get(spec.id, 0)
    first = page.figures[0].picture
    assert first.width() == pytest.approx(page.figures[0].width(), abs=2)
    assert first.height() > 50
    (losses,) = (view.plot for view in page.figures if len(view.plot.lines) == 4)
    colours = [line.colour for line in losses.lines]
    application = QApplication.instance()
    assert isinstance(application, QApplication)
    was_dark = current_theme().dark
    apply_theme(application, "light" if was_dark else "dark")
    try:
        assert not set(colours) & {line.colour for line in losses.lines}
    finally:
        apply_theme(application, "dark" if was_dark else "light")
    assert [line.colour for line in losses.lines] == colours
    # A click shows it pixel by pixel.
    qtbot.mouseClick(first, Qt.MouseButton.LeftButton)
    (dialog,) = editor.window.findChildren(QDialog)
    assert dialog.windowTitle().startswith(t("papers.tsgl_structure"))
    dialog.close()
    path = tmp_path / "mine.html"
    chosen = (str(path), "")
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_, **__: chosen)
    qtbot.mouseClick(page.save, Qt.MouseButton.LeftButton)
    idle(editor, qtbot)
    assert path.read_text("utf-8").count("<h2>") == len(wanted)
    # Another photo's figures are not these.
    editor.controller.close(session)
    qtbot.waitUntil(lambda: page.figures == [])


def test_no_map_lies_on_the_photo_beside_the_figures(
    editor: Editor, page: PapersPage, qtbot: QtBot
) -> None:
    features = editor.window.inspection.features
    draw(editor, page, qtbot)
    assert features.drawn is not None
    assert not features.overlay.layers
    features.chooser.pages.setCurrentIndex(0)
    assert features.overlay.layers
    features.chooser.pages.setCurrentWidget(page)
    assert not features.overlay.layers


def test_without_weights_a_sentence_says_how_to_get_some(
    only_base_ships: None, page: PapersPage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(user_weights, "data_folder", lambda: tmp_path / "data")
    assert page.draw.isEnabled()
    page.paper.setCurrentIndex(page.paper.findData("pconv"))
    page.paper.activated.emit(page.paper.currentIndex())
    assert not page.draw.isEnabled()
    assert re.search("need weights .*“pconv”.*inpaint train", page.message.text())
    page.paper.setCurrentIndex(page.paper.findData("tsgl"))
    page.paper.activated.emit(page.paper.currentIndex())
    assert page.draw.isEnabled()


def test_another_language_writes_the_page_in_it(
    editor: Editor, page: PapersPage, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    draw(editor, page, qtbot)
    chosen = (str(tmp_path / "seite"), "")
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_, **__: chosen)
    t.choose("de")
    try:
        qtbot.mouseClick(page.save, Qt.MouseButton.LeftButton)
        idle(editor, qtbot)
    finally:
        t.choose("en")
    text = (tmp_path / "seite.html").read_text("utf-8")
    assert '<html lang="de">' in text
    assert "Für Fotografen:" in text
