"""What panels draw over the photo lies where it belongs, and only over the photo as it is now."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from PySide6.QtCore import QPointF, QSettings, QSize
from PySide6.QtGui import QColor, QImage, QPolygonF
from pytestqt.qtbot import QtBot

from app.configuration.settings import Settings
from app.document.document import Document
from app.ui.canvas.canvas import Canvas
from app.ui.overlays.map_overlay import MapLayer, MapOverlay
from app.ui.painting.document_picture import DocumentPicture
from inpaint_core.contract.geometry import Rect
from inpaint_core.contract.progress import Progress
from inpaint_core.photo.photo import Photo

RED, BLUE, GREY = QColor(255, 0, 0), QColor(0, 0, 255), QColor(90, 90, 90)


@pytest.fixture
def canvas(qtbot: QtBot, settings: QSettings) -> Iterator[Canvas]:
    canvas = Canvas(Settings(settings))
    qtbot.addWidget(canvas)
    canvas.resize(QSize(300, 200))
    photo = Photo(np.full((80, 120, 3), 90, np.uint8))
    canvas.show_document(Document(photo), DocumentPicture.from_photo(photo, Progress()))
    canvas.show()
    qtbot.waitExposed(canvas)
    yield canvas
    canvas.show_document(None, None)


def two_by_one() -> QImage:
    image = QImage(2, 1, QImage.Format.Format_ARGB32_Premultiplied)
    image.setPixelColor(0, 0, RED)
    image.setPixelColor(1, 0, BLUE)
    return image


def colour(canvas: Canvas, x: float, y: float) -> QColor:
    place = canvas.to_widget(QPointF(x, y))
    return canvas.grab().toImage().pixelColor(int(place.x()), int(place.y()))


@pytest.mark.parametrize("zoom", [1.0, 2.0, 0.7])
def test_a_map_lies_on_its_place_at_any_zoom_and_ends_at_its_crop(
    canvas: Canvas, zoom: float
) -> None:
    overlay = MapOverlay()
    canvas.add_overlay(overlay)
    canvas.zoom_to(zoom)
    # Two map pixels of 20 x 40 photo pixels from (40, 20) on; the crop ends in the second.
    overlay.show_layers([MapLayer(two_by_one(), (40, 20, 80, 60), Rect(40, 20, 30, 40))], (), 1.0)
    margin = 1.5 / zoom
    for x, wanted in ((41, RED), (60 - margin, RED), (60 + margin, BLUE), (70 - margin, BLUE)):
        assert colour(canvas, x + 0.01, 40) == wanted, x
    for x, y in ((40 - margin, 40), (70 + margin, 40), (50, 20 - margin), (50, 60 + margin)):
        assert colour(canvas, x, y) == GREY, (x, y)
    overlay.show_layers([MapLayer(two_by_one(), (40, 20, 80, 60), Rect(40, 20, 30, 40))], (), 0.5)
    mixed = colour(canvas, 50, 40)
    assert abs(mixed.red() - 172) <= 2
    assert abs(mixed.blue() - 45) <= 2
    overlay.clear()
    assert colour(canvas, 50, 40) == GREY


def test_nothing_is_drawn_over_the_original(canvas: Canvas) -> None:
    overlay = MapOverlay()
    canvas.add_overlay(overlay)
    outline = QPolygonF([QPointF(10, 10), QPointF(110, 10), QPointF(110, 70), QPointF(10, 70)])
    layer = MapLayer(two_by_one(), (0, 0, 120, 80), Rect(0, 0, 120, 80))
    overlay.show_layers([layer], [outline], 1.0)
    overlay.show_cross(QPointF(30, 40))
    assert colour(canvas, 20, 55) == RED
    assert colour(canvas, 36, 40) != RED  # an arm of the crosshair
    assert colour(canvas, 10, 50) not in (RED, GREY)
    canvas.compare("original")
    shown = canvas.grab().toImage()
    assert all(shown.pixelColor(x, 100) not in (RED, BLUE) for x in range(300))
    canvas.compare("side")
    shown = canvas.grab().toImage()
    reds = [x for x in range(300) if shown.pixelColor(x, 90) == RED]
    assert reds
    assert min(reds) >= 150
    overlay.clear()
    canvas.compare("off")
    assert colour(canvas, 20, 40) == GREY
