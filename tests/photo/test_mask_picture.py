"""Masks from picture files."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import tifffile
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from PIL import Image
from renders import scene, steady, veil

from inpaint_core.contract.errors import BadRequest, PhotoDamaged
from inpaint_core.photo.mask_picture import read_strengths, require_hole
from inpaint_core.photo.photo import Photo, to_eight_bits
from inpaint_core.photo.read_photo import read_mask

SOFT = veil(24, 40)


def save(folder: Path, values: np.ndarray, name: str = "mask.png", mode: str | None = None) -> Path:
    path = folder / name
    image = Image.fromarray(values)
    (image if mode is None else image.convert(mode)).save(path)
    return path


@pytest.mark.parametrize("name", ["m.png", "m.tif", "m.bmp"])
@pytest.mark.parametrize("mode", ["L", "RGB", "LA", "RGBA"])
def test_grey_values_are_strengths(tmp_path: Path, name: str, mode: str) -> None:
    if name == "m.bmp" and mode == "LA":
        mode = "L"
    path = save(tmp_path, SOFT, name, mode)
    mask = read_mask(path, (24, 40, 3))
    assert mask.dtype == np.uint8
    np.testing.assert_array_equal(mask, SOFT)


def test_one_bit_palette_and_jpeg_masks(tmp_path: Path) -> None:
    hole = np.zeros((24, 40), np.uint8)
    hole[5:12, 8:30] = 255
    for mode in ("1", "P"):
        np.testing.assert_array_equal(read_mask(save(tmp_path, hole, mode=mode), (24, 40)), hole)
    lossy = read_mask(save(tmp_path, hole, "m.jpg"), (24, 40))
    assert np.abs(lossy.astype(int) - hole).max() < 40


def test_sixteen_bit_masks_are_scaled(tmp_path: Path) -> None:
    deep = veil(24, 40, np.uint16)
    path = tmp_path / "m.tif"
    tifffile.imwrite(path, deep, photometric="minisblack")
    np.testing.assert_array_equal(read_mask(path, (24, 40)), np.rint(deep / 257))


@pytest.mark.parametrize("colour", [(255, 255, 255), (0, 0, 0), (255, 0, 80)])
@pytest.mark.parametrize("below", [(0, 0, 0), (255, 255, 255)])
def test_strokes_of_one_colour_on_a_clear_layer(
    tmp_path: Path, colour: tuple[int, ...], below: tuple[int, ...]
) -> None:
    pixels = np.where((SOFT > 0)[..., None], np.uint8(colour), np.uint8(below)).astype(np.uint8)
    path = save(tmp_path, np.dstack([pixels, SOFT]))
    np.testing.assert_array_equal(read_mask(path, (24, 40)), SOFT)


def test_alpha_of_a_picture_with_colours_is_only_transparency(tmp_path: Path) -> None:
    pixels = scene(24, 40)
    path = save(tmp_path, np.dstack([pixels, SOFT]))
    grey = np.asarray(Image.fromarray(pixels).convert("L")).astype(float)
    assert np.abs(read_mask(path, (24, 40)) - grey * SOFT / 255).max() <= 1.5


def test_brightness_decides_where_alpha_is_full(tmp_path: Path) -> None:
    black = np.dstack([np.zeros((24, 40, 3), np.uint8), np.full((24, 40), 255, np.uint8)])
    assert not read_mask(save(tmp_path, black), (24, 40)).any()


def test_orientation_is_respected(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    path = tmp_path / "m.png"
    Image.fromarray(SOFT).save(path, exif=exif)
    np.testing.assert_array_equal(read_mask(path, (40, 24)), np.rot90(SOFT, -1))


@pytest.mark.parametrize(
    ("shape", "word"),
    [((40, 24), "lies on its side"), ((48, 80), "scale it"), ((24, 41), "exactly")],
)
def test_another_size_is_refused_with_both(
    tmp_path: Path, shape: tuple[int, int], word: str
) -> None:
    with pytest.raises(BadRequest) as caught:
        read_mask(save(tmp_path, SOFT), shape)
    assert "40 x 24" in str(caught.value.message)
    assert f"{shape[1]} x {shape[0]}" in str(caught.value.message)
    assert word in str(caught.value.hint)


def test_masks_that_are_no_picture_are_named(tmp_path: Path) -> None:
    path = tmp_path / "mask.png"
    path.write_bytes(b"mask")
    with pytest.raises(PhotoDamaged):
        read_mask(path, (24, 40))


@pytest.mark.parametrize(
    ("value", "word"), [(0, "empty"), (1, "0 and 1"), (255, "whole photo"), (2, "whole photo")]
)
def test_masks_with_nothing_to_do_are_named(value: int, word: str) -> None:
    with pytest.raises(BadRequest, match=word) as caught:
        require_hole(np.full((5, 6), value, np.uint8), "mask.png")
    assert "mask.png" in str(caught.value.message)


def test_a_mask_with_a_hole_passes() -> None:
    require_hole(SOFT, "mask.png")


@steady
@given(arrays.arrays(np.uint16, arrays.array_shapes(min_dims=2, max_dims=3, max_side=9)))
def test_sixteen_bits_round_to_eight(values: np.ndarray) -> None:
    np.testing.assert_array_equal(to_eight_bits(values), np.rint(values / 257))


@steady
@given(arrays.arrays(np.uint8, (5, 4)), st.integers(0, 255), st.booleans())
def test_a_single_colour_never_matters(alpha: np.ndarray, shade: int, deep: bool) -> None:
    scale = 257 if deep else 1
    dtype = np.uint16 if deep else np.uint8
    pixels = np.full((5, 4, 3), shade * scale, dtype)
    mask = read_strengths(Photo(pixels, (alpha.astype(dtype) * dtype(scale)).astype(dtype)))
    want = alpha if alpha.min() < 255 else np.full((5, 4), shade)
    np.testing.assert_array_equal(mask, want)
