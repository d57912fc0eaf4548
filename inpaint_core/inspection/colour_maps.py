"""Values as colours: even steps look even, to colour-blind eyes too.

Every colour map is a path through Oklab (Ottosson 2020) whose lightness only rises (or falls to
both sides of the middle), walked in steps of equal length. Lightness alone tells the values, so a
map reads the same in print and to every kind of colour vision.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

Table = NDArray[np.uint8]
MapName = Literal["dusk", "ember", "grey", "contrast"]
Spread = Literal["map", "percentile"]

MAPS: tuple[MapName, ...] = ("dusk", "ember", "grey", "contrast")
"""Blue to yellow; violet over orange to light yellow; black to white; blue, light grey, orange: for
differences, whose middle is 0."""

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
class Scale:
    """Which value is the first colour of a map and which the last."""

    low: float
    high: float

    def at(self, values: NDArray[Any]) -> NDArray[np.float32]:
        """Values as places between the first colour (0) and the last (1), cut off there. Without
        any span, everything is 0.
        """
        span = self.high - self.low
        if not span > 0:
            return np.where(np.isnan(values), np.float32(np.nan), np.float32(0))
        return np.asarray(np.clip((values - self.low) / span, 0, 1), np.float32)

    @property
    def balanced(self) -> Scale:
        """The scale made as long on both sides of 0, for differences."""
        most = max(abs(self.low), abs(self.high))
        return Scale(-most, most)


def scale_of(values: NDArray[Any], spread: Spread = "map", percent: float = 1.0) -> Scale:
    """From the smallest value to the largest, or from the ``percent``-th percentile to the one as
    far from the top. NaN and infinite values do not count; without any other, 0 to 0.
    """
    finite = values[np.isfinite(values)]
    if finite.size == 0:
        return Scale(0.0, 0.0)
    ends = (0.0, 100.0) if spread == "map" else (percent, 100.0 - percent)
    low, high = np.percentile(finite.astype(np.float64), ends)
    return Scale(float(low), float(high))


def painted(values: NDArray[Any], scale: Scale, name: MapName = "dusk") -> Table:
    """(h, w) values as (h, w, 4) uint8 sRGB with alpha; NaN is wholly transparent."""
    at = scale.at(values)
    known = ~np.isnan(at)
    index = np.rint(np.where(known, at, 0) * (STEPS - 1)).astype(np.uint8)
    alpha = np.where(known, 255, 0).astype(np.uint8)
    return np.dstack([table(name)[index], alpha])


@cache
def table(name: MapName) -> Table:
    """The colours of a map from first to last, (256, 3) uint8 sRGB; not to be written to."""
    points = np.array([_lab(*each) for each in _PATHS[name]])
    along = np.linspace(0, len(points) - 1, 4001)
    path = np.stack([_smooth(points[:, k], along) for k in range(3)], axis=1)
    length = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(path, axis=0), axis=1))])
    # The middle of a two-sided map is its middle colour, though its sides are not equally long.
    middle = length[len(length) // 2] if name == _TWO_SIDED else length[-1] / 2
    even = np.interp(np.linspace(0, 1, STEPS), (0, 0.5, 1), (0, middle, length[-1]))
    found = srgb(np.stack([np.interp(even, length, path[:, k]) for k in range(3)], axis=1))
    found.setflags(write=False)
    return found


def srgb(lab: NDArray[np.float64]) -> Table:
    """Oklab (..., 3) as sRGB uint8; colours that sRGB does not have are cut off."""
    linear = np.clip((lab @ _TO_LMS.T) ** 3 @ _TO_RGB.T, 0, 1)
    curved = np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)
    return np.asarray(np.rint(curved * 255), np.uint8)


def _lab(lightness: float, chroma: float, hue: float) -> tuple[float, float, float]:
    angle = np.deg2rad(hue)
    return lightness, float(chroma * np.cos(angle)), float(chroma * np.sin(angle))


def _smooth(values: NDArray[np.float64], at: NDArray[np.float64]) -> NDArray[np.float64]:
    """A curve through ``values`` at 0, 1, 2 .. that overshoots nowhere (monotone cubic pieces).

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
