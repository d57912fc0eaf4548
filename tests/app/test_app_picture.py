"""A document's pixels in the screen's colours, at every size, before and after."""

from __future__ import annotations

import io

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image, ImageCms
from PySide6.QtGui import QColorSpace

from app.document.document import Document
from app.ui.painting.document_picture import DocumentPicture
from app.ui.painting.pyramid import Pyramid, PyramidPatches, halve
from app.ui.painting.screen_colours import ScreenColours
from inpaint_core.contract.arrays import Pixels
from inpaint_core.contract.geometry import Rect
from inpaint_core.contract.progress import Cancelled, Progress
from inpaint_core.photo.colour.code_points import make_coded_profile
from inpaint_core.photo.photo import Photo


def _scene(depth: type[np.uint8] | type[np.uint16], height: int = 600, width: int = 901) -> Pixels:
    eight = np.random.default_rng(1).integers(0, 256, (height, width, 3)).astype(np.uint8)
    return eight if depth is np.uint8 else eight.astype(np.uint16) * 257


def _profile(space: QColorSpace.NamedColorSpace) -> bytes:
    return bytes(QColorSpace(space).iccProfile().data())


_P3 = _profile(QColorSpace.NamedColorSpace.DisplayP3)


def _whole(picture: DocumentPicture, level: int, which: str = "now") -> NDArray[np.uint8]:
    height, width = picture.level_size(level)
    return picture.read(level, Rect(0, 0, width, height), which)  # type: ignore[arg-type]


# -- pyramids --------------------------------------------------------------------------------------


def test_halving_is_the_mean_of_four() -> None:
    values = np.array([[0, 100, 10], [20, 80, 30], [8, 8, 40]], np.uint8)
    assert halve(values).tolist() == [[50, 20], [8, 40]]
    assert halve(np.full((1, 7), 9, np.uint8)).tolist() == [[9, 9, 9, 9]]


@given(
    height=st.integers(1, 700),
    width=st.integers(1, 700),
    corner=st.tuples(st.floats(0, 1), st.floats(0, 1)),
    size=st.tuples(st.floats(0, 1), st.floats(0, 1)),
)
def test_updating_a_rectangle_is_as_good_as_building_anew(
    height: int, width: int, corner: tuple[float, float], size: tuple[float, float]
) -> None:
    base = np.random.default_rng(height).integers(0, 256, (height, width)).astype(np.uint8)
    pyramid = Pyramid(base)
    x, y = int(corner[0] * (width - 1)), int(corner[1] * (height - 1))
    rect = Rect(x, y, 1 + int(size[0] * (width - x - 1)), 1 + int(size[1] * (height - y - 1)))
    patches = PyramidPatches(pyramid)
    before = [level.copy() for level in pyramid.levels]
    values = (255 - base[rect.slices]).astype(np.uint8)
    patches.write(rect, values)
    for level, held in zip(pyramid.levels, before, strict=True):
        assert np.array_equal(level, held)  # patches leave the pyramid alone
    base[rect.slices] = values
    anew = Pyramid(base.copy())
    shown = [patches.read(k, Rect.whole(level.shape)).copy() for k, level in enumerate(anew.levels)]
    pyramid.update(base, rect)
    for level, patched, wanted in zip(pyramid.levels, shown, anew.levels, strict=True):
        assert np.array_equal(level, wanted)
        assert np.array_equal(patched, wanted)


# -- colours ---------------------------------------------------------------------------------------


def test_a_photo_without_a_profile_is_drawn_from_its_own_memory() -> None:
    pixels = _scene(np.uint8)
    picture = DocumentPicture.from_photo(Photo(pixels))
    assert np.shares_memory(_whole(picture, 0), pixels)
    assert picture.nbytes < pixels.nbytes * 0.36


def test_an_srgb_profile_costs_no_memory_either() -> None:
    pixels = _scene(np.uint8)
    cms = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))
    for icc in (_profile(QColorSpace.NamedColorSpace.SRgb), cms.tobytes()):
        picture = DocumentPicture.from_photo(Photo(pixels, icc=icc))
        assert picture.has_readable_profile
        assert np.shares_memory(_whole(picture, 0), pixels)


@pytest.mark.parametrize("depth", [np.uint8, np.uint16])
def test_a_wide_gamut_profile_is_converted_as_littlecms_does(
    depth: type[np.uint8] | type[np.uint16],
) -> None:
    pixels = _scene(depth)
    picture = DocumentPicture.from_photo(Photo(pixels, icc=_P3))
    eight = np.asarray(_scene(np.uint8), np.uint8)
    wanted = ImageCms.profileToProfile(
        Image.fromarray(eight),
        ImageCms.ImageCmsProfile(io.BytesIO(_P3)),
        ImageCms.createProfile("sRGB"),
        renderingIntent=ImageCms.Intent.RELATIVE_COLORIMETRIC,
    )
    assert wanted is not None
    shown = picture.colours.to_screen(_whole(picture, 0)).astype(int)
    assert picture.has_readable_profile
    assert np.abs(shown - np.asarray(wanted).astype(int)).max() <= 2
    # The profile matters: without it the colours would be others.
    assert np.abs(shown - eight.astype(int)).max() > 10


def test_sixteen_bits_are_rounded_to_eight() -> None:
    pixels = np.random.default_rng(2).integers(0, 65536, (40, 50, 3)).astype(np.uint16)
    shown = _whole(DocumentPicture.from_photo(Photo(pixels)), 0).astype(float)
    assert np.abs(shown - pixels / 257.0).max() <= 0.5


def test_a_grey_profile_is_understood() -> None:
    white = QColorSpace(QColorSpace.NamedColorSpace.SRgb).whitePoint()
    space = QColorSpace(white, QColorSpace.TransferFunction.Linear)
    values = np.linspace(0, 255, 13 * 17).astype(np.uint8).reshape(13, 17)
    pixels = np.repeat(values[..., None], 3, axis=2)
    colours = ScreenColours(Photo(pixels, icc=bytes(space.iccProfile().data()), is_grey=True))
    shown = colours.convert(pixels).astype(float)
    assert colours.has_readable_profile
    assert np.array_equal(shown[..., 0], shown[..., 2])
    linear = values / 255.0
    coded = np.where(linear <= 0.0031308, linear * 12.92, 1.055 * linear ** (1 / 2.4) - 0.055)
    assert np.abs(shown[..., 0] - coded * 255).max() <= 2


@pytest.mark.parametrize("transfer", [16, 18])
def test_no_tone_of_an_hdr_photo_is_cut_off(transfer: int) -> None:
    ramp = np.repeat(np.arange(256, dtype=np.uint8)[None, :, None], 3, axis=2)
    colours = ScreenColours(Photo(ramp, icc=make_coded_profile(9, transfer)))
    assert colours.has_readable_profile
    assert np.abs(colours.convert(ramp).astype(int) - ramp).max() <= 2


@pytest.mark.qt_log_ignore("fromIccProfile")
def test_a_broken_profile_is_reported() -> None:
    pixels = _scene(np.uint8)
    picture = DocumentPicture.from_photo(Photo(pixels, icc=b"not a profile"))
    assert not picture.has_readable_profile
    assert np.array_equal(_whole(picture, 0), pixels)


def test_preparing_a_picture_can_be_cancelled() -> None:
    progress = Progress()
    progress.cancel()
    with pytest.raises(Cancelled):
        DocumentPicture.from_photo(Photo(_scene(np.uint16)), progress)


# -- changes ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("icc", [None, _P3])
@pytest.mark.parametrize("depth", [np.uint8, np.uint16])
def test_fills_are_followed_and_what_was_before_is_known(
    depth: type[np.uint8] | type[np.uint16], icc: bytes | None
) -> None:
    photo = Photo(_scene(depth), icc=icc)
    document = Document(photo)
    picture = DocumentPicture.from_photo(photo)
    opened = [_whole(picture, level).copy() for level in range(picture.levels)]
    picture.follow(document)
    for rect in (Rect(13, 27, 301, 255), Rect(250, 250, 7, 300), Rect(800, 0, 101, 600)):
        values = np.asarray(photo.pixels[rect.slices] // 3, depth)
        document.apply_fill(rect, values)
        now = DocumentPicture.from_photo(Photo(document.pixels.copy(), icc=icc))
        for level in range(picture.levels):
            assert np.array_equal(_whole(picture, level), _whole(now, level))
            assert np.array_equal(_whole(picture, level, "before"), opened[level])
    document.go_to(0)
    for level in range(picture.levels):
        assert np.array_equal(_whole(picture, level), opened[level])


def test_what_was_before_costs_memory_only_where_something_changed() -> None:
    photo = Photo(_scene(np.uint8, 2000, 3000), icc=_P3)
    document, picture = Document(photo), DocumentPicture.from_photo(photo)
    picture.follow(document)
    before = picture.nbytes
    document.apply_fill(Rect(900, 900, 200, 200), np.zeros((200, 200, 3), np.uint8))
    assert 0 < picture.nbytes - before < 3_000_000


def test_a_picture_that_let_go_is_not_told_any_more() -> None:
    photo = Photo(_scene(np.uint8), icc=_P3)
    document, picture = Document(photo), DocumentPicture.from_photo(photo)
    picture.follow(document)
    picture.follow(document)
    picture.unfollow()
    before = _whole(picture, 1).copy()
    document.apply_fill(Rect(0, 0, 600, 600), np.zeros((600, 600, 3), np.uint8))
    assert np.array_equal(_whole(picture, 1), before)


def test_a_preview_is_shown_at_every_size_and_forgotten() -> None:
    photo = Photo(_scene(np.uint16), icc=_P3)
    picture = DocumentPicture.from_photo(photo)
    opened = [_whole(picture, level).copy() for level in range(picture.levels)]
    rect = Rect(-20, 300, 421, 500)  # over the photo's rim
    values = np.zeros((500, 421, 3), np.uint16)
    picture.preview(rect, values)
    changed = photo.pixels.copy()
    changed[300:, :401] = 0
    wanted = DocumentPicture.from_photo(Photo(changed, icc=_P3))
    for level in range(picture.levels):
        assert np.array_equal(_whole(picture, level, "preview"), _whole(wanted, level))
        assert np.array_equal(_whole(picture, level), opened[level])
    assert picture.clear_preview() == Rect(0, 300, 401, 300)
    assert np.array_equal(_whole(picture, 0, "preview"), opened[0])
