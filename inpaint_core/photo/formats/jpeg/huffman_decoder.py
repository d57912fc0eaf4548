"""Compiled inner loops: decoding the Huffman-coded bits of every kind of scan to coefficients.

Every loop stays inside its arrays whatever the bits are: places come from the frame alone, bits are
read from a buffer with `SPARE` bytes after its end, more than a block can take, and the end is
checked after each block. A wrong code ends the scan.
Source: ITU-T T.81, annexes F.2 (sequential) and G.2 (progressive).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from inpaint_core.local.compiled import compiled

Bytes = NDArray[np.uint8]
Numbers = NDArray[np.int64]
Coefficients = NDArray[np.int16]
Lookups = NDArray[np.uint16]

_MOST_LEFT = 2  # bytes of any value behind an interval: some encoders leave what was in a buffer

SPARE = 1024
"""Bytes that a buffer must have after its last coded one: a block takes 64 times 32 bits."""


@compiled
def unstuff(data: Bytes, start: int, out: Bytes, ends: Numbers) -> int:
    """Copy coded bits without stuffing to ``out``, up to the scan's end; returns the bytes copied.

    ``ends`` receives where each restart interval ends in ``out``, and their number as its last
    value; returns -1 when there are more intervals than it can hold, or restart markers are
    missing.
    """
    at, put, count = start, 0, 0
    while at < len(data):
        value = data[at]
        if value != 255:
            out[put] = value
            put += 1
            at += 1
            continue
        if at + 1 >= len(data):
            break
        marker = data[at + 1]
        if marker == 0:
            out[put] = 255
            put += 1
            at += 2
        elif marker == 255:
            at += 1
        elif 0xD0 <= marker <= 0xD7:
            if count + 1 >= len(ends) - 1 or marker & 7 != count & 7:
                return -1
            ends[count] = put
            count += 1
            at += 2
        else:
            break
    ends[count] = put
    ends[-1] = count + 1
    return put


@compiled
def _peek(buffer: Bytes, at: int) -> int:
    """The next 16 bits; ``at`` counts bits."""
    byte = at >> 3
    # With int() alone numba's sums are unsigned, and floating point once added to signed ones.
    three = (
        (int(np.int64(buffer[byte])) << 16)
        | (int(np.int64(buffer[byte + 1])) << 8)
        | int(np.int64(buffer[byte + 2]))
    )
    return (three >> (8 - (at & 7))) & 0xFFFF


@compiled
def _extend(bits: int, count: int) -> int:
    """F.2.2.1: the number encoded by the first ``count`` of 16 ``bits``."""
    value = bits >> (16 - count)
    return value if value >> (count - 1) else value - (1 << count) + 1


@compiled
def _decode_difference(
    buffer: Bytes, at: int, lookup: Lookups, previous: Numbers, plane: int
) -> int:
    """Add a coded DC difference to ``previous``; returns where the next bits are, or -1."""
    code = int(np.int64(lookup[_peek(buffer, at)]))
    at += code >> 8
    count = code & 255
    if code == 0 or count > 15:
        return -1
    if count:
        previous[plane] += _extend(_peek(buffer, at), count)
    if not -32768 <= previous[plane] <= 32767:
        return -1
    return at + count


@compiled
def _decode_block(
    buffer: Bytes, at: int, lookup: Lookups, zigzag: Numbers, out: Coefficients, base: int
) -> int:
    """The 63 AC coefficients of a sequential scan."""
    k = 1
    while k < 64:
        code = int(np.int64(lookup[_peek(buffer, at)]))
        if code == 0:
            return -1
        at += code >> 8
        run, count = (code >> 4) & 15, code & 15
        if count == 0:
            if run != 15:
                break
            k += 16
            continue
        k += run
        if k > 63:
            return -1
        out[base + zigzag[k]] = _extend(_peek(buffer, at), count)
        at += count
        k += 1
    return at


@compiled
def _decode_band(
    buffer: Bytes,
    at: int,
    lookup: Lookups,
    zigzag: Numbers,
    out: Coefficients,
    base: int,
    band: tuple[int, int],
    low: int,
    skipped: Numbers,
) -> int:
    """G.1.2.2: the first bits of AC coefficients; ``skipped[0]`` blocks from here have none."""
    if skipped[0] > 0:
        skipped[0] -= 1
        return at
    k = band[0]
    while k <= band[1]:
        code = int(np.int64(lookup[_peek(buffer, at)]))
        if code == 0:
            return -1
        at += code >> 8
        run, count = (code >> 4) & 15, code & 15
        if count == 0:
            if run != 15:
                skipped[0] = (1 << run) - 1
                if run:
                    skipped[0] += _peek(buffer, at) >> (16 - run)
                    at += run
                break
            k += 16
            continue
        k += run
        value = _extend(_peek(buffer, at), count) << low
        if k > 63 or not -32768 <= value <= 32767:
            return -1
        out[base + zigzag[k]] = value
        at += count
        k += 1
    return at


@compiled
def _refine_coefficient(buffer: Bytes, at: int, bit: int, out: Coefficients, place: int) -> None:
    """G.1.2.3: one more bit of a nonzero coefficient."""
    value = out[place]
    if _peek(buffer, at) >> 15 and (value & bit) == 0:
        out[place] = value + bit if value >= 0 else value - bit


@compiled
def _refine_band(
    buffer: Bytes,
    at: int,
    lookup: Lookups,
    zigzag: Numbers,
    out: Coefficients,
    base: int,
    band: tuple[int, int],
    low: int,
    skipped: Numbers,
) -> int:
    """G.1.2.3: one more bit of a block's AC coefficients, and those that become nonzero."""
    bit, k = 1 << low, band[0]
    if skipped[0] == 0:
        while k <= band[1]:
            code = int(np.int64(lookup[_peek(buffer, at)]))
            if code == 0:
                return -1
            at += code >> 8
            run, count, value = (code >> 4) & 15, code & 15, 0
            if count > 1:
                return -1
            if count == 1:
                value = bit if _peek(buffer, at) >> 15 else -bit
                at += 1
            elif run != 15:
                skipped[0] = 1 << run
                if run:
                    skipped[0] += _peek(buffer, at) >> (16 - run)
                    at += run
                break
            while k <= band[1]:
                place = base + zigzag[k]
                if out[place] != 0:
                    _refine_coefficient(buffer, at, bit, out, place)
                    at += 1
                elif run == 0:
                    break
                else:
                    run -= 1
                k += 1
            if value and k <= band[1]:
                out[base + zigzag[k]] = value
            k += 1
    if skipped[0] > 0:
        while k <= band[1]:
            place = base + zigzag[k]
            if out[place] != 0:
                _refine_coefficient(buffer, at, bit, out, place)
                at += 1
            k += 1
        skipped[0] -= 1
    return at


@compiled
def decode_scan(
    buffer: Bytes,
    ends: Numbers,
    parts: Numbers,
    lookups: Lookups,
    grid: tuple[int, int],
    interval: int,
    progressive: bool,
    band: tuple[int, int],
    high: int,
    low: int,
    zigzag: Numbers,
    out: Coefficients,
) -> bool:
    """Add a scan to ``out``, which holds all planes one after the other. False for damaged bits.

    ``parts`` (N, 6): where a plane begins in ``out``, its blocks in a row, its blocks in a unit
    across and down, the numbers of its DC and AC ``lookups`` (8, 65536). ``grid`` is the number of
    units (down, across), ``ends`` are where intervals of ``interval`` units end in ``buffer``.
    """
    total = grid[0] * grid[1]
    done, at = 0, 0
    previous = np.zeros(len(parts), np.int64)
    skipped = np.zeros(1, np.int64)
    for segment in range(len(ends)):
        at = int(ends[segment - 1]) * 8 if segment else 0
        end = int(ends[segment]) * 8
        previous[:] = 0
        skipped[0] = 0
        stop = min(total, done + interval) if interval else total
        while done < stop:
            row, column = done // grid[1], done % grid[1]
            for plane in range(len(parts)):
                origin, stride, across, down, dc, ac = parts[plane]
                for inside in range(across * down):
                    y, x = row * down + inside // across, column * across + inside % across
                    base = origin + (y * stride + x) * 64
                    if band[0] == 0 and high > 0:
                        out[base] |= np.int16((_peek(buffer, at) >> 15) << low)
                        at += 1
                    elif band[0] == 0:
                        at = _decode_difference(buffer, at, lookups[dc], previous, plane)
                        if at < 0 or not -32768 <= previous[plane] << low <= 32767:
                            return False
                        out[base] = previous[plane] << low
                        if not progressive:
                            at = _decode_block(buffer, at, lookups[ac], zigzag, out, base)
                    elif high == 0:
                        at = _decode_band(
                            buffer, at, lookups[ac], zigzag, out, base, band, low, skipped
                        )
                    else:
                        at = _refine_band(
                            buffer, at, lookups[ac], zigzag, out, base, band, low, skipped
                        )
                    if at < 0 or at > end:
                        return False
            done += 1
        if not _is_padding(buffer, (at + 7) >> 3, end >> 3):
            return False
    return done == total


@compiled
def _is_padding(buffer: Bytes, start: int, end: int) -> bool:
    """Whether what an interval has behind its last block is nothing but padding."""
    if end - start <= _MOST_LEFT:
        return True
    for at in range(start + 1, end):
        if buffer[at] != buffer[start]:
            return False
    return bool(buffer[start] == 0 or buffer[start] == 255)
