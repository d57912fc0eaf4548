"""From a photo's own colour space to another one, at its own depth.

8 bits go through Pillow's LittleCMS, relative colorimetric with black point compensation, as print
programs do. It has no 16-bit RGB: at 16 bits the profile's curves and matrix, or its tables, are
applied here at double precision, with the same intent; colours outside the new space are clipped.
LittleCMS itself rounds light to 16 bits: through the usual sRGB profile with curves of 1024 points
43,963 of 65,191 different numbers would be left, and 156 of the darkest 1,987.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from inpaint_core.contract.arrays import Pixels
from inpaint_core.contract.message import Message
from inpaint_core.photo.colour import icc_profiles as profiles
from inpaint_core.photo.colour import table_profiles as tables
from inpaint_core.photo.colour.icc_profiles import SpaceName
from inpaint_core.photo.photo import Block, Photo, as_pixels
from inpaint_core.photo.strips import map_in_order

if TYPE_CHECKING:
    from PIL import Image

_Floats = NDArray[np.float64]
_BAND = 1 << 16  # pixels whose intermediate values fit into the processor's cache
_A2B = frozenset({b"A2B0", b"A2B1"})


def convert_to_srgb(photo: Photo) -> Photo:
    """The photo with its numbers in sRGB and no profile; without one they count as sRGB already.

    Raises ValueError for a profile that cannot be read.
    """
    if photo.icc is None:
        return photo
    return replace(_convert(photo, photo.icc, "srgb"), icc=None, blocks=_without_colours(photo))


def convert_colours(photo: Photo, space: SpaceName) -> tuple[Photo, tuple[Message, ...]]:
    """The photo with its numbers in ``space`` and that profile, and notes on what it cost.

    Relative colorimetric, at the photo's depth. A grey photo stays grey, in sRGB's curve and
    without a profile, as a profile of three colours does not fit it. Raises ValueError for a
    profile that cannot be read.
    """
    if photo.is_grey:
        return convert_to_srgb(photo), ()
    icc = profiles.make_profile("srgb") if photo.icc is None else photo.icc
    converted = _convert(photo, icc, space)
    return replace(converted, icc=profiles.make_profile(space), blocks=_without_colours(photo)), ()


def _without_colours(photo: Photo) -> tuple[Block, ...]:
    """The blocks that say nothing of the photo's numbers."""
    return tuple(block for block in photo.blocks if block.role not in ("profile", "colour"))


def read_tone_curves(icc: bytes) -> list[NDArray[np.float64]] | None:
    """Light 0..1 for each of 65536 numbers, for red, green and blue; None for a profile that is
    not made of curves.
    """
    try:
        if icc[16:20] == b"GRAY":
            return [profiles.read_tone_curve(profiles.read_tags(icc), b"kTRC")] * 3
        return profiles.read_matrix_profile(icc)[0]
    except ValueError:
        return None


def expand_grey_profile(icc: bytes) -> bytes | None:
    """A grey profile for pixels of three channels, which stay as they are; None where it has no
    tone curve.
    """
    try:
        tags = profiles.read_tags(icc)
        profiles.read_tone_curve(tags, b"kTRC")
    except ValueError:
        return None
    return profiles.make_grey_profile(bytes(tags[b"kTRC"][: profiles.LONGEST_CURVE]))


def _convert(photo: Photo, icc: bytes, space: SpaceName) -> Photo:
    """The photo with its numbers in ``space``, its profile as it was."""
    if photo.bits == 8:
        return replace(photo, pixels=_convert_by_littlecms(photo, icc, space))
    if icc[16:20] == b"GRAY":
        tones, matrix = [profiles.read_tone_curve(profiles.read_tags(icc), b"kTRC")] * 3, np.eye(3)
    elif _A2B & profiles.read_tags(icc).keys():  # they go before curves and matrix (section 9.1)
        return replace(photo, pixels=_convert_by_tables(photo.pixels, icc, space))
    else:
        tones, to_xyz = profiles.read_matrix_profile(icc)
        matrix = np.linalg.inv(profiles.read_columns(profiles.make_profile(space))) @ to_xyz
    return replace(photo, pixels=_convert_by_matrix(photo.pixels, tones, matrix, space))


def _convert_by_littlecms(photo: Photo, icc: bytes, space: SpaceName) -> Pixels:
    from PIL import Image

    grey = icc[16:20] == b"GRAY"
    source = Image.fromarray(np.ascontiguousarray(photo.pixels[:, :, 0] if grey else photo.pixels))
    return np.array(transform_image(source, icc, profiles.make_profile(space)), np.uint8)


def transform_image(image: Image.Image, icc: bytes, target: bytes | None = None) -> Image.Image:
    """An image with the profile ``icc`` in the RGB space of the profile ``target``, or in
    LittleCMS' own sRGB. Raises ValueError for a profile that cannot be read.
    """
    from PIL import ImageCms

    try:
        found = ImageCms.profileToProfile(
            image,
            ImageCms.ImageCmsProfile(io.BytesIO(icc)),
            ImageCms.createProfile("sRGB")
            if target is None
            else ImageCms.ImageCmsProfile(io.BytesIO(target)),
            renderingIntent=ImageCms.Intent.RELATIVE_COLORIMETRIC,
            outputMode="RGB",
            flags=ImageCms.Flags.BLACKPOINTCOMPENSATION,
        )
    except (ImageCms.PyCMSError, OSError) as error:
        raise ValueError("the colour profile cannot be read") from error
    assert found is not None
    return found


def _convert_bands(
    values: NDArray[Any], to_light: Callable[[NDArray[Any]], _Floats], space: SpaceName
) -> Pixels:
    """``values`` (H, W, 3) as 16-bit pixels in ``space``, to whose light (N, 3) ``to_light`` turns
    a band (N, 3) of them.
    """
    flat = values.reshape(-1, 3)
    out = np.empty(flat.shape, np.uint16)

    def convert(start: int) -> None:
        light = np.clip(to_light(flat[start : start + _BAND]), 0.0, 1.0)
        out[start : start + _BAND] = np.rint(profiles.SPACES[space].coded(light) * 65535)

    for _ in map_in_order(convert, range(0, len(flat), _BAND)):
        pass
    return as_pixels(out.reshape(values.shape))


def _convert_by_matrix(
    pixels: Pixels, tones: list[_Floats], matrix: _Floats, space: SpaceName
) -> Pixels:
    """Apply the curves, the matrix to the light of ``space``, and the inverse of its curve."""

    def to_light(part: NDArray[Any]) -> _Floats:
        linear = np.stack([curve[part[:, i]] for i, curve in enumerate(tones)], axis=1)
        return np.asarray(linear @ matrix.T)

    return _convert_bands(pixels, to_light, space)


def _convert_by_tables(pixels: Pixels, icc: bytes, space: SpaceName) -> Pixels:
    """Apply the profile's tables, and the inverse of the matrix and the curve of ``space``."""
    if icc[16:20] != b"RGB ":
        raise ValueError("the colour profile is for another kind of pixels")
    found, black = tables.read_tables(profiles.read_tags(icc), icc[20:24])
    back = np.linalg.inv(profiles.read_columns(profiles.make_profile(space)))

    def to_light(part: NDArray[Any]) -> _Floats:
        xyz = found.xyz(part / 65535)
        return np.asarray((found.without_black(xyz) if black else xyz) @ back.T)

    return _convert_bands(pixels, to_light, space)


def convert_to_romm(values: NDArray[Any], icc_encoding: bool) -> Pixels:
    """L*, a*, b* as a TIFF has them, (H, W, 3) uint8 or uint16, as 16-bit ROMM RGB.

    ``icc_encoding``: a* and b* count from the middle of the range up; else they are signed
    numbers. Colours beyond even this space are cut to it. Source: TIFF 6.0, section 23; ICC
    encoding as in TIFF Technical Note 3 (ICCLAB).
    """
    bits = values.dtype.itemsize * 8
    step, full = 2 ** (bits - 8), 2**bits - 1
    back = np.linalg.inv(profiles.SPACES["romm"].to_xyz())

    def to_light(part: NDArray[Any]) -> _Floats:
        if icc_encoding:
            lightness = part[:, :1] * (100 / (255 * step))
            opponent = part[:, 1:].astype(np.float64) / step - 128
        else:
            signed = np.ascontiguousarray(part[:, 1:]).view(np.int8 if bits == 8 else np.int16)
            lightness, opponent = part[:, :1] * (100 / full), signed.astype(np.float64) / step
        return np.asarray(tables.lab_to_xyz(np.hstack([lightness, opponent])) @ back.T)

    return _convert_bands(values, to_light, "romm")
