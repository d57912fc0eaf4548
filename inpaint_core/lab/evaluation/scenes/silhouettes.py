"""Silhouettes of people, drawn by our own code, as holes."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from inpaint_core.contract.arrays import BoolMask

_FINE = 4  # sub-pixels per pixel of a drawing
_MARGIN = 0.02  # how far a mask reaches beyond the person, as a share of the height


def draw_silhouette(rng: np.random.Generator, height: int) -> BoolMask:
    """A person (h, w), True inside, standing, striding or sitting, about ``height`` pixels tall.

    Drawn from limbs of random pose and thickness, with the margin that a painted mask has.
    """
    sits, turned = rng.random() < 0.3, rng.choice([-1.0, 1.0])
    pad = 0.5
    canvas = np.zeros((round((1 + 2 * pad) * height), round((1 + 2 * pad) * height)), np.uint8)

    def limb(points: list[NDArray[np.float64]], thick: float) -> None:
        places = (
            np.array([[p[0] * turned + pad + 0.5, p[1] + pad] for p in points]) * height * _FINE
        )
        shape = np.rint(places).astype(np.int32).reshape(-1, 1, 2)
        width = max(1, round((thick + _MARGIN) * height))
        cv2.polylines(canvas, [shape // _FINE], False, 1, width, cv2.LINE_8)

    def at(x: float, y: float) -> NDArray[np.float64]:
        return np.array([x, y])

    def swing(start: NDArray[np.float64], angle: float, length: float) -> NDArray[np.float64]:
        return start + length * np.array([np.sin(angle), np.cos(angle)])

    lean, stout = rng.uniform(-0.06, 0.06), rng.uniform(0.9, 1.35)
    hips = at(0, 0.62 if sits else 0.52)
    neck = hips + at(lean, -0.34)
    limb([neck + at(0.01, -0.075), neck + at(0.0, -0.055)], 0.11)  # the head
    limb([neck, hips], 0.15 * stout)
    for side in (-1, 1):
        shoulder = neck + at(0.065 * stout * side, 0.035)
        angle = rng.uniform(-0.25, 0.9) * side
        elbow = swing(shoulder, angle, 0.16)
        limb([shoulder, elbow, swing(elbow, angle + rng.uniform(-0.6, 1.0), 0.15)], 0.055 * stout)
        hip = hips + at(0.04 * stout * side, 0)
        if sits:
            knee = swing(hip, rng.uniform(0.9, 1.4), 0.22)
            foot = swing(knee, rng.uniform(-0.3, 0.2), 0.2)
        else:
            angle = rng.uniform(0, 0.3) * side
            knee = swing(hip, angle, 0.23)
            foot = swing(knee, angle * 0.5, 0.22)
        limb([hip, knee, foot], 0.085 * stout)
        limb([foot, foot + at(0.05, 0.01)], 0.05)
    ys, xs = np.nonzero(canvas)
    return np.asarray(canvas[ys.min() : ys.max() + 1, xs.min() : xs.max() + 1] > 0)
