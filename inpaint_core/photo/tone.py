"""The numbers that the engine works on: the photo's own, unless their tone curve is far from
perceptual.

Engines compare and blend numbers as if equal steps looked equal, which holds for every usual
tone curve (gamma 1.8 to 2.6, L*). The primaries do not matter to them: pixels are copied, and
converting a wide space to a narrow one would cut its colours off. A photo in light-linear numbers
is filled on a copy with sRGB's tone curve, and what was filled comes back through the same curve.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from inpaint_core.contract.arrays import Pixels
from inpaint_core.photo.colour import conversion as colour
from inpaint_core.photo.colour.icc_profiles import SPACES
from inpaint_core.photo.photo import Photo, as_pixels

# Light at the middle of the range: 0.21 in sRGB, 0.29 at gamma 1.8, 0.16 at 2.6, 0.5 if linear.
_USUAL = (0.15, 0.33)
_VALUES = 65536


@dataclass(frozen=True, eq=False)
class Tone:
    """A tone curve exchanged for sRGB's, and back.

    ``to_working_table`` and ``from_working_table`` (3, 65536) uint16: one row for each of red,
    green and blue.
    """

    to_working_table: NDArray[np.uint16]
    from_working_table: NDArray[np.uint16]

    def to_working(self, pixels: Pixels) -> Pixels:
        """A 16-bit copy (H, W, 3) of the photo's pixels with sRGB's tone curve."""
        return self._through(self.to_working_table, pixels)

    def restore(self, before: Pixels, filled: Pixels) -> Pixels:
        """What was ``filled`` (h, w, 3) on a working copy, in the photo's own numbers and depth.

        ``before`` (h, w, 3) are the photo's own pixels in that place: they are returned bit by
        bit where the fill left their working numbers as they were.
        """
        out = before.copy()
        changed = (filled != self.to_working(before)).any(axis=2)
        out[changed] = self.from_working(filled[changed][:, np.newaxis], out.dtype)[:, 0]
        return out

    def from_working(self, pixels: Pixels, dtype: DTypeLike) -> Pixels:
        """Pixels (h, w, 3) of a working copy in the photo's own numbers, as ``dtype``, its own."""
        values = self._through(self.from_working_table, pixels)
        return as_pixels(np.rint(values / 257).astype(np.uint8)) if dtype == np.uint8 else values

    @staticmethod
    def _through(tables: NDArray[np.uint16], pixels: Pixels) -> Pixels:
        step = 257 if pixels.dtype == np.uint8 else 1
        out = np.empty(pixels.shape, np.uint16)
        for channel in range(3):
            out[..., channel] = tables[channel, ::step][pixels[..., channel]]
        return as_pixels(out)


def find_tone(photo: Photo) -> Tone | None:
    """How the photo's numbers become working numbers, or None where they are good as they are."""
    curves = None if photo.icc is None else colour.read_tone_curves(photo.icc)
    if curves is None or all(_USUAL[0] <= curve[_VALUES // 2] <= _USUAL[1] for curve in curves):
        return None
    ramp = np.arange(_VALUES)
    to_working, from_working = [], []
    for curve in curves:
        coded = SPACES["srgb"].coded(np.clip(np.maximum.accumulate(curve), 0, 1)) * (_VALUES - 1)
        to_working.append(_rounded(coded))
        from_working.append(_rounded(np.interp(ramp, coded, ramp)))
    return Tone(np.stack(to_working), np.stack(from_working))


def _rounded(values: NDArray[Any]) -> NDArray[np.uint16]:
    return np.asarray(np.rint(values), np.uint16)
