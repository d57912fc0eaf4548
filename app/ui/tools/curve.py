"""A smooth way through the points that a mouse or a pen told."""

from __future__ import annotations

import math

Point = tuple[float, float, float]
"""x, y in the photo, and pressure."""

_TURN = math.cos(math.radians(50))
_MOST = 8  # pieces


def between(before: Point | None, start: Point, end: Point, fine: float) -> list[Point]:
    """Points from ``start`` (left out) to ``end`` (the last), on a curve that comes from
    ``before``: cubic Hermite, as Catmull and Rom's splines, so that the line goes through every
    point and none has to be waited for.

    ``fine``: how far the pieces may lie from the curve, in photo pixels. Around a corner, or when
    the last piece was of quite another length, the line is straight: there a curve would overshoot.
    """
    dx, dy = end[0] - start[0], end[1] - start[1]
    length = math.hypot(dx, dy)
    if before is None or length == 0:
        return [end]
    px, py = start[0] - before[0], start[1] - before[1]
    past = math.hypot(px, py)
    if not length / 4 < past < length * 4 or px * dx + py * dy < _TURN * past * length:
        return [end]
    # Tangents: at the start along its two neighbours, at the end along the chord.
    tx = (px / past + dx / length) / 2 * length
    ty = (py / past + dy / length) / 2 * length
    # The tangent at the start leaves the chord by this much: a cubic's bulge is 4/27 of it.
    bulge = abs(tx * dy - ty * dx) / length * 4 / 27
    count = min(math.ceil(math.sqrt(bulge / fine)), _MOST)
    found = []
    for index in range(1, count):
        u = index / count
        h_start, h_end = 2 * u**3 - 3 * u**2 + 1, 3 * u**2 - 2 * u**3
        g_start, g_end = u**3 - 2 * u**2 + u, u**3 - u**2
        found.append(
            (
                h_start * start[0] + g_start * tx + h_end * end[0] + g_end * dx,
                h_start * start[1] + g_start * ty + h_end * end[1] + g_end * dy,
                start[2] + (end[2] - start[2]) * u,
            )
        )
    return [*found, end]
