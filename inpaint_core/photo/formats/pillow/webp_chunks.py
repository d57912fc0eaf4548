"""The chunks of a WebP file that Pillow does not know.

Source: RFC 9649, sections 2.3 (chunks), 2.7 (the extended format; unknown chunks) and 3.4 (the
header of a lossless picture); C2PA, section A.3.7.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

from inpaint_core.contract.message import Message
from inpaint_core.photo.photo import Block, note_lost_blocks, note_unread_blocks

_KNOWN = frozenset(
    {b"VP8 ", b"VP8L", b"VP8X", b"ALPH", b"ANIM", b"ANMF", b"ICCP", b"EXIF", b"XMP "}
)
_CREDENTIALS = b"C2PA"
_ALPHA = 0x10
_MOST_CHUNKS = 1000


def read_pieces(data: bytes) -> tuple[tuple[Block, ...], tuple[Message, ...]]:
    """The unknown chunks of a WebP file, and notes on those that are not kept."""
    kept: list[Block] = []
    lost: list[Block] = []
    surplus: dict[bytes, Block] = {}
    notes: tuple[Message, ...] = ()
    for name, content in _iter_chunks(data):
        if name in _KNOWN:
            continue
        block = Block("piece", name.decode("latin-1").strip(), content, is_private=True)
        if len(kept) + len(lost) >= _MOST_CHUNKS:
            surplus[name] = block
        elif name == _CREDENTIALS:
            notes = (Message("photo.content_credentials"),)
        elif not name.isascii() or not name.decode().isprintable():
            lost.append(block)
        else:
            kept.append(block)
    return tuple(kept), notes + note_lost_blocks(lost) + note_unread_blocks(surplus.values())


def _iter_chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    at, end = 12, min(len(data), 8 + int.from_bytes(data[4:8], "little"))
    while at + 8 <= end:
        name, size = struct.unpack_from("<4sI", data, at)
        if at + 8 + size > end:
            return
        yield name, data[at + 8 : at + 8 + size]
        at += 8 + size + size % 2


def append_pieces(data: bytes, size: tuple[int, int], blocks: tuple[Block, ...]) -> bytes:
    """A WebP file of a picture of ``size`` (width, height), with these chunks behind all others.

    A file in the simple format becomes one in the extended format.
    """
    if not blocks:
        return data
    body = data[12:]
    if data[12:16] != b"VP8X":
        has_alpha = data[12:16] == b"VP8L" and data[24] & _ALPHA
        head = struct.pack("<B3x", _ALPHA if has_alpha else 0)
        head += b"".join(struct.pack("<I", side - 1)[:3] for side in size)
        body = _make_chunk(b"VP8X", head) + body
    body += b"".join(_make_chunk(block.name.encode().ljust(4), block.content) for block in blocks)
    return b"RIFF" + struct.pack("<I", 4 + len(body)) + b"WEBP" + body


def _make_chunk(name: bytes, content: bytes) -> bytes:
    return name + struct.pack("<I", len(content)) + content + bytes(len(content) % 2)
