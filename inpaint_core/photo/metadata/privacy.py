"""Removing private metadata: where a photo was taken, and which camera took it.

Source: EXIF 2.32, sections 4.6.5 (serial numbers) and 4.6.6 (GPS directory); DNG 1.4; XMP
specification, part 2 (exif:GPS..), and its aux and exifEX namespaces.
"""

from __future__ import annotations

import re
from dataclasses import replace

from inpaint_core.contract.choices import MetadataChoice
from inpaint_core.photo.metadata import exif as blocks
from inpaint_core.photo.photo import Photo

# MakerNote, ImageUniqueID, BodySerialNumber, LensSerialNumber; CameraSerialNumber (of DNG).
_IN_EXIF = frozenset({0x927C, 0xA420, 0xA431, 0xA435})
_IN_FIRST = frozenset({0xC62F})
_SERIAL_NAMES = rb"(\w+:(?:\w*SerialNumber|ImageUniqueID))"
_SERIAL_ATTRIBUTE = re.compile(rb"(?<!\s)\s+" + _SERIAL_NAMES + rb"\s*=\s*(?:\"[^\"]*\"|'[^']*')")
_SERIAL_ELEMENT = re.compile(
    rb"<" + _SERIAL_NAMES + rb"(?:\s[^>]*)?(?:/>|>.*?</\1\s*>)\s*", re.DOTALL
)
# The lookbehind keeps a packet's padding, thousands of spaces, from being tried from each of them.
_POSITION_ATTRIBUTE = re.compile(rb"(?<!\s)\s+exif:GPS\w*\s*=\s*(?:\"[^\"]*\"|'[^']*')")
_POSITION_ELEMENT = re.compile(
    rb"<exif:GPS(\w*)(?:\s[^>]*)?(?:/>|>.*?</exif:GPS\1\s*>)\s*", re.DOTALL
)


def filter_metadata(photo: Photo, choice: MetadataChoice) -> Photo:
    """The photo with the metadata that ``choice`` keeps. The colour profile always stays: without
    it the numbers would mean other colours.
    """
    if choice == "none":
        return replace(photo, exif=None, xmp=None, iptc=None)
    return remove_serials(remove_location(photo)) if choice == "no_gps" else photo


def remove_serials(photo: Photo) -> Photo:
    """The photo without serial numbers of camera and lens in its EXIF and XMP data.

    The maker note goes too: nearly every one holds the serial number, in a place that only the
    maker knows. A block that cannot be parsed is left out entirely.
    """
    return replace(
        photo,
        exif=None if photo.exif is None else _remove_exif_serials(photo.exif),
        xmp=None if photo.xmp is None else _remove_xmp_serials(photo.xmp),
    )


def _remove_exif_serials(exif: bytes) -> bytes | None:
    try:
        rest = blocks.drop_fields(exif, None, _IN_FIRST)
        return blocks.drop_fields(rest, blocks.EXIF_IFD, _IN_EXIF)
    except ValueError:
        return None


def _remove_xmp_serials(xmp: bytes) -> bytes | None:
    found = _SERIAL_ELEMENT.sub(b"", _SERIAL_ATTRIBUTE.sub(b"", xmp))
    # Another encoding (UTF-16): some of it was not understood.
    return None if b"SerialNumber" in found.replace(b"\0", b"") else found


def remove_location(photo: Photo) -> Photo:
    """The photo without the position in its EXIF and XMP data; everything else stays byte for byte.

    A block that cannot be parsed is left out entirely rather than let a position through. Place
    names that somebody typed in (city, country) stay, and so does the maker note.
    """
    return replace(
        photo,
        exif=None if photo.exif is None else remove_exif_position(photo.exif),
        xmp=None if photo.xmp is None else remove_xmp_position(photo.xmp),
    )


def remove_exif_position(exif: bytes) -> bytes | None:
    """EXIF data with the GPS directory unlinked and blanked; None for anything that
    is not EXIF data. Nothing is moved, as maker notes point into the data by absolute offsets.
    """
    try:
        order, first = blocks.read_first_directory(exif)
        pointer = blocks.read_number(first.entries.get(blocks.GPS_IFD), order)
        out = bytearray(blocks.drop_fields(exif, None, frozenset({blocks.GPS_IFD})))
    except ValueError:
        return None
    if pointer is not None:
        _blank(out, exif, order, pointer)
    return bytes(out)


def _blank(out: bytearray, exif: bytes, order: blocks.Order, at: int) -> None:
    """Overwrite a directory and what its fields point to with zeros."""
    try:
        gps = blocks.read_directory(exif, order, at)
    except ValueError:
        return
    for entry in gps.entries.values():
        out[entry.at : entry.at + len(entry.value)] = bytes(len(entry.value))
    out[at : gps.next_at + 4] = bytes(gps.next_at + 4 - at)


def remove_xmp_position(xmp: bytes) -> bytes | None:
    """An XMP packet without its exif:GPS properties; None where some cannot be parsed."""
    found = _POSITION_ELEMENT.sub(b"", _POSITION_ATTRIBUTE.sub(b"", xmp))
    # Another prefix, another encoding (UTF-16): a position may be left that was not understood.
    return None if b"GPS" in found.replace(b"\0", b"") else found
