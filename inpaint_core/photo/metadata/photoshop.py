"""Photoshop's image resources, as JPEG, TIFF and PNG files carry them.

Source: Adobe Photoshop file format, “Image Resources Section”.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator

from inpaint_core.contract.message import Message
from inpaint_core.photo.photo import Block, note_unread_blocks

IPTC, CAPTION_DIGEST = 0x0404, 0x0425
THUMBNAIL = "thumbnail"
# What the photo has as its own: IPTC, ICC profile, EXIF (two) and XMP.
_ELSEWHERE = frozenset({IPTC, 0x040F, 0x0422, 0x0423, 0x0424})
_MOST = 1000  # a document has some dozens
_SIGNATURES = (b"8BIM", b"MeSa", b"AgHg", b"PHUT", b"DCSR")
# Guides, slices, a path that was not given a name, and paths: places within the picture.
_PLACES = frozenset({0x0401, 0x0408, 0x041A, *range(2000, 2998)})
# What the systems say of printers and users, and what plug-ins say.
_PRIVATE = frozenset({0x03E9, 0x043C, 0x043D, *range(4000, 5000)})
_TITLES = {
    **{0x03ED: "resolution", 0x0408: "guides", 0x040A: "copyright flag", 0x040B: "URL"},
    **{CAPTION_DIGEST: "caption digest", 0x041A: "slices", 2999: "clipping path"},
    **dict.fromkeys(range(2000, 2998), "paths"),
    **dict.fromkeys((0x0409, 0x040C), THUMBNAIL),
}


def iter_resources(data: bytes) -> Iterator[tuple[int, bytes, bytes]]:
    """Number, content, and the whole of each resource; stops at one that is cut off, and after a
    thousand.
    """
    at = 0
    for _ in range(_MOST):
        if data[at : at + 4] not in _SIGNATURES or at + 12 > len(data):
            return
        number, length = struct.unpack_from(">HB", data, at + 4)
        start = at + 6 + length + 1 + (length + 1) % 2  # the name is padded to an even length
        if start + 4 > len(data):
            return
        (size,) = struct.unpack_from(">I", data, start)
        end = start + 4 + size
        if end > len(data):
            return
        yield number, data[start + 4 : end], data[at:end] + bytes(size % 2)
        at = end + size % 2


def read_resource_blocks(data: bytes) -> list[Block]:
    """The resources as blocks, except for those that have places of their own in a `Photo`. A
    block's content is the resource from its signature on.
    """
    return [
        Block(
            "resource",
            _TITLES.get(number, str(number)),
            whole,
            "place" if number in _PLACES else "plain",
            number in _PRIVATE,
        )
        for number, _, whole in iter_resources(data)
        if number not in _ELSEWHERE
    ]


def note_unread_resources(data: bytes) -> tuple[Message, ...]:
    """A note where `iter_resources` does not come to the end; none where only zeros follow."""
    read = sum(len(whole) for _, _, whole in iter_resources(data))
    rest = data[read:].strip(b"\0")
    return note_unread_blocks([Block("resource", "…", rest)] if rest else [])


def join_resources(blocks: Iterable[Block], has_iptc: bool) -> bytes:
    """The resources among ``blocks``; b"" where there are none. The digest of the IPTC record goes
    only with the record.
    """
    out = bytearray()
    for block in blocks:
        if block.kind == "resource":
            (number,) = struct.unpack_from(">H", block.content, 4)
            if has_iptc or number != CAPTION_DIGEST:
                out += block.content
    return bytes(out)


def join_resources_and_iptc(blocks: Iterable[Block], iptc: bytes | None) -> bytes:
    """As `join_resources`, with an IPTC record in front."""
    record = b"" if iptc is None else wrap_iptc(iptc)
    return record + join_resources(blocks, iptc is not None)


def find_iptc(data: bytes) -> bytes | None:
    """The IPTC record among the resources, or None."""
    return next((found for number, found, _ in iter_resources(data) if number == IPTC), b"") or None


def wrap_iptc(record: bytes) -> bytes:
    """The resource that holds an IPTC record."""
    head = b"8BIM" + struct.pack(">HHI", IPTC, 0, len(record))
    return head + record + bytes(len(record) % 2)
