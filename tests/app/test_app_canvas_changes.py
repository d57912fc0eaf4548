"""The masks on the canvas, how little is drawn again, and comparing."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, QRect, QSettings, Qt
from PySide6.QtGui import (
    QColor,
    QRegion,
)
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot
from screens import Watched, grabbed, paint, pattern, show

from app.configuration.settings import Settings
from app.document.document import Document
from app.ui.canvas.canvas import Canvas
from app.ui.painting.document_picture import DocumentPicture
from app.ui.tools.region_tools import PolygonTool
from app.workers.jobs import Lane
from inpaint_core.contract.geometry import Rect
from inpaint_core.photo.photo import Photo


@pytest.fixture
def kept(tmp_path: Path) -> Settings:
    return Settings(QSettings(str(tmp_path / "kept.ini"), QSettings.Format.IniFormat))


@pytest.fixture
def canvas(qtbot: QtBot, kept: Settings) -> Watched:
    canvas = Watched(kept)
    qtbot.addWidget(canvas)
    canvas.resize(600, 400)
    canvas.show()
    return canvas


# -- the mask --------------------------------------------------------------------------------------


@pytest.mark.parametrize("value", [0, 255])
def test_the_mask_is_tinted_and_its_outline_shows_on_dark_and_light(
    canvas: Canvas, value: int
) -> None:
    document = show(canvas, np.full((300, 500, 3), value, np.uint8))
    paint(document, Rect(100, 100, 200, 80))
    shown = grabbed(canvas).astype(int)
    corner = canvas.to_widget(QPointF(0, 0)).toPoint()
    x, y = corner.x(), corner.y()
    red, green, blue = shown[y + 140, x + 200]
    assert red > green + 50
    assert red > blue + 50
    assert np.all(shown[y + 50, x + 50] == value)
    edge = shown[y + 140, x + 97 : x + 104].mean(axis=1)
    assert edge.max() > 200  # light within dark: one of the two stands out
    assert edge.min() < 100
    line = np.abs(shown[y + 140, x + 90 : x + 100] - value).sum(axis=1)
    assert np.count_nonzero(line) == (0 if value == 0 else 1)  # one pixel of the dark line


def test_colour_and_opacity_are_settings_and_the_mask_can_be_hidden(
    canvas: Canvas, kept: Settings
) -> None:
    document = show(canvas, np.full((300, 500, 3), 100, np.uint8))
    paint(document, Rect(100, 100, 200, 80))
    at = canvas.to_widget(QPointF(200, 140)).toPoint()
    kept.set("look.mask_colour", "#00ff00")
    kept.set("look.mask_opacity", 100)
    assert canvas.grab().toImage().pixelColor(at) == QColor("#00ff00")
    kept.set("look.mask_shown", False)
    assert canvas.grab().toImage().pixelColor(at) == QColor(100, 100, 100)


def test_what_is_protected_is_hatched(canvas: Canvas) -> None:
    document = show(canvas, np.full((300, 500, 3), 100, np.uint8))
    with document.edit("history.protect") as editing:
        editing.write("protect", Rect(100, 100, 200, 80), np.full((80, 200), 255, np.uint8))
    shown = grabbed(canvas)
    corner = canvas.to_widget(QPointF(0, 0)).toPoint()
    inside = shown[corner.y() + 110 : corner.y() + 170, corner.x() + 110 : corner.x() + 290]
    strong, faint = inside.reshape(-1, 3).max(axis=0), inside.reshape(-1, 3).min(axis=0)
    assert strong[2] > faint[2] + 30
    assert len({tuple(pixel) for pixel in inside.reshape(-1, 3)}) == 2
    assert np.all(inside[..., 2] > inside[..., 0])


def test_undo_takes_the_mask_off_the_screen(canvas: Canvas) -> None:
    document = show(canvas, pattern(900, 600))
    before = grabbed(canvas)
    paint(document, Rect(100, 100, 500, 380))
    assert not np.array_equal(grabbed(canvas), before)
    document.undo()
    assert np.array_equal(grabbed(canvas), before)


@pytest.mark.parametrize("zoom", [0.13, 0.4, 0.5, 0.9, 1.0, 1.7, 2.3, 9.0])
def test_drawing_only_what_changed_is_as_good_as_drawing_all(canvas: Canvas, zoom: float) -> None:
    document = show(canvas, pattern(3000, 2000))
    canvas.zoom_to(zoom, QPointF(333, 111))
    canvas.grab()
    centre = canvas.to_photo(QPointF(300, 200))
    size = round(80 / zoom)
    for step in range(3):
        x, y = int(centre.x()) + step * size // 2 - size, int(centre.y()) - step * size // 3
        paint(document, Rect(x, y, size, size), 255 - 100 * step)
    parts = grabbed(canvas).astype(int)
    canvas.invalidate_all()
    whole = grabbed(canvas).astype(int)
    assert np.abs(parts - whole).max() <= 2


# -- how little is drawn ---------------------------------------------------------------------------


def test_a_change_repaints_only_its_own_rectangle(canvas: Watched) -> None:
    document = show(canvas, pattern(3000, 2000))
    canvas.show_actual_size()
    canvas.forget()
    corner = canvas.to_photo(QPointF(200, 100)).toPoint()
    paint(document, Rect(corner.x(), corner.y(), 40, 30))
    QApplication.processEvents()
    (region,) = canvas.painted
    allowed = QRect(200, 100, 40, 30).adjusted(-8, -8, 8, 8)
    assert allowed.contains(region.boundingRect())
    assert region.boundingRect().contains(QRect(200, 100, 40, 30))
    assert all(allowed.contains(rect) for rect in canvas.drawn)


def test_zoomed_out_a_change_repaints_little_too(canvas: Watched) -> None:
    document = show(canvas, pattern(3000, 2000))
    canvas.forget()
    paint(document, Rect(1500, 1000, 300, 200))
    QApplication.processEvents()
    (region,) = canvas.painted
    bounds = region.boundingRect()
    assert bounds.width() <= 300 * canvas.zoom + 16
    assert bounds.height() <= 200 * canvas.zoom + 16


def test_a_change_out_of_sight_repaints_nothing(canvas: Watched) -> None:
    document = show(canvas, pattern(3000, 2000))
    canvas.zoom_to(2.0)
    canvas.forget()
    paint(document, Rect(0, 0, 40, 30))
    QApplication.processEvents()
    assert canvas.drawn == []


def test_panning_draws_only_what_comes_into_sight(canvas: Watched) -> None:
    show(canvas, pattern(3000, 2000))
    canvas.show_actual_size()
    canvas.forget()
    canvas.pan(QPointF(-20, 10))
    QApplication.processEvents()
    area = sum(rect.width() * rect.height() for rect in canvas.drawn)
    assert area == 20 * 400 + 10 * 580


def test_corners_beyond_the_photo_are_painted_away(canvas: Watched, kept: Settings) -> None:
    document = show(canvas, pattern(400, 300))
    lane = Lane("tools")
    tool = PolygonTool(document, kept, lane)
    canvas.set_tool(tool)
    corners = [QPointF(20, 20), QPointF(250, -40), QPointF(-90, 250), QPointF(60, 60)]
    for end in ("Return", "Escape"):
        for corner in corners:
            QTest.mouseClick(canvas, Qt.MouseButton.LeftButton, pos=to_pixel(canvas, corner))
        canvas.forget()
        QTest.keyClick(canvas, getattr(Qt.Key, f"Key_{end}"))
        QApplication.processEvents()
        assert not tool.is_active
        for corner in corners:
            at = to_pixel(canvas, corner)
            handle = QRect(at.x() - 5, at.y() - 5, 10, 10)
            left = QRegion(handle)
            for region in canvas.painted:
                left = left.subtracted(region)
            assert left.isEmpty()
    lane.close()


def to_pixel(canvas: Canvas, place: QPointF) -> QPoint:
    return canvas.to_widget(place).toPoint()


# -- comparing -------------------------------------------------------------------------------------


def fill(document: Document) -> None:
    """Make everything black but the left edge."""
    height, width = document.shape
    rect = Rect(1, 0, width - 1, height)
    document.apply_fill(rect, np.zeros((height, width - 1, 3), document.pixels.dtype))


def test_the_original_is_shown_while_it_is_asked_for(canvas: Canvas) -> None:
    pixels = np.full((300, 500, 3), 180, np.uint8)
    document = show(canvas, pixels)
    before = grabbed(canvas)
    fill(document)
    paint(document, Rect(100, 100, 200, 80))
    after = grabbed(canvas)
    canvas.compare("original")
    shown = grabbed(canvas)
    assert np.array_equal(shown[60:], before[60:])  # the label is above
    canvas.compare("off")
    assert np.array_equal(grabbed(canvas), after)


def test_a_line_splits_before_and_after_and_can_be_dragged(canvas: Canvas, qtbot: QtBot) -> None:
    document = show(canvas, np.full((300, 500, 3), 180, np.uint8))
    fill(document)
    canvas.compare("split")
    row = grabbed(canvas)[100]
    assert np.all(row[150] == 180)
    assert np.all(row[450] == 0)
    qtbot.mousePress(canvas, Qt.MouseButton.LeftButton, pos=QPoint(300, 300))
    qtbot.mouseMove(canvas, QPoint(500, 300))
    qtbot.mouseRelease(canvas, Qt.MouseButton.LeftButton, pos=QPoint(500, 300))
    row = grabbed(canvas)[100]
    assert np.all(row[450] == 180)
    assert np.all(row[520] == 0)
    assert document.history.position == 1


def test_side_by_side_both_show_the_same_part(canvas: Canvas) -> None:
    document = show(canvas, pattern(1500, 900))
    fill(document)
    canvas.compare("side")
    canvas.zoom_to(1.0, QPointF(400, 200))  # in the right half
    left = canvas.to_photo(QPointF(100, 200))
    right = canvas.to_photo(QPointF(400, 200))
    assert left == right
    shown = grabbed(canvas)
    assert shown[100:300, 50:250].any()
    assert not shown[100:300, 350:550].any()


def test_a_finished_part_of_a_fill_is_shown_but_not_kept(canvas: Canvas) -> None:
    pixels = np.full((600, 900, 3), 180, np.uint8)
    document = show(canvas, pixels)
    before = grabbed(canvas)
    canvas.preview(Rect(300, 200, 300, 200), np.zeros((200, 300, 3), np.uint8))
    at = canvas.to_widget(QPointF(450, 300)).toPoint()
    assert grabbed(canvas)[at.y(), at.x()].tolist() == [0, 0, 0]
    assert document.pixels[300, 450].tolist() == [180, 180, 180]
    canvas.clear_preview()
    assert np.array_equal(grabbed(canvas), before)


def test_a_preview_does_not_outlast_another_photo_in_between(canvas: Canvas) -> None:
    photo = Photo(np.full((300, 500, 3), 180, np.uint8))
    document, picture = Document(photo), DocumentPicture.from_photo(photo)
    canvas.show_document(document, picture)
    before = grabbed(canvas)
    canvas.preview(Rect(100, 100, 300, 100), np.zeros((100, 300, 3), np.uint8))
    show(canvas, pattern(500, 300))
    canvas.show_document(document, picture)
    assert np.array_equal(grabbed(canvas), before)
    canvas.preview(Rect(0, 0, 1, 1), np.zeros((1, 1, 3), np.uint8))
    assert np.array_equal(grabbed(canvas)[150], before[150])


def test_a_document_that_is_not_shown_any_more_is_let_go(canvas: Watched) -> None:
    document = show(canvas, pattern(900, 600))
    other = show(canvas, pattern(800, 500))
    canvas.forget()
    paint(document, Rect(0, 0, 800, 500))
    QApplication.processEvents()
    assert canvas.drawn == []
    assert canvas.document is other


def test_the_cursor_tells_the_photos_pixel(canvas: Canvas, qtbot: QtBot) -> None:
    show(canvas, pattern(1500, 700))
    canvas.show_actual_size()
    told: list[QPoint | None] = []
    canvas.hovered.connect(told.append)
    qtbot.mouseMove(canvas, QPoint(300, 200))
    origin = canvas.to_photo(QPointF(0, 0))
    assert told[-1] == QPoint(int(origin.x()) + 300, int(origin.y()) + 200)


def test_a_new_look_is_drawn_at_once(canvas: Watched, kept: Settings) -> None:
    show(canvas, pattern(900, 600))
    canvas.forget()
    kept.set("look.mask_opacity", 80)
    QApplication.processEvents()
    assert sum(rect.width() * rect.height() for rect in canvas.drawn) == 600 * 400
