"""What is in the photo that comes out of each kind of file."""

from __future__ import annotations

import io
import subprocess
import sys
import zlib
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
import tifffile
from PIL import Image
from renders import cmyk_profile, png_bytes, saved, scene, srgb_profile, veil

from inpaint_core.contract.errors import PhotoUnsupported
from inpaint_core.photo.photo import Photo
from inpaint_core.photo.read_photo import decode_photo, read_photo

HERE = Path("photo.x")
RGB8 = scene(24, 40)
RGB16 = scene(24, 40, np.uint16)


def test_jpeg_has_the_pixels_that_pillow_sees(tmp_path: Path) -> None:
    for sampling in ("4:4:4", "4:2:2", "4:2:0"):
        path = tmp_path / "a.jpg"
        path.write_bytes(saved(Image.fromarray(RGB8), "JPEG", quality=80, subsampling=sampling))
        photo = read_photo(path)
        np.testing.assert_array_equal(photo.pixels, np.asarray(Image.open(path)))
        assert (photo.format, photo.path, photo.bits, photo.is_grey) == ("JPEG", path, 8, False)
        assert photo.jpeg is not None
        assert photo.jpeg.sampling == sampling


def test_grey_jpeg_is_grey() -> None:
    image = Image.fromarray(RGB8).convert("L")
    photo = decode_photo(saved(image, "JPEG"), HERE)
    assert photo.is_grey
    assert photo.pixels.shape == (24, 40, 3)
    seen = np.asarray(Image.open(io.BytesIO(saved(image, "JPEG"))))
    np.testing.assert_array_equal(photo.pixels[..., 1], seen)


@pytest.mark.parametrize("bits", [8, 16])
@pytest.mark.parametrize(("colour", "samples"), [(0, 1), (2, 3), (4, 2), (6, 4)])
def test_png_of_every_kind_and_depth(colour: int, samples: int, bits: int) -> None:
    values = np.random.default_rng(colour).integers(0, 1 << bits, (7, 9, samples))
    photo = decode_photo(png_bytes(values, colour, bits), HERE)
    assert photo.bits == bits
    assert photo.is_grey == (colour in (0, 4))
    colours = values[..., :3] if samples >= 3 else values[..., :1]
    np.testing.assert_array_equal(photo.pixels, np.broadcast_to(colours, (7, 9, 3)))
    if samples in (2, 4):
        np.testing.assert_array_equal(photo.alpha, values[..., -1])
    else:
        assert photo.alpha is None


@pytest.mark.parametrize("bits", [8, 16])
@pytest.mark.parametrize(("colour", "samples"), [(0, 1), (2, 3)])
def test_png_with_one_transparent_colour(colour: int, samples: int, bits: int) -> None:
    values = np.random.default_rng(1).integers(0, 1 << bits, (5, 6, samples))
    values[2, 3] = values[4, 1] = values[0, 0]
    key = values[0, 0].astype(">u2").tobytes()
    photo = decode_photo(png_bytes(values, colour, bits, ((b"tRNS", key),)), HERE)
    assert photo.alpha is not None
    clear = (values == values[0, 0]).all(axis=2)
    np.testing.assert_array_equal(photo.alpha, np.where(clear, 0, (1 << bits) - 1))
    np.testing.assert_array_equal(photo.pixels, np.broadcast_to(values, (5, 6, 3)))


def test_png_of_one_bit_and_of_a_palette() -> None:
    rows = np.array([[0b10100000], [0b01010000]])[:, :, np.newaxis]
    bits = decode_photo(png_bytes(rows, 0, 1), HERE)
    np.testing.assert_array_equal(bits.pixels[:, :4, 0], [[255, 0, 255, 0], [0, 255, 0, 255]])
    assert bits.is_grey
    palette = (b"PLTE", bytes([10, 20, 30, 200, 100, 50]))
    index = np.array([[0, 1], [1, 0]])[:, :, np.newaxis]
    found = decode_photo(png_bytes(index, 3, 8, (palette, (b"tRNS", bytes([255, 7])))), HERE)
    np.testing.assert_array_equal(found.pixels[0], [[10, 20, 30], [200, 100, 50]])
    np.testing.assert_array_equal(found.alpha, [[255, 7], [7, 255]])
    assert decode_photo(png_bytes(index, 3, 8, (palette,)), HERE).alpha is None


def test_interlaced_png_of_16_bits() -> None:
    # Nothing at hand writes one; of a single pixel Adam7 has a single pass.
    plain = bytearray(png_bytes(RGB16[:1, :1], 2, 16))
    plain[28] = 1
    plain[29:33] = zlib.crc32(bytes(plain[12:29])).to_bytes(4, "big")
    np.testing.assert_array_equal(decode_photo(bytes(plain), HERE).pixels, RGB16[:1, :1])


def tiff(values: Any, **options: Any) -> bytes:
    out = io.BytesIO()
    tifffile.imwrite(out, values, metadata=None, software=False, **options)
    return out.getvalue()


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("compression", [None, "deflate"])
@pytest.mark.parametrize("planes", ["contig", "separate"])
@pytest.mark.parametrize("pixels", [RGB8, RGB16], ids=["8", "16"])
def test_rgb_tiff(pixels: Any, planes: str, compression: str | None, order: str) -> None:
    values = pixels if planes == "contig" else np.ascontiguousarray(np.moveaxis(pixels, 2, 0))
    data = tiff(
        values, photometric="rgb", planarconfig=planes, compression=compression, byteorder=order
    )
    photo = decode_photo(data, HERE)
    assert photo.pixels.dtype == pixels.dtype
    np.testing.assert_array_equal(photo.pixels, pixels)
    assert (photo.alpha, photo.is_grey, photo.exif) == (None, False, None)


@pytest.mark.parametrize("pixels", [RGB8, RGB16], ids=["8", "16"])
def test_tiff_with_alpha(pixels: Any) -> None:
    alpha = veil(24, 40, pixels.dtype.type)
    data = tiff(np.dstack([pixels, alpha]), photometric="rgb", extrasamples=["unassalpha"])
    photo = decode_photo(data, HERE)
    np.testing.assert_array_equal(photo.pixels, pixels)
    np.testing.assert_array_equal(photo.alpha, alpha)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_tiff_with_premultiplied_alpha_is_divided(dtype: type) -> None:
    most = np.iinfo(dtype).max
    alpha = np.full((2, 2), most // 2, dtype)
    colours = np.full((2, 2, 3), most // 4, dtype)
    colours[0, 0], alpha[0, 0] = 0, 0
    data = tiff(np.dstack([colours, alpha]), photometric="rgb", extrasamples=["assocalpha"])
    photo = decode_photo(data, HERE)
    assert abs(int(photo.pixels[1, 1, 0]) - most // 2) <= 2
    assert tuple(photo.pixels[0, 0]) == (0, 0, 0)
    np.testing.assert_array_equal(photo.alpha, alpha)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("photometric", ["minisblack", "miniswhite"])
def test_grey_tiff(photometric: str, dtype: type) -> None:
    shade = scene(8, 9, dtype)[..., 0]
    photo = decode_photo(tiff(shade, photometric=photometric), HERE)
    want = shade if photometric == "minisblack" else np.iinfo(dtype).max - shade
    assert photo.is_grey
    assert photo.pixels.dtype == dtype
    for channel in range(3):
        np.testing.assert_array_equal(photo.pixels[..., channel], want)


def test_lzw_tiff_of_16_bits() -> None:
    done, coded = cv2.imencode(".tif", RGB16[..., ::-1], [cv2.IMWRITE_TIFF_COMPRESSION, 5])
    assert done
    with tifffile.TiffFile(io.BytesIO(coded.tobytes())) as file:
        assert file.pages[0].compression == 5
    np.testing.assert_array_equal(decode_photo(coded.tobytes(), HERE).pixels, RGB16)


@pytest.mark.parametrize("alpha", [False, True])
def test_webp_bmp_and_gif(alpha: bool) -> None:
    values = np.dstack([RGB8, veil(24, 40)]) if alpha else RGB8
    webp = decode_photo(saved(Image.fromarray(values), "WEBP", lossless=True, exact=True), HERE)
    np.testing.assert_array_equal(webp.pixels, RGB8)
    assert (webp.alpha is not None) == alpha
    bmp = decode_photo(saved(Image.fromarray(values), "BMP"), HERE)
    np.testing.assert_array_equal(bmp.pixels, RGB8)
    assert (webp.format, bmp.format) == ("WEBP", "BMP")
    image = Image.fromarray(values).quantize(16)
    gif = decode_photo(saved(image, "GIF"), HERE)
    shown = np.asarray(image.convert("RGB"))
    seen = slice(None) if gif.alpha is None else gif.alpha > 0
    np.testing.assert_array_equal(gif.pixels[seen], shown[seen])


@pytest.mark.parametrize("kind", ["GIF", "PNG", "WEBP", "TIFF"])
def test_the_first_of_several_pictures_is_read_and_said(kind: str) -> None:
    frames = [Image.fromarray(np.full((6, 5, 3), shade, np.uint8)) for shade in (200, 30)]
    options = {"lossless": True} if kind == "WEBP" else {}
    photo = decode_photo(
        saved(frames[0], kind, save_all=True, append_images=frames[1:], **options), HERE
    )
    assert (photo.pixels == 200).all()
    assert photo.notes[0].key in ("photo.first_picture", "photo.first_page")


def test_cmyk_goes_through_its_profile() -> None:
    ink = Image.fromarray(np.full((8, 8, 4), (0, 255, 0, 0), np.uint8), "CMYK")
    for kind, options in (("JPEG", {"quality": 100}), ("TIFF", {})):
        photo = decode_photo(saved(ink, kind, icc_profile=cmyk_profile(), **options), HERE)
        np.testing.assert_allclose(photo.pixels, 119, atol=3)
        assert photo.icc is None
        assert photo.notes[0].key == "photo.cmyk"
        plain = decode_photo(saved(ink, kind, **options), HERE)
        np.testing.assert_allclose(plain.pixels[0, 0], (255, 0, 255), atol=3)
        assert plain.notes[0].key == "photo.cmyk_without_profile"
        broken = decode_photo(saved(ink, kind, icc_profile=srgb_profile(), **options), HERE)
        assert broken.notes[0].key == "photo.cmyk_without_profile"


@pytest.mark.parametrize(
    ("values", "options", "word"),
    [
        (RGB16.astype(np.int16), {"photometric": "rgb"}, "signed"),
        (RGB16.astype(np.float32), {"photometric": "cielab"}, "CIELAB"),
        (RGB16.astype(np.complex64), {"photometric": "rgb"}, "RGB"),
    ],
)
def test_tiffs_that_are_no_photo_of_ours_are_named(values: Any, options: Any, word: str) -> None:
    with pytest.raises(PhotoUnsupported, match=word):
        decode_photo(tiff(values, **options), HERE)


def test_raw_files_are_not_taken_for_their_preview() -> None:
    with pytest.raises(PhotoUnsupported, match="raw"):
        decode_photo(tiff(RGB8, photometric="rgb"), Path("shot.NEF"))
    for options in ({"subfiletype": 1}, {"extratags": [(50706, 1, 4, (1, 4, 0, 0), True)]}):
        with pytest.raises(PhotoUnsupported, match="raw"):
            decode_photo(tiff(RGB8, photometric="rgb", **options), HERE)


@pytest.mark.parametrize(
    ("head", "word"),
    [
        (b"gimp xcf v011", "GIMP"),
        (b"\0\0\0\x0cjP  \r\n", "JPEG 2000"),
        (b"\0\0\0\x18ftypqt  ", "video"),
        (b"FUJIFILMCCD-RAW 0201", "raw file"),
    ],
)
def test_known_formats_that_are_not_read_are_named(head: bytes, word: str) -> None:
    with pytest.raises(PhotoUnsupported, match=word):
        decode_photo(head.ljust(64, b"\0"), HERE)


def test_a_name_that_lies_does_not_matter(tmp_path: Path) -> None:
    path = tmp_path / "photo.jpg"
    path.write_bytes(saved(Image.fromarray(RGB8), "PNG"))
    photo = read_photo(path)
    assert photo.format == "PNG"
    np.testing.assert_array_equal(photo.pixels, RGB8)


def test_photo_knows_its_shape_and_depth() -> None:
    photo = Photo(RGB16)
    assert (photo.shape, photo.bits) == ((24, 40), 16)


def test_reading_starts_without_heavy_imports() -> None:
    code = (
        "import sys, inpaint_core.photo.read_photo, inpaint_core.photo.write_photo;"
        "print([m for m in ('torch', 'numba', 'PySide6', 'tifffile', 'PIL.Image')"
        " + ('rawpy', 'pillow_heif', 'pillow_jxl') if m in sys.modules])"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout.strip() == "[]"
