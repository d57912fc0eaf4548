"""The canvas with real documents: what is drawn, where, and how little of it again."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from PySide6.QtCore import QPoint, QPointF, QRect, QSettings, Qt
from PySide6.QtGui import (
    QColor,
    QImage,
    QNativeGestureEvent,
    QPaintEvent,
    QPointingDevice,
    QRegion,
    QWheelEvent,
)
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.document.document import Document
from app.settings import Settings
from app.ui import qimage, theme
from app.ui.canvas import Canvas
from app.ui.picture import Picture
from app.ui.view import LARGEST_ZOOM
from inpaint_core.geometry import Rect
from inpaint_core.imaging.photo import Photo


def pattern(width: int, height: int) -> NDArray[np.uint8]:
    """A photo (height, width, 3) in which neighbouring pixels differ."""
    y, x = np.mgrid[:height, :width]
    return np.stack([x % 251, y % 241, (x // 251 + y // 241) * 16], axis=-1).astype(np.uint8)


def show(canvas: Canvas, pixels: NDArray[np.uint8]) -> Document:
    photo = Photo(pixels)
    document = Document(photo)
    canvas.show_document(document, Picture.of(photo))
    QApplication.processEvents()
    return document


def grabbed(canvas: Canvas) -> NDArray[np.uint8]:
    """What the canvas shows, (h, w, 3)."""
    return qimage.array(canvas.grab().toImage())


def paint(document: Document, rect: Rect, value: int = 255) -> None:
    with document.edit("history.brush") as editing:
        editing.write("mask", rect, np.full((rect.h, rect.w), value, np.uint8))


class Watched(Canvas):
    """Remembers what it was asked to paint, and what of the photo it drew again."""

    def __init__(self, kept: Settings) -> None:
        super().__init__(kept)
        self.painted: list[QRegion] = []
        self.drawn: list[QRect] = []

    def paintEvent(self, event: QPaintEvent) -> None:
        self.painted.append(QRegion(event.region()))
        super().paintEvent(event)

    def _draw(self, painter: object, rect: QRect) -> None:
        self.drawn.append(QRect(rect))
        super()._draw(painter, rect)  # type: ignore[arg-type]

    def forget(self) -> None:
        QApplication.processEvents()
        self.painted.clear()
        self.drawn.clear()


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


def wheel(canvas: Canvas, at: QPointF, turned: int, shift: bool = False) -> None:
    modifiers = Qt.KeyboardModifier.ShiftModifier if shift else Qt.KeyboardModifier.NoModifier
    event = QWheelEvent(
        at,
        canvas.mapToGlobal(at),
        QPoint(),
        QPoint(0, turned),
        Qt.MouseButton.NoButton,
        modifiers,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(canvas, event)


# -- zoom and pan ----------------------------------------------------------------------------------


def test_a_large_photo_is_fitted_whole(canvas: Canvas) -> None:
    show(canvas, pattern(1500, 700))
    top_left = canvas.to_widget(QPointF(0, 0))
    bottom_right = canvas.to_widget(QPointF(1500, 700))
    assert top_left.x() >= 0
    assert top_left.y() >= 0
    assert bottom_right.x() <= 600
    assert bottom_right.y() <= 400
    assert bottom_right.x() - top_left.x() > 560


def test_a_small_photo_is_not_blown_up(canvas: Canvas) -> None:
    show(canvas, pattern(40, 30))
    assert canvas.zoom == 1.0


def test_a_fitted_photo_stays_fitted_when_the_window_changes(canvas: Canvas) -> None:
    show(canvas, pattern(1500, 700))
    before = canvas.zoom
    canvas.resize(300, 200)
    assert canvas.zoom < before
    canvas.actual()
    canvas.resize(600, 400)
    assert canvas.zoom == 1.0


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25)
@given(zoom=st.floats(0.3, 30), start=st.floats(0.3, 30), x=st.floats(0, 600), y=st.floats(0, 400))
def test_zooming_holds_the_point_under_the_cursor(
    canvas: Canvas, zoom: float, start: float, x: float, y: float
) -> None:
    if canvas.document is None:
        show(canvas, pattern(3000, 2000))
    canvas.fit()
    anchor = QPointF(x, y)
    canvas.zoom_to(start)
    held = canvas.to_photo(anchor)
    canvas.zoom_to(zoom, anchor)
    moved = canvas.to_widget(held) - anchor
    # The middle of the view never leaves the photo, which matters when zooming out at its rim.
    middle = canvas.to_photo(QPointF(300, 200))
    if 1 < middle.x() < 2999 and 1 < middle.y() < 1999:
        # Photos start on a whole pixel of the screen: half a pixel before and after zooming,
        # the one before enlarged with the photo.
        slack = 0.51 + 0.51 * zoom / start
        assert abs(moved.x()) <= slack
        assert abs(moved.y()) <= slack


def test_the_photo_cannot_be_lost_out_of_sight(canvas: Canvas) -> None:
    show(canvas, pattern(300, 200))
    canvas.pan(QPointF(1e6, -1e6))
    middle = canvas.to_photo(QPointF(300, 200))
    assert abs(middle.x() - 0) <= 1
    assert abs(middle.y() - 200) <= 1


def test_zoom_has_its_limits(canvas: Canvas) -> None:
    show(canvas, pattern(1500, 700))
    canvas.zoom_to(1e9)
    assert canvas.zoom == LARGEST_ZOOM == 32
    canvas.zoom_to(1e-9)
    assert canvas.zoom == pytest.approx(0.05)


def test_a_photo_too_long_for_the_limit_can_still_be_seen_whole(canvas: Canvas) -> None:
    show(canvas, pattern(20000, 40))
    assert canvas.to_widget(QPointF(20000, 0)).x() <= 600
    canvas.zoom_to(1e-9)
    assert 0.025 < canvas.zoom < 0.03


def test_the_wheel_zooms_and_with_shift_moves_to_the_side(canvas: Canvas) -> None:
    show(canvas, pattern(1500, 700))
    before = canvas.zoom
    wheel(canvas, QPointF(100, 100), 120)
    assert canvas.zoom == pytest.approx(before * 1.25)
    left = canvas.to_widget(QPointF(0, 0)).x()
    wheel(canvas, QPointF(100, 100), -120, shift=True)
    assert canvas.zoom == pytest.approx(before * 1.25)
    assert canvas.to_widget(QPointF(0, 0)).x() < left


def test_a_pinch_zooms_to_the_fingers(canvas: Canvas) -> None:
    show(canvas, pattern(1500, 700))
    canvas.actual()
    at = QPointF(200, 150)
    held = canvas.to_photo(at)
    pinch = QNativeGestureEvent(
        Qt.NativeGestureType.ZoomNativeGesture,
        QPointingDevice.primaryPointingDevice(),
        2,
        at,
        at,
        canvas.mapToGlobal(at),
        0.5,
        QPointF(),
    )
    QApplication.sendEvent(canvas, pinch)
    assert canvas.zoom == pytest.approx(1.5)
    assert (canvas.to_widget(held) - at).manhattanLength() <= 2.5


def test_a_view_can_be_left_and_come_back_to(canvas: Canvas) -> None:
    show(canvas, pattern(1500, 700))
    canvas.zoom_to(2.0, QPointF(120, 90))
    place, corner = canvas.view(), canvas.to_photo(QPointF(0, 0))
    canvas.fit()
    canvas.restore_view(place)
    assert canvas.zoom == 2.0
    assert canvas.to_photo(QPointF(0, 0)) == corner
    canvas.fit()
    fitted = canvas.view()
    canvas.zoom_to(3)
    canvas.restore_view(fitted)
    canvas.resize(300, 200)
    assert canvas.zoom < fitted.zoom


# -- what is drawn ---------------------------------------------------------------------------------


def test_at_100_percent_every_pixel_of_the_screen_is_one_of_the_photo(canvas: Canvas) -> None:
    pixels = pattern(1500, 700)
    show(canvas, pixels)
    canvas.actual()
    origin = canvas.to_photo(QPointF(0, 0))
    left, top = round(origin.x()), round(origin.y())
    assert origin == QPointF(left, top)
    assert np.array_equal(grabbed(canvas), pixels[top : top + 400, left : left + 600])


def test_after_any_pan_the_photo_is_drawn_as_if_afresh(canvas: Canvas) -> None:
    pixels = pattern(1500, 700)
    show(canvas, pixels)
    canvas.actual()
    for delta in ((13, -7), (-250, 40), (0, 5), (900, 900)):
        QApplication.processEvents()
        canvas.pan(QPointF(*delta))
        moved = grabbed(canvas)
        canvas.spoil_all()
        assert np.array_equal(moved, grabbed(canvas))


def test_enlarged_pixels_have_sharp_edges(canvas: Canvas) -> None:
    pixels = pattern(1500, 700)
    show(canvas, pixels)
    canvas.zoom_to(4.0)
    shown = grabbed(canvas)
    for x, y in ((10, 10), (301, 203), (555, 390)):
        point = canvas.to_photo(QPointF(x + 0.5, y + 0.5))
        assert np.array_equal(shown[y, x], pixels[int(point.y()), int(point.x())])


def test_from_800_percent_a_grid_parts_the_pixels(canvas: Canvas) -> None:
    show(canvas, np.zeros((100, 100, 3), np.uint8))
    canvas.zoom_to(7.9)
    assert not grabbed(canvas)[100:300, 100:300].any()
    canvas.zoom_to(8.0)
    row = grabbed(canvas)[203, 100:300, 0] > 0
    columns = np.flatnonzero(grabbed(canvas)[201:207, 100:300, 0].all(axis=0))
    assert 24 <= columns.size <= 26
    assert set(np.diff(columns)) == {8}
    assert row.sum() in (columns.size, 200)


def test_outside_the_photo_is_the_background(canvas: Canvas) -> None:
    show(canvas, pattern(40, 30))
    assert canvas.grab().toImage().pixelColor(2, 2) == QColor(theme.current().canvas)


def test_a_zoomed_out_photo_is_smooth(canvas: Canvas) -> None:
    checks = (np.indices((1600, 2400)).sum(axis=0) % 2 * 255).astype(np.uint8)
    show(canvas, np.repeat(checks[..., None], 3, axis=2))
    inside = grabbed(canvas)[50:350, 60:540].astype(int)
    assert np.abs(inside - 127).max() <= 2


def test_nothing_is_drawn_or_zoomed_without_a_photo(canvas: Canvas) -> None:
    show(canvas, pattern(40, 30))
    canvas.show_document(None, None)
    canvas.fit()
    canvas.zoom_in()
    canvas.actual()
    assert canvas.photo_size.isEmpty()
    assert canvas.grab().toImage().pixelColor(300, 200) == QColor(theme.current().canvas)


def test_what_is_transparent_shows_a_checkerboard(canvas: Canvas) -> None:
    photo = Photo(np.zeros((100, 100, 3), np.uint8), alpha=np.zeros((100, 100), np.uint8))
    canvas.show_document(Document(photo), Picture.of(photo))
    image = canvas.grab().toImage()
    colours = {image.pixelColor(x, y).name() for x in range(260, 340) for y in range(160, 240)}
    assert colours == {"#5a5a5a", "#464646"}


def test_the_screens_own_pixels_are_used_where_there_are_more_of_them(
    canvas: Canvas, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Watched, "devicePixelRatioF", lambda _self: 2.0)
    pixels = pattern(1500, 900)
    show(canvas, pixels)
    canvas.actual()
    target = QImage(1200, 800, QImage.Format.Format_RGB32)
    target.setDevicePixelRatio(2.0)
    canvas.render(target)
    corner = canvas.to_photo(QPointF(0, 0))
    left, top = round(corner.x()), round(corner.y())
    target.setDevicePixelRatio(1.0)
    assert np.array_equal(qimage.array(target), pixels[top : top + 800, left : left + 1200])


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
    canvas.spoil_all()
    whole = grabbed(canvas).astype(int)
    assert np.abs(parts - whole).max() <= 2


# -- how little is drawn ---------------------------------------------------------------------------


def test_a_change_repaints_only_its_own_rectangle(canvas: Watched) -> None:
    document = show(canvas, pattern(3000, 2000))
    canvas.actual()
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
    canvas.actual()
    canvas.forget()
    canvas.pan(QPointF(-20, 10))
    QApplication.processEvents()
    area = sum(rect.width() * rect.height() for rect in canvas.drawn)
    assert area == 20 * 400 + 10 * 580


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
    canvas.actual()
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
