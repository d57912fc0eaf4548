from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from renders import exif_block, saved, scene, veil

from inpaint_core.contract.errors import PhotoDamaged
from inpaint_core.photo.photo import Photo
from inpaint_core.photo.thumbnail import make_thumbnail
from inpaint_core.photo.write_photo import write_photo


@pytest.mark.parametrize("size", [(900, 1400), (300, 200), (40, 60)])
def test_a_jpeg_becomes_as_small_as_asked(tmp_path: Path, size: tuple[int, int]) -> None:
    path = tmp_path / "a.jpg"
    pixels = scene(*size)
    write_photo(path, Photo(pixels))
    small = make_thumbnail(path, 100).pixels
    assert max(small.shape) == min(100, max(size))
    assert small.dtype == np.uint8
    assert np.abs(small.mean((0, 1)) - pixels.mean((0, 1))).max() < 2


def test_it_is_upright(tmp_path: Path) -> None:
    pixels = np.zeros((800, 1200, 3), np.uint8)
    pixels[:, :600] = 255  # bright on the left: turned by orientation 6, bright above
    path = tmp_path / "a.jpg"
    exif = b"Exif\0\0" + exif_block(orientation=6)
    path.write_bytes(saved(Image.fromarray(pixels), "JPEG", exif=exif))
    small = make_thumbnail(path, 120).pixels
    assert small.shape[:2] == (120, 80)
    assert small[:50].mean() > 250
    assert small[70:].mean() < 5


def test_sixteen_bits_and_alpha_become_eight(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    write_photo(path, Photo(scene(90, 60, np.uint16), veil(90, 60, np.uint16)))
    small = make_thumbnail(path, 45)
    assert small.pixels.shape == (45, 30, 3)
    assert small.alpha is not None
    assert small.alpha.dtype == np.uint8
    assert small.alpha.shape == (45, 30)


def test_a_damaged_photo_says_so(tmp_path: Path) -> None:
    path = tmp_path / "a.jpg"
    whole = saved(Image.fromarray(scene(400, 600)), "JPEG")
    path.write_bytes(whole[: len(whole) // 40])
    with pytest.raises(PhotoDamaged):
        make_thumbnail(path, 40)
