"""The application segments of a JPEG: XMP, IPTC, and signs of further pictures.

Source: Adobe XMP specification, part 3, section 1.1.3 (ExtendedXMP); ISO 21496-1 (gain maps);
Photoshop's APP13.
"""

from __future__ import annotations

import hashlib
import re
import struct
from collections.abc import Sequence

from inpaint_core.photo.metadata import iptc
from inpaint_core.photo.metadata.exif import PREFIX
from inpaint_core.photo.metadata.xmp import PACKET_END, PACKET_START

Segments = Sequence[tuple[str, bytes]]
"""Marker ("APP1" ..) and content of each, in the file's order."""

_EXTENSION = b"http://ns.adobe.com/xmp/extension/\0"
_PHOTOSHOP = b"Photoshop 3.0\0"
_GAIN_MAP = b"urn:iso:std:iso:ts:21496:-1\0"
_MOST = 65533
EXIF_LIMIT = _MOST - len(PREFIX)
"""Bytes of EXIF data that a JPEG can hold: a segment less the prefix."""
XMP_LIMIT = _MOST - len(b"http://ns.adobe.com/xap/1.0/\0")
"""Bytes of XMP data in its first segment."""
_CHUNK = 65000
_GUID = re.compile(rb"xmpNote:HasExtendedXMP\s*(?:=\s*[\"']|>)\s*([0-9A-Fa-f]{32})")
_NOTE = re.compile(
    rb"(?<!\s)\s+xmpNote:HasExtendedXMP\s*=\s*(?:\"[^\"]*\"|'[^']*')"
    rb"|<xmpNote:HasExtendedXMP>[^<]*</xmpNote:HasExtendedXMP>"
)
_INSIDE = re.compile(rb"<rdf:RDF\b[^>]*>(.*)</rdf:RDF>", re.DOTALL)


def join_xmp(main: bytes | None, segments: Segments) -> bytes | None:
    """The XMP packet, rejoined with what did not fit into its first segment.

    With a missing or damaged extension, only the packet of the first segment is returned.
    """
    found = None if main is None else _GUID.search(main)
    if main is None or found is None:
        return main
    guid = found.group(1).upper()
    pieces: dict[int, bytes] = {}
    total = 0
    for marker, content in segments:
        if marker != "APP1" or not content.startswith(_EXTENSION + guid):
            continue
        at = len(_EXTENSION) + 32
        if len(content) >= at + 8:
            total, offset = struct.unpack_from(">II", content, at)
            pieces[offset] = content[at + 8 :]
    joined = b"".join(pieces[offset] for offset in sorted(pieces))
    if len(joined) != total or hashlib.md5(joined).hexdigest().upper().encode() != guid:
        return main
    plain = _NOTE.sub(b"", main)
    inner = _INSIDE.search(plain)
    if inner is None or not inner.group(1).strip() or _says_nothing(inner.group(1)):
        return joined
    more = _INSIDE.search(joined)
    if more is None:
        return main
    end = inner.end(1)
    return plain[:end] + more.group(1) + plain[end:]


def _says_nothing(description: bytes) -> bool:
    """Whether this is a single rdf:Description without content."""
    rest = re.sub(
        rb"xmlns:\w+\s*=\s*(\"[^\"]*\"|'[^']*')|rdf:about\s*=\s*(\"\"|'')", b"", description
    )
    return re.fullmatch(rb"\s*<rdf:Description\s*(/>|>\s*</rdf:Description>)\s*", rest) is not None


def split_xmp(xmp: bytes) -> tuple[bytes, bytes]:
    """Split a packet that is too long for one segment: a short packet that points to the rest, and
    the segments with the rest.
    """
    guid = hashlib.md5(xmp).hexdigest().upper().encode()
    note = (
        b'<rdf:Description rdf:about="" xmlns:xmpNote="http://ns.adobe.com/xmp/note/"'
        b' xmpNote:HasExtendedXMP="' + guid + b'"/>'
    )
    out = b""
    for offset in range(0, len(xmp), _CHUNK):
        head = _EXTENSION + guid + struct.pack(">II", len(xmp), offset)
        out += make_segment(0xE1, head + xmp[offset : offset + _CHUNK])
    return PACKET_START + note + PACKET_END, out


def make_segment(marker: int, content: bytes) -> bytes:
    """A segment with its marker and length; at most 65533 bytes of content."""
    return struct.pack(">BBH", 0xFF, marker, len(content) + 2) + content


def find_iptc(segments: Segments) -> bytes | None:
    """The IPTC record in the file; Photoshop's resources may span several segments."""
    found = b"".join(
        content[len(_PHOTOSHOP) :]
        for marker, content in segments
        if marker == "APP13" and content.startswith(_PHOTOSHOP)
    )
    return iptc.find_in_resources(found)


def make_iptc_segment(iptc_record: bytes) -> bytes | None:
    """The segment with an IPTC record, or None if it does not fit into one."""
    content = _PHOTOSHOP + iptc.wrap_in_resources(iptc_record)
    return make_segment(0xED, content) if len(content) <= _MOST else None


def has_gain_map(segments: Segments) -> bool:
    """Whether an ISO gain map is announced."""
    return any(marker == "APP2" and content.startswith(_GAIN_MAP) for marker, content in segments)
