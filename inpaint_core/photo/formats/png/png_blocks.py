"""The chunks of a PNG beside its pixels: what they say, and which go into another file.

Source: PNG specification, third edition, sections 5.4 (names: which unknown chunks may be copied),
11.3 (ancillary chunks) and 14.2 (editors); Extensions to the PNG specification, 1.5.0 (oFFs, pCAL,
sCAL, gIFx, sTER); C2PA, section A.3.2 (caBX).
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime

from inpaint_core.contract.message import Message
from inpaint_core.photo.colour.conversion import expand_grey_profile
from inpaint_core.photo.formats.png import colour_chunks as colours
from inpaint_core.photo.formats.png import text_chunks as texts
from inpaint_core.photo.metadata import exif, photoshop
from inpaint_core.photo.metadata.block_contents import mentions_place_or_serial
from inpaint_core.photo.metadata.inflate import MOST_INFLATED
from inpaint_core.photo.photo import (
    Block,
    BlockKind,
    BlockRole,
    Photo,
    note_lost_blocks,
    note_unread_blocks,
)

Chunk = tuple[bytes, bytes, bool]
"""Name, content, and whether it lies behind the pixels."""

_XMP = Message("photo.block.xmp")
_XMP_PREFIX = b"http://ns.adobe.com/xap/1.0/\0"
_GREY_TYPES, _PALETTE = (0, 4), 3
_ROLES: dict[bytes, BlockRole] = {
    **dict.fromkeys(colours.NAMES, "profile"),
    **dict.fromkeys((b"mDCV", b"cLLI", b"bKGD", b"sPLT"), "colour"),
    **dict.fromkeys((b"oFFs", b"sTER"), "place"),
    **dict.fromkeys((b"sBIT", b"pHYs", b"tIME", b"pCAL", b"sCAL", b"gIFg", b"gIFx"), "plain"),
}
_SIZES = {b"cHRM": 32, b"gAMA": 4, b"sRGB": 1, b"cICP": 4, b"mDCV": 24, b"cLLI": 8, b"tIME": 7}
# Of the pixels, of an animation, of a palette, and Apple's for quicker decoding.
_SILENT = frozenset({b"hIST", b"acTL", b"fcTL", b"fdAT", b"iDOT", b"tRNS"})
_CREDENTIALS = b"caBX"


@dataclass(slots=True)
class Metadata:
    """What the chunks say; ``lost`` are those that are true of the old pixels only, ``unread`` are
    damaged, and ``hidden_icc`` is a profile in a text, which counts where there is no chunk for it.
    """

    chunks: dict[bytes, bytes] = field(default_factory=dict)
    blocks: list[Block] = field(default_factory=list)
    lost: list[Block] = field(default_factory=list)
    unread: list[Block] = field(default_factory=list)
    notes: tuple[Message, ...] = ()
    room: int = MOST_INFLATED // 2  # bytes that texts may still unpack to: more are an attack
    exif: bytes | None = None
    xmp: bytes | None = None
    iptc: bytes | None = None
    hidden_icc: bytes | None = None

    def profile(self, grey: bool) -> tuple[bytes | None, str]:
        """The profile of the numbers, and what it was made from."""
        hidden = {} if self.hidden_icc is None else {b"iCCP": colours.write_icc(self.hidden_icc)}
        return colours.find_profile(hidden | self.chunks, grey)

    def all_notes(self) -> tuple[Message, ...]:
        """Notes on what is not kept."""
        damage = colours.note_damage(self.chunks)
        lost = (*note_unread_blocks(self.unread), *note_lost_blocks(self.lost))
        return (*self.notes, *damage, *colours.note_hdr(self.chunks), *lost)


def read_chunks(chunks: Iterable[Chunk], colour: int, depth: int, palette: bytes) -> Metadata:
    """What is in the ancillary chunks of a file of this colour type and depth.

    ``palette`` is the content of PLTE. The blocks' contents are the chunks', but the background
    (bKGD) is RGB of 16 bits each, and sBIT has four numbers, whatever the colour type.
    """
    found = Metadata()
    for name, content, is_late in chunks:
        title = name.decode("latin-1")
        if name in texts.NAMES:
            _read_text(found, name, content)
        elif name == b"eXIf":
            found.exif = content.removeprefix(exif.PREFIX) or found.exif
        elif name == _CREDENTIALS:
            found.notes += (Message("photo.content_credentials"),)
        elif name in _SILENT:
            continue
        elif name in _ROLES:
            _read_known(found, name, content, (colour, depth, palette))
        elif name[3:].islower():
            kind: BlockKind = "late chunk" if is_late else "chunk"
            found.blocks.append(Block(kind, title, content, is_private=True))
        else:
            found.lost.append(Block("chunk", title, content))
    return found


def _read_known(
    found: Metadata, name: bytes, content: bytes, pixels: tuple[int, int, bytes]
) -> None:
    kept: bytes | None = content
    if len(content) != _SIZES.get(name, len(content)):
        kept = None
    elif name == b"bKGD":
        kept = _read_background(content, *pixels)
    elif name == b"sBIT":
        kept = _read_significant_bits(content, pixels[0])
    if kept is None:
        found.unread.append(Block("chunk", name.decode(), content))
    elif name not in found.chunks or name == b"sPLT":  # the others may occur once
        found.chunks[name] = content
        if name == b"iCCP" and colours.read_icc(content) is None:
            return
        if name != b"pHYs" or content[8:] == b"\0":  # else it is the resolution
            found.blocks.append(Block("chunk", name.decode(), kept, _ROLES[name]))


def _read_text(found: Metadata, name: bytes, content: bytes) -> None:
    text = texts.read_text(name, content, found.room)
    found.room -= found.room // 2 if text.value is None else len(text.value)
    block = Block("chunk", f"{name.decode()} {text.keyword}", content)
    if text.keyword.encode("latin-1") == texts.XMP:
        if text.value is None:
            found.notes += (Message("photo.metadata_unreadable", blocks=[_XMP]),)
        found.xmp = text.value or found.xmp
    elif text.keyword.startswith(texts.RAW_PROFILE):
        raw = None if text.value is None else texts.read_raw_profile(text.value)
        if raw is None or not _read_raw_profile(found, text.keyword.split()[-1].lower(), raw):
            (found.unread if raw is None else found.lost).append(block)
    elif text.value is None:
        found.unread.append(block)
    elif text.holds_picture:
        found.lost.append(block)
    else:
        is_private = mentions_place_or_serial(f"{text.keyword} ".encode() + text.value)
        if text.keyword == texts.COMMENT and text.is_plain:
            block = Block("comment", "comment", text.value)
        found.blocks.append(Block(block.kind, block.name, block.content, is_private=is_private))


def _read_raw_profile(found: Metadata, kind: str, data: bytes) -> bool:
    """Whether the profile is of a kind that is known: what a chunk of its own says goes first."""
    if kind in ("iptc", "8bim"):
        for number, content, _ in photoshop.iter_resources(data):
            if number == photoshop.IPTC:
                found.iptc = found.iptc or content or None
        if kind == "iptc" and data[:1] == b"\x1c":
            found.iptc = found.iptc or data
        more = photoshop.read_resource_blocks(data)
        found.notes += photoshop.note_unread_resources(data) if kind == "8bim" else ()
        found.blocks = list(dict.fromkeys([*found.blocks, *more]))
    elif kind == "xmp" or data.startswith(_XMP_PREFIX):
        found.xmp = found.xmp or data.removeprefix(_XMP_PREFIX)
    elif kind in ("exif", "app1"):
        found.exif = found.exif or data.removeprefix(exif.PREFIX)
    elif kind in ("icc", "icm"):
        found.hidden_icc = data
    else:
        return False
    return True


def _read_background(content: bytes, colour: int, depth: int, palette: bytes) -> bytes | None:
    """The background as RGB of 16 bits (section 11.3.4.1)."""
    if colour == _PALETTE:
        entry = palette[3 * content[0] : 3 * content[0] + 3] if len(content) == 1 else b""
        return struct.pack(">3H", *(value * 257 for value in entry)) if len(entry) == 3 else None
    count = 1 if colour in _GREY_TYPES else 3
    if len(content) != 2 * count:
        return None
    most = (1 << depth) - 1
    values = [min(value, most) * 65535 // most for value in struct.unpack(f">{count}H", content)]
    return struct.pack(">3H", *(values * 3)[:3])


def _read_significant_bits(content: bytes, colour: int) -> bytes | None:
    """The significant bits of red, green, blue and alpha; 0 for no alpha (section 11.3.2.4)."""
    if len(content) != {0: 1, 2: 3, _PALETTE: 3, 4: 2, 6: 4}.get(colour) or 0 in content:
        return None
    if colour in _GREY_TYPES:
        return content[:1] * 3 + content[1:].ljust(1, b"\0")
    return content.ljust(4, b"\0")


def write_chunks(photo: Photo) -> Iterator[tuple[bytes, bytes]]:
    """Name and content of the photo's chunks that lie before the pixels, in a valid order."""
    blocks = [block for block in photo.blocks if block.kind == "chunk"]
    own = {block.name.encode(): block.content for block in blocks if block.role == "profile"}
    # The chunks are written as they were while they say what the profile says.
    if not _say_the_same(own, photo):
        blocks = [block for block in blocks if block.role != "profile"]
        if photo.icc is not None:
            yield b"iCCP", colours.write_icc(photo.icc)
    for block in blocks:
        name = block.name[:4].encode()
        content = block.content
        if name == b"bKGD":
            content = _write_background(content, photo)
        elif name == b"sBIT":
            content = _write_significant_bits(content, photo)
        elif name == b"tIME":  # the time of the last change to the pixels
            now = datetime.now(UTC)
            content = struct.pack(">H5B", now.year, *now.timetuple()[1:6])
        yield name, content
    for block in photo.blocks:
        if block.kind == "comment":
            yield texts.write_comment(block.content)
    resources = photoshop.join_resources_and_iptc(photo.blocks, photo.iptc)
    if resources:
        yield b"zTXt", texts.write_raw_profile("iptc", resources)


def _say_the_same(chunks: dict[bytes, bytes], photo: Photo) -> bool:
    """Whether the chunks stand for the photo's profile."""
    was_grey = photo.is_grey or photo.origin.model == "grey"
    own, source = colours.find_profile(chunks, was_grey)
    if own is not None and was_grey and not photo.is_grey:
        if not source:  # an ICC profile for grey may not stand in a file with colours
            return False
        own = expand_grey_profile(own)
    return photo.icc == own


def write_late_chunks(photo: Photo) -> Iterator[tuple[bytes, bytes]]:
    """Name and content of the chunks that lie behind the pixels."""
    return (
        (block.name.encode(), block.content) for block in photo.blocks if block.kind == "late chunk"
    )


def _write_background(content: bytes, photo: Photo) -> bytes:
    values = [value >> (16 - photo.bits) for value in struct.unpack(">3H", content)]
    if photo.is_grey and photo.alpha is None:
        return struct.pack(">H", values[0])
    return struct.pack(">3H", *values)


def _write_significant_bits(content: bytes, photo: Photo) -> bytes:
    bits = [min(value or photo.bits, photo.bits) for value in content]
    if photo.is_grey and photo.alpha is None:
        return bytes(bits[:1])
    return bytes(bits[: 3 if photo.alpha is None else 4])
