"""Removing properties from an XMP packet, in a time that is linear in its length.

Source: XMP specification, part 1, section 7 (a property is an element, or an attribute); XML 1.0,
section 3.1 (tags; an attribute's value never holds a “<”).
"""

from __future__ import annotations

import re
from functools import cache

_CLOSING = re.compile(rb"\s*+>")


def remove_properties(packet: bytes, names: str) -> bytes:
    """The packet without its properties, with any prefix, whose name the pattern ``names`` matches
    entirely; all other bytes stay as they are. Raises ValueError where an element has no end.

    Nothing is searched twice: a search that fails ends it all, and one that succeeds goes on behind
    what it found.
    """
    tag, attribute = _compile(names)
    packet = attribute.sub(b"", packet)
    out, at = bytearray(), 0
    while (found := tag.search(packet, at)) is not None:
        out += packet[at : found.start()]
        at = found.end()
        if not found[2].endswith(b"/"):
            at = _find_end(packet, found[1], at)
    return bytes(out + packet[at:])


def _find_end(packet: bytes, name: bytes, at: int) -> int:
    """The end of the closing tag of this name behind ``at``."""
    closing = None
    while closing is None:
        at = packet.find(b"</" + name, at)
        if at < 0:
            raise ValueError("an element has no end")
        at += 2 + len(name)
        closing = _CLOSING.match(packet, at)  # else a longer name begins like it
    return closing.end()


@cache
def _compile(names: str) -> tuple[re.Pattern[bytes], re.Pattern[bytes]]:
    """Opening tags (name, and what follows it) and attributes. Repetitions never give back what
    they took, and values end at a “<”, or a search could go on to the end from every place.
    """
    name = rb"(?:[\w.-]++:)?(?:%s)" % names.encode()
    value = rb"(?:\"[^\"<]*+\"|'[^'<]*+')"
    tag = rb"<(%s)(?=[\s/>])((?:[^<>\"']++|%s)*+)>" % (name, value)
    return re.compile(tag), re.compile(rb"(?<!\s)\s++%s\s*+=\s*+%s" % (name, value))
