"""Where a photo was taken is taken out, and nothing else."""

from __future__ import annotations

import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from renders import exif_block, exif_fields, scene, steady

from inpaint_core.photo.metadata.privacy import (
    remove_exif_position,
    remove_location,
    remove_xmp_position,
)
from inpaint_core.photo.photo import Photo

_XMP = (
    b'<rdf:Description xmlns:exif="http://ns.adobe.com/exif/1.0/" exif:GPSLatitude="59,54.5N"'
    b" exif:GPSLongitude='10,44.3E' tiff:Make=\"Lacuna\"><dc:title>Oslo</dc:title>"
    b"<exif:GPSAltitude>12/1</exif:GPSAltitude><exif:GPSVersionID/></rdf:Description>"
)


@pytest.mark.parametrize("order", ["<", ">"])
def test_the_gps_directory_goes_and_everything_else_stays(order: str) -> None:
    block = exif_block(order)
    assert exif_fields(block)["gps"]
    clean = remove_exif_position(block)
    assert clean is not None
    before, after = exif_fields(block), exif_fields(clean)
    assert after["gps"] == {}
    assert after["first"] == before["first"]
    assert after["exif"] == before["exif"]
    assert len(clean) == len(block)
    note = b"Lacuna\0\x01" + bytes(range(40))
    assert clean.index(note) == block.index(note)  # the maker's offsets still hold
    assert struct.pack(order + "II", 54, 1) not in clean  # the minutes are not left lying about


def test_exif_without_gps_is_left_alone() -> None:
    clean = remove_exif_position(exif_block())
    assert clean is not None
    assert remove_exif_position(clean) == clean


def test_what_is_no_exif_goes_whole() -> None:
    assert remove_exif_position(b"not exif at all") is None


@steady
@given(st.integers(8, 400), st.integers(0, 255))
def test_damaged_exif_never_raises(at: int, value: int) -> None:
    block = bytearray(exif_block())
    block[at % len(block)] = value
    remove_exif_position(bytes(block))


def test_xmp_loses_its_position_only() -> None:
    clean = remove_xmp_position(_XMP)
    assert clean is not None
    assert b"GPS" not in clean
    assert b"<dc:title>Oslo</dc:title>" in clean
    assert b'tiff:Make="Lacuna"' in clean


def test_xmp_that_is_not_understood_goes_whole() -> None:
    assert remove_xmp_position(_XMP.decode().encode("utf-16")) is None
    assert remove_xmp_position(_XMP.replace(b"Oslo", b"A GPS track")) is None
    assert remove_xmp_position(_XMP[: _XMP.index(b"</exif:GPS")]) is None


def test_a_position_is_known_by_any_prefix_and_by_a_drones_names() -> None:
    for odd in (_XMP.replace(b"exif:", b"e:"), _XMP.replace(b"exif:GPS", b"drone-dji:Gps")):
        clean = remove_xmp_position(odd)
        assert clean is not None
        assert b"gps" not in clean.lower()
        assert clean.endswith(b' tiff:Make="Lacuna"><dc:title>Oslo</dc:title></rdf:Description>')


def test_a_value_may_hold_what_looks_like_the_end_of_a_tag() -> None:
    inner = b"<a><exif:GPSArea a='/>' b=\">\"/><b exif:GPSTime = '>' c='/>'/></a>"
    assert remove_xmp_position(inner) == b"<a><b c='/>'/></a>"
    nested = b"<a><e:GPSx><e:GPSxy></e:GPSxy><b/></e:GPSx >c</a>"
    assert remove_xmp_position(nested) == b"<a>c</a>"
    assert remove_xmp_position(b"<GPSx><GPSx></GPSx>59,5</GPSx>") is None


def test_a_photo_loses_both() -> None:
    pixels = scene(4, 4)
    clean = remove_location(Photo(pixels, exif=exif_block(), xmp=_XMP))
    assert clean.exif is not None
    assert exif_fields(clean.exif)["gps"] == {}
    assert clean.xmp is not None
    assert b"GPS" not in clean.xmp
    assert np.array_equal(clean.pixels, pixels)
    assert remove_location(Photo(pixels)).exif is None
