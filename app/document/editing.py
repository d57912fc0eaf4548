"""One edit while it is being made."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.document.change import Change, Layer
from app.document.layers import Layers
from app.document.patch import Patch, packed
from app.document.tiles import Key, joined, tile_rect, tiles
from inpaint_core.contract.geometry import Rect

Patches = dict[tuple[Layer, Key], Patch]


class Editing:
    """Writes to the layers and remembers what was there, until `commit` or `rollback`.

    Made by `Document.begin`. ``tell`` hears of every change at once; ``done`` gets the patches of
    the tiles that differ, or None after a rollback.
    """

    def __init__(
        self,
        layers: Layers,
        tell: Callable[[Change], None],
        done: Callable[[Patches | None], None],
    ) -> None:
        self._layers = layers
        self._tell = tell
        self._done = done
        self._before: dict[tuple[Layer, Key], NDArray[Any]] = {}
        self._open = True

    @property
    def shape(self) -> tuple[int, int]:
        """(H, W) of every layer."""
        return self._layers.shape

    def write(self, layer: Layer, rect: Rect, values: NDArray[Any]) -> None:
        """Set the pixels inside ``rect`` to ``values`` (h, w) or (h, w, 3) of the layer's dtype.

        Raises ValueError where they do not fit, RuntimeError when the edit has ended.
        """
        self._check_open()
        if rect.empty:
            return
        now = self._layers.read(layer)
        if not Rect.whole(self.shape).contains(rect):
            raise ValueError(f"{rect} lies outside of {self.shape}")
        if values.dtype != now.dtype or values.shape != now[rect.slices].shape:
            raise ValueError(f"{values.dtype} {values.shape} does not fit {layer} in {rect}")
        for key in tiles(rect):
            if (layer, key) not in self._before:
                self._before[layer, key] = now[tile_rect(key, self.shape).slices].copy()
        self._layers.write(layer)[rect.slices] = values
        self._tell(Change(layer, rect))

    def now(self, layer: Layer, rect: Rect) -> NDArray[Any]:
        """The layer inside ``rect`` as it is now, not to be written to."""
        return self._layers.read(layer)[rect.slices]

    def before(self, layer: Layer, rect: Rect) -> NDArray[Any]:
        """The layer inside ``rect``, which lies in the photo, as it was when the edit began."""
        now = self._layers.read(layer)
        out = np.empty_like(now[rect.slices])
        for key in tiles(rect):
            tile = tile_rect(key, self.shape)
            part = tile.intersect(rect)
            held = self._before.get((layer, key))
            source = (
                now[part.slices]
                if held is None
                else held[part.translate(-tile.x, -tile.y).slices]
            )  # fmt: skip
            out[part.translate(-rect.x, -rect.y).slices] = source
        return out

    def commit(self) -> None:
        """End the edit; one that changed nothing leaves no trace. Raises as `rollback`."""
        self._check_open()
        self._open = False
        patches: Patches = {}
        for (layer, key), old in self._before.items():
            tile = tile_rect(key, self.shape)
            differs = old != self._layers.read(layer)[tile.slices]
            part = Rect.bounding(differs if differs.ndim == 2 else differs.any(axis=2))
            if not part.empty:
                rect = part.translate(tile.x, tile.y)
                patches[layer, key] = Patch(layer, rect, packed(old[part.slices]))
        self._before.clear()
        self._done(patches)

    def rollback(self) -> None:
        """Put everything back as it was. Raises RuntimeError when the edit has ended."""
        self._check_open()
        self._open = False
        touched: dict[Layer, dict[Key, Rect]] = {}
        for (layer, key), old in self._before.items():
            tile = tile_rect(key, self.shape)
            self._layers.write(layer)[tile.slices] = old
            touched.setdefault(layer, {})[key] = tile
        self._before.clear()
        for layer, rects in touched.items():
            for rect in joined(rects):
                self._tell(Change(layer, rect))
        self._done(None)

    def _check_open(self) -> None:
        if not self._open:
            raise RuntimeError("the edit has ended")
