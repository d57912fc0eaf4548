"""Lines that must run straight through the hole, read from a small text or JSON file.

Text: one line of the photo per row, ``x0 y0 x1 y1``, separated by spaces, tabs, commas or
semicolons; what follows ``#`` is a remark. JSON (a file name that ends in .json): a list whose
items are ``[x0, y0, x1, y1]`` or ``{"x0": .., "y0": .., "x1": .., "y1": ..}``. Coordinates are
photo pixels as it is shown (orientation applied); (0, 0) is the centre of the top left pixel.
"""

from __future__ import annotations

import json
import math
import re
from pathlib import Path

from inpaint_core.contract.errors import BadRequest, FileUnreadable
from inpaint_core.contract.geometry import Segment

_FORMAT = "Write one line per row as “x0 y0 x1 y1”, in pixels from the photo's top left corner."
_JSON_FORMAT = "Write a list such as [[0, 120, 511, 118]], in pixels from the top left corner."
_MOST_BYTES = 1_000_000
_KEYS = ("x0", "y0", "x1", "y1")


def read_lines(path: Path) -> tuple[Segment, ...]:
    """The segments in the file, in its order.

    Raises `FileUnreadable` when it cannot be read, `BadRequest` when it holds anything else.
    """
    text = _text(path)
    if path.suffix.lower() == ".json":
        segments = _from_json(text, path)
    else:
        segments = _from_rows(text, path)
    if not segments:
        raise BadRequest(f"“{path}” holds no line.", _FORMAT)
    return tuple(segments)


def check_lines(lines: tuple[Segment, ...], shape: tuple[int, ...]) -> None:
    """Raise `BadRequest` when a segment lies wholly beside a photo of ``shape`` (H, W)."""
    height, width = shape[:2]
    for number, line in enumerate(lines, start=1):
        if (
            max(line.x0, line.x1) < -0.5
            or max(line.y0, line.y1) < -0.5
            or min(line.x0, line.x1) > width - 0.5
            or min(line.y0, line.y1) > height - 0.5
        ):
            raise BadRequest(
                f"Line {number} ({line.x0:g}, {line.y0:g} to {line.x1:g}, {line.y1:g}) lies"
                f" outside the photo, which is {width}×{height} pixels.",
                _FORMAT,
            )


def _text(path: Path) -> str:
    try:
        if path.is_dir():
            raise FileUnreadable(f"“{path}” is a folder.", "Give a text file with lines.")
        if path.stat().st_size > _MOST_BYTES:
            raise BadRequest(f"“{path}” is too large for a file of lines.", _FORMAT)
        return path.read_text("utf-8-sig")
    except FileNotFoundError:
        raise FileUnreadable(f"“{path}” does not exist.", "Check the name after --lines.") from None
    except OSError as error:
        raise FileUnreadable(
            f"“{path}” cannot be read: {error.strerror}.", "Check the file and its permissions."
        ) from error
    except UnicodeDecodeError:
        raise BadRequest(f"“{path}” is not a text file.", _FORMAT) from None


def _from_rows(text: str, path: Path) -> list[Segment]:
    segments = []
    for number, row in enumerate(text.splitlines(), start=1):
        fields = [f for f in re.split(r"[\s,;]+", row.split("#", 1)[0]) if f]
        if fields:
            try:
                segments.append(_segment([float(f) for f in fields]))
            except ValueError as error:
                raise BadRequest(f"“{path}”, row {number}: {error}.", _FORMAT) from None
    return segments


def _from_json(text: str, path: Path) -> list[Segment]:
    try:
        items = json.loads(text)
    except (ValueError, RecursionError):
        raise BadRequest(f"“{path}” is not valid JSON.", _JSON_FORMAT) from None
    if not isinstance(items, list):
        raise BadRequest(f"“{path}” is not a JSON list.", _JSON_FORMAT)
    segments = []
    for number, item in enumerate(items, start=1):
        values = [item.get(key) for key in _KEYS] if isinstance(item, dict) else item
        try:
            if not isinstance(values, list) or any(type(v) not in (int, float) for v in values):
                raise ValueError("it is not four numbers")
            segments.append(_segment([float(v) for v in values]))
        except (ValueError, OverflowError) as error:
            raise BadRequest(f"“{path}”, item {number}: {error}.", _JSON_FORMAT) from None
    return segments


def _segment(values: list[float]) -> Segment:
    """Raises ValueError unless ``values`` are four finite numbers with two different ends."""
    if len(values) != 4 or not all(map(math.isfinite, values)):
        raise ValueError("it is not four numbers")
    segment = Segment(*values)
    if (segment.x0, segment.y0) == (segment.x1, segment.y1):
        raise ValueError("both ends are the same point")
    return segment
