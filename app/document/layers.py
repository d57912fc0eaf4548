"""The arrays of a document."""

from __future__ import annotations

import threading
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.document.change import Layer
from inpaint_core.photo.photo import Photo


class Layers:
    """The photo's pixels and alpha, the mask, what is protected and drawn edges, made when first
    written to.

    ``pixels`` (H, W, 3) and ``alpha`` (H, W), which not every photo has, in the photo's depth are
    the photo's own arrays until then: a photo that is only looked at is in memory once. The
    others, (H, W) uint8, begin as zeros.
    """

    def __init__(self, photo: Photo) -> None:
        self.shape = photo.shape
        self._making = threading.Lock()
        self._original: dict[Layer, NDArray[Any] | None] = {
            "pixels": photo.pixels,
            "alpha": photo.alpha,
        }
        self._written: dict[Layer, NDArray[Any]] = {}
        self._seen: dict[Layer, NDArray[Any]] = {
            layer: _read_only(array) for layer, array in self._original.items() if array is not None
        }

    def read(self, layer: Layer) -> NDArray[Any]:
        """The layer as it is now and stays up to date, not to be written to.

        After the first write to it another array is returned from then on. Raises ValueError for
        the alpha of a photo that has none.
        """
        if layer not in self._seen:
            self.write(layer)
        return self._seen[layer]

    def made(self, layer: Layer) -> bool:
        """True where the layer has memory of its own: it may differ from how it began."""
        return layer in self._written

    def write(self, layer: Layer) -> NDArray[Any]:
        """The layer's own array. Until the first write, it may be made on any thread."""
        if layer not in self._written:
            with self._making:
                if layer not in self._written:
                    self._make(layer)
        return self._written[layer]

    def _make(self, layer: Layer) -> None:
        if layer in self._original:
            original = self._original[layer]
            if original is None:
                raise ValueError("the photo is not transparent")
            array = original.copy()
        else:
            # The system hands out zeroed pages when they are touched: this costs nothing yet.
            array = np.zeros(self.shape, np.uint8)
        self._seen[layer] = _read_only(array)
        self._written[layer] = array


def _read_only(array: NDArray[Any]) -> NDArray[Any]:
    view = array.view()
    view.flags.writeable = False
    return view
