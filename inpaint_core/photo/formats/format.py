"""What a photo format says of itself, and the verbs that every format has.

Each file or folder of formats ends in their declarations, ``FORMAT = Format(...)``. Libraries are
imported inside the verbs or by `lazy`, so that a format costs nothing until a file of it comes.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Literal

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from inpaint_core.contract.message import Message
    from inpaint_core.contract.progress import Progress
    from inpaint_core.photo.photo import BlockKind, Photo

NO, MAYBE, NAMED, CERTAIN = range(4)
"""How sure a format is of a file: not its own; a start that others share; the file's name says so;
a signature of its own."""

DEFAULT_QUALITY = 95
"""What a format with a quality is written at unless said otherwise."""

Encoded = tuple[bytes, tuple["Message", ...]]
"""A whole file, and notes on what could not be kept."""

Encode = Callable[["Photo", int | None, str], Encoded]
"""From a photo that fits, a quality 1 to 100 (None: the default) and a chroma sampling ("": the
default)."""


def lazy(verb: str, *first: object) -> Callable[..., Any]:
    """A function of this folder, such as "png.png_reader.decode_png", whose module is imported at
    the first call; it is called with the arguments ``first`` before the others.
    """
    module, _, name = verb.rpartition(".")

    def call(*arguments: object) -> Any:
        return getattr(importlib.import_module(f"{__package__}.{module}"), name)(*first, *arguments)

    return call


def starts_with(sure: int, *starts: bytes) -> Callable[[bytes, Path], int]:
    """A ``sniff`` that is ``sure`` of files with one of these beginnings."""
    return lambda data, path: sure if data.startswith(starts) else NO


@dataclass(frozen=True, slots=True)
class Strips:
    """Writing a file strip by strip, so that little memory is needed beside the photo.

    ``estimate`` says about how many bytes the pixels will take; ``write`` writes the whole file;
    ``read_back`` yields the samples (rows, W, channels) of a written file from the top, or is
    None for a file that is not made of such strips.
    """

    estimate: Callable[[Photo], int]
    write: Callable[[Photo, BinaryIO, Progress], None]
    read_back: Callable[[Path], Iterator[NDArray[Any]] | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """A photo format: ``id`` as in `Photo.format`, ``title`` for a person, and the usual
    ``extensions`` in lower case with their dot, first the one that is written.

    ``sniff`` takes the bytes and the path of a file and returns `NO` to `CERTAIN`. ``decode``
    takes bytes, path and the most pixels; it returns the photo as it lies in the file, and the
    EXIF orientation 1 to 8 that is still to be applied. ``decode_small`` takes bytes and a side:
    it decodes quickly to a photo, upright, whose longer side has at least so many pixels, or
    returns None. Where a decoder does not say what it had to invent, ``has_damage`` tells whether
    bits of the pixels are missing or wrong, and ``decode_damaged`` decodes such a file, with a
    note; both take what ``decode`` takes.
    """

    id: str
    title: str
    extensions: tuple[str, ...]
    sniff: Callable[[bytes, Path], int]
    decode: Callable[[bytes, Path, int], tuple[Photo, int]]
    decode_small: Callable[[bytes, int], Photo | None] | None = None
    has_damage: Callable[[bytes, Path, int], bool] | None = None
    decode_damaged: Callable[[bytes, Path, int], tuple[Photo, int]] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WritableFormat(Format):
    """A format that can be written, how, and what it holds beside 8-bit RGB.

    ``lossless_quality`` is the quality at which nothing is lost: 0 for a format that never loses
    anything, None for one that always does. ``exif_limit`` counts bytes. ``has_thumbnail``: EXIF
    data carries a small picture. ``keeps_jpeg_blocks``: without a quality, a photo that was a JPEG
    keeps its compression. ``holds`` are the kinds of blocks that go into a file. ``layers``: a file
    never has layers, has them where that is wished, or always.
    """

    encoder: Encode | Strips
    lossless_quality: int | None = 0
    has_quality: bool = False
    has_chroma: bool = False
    keeps_jpeg_blocks: bool = False
    depth: int = 8
    has_alpha: bool = False
    has_grey: bool = True
    has_grey_alpha: bool = True
    has_icc: bool = True
    exif_limit: int = 1 << 32
    has_thumbnail: bool = False
    has_xmp: bool = True
    has_iptc: bool = True
    holds: frozenset[BlockKind] = frozenset()
    layers: Literal["never", "on demand", "always"] = "never"

    def has_layers(self, wished: bool) -> bool:
        """Whether a retouched part becomes a layer of its own."""
        return self.layers == "always" or (wished and self.layers == "on demand")

    def choose_quality(self, photo: Photo, quality: int | None) -> int | None:
        """The ``quality`` that was asked for; without one, that at which nothing is lost of a photo
        whose file had lost nothing, where there is one.
        """
        if quality is None and self.has_quality and photo.origin.is_lossless:
            return self.lossless_quality
        return quality

    def is_lossless(self, quality: int | None) -> bool:
        """Whether every pixel comes back as it was written at this ``quality``."""
        return self.lossless_quality == 0 or (quality or 0) >= (self.lossless_quality or 101)
