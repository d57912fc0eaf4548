"""When a photo was taken and its stars, from the beginnings of files, and stars in XMP packets."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from renders import XMP, exif_block, scene, steady

from inpaint_core.photo.metadata.capture_facts import CaptureFacts, read_capture_facts
from inpaint_core.photo.metadata.xmp import read_rating, write_rating
from inpaint_core.photo.photo import Photo
from inpaint_core.photo.write_photo import write_photo


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("suffix", ["jpg", "png", "tif", "webp"])
def test_every_written_format_says_both(tmp_path: Path, suffix: str, order: str) -> None:
    path = tmp_path / f"a.{suffix}"
    write_photo(path, Photo(scene(24, 40, np.uint8), exif=exif_block(order)))
    assert read_capture_facts(path) == CaptureFacts("2024:05:06 07:08:09", 4)


@pytest.mark.parametrize("suffix", ["jpg", "png", "tif"])
def test_stars_in_xmp_go_before_those_in_exif(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"a.{suffix}"
    packet = write_rating(XMP, 2)
    write_photo(path, Photo(scene(24, 40), exif=exif_block(), xmp=packet))
    assert read_capture_facts(path).rating == 2


def test_a_raw_file_of_canon(tmp_path: Path) -> None:
    """A CR3 has its EXIF data in boxes, each a TIFF structure of its own."""
    date = b"2021:02:03 04:05:06\0"
    inner = b"II*\0" + struct.pack("<IHHHII", 8, 1, 0x9003, 2, len(date), 26) + bytes(4) + date
    path = tmp_path / "a.cr3"
    path.write_bytes(bytes(40) + b"CMT1" + b"II*\0" + bytes(8) + b"CMT2" + inner)
    assert read_capture_facts(path) == CaptureFacts("2021:02:03 04:05:06")


@steady
@given(st.binary(max_size=300), st.integers(0, 299), st.integers(0, 255))
def test_damaged_files_say_nothing_wrong(tail: bytes, at: int, value: int) -> None:
    import tempfile

    block = bytearray(exif_block())
    block[at % len(block)] = value
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.jpg"
        path.write_bytes(b"\xff\xd8\xff\xe1\0\0Exif\0\0" + bytes(block[: 10 + at]) + tail)
        facts = read_capture_facts(path)
    assert facts.taken == "" or len(facts.taken) == 19
    assert facts.rating is None or -1 <= facts.rating <= 5


def test_a_picture_without_anything(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    Image.new("RGB", (3, 3)).save(path)
    assert read_capture_facts(path) == CaptureFacts()
    path.write_bytes(b"")
    assert read_capture_facts(path) == CaptureFacts()


@pytest.mark.parametrize(
    ("packet", "stars"),
    [
        (b'<a xmp:Rating="3">', 3),
        (b"<xmp:Rating>-1</xmp:Rating>", -1),
        (b"<xmp:Rating> 4.0 </xmp:Rating>", 4),
        (b"<a xmp:Rating = '99'>", 5),
        (b"<a xmp:RatingX='2'>", None),
        (b"", None),
    ],
)
def test_ratings_are_read(packet: bytes, stars: int | None) -> None:
    assert read_rating(packet) == stars


def test_ratings_are_written_and_everything_else_stays() -> None:
    made = write_rating(None, 3)
    assert made is not None
    assert read_rating(made) == 3
    assert write_rating(made, 5) == made.replace(b'Rating="3"', b'Rating="5"')
    added = write_rating(XMP, 1)
    assert added is not None
    start = added.index(b"<rdf:Description rdf:about")
    end = added.index(b"/>", start) + 2
    assert added[:start] + added[end:] == XMP
    assert write_rating(XMP.decode().encode("utf-16"), 1) is None
