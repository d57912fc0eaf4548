"""How a blob of a photo looks, how much that is like dust on the sensor or a blemish, and a picture
in which blobs stand out.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from inpaint_core.contract.arrays import Pixels
from inpaint_core.selection.grey import to_grey

Floats = NDArray[np.float32]

_SURROUNDINGS = 9.0  # sigma in pixels
_REDUCED = 4  # times smaller: the picture of the surroundings
_WHITE = (40.0, 4.0)  # levels that are white at the sensitivities 0 and 100
_TURNS, _SECTORS = 16, 8
_PROFILE = np.arange(0, 4.01, 0.25, dtype=np.float32)  # radii looked at, of the blob's
_RINGS = slice(9, 16, 2)  # of these, those that are the surroundings
_AWAY = np.arange(4, 12.1, 0.5, dtype=np.float32)  # radii at which other blobs are looked for
_AWAY_TURNS, _AWAY_SECTORS = 32, 8
_QUIET = 0.35  # levels that nothing is quieter than
_DARKEST, _FAINTEST = np.float32(0.16), np.float32(0.03)  # the shares of the light that dust takes
_WEIGHTS = np.array([-9.99, 1.23, -1.44, -4.74, -6.21, -6.37, -6.81, 1.42, -1.10], np.float32)
"""Of the traits in their order, by logistic regression on dust drawn into photos."""


@dataclass(frozen=True, eq=False)
class Looks:
    """Of N blobs, each (N,): their ``contrast`` to the ``ground`` around them and the ``unrest`` of
    that, in levels; how much of the contrast reaches the surroundings in the worst direction,
    ``closed``, and is there at half of the radius in the worst, ``round``; by what factor what is
    alike in all directions outweighs what is not, ``even``; and their ``end``, of the radius that
    was searched for, 0 where there is none.
    """

    contrast: Floats
    ground: Floats
    unrest: Floats
    closed: Floats
    round: Floats
    even: Floats
    end: Floats

    def pick(self, which: NDArray[np.bool_]) -> Looks:
        """The looks of some of the blobs."""
        parts = [self.contrast, self.ground, self.unrest, self.closed, self.round, self.even]
        return Looks(*(part[which] for part in [*parts, self.end]))


def read_profiles(
    level: Floats, y: NDArray[np.intp], x: NDArray[np.intp], radius: float
) -> tuple[Floats, NDArray[np.bool_]]:
    """What is around the blobs at ``y``, ``x`` (N,) of ``level`` (h, w), by distance and direction
    (N, radii, turns), and whether all of that lies in it (N,).
    """
    turns = np.arange(_TURNS) * (2 * math.pi / _TURNS)
    reach = (_PROFILE * radius)[:, None]
    rows = (y[:, None, None] + reach * np.sin(turns)).round().astype(np.intp)
    columns = (x[:, None, None] + reach * np.cos(turns)).round().astype(np.intp)
    height, width = level.shape
    inside = (rows >= 0) & (rows < height) & (columns >= 0) & (columns < width)
    values = level[np.clip(rows, 0, height - 1), np.clip(columns, 0, width - 1)]
    return values, inside.all(axis=(1, 2))


def measure_looks(profiles: Floats) -> Looks:
    """The looks of blobs with these ``profiles`` (N, radii, turns)."""
    turns = np.arange(_TURNS) * (2 * math.pi / _TURNS)
    around = profiles[:, _RINGS, :]
    # The surroundings may get brighter to one side, as a sky does.
    waves = np.stack([np.ones_like(turns), np.cos(turns), np.sin(turns)])
    slope = around @ np.linalg.pinv(waves).astype(np.float32)
    per_radius = slope[..., 1:] / _PROFILE[_RINGS][:, None]
    plane = np.median(per_radius, axis=1) @ waves[1:].astype(np.float32)
    flat = profiles - plane[:, None, :] * _PROFILE[:, None]
    ground = np.median(flat[:, _RINGS, :], axis=(1, 2))
    away = flat - ground[:, None, None]
    unrest = np.sqrt(np.mean(away[:, _RINGS, :] ** 2, axis=(1, 2)))
    contrast = away[:, :2, :].mean(axis=(1, 2))
    share = away / np.where(contrast == 0, 1, contrast)[:, None, None]
    # By sectors of several samples, as a texture goes on over the spot.
    count = (len(profiles), -1, _SECTORS, _TURNS // _SECTORS)
    closed = share[:, _RINGS, :].reshape(count).mean(axis=(1, 3)).max(axis=1)
    round_ = share[:, 1:3, :].reshape(count).mean(axis=(1, 3)).min(axis=1)
    weights = _PROFILE / _PROFILE.sum()  # a ring's share of the disc
    means = away.mean(axis=2)
    own = (means**2) @ weights
    rest = (((away - means[:, :, None]) ** 2).mean(axis=2)) @ weights
    even = own / (rest + np.float32(0.02))
    ends = np.argmax(share.mean(axis=2) < 0.3, axis=1)
    values = (contrast, ground, unrest, closed, round_, even, _PROFILE[ends])
    return Looks(*(np.asarray(value, np.float32) for value in values))


def measure_alone(
    difference: Floats, y: NDArray[np.intp], x: NDArray[np.intp], radius: float
) -> Floats:
    """By what factor (N,) the blobs at ``y``, ``x`` (N,) are stronger in ``difference`` (h, w) than
    the strong places around them, in most directions: a horizon or a wire on one side is none.
    """
    turns = np.arange(_AWAY_TURNS) * (2 * math.pi / _AWAY_TURNS)
    reach = (_AWAY * radius)[:, None]
    rows = (y[:, None, None] + reach * np.sin(turns)).round().astype(np.intp)
    columns = (x[:, None, None] + reach * np.cos(turns)).round().astype(np.intp)
    height, width = difference.shape
    # Beyond the border, what lies within it counts twice.
    rows, columns = _reflect(rows, height), _reflect(columns, width)
    apart = difference[rows, columns].reshape(len(y), len(_AWAY), _AWAY_SECTORS, -1)
    values = apart.transpose(0, 2, 1, 3).reshape(len(y), _AWAY_SECTORS, -1)
    strong = int(0.9 * values.shape[2])
    others = np.median(np.partition(values, strong, axis=2)[:, :, strong], axis=1)
    return np.asarray(difference[y, x] / (others + np.float32(0.1)), np.float32)


def _reflect(at: NDArray[np.intp], size: int) -> NDArray[np.intp]:
    at = np.abs(at)
    return np.clip(np.where(at >= size, 2 * size - 2 - at, at), 0, size - 1)


def measure_tint(
    pixels: Pixels, y: NDArray[np.intp], x: NDArray[np.intp], radius: float, step: int
) -> Floats:
    """How unequally (N,) the blobs around ``step`` times ``y``, ``x`` (N,) of ``pixels`` (H, W, 3)
    change red, green and blue, of how much they do: 0 for dust, which takes a share of the light.
    """
    turns = np.arange(_TURNS) * (2 * math.pi / _TURNS)

    def mean(radii: tuple[float, ...]) -> NDArray[np.float64]:
        reach = np.array(radii)[:, None] * radius
        rows = (y[:, None, None] + 0.5) * step + reach * np.sin(turns)
        columns = (x[:, None, None] + 0.5) * step + reach * np.cos(turns)
        at_y = np.clip(rows.astype(np.intp), 0, pixels.shape[0] - 1)
        at_x = np.clip(columns.astype(np.intp), 0, pixels.shape[1] - 1)
        values = pixels[at_y, at_x].astype(np.float64)
        return np.asarray(values.mean(axis=(1, 2)), np.float64)

    full = 255 if pixels.dtype == np.uint8 else 65535
    inner, outer = mean((0.0, 0.3, 0.6)), mean((2.3, 2.8, 3.3))
    step_ = np.log((inner / full + 0.03) / (outer / full + 0.03))
    usual = step_.mean(axis=1, keepdims=True)
    spread = np.sqrt(np.mean((step_ - usual) ** 2, axis=1))
    return np.asarray(spread / (np.abs(usual[:, 0]) + 0.01), np.float32)


def list_traits(looks: Looks, alone: Floats, tint: Floats, size: float) -> Floats:
    """What `judge_looks` weighs (N, traits)."""
    bright = (looks.contrast > 0).astype(np.float32)
    share = np.abs(looks.contrast) / (looks.ground + 20)
    traits = [
        np.ones_like(bright),
        np.log(alone + np.float32(0.1)),
        np.log(looks.unrest + np.float32(_QUIET)),
        bright,
        np.maximum(np.log(share / _DARKEST), 0),
        np.maximum(np.log(_FAINTEST / (share + np.float32(1e-4))), 0),
        np.minimum(tint, 2),
        np.log(looks.even + np.float32(0.01)),
        np.full_like(bright, math.log(size)),
    ]
    return np.stack(traits, axis=1).astype(np.float32)


def judge_looks(looks: Looks, alone: Floats, tint: Floats, size: float) -> Floats:
    """How sure it is (N,), 0 .. 1, that blobs that look so and stand ``alone`` so far are spots."""
    score = list_traits(looks, alone, tint, size) @ _WEIGHTS
    return np.asarray(1 / (1 + np.exp(-score)), np.float32)


def show_contrast(pixels: Pixels, sensitivity: float) -> NDArray[np.uint8]:
    """How much each pixel of ``pixels`` (H, W, 3) differs from what is around it (H, W), 0 .. 255.

    ``sensitivity`` 0 .. 100: the higher, the fainter the differences that are white.
    """
    grey = np.asarray(to_grey(pixels), np.float32)
    fine = cv2.GaussianBlur(grey, (0, 0), 1.0)
    # The wide blur of a smaller picture is as good, and takes a tenth of the time.
    size = max(1, grey.shape[1] // _REDUCED), max(1, grey.shape[0] // _REDUCED)
    small = cv2.resize(grey, size, interpolation=cv2.INTER_AREA)
    small = cv2.GaussianBlur(small, (0, 0), _SURROUNDINGS / _REDUCED)
    difference = cv2.absdiff(fine, cv2.resize(small, grey.shape[::-1]))
    low, high = _WHITE
    white = low * (high / low) ** (sensitivity / 100)
    return np.asarray(cv2.convertScaleAbs(difference, alpha=255 / white), np.uint8)
