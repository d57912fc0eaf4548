"""A frozen copy of a document's history that another thread can write to a file."""

from __future__ import annotations

import weakref
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.document.document import Document
from app.document.history import HistoryStep
from app.document.layer_tiles import TileKey, tile_rect, tiles_in
from app.document.patch import HistoryEntry, Patch
from inpaint_core.contract.choices import Layer
from inpaint_core.contract.geometry import Rect
from inpaint_core.project.model import Edit, Part

_SEEN = 100  # restored edits that are announced one by one, so that the history pictures them
_Tiles = dict[tuple[Layer, TileKey], NDArray[Any]]


@dataclass(frozen=True, eq=False)
class HistorySnapshot:
    """Every edit of a document, and the layers' values in all tiles that edits changed."""

    shape: tuple[int, int]
    position: int
    _steps: tuple[HistoryStep, ...]
    _current: _Tiles

    @classmethod
    def of(cls, document: Document) -> HistorySnapshot:
        """Freeze the document; call on its own thread.

        Costs a copy of the changed tiles, whatever the number of edits.
        """
        steps, release = document.history.make_readers()
        keys = {
            (layer, key)
            for entry, _ in steps
            for layer, rect in entry.rects
            for key in tiles_in(rect)
        }
        current: _Tiles = {
            (layer, key): document.read(layer)[tile_rect(key, document.shape).slices].copy()
            for layer, key in sorted(keys)
        }
        snapshot = cls(document.shape, document.history.position, steps, current)
        weakref.finalize(snapshot, release)
        return snapshot

    def edits(self) -> Iterator[tuple[int, Edit]]:
        """Every edit with its index, holding the layers' values after it. Not in order.

        On any thread. Raises `FileUnreadable` if spilled data cannot be read back.
        """
        undone = _ChangedTiles(self._current, self.shape)
        for index in range(self.position, len(self._steps)):
            entry, read_patches = self._steps[index]
            undone.apply(read_patches())
            yield index, undone.make_edit(entry)
        done = _ChangedTiles(self._current, self.shape)
        for index in reversed(range(self.position)):
            entry, read_patches = self._steps[index]
            yield index, done.make_edit(entry)
            done.apply(read_patches())


class _ChangedTiles:
    """The changed tiles at one position while stepping through the history."""

    def __init__(self, tiles: _Tiles, shape: tuple[int, int]) -> None:
        self._tiles = dict(tiles)
        self._shape = shape

    def apply(self, patches: tuple[Patch, ...]) -> None:
        """Write patches, each of which lies in one tile."""
        for patch in patches:
            (key,) = tiles_in(patch.rect)
            place = tile_rect(key, self._shape)
            tile = self._tiles[patch.layer, key].copy()  # the tiles are shared
            tile[patch.rect.translate(-place.x, -place.y).slices] = patch.values
            self._tiles[patch.layer, key] = tile

    def make_edit(self, entry: HistoryEntry) -> Edit:
        """The edit that led to the current values."""
        changes = tuple(
            (layer, Part.of(rect, self._read(layer, rect))) for layer, rect in entry.rects
        )
        return Edit(entry.name_key, changes, entry.values, entry.recipe)

    def _read(self, layer: Layer, rect: Rect) -> NDArray[Any]:
        first = self._tiles[layer, next(tiles_in(rect))]
        out = np.empty((rect.h, rect.w, *first.shape[2:]), first.dtype)
        for key in tiles_in(rect):
            place = tile_rect(key, self._shape)
            both = place.intersect(rect)
            source = self._tiles[layer, key][both.translate(-place.x, -place.y).slices]
            out[both.translate(-rect.x, -rect.y).slices] = source
        return out


def restore_edits(document: Document, edits: tuple[Edit, ...], position: int) -> None:
    """Apply ``edits`` on top of a document's history, then go to ``position`` among them.

    Raises `ProjectDamaged` if a part cannot be decoded; the edits before it stay applied.
    """
    # An edit that changes nothing (never written by this program) leaves no entry.
    positions = [document.history.position]
    first = max(len(edits) - _SEEN, 0)
    with document.announce_together():
        positions += [_restore_edit(document, edit) for edit in edits[:first]]
    positions += [_restore_edit(document, edit) for edit in edits[first:]]
    document.go_to(positions[position])


def _restore_edit(document: Document, edit: Edit) -> int:
    """Apply an edit; returns the position after it."""
    recipe = None if edit.recipe is None else edit.recipe.kept()
    with document.edit(edit.name, edit.values, recipe) as editing:
        for layer, part in edit.changes:
            if layer not in ("alpha", "filled_alpha") or document.alpha is not None:
                editing.write(layer, part.rect, part.load())
    return document.history.position
