"""HEIF, AVIF, JPEG XL, raw files, and the rarer kinds of TIFF."""

from __future__ import annotations

import io
import random
import struct
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pillow_heif
import pytest
import tifffile
from PIL import Image, ImageCms
from renders import XMP, camera_raw, exif_block, exif_fields, saved, scene, srgb_profile, veil

from inpaint_core.contract.errors import PhotoDamaged, PhotoTooLarge, PhotoUnsupported
from inpaint_core.contract.message import Message
from inpaint_core.photo.colour import conversion as colour
from inpaint_core.photo.colour import icc_profiles as profiles
from inpaint_core.photo.formats import jxl
from inpaint_core.photo.formats.registry import writable_formats
from inpaint_core.photo.metadata import exif
from inpaint_core.photo.photo import Photo
from inpaint_core.photo.read_photo import decode_photo
from inpaint_core.photo.write_photo import encode_photo

HERE = Path("photo.x")
RGB8 = scene(64, 96)
RGB16 = scene(64, 96, np.uint16)


def heic(mode: str, values: Any, **options: Any) -> bytes:
    file = pillow_heif.from_bytes(mode, (values.shape[1], values.shape[0]), values.tobytes())
    out = io.BytesIO()
    file.save(out, quality=-1, chroma=444, matrix_coefficients=0, **options)
    return out.getvalue()


def tiff(values: Any, **options: Any) -> bytes:
    out = io.BytesIO()
    tifffile.imwrite(out, values, metadata=None, software=False, **options)
    return out.getvalue()


def test_heic_of_8_bits() -> None:
    data = heic("RGB", RGB8, exif=b"Exif\0\0" + exif_block("<", 6), xmp=XMP)
    photo = decode_photo(data, HERE)
    assert (photo.format, photo.bits, photo.alpha) == ("HEIF", 8, None)
    np.testing.assert_array_equal(photo.pixels, np.asarray(pillow_heif.open_heif(data)))
    # The file's own properties say how it is turned; the EXIF data has no say.
    assert exif.read_orientation(photo.exif) == 1
    assert photo.exif is not None
    assert exif_fields(photo.exif)["gps"] == exif_fields(exif_block())["gps"]
    assert photo.xmp == XMP.replace(b'"6"', b'"1"')


def test_heic_keeps_more_than_8_bits_and_alpha() -> None:
    deep = decode_photo(heic("RGB;16", RGB16), HERE)
    assert (deep.bits, deep.origin.bits) == (16, 10)
    assert np.abs(deep.pixels.astype(int) - RGB16).max() <= 65535 / 1023 * 2
    assert len(np.unique(deep.pixels)) > 400
    alpha = veil(64, 96)
    clear = decode_photo(heic("RGBA", np.dstack([RGB8, alpha])), HERE)
    assert clear.alpha is not None
    assert np.abs(clear.alpha.astype(int) - alpha).max() <= 2
    np.testing.assert_allclose(clear.pixels, RGB8, atol=3)


def test_heic_without_a_profile_gets_one_from_its_numbers() -> None:
    photo = decode_photo(heic("RGB", RGB8, color_primaries=12, transfer_characteristics=13), HERE)
    assert photo.icc is not None
    opened = ImageCms.getOpenProfile(io.BytesIO(photo.icc))
    assert "P3" in ImageCms.getProfileDescription(opened)
    hdr = decode_photo(heic("RGB", RGB8, color_primaries=9, transfer_characteristics=16), HERE)
    assert Message("photo.hdr", curve="PQ") in hdr.notes


def test_heic_with_an_unusual_curve_gets_just_that() -> None:
    photo = decode_photo(heic("RGB", RGB8, color_primaries=12, transfer_characteristics=8), HERE)
    assert photo.icc is not None
    assert photo.origin.profile_from == "nclx"
    curves = colour.read_tone_curves(photo.icc)
    assert curves is not None
    np.testing.assert_allclose([curve[32768] for curve in curves], 0.5, atol=1e-4)


def test_the_profile_in_a_bmp_is_read() -> None:
    plain, icc = saved(Image.fromarray(RGB8), "BMP"), profiles.make_profile("p3")
    # BITMAPV5HEADER: the usual fields, masks, "MBED", end points, gamma, intent, place and length.
    head = struct.pack("<I", 124) + plain[18:54] + bytes(16) + b"DEBM" + bytes(48 + 4)
    head += struct.pack("<3I", 124 + len(plain) - 54, len(icc), 0)
    assert len(head) == 124
    start = plain[:10] + struct.pack("<I", 14 + 124)
    photo = decode_photo(start + head + plain[54:] + icc, HERE)
    np.testing.assert_array_equal(photo.pixels, RGB8)
    assert photo.icc == icc


def test_a_heic_with_an_absurd_size_is_refused_first() -> None:
    data = heic("RGB", RGB8)
    at = data.index(b"ispe") + 8
    bomb = data[:at] + struct.pack(">II", 60_000, 60_000) + data[at + 8 :]
    with pytest.raises(PhotoTooLarge, match="60000 x 60000"):
        decode_photo(bomb, HERE)
    with pytest.raises(PhotoDamaged):
        decode_photo(data[: len(data) // 2], HERE)


@pytest.mark.parametrize("depth", [8, 10, 12])
def test_avif_at_its_own_depth(depth: int) -> None:
    values = RGB8 if depth == 8 else RGB16 >> (16 - depth)
    options = [cv2.IMWRITE_AVIF_QUALITY, 100, cv2.IMWRITE_AVIF_DEPTH, depth]
    done, coded = cv2.imencode(".avif", values[..., ::-1], options)
    assert done
    photo = decode_photo(coded.tobytes(), HERE)
    assert (photo.format, photo.origin.bits) == ("AVIF", depth)
    want = np.rint(values * ((255 if depth == 8 else 65535) / (2**depth - 1)))
    np.testing.assert_array_equal(photo.pixels, want)


def test_avif_turned_and_with_alpha() -> None:
    tag = Image.Exif()
    tag[0x0112] = 6
    image = Image.fromarray(np.dstack([RGB8, veil(64, 96)]))
    data = saved(image, "AVIF", quality=100, subsampling="4:4:4", exif=tag)
    photo = decode_photo(data, HERE)
    assert photo.shape == (96, 64)
    assert photo.alpha is not None
    np.testing.assert_allclose(photo.pixels, np.rot90(RGB8, -1), atol=6)
    assert exif.read_orientation(photo.exif) == 1


def test_jpeg_xl() -> None:
    pytest.importorskip("pillow_jxl")
    for values in (RGB8, np.dstack([RGB8, veil(64, 96)]), RGB8[..., 0], RGB16[..., 0]):
        data = saved(Image.fromarray(values), "JXL", lossless=True, exif=exif_block(), xmp=XMP)
        assert jxl.read_size(data, HERE) == (96, 64)
        photo = decode_photo(data, HERE)
        colours = values[..., :3] if values.ndim == 3 else values[..., None]
        np.testing.assert_array_equal(photo.pixels, np.broadcast_to(colours, (64, 96, 3)))
        assert photo.is_grey == (values.ndim == 2)
        assert photo.exif == exif_block()
        assert photo.format == "JXL"


@pytest.mark.parametrize("size", [(8, 8), (256, 256), (300, 200), (4000, 3000), (96, 64)])
def test_the_size_of_a_jpeg_xl_stands_in_its_header(size: tuple[int, int]) -> None:
    pytest.importorskip("pillow_jxl")
    data = saved(Image.new("RGB", size), "JXL", effort=1)
    assert jxl.read_size(data, HERE) == size
    with pytest.raises(PhotoTooLarge):
        decode_photo(data, HERE, size[0] * size[1] - 1)


def test_jpeg_xl_without_a_decoder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "pillow_jxl", None)
    with pytest.raises(PhotoUnsupported, match="JPEG XL") as caught:
        decode_photo(b"\xff\x0a".ljust(64, b"\0"), HERE)
    assert "pip install" in str(caught.value.hint)


@pytest.mark.parametrize(
    ("orientation", "brighter"), [(6, 1.0), (1, 1.0), (3, 1.0), (8, 1.0), (1, 1.3), (1, 0.4)]
)
def test_a_raw_file_is_developed(orientation: int, brighter: float) -> None:
    """To the brightness that the camera saw, whatever else is in the picture."""
    pytest.importorskip("rawpy")
    light, data = camera_raw(64, 96, orientation, brighter)
    photo = decode_photo(data, HERE)
    assert (photo.format, photo.bits, photo.origin.model) == ("RAW", 16, "camera raw")
    srgb = colour.convert_to_srgb(photo).pixels[8:-8, 8:-8] / 65535
    want = upright_floats(1.055 * light ** (1 / 2.4) - 0.055, orientation)[8:-8, 8:-8]
    assert srgb.shape == want.shape
    assert np.abs(srgb - want).max() < 0.02
    assert photo.icc == profiles.make_profile("p3")
    assert len(np.unique(photo.pixels)) > 2000  # no steps of 8 bits
    assert photo.exif is not None
    assert exif_fields(photo.exif)["first"][0x010F] == "Lacuna"
    assert exif.read_orientation(photo.exif) == 1
    with pytest.raises(PhotoTooLarge):
        decode_photo(data, HERE, 96 * 64 - 1)


def test_crop_and_rating_of_a_raw_file_are_kept_but_not_developed_again() -> None:
    pytest.importorskip("rawpy")
    crop = b'crs:HasCrop="True" crs:CropTop="0.1" aux:Lens="Lacuna 35 mm"'
    packet = (
        b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:Description crs:HasSettings="True" '
        + crop
        + b"/></x:xmpmeta>"
    )
    photo = decode_photo(camera_raw(64, 96, 1, xmp=packet)[1], HERE)
    assert photo.xmp is not None
    assert crop in photo.xmp
    assert b"HasSettings" not in photo.xmp
    broken = decode_photo(camera_raw(64, 96, 1, xmp=b"<crs:HasSettings>True")[1], HERE)
    assert broken.xmp is None
    assert any(note.key == "photo.metadata_unreadable" for note in broken.notes)


def upright_floats(values: Any, orientation: int) -> Any:
    return np.rot90(values, {1: 0, 3: 2, 6: -1, 8: 1}[orientation])


def test_a_damaged_raw_file_is_refused_by_name() -> None:
    pytest.importorskip("rawpy")
    _, whole = camera_raw(64, 96)
    refused = 0
    for number in range(150):
        rng = random.Random(number)
        data = bytearray(whole)
        for _ in range(3):
            # The pixels themselves cannot be wrong.
            at = rng.choice((rng.randrange(2, 8), len(data) - 1 - rng.randrange(600)))
            data[at] = rng.randrange(256)
        if number % 5 == 0:
            del data[rng.randrange(8, len(data)) :]
        try:
            decode_photo(bytes(data), Path("shot.dng"))
        except (PhotoDamaged, PhotoUnsupported, PhotoTooLarge) as error:
            assert "shot.dng" in str(error.message)  # noqa: PT017
            refused += 1
    assert refused > 30
    with pytest.raises((PhotoDamaged, PhotoUnsupported)):
        decode_photo(b"II*\0" + bytes(60), Path("shot.nef"))


@pytest.mark.parametrize("compression", [None, "deflate"])
@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_floating_point_becomes_16_bits(dtype: type, compression: str | None) -> None:
    values = (RGB16 / 65535).astype(dtype)
    values[0, 0], values[0, 1, 0], values[0, 2, 1] = 1.5, -0.25, np.nan
    photo = decode_photo(tiff(values, photometric="rgb", compression=compression), HERE)
    assert (photo.bits, photo.origin.is_float) == (16, True)
    want = np.rint(np.clip(np.nan_to_num(values.astype(np.float64)), 0, 1) * 65535)
    assert np.abs(photo.pixels - want).max() <= 1
    assert Message("photo.floats_clipped", count=2) in photo.notes


@pytest.mark.parametrize("floats", [False, True])
def test_what_only_libtiff_decompresses(floats: bool) -> None:
    values = (RGB16 / 65535).astype(np.float32) if floats else RGB16
    done, coded = cv2.imencode(".tif", values[..., ::-1], [cv2.IMWRITE_TIFF_COMPRESSION, 5])
    assert done
    with tifffile.TiffFile(io.BytesIO(coded.tobytes())) as file:
        assert file.pages[0].compression == 5
    photo = decode_photo(coded.tobytes(), HERE)
    assert np.abs(photo.pixels.astype(int) - RGB16).max() <= floats


@pytest.mark.parametrize(("compression", "number"), [("zstd", 50000), ("lzma", 34925)])
def test_what_opencv_does_not_decompress_is_not_called_damaged(
    compression: str, number: int
) -> None:
    data = saved(Image.fromarray(RGB8), "TIFF", compression=f"tiff_{compression}")
    np.testing.assert_array_equal(decode_photo(data, HERE).pixels, RGB8)
    out = io.BytesIO()
    tifffile.imwrite(out, RGB16, photometric="rgb")
    with tifffile.TiffFile(io.BytesIO(out.getvalue())) as file:
        at = file.pages[0].tags["Compression"].valueoffset
    deep = bytearray(out.getvalue())
    deep[at : at + 2] = struct.pack("<H", number)
    with pytest.raises(PhotoUnsupported):
        decode_photo(bytes(deep), HERE)


def test_32_bits_become_16() -> None:
    photo = decode_photo(tiff(RGB16.astype(np.uint32) << 16, photometric="rgb"), HERE)
    np.testing.assert_array_equal(photo.pixels, RGB16)
    assert photo.notes[0].key == "photo.reduced_to_16_bits"


@pytest.mark.parametrize("tile", [None, (16, 16), (32, 48), (128, 112)])
@pytest.mark.parametrize(
    "packing", [{}, {"compression": "deflate"}, {"compression": "deflate", "predictor": True}]
)
@pytest.mark.parametrize("separate", [False, True])
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_every_layout_of_a_tiff(
    tile: tuple[int, int] | None, packing: dict[str, Any], separate: bool, dtype: type
) -> None:
    values = scene(67, 95, dtype)  # no multiple of anything
    planes = np.ascontiguousarray(np.moveaxis(values, 2, 0)) if separate else values
    data = tiff(
        planes,
        photometric="rgb",
        planarconfig="separate" if separate else "contig",
        tile=tile,
        rowsperstrip=None if tile else 9,
        **packing,
    )
    np.testing.assert_array_equal(decode_photo(data, HERE).pixels, values)


@pytest.mark.parametrize("big", [False, True])
@pytest.mark.parametrize("order", ["<", ">"])
def test_tiled_and_big_tiff(order: str, big: bool) -> None:
    data = tiff(RGB16, photometric="rgb", tile=(32, 48), bigtiff=big, byteorder=order)
    np.testing.assert_array_equal(decode_photo(data, HERE).pixels, RGB16)


@pytest.mark.parametrize("order", ["<", ">"])
def test_big_tiff_has_exif_data(order: str) -> None:
    tags = [
        (271, 2, 0, "Lacuna Works", True),
        (65000, 16, 1, 0, True),
    ]
    data = tiff(RGB16, photometric="rgb", bigtiff=True, byteorder=order, extratags=tags)
    with tifffile.TiffFile(io.BytesIO(data)) as file:
        at = file.pages[0].tags[65000].offset
    out = bytearray(data)
    # Nobody writes such files on request: the field becomes the pointer to an Exif directory.
    struct.pack_into(order + "HHQQ", out, at, 34665, 16, 1, len(data))
    out += struct.pack(order + "QHHQQ", 1, 0x9003, 2, 20, len(data) + 36)
    out += bytes(8) + b"2024:05:06 07:08:09\0"
    photo = decode_photo(bytes(out), HERE)
    assert photo.exif is not None
    found = exif_fields(photo.exif)
    assert found["first"][271] == "Lacuna Works"
    assert found["exif"] == {0x9003: "2024:05:06 07:08:09"}


def lab_of(srgb: Any) -> Any:
    """CIELAB (D50) of sRGB pixels 0..255, by LittleCMS's numbers of the white and the matrix."""
    coded = srgb / 255
    light = np.where(coded <= 0.04045, coded / 12.92, ((coded + 0.055) / 1.055) ** 2.4)
    matrix = [[0.43607, 0.38515, 0.14307], [0.22249, 0.71687, 0.06061], [0.01392, 0.09708, 0.71410]]
    xyz = light @ np.transpose(matrix) / (0.9642, 1.0, 0.8249)
    f = np.where(xyz > (6 / 29) ** 3, np.cbrt(xyz), xyz / (3 * (6 / 29) ** 2) + 4 / 29)
    lightness = 116 * f[..., 1] - 16
    return np.stack(
        [lightness, 500 * (f[..., 0] - f[..., 1]), 200 * (f[..., 1] - f[..., 2])], axis=-1
    )


@pytest.mark.parametrize("bits", [8, 16])
@pytest.mark.parametrize("photometric", [8, 9])
@pytest.mark.parametrize("compression", [None, "lzw"])
def test_cielab(photometric: int, bits: int, compression: str | None) -> None:
    lab = lab_of(RGB8)
    step, dtype = (1, np.uint8) if bits == 8 else (256, np.uint16)
    if photometric == 8:
        lightness = lab[..., :1] * ((2**bits - 1) / 100)
        opponent = np.rint(lab[..., 1:] * step).astype(np.int32) % 2**bits
    else:
        lightness = lab[..., :1] * ((255 if bits == 8 else 65280) / 100)
        opponent = (lab[..., 1:] + 128) * step
    values = np.rint(np.concatenate([lightness, opponent], axis=2)).astype(dtype)
    if compression == "lzw":
        done, coded = cv2.imencode(".tif", values[..., ::-1], [cv2.IMWRITE_TIFF_COMPRESSION, 5])
        assert done
        data = retagged(coded.tobytes(), 262, photometric)
    else:
        data = retagged(tiff(values, photometric="rgb"), 262, photometric)
    photo = decode_photo(data, HERE)
    assert (photo.bits, photo.origin.model[-3:]) == (16, "LAB")
    off = np.abs(colour.convert_to_srgb(photo).pixels / 257 - RGB8)
    assert off.max() <= (9 if bits == 8 else 1)  # a step of 8-bit a* or b* is that large
    assert off.mean() < (1 if bits == 8 else 0.2)


def retagged(data: bytes, tag: int, value: int) -> bytes:
    """The TIFF with another value in a SHORT field of its first directory."""
    with tifffile.TiffFile(io.BytesIO(data)) as file:
        order, at = file.byteorder, file.pages[0].tags[tag].valueoffset
    out = bytearray(data)
    struct.pack_into(order + "H", out, at, value)
    return bytes(out)


def test_cmyk_of_16_bits() -> None:
    ink = np.zeros((8, 9, 4), np.uint16)
    ink[..., 1] = 65535
    photo = decode_photo(tiff(ink, photometric="separated"), HERE)
    np.testing.assert_array_equal(photo.pixels[0, 0], (255, 0, 255))
    assert Message("photo.cmyk_without_profile") in photo.notes


def test_extra_channels_are_said() -> None:
    values = np.dstack([RGB16, RGB16[..., :2]])
    data = tiff(values, photometric="rgb", extrasamples=["unassalpha", "unspecified"])
    photo = decode_photo(data, HERE)
    np.testing.assert_array_equal(photo.alpha, RGB16[..., 0])
    assert Message("photo.extra_channels") in photo.notes


@pytest.mark.parametrize("suffix", [".jpg", ".png", ".tif"])
def test_iptc_is_kept_by_every_format_that_can(suffix: str) -> None:
    record = b"\x1c\x02\x00\x00\x02\x00\x04\x1c\x02\x78\x00\x0bA wide lake"
    photo = Photo(RGB8, iptc=record, xmp=XMP, icc=srgb_profile())
    data = encode_photo(photo, writable_formats()[suffix], None)[0]
    back = decode_photo(data, HERE)
    assert back.iptc == record
    assert back.icc == photo.icc
    from PIL import IptcImagePlugin

    if suffix != ".png":
        found = IptcImagePlugin.getiptcinfo(Image.open(io.BytesIO(data)))
        assert found is not None
        assert found[(2, 120)] == b"A wide lake"


def test_a_long_xmp_packet_goes_through_a_jpeg() -> None:
    filler = "".join(chr(33 + i % 90) for i in range(150_000)).replace("<", "").replace("&", "")
    inner = f"<dc:description>{filler}</dc:description>".encode()
    packet = XMP.replace(
        b"</rdf:RDF>", b"<rdf:Description>" + inner + b"</rdf:Description></rdf:RDF>"
    )
    packet = packet.replace(b'"6"', b'"1"')
    data = encode_photo(
        Photo(RGB8, xmp=packet, iptc=b"\x1c\x02\x00"), writable_formats()[".jpg"], None
    )[0]
    back = decode_photo(data, HERE)
    assert back.xmp == packet
    assert back.iptc == b"\x1c\x02\x00"
    assert Image.open(io.BytesIO(data)).size == (96, 64)


def test_a_gain_map_by_the_iso_name_is_said() -> None:
    plain = saved(Image.fromarray(RGB8), "JPEG")
    name = b"urn:iso:std:iso:ts:21496:-1\0\0\0\0\0"
    data = plain[:2] + b"\xff\xe2" + struct.pack(">H", len(name) + 2) + name + plain[2:]
    assert Message("photo.more_pictures") in decode_photo(data, HERE).notes
