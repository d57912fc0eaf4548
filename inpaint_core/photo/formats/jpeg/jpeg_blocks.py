"""The segments of a JPEG beside EXIF, XMP and profile: which go into another file.

Sources: ITU-T T.81, annex B; JFIF 1.02 (JFXX); CIPA DC-007 (MPF); ISO/IEC 19566-5 (JUMBF); C2PA,
section A.3.1; ExifTool's list of APP segments.
"""

from __future__ import annotations

import re
import struct

from inpaint_core.contract.message import Message
from inpaint_core.photo.formats.jpeg.app_segments import Segments, make_segment
from inpaint_core.photo.metadata import photoshop
from inpaint_core.photo.metadata.block_contents import mentions_place_or_serial
from inpaint_core.photo.photo import Block, note_lost_blocks

_PHOTOSHOP = b"Photoshop 3.0\0"
_MOST = 65533
_MORE_PICTURES, _BOXES = b"MPF\0", b"JP"
# What the photo has as its own, or the writer makes: JFIF and its thumbnail, EXIF, XMP, profile,
# gain map (which is said elsewhere), IPTC and the like, how the coded pixels are meant.
_ELSEWHERE = {
    "APP0": (b"JFIF\0", b"JFXX\0"),
    "APP1": (b"Exif\0", b"http://ns.adobe.com/xap/1.0/\0", b"http://ns.adobe.com/xmp/extension/\0"),
    "APP2": (b"ICC_PROFILE\0", b"urn:iso:std:iso:ts:21496:-1\0"),
    "APP13": (_PHOTOSHOP,),
    "APP14": (b"Adobe",),
}
# Pictures in a form of their own, what belongs to them, or how the old pixels were coded.
_OF_OLD_PIXELS = {
    "APP1": (b"FLIR\0",),
    "APP2": (_MORE_PICTURES, b"FPXR\0"),
    "APP8": (b"SPIFF\0",),
    "APP10": (b"AROT\0",),
    "APP11": (_BOXES, b"HDR_RI"),
}
_CREDENTIALS = b"c2pa"
_PUBLIC = (b"Ducky", b"Adobe_CM")
_APP0, _APP13, _COM, _END = 0xE0, 0xED, 0xFE, 0xD9
# Stuffed bytes and restart markers are part of the coded pixels.
_MARKER = re.compile(rb"\xff([^\x00\x01\xff\xd0-\xd8])")


def read_jpeg_blocks(
    segments: Segments, data: bytes, says_more: bool
) -> tuple[list[Block], bytes | None, tuple[Message, ...]]:
    """The blocks in the segments of the JPEG ``data``, its IPTC record, and notes on what is not
    kept. ``says_more``: a note already says that there are further pictures.

    A segment's content is that of the block; Photoshop's resources are joined and taken apart.
    """
    blocks: list[Block] = []
    lost: list[Block] = []
    has_credentials = any(
        marker == "APP11" and _CREDENTIALS in content for marker, content in segments
    )
    for marker, content in segments:
        if marker == "APP0" and _is_thumbnail(content):
            lost.append(Block("segment", f"APP0 {_read_name(content)}", content))
        if content.startswith(_ELSEWHERE.get(marker, ())):
            continue
        if marker == "COM":
            is_private = mentions_place_or_serial(content)
            blocks.append(Block("comment", "comment", content, is_private=is_private))
            continue
        name = f"{marker} {_read_name(content)}".strip()
        block = Block("segment", name, content, is_private=not content.startswith(_PUBLIC))
        if marker == "APP11" and has_credentials and content.startswith(_BOXES):
            continue  # a manifest takes several segments
        if content.startswith(_OF_OLD_PIXELS.get(marker, ())):
            is_said = content.startswith(_MORE_PICTURES) and (says_more or not _has_more(content))
            lost += [] if is_said else [block]
        else:
            blocks.append(block)
    if not says_more and _find_trailer(data):
        lost.append(Block("trailer", "", b""))
    notes: tuple[Message, ...] = ()
    if has_credentials:
        notes += (Message("photo.content_credentials"),)
    resources = b"".join(
        content[len(_PHOTOSHOP) :]
        for marker, content in segments
        if marker == "APP13" and content.startswith(_PHOTOSHOP)
    )
    blocks += photoshop.read_resource_blocks(resources)
    notes += note_lost_blocks(lost) + photoshop.note_unread_resources(resources)
    return blocks, photoshop.find_iptc(resources), notes


def _read_name(content: bytes) -> str:
    """What a segment calls itself at its beginning."""
    found = re.match(rb"[\w .:/-]{2,40}", content)
    return "" if found is None else found.group().decode("ascii", "replace").strip()


def _is_thumbnail(content: bytes) -> bool:
    """Whether an APP0 segment holds a small picture (JFIF 1.02)."""
    return content.startswith(b"JFXX\0") or (content[:5] == b"JFIF\0" and all(content[12:14]))


def _has_more(content: bytes) -> bool:
    """Whether an MPF segment lists more than the photo itself (CIPA DC-007, field 0xB001)."""
    order = "<" if content[4:6] == b"II" else ">"
    at = content.find(struct.pack(order + "HHI", 0xB001, 4, 1))
    return at < 0 or content[at + 8 : at + 12] != struct.pack(order + "I", 1)


def _find_trailer(data: bytes) -> bytes:
    """What lies behind the end of the picture, but for padding."""
    found = _MARKER.search(data, 2)
    while found is not None and found.group(1)[0] != _END:
        length = int.from_bytes(data[found.end() : found.end() + 2], "big")
        found = _MARKER.search(data, found.end() + max(length, 2))
    return b"" if found is None else data[found.end() :].strip(b"\0\xff\r\n ")


def write_segments(
    blocks: tuple[Block, ...], iptc: bytes | None
) -> tuple[bytes, tuple[Message, ...]]:
    """The segments with the blocks and an IPTC record, and a note on comments that are too long.

    Photoshop's resources may go on in the next segment.
    """
    out = bytearray()
    notes: tuple[Message, ...] = ()
    for block in blocks:
        if block.kind == "comment" and len(block.content) > _MOST:
            notes = (Message("photo.comment_too_long"),)
        elif block.kind == "comment":
            out += make_segment(_COM, block.content)
        elif block.kind == "segment":
            number = int(block.name.split()[0].removeprefix("APP"))
            out += make_segment(_APP0 + number, block.content)
    resources = photoshop.join_resources_and_iptc(blocks, iptc)
    step = _MOST - len(_PHOTOSHOP)
    for at in range(0, len(resources), step):
        out += make_segment(_APP13, _PHOTOSHOP + resources[at : at + step])
    return bytes(out), notes
