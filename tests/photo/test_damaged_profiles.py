"""A colour profile comes out as it went in, or a note says what became of it."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path

import pytest
from PIL import Image
from renders import png_bytes, saved, scene, srgb_profile

from inpaint_core.photo.formats.jpeg.app_segments import ICC_LIMIT, make_segment
from inpaint_core.photo.photo import Photo, grey_pixels
from inpaint_core.photo.read_photo import decode_photo, read_photo
from inpaint_core.photo.write_photo import write_photo

HERE = Path("here")
PIXELS = scene(12, 18)
ICC = srgb_profile()
PADDED = ICC + bytes(50)
NO_TAGS = ICC[:128] + b"\xff" * 60
LONG = ICC[:128] + bytes(range(256)) * 600
LONG = struct.pack(">I", len(LONG)) + LONG[4:]


def keys(photo: Photo) -> list[str]:
    return [note.key for note in photo.notes]


@pytest.mark.parametrize("icc", [ICC, PADDED, NO_TAGS, LONG, ICC[:300]])
@pytest.mark.parametrize("source", [".png", ".jpg", ".tif", ".webp"])
@pytest.mark.parametrize("target", [".png", ".jpg", ".tif", ".webp"])
def test_a_profile_that_nobody_can_use_is_kept(
    tmp_path: Path, icc: bytes, source: str, target: str
) -> None:
    first, second = tmp_path / f"a{source}", tmp_path / f"b{target}"
    write_photo(first, Photo(PIXELS, icc=icc))
    photo = read_photo(first)
    assert photo.icc == icc
    write_photo(second, photo)
    assert read_photo(second).icc == icc


def png_with(*contents: bytes) -> bytes:
    return png_bytes(PIXELS, 2, 8, tuple((b"iCCP", content) for content in contents))


PACKED = b"name\0\0" + zlib.compress(ICC)


def test_a_wrong_checksum_of_the_chunk_or_trailing_bytes_do_not_matter() -> None:
    data = bytearray(png_with(PACKED))
    at = data.index(b"iCCP")
    data[at + 4 + len(PACKED)] ^= 1
    for file in (bytes(data), png_with(PACKED + b"more"), png_with(PACKED, b"other\0\0")):
        photo = decode_photo(file, HERE)
        assert photo.icc == ICC
        assert "photo.profile_incomplete" not in keys(photo)


def test_a_chunk_behind_the_pixels_counts() -> None:
    whole, plain = png_with(PACKED), png_with()
    chunk = whole[33 : 33 + 12 + len(PACKED)]
    assert chunk[4:8] == b"iCCP"
    assert decode_photo(plain[:-12] + chunk + plain[-12:], HERE).icc == ICC


@pytest.mark.parametrize("damage", ["cut", "checksum"])
def test_what_can_be_unpacked_of_a_damaged_chunk_is_kept_and_said(
    tmp_path: Path, damage: str
) -> None:
    packed = zlib.compress(ICC)
    packed = packed[:-4] if damage == "cut" else packed[:-1] + bytes([packed[-1] ^ 1])
    path, again = tmp_path / "a.png", tmp_path / "b.tif"
    path.write_bytes(png_with(b"name\0\0" + packed))
    photo = read_photo(path)
    assert photo.icc == ICC
    assert "photo.profile_incomplete" in keys(photo)
    write_photo(again, photo)
    assert read_photo(again).icc == ICC


@pytest.mark.parametrize(
    "content", [b"name\0\0" + b"\x78\x9c" + b"\xff" * 40, b"name\0\0", b"name"]
)
def test_a_chunk_that_cannot_be_unpacked_is_said(content: bytes) -> None:
    photo = decode_photo(png_with(content), HERE)
    assert photo.icc is None
    assert "photo.metadata_unreadable" in keys(photo)


def jpeg_with(segments: list[bytes], behind_frame: bool = False) -> bytes:
    data = saved(Image.fromarray(PIXELS), "JPEG")
    at = 2
    if behind_frame:
        at = data.index(b"\xff\xc0")
        at += 2 + int.from_bytes(data[at + 2 : at + 4], "big")
    parts = (make_segment(0xE2, b"ICC_PROFILE\0" + part) for part in segments)
    return data[:at] + b"".join(parts) + data[at:]


PARTS = [
    bytes([number + 1, 3]) + LONG[at : at + 60000] for number, at in enumerate((0, 60000, 120000))
]


@pytest.mark.parametrize(
    "segments",
    [
        PARTS,
        PARTS[::-1],
        [PARTS[0], *PARTS],
        [part[:1] + b"\7" + part[2:] for part in PARTS],
        [bytes([part[0] - 1]) + part[1:] for part in PARTS],
    ],
    ids=["plain", "reversed", "twice", "wrong count", "from zero"],
)
@pytest.mark.parametrize("behind_frame", [False, True])
def test_a_profile_in_parts_is_put_together(segments: list[bytes], behind_frame: bool) -> None:
    photo = decode_photo(jpeg_with(segments, behind_frame), HERE)
    assert photo.icc == LONG
    assert photo.notes == ()


def test_a_missing_part_is_said() -> None:
    for number, rest in ((1, LONG[:60000]), (2, LONG[:120000])):
        photo = decode_photo(jpeg_with([p for i, p in enumerate(PARTS) if i != number]), HERE)
        assert photo.icc == rest
        assert keys(photo) == ["photo.profile_incomplete"]


def test_a_profile_too_long_for_a_jpeg_is_left_out_and_said(tmp_path: Path) -> None:
    path = tmp_path / "a.jpg"
    notes = write_photo(path, Photo(PIXELS, icc=ICC + bytes(ICC_LIMIT)))
    assert [note.key for note in notes] == ["photo.profile_too_long"]
    assert read_photo(path).icc is None


def test_a_grey_profile_that_becomes_one_of_colours_is_said(tmp_path: Path) -> None:
    curve = b"curv" + bytes(8)
    head = ICC[:16] + b"GRAY" + ICC[20:128]
    grey = head + struct.pack(">I4sII", 1, b"kTRC", 144, len(curve)) + curve
    photo = Photo(grey_pixels(PIXELS[..., 0]), PIXELS[..., 1].copy(), icc=grey, is_grey=True)
    notes = write_photo(tmp_path / "a.png", photo)
    assert [note.key for note in notes] == ["photo.profile_expanded"]
    assert write_photo(tmp_path / "a.tif", photo) == ()
    assert read_photo(tmp_path / "a.tif").icc == grey
