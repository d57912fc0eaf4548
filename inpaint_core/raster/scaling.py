"""Views at another size: nothing of a hole leaks into the pixels around it."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from inpaint_core.contract.arrays import BoolMask, FloatImage
from inpaint_core.contract.view import View
from inpaint_core.raster.edge_strokes import thinned


def touched(mask: BoolMask, width: int, height: int) -> BoolMask:
    """A mask at a smaller size: True where any part of the pixel was True."""
    if mask.shape == (height, width):
        return mask
    part: BoolMask = _area(mask.astype(np.float32), width, height) > 0
    return part


def reduced(view: View, width: int, height: int) -> View:
    """A view at a smaller size.

    Colours are means over the known pixels only; a pixel that holds any part of the hole is hole;
    one may be copied from only if all of it may. Guide and lines are scaled; edges stay one pixel
    wide.
    """
    h, w = view.hole.shape
    if (h, w) == (height, width):
        return view
    known = np.where(view.hole, np.float32(0), np.float32(1))
    total = _area(view.image * known[..., None], width, height)
    share = _area(known, width, height)
    image = np.divide(total, share[..., None], out=np.zeros_like(total), where=share[..., None] > 0)
    return replace(
        view,
        image=image,
        hole=touched(view.hole, width, height),
        source=~touched(~view.source, width, height),
        guide=None if view.guide is None else _area(view.guide, width, height),
        lines=tuple(line.scaled(width / w, height / h) for line in view.lines),
        edges=None if view.edges is None else thinned(touched(view.edges, width, height)),
    )


def enlarged(image: FloatImage, width: int, height: int) -> FloatImage:
    """(h, w, 3) float32 in [0, 1] at a larger size, bicubic, kept in range."""
    if image.shape[:2] == (height, width):
        return image
    large = cv2.resize(image, (width, height), interpolation=cv2.INTER_CUBIC)
    return np.clip(np.asarray(large, np.float32), 0.0, 1.0)


def padded(view: View, multiple: int) -> View:
    """A view with both sides a multiple of ``multiple``: more rows and columns, by reflection, at
    the bottom and the right. The pixels added are known or hole as what they mirror, and may not
    be copied from.
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
    )


def _area(plane: NDArray[np.float32], width: int, height: int) -> NDArray[np.float32]:
    small = cv2.resize(plane, (width, height), interpolation=cv2.INTER_AREA)
    return np.asarray(small, np.float32)
