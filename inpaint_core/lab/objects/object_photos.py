"""Photos with silhouettes of what is in them, and silhouettes alone."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from inpaint_core.contract.arrays import BoolMask
from inpaint_core.lab.training.photo_archive import PhotoArchive

_LONGEST = 512  # pixels: larger photos are reduced when they are read
_NUMBER = re.compile(r"\d{4,}")
_WITHHELD = 5  # every fifth number is not trained on


@dataclass(frozen=True)
class OutlinedPhoto:
    """A photo (H, W, 3) uint8, and what is in it: masks (H, W)."""

    name: str
    pixels: NDArray[np.uint8]
    objects: tuple[BoolMask, ...]


@dataclass(frozen=True)
class ObjectPhotos:
    """Photos with silhouettes; ``silhouettes`` for which there is no photo; ``photos`` without any.

    Of each, either those that are trained on or those that are withheld.
    """

    outlined: tuple[OutlinedPhoto, ...]
    silhouettes: tuple[BoolMask, ...]
    photos: PhotoArchive
    numbers: tuple[int, ...]  # of `photos`

    def read_photo(self, rng: np.random.Generator) -> NDArray[np.uint8]:
        """Any of ``photos``."""
        while True:
            picture = self.photos.read(self.numbers[rng.integers(len(self.numbers))])
            if picture is not None:
                return picture


def read_object_photos(
    photos: Sequence[str], silhouettes: Sequence[str], *, withheld: bool
) -> ObjectPhotos:
    """What is trained on, or what is ``withheld`` from training.

    A silhouette belongs to the photo whose name holds the same number of four digits or more and
    whose size it has.
    """
    archive, drawn = PhotoArchive(photos), PhotoArchive(silhouettes)
    masks: dict[str, list[BoolMask]] = {}
    for number, place in enumerate(drawn.places):
        if _is_withheld(place.name, number) != withheld:
            continue
        picture = drawn.read(number)
        if picture is not None:
            masks.setdefault(_find_number(place.name), []).append(_clean(picture[..., 0] > 127))
    outlined, numbers = [], []
    for number, place in enumerate(archive.places):
        own = _find_number(place.name)
        if _is_withheld(place.name, number) != withheld:
            continue
        numbers.append(number)
        if own not in masks:
            continue
        pixels = archive.read(number)
        if pixels is not None:
            fitting = tuple(mask for mask in masks[own] if mask.shape == pixels.shape[:2])
            if fitting:
                outlined.append(OutlinedPhoto(place.name, pixels, fitting))
                del masks[own]
    rest = tuple(mask for each in masks.values() for mask in each if mask.any())
    return ObjectPhotos(tuple(outlined), rest, archive, tuple(numbers))


def _find_number(name: str) -> str:
    found = _NUMBER.search(name.rpartition("/")[2])
    return found.group() if found else ""


def _is_withheld(name: str, place: int) -> bool:
    number = _find_number(name)
    return int(number or place) % _WITHHELD == 0


def _clean(mask: BoolMask) -> BoolMask:
    """``mask`` without speckles, reduced where it is large."""
    levels = mask.astype(np.uint8) * 255
    share = _LONGEST / max(mask.shape)
    if share < 1:
        size = round(mask.shape[1] * share), round(mask.shape[0] * share)
        levels = np.asarray(cv2.resize(levels, size, interpolation=cv2.INTER_AREA), np.uint8)
    closed = cv2.medianBlur(levels, 5)
    return np.asarray(closed > 127, np.bool_)
