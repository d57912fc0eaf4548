"""From CIELAB to an RGB space that holds nearly all of its colours.

Source: CIE 15:2004, section 8.2.1.1; TIFF 6.0, section 23; ICC encoding as in TIFF Technical
Note 3 (ICCLAB).
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from inpaint_core.contract.arrays import Pixels
from inpaint_core.photo.colour.icc_profiles import SPACES
from inpaint_core.photo.photo import as_pixels

_WHITE = np.array([0.9642, 1.0, 0.8249])  # D50
_BAND = 1 << 18  # pixels at once


def to_romm(values: NDArray[Any], icc_encoding: bool) -> Pixels:
    """L*, a*, b* as a TIFF has them, (H, W, 3) uint8 or uint16, as 16-bit ROMM RGB.

    ``icc_encoding``: a* and b* count from the middle of the range up; else they are signed
    numbers. Colours beyond even this space are cut to it.
    """
    bits = values.dtype.itemsize * 8
    flat = values.reshape(-1, 3)
    out = np.empty(flat.shape, np.uint16)
    space = SPACES["romm"]
    matrix = np.linalg.inv(space.to_xyz())
    for start in range(0, len(flat), _BAND):
        lightness, opponent = _decoded(flat[start : start + _BAND], bits, icc_encoding)
        y = (lightness + 16) / 116
        cubed = np.stack([y + opponent[:, 0] / 500, y, y - opponent[:, 1] / 200], axis=1)
        xyz = np.where(cubed > 6 / 29, cubed**3, 3 * (6 / 29) ** 2 * (cubed - 4 / 29)) * _WHITE
        light = np.clip(xyz @ matrix.T, 0.0, 1.0)
        out[start : start + _BAND] = np.rint(space.coded(light) * 65535)
    return as_pixels(out.reshape(values.shape))


def _decoded(
    part: NDArray[Any], bits: int, icc_encoding: bool
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """L* 0..100 (N,), and a*, b* (N, 2)."""
    step = 1 if bits == 8 else 256
    if icc_encoding:
        full = 255 if bits == 8 else 65280
        return part[:, 0] * (100 / full), part[:, 1:].astype(np.float64) / step - 128
    signed = np.ascontiguousarray(part[:, 1:]).view(np.int8 if bits == 8 else np.int16)
    return part[:, 0] * (100 / (2**bits - 1)), signed.astype(np.float64) / step
