"""Photoshop's layers in a TIFF file: a field beside the picture that they make together.

psdtags writes the field, in the file's own byte order, which Photoshop expects.
Source: Adobe Photoshop TIFF Technical Notes, “ImageSourceData”.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from inpaint_core.photo.layers import PHOTO, RETOUCH, Layer, split_layers
from inpaint_core.photo.metadata.exif import Order
from inpaint_core.photo.photo import Photo

if TYPE_CHECKING:
    from psdtags import PsdLayer

LAYERS, LAYERS_NAME = 37724, "ImageSourceData"
_BIG, _LITTLE = (b"Layr", b"Lr16", b"Lr32"), (b"ryaL", b"61rL", b"23rL")  # by byte order
_KEYS = (*_BIG, *_LITTLE)
_START = 1 << 10  # bytes in which the first key is


def holds_layers(content: bytes | None) -> bool:
    """Whether the field has layers: it may hold patterns and other things alone."""
    return content is not None and any(key in content[:_START] for key in _KEYS)


def holds_own_layers(content: bytes | None) -> bool:
    """Whether the layers are no others than those that `encode_layers` writes."""
    if content is None:
        return False
    start = content[:_START]
    key = next((key for key in _KEYS if key in start), None)
    if key is None:
        return False
    at = start.index(key) + 8  # behind the key and a length
    order: Literal["big", "little"] = "big" if key in _BIG else "little"
    count = abs(int.from_bytes(start[at : at + 2], order, signed=True))  # less than 0 with alpha
    names = (PHOTO, RETOUCH)[:count]
    return len(names) == count > 0 and all(_as_pascal(name) in start for name in names)


def _as_pascal(name: str) -> bytes:
    return bytes([len(name)]) + name.encode("ascii")


def encode_layers(photo: Photo, order: Order) -> bytes:
    """The content of the field, in a byte order. Layers are deflated."""
    import psdtags

    layers = [_make_layer(layer, 1 if photo.is_grey else 3) for layer in split_layers(photo)]
    key = psdtags.PsdKey.LAYER if photo.bits == 8 else psdtags.PsdKey.LAYER_16
    is_big = order == ">"
    content = psdtags.TiffImageSourceData(
        psdformat=psdtags.PsdFormat.BE32BIT if is_big else psdtags.PsdFormat.LE32BIT,
        layers=psdtags.PsdLayers(key, layers, has_transparency=photo.alpha is not None),
        usermask=psdtags.PsdUserMask(),
    )
    return bytes(content.tobytes(maxworkers=len(_KEYS)))


def _make_layer(layer: Layer, colours: int) -> PsdLayer:
    from psdtags import (
        PsdChannel,
        PsdChannelId,
        PsdCompressionType,
        PsdLayer,
        PsdLayerMask,
        PsdRectangle,
    )

    height, width = layer.pixels.shape[:2]
    dtype = layer.pixels.dtype
    opacity = layer.alpha
    if opacity is None:
        opacity = np.full((height, width), np.iinfo(dtype).max, dtype)
    planes: list[tuple[PsdChannelId, NDArray[np.generic]]]
    planes = [(PsdChannelId.TRANSPARENCY_MASK, opacity)]
    planes += [(PsdChannelId(number), layer.pixels[:, :, number]) for number in range(colours)]
    if layer.mask is not None:
        mask = layer.mask if dtype == np.uint8 else layer.mask.astype(np.uint16) * np.uint16(257)
        planes.append((PsdChannelId.USER_LAYER_MASK, mask))
    rect = layer.rect
    place = PsdRectangle(rect.y, rect.x, rect.bottom, rect.right)
    return PsdLayer(
        name=layer.name,
        channels=[PsdChannel(name, PsdCompressionType.ZIP, values) for name, values in planes],
        rectangle=place,
        mask=None if layer.mask is None else PsdLayerMask(default_color=0, rectangle=place),
    )
