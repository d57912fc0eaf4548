"""What of a photo's metadata goes out with it.

Source: EXIF 2.32, section 4.6.5 (serial numbers); DNG 1.4; XMP's aux and exifEX namespaces.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Literal

from inpaint_core.photo.metadata import exif as blocks
from inpaint_core.photo.metadata.location import without_location
from inpaint_core.photo.photo import Photo

Choice = Literal["all", "no_gps", "none"]
"""All of it; without the position, serial numbers and the maker's note; nothing."""

CHOICES: tuple[Choice, ...] = ("all", "no_gps", "none")

# MakerNote, ImageUniqueID, BodySerialNumber, LensSerialNumber; CameraSerialNumber (of DNG).
_IN_EXIF = frozenset({0x927C, 0xA420, 0xA431, 0xA435})
_IN_FIRST = frozenset({0xC62F})
_NAMES = rb"(\w+:(?:\w*SerialNumber|ImageUniqueID))"
_ATTRIBUTE = re.compile(rb"(?<!\s)\s+" + _NAMES + rb"\s*=\s*(?:\"[^\"]*\"|'[^']*')")
_ELEMENT = re.compile(rb"<" + _NAMES + rb"(?:\s[^>]*)?(?:/>|>.*?</\1\s*>)\s*", re.DOTALL)


def chosen(photo: Photo, choice: Choice) -> Photo:
    """The photo with the metadata that ``choice`` lets through. The colour profile always stays:
    without it the numbers mean other colours.
    """
    if choice == "none":
        return replace(photo, exif=None, xmp=None, iptc=None)
    return without_serials(without_location(photo)) if choice == "no_gps" else photo


def without_serials(photo: Photo) -> Photo:
    """The photo without serial numbers of camera and lens in its EXIF and XMP data.

    The maker's note goes with them: nearly every one holds the serial number, in a place that
    only the maker knows. A block that cannot be understood is left out whole.
    """
    return replace(
        photo,
        exif=None if photo.exif is None else _exif(photo.exif),
        xmp=None if photo.xmp is None else _xmp(photo.xmp),
    )


def _exif(exif: bytes) -> bytes | None:
    try:
        return blocks.dropped(blocks.dropped(exif, None, _IN_FIRST), blocks.EXIF_IFD, _IN_EXIF)
    except ValueError:
        return None


def _xmp(xmp: bytes) -> bytes | None:
    found = _ELEMENT.sub(b"", _ATTRIBUTE.sub(b"", xmp))
    # Another encoding (UTF-16): it says so somewhere that was not understood.
    return None if b"SerialNumber" in found.replace(b"\0", b"") else found
