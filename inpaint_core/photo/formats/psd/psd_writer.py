"""Writing Photoshop documents: the photo, above it what was retouched, and both as one picture.

psd-tools writes the structures; what is pressed into channels is pressed here, as it is faster.
Source: Adobe Photoshop file format.
"""

from __future__ import annotations

import io
import struct
import zlib
from typing import Any

import numpy as np
from numpy.typing import NDArray
from psd_tools.compression import encode_prediction
from psd_tools.constants import ChannelID, ColorMode, Compression, Tag
from psd_tools.psd.color_mode_data import ColorModeData
from psd_tools.psd.header import FileHeader
from psd_tools.psd.image_data import ImageData
from psd_tools.psd.layer_and_mask import (
    ChannelData,
    ChannelDataList,
    ChannelImageData,
    ChannelInfo,
    GlobalLayerMaskInfo,
    LayerAndMaskInformation,
    LayerInfo,
    LayerRecord,
    LayerRecords,
    MaskData,
)
from psd_tools.psd.tagged_blocks import TaggedBlocks

from inpaint_core.contract.errors import CannotWrite
from inpaint_core.photo.formats.format import Encoded
from inpaint_core.photo.formats.psd.psd_resources import join_all
from inpaint_core.photo.layers import Layer, split_layers
from inpaint_core.photo.photo import Photo

_LONGEST_SIDE, _LARGEST = 30_000, (1 << 31) - 1
_COLOURS = (ChannelID.CHANNEL_0, ChannelID.CHANNEL_1, ChannelID.CHANNEL_2)


def encode_psd(photo: Photo, quality: int | None, sampling: str) -> Encoded:
    """A Photoshop document: grey or RGB, with or without alpha, at the photo's depth.

    Raises `CannotWrite` beyond 30,000 pixels a side or 2 GB.
    """
    height, width = photo.shape
    if max(height, width) > _LONGEST_SIDE:
        raise CannotWrite("photo.psd_too_large")
    colours = 1 if photo.is_grey else 3
    header = FileHeader(
        channels=colours + (photo.alpha is not None),
        height=height,
        width=width,
        depth=photo.bits,
        color_mode=ColorMode.GRAYSCALE if photo.is_grey else ColorMode.RGB,
    )
    out = io.BytesIO()
    header.write(out)
    ColorModeData().write(out)
    parts = join_all(photo)
    out.write(struct.pack(">I", len(parts)) + parts)
    try:
        _join_layers(photo, colours).write(out)
    except struct.error as error:  # lengths have 32 bits
        raise CannotWrite("photo.psd_too_large") from error
    # Programs read the picture pressed row by row, or as it is; rows of 16 bits only get longer.
    merged = ImageData(Compression.RLE if photo.bits == 8 else Compression.RAW)
    planes = [*_split_planes(photo.pixels, colours)]
    planes += [] if photo.alpha is None else [photo.alpha]
    merged.set_data([_to_bytes(plane) for plane in planes], header)
    merged.write(out)
    if out.tell() > _LARGEST:
        raise CannotWrite("photo.psd_too_large")
    return out.getvalue(), ()


def _join_layers(photo: Photo, colours: int) -> LayerAndMaskInformation:
    layers = split_layers(photo)
    records: Any = LayerRecords()
    data: Any = ChannelImageData()
    for layer in layers:
        records.append(_make_record(layer, colours))
        data.append(_press_channels(layer, colours))
    # Less than 0: the channel behind the colours of the picture is its transparency.
    count = len(layers) if photo.alpha is None else -len(layers)
    if photo.bits == 8:
        info = LayerInfo(layer_count=count, layer_records=records, channel_image_data=data)
        return LayerAndMaskInformation(info, GlobalLayerMaskInfo(), TaggedBlocks())
    blocks = TaggedBlocks()
    blocks.set_data(Tag.LAYER_16, count, records, data)
    return LayerAndMaskInformation(LayerInfo(), GlobalLayerMaskInfo(), blocks)


def _list_channels(layer: Layer, colours: int) -> list[tuple[ChannelID, NDArray[Any]]]:
    """The layer's channels in the order of the file. All but a background have transparency."""
    height, width = layer.pixels.shape[:2]
    dtype = layer.pixels.dtype
    opacity = layer.alpha
    if opacity is None:
        opacity = np.full((height, width), np.iinfo(dtype).max, dtype)
    rows = [(ChannelID.TRANSPARENCY_MASK, opacity)]
    rows += [*zip(_COLOURS, _split_planes(layer.pixels, colours), strict=False)]
    if layer.mask is not None:
        # 255 becomes the full range of 16 bits, as 257 = 65535 / 255.
        mask = layer.mask if dtype == np.uint8 else layer.mask.astype(np.uint16) * np.uint16(257)
        rows.append((ChannelID.USER_LAYER_MASK, mask))
    return rows


def _make_record(layer: Layer, colours: int) -> LayerRecord:
    rect = layer.rect
    sides = rect.y, rect.x, rect.bottom, rect.right
    channels = [ChannelInfo(id=name) for name, _ in _list_channels(layer, colours)]
    # What lies outside of the mask's rectangle is hidden: its background is 0.
    mask = None if layer.mask is None else MaskData(*sides)
    return LayerRecord(*sides, channel_info=channels, mask_data=mask, name=layer.name)


def _press_channels(layer: Layer, colours: int) -> Any:
    channels: Any = ChannelDataList()
    for _, values in _list_channels(layer, colours):
        channels.append(_press(values))
    return channels


def _press(values: NDArray[Any]) -> ChannelData:
    height, width = values.shape
    if values.dtype == np.uint8:
        pressed = ChannelData(Compression.RLE)
        pressed.set_data(_to_bytes(values), width, height, 8)
        return pressed
    steps = encode_prediction(_to_bytes(values), width, height, 16)
    # Runs only: the low bytes of 16 bits are noise, which does not compress.
    packer = zlib.compressobj(level=1, strategy=zlib.Z_RLE)
    return ChannelData(Compression.ZIP_WITH_PREDICTION, packer.compress(steps) + packer.flush())


def _split_planes(pixels: NDArray[Any], colours: int) -> list[NDArray[Any]]:
    return [pixels[:, :, channel] for channel in range(colours)]


def _to_bytes(plane: NDArray[Any]) -> bytes:
    return plane.astype(plane.dtype.newbyteorder(">")).tobytes()
