"""From a photo's own colour space to another one, at its own depth.

8 bits go through Pillow's LittleCMS, relative colorimetric with black point compensation, as print
programs do. It has no 16-bit RGB: at 16 bits the profile's curves and matrix, or its tables, are
applied here at double precision, with the same intent; colours outside the new space are clipped.
LittleCMS itself rounds light to 16 bits: through the usual sRGB profile with curves of 1024 points
43,963 of 65,191 different numbers would be left, and 156 of the darkest 1,987.
"""

from __future__ import annotations

import io
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inpaint_core.contract.arrays import Pixels
from inpaint_core.contract.message import Message
from inpaint_core.photo.colour import table_profiles as tables
from inpaint_core.photo.colour.icc_profiles import (
    SPACES,
    SpaceName,
    make_grey_profile,
    make_profile,
    read_columns,
    read_matrix_profile,
    read_tags,
    read_tone_curve,
)
from inpaint_core.photo.photo import Photo, as_pixels
from inpaint_core.photo.strips import map_in_order

_Floats = NDArray[np.float64]
_BAND = 1 << 20  # pixels at once, so that the work takes little memory beside the photo
_FEW = 1 << 16  # pixels whose intermediate values fit into the processor's cache
_A2B = frozenset({b"A2B0", b"A2B1"})


def srgb_profile() -> bytes:
    """An ICC profile of sRGB, for files that should say what their numbers mean."""
    return make_profile("srgb")


def convert_to_srgb(photo: Photo) -> Photo:
    """The photo with its numbers in sRGB and no profile; without one they count as sRGB already.

    Raises ValueError for a profile that cannot be read.
    """
    return photo if photo.icc is None else replace(_convert(photo, photo.icc, "srgb"), icc=None)


def convert_colours(photo: Photo, space: SpaceName) -> tuple[Photo, tuple[Message, ...]]:
    """The photo with its numbers in ``space`` and that profile, and notes on what it cost.

    Relative colorimetric, at the photo's depth. A grey photo stays grey, in sRGB's curve and
    without a profile, as a profile of three colours does not fit it. Raises ValueError for a
    profile that cannot be read.
    """
    if photo.is_grey:
        return convert_to_srgb(photo), ()
    icc = srgb_profile() if photo.icc is None else photo.icc
    return replace(_convert(photo, icc, space), icc=make_profile(space)), ()


def read_tone_curves(icc: bytes) -> list[NDArray[np.float64]] | None:
    """Light 0..1 for each of 65536 numbers, for red, green and blue; None for a profile that is
    not made of curves.
    """
    try:
        if icc[16:20] == b"GRAY":
            return [read_tone_curve(read_tags(icc), b"kTRC")] * 3
        return read_matrix_profile(icc)[0]
    except ValueError:
        return None


def expand_grey_profile(icc: bytes) -> bytes | None:
    """A grey profile for pixels of three channels, which stay as they are; None where it has no
    tone curve.
    """
    try:
        tags = read_tags(icc)
        read_tone_curve(tags, b"kTRC")
    except ValueError:
        return None
    return make_grey_profile(tags[b"kTRC"])


def _convert(photo: Photo, icc: bytes, space: SpaceName) -> Photo:
    """The photo with its numbers in ``space``, its profile as it was."""
    if photo.bits == 8:
        return replace(photo, pixels=_convert_by_littlecms(photo, icc, space))
    if icc[16:20] == b"GRAY":
        tones, matrix = [read_tone_curve(read_tags(icc), b"kTRC")] * 3, np.eye(3)
    elif _A2B & read_tags(icc).keys():  # they go before curves and matrix (section 9.1)
        return replace(photo, pixels=_convert_by_tables(photo.pixels, icc, space))
    else:
        tones, to_xyz = read_matrix_profile(icc)
        matrix = np.linalg.inv(read_columns(make_profile(space))) @ to_xyz
    return replace(photo, pixels=_convert_by_matrix(photo.pixels, tones, matrix, space))


def _convert_by_littlecms(photo: Photo, icc: bytes, space: SpaceName) -> Pixels:
    from PIL import Image, ImageCms

    grey = icc[16:20] == b"GRAY"
    source = Image.fromarray(np.ascontiguousarray(photo.pixels[:, :, 0] if grey else photo.pixels))
    try:
        found = ImageCms.profileToProfile(
            source,
            ImageCms.ImageCmsProfile(io.BytesIO(icc)),
            ImageCms.ImageCmsProfile(io.BytesIO(make_profile(space))),
            renderingIntent=ImageCms.Intent.RELATIVE_COLORIMETRIC,
            outputMode="RGB",
            flags=ImageCms.Flags.BLACKPOINTCOMPENSATION,
        )
    except (ImageCms.PyCMSError, OSError) as error:
        raise ValueError("the colour profile cannot be read") from error
    return np.array(found, np.uint8)


def _convert_by_matrix(
    pixels: Pixels, tones: list[_Floats], matrix: _Floats, space: SpaceName
) -> Pixels:
    """Apply the curves, the matrix to the light of ``space``, and the inverse of its curve."""
    flat = pixels.reshape(-1, 3)
    out = np.empty_like(flat)
    for start in range(0, len(flat), _BAND):
        part = flat[start : start + _BAND]
        light = np.stack([curve[part[:, i]] for i, curve in enumerate(tones)], axis=1)
        coded = SPACES[space].coded(np.clip(light @ matrix.T, 0.0, 1.0))
        out[start : start + _BAND] = np.rint(coded * 65535)
    return as_pixels(out.reshape(pixels.shape))


def _convert_by_tables(pixels: Pixels, icc: bytes, space: SpaceName) -> Pixels:
    """Apply the profile's tables, and the inverse of the matrix and the curve of ``space``."""
    if icc[16:20] != b"RGB ":
        raise ValueError("the colour profile is for another kind of pixels")
    found, black = tables.read_tables(read_tags(icc), icc[20:24])
    back = np.linalg.inv(read_columns(make_profile(space)))
    flat = pixels.reshape(-1, 3)
    out = np.empty_like(flat)

    def convert(start: int) -> None:
        xyz = found.xyz(flat[start : start + _FEW] / 65535)
        light = (found.without_black(xyz) if black else xyz) @ back.T
        out[start : start + _FEW] = np.rint(SPACES[space].coded(np.clip(light, 0.0, 1.0)) * 65535)

    for _ in map_in_order(convert, range(0, len(flat), _FEW)):
        pass
    return as_pixels(out.reshape(pixels.shape))


_WHITE = np.array([0.9642, 1.0, 0.8249])  # D50
_LAB_BAND = 1 << 18  # pixels at once


def convert_to_romm(values: NDArray[Any], icc_encoding: bool) -> Pixels:
    """L*, a*, b* as a TIFF has them, (H, W, 3) uint8 or uint16, as 16-bit ROMM RGB.

    ``icc_encoding``: a* and b* count from the middle of the range up; else they are signed
    numbers. Colours beyond even this space are cut to it.
    """
    bits = values.dtype.itemsize * 8
    flat = values.reshape(-1, 3)
    out = np.empty(flat.shape, np.uint16)
    space = SPACES["romm"]
    matrix = np.linalg.inv(space.to_xyz())
    for start in range(0, len(flat), _LAB_BAND):
        lightness, opponent = _decode(flat[start : start + _LAB_BAND], bits, icc_encoding)
        y = (lightness + 16) / 116
        cubed = np.stack([y + opponent[:, 0] / 500, y, y - opponent[:, 1] / 200], axis=1)
        xyz = np.where(cubed > 6 / 29, cubed**3, 3 * (6 / 29) ** 2 * (cubed - 4 / 29)) * _WHITE
        light = np.clip(xyz @ matrix.T, 0.0, 1.0)
        out[start : start + _LAB_BAND] = np.rint(space.coded(light) * 65535)
    return as_pixels(out.reshape(values.shape))


def _decode(
    part: NDArray[Any], bits: int, icc_encoding: bool
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """L* 0..100 (N,), and a*, b* (N, 2)."""
    step = 1 if bits == 8 else 256
    if icc_encoding:
        full = 255 if bits == 8 else 65280
        return part[:, 0] * (100 / full), part[:, 1:].astype(np.float64) / step - 128
    signed = np.ascontiguousarray(part[:, 1:]).view(np.int8 if bits == 8 else np.int16)
    return part[:, 0] * (100 / (2**bits - 1)), signed.astype(np.float64) / step
