"""From a photo's own colour space to sRGB, at its own depth.

8 bits go through LittleCMS (which Pillow carries), relative colorimetric with black point
compensation, as print programs do. LittleCMS in Pillow has no 16-bit RGB: there the profile's
curves and matrix are applied here, at double precision.
Source: ICC.1:2022, sections 8.3 (matrix/TRC profiles), 10.6 (curve), 10.18 (parametric curve).
"""

from __future__ import annotations

import io
import struct
from dataclasses import replace
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from inpaint_core.contract import Pixels
from inpaint_core.imaging.photo import Photo, as_pixels

_Floats = NDArray[np.float64]
_BAND = 1 << 20  # pixels at once, so that the work takes little memory beside the photo


def srgb_profile() -> bytes:
    """An ICC profile of sRGB, for files that should say what their numbers mean."""
    from PIL import ImageCms

    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    # LittleCMS writes the time of the day into it: the same photo is to give the same file.
    profile[24:36] = struct.pack(">6H", 2000, 1, 1, 0, 0, 0)
    return bytes(profile)


def to_srgb(photo: Photo) -> Photo:
    """The photo with its numbers in sRGB and no profile; without one they count as sRGB already.

    Raises ValueError for a profile that cannot be read, and for one of 16-bit pixels that is made
    of tables rather than curves and a matrix.
    """
    if photo.icc is None:
        return photo
    if photo.bits == 8:
        pixels = _by_littlecms(photo, photo.icc)
        return replace(photo, pixels=pixels, icc=None)
    if photo.icc[16:20] == b"GRAY":
        curves, matrix = [_curve(_tags(photo.icc), b"kTRC")] * 3, np.eye(3)
    else:
        curves, matrix = _matrix_profile(photo.icc)
    return replace(photo, pixels=_by_matrix(photo.pixels, curves, matrix), icc=None)


def _by_littlecms(photo: Photo, icc: bytes) -> Pixels:
    from PIL import Image, ImageCms

    grey = icc[16:20] == b"GRAY"
    source = Image.fromarray(np.ascontiguousarray(photo.pixels[:, :, 0] if grey else photo.pixels))
    try:
        converted = ImageCms.profileToProfile(
            source,
            ImageCms.ImageCmsProfile(io.BytesIO(icc)),
            ImageCms.createProfile("sRGB"),
            renderingIntent=ImageCms.Intent.RELATIVE_COLORIMETRIC,
            outputMode="RGB",
            flags=ImageCms.Flags.BLACKPOINTCOMPENSATION,
        )
    except (ImageCms.PyCMSError, OSError) as error:
        raise ValueError("the colour profile cannot be read") from error
    return np.array(converted, np.uint8)


def _by_matrix(pixels: Pixels, curves: list[_Floats], matrix: _Floats) -> Pixels:
    """Through the curves to light, through the matrix to sRGB's light, and its curve back."""
    flat = pixels.reshape(-1, 3)
    out = np.empty_like(flat)
    for start in range(0, len(flat), _BAND):
        part = flat[start : start + _BAND]
        light = np.stack([curve[part[:, i]] for i, curve in enumerate(curves)], axis=1)
        coded = _srgb_coded(np.clip(light @ matrix.T, 0.0, 1.0))
        out[start : start + _BAND] = np.rint(coded * 65535)
    return as_pixels(out.reshape(pixels.shape))


def _srgb_coded(light: _Floats) -> _Floats:
    """IEC 61966-2-1: light 0..1 as coded values 0..1."""
    return np.where(light <= 0.0031308, light * 12.92, 1.055 * light ** (1 / 2.4) - 0.055)


def _matrix_profile(icc: bytes) -> tuple[list[_Floats], _Floats]:
    """Three curves of 65536 values, and the matrix from the profile's light to sRGB's."""
    tags = _tags(icc)
    columns = [_xyz(tags, name) for name in (b"rXYZ", b"gXYZ", b"bXYZ")]
    curves = [_curve(tags, name) for name in (b"rTRC", b"gTRC", b"bTRC")]
    return curves, _from_xyz() @ np.stack(columns, axis=1)


@lru_cache(maxsize=1)
def _from_xyz() -> _Floats:
    """From XYZ (D50, as profiles have it) to sRGB's light, by sRGB's own profile."""
    tags = _tags(srgb_profile())
    columns = [_xyz(tags, name) for name in (b"rXYZ", b"gXYZ", b"bXYZ")]
    inverse: _Floats = np.linalg.inv(np.stack(columns, axis=1))
    return inverse


def _tags(icc: bytes) -> dict[bytes, bytes]:
    """The profile's tagged elements (section 7.3). Raises ValueError for damaged ones."""
    try:
        (count,) = struct.unpack_from(">I", icc, 128)
        if count > 200:
            raise ValueError("the colour profile is damaged")
        rows = [struct.unpack_from(">4sII", icc, 132 + 12 * i) for i in range(count)]
    except struct.error as error:
        raise ValueError("the colour profile is damaged") from error
    return {name: icc[at : at + size] for name, at, size in rows}


def _element(tags: dict[bytes, bytes], name: bytes) -> bytes:
    found = tags.get(name)
    if found is None:
        raise ValueError("the colour profile has no curves and matrix")
    return found


def _xyz(tags: dict[bytes, bytes], name: bytes) -> _Floats:
    element = _element(tags, name)
    if len(element) < 20:
        raise ValueError("the colour profile is damaged")
    return np.array(struct.unpack_from(">3i", element, 8)) / 65536


def _curve(tags: dict[bytes, bytes], name: bytes) -> _Floats:
    """A tone curve as a table: light 0..1 for each of the 65536 values."""
    element = _element(tags, name)
    x = np.linspace(0.0, 1.0, 65536)
    try:
        if element[:4] == b"curv":
            (count,) = struct.unpack_from(">I", element, 8)
            if count == 0:
                return x
            values = np.array(struct.unpack_from(f">{count}H", element, 12), np.float64)
            if count == 1:
                return np.asarray(x ** (values[0] / 256), np.float64)
            return np.interp(x, np.linspace(0.0, 1.0, count), values / 65535)
        if element[:4] == b"para":
            (kind,) = struct.unpack_from(">H", element, 8)
            fixed = struct.unpack_from(f">{(1, 3, 4, 5, 7)[kind]}i", element, 12)
            return _parametric(x, [value / 65536 for value in fixed])
    except (struct.error, IndexError, ZeroDivisionError) as error:
        raise ValueError("the colour profile is damaged") from error
    raise ValueError("the colour profile has a curve of an unknown kind")


def _parametric(x: _Floats, numbers: list[float]) -> _Floats:
    """Section 10.18, table 68: g; g a b; g a b c; g a b c d; g a b c d e f."""
    g, a, b = (*numbers[:3], *(1.0, 0.0)[len(numbers[:3]) - 1 :])[:3]
    c = d = e = f = 0.0
    if len(numbers) == 3:
        d = -b / a
    elif len(numbers) == 4:
        d, e, f = -b / a, numbers[3], numbers[3]
    elif len(numbers) >= 5:
        c, d = numbers[3:5]
        e, f = (*numbers[5:7], 0.0, 0.0)[:2]
    curved = np.maximum(a * x + b, 0.0) ** g + e
    return np.clip(np.where(x >= d, curved, c * x + f), 0.0, 1.0)
