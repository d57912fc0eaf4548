"""What comes back from files that were written."""

from __future__ import annotations

import io
import tracemalloc
from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
import tifffile
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from PIL import Image
from renders import saved, scene, steady, veil

from inpaint_core.contract.errors import BadRequest, CannotWrite
from inpaint_core.photo import strips as flow
from inpaint_core.photo.check_saved import check_saved
from inpaint_core.photo.formats.format import Strips
from inpaint_core.photo.formats.registry import find_writable_format, writable_formats
from inpaint_core.photo.photo import Photo, grey_pixels
from inpaint_core.photo.read_photo import decode_photo, read_photo
from inpaint_core.photo.write_photo import encode_photo, fit_to_format, write_photo

HERE = Path("photo.x")
RGB8 = scene(24, 40)
RGB16 = scene(24, 40, np.uint16)


def through(photo: Photo, suffix: str, quality: int | None = None) -> Photo:
    """The photo written and read again, in memory."""
    kind = writable_formats()[suffix]
    data, _ = encode_photo(fit_to_format(photo, kind)[0], kind, quality)
    return decode_photo(data, HERE)


@st.composite
def photos(draw: st.DrawFn) -> Photo:
    dtype = draw(st.sampled_from([np.uint8, np.uint16]))
    height, width = draw(st.integers(1, 12)), draw(st.integers(1, 12))
    values = arrays.from_dtype(np.dtype(dtype))
    grey = draw(st.booleans())
    shape = (height, width) if grey else (height, width, 3)
    pixels = draw(arrays.arrays(dtype, shape, elements=values))
    alpha = (
        draw(arrays.arrays(dtype, (height, width), elements=values))
        if draw(st.booleans())
        else None
    )
    return Photo(grey_pixels(pixels) if grey else pixels, alpha, is_grey=grey)


@steady
@given(photos(), st.sampled_from([".png", ".tif"]))
def test_png_and_tiff_are_lossless_in_every_depth(photo: Photo, suffix: str) -> None:
    back = through(photo, suffix)
    assert back.pixels.dtype == photo.pixels.dtype
    np.testing.assert_array_equal(back.pixels, photo.pixels)
    assert (back.alpha is None) == (photo.alpha is None)
    if photo.alpha is not None:
        np.testing.assert_array_equal(back.alpha, photo.alpha)
    assert back.is_grey == (photo.is_grey and (suffix == ".tif" or photo.alpha is None))


@steady
@given(photos())
def test_webp_of_quality_100_is_lossless(photo: Photo) -> None:
    eight = fit_to_format(photo, writable_formats()[".webp"])[0]
    back = through(photo, ".webp", 100)
    np.testing.assert_array_equal(back.pixels, eight.pixels)
    if eight.alpha is not None and (eight.alpha < 255).any():
        np.testing.assert_array_equal(back.alpha, eight.alpha)


@steady
@given(photos())
def test_sixteen_bits_are_rounded_to_eight(photo: Photo) -> None:
    eight, notes = fit_to_format(photo, writable_formats()[".bmp"])
    scale = 257 if photo.bits == 16 else 1
    np.testing.assert_array_equal(eight.pixels, np.rint(photo.pixels / scale))
    assert any("16" in str(note) for note in notes) == (photo.bits == 16)
    np.testing.assert_array_equal(through(photo, ".bmp").pixels, eight.pixels)


def test_others_read_what_is_written(tmp_path: Path) -> None:
    """Pillow, tifffile and OpenCV see the same colours and the same alpha."""
    alpha8, alpha16 = veil(24, 40), veil(24, 40, np.uint16)
    for suffix in (".png", ".tif", ".webp"):
        path = tmp_path / f"a{suffix}"
        assert write_photo(path, Photo(RGB8, alpha8), quality=100) == ()
        np.testing.assert_array_equal(np.asarray(Image.open(path)), np.dstack([RGB8, alpha8]))
    for alpha in (None, alpha16):
        want = RGB16 if alpha is None else np.dstack([RGB16, alpha])
        path = tmp_path / f"deep{alpha is None}.tif"
        write_photo(path, Photo(RGB16, alpha))
        np.testing.assert_array_equal(tifffile.imread(path), want)
        seen = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
        assert seen is not None
        np.testing.assert_array_equal(seen[..., [2, 1, 0, 3][: seen.shape[2]]], want)
    with tifffile.TiffFile(tmp_path / "deepFalse.tif") as file:
        assert file.pages[0].extrasamples == (2,)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("alpha", [False, True])
@pytest.mark.parametrize("grey", [False, True])
def test_large_photos_are_written_in_strips(dtype: type, alpha: bool, grey: bool) -> None:
    pixels = scene(1300, 900, dtype)
    if grey:
        pixels = np.ascontiguousarray(grey_pixels(pixels[..., 1]))
    photo = Photo(pixels, veil(1300, 900, dtype) if alpha else None, is_grey=grey)
    for suffix in (".tif", ".png"):
        kind = writable_formats()[suffix]
        ready = fit_to_format(photo, kind)[0]
        data = encode_photo(ready, kind, None)[0]
        again = decode_photo(data, HERE)
        np.testing.assert_array_equal(again.pixels, pixels)
        if alpha:
            np.testing.assert_array_equal(again.alpha, photo.alpha)
        if suffix == ".png":
            assert data.count(b"IDAT") >= 4
            with Image.open(io.BytesIO(data)) as image:
                image.verify()  # every checksum
            if dtype is np.uint8:
                other = np.asarray(Image.open(io.BytesIO(data)).convert("RGB"))
                np.testing.assert_array_equal(other, pixels)
        else:
            with tifffile.TiffFile(io.BytesIO(data)) as file:
                assert len(file.pages[0].dataoffsets) >= 3
                found = file.pages[0].asarray()
            if not grey and not alpha:
                np.testing.assert_array_equal(found, pixels)


@pytest.mark.parametrize("suffix", [".png", ".tif"])
def test_writing_and_checking_take_a_few_strips_of_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, suffix: str
) -> None:
    monkeypatch.setattr(flow.os, "cpu_count", lambda: 2)
    pixels = np.tile(scene(500, 500, np.uint16), (5, 5, 1))  # 37 MB
    photo, nothing = Photo(pixels), np.zeros((2500, 2500), bool)
    path = tmp_path / f"a{suffix}"
    for work in (
        lambda: write_photo(path, photo),
        lambda: check_saved(path, photo, nothing),
    ):
        tracemalloc.start()
        work()
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert peak < 24 << 20


@pytest.mark.parametrize("suffix", [".png", ".tif"])
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_the_size_is_estimated_before_strips_are_written(
    tmp_path: Path, suffix: str, dtype: type
) -> None:
    path = tmp_path / f"a{suffix}"
    photo = Photo(scene(1300, 900, dtype))
    write_photo(path, photo)
    encoder = find_writable_format(path).encoder
    assert isinstance(encoder, Strips)
    assert 0.9 < encoder.estimate(photo) / path.stat().st_size < 1.1


def test_a_grey_photo_stays_grey_while_it_is() -> None:
    grey = Photo(grey_pixels(RGB8[..., 1]), is_grey=True)
    modes = {".jpg": "L", ".png": "L", ".tif": "L", ".bmp": "L", ".webp": "RGB"}
    coloured = grey.pixels.copy()
    coloured[3, 4, 2] ^= 64
    for suffix, mode in modes.items():
        kind = writable_formats()[suffix]
        for photo, want in ((grey, mode), (replace(grey, pixels=coloured), "RGB")):
            data = encode_photo(fit_to_format(photo, kind)[0], kind, None)[0]
            assert Image.open(io.BytesIO(data)).mode == want


def test_a_jpeg_keeps_its_own_compression() -> None:
    tables: Any = None
    for quality, sampling in ((60, "4:2:0"), (85, "4:2:2"), (92, "4:4:4")):
        source = saved(
            Image.fromarray(scene(64, 96)), "JPEG", quality=quality, subsampling=sampling
        )
        first = decode_photo(source, HERE)
        again = through(first, ".jpg")
        assert again.jpeg == first.jpeg
        assert again.jpeg != tables
        tables = again.jpeg
        # Nearly nothing is lost: far less than with other tables.
        kept = np.abs(again.pixels.astype(int) - first.pixels).mean()
        other = np.abs(through(first, ".jpg", 90).pixels.astype(int) - first.pixels).mean()
        assert kept < 0.5 * other


def test_jpeg_quality_and_chroma() -> None:
    photo = Photo(RGB8)
    sizes = []
    for quality, sampling in ((50, "4:2:0"), (89, "4:2:0"), (90, "4:4:4"), (100, "4:4:4")):
        kind = writable_formats()[".jpg"]
        data = encode_photo(photo, kind, quality)[0]
        sizes.append(len(data))
        coding = decode_photo(data, HERE).jpeg
        assert coding is not None
        assert coding.sampling == sampling
    assert sizes == sorted(sizes)
    assert through(photo, ".jpg").jpeg == through(photo, ".jpg", 95).jpeg


def test_noise_at_the_best_quality_is_written() -> None:
    noise = np.random.default_rng(0).integers(0, 256, (400, 500, 3)).astype(np.uint8)
    assert np.abs(through(Photo(noise), ".jpg", 100).pixels.astype(int) - noise).max() < 8


def test_what_a_format_cannot_hold_is_said(tmp_path: Path) -> None:
    photo = Photo(RGB16, veil(24, 40, np.uint16), exif=b"II*\0\x08\0\0\0\0\0\0\0\0\0", xmp=b"<x/>")
    lost = ["photo.rounded_to_8_bits", "photo.alpha_left_out"]
    assert [note.key for note in write_photo(tmp_path / "a.jpg", photo)] == lost
    bmp = write_photo(tmp_path / "a.bmp", photo)
    assert [note.key for note in bmp] == [*lost, "photo.metadata_left_out"]
    assert "EXIF data, XMP data" in str(bmp[2])
    assert write_photo(tmp_path / "a.png", photo) == write_photo(tmp_path / "a.tif", photo) == ()


def test_photos_beyond_a_formats_size_are_refused() -> None:
    wide = Photo(np.zeros((1, 70_000, 3), np.uint8))
    for suffix, most in ((".jpg", "65500"), (".webp", "16383")):
        with pytest.raises(CannotWrite, match=most):
            encode_photo(wide, writable_formats()[suffix], 90)
    np.testing.assert_array_equal(through(wide, ".png").pixels, wide.pixels)


@pytest.mark.parametrize("name", ["photo", "photo.gif", "photo.heic", "photo.jpg.txt"])
def test_unknown_extensions_are_refused_with_the_list(tmp_path: Path, name: str) -> None:
    with pytest.raises(CannotWrite) as caught:
        write_photo(tmp_path / name, Photo(RGB8))
    assert all(suffix in str(caught.value.hint) for suffix in writable_formats())
    assert list(tmp_path.iterdir()) == []


def test_extensions_in_capitals_are_known() -> None:
    assert find_writable_format(Path("A.JPG")).id == "JPEG"


@pytest.mark.parametrize("quality", [0, 101, -5])
def test_quality_has_a_range(tmp_path: Path, quality: int) -> None:
    with pytest.raises(BadRequest):
        write_photo(tmp_path / "a.jpg", Photo(RGB8), quality=quality)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("suffix", sorted(writable_formats()))
def test_every_format_from_file_to_file(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"höhle{suffix}"
    write_photo(path, Photo(RGB8))
    back = read_photo(path)
    assert np.abs(back.pixels.astype(int) - RGB8).max() < 32
    assert back.shape == (24, 40)
    assert back.path == path
