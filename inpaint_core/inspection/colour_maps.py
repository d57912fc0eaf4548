"""Values and offsets as colours in which equal steps look equal.

Every colour map is a path through Oklab (Ottosson 2020) whose lightness only rises (or falls to
both sides of the middle), sampled at equal distances. Lightness alone tells the values apart, so a
map works in print and for every kind of colour vision.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

ColourTable = NDArray[np.uint8]
MapName = Literal["dusk", "ember", "grey", "contrast"]
"""Blue to yellow; violet through orange to light yellow; black to white; and blue, light grey,
orange for differences, with 0 in the middle."""

ScaleEnds = Literal["map", "percentile"]

STEPS = 256

# Lightness, chroma, hue in degrees: what the path runs through.
_PATHS: dict[MapName, tuple[tuple[float, float, float], ...]] = {
    "dusk": ((0.22, 0.075, 264), (0.45, 0.055, 262), (0.62, 0.012, 180), (0.80, 0.095, 98),
             (0.94, 0.150, 102)),
    "ember": ((0.16, 0.050, 290), (0.36, 0.140, 310), (0.55, 0.180, 10), (0.70, 0.165, 45),
              (0.84, 0.140, 80), (0.97, 0.070, 104)),
    "grey": ((0.18, 0.0, 0), (0.98, 0.0, 0)),
    "contrast": ((0.42, 0.115, 258), (0.70, 0.090, 250), (0.95, 0.0, 0), (0.70, 0.120, 58),
                 (0.42, 0.100, 45)),
}  # fmt: skip
_TWO_SIDED = "contrast"

_TO_LMS = np.array(
    [
        [1.0, 0.3963377774, 0.2158037573],
        [1.0, -0.1055613458, -0.0638541728],
        [1.0, -0.0894841775, -1.2914855480],
    ]
)
_TO_RGB = np.array(
    [
        [4.0767416621, -3.3077115913, 0.2309699292],
        [-1.2684380046, 2.6097574011, -0.3413193965],
        [-0.0041960863, -0.7034186147, 1.7076147010],
    ]
)


@dataclass(frozen=True)
class ValueScale:
    """The values shown as the first and the last colour of a map."""

    low: float
    high: float

    def normalise(self, values: NDArray[Any]) -> NDArray[np.float32]:
        """Values mapped to [0, 1] and clipped; all 0 when the scale has no span."""
        span = self.high - self.low
        if not span > 0:
            return np.where(np.isnan(values), np.float32(np.nan), np.float32(0))
        return np.asarray(np.clip((values - self.low) / span, 0, 1), np.float32)

    @property
    def symmetric(self) -> ValueScale:
        """The scale extended to be symmetric about 0, for differences."""
        most = max(abs(self.low), abs(self.high))
        return ValueScale(-most, most)


def find_scale(values: NDArray[Any], spread: ScaleEnds = "map", percent: float = 1.0) -> ValueScale:
    """From the smallest value to the largest, or between the percentiles ``percent`` and
    100 - ``percent``. NaN and infinite values are ignored; with no others, 0 to 0.
    """
    finite = values[np.isfinite(values)]
    if finite.size == 0:
        return ValueScale(0.0, 0.0)
    ends = (0.0, 100.0) if spread == "map" else (percent, 100.0 - percent)
    low, high = np.percentile(finite.astype(np.float64), ends)
    return ValueScale(float(low), float(high))


def paint_values(values: NDArray[Any], scale: ValueScale, name: MapName = "dusk") -> ColourTable:
    """(h, w) values as (h, w, 4) uint8 sRGB with alpha; NaN is fully transparent."""
    at = scale.normalise(values)
    known = ~np.isnan(at)
    index = np.rint(np.where(known, at, 0) * (STEPS - 1)).astype(np.uint8)
    alpha = np.where(known, 255, 0).astype(np.uint8)
    return np.dstack([colour_table(name)[index], alpha])


@cache
def colour_table(name: MapName) -> ColourTable:
    """The colours of a map from first to last, (256, 3) uint8 sRGB, read-only."""
    points = np.array([_lab(*each) for each in _PATHS[name]])
    along = np.linspace(0, len(points) - 1, 4001)
    path = np.stack([_smooth(points[:, k], along) for k in range(3)], axis=1)
    length = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(path, axis=0), axis=1))])
    # A two-sided map has its middle colour in the middle although its sides differ in length.
    middle = length[len(length) // 2] if name == _TWO_SIDED else length[-1] / 2
    even = np.interp(np.linspace(0, 1, STEPS), (0, 0.5, 1), (0, middle, length[-1]))
    found = oklab_to_srgb(np.stack([np.interp(even, length, path[:, k]) for k in range(3)], axis=1))
    found.setflags(write=False)
    return found


def oklab_to_srgb(lab: NDArray[np.float64]) -> ColourTable:
    """Oklab (..., 3) as sRGB uint8; colours outside sRGB are clipped."""
    linear = np.clip((lab @ _TO_LMS.T) ** 3 @ _TO_RGB.T, 0, 1)
    curved = np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)
    return np.asarray(np.rint(curved * 255), np.uint8)


def _lab(lightness: float, chroma: float, hue: float) -> tuple[float, float, float]:
    angle = np.deg2rad(hue)
    return lightness, float(chroma * np.cos(angle)), float(chroma * np.sin(angle))


def _smooth(values: NDArray[np.float64], at: NDArray[np.float64]) -> NDArray[np.float64]:
    """A curve through ``values`` at 0, 1, 2 .. without overshoot (monotone cubic pieces).

    Source: Fritsch, Butland, "A method for constructing local monotone piecewise cubic
    interpolants" (1984).
    """
    steps = np.diff(values)
    slopes = np.zeros_like(values)
    product = steps[:-1] * steps[1:]
    total = steps[:-1] + steps[1:]
    np.divide(2 * product, total, out=slopes[1:-1], where=product > 0)
    slopes[0], slopes[-1] = steps[0], steps[-1]
    k = np.minimum(at.astype(int), len(values) - 2)
    t = at - k
    hermite = (2 * t**3 - 3 * t**2 + 1, t**3 - 2 * t**2 + t, 3 * t**2 - 2 * t**3, t**3 - t**2)
    parts = (values[k], slopes[k], values[k + 1], slopes[k + 1])
    return np.asarray(sum(h * part for h, part in zip(hermite, parts, strict=True)))


_MIDDLE, _RISE = 0.65, 0.18  # Oklab's lightness of no offset, and what the way up adds to it
_WIDE, _HIGH, _RIGHT = 0.14, 0.05, 66  # chroma to the right and up, hue to the right in degrees


def offset_reach(offsets: NDArray[np.int32]) -> float:
    """The 95th percentile of the offsets' lengths in a field (h, w, 2), in pixels; 0 without
    offsets. It lies at the rim of `draw_offset_wheel`, so that a few long offsets do not leave all
    others grey.
    """
    length = np.hypot(offsets[..., 0], offsets[..., 1])
    copied = length[length > 0]
    return float(np.percentile(copied, 95, method="higher")) if copied.size else 0.0


def paint_offsets(offsets: NDArray[np.int32], most: float | None = None) -> ColourTable:
    """An offset field (h, w, 2) in the order dy, dx as (h, w, 4) uint8 sRGB with alpha.

    An offset becomes a point in a disc of Oklab around a neutral grey; ``most`` pixels (None: the
    field's own `offset_reach`) and more are at the rim. Right is orange, left blue, up light and
    down dark. Eyes that lack one kind of cone still see two such directions, so they can tell all
    offsets apart, which no circle of hues of one lightness allows. Transparent where nothing was
    copied.
    """
    dy, dx = (offsets[..., k].astype(np.float64) for k in (0, 1))
    length = np.hypot(dx, dy)
    longest = offset_reach(offsets) if most is None else most
    scale = 1 / np.maximum(length, longest if longest > 0 else 1.0)  # beyond the rim: on it
    right, up = dx * scale, -dy * scale
    angle = np.deg2rad(_RIGHT)
    a = _WIDE * right * np.cos(angle) - _HIGH * up * np.sin(angle)
    b = _WIDE * right * np.sin(angle) + _HIGH * up * np.cos(angle)
    lab = np.stack([_MIDDLE + _RISE * up, a, b], axis=-1)
    alpha = np.where(length > 0, 255, 0).astype(np.uint8)
    return np.dstack([oklab_to_srgb(lab), alpha])


def draw_offset_wheel(side: int) -> ColourTable:
    """The key to `paint_offsets`: (side, side, 4), each pixel in the colour of the offset from the
    centre to it, the longest at the rim.
    """
    at = np.arange(side) - side // 2
    field = np.stack(np.meshgrid(at, at, indexing="ij"), axis=-1).astype(np.int32)
    out = paint_offsets(field, side / 2)
    out[np.hypot(field[..., 0], field[..., 1]) > side / 2] = 0
    return out
