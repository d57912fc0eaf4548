"""Pictures inside of other data: as they are, or as base64 or hex digits.

Source: ITU-T T.81, annex B (JPEG); RFC 4648 (base64, hex).
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator

from inpaint_core.photo.metadata import picture_ends

# The first byte of a JPEG is not looked at: Minolta's previews have another one there.
_START = re.compile(rb".\xd8\xff[\xc0-\xfe]|" + picture_ends.START, re.DOTALL)
# Stuffed bytes, fill bytes and restart markers are part of the coded pixels.
_MARKER = re.compile(rb"\xff[^\x00\xff\xd0-\xd7]")
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_SCAN, _END = 0xDA, 0xD9
_MOST_SEGMENTS = 500
_MOST_FAILURES = 100  # that are not a JPEG's: each may have read a directory
# A picture of a few pixels takes more digits; texts may have two bytes a character. What goes in
# front of the first digit is looked at behind it: most bytes are none.
_BASE64 = re.compile(
    rb"[A-Za-z0-9+/_-](?<![A-Za-z0-9+/_-].)[A-Za-z0-9+/_\r\n\t-]{59,}+={0,2}"
    rb"|[A-Za-z0-9+/_-]\0(?<![A-Za-z0-9+/_-]\0.\0)"
    rb"(?:[A-Za-z0-9+/_\r\n\t-]\0){59,}+(?:=\0){0,2}"
)
_HEX = re.compile(
    rb"[0-9A-Fa-f](?<![0-9A-Fa-f].)[0-9A-Fa-f\s]{119,}+"
    rb"|[0-9A-Fa-f]\0(?<![0-9A-Fa-f]\0.\0)(?:[0-9A-Fa-f\s]\0){119,}+"
)
_URL_SAFE = bytes.maketrans(b"-_", b"+/")
_JPEG_XL = b"\xff\x0a"


def find_pictures(data: bytes) -> list[tuple[int, int]]:
    """Where JPEG, PNG, WebP, GIF, BMP, TIFF, HEIF, AVIF, JPEG XL and JPEG 2000 pictures lie in
    ``data``, as they are or as base64 or hex digits: (start, end) of each. One that is cut off
    reaches as far as it can be followed.
    """
    return sorted([*_find_plain(data), *_find_in_base64(data), *_find_in_hex(data)])


def _find_plain(data: bytes) -> Iterator[tuple[int, int]]:
    end, failed, failures = 0, set[int](), 0
    for found in _START.finditer(data):
        start, stop = found.start(), None
        if start < end:
            continue
        if data[start + 1] == 0xD8:
            stop = _find_jpeg_end(data, start, failed)
        elif failures < _MOST_FAILURES:
            stop = picture_ends.find_end(data, start)
            failures += stop is None
        if stop is not None:
            yield start, stop
            end = stop


def _find_in_base64(text: bytes) -> Iterator[tuple[int, int]]:
    for run in _BASE64.finditer(text):
        digits = run.group().translate(_URL_SAFE, b"\r\n\t=\0")
        for first in range(4):  # what stands before a picture may be taken for base64 too
            count = (len(digits) - first) // 4 * 4
            content = base64.b64decode(digits[first : first + count])
            if any(_find_plain(content)) or (not first and _is_bare_jpeg_xl(run.group(), content)):
                yield run.span()
                break


def _is_bare_jpeg_xl(digits: bytes, content: bytes) -> bool:
    """Whether it is a JPEG XL codestream, and not a path: those mix “/” with “-” and “_”."""
    mixes = (b"+" in digits or b"/" in digits) and (b"-" in digits or b"_" in digits)
    return content.startswith(_JPEG_XL) and not mixes


def _find_in_hex(text: bytes) -> Iterator[tuple[int, int]]:
    for run in _HEX.finditer(text):
        digits = run.group().translate(None, b" \r\n\t\v\f\0").decode("ascii")
        for first in range(2):
            count = (len(digits) - first) // 2 * 2
            if any(_find_plain(bytes.fromhex(digits[first : first + count]))):
                yield run.span()
                break


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
