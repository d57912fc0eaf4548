"""Pictures inside of other data: as they are, or as base64.

Source: ITU-T T.81, annex B (JPEG); PNG specification, section 5; RFC 9649 (WebP); RFC 4648
(base64).
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator

# The first byte of a JPEG is not looked at: Minolta's previews have another one there.
_START = re.compile(rb".\xd8\xff[\xc0-\xfe]|\x89PNG\r\n\x1a\n|RIFF....WEBP", re.DOTALL)
_OTHERS = (b"II*\0", b"MM\0*", b"GIF8", b"BM", b"\xff\x0a", b"\0\0\0\x0cJXL ", b"\0\0\0\x0cjP  ")
# Stuffed bytes, fill bytes and restart markers are part of the coded pixels.
_MARKER = re.compile(rb"\xff[^\x00\xff\xd0-\xd7]")
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_SCAN, _END = 0xDA, 0xD9
_MOST_SEGMENTS = 500
# A picture of a few pixels takes more.
_BASE64 = re.compile(rb"[A-Za-z0-9+/_-]{60}(?:[A-Za-z0-9+/_-]|[\r\n\t])*+={0,2}")
_URL_SAFE = bytes.maketrans(b"-_", b"+/")


def find_pictures(data: bytes) -> list[tuple[int, int]]:
    """Where JPEG, PNG and WebP pictures lie in ``data``, as they are or as base64: (start, end) of
    each. One that is cut off reaches as far as it can be followed.
    """
    return sorted([*_find_plain(data), *_find_in_base64(data)])


def _find_plain(data: bytes) -> Iterator[tuple[int, int]]:
    end, failed = 0, set[int]()
    for start in _START.finditer(data):
        stop = _find_end(data, start.start(), failed) if start.start() >= end else None
        if stop is not None:
            yield start.start(), stop
            end = stop


def _find_in_base64(text: bytes) -> Iterator[tuple[int, int]]:
    for run in _BASE64.finditer(text):
        digits = run.group().translate(_URL_SAFE, b"\r\n\t=")
        for first in range(4):  # what stands before a picture may be taken for base64 too
            count = (len(digits) - first) // 4 * 4
            if _begins_as_picture(base64.b64decode(digits[first : first + count])):
                yield run.span()
                break


def _begins_as_picture(content: bytes) -> bool:
    others = content.startswith(_OTHERS) or content[4:8] == b"ftyp"
    return others or any(True for _ in _find_plain(content))


def _find_end(data: bytes, at: int, failed: set[int]) -> int | None:
    """Where the picture at ``at`` ends; None where there is none. ``failed`` collects the segments
    that led nowhere, so that none is followed twice.
    """
    if data[at : at + 4] == b"RIFF":
        return min(len(data), at + 8 + int.from_bytes(data[at + 4 : at + 8], "little"))
    return _find_png_end(data, at) if data[at] == 0x89 else _find_jpeg_end(data, at, failed)


def _find_png_end(data: bytes, at: int) -> int:
    at += 8
    while at + 8 <= len(data):
        length, name = int.from_bytes(data[at : at + 4], "big"), data[at + 4 : at + 8]
        if not name.isalpha() or at + 12 + length > len(data):
            return len(data) if name.isalpha() else at
        at += 12 + length
        if name == b"IEND":
            return at
    return len(data)


def _find_jpeg_end(data: bytes, at: int, failed: set[int]) -> int | None:
    """As `_find_end`: it is one if segments lead from the start to a frame and a scan."""
    has_frame = has_scan = False
    at, path = at + 2, list[int]()
    while len(path) < _MOST_SEGMENTS and (has_frame or at not in failed):
        path.append(at)
        while data[at : at + 2] == b"\xff\xff":
            at += 1
        marker = data[at + 1] if data[at : at + 1] == b"\xff" and at + 1 < len(data) else None
        if marker == _END:
            at += 2
            break
        length = int.from_bytes(data[at + 2 : at + 4], "big")
        if marker is None or length < 2 or marker < 0xC0 or 0xD0 <= marker <= 0xD8:
            break
        at += 2 + length
        has_frame |= marker in _FRAMES
        if marker == _SCAN:
            if not has_frame:
                break
            has_scan = True
            following = _MARKER.search(data, at)
            at = len(data) if following is None else following.start()
    if not has_scan:
        failed.update(path)
    return min(at, len(data)) if has_scan else None
