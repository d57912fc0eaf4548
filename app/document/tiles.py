"""The squares in which a document remembers what was there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from inpaint_core.contract.geometry import Rect

TILE = 256
"""Side of a tile in pixels: small enough for a stroke, large enough for a whole mask."""

Key = tuple[int, int]
"""A tile's place in the grid: (row, column)."""


def tiles(rect: Rect) -> Iterator[Key]:
    """The tiles that ``rect`` touches, row by row."""
    if rect.empty:
        return
    for row in range(rect.y // TILE, (rect.bottom - 1) // TILE + 1):
        for column in range(rect.x // TILE, (rect.right - 1) // TILE + 1):
            yield row, column


def tile_rect(key: Key, shape: tuple[int, ...]) -> Rect:
    """The pixels of a tile in an array of shape ``(H, W, ...)``; tiles at its end are smaller."""
    row, column = key
    return Rect(column * TILE, row * TILE, TILE, TILE).intersect(Rect.whole(shape))


def joined(rects: Mapping[Key, Rect]) -> tuple[Rect, ...]:
    """Few rectangles that hold all of ``rects``, each of which lies in its tile.

    Neighbours in a row of tiles become one, then such runs of the same columns in rows that
    follow each other: a diagonal stroke stays a staircase and does not become the whole photo.
    """
    runs: list[tuple[int, int, int, Rect]] = []  # row, first and last column, what they hold
    for (row, column), rect in sorted(rects.items()):
        if rect.empty:
            continue
        if runs and runs[-1][0] == row and runs[-1][2] == column - 1:
            _, first, _, held = runs.pop()
            runs.append((row, first, column, held.union(rect)))
        else:
            runs.append((row, column, column, rect))
    out: list[Rect] = []
    open_runs: dict[tuple[int, int], tuple[int, int]] = {}  # columns -> last row, place in `out`
    for row, first, last, rect in runs:
        above = open_runs.get((first, last))
        if above is not None and above[0] == row - 1:
            out[above[1]] = out[above[1]].union(rect)
            open_runs[first, last] = (row, above[1])
        else:
            open_runs[first, last] = (row, len(out))
            out.append(rect)
    return tuple(out)
