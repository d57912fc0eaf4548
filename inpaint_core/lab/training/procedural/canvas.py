"""Shapes painted over one another, each with a colour, a shade and a texture of its own."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from inpaint_core.contract.arrays import FloatImage
from inpaint_core.lab.training.procedural.noise import fractal

FINER = 2
"""Shapes are drawn at so many times the size and averaged: smooth edges at any angle."""

_SHIFT = 4
LABELS = 256

Points = NDArray[np.float64]


class Canvas:
    """Shapes by number, later ones over earlier ones.

    Coordinates are in units of the side, x to the right and y down; label 0 is the empty canvas,
    black unless something lies behind it. ``colours`` (256, 3) in [0, 1]; ``slope`` (256, 3):
    brightness = 1 + a x + b y + c; ``grain`` (256, 3): strength of three textures: a fine one, a
    coarse one and streaks.
    """

    def __init__(self, side: int, colours: FloatImage) -> None:
        self.side = side
        self.labels = np.zeros((side * FINER, side * FINER), np.uint8)
        self.colours = np.zeros((LABELS, 3), np.float32)
        self.colours[1 : 1 + len(colours)] = colours[: LABELS - 1]
        self.slope = np.zeros((LABELS, 3), np.float32)
        self.grain = np.zeros((LABELS, 3), np.float32)

    def polygon(self, label: int, corners: Points) -> None:
        """Paint the polygon, of any form, with ``corners`` (n, 2)."""
        cv2.fillPoly(self.labels, [self._fixed(corners)], label, cv2.LINE_8, _SHIFT)

    def polygons(self, labels: Sequence[int], corners: Points) -> None:
        """Paint convex polygons (m, n, 2), one after the other."""
        for label, outline in zip(labels, self._fixed(corners), strict=True):
            cv2.fillConvexPoly(self.labels, outline, label, cv2.LINE_8, _SHIFT)

    def _fixed(self, corners: Points) -> NDArray[np.int32]:
        """Coordinates in sixteenths of the large drawing's pixels, none too far off for OpenCV."""
        scale = self.side * FINER << _SHIFT
        return np.rint(np.clip(corners, -8, 9) * scale - (1 << _SHIFT - 1)).astype(np.int32)

    def shade(self, first: int, centres: Points, gradients: Points) -> None:
        """Let the labels from ``first`` on be as bright as their colours at ``centres`` (n, 2) and
        change by ``gradients`` (n, 2): by how much of itself over the whole side.
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
        """What was painted, (side, side, 3) float32, about [0, 1]; ``behind`` it lies what shows
        where nothing was (label 0).
        """
        side = self.side
        tables = np.concatenate([self.colours, self.slope, self.grain], axis=1).T
        size, large = (side, side), np.empty(self.labels.shape, np.float32)  # for all: it is slow
        # to ask for as much memory for each of them.
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
        light += fine * fractal(rng, side, 2.0, 1)
        light += coarse * fractal(rng, side, rng.uniform(0.05, 0.4) * side, 5)
        light += streaks * _streaks(rng, side)
        light = np.maximum(light, np.float32(0.05))
        painted = np.asarray(cv2.merge(colours) * light[..., None], np.float32)
        if behind is None:
            return painted
        empty = (self.labels == 0).astype(np.float32)
        bare = cv2.resize(empty, size, interpolation=cv2.INTER_AREA)
        # Colour 0 stands for what is behind: `painted` holds the share of the rest already.
        return np.asarray(painted + bare[..., None] * behind, np.float32)


def _streaks(rng: Generator, side: int) -> FloatImage:
    """Long thin waves, along x or y: wood, brushed metal, rain on a wall."""
    field = fractal(rng, side, rng.uniform(2, 6), 2, stretch=rng.uniform(6, 20))
    return field if rng.random() < 0.5 else np.ascontiguousarray(field.T)
