"""A photo in another size, for an output."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from inpaint_core.contract.arrays import Pixels
from inpaint_core.contract.errors import BadRequest
from inpaint_core.contract.options import Resize
from inpaint_core.photo.colour.conversion import read_tone_curves
from inpaint_core.photo.colour.icc_profiles import make_profile
from inpaint_core.photo.formats.decode_guard import MAX_PIXELS
from inpaint_core.photo.layers import mark_retouched
from inpaint_core.photo.metadata import exif, xmp
from inpaint_core.photo.photo import Photo, as_pixels
from inpaint_core.photo.strips import map_in_order
from inpaint_core.photo.tone import find_tone

_Plane = NDArray[np.float32]
_BAND = 1 << 20  # pixels that a band is made from
# What output sharpening is for: the softness of about a pixel that resizing leaves.
_SHARPEN_SIGMA, _SHARPEN_AMOUNT = 0.7, 0.6
_LUMA = (0.299, 0.587, 0.114)
_SUBJECT = frozenset({0x9214, 0xA214})  # SubjectArea, SubjectLocation: in pixels of the old size


@dataclass(frozen=True)
class _Scaling:
    """From pixels of ``old`` (H, W) to pixels of ``new`` (h, w), which ``reduces`` them or not;
    ``curves`` are light 0..1 for each of 65536 numbers, for red, green and blue.
    """

    old: tuple[int, int]
    new: tuple[int, int]
    curves: tuple[NDArray[np.float64], ...]

    @property
    def reduces(self) -> bool:
        return self.new[0] <= self.old[0] and self.new[1] <= self.old[1]

    def scale_plane(self, plane: _Plane, above: int, top: int, bottom: int) -> _Plane:
        """The rows ``top`` to ``bottom`` of the new size, from old rows that begin at ``above``."""
        step = self.old[0] / self.new[0]
        box = (0, top * step - above, self.old[1], min(bottom * step - above, len(plane)))
        kind = Image.Resampling.BICUBIC if self.reduces else Image.Resampling.LANCZOS
        scaled = Image.fromarray(plane).resize((self.new[1], bottom - top), kind, box)
        return np.array(scaled, np.float32)

    def scale_rows(
        self, pixels: Pixels, alpha: Pixels | None, top: int, bottom: int
    ) -> tuple[Pixels, Pixels | None]:
        """The rows ``top`` to ``bottom`` of the new size, of colours and of opacity."""
        step = self.old[0] / self.new[0]
        reach = math.ceil(3 * max(step, 1.0)) + 1  # Lanczos looks at three pixels on both sides
        above = max(0, math.floor(top * step) - reach)
        rows = slice(above, min(self.old[0], math.ceil(bottom * step) + reach))
        full = np.iinfo(pixels.dtype).max
        opacity = weight = None
        if alpha is not None:
            opacity = alpha[rows].astype(np.float32) / np.float32(full)
            weight = self.scale_plane(opacity, above, top, bottom)
        out = np.empty((bottom - top, self.new[1], 3), pixels.dtype)
        for channel, curve in enumerate(self.curves):
            values = pixels[rows, :, channel]
            if self.reduces:
                plane = curve[:: 65535 // full].astype(np.float32)[values]
            else:
                plane = values.astype(np.float32) / np.float32(full)
            scaled = self.scale_plane(plane, above, top, bottom)
            if opacity is not None and weight is not None:
                seen = self.scale_plane(plane * opacity, above, top, bottom)
                # Where nothing is seen, the hidden colours are scaled as they are.
                np.divide(seen, weight, out=scaled, where=weight > 1 / 1024)
            if self.reduces:
                scaled = np.interp(scaled, curve, np.linspace(0, 1, 65536)).astype(np.float32)
            out[..., channel] = _to_numbers(scaled, full)
        return as_pixels(out), None if weight is None else _to_numbers(weight, full)

    def scale(self, photo: Photo) -> Photo:
        """The photo's pixels and opacity in the new size."""
        height, width = self.new
        band = max(1, round(_BAND * height / (self.old[0] * self.old[1])))
        out = np.empty((height, width, 3), photo.pixels.dtype)
        opacity = None if photo.alpha is None else np.empty((height, width), photo.alpha.dtype)

        def scale_band(top: int) -> tuple[int, Pixels, Pixels | None]:
            bottom = min(top + band, height)
            return top, *self.scale_rows(photo.pixels, photo.alpha, top, bottom)

        for top, rows, part in map_in_order(scale_band, range(0, height, band)):
            out[top : top + len(rows)] = rows
            if opacity is not None and part is not None:
                opacity[top : top + len(rows)] = part
        return replace(
            photo,
            pixels=as_pixels(out),
            alpha=None if opacity is None else as_pixels(opacity),
            retouched=None,
        )


def resize_photo(photo: Photo, resize: Resize | None) -> Photo:
    """The photo in the size that is asked for; the same one where that is its own.

    Smaller photos are averaged in light, as a sensor with larger pixels would have seen them: fine
    black and white lines become (188, 188, 188) in sRGB, which is as bright from afar, and not
    (127, 127, 127). The filter is Pillow's bicubic one there: in light, Lanczos leaves dark seams
    of 22 levels along an edge from 80 to 220, bicubic 12, and it keeps 0.88 of the contrast
    between half and four fifths of the finest details (Lanczos 0.98, area averages 0.85, which
    alias nearly twice as much). Larger ones are interpolated in the photo's own numbers with
    Lanczos, whose overshoots are as large on both sides of an edge there (8 and 11 levels). A
    profile without curves counts as sRGB; a photo in linear light is interpolated and sharpened
    with sRGB's curve. Colours count by their opacity.

    EXIF and XMP data get the new size. What the file says of places in pixels is left out, and so
    are the blocks of a JPEG, whose tables stay. Raises `BadRequest` for more than 300 million
    pixels.
    """
    height, width = photo.shape
    wide, high = (width, height) if resize is None else resize.target(width, height)
    if resize is None or (wide, high) == (width, height):
        return photo
    if wide * high > MAX_PIXELS:
        raise BadRequest("photo.resize_too_large", width=wide, height=high)
    tone = find_tone(photo)
    icc = make_profile("srgb") if tone is not None or photo.icc is None else photo.icc
    curves = read_tone_curves(icc) or read_tone_curves(make_profile("srgb")) or []
    rising = tuple(np.clip(np.maximum.accumulate(curve), 0, 1) for curve in curves)
    scaling = _Scaling((height, width), (high, wide), rising)

    def scaled(part: Photo) -> Photo:
        if tone is not None:
            part = replace(part, pixels=tone.to_working(part.pixels))
        part = scaling.scale(part)
        if resize.sharpen:
            part = replace(part, pixels=_sharpen(part.pixels))
        if tone is not None:
            part = replace(part, pixels=tone.from_working(part.pixels, photo.pixels.dtype))
        return part

    small = scaled(photo)
    if photo.retouched is not None:
        before = scaled(_undo_retouch(photo))
        touched = (small.pixels != before.pixels).any(axis=2)
        if small.alpha is not None and before.alpha is not None:
            touched |= small.alpha != before.alpha
        small = replace(small, retouched=mark_retouched(small, before, touched))
    return replace(
        small,
        exif=None if photo.exif is None else _forget_subject(photo.exif),
        xmp=None if photo.xmp is None else xmp.write_size(photo.xmp, wide, high),
        jpeg=None if photo.jpeg is None else replace(photo.jpeg, source=b""),
        origin=replace(photo.origin, orientation=1),
        blocks=tuple(block for block in photo.blocks if block.role != "place"),
    )


def _undo_retouch(photo: Photo) -> Photo:
    """The photo as it was before what was retouched."""
    before = photo.retouched
    assert before is not None
    pixels, alpha = photo.pixels.copy(), photo.alpha
    pixels[before.rect.slices] = before.pixels
    if alpha is not None and before.alpha is not None:
        alpha = alpha.copy()
        alpha[before.rect.slices] = before.alpha
    return replace(photo, pixels=pixels, alpha=alpha)


def _sharpen(pixels: Pixels) -> Pixels:
    """(h, w, 3) with an unsharp mask on the brightness, the same for all three channels, so that
    edges get no coloured seams.
    """
    full = np.iinfo(pixels.dtype).max
    luma = cv2.transform(pixels.astype(np.float32), np.array([_LUMA], np.float32))
    detail = _SHARPEN_AMOUNT * (luma - cv2.GaussianBlur(luma, (0, 0), _SHARPEN_SIGMA))
    out = np.empty_like(pixels)
    for top in _band_tops(pixels):
        rows = slice(top, top + _BAND // pixels.shape[1] + 1)
        out[rows] = _to_numbers((pixels[rows] + detail[rows, :, None]) / np.float32(full), full)
    return out


def _band_tops(pixels: Pixels) -> Iterator[int]:
    return iter(range(0, len(pixels), _BAND // pixels.shape[1] + 1))


def _to_numbers(values: NDArray[Any], full: int) -> Pixels:
    """0..1 as whole numbers up to ``full``, 255 or 65535."""
    scaled = np.rint(np.clip(values, 0, 1) * np.float32(full))
    return as_pixels(scaled.astype(np.uint8 if full == 255 else np.uint16))


def _forget_subject(data: bytes) -> bytes:
    """The EXIF data without where the subject is, in pixels; as it was where it cannot be read."""
    try:
        return exif.drop_fields(data, exif.EXIF_IFD, _SUBJECT)
    except ValueError:
        return data
