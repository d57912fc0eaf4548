"""The fields of a TIFF's first directory that go into another TIFF as they are.

Sources: TIFF 6.0, sections 8, 13 and 20 (colorimetry); TIFF Technical Note (ClipPath); GeoTIFF 1.1,
section 7; Adobe Photoshop TIFF Technical Notes (layers); ExifTool's list of EXIF tags.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from inpaint_core.contract.message import Message
from inpaint_core.photo.colour.code_points import make_measured_profile
from inpaint_core.photo.metadata import exif, photoshop
from inpaint_core.photo.metadata.block_contents import holds_picture
from inpaint_core.photo.metadata.exif import Entry, Order
from inpaint_core.photo.photo import Block, BlockRole

RESOURCES = 34377
# What a first directory says about the layout of its own pixels.
STRUCTURE = frozenset(
    {*range(254, 267), 273, *range(277, 282), 284, *range(290, 294), 317, *range(320, 336), 338}
    | {*range(339, 343), 346, 347, *range(512, 522), *range(529, 533), 700, 33723, 34675}
    | {32995, 32996, 32997, 32998, 34016, 34022, 34232, 37439, 50674, 50784}
)
# Resolution and orientation; directories of their own.
_ELSEWHERE = frozenset({282, 283, 296, 274, 34665, 34853, 40965, RESOURCES}) | exif.DESCRIPTIVE
_SUB_IFDS, _LAYERS, _IMAGE_LAYER = 330, 37724, 34732
_OF_OLD_PIXELS = frozenset({_LAYERS, _IMAGE_LAYER})
_TRANSFER, _WHITE, _PRIMARIES = 301, 318, 319
_GEOGRAPHY = frozenset({33550, 33920, 33922, 34264, 34735, 34736, 34737})
_ROLES: dict[int, BlockRole] = {
    **dict.fromkeys((_TRANSFER, _WHITE, _PRIMARIES), "profile"),
    **dict.fromkeys((286, 287, 343, 344, 345, *_GEOGRAPHY), "place"),
}
_FIRST_PRIVATE = 32768
_DIRECTORIES = (13, 18)
_LONG, _LONG8 = 4, 16
_HEAD = struct.Struct("<HHI")
"""Tag, type and count before the value, all of them in Intel's order: the content of a block."""
_UNITS = {3: 2, 8: 2, 4: 4, 5: 4, 9: 4, 10: 4, 11: 4, 12: 8}
"""The bytes that a byte order turns round, by type."""
_GAMMA = 2.2  # where no TransferFunction says otherwise (section 20)


@dataclass(slots=True)
class Fields:
    """The blocks in a first directory, Photoshop's resources among them, an IPTC record in these,
    the fields that hold only for the old pixels, and notes on what cannot be read.
    """

    blocks: list[Block] = field(default_factory=list)
    iptc: bytes | None = None
    lost: list[Block] = field(default_factory=list)
    notes: tuple[Message, ...] = ()


def read_fields(page: Any, data: bytes) -> Fields:
    """What is in the first directory, that of ``page`` (tifffile's).

    Raises ValueError for fields that overlap so much that they would take more bytes than the file.
    """
    import tifffile

    order, is_big = page.parent.byteorder, page.parent.is_bigtiff
    entries = exif.read_directory(data, order, page.offset, is_big).entries
    found = [entry for tag, entry in entries.items() if tag not in STRUCTURE | _ELSEWHERE]
    if sum(len(entry.value) for entry in found) > len(data):
        raise ValueError("fields that overlap")
    fields = Fields()
    for entry in found:
        name = tifffile.TIFF.TAGS.get(entry.tag, str(entry.tag))
        content = _pack(entry, order)
        is_old = entry.tag in _OF_OLD_PIXELS or holds_picture(bytes(entry.value))
        if content is None or is_old or holds_picture(content):
            fields.lost.append(Block("field", name, content or b""))
        else:
            role = _ROLES.get(entry.tag, "plain")
            is_private = entry.tag >= _FIRST_PRIVATE
            fields.blocks.append(Block("field", name, content, role, is_private))
    if _SUB_IFDS in entries:
        fields.lost.append(Block("field", "SubIFDs", b""))
    resources = entries.get(RESOURCES)
    if resources is not None:
        fields.blocks += photoshop.read_resource_blocks(bytes(resources.value))
        fields.iptc = photoshop.find_iptc(bytes(resources.value))
        fields.notes = photoshop.note_unread_resources(bytes(resources.value))
    return fields


def write_fields(blocks: Sequence[Block], has_iptc: bool, order: Order) -> Iterator[Entry]:
    """The fields, in a byte order. ``has_iptc``: the file has an IPTC record, in its own field."""
    for block in blocks:
        if block.kind == "field":
            tag, kind, count = _HEAD.unpack_from(block.content)
            value = _turn_round(block.content[_HEAD.size :], kind, order != "<")
            yield Entry(tag, kind, count, value, 0)
    value = photoshop.join_resources(blocks, has_iptc)
    if value:
        yield Entry(RESOURCES, 1, len(value), value, 0)


def find_profile(blocks: Iterable[Block]) -> bytes | None:
    """The ICC profile that the fields on colorimetry stand for; None without primaries."""
    values = {}
    for block in blocks:
        if block.kind == "field" and block.role == "profile":
            tag, kind, count = _HEAD.unpack_from(block.content)
            if kind == 5 and len(block.content) == _HEAD.size + 8 * count:
                parts = struct.unpack_from(f"<{2 * count}I", block.content, _HEAD.size)
                values[tag] = [
                    a / b if b else 0.0 for a, b in zip(parts[::2], parts[1::2], strict=True)
                ]
    points = values.get(_PRIMARIES, [])
    if len(points) != 6:
        return None
    white = values.get(_WHITE, [])
    red, green, blue = zip(points[::2], points[1::2], strict=True)
    middle = (white[0], white[1]) if len(white) == 2 else None
    return make_measured_profile((red, green, blue), middle, _GAMMA)


def _pack(entry: Entry, order: Order) -> bytes | None:
    """The content of a block; None for what points elsewhere in the file, or needs a BigTIFF."""
    value, kind = _turn_round(bytes(entry.value), entry.type, order != "<"), entry.type
    if kind == _LONG8:
        numbers = struct.unpack(f"{order}{entry.count}Q", entry.value)
        if max(numbers) >= 1 << 32:
            return None
        value, kind = struct.pack(f"<{entry.count}I", *numbers), _LONG
    if kind in _DIRECTORIES or kind > 13:
        return None
    return _HEAD.pack(entry.tag, kind, entry.count) + value


def _turn_round(value: bytes, kind: int, is_other: bool) -> bytes:
    """The value of a field in the other byte order, where it ``is_other``."""
    unit = _UNITS.get(kind, 1)
    if not is_other or unit == 1:
        return value
    out = bytearray(len(value))
    for at in range(unit):
        out[at::unit] = value[unit - 1 - at :: unit]
    return bytes(out)
