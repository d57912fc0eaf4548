"""From coefficients to the picture's part of a JPEG file: tables, frame, one scan.

Source: ITU-T T.81, annex B.2.
"""

from __future__ import annotations

import struct

import numpy as np
from numpy.typing import NDArray

from inpaint_core.photo.formats.jpeg.coefficients import PLACES, Planes
from inpaint_core.photo.formats.jpeg.headers import ZIGZAG
from inpaint_core.photo.formats.jpeg.huffman_encoder import counted, emitted
from inpaint_core.photo.formats.jpeg.huffman_table import best, codes

_MARGIN = 64


def body(planes: Planes) -> bytes:
    """Everything of a sequential JPEG file from its quantisation tables to its end.

    The Huffman tables are the best ones for these coefficients. Raises ValueError, in a few words
    for a person, for a coefficient that does not fit into a JPEG of 8 bits.
    """
    frame = planes.frame
    store = np.concatenate([blocks.reshape(-1) for blocks in planes.blocks])
    parts, origin = np.zeros((len(planes.blocks), 5), np.int64), 0
    for number, (component, blocks) in enumerate(zip(frame.components, planes.blocks, strict=True)):
        inside = component.across, component.down
        parts[number] = origin, blocks.shape[1], *inside, min(number, 1)
        origin += blocks.size
    counts = np.zeros((4, 256), np.int64)
    if not counted(parts, frame.units, PLACES, store, counts):
        raise ValueError("it has a coefficient that is too large")
    tables = [best(row) for row in counts[: 2 if len(parts) == 1 else 4]]
    coded = np.zeros((4, 256, 2), np.int64)
    for number, table in enumerate(tables):
        coded[number] = codes(*table)
    symbols = np.arange(256)
    spent = sum(
        int((counts[number] * (coded[number, :, 1] + (symbols & 15))).sum()) for number in range(4)
    )
    out = np.empty(2 * (spent // 8) + _MARGIN, np.uint8)  # every byte might be 255
    length = emitted(parts, frame.units, PLACES, store, coded, out)
    numbers, quantisation = _quantisation(planes.tables)
    wide = any(int(table.max()) > 255 for table in planes.tables)
    head = struct.pack(">BHHB", 8, frame.height, frame.width, len(parts))
    scan = bytes([len(parts)])
    for number, component in enumerate(frame.components):
        factors = component.across << 4 | component.down
        head += bytes([component.name, factors, numbers[number]])
        scan += bytes([component.name, 0x11 * min(number, 1)])
    return b"".join(
        (
            quantisation,
            _segment(0xC1 if wide else 0xC0, head),
            *(
                _segment(0xC4, bytes([(number % 2) << 4 | number // 2]) + lengths + values)
                for number, (lengths, values) in enumerate(tables)
            ),
            _segment(0xDA, scan + bytes([0, 63, 0])),
            out[:length].data,
            b"\xff\xd9",
        )
    )


def _quantisation(tables: tuple[NDArray[np.uint16], ...]) -> tuple[list[int], bytes]:
    """The number of each plane's table in the file, and the segments with the tables."""
    known: list[bytes] = []
    numbers = []
    written = b""
    for table in tables:
        values = table.reshape(64)[list(ZIGZAG)]
        wide = int(values.max()) > 255
        content = values.astype(">u2" if wide else np.uint8).tobytes()
        if content not in known:
            written += _segment(0xDB, bytes([wide << 4 | len(known)]) + content)
            known.append(content)
        numbers.append(known.index(content))
    return numbers, written


def _segment(marker: int, content: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, marker, len(content) + 2) + content
