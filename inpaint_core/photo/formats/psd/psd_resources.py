"""The image resources of a Photoshop document that a photo has as its own.

Source: Adobe Photoshop file format, “Image Resources Section”.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

from inpaint_core.photo.metadata import photoshop
from inpaint_core.photo.photo import Block, Photo

ICC, EXIF, XMP = 1039, 1058, 1060
_RESOLUTION, _VERSION = 1005, 1057
# What is said of layers and channels that no longer are: layer states, groups, selections and
# comps; names, numbers and colours of alpha channels.
_OF_OLD_LAYERS = frozenset(
    {1006, 1007, 1024, 1026, 1045, 1053, 1065, 1066, 1067, 1069, 1072, 1077, _VERSION}
)
_FIXED = 65536  # a number of 32 bits with 16 behind the point
_PIXELS_PER_INCH, _INCHES = 1, 1


def keep_resources(blocks: tuple[Block, ...], has_dpi: bool) -> Iterator[Block]:
    """The blocks without what a new document says itself, or what was true of its old layers."""
    for block in blocks:
        if block.kind == "resource":
            (number,) = struct.unpack_from(">H", block.content, 4)
            if number in _OF_OLD_LAYERS or (number == _RESOLUTION and has_dpi):
                continue
        yield block


def join_all(photo: Photo) -> bytes:
    """All resources of a new document, one after the other."""
    writer = "Lacuna".encode("utf-16-be")
    name = struct.pack(">I", len(writer) // 2) + writer
    # With a merged picture; by whom it was written, and by whom it can be read.
    own = {_VERSION: struct.pack(">IB", 1, 1) + name + name + struct.pack(">I", 1)}
    if photo.dpi is not None:
        x, y = (round(value * _FIXED) for value in photo.dpi)
        unit = (_PIXELS_PER_INCH, _INCHES)
        own[_RESOLUTION] = struct.pack(">IHHIHH", x, *unit, y, *unit)
    for number, content in ((ICC, photo.icc), (EXIF, photo.exif), (XMP, photo.xmp)):
        if content is not None:
            own[number] = content
    kept = tuple(keep_resources(photo.blocks, photo.dpi is not None))
    new = b"".join(_wrap(number, content) for number, content in sorted(own.items()))
    return new + photoshop.join_resources_and_iptc(kept, photo.iptc)


def read_dpi(content: bytes | None) -> tuple[float, float] | None:
    """The resolution (x, y) that a resource states; None without one."""
    if content is None or len(content) < 16:
        return None
    x, _, _, y, _, _ = struct.unpack_from(">IHHIHH", content)
    return x / _FIXED, y / _FIXED


def has_picture(content: bytes | None) -> bool:
    """Whether the document has the picture that its layers make together. Without a resource that
    says so, it is from a time when all had.
    """
    return content is None or len(content) < 5 or content[4] != 0


def is_by_photoshop(content: bytes | None) -> bool:
    """Whether Photoshop itself wrote the document."""
    return content is not None and "Adobe Photoshop".encode("utf-16-be") in content


def find_resources(data: bytes) -> dict[str, bytes]:
    """The contents of those resources that a photo has as its own, by a name."""
    names = {ICC: "icc", EXIF: "exif", XMP: "xmp", _RESOLUTION: "dpi", _VERSION: "version"}
    return {
        names[number]: content
        for number, content, _ in photoshop.iter_resources(data)
        if number in names
    }


def _wrap(number: int, content: bytes) -> bytes:
    head = b"8BIM" + struct.pack(">HHI", number, 0, len(content))
    return head + content + bytes(len(content) % 2)
