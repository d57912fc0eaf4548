"""A document's whole history at one moment, to be written down on another thread."""

from __future__ import annotations

import weakref
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.document.change import Layer
from app.document.document import Document
from app.document.history import Step
from app.document.patch import Entry, Patch
from app.document.tiles import Key, tile_rect, tiles
from inpaint_core.contract.geometry import Rect
from inpaint_core.project.model import Edit, Part

_Tiles = dict[tuple[Layer, Key], NDArray[Any]]


@dataclass(frozen=True, eq=False)
class Past:
    """Every edit of a document, and what the layers hold in the tiles that any of them changed."""

    shape: tuple[int, int]
    position: int
    _steps: tuple[Step, ...]
    _now: _Tiles

    @classmethod
    def of(cls, document: Document) -> Past:
        """Freeze the document as it is, on its own thread.

        Costs a copy of the tiles that were changed, whatever the number of edits.
        """
        steps, release = document.history.readers()
        keys = {
            (layer, key) for entry, _ in steps for layer, rect in entry.rects for key in tiles(rect)
        }
        now: _Tiles = {
            (layer, key): getattr(document, layer)[tile_rect(key, document.shape).slices].copy()
            for layer, key in sorted(keys)
        }
        past = cls(document.shape, document.history.position, steps, now)
        weakref.finalize(past, release)
        return past

    def edits(self) -> Iterator[tuple[int, Edit]]:
        """Every edit with its number, not in their order: what the layers held after it.

        On any thread. Raises `FileUnreadable` where what was spilled cannot be read back.
        """
        forth = _Layers(self._now, self.shape)
        for number in range(self.position, len(self._steps)):
            entry, patches = self._steps[number]
            forth.put(patches())
            yield number, forth.edit(entry)
        back = _Layers(self._now, self.shape)
        for number in reversed(range(self.position)):
            entry, patches = self._steps[number]
            yield number, back.edit(entry)
            back.put(patches())


class _Layers:
    """The changed tiles on the way through the history."""

    def __init__(self, tiles_now: _Tiles, shape: tuple[int, int]) -> None:
        self._tiles = dict(tiles_now)
        self._shape = shape

    def put(self, patches: tuple[Patch, ...]) -> None:
        """Write what patches hold, each of which lies in one tile."""
        for patch in patches:
            (key,) = tiles(patch.rect)
            place = tile_rect(key, self._shape)
            tile = self._tiles[patch.layer, key].copy()  # others start from the same tiles
            tile[patch.rect.translate(-place.x, -place.y).slices] = patch.values
            self._tiles[patch.layer, key] = tile

    def edit(self, entry: Entry) -> Edit:
        """The edit that led to how it is now."""
        changes = tuple(
            (layer, Part.of(rect, self._read(layer, rect))) for layer, rect in entry.rects
        )
        return Edit(entry.name_key, changes, entry.values, entry.recipe)

    def _read(self, layer: Layer, rect: Rect) -> NDArray[Any]:
        some = next(iter(self._tiles[layer, key] for key in tiles(rect)))
        out = np.empty((rect.h, rect.w, *some.shape[2:]), some.dtype)
        for key in tiles(rect):
            place = tile_rect(key, self._shape)
            both = place.intersect(rect)
            source = self._tiles[layer, key][both.translate(-place.x, -place.y).slices]
            out[both.translate(-rect.x, -rect.y).slices] = source
        return out


def restore(document: Document, edits: tuple[Edit, ...], position: int) -> None:
    """Do ``edits`` to a document, on top of what was done there, then go back to ``position``.

    Raises `ProjectDamaged` when a part cannot be decoded; those before it are done then.
    """
    # An edit that changes nothing, which this program does not write, leaves no entry.
    stands = [document.history.position]
    for edit in edits:
        recipe = None if edit.recipe is None else edit.recipe.kept()
        with document.edit(edit.name, edit.values, recipe) as editing:
            for layer, part in edit.changes:
                if layer != "alpha" or document.alpha is not None:
                    editing.write(layer, part.rect, part.load())
        stands.append(len(document.history.entries))
    document.go(stands[position])
