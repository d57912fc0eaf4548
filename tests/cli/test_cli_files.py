"""What a file holds beside its pixels goes through a fill, checked with libraries of others."""

from __future__ import annotations

import base64
import io
import struct
import zlib
from pathlib import Path

import cv2
import numpy as np
import pytest
import tifffile
from PIL import Image, ImageCms, ImageOps
from shots import Shot

PROFILE = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def exif(orientation: int | None = None) -> bytes:
    tags = Image.Exif()
    tags[0x010F] = "Lacuna camera works"
    if orientation is not None:
        tags[0x0112] = orientation
    return tags.tobytes()


def deep(shot: Shot) -> np.ndarray:
    """The shot with 16 bits, whose low bytes are not those of scaled 8-bit values."""
    rng = np.random.default_rng(1)
    return shot.pixels.astype(np.uint16) * 256 + rng.integers(0, 256, shot.pixels.shape, np.uint16)


def transparency(shot: Shot, top: int) -> np.ndarray:
    height, width = shot.hole.shape
    return np.tile(np.linspace(0, top, width).astype(np.uint16), (height, 1))


def with_profile(png: Path) -> None:
    """Put the profile into a PNG that lacks one, right after its header."""
    content = png.read_bytes()
    data = b"sRGB\0\0" + zlib.compress(PROFILE)
    chunk = struct.pack(">I", len(data)) + b"iCCP" + data
    chunk += struct.pack(">I", zlib.crc32(b"iCCP" + data))
    png.write_bytes(content[:33] + chunk + content[33:])


def about(path: Path) -> tuple[bytes | None, str | None]:
    """The profile and the camera's maker."""
    with Image.open(path) as image:
        return image.info.get("icc_profile"), image.getexif().get(0x010F)


@pytest.mark.parametrize("ending", ["png", "tif", "webp"])
def test_profile_exif_and_alpha_of_8_bits(shot: Shot, ending: str) -> None:
    alpha = transparency(shot, 255).astype(np.uint8)
    rgba = np.dstack([shot.pixels, alpha])
    shot.photo = shot.folder / f"photo.{ending}"
    shot.out = shot.folder / f"out.{ending}"
    Image.fromarray(rgba).save(
        shot.photo, icc_profile=PROFILE, exif=exif(), **({"lossless": True, "exact": True})
    )
    assert shot.fill("--quality", 100) == 0
    assert about(shot.out) == (PROFILE, "Lacuna camera works")
    with Image.open(shot.out) as image:
        assert image.mode == "RGBA"
        filled = np.asarray(image)
    far = shot.far(3)
    assert np.array_equal(filled[far], rgba[far])
    assert np.array_equal(filled[:, :, 3], alpha)
    assert not np.array_equal(filled[:, :, :3][shot.hole], shot.pixels[shot.hole])


@pytest.mark.parametrize("alpha", [False, True])
def test_png_of_16_bits(shot: Shot, alpha: bool) -> None:
    pixels = deep(shot)
    if alpha:
        pixels = np.dstack([pixels, transparency(shot, 65535)])
    code = cv2.COLOR_RGBA2BGRA if alpha else cv2.COLOR_RGB2BGR
    assert cv2.imwrite(str(shot.photo), cv2.cvtColor(pixels, code))
    with_profile(shot.photo)
    assert shot.fill() == 0
    filled = cv2.cvtColor(cv2.imread(str(shot.out), cv2.IMREAD_UNCHANGED), code)
    assert filled.dtype == np.uint16
    far = shot.far(3)
    assert np.array_equal(filled[far], pixels[far])
    assert not np.array_equal(filled[shot.hole], pixels[shot.hole])
    assert about(shot.out)[0] == PROFILE


def test_tiff_of_16_bits(shot: Shot) -> None:
    pixels = deep(shot)
    shot.photo, shot.out = shot.folder / "photo.tif", shot.folder / "out.tif"
    tifffile.imwrite(shot.photo, pixels, photometric="rgb", iccprofile=PROFILE)
    assert shot.fill() == 0
    with tifffile.TiffFile(shot.out) as file:
        filled = file.asarray()
        assert file.pages[0].iccprofile == PROFILE
    assert filled.dtype == np.uint16
    far = shot.far(3)
    assert np.array_equal(filled[far], pixels[far])
    assert not np.array_equal(filled[shot.hole], pixels[shot.hole])


def test_jpeg_keeps_profile_and_exif_and_nearly_every_pixel(shot: Shot) -> None:
    shot.photo, shot.out = shot.folder / "photo.jpg", shot.folder / "out.jpg"
    Image.fromarray(shot.pixels).save(
        shot.photo, quality=95, subsampling=0, icc_profile=PROFILE, exif=exif()
    )
    assert shot.fill() == 0
    assert about(shot.out) == (PROFILE, "Lacuna camera works")
    with Image.open(shot.photo) as one, Image.open(shot.out) as other:
        change = np.abs(np.asarray(one).astype(int) - np.asarray(other))
    assert change[shot.far(16)].mean() < 0.5
    assert change[shot.hole].mean() > 3


def test_a_photo_on_its_side_is_filled_upright(shot: Shot) -> None:
    shot.photo = shot.folder / "photo.jpg"
    lying = np.rot90(shot.pixels)  # orientation 6 turns it back, a quarter clockwise
    Image.fromarray(np.ascontiguousarray(lying)).save(
        shot.photo, quality=100, subsampling=0, exif=exif(6)
    )
    assert shot.fill() == 0
    with Image.open(shot.out) as image:
        assert image.size == (96, 64)
        assert image.getexif().get(0x0112, 1) == 1
        assert image.getexif()[0x010F] == "Lacuna camera works"
        filled = np.asarray(image).astype(int)
    far = shot.far(3)
    assert np.abs(filled - shot.pixels)[far].max() <= 4  # what quality 100 costs


@pytest.mark.parametrize("orientation", [3, 6])
def test_a_jpeg_on_its_side_stays_there(shot: Shot, orientation: int) -> None:
    shot.photo, shot.out = shot.folder / "photo.jpg", shot.folder / "out.jpg"
    lying = np.rot90(shot.pixels, 1 if orientation == 6 else 2)
    Image.fromarray(np.ascontiguousarray(lying)).save(
        shot.photo, quality=85, exif=exif(orientation)
    )
    assert shot.fill("--metadata", "none") == 0
    with Image.open(shot.photo) as one, Image.open(shot.out) as other:
        assert dict(other.getexif()) == {0x0112: orientation}
        before, after = (np.asarray(ImageOps.exif_transpose(image)) for image in (one, other))
    far = shot.far(3 + 16)  # with the blocks that the hole touches
    assert np.array_equal(before[far], after[far])
    assert not np.array_equal(before[shot.hole], after[shot.hole])


def test_no_preview_shows_what_was_removed(shot: Shot, capfd: pytest.CaptureFixture[str]) -> None:
    shot.photo, shot.out = shot.folder / "photo.jpg", shot.folder / "out.jpg"
    small = io.BytesIO()
    Image.fromarray(shot.pixels).save(small, "JPEG")
    packet = (
        b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF'
        b' xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description'
        b' xmlns:xmpGImg="http://ns.adobe.com/xap/1.0/g/img/" xmpGImg:image="'
        + base64.b64encode(small.getvalue())
        + b'"/></rdf:RDF></x:xmpmeta>'
    )
    tags = Image.Exif()
    tags.get_ifd(0x8769)[0x927C] = b"MAKER\0" + small.getvalue()
    Image.fromarray(shot.pixels).save(shot.photo, xmp=packet, exif=tags.tobytes())
    for choice in ("all", "no_gps", "none"):
        assert shot.fill("--metadata", choice, "--overwrite") == 0
        written = shot.out.read_bytes()
        assert small.getvalue()[-200:] not in written
        assert b"xmpGImg:image" not in written
        assert "previews (maker note, XMP data)" in capfd.readouterr().err


def test_what_a_format_cannot_hold_is_said(shot: Shot, capfd: pytest.CaptureFixture[str]) -> None:
    pixels = np.dstack([deep(shot), transparency(shot, 65535)])
    assert cv2.imwrite(str(shot.photo), cv2.cvtColor(pixels, cv2.COLOR_RGBA2BGRA))
    shot.out = shot.folder / "out.jpg"
    assert shot.fill() == 0
    said = [line for line in capfd.readouterr().err.splitlines() if line.startswith("note: ")]
    assert any("8 bit" in line for line in said)
    assert any("transparency" in line for line in said)
    assert shot.fill("--overwrite", "--quiet") == 0
    assert capfd.readouterr().err == ""
