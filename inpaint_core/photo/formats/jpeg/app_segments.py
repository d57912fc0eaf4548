"""What a JPEG's application segments hold beside EXIF data and profile.

Source: Adobe XMP specification, part 3, section 1.1.3 (ExtendedXMP); ISO 21496-1 (gain maps);
Photoshop's APP13.
"""

from __future__ import annotations

import hashlib
import re
import struct
from collections.abc import Sequence

from inpaint_core.photo.metadata import iptc

Segments = Sequence[tuple[str, bytes]]
"""Marker ("APP1" ..) and content of each, in the file's order."""

_EXTENSION = b"http://ns.adobe.com/xmp/extension/\0"
_PHOTOSHOP = b"Photoshop 3.0\0"
_GAIN_MAP = b"urn:iso:std:iso:ts:21496:-1\0"
_MOST = 65533
_CHUNK = 65000
_GUID = re.compile(rb"xmpNote:HasExtendedXMP\s*(?:=\s*[\"']|>)\s*([0-9A-Fa-f]{32})")
_NOTE = re.compile(
    rb"(?<!\s)\s+xmpNote:HasExtendedXMP\s*=\s*(?:\"[^\"]*\"|'[^']*')"
    rb"|<xmpNote:HasExtendedXMP>[^<]*</xmpNote:HasExtendedXMP>"
)
_INSIDE = re.compile(rb"<rdf:RDF\b[^>]*>(.*)</rdf:RDF>", re.DOTALL)


def whole_xmp(main: bytes | None, segments: Segments) -> bytes | None:
    """The XMP packet with what did not fit into its first segment put back in.

    Without the extension, or with a damaged one, the first segment's packet is all there is.
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
    if inner is None or not inner.group(1).strip() or _empty(inner.group(1)):
        return joined
    more = _INSIDE.search(joined)
    if more is None:
        return main
    end = inner.end(1)
    return plain[:end] + more.group(1) + plain[end:]


def _empty(description: bytes) -> bool:
    """True for one rdf:Description that says nothing."""
    rest = re.sub(
        rb"xmlns:\w+\s*=\s*(\"[^\"]*\"|'[^']*')|rdf:about\s*=\s*(\"\"|'')", b"", description
    )
    return re.fullmatch(rb"\s*<rdf:Description\s*(/>|>\s*</rdf:Description>)\s*", rest) is not None


def extended_xmp(xmp: bytes) -> tuple[bytes, bytes]:
    """A packet that is too long for one segment: a short packet that points to the rest, and the
    segments with the rest.
    """
    guid = hashlib.md5(xmp).hexdigest().upper().encode()
    main = (
        b'<?xpacket begin="\xef\xbb\xbf" id="W5M0MpCehiHzreSzNTczkc9d"?>'
        b'<x:xmpmeta xmlns:x="adobe:ns:meta/">'
        b'<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        b'<rdf:Description rdf:about="" xmlns:xmpNote="http://ns.adobe.com/xmp/note/"'
        b' xmpNote:HasExtendedXMP="' + guid + b'"/></rdf:RDF></x:xmpmeta><?xpacket end="w"?>'
    )
    out = b""
    for offset in range(0, len(xmp), _CHUNK):
        head = _EXTENSION + guid + struct.pack(">II", len(xmp), offset)
        out += segment(0xE1, head + xmp[offset : offset + _CHUNK])
    return main, out


def segment(marker: int, content: bytes) -> bytes:
    """A segment with its marker and length; at most 65533 bytes of content."""
    return struct.pack(">BBH", 0xFF, marker, len(content) + 2) + content


def record(segments: Segments) -> bytes | None:
    """The IPTC record in the file; Photoshop's resources may go over several segments."""
    found = b"".join(
        content[len(_PHOTOSHOP) :]
        for marker, content in segments
        if marker == "APP13" and content.startswith(_PHOTOSHOP)
    )
    return iptc.from_resources(found)


def record_segment(iptc_record: bytes) -> bytes | None:
    """The segment with an IPTC record, or None when it does not fit into one."""
    content = _PHOTOSHOP + iptc.as_resources(iptc_record)
    return segment(0xED, content) if len(content) <= _MOST else None


def has_gain_map(segments: Segments) -> bool:
    """True where an ISO gain map is announced."""
    return any(marker == "APP2" and content.startswith(_GAIN_MAP) for marker, content in segments)
