"""Where a JPEG's picture ends, and whether all of it is there.

libjpeg decodes what it can of a damaged file and fills the rest with grey or with colours that were
never there. It does not notice everything, and neither OpenCV nor Pillow passes on what it does.
Our own decoder, which guesses nothing, does.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from inpaint_core.contract.message import Message
from inpaint_core.photo.formats.jpeg.headers import JpegLayout, read_layout

# Stuffed bytes and restart markers are part of the coded pixels.
_MARKER = re.compile(rb"\xff([^\x00\x01\xff\xd0-\xd7])")
_SOI, _EOI, _SOS = b"\xd8", b"\xd9", b"\xda"
_DAMAGE = frozenset(
    f"photo.jpeg.{name}"
    for name in ("pixels_damaged", "headers_damaged", "cut_off", "no_picture", "wrong_start")
)


@dataclass(frozen=True, slots=True)
class PictureExtent:
    """The first picture in a file: its bytes up to ``end``, its number of ``scans``, and whether
    its end is marked.
    """

    end: int
    scans: int
    is_closed: bool


def find_extent(data: bytes) -> PictureExtent:
    """Where the picture at the beginning of ``data`` ends: cameras append videos, gain maps and
    more.
    """
    at, scans = 2, 0
    while (found := _MARKER.search(data, at)) is not None:
        at, marker = found.end(), found[1]
        if marker == _EOI:
            return PictureExtent(at, scans, True)
        if marker != _SOI:
            scans += marker == _SOS
            at += int.from_bytes(data[at : at + 2], "big")
    return PictureExtent(len(data), scans, False)


def take_picture(data: bytes, extent: PictureExtent) -> bytes:
    """The bytes of the picture alone, with the mark of its end."""
    if extent.is_closed and extent.end == len(data):
        return data
    return data[: extent.end] + (b"" if extent.is_closed else b"\xff" + _EOI)


def has_damaged_bits(picture: bytes, size: tuple[int, int], is_closed: bool = True) -> bool | None:
    """Whether any coded bits of a JPEG of ``size`` (height, width) are missing or wrong; None for
    rare codings, which are not examined.

    A progressive file whose end was not marked must have all of its coefficients, to the last bit.
    """
    from inpaint_core.photo.formats.jpeg.coefficients import read_planes

    try:
        read_planes(picture, size)
        return not is_closed and not _is_complete(read_layout(picture))
    except ValueError as error:
        (reason,) = error.args
        return True if isinstance(reason, Message) and reason.key in _DAMAGE else None


def _is_complete(layout: JpegLayout) -> bool:
    """Whether the last bit of every coefficient has come."""
    planes = range(len(layout.frame.components))
    missing = {(plane, place) for plane in planes for place in range(64)}
    for scan in layout.scans:
        if scan.low == 0:
            first, last = scan.band
            missing -= {(p, place) for p, _, _ in scan.parts for place in range(first, last + 1)}
    return not missing
