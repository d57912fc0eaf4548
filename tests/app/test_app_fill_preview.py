"""Previews of a fill: on the canvas only, and gone without a trace."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from PySide6.QtCore import QEvent, QObject, QPointF, QSettings, Qt
from pytestqt.qtbot import QtBot
from screens import grabbed, show
from skimage import data

from app.configuration.settings import Settings
from app.document.document import Document
from app.session.session import Session
from app.ui.canvas.canvas import Canvas
from app.ui.dialogs import questions
from app.ui.painting.document_picture import DocumentPicture
from app.ui.shell.editor import Editor
from inpaint_core.contract.geometry import Rect
from inpaint_core.contract.preview import FillPreview
from inpaint_core.contract.progress import Progress
from inpaint_core.contract.request import InpaintRequest, InpaintResult
from inpaint_core.engine.engine import Engine
from inpaint_core.photo.photo import Photo
from inpaint_core.photo.read_photo import read_photo
from inpaint_core.raster.composition import compose, to_float
from inpaint_core.raster.soft_mask import soften

MIDDLE = (170, 150)
BESIDE = (350, 60)


class Held:
    """Holds a real fill after its first preview until it may go on."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.go = threading.Event()
        self.previews: list[FillPreview] = []
        real = Engine.inpaint

        def inpaint(
            engine: Engine,
            request: InpaintRequest,
            progress: Progress,
            part: Callable[..., None],
            on_preview: Callable[[FillPreview], None],
        ) -> InpaintResult:
            def hold(preview: FillPreview) -> None:
                self.previews.append(preview)
                on_preview(preview)
                assert self.go.wait(60)

            return real(engine, request, progress, part, on_preview=hold)

        monkeypatch.setattr(Engine, "inpaint", inpaint)


@pytest.fixture
def held(monkeypatch: pytest.MonkeyPatch) -> Iterator[Held]:
    held = Held(monkeypatch)
    yield held
    held.go.set()


@pytest.fixture
def session(editor: Editor, qtbot: QtBot, tmp_path: Path) -> Session:
    """A photo with a large hole painted in its middle."""
    path = tmp_path / "wide.png"
    Image.fromarray(data.gravel()[:300, :420]).convert("RGB").save(path)
    editor.settings.set("brush.size", 120)
    editor.controller.open([path])
    qtbot.waitUntil(lambda: editor.controller.current is not None, timeout=60000)
    session = editor.controller.current
    assert session is not None
    editor.window.canvas.setFocus()
    click(editor, qtbot, MIDDLE)
    return session


def click(editor: Editor, qtbot: QtBot, at: tuple[int, int]) -> None:
    canvas = editor.window.canvas
    place = canvas.to_widget(QPointF(*at)).toPoint()
    qtbot.mouseClick(canvas, Qt.MouseButton.LeftButton, pos=place)
    qtbot.mouseMove(canvas, canvas.to_widget(QPointF(415, 295)).toPoint())


def begin(editor: Editor, qtbot: QtBot) -> None:
    """Press Enter, and wait for the first preview."""
    canvas = editor.window.canvas
    qtbot.keyClick(canvas, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: canvas.shows_preview, timeout=60000)


def idle(editor: Editor, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: not editor.controller.is_busy, timeout=120000)


def colour(editor: Editor, at: tuple[int, int]) -> NDArray[np.int_]:
    canvas = editor.window.canvas
    place = canvas.to_widget(QPointF(*at)).toPoint()
    return grabbed(canvas)[place.y() - 2 : place.y() + 3, place.x() - 2 : place.x() + 3].astype(int)


def is_red(pixels: NDArray[np.int_]) -> bool:
    return bool((pixels[..., 0] - pixels[..., 1]).mean() > 40)  # the photo is grey


def test_a_preview_takes_the_place_of_the_mask_and_stopping_brings_it_back(
    editor: Editor, session: Session, qtbot: QtBot, held: Held
) -> None:
    document, canvas = session.document, editor.window.canvas
    before, revision = document.pixels.copy(), document.revision
    looked = grabbed(canvas)
    assert is_red(colour(editor, MIDDLE))
    begin(editor, qtbot)
    shown = grabbed(canvas)
    assert not is_red(colour(editor, MIDDLE))
    # A sketch in the colours around it, without the texture that was there.
    inside = colour(editor, MIDDLE)
    assert np.ptp(inside) <= 4
    assert abs(inside.mean() - before[100:200, 60:110].mean()) < 40
    corner = shown[4:44, 4:200].astype(int) - looked[4:44, 4:200]
    assert np.abs(corner).max() > 40  # it says that it is a preview
    assert np.array_equal(document.pixels, before)
    assert document.revision == revision
    qtbot.keyClick(canvas, Qt.Key.Key_Escape)
    assert not canvas.shows_preview
    assert np.array_equal(grabbed(canvas), looked)
    held.go.set()
    idle(editor, qtbot)
    qtbot.wait(50)
    assert np.array_equal(grabbed(canvas), looked)
    assert np.array_equal(document.pixels, before)
    assert document.revision == revision


def test_the_result_follows_the_preview_without_the_mask_in_between_and_can_be_undone(
    editor: Editor, session: Session, qtbot: QtBot, held: Held
) -> None:
    document, canvas = session.document, editor.window.canvas
    before, mask = document.pixels.copy(), document.mask.copy()
    looked = grabbed(canvas)
    begin(editor, qtbot)
    painted: list[bool] = []

    class Paints(QObject):
        def eventFilter(self, watched: QObject, event: QEvent) -> bool:
            if event.type() == QEvent.Type.Paint:
                painted.append(canvas.shows_preview or not document.mask.any())
            return False

    paints = Paints()
    canvas.installEventFilter(paints)
    held.go.set()
    idle(editor, qtbot)
    qtbot.waitUntil(lambda: not canvas.shows_preview and len(painted) > 1)
    canvas.removeEventFilter(paints)
    assert all(painted)
    assert not document.mask.any()
    assert (document.pixels != before).any()
    assert len(held.previews) >= 1
    editor.window.actions_by_id["edit.undo"].trigger()
    assert np.array_equal(document.pixels, before)
    assert np.array_equal(document.mask, mask)
    assert np.array_equal(grabbed(canvas), looked)


def test_what_is_painted_during_a_preview_stays_visible(
    editor: Editor, session: Session, qtbot: QtBot, held: Held
) -> None:
    begin(editor, qtbot)
    editor.settings.set("brush.size", 40)
    click(editor, qtbot, BESIDE)
    assert is_red(colour(editor, BESIDE))
    assert not is_red(colour(editor, MIDDLE))
    click(editor, qtbot, MIDDLE)  # it was painted there before
    assert not is_red(colour(editor, MIDDLE))
    held.go.set()
    idle(editor, qtbot)
    qtbot.waitUntil(lambda: not editor.window.canvas.shows_preview)
    assert session.document.mask[BESIDE[1], BESIDE[0]] == 255
    assert is_red(colour(editor, BESIDE))


def test_comparing_shows_the_original_and_the_preview(
    editor: Editor, session: Session, qtbot: QtBot, held: Held
) -> None:
    canvas = editor.window.canvas
    hold = editor.window.command_handlers.hold_original
    hold(True)
    original = grabbed(canvas)
    hold(False)
    begin(editor, qtbot)
    shown = grabbed(canvas)
    hold(True)
    assert np.array_equal(grabbed(canvas), original)
    hold(False)
    assert np.array_equal(grabbed(canvas), shown)
    place = canvas.to_widget(QPointF(170, 115)).toPoint()  # above the line's handle
    for mode in ("split", "side"):
        canvas.compare(mode)
        qtbot.wait(10)
        assert grabbed(canvas).shape == shown.shape
    canvas.compare("split")
    canvas.move_split_line(place.x() + 3)
    left = grabbed(canvas)[place.y(), place.x() - 20 : place.x() - 5]
    assert np.array_equal(left, original[place.y(), place.x() - 20 : place.x() - 5])
    right = grabbed(canvas)[place.y(), place.x() + 10 : place.x() + 25]
    assert np.array_equal(right, shown[place.y(), place.x() + 10 : place.x() + 25])


def test_exports_projects_and_the_history_hold_nothing_of_a_preview(
    editor: Editor,
    session: Session,
    qtbot: QtBot,
    held: Held,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from app.session.export import ExportPlan
    from app.ui.dialogs.export_dialog import ExportOrder

    document = session.document
    before = document.pixels.copy()
    entries = len(document.history.entries)
    begin(editor, qtbot)
    written, project = tmp_path / "written.png", tmp_path / "work.lacuna"
    editor.window.command_handlers.writing.write(session, ExportOrder(written, ExportPlan()))
    qtbot.waitUntil(written.exists, timeout=60000)
    monkeypatch.setattr(questions, "ask_project_to_save", lambda parent, proposed: project)
    editor.window.actions_by_id["file.save"].trigger()
    qtbot.waitUntil(project.exists, timeout=60000)
    assert editor.window.canvas.shows_preview
    assert np.array_equal(read_photo(written).pixels, before)
    assert len(document.history.entries) == entries
    assert np.array_equal(document.pixels, before)
    qtbot.keyClick(editor.window.canvas, Qt.Key.Key_Escape)
    held.go.set()
    idle(editor, qtbot)


def test_a_preview_waits_while_another_photo_is_shown(
    editor: Editor, session: Session, qtbot: QtBot, held: Held, photo: Path
) -> None:
    canvas = editor.window.canvas
    begin(editor, qtbot)
    shown = grabbed(canvas)
    editor.controller.open([photo])
    qtbot.waitUntil(lambda: editor.controller.current is not session, timeout=60000)
    assert not canvas.shows_preview
    editor.controller.show(session)
    assert canvas.shows_preview
    at = canvas.to_widget(QPointF(*MIDDLE)).toPoint()
    assert shown.size
    assert not is_red(colour(editor, MIDDLE))
    assert grabbed(canvas)[at.y(), at.x()].any()


# -- drawing, without an engine --------------------------------------------------------------------


@pytest.fixture
def canvas(qtbot: QtBot, tmp_path: Path) -> Canvas:
    canvas = Canvas(Settings(QSettings(str(tmp_path / "k.ini"), QSettings.Format.IniFormat)))
    qtbot.addWidget(canvas)
    canvas.resize(700, 500)
    canvas.show()
    return canvas


@pytest.mark.parametrize("zoom", ["fit", 0.4, 1.0, 1.5, 3.0])
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_a_finished_preview_looks_as_the_result_will(
    canvas: Canvas, zoom: str | float, dtype: Any
) -> None:
    pixels = np.stack([data.gravel()[:400, :500]] * 3, axis=2).astype(dtype)
    pixels = pixels * dtype(np.iinfo(dtype).max // 255)
    document = show(canvas, pixels)
    mask = np.zeros((400, 500), np.uint8)
    mask[130:260, 160:330] = 255
    soft = soften(mask, 0, 6)
    fill = np.stack([data.gravel()[100:500, 12:512]] * 3, axis=2)
    fill = np.asarray(fill, np.uint8).astype(dtype) * dtype(np.iinfo(dtype).max // 255)
    rect = soft.rect
    if zoom != "fit":
        canvas.zoom_to(float(zoom))
    preview = FillPreview(
        rect,
        fill[rect.grow(2).slices],
        (rect.x - 2, rect.y - 2, rect.right + 2, rect.bottom + 2),
        soft.strength,
    )
    canvas.preview_unfinished(preview)
    shown = grabbed(canvas)[48:].astype(int)  # below the word
    canvas.clear_preview()
    composed = compose(pixels[rect.slices], soft.strength, to_float(fill[rect.slices]))
    document.apply_fill(rect, composed)
    wanted = grabbed(canvas)[48:].astype(int)
    assert np.abs(shown - wanted).mean() < 0.5
    # Reduced, blocks of pixels begin elsewhere.
    assert np.quantile(np.abs(shown - wanted), 0.999) <= (20 if zoom == 0.4 else 6)


def test_a_finished_part_replaces_the_preview_there_and_not_beside_it(canvas: Canvas) -> None:
    document = show(canvas, np.full((300, 500, 3), 180, np.uint8))
    rect = Rect(100, 80, 200, 100)
    before = grabbed(canvas)
    canvas.preview_unfinished(
        FillPreview(
            rect,
            np.zeros((5, 9, 3), np.uint8),
            (90, 70, 310, 190),
            np.full((100, 200), 255, np.uint8),
        )
    )
    part = Rect(100, 80, 100, 100)
    canvas.preview(part, np.full((100, 100, 3), 250, np.uint8))
    shown = grabbed(canvas)
    left, right = (canvas.to_widget(QPointF(x, 130)).toPoint() for x in (150, 250))
    assert shown[left.y(), left.x()].tolist() == [250] * 3
    assert shown[right.y(), right.x()].tolist() == [0] * 3
    canvas.clear_preview()
    assert np.array_equal(grabbed(canvas), before)
    assert (document.pixels == 180).all()


def test_opacity_of_a_preview_is_shown_over_the_checkerboard(canvas: Canvas) -> None:
    alpha = np.full((300, 500), 255, np.uint8)
    photo = Photo(np.full((300, 500, 3), 250, np.uint8), alpha=alpha)
    document = Document(photo)
    canvas.show_document(document, DocumentPicture.from_photo(photo))
    rect = Rect(100, 80, 200, 100)
    opacity = np.full((100, 200), 255, np.uint8)
    opacity[:, :100] = 0
    canvas.preview_unfinished(
        FillPreview(
            rect,
            np.full((100, 200, 3), 200, np.uint8),
            (100, 80, 300, 180),
            np.full((100, 200), 255, np.uint8),
            opacity,
        )
    )
    shown = grabbed(canvas)
    left, right = (canvas.to_widget(QPointF(x, 130)).toPoint() for x in (150, 250))
    assert shown[left.y(), left.x(), 0] in (0x5A, 0x46)
    assert shown[right.y(), right.x()].tolist() == [200] * 3
