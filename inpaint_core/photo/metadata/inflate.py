"""Inflating what a file holds compressed beside its pixels, within bounds."""

from __future__ import annotations

import zlib

MOST_INFLATED = 16_000_000
"""Bytes. The largest profiles of printers have some 5 MB, and a JPEG holds 16.7 MB of one."""


def inflate(data: bytes, most: int = MOST_INFLATED) -> tuple[bytes, bool]:
    """What zlib's ``data`` (RFC 1950) inflates to, at most ``most`` bytes, and whether that is all
    of it and has the right checksum. Raises ValueError where it cannot be inflated at all.
    """
    opener = zlib.decompressobj(-zlib.MAX_WBITS)  # zlib itself would keep back all over a checksum
    try:
        out = opener.decompress(data[2:], most)
    except zlib.error as error:
        raise ValueError("no compressed data") from error
    whole = opener.eof and opener.unused_data[:4] == zlib.adler32(out).to_bytes(4, "big")
    return out, whole
