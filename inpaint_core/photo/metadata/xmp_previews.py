"""Taking pictures out of an XMP packet, where they are properties in base64.

Source: XMP specification, part 1, section 7, and part 2, section 1.2.2.4 (xmp:Thumbnails); Google's
GImage, GDepth and Camera namespaces.
"""

from __future__ import annotations

import re
from xml.parsers import expat

from inpaint_core.photo.metadata.embedded_pictures import find_pictures
from inpaint_core.photo.metadata.xmp_properties import remove_properties

_THUMBNAILS = "Thumbnails"
_MOST_NAMES = 50
_MOST_ELEMENTS = 500_000  # more of them take seconds
_SHORTEST = 60  # characters of a picture in base64
_STRUCTURE = frozenset({"RDF", "Description", "Bag", "Seq", "Alt", "li", "value"})
_REFERENCE = re.compile(rb"&#(?:0*([0-9]{1,3})|[xX]0*([0-9A-Fa-f]{1,2}));")
_TAG = re.compile(rb"<[^<>]*+>")


def remove_xmp_previews(packet: bytes) -> bytes:
    """The packet without the properties that hold pictures; b"" where it cannot be parsed, and
    pictures may be in it.
    """
    if not _may_hold_pictures(packet) and _THUMBNAILS.encode() not in packet.replace(b"\0", b""):
        return packet
    try:
        unwanted = _PictureFinder(packet).find() | {_THUMBNAILS}
        if len(unwanted) > _MOST_NAMES:
            return b""
        found = remove_properties(packet, "|".join(map(re.escape, sorted(unwanted))))
    except ValueError:
        return b""
    return b"" if _may_hold_pictures(found) else found


def _may_hold_pictures(packet: bytes) -> bool:
    """Whether there is a picture in it anywhere, in whatever encoding and however it is broken
    into lines.
    """
    text = _REFERENCE.sub(_resolve, packet.replace(b"\0", b""))
    return _holds_picture(text) or _holds_picture(_TAG.sub(b"", text))


def _resolve(reference: re.Match[bytes]) -> bytes:
    """The character of a reference, as far as base64 and hex digits have it."""
    code = int(reference[1]) if reference[1] else int(reference[2], 16)
    return bytes([code]) if code < 128 else b""


def _holds_picture(text: bytes) -> bool:
    return len(text) >= _SHORTEST and bool(find_pictures(b"".join(text.split())))


class _PictureFinder:
    """Finds the names, without prefix, of the properties whose own value is a picture."""

    def __init__(self, packet: bytes) -> None:
        self._packet = packet
        self._names: set[str] = set()
        self._elements = 0
        self._open: list[str] = []  # the properties around the current place
        self._texts: list[list[str]] = []
        self._parser = expat.ParserCreate()
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._read
        self._parser.StartDoctypeDeclHandler = self._refuse

    def find(self) -> set[str]:
        """The names. Raises ValueError for a packet with a document type, or without any end."""
        try:
            self._parser.Parse(self._packet, True)
        except expat.ExpatError as error:
            if self._texts:  # behind its only element a packet may be padded with anything
                raise ValueError("the packet is not well-formed") from error
        return self._names

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._elements += 1 + len(attributes)
        if self._elements > _MOST_ELEMENTS:
            raise ValueError("the packet has too many elements")
        self._open.append(self._name_property(name))
        is_part = self._is_structure(name) and self._texts
        self._texts.append(self._texts[-1] if is_part else [])
        for attribute, value in attributes.items():
            if _holds_picture(value.encode()):
                self._names.add(self._name_property(attribute))

    def _read(self, text: str) -> None:
        if self._texts:
            self._texts[-1].append(text)

    def _end(self, name: str) -> None:
        pieces, owner = self._texts.pop(), self._open.pop()
        goes_on = self._texts and pieces is self._texts[-1]  # in the next item
        if not goes_on and _holds_picture("".join(pieces).encode()):
            self._names.add(owner)

    def _name_property(self, name: str) -> str:
        """The property that an element or attribute belongs to: RDF's own only structure it."""
        local = name.rpartition(":")[2]
        return self._open[-1] if self._is_structure(name) and self._open else local

    def _is_structure(self, name: str) -> bool:
        return name.rpartition(":")[2] in _STRUCTURE

    def _refuse(self, *_: object) -> None:
        raise ValueError("the packet has a document type")
