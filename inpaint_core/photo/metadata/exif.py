"""EXIF data, which is a small TIFF file: reading, correcting in place, extracting from a TIFF.

Everything else is kept byte for byte at its own offset: maker notes point into the data by absolute
offsets that only their maker could correct. Structure: TIFF 6.0, section 2; EXIF 2.32.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

Order = Literal["<", ">"]
"""The byte order, as `struct` writes it: Intel's or Motorola's."""

PREFIX = b"Exif\0\0"
"""What stands before EXIF data in a JPEG, and in some other files."""

ORIENTATION = 0x0112
EXIF_IFD = 0x8769
GPS_IFD = 0x8825
INTEROP_IFD = 0xA005
_WIDTH, _HEIGHT = 0xA002, 0xA003
_FIRST_WIDTH, _FIRST_HEIGHT = 0x0100, 0x0101
_COMPRESSION, _SOFTWARE = 0x0103, 0x0131
_THUMBNAIL_AT, _THUMBNAIL_BYTES = 0x0201, 0x0202
_SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4}
_POINTERS = frozenset({EXIF_IFD, GPS_IFD, INTEROP_IFD})
_MOST_FIELDS = 4096  # of a directory; libtiff and tifffile take none that has more

DESCRIPTIVE = frozenset(
    {0x010D, 0x010E, 0x010F, 0x0110, 0x011D, 0x0129, 0x0131, 0x0132, 0x013B, 0x013C}
    | {0x4746, 0x4749, 0x8298, *range(0x9C9B, 0x9CA0)}
)
"""The tags of a TIFF's first directory that describe the photo rather than how its pixels lie in
the file: DocumentName, ImageDescription, Make, Model, PageName, PageNumber, Software, DateTime,
Artist, HostComputer, Rating, RatingPercent, Copyright, and those of Windows' Explorer (XPTitle ..).
"""


@dataclass(frozen=True, slots=True)
class Entry:
    """One field of a directory: ``value`` is its raw bytes, ``at`` their offset in the data.

    Of a directory that was read, the value is a view of the data: fields of a damaged file may all
    claim the same bytes.
    """

    tag: int
    type: int
    count: int
    value: bytes | memoryview
    at: int


@dataclass(frozen=True, slots=True)
class Directory:
    """The fields of one IFD; ``next`` is the offset of the next one (0 = none) and
    ``next_at`` where that offset is written.
    """

    entries: dict[int, Entry]
    next: int
    next_at: int


def read_byte_order(data: bytes | memoryview) -> Order:
    """ "<" or ">" from the header of a classic TIFF. Raises ValueError for anything else."""
    orders: dict[bytes, Order] = {b"II*\0": "<", b"MM\0*": ">"}
    order = orders.get(bytes(data[:4]))
    if order is None or len(data) < 8:
        raise ValueError("no TIFF header")
    return order


def read_directory(
    data: bytes | memoryview, order: Order, offset: int, big: bool = False
) -> Directory:
    """The IFD at ``offset``. Fields that point outside the data are left out. No values are copied.

    ``big``: of a BigTIFF, whose offsets have 8 bytes (source: the design of libtiff); its own field
    types (LONG8, IFD8) are kept as they are. Raises ValueError when the directory itself lies
    outside the data, or has more than 4096 fields.
    """
    wide, letter, head, count_letter = (8, "Q", 8, "Q") if big else (4, "I", 2, "H")
    row = 4 + 2 * wide
    try:
        (count,) = struct.unpack_from(order + count_letter, data, offset)
        next_at = offset + head + row * count
        (following,) = struct.unpack_from(order + letter, data, next_at)
    except (struct.error, OverflowError) as error:
        raise ValueError("the directory lies outside of the data") from error
    if count > _MOST_FIELDS:
        raise ValueError("the directory has too many fields")
    sizes = _SIZES | dict.fromkeys((16, 17, 18), 8) if big else _SIZES
    entries, view = {}, memoryview(data)
    for position in range(offset + head, next_at, row):
        tag, kind, length = struct.unpack_from(f"{order}HH{letter}", data, position)
        size = sizes.get(kind, 0) * length
        at = position + 4 + wide
        if size > wide:
            (at,) = struct.unpack_from(order + letter, data, at)
        if size and at + size <= len(data):
            entries[tag] = Entry(tag, kind, length, view[at : at + size], at)
    return Directory(entries, following, next_at)


def read_first_directory(data: bytes) -> tuple[Order, Directory]:
    """Byte order and first IFD. Raises ValueError."""
    order = read_byte_order(data)
    return order, read_directory(data, order, struct.unpack_from(order + "I", data, 4)[0])


def read_number(entry: Entry | None, order: Order) -> int | None:
    """The first value of a BYTE, SHORT, LONG or LONG8 field, else None."""
    letters = {1: "B", 3: "H", 4: "I", 13: "I", 16: "Q", 18: "Q"}
    letter = None if entry is None else letters.get(entry.type)
    if entry is None or letter is None:
        return None
    return int(struct.unpack_from(order + letter, entry.value)[0])


def read_numbers(entry: Entry | None, order: Order) -> tuple[int, ...]:
    """All values of a SHORT or LONG field, else none."""
    letters = {3: "H", 4: "I", 13: "I"}
    if entry is None or entry.type not in letters:
        return ()
    return struct.unpack(f"{order}{entry.count}{letters[entry.type]}", entry.value)


def has_thumbnail(exif: bytes) -> bool:
    """Whether a directory follows the first one, which describes a thumbnail."""
    try:
        return read_first_directory(exif)[1].next != 0
    except ValueError:
        return False


def read_orientation(exif: bytes | None) -> int:
    """The orientation 1 to 8 that the EXIF data asks for; 1 where it says nothing valid."""
    try:
        order, first = read_first_directory(exif or b"")
    except ValueError:
        return 1
    value = read_number(first.entries.get(ORIENTATION), order)
    return value if value is not None and 1 <= value <= 8 else 1


def write_orientation(exif: bytes, orientation: int) -> bytes:
    """The EXIF data with this orientation, 1 to 8; everything else stays at its offset. For b"", or
    data that cannot be read, the orientation is all that is in it.
    """
    try:
        order, first = read_first_directory(exif)
    except ValueError:
        block = bytearray(b"II*\0\x08\0\0\0")
        append_directory(block, "<", [make_field(ORIENTATION, 3, [orientation], "<")])
        return bytes(block)
    out = bytearray(exif)
    entry = first.entries.get(ORIENTATION)
    if read_number(entry, order) is None:
        out.extend(bytes(len(out) % 2))
        row = struct.pack(order + "HHIHH", ORIENTATION, 3, 1, orientation, 0)
        _append_first_directory(out, order, row, first.next)
    else:
        _write_number(out, order, entry, orientation)
    return bytes(out)


def mark_upright(exif: bytes, size: tuple[int, int]) -> bytes:
    """The EXIF data for pixels that were turned upright to ``size`` (width, height).

    Orientation becomes 1. Width and height are exchanged where the photo was turned by a quarter.
    No other byte changes; data that is not a TIFF structure is returned unchanged.
    """
    try:
        order, first = read_first_directory(exif)
    except ValueError:
        return exif
    out = bytearray(exif)
    _write_number(out, order, first.entries.get(ORIENTATION), 1)
    if read_orientation(exif) >= 5:
        _write_size(out, exif, order, first, size)
    return bytes(out)


def update_exif(
    exif: bytes, size: tuple[int, int], software: str, thumbnail: bytes | None
) -> bytes:
    """The EXIF data for pixels that were edited: their ``size`` (width, height), the name of the
    ``software``, and a new ``thumbnail`` (a JPEG file).

    New data is appended; everything else stays at its offset. Data that is not a TIFF structure is
    returned unchanged.
    """
    try:
        order, first = read_first_directory(exif)
    except ValueError:
        return exif
    out = bytearray(exif)
    _write_size(out, exif, order, first, size)
    out.extend(bytes(len(out) % 2))
    name = software.encode("ascii", "replace") + b"\0"
    at = len(out)
    out.extend(name + bytes(len(name) % 2))
    row = struct.pack(order + "HHII", _SOFTWARE, 2, len(name), at)
    following_at = _append_first_directory(out, order, row, 0)
    if thumbnail is not None:
        struct.pack_into(order + "I", out, following_at, len(out))
        picture = len(out) + 2 + 12 * 3 + 4
        places = {_THUMBNAIL_AT: picture, _THUMBNAIL_BYTES: len(thumbnail)}
        described = [make_field(tag, 4, [value], order) for tag, value in places.items()]
        append_directory(out, order, [make_field(_COMPRESSION, 3, [6], order), *described])
        out.extend(thumbnail)
    return bytes(out)


def _append_first_directory(out: bytearray, order: Order, row: bytes, following: int) -> int:
    """Append the first directory anew, with the field ``row`` (12 bytes) in it and ``following``
    as the offset of the next one; returns where that offset is written.
    """
    (start,) = struct.unpack_from(order + "I", out, 4)
    tag = _read_tag(row, order)
    kept = [field for field in _raw_fields(out, order, start) if _read_tag(field, order) != tag]
    table = sorted([*kept, row], key=lambda field: _read_tag(field, order))
    struct.pack_into(order + "I", out, 4, len(out))
    out.extend(struct.pack(order + "H", len(table)) + b"".join(table))
    out.extend(struct.pack(order + "I", following))
    return len(out) - 4


def drop_fields(exif: bytes, parent: int | None, tags: frozenset[int]) -> bytes:
    """The EXIF data without the fields ``tags``, their values overwritten with zeros.

    ``parent`` is the tag that points to their directory, None for the first one. Nothing is moved.
    Raises ValueError for data that is not a TIFF structure.
    """
    order, first = read_first_directory(exif)
    start = struct.unpack_from(order + "I", exif, 4)[0]
    found = first
    if parent is not None:
        inner = follow_pointer(exif, order, first, parent)
        if inner is None:
            return exif
        start, found = read_number(first.entries.get(parent), order) or 0, inner
    rows = _raw_fields(exif, order, start)
    kept = [row for row in rows if _read_tag(row, order) not in tags]
    if len(kept) == len(rows):
        return exif
    out = bytearray(exif)
    blank_values(out, [found.entries[tag] for tag in tags & found.entries.keys()])
    table = struct.pack(order + "H", len(kept)) + b"".join(kept)
    table += struct.pack(order + "I", found.next)
    end = start + 2 + 12 * len(rows) + 4
    out[start:end] = table.ljust(end - start, b"\0")
    return bytes(out)


def blank_values(out: bytearray, fields: Iterable[Entry]) -> None:
    """Overwrite the values of fields with zeros, bytes that several of them claim only once."""
    done = 0
    for entry in sorted(fields, key=lambda e: e.at):
        start, end = max(entry.at, done), entry.at + len(entry.value)
        if start < end:
            out[start:end] = bytes(end - start)
            done = end


def _raw_fields(data: bytes | bytearray, order: Order, start: int) -> list[bytes]:
    """The fields of the directory at ``start`` as raw bytes, 12 each."""
    (count,) = struct.unpack_from(order + "H", data, start)
    return [bytes(data[start + 2 + 12 * i : start + 14 + 12 * i]) for i in range(count)]


def _read_tag(row: bytes, order: Order) -> int:
    return int(struct.unpack_from(order + "H", row)[0])


def _write_number(out: bytearray, order: Order, entry: Entry | None, value: int) -> None:
    letters, size = {1: "B", 3: "H", 4: "I"}, 0 if entry is None else _SIZES.get(entry.type, 0)
    if entry is not None and entry.type in letters and value < 1 << 8 * size:
        struct.pack_into(order + letters[entry.type], out, entry.at, value)


def _write_size(
    out: bytearray, exif: bytes, order: Order, first: Directory, size: tuple[int, int]
) -> None:
    # Some phones say it in the first directory too.
    _write_number(out, order, first.entries.get(_FIRST_WIDTH), size[0])
    _write_number(out, order, first.entries.get(_FIRST_HEIGHT), size[1])
    shot = follow_pointer(exif, order, first, EXIF_IFD)
    if shot is not None:
        _write_number(out, order, shot.entries.get(_WIDTH), size[0])
        _write_number(out, order, shot.entries.get(_HEIGHT), size[1])


def follow_pointer(
    data: bytes, order: Order, parent: Directory, tag: int, big: bool = False
) -> Directory | None:
    """The directory that a field of ``parent`` points to, or None; ``big`` in a BigTIFF."""
    offset = read_number(parent.entries.get(tag), order)
    if offset is None:
        return None
    try:
        return read_directory(data, order, offset, big)
    except ValueError:
        return None


def extract_from_tiff(data: bytes) -> bytes | None:
    """The EXIF data of a TIFF or BigTIFF file as a block of its own; None if it has none.

    It holds the descriptive fields of the first directory, the Exif directory with its
    interoperability directory, and the GPS directory; each field keeps its bytes but moves. Raises
    ValueError for fields that overlap so much that they would take more bytes than the file.
    """
    big = data[:8] in (b"II+\0\x08\0\0\0", b"MM\0+\0\x08\0\0")
    try:
        if big:
            order: Order = "<" if data[:1] == b"I" else ">"
            start = int.from_bytes(data[8:16], "little" if order == "<" else "big")
            first = read_directory(data, order, start, big)
        else:
            order, first = read_first_directory(data)
    except ValueError:
        return None
    shot = follow_pointer(data, order, first, EXIF_IFD, big)
    gps = follow_pointer(data, order, first, GPS_IFD, big)
    kept = {tag: entry for tag, entry in first.entries.items() if tag in DESCRIPTIVE}
    if not kept and shot is None and gps is None:
        return None
    interop = follow_pointer(data, order, shot, INTEROP_IFD, big) if shot is not None else None
    found = [kept, *(inner.entries for inner in (shot, gps, interop) if inner is not None)]
    if sum(len(entry.value) for fields in found for entry in fields.values()) > len(data):
        raise ValueError("fields that overlap")
    out = bytearray({"<": b"II*\0", ">": b"MM\0*"}[order] + bytes(4))
    pointers = {}
    if gps is not None:
        pointers[GPS_IFD] = append_directory(out, order, _moved(gps.entries))
    if shot is not None:
        inner = {}
        if interop is not None:
            inner[INTEROP_IFD] = append_directory(out, order, _moved(interop.entries))
        fields = {tag: e for tag, e in shot.entries.items() if tag not in _POINTERS}
        pointers[EXIF_IFD] = append_directory(out, order, _with_pointers(fields, inner, order))
    start = append_directory(out, order, _with_pointers(kept, pointers, order))
    struct.pack_into(order + "I", out, 4, start)
    return bytes(out)


def _with_pointers(
    fields: dict[int, Entry], pointers: dict[int, int], order: Order
) -> Iterable[Entry]:
    added = (make_field(tag, 4, (offset,), order) for tag, offset in pointers.items())
    return [*_moved(fields), *added]


def _moved(fields: dict[int, Entry]) -> Iterable[Entry]:
    """Fields of another file, whose values are to be copied."""
    return [replace(entry, at=0) for entry in fields.values()]


def make_field(tag: int, kind: int, values: Sequence[int], order: Order) -> Entry:
    """A field of BYTE (1), SHORT (3), LONG (4), RATIONAL (5; numerator, denominator, ..) or
    UNDEFINED (7) values.
    """
    letter = {1: "B", 3: "H", 4: "I", 5: "I", 7: "B"}[kind]
    value = struct.pack(f"{order}{len(values)}{letter}", *values)
    return Entry(tag, kind, len(values) // (2 if kind == 5 else 1), value, 0)


def append_directory(out: bytearray, order: Order, fields: Iterable[Entry], origin: int = 0) -> int:
    """Append an IFD and its values to ``out``, and return its offset in the file, in which ``out``
    begins at ``origin`` (an even number).

    Values with an offset (``at`` is not 0) lie in the file already and are not appended.
    """
    placed = []
    for entry in sorted(fields, key=lambda e: e.tag):
        at = entry.at if len(entry.value) > 4 else 0
        if len(entry.value) > 4 and not at:
            out.extend(bytes(len(out) % 2))  # TIFF: values begin on a word boundary
            at = origin + len(out)
            out.extend(entry.value)
        placed.append(replace(entry, at=at))
    out.extend(bytes(len(out) % 2))
    start = origin + len(out)
    out.extend(struct.pack(order + "H", len(placed)))
    for entry in placed:
        out.extend(struct.pack(order + "HHI", entry.tag, entry.type, entry.count))
        inline = bytes(entry.value).ljust(4, b"\0") if not entry.at else b""
        out.extend(struct.pack(order + "I", entry.at) if entry.at else inline)
    out.extend(bytes(4))
    return start
