"""The application segments of a JPEG: EXIF, XMP, ICC, and signs of further pictures.

Source: ITU-T T.81, annex B (markers); Adobe XMP specification, part 3, section 1.1.3 (ExtendedXMP);
ICC.1:2022, annex B.4 (profiles); ISO 21496-1 (gain maps).
"""

from __future__ import annotations

import hashlib
import re
import struct
from collections.abc import Iterator, Sequence
from itertools import takewhile

from inpaint_core.photo.metadata.exif import PREFIX
from inpaint_core.photo.metadata.xmp import PACKET_END, PACKET_START

Segments = Sequence[tuple[str, bytes]]
"""Marker ("APP1" ..) and content of each, in the file's order."""

_EXTENSION = b"http://ns.adobe.com/xmp/extension/\0"
_XMP = b"http://ns.adobe.com/xap/1.0/\0"
_PROFILE = b"ICC_PROFILE\0"
_GAIN_MAP = b"urn:iso:std:iso:ts:21496:-1\0"
_APPS = {0xE0 + number: f"APP{number}" for number in range(16)} | {0xFE: "COM"}
_DECODERS = frozenset({0xE0, 0xEE})
_ALONE = frozenset({0, 1, 0xFF, *range(0xD0, 0xD9)})  # without a length, or fill bytes
_LAST = frozenset({0xD9, 0xDA})  # end of the file, start of a scan
_MOST = 65533
EXIF_LIMIT = _MOST - len(PREFIX)
"""Bytes of EXIF data that a JPEG can hold: a segment less the prefix."""
XMP_LIMIT = _MOST - len(_XMP)
"""Bytes of XMP data in its first segment."""
ICC_LIMIT = 255 * (_MOST - len(_PROFILE) - 2)
"""Bytes of a profile, whose parts are counted in a byte."""
_CHUNK = 65000
_GUID = re.compile(rb"xmpNote:HasExtendedXMP\s*(?:=\s*[\"']|>)\s*([0-9A-Fa-f]{32})")
_NOTE = re.compile(
    rb"(?<!\s)\s+xmpNote:HasExtendedXMP\s*=\s*(?:\"[^\"]*\"|'[^']*')"
    rb"|<xmpNote:HasExtendedXMP>[^<]*</xmpNote:HasExtendedXMP>"
)


def split_segments(data: bytes) -> tuple[Segments, bytes]:
    """The application segments and comments before the first scan, and the file without them but
    for APP0 (JFIF) and APP14 (Adobe), which say how the pixels are stored.
    """
    segments, plain = [], [data[:2]]
    at = data.find(b"\xff", 2)
    while 0 <= at <= len(data) - 4 and data[at + 1] not in _LAST:
        (marker, length) = struct.unpack_from(">BH", data, at + 1)
        if marker in _ALONE:  # libjpeg skips them as well, and what is no marker
            at = data.find(b"\xff", at + (1 if marker == 0xFF else 2))
            continue
        end = at + 2 + length
        if length < 2 or end > len(data):
            break
        if marker in _APPS:
            segments.append((_APPS[marker], data[at + 4 : end]))
        if marker in _DECODERS or marker not in _APPS:
            plain.append(data[at:end])
        at = data.find(b"\xff", end)
    return segments, b"".join([*plain, data[at:] if at >= 0 else b""])


def join_exif(segments: Segments) -> bytes | None:
    """The EXIF data without its prefix; some writers spread it over several segments."""
    parts = [content[len(PREFIX) :] for _, content in _find(segments, "APP1", PREFIX)]
    return b"".join(parts) or None


def join_profile(segments: Segments) -> tuple[bytes | None, bool]:
    """The ICC profile, up to a part that is missing, and whether it is not all there."""
    numbered: dict[int, bytes] = {}
    for _, content in _find(segments, "APP2", _PROFILE):
        if len(content) > 14:
            numbered.setdefault(content[12], content[14:])
    first = min(numbered, default=1)
    numbers = takewhile(numbered.__contains__, range(first, 256))
    parts = [numbered[number] for number in numbers]
    profile = b"".join(parts)
    is_short = len(profile) < int.from_bytes(profile[:4], "big")  # its header says its size
    return profile or None, is_short or len(parts) < len(numbered)


def _find(segments: Segments, marker: str, start: bytes) -> Iterator[tuple[str, bytes]]:
    return (part for part in segments if part[0] == marker and part[1].startswith(start))


def join_xmp(segments: Segments) -> bytes | None:
    """The XMP packet, rejoined with what did not fit into its first segment.

    With a missing or damaged extension, only the packet of the first segment is returned.
    """
    packets = (content[len(_XMP) :] for _, content in _find(segments, "APP1", _XMP))
    main = next(packets, b"") or None
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
    if (
        len(joined) != total
        or hashlib.md5(joined, usedforsecurity=False).hexdigest().upper().encode() != guid
    ):
        return main
    plain = _NOTE.sub(b"", main)
    inside = _find_description(plain)
    if inside is None or _says_nothing(plain[inside]):
        return joined
    more = _find_description(joined)
    if more is None:
        return main
    return plain[: inside.stop] + joined[more] + plain[inside.stop :]


def _find_description(packet: bytes) -> slice | None:
    """What lies between <rdf:RDF> and the last </rdf:RDF>."""
    opening = packet.find(b"<rdf:RDF")
    start = packet.find(b">", opening) + 1
    end = packet.rfind(b"</rdf:RDF>")
    return slice(start, end) if 0 <= opening < start <= end else None


def _says_nothing(description: bytes) -> bool:
    """Whether this is nothing, or a single rdf:Description without content."""
    rest = re.sub(
        rb"xmlns:\w+\s*=\s*(\"[^\"]*\"|'[^']*')|rdf:about\s*=\s*(\"\"|'')", b"", description
    )
    empty = rb"\s*(<rdf:Description\s*(/>|>\s*</rdf:Description>))?\s*"
    return re.fullmatch(empty, rest) is not None


def split_xmp(xmp: bytes) -> tuple[bytes, bytes]:
    """Split a packet that is too long for one segment: a short packet that points to the rest, and
    the segments with the rest.
    """
    guid = hashlib.md5(xmp, usedforsecurity=False).hexdigest().upper().encode()
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


def has_gain_map(segments: Segments) -> bool:
    """Whether an ISO gain map is announced."""
    return any(marker == "APP2" and content.startswith(_GAIN_MAP) for marker, content in segments)
