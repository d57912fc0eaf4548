"""16 bits stay 16 bits from file to file: no steps of 8 bits in what is filled."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from inpaint_core.cli import main
from inpaint_core.contract.options import FillOptions
from inpaint_core.contract.progress import Progress
from inpaint_core.contract.request import InpaintRequest
from inpaint_core.engine.engine import Engine
from inpaint_core.photo.photo import Photo
from inpaint_core.photo.read_photo import read_photo
from inpaint_core.photo.write_photo import write_photo


@pytest.mark.parametrize("engine", ["harmonic", "exemplar"])
@pytest.mark.parametrize("suffix", [".png", ".tif"])
def test_a_gradient_filled_in_the_middle_has_no_bands(
    tmp_path: Path, engine: str, suffix: str
) -> None:
    # A column adds 30 levels of 65536: with steps of 8 bits, nine columns would look alike.
    y, x = np.mgrid[0:96, 0:128]
    ramp = 20_000 + 30.0 * x + 11.0 * y
    pixels = np.rint(np.stack([ramp, ramp + 900, 60_000 - ramp], axis=2)).astype(np.uint16)
    source, out = tmp_path / f"in{suffix}", tmp_path / f"out{suffix}"
    write_photo(source, Photo(pixels))
    photo = read_photo(source)
    mask = np.zeros((96, 128), np.uint8)
    mask[36:60, 50:80] = 255
    result = Engine().inpaint(
        InpaintRequest(photo.pixels, mask, FillOptions(engine=engine, feather=0)), Progress()
    )
    write_photo(out, replace(photo, pixels=result.applied_to(photo.pixels)))
    back = read_photo(out)
    assert back.bits == 16
    hole = mask > 0
    np.testing.assert_array_equal(back.pixels[~hole], pixels[~hole])
    filled = back.pixels[hole].astype(int)
    assert len(np.unique(filled)) > 10 * len(np.unique(pixels[hole] // 257))
    # Neighbours differ by 30 on the truth's average; a step of 8 bits would be 257.
    steps = np.abs(np.diff(back.pixels[36:60, 50:80, 0].astype(int), axis=1))
    assert np.median(steps) < 60
    assert np.abs(filled - pixels[hole].astype(int)).mean() < 300


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_alpha_is_continued_into_the_hole(tmp_path: Path, dtype: type) -> None:
    most = np.iinfo(dtype).max
    alpha = np.full((64, 96), most, dtype)
    alpha[:, 60:] = most // 2
    whole = alpha.copy()
    alpha[28:36, 44:52] = 0  # the outline of what is removed
    source, mask, out = tmp_path / "in.png", tmp_path / "mask.png", tmp_path / "out.png"
    pixels = np.full((64, 96, 3), most // 3, dtype)
    write_photo(source, Photo(pixels, alpha))
    hole = np.zeros((64, 96, 3), np.uint8)
    hole[26:38, 42:54] = 255
    write_photo(mask, Photo(hole))
    command = ["fill", source, "--mask", mask, "--out", out, "--engine", "harmonic"]
    assert main([str(a) for a in command]) == 0
    back = read_photo(out)
    assert back.alpha is not None
    far = hole[..., 0] == 0
    far[20:44, 36:60] = False
    np.testing.assert_array_equal(back.alpha[far], alpha[far])
    step = most // 255
    assert np.abs(back.alpha.astype(int) - whole)[:, :58].max() <= 2 * step
