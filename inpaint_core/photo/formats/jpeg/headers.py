"""Reading a JPEG's headers: size, components, quantisation tables, and where its scans lie.

Source: ITU-T T.81 (JPEG), annex B (markers) and table B.1; colours as libjpeg guesses them (JFIF,
Adobe's APP14, the components' names).
"""

from __future__ import annotations

import math
import struct
from collections.abc import Iterator
from dataclasses import dataclass

from inpaint_core.contract.message import Message

ZIGZAG = (
    *(0, 1, 8, 16, 9, 2, 3, 10, 17, 24, 32, 25, 18, 11, 4, 5, 12, 19, 26, 33, 40, 48),
    *(41, 34, 27, 20, 13, 6, 7, 14, 21, 28, 35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23),
    *(30, 37, 44, 51, 58, 59, 52, 45, 38, 31, 39, 46, 53, 60, 61, 54, 47, 55, 62, 63),
)
"""The place in a block (row times 8 plus column) of each coefficient in the file's order."""

_SOF, _DHT, _SOI, _EOI, _SOS, _DQT, _DNL, _DRI = 0xC0, 0xC4, 0xD8, 0xD9, 0xDA, 0xDB, 0xDC, 0xDD
_APP0, _APP14 = 0xE0, 0xEE
_ALONE = frozenset({0x01, *range(0xD0, 0xD8)})
_FRAMES = frozenset(range(0xC0, 0xD0)) - {_DHT, 0xC8, 0xCC}
_READ_FRAMES = {0xC0: False, 0xC1: False, 0xC2: True}


@dataclass(frozen=True, slots=True)
class Component:
    """One plane of samples: its ``name`` in the file, its sampling factors, its ``table``."""

    name: int
    across: int
    down: int
    table: int


@dataclass(frozen=True, slots=True)
class Frame:
    """A photo's size in pixels and its planes. ``is_rgb``: they are not luma and chroma."""

    width: int
    height: int
    components: tuple[Component, ...]
    is_rgb: bool = False

    @property
    def unit(self) -> tuple[int, int]:
        """(height, width) in pixels of an MCU, the smallest part with whole blocks of all planes.

        8 x 8 without subsampling, 16 x 16 for 4:2:0.
        """
        parts = self.components
        return 8 * max(part.down for part in parts), 8 * max(part.across for part in parts)

    @property
    def units(self) -> tuple[int, int]:
        """The number of MCUs (down, across); the last ones may reach beyond the photo."""
        down, across = self.unit
        return math.ceil(self.height / down), math.ceil(self.width / across)

    def size(self, component: Component) -> tuple[int, int]:
        """Blocks (down, across) of a plane that hold pixels of the photo."""
        down, across = self.unit
        return (
            math.ceil(self.height * component.down / down),
            math.ceil(self.width * component.across / across),
        )


@dataclass(frozen=True, slots=True)
class Scan:
    """A pass over some planes: ``parts`` are (plane, its DC table, its AC table) by number.

    ``band`` is the first and the last coefficient, ``high`` and ``low`` are the successive
    approximation bits (T.81, G.1.1.1). ``huffman`` are the tables in force, by class and number:
    counts of codes by length, and their symbols. ``start`` is where the coded bits begin.
    """

    parts: tuple[tuple[int, int, int], ...]
    band: tuple[int, int]
    high: int
    low: int
    interval: int
    huffman: dict[tuple[int, int], tuple[bytes, bytes]]
    start: int


@dataclass(frozen=True, slots=True)
class JpegLayout:
    """Everything in a JPEG except its coded bits. ``tables`` have 64 numbers each, row by row."""

    frame: Frame
    progressive: bool
    tables: dict[int, tuple[int, ...]]
    scans: tuple[Scan, ...]


def read_layout(data: bytes) -> JpegLayout:
    """The headers of the JPEG at the beginning of ``data``.

    Raises ValueError with a `Message` on what is wrong.
    """
    try:
        return _Reader(data).read()
    except (struct.error, IndexError) as error:
        raise ValueError(Message("photo.jpeg.headers_damaged")) from error


class _Reader:
    """Goes from marker to marker, and keeps what applies to the next scan."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._frame: Frame | None = None
        self._progressive = False
        self._tables: dict[int, tuple[int, ...]] = {}
        self._used: dict[int, tuple[int, ...]] = {}
        self._huffman: dict[tuple[int, int], tuple[bytes, bytes]] = {}
        self._interval = 0
        self._scans: list[Scan] = []
        self._jfif = False
        self._adobe: int | None = None

    def read(self) -> JpegLayout:
        for marker, at, end in self._segments():
            content = self._data[at:end]
            if marker in _FRAMES:
                self._read_frame(marker, content)
            elif marker == _DQT:
                self._read_tables(content)
            elif marker == _DHT:
                self._read_huffman(content)
            elif marker == _DRI:
                (self._interval,) = struct.unpack(">H", content)
            elif marker == _SOS:
                self._read_scan(content, end)
            elif marker == _DNL:
                raise ValueError(Message("photo.jpeg.height_missing"))
            elif marker == _APP0 and content.startswith(b"JFIF\0"):
                self._jfif = True
            elif marker == _APP14 and content.startswith(b"Adobe") and len(content) >= 12:
                self._adobe = content[11]
        if self._frame is None or not self._scans:
            raise ValueError(Message("photo.jpeg.no_picture"))
        begun = {plane for scan in self._scans for plane, _, _ in scan.parts if scan.band[0] == 0}
        if len(begun) < len(self._frame.components):
            raise ValueError(Message("photo.jpeg.cut_off"))
        return JpegLayout(self._frame, self._progressive, self._used, tuple(self._scans))

    def _segments(self) -> Iterator[tuple[int, int, int]]:
        """Each marker, and where its content begins and ends, up to the end of the picture."""
        data, at = self._data, 2
        if data[:2] != bytes((0xFF, _SOI)):
            raise ValueError(Message("photo.jpeg.wrong_start"))
        while True:
            if data[at] != 0xFF:
                # After a scan: skip its coded bits up to the next marker that is not part of them.
                at = data.find(b"\xff", at)
                if at < 0:
                    raise ValueError(Message("photo.jpeg.cut_off"))
            marker = data[at + 1]
            if marker == 0xFF:
                at += 1
            elif marker == 0 or marker in _ALONE:
                at += 2
            elif marker == _EOI:
                return
            else:
                (length,) = struct.unpack_from(">H", data, at + 2)
                end = at + 2 + length
                if length < 2 or end > len(data):
                    raise ValueError(Message("photo.jpeg.cut_off"))
                yield marker, at + 4, end
                at = end

    def _read_frame(self, marker: int, content: bytes) -> None:
        if self._frame is not None or marker not in _READ_FRAMES:
            raise ValueError(Message("photo.jpeg.rare_coding"))
        bits, height, width, count = struct.unpack_from(">BHHB", content)
        if bits != 8 or count not in (1, 3, 4) or not width or not height:
            raise ValueError(Message("photo.jpeg.rare_coding"))
        parts = []
        for number in range(count):
            name, factors, table = struct.unpack_from(">3B", content, 6 + 3 * number)
            across, down = factors >> 4, factors & 15
            if not 1 <= across <= 4 or not 1 <= down <= 4 or table > 3:
                raise ValueError(Message("photo.jpeg.headers_damaged"))
            if count == 1:
                across = down = 1  # factors mean nothing for a single plane
            parts.append(Component(name, across, down, table))
        names = [part.name for part in parts]
        most = max(part.across for part in parts), max(part.down for part in parts)
        whole = all(most[0] % part.across == 0 and most[1] % part.down == 0 for part in parts)
        if len(set(names)) != count or not whole:
            raise ValueError(Message("photo.jpeg.rare_coding"))
        self._frame = Frame(width, height, tuple(parts), count == 3 and self._is_rgb(names))
        self._progressive = _READ_FRAMES[marker]

    def _is_rgb(self, names: list[int]) -> bool:
        if self._jfif:
            return False
        return names == list(b"RGB") if self._adobe is None else self._adobe == 0

    def _read_tables(self, content: bytes) -> None:
        at = 0
        while at < len(content):
            wide, number = content[at] >> 4, content[at] & 15
            if wide > 1 or number > 3:
                raise ValueError(Message("photo.jpeg.headers_damaged"))
            values = struct.unpack_from(">64H" if wide else ">64B", content, at + 1)
            if 0 in values:
                raise ValueError(Message("photo.jpeg.headers_damaged"))
            ordered = [0] * 64
            for place, value in zip(ZIGZAG, values, strict=True):
                ordered[place] = value
            self._tables[number] = tuple(ordered)
            at += 129 if wide else 65

    def _read_huffman(self, content: bytes) -> None:
        at = 0
        while at < len(content):
            kind, number = content[at] >> 4, content[at] & 15
            counts = content[at + 1 : at + 17]
            symbols = content[at + 17 : at + 17 + sum(counts)]
            if kind > 1 or number > 3 or len(counts) < 16 or len(symbols) < sum(counts):
                raise ValueError(Message("photo.jpeg.headers_damaged"))
            self._huffman[kind, number] = (counts, symbols)
            at += 17 + sum(counts)

    def _read_scan(self, content: bytes, start: int) -> None:
        frame = self._frame
        if frame is None:
            raise ValueError(Message("photo.jpeg.headers_damaged"))
        count = content[0]
        names = {part.name: number for number, part in enumerate(frame.components)}
        parts = []
        for number in range(count):
            name, coders = struct.unpack_from(">2B", content, 1 + 2 * number)
            if name not in names or coders >> 4 > 3 or coders & 15 > 3:
                raise ValueError(Message("photo.jpeg.headers_damaged"))
            parts.append((names[name], coders >> 4, coders & 15))
        first, last, bits = struct.unpack_from(">3B", content, 1 + 2 * count)
        high, low = bits >> 4, bits & 15
        if not self._progressive:
            first, last, high, low = 0, 63, 0, 0
        lone_dc = first == 0 and last == 0
        lone_ac = 1 <= first <= last <= 63 and count == 1
        legal = lone_dc or lone_ac if self._progressive else True
        known = {plane for plane, _, _ in parts}
        if not legal or len(known) != count or count == 0 or low > 13 or high not in (0, low + 1):
            raise ValueError(Message("photo.jpeg.headers_damaged"))
        for plane in known:
            table = frame.components[plane].table
            if table not in self._tables:
                raise ValueError(Message("photo.jpeg.headers_damaged"))
            # The table of a plane's first scan applies to all of them (T.81, B.2.4.1).
            if self._used.setdefault(table, self._tables[table]) != self._tables[table]:
                raise ValueError(Message("photo.jpeg.rare_coding"))
        if len(self._scans) >= 300:
            raise ValueError(Message("photo.jpeg.too_many_scans"))
        self._scans.append(
            Scan(tuple(parts), (first, last), high, low, self._interval, dict(self._huffman), start)
        )
