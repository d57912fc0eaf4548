"""A transparent photo as an opaque one: with a colour behind it that none of its own is near.

Generators then see an outline where the photo becomes transparent and continue it as any other,
and what is invisible has no colour that could be copied or spread. Porter, Duff, "Compositing
digital images" (SIGGRAPH 1984): colours are mixed as premultiplied by their opacity.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from inpaint_core.contract.arrays import BoolMask, FloatImage, Pixels

_MOST_SAMPLED = 1 << 20  # pixels
_BITS = 4  # of each channel, by which colours are told apart


@dataclass(frozen=True)
class Backdrop:
    """An opaque ``colour`` (R, G, B) in [0, 1]."""

    colour: tuple[float, float, float]

    @classmethod
    def unlike(cls, image: Pixels, visible: BoolMask) -> Backdrop:
        """The corner of the RGB cube that is farthest from every colour of ``image`` (H, W, 3)
        where it is ``visible`` (H, W).
        """
        step = max(1, math.isqrt(visible.size // _MOST_SAMPLED))
        colours = image[::step, ::step][visible[::step, ::step]]
        shift = image.dtype.itemsize * 8 - _BITS
        keys = (colours.astype(np.int32) >> shift) @ np.array([1 << 2 * _BITS, 1 << _BITS, 1])
        used = np.flatnonzero(np.bincount(keys, minlength=1))
        channels = np.stack([used >> 2 * _BITS, used >> _BITS, used], 1) & ((1 << _BITS) - 1)
        corners = np.indices((2, 2, 2)).reshape(3, 8).T
        away = corners[:, None] - channels[None] / ((1 << _BITS) - 1)
        nearest = np.square(away).sum(axis=2).min(axis=1, initial=np.inf)
        red, green, blue = map(float, corners[nearest.argmax()])
        return cls((red, green, blue))

    def put_behind(self, image: FloatImage, opacity: NDArray[np.float32]) -> FloatImage:
        """``image`` (h, w, 3) in [0, 1] of that ``opacity`` (h, w) in [0, 1], as it looks before
        the backdrop.
        """
        share = opacity[..., None]
        return np.asarray(
            image * share + np.array(self.colour, np.float32) * (1 - share), np.float32
        )

    def take_away(self, image: FloatImage, opacity: NDArray[np.float32]) -> FloatImage:
        """The colours (h, w, 3) in [0, 1] that look like ``image`` with that ``opacity`` before
        the backdrop; black where they are invisible.
        """
        share = opacity[..., None]
        premultiplied = image - np.array(self.colour, np.float32) * (1 - share)
        out = np.divide(premultiplied, share, out=np.zeros_like(image), where=np.asarray(share > 0))
        return np.asarray(np.clip(out, 0, 1), np.float32)
