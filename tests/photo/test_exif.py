"""What is brought up to date when a photo is written, and what is left out on request."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from PIL.TiffImagePlugin import ImageFileDirectory_v2
from renders import XMP, exif_block, exif_fields, saved, scene, srgb_profile, steady

from inpaint_core.contract.choices import METADATA_CHOICES
from inpaint_core.photo.metadata import exif, xmp
from inpaint_core.photo.metadata.privacy import filter_metadata
from inpaint_core.photo.photo import Photo
from inpaint_core.photo.read_photo import read_photo
from inpaint_core.photo.write_photo import write_photo

PIXELS = scene(48, 72)


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("suffix", [".jpg", ".png", ".tif", ".webp"])
def test_size_software_and_thumbnail_are_those_of_the_result(
    tmp_path: Path, suffix: str, order: str
) -> None:
    source, out = tmp_path / "in.jpg", tmp_path / f"out{suffix}"
    old = saved(Image.new("RGB", (16, 16), "red"), "JPEG")
    block = exif_block(order, 1, old)
    source.write_bytes(saved(Image.fromarray(PIXELS), "JPEG", exif=b"Exif\0\0" + block))
    photo = read_photo(source)
    pixels = photo.pixels.copy()
    pixels[:, 36:] = 200
    write_photo(out, replace(photo, pixels=pixels))
    opened = Image.open(io.BytesIO(out.read_bytes()))
    found = opened.getexif()
    assert str(found[0x0131]).startswith("Lacuna ")
    inner = dict(found.get_ifd(0x8769))
    assert (inner[0xA002], inner[0xA003]) == (72, 48)
    before = exif_fields(block)
    for tag in (0x829A, 0x9003, 0x927C):
        assert inner[tag] == before["exif"][tag]
    assert dict(found.get_ifd(0x8825)) == before["gps"]
    assert found[0x8298] == before["first"][0x8298]
    assert old[20:] not in out.read_bytes()
    if suffix == ".jpg":
        small = Image.open(io.BytesIO(thumbnail_in(opened)))
        assert small.size == (72, 48)
        shown = np.asarray(small.convert("RGB")).astype(int)
        assert np.abs(shown[:, 40:] - 200).mean() < 3
        assert np.abs(shown[:, :32] - pixels[:, :32]).mean() < 8


def thumbnail_in(image: Image.Image) -> bytes:
    """Through Pillow's reader of directories, the first and the one that it points to."""
    block: bytes = image.info["exif"].removeprefix(b"Exif\0\0")
    stream = io.BytesIO(block)
    first = ImageFileDirectory_v2(block[:8])
    stream.seek(first.next)
    first.load(stream)
    second = ImageFileDirectory_v2(block[:8])
    stream.seek(first.next)
    second.load(stream)
    start, size = second[0x0201], second[0x0202]
    return block[start : start + size]


@pytest.mark.parametrize("order", ["<", ">"])
def test_the_makers_note_stays_at_its_place_byte_for_byte(order: str) -> None:
    block = exif_block(order)
    note = b"Lacuna\0\x01" + bytes(range(40))
    once = exif.update_exif(block, (40, 24), "Lacuna 1", b"\xff\xd8small\xff\xd9")
    assert once.index(note) == block.index(note)
    twice = exif.update_exif(exif.mark_upright(once, (40, 24)), (40, 24), "Lacuna 2", None)
    assert twice.index(note) == block.index(note)
    fields = exif_fields(twice)
    assert fields["first"].pop(0x0131) == "Lacuna 2"
    assert fields == exif_fields(block)


def test_an_exif_block_that_is_nearly_too_long_keeps_everything(tmp_path: Path) -> None:
    path = tmp_path / "a.jpg"
    for room in (0, 200):
        block = exif_block() + bytes(65527 - room - len(exif_block()))
        write_photo(path, Photo(PIXELS, exif=block), overwrite=True)
        back = read_photo(path)
        assert back.exif is not None
        found = exif_fields(back.exif)
        # Without room for the longer directory the block goes as it was.
        assert (0x0131 in found["first"]) == (room > 0)
        assert found["gps"] == exif_fields(block)["gps"]


@steady
@given(st.integers(0, 400), st.integers(0, 255))
def test_damaged_exif_is_survived(at: int, value: int) -> None:
    block = bytearray(exif_block("<", 1, b"\xff\xd8\xff\xd9"))
    block[at % len(block)] = value
    exif.update_exif(bytes(block), (4, 5), "Lacuna", b"x")
    for choice in METADATA_CHOICES:
        filter_metadata(Photo(PIXELS, exif=bytes(block)), choice)


def serials() -> tuple[bytes, bytes]:
    tags = Image.Exif()
    tags[0x010F] = "Lacuna Camera Works"
    tags[0xC62F] = "BODY-4711"
    inner = tags.get_ifd(0x8769)
    inner[0xA431], inner[0xA435], inner[0xA420] = "BODY-4711", "LENS-0815", "UNIQUE-99"
    inner[0x927C] = b"NOTE with BODY-4711 inside"
    inner[0x9003] = "2024:05:06 07:08:09"
    tags.get_ifd(0x8825)[1] = "N"
    packet = XMP.replace(
        b"<rdf:Description ",
        b'<rdf:Description xmlns:aux="a" aux:SerialNumber="BODY-4711" aux:Lens="50 mm" ',
    ).replace(
        b"</rdf:RDF>", b"<exifEX:LensSerialNumber>LENS-0815</exifEX:LensSerialNumber></rdf:RDF>"
    )
    return tags.tobytes().removeprefix(b"Exif\0\0"), packet


def test_all_without_serial_numbers_and_none() -> None:
    block, packet = serials()
    icc = srgb_profile()
    photo = Photo(PIXELS, icc=icc, exif=block, xmp=packet, iptc=b"\x1c\x02\x00")
    assert filter_metadata(photo, "all") is photo
    nothing = filter_metadata(photo, "none")
    assert (nothing.exif, nothing.xmp, nothing.iptc, nothing.icc) == (None, None, None, icc)
    private = filter_metadata(photo, "no_gps")
    assert private.exif is not None
    assert private.xmp is not None
    for secret in (b"4711", b"0815", b"UNIQUE"):
        assert secret not in private.exif
        assert secret not in private.xmp
    fields = exif_fields(private.exif)
    assert fields["first"][0x010F] == "Lacuna Camera Works"
    assert fields["exif"] == {0x9003: "2024:05:06 07:08:09"}
    assert fields["gps"] == {}
    assert b"50 mm" in private.xmp
    assert private.iptc == photo.iptc


def test_what_cannot_be_understood_goes_whole() -> None:
    odd = Photo(PIXELS, exif=b"no structure", xmp="SerialNumber".encode("utf-16"))
    private = filter_metadata(odd, "no_gps")
    assert (private.exif, private.xmp) == (None, None)


@pytest.mark.parametrize("packet", [None, XMP])
def test_the_history_says_that_pixels_were_synthesised(packet: bytes | None) -> None:
    said = "pixels were synthesised: “dust & scratches” <4>"
    once = xmp.add_history(packet, "2024-05-06T07:08:09+00:00", "Lacuna 1", said)
    assert once is not None
    twice = xmp.add_history(once, "2024-05-07T00:00:00+00:00", "Lacuna 1", "again")
    assert twice is not None
    body = twice[twice.index(b"?>") + 2 :]
    entries = [
        node.attrib
        for node in ElementTree.fromstring(body[: body.rindex(b"<?")]).iter()
        if node.tag.endswith("}li")
    ]
    event = "{http://ns.adobe.com/xap/1.0/sType/ResourceEvent#}"
    assert [entry[event + "parameters"] for entry in entries] == [said, "again"]
    assert entries[0][event + "action"] == "edited"
    assert twice.count(b"xmpMM:History>") == 2
    if packet is not None:
        assert b"tiff:Orientation" in twice


def test_a_packet_without_a_place_for_a_history_is_not_broken() -> None:
    assert xmp.add_history(XMP.decode().encode("utf-16"), "t", "a", "w") is None
