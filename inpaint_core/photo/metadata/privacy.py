"""Removing private metadata: where a photo was taken, and which camera took it.

Source: EXIF 2.32, sections 4.6.5 (serial numbers) and 4.6.6 (GPS directory); DNG 1.4; XMP
specification, part 2 (exif:GPS..), and its aux and exifEX namespaces.
"""

from __future__ import annotations

from dataclasses import replace

from inpaint_core.contract.choices import MetadataChoice
from inpaint_core.photo.metadata import exif as blocks
from inpaint_core.photo.metadata.xmp_properties import remove_properties
from inpaint_core.photo.photo import Photo

# MakerNote, ImageUniqueID, BodySerialNumber, LensSerialNumber; CameraSerialNumber (of DNG).
_IN_EXIF = frozenset({0x927C, 0xA420, 0xA431, 0xA435})
_IN_FIRST = frozenset({0xC62F})
_SERIAL_NUMBER, _UNIQUE_ID = "SerialNumber", "ImageUniqueID"
_POSITION = "gps"  # exif:GPSLatitude, and a drone's GpsLatitude


def filter_metadata(photo: Photo, choice: MetadataChoice) -> Photo:
    """The photo with the metadata that ``choice`` keeps. The colour profile always stays: without
    it the numbers would mean other colours.
    """
    if choice == "none":
        colours = tuple(block for block in photo.blocks if block.role in ("profile", "colour"))
        return replace(photo, exif=None, xmp=None, iptc=None, blocks=colours)
    if choice == "no_gps":
        photo = remove_serials(remove_location(photo))
        public = tuple(block for block in photo.blocks if not block.is_private)
        return replace(photo, blocks=public)
    return photo


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
    if not _mentions(xmp, _SERIAL_NUMBER, _UNIQUE_ID):
        return xmp
    try:
        found = remove_properties(xmp, rf"\w*{_SERIAL_NUMBER}|{_UNIQUE_ID}")
    except ValueError:
        return None
    return None if _mentions(found, _SERIAL_NUMBER) else found


def _mentions(xmp: bytes, *names: str) -> bool:
    """Whether one of the names stands anywhere in the packet, in whatever encoding."""
    plain = xmp.replace(b"\0", b"")
    return any(name.encode() in plain for name in names)


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
    blocks.blank_values(out, gps.entries.values())
    out[at : gps.next_at + 4] = bytes(gps.next_at + 4 - at)


def remove_xmp_position(xmp: bytes) -> bytes | None:
    """An XMP packet without the properties whose name begins with GPS; None where it cannot be
    parsed, or mentions GPS elsewhere.
    """
    if not _mentions(xmp.lower(), _POSITION):
        return xmp
    try:
        found = remove_properties(xmp, rf"(?i:{_POSITION})\w*")
    except ValueError:
        return None
    return None if _mentions(found, "GPS") else found
