"""Files of lines and edges that guide a fill.

Lines come from a small text or JSON file. Text: one line of the photo per row, ``x0 y0 x1 y1``,
separated by spaces, tabs, commas or semicolons; what follows ``#`` is a remark. JSON (a file name
that ends in .json): a list whose items are ``[x0, y0, x1, y1]`` or
``{"x0": .., "y0": .., "x1": .., "y1": ..}``. Coordinates are pixels of the upright photo; (0, 0)
is the centre of the top left pixel. Edges and semantic maps are pictures of the photo's size.
"""

from __future__ import annotations

import json
import math
import re
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from inpaint_core.contract.arrays import BoolMask
from inpaint_core.contract.errors import BadRequest, FileUnreadable
from inpaint_core.contract.geometry import Segment
from inpaint_core.contract.message import Message
from inpaint_core.photo.formats.decode_guard import MAX_PIXELS
from inpaint_core.photo.mask_picture import read_strengths
from inpaint_core.photo.read_photo import read_photo

_MOST_BYTES = 1_000_000

MIN_STRENGTH = 32
"""The least strength (of 255) of an edge's pixel: strokes may be soft, and the faint artefacts of
JPEG around them do not count."""

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
        raise BadRequest("command.lines_empty", path=path)
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
                "command.line_outside",
                number=number,
                x0=line.x0,
                y0=line.y0,
                x1=line.x1,
                y1=line.y1,
                width=width,
                height=height,
            )


def _text(path: Path) -> str:
    try:
        if path.is_dir():
            raise FileUnreadable("command.lines_is_folder", path=path)
        if path.exists() and not path.is_file():  # a device or a pipe may never end
            raise FileUnreadable("command.lines_no_file", path=path)
        if path.stat().st_size > _MOST_BYTES:
            raise BadRequest("command.lines_too_large", path=path)
        return path.read_text("utf-8-sig")
    except FileNotFoundError:
        raise FileUnreadable("command.lines_not_found", path=path) from None
    except OSError as error:
        raise FileUnreadable(
            "command.lines_unreadable", path=path, reason=error.strerror or error
        ) from error
    except UnicodeDecodeError:
        raise BadRequest("command.lines_not_text", path=path) from None


def _from_rows(text: str, path: Path) -> list[Segment]:
    segments = []
    for number, row in enumerate(text.splitlines(), start=1):
        fields = [f for f in re.split(r"[\s,;]+", row.split("#", 1)[0]) if f]
        if fields:
            try:
                try:
                    values = [float(f) for f in fields]
                except ValueError:
                    raise ValueError(Message("command.not_four_numbers")) from None
                segments.append(_segment(values))
            except ValueError as error:
                raise BadRequest(
                    "command.lines_bad_row", path=path, number=number, problem=error
                ) from None
    return segments


def _from_json(text: str, path: Path) -> list[Segment]:
    try:
        items = json.loads(text)
    except (ValueError, RecursionError):
        raise BadRequest("command.lines_not_json", path=path) from None
    if not isinstance(items, list):
        raise BadRequest("command.lines_not_a_list", path=path)
    segments = []
    for number, item in enumerate(items, start=1):
        values = [item.get(key) for key in _KEYS] if isinstance(item, dict) else item
        try:
            if not isinstance(values, list) or any(type(v) not in (int, float) for v in values):
                raise ValueError(Message("command.not_four_numbers"))
            segments.append(_segment([float(v) for v in values]))
        except (ValueError, OverflowError) as error:
            raise BadRequest(
                "command.lines_bad_item", path=path, number=number, problem=error
            ) from None
    return segments


def _segment(values: list[float]) -> Segment:
    """Raises ValueError unless ``values`` are four finite numbers with two different ends."""
    if len(values) != 4 or not all(map(math.isfinite, values)):
        raise ValueError(Message("command.not_four_numbers"))
    segment = Segment(*values)
    if (segment.x0, segment.y0) == (segment.x1, segment.y1):
        raise ValueError(Message("command.same_ends"))
    return segment


def read_edges(path: Path, shape: tuple[int, ...], max_pixels: int = MAX_PIXELS) -> BoolMask:
    """Strokes (H, W) bool, white on black or opaque on transparent, for a photo of ``shape``.

    Raises what `read_photo` raises, and `BadRequest` for another size and when there are none.
    """
    strengths = read_strengths(read_photo(path, max_pixels))
    if strengths.shape[:2] != shape[:2]:
        raise BadRequest(
            "command.edges_wrong_size",
            path=path,
            width=strengths.shape[1],
            height=strengths.shape[0],
            photo_width=shape[1],
            photo_height=shape[0],
        )
    edges: BoolMask = strengths >= MIN_STRENGTH
    if not edges.any():
        raise BadRequest("command.no_edges", path=path)
    return edges


def read_semantic_map(
    path: Path, shape: tuple[int, ...], max_pixels: int = MAX_PIXELS
) -> NDArray[np.uint8]:
    """The colours (H, W, 3) of a picture for a photo of ``shape``, in 8 bits.

    Raises what `read_photo` raises, and `BadRequest` for another size.
    """
    pixels = read_photo(path, max_pixels).pixels
    if pixels.shape[:2] != shape[:2]:
        raise BadRequest(
            "photo.semantic_wrong_size",
            path=path,
            width=pixels.shape[1],
            height=pixels.shape[0],
            photo_width=shape[1],
            photo_height=shape[0],
        )
    return (pixels >> 8).astype(np.uint8) if pixels.dtype == np.uint16 else pixels.astype(np.uint8)
