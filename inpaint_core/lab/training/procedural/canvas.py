"""Overlapping shapes, each with its own colour, shade and texture, and palettes for them."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from inpaint_core.contract.arrays import FloatImage
from inpaint_core.lab.training.procedural.noise import fractal_noise

FINER = 2
"""Shapes are drawn enlarged by this factor and averaged, for smooth edges at any angle."""

_SHIFT = 4
LABELS = 256

CanvasPoints = NDArray[np.float64]


class ShapeCanvas:
    """Shapes by label, later ones over earlier ones.

    Coordinates are in units of the side, x to the right and y down. Label 0 is the empty canvas,
    black unless there is a background. ``colours`` (256, 3) in [0, 1]; ``slope`` (256, 3):
    brightness = 1 + a x + b y + c; ``grain`` (256, 3): the strength of three textures, fine, coarse
    and streaks.
    """

    def __init__(self, side: int, colours: FloatImage) -> None:
        self.side = side
        self.labels = np.zeros((side * FINER, side * FINER), np.uint8)
        self.colours = np.zeros((LABELS, 3), np.float32)
        self.colours[1 : 1 + len(colours)] = colours[: LABELS - 1]
        self.slope = np.zeros((LABELS, 3), np.float32)
        self.grain = np.zeros((LABELS, 3), np.float32)

    def polygon(self, label: int, corners: CanvasPoints) -> None:
        """Paint any polygon with ``corners`` (n, 2)."""
        cv2.fillPoly(self.labels, [self._fixed(corners)], label, cv2.LINE_8, _SHIFT)

    def polygons(self, labels: Sequence[int], corners: CanvasPoints) -> None:
        """Paint convex polygons (m, n, 2) in order."""
        for label, outline in zip(labels, self._fixed(corners), strict=True):
            cv2.fillConvexPoly(self.labels, outline, label, cv2.LINE_8, _SHIFT)

    def _fixed(self, corners: CanvasPoints) -> NDArray[np.int32]:
        """Coordinates in sixteenths of the enlarged pixels, clipped to OpenCV's range."""
        scale = self.side * FINER << _SHIFT
        return np.rint(np.clip(corners, -8, 9) * scale - (1 << _SHIFT - 1)).astype(np.int32)

    def shade(self, first: int, centres: CanvasPoints, gradients: CanvasPoints) -> None:
        """Give the labels from ``first`` on the brightness of their colours at ``centres`` (n, 2)
        and relative ``gradients`` (n, 2) over the whole side.
        """
        some = slice(first, first + len(centres))
        self.slope[some, :2] = gradients
        self.slope[some, 2] = -(gradients * centres).sum(axis=1)

    def roughen(self, rng: Generator, strength: float = 1.0) -> None:
        """Give every label textures of random strength."""
        wild = rng.exponential((0.025, 0.06, 0.035), (LABELS, 3)) * strength
        wild[rng.random((LABELS, 3)) < 0.3] = 0
        self.grain = np.minimum(wild, 0.35).astype(np.float32)

    def picture(self, rng: Generator, behind: FloatImage | None = None) -> FloatImage:
        """The picture, (side, side, 3) float32, about [0, 1]; ``behind`` shows where nothing was
        painted (label 0).
        """
        side = self.side
        tables = np.concatenate([self.colours, self.slope, self.grain], axis=1).T
        # One buffer for all tables: allocating so much memory for each is slow.
        size, large = (side, side), np.empty(self.labels.shape, np.float32)
        *colours, a, b, c, fine, coarse, streaks = (
            cv2.resize(
                cv2.LUT(self.labels, np.ascontiguousarray(table), dst=large),
                size,
                interpolation=cv2.INTER_AREA,
            )
            for table in tables
        )
        at = (np.arange(side, dtype=np.float32) + np.float32(0.5)) / np.float32(side)
        light = np.float32(1) + a * at + b * at[:, None] + c
        light += fine * fractal_noise(rng, side, 2.0, 1)
        light += coarse * fractal_noise(rng, side, rng.uniform(0.05, 0.4) * side, 5)
        light += streaks * _draw_streaks(rng, side)
        light = np.maximum(light, np.float32(0.05))
        painted = np.asarray(cv2.merge(colours) * light[..., None], np.float32)
        if behind is None:
            return painted
        empty = (self.labels == 0).astype(np.float32)
        bare = cv2.resize(empty, size, interpolation=cv2.INTER_AREA)
        # Colour 0 stands for the background: `painted` already holds the share of the rest.
        return np.asarray(painted + bare[..., None] * behind, np.float32)


def _draw_streaks(rng: Generator, side: int) -> FloatImage:
    """Long thin waves, along x or y: wood, brushed metal, rain on a wall."""
    field = fractal_noise(rng, side, rng.uniform(2, 6), 2, stretch=rng.uniform(6, 20))
    return field if rng.random() < 0.5 else np.ascontiguousarray(field.T)


# Share, and red, green and blue relative to each other.
_HUES = np.array(
    [
        (0.34, 1.00, 0.97, 0.92),  # stone, plaster, cloud
        (0.20, 1.00, 0.80, 0.58),  # wood, earth, sand
        (0.15, 0.80, 0.92, 0.50),  # leaves, grass
        (0.15, 0.76, 0.89, 1.00),  # sky, shade, water
        (0.09, 1.00, 0.66, 0.54),  # brick, skin, rust
        (0.03, 1.00, 0.30, 0.25),  # paints
        (0.02, 0.30, 0.50, 1.00),
        (0.02, 1.00, 0.85, 0.25),
    ]
)
_LUMA = np.array((0.299, 0.587, 0.114))


def draw_palette(rng: Generator, count: int, moods: int = 4, vivid: float = 1.0) -> FloatImage:
    """Colours (count, 3) in [0.02, 0.97], variants of at most ``moods`` hues. ``vivid``: 1 natural,
    0 grey.

    Channels are correlated, hues few and rarely pure. Variants of one hue differ mostly in
    brightness, like one material in different light.
    """
    kinds = rng.choice(len(_HUES), size=moods, p=_HUES[:, 0])
    # Weights to a random power: between grey and the pure hue.
    hue = _HUES[kinds, 1:] ** (vivid * rng.uniform(0.1, 1.0, (moods, 1)))
    hue = hue * np.exp(rng.normal(0, 0.05, (moods, 3)))
    light = rng.beta(1.4, 1.7, moods)
    which = rng.integers(moods, size=count)
    levels = np.clip(light[which] * np.exp(rng.normal(0, 0.3, count)), 0.03, 0.95)
    ratio = hue[which] * np.exp(rng.normal(0, 0.03, (count, 3)))
    colours = levels[:, None] * ratio / (ratio @ _LUMA)[:, None]
    return np.asarray(np.clip(colours, 0.02, 0.97), np.float32)
