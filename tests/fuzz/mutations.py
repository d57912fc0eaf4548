"""How a file is damaged."""

from __future__ import annotations

import random
import zlib
from collections.abc import Mapping

_NUMBERS = (0, 1, 0x7F, 0x80, 0xFF, 0x7FFF, 0x8000, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF)


def mutated(data: bytes, others: Mapping[str, bytes], rng: random.Random) -> bytes:
    """One to three damages, most of them where headers and directories tend to lie; most
    PNG get right checksums again, or nothing would be looked at behind them.
    """
    out = bytearray(data)
    for _ in range(rng.choice((1, 1, 2, 3))):
        if not out:
            break
        rng.choice(_DAMAGES)(out, rng)
    if rng.random() < 0.05:
        other = others[rng.choice(sorted(others))]
        at, start = rng.randrange(len(out) + 1), rng.randrange(len(other))
        out[at:at] = other[start : start + rng.randrange(1, 400)]
    if data.startswith(b"\x89PNG") and rng.random() < 0.8:
        _checksums(out)
    return bytes(out)


def _checksums(out: bytearray) -> None:
    at = 8
    while at + 12 <= len(out):
        end = at + 8 + int.from_bytes(out[at : at + 4], "big")
        if end + 4 > len(out):
            return
        out[end : end + 4] = zlib.crc32(out[at + 4 : end]).to_bytes(4, "big")
        at = end + 4


def _place(out: bytearray, rng: random.Random) -> int:
    """Half of them in the first or last kilobyte."""
    where = rng.random()
    if where < 0.35:
        return rng.randrange(min(len(out), 1024))
    if where < 0.5:
        return len(out) - 1 - rng.randrange(min(len(out), 1024))
    return rng.randrange(len(out))


def _byte(out: bytearray, rng: random.Random) -> None:
    for _ in range(rng.randint(1, 4)):
        out[_place(out, rng)] = rng.randrange(256)


def _bit(out: bytearray, rng: random.Random) -> None:
    out[_place(out, rng)] ^= 1 << rng.randrange(8)


def _number(out: bytearray, rng: random.Random) -> None:
    size = rng.choice((1, 2, 4, 8))
    at = _place(out, rng)
    value = rng.choice(_NUMBERS) % (1 << 8 * size)
    out[at : at + size] = value.to_bytes(size, rng.choice(("little", "big")))


def _cut(out: bytearray, rng: random.Random) -> None:
    del out[_place(out, rng) :]


def _drop(out: bytearray, rng: random.Random) -> None:
    at = _place(out, rng)
    del out[at : at + rng.randint(1, 64)]


def _double(out: bytearray, rng: random.Random) -> None:
    at = _place(out, rng)
    out[at:at] = out[at : at + rng.randint(1, 256)]


def _noise(out: bytearray, rng: random.Random) -> None:
    at = _place(out, rng)
    size = rng.randint(1, 64)
    out[at : at + size] = rng.randbytes(size)


_DAMAGES = (
    *(_byte, _byte, _byte, _bit, _bit, _bit, _bit, _number, _number, _number, _number),
    *(_cut, _drop, _double, _noise),
)
