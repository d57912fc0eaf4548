"""Conversion to sRGB at both depths, against profiles whose curves are known."""

from __future__ import annotations

import io
import struct
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image, ImageCms
from renders import scene, srgb_profile

from inpaint_core.photo.colour import conversion as colour
from inpaint_core.photo.colour import icc_profiles as profiles
from inpaint_core.photo.colour.icc_profiles import SpaceName
from inpaint_core.photo.formats.registry import writable_formats
from inpaint_core.photo.photo import Photo, grey_pixels
from inpaint_core.photo.write_photo import fit_to_format

# Adobe RGB (1998) and Display P3, columns adapted to D50, as their published profiles have them.
_ADOBE = ((0.60974, 0.31111, 0.01947), (0.20528, 0.62567, 0.06087), (0.14919, 0.06322, 0.74457))
_P3 = ((0.51512, 0.24120, -0.00105), (0.29198, 0.69225, 0.04189), (0.15710, 0.06657, 0.78407))
_GAMMA = b"curv\0\0\0\0" + struct.pack(">IH", 1, round(2.19921875 * 256))
_SRGB_CURVE = b"para\0\0\0\0" + struct.pack(
    ">HH5i", 3, 0, *(round(v * 65536) for v in (2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045))
)


def profile(columns: tuple[tuple[float, ...], ...], curve: bytes) -> bytes:
    """A matrix profile, written out by hand (ICC.1, section 8.3)."""
    elements = [
        (name, b"XYZ \0\0\0\0" + struct.pack(">3i", *(round(v * 65536) for v in column)))
        for name, column in zip((b"rXYZ", b"gXYZ", b"bXYZ"), columns, strict=True)
    ]
    elements += [(name, curve) for name in (b"rTRC", b"gTRC", b"bTRC")]
    white = b"XYZ \0\0\0\0" + struct.pack(">3i", 63190, 65536, 54061)
    elements.append((b"wtpt", white))
    at = 132 + 12 * len(elements)
    table, body = struct.pack(">I", len(elements)), b""
    for name, element in elements:
        table += struct.pack(">4sII", name, at + len(body), len(element))
        body += element + bytes(-len(element) % 4)
    size = at + len(body)
    head = struct.pack(">I4sI4s4s4s", size, b"lcms", 0x02400000, b"mntr", b"RGB ", b"XYZ ")
    head += bytes(12) + b"acsp" + bytes(28) + struct.pack(">3i", 63190, 65536, 54061)
    return head.ljust(128, b"\0") + table + body


@pytest.mark.parametrize(
    "icc", [profile(_ADOBE, _GAMMA), profile(_P3, _SRGB_CURVE), srgb_profile()],
    ids=["adobe", "p3", "srgb"],
)  # fmt: skip
def test_sixteen_bits_agree_with_littlecms_at_eight(icc: bytes) -> None:
    eight = scene(40, 60)
    shallow = colour.convert_to_srgb(Photo(eight, icc=icc))
    deep = colour.convert_to_srgb(Photo(eight.astype(np.uint16) * 257, icc=icc))
    assert shallow.icc is None
    assert deep.icc is None
    off = np.abs(deep.pixels / 257 - shallow.pixels.astype(float))
    # Where a colour lies outside of sRGB, both clip; LittleCMS rounds to 8 bits on the way.
    assert off.max() <= 1.5
    assert off.mean() < 0.5


def test_a_wider_space_gains_saturation_in_srgb() -> None:
    red = np.full((2, 2, 3), (180 * 257, 60 * 257, 60 * 257), np.uint16)
    found = colour.convert_to_srgb(Photo(red, icc=profile(_ADOBE, _GAMMA))).pixels[0, 0] / 257
    assert found[0] > 195
    assert found[1] < 62


def test_neutral_stays_neutral() -> None:
    ramp = grey_pixels(np.arange(0, 65536, 257, dtype=np.uint16).reshape(1, -1))
    found = colour.convert_to_srgb(Photo(ramp, icc=profile(_P3, _SRGB_CURVE))).pixels.astype(int)
    assert np.ptp(found, axis=2).max() <= 12  # of 65535: the profile's numbers are rounded
    assert np.abs(found - ramp).max() <= 40


def test_without_a_profile_nothing_happens() -> None:
    photo = Photo(scene(4, 4))
    assert colour.convert_to_srgb(photo) is photo


def linear_grey() -> bytes:
    """A grey profile of gamma 1.0: light itself."""
    elements = b"curv\0\0\0\0" + struct.pack(">I", 0)
    head = struct.pack(">I4sI4s4s4s", 0, b"lcms", 0x02400000, b"mntr", b"GRAY", b"XYZ ")
    head += bytes(12) + b"acsp" + bytes(28) + struct.pack(">3i", 63190, 65536, 54061)
    white = b"XYZ \0\0\0\0" + struct.pack(">3i", 63190, 65536, 54061)
    table = struct.pack(">I4sII4sII", 2, b"kTRC", 156, 12, b"wtpt", 168, 20)
    icc = head.ljust(128, b"\0") + table + elements + white
    return struct.pack(">I", len(icc)) + icc[4:]


def test_a_grey_profile_is_understood_at_both_depths() -> None:
    icc = linear_grey()  # half the light is 188 in sRGB
    deep = colour.convert_to_srgb(
        Photo(np.full((2, 2, 3), 32768, np.uint16), icc=icc, is_grey=True)
    )
    assert abs(deep.pixels[0, 0, 0] / 257 - 188) < 0.6
    shallow = colour.convert_to_srgb(
        Photo(np.full((2, 2, 3), 128, np.uint8), icc=icc, is_grey=True)
    )
    assert abs(int(shallow.pixels[0, 0, 0]) - 188) <= 1


def test_a_grey_profile_goes_with_pixels_that_must_be_rgb() -> None:
    for dtype, half in ((np.uint8, 128), (np.uint16, 32768)):
        pixels = np.full((2, 2, 3), half, dtype)
        photo = Photo(pixels, np.full((2, 2), half, dtype), icc=linear_grey(), is_grey=True)
        ready, notes = fit_to_format(
            photo, writable_formats()[".png"]
        )  # which has no grey with alpha here
        assert [note.key for note in notes] == ["photo.profile_expanded"]
        assert not ready.is_grey
        np.testing.assert_array_equal(ready.pixels, pixels)
        shown = colour.convert_to_srgb(ready).pixels[0, 0] / (257 if dtype == np.uint16 else 1)
        assert np.abs(shown - 188).max() <= 1


@pytest.mark.parametrize("bits", [8, 16])
@pytest.mark.parametrize("icc", [b"", b"nonsense" * 40, srgb_profile()[:150]])
def test_a_broken_profile_is_an_error_of_value(bits: int, icc: bytes) -> None:
    pixels = scene(4, 4, np.uint16 if bits == 16 else np.uint8)
    with pytest.raises(ValueError, match="profile"):
        colour.convert_to_srgb(Photo(pixels, icc=icc))


def test_our_own_profile_is_srgb() -> None:
    opened = ImageCms.getOpenProfile(io.BytesIO(profiles.make_profile("srgb")))
    assert "sRGB" in ImageCms.getProfileDescription(opened)
    assert profiles.make_profile("srgb")[24:36] == struct.pack(">6H", 2000, 1, 1, 0, 0, 0)


@pytest.mark.parametrize("space", ["srgb", "p3", "adobe"])
@pytest.mark.parametrize(
    "icc", [profile(_ADOBE, _GAMMA), profile(_P3, _SRGB_CURVE), None], ids=["adobe", "p3", "none"]
)
def test_every_space_agrees_with_littlecms(icc: bytes | None, space: SpaceName) -> None:
    eight = scene(40, 60)
    shallow, said = colour.convert_colours(Photo(eight, icc=icc), space)
    deep, _ = colour.convert_colours(Photo(eight.astype(np.uint16) * 257, icc=icc), space)
    assert said == ()
    assert deep.icc == shallow.icc == profiles.make_profile(space)
    opened = ImageCms.ImageCmsProfile(io.BytesIO(profiles.make_profile(space)))
    reference = ImageCms.profileToProfile(
        Image.fromarray(eight),
        ImageCms.ImageCmsProfile(io.BytesIO(icc or srgb_profile())),
        opened,
        renderingIntent=ImageCms.Intent.RELATIVE_COLORIMETRIC,
    )
    assert np.abs(shallow.pixels.astype(int) - np.asarray(reference)).max() <= 1
    assert np.abs(deep.pixels / 257 - np.asarray(reference)).max() <= 1.5


def test_there_and_back_costs_nearly_nothing() -> None:
    deep = Photo(scene(40, 60, np.uint16), icc=srgb_profile())
    for space in ("p3", "adobe", "romm"):
        away, _ = colour.convert_colours(deep, space)
        back, _ = colour.convert_colours(away, "srgb")
        assert np.abs(back.pixels.astype(int) - deep.pixels).max() <= 24  # of 65535
        assert len(np.unique(away.pixels)) > 3000


@pytest.mark.parametrize("kind", ["lut8", "lut16", "lut16 XYZ", "pieces", "no grid", "A2B0"])
@pytest.mark.parametrize("space", ["srgb", "adobe"])
def test_profiles_of_tables_agree_with_littlecms(kind: str, space: SpaceName) -> None:
    icc = table_profile(kind)
    rng = np.random.default_rng(1)
    eight = rng.integers(0, 256, (60, 80, 3)).astype(np.uint8)
    eight[0, :2] = ((0, 0, 0), (255, 255, 255))
    deep, said = colour.convert_colours(Photo(eight.astype(np.uint16) * 257, icc=icc), space)
    assert said == ()
    assert (deep.bits, deep.icc) == (16, profiles.make_profile(space))
    reference = ImageCms.profileToProfile(
        Image.fromarray(eight),
        ImageCms.ImageCmsProfile(io.BytesIO(icc)),
        ImageCms.ImageCmsProfile(io.BytesIO(profiles.make_profile(space))),
        renderingIntent=ImageCms.Intent.RELATIVE_COLORIMETRIC,
        flags=ImageCms.Flags.BLACKPOINTCOMPENSATION | ImageCms.Flags.NOOPTIMIZE,
    )
    step = np.abs(deep.pixels / 257 - np.asarray(reference))
    # Adobe RGB's curve is steepest at black, where XYZ of 16 bits has few steps.
    assert step.max() <= (1.5 if kind == "lut16 XYZ" else 1.1)
    assert step.mean() < 0.35  # of which rounding to 8 bits is 0.25


def test_profiles_of_tables_keep_16_bits() -> None:
    ramp = np.linspace(9000, 12000, 3000).astype(np.uint16)
    photo = Photo(grey_pixels(ramp[np.newaxis]), icc=table_profile("lut16"))
    found = colour.convert_to_srgb(photo)
    assert found.icc is None
    for channel in range(3):
        values = found.pixels[0, :, channel].astype(int)
        assert len(np.unique(values)) > 1500
        assert np.diff(values).min() >= -1


@pytest.mark.parametrize("kind", ["lut8", "lut16", "pieces"])
def test_damaged_tables_are_refused(kind: str) -> None:
    whole = table_profile(kind)
    photo = Photo(scene(4, 5, np.uint16))
    refused = 0
    for number in range(200):
        rng = np.random.default_rng(number)
        data = bytearray(whole)
        data[int(rng.integers(128, 260))] = int(rng.integers(256))
        if number % 2:
            del data[int(rng.integers(128, len(data))) :]
        try:
            colour.convert_colours(replace(photo, icc=bytes(data)), "srgb")
        except ValueError:
            refused += 1
    assert refused > 60


def table_profile(kind: str) -> bytes:
    """An RGB profile of tables, with a black that is not black, in each form that there is."""
    xyz = kind in ("lut16 XYZ", "no grid")
    side = 9
    axis = np.arange(side) / (side - 1)
    light = np.stack(np.meshgrid(axis, axis, axis, indexing="ij"), axis=-1) ** 1.1
    found = 0.03 * _D50 + 0.97 * (light * (0.9 + 0.1 * light[..., ::-1])) @ np.array(
        [[0.45, 0.24, 0.02], [0.37, 0.69, 0.08], [0.1442, 0.07, 0.7249]]
    )
    lab, middle = _lab(found), np.array([0, 128, 128])
    name = b"A2B0" if kind == "A2B0" else b"A2B1"
    unit = struct.pack(">9i", *(65536 if i % 4 == 0 else 0 for i in range(9)))
    curve = (np.arange(256) / 255) ** 1.7
    if kind == "lut8":
        values = np.clip(np.rint(lab * (2.55, 1, 1) + middle), 0, 255).astype(np.uint8)
        ramps = np.rint(curve * 255).astype(np.uint8).tobytes() * 3
        lut = b"mft1" + bytes(4) + bytes([3, 3, side, 0]) + unit
        lut += ramps + values.tobytes() + bytes(range(256)) * 3
    elif kind in ("lut16", "lut16 XYZ", "A2B0"):
        coded = found * 32768 if xyz else (lab + middle) * (652.8, 256, 256)
        values = np.clip(np.rint(coded), 0, 65535).astype(">u2")
        ramps = np.rint(curve * 65535).astype(">u2").tobytes() * 3
        lut = b"mft2" + bytes(4) + bytes([3, 3, side, 0]) + unit + struct.pack(">HH", 256, 2)
        lut += ramps + values.tobytes() + struct.pack(">6H", *(0, 65535) * 3)
    else:
        power = b"para" + bytes(4) + struct.pack(">HHi", 0, 0, round(1.7 * 65536))
        plain = b"curv" + bytes(8)
        matrix = [0.43, 0.38, 0.14, 0.22, 0.71, 0.06, 0.01, 0.09, 0.71, 0.01, 0.01, 0.01]
        if not xyz:
            matrix = [0.95, 0, 0, 0, 1, 0.02, 0, 0, 0.98, 0.03, 0, 0.01]
        else:
            matrix = [value / (65535 / 32768) for value in matrix]
        numbers = struct.pack(">12i", *(round(value * 65536) for value in matrix))
        scaled = (lab + middle) / (100, 255, 255)
        grid = np.clip(np.rint(scaled * 65535), 0, 65535).astype(">u2").tobytes()
        head = bytes([side] * 3).ljust(16, b"\0") + bytes([2, 0, 0, 0])
        parts = [plain * 3, numbers, (power if xyz else plain) * 3, head + grid, power * 3]
        places, body = [], b""
        for part in parts:
            places.append(32 + len(body))
            body += part + bytes(-len(part) % 4)
        if xyz:
            places[3] = places[4] = 0
        lut = b"mAB " + bytes(4) + bytes([3, 3, 0, 0]) + struct.pack(">5I", *places) + body
    version = 0x04200000 if lut[:3] == b"mAB" else 0x02400000
    head = struct.pack(
        ">I4sI4s4s4s",
        144 + len(lut),
        b"lcms",
        version,
        b"scnr",
        b"RGB ",
        b"XYZ " if xyz else b"Lab ",
    )
    head += bytes(12) + b"acsp" + bytes(28) + struct.pack(">3i", 63190, 65536, 54061)
    return head.ljust(128, b"\0") + struct.pack(">I4sII", 1, name, 144, len(lut)) + lut


_D50 = np.array([0.9642, 1.0, 0.8249])


def _lab(xyz: np.ndarray) -> np.ndarray:
    f = np.cbrt(xyz / _D50)  # all of it is lighter than where the curve is straight
    return np.stack(
        [
            116 * f[..., 1] - 16,
            500 * (f[..., 0] - f[..., 1]),
            200 * (f[..., 1] - f[..., 2]),
        ],
        axis=-1,
    )


def test_grey_stays_grey() -> None:
    grey = Photo(grey_pixels(scene(4, 5)[..., 0]), is_grey=True)
    found, notes = colour.convert_colours(grey, "p3")
    assert found is grey
    assert notes == ()
