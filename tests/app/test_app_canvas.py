from __future__ import annotations

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QImage, QWheelEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.ui import theme
from app.ui.canvas import LARGEST_ZOOM, Canvas
from app.ui.qimage import display_image, levels
from inpaint_core.imaging.photo import Photo


def _levels(width: int, height: int) -> tuple[QImage, ...]:
    y, x = np.mgrid[:height, :width]
    pixels = np.stack([x % 251, y % 241, (x // 251 + y // 241) * 16], axis=-1).astype(np.uint8)
    return levels(display_image(Photo(pixels))[0])


@pytest.fixture
def canvas(qtbot: QtBot) -> Canvas:
    canvas = Canvas()
    qtbot.addWidget(canvas)
    canvas.resize(600, 400)
    canvas.show()
    return canvas


def test_a_large_photo_is_fitted_whole(canvas: Canvas) -> None:
    canvas.show_levels(_levels(1500, 700))
    top_left = canvas.to_widget(QPointF(0, 0))
    bottom_right = canvas.to_widget(QPointF(1500, 700))
    assert top_left.x() >= 0
    assert top_left.y() >= 0
    assert bottom_right.x() <= 600
    assert bottom_right.y() <= 400
    assert bottom_right.x() - top_left.x() > 560


def test_a_small_photo_is_not_blown_up(canvas: Canvas) -> None:
    canvas.show_levels(_levels(40, 30))
    assert canvas.zoom == 1.0


def test_a_fitted_photo_stays_fitted_when_the_window_changes(canvas: Canvas) -> None:
    canvas.show_levels(_levels(1500, 700))
    before = canvas.zoom
    canvas.resize(300, 200)
    assert canvas.zoom < before
    canvas.actual()
    canvas.resize(600, 400)
    assert canvas.zoom == 1.0


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    zoom=st.floats(0.3, 30),
    start=st.floats(0.3, 30),
    x=st.floats(0, 600),
    y=st.floats(0, 400),
)
def test_zooming_holds_the_point_under_the_cursor(
    canvas: Canvas, zoom: float, start: float, x: float, y: float
) -> None:
    canvas.show_levels(_levels(3000, 2000))
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
    canvas.show_levels(_levels(300, 200))
    canvas.pan(QPointF(1e6, -1e6))
    middle = canvas.to_photo(QPointF(300, 200))
    assert abs(middle.x() - 0) <= 1
    assert abs(middle.y() - 200) <= 1


def test_zoom_has_its_limits(canvas: Canvas) -> None:
    canvas.show_levels(_levels(1500, 700))
    canvas.zoom_to(1e9)
    assert canvas.zoom == LARGEST_ZOOM
    canvas.zoom_to(1e-9)
    assert 0 < canvas.zoom < 0.03


def test_at_100_percent_every_pixel_of_the_screen_is_one_of_the_photo(canvas: Canvas) -> None:
    shown = _levels(1500, 700)
    canvas.show_levels(shown)
    canvas.actual()
    grabbed = canvas.grab().toImage()
    origin = canvas.to_photo(QPointF(0, 0))
    left, top = round(origin.x()), round(origin.y())
    assert origin == QPointF(left, top)
    for x, y in ((0, 0), (599, 399), (123, 45), (300, 200)):
        assert grabbed.pixelColor(x, y) == shown[0].pixelColor(left + x, top + y)


def test_enlarged_pixels_have_sharp_edges(canvas: Canvas) -> None:
    shown = _levels(1500, 700)
    canvas.show_levels(shown)
    canvas.zoom_to(4.0)
    grabbed = canvas.grab().toImage()
    for x, y in ((10, 10), (301, 203), (555, 390)):
        point = canvas.to_photo(QPointF(x + 0.5, y + 0.5))
        expected = shown[0].pixelColor(int(point.x()), int(point.y()))
        assert grabbed.pixelColor(x, y) == expected


def test_outside_the_photo_is_the_background(canvas: Canvas) -> None:
    canvas.show_levels(_levels(40, 30))
    assert canvas.grab().toImage().pixelColor(2, 2) == QColor(theme.CANVAS)


def test_a_zoomed_out_photo_is_drawn_from_a_smaller_level(canvas: Canvas) -> None:
    large = QImage(1200, 800, QImage.Format.Format_RGB32)
    large.fill(QColor("red"))
    small = QImage(600, 400, QImage.Format.Format_RGB32)
    small.fill(QColor("green"))
    canvas.show_levels((large, small))
    assert canvas.grab().toImage().pixelColor(300, 200) == QColor("green")
    canvas.zoom_to(0.6)
    assert canvas.grab().toImage().pixelColor(300, 200) == QColor("red")


def test_the_wheel_zooms_and_a_drag_pans(canvas: Canvas, qtbot: QtBot) -> None:
    canvas.show_levels(_levels(1500, 700))
    before = canvas.zoom
    wheel = QWheelEvent(
        QPointF(100, 100),
        canvas.mapToGlobal(QPointF(100, 100)),
        QPoint(),
        QPoint(0, 120),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(canvas, wheel)
    assert canvas.zoom == pytest.approx(before * 1.25)

    canvas.actual()
    held = canvas.to_photo(QPointF(300, 200))
    qtbot.mousePress(canvas, Qt.MouseButton.LeftButton, pos=QPoint(300, 200))
    qtbot.mouseMove(canvas, QPoint(340, 230))
    qtbot.mouseRelease(canvas, Qt.MouseButton.LeftButton, pos=QPoint(340, 230))
    moved = canvas.to_widget(held) - QPointF(340, 230)
    assert moved.manhattanLength() <= 1.5


def test_the_cursor_tells_the_photos_pixel(canvas: Canvas, qtbot: QtBot) -> None:
    canvas.show_levels(_levels(1500, 700))
    canvas.actual()
    told: list[QPoint | None] = []
    canvas.hovered.connect(told.append)
    qtbot.mouseMove(canvas, QPoint(300, 200))
    origin = canvas.to_photo(QPointF(0, 0))
    assert told[-1] == QPoint(int(origin.x()) + 300, int(origin.y()) + 200)


def test_nothing_is_drawn_or_zoomed_without_a_photo(canvas: Canvas) -> None:
    canvas.show_levels(())
    canvas.fit()
    canvas.zoom_in()
    canvas.actual()
    image = canvas.grab().toImage()
    assert image.pixelColor(300, 200) == QColor(theme.CANVAS)


def test_what_is_transparent_shows_a_checkerboard(canvas: Canvas) -> None:
    clear = QImage(100, 100, QImage.Format.Format_ARGB32_Premultiplied)
    clear.fill(0)
    canvas.show_levels((clear,))
    image = canvas.grab().toImage()
    colours = {image.pixelColor(x, y).name() for x in range(260, 340) for y in range(160, 240)}
    assert colours == {"#5a5a5a", "#464646"}
