"""Clicks as a person would make them: into the middle of what is missing or too much."""

from __future__ import annotations

import cv2
import numpy as np

from inpaint_core.contract.arrays import BoolMask

Click = tuple[float, float, int]
"""x and y in pixels of the mask, where pixel (0, 0) covers 0..1, and 1 or -1."""


def choose_click(
    found: BoolMask, truth: BoolMask, rng: np.random.Generator | None = None
) -> Click | None:
    """The next click (x, y, sign) after ``found`` (H, W) where ``truth`` was meant; None where they
    are the same.

    In the middle of the largest connected error; with ``rng``, anywhere in it but near its border.
    """
    best: tuple[float, Click] | None = None
    for error, sign in ((truth & ~found, 1), (found & ~truth, -1)):
        if not error.any():
            continue
        _, labels, stats, _ = cv2.connectedComponentsWithStats(
            error.astype(np.uint8), connectivity=4
        )
        label = 1 + int(np.argmax(stats[1:, cv2.CC_STAT_AREA]))
        area = float(stats[label, cv2.CC_STAT_AREA])
        if best is not None and area <= best[0]:
            continue
        x, y, w, h = (int(value) for value in stats[label, :4])
        part = (labels[y : y + h, x : x + w] == label).astype(np.uint8)
        depth = cv2.distanceTransform(np.pad(part, 1), cv2.DIST_L2, 5)[1:-1, 1:-1]
        if rng is None:
            row, column = np.unravel_index(int(np.argmax(depth)), depth.shape)
        else:
            rows, columns = np.nonzero(depth >= depth.max() * rng.uniform(0.1, 0.9))
            pick = int(rng.integers(len(rows)))
            row, column = rows[pick], columns[pick]
        best = area, (float(column) + x + 0.5, float(row) + y + 0.5, sign)
    return None if best is None else best[1]


def overlap(found: BoolMask, truth: BoolMask) -> float:
    """Intersection over union, 1 where both are empty."""
    union = np.count_nonzero(found | truth)
    return 1.0 if union == 0 else np.count_nonzero(found & truth) / union
