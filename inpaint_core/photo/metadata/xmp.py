"""Correcting an XMP packet when the pixels it describes change."""

from __future__ import annotations

import re

# As attribute and as element. Their length stays the same, and so does the rest of the packet.
_ORIENTATION = re.compile(rb"(tiff:Orientation(?:\s*=\s*[\"']|>)\s*)[1-8](?=\s*[\"'<])")
_SIZES = tuple(
    re.compile(rb"((?:%s)(?:\s*=\s*[\"']|>)\s*)\d+(?=\s*[\"'<])" % names)
    for names in (b"tiff:ImageWidth|exif:PixelXDimension", b"tiff:ImageLength|exif:PixelYDimension")
)
_APPENDED = (b"http://ns.adobe.com/hdr-gain-map/", b"http://ns.google.com/photos/1.0/container/")


def write_orientation(xmp: bytes, orientation: int) -> bytes:
    """The packet with its orientation, where it has one, set to ``orientation`` (1 to 8)."""
    return _ORIENTATION.sub(rb"\g<1>%d" % orientation, xmp)


def write_size(xmp: bytes, width: int, height: int) -> bytes:
    """The packet with the size in pixels, where it has one, set to this one.

    Source: XMP specification, part 2, sections 1.2.5.1 and 1.2.5.2 (TIFF and EXIF properties).
    """
    for size, pattern in zip((width, height), _SIZES, strict=True):
        xmp = pattern.sub(rb"\g<1>%d" % size, xmp)
    return xmp


_RATING = re.compile(rb"(xmp:Rating(?:\s*=\s*[\"']|>)\s*)(-?[0-9]+)(?=(?:\.0*)?\s*[\"'<])")


def read_rating(xmp: bytes) -> int | None:
    """The stars that a packet, or a file with one in it, gives the photo: -1 (rejected) to 5; None
    where it gives none.

    Source: XMP specification, part 2, section 1.2.2.1.
    """
    # The plain search is many times as fast as the pattern, and most files have none.
    found = _RATING.search(xmp, max(0, xmp.find(b"xmp:Rating"))) if b"xmp:Rating" in xmp else None
    return None if found is None else max(-1, min(int(found[2][:3]), 5))


def write_rating(xmp: bytes | None, stars: int) -> bytes | None:
    """The packet with 0 to 5 stars; None makes a new packet. Returns None for a packet with an
    unusual encoding or prefixes.
    """
    packet = PACKET_START + PACKET_END if xmp is None else xmp
    if _RATING.search(packet):
        return _RATING.sub(rb"\g<1>%d" % stars, packet)
    end = packet.rfind(b"</rdf:RDF>")
    if end < 0 or b"xmp:Rating" in packet:
        return None
    rating = (
        b'<rdf:Description rdf:about="" xmlns:xmp="http://ns.adobe.com/xap/1.0/"'
        b' xmp:Rating="%d"/>' % stars
    )
    return packet[:end] + rating + packet[end:]


def announces_more_pictures(xmp: bytes) -> bool:
    """Whether a packet announces further pictures in the same file (an HDR gain map, a depth map, a
    moving picture) and their sizes in bytes, which no new encoding keeps.
    """
    return any(name in xmp for name in _APPENDED)


PACKET_START = (
    b'<?xpacket begin="\xef\xbb\xbf" id="W5M0MpCehiHzreSzNTczkc9d"?>'
    b'<x:xmpmeta xmlns:x="adobe:ns:meta/">'
    b'<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
)
PACKET_END = b'</rdf:RDF></x:xmpmeta><?xpacket end="w"?>'
_SEQUENCE = re.compile(rb"<xmpMM:History>\s*<rdf:Seq>")


def add_history(packet: bytes | None, when: str, agent: str, what: str) -> bytes | None:
    """The packet with an entry appended to its history (xmpMM:History): at the time ``when`` (ISO
    8601) the program ``agent`` did ``what``.

    None makes a new packet. Returns None for a packet with an unusual encoding or prefixes.
    Source: XMP specification, part 1 (RDF), part 2, section 1.2.3 (ResourceEvent).
    """
    entry = (
        '<rdf:li xmlns:stEvt="http://ns.adobe.com/xap/1.0/sType/ResourceEvent#"'
        f' stEvt:action="edited" stEvt:when="{_escaped(when)}"'
        f' stEvt:softwareAgent="{_escaped(agent)}" stEvt:changed="/"'
        f' stEvt:parameters="{_escaped(what)}"/>'
    ).encode()
    packet = PACKET_START + PACKET_END if packet is None else packet
    found = _SEQUENCE.search(packet)
    end = -1 if found is None else packet.find(b"</rdf:Seq>", found.end())
    if end >= 0:
        return packet[:end] + entry + packet[end:]
    end = packet.rfind(b"</rdf:RDF>")
    if end < 0 or b"xmpMM:History" in packet:
        return None
    history = (
        b'<rdf:Description rdf:about="" xmlns:xmpMM="http://ns.adobe.com/xap/1.0/mm/">'
        b"<xmpMM:History><rdf:Seq>" + entry + b"</rdf:Seq></xmpMM:History></rdf:Description>"
    )
    return packet[:end] + history + packet[end:]


def _escaped(text: str) -> str:
    from xml.sax.saxutils import escape

    return escape(text, {'"': "&quot;"})
