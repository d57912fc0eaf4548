"""A JPEG whose untouched blocks stay exactly as they were.

Only MCUs (8 x 8 pixels, 16 x 16 for chroma of 4:2:0) in which a pixel is not what the original
decodes to are coded anew, by the original's quantisation tables and sampling.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from inpaint_core.contract.arrays import BoolMask, Pixels
from inpaint_core.photo.formats.jpeg.coefficient_writer import body
from inpaint_core.photo.formats.jpeg.coefficients import Planes, planes
from inpaint_core.photo.formats.jpeg.forward_dct import recode
from inpaint_core.photo.formats.jpeg.turned_coefficients import turned
from inpaint_core.photo.orientation import upright
from inpaint_core.photo.photo import as_pixels


@dataclass(frozen=True, slots=True)
class Kept:
    """How many blocks of ``size`` (height, width) pixels are bit for bit the original's."""

    blocks: int
    total: int
    size: tuple[int, int]

    @property
    def sentence(self) -> str:
        """The count in a sentence for a person."""
        high, wide = self.size
        share = 100 * self.blocks / self.total
        # Rounded down: 100 % are all of them.
        said = "all" if self.blocks == self.total else f"{int(share * 100) / 100:.2f} %"
        return (
            f"{self.blocks:,} of {self.total:,} blocks of {wide} × {high} pixels ({said}) are"
            " exactly the original JPEG's."
        )


@dataclass(frozen=True, slots=True)
class Recoded:
    """The picture's part of a JPEG file, and whether its planes are RGB."""

    body: bytes
    rgb: bool


def recoded(original: bytes, turn: int, pixels: Pixels, grey: bool) -> Recoded:
    """The JPEG ``original``, turned upright by orientation ``turn``, with ``pixels`` (H, W, 3)
    uint8 where it shows others.

    ``grey`` asks for a JPEG of one plane. Raises ValueError, in a few words for a person, where
    its blocks cannot be kept; the caller then codes the photo anew.
    """
    found = coefficients(original, turn, pixels.shape[:2])
    if grey != (len(found.frame.components) == 1):
        raise ValueError("the photo was grey and is so no more" if not grey else "it became grey")
    flags = cv2.IMREAD_COLOR_RGB | cv2.IMREAD_IGNORE_ORIENTATION
    shown = cv2.imdecode(np.frombuffer(original, np.uint8), flags)
    if shown is None:
        raise ValueError("its pixels are damaged")
    recode(found, pixels, _changed(upright(as_pixels(shown), turn), pixels, found.frame.unit))
    return Recoded(body(found), found.frame.rgb)


def coefficients(original: bytes, turn: int, shape: tuple[int, ...]) -> Planes:
    """The coefficients of a JPEG turned upright, whose ``shape`` (H, W) is then as given.

    Raises ValueError, in a few words for a person.
    """
    height, width = shape[:2]
    found = planes(original, (width, height) if turn >= 5 else (height, width))
    return found if turn == 1 else turned(found, turn)


def kept(original: Planes, written: Planes) -> tuple[Kept, BoolMask] | None:
    """How many blocks of two photos are the same, and which pixels (H, W) are in others or right
    beside them, where the smoothing of chroma reaches; None where they are made of other blocks.
    """
    one, other = original.frame, written.frame
    factors = [[(p.across, p.down) for p in frame.components] for frame in (one, other)]
    if (one.width, one.height) != (other.width, other.height) or factors[0] != factors[1]:
        return None
    same = np.ones(one.units, np.bool_)
    for part, before, after, table, again in zip(
        one.components,
        original.blocks,
        written.blocks,
        original.tables,
        written.tables,
        strict=True,
    ):
        if not np.array_equal(table, again):
            return None
        rows, columns = one.units
        equal = np.empty((rows * part.down, columns * part.across), np.bool_)
        for row in range(len(equal)):
            equal[row] = (before[row] == after[row]).all(axis=(1, 2))
        # Blocks beyond the photo's edge show nothing, and need not be in a file.
        down, across = one.size(part)
        equal[down:] = True
        equal[:, across:] = True
        same &= equal.reshape(rows, part.down, columns, part.across).all(axis=(1, 3))
    (high, wide), new = one.unit, (~same).astype(np.uint8)
    near = np.repeat(np.repeat(new, high, axis=0), wide, axis=1)[: one.height, : one.width]
    counted = Kept(int(np.count_nonzero(same)), same.size, one.unit)
    return counted, np.asarray(cv2.dilate(near, np.ones((3, 3), np.uint8)) > 0)


def _changed(before: Pixels, after: Pixels, unit: tuple[int, int]) -> NDArray[np.bool_]:
    """(down, across): the MCUs in which any pixel differs."""
    high, wide = unit
    starts = np.arange(0, before.shape[1], wide)
    found = np.zeros((-(-before.shape[0] // high), len(starts)), np.bool_)
    for row in range(len(found)):
        band = slice(row * high, (row + 1) * high)
        columns = (before[band] != after[band]).any(axis=(0, 2))
        found[row] = np.logical_or.reduceat(columns, starts)
    return found
