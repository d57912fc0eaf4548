"""HEIF (HEIC) and AVIF files: libheif reads both containers."""

from __future__ import annotations

from pathlib import Path

from inpaint_core.photo.formats.format import CERTAIN, MAYBE, NO, Format, lazy
from inpaint_core.photo.formats.iso_boxes import read_brands

_HEVC = frozenset({b"heic", b"heix", b"hevc", b"hevx", b"heim", b"heis"})
_ANY_CODING = frozenset({b"mif1", b"msf1"})  # an AVIF says so too
_DECODE = lazy("heif.libheif.decode_heif")


def _sniff_heif(data: bytes, path: Path) -> int:
    brands = read_brands(data)
    return CERTAIN if brands & _HEVC else MAYBE if brands & _ANY_CODING else NO


def _sniff_avif(data: bytes, path: Path) -> int:
    return CERTAIN if read_brands(data) & {b"avif", b"avis"} else NO


HEIF = Format(
    id="HEIF",
    title="HEIF",
    extensions=(".heic", ".heif", ".hif"),
    sniff=_sniff_heif,
    decode=_DECODE,
)
AVIF = Format(id="AVIF", title="AVIF", extensions=(".avif",), sniff=_sniff_avif, decode=_DECODE)
