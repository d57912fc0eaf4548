"""Taking smaller pictures of the photo out of what goes with it: they show it as it was.

Source: TIFF 6.0, section 2; EXIF 2.32, section 4.5.2 (thumbnails); IPTC-IIM 4.2, datasets 2:200 to
2:202 and record 8; XMP specification, part 2 (xmp:Thumbnails). Makers keep previews in their notes
at places that only they know, mostly as JPEG: these are found by what they are.
"""

from __future__ import annotations

import struct
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import accumulate, groupby, islice

from inpaint_core.contract.message import Message
from inpaint_core.photo.metadata import exif as blocks
from inpaint_core.photo.metadata.embedded_pictures import find_pictures
from inpaint_core.photo.metadata.exif import Directory, Order
from inpaint_core.photo.metadata.photoshop import THUMBNAIL
from inpaint_core.photo.metadata.xmp_previews import remove_xmp_previews
from inpaint_core.photo.photo import Block, Photo, join_lost_notes, note_lost_blocks

_SUB_IFDS, _MAKER_NOTE = 0x014A, 0x927C
# JPEG, strips, tiles: the fields with their offsets and with their sizes in bytes.
_PIXELS = ((0x0201, 0x0202), (0x0111, 0x0117), (0x0144, 0x0145))
# Makers continue a preview in their next segment.
_GOING_ON = frozenset({"segment", "comment", "chunk", "late chunk", "piece"})
_MOST_DIRECTORIES, _MOST_STRIPS = 16, 4096
_DATASET, _LONG_SIZE = 0x1C, 0x8000
_OBJECT_PREVIEW, _OBJECT_DATA = frozenset({(2, 200), (2, 201), (2, 202)}), (7, 8, 9)


_Span = tuple[int, int]  # start and end in bytes


def remove_previews(photo: Photo) -> Photo:
    """The photo without pictures in its metadata, its profile and its blocks. The note on what
    of the file is not kept says where they were, and the origin that there was an EXIF thumbnail,
    which a JPEG gets anew.
    """
    exif, places, had_thumbnail = remove_exif_previews(photo.exif or b"")
    xmp = remove_xmp_previews(photo.xmp or b"")
    iptc = remove_iptc_previews(photo.iptc or b"")
    places += ["xmp"] * (xmp != (photo.xmp or b"")) + ["iptc"] * (iptc != (photo.iptc or b""))
    icc = _blank(photo.icc or b"", find_pictures(photo.icc or b""))
    places += ["icc"] * (icc != (photo.icc or b""))
    lost = find_blocks_with_pictures(photo.blocks)
    gone = frozenset(lost)
    notes = [note_previews(*places)] if places else []
    return replace(
        photo,
        exif=exif or None,
        xmp=xmp or None,
        iptc=iptc or None,
        icc=icc or None,
        blocks=tuple(block for block in photo.blocks if block not in gone),
        notes=join_lost_notes([*photo.notes, *notes, *note_lost_blocks(lost)]),
        origin=replace(photo.origin, has_thumbnail=had_thumbnail),
    )


def find_blocks_with_pictures(blocks: Sequence[Block]) -> list[Block]:
    """Those that hold a picture, or a piece of one that goes on in the next block of its kind."""
    lost = []
    for kind, group in groupby(blocks, lambda block: block.kind):
        found = list(group)
        contents = [block.content for block in found]
        goes_on = kind in _GOING_ON and len(found) > 1
        spans = _merge(find_pictures(b"".join(contents)) if goes_on else [])
        ends = list(accumulate(map(len, contents)))
        for block, end in zip(found, ends, strict=True):
            is_in_one = _overlaps((end - len(block.content), end), spans)
            if block.name == THUMBNAIL or is_in_one or find_pictures(block.content):
                lost.append(block)
    return lost


def name_previews(places: Sequence[str]) -> tuple[Message, ...]:
    """The previews in some ``places`` of a file, for a sentence; nothing where there are none."""
    names = [Message(f"photo.preview.{place}") for place in places]
    return (Message("photo.blocks.preview", names=names),) if names else ()


def note_previews(*places: str) -> Message:
    """A note that previews in some places of a file are not kept."""
    return Message("photo.blocks_left_out", blocks=name_previews(places))


def remove_exif_previews(exif: bytes) -> tuple[bytes, list[str], bool]:
    """The EXIF data without pictures, in which parts of it there were previews beside the
    thumbnail ("exif", "maker_note"), and whether there was a thumbnail.

    Pictures are overwritten with zeros, so that everything else stays at its offset. The
    directories behind the first, which describe thumbnails, are unlinked.
    """
    pictures = find_pictures(bytes(8) + exif[8:])  # it begins as a TIFF picture does
    try:
        order, first = blocks.read_first_directory(exif)
    except ValueError:
        return _blank(exif, pictures), ["exif"] * bool(pictures), False
    kept, maker = _find_kept_values(exif, order, first)
    # One that is cut off could be followed too far.
    edges = [*sorted(start for start, _ in kept), len(exif)]
    pictures = [(a, min(b, edges[bisect_right(edges, a)])) for a, b in pictures]
    kept = _merge(kept)
    thumbnail, others = (
        [span for span in spans if not _overlaps(span, kept)]
        for spans in _find_described(exif, order, first)
    )
    own = _merge(thumbnail)
    previews = [span for span in (*pictures, *others) if not _overlaps(span, own)]
    in_maker_note = [span for span in previews if maker is not None and _overlaps(span, [maker])]
    places = ["exif"] * (len(in_maker_note) < len(previews)) + ["maker_note"] * bool(in_maker_note)
    out = bytearray(_blank(exif, [*pictures, *thumbnail, *others]))
    if first.next:
        struct.pack_into(order + "I", out, first.next_at, 0)
    start = min(thumbnail, default=(0, 0))[0]
    if start >= kept[-1][1] and not out[start:].strip(b"\0"):
        del out[start:]
    if others:
        out = bytearray(blocks.drop_fields(bytes(out), None, frozenset({_SUB_IFDS})))
    return bytes(out), places, bool(thumbnail)


def _find_kept_values(
    exif: bytes, order: Order, first: Directory
) -> tuple[list[_Span], _Span | None]:
    """Where the fields of the directories that are not a thumbnail's have their values and are
    written, and the maker note among them.
    """
    shot = blocks.follow_pointer(exif, order, first, blocks.EXIF_IFD)
    directories = [first, blocks.follow_pointer(exif, order, first, blocks.GPS_IFD), shot]
    if shot is not None:
        directories.append(blocks.follow_pointer(exif, order, shot, blocks.INTEROP_IFD))
    spans, maker = [], None
    for directory in directories:
        if directory is None:
            continue
        spans.append((directory.next_at - 12 * len(directory.entries) - 2, directory.next_at + 4))
        for entry in directory.entries.values():
            spans.append((entry.at, entry.at + len(entry.value)))
            if directory is shot and entry.tag == _MAKER_NOTE:
                maker = spans[-1]
    return spans, maker


def _find_described(exif: bytes, order: Order, first: Directory) -> tuple[list[_Span], list[_Span]]:
    """Where the pixels of the thumbnail lie, which the second directory describes, and those of
    further directories.
    """
    size = len(exif)
    second, *more = list(_iter_chain(exif, order, first.next)) or [Directory({}, 0, 0)]
    for start in blocks.read_numbers(first.entries.get(_SUB_IFDS), order)[:_MOST_DIRECTORIES]:
        more += _iter_chain(exif, order, start)
    thumbnail = list(_iter_pixels(second, order, size))
    others = [span for directory in more for span in _iter_pixels(directory, order, size)]
    return thumbnail, others


def _iter_chain(exif: bytes, order: Order, start: int) -> Iterator[Directory]:
    """The directory at ``start`` and those that follow it."""
    for _ in range(_MOST_DIRECTORIES):
        if not start:
            return
        try:
            found = blocks.read_directory(exif, order, start)
        except ValueError:
            return
        yield found
        start = found.next


def _iter_pixels(directory: Directory, order: Order, end: int) -> Iterator[_Span]:
    """Where the pixels lie that a directory describes, as far as the ``end`` of the data."""
    for place, length in _PIXELS:
        starts, sizes = (
            blocks.read_numbers(directory.entries.get(tag), order) for tag in (place, length)
        )
        for start, size in islice(zip(starts, sizes, strict=False), _MOST_STRIPS):
            if size and start < end:
                yield start, min(start + size, end)


def _merge(spans: list[_Span]) -> list[_Span]:
    """The same bytes as spans in their order that do not touch."""
    merged: list[_Span] = []
    for start, end in sorted(spans):
        if merged and start <= merged[-1][1]:
            merged[-1] = merged[-1][0], max(merged[-1][1], end)
        else:
            merged.append((start, end))
    return merged


def _overlaps(span: _Span, merged: list[_Span]) -> bool:
    before = bisect_left(merged, (span[1], 0))
    return before > 0 and merged[before - 1][1] > span[0]


def _blank(data: bytes, spans: list[_Span]) -> bytes:
    out = bytearray(data)
    for start, end in _merge(spans):
        out[start:end] = bytes(end - start)
    return bytes(out)


def remove_iptc_previews(record: bytes) -> bytes:
    """The IPTC record without the datasets of a preview, or of any picture that goes on in the next
    one of its number, and with other pictures in it overwritten with zeros.
    """
    kept: list[tuple[tuple[int, int], bytes]] = []
    contents: dict[tuple[int, int], list[bytes]] = {}
    at = 0
    while len(record) >= at + 5 and record[at] == _DATASET:
        start, (size,) = at + 5, struct.unpack_from(">H", record, at + 3)
        if size & _LONG_SIZE:  # then these are the bytes of the size (section 1.5.3)
            start += size & ~_LONG_SIZE
            size = int.from_bytes(record[at + 5 : start], "big")
        number = record[at + 1], record[at + 2]
        if number not in _OBJECT_PREVIEW and number[0] not in _OBJECT_DATA:
            kept.append((number, record[at : start + size]))
            contents.setdefault(number, []).append(record[start : start + size])
        at = start + size
    in_pieces = {
        number
        for number, pieces in contents.items()
        if len(pieces) > 1 and find_pictures(b"".join(pieces))
    }
    rest = b"".join([*(part for number, part in kept if number not in in_pieces), record[at:]])
    return _blank(rest, find_pictures(rest))
