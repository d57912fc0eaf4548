"""The original, painted back into fills: how it lies over them, and what lies under it.

Where ``restored`` is above 0, ``filled`` and ``filled_alpha`` hold what the fills left there, and
the photo shows a mixture of both: nothing of ``restored`` is the fill, all of it the original. So
both come back bit for bit, in whatever order they were painted.
"""

from __future__ import annotations

from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from app.document.open_edit import OpenEdit
from inpaint_core.contract.choices import Layer
from inpaint_core.contract.geometry import Rect
from inpaint_core.raster.mix_pixels import mix_pixels


class Colours(NamedTuple):
    """``pixels`` (h, w, 3) and ``alpha`` (h, w), None for an opaque photo, in the photo's depth."""

    pixels: NDArray[Any]
    alpha: NDArray[Any] | None


class ReadLayer(Protocol):
    """Reads a rectangle of a layer."""

    def __call__(self, layer: Layer, rect: Rect) -> NDArray[Any]:
        """The values in ``rect``."""


def read_filled(
    read: ReadLayer, rect: Rect, restored: NDArray[np.uint8], has_alpha: bool
) -> Colours:
    """What the fills left in ``rect``, under what was painted back of the original."""
    covered = restored > 0
    if not covered.any():
        return Colours(read("pixels", rect), read("alpha", rect) if has_alpha else None)
    pixels = np.where(covered[..., np.newaxis], read("filled", rect), read("pixels", rect))
    if not has_alpha:
        return Colours(pixels, None)
    return Colours(pixels, np.where(covered, read("filled_alpha", rect), read("alpha", rect)))


def write_restored(
    editing: OpenEdit, rect: Rect, filled: Colours, restored: NDArray[np.uint8]
) -> None:
    """Show ``filled`` in ``rect`` with the original on it, as strong as ``restored`` (h, w)."""
    covered = restored > 0
    opacity = None if filled.alpha is None else editing.read_original("alpha", rect)
    original = Colours(editing.read_original("pixels", rect), opacity)
    pixels, alpha = mix_restored(filled, original, restored)
    under = editing.read_before("filled", rect)
    under[covered] = filled.pixels[covered]
    editing.write("restored", rect, restored)
    editing.write("filled", rect, under)
    editing.write("pixels", rect, pixels)
    if alpha is not None and filled.alpha is not None:
        under = editing.read_before("filled_alpha", rect)
        under[covered] = filled.alpha[covered]
        editing.write("filled_alpha", rect, under)
        editing.write("alpha", rect, alpha)


def mix_restored(filled: Colours, original: Colours, restored: NDArray[np.uint8]) -> Colours:
    """``filled`` with the ``original`` on it, as strong as ``restored`` (h, w)."""
    alphas = None
    if filled.alpha is not None and original.alpha is not None:
        alphas = (filled.alpha, original.alpha)
    return Colours(*mix_pixels(filled.pixels, original.pixels, restored, alphas))


def find_changed(one: Colours, other: Colours) -> NDArray[np.bool_]:
    """Where (h, w) the colours or their opacity differ."""
    differs = one.pixels != other.pixels
    changed: NDArray[np.bool_] = differs[..., 0] | differs[..., 1] | differs[..., 2]
    if one.alpha is not None and other.alpha is not None:
        changed |= one.alpha != other.alpha
    return changed


def cover_restored(editing: OpenEdit, rect: Rect, before: Colours, now: Colours) -> None:
    """Note that the photo in ``rect`` was ``before`` and is overwritten by what it is ``now``: what
    was painted back there belongs to the fill now.
    """
    if not editing.is_written("restored"):
        return
    restored = editing.read_before("restored", rect)
    if restored.any():
        restored[find_changed(before, now)] = 0
        editing.write("restored", rect, restored)
