"""Writing coefficients as the image part of a JPEG file: tables, frame, one scan.

Source: ITU-T T.81, annexes B.2, C (Huffman codes) and K.2 (the best code of at most 16 bits).
"""

from __future__ import annotations

import heapq
import struct

import numpy as np
from numpy.typing import NDArray

from inpaint_core.contract.message import Message
from inpaint_core.photo.formats.jpeg.app_segments import make_segment
from inpaint_core.photo.formats.jpeg.coefficients import PLACES, CoefficientPlanes
from inpaint_core.photo.formats.jpeg.headers import ZIGZAG
from inpaint_core.photo.formats.jpeg.huffman_encoder import count_symbols, write_blocks

_MARGIN = 64
_LONGEST_CODE = 16


def encode_body(planes: CoefficientPlanes) -> bytes:
    """A sequential JPEG file from its quantisation tables to its end.

    The Huffman tables are optimal for these coefficients. Raises ValueError with a `Message` for a
    coefficient that does not fit into a JPEG of 8 bits.
    """
    frame = planes.frame
    store = np.concatenate([blocks.reshape(-1) for blocks in planes.blocks])
    parts, origin = np.zeros((len(planes.blocks), 5), np.int64), 0
    for number, (component, blocks) in enumerate(zip(frame.components, planes.blocks, strict=True)):
        inside = component.across, component.down
        parts[number] = origin, blocks.shape[1], *inside, min(number, 1)
        origin += blocks.size
    counts = np.zeros((4, 256), np.int64)
    if not count_symbols(parts, frame.units, PLACES, store, counts):
        raise ValueError(Message("photo.jpeg.coefficient_too_large"))
    tables = [build_huffman_table(row) for row in counts[: 2 if len(parts) == 1 else 4]]
    coded = np.zeros((4, 256, 2), np.int64)
    for number, table in enumerate(tables):
        coded[number] = assign_codes(*table)
    symbols = np.arange(256)
    spent = sum(
        int((counts[number] * (coded[number, :, 1] + (symbols & 15))).sum()) for number in range(4)
    )
    out = np.empty(2 * (spent // 8) + _MARGIN, np.uint8)  # each byte may be 255, which takes two
    length = write_blocks(parts, frame.units, PLACES, store, coded, out)
    numbers, quantisation = _make_quantisation_segments(planes.tables)
    wide = any(int(table.max()) > 255 for table in planes.tables)
    head = struct.pack(">BHHB", 8, frame.height, frame.width, len(parts))
    scan = bytes([len(parts)])
    for number, component in enumerate(frame.components):
        factors = component.across << 4 | component.down
        head += bytes([component.name, factors, numbers[number]])
        scan += bytes([component.name, 0x11 * min(number, 1)])
    segments = [quantisation, make_segment(0xC1 if wide else 0xC0, head)]
    for number, (lengths, values) in enumerate(tables):
        kind = bytes([(number % 2) << 4 | number // 2])
        segments.append(make_segment(0xC4, kind + lengths + values))
    segments.append(make_segment(0xDA, scan + bytes([0, 63, 0])))
    return b"".join((*segments, out[:length].data, b"\xff\xd9"))


def _make_quantisation_segments(tables: tuple[NDArray[np.uint16], ...]) -> tuple[list[int], bytes]:
    """The number of each plane's table in the file, and the segments with the tables."""
    known: list[bytes] = []
    numbers = []
    written = b""
    for table in tables:
        values = table.reshape(64)[list(ZIGZAG)]
        wide = int(values.max()) > 255
        content = values.astype(">u2" if wide else np.uint8).tobytes()
        if content not in known:
            written += make_segment(0xDB, bytes([wide << 4 | len(known)]) + content)
            known.append(content)
        numbers.append(known.index(content))
    return numbers, written


def build_huffman_table(counts: NDArray[np.int64]) -> tuple[bytes, bytes]:
    """The best Huffman code for symbols that occur ``counts`` (256,) times: the number of codes of
    1 to 16 bits, and their symbols.

    A dummy symbol takes the code of all ones, which the standard forbids.
    """
    heap: list[tuple[int, int, tuple[int, ...]]]
    heap = [(int(count), symbol, (symbol,)) for symbol, count in enumerate(counts) if count]
    heap.append((0, 256, (256,)))  # the dummy: the rarest, so its code becomes the longest
    lengths = dict.fromkeys((symbols[0] for _, _, symbols in heap), 0)
    heapq.heapify(heap)
    while len(heap) > 1:
        one, other = heapq.heappop(heap), heapq.heappop(heap)
        joined = one[2] + other[2]
        for symbol in joined:
            lengths[symbol] += 1
        heapq.heappush(heap, (one[0] + other[0], max(one[1], other[1]), joined))
    sizes = [0] * (max(*lengths.values(), _LONGEST_CODE) + 1)
    for length in lengths.values():
        sizes[length] += 1
    _limit_lengths(sizes)
    longest = max(length for length in range(1, _LONGEST_CODE + 1) if sizes[length])
    sizes[longest] -= 1  # the dummy
    del lengths[256]
    # Shorter codes for symbols that had shorter ones before.
    symbols = sorted(lengths, key=lambda symbol: (lengths[symbol], symbol))
    return bytes(sizes[1 : _LONGEST_CODE + 1]), bytes(symbols)


def _limit_lengths(sizes: list[int]) -> None:
    """Figure K.3: make a pair of codes that are too long shorter, and one other code longer."""
    for length in range(len(sizes) - 1, _LONGEST_CODE, -1):
        while sizes[length]:
            shorter = next(size for size in range(length - 2, 0, -1) if sizes[size])
            sizes[length] -= 2
            sizes[length - 1] += 1
            sizes[shorter + 1] += 2
            sizes[shorter] -= 1


def assign_codes(counts: bytes, symbols: bytes) -> NDArray[np.int64]:
    """(256, 2): the code of each symbol and its length in bits, 0 for symbols without one."""
    found = np.zeros((256, 2), np.int64)
    code = taken = 0
    for length, count in enumerate(counts, 1):
        for symbol in symbols[taken : taken + count]:
            found[symbol] = code, length
            code += 1
        taken += count
        code <<= 1
    return found
