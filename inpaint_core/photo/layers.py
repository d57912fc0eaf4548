"""A photo as layers: the photo as it was, and above it what was retouched."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from inpaint_core.contract.arrays import BoolMask, Pixels
from inpaint_core.contract.geometry import Rect
from inpaint_core.photo.photo import Photo, Retouched, as_pixels

PHOTO, RETOUCH = "Photo", "Retouch"
"""The names of the layers in a file."""


@dataclass(frozen=True, eq=False, slots=True)
class Layer:
    """A layer: ``rect`` of the picture, ``pixels`` (h, w, 3) in it, their opacity ``alpha`` (h, w)
    of the same dtype (None: opaque), and a ``mask`` (h, w) uint8 that shows them where it is 255
    and hides them where it is 0 (None: it shows all). Outside of ``rect`` nothing is shown.
    """

    name: str
    rect: Rect
    pixels: Pixels
    alpha: Pixels | None = None
    mask: NDArray[np.uint8] | None = None


def mark_retouched(photo: Photo, original: Photo, touched: BoolMask) -> Retouched | None:
    """What has become of the ``original`` where ``touched`` (H, W) is True; None where nothing was.
    Both photos have one shape and depth.
    """
    rect = Rect.bounding(touched)
    if rect.is_empty:
        return None
    mask = touched[rect.slices].astype(np.uint8) * np.uint8(255)
    alpha = None if original.alpha is None else original.alpha[rect.slices]
    return Retouched(rect, mask, original.pixels[rect.slices], alpha)


def split_layers(photo: Photo) -> tuple[Layer, ...]:
    """The layers from the lowest up: together they are exactly the photo's pixels and alpha.

    The upper one has the photo's own pixels in the whole rectangle, so that its mask may be widened
    as well as narrowed. Where the photo has become more transparent than it was, the lower one is
    hidden by a mask too, as a layer cannot take away from what is under it.
    """
    whole, before = Rect.whole(photo.shape), photo.retouched
    if before is None:
        return (Layer(PHOTO, whole, photo.pixels, photo.alpha),)
    here = before.rect.slices
    pixels = photo.pixels.copy()
    pixels[here] = before.pixels
    alpha, now, mask = None, None, None
    if photo.alpha is not None and before.alpha is not None:
        now = photo.alpha[here]
        alpha = photo.alpha.copy()
        alpha[here] = before.alpha
        hidden = (before.mask > 0) & (now < np.iinfo(now.dtype).max)
        if hidden.any():
            mask = np.full(photo.shape, 255, np.uint8)
            mask[here][hidden] = 0
    return (
        Layer(PHOTO, whole, pixels, alpha, mask),
        Layer(RETOUCH, before.rect, photo.pixels[here], now, before.mask),
    )


def apply_mask(layer: Layer) -> Pixels | None:
    """The opacity (h, w) of a layer with its mask in it, for formats without masks: 0 where the
    mask hides; None for a layer that is opaque everywhere.
    """
    if layer.mask is None:
        return layer.alpha
    dtype = layer.pixels.dtype
    full = np.full(layer.mask.shape, np.iinfo(dtype).max, dtype)
    alpha = full if layer.alpha is None else layer.alpha
    return as_pixels(np.where(layer.mask > 0, alpha, 0).astype(dtype))
