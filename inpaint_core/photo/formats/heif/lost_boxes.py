"""Boxes of HEIF, AVIF and JPEG XL files that no written format holds.

Source: C2PA, section A.3.4 (the box with a manifest); ISO/IEC 19566-5 (JUMBF).
"""

from __future__ import annotations

from inpaint_core.contract.message import Message
from inpaint_core.photo.formats.iso_boxes import iter_boxes
from inpaint_core.photo.photo import Block, note_lost_blocks

_PLAIN = frozenset({b"ftyp", b"free", b"skip", b"mdat"})
_CREDENTIALS = bytes.fromhex("d8fec3d61b0e483c92975828877ec481")


def note_lost_boxes(data: bytes, known: frozenset[bytes]) -> tuple[Message, ...]:
    """Notes on the boxes of a file that are not ``known`` to its reader."""
    lost, has_credentials = [], False
    for name, at, end in iter_boxes(data):
        content = data[at:end]
        if (name == b"jumb" and b"c2pa" in content) or content.startswith(_CREDENTIALS):
            has_credentials = True
        elif name not in known | _PLAIN:
            lost.append(Block("box", name.decode("latin-1").strip(), b""))
    notes = (Message("photo.content_credentials"),) if has_credentials else ()
    return notes + note_lost_blocks(lost)
