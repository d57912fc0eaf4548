"""Photos with their masks, matched by name, and their 8-bit arrays."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

import numpy as np

from inpaint_core.contract.arrays import BoolMask, Pixels
from inpaint_core.contract.errors import BadRequest, FileUnreadable
from inpaint_core.lab.evaluation.pixel_metrics import Composite
from inpaint_core.photo.read_photo import read_mask, read_photo

SUFFIXES = frozenset(
    ".avif .bmp .heic .heif .jpeg .jpg .jxl .png .tif .tiff .webp".split()  # noqa: SIM905
)
HOLE_FROM = 128
"""A mask pixel of at least this (of 255) belongs to the hole."""


@dataclass(frozen=True, slots=True)
class Case:
    """A photo and its mask; ``name`` is the stem of both files."""

    name: str
    photo: Path
    mask: Path


@dataclass(frozen=True, eq=False, slots=True)
class Sample:
    """What is scored: ``truth`` (H, W, 3) uint8 and ``hole`` (H, W) bool."""

    truth: Composite
    hole: BoolMask


def list_pictures(folder: Path) -> dict[str, Path]:
    """The picture files of a folder by stem, in alphabetical order.

    Raises `FileUnreadable` when it is not a folder, `BadRequest` when two files share a stem.
    """
    if not folder.is_dir():
        raise FileUnreadable("lab.not_a_folder", path=folder)
    found: dict[str, Path] = {}
    for path in sorted(folder.iterdir()):
        if path.suffix.lower() in SUFFIXES and path.is_file():
            stem = unicodedata.normalize("NFC", path.stem)  # macOS writes “é” as two characters
            if stem in found:
                raise BadRequest("lab.same_stem", one=found[stem].name, other=path.name)
            found[stem] = path
    return found


def find_cases(
    photos: Path, masks: Path, only: Sequence[str] = (), limit: int | None = None
) -> list[Case]:
    """The photos that have a mask of the same stem.

    ``only``: shell patterns (``*_sea``); if given, stems that match none are left out. ``limit``:
    at most this many, evenly spread. Raises `BadRequest` when none is left.
    """
    by_photo, by_mask = list_pictures(photos), list_pictures(masks)
    names = [
        name
        for name, photo in by_photo.items()
        if name in by_mask and not by_mask[name].samefile(photo)
    ]
    if not names:
        raise BadRequest("lab.no_masks", photos=len(by_photo), masks=len(by_mask), folder=masks)
    if only:
        names = [name for name in names if any(fnmatchcase(name, glob) for glob in only)]
        if not names:
            raise BadRequest("lab.no_match", patterns=tuple(only), example=next(iter(by_photo)))
    if limit is not None and limit < len(names):
        chosen = np.linspace(0, len(names) - 1, limit).round().astype(int)
        names = [names[i] for i in chosen]
    return [Case(name, by_photo[name], by_mask[name]) for name in names]


def load_sample(case: Case) -> Sample:
    """Decode a case. Raises an `InpaintError` for damaged files, a mask of another size, and a mask
    that covers nothing or everything.
    """
    truth = to_eight_bit(read_photo(case.photo).pixels)
    hole = read_mask(case.mask, truth.shape[:2]) >= HOLE_FROM
    if not hole.any() or hole.all():
        if hole.any():
            raise BadRequest("lab.mask_covers_everything", name=case.mask.name)
        raise BadRequest("lab.mask_covers_nothing", name=case.mask.name)
    return Sample(truth, hole)


def to_eight_bit(pixels: Pixels) -> Composite:
    """The same picture with 8 bits per channel; 65535 becomes 255."""
    if pixels.dtype == np.uint8:
        return pixels.astype(np.uint8, copy=False)
    return ((pixels.astype(np.uint32) + 128) // 257).astype(np.uint8)
