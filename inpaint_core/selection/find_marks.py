"""Finds everything of one kind in a photo: wires, spots or writing."""

from __future__ import annotations

from typing import Literal

from inpaint_core.contract.arrays import Pixels
from inpaint_core.contract.progress import Progress
from inpaint_core.selection.mark import Mark
from inpaint_core.selection.spots import find_spots, least_certainty
from inpaint_core.selection.text_marks import SURE, find_text

FindKind = Literal["wires", "spots", "text"]
"""Wires and poles in front of the sky; dust on the sensor and blemishes; dates, signs and
watermarks."""


def find_marks(
    kind: FindKind, pixels: Pixels, sensitivity: float, progress: Progress
) -> list[Mark]:
    """The marks of that kind in ``pixels`` (H, W, 3) uint8 or uint16: those that are sure enough.

    ``sensitivity`` 0 .. 100 is that of spots: the higher, the fainter ones count.
    """
    if kind == "wires":
        from inpaint_core.selection.sky_wires import find_wires  # loads compiled loops

        return find_wires(pixels, progress)
    if kind == "text":
        return [mark for mark in find_text(pixels, progress) if mark.certainty >= SURE]
    least = least_certainty(sensitivity)
    drawn = [s.draw(pixels.shape[:2]) for s in find_spots(pixels, progress) if s.certainty >= least]
    return [mark for mark in drawn if mark is not None]
