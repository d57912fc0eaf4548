"""Edges that the fill is to have, read from a picture of the photo's size."""

from __future__ import annotations

from pathlib import Path

from inpaint_core.contract.arrays import BoolMask
from inpaint_core.contract.errors import BadRequest
from inpaint_core.photo.formats.source_bytes import MAX_PIXELS
from inpaint_core.photo.mask_picture import strengths
from inpaint_core.photo.read_photo import read_photo

DRAWN = 32
"""From this strength (of 255) on a pixel is part of an edge: strokes may be soft, and what JPEG
compression leaves around them is no edge."""


def read_edges(path: Path, shape: tuple[int, ...], max_pixels: int = MAX_PIXELS) -> BoolMask:
    """Strokes (H, W) bool, white on black or opaque on transparent, for a photo of ``shape``.

    Raises what `read_photo` raises, and `BadRequest` for another size and when there are none.
    """
    found = strengths(read_photo(path, max_pixels))
    if found.shape != shape[:2]:
        raise BadRequest(
            f"The edges “{path}” are {found.shape[1]} x {found.shape[0]} pixels,"
            f" the photo {shape[1]} x {shape[0]}.",
            "Draw them on a picture of exactly the upright photo's size.",
        )
    edges: BoolMask = found >= DRAWN
    if not edges.any():
        raise BadRequest(
            f"The picture “{path}” holds no edge: it is black everywhere, or almost.",
            "Draw the edges in white (255) on black.",
        )
    return edges
