"""Coefficients of a photo that is turned or mirrored, exactly.

A mirrored block has the same coefficients, those of odd frequency with the other sign; a
transposed one has them transposed. (So does IJG's jpegtran.)
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from inpaint_core.photo.formats.jpeg.coefficients import Blocks, Planes
from inpaint_core.photo.formats.jpeg.headers import Component

# Orientation: transposed first, then mirrored across, mirrored down.
_STEPS = {
    **{1: (False, False, False), 2: (False, True, False), 3: (False, True, True)},
    **{4: (False, False, True), 5: (True, False, False), 6: (True, True, False)},
    **{7: (True, True, True), 8: (True, False, True)},
}
_SIGNS = np.array([1, -1] * 4, np.int16)


def turned(planes: Planes, orientation: int) -> Planes:
    """The photo as `inpaint_core.photo.orientation.upright` turns its pixels.

    Raises ValueError, in a few words for a person, where MCUs that are not whole would have to
    come to the left or the top.
    """
    transposed, across, down = _STEPS[orientation]
    frame, blocks, tables = planes.frame, planes.blocks, planes.tables
    if transposed:
        parts = tuple(Component(p.name, p.down, p.across, p.table) for p in frame.components)
        frame = replace(frame, width=frame.height, height=frame.width, components=parts)
        blocks = tuple(part.transpose(1, 0, 3, 2) for part in blocks)
        tables = tuple(table.T for table in tables)
    high, wide = frame.unit
    if (across and frame.width % wide) or (down and frame.height % high):
        raise ValueError("it was turned, and its blocks do not fall onto blocks again")
    return Planes(
        frame, tuple(_mirrored(part, across, down) for part in blocks), tuple(map(np.array, tables))
    )


def _mirrored(blocks: Blocks, across: bool, down: bool) -> Blocks:
    if across:
        blocks = blocks[:, ::-1] * _SIGNS
    if down:
        blocks = blocks[::-1] * _SIGNS[:, None]
    return np.ascontiguousarray(blocks)
