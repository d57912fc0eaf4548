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

from inpaint_core.contract.errors import BadRequest, PhotoDamaged, PhotoUnsupported
from inpaint_core.photo.mask_picture import read_strengths, require_hole
from inpaint_core.photo.photo import Photo, to_eight_bits
from inpaint_core.photo.read_photo import (
    interpret_mask_file,
    read_brightness,
    read_mask,
    read_photo,
)

SOFT = veil(24, 40)
FLOOR = 8


def snap(strengths: np.ndarray, floor: int = FLOOR) -> np.ndarray:
    """Strengths near an end as that end."""
    snapped = np.where(strengths <= floor, 0, strengths)
    return np.where(snapped >= 255 - floor, 255, snapped).astype(np.uint8)


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
    np.testing.assert_array_equal(mask, snap(SOFT))
    np.testing.assert_array_equal(read_brightness(path, (24, 40)), SOFT)


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
    np.testing.assert_array_equal(read_mask(path, (24, 40)), snap(np.rint(deep / 257)))


@pytest.mark.parametrize("colour", [(255, 255, 255), (0, 0, 0), (255, 0, 80)])
@pytest.mark.parametrize("below", [(0, 0, 0), (255, 255, 255)])
def test_strokes_of_one_colour_on_a_clear_layer(
    tmp_path: Path, colour: tuple[int, ...], below: tuple[int, ...]
) -> None:
    pixels = np.where((SOFT > 0)[..., None], np.uint8(colour), np.uint8(below)).astype(np.uint8)
    path = save(tmp_path, np.dstack([pixels, SOFT]))
    np.testing.assert_array_equal(read_mask(path, (24, 40)), snap(SOFT))


def test_alpha_of_a_picture_with_colours_is_only_transparency(tmp_path: Path) -> None:
    pixels = scene(24, 40)
    path = save(tmp_path, np.dstack([pixels, SOFT]))
    grey = np.asarray(Image.fromarray(pixels).convert("L")).astype(float)
    assert np.abs(read_brightness(path, (24, 40)) - grey * SOFT / 255).max() <= 1.5


def test_brightness_decides_where_alpha_is_full(tmp_path: Path) -> None:
    black = np.dstack([np.zeros((24, 40, 3), np.uint8), np.full((24, 40), 255, np.uint8)])
    assert not read_mask(save(tmp_path, black), (24, 40)).any()


def test_orientation_is_respected(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    path = tmp_path / "m.png"
    Image.fromarray(SOFT).save(path, exif=exif)
    np.testing.assert_array_equal(read_mask(path, (40, 24)), snap(np.rot90(SOFT, -1)))


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
    ("value", "word"), [(0, "empty"), (255, "value is 255 of 255"), (9, "value is 9 of 255")]
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


def blob(low: float, high: float, soft: bool = False) -> np.ndarray:
    """A disc of ``high`` on ``low`` (60, 80), with a smooth edge if ``soft``."""
    y, x = np.mgrid[:60, :80]
    distance = np.hypot(y - 30, x - 40)
    inside = np.clip(15.5 - distance, 0, 1) if soft else (distance < 15).astype(float)
    return np.rint(low + (high - low) * inside)


def read(path: Path) -> tuple[np.ndarray, list[str]]:
    reading = interpret_mask_file(path, (60, 80))
    return reading.mask, [note.key.removeprefix("photo.mask_") for note in reading.notes]


TWO_NUMBERS = [
    (0, 1),
    (0, 15),
    (0, 38),
    (0, 128),
    (0, 254),
    (1, 2),
    (16, 235),
    (16, 255),
    (90, 200),
]


@pytest.mark.parametrize(("low", "high"), TWO_NUMBERS)
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("channels", ["grey", "rgb", "alpha"])
def test_two_numbers_are_keep_and_remove(
    tmp_path: Path, low: int, high: int, dtype: type, channels: str
) -> None:
    values = blob(low, high).astype(dtype)
    if channels == "alpha":
        values = np.dstack([np.full_like(values, np.iinfo(dtype).max)] * 3 + [values])
    elif channels == "rgb":
        values = np.dstack([values] * 3)
    path = tmp_path / "m.tif"
    more = {"extrasamples": ["unassalpha"]} if channels == "alpha" else {}
    kind = "minisblack" if channels == "grey" else "rgb"
    tifffile.imwrite(path, values, photometric=kind, **more)
    mask, notes = read(path)
    np.testing.assert_array_equal(mask, blob(0, 255))
    full = np.iinfo(dtype).max
    assert notes == ([] if low < 0.03 * full and high > 0.97 * full else ["two_levels"])
    if notes:
        (note,) = interpret_mask_file(path, (60, 80)).notes
        assert (note.values["least"], note.values["most"]) == (low, high)
        assert f"{high} of {full}" in str(note)


COLOURS = [(255, 0, 0), (0, 0, 255), (128, 0, 0), (192, 128, 128), (255, 0, 255), (0, 6, 0)]


@pytest.mark.parametrize(
    ("colour", "soft"),
    [(colour, False) for colour in COLOURS] + [(c, True) for c in COLOURS if max(c) > 100],
)
def test_a_colour_on_black_is_remove(
    tmp_path: Path, colour: tuple[int, int, int], soft: bool
) -> None:
    share = blob(0, 255, soft=soft) / 255
    path = save(tmp_path, np.rint(share[..., None] * np.array(colour)).astype(np.uint8))
    mask, notes = read(path)
    assert np.abs(mask - snap(np.rint(share * 255)).astype(float)).max() <= 2
    assert ((mask > 0) & (mask < 255)).any() == soft
    assert notes == ["two_levels"]


@pytest.mark.parametrize(("low", "high"), [(0, 38), (16, 235), (0, 200), (40, 255), (0, 128)])
def test_soft_edges_between_two_numbers_stay_soft(tmp_path: Path, low: int, high: int) -> None:
    mask, notes = read(save(tmp_path, blob(low, high, soft=True).astype(np.uint8)))
    want = blob(0, 255, soft=True)
    assert np.abs(mask - want).max() <= 13 + 255 / (high - low)
    middle = (want > 20) & (want < 235)
    assert middle.sum() > 30
    assert np.abs(mask - want)[middle].max() <= 255 / (high - low)
    assert notes == ["two_levels"]


def test_a_palette_and_an_index_of_classes(tmp_path: Path) -> None:
    image = Image.fromarray(blob(0, 1).astype(np.uint8), "P")
    image.putpalette([0, 0, 0, 0, 128, 128])
    image.save(tmp_path / "m.png")
    np.testing.assert_array_equal(read(tmp_path / "m.png")[0], blob(0, 255))


@pytest.mark.parametrize("floor", [1, 2, 5, 8, 12, 20])
def test_a_floor_of_a_few_levels_is_keep(tmp_path: Path, floor: int) -> None:
    noise = np.random.default_rng(3).integers(0, floor + 1, (60, 80))
    matte = np.where(blob(0, 255, soft=True) > 127, 255 - noise, noise).astype(np.uint8)
    mask, notes = read(save(tmp_path, matte))
    np.testing.assert_array_equal(mask, np.where(blob(0, 255, soft=True) > 127, 255, 0))
    assert notes == ([] if floor < 20 else ["two_levels"])


@pytest.mark.parametrize("name", ["m.jpg", "m.webp"])
@pytest.mark.parametrize("colour", [(255, 255, 255), (255, 0, 0)])
def test_a_lossy_mask_is_about_the_exact_one(
    tmp_path: Path, name: str, colour: tuple[int, int, int]
) -> None:
    exact = blob(0, 255)
    picture = np.rint(exact[..., None] / 255 * np.array(colour)).astype(np.uint8)
    mask, _ = read(save(tmp_path, picture, name))
    y, x = np.mgrid[:60, :80]
    far = np.abs(np.hypot(y - 30, x - 40) - 15) > 3
    assert (mask != exact)[far].mean() < 0.02
    assert np.abs(mask - exact)[far].max() < 64


def test_what_is_ambiguous_is_said_with_its_numbers(tmp_path: Path) -> None:
    y, x = np.mgrid[:60, :80]
    hill = np.clip(100 - 4 * np.hypot(y - 30, x - 40), 0, None).astype(np.uint8)
    mask, notes = read(save(tmp_path, hill))
    assert notes == ["dim"]
    assert mask.max() == 100
    classes = blob(0, 15)
    classes[:6, :6] = 7
    assert read(save(tmp_path, classes.astype(np.uint8)))[1] == ["dim"]
    void = blob(0, 15)
    void[12:14] = 255  # as data sets of labels have it
    _, notes = read(save(tmp_path, void.astype(np.uint8)))
    assert notes == ["grey"]
    said = interpret_mask_file(tmp_path / "mask.png", (60, 80)).notes
    assert "15 of 255" in str(said[0])
    trimap = blob(0, 255)
    trimap[trimap > 0] = 128
    trimap[28:32, 38:42] = 255
    assert read(save(tmp_path, trimap.astype(np.uint8)))[1] == ["grey"]


def test_a_mask_that_is_almost_black_is_refused_with_its_number(tmp_path: Path) -> None:
    values = np.random.default_rng(1).integers(0, 4, (60, 80)).astype(np.uint8)
    with pytest.raises(BadRequest, match="brightest value is 3 of 255"):
        read(save(tmp_path, values))


def test_a_mask_that_looks_inverted_or_covers_much_gets_a_note(tmp_path: Path) -> None:
    assert read(save(tmp_path, blob(255, 0).astype(np.uint8)))[1] == ["inverted"]
    much = np.zeros((60, 80), np.uint8)
    much[4:, 4:76] = 255
    assert read(save(tmp_path, much))[1] == ["covers_much"]
    half = np.zeros((60, 80), np.uint8)
    half[:29] = 255
    assert read(save(tmp_path, half))[1] == []


def test_deep_soft_masks_keep_their_edges(tmp_path: Path) -> None:
    deep = (blob(0, 255, soft=True) * 257).astype(np.uint16)
    path = tmp_path / "m.tif"
    tifffile.imwrite(path, deep, photometric="minisblack")
    np.testing.assert_array_equal(read(path)[0], snap(blob(0, 255, soft=True)))


@pytest.mark.parametrize("dtype", [np.uint16, np.uint32, np.uint64, np.int16, np.int32, np.int64])
@pytest.mark.parametrize("compression", [None, "deflate"])
@pytest.mark.parametrize("label", [1, 7, 255, 30_000])
def test_numbers_of_objects_in_wide_integers_are_marks(
    tmp_path: Path, dtype: type, compression: str | None, label: int
) -> None:
    hole = np.zeros((24, 40), np.uint8)
    hole[5:12, 8:30] = 255
    path = tmp_path / "labels.tif"
    tifffile.imwrite(path, (hole // 255).astype(dtype) * dtype(label), compression=compression)
    np.testing.assert_array_equal(read_mask(path, (24, 40)), hole)


def test_whole_numbers_below_zero_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "labels.tif"
    tifffile.imwrite(path, np.full((24, 40), -1, np.int32))
    with pytest.raises(PhotoUnsupported, match="32 signed bits"):
        read_mask(path, (24, 40))


def test_wide_integers_that_are_used_up_keep_their_upper_bits(tmp_path: Path) -> None:
    values = scene(24, 40, np.uint16)
    for dtype, shift in ((np.uint32, 16), (np.int32, 15), (np.uint64, 48), (np.int16, -1)):
        wide = values.astype(dtype) << shift if shift > 0 else (values >> 1).astype(dtype)
        tifffile.imwrite(tmp_path / "a.tif", wide, photometric="rgb")
        want = values if shift > 0 else values & 0xFFFE
        np.testing.assert_array_equal(read_photo(tmp_path / "a.tif").pixels, want)


@pytest.mark.parametrize("name", ["m.png", "m.webp"])
@pytest.mark.parametrize("is_blank", [False, True])
def test_a_photo_with_a_part_erased_marks_that_part(
    tmp_path: Path, name: str, is_blank: bool
) -> None:
    alpha = np.full((24, 40), 255, np.uint8)
    alpha[5:12, 8:30] = 0
    pixels = scene(24, 40)
    if is_blank:
        pixels[alpha == 0] = 0
    path = save(tmp_path, np.dstack([pixels, alpha]), name)
    reading = interpret_mask_file(path, (24, 40))
    np.testing.assert_array_equal(reading.mask, 255 - alpha)
    assert "transparent" in str(reading.notes[0])


def test_a_mask_on_a_transparent_layer_is_none(tmp_path: Path) -> None:
    """Soft strokes, and black and white ones."""
    alpha = np.zeros((24, 40), np.uint8)
    alpha[5:20, 8:30] = 255
    for colours in (np.where(np.arange(40) < 20, 0, 255), np.full(40, 200)):
        pixels = np.broadcast_to(colours.astype(np.uint8)[None, :, None], (24, 40, 3))
        reading = interpret_mask_file(save(tmp_path, np.dstack([pixels, alpha])), (24, 40))
        assert not any("transparent" in str(note) for note in reading.notes)
        assert reading.mask[10, 25] == 255
        assert reading.mask[0, 0] == 0
