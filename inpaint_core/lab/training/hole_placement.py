"""Where holes lie and what shapes they are made of: at the image's border or off it, with outlines
of real objects where there are some.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from inpaint_core.contract.arrays import BoolMask
from inpaint_core.contract.errors import BadRequest
from inpaint_core.lab.training.hole_shapes import SHAPES, Shape, draw_hole
from inpaint_core.lab.training.photo_archive import Photos

INSET = 50 / 512
"""How far a hole stays off the border, as a part of the side: 50 of 512 pixels (Liu et al.)."""

_TRIES = 20


@dataclass(frozen=True)
class Holes:
    """How holes are drawn.

    ``silhouettes``: pictures of objects, white (128 or more) on black; None: outlines are invented.
    ``border``: which part of the holes touches the border, while the others keep `INSET` away from
    it, as the TSGL paper's test masks do with 0.5; None: they lie as they fall.
    """

    silhouettes: Photos | None = None
    border: float | None = None

    def draw(self, rng: Generator, side: int, share: tuple[float, float]) -> BoolMask:
        """A hole (side, side) bool whose share of the image lies in ``share`` (low, high]."""
        shapes = self.shapes()
        if self.border is None:
            return draw_hole(rng, side, side, share, shapes)
        if rng.random() < self.border:
            return to_border(rng, draw_hole(rng, side, side, share, shapes))
        return inset(rng, side, share, shapes)

    def shapes(self) -> tuple[Shape, ...]:
        """What holes are made of; real outlines take the place of the invented ones."""
        return SHAPES if self.silhouettes is None else (*SHAPES[:-1], self._cut_out)

    def _cut_out(self, rng: Generator, hole: NDArray[np.uint8], size: float) -> None:
        """One silhouette, perhaps mirrored, its longer side about ``size``, anywhere."""
        object_ = self._object(rng)
        scale = size * rng.uniform(0.5, 1.3) / max(object_.shape)
        sides = [max(round(length * scale), 1) for length in object_.shape]
        small = np.asarray(
            cv2.resize(object_, (sides[1], sides[0]), interpolation=cv2.INTER_NEAREST), np.uint8
        )
        height, width = small.shape
        # The middle lies inside the image, so that some of it does as a rule.
        top, left = (
            round(rng.uniform(-length / 2, whole - length / 2))
            for length, whole in zip(small.shape, hole.shape, strict=True)
        )
        into = hole[max(top, 0) : top + height, max(left, 0) : left + width]
        part = small[max(-top, 0) :, max(-left, 0) :][: into.shape[0], : into.shape[1]]
        np.maximum(into, part, out=into)

    def _object(self, rng: Generator) -> NDArray[np.uint8]:
        """A silhouette, 0 or 1, cut to its bounds. Raises `BadRequest` when pick after pick is
        empty or damaged.
        """
        assert self.silhouettes is not None
        for _ in range(_TRIES):
            picture = self.silhouettes.read(int(rng.integers(len(self.silhouettes))))
            white = None if picture is None else (picture[..., 0] >= 128).astype(np.uint8)
            if white is None or not white.any():
                continue
            x, y, width, height = cv2.boundingRect(white)
            white = white[y : y + height, x : x + width]
            return np.ascontiguousarray(white[:, ::-1] if rng.random() < 0.5 else white)
        raise BadRequest(
            f"{_TRIES} silhouettes in a row were empty or could not be read.",
            "Give pictures of objects, white on black.",
        )


def to_border(rng: Generator, hole: BoolMask) -> BoolMask:
    """``hole`` (h, w) bool, moved as a whole to one of the borders unless it touches one."""
    rows, columns = np.flatnonzero(hole.any(axis=1)), np.flatnonzero(hole.any(axis=0))
    height, width = hole.shape
    gaps = (rows[0], height - 1 - rows[-1], columns[0], width - 1 - columns[-1])
    if min(gaps) == 0:
        return hole
    side = int(rng.integers(4))
    step = int(gaps[side]) * (1 if side % 2 else -1)
    # What comes round from the other border is empty: the hole touched neither.
    return np.roll(hole, step, axis=side // 2)


def inset(
    rng: Generator, side: int, share: tuple[float, float], shapes: tuple[Shape, ...]
) -> BoolMask:
    """A hole (side, side) bool that keeps `INSET` off the border."""
    margin = round(side * INSET)
    inner = side - 2 * margin
    larger = (side / inner) ** 2
    hole = np.zeros((side, side), np.bool_)
    hole[margin : margin + inner, margin : margin + inner] = draw_hole(
        rng, inner, inner, (share[0] * larger, share[1] * larger), shapes
    )
    return hole
