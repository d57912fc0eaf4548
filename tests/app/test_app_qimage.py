from __future__ import annotations

import io

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageCms
from PySide6.QtGui import QColorSpace, QImage

from app.ui.qimage import display_image, levels
from inpaint_core.imaging.photo import Photo


def _scene(depth: type[np.uint8] | type[np.uint16]) -> NDArray[np.uint8] | NDArray[np.uint16]:
    top = np.iinfo(depth).max
    return np.random.default_rng(1).integers(0, top + 1, (13, 17, 3)).astype(depth)


def _pixels(image: QImage) -> NDArray[np.uint8]:
    """The colours (h, w, 4) that Qt reports pixel by pixel, without looking at its bytes."""
    colours = [
        [image.pixelColor(x, y).getRgb() for x in range(image.width())]
        for y in range(image.height())
    ]
    return np.array(colours, np.uint8)


def _profile(space: QColorSpace.NamedColorSpace) -> bytes:
    return bytes(QColorSpace(space).iccProfile().data())


def test_eight_bits_are_shown_as_they_are() -> None:
    pixels = _scene(np.uint8)
    image, understood = display_image(Photo(pixels))
    assert understood
    assert np.array_equal(_pixels(image)[..., :3], pixels)
    assert not image.hasAlphaChannel()


def test_rows_that_are_no_multiple_of_four_bytes_do_not_shear() -> None:
    for width in (1, 2, 3, 5, 7):
        pixels = _scene(np.uint8)[:, :width]
        assert np.array_equal(_pixels(display_image(Photo(pixels))[0])[..., :3], pixels)


def test_sixteen_bits_are_rounded_to_eight() -> None:
    pixels = _scene(np.uint16)
    shown = _pixels(display_image(Photo(pixels))[0])[..., :3].astype(float)
    assert np.abs(shown - pixels / 257.0).max() <= 1


def test_the_image_does_not_borrow_the_photos_memory() -> None:
    pixels = _scene(np.uint8)
    image, _ = display_image(Photo(pixels))
    before = _pixels(image)
    pixels[:] = 0
    assert np.array_equal(_pixels(image), before)


@pytest.mark.parametrize("depth", [np.uint8, np.uint16])
def test_a_wide_gamut_profile_is_converted_as_littlecms_does(
    depth: type[np.uint8] | type[np.uint16],
) -> None:
    icc = _profile(QColorSpace.NamedColorSpace.DisplayP3)
    eight = _scene(np.uint8)
    pixels = eight if depth is np.uint8 else eight.astype(np.uint16) * 257
    image, understood = display_image(Photo(pixels, icc=icc))
    assert understood
    wanted = ImageCms.profileToProfile(
        Image.fromarray(eight),
        ImageCms.ImageCmsProfile(io.BytesIO(icc)),
        ImageCms.createProfile("sRGB"),
        renderingIntent=ImageCms.Intent.RELATIVE_COLORIMETRIC,
    )
    assert wanted is not None
    difference = np.abs(_pixels(image)[..., :3].astype(int) - np.asarray(wanted).astype(int))
    assert difference.max() <= 2
    # The profile matters: without it the colours would be others.
    assert np.abs(_pixels(image)[..., :3].astype(int) - eight.astype(int)).max() > 10


def test_transparency_is_kept() -> None:
    pixels = _scene(np.uint8)
    alpha = np.full((13, 17), 255, np.uint8)
    alpha[2:5] = 0
    image, _ = display_image(Photo(pixels, alpha=alpha))
    shown = _pixels(image)
    assert np.array_equal(shown[..., 3], alpha)
    assert np.array_equal(shown[6:, :, :3], pixels[6:])


def test_a_grey_profile_is_understood() -> None:
    grey = QColorSpace(QColorSpace.NamedColorSpace.SRgb).whitePoint()
    space = QColorSpace(grey, QColorSpace.TransferFunction.Linear)
    values = np.linspace(0, 255, 13 * 17).astype(np.uint8).reshape(13, 17)
    photo = Photo(
        np.repeat(values[..., None], 3, axis=2), icc=bytes(space.iccProfile().data()), grey=True
    )
    image, understood = display_image(photo)
    assert understood
    shown = _pixels(image)[..., :3].astype(float)
    assert np.array_equal(shown[..., 0], shown[..., 2])
    linear = values / 255.0
    coded = np.where(linear <= 0.0031308, linear * 12.92, 1.055 * linear ** (1 / 2.4) - 0.055)
    assert np.abs(shown[..., 0] - coded * 255).max() <= 2


def test_a_broken_profile_is_reported() -> None:
    pixels = _scene(np.uint8)
    image, understood = display_image(Photo(pixels, icc=b"not a profile"))
    assert not understood
    assert np.array_equal(_pixels(image)[..., :3], pixels)


def test_levels_halve_until_they_are_small() -> None:
    image = QImage(2100, 1000, QImage.Format.Format_RGB32)
    image.fill(0x204060)
    sizes = [(level.width(), level.height()) for level in levels(image)]
    assert sizes == [(2100, 1000), (1050, 500), (525, 250), (262, 125)]
    assert levels(image)[-1].pixelColor(100, 60).getRgb()[:3] == (0x20, 0x40, 0x60)


def test_a_long_thin_photo_keeps_its_one_row() -> None:
    image = QImage(5000, 1, QImage.Format.Format_RGB32)
    image.fill(0)
    assert [level.height() for level in levels(image)] == [1, 1, 1, 1, 1]
