"""A description of a photo file as plain values, for a person or a program."""

from __future__ import annotations

import io
from typing import Any

from inpaint_core.contract.message import Message
from inpaint_core.photo.metadata import exif
from inpaint_core.photo.photo import Photo

_MAKE, _MODEL, _SOFTWARE = 0x010F, 0x0110, 0x0131
_TAKEN, _MAKER_NOTE = 0x9003, 0x927C
_LONGEST = 1 << 16  # bytes of a text that are read


def describe_photo(photo: Photo) -> dict[str, Any]:
    """The photo's properties as JSON values.

    ``bits``, ``floating`` and ``colours`` are those of the file, ``opens_as`` those after reading;
    ``orientation`` is the EXIF number that was applied, 1 to 8. ``profile`` and each block of
    ``metadata`` is None where the file has none; the profile's ``made_from`` names what it stands
    for where the file has no ICC profile. ``other_parts`` are the parts of the file beside these
    that are kept. ``warnings`` are sentences.
    """
    height, width = photo.shape
    origin = photo.origin
    profile, trouble = _profile(photo.icc, origin.profile_from)
    colours = "grey" if photo.is_grey else "RGB"
    return {
        "format": photo.format,
        "width": width,
        "height": height,
        "megapixels": round(width * height / 1e6, 2),
        "bits": origin.bits,
        "floating": origin.is_float,
        "colours": origin.model or colours,
        "alpha": photo.alpha is not None,
        "opens_as": {"bits": photo.bits, "colours": colours},
        "orientation": origin.orientation,
        "dpi": None if photo.dpi is None else [round(value, 3) for value in photo.dpi],
        "profile": profile,
        "jpeg_sampling": origin.sampling or None,
        "metadata": {
            "exif": _exif(photo.exif),
            "xmp": None if photo.xmp is None else {"bytes": len(photo.xmp)},
            "iptc": None if photo.iptc is None else {"bytes": len(photo.iptc)},
        },
        "other_parts": [
            {"kind": block.kind, "name": block.name, "bytes": len(block.content)}
            for block in photo.blocks
        ],
        "warnings": [str(note) for note in (*photo.notes, *trouble)],
    }


def _profile(icc: bytes | None, source: str) -> tuple[dict[str, Any] | None, tuple[Message, ...]]:
    if icc is None:
        return None, ()
    from PIL import ImageCms

    title: str | None = None
    trouble: tuple[Message, ...] = ()
    try:
        opened = ImageCms.ImageCmsProfile(io.BytesIO(icc))
        title = ImageCms.getProfileDescription(opened).strip() or None
    except (ImageCms.PyCMSError, OSError):
        trouble = (Message("photo.profile_damaged"),)
    space = icc[16:20].decode("ascii", "replace").strip()
    found = {"title": title, "space": space, "bytes": len(icc), "made_from": source or None}
    return found, trouble


def _exif(block: bytes | None) -> dict[str, Any] | None:
    if block is None:
        return None
    found: dict[str, Any] = {"bytes": len(block)}
    try:
        order, first = exif.read_first_directory(block)
    except ValueError:
        return {**found, "readable": False}
    shot = exif.follow_pointer(block, order, first, exif.EXIF_IFD)
    inner = {} if shot is None else shot.entries
    note = inner.get(_MAKER_NOTE)
    return {
        **found,
        "readable": True,
        "make": _text(first.entries.get(_MAKE)),
        "model": _text(first.entries.get(_MODEL)),
        "software": _text(first.entries.get(_SOFTWARE)),
        "taken": _text(inner.get(_TAKEN)),
        "position": exif.GPS_IFD in first.entries,
        "maker_note_bytes": 0 if note is None else len(note.value),
    }


def _text(entry: exif.Entry | None) -> str | None:
    if entry is None or entry.type != 2:
        return None
    return bytes(entry.value[:_LONGEST]).split(b"\0")[0].decode("utf-8", "replace").strip() or None
