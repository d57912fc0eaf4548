"""A photo in memory: pixels at the file's own depth, and everything that is written back."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from inpaint_core.contract.arrays import Pixels
from inpaint_core.contract.geometry import Rect
from inpaint_core.contract.message import Message, Value
from inpaint_core.photo.file_version import FileVersion


@dataclass(frozen=True, slots=True)
class JpegCoding:
    """How a JPEG was compressed, so that writing it again loses as little as possible.

    ``tables`` are the quantisation tables as Pillow takes them (64 numbers each), ``sampling``
    is the chroma subsampling "4:4:4", "4:2:2" or "4:2:0", or "" for any other. Both apply
    to the photo as it lies in the file, by its `Origin.orientation`. ``source`` is the file as it
    was read, from which blocks that no edit touches are taken; b"" where it is not known.
    """

    tables: tuple[tuple[int, ...], ...]
    sampling: str
    source: bytes = field(default=b"", repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class Origin:
    """How the file stored what became a `Photo`.

    ``model`` names its colours ("RGB", "grey", "palette", "CMYK", "CIELAB", "camera raw"; "" where
    unknown), ``bits`` are bits per channel, ``is_float`` tells that they are floating point
    numbers, ``orientation`` is the EXIF orientation (1 to 8) that was applied, and ``sampling``
    the chroma sampling of a JPEG, as in `JpegCoding`. ``profile_from`` names what the profile was
    made from where the file has no ICC profile ("cICP", "gAMA and cHRM"), "" where it has.
    ``is_lossless`` tells that the file is known to hold its pixels without loss, ``has_thumbnail``
    that there was one in its EXIF data, ``has_layers`` that it has layers, of which the photo is
    the picture that they make together.
    """

    model: str = ""
    bits: int = 8
    is_float: bool = False
    orientation: int = 1
    sampling: str = ""
    profile_from: str = ""
    is_lossless: bool = False
    has_thumbnail: bool = False
    has_layers: bool = False


BlockKind = Literal[
    "chunk",
    "late chunk",
    "segment",
    "field",
    "piece",
    "resource",
    "comment",
    "box",
    "trailer",
]
"""What a block is, and so which formats can hold it: a chunk of a PNG (a late one lies behind the
pixels), an application segment of a JPEG, a field of a TIFF's first directory, a chunk of a WebP,
one of Photoshop's image resources, a comment in no particular language. No format that is written
holds a box of HEIF or JPEG XL, or what lies behind the end of a picture."""

BlockRole = Literal["plain", "profile", "colour", "place"]
"""Until when a block is true: always; until the colours are converted, as it says what the numbers
mean ("profile") or is a colour itself; until the photo is turned, as it says where things lie."""


@dataclass(frozen=True, slots=True)
class Block:
    """A part of a file beside pixels, ICC profile, EXIF, XMP and IPTC data, kept as it is.

    ``name`` is what people call it ("tEXt Title", "APP12 Ducky", "GeoKeyDirectoryTag"); ``content``
    is what the format has under that name, in the form that the reader of its kind says.
    ``is_private``: it may tell where or with which camera the photo was taken, or nobody but its
    maker knows what it tells.
    """

    kind: BlockKind
    name: str
    content: bytes = field(repr=False)
    role: BlockRole = "plain"
    is_private: bool = False


@dataclass(frozen=True, eq=False, slots=True)
class Retouched:
    """What of a photo was retouched, for a file that has it as a layer of its own.

    Outside of ``rect`` the photo is what it was. ``mask`` (h, w) uint8 is 255 where it was
    retouched, else 0; ``pixels`` (h, w, 3) and ``alpha`` (h, w), None for a photo without, are what
    was there before, in the photo's depth and colours.
    """

    rect: Rect
    mask: NDArray[np.uint8]
    pixels: Pixels
    alpha: Pixels | None = None


@dataclass(frozen=True, eq=False, slots=True)
class Photo:
    """A photo as it is viewed: its EXIF orientation is already applied.

    ``pixels`` (H, W, 3) uint8 or uint16, RGB over the full range of the depth; a grey photo has
    three equal channels and ``is_grey`` set. ``alpha`` (H, W) of the same dtype, not premultiplied,
    or None. ``icc`` is the profile of the numbers; None is treated as sRGB.
    ``exif`` is a TIFF structure (without the "Exif" prefix of JPEG), its orientation 1 and its
    pictures taken out; ``xmp`` is an XMP packet, ``iptc`` an IPTC-IIM record. ``format`` is the
    name of the file's format ("JPEG", "PNG", "TIFF", "WEBP", "BMP", "GIF", "AVIF", "HEIF", "JXL",
    "RAW"). ``dpi`` is the resolution (x, y) in dots per inch, where the file says it outside of
    the EXIF data. ``notes`` say what of the file was left out. ``blocks`` are the file's other
    parts that go into the output, in their order. ``version`` is that of the file when it was read.
    ``retouched`` is what a layer of its own is to hold; None: there is to be none.
    """

    pixels: Pixels
    alpha: Pixels | None = None
    icc: bytes | None = None
    exif: bytes | None = None
    xmp: bytes | None = None
    format: str = ""
    path: Path | None = None
    is_grey: bool = False
    dpi: tuple[float, float] | None = None
    jpeg: JpegCoding | None = None
    notes: tuple[Message, ...] = ()
    iptc: bytes | None = None
    origin: Origin = Origin()
    version: FileVersion | None = None
    blocks: tuple[Block, ...] = ()
    retouched: Retouched | None = None

    @property
    def shape(self) -> tuple[int, int]:
        """(H, W) in pixels."""
        return self.pixels.shape[0], self.pixels.shape[1]

    @property
    def bits(self) -> int:
        """Bits per channel, 8 or 16."""
        return self.pixels.dtype.itemsize * 8

    def map_arrays(self, convert: Callable[[Pixels], Pixels]) -> Photo:
        """The photo with pixels and alpha converted alike, without changing its shape where a part
        was ``retouched``.
        """
        alpha = None if self.alpha is None else convert(self.alpha)
        before = self.retouched
        if before is not None:
            opacity = None if before.alpha is None else convert(before.alpha)
            before = replace(before, pixels=convert(before.pixels), alpha=opacity)
        return replace(self, pixels=convert(self.pixels), alpha=alpha, retouched=before)


_MOST_NAMES = 12
_LOST = "photo.blocks_left_out"


def name_blocks(blocks: Iterable[Block]) -> tuple[Message, ...]:
    """The names of blocks for a sentence, those of one kind together."""
    named: dict[str, dict[str, None]] = {}
    for block in blocks:
        named.setdefault(block.kind.removeprefix("late "), {})[block.name] = None
    return tuple(
        Message(f"photo.block.{kind}")
        if kind in ("comment", "trailer")
        else Message(f"photo.blocks.{kind}", names=_shorten(list(names)))
        for kind, names in named.items()
    )


def _shorten(names: list[str]) -> list[str]:
    return names if len(names) <= _MOST_NAMES else [*names[:_MOST_NAMES], "…"]


def note_lost_blocks(blocks: Iterable[Block]) -> tuple[Message, ...]:
    """A note on blocks that are true of the old pixels only; none where there are none."""
    named = name_blocks(blocks)
    return (Message("photo.blocks_left_out", blocks=named),) if named else ()


def note_unread_blocks(blocks: Iterable[Block]) -> tuple[Message, ...]:
    """A note on blocks that are damaged, or too many; none where there are none."""
    named = name_blocks(blocks)
    return (Message("photo.metadata_unreadable", blocks=named),) if named else ()


def join_lost_notes(notes: Sequence[Message]) -> tuple[Message, ...]:
    """The notes, all those of `note_lost_blocks` and on previews as one, where the first stood."""
    lost = [note for note in notes if note.key == _LOST]
    if len(lost) < 2:
        return tuple(notes)
    joined: dict[str, Message] = {}
    for block in (block for note in lost for block in _read_tuple(note, "blocks")):
        if isinstance(block, Message):
            before = joined.setdefault(block.key, block)
            names = dict.fromkeys([*_read_tuple(before, "names"), *_read_tuple(block, "names")])
            if names:
                kind = block.key.removeprefix("photo.blocks.")
                joined[block.key] = Message(f"photo.blocks.{kind}", names=list(names))
    first = notes.index(lost[0])
    rest = [note for note in notes if note.key != _LOST]
    return (
        *rest[:first],
        Message("photo.blocks_left_out", blocks=list(joined.values())),
        *rest[first:],
    )


def _read_tuple(message: Message, name: str) -> tuple[Value, ...]:
    value = message.values.get(name, ())
    return value if isinstance(value, tuple) else ()


def as_pixels(values: NDArray[Any]) -> Pixels:
    """A decoder's ``values``, typed as uint8 or uint16. Raises ValueError for anything else."""
    if values.dtype == np.uint8:
        return np.asarray(values, np.uint8)
    if values.dtype == np.uint16:
        return np.asarray(values, np.uint16)
    raise ValueError(f"samples of type {values.dtype}")


def grey_pixels(values: Pixels) -> Pixels:
    """Grey values (H, W) as RGB pixels (H, W, 3)."""
    return as_pixels(np.repeat(values[:, :, np.newaxis], 3, axis=2))


def split_channels(values: NDArray[Any]) -> tuple[Pixels, Pixels | None, bool]:
    """Grey or RGB samples (H, W) or (H, W, 1 to 4), the second or fourth of them alpha, as pixels
    and alpha, and whether they are grey. Raises ValueError for other channels.
    """
    values = as_pixels(values)
    if values.ndim == 2:
        return grey_pixels(values), None, True
    samples = values.shape[2]
    alpha = values[:, :, -1].copy() if samples in (2, 4) else None
    if samples <= 2:
        return grey_pixels(values[:, :, 0]), alpha, True
    if samples > 4:
        raise ValueError(f"{samples} channels")
    return as_pixels(np.ascontiguousarray(values[:, :, :3])), alpha, False


def turn_upright(pixels: Pixels, orientation: int) -> Pixels:
    """``pixels`` (H, W) or (H, W, C) turned upright from EXIF ``orientation`` 1 to 8.

    Source: EXIF 2.32, tag 274: which sides of the picture row 0 and column 0 are.
    """
    import cv2

    turns: dict[int, Callable[[Pixels], NDArray[Any]]] = {
        2: lambda p: cv2.flip(p, 1),
        3: lambda p: cv2.rotate(p, cv2.ROTATE_180),
        4: lambda p: cv2.flip(p, 0),
        5: cv2.transpose,
        6: lambda p: cv2.rotate(p, cv2.ROTATE_90_CLOCKWISE),
        7: lambda p: cv2.transpose(cv2.rotate(p, cv2.ROTATE_180)),
        8: lambda p: cv2.rotate(p, cv2.ROTATE_90_COUNTERCLOCKWISE),
    }
    return as_pixels(turns[orientation](pixels)) if orientation in turns else pixels


def turn_back(pixels: Pixels, orientation: int) -> Pixels:
    """Upright ``pixels`` as a file of EXIF ``orientation`` stores them: undoes `turn_upright`."""
    return turn_upright(pixels, {6: 8, 8: 6}.get(orientation, orientation))


def to_eight_bits(values: Pixels) -> NDArray[np.uint8]:
    """The values with 8 bits: as they are, or 0..65535 rounded to 0..255."""
    if values.dtype == np.uint8:
        return np.asarray(values, np.uint8)
    import cv2

    return np.asarray(cv2.convertScaleAbs(values, alpha=1 / 257), np.uint8).reshape(values.shape)
