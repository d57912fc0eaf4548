"""Taking out of a photo's metadata where it was taken.

Source: EXIF 2.32, section 4.6.6 (GPS directory); XMP specification, part 2 (exif:GPS..).
"""

from __future__ import annotations

import re
from dataclasses import replace

from inpaint_core.photo.metadata import exif as blocks
from inpaint_core.photo.photo import Photo

# The look behind keeps a packet's padding, thousands of spaces, from being tried from each of them.
_ATTRIBUTE = re.compile(rb"(?<!\s)\s+exif:GPS\w*\s*=\s*(?:\"[^\"]*\"|'[^']*')")
_ELEMENT = re.compile(rb"<exif:GPS(\w*)(?:\s[^>]*)?(?:/>|>.*?</exif:GPS\1\s*>)\s*", re.DOTALL)


def without_location(photo: Photo) -> Photo:
    """The photo without the position in its EXIF and XMP data; all else stays byte for byte.

    A block that cannot be understood is left out whole rather than let a position through. Names
    of places that somebody typed in (city, country) stay, and so does the maker's note.
    """
    return replace(
        photo,
        exif=None if photo.exif is None else exif_without_position(photo.exif),
        xmp=None if photo.xmp is None else xmp_without_position(photo.xmp),
    )


def exif_without_position(exif: bytes) -> bytes | None:
    """EXIF data with the GPS directory unlinked and blanked; None where it is no EXIF data.

    Nothing is moved: maker notes point into the data by offsets that nobody else can mend.
    """
    try:
        order, first = blocks.first_directory(exif)
        pointer = blocks.number(first.entries.get(blocks.GPS_IFD), order)
        out = bytearray(blocks.dropped(exif, None, frozenset({blocks.GPS_IFD})))
    except ValueError:
        return None
    if pointer is not None:
        _blank(out, exif, order, pointer)
    return bytes(out)


def _blank(out: bytearray, exif: bytes, order: blocks.Order, at: int) -> None:
    """Overwrite a directory and what its fields point to with zeros."""
    try:
        gps = blocks.directory(exif, order, at)
    except ValueError:
        return
    for entry in gps.entries.values():
        out[entry.at : entry.at + len(entry.value)] = bytes(len(entry.value))
    out[at : gps.next_at + 4] = bytes(gps.next_at + 4 - at)


def xmp_without_position(xmp: bytes) -> bytes | None:
    """An XMP packet without its exif:GPS properties; None where some of it remains unreadable."""
    found = _ELEMENT.sub(b"", _ATTRIBUTE.sub(b"", xmp))
    # Another prefix, another encoding (UTF-16): it says GPS somewhere that was not understood.
    return None if b"GPS" in found.replace(b"\0", b"") else found
