"""From a photo's own colour space to another one, at its own depth.

8 bits go through LittleCMS (which Pillow carries), relative colorimetric with black point
compensation, as print programs do. LittleCMS in Pillow has no 16-bit RGB: there the profile's
curves and matrix, or its tables, are applied here, at double precision, which is the same intent;
colours beyond the new space are cut to it.
Source: ICC.1:2022, sections 8.3 (matrix/TRC profiles), 10.6 (curve), 10.18 (parametric curve).
"""

from __future__ import annotations

import io
import struct
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from inpaint_core.contract.arrays import Pixels
from inpaint_core.photo.colour import table_profiles as tables
from inpaint_core.photo.colour.icc_profiles import SPACES, SpaceName, of_grey, profile
from inpaint_core.photo.photo import Photo, as_pixels
from inpaint_core.photo.strip_threads import in_order

_Floats = NDArray[np.float64]
_BAND = 1 << 20  # pixels at once, so that the work takes little memory beside the photo
_FEW = 1 << 16  # as many as the processor's own memory holds the steps of
_A2B = frozenset({b"A2B0", b"A2B1"})


def srgb_profile() -> bytes:
    """An ICC profile of sRGB, for files that should say what their numbers mean."""
    return profile("srgb")


def to_srgb(photo: Photo) -> Photo:
    """The photo with its numbers in sRGB and no profile; without one they count as sRGB already.

    Raises ValueError for a profile that cannot be read.
    """
    return photo if photo.icc is None else replace(_in(photo, photo.icc, "srgb"), icc=None)


def converted(photo: Photo, space: SpaceName) -> tuple[Photo, tuple[str, ...]]:
    """The photo with its numbers in ``space`` and that profile, and sentences on what it cost.

    Relative colorimetric, at the photo's depth. A grey photo stays grey, in sRGB's curve and
    without a profile, as a profile of three colours does not fit it. Raises ValueError for a
    profile that cannot be read.
    """
    if photo.grey:
        return to_srgb(photo), ()
    icc = srgb_profile() if photo.icc is None else photo.icc
    return replace(_in(photo, icc, space), icc=profile(space)), ()


def curves(icc: bytes) -> list[NDArray[np.float64]] | None:
    """Light 0..1 for each of 65536 numbers, for red, green and blue; None for a profile that is
    not made of curves.
    """
    try:
        if icc[16:20] == b"GRAY":
            return [_curve(_tags(icc), b"kTRC")] * 3
        return _matrix_profile(icc)[0]
    except ValueError:
        return None


def as_rgb(icc: bytes) -> bytes | None:
    """A grey profile for pixels of three channels, which stay as they are; None where it has no
    tone curve.
    """
    try:
        tags = _tags(icc)
        _curve(tags, b"kTRC")
    except ValueError:
        return None
    return of_grey(tags[b"kTRC"])


def _in(photo: Photo, icc: bytes, space: SpaceName) -> Photo:
    """The photo with its numbers in ``space``, its profile as it was."""
    if photo.bits == 8:
        return replace(photo, pixels=_by_littlecms(photo, icc, space))
    if icc[16:20] == b"GRAY":
        tones, matrix = [_curve(_tags(icc), b"kTRC")] * 3, np.eye(3)
    elif _A2B & _tags(icc).keys():  # they go before curves and matrix (section 9.1)
        return replace(photo, pixels=_by_tables(photo.pixels, icc, space))
    else:
        tones, to_xyz = _matrix_profile(icc)
        matrix = np.linalg.inv(_columns(profile(space))) @ to_xyz
    return replace(photo, pixels=_by_matrix(photo.pixels, tones, matrix, space))


def _by_littlecms(photo: Photo, icc: bytes, space: SpaceName) -> Pixels:
    from PIL import Image, ImageCms

    grey = icc[16:20] == b"GRAY"
    source = Image.fromarray(np.ascontiguousarray(photo.pixels[:, :, 0] if grey else photo.pixels))
    try:
        found = ImageCms.profileToProfile(
            source,
            ImageCms.ImageCmsProfile(io.BytesIO(icc)),
            ImageCms.ImageCmsProfile(io.BytesIO(profile(space))),
            renderingIntent=ImageCms.Intent.RELATIVE_COLORIMETRIC,
            outputMode="RGB",
            flags=ImageCms.Flags.BLACKPOINTCOMPENSATION,
        )
    except (ImageCms.PyCMSError, OSError) as error:
        raise ValueError("the colour profile cannot be read") from error
    return np.array(found, np.uint8)


def _by_matrix(pixels: Pixels, tones: list[_Floats], matrix: _Floats, space: SpaceName) -> Pixels:
    """Through the curves to light, through the matrix to the space's light, and its curve back."""
    flat = pixels.reshape(-1, 3)
    out = np.empty_like(flat)
    for start in range(0, len(flat), _BAND):
        part = flat[start : start + _BAND]
        light = np.stack([curve[part[:, i]] for i, curve in enumerate(tones)], axis=1)
        coded = SPACES[space].coded(np.clip(light @ matrix.T, 0.0, 1.0))
        out[start : start + _BAND] = np.rint(coded * 65535)
    return as_pixels(out.reshape(pixels.shape))


def _by_tables(pixels: Pixels, icc: bytes, space: SpaceName) -> Pixels:
    """Through the profile's tables to colours, and by the space's matrix and curve back."""
    if icc[16:20] != b"RGB ":
        raise ValueError("the colour profile is for another kind of pixels")
    found, black = tables.tables(_tags(icc), icc[20:24], _curve_of)
    back = np.linalg.inv(_columns(profile(space)))
    flat = pixels.reshape(-1, 3)
    out = np.empty_like(flat)

    def convert(start: int) -> None:
        xyz = found.xyz(flat[start : start + _FEW] / 65535)
        light = (found.without_black(xyz) if black else xyz) @ back.T
        out[start : start + _FEW] = np.rint(SPACES[space].coded(np.clip(light, 0.0, 1.0)) * 65535)

    for _ in in_order(convert, range(0, len(flat), _FEW)):
        pass
    return as_pixels(out.reshape(pixels.shape))


def _matrix_profile(icc: bytes) -> tuple[list[_Floats], _Floats]:
    """Three curves of 65536 values, and the matrix from the profile's light to XYZ (D50)."""
    tags = _tags(icc)
    return [_curve(tags, name) for name in (b"rTRC", b"gTRC", b"bTRC")], _columns(icc)


def _columns(icc: bytes) -> _Floats:
    tags = _tags(icc)
    return np.stack([_xyz(tags, name) for name in (b"rXYZ", b"gXYZ", b"bXYZ")], axis=1)


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
    return _curve_of(_element(tags, name))


def _curve_of(element: bytes) -> _Floats:
    """A curve's values at 65536 places from 0 to 1, from its element."""
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
