"""Orientation, EXIF, XMP, profile and resolution, from every format to every format."""

from __future__ import annotations

import io
import struct
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import tifffile
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageOps, PngImagePlugin
from renders import XMP, exif_block, exif_fields, saved, scene, srgb_profile, steady

from inpaint_core.photo.check_saved import check_saved
from inpaint_core.photo.formats.registry import writable_formats
from inpaint_core.photo.metadata import exif
from inpaint_core.photo.photo import Photo, grey_pixels
from inpaint_core.photo.read_photo import decode_photo, read_photo
from inpaint_core.photo.write_photo import encode_photo, fit_to_format, write_photo

HERE = Path("photo.x")
EXIF = b"Exif\0\0"
RGB8 = scene(24, 40)
PIXELS = {8: RGB8, 16: scene(24, 40, np.uint16)}
HOLDERS = [(".jpg", 8), (".png", 8), (".png", 16), (".tif", 8), (".tif", 16), (".webp", 8)]


def written(photo: Photo, suffix: str) -> bytes:
    kind = writable_formats()[suffix]
    ready, notes = fit_to_format(photo, kind)
    data, more = encode_photo(ready, kind, None)
    assert notes + more == ()
    return data


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "TIFF", "WEBP"])
def test_all_orientations_are_applied(kind: str, orientation: int) -> None:
    tag = Image.Exif()
    tag[0x0112] = orientation
    options = {"WEBP": {"lossless": True}, "JPEG": {"quality": 100}}.get(kind, {})
    data = saved(Image.fromarray(RGB8), kind, exif=tag, **options)
    want = np.asarray(ImageOps.exif_transpose(Image.open(io.BytesIO(data))))
    photo = decode_photo(data, HERE)
    np.testing.assert_array_equal(photo.pixels, want)
    assert exif.read_orientation(photo.exif) == 1
    again = decode_photo(written(photo, ".png"), HERE)
    np.testing.assert_array_equal(again.pixels, want)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_orientation_turns_alpha_and_depth_too(orientation: int) -> None:
    alpha = np.arange(24 * 40, dtype=np.uint16).reshape(24, 40)
    out = io.BytesIO()
    tifffile.imwrite(
        out,
        np.dstack([PIXELS[16], alpha]),
        photometric="rgb",
        extrasamples=["unassalpha"],
        extratags=[(274, 3, 1, orientation, True)],
        resolution=(100, 200),
        resolutionunit="INCH",
        metadata=None,
    )
    photo = decode_photo(out.getvalue(), HERE)
    tag = Image.Exif()
    tag[0x0112] = orientation
    holder = saved(Image.fromarray(alpha.astype(np.int32)), "TIFF", exif=tag)
    want = np.asarray(ImageOps.exif_transpose(Image.open(io.BytesIO(holder))))
    np.testing.assert_array_equal(photo.alpha, want)
    assert photo.pixels.shape == (*want.shape, 3)
    assert photo.dpi == ((100, 200) if orientation <= 4 else (200, 100))


@pytest.mark.parametrize("orientation", [0, 9, 77])
def test_an_orientation_that_is_none_changes_nothing(orientation: int) -> None:
    data = saved(Image.fromarray(RGB8), "PNG", exif=exif_block("<", orientation))
    photo = decode_photo(data, HERE)
    np.testing.assert_array_equal(photo.pixels, RGB8)
    assert photo.exif == exif_block("<", 1)


@pytest.mark.parametrize("order", ["<", ">"])
def test_only_what_has_to_change_in_exif_changes(order: str) -> None:
    photo = decode_photo(
        saved(Image.fromarray(RGB8), "JPEG", exif=EXIF + exif_block(order, 3)), HERE
    )
    assert photo.exif == exif_block(order, 1)
    turned = decode_photo(
        saved(Image.fromarray(RGB8), "JPEG", exif=EXIF + exif_block(order, 6)), HERE
    )
    assert turned.exif is not None
    fields, before = exif_fields(turned.exif), exif_fields(exif_block(order, 1))
    assert (fields["exif"].pop(0xA002), fields["exif"].pop(0xA003)) == (24, 40)
    assert (before["exif"].pop(0xA002), before["exif"].pop(0xA003)) == (40, 24)
    assert fields == before


@pytest.mark.parametrize("order", ["<", ">"])
def test_the_thumbnail_goes(order: str) -> None:
    small = saved(Image.fromarray(RGB8[::4, ::4]), "JPEG")
    block = exif_block(order, 1, small)
    photo = decode_photo(saved(Image.fromarray(RGB8), "JPEG", exif=EXIF + block), HERE)
    assert photo.exif is not None
    assert small[:40] in block
    assert b"\xff\xd8" not in photo.exif
    assert len(photo.exif) == len(block) - len(small)  # it lay at the end
    assert exif_fields(photo.exif) == exif_fields(block)


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize(("suffix", "bits"), HOLDERS)
def test_exif_xmp_profile_and_resolution_are_kept(suffix: str, bits: int, order: str) -> None:
    source = exif_block(order)
    profile = srgb_profile()
    photo = Photo(PIXELS[bits], icc=profile, exif=source, xmp=XMP, dpi=(300.0, 240.0))
    data = written(photo, suffix)
    back = decode_photo(data, HERE)
    assert back.icc == profile
    assert back.xmp == XMP.replace(b'"6"', b'"1"')
    assert back.exif is not None
    if suffix == ".tif":
        assert exif_fields(back.exif) == {
            **exif_fields(source),
            "first": {k: v for k, v in exif_fields(source)["first"].items() if k != 0x0112},
        }
    else:
        assert back.exif == source
    if suffix != ".webp":
        assert back.dpi == pytest.approx((300, 240), abs=0.02)


@pytest.mark.parametrize(("suffix", "bits"), HOLDERS)
def test_others_find_the_metadata(suffix: str, bits: int) -> None:
    photo = Photo(PIXELS[bits], icc=srgb_profile(), exif=exif_block(), xmp=XMP, dpi=(300.0, 240.0))
    image = Image.open(io.BytesIO(written(photo, suffix)))
    assert image.info["icc_profile"] == photo.icc
    assert image.info["xmp"] == XMP
    found, want = image.getexif(), exif_fields(exif_block())
    for tag, value in want["first"].items():
        assert found[tag] == value
    assert dict(found.get_ifd(0x8769)) == want["exif"]
    assert dict(found.get_ifd(0x8825)) == want["gps"]


def test_tiff_keeps_exif_bytes_at_their_place() -> None:
    """A maker's note may point into the block by absolute offsets."""
    block = exif_block()
    data = written(Photo(PIXELS[16], exif=block), ".tif")
    assert data[8 : len(block)] == block[8:]


def test_exif_goes_from_format_to_format() -> None:
    profile = srgb_profile()  # it holds the time at which it was made
    photo = Photo(RGB8, exif=exif_block(), xmp=b"<x:xmpmeta/>", icc=profile)
    fields = exif_fields(exif_block())
    for suffix in (".tif", ".png", ".tif", ".jpg", ".webp", ".tif", ".tif", ".jpg"):
        photo = decode_photo(written(replace(photo, jpeg=None), suffix), HERE)
        assert photo.exif is not None
        found = exif_fields(photo.exif)
        assert (found["exif"], found["gps"]) == (fields["exif"], fields["gps"])
        assert found["first"][0x010F] == "Lacuna Camera Works"
        assert (photo.xmp, photo.icc) == (b"<x:xmpmeta/>", profile)


def test_exif_data_too_long_for_jpeg_is_left_out_and_said() -> None:
    long_exif = exif_block() + bytes(70_000)
    photo = Photo(RGB8, exif=long_exif, icc=srgb_profile() + bytes(200_000))
    data, notes = encode_photo(photo, writable_formats()[".jpg"], None)
    back = decode_photo(data, HERE)
    assert back.exif is None
    assert back.icc == photo.icc  # profiles may go over several segments
    assert len(notes) == 1
    assert decode_photo(written(photo, ".png"), HERE).exif == long_exif


def test_a_profile_for_other_pixels_is_left_out() -> None:
    profile = bytearray(srgb_profile())
    profile[16:20] = b"GRAY"
    grey = Photo(grey_pixels(RGB8[..., 0]), icc=bytes(profile), is_grey=True)
    assert decode_photo(written(grey, ".tif"), HERE).icc == bytes(profile)
    kept, notes = fit_to_format(replace(grey, pixels=RGB8), writable_formats()[".tif"])
    assert kept.icc is None
    assert notes[0].key == "photo.profile_left_out"


def test_xmp_that_announces_an_hdr_gain_map_goes_with_it() -> None:
    xmp = XMP.replace(
        b"<rdf:Description", b'<rdf:Description xmlns:hdrgm="http://ns.adobe.com/hdr-gain-map/1.0/"'
    )
    photo = decode_photo(saved(Image.fromarray(RGB8), "JPEG", xmp=xmp), HERE)
    assert photo.xmp is None
    assert photo.notes[0].key == "photo.more_pictures"


def test_orientation_in_xmp_becomes_1() -> None:
    element = b"<tiff:Orientation>8</tiff:Orientation>"
    photo = decode_photo(saved(Image.fromarray(RGB8), "JPEG", xmp=XMP + element), HERE)
    assert photo.xmp == XMP.replace(b'"6"', b'"1"') + element.replace(b"8", b"1")


@steady
@given(st.binary(max_size=80), st.sampled_from([b"", b"II*\0\x08\0\0\0", b"MM\0*\0\0\0\x08"]))
def test_any_bytes_as_exif_are_survived(rest: bytes, head: bytes) -> None:
    block = head + rest
    out = exif.mark_upright(block, (3, 2))
    assert len(out) <= len(block)
    assert exif.read_orientation(out) == 1
    exif.extract_from_tiff(block)


@steady
@given(st.integers(0, 300), st.integers(0, 255))
def test_damaged_exif_is_survived_by_every_writer(at: int, value: int) -> None:
    block = bytearray(exif_block(">", 6, b"\xff\xd8\xff\xd9"))
    block[at % len(block)] = value
    photo = decode_photo(saved(Image.fromarray(RGB8[:8, :8]), "PNG", exif=bytes(block)), HERE)
    for suffix in (".jpg", ".tif", ".png"):
        kind = writable_formats()[suffix]
        back = decode_photo(encode_photo(photo, kind, None)[0], HERE)
        assert back.shape == photo.shape


def test_directories_that_point_outside_are_errors_of_value() -> None:
    with pytest.raises(ValueError, match="outside"):
        exif.read_first_directory(b"II*\0" + struct.pack("<I", 4000))


SOURCES = {
    "progressive.jpg": ("JPEG", {"progressive": True, "subsampling": 2}),
    "restarts.jpg": ("JPEG", {"restart_marker_rows": 1, "quality": 91}),
    "photo.png": ("PNG", {}),
    "photo.webp": ("WEBP", {"lossless": True}),
    "photo.tif": ("TIFF", {}),
}


@pytest.mark.parametrize("name", SOURCES)
@pytest.mark.parametrize("suffix", [".jpg", ".png", ".tif", ".webp"])
def test_from_file_to_file_every_field_is_kept(tmp_path: Path, name: str, suffix: str) -> None:
    """Read by Pillow on both sides; only what must change has changed."""
    kind, options = SOURCES[name]
    profile = srgb_profile()
    fields = Image.open(io.BytesIO(saved(Image.new("L", (1, 1)), "JPEG", exif=EXIF + exif_block())))
    tags = fields.getexif()
    for ifd in (0x8769, 0x8825):
        tags.get_ifd(ifd)  # else Pillow writes none of them into a TIFF
    info = PngImagePlugin.PngInfo()
    info.add_itxt("XML:com.adobe.xmp", XMP.decode())
    if kind == "TIFF":
        tags[700] = XMP
    options = {**options, "exif": tags if kind == "TIFF" else EXIF + exif_block()}
    options |= {"pnginfo": info} if kind == "PNG" else {"xmp": XMP}
    source, out = tmp_path / name, tmp_path / f"out{suffix}"
    source.write_bytes(saved(Image.fromarray(RGB8), kind, icc_profile=profile, **options))
    photo = read_photo(source)
    hole = np.zeros((24, 40), bool)
    hole[4:7, 30:34] = True
    pixels = photo.pixels.copy()
    pixels[hole] = 90
    quality = 100 if suffix == ".webp" else None
    assert write_photo(out, replace(photo, pixels=pixels), quality=quality) == ()
    check = check_saved(out, photo, hole, quality=quality)
    if suffix != ".jpg":
        assert check.differing == 0
        np.testing.assert_array_equal(read_photo(out).pixels, pixels)
    elif kind == "JPEG":
        assert check.kept is not None
        assert check.kept.blocks < check.kept.total
    with Image.open(source) as before, Image.open(out) as after:
        assert len(before.getexif().get_ifd(0x8769)) == 5
        assert after.info["icc_profile"] == profile
        assert after.info["xmp"] == XMP.replace(b'"6"', b'"1"')
        one, other = before.getexif(), after.getexif()
        for ifd in (0x8769, 0x8825, 0xA005):
            assert dict(other.get_ifd(ifd)) == dict(one.get_ifd(ifd)), hex(ifd)
        # Where pixels lie, the software, and where the directories above are.
        own = {*range(254, 285), 305, 317, 338, 339, 700, 34675, 34665, 34853}
        wanted = {tag: value for tag, value in one.items() if tag not in own}
        assert {tag: value for tag, value in other.items() if tag in wanted} == wanted
        assert other[305].startswith("Lacuna")
