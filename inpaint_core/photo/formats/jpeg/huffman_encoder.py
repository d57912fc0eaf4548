"""Compiled inner loops: coding coefficients as one sequential scan of all planes.

Source: ITU-T T.81, annex F.1.2.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from inpaint_core.local.compiled import compiled
from inpaint_core.photo.formats.jpeg.huffman_decoder import Bytes, Coefficients, Numbers

Codes = NDArray[np.int64]
# Baseline limits: 11 bits for a DC difference, 10 for an AC coefficient.
_MOST_DC, _MOST_AC = 11, 10


@compiled
def _bit_length(value: int) -> int:
    count, rest = 0, abs(value)
    while rest:
        rest >>= 1
        count += 1
    return count


@compiled
def count_symbols(
    parts: Numbers, grid: tuple[int, int], zigzag: Numbers, store: Coefficients, counts: Numbers
) -> bool:
    """Count the symbols of all blocks in ``counts`` (4, 256): DC and AC of the first code, DC and
    AC of the second. False for a coefficient that baseline JPEG cannot hold.

    ``parts`` (N, 5): where a plane begins in ``store``, its blocks in a row, its blocks in a unit
    across and down, its code. ``grid`` is the number of units (down, across).
    """
    previous = np.zeros(len(parts), np.int64)
    for unit in range(grid[0] * grid[1]):
        row, column = unit // grid[1], unit % grid[1]
        for plane in range(len(parts)):
            origin, stride, across, down, code = parts[plane]
            for inside in range(across * down):
                y, x = row * down + inside // across, column * across + inside % across
                base = origin + (y * stride + x) * 64
                count = _bit_length(int(np.int64(store[base]) - previous[plane]))
                previous[plane] = store[base]
                if count > _MOST_DC:
                    return False
                counts[2 * code, count] += 1
                run = 0
                for k in range(1, 64):
                    value = int(np.int64(store[base + zigzag[k]]))
                    if value == 0:
                        run += 1
                        continue
                    while run > 15:
                        counts[2 * code + 1, 0xF0] += 1
                        run -= 16
                    count = _bit_length(value)
                    if count > _MOST_AC:
                        return False
                    counts[2 * code + 1, run << 4 | count] += 1
                    run = 0
                if run:
                    counts[2 * code + 1, 0] += 1
    return True


@compiled
def _append_bits(
    out: Bytes, at: int, held: int, count: int, bits: int, more: int
) -> tuple[int, int, int]:
    """Append ``more`` bits to the ``count`` bits ``held``, and write the whole bytes."""
    held = held << more | bits
    count += more
    while count >= 8:
        value = (held >> (count - 8)) & 255
        out[at] = value
        at += 1
        if value == 255:
            out[at] = 0  # so that it is not taken for a marker
            at += 1
        count -= 8
    return at, held & ((1 << count) - 1), count


@compiled
def write_blocks(
    parts: Numbers,
    grid: tuple[int, int],
    zigzag: Numbers,
    store: Coefficients,
    codes: Codes,
    out: Bytes,
) -> int:
    """Write all blocks with ``codes`` (4, 256, 2) to ``out``; returns the bytes written.

    Takes what `count_symbols` takes, which must have returned True.
    """
    previous = np.zeros(len(parts), np.int64)
    at, held, waiting = 0, 0, 0
    for unit in range(grid[0] * grid[1]):
        row, column = unit // grid[1], unit % grid[1]
        for plane in range(len(parts)):
            origin, stride, across, down, code = parts[plane]
            for inside in range(across * down):
                y, x = row * down + inside // across, column * across + inside % across
                base = origin + (y * stride + x) * 64
                value = int(np.int64(store[base]) - previous[plane])
                previous[plane] = store[base]
                count = _bit_length(value)
                found = codes[2 * code, count]
                low = value if value >= 0 else value + (1 << count) - 1
                at, held, waiting = _append_bits(
                    out, at, held, waiting, found[0] << count | low, found[1] + count
                )
                run = 0
                for k in range(1, 64):
                    value = int(np.int64(store[base + zigzag[k]]))
                    if value == 0:
                        run += 1
                        continue
                    while run > 15:
                        found = codes[2 * code + 1, 0xF0]
                        at, held, waiting = _append_bits(out, at, held, waiting, found[0], found[1])
                        run -= 16
                    count = _bit_length(value)
                    found = codes[2 * code + 1, run << 4 | count]
                    low = value if value >= 0 else value + (1 << count) - 1
                    at, held, waiting = _append_bits(
                        out, at, held, waiting, found[0] << count | low, found[1] + count
                    )
                    run = 0
                if run:
                    found = codes[2 * code + 1, 0]
                    at, held, waiting = _append_bits(out, at, held, waiting, found[0], found[1])
    if waiting:
        filler = 8 - waiting  # with ones (F.1.2.3)
        at, held, waiting = _append_bits(out, at, held, waiting, (1 << filler) - 1, filler)
    return at
