"""Walking through files part by part, and putting parts in, by other code than what is tested."""

from __future__ import annotations

import struct
import zlib

SIGNATURE = b"\x89PNG\r\n\x1a\n"


def png_chunk(name: bytes, content: bytes) -> bytes:
    size = struct.pack(">I", len(content))
    return size + name + content + struct.pack(">I", zlib.crc32(name + content))


def png_chunks(data: bytes) -> list[tuple[bytes, bytes]]:
    """Name and content of each chunk; every checksum is looked at."""
    assert data.startswith(SIGNATURE)
    out, at = [], 8
    while at < len(data):
        (size,) = struct.unpack_from(">I", data, at)
        name, content = data[at + 4 : at + 8], data[at + 8 : at + 8 + size]
        assert data[at : at + 12 + size] == png_chunk(name, content)
        out.append((name, content))
        at += 12 + size
    return out


def with_chunks(data: bytes, *chunks: tuple[bytes, bytes], late: bool = False) -> bytes:
    """A PNG with more chunks: right behind its header, or in front of its end."""
    at = len(data) - 12 if late else 33
    return data[:at] + b"".join(png_chunk(*chunk) for chunk in chunks) + data[at:]


def jpeg_segment(marker: int, content: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, marker, len(content) + 2) + content


def jpeg_segments(data: bytes) -> list[tuple[int, bytes]]:
    """Marker and content of each segment up to the first scan."""
    out, at = [], 2
    while data[at + 1] != 0xDA:
        assert data[at] == 0xFF
        (size,) = struct.unpack_from(">H", data, at + 2)
        out.append((data[at + 1], data[at + 4 : at + 2 + size]))
        at += 2 + size
    return out


def with_segments(data: bytes, *segments: tuple[int, bytes]) -> bytes:
    """A JPEG with more segments behind its JFIF header."""
    assert data[2:4] == b"\xff\xe0"
    at = 4 + int.from_bytes(data[4:6], "big")
    return data[:at] + b"".join(jpeg_segment(*segment) for segment in segments) + data[at:]


def webp_chunks(data: bytes) -> list[tuple[bytes, bytes]]:
    """Name and content of each chunk."""
    assert data[:4] == b"RIFF"
    assert data[8:12] == b"WEBP"
    assert struct.unpack_from("<I", data, 4)[0] + 8 == len(data)
    out, at = [], 12
    while at < len(data):
        name, size = struct.unpack_from("<4sI", data, at)
        out.append((name, data[at + 8 : at + 8 + size]))
        at += 8 + size + size % 2
    return out


def resource(number: int, content: bytes, name: bytes = b"") -> bytes:
    """One of Photoshop's image resources."""
    title = bytes([len(name)]) + name
    out = b"8BIM" + struct.pack(">H", number) + title + bytes(len(title) % 2)
    return out + struct.pack(">I", len(content)) + content + bytes(len(content) % 2)


def resources(data: bytes) -> dict[int, bytes]:
    """The content of each resource by its number."""
    out, at = {}, 0
    while at < len(data):
        assert data[at : at + 4] == b"8BIM"
        (number, length) = struct.unpack_from(">HB", data, at + 4)
        at += 6 + (length + 1) + (length + 1) % 2
        (size,) = struct.unpack_from(">I", data, at)
        out[number] = data[at + 4 : at + 4 + size]
        at += 4 + size + size % 2
    return out
