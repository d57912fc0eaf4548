"""The arrays of a document, copied or allocated on the first write."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from inpaint_core.contract.choices import Layer
from inpaint_core.photo.photo import Photo


class Layers:
    """The arrays behind each `Layer`.

    ``pixels`` (H, W, 3) and ``alpha`` (H, W, if the photo has one), in the photo's depth, are the
    photo's own arrays until the first write, so that a photo that is only viewed is in memory
    once. The others, (H, W) uint8, and ``semantic`` (H, W, 3) uint8, start as zeros.
    """

    def __init__(self, photo: Photo) -> None:
        self.shape = photo.shape

        self._original: dict[Layer, NDArray[Any] | None] = {
            "pixels": photo.pixels,
            "alpha": photo.alpha,
        }
        self._written: dict[Layer, NDArray[Any]] = {}
        self._views: dict[Layer, NDArray[Any]] = {
            layer: _read_only(array) for layer, array in self._original.items() if array is not None
        }

    def read(self, layer: Layer) -> NDArray[Any]:
        """A read-only view of the layer that follows later changes.

        The first write to a layer replaces the view. Raises ValueError for the alpha of a photo
        without alpha.
        """
        if layer not in self._views:
            self.write(layer)
        return self._views[layer]

    def is_written(self, layer: Layer) -> bool:
        """True if the layer has an array of its own, so that it may differ from its start."""
        return layer in self._written

    def write(self, layer: Layer) -> NDArray[Any]:
        """The layer's own, writable array."""
        if layer not in self._written:
            self._allocate(layer)
        return self._written[layer]

    def _allocate(self, layer: Layer) -> None:
        if layer in self._original:
            original = self._original[layer]
            if original is None:
                raise ValueError("the photo is not transparent")
            array = original.copy()
        else:
            # The system provides zeroed pages when they are touched: this costs nothing yet.
            shape = (*self.shape, 3) if layer == "semantic" else self.shape
            array = np.zeros(shape, np.uint8)
        self._views[layer] = _read_only(array)
        self._written[layer] = array


def _read_only(array: NDArray[Any]) -> NDArray[Any]:
    view = array.view()
    view.flags.writeable = False
    return view
