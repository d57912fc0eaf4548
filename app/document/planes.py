"""Planes as text: an edit of the history carries all of them among its values."""

from __future__ import annotations

import json
from collections.abc import Sequence

from inpaint_core.contract.geometry import Plane

PLANES = "planes"
"""The name of the value."""

_MOST = 64


def format_planes(planes: Sequence[Plane]) -> str:
    """The planes' corners, to a hundredth of a pixel, as JSON."""
    return json.dumps([[round(number, 2) for number in plane.numbers] for plane in planes])


def parse_planes(text: object) -> tuple[Plane, ...]:
    """The planes in such a text; those of a damaged text are left out."""
    try:
        rows = json.loads(str(text))
        planes = [Plane.from_numbers(row) for row in rows[:_MOST]]
    except (ValueError, TypeError, RecursionError, KeyError):
        return ()
    return tuple(plane for plane in planes if plane.is_valid)
