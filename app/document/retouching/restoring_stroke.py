"""A brush stroke that paints the original back into fills, or the fills over it again."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from app.document.open_edit import OpenEdit, blend_strength
from app.document.restoration import Colours, find_changed, read_filled, write_restored
from app.document.stroke import Stroke
from inpaint_core.contract.geometry import Rect


class RestoringStroke(Stroke):
    """Paints as `Stroke` how much of the original is seen in the fills; ``erase``: less of it.

    Only what the fills changed is touched, so that a stroke beside them is no edit.
    """

    def __init__(
        self,
        editing: OpenEdit,
        shape: tuple[int, int],
        size: float,
        hardness: float,
        erase: bool = False,
    ) -> None:
        super().__init__(editing, "restored", shape, size, hardness, erase)

    def _apply(self, rect: Rect, strength: NDArray[np.uint8]) -> None:
        editing = self._editing
        before = editing.read_before("restored", rect)
        filled = read_filled(editing.read_before, rect, before, editing.has_alpha)
        alpha = None if filled.alpha is None else editing.read_original("alpha", rect)
        original = Colours(editing.read_original("pixels", rect), alpha)
        useful = np.where(find_changed(filled, original), strength, np.uint8(0))
        if useful.any():
            write_restored(editing, rect, filled, blend_strength(before, useful, self._erase))
