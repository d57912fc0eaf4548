"""The colour space that EXIF data names, in photos of cameras that embed no ICC profile.

Sources: EXIF 2.32, section 4.6.6 (ColorSpace); DCF 2.0 (CIPA DC-009), section 3.2.2: an option file
is in Adobe RGB, with ColorSpace “uncalibrated” and the interoperability index “R03”.
"""

from __future__ import annotations

from inpaint_core.photo.metadata import exif

_COLOUR_SPACE, _INDEX = 0xA001, 0x0001
_SRGB, _ADOBE = 1, 2
"""Values of ColorSpace. The second is in no standard, but written by cameras of before DCF 2.0."""


def names_adobe_rgb(block: bytes | None) -> bool:
    """Whether the EXIF data says that the photo's numbers are those of Adobe RGB (1998)."""
    try:
        order, first = exif.read_first_directory(block or b"")
    except ValueError:
        return False
    data = block or b""
    shot = exif.follow_pointer(data, order, first, exif.EXIF_IFD)
    if shot is None:
        return False
    space = exif.read_number(shot.entries.get(_COLOUR_SPACE), order)
    if space in (_SRGB, _ADOBE):
        return space == _ADOBE  # a program that converted the photo may have left the index
    interop = exif.follow_pointer(data, order, shot, exif.INTEROP_IFD)
    index = None if interop is None else interop.entries.get(_INDEX)
    return index is not None and bytes(index.value).rstrip(b"\0 ") == b"R03"
