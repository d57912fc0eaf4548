"""The DCT coefficients of a JPEG, decoded from its bytes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from inpaint_core.contract.message import Message
from inpaint_core.photo.formats.jpeg.headers import ZIGZAG, Frame, Scan, read_layout
from inpaint_core.photo.formats.jpeg.huffman_decoder import SPARE, decode_scan, unstuff

Blocks = NDArray[np.int16]

# Samples of 8 bits reach 1024 (T.81, A.3.3), and up to 1272 where an encoder lets white overshoot.
_LARGEST = 1300
PLACES = np.array(ZIGZAG, np.int64)


@dataclass(frozen=True, eq=False, slots=True)
class CoefficientPlanes:
    """The quantised DCT coefficients of a photo.

    ``blocks`` has for each component of the ``frame`` an array (rows, columns, 8, 8), whole MCUs
    (also beyond the photo's edges); ``tables`` has its quantisation table (8, 8) uint16. Vertical
    frequency comes first, as in pixels.
    """

    frame: Frame
    blocks: tuple[Blocks, ...]
    tables: tuple[NDArray[np.uint16], ...]


def read_planes(data: bytes, size: tuple[int, int]) -> CoefficientPlanes:
    """The coefficients in a JPEG of ``size`` (height, width): sequential or progressive, 8 bits,
    Huffman-coded, of one, three or four components.

    Nothing is guessed: raises ValueError with a `Message` for bits that are damaged in any way, and
    for any other coding.
    """
    found = read_layout(data)
    frame = found.frame
    if (frame.height, frame.width) != size:  # before memory is taken for the size in a header
        raise ValueError(Message("photo.jpeg.size_changed"))
    down, across = frame.units
    shapes = [(down * part.down, across * part.across) for part in frame.components]
    origins = [0]
    for rows, columns in shapes:
        origins.append(origins[-1] + rows * columns * 64)
    store = np.zeros(origins[-1], np.int16)
    coded = np.frombuffer(data, np.uint8)
    for scan in found.scans:
        _decode_scan(scan, frame, found.progressive, coded, store, origins)
    ranges = zip(origins, origins[1:], shapes, strict=False)
    blocks = tuple(store[start:end].reshape(*shape, 8, 8) for start, end, shape in ranges)
    numbers = (found.tables[part.table] for part in frame.components)
    tables = tuple(np.array(table, np.uint16).reshape(8, 8) for table in numbers)
    if not all(map(_come_from_pixels, blocks, tables)):
        raise ValueError(Message("photo.jpeg.pixels_damaged"))
    return CoefficientPlanes(frame, blocks, tables)


def _come_from_pixels(blocks: Blocks, table: NDArray[np.uint16]) -> bool:
    """Whether pixels can have had these coefficients. Bits that are lost may leave valid codes
    behind: differences that add up beyond what a sample can be, or, where they became zeros, the
    same number in a whole block.
    """
    largest = np.maximum(blocks.max((0, 1)).astype(int), -blocks.min((0, 1)).astype(int))
    if (largest * table > _LARGEST + table).any():
        return False
    for row in blocks.reshape(len(blocks), -1, 64):
        suspects = row[(row[:, 1] != 0) & (row[:, 1] == row[:, 63])]
        if (suspects[:, 1:] == suspects[:, 1:2]).all(1).any():
            return False
    return True


def _decode_scan(
    scan: Scan,
    frame: Frame,
    progressive: bool,
    coded: NDArray[np.uint8],
    store: Blocks,
    origins: list[int],
) -> None:
    # A single plane has blocks instead of MCUs, and none beyond the photo (T.81, A.2.2).
    alone = len(scan.parts) == 1
    grid = frame.size(frame.components[scan.parts[0][0]]) if alone else frame.units
    parts = np.zeros((len(scan.parts), 6), np.int64)
    lookups = np.zeros((2 * len(scan.parts), 1 << 16), np.uint16)
    for number, (plane, dc, ac) in enumerate(scan.parts):
        component = frame.components[plane]
        stride = frame.units[1] * component.across
        inside = (1, 1) if alone else (component.across, component.down)
        parts[number] = origins[plane], stride, *inside, 2 * number, 2 * number + 1
        if scan.band[0] == 0 and not scan.high:
            lookups[2 * number] = _build_lookup(scan, 0, dc)
        if scan.band[1] > 0:
            lookups[2 * number + 1] = _build_lookup(scan, 1, ac)
    intervals = -(-grid[0] * grid[1] // scan.interval) if scan.interval else 1
    ends = np.zeros(intervals + 2, np.int64)
    # The end of the scan is only known once its bytes have been read.
    buffer = np.empty(len(coded) - scan.start + SPARE, np.uint8)
    length = unstuff(coded, scan.start, buffer, ends)
    # Some encoders end with a restart marker.
    is_over = ends[-1] == intervals + 1 and ends[intervals] == ends[intervals - 1]
    if length < 0 or (ends[-1] != intervals and not is_over):
        raise ValueError(Message("photo.jpeg.pixels_damaged"))
    buffer[length : length + SPARE] = 0
    if not decode_scan(
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
        raise ValueError(Message("photo.jpeg.pixels_damaged"))


def _build_lookup(scan: Scan, kind: int, number: int) -> NDArray[np.uint16]:
    """For every 16 bits: the length of the code at their start times 256, plus its symbol; 0 where
    there is none (T.81, C.2).
    """
    if not scan.huffman:  # the tables that everyone has, as in films
        raise ValueError(Message("photo.jpeg.rare_coding"))
    if (kind, number) not in scan.huffman:
        raise ValueError(Message("photo.jpeg.headers_damaged"))
    counts, symbols = scan.huffman[kind, number]
    found = np.zeros(1 << 16, np.uint16)
    at = taken = 0
    for length, count in enumerate(counts, 1):
        span = 1 << (16 - length)
        for symbol in symbols[taken : taken + count]:
            if at + span > 1 << 16:
                raise ValueError(Message("photo.jpeg.headers_damaged"))
            found[at : at + span] = length << 8 | symbol
            at += span
        taken += count
    return found
