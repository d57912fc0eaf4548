"""Views at another size, without leaking the hole into the pixels around it."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from inpaint_core.contract.arrays import BoolMask, FloatImage
from inpaint_core.contract.request import View
from inpaint_core.raster.edge_strokes import thin_strokes


def shrink_mask(mask: BoolMask, width: int, height: int) -> BoolMask:
    """A mask at a smaller size: True where any part of a pixel was True."""
    if mask.shape == (height, width):
        return mask
    part: BoolMask = _shrink(mask.astype(np.float32), width, height) > 0
    return part


def shrink_view(view: View, width: int, height: int) -> View:
    """A view at a smaller size.

    Colours are means over known pixels only. A pixel that contains any part of the hole is hole; it
    is source only if all of it is. Guide, lines and planes are scaled; edges stay one pixel wide,
    and the semantic map keeps its colours.
    """
    h, w = view.hole.shape
    if (h, w) == (height, width):
        return view
    known = np.where(view.hole, np.float32(0), np.float32(1))
    total = _shrink(view.image * known[..., None], width, height)
    share = _shrink(known, width, height)
    image = np.divide(total, share[..., None], out=np.zeros_like(total), where=share[..., None] > 0)
    return replace(
        view,
        image=image,
        hole=shrink_mask(view.hole, width, height),
        source=~shrink_mask(~view.source, width, height),
        guide=None if view.guide is None else _shrink(view.guide, width, height),
        lines=tuple(line.scale(width / w, height / h) for line in view.lines),
        planes=tuple(plane.scale(width / w, height / h) for plane in view.planes),
        edges=None if view.edges is None else thin_strokes(shrink_mask(view.edges, width, height)),
        semantic=None if view.semantic is None else shrink_labels(view.semantic, width, height),
    )


def shrink_labels(labels: FloatImage, width: int, height: int) -> FloatImage:
    """A map of colours that stand for something, at a smaller size: none is mixed."""
    small = cv2.resize(labels, (width, height), interpolation=cv2.INTER_NEAREST_EXACT)
    return np.asarray(small, np.float32)


def enlarge_image(image: FloatImage, width: int, height: int) -> FloatImage:
    """(h, w, 3) float32 in [0, 1] at a larger size, bicubic, clipped to [0, 1]."""
    if image.shape[:2] == (height, width):
        return image
    large = cv2.resize(image, (width, height), interpolation=cv2.INTER_CUBIC)
    return np.clip(np.asarray(large, np.float32), 0.0, 1.0)


def pad_view(view: View, multiple: int) -> View:
    """A view padded by reflection at the bottom and the right so that both sides are multiples of
    ``multiple``. Added pixels are known or hole like those they mirror, and are never source.
    """
    h, w = view.hole.shape
    bottom, right = -h % multiple, -w % multiple
    if not (bottom or right):
        return view

    def mirrored(plane: NDArray[np.float32]) -> FloatImage:
        more = cv2.copyMakeBorder(plane, 0, bottom, 0, right, cv2.BORDER_REFLECT)
        return np.asarray(more, np.float32)

    return replace(
        view,
        image=mirrored(view.image),
        hole=mirrored(view.hole.astype(np.float32)) > 0,
        source=np.pad(view.source, ((0, bottom), (0, right))),
        guide=None if view.guide is None else mirrored(view.guide),
        edges=None if view.edges is None else mirrored(view.edges.astype(np.float32)) > 0,
        semantic=None if view.semantic is None else mirrored(view.semantic),
    )


def _shrink(plane: NDArray[np.float32], width: int, height: int) -> NDArray[np.float32]:
    small = cv2.resize(plane, (width, height), interpolation=cv2.INTER_AREA)
    return np.asarray(small, np.float32)
