"""The canvas with real documents: what is drawn, where, and how little of it again."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QPoint, QPointF, QSettings, Qt
from PySide6.QtGui import (
    QColor,
    QImage,
    QNativeGestureEvent,
    QPointingDevice,
    QWheelEvent,
)
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot
from screens import Watched, grabbed, pattern, show

from app.configuration.settings import Settings
from app.document.document import Document
from app.ui.canvas.canvas import Canvas
from app.ui.painting import qimage
from app.ui.painting.document_picture import DocumentPicture
from app.ui.painting.view_transform import LARGEST_ZOOM
from app.ui.theme import theme
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


def test_a_part_is_shown_whole_and_as_large_as_fits(canvas: Canvas) -> None:
    show(canvas, pattern(1500, 700))
    canvas.show_part(Rect(900, 300, 200, 100))
    low, high = canvas.to_widget(QPointF(900, 300)), canvas.to_widget(QPointF(1100, 400))
    assert (low + high) / 2 == QPointF(300, 200)
    assert 440 < high.x() - low.x() < 500  # some of what is around it is seen as well
    canvas.show_part(Rect(40, 10, 3, 3))
    assert canvas.zoom == 4.0
    assert canvas.to_photo(QPointF(300, 200)) == QPointF(41.5, 11.5)
    canvas.show_part(Rect(5, 5, 0, 0))
    assert canvas.zoom == 4.0


def test_a_fitted_photo_stays_fitted_when_the_window_changes(canvas: Canvas) -> None:
    show(canvas, pattern(1500, 700))
    before = canvas.zoom
    canvas.resize(300, 200)
    assert canvas.zoom < before
    canvas.show_actual_size()
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
    canvas.show_actual_size()
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
    place, corner = canvas.view_position(), canvas.to_photo(QPointF(0, 0))
    canvas.fit()
    canvas.restore_view(place)
    assert canvas.zoom == 2.0
    assert canvas.to_photo(QPointF(0, 0)) == corner
    canvas.fit()
    fitted = canvas.view_position()
    canvas.zoom_to(3)
    canvas.restore_view(fitted)
    canvas.resize(300, 200)
    assert canvas.zoom < fitted.zoom


# -- what is drawn ---------------------------------------------------------------------------------


def test_at_100_percent_every_pixel_of_the_screen_is_one_of_the_photo(canvas: Canvas) -> None:
    pixels = pattern(1500, 700)
    show(canvas, pixels)
    canvas.show_actual_size()
    origin = canvas.to_photo(QPointF(0, 0))
    left, top = round(origin.x()), round(origin.y())
    assert origin == QPointF(left, top)
    assert np.array_equal(grabbed(canvas), pixels[top : top + 400, left : left + 600])


def test_after_any_pan_the_photo_is_drawn_as_if_afresh(canvas: Canvas) -> None:
    pixels = pattern(1500, 700)
    show(canvas, pixels)
    canvas.show_actual_size()
    for delta in ((13, -7), (-250, 40), (0, 5), (900, 900)):
        QApplication.processEvents()
        canvas.pan(QPointF(*delta))
        moved = grabbed(canvas)
        canvas.invalidate_all()
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
    assert canvas.grab().toImage().pixelColor(2, 2) == QColor(theme.current_theme().canvas)


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
    canvas.show_actual_size()
    assert canvas.photo_size.isEmpty()
    assert canvas.grab().toImage().pixelColor(300, 200) == QColor(theme.current_theme().canvas)


def test_what_is_transparent_shows_a_checkerboard(canvas: Canvas) -> None:
    photo = Photo(np.zeros((100, 100, 3), np.uint8), alpha=np.zeros((100, 100), np.uint8))
    canvas.show_document(Document(photo), DocumentPicture.from_photo(photo))
    image = canvas.grab().toImage()
    colours = {image.pixelColor(x, y).name() for x in range(260, 340) for y in range(160, 240)}
    assert colours == {"#5a5a5a", "#464646"}


def test_the_screens_own_pixels_are_used_where_there_are_more_of_them(
    canvas: Canvas, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Watched, "devicePixelRatioF", lambda _self: 2.0)
    pixels = pattern(1500, 900)
    show(canvas, pixels)
    canvas.show_actual_size()
    target = QImage(1200, 800, QImage.Format.Format_RGB32)
    target.setDevicePixelRatio(2.0)
    canvas.render(target)
    corner = canvas.to_photo(QPointF(0, 0))
    left, top = round(corner.x()), round(corner.y())
    target.setDevicePixelRatio(1.0)
    assert np.array_equal(qimage.to_rgb(target), pixels[top : top + 800, left : left + 1200])
