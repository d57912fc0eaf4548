"""The photo that a stroke copies from: its own as it was before the stroke, or another open one."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from app.document.open_edit import OpenEdit
from app.document.restoration import Colours
from app.document.retouching.copy_placement import CopyPlacement
from inpaint_core.contract.choices import Layer
from inpaint_core.contract.geometry import Rect
from inpaint_core.photo.photo import to_eight_bits

if TYPE_CHECKING:
    from app.document.document import Document


class CopyOrigin:
    """What ``placement`` shows of the photo that ``editing`` changes or, if given, of the ``other``
    one, at the depth of the photo that is changed.
    """

    def __init__(
        self, editing: OpenEdit, placement: CopyPlacement, other: Document | None = None
    ) -> None:
        self._editing, self._placement, self._other = editing, placement, other
        self._shape = editing.shape if other is None else other.shape
        self._depth = editing.read("pixels", Rect(0, 0, 1, 1)).dtype
        self._has_alpha = editing.has_alpha if other is None else other.alpha is not None

    def read(self, rect: Rect) -> Colours:
        """The copy in ``rect``, 0 beyond the photo that is copied from."""
        pixels = self._read("pixels", rect)
        if not self._editing.has_alpha:
            return Colours(pixels, None)
        if self._has_alpha:
            return Colours(pixels, self._read("alpha", rect))
        return Colours(pixels, np.full((rect.h, rect.w), np.iinfo(self._depth).max, self._depth))

    def find_share(self, rect: Rect) -> NDArray[np.uint8]:
        """How much (h, w) of the copy there is to be put into ``rect``, 0 .. 255: nothing beyond
        the photo, and less of what is transparent where the photo that is changed cannot be.
        """
        share = np.where(self.find_inside(rect), np.uint8(255), np.uint8(0))
        if self._has_alpha and not self._editing.has_alpha:
            share = np.minimum(share, to_eight_bits(self._read("alpha", rect)))
        return share

    def find_inside(self, rect: Rect) -> NDArray[np.bool_]:
        """Where (h, w) the copy shows points of the photo that is copied from."""
        return self._placement.find_inside(rect, self._shape)

    def _read(self, layer: Layer, rect: Rect) -> NDArray[Any]:
        if self._other is None:
            read = partial(self._editing.read_before, layer)
            return self._placement.read_copy(rect, self._shape, read)
        values = self._other.read(layer)
        copied = self._placement.read_copy(rect, self._shape, lambda part: values[part.slices])
        return _to_depth(copied, self._depth)


def _to_depth(values: NDArray[Any], depth: DTypeLike) -> NDArray[Any]:
    if values.dtype == depth:
        return values
    return to_eight_bits(values) if depth == np.uint8 else values.astype(np.uint16) * 257
