"""From arrays to images and back."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from PySide6.QtGui import QImage

from app.ui.painting import qimage
from inpaint_core.contract.arrays import Pixels
from inpaint_core.photo.photo import as_pixels


def _scene(depth: type[np.uint8] | type[np.uint16]) -> Pixels:
    top = np.iinfo(depth).max
    return as_pixels(np.random.default_rng(1).integers(0, top + 1, (13, 17, 3)).astype(depth))


def _colours(image: QImage) -> NDArray[np.uint8]:
    """The colours (h, w, 4) that Qt reports pixel by pixel, without looking at its bytes."""
    colours = [
        [image.pixelColor(x, y).getRgb() for x in range(image.width())]
        for y in range(image.height())
    ]
    return np.array(colours, np.uint8)


def test_eight_bits_are_taken_as_they_are() -> None:
    pixels = _scene(np.uint8)
    image = qimage.from_rgb(pixels)
    assert np.array_equal(_colours(image)[..., :3], pixels)
    assert not image.hasAlphaChannel()


def test_rows_that_are_no_multiple_of_four_bytes_do_not_shear() -> None:
    for width in (1, 2, 3, 5, 7):
        pixels = _scene(np.uint8)[:, :width]
        image = qimage.from_rgb(pixels)
        assert np.array_equal(_colours(image)[..., :3], pixels)
        assert np.array_equal(qimage.to_rgb(image), pixels)


def test_sixteen_bits_are_rounded_to_eight_for_looking() -> None:
    pixels = _scene(np.uint16)
    shown = _colours(qimage.from_rgb(pixels))[..., :3].astype(float)
    assert np.abs(shown - pixels / 257.0).max() <= 1


@pytest.mark.parametrize("depth", [np.uint8, np.uint16])
def test_an_image_of_its_own_does_not_borrow_the_arrays_memory(
    depth: type[np.uint8] | type[np.uint16],
) -> None:
    pixels = _scene(depth)
    image = qimage.from_rgb(pixels)
    before = _colours(image)
    pixels[:] = 0
    assert np.array_equal(_colours(image), before)


def test_pixels_to_draw_are_in_the_screens_own_format() -> None:
    pixels = np.asarray(_scene(np.uint8), np.uint8)
    image = qimage.screen_image(pixels)
    assert image.format() == QImage.Format.Format_RGB32
    assert np.array_equal(_colours(image)[..., :3], pixels)
    assert np.array_equal(_colours(qimage.screen_image(pixels[2:, 3:]))[..., :3], pixels[2:, 3:])


def test_an_overlay_is_premultiplied() -> None:
    values = np.array([[0x80400000, 0xFF102030, 0]], np.uint32)
    shown = _colours(qimage.overlay_image(values))[0]
    assert shown[0].tolist() == [0x80, 0, 0, 0x80]
    assert shown[1].tolist() == [0x10, 0x20, 0x30, 0xFF]
    assert shown[2, 3] == 0


def test_transparency_is_kept_and_left_out_of_arrays() -> None:
    pixels = np.asarray(_scene(np.uint8), np.uint8)
    alpha = np.full((13, 17), 255, np.uint8)
    alpha[2:5] = 0
    shown = _colours(qimage.from_rgba(pixels, alpha))
    assert np.array_equal(shown[..., 3], alpha)
    assert np.array_equal(shown[6:, :, :3], pixels[6:])
