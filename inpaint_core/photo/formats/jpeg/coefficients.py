"""The coefficients of a JPEG, from its bytes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from inpaint_core.photo.formats.jpeg.headers import ZIGZAG, Component, Frame, Scan, layout
from inpaint_core.photo.formats.jpeg.huffman_decoder import SPARE, scanned, unstuffed

Blocks = NDArray[np.int16]

PLACES = np.array(ZIGZAG, np.int64)


@dataclass(frozen=True, eq=False, slots=True)
class Planes:
    """The quantised DCT coefficients of a photo.

    ``blocks`` has for each component of the ``frame`` an array (rows, columns, 8, 8), whole MCUs
    (also beyond the photo's edges); ``tables`` has its quantisation table (8, 8) uint16. Vertical
    frequency comes first, as in pixels.
    """

    frame: Frame
    blocks: tuple[Blocks, ...]
    tables: tuple[NDArray[np.uint16], ...]


def planes(data: bytes, size: tuple[int, int]) -> Planes:
    """The coefficients in a JPEG of ``size`` (height, width): sequential or progressive, 8 bits,
    Huffman-coded, grey or three components.

    Nothing is guessed: raises ValueError, in a few words for a person, for bits that are damaged
    in any way, and for what is coded otherwise.
    """
    found = layout(data)
    frame = found.frame
    if (frame.height, frame.width) != size:  # before memory is taken for what a header says
        raise ValueError("the photo has another size now")
    down, across = frame.units
    shapes = [(down * part.down, across * part.across) for part in frame.components]
    origins = [0]
    for rows, columns in shapes:
        origins.append(origins[-1] + rows * columns * 64)
    store = np.zeros(origins[-1], np.int16)
    coded = np.frombuffer(data, np.uint8)
    for scan in found.scans:
        _add(scan, frame, found.progressive, coded, store, origins)
    blocks = tuple(
        store[start:end].reshape(*shape, 8, 8)
        for start, end, shape in zip(origins, origins[1:], shapes, strict=False)
    )
    tables = tuple(
        np.array(found.tables[part.table], np.uint16).reshape(8, 8) for part in frame.components
    )
    return Planes(frame, blocks, tables)


def _add(
    scan: Scan,
    frame: Frame,
    progressive: bool,
    coded: NDArray[np.uint8],
    store: Blocks,
    origins: list[int],
) -> None:
    grid = frame.units
    if len(scan.parts) == 1:
        # A plane alone has blocks instead of MCUs, and none beyond the photo (T.81, A.2.2).
        grid = frame.size(frame.components[scan.parts[0][0]])
    parts = np.array([_part(scan, frame, plane, origins) for plane, _, _ in scan.parts], np.int64)
    lookups = np.zeros((2 * len(scan.parts), 1 << 16), np.uint16)
    for number, (_, dc, ac) in enumerate(scan.parts):
        parts[number, 4:] = 2 * number, 2 * number + 1
        if scan.band[0] == 0 and not scan.high:
            lookups[2 * number] = _lookup(scan, 0, dc)
        if scan.band[1] > 0:
            lookups[2 * number + 1] = _lookup(scan, 1, ac)
    intervals = -(-grid[0] * grid[1] // scan.interval) if scan.interval else 1
    ends = np.zeros(intervals + 2, np.int64)
    # The end of the scan is not known before its bytes were looked at.
    buffer = np.empty(len(coded) - scan.start + SPARE, np.uint8)
    length = unstuffed(coded, scan.start, buffer, ends)
    if length < 0 or ends[-1] != intervals:
        raise ValueError("its pixels are damaged")
    buffer[length : length + SPARE] = 0
    if not scanned(
        buffer,
        ends[:intervals],
        parts,
        lookups,
        grid,
        scan.interval,
        progressive,
        scan.band,
        scan.high,
        scan.low,
        PLACES,
        store,
    ):
        raise ValueError("its pixels are damaged")


def _part(scan: Scan, frame: Frame, plane: int, origins: list[int]) -> tuple[int, ...]:
    component: Component = frame.components[plane]
    stride = frame.units[1] * component.across
    alone = len(scan.parts) == 1
    inside = (1, 1) if alone else (component.across, component.down)
    return origins[plane], stride, *inside, 0, 0


def _lookup(scan: Scan, kind: int, number: int) -> NDArray[np.uint16]:
    """For every 16 bits: the length of the code that they begin with times 256, and its symbol;
    0 where there is none (T.81, C.2).
    """
    if (kind, number) not in scan.huffman:
        raise ValueError("its headers are damaged")
    counts, symbols = scan.huffman[kind, number]
    found = np.zeros(1 << 16, np.uint16)
    at = taken = 0
    for length, count in enumerate(counts, 1):
        span = 1 << (16 - length)
        for symbol in symbols[taken : taken + count]:
            if at + span > 1 << 16:
                raise ValueError("its headers are damaged")
            found[at : at + span] = length << 8 | symbol
            at += span
        taken += count
    return found
