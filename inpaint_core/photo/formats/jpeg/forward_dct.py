"""From pixels to quantised DCT coefficients, for single MCUs of a photo.

Source: ITU-T T.81, A.3 (the transform and its quantisation); JFIF 1.02 (luma and chroma).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from inpaint_core.contract.arrays import Pixels
from inpaint_core.photo.formats.jpeg.coefficients import Planes

_Floats = NDArray[np.float32]
_BATCH = 2048  # MCUs at once
_TO_YCC = np.array(
    [[0.299, 0.587, 0.114], [-0.168735892, -0.331264108, 0.5], [0.5, -0.418687589, -0.081312411]],
    np.float32,
)
# Row u holds the u-th cosine, so that D B D^T transforms the block B (A.3.3).
_ANGLES = np.outer(np.arange(8), 2 * np.arange(8) + 1) * (np.pi / 16)
_COSINES = (np.cos(_ANGLES) * np.where(np.arange(8) == 0, np.sqrt(0.125), 0.5)[:, None]).astype(
    np.float32
)


def recode(planes: Planes, pixels: Pixels, changed: NDArray[np.bool_]) -> None:
    """Replace the coefficients of the ``changed`` MCUs (down, across) by those of ``pixels``.

    ``pixels`` (H, W, 3) uint8 RGB, of which a grey photo takes the first channel. Chroma is
    averaged over what shares a sample; what lies beyond the photo repeats its edge.
    """
    frame = planes.frame
    down, across = frame.unit
    rows, columns = np.nonzero(changed)
    for start in range(0, len(rows), _BATCH):
        y, x = rows[start : start + _BATCH], columns[start : start + _BATCH]
        lines = np.minimum(y[:, None] * down + np.arange(down), frame.height - 1)
        places = np.minimum(x[:, None] * across + np.arange(across), frame.width - 1)
        part = pixels[lines[:, :, None], places[:, None, :]].astype(np.float32)
        samples = _samples(part, frame.rgb, len(frame.components))
        for number, component in enumerate(frame.components):
            shape = (len(y), component.down, 8, component.across, 8)
            shrunk = _shrunk(samples[number], 8 * component.down, 8 * component.across)
            blocks = shrunk.reshape(shape).transpose(0, 1, 3, 2, 4)
            found = np.rint(_COSINES @ blocks @ _COSINES.T / planes.tables[number])
            # What baseline JPEG can hold; -1024 only as a DC coefficient of nothing but black.
            whole = np.clip(found, -1023, 1023).astype(np.int16)
            target = planes.blocks[number]
            grid = target.reshape(
                -1, component.down, target.shape[1] // component.across, component.across, 8, 8
            )
            grid[y, :, x] = whole


def _samples(part: _Floats, rgb: bool, count: int) -> list[_Floats]:
    """The planes of ``part`` (N, H, W, 3), around 0."""
    if count == 1:
        return [part[..., 0] - np.float32(128)]
    if rgb:
        return [part[..., channel] - np.float32(128) for channel in range(3)]
    coded = part @ _TO_YCC.T
    return [coded[..., 0] - np.float32(128), coded[..., 1], coded[..., 2]]


def _shrunk(plane: _Floats, height: int, width: int) -> _Floats:
    """(N, H, W) as (N, height, width) by averages."""
    count, high, wide = plane.shape
    if (high, wide) == (height, width):
        return plane
    split = plane.reshape(count, height, high // height, width, wide // width)
    return np.asarray(split.mean(axis=(2, 4)), np.float32)
