"""What a PNG says of its colours in chunks of its own counts as much as an ICC profile does."""

from __future__ import annotations

import io
import struct
import zlib
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageCms
from renders import saved, scene, srgb_profile, steady
from walkers import png_chunk, png_chunks, with_chunks

from inpaint_core.cli import main
from inpaint_core.contract.message import Message
from inpaint_core.contract.options import OutputOptions
from inpaint_core.photo.colour.icc_profiles import Space, describe_space
from inpaint_core.photo.formats.png.png_writer import encode_png
from inpaint_core.photo.read_photo import decode_photo
from inpaint_core.photo.write_photo import prepare_output, write_photo

HERE = Path("a.png")
RGB8 = scene(24, 32)
PLAIN = saved(Image.fromarray(RGB8), "PNG")
GREY = saved(Image.fromarray(RGB8[:, :, 1]), "PNG")

SRGB_XY = ((0.3127, 0.3290), (0.64, 0.33), (0.30, 0.60), (0.15, 0.06))
ADOBE_XY = (SRGB_XY[0], (0.64, 0.33), (0.21, 0.71), (0.15, 0.06))
P3_XY = (SRGB_XY[0], (0.680, 0.320), (0.265, 0.690), (0.150, 0.060))
WIDE_XY = ((0.3457, 0.3585), (0.7347, 0.2653), (0.1596, 0.8404), (0.0366, 0.0001))


def gama(value: int) -> tuple[bytes, bytes]:
    return b"gAMA", struct.pack(">I", value)


def chrm(points: tuple[tuple[float, float], ...]) -> tuple[bytes, bytes]:
    numbers = (round(value * 100_000) for point in points for value in point)
    return b"cHRM", struct.pack(">8I", *numbers)


def iccp(profile: bytes, name: bytes = b"mine") -> tuple[bytes, bytes]:
    return b"iCCP", name + b"\0\0" + zlib.compress(profile)


SRGB = (b"sRGB", b"\0")
CICP_P3, CICP_PQ = (b"cICP", bytes([12, 13, 0, 1])), (b"cICP", bytes([9, 16, 0, 1]))


def reference(pixels: Any, points: tuple[tuple[float, float], ...], exponent: float | None) -> Any:
    """The pixels in sRGB by the textbook: light, XYZ, adaptation to D65 (Bradford), sRGB."""

    def matrix(white: tuple[float, float], *primaries: tuple[float, float]) -> Any:
        columns = np.array([[x / y, 1, (1 - x - y) / y] for x, y in primaries]).T
        point = np.array([white[0] / white[1], 1, (1 - sum(white)) / white[1]])
        return columns * np.linalg.solve(columns, point), point

    coded = pixels / 255
    light = np.where(coded <= 0.04045, coded / 12.92, ((coded + 0.055) / 1.055) ** 2.4)
    if exponent is not None:
        light = coded**exponent
    here, white = matrix(*points)
    there, white_there = matrix(*SRGB_XY)
    bradford = np.array(
        [[0.8951, 0.2664, -0.1614], [-0.7502, 1.7135, 0.0367], [0.0389, -0.0685, 1.0296]]
    )
    scale = np.diag((bradford @ white_there) / (bradford @ white))
    adapted = np.linalg.inv(bradford) @ scale @ bradford
    out = np.clip(light @ (np.linalg.inv(there) @ adapted @ here).T, 0, 1)
    return 255 * np.where(out <= 0.0031308, out * 12.92, 1.055 * out ** (1 / 2.4) - 0.055)


@pytest.mark.parametrize(
    ("chunks", "points", "exponent", "source"),
    [
        ([gama(100_000)], SRGB_XY, 1.0, "gAMA"),
        ([gama(55_556)], SRGB_XY, 1.8, "gAMA"),
        ([gama(45_455)], SRGB_XY, None, "gAMA"),
        ([gama(45_455), chrm(SRGB_XY)], SRGB_XY, None, "gAMA and cHRM"),
        ([gama(45_455), chrm(ADOBE_XY)], ADOBE_XY, 563 / 256, "gAMA and cHRM"),
        ([gama(55_556), chrm(WIDE_XY)], WIDE_XY, 1.8, "gAMA and cHRM"),
        ([chrm(P3_XY)], P3_XY, None, "cHRM"),
        ([SRGB], SRGB_XY, None, "sRGB"),
        ([CICP_P3], P3_XY, None, "cICP"),
        ([(b"cICP", bytes([12, 8, 0, 1]))], P3_XY, 1.0, "cICP"),
        ([(b"cICP", bytes([1, 4, 0, 1]))], SRGB_XY, 2.2, "cICP"),
        # The chunk that says more counts: cICP, sRGB, then the two others.
        ([gama(100_000), chrm(WIDE_XY), SRGB], SRGB_XY, None, "sRGB"),
        ([SRGB, CICP_P3], P3_XY, None, "cICP"),
        ([iccp(srgb_profile()), CICP_P3], P3_XY, None, "cICP"),
        # One that says nothing does not: an unspecified space, points on a line, no light at all.
        ([(b"cICP", bytes([2, 2, 0, 1])), gama(100_000)], SRGB_XY, 1.0, "gAMA"),
        ([gama(100_000), chrm((SRGB_XY[0], *[(0.3, 0.3)] * 3))], SRGB_XY, 1.0, "gAMA"),
        ([gama(0), chrm(P3_XY)], P3_XY, None, "cHRM"),
    ],
)
def test_chunks_say_what_the_numbers_mean(
    chunks: list[tuple[bytes, bytes]],
    points: tuple[tuple[float, float], ...],
    exponent: float | None,
    source: str,
) -> None:
    photo = decode_photo(with_chunks(PLAIN, *chunks), HERE)
    np.testing.assert_array_equal(photo.pixels, RGB8)
    assert photo.icc is not None
    assert photo.origin.profile_from == source
    assert ImageCms.getOpenProfile(io.BytesIO(photo.icc))
    converted, _ = prepare_output(photo, OutputOptions(profile="srgb"))
    want = reference(RGB8.astype(float), points, exponent)
    assert np.abs(converted.pixels - want).max() <= 1.6


def test_an_icc_profile_counts_more_than_all_but_cicp() -> None:
    own = srgb_profile()
    photo = decode_photo(with_chunks(PLAIN, iccp(own), gama(100_000), chrm(WIDE_XY)), HERE)
    assert photo.icc == own
    assert photo.origin.profile_from == ""


@pytest.mark.parametrize(
    "chunks",
    [
        [gama(100_000)],
        [gama(45_455), chrm(ADOBE_XY)],
        [SRGB, gama(45_455), chrm(SRGB_XY)],
        [CICP_PQ, (b"mDCV", bytes(range(24))), (b"cLLI", bytes(8))],
        [CICP_P3, iccp(srgb_profile())],
        [iccp(srgb_profile(), b"its own name"), gama(45_455), chrm(SRGB_XY)],
        [(b"sBIT", b"\5\6\5"), (b"bKGD", struct.pack(">3H", 255, 128, 3))],
        [(b"sPLT", b"mine\0\10" + bytes(6))],
    ],
    ids=lambda chunks: "+".join(name.decode() for name, _ in chunks),
)
def test_a_png_keeps_its_colour_chunks_as_they_are(
    tmp_path: Path, chunks: list[tuple[bytes, bytes]]
) -> None:
    out = tmp_path / "out.png"
    assert write_photo(out, decode_photo(with_chunks(PLAIN, *chunks), HERE)) == ()
    written = [each for each in png_chunks(out.read_bytes()) if each[0] not in (b"IHDR", b"IDAT")]
    assert written[:-1] == chunks
    np.testing.assert_array_equal(np.asarray(Image.open(io.BytesIO(out.read_bytes()))), RGB8)


@pytest.mark.parametrize("suffix", [".jpg", ".tif", ".webp"])
@pytest.mark.parametrize("source", [PLAIN, GREY], ids=["RGB", "grey"])
def test_other_formats_get_the_profile_that_the_chunks_stand_for(
    tmp_path: Path, suffix: str, source: bytes
) -> None:
    out = tmp_path / f"out{suffix}"
    photo = decode_photo(with_chunks(source, gama(100_000)), HERE)
    as_rgb = source is GREY and suffix == ".webp"
    expanded = (Message("photo.profile_expanded"),) if as_rgb else ()
    assert write_photo(out, photo) == expanded
    profile = Image.open(io.BytesIO(out.read_bytes())).info["icc_profile"]
    title = ImageCms.getProfileDescription(ImageCms.getOpenProfile(io.BytesIO(profile)))
    assert ("Grey as RGB" if as_rgb else "gamma 1") in title
    assert profile[16:20] == (b"RGB " if source is PLAIN or as_rgb else b"GRAY")
    back = decode_photo(out.read_bytes(), out)
    shown, want = (prepare_output(each, OutputOptions(profile="srgb"))[0] for each in (back, photo))
    assert np.abs(shown.pixels.astype(int) - want.pixels).mean() < 3


@pytest.mark.parametrize(
    "chunks", [[(b"sRGB", b"\0")], [gama(45_455), chrm(SRGB_XY)], [CICP_P3], [gama(100_000)]]
)
@pytest.mark.parametrize("alpha", [False, True])
def test_a_grey_png_keeps_its_chunks_too(
    tmp_path: Path, chunks: list[tuple[bytes, bytes]], alpha: bool
) -> None:
    image = Image.fromarray(RGB8[:, :, 1])
    if alpha:
        image.putalpha(Image.fromarray(RGB8[:, :, 0]))
    photo = decode_photo(with_chunks(saved(image, "PNG"), *chunks), HERE)
    # Grey in sRGB's curve is what no profile means, whatever the primaries.
    assert (photo.icc is None) == (chunks != [gama(100_000)])
    out = tmp_path / "out.png"
    write_photo(out, photo)
    written = [each for each in png_chunks(out.read_bytes()) if each[0] not in (b"IHDR", b"IDAT")]
    assert written[:-1] == chunks


@pytest.mark.parametrize("coloured", [False, True])
def test_an_icc_profile_for_grey_stays_in_grey_files(tmp_path: Path, coloured: bool) -> None:
    grey = describe_space(Space("mine", WIDE_XY[1:], gamma=1.8), grey=True)
    photo = decode_photo(with_chunks(GREY, iccp(grey)), HERE)
    if coloured:
        photo = replace(photo, pixels=RGB8)
    out = tmp_path / "out.png"
    write_photo(out, photo)
    with Image.open(io.BytesIO(out.read_bytes())) as image:
        assert image.mode == ("RGB" if coloured else "L")
        assert image.info["icc_profile"][16:20] == (b"RGB " if coloured else b"GRAY")


def test_after_a_conversion_only_the_new_profile_speaks(tmp_path: Path) -> None:
    out = tmp_path / "out.png"
    chunks = [gama(100_000), chrm(WIDE_XY), (b"bKGD", bytes(6)), (b"tEXt", b"Title\0mine")]
    photo = decode_photo(with_chunks(PLAIN, *chunks), HERE)
    write_photo(out, prepare_output(photo, OutputOptions(profile="p3"))[0])
    names = [name for name, _ in png_chunks(out.read_bytes()) if name != b"IDAT"]
    assert names == [b"IHDR", b"iCCP", b"tEXt", b"IEND"]
    profile = ImageCms.getOpenProfile(
        io.BytesIO(Image.open(io.BytesIO(out.read_bytes())).info["icc_profile"])
    )
    assert "P3" in ImageCms.getProfileDescription(profile)
    grey = decode_photo(with_chunks(GREY, gama(100_000)), HERE)
    write_photo(out, prepare_output(grey, OutputOptions(profile="srgb"))[0], overwrite=True)
    assert b"gAMA" not in [name for name, _ in png_chunks(out.read_bytes())]


def test_an_hdr_photo_is_said_and_its_profile_names_its_codes() -> None:
    photo = decode_photo(with_chunks(PLAIN, CICP_PQ), HERE)
    assert Message("photo.hdr", curve="PQ") in photo.notes
    assert photo.icc is not None
    assert b"cicp" + bytes(4) + bytes([9, 16, 0, 1]) in photo.icc


@pytest.mark.parametrize(
    ("colour", "content", "plain", "deep"),
    [
        ("L", struct.pack(">H", 200), struct.pack(">H", 200), struct.pack(">H", 200 * 257)),
        ("P", b"\1", struct.pack(">3H", 9, 8, 7), struct.pack(">3H", 9 * 257, 8 * 257, 7 * 257)),
    ],
)
def test_the_background_follows_depth_and_colours(
    tmp_path: Path, colour: str, content: bytes, plain: bytes, deep: bytes
) -> None:
    image = Image.fromarray((RGB8[:, :, 1] > 128).astype(np.uint8))
    if colour == "P":
        image = image.convert("P")
        image.putpalette([1, 2, 3, 9, 8, 7])
    data = saved(image, "PNG")
    at = data.index(b"IDAT") - 4  # behind a palette
    photo = decode_photo(data[:at] + png_chunk(b"bKGD", content) + data[at:], HERE)
    out = tmp_path / "out.png"
    for options, want in ((OutputOptions(depth=8), plain), (OutputOptions(depth=16), deep)):
        write_photo(out, prepare_output(photo, options)[0], overwrite=True)
        assert (b"bKGD", want) in png_chunks(out.read_bytes())


def test_info_names_the_profile_and_where_it_is_from(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(with_chunks(PLAIN, gama(45_455), chrm(ADOBE_XY)))
    assert main(["info", str(path)]) == 0
    text = capsys.readouterr().out
    assert "Adobe RGB (1998) (RGB, by gAMA and cHRM)" in text
    assert "other parts" in text


COLOURS = [b"gAMA", b"cHRM", b"cICP", b"sRGB", b"iCCP", b"sBIT", b"bKGD", b"pHYs", b"mDCV"]


@steady
@given(st.lists(st.tuples(st.sampled_from(COLOURS), st.binary(max_size=40)), max_size=4))
def test_any_content_of_a_colour_chunk_is_survived(chunks: list[tuple[bytes, bytes]]) -> None:
    photo = decode_photo(with_chunks(PLAIN, *chunks), HERE)
    np.testing.assert_array_equal(photo.pixels, RGB8)
    out = io.BytesIO(encode_png(photo))
    np.testing.assert_array_equal(np.asarray(Image.open(out).convert("RGB")), RGB8)
