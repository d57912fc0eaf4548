"""Recoding a JPEG so that untouched blocks stay exactly as they were, and counting those.

Only MCUs (8 x 8 pixels, 16 x 16 for 4:2:0) with a pixel that differs from the decoded original are
coded anew, with the original's quantisation tables and sampling. Source: ITU-T T.81, A.3 (the
transform and its quantisation); JFIF 1.02 (luma and chroma).
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from inpaint_core.contract.arrays import BoolMask, Pixels
from inpaint_core.contract.message import Message
from inpaint_core.photo.formats.jpeg.coefficient_writer import encode_body
from inpaint_core.photo.formats.jpeg.coefficients import CoefficientPlanes, read_planes
from inpaint_core.photo.photo import as_pixels

_Floats = NDArray[np.float32]
_BATCH = 2048  # MCUs at once
_TO_YCC = np.array(
    [[0.299, 0.587, 0.114], [-0.168735892, -0.331264108, 0.5], [0.5, -0.418687589, -0.081312411]],
    np.float32,
)
# Row u holds the u-th cosine, so that D B D^T transforms the block B (A.3.3).
_ANGLES = np.outer(np.arange(8), 2 * np.arange(8) + 1) * (np.pi / 16)
_SCALES = np.where(np.arange(8) == 0, np.sqrt(0.125), 0.5)[:, None]
_COSINES = (np.cos(_ANGLES) * _SCALES).astype(np.float32)


@dataclass(frozen=True, slots=True)
class KeptBlocks:
    """How many blocks of ``size`` (height, width) pixels are bit for bit the original's."""

    blocks: int
    total: int
    size: tuple[int, int]

    @property
    def message(self) -> Message:
        """The count, in a sentence."""
        height, width = self.size
        if self.blocks == self.total:
            return Message("command.all_blocks_kept", total=self.total, width=width, height=height)
        return Message(
            "command.blocks_kept",
            blocks=self.blocks,
            total=self.total,
            width=width,
            height=height,
            # Rounded down: 100 % are all of them.
            share=int(10_000 * self.blocks / self.total) / 100,
        )


def recode_jpeg(original: bytes, pixels: Pixels, grey: bool) -> tuple[bytes, bool]:
    """The image part of the JPEG ``original`` with ``pixels`` (H, W, 3) uint8, which lie as its
    own do, where they differ, and whether its planes are RGB.

    ``grey`` asks for a single plane. Raises ValueError with a `Message` where its blocks cannot be
    kept.
    """
    planes = read_planes(original, (pixels.shape[0], pixels.shape[1]))
    if grey != (len(planes.frame.components) == 1):
        became, was = Message("photo.jpeg.became_grey"), Message("photo.jpeg.no_longer_grey")
        raise ValueError(became if grey else was)
    flags = cv2.IMREAD_COLOR_RGB | cv2.IMREAD_IGNORE_ORIENTATION
    shown = cv2.imdecode(np.frombuffer(original, np.uint8), flags)
    if shown is None:
        raise ValueError(Message("photo.jpeg.pixels_damaged"))
    changed = _find_changed_units(as_pixels(shown), pixels, planes.frame.unit)
    recode_blocks(planes, pixels, changed)
    return encode_body(planes), planes.frame.is_rgb


def compare_blocks(
    original: CoefficientPlanes, written: CoefficientPlanes
) -> tuple[KeptBlocks, BoolMask] | None:
    """Which blocks two photos share: their number, and the pixels (H, W) inside other blocks or
    right beside them, where chroma smoothing reaches; None for different block structures.
    """
    one, other = original.frame, written.frame
    factors = [[(p.across, p.down) for p in frame.components] for frame in (one, other)]
    if (one.width, one.height) != (other.width, other.height) or factors[0] != factors[1]:
        return None
    if not all(map(np.array_equal, original.tables, written.tables)):
        return None
    same = np.ones(one.units, np.bool_)
    for part, before, after in zip(one.components, original.blocks, written.blocks, strict=True):
        rows, columns = one.units
        equal = np.empty((rows * part.down, columns * part.across), np.bool_)
        for row in range(len(equal)):
            equal[row] = (before[row] == after[row]).all(axis=(1, 2))
        # Blocks beyond the photo's edge are invisible, and may be missing from a file.
        down, across = one.size(part)
        equal[down:] = True
        equal[:, across:] = True
        same &= equal.reshape(rows, part.down, columns, part.across).all(axis=(1, 3))
    (high, wide), new = one.unit, (~same).astype(np.uint8)
    near = np.repeat(np.repeat(new, high, axis=0), wide, axis=1)[: one.height, : one.width]
    counted = KeptBlocks(int(np.count_nonzero(same)), same.size, one.unit)
    return counted, np.asarray(cv2.dilate(near, np.ones((3, 3), np.uint8)) > 0)


def _find_changed_units(before: Pixels, after: Pixels, unit: tuple[int, int]) -> NDArray[np.bool_]:
    """(down, across): the MCUs with any pixel that differs."""
    high, wide = unit
    starts = np.arange(0, before.shape[1], wide)
    changed = np.zeros((-(-before.shape[0] // high), len(starts)), np.bool_)
    for row in range(len(changed)):
        band = slice(row * high, (row + 1) * high)
        columns = (before[band] != after[band]).any(axis=(0, 2))
        changed[row] = np.logical_or.reduceat(columns, starts)
    return changed


def compile_ahead() -> None:
    """Recode a tiny JPEG, so that its loops are compiled before a person waits for them: the first
    call takes 5 s, later ones read them from disk.
    """
    before = np.zeros((16, 16, 3), np.uint8)
    _, original = cv2.imencode(".jpg", before)
    recode_jpeg(original.tobytes(), as_pixels(before + np.uint8(99)), grey=False)


def recode_blocks(planes: CoefficientPlanes, pixels: Pixels, changed: NDArray[np.bool_]) -> None:
    """Replace the coefficients of the ``changed`` MCUs (down, across) by those of ``pixels``.

    ``pixels`` (H, W, 3) uint8 RGB, of which a grey photo takes the first channel. Chroma is
    averaged over the pixels of a sample; beyond the photo its edge is repeated.
    """
    frame = planes.frame
    down, across = frame.unit
    rows, columns = np.nonzero(changed)
    for start in range(0, len(rows), _BATCH):
        y, x = rows[start : start + _BATCH], columns[start : start + _BATCH]
        lines = np.minimum(y[:, None] * down + np.arange(down), frame.height - 1)
        places = np.minimum(x[:, None] * across + np.arange(across), frame.width - 1)
        part = pixels[lines[:, :, None], places[:, None, :]].astype(np.float32)
        samples = _to_planes(part, frame.is_rgb, len(frame.components))
        for number, component in enumerate(frame.components):
            shape = (len(y), component.down, 8, component.across, 8)
            shrunk = _shrink(samples[number], 8 * component.down, 8 * component.across)
            blocks = shrunk.reshape(shape).transpose(0, 1, 3, 2, 4)
            coefficients = np.rint(_COSINES @ blocks @ _COSINES.T / planes.tables[number])
            # The range of baseline JPEG; only the DC coefficient of pure black could be -1024.
            whole = np.clip(coefficients, -1023, 1023).astype(np.int16)
            target = planes.blocks[number]
            grid = target.reshape(
                -1, component.down, target.shape[1] // component.across, component.across, 8, 8
            )
            grid[y, :, x] = whole


def _to_planes(part: _Floats, rgb: bool, count: int) -> list[_Floats]:
    """The planes of ``part`` (N, H, W, 3), around 0."""
    if count == 1 or rgb:
        return [part[..., channel] - np.float32(128) for channel in range(count)]
    coded = part @ _TO_YCC.T
    return [coded[..., 0] - np.float32(128), coded[..., 1], coded[..., 2]]


def _shrink(plane: _Floats, height: int, width: int) -> _Floats:
    """(N, H, W) averaged to (N, height, width)."""
    count, high, wide = plane.shape
    if (high, wide) == (height, width):
        return plane
    split = plane.reshape(count, height, high // height, width, wide // width)
    return np.asarray(split.mean(axis=(2, 4)), np.float32)
