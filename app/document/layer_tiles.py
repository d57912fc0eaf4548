"""The layers of a document, the tiles it remembers changes in, and the change it announces."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from inpaint_core.contract.choices import Layer
from inpaint_core.contract.geometry import Rect

TILE = 256
"""Side of a tile in pixels: small enough for a stroke, large enough for a whole mask."""

TileKey = tuple[int, int]
"""A tile's place in the grid: (row, column)."""


def tiles_in(rect: Rect) -> Iterator[TileKey]:
    """The tiles that ``rect`` touches, row by row."""
    if rect.is_empty:
        return
    for row in range(rect.y // TILE, (rect.bottom - 1) // TILE + 1):
        for column in range(rect.x // TILE, (rect.right - 1) // TILE + 1):
            yield row, column


def tile_rect(key: TileKey, shape: tuple[int, ...]) -> Rect:
    """The pixels of a tile in an array of shape ``(H, W, ...)``; tiles at its end are smaller."""
    row, column = key
    return Rect(column * TILE, row * TILE, TILE, TILE).intersect(Rect.whole(shape))


def merge_tiles(rects: Mapping[TileKey, Rect]) -> tuple[Rect, ...]:
    """A few rectangles that cover all of ``rects``, each of which lies in its tile.

    Neighbours in a row of tiles are merged, then runs of the same columns in consecutive rows: a
    diagonal stroke stays a staircase and does not become the whole photo.
    """
    runs: list[tuple[int, int, int, Rect]] = []  # row, first and last column, rectangle
    for (row, column), rect in sorted(rects.items()):
        if rect.is_empty:
            continue
        if runs and runs[-1][0] == row and runs[-1][2] == column - 1:
            _, first, _, held = runs.pop()
            runs.append((row, first, column, held.union(rect)))
        else:
            runs.append((row, column, column, rect))
    out: list[Rect] = []
    open_runs: dict[tuple[int, int], tuple[int, int]] = {}  # columns -> last row, index in `out`
    for row, first, last, rect in runs:
        above = open_runs.get((first, last))
        if above is not None and above[0] == row - 1:
            out[above[1]] = out[above[1]].union(rect)
            open_runs[first, last] = (row, above[1])
        else:
            open_runs[first, last] = (row, len(out))
            out.append(rect)
    return tuple(out)


def merge_by_layer(rects: Mapping[tuple[Layer, TileKey], Rect]) -> tuple[tuple[Layer, Rect], ...]:
    """A few rectangles that cover all of ``rects`` in each layer."""
    by_layer: dict[Layer, dict[TileKey, Rect]] = {}
    for (layer, key), rect in rects.items():
        by_layer.setdefault(layer, {})[key] = rect
    return tuple((layer, rect) for layer, held in by_layer.items() for rect in merge_tiles(held))


_NOWHERE = Rect(0, 0, 0, 0)


@dataclass(frozen=True)
class LayerChange:
    """``layer`` changed inside ``rect``. "history" (with an empty rectangle): an edit was begun,
    committed, undone, redone or rolled back, or the document was saved.
    """

    layer: Layer | Literal["history"]
    rect: Rect = _NOWHERE
