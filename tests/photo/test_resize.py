"""Photos in another size: the numbers, what a file says of its size, and the check of the file."""

from __future__ import annotations

import io
import struct
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import ExifTags, Image
from renders import exif_block, exif_fields, scene, veil

from inpaint_core.contract.choices import ResizeBy
from inpaint_core.contract.errors import BadRequest, CannotWrite
from inpaint_core.contract.geometry import Rect
from inpaint_core.contract.options import OutputOptions, Resize
from inpaint_core.photo import write_photo as write_photo_module
from inpaint_core.photo.colour.icc_profiles import make_profile
from inpaint_core.photo.layers import split_layers
from inpaint_core.photo.photo import Block, JpegCoding, Origin, Photo, Retouched
from inpaint_core.photo.read_photo import read_photo
from inpaint_core.photo.resize import resize_photo
from inpaint_core.retouch.save_photo import save_photo

HALF = Resize("percent", 50)


@pytest.mark.parametrize(
    ("by", "amount", "size"),
    [
        ("long", 300, (300, 200)),
        ("short", 100, (150, 100)),
        ("width", 60, (60, 40)),
        ("height", 1, (2, 1)),
        ("percent", 12.5, (75, 50)),
        ("long", 900, (600, 400)),
    ],
)
def test_sizes(by: ResizeBy, amount: float, size: tuple[int, int]) -> None:
    assert Resize(by, amount).target(600, 400) == size


def test_only_who_asks_gets_a_larger_photo() -> None:
    photo = Photo(scene(20, 30))
    assert resize_photo(photo, Resize("width", 60)) is photo
    assert resize_photo(photo, Resize("width", 60, enlarge=True)).shape == (40, 60)
    assert resize_photo(photo, Resize("width", 30, sharpen=True)) is photo
    with pytest.raises(BadRequest):
        resize_photo(photo, Resize("width", 60_000, enlarge=True))


@pytest.mark.parametrize(("dtype", "grey"), [(np.uint8, 188), (np.uint16, 48190)])
def test_light_is_averaged(dtype: type, grey: int) -> None:
    """Black and white lines are as bright from afar as the grey that they become."""
    full = np.iinfo(dtype).max
    lines = np.zeros((60, 60, 3), dtype)
    lines[::2] = full
    inner = resize_photo(Photo(lines), HALF).pixels[5:-5, 5:-5]
    assert np.abs(inner.astype(int) - grey).max() <= full // 255
    assert inner.dtype == dtype


def test_light_is_that_of_the_profile() -> None:
    """In numbers that are light itself, half of the light is half of the number."""
    linear = make_profile("adobe").replace(struct.pack(">IH", 1, 563), struct.pack(">IH", 1, 256))
    lines = np.zeros((60, 60, 3), np.uint16)
    lines[::2] = 65535
    small = resize_photo(Photo(lines, icc=linear), HALF)
    assert np.abs(small.pixels[5:-5, 5:-5].astype(int) - 32768).max() < 100
    assert small.icc == linear


@pytest.mark.parametrize("size", [Resize("width", 97), Resize("width", 401, enlarge=True)])
def test_smooth_places_stay_what_they_are(size: Resize) -> None:
    y, x = np.mgrid[:150, :200] / 200
    ramp = np.stack([x, y, 0.5 * (x + y)], axis=2)
    pixels = np.rint(ramp * 200 + 20).astype(np.uint8)
    scaled = resize_photo(Photo(pixels), size).pixels
    high, wide = scaled.shape[:2]
    y, x = (np.mgrid[:high, :wide] + 0.5) * (200 / wide) / 200
    want = np.stack([x, y, 0.5 * (x + y)], axis=2) * 200 + 19.5
    inner = np.s_[4:-4, 4:-4]
    assert np.abs(scaled[inner] - want[inner]).max() < 1.6


def test_bands_leave_no_trace(monkeypatch: pytest.MonkeyPatch) -> None:
    photo = Photo(scene(90, 70, np.uint16), veil(90, 70, np.uint16))
    for size in (Resize("width", 31), Resize("width", 110, enlarge=True)):
        whole = resize_photo(photo, size)
        with monkeypatch.context() as patch:
            patch.setattr("inpaint_core.photo.resize._BAND", 500)
            banded = resize_photo(photo, size)
        assert whole.alpha is not None
        assert banded.alpha is not None
        assert np.abs(whole.pixels.astype(int) - banded.pixels).max() <= 1
        assert np.abs(whole.alpha.astype(int) - banded.alpha).max() <= 1


def test_hidden_colours_do_not_show() -> None:
    pixels = np.full((40, 40, 3), (200, 40, 40), np.uint8)
    alpha = np.full((40, 40), 255, np.uint8)
    pixels[:, ::2], alpha[:, ::2] = (0, 255, 0), 0
    small = resize_photo(Photo(pixels, alpha), HALF)
    assert small.alpha is not None
    assert np.abs(small.alpha[5:-5, 5:-5].astype(int) - 128).max() <= 1
    assert np.abs(small.pixels[5:-5, 5:-5].astype(int) - (200, 40, 40)).max() <= 1


def test_sharpening_is_of_brightness_alone() -> None:
    pixels = np.full((40, 80, 3), (120, 60, 60), np.uint8)
    pixels[:, 40:] = (180, 120, 120)
    plain = resize_photo(Photo(pixels), HALF).pixels.astype(int)
    sharp = resize_photo(Photo(pixels), replace(HALF, sharpen=True)).pixels.astype(int)
    step = sharp - plain
    assert step[:, 15:20].min() < -5
    assert step[:, 20:25].max() > 5
    assert np.ptp(step, axis=2).max() <= 1
    assert not step[:, :12].any()


def test_what_says_the_size_says_the_new_one(tmp_path: Path) -> None:
    """A JPEG on its side, with EXIF and XMP data and a thumbnail, from file to file."""
    source, out = tmp_path / "in.jpg", tmp_path / "out.jpg"
    packet = (
        b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF><rdf:Description tiff:ImageWidth="120"'
        b' tiff:ImageLength="80"><exif:PixelXDimension>120</exif:PixelXDimension>'
        b"<exif:PixelYDimension>80</exif:PixelYDimension></rdf:Description></rdf:RDF></x:xmpmeta>"
    )
    thumbnail = io.BytesIO()
    Image.new("RGB", (16, 12)).save(thumbnail, "JPEG")
    exif = exif_block(orientation=6, thumbnail=thumbnail.getvalue())
    Image.fromarray(scene(80, 120)).save(source, exif=b"Exif\0\0" + exif, xmp=packet)
    photo = read_photo(source)
    assert photo.shape == (120, 80)
    saved = save_photo(out, photo, np.zeros((120, 80), bool), OutputOptions(resize=HALF))
    assert saved.check.resized == (40, 60)
    assert saved.check.pixels == 40 * 60
    with Image.open(out) as image:
        assert image.size == (40, 60)
        fields = exif_fields(image.info["exif"])
        assert (fields["exif"][0xA002], fields["exif"][0xA003]) == (40, 60)
        assert fields["first"][0x0112] == 1
        assert fields["first"][0x8298] == "(c) nobody"
        second = image.getexif().get_ifd(ExifTags.IFD.IFD1)
        start = second[0x0201] + 6
        with Image.open(io.BytesIO(image.info["exif"][start:])) as small:
            assert small.size == (40, 60)
        packet = image.info["xmp"]
        assert b'tiff:ImageWidth="40"' in packet
        assert b'tiff:ImageLength="60"' in packet
        assert b"PixelXDimension>40<" in packet
        assert b"PixelYDimension>60<" in packet


def test_what_is_true_of_the_old_pixels_alone_goes() -> None:
    coding = JpegCoding(((1,) * 64,), "4:2:0", b"\xff\xd8 the old file")
    blocks = (Block("resource", "guides", b"1", "place"), Block("comment", "comment", b"2"))
    photo = Photo(scene(20, 30), jpeg=coding, origin=Origin(orientation=6), blocks=blocks)
    small = resize_photo(photo, HALF)
    assert small.blocks == blocks[1:]
    assert small.jpeg is not None
    assert small.jpeg.source == b""
    assert small.jpeg.tables == coding.tables
    assert small.origin.orientation == 1


def test_the_layer_of_the_retouch_is_resized_too() -> None:
    """Together the layers are the resized photo; the lower one is the resized original."""
    before = scene(60, 80)
    pixels, rect = before.copy(), Rect(20, 10, 30, 24)
    pixels[rect.slices] = 250
    mark = np.full((24, 30), 255, np.uint8)
    photo = Photo(pixels, retouched=Retouched(rect, mark, before[rect.slices].copy()))
    small = resize_photo(photo, HALF)
    below, above = split_layers(small)
    np.testing.assert_array_equal(below.pixels, resize_photo(Photo(before), HALF).pixels)
    whole = below.pixels.copy()
    assert above.mask is not None
    whole[above.rect.slices][above.mask > 0] = above.pixels[above.mask > 0]
    np.testing.assert_array_equal(whole, resize_photo(Photo(pixels), HALF).pixels)


@pytest.mark.parametrize("kind", ["png", "tif"])
def test_every_pixel_of_a_resized_file_is_compared(
    tmp_path: Path, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where something was filled, as no pixel is the photo's own any more."""
    photo = Photo(scene(60, 80, np.uint16), veil(60, 80, np.uint16))
    reached = np.ones((60, 80), bool)
    saved = save_photo(tmp_path / f"out.{kind}", photo, reached, OutputOptions(resize=HALF))
    assert (saved.check.pixels, saved.check.differing) == (30 * 40, 0)
    again = read_photo(saved.path)
    np.testing.assert_array_equal(again.pixels, resize_photo(photo, HALF).pixels)
    assert again.alpha is not None
    assert again.bits == 16
    write = write_photo_module.fit_to_format
    monkeypatch.setattr(
        "inpaint_core.photo.write_photo.fit_to_format",
        lambda photo, known: write(replace(photo, pixels=photo.pixels ^ 1), known),
    )
    with pytest.raises(CannotWrite):
        save_photo(tmp_path / f"bad.{kind}", photo, reached, OutputOptions(resize=HALF))
    assert not (tmp_path / f"bad.{kind}").exists()


def test_without_another_size_nothing_outside_changes(tmp_path: Path) -> None:
    photo = Photo(scene(60, 80))
    reached = np.zeros((60, 80), bool)
    reached[10:20, 10:20] = True
    options = OutputOptions(resize=Resize("long", 200, sharpen=True))
    saved = save_photo(tmp_path / "out.png", photo, reached, options)
    assert saved.check.resized is None
    assert (saved.check.pixels, saved.check.differing) == (60 * 80 - 100, 0)
