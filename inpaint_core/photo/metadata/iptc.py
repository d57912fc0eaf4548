"""IPTC records inside of Photoshop's resources and PNG text.

Source: IPTC-IIM 4.2; Adobe Photoshop file format, “Image Resources Section” (0x0404);
ExifTool's and ImageMagick's “Raw profile type iptc” in PNG.
"""

from __future__ import annotations

import struct
import zlib

_MARK, _IPTC = b"8BIM", 0x0404
_MOST = 16 << 20
PNG_KEYWORD = b"Raw profile type iptc"


def find_in_resources(data: bytes) -> bytes | None:
    """The IPTC record among Photoshop's resources, or None."""
    at = 0
    while data[at : at + 4] == _MARK and at + 12 <= len(data):
        (number, length) = struct.unpack_from(">HB", data, at + 4)
        start = at + 6 + length + 1 + (length + 1) % 2  # the name is padded to an even length
        if start + 4 > len(data):
            return None
        (size,) = struct.unpack_from(">I", data, start)
        content = data[start + 4 : start + 4 + size]
        if number == _IPTC:
            return content or None
        at = start + 4 + size + size % 2
    return None


def wrap_in_resources(record: bytes) -> bytes:
    """Photoshop's resources that hold only the record."""
    head = _MARK + struct.pack(">HHI", _IPTC, 0, len(record))
    return head + record + bytes(len(record) % 2)


def read_png_text(content: bytes, packed: bool) -> bytes | None:
    """The record in a text chunk's content behind its keyword: a title, a length, and hex digits
    over several lines, sometimes wrapped in Photoshop's resources.
    """
    try:
        text = content[1:]
        if packed:
            text = zlib.decompressobj().decompress(content[2:], _MOST)
        found = bytes.fromhex("".join(text.decode("latin-1").split()[2:]))
    except (ValueError, zlib.error):
        return None
    if found.startswith(_MARK):
        return find_in_resources(found)
    return found or None


def make_png_text(record: bytes) -> bytes:
    """The content of a zTXt chunk that holds the record."""
    digits = wrap_in_resources(record).hex()
    lines = "\n".join(digits[at : at + 72] for at in range(0, len(digits), 72))
    text = f"\niptc\n{len(digits) // 2:8}\n{lines}\n"
    return PNG_KEYWORD + b"\0\0" + zlib.compress(text.encode())
