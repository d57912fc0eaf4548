"""A photo in memory: its pixels at the file's own depth, and everything that goes back out."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inpaint_core.contract.arrays import Pixels


@dataclass(frozen=True, slots=True)
class JpegCoding:
    """How a JPEG was compressed, so that writing it again costs as little as possible.

    ``tables`` are the quantisation tables as Pillow takes them (64 numbers each), ``sampling``
    is the chroma subsampling "4:4:4", "4:2:2" or "4:2:0", or "" for any other. Both are those of
    the photo as it is looked at. ``source`` is the file as it was read: blocks that no edit
    touches are taken from it. b"" where it is not known.
    """

    tables: tuple[tuple[int, ...], ...]
    sampling: str
    source: bytes = field(default=b"", repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class Metadata:
    """The blocks of a file that describe the photo: see `Photo` for what each of them is."""

    icc: bytes | None = None
    exif: bytes | None = None
    xmp: bytes | None = None


@dataclass(frozen=True, slots=True)
class Origin:
    """How the file holds what a `Photo` was made from.

    ``model`` names its colours ("RGB", "grey", "palette", "CMYK", "CIELAB", "camera raw"; "" where
    nobody asked), ``bits`` counts those of a channel, ``floats`` says that they are floating point
    numbers, ``turn`` is the orientation 1 to 8 that was applied, and ``sampling`` the chroma
    sampling of a JPEG, as in `JpegCoding`.
    """

    model: str = ""
    bits: int = 8
    floats: bool = False
    turn: int = 1
    sampling: str = ""


@dataclass(frozen=True, eq=False, slots=True)
class Photo:
    """A photo as it is looked at: the orientation of its EXIF data is already applied.

    ``pixels`` (H, W, 3) uint8 or uint16, RGB over the full range of the depth; a grey photo has
    three equal channels and ``grey`` set. ``alpha`` (H, W) of the same dtype, not premultiplied,
    or None. ``icc`` is the profile that the numbers are meant in; None is taken for sRGB.
    ``exif`` is a TIFF structure (without the "Exif" prefix of JPEG), its orientation 1 and its
    thumbnail taken out; ``xmp`` is an XMP packet, ``iptc`` an IPTC-IIM record. ``format`` is the
    name of the file's format ("JPEG", "PNG", "TIFF", "WEBP", "BMP", "GIF", "AVIF", "HEIF", "JXL",
    "RAW"). ``dpi`` is the resolution (x, y) in dots per inch, where the file says it outside of
    the EXIF data. ``notes`` are sentences for a person on what of the file is not in here.
    """

    pixels: Pixels
    alpha: Pixels | None = None
    icc: bytes | None = None
    exif: bytes | None = None
    xmp: bytes | None = None
    format: str = ""
    path: Path | None = None
    grey: bool = False
    dpi: tuple[float, float] | None = None
    jpeg: JpegCoding | None = None
    notes: tuple[str, ...] = ()
    iptc: bytes | None = None
    origin: Origin = Origin()

    @property
    def shape(self) -> tuple[int, int]:
        """(H, W) in pixels."""
        return self.pixels.shape[0], self.pixels.shape[1]

    @property
    def bits(self) -> int:
        """Bits per channel, 8 or 16."""
        return self.pixels.dtype.itemsize * 8


def as_pixels(values: NDArray[Any]) -> Pixels:
    """``values``, which a decoder made, as what they must be: uint8 or uint16, else ValueError."""
    if values.dtype == np.uint8:
        return np.asarray(values, np.uint8)
    if values.dtype == np.uint16:
        return np.asarray(values, np.uint16)
    raise ValueError(f"samples of type {values.dtype}")


def grey_pixels(values: Pixels) -> Pixels:
    """Grey values (H, W) as RGB pixels (H, W, 3)."""
    return as_pixels(np.repeat(values[:, :, np.newaxis], 3, axis=2))
