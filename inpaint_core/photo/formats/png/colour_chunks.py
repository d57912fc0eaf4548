"""What the chunks of a PNG say of its colours, as an ICC profile.

Source: PNG specification, third edition, sections 4.3 (which of several chunks counts), 11.3.2.1 to
11.3.2.6 (cHRM, gAMA, iCCP, sBIT, sRGB, cICP).
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Mapping

from inpaint_core.contract.message import Message
from inpaint_core.photo.colour.code_points import (
    XY,
    Primaries,
    make_coded_profile,
    make_measured_profile,
    name_hdr_curve,
    names_space,
)
from inpaint_core.photo.metadata.inflate import MOST_INFLATED, inflate

NAMES = frozenset({b"cICP", b"iCCP", b"sRGB", b"gAMA", b"cHRM"})
_UNIT = 100_000
_GAMMAS = range(10_000, 1_000_001)  # the others are damaged


def find_profile(chunks: Mapping[bytes, bytes], grey: bool) -> tuple[bytes | None, str]:
    """The profile of the numbers by the contents of the chunks `NAMES`, and what it was made from:
    "" for the file's own ICC profile, or where there is none.
    """
    codes = chunks.get(b"cICP", b"")
    if len(codes) == 4 and codes[2:] == b"\0\x01":  # RGB over the full range
        profile = make_coded_profile(codes[0], codes[1], grey=grey)
        if profile is not None or names_space(codes[0], codes[1]):
            return profile, "cICP"
    profile = read_icc(chunks.get(b"iCCP", b""))
    if profile is not None:
        return profile, ""
    if b"sRGB" in chunks:
        return make_coded_profile(1, 13, grey=grey), "sRGB"
    exponent, points = _read_exponent(chunks.get(b"gAMA", b"")), _read_points(chunks)
    if exponent is None and points is None:
        return None, ""
    primaries, white = (None, None) if points is None else points
    profile = make_measured_profile(primaries, white, exponent, grey=grey)
    if profile is None and exponent is not None:
        profile, points = make_measured_profile(None, None, exponent, grey=grey), None
    if grey:
        return profile, "gAMA" if exponent is not None else ""
    names = [*(["gAMA"] if exponent is not None else []), *(["cHRM"] if points is not None else [])]
    return profile, " and ".join(names) if profile is not None else ""


def note_hdr(chunks: Mapping[bytes, bytes]) -> tuple[Message, ...]:
    """A note where the numbers are those of a PQ or HLG picture."""
    curve = name_hdr_curve(chunks.get(b"cICP", b"\0\0")[1:2].ljust(1, b"\0")[0])
    return () if curve is None else (Message("photo.hdr", curve=curve),)


def read_icc(content: bytes) -> bytes | None:
    """The profile in an iCCP chunk, as far as it can be unpacked, or None."""
    return _unpack_icc(content)[0]


def note_damage(chunks: Mapping[bytes, bytes]) -> tuple[Message, ...]:
    """A note where an iCCP chunk cannot be unpacked, or not whole."""
    if b"iCCP" not in chunks:
        return ()
    profile, is_whole = _unpack_icc(chunks[b"iCCP"])
    if profile is None:
        return (Message("photo.metadata_unreadable", blocks=[Message("photo.block.icc")]),)
    return () if is_whole else (Message("photo.profile_incomplete"),)


def _unpack_icc(content: bytes) -> tuple[bytes | None, bool]:
    """The profile in an iCCP chunk, or None, and whether it is all there."""
    _, _, packed = content.partition(b"\0")
    try:
        out, is_whole = inflate(packed[1:])
    except ValueError:
        return None, False
    if len(out) == MOST_INFLATED:
        return None, False
    return out or None, is_whole and len(out) >= int.from_bytes(out[:4], "big")


def write_icc(icc: bytes) -> bytes:
    """The content of an iCCP chunk."""
    return b"ICC profile\0\0" + zlib.compress(icc)


def _read_exponent(content: bytes) -> float | None:
    value = int.from_bytes(content, "big") if len(content) == 4 else 0
    return _UNIT / value if value in _GAMMAS else None


def _read_points(chunks: Mapping[bytes, bytes]) -> tuple[Primaries, XY] | None:
    content = chunks.get(b"cHRM", b"")
    if len(content) != 32:
        return None
    values = [value / _UNIT for value in struct.unpack(">8i", content)]
    white, red, green, blue = zip(values[::2], values[1::2], strict=True)
    return (red, green, blue), white
