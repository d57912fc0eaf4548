"""The parts of a file beside pixels, profile, EXIF, XMP and IPTC: kept where the output can hold
them, said by name where it cannot, gone where they are true of the old pixels only.
"""

from __future__ import annotations

import hashlib
import io
import struct
import zlib
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pytest
import tifffile
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, TiffImagePlugin
from renders import exif_block, saved, scene, steady
from walkers import (
    jpeg_segments,
    png_chunks,
    resource,
    resources,
    webp_chunks,
    with_chunks,
    with_segments,
)

from inpaint_core.cli import main
from inpaint_core.contract.message import Message
from inpaint_core.contract.options import OutputOptions
from inpaint_core.photo.photo import Block, Photo, join_lost_notes, note_lost_blocks
from inpaint_core.photo.read_photo import decode_photo
from inpaint_core.photo.write_photo import prepare_output, write_photo

HERE = Path("a")
RGB8 = scene(24, 32)
PNG = saved(Image.fromarray(RGB8), "PNG")
JPEG = saved(Image.fromarray(RGB8), "JPEG", quality=90)
WEBP = saved(Image.fromarray(RGB8), "WEBP", lossless=True)
SMALL = saved(Image.fromarray(RGB8[:8, :8]), "JPEG")  # a preview of the old photo

TITLE = (b"tEXt", b"Title\0Harbour")
PACKED = (b"zTXt", b"Description\0\0" + zlib.compress(b"A quay. " * 40))
FOREIGN = (b"iTXt", "Copyright\0\0\0en\0Droits\0© me".encode())
COMMENT = (b"tEXt", b"Comment\0holiday in Rome")
SAFE, UNSAFE = (b"prVt", b"anything"), (b"vpAG", b"of the pixels")

FLAG, URL, OUTLINE = (1034, b"\1"), (1035, b"https://example.org"), (2000, bytes(26 * 3))
IPTC = b"\x1c\x02\x50\x00\x04Anna"
RESOURCES = b"".join(resource(*each) for each in (FLAG, URL, OUTLINE))


def rewritten(tmp_path: Path, data: bytes, suffix: str, **options: Any) -> tuple[bytes, str]:
    """The file that the photo in ``data`` becomes, and all that is said."""
    photo = decode_photo(data, HERE)
    ready, notes = prepare_output(photo, OutputOptions(**options))
    out = tmp_path / f"out{suffix}"
    notes += write_photo(out, ready, overwrite=True)
    return out.read_bytes(), "\n".join(str(note) for note in (*photo.notes, *notes))


def between(data: bytes) -> list[tuple[bytes, bytes]]:
    """The chunks of a PNG but for those of the pixels."""
    return [each for each in png_chunks(data) if each[0] not in (b"IHDR", b"IDAT", b"IEND")]


def own_segments(data: bytes) -> list[tuple[int, bytes]]:
    """The application segments and comments of a JPEG but for JFIF."""
    return [each for each in jpeg_segments(data) if 0xE1 <= each[0] <= 0xEF or each[0] == 0xFE]


# PNG


def test_a_png_keeps_texts_and_what_may_be_copied(tmp_path: Path) -> None:
    chunks = [TITLE, PACKED, FOREIGN, (b"oFFs", bytes(9)), (b"sCAL", b"\1001\0001"), SAFE]
    data, said = rewritten(tmp_path, with_chunks(PNG, *chunks), ".png")
    assert between(data) == chunks
    assert said == ""


def test_unknown_chunks_stay_on_their_side_of_the_pixels(tmp_path: Path) -> None:
    source = with_chunks(with_chunks(PNG, SAFE), (b"laTe", b"last"), late=True)
    data, _ = rewritten(tmp_path, source, ".png")
    names = [name for name, _ in png_chunks(data)]
    assert names.index(b"prVt") < names.index(b"IDAT")
    assert names[-2:] == [b"laTe", b"IEND"]


def test_more_parts_than_are_read_are_said(tmp_path: Path) -> None:
    many = [(b"prVt", bytes([number % 256])) for number in range(1001)]
    assert (
        "unusually large, so they were left out: PNG chunks (prVt)"
        in (rewritten(tmp_path, with_chunks(PNG, *many), ".png")[1])
    )
    pieces = b"".join(b"MINE" + struct.pack("<I", 4) + b"same" for _ in range(1001))
    data = b"RIFF" + struct.pack("<I", len(WEBP) + len(pieces) - 8) + WEBP[8:] + pieces
    assert "WebP chunks (MINE)" in rewritten(tmp_path, data, ".webp")[1]
    damaged = b"Photoshop 3.0\0" + resource(1037, bytes(4)) + b"8BIM\4\5junk"
    said = rewritten(tmp_path, with_segments(JPEG, (0xED, damaged)), ".jpg")[1]
    assert "Photoshop resources (…)" in said


def test_what_is_lost_is_one_note() -> None:
    lost = note_lost_blocks([Block("chunk", "vpAG", b""), Block("comment", "comment", b"")])
    more = note_lost_blocks([Block("chunk", "skRf", b"")])
    other = Message("photo.first_picture")
    (first, second) = join_lost_notes([other, *lost, *more])
    assert first == other
    assert "PNG chunks (vpAG, skRf), the comment" in str(second)
    assert join_lost_notes([other, *lost]) == (other, *lost)


def test_chunks_of_the_old_pixels_go_and_are_named(tmp_path: Path) -> None:
    preview = (b"skRf", SMALL)
    texts = [(b"tEXt", b"Thumb\0" + b"data:image/jpeg;base64," + _base64(SMALL))]
    data, said = rewritten(tmp_path, with_chunks(PNG, UNSAFE, preview, *texts), ".png")
    assert between(data) == []
    assert "vpAG, tEXt Thumb, skRf" in said
    # Apple's hint for decoders says nothing to a person.
    assert rewritten(tmp_path, with_chunks(PNG, (b"iDOT", bytes(28))), ".png")[1] == ""


def _base64(data: bytes) -> bytes:
    import base64

    return base64.b64encode(data)


def test_the_time_of_the_last_change_is_now(tmp_path: Path) -> None:
    old = (b"tIME", struct.pack(">H5B", 1999, 12, 31, 23, 59, 60))
    data, _ = rewritten(tmp_path, with_chunks(PNG, old), ".png")
    ((name, content),) = between(data)
    assert name == b"tIME"
    assert struct.unpack_from(">H", content)[0] > 2020


def test_a_ratio_of_sides_is_no_resolution(tmp_path: Path) -> None:
    ratio = (b"pHYs", struct.pack(">IIB", 2, 1, 0))
    data, _ = rewritten(tmp_path, with_chunks(PNG, ratio), ".png")
    assert between(data) == [ratio]


@pytest.mark.parametrize("suffix", [".jpg", ".tif", ".webp", ".bmp"])
def test_texts_that_another_format_cannot_hold_are_named(tmp_path: Path, suffix: str) -> None:
    data, said = rewritten(tmp_path, with_chunks(PNG, TITLE, FOREIGN, SAFE), suffix)
    assert "tEXt Title, iTXt Copyright, prVt" in said
    assert b"Harbour" not in data


@pytest.mark.parametrize("kind", ["exif", "APP1", "xmp", "iptc", "8bim", "icc"])
def test_metadata_in_a_text_is_read_as_what_it_is(tmp_path: Path, kind: str) -> None:
    """ImageMagick and others hide it there; else a thumbnail or a position would slip through."""
    profile = decode_photo(with_chunks(PNG, (b"sRGB", b"\0")), HERE).icc
    assert profile is not None
    block = exif_block(thumbnail=SMALL)
    held = {
        "exif": block,
        "APP1": b"Exif\0\0" + block,
        "xmp": b"<x:xmpmeta/>",
        "iptc": resource(1028, IPTC) + RESOURCES,
        "8bim": resource(1028, IPTC) + RESOURCES,
        "icc": profile,
    }[kind]
    lines = "\n".join(held.hex()[at : at + 72] for at in range(0, 2 * len(held), 72))
    text = f"\n{kind}\n{len(held):8}\n{lines}\n".encode()
    chunk = (b"zTXt", f"Raw profile type {kind}".encode() + b"\0\0" + zlib.compress(text))
    photo = decode_photo(with_chunks(PNG, chunk), HERE)
    if kind in ("exif", "APP1"):
        assert photo.exif is not None
        assert SMALL not in photo.exif
        assert b"Lacuna Camera Works" in photo.exif
    elif kind == "xmp":
        assert photo.xmp == held
    elif kind == "icc":
        assert photo.icc == profile
    else:
        assert photo.iptc == IPTC
        data, _ = rewritten(tmp_path, with_chunks(PNG, chunk), ".jpg")
        assert resources(_photoshop(data)) == dict([(1028, IPTC), FLAG, URL, OUTLINE])
    assert not [block for block in photo.blocks if block.kind == "chunk"]


def test_a_chunk_of_its_own_counts_more_than_a_text() -> None:
    own, other = exif_block("<"), exif_block(">")
    text = b"\nexif\n%8d\n%s\n" % (len(other), other.hex().encode())
    hidden = (b"zTXt", b"Raw profile type exif\0\0" + zlib.compress(text))
    for chunks in ([hidden, (b"eXIf", own)], [(b"eXIf", own), hidden]):
        photo = decode_photo(with_chunks(PNG, *chunks), HERE)
        assert photo.exif is not None
        assert photo.exif[:2] == b"II"


def _photoshop(data: bytes) -> bytes:
    head = b"Photoshop 3.0\0"
    parts = [content for marker, content in jpeg_segments(data) if marker == 0xED]
    assert all(part.startswith(head) for part in parts)
    return b"".join(part[len(head) :] for part in parts)


# Comments


def test_a_comment_goes_from_format_to_format(tmp_path: Path) -> None:
    gif = saved(Image.fromarray(RGB8).convert("P"), "GIF", comment=b"holiday in Rome")
    jpeg = with_segments(JPEG, (0xFE, b"holiday in Rome"))
    for source in (gif, jpeg, with_chunks(PNG, COMMENT)):
        data, said = rewritten(tmp_path, source, ".png")
        assert COMMENT in between(data)
        data, more = rewritten(tmp_path, source, ".jpg")
        assert (0xFE, b"holiday in Rome") in jpeg_segments(data)
        assert "left out" not in said + more
        data, said = rewritten(tmp_path, source, ".webp")
        assert "the comment" in said
        assert b"holiday" not in data


@pytest.mark.parametrize("text", ["naïve", "日本の港", "a\nb"])
@pytest.mark.parametrize("coding", ["utf-8", "latin-1"])
def test_comments_keep_their_letters(tmp_path: Path, text: str, coding: str) -> None:
    comment = text.encode(coding, "replace")
    data, _ = rewritten(tmp_path, with_segments(JPEG, (0xFE, comment)), ".png")
    found = Image.open(io.BytesIO(data))
    found.load()
    assert found.info["Comment"] == comment.decode(coding)
    data, _ = rewritten(tmp_path, with_segments(JPEG, (0xFE, comment)), ".jpg")
    assert (0xFE, comment) in jpeg_segments(data)


# JPEG


def test_a_jpeg_keeps_its_segments(tmp_path: Path) -> None:
    segments = [
        (0xEC, b"Ducky\0\1\0\4\0\0\0P\0\0"),
        (0xE5, b"VENDOR5 data"),
        (0xFE, b"one"),
        (0xFE, b"two"),
        (0xED, b"Adobe_CM\0\2"),
    ]
    data, said = rewritten(tmp_path, with_segments(JPEG, *segments), ".jpg")
    assert own_segments(data) == segments
    assert said == ""
    data, said = rewritten(tmp_path, with_segments(JPEG, *segments), ".png")
    assert "APP12 Ducky, APP5 VENDOR5 data, APP13 Adobe_CM" in said


def test_segments_of_the_old_pixels_go_and_are_named(tmp_path: Path) -> None:
    segments = [
        (0xE1, b"FLIR\0" + bytes(40)),
        (0xE3, b"mine\0" + SMALL),
        (0xE2, b"MPF\0junk"),
        (0xEB, b"HDR_RI ver=11"),
        (0xEE, b"Adobe\0\x64\0\0\0\0\1"),
    ]
    source = with_segments(JPEG, *segments) + b"\0\0" + SMALL
    data, said = rewritten(
        tmp_path,
        source,
        ".jpg",
    )
    assert own_segments(data) == []
    assert "APP1 FLIR, APP2 MPF, APP11 HDR_RI ver, APP3 mine" in said
    assert "behind the end of the picture" in said
    assert "behind the end" not in rewritten(tmp_path, JPEG + b"\0" * 9, ".jpg")[1]


@pytest.mark.parametrize("suffix", [".jpg", ".png", ".tif"])
def test_photoshops_resources_go_where_they_can(tmp_path: Path, suffix: str) -> None:
    digest = (1061, hashlib.md5(IPTC).digest())
    held = resource(1028, IPTC) + resource(*digest) + RESOURCES + resource(1036, bytes(28) + SMALL)
    source = with_segments(JPEG, (0xED, b"Photoshop 3.0\0" + held))
    data, said = rewritten(tmp_path, source, suffix)
    if suffix == ".jpg":
        found = _photoshop(data)
    elif suffix == ".png":
        ((_, content),) = [each for each in between(data) if each[0] == b"zTXt"]
        lines = zlib.decompress(content.split(b"\0", 2)[2]).decode().split()
        assert lines[0] == "iptc"
        found = bytes.fromhex("".join(lines[2:]))
        assert len(found) == int(lines[1])
    else:
        with tifffile.TiffFile(io.BytesIO(data)) as file:
            found = bytes(file.pages[0].tags[34377].value)  # type: ignore[union-attr]
    record = [] if suffix == ".tif" else [(1028, IPTC)]  # a field of its own in a TIFF
    assert resources(found) == dict([*record, digest, FLAG, URL, OUTLINE])
    assert decode_photo(data, HERE).iptc == IPTC
    assert "thumbnail" in said
    data, said = rewritten(tmp_path, source, ".webp")
    assert "Photoshop resources" in said
    assert "copyright flag, URL, paths" in said


def test_resources_of_any_length_go_through_a_jpeg(tmp_path: Path) -> None:
    long = bytes(np.random.default_rng(3).integers(0, 255, 150_001, np.uint8))
    held = b"Photoshop 3.0\0" + resource(1028, IPTC) + resource(4001, b"x", b"name")
    first = with_segments(
        JPEG, (0xED, held), (0xED, b"Photoshop 3.0\0" + resource(7000, long[:60000]))
    )
    data, _ = rewritten(tmp_path, first, ".jpg")
    assert resources(_photoshop(data)) == {1028: IPTC, 4001: b"x", 7000: long[:60000]}
    photo = decode_photo(data, HERE)
    many = (*photo.blocks, *photo.blocks[-1:] * 3)
    out = tmp_path / "long.jpg"
    write_photo(out, Photo(RGB8, iptc=long[:100], blocks=many))
    found = _photoshop(out.read_bytes())
    assert found.count(long[:60000]) == 4
    assert decode_photo(out.read_bytes(), out).iptc == long[:100]


def test_places_in_the_picture_go_when_it_is_turned(tmp_path: Path) -> None:
    held = (0xED, b"Photoshop 3.0\0" + RESOURCES)
    turned = (0xE1, b"Exif\0\0" + exif_block(orientation=6))
    for suffix, keeps in ((".jpg", True), (".tif", False), (".png", False)):
        _, said = rewritten(tmp_path, with_segments(JPEG, turned, held), suffix)
        assert ("paths" in said) is not keeps
    assert 2000 in resources(
        _photoshop(rewritten(tmp_path, with_segments(JPEG, turned, held), ".jpg")[0])
    )


# Content credentials


def test_content_credentials_never_pass_an_edit(tmp_path: Path) -> None:
    manifest = b"jumb\0\0\0\x1ejumdc2pa manifest store"
    said = str(Message("photo.content_credentials"))
    webp = WEBP + b"C2PA" + struct.pack("<I", len(manifest)) + manifest + bytes(len(manifest) % 2)
    webp = b"RIFF" + struct.pack("<I", len(webp) - 8) + webp[8:]
    box = b"uuid" + bytes.fromhex("d8fec3d61b0e483c92975828877ec481") + manifest
    avif = saved(Image.fromarray(RGB8), "AVIF") + struct.pack(">I", 4 + len(box)) + box
    pieces = [(0xEB, b"JP\0\1\0\0\0\1" + manifest), (0xEB, b"JP\0\1\0\0\0\2" + bytes(9))]
    for source, suffix in (
        (with_chunks(PNG, (b"caBX", manifest)), ".png"),
        (with_segments(JPEG, *pieces), ".jpg"),
        (webp, ".webp"),
        (avif, ".png"),
    ):
        data, notes = rewritten(tmp_path, source, suffix)
        assert notes == said
        assert b"c2pa" not in data


# TIFF


def tiff(
    order: Literal["<", ">"] = "<", big: bool = False, orientation: int = 1, **more: Any
) -> bytes:
    """A TIFF with a map's fields, a private one of every type, and Photoshop's resources."""
    extra = [
        (33550, 12, 3, (0.5, 0.5, 0.0), True),
        (33922, 12, 6, (0.0, 0.0, 0.0, 13.0, 52.0, 0.0), True),
        (34735, 3, 8, (1, 1, 0, 1, 1024, 0, 1, 2), True),
        (42113, 2, 0, "-9999", True),
        (285, 2, 0, "page one", True),
        (286, 5, 1, (3, 2), True),
        (274, 3, 1, orientation, True),
        (34377, 1, len(RESOURCES), RESOURCES, True),
        (65000, 4, 2, (70000, 7), True),
        (65001, 6, 2, (-1, 5), True),
        (65002, 10, 1, (-1, 3), True),
        (65003, 11, 2, (0.25, -8.0), True),
        (65004, 7, 5, b"bytes", True),
        (65005, 8, 1, -300, True),
        (65006, 9, 3, (-70000, 1, 2), True),
        *more.get("fields", ()),
    ]
    out = io.BytesIO()
    with tifffile.TiffWriter(out, byteorder=order, bigtiff=big) as file:
        file.write(RGB8, photometric="rgb", metadata=None, extratags=extra)
    return out.getvalue()


def fields(data: bytes) -> dict[int, Any]:
    with tifffile.TiffFile(io.BytesIO(data)) as file:
        return {tag.code: tag.value for tag in file.pages[0].tags}  # type: ignore[union-attr]


KEPT = (33550, 33922, 34735, 42113, 285, 286, *range(65000, 65007))


@pytest.mark.parametrize("big", [False, True])
@pytest.mark.parametrize("order", ["<", ">"])
def test_a_tiff_keeps_its_fields(tmp_path: Path, order: Literal["<", ">"], big: bool) -> None:
    source = tiff(order, big)
    data, said = rewritten(tmp_path, source, ".tif")
    before, after = fields(source), fields(data)
    assert {tag: after[tag] for tag in KEPT} == {tag: before[tag] for tag in KEPT}
    assert resources(bytes(after[34377])) == dict([FLAG, URL, OUTLINE])
    assert said == ""
    with Image.open(io.BytesIO(data)) as image:
        assert isinstance(image, TiffImagePlugin.TiffImageFile)
        assert image.tag_v2[33550] == (0.5, 0.5, 0.0)
        np.testing.assert_array_equal(np.asarray(image), RGB8)


def test_fields_do_not_depend_on_the_byte_order_of_the_exif_data(tmp_path: Path) -> None:
    photo = decode_photo(tiff(">"), HERE)
    out = tmp_path / "out.tif"
    write_photo(out, Photo(RGB8, exif=exif_block("<"), blocks=photo.blocks))
    assert out.read_bytes()[:2] == b"II"
    found, want = fields(out.read_bytes()), fields(tiff())
    kept = set(KEPT) - {285}  # which goes with the EXIF data
    assert {tag: found[tag] for tag in kept} == {tag: want[tag] for tag in kept}


def test_what_says_where_the_pixels_lie_goes_when_they_are_turned(tmp_path: Path) -> None:
    data, said = rewritten(tmp_path, tiff(orientation=6), ".tif")
    assert not {33550, 33922, 34735, 286} & fields(data).keys()
    assert "ModelPixelScaleTag" in said
    assert fields(data)[65000] == (70000, 7)


def test_layers_and_pointers_into_the_file_go_and_are_named(tmp_path: Path) -> None:
    more = [
        (37724, 7, 9, b"Adobe Pho", True),
        (65010, 13, 1, 8, True),
        (65011, 7, len(SMALL), SMALL, True),
    ]
    data, said = rewritten(tmp_path, tiff(fields=more), ".tif")
    assert not {37724, 65010, 65011} & fields(data).keys()
    assert "ImageSourceData, 65010, 65011" in said


@pytest.mark.parametrize("suffix", [".jpg", ".png", ".webp"])
def test_fields_that_another_format_cannot_hold_are_named(tmp_path: Path, suffix: str) -> None:
    _, said = rewritten(tmp_path, tiff(), suffix)
    assert (
        "TIFF fields (XPosition, ModelPixelScaleTag, ModelTiepointTag, GeoKeyDirectoryTag" in said
    )
    out = decode_photo((tmp_path / f"out{suffix}").read_bytes(), HERE)
    assert out.exif is not None
    assert b"page one" in out.exif


def test_colorimetry_without_a_profile_is_understood(tmp_path: Path) -> None:
    def rationals(*values: float) -> tuple[int, ...]:
        return tuple(n for value in values for n in (round(value * 10_000), 10_000))

    white, primaries = (0.3127, 0.3290), (0.64, 0.33, 0.21, 0.71, 0.15, 0.06)
    more = [(318, 5, 2, rationals(*white), True), (319, 5, 6, rationals(*primaries), True)]
    photo = decode_photo(tiff(fields=more), HERE)
    assert photo.icc is not None
    assert "Adobe RGB (1998)".encode("utf-16-be") in photo.icc
    assert photo.origin.profile_from == "PrimaryChromaticities"
    data, _ = rewritten(tmp_path, tiff(fields=more), ".tif")
    assert fields(data)[319] == fields(tiff(fields=more))[319]
    assert fields(data)[34675] == photo.icc
    data, _ = rewritten(tmp_path, tiff(fields=more), ".tif", profile="p3")
    assert not {318, 319} & fields(data).keys()


# WebP


@pytest.mark.parametrize("alpha", [False, True])
def test_a_webp_keeps_unknown_chunks(tmp_path: Path, alpha: bool) -> None:
    piece = b"mine" + struct.pack("<I", 5) + b"odd!!\0"
    image = Image.fromarray(np.dstack([RGB8, RGB8[:, :, :1]]) if alpha else RGB8)
    source = saved(image, "WEBP", lossless=True, exact=True)
    source = b"RIFF" + struct.pack("<I", len(source) - 8 + len(piece)) + source[8:] + piece
    photo = decode_photo(source, HERE)
    out = tmp_path / "out.webp"
    for quality in (100, 90):
        assert write_photo(out, photo, quality=quality, overwrite=True) == ()
        found = webp_chunks(out.read_bytes())
        assert found[0][0] == b"VP8X"
        assert found[-1] == (b"mine", b"odd!!")
        with Image.open(io.BytesIO(out.read_bytes())) as opened:
            assert opened.mode == ("RGBA" if alpha else "RGB")
            if quality == 100:
                np.testing.assert_array_equal(np.asarray(opened), np.asarray(image))
    assert "WebP chunks (mine)" in rewritten(tmp_path, source, ".png")[1]


# Privacy


@pytest.mark.parametrize(
    ("source", "suffix", "public", "private"),
    [
        (
            with_chunks(PNG, TITLE, (b"tEXt", b"exif:GPSLatitude\00012/1"), SAFE, COMMENT,
                        (b"zTXt", b"Note\0\0" + zlib.compress(b"Serial number 77"))),
            ".png", (b"Harbour", b"holiday"), (b"12/1", b"anything", b"Note"),
        ),
        (
            with_segments(JPEG, (0xE5, b"VENDOR5 data"), (0xFE, b"holiday"), (0xFE, b"at GPS 3, 4"),
                          (0xED, b"Photoshop 3.0\0" + RESOURCES + resource(1085, b"printer"))),
            ".jpg", (b"holiday", b"example.org"), (b"VENDOR5", b"3, 4", b"printer"),
        ),
        (tiff(), ".tif", (b"page one", b"example.org"), (b"-9999", struct.pack("<d", 52.0))),
    ],
    ids=["PNG", "JPEG", "TIFF"],
)  # fmt: skip
def test_without_location_and_without_anything(
    tmp_path: Path,
    source: bytes,
    suffix: str,
    public: tuple[bytes, ...],
    private: tuple[bytes, ...],
) -> None:
    kept, _ = rewritten(tmp_path, source, suffix)
    assert all(part in kept for part in public + private)
    data, said = rewritten(tmp_path, source, suffix, metadata="no_gps")
    assert all(part in data for part in public)
    assert not any(part in data for part in private)
    data, more = rewritten(tmp_path, source, suffix, metadata="none")
    assert not any(part in data for part in public + private)
    assert said == more == ""  # what was asked for is not news


def test_colours_are_no_metadata(tmp_path: Path) -> None:
    linear = (b"gAMA", struct.pack(">I", 100_000))
    data, _ = rewritten(tmp_path, with_chunks(PNG, linear, TITLE), ".png", metadata="none")
    assert between(data) == [linear]


# From the command line


def test_a_fill_keeps_and_says(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source, mask, out = tmp_path / "a.jpg", tmp_path / "m.png", tmp_path / "out.jpg"
    source.write_bytes(with_segments(JPEG, (0xFE, b"holiday"), (0xE5, b"VENDOR5 data")))
    hole = np.zeros((24, 32), np.uint8)
    hole[8:12, 8:12] = 255
    mask.write_bytes(saved(Image.fromarray(hole), "PNG"))
    command = ["fill", source, "--mask", mask, "--engine", "harmonic", "--out"]
    assert main([str(part) for part in (*command, out)]) == 0
    assert own_segments(out.read_bytes()) == [(0xFE, b"holiday"), (0xE5, b"VENDOR5 data")]
    assert main([str(part) for part in (*command, tmp_path / "out.png")]) == 0
    assert "PNG cannot hold these" in capsys.readouterr().err
    assert main(["info", str(source)]) == 0
    assert "comment, APP5 VENDOR5 data" in capsys.readouterr().out


# Anything at all


@steady
@given(st.lists(st.tuples(st.sampled_from([b"tEXt", b"zTXt", b"iTXt", b"prVt", b"eXIf", b"caBX"]),
                          st.binary(max_size=60)), max_size=4))  # fmt: skip
def test_any_png_text_is_survived(chunks: list[tuple[bytes, bytes]]) -> None:
    photo = decode_photo(with_chunks(PNG, *chunks), HERE)
    assert all(block.content for block in photo.blocks if block.kind != "comment") or chunks


@steady
@given(st.lists(st.tuples(st.integers(0xE0, 0xEF) | st.just(0xFE), st.binary(max_size=60)),
                max_size=4), st.binary(max_size=40))  # fmt: skip
def test_any_jpeg_segment_is_survived(segments: list[tuple[int, bytes]], rest: bytes) -> None:
    held = (0xED, b"Photoshop 3.0\0" + resource(1034, b"\1") + b"8BIM" + rest)
    photo = decode_photo(with_segments(JPEG, *segments, held), HERE)
    np.testing.assert_array_equal(photo.pixels.shape, RGB8.shape)
