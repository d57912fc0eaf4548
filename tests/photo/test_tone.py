"""Photos in linear light are filled with a tone curve like that of all others."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from renders import saved, scene

from inpaint_core.cli import main
from inpaint_core.contract.geometry import Rect
from inpaint_core.photo.colour import icc_profiles as profiles
from inpaint_core.photo.photo import Photo
from inpaint_core.photo.read_photo import read_photo
from inpaint_core.photo.tone import find_tone
from inpaint_core.photo.write_photo import write_photo


def linear() -> bytes:
    """sRGB's primaries with light itself as numbers."""
    made = profiles.make_profile("adobe")
    return made.replace(struct.pack(">IH", 1, 563), struct.pack(">IH", 1, 256))


@pytest.mark.parametrize("space", sorted(profiles.SPACES))
def test_usual_spaces_are_worked_on_as_they_are(space: profiles.SpaceName) -> None:
    assert find_tone(Photo(scene(4, 4), icc=profiles.make_profile(space))) is None


@pytest.mark.parametrize("icc", [None, b"nonsense" * 40])
def test_without_a_curve_nothing_is_exchanged(icc: bytes | None) -> None:
    assert find_tone(Photo(scene(4, 4), icc=icc)) is None


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_only_what_changed_comes_back(dtype: type) -> None:
    photo = Photo(scene(20, 30, dtype), icc=linear())
    curve = find_tone(photo)
    assert curve is not None
    image = curve.to_working(photo.pixels)
    light = photo.pixels / np.iinfo(dtype).max
    coded = np.where(light <= 0.0031308, light * 12.92, 1.055 * light ** (1 / 2.4) - 0.055)
    assert np.abs(image / 65535 - coded).max() < 1e-4
    rect = Rect(5, 6, 9, 8)
    filled = image[rect.slices].copy()
    filled[2:4, 3:5] = image[0, 0]
    out = photo.pixels.copy()
    out[rect.slices] = curve.restore(photo.pixels[rect.slices], filled)
    same = np.ones((20, 30), bool)
    same[8:10, 8:10] = False
    np.testing.assert_array_equal(out[same], photo.pixels[same])
    assert np.abs(out[8:10, 8:10].astype(int) - photo.pixels[0, 0]).max() <= 1
    assert out.dtype == dtype


def test_a_linear_photo_from_file_to_file(tmp_path: Path) -> None:
    source, mask, out = tmp_path / "in.tif", tmp_path / "mask.png", tmp_path / "out.tif"
    y, x = np.mgrid[0:64, 0:96]
    pixels = np.stack([(400 + 9 * x + 5 * y)] * 3, axis=2).astype(np.uint16)  # deep shadow
    write_photo(source, Photo(pixels, icc=linear()))
    hole = np.zeros((64, 96), bool)
    hole[24:40, 40:60] = True
    mask.write_bytes(saved(Image.fromarray(hole), "PNG"))
    command = ["fill", source, "--mask", mask, "--out", out, "--engine", "harmonic"]
    assert main([str(a) for a in (*command, "--feather", "0")]) == 0
    back = read_photo(out)
    np.testing.assert_array_equal(back.pixels[~hole], pixels[~hole])
    assert np.abs(back.pixels[hole].astype(int) - pixels[hole]).max() < 40
    assert len(np.unique(back.pixels[hole])) > 100
    assert back.icc == linear()
