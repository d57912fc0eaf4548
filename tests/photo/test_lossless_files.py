"""What came from a file without loss goes into one without loss, unless a quality is asked for."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from renders import saved, scene

from inpaint_core.cli import main
from inpaint_core.photo.check_saved import check_saved
from inpaint_core.photo.photo import Photo
from inpaint_core.photo.read_photo import decode_photo, read_photo
from inpaint_core.photo.write_photo import write_photo

IMAGE = Image.fromarray(scene(60, 80))
CLEAR = Image.fromarray(
    np.dstack([scene(60, 80), np.tile(np.arange(80, dtype=np.uint8) * 3, (60, 1))])
)
TURNED = IMAGE.rotate(180)
LOSSLESS = {
    "webp": saved(IMAGE, "WEBP", lossless=True),
    "webp with alpha": saved(CLEAR, "WEBP", lossless=True, exact=True),
    "webp with profile": saved(IMAGE, "WEBP", lossless=True, icc_profile=b"x" * 200),
    "animated webp": saved(
        IMAGE, "WEBP", lossless=True, save_all=True, append_images=[TURNED], duration=99
    ),
    "png": saved(IMAGE, "PNG"),
    "tiff": saved(IMAGE, "TIFF"),
    "lzw": saved(IMAGE, "TIFF", compression="tiff_lzw"),
    "bmp": saved(IMAGE, "BMP"),
    "gif": saved(IMAGE.quantize(200), "GIF"),
}
LOSSY = {
    "webp": saved(IMAGE, "WEBP", quality=80),
    "webp with alpha": saved(CLEAR, "WEBP", quality=80),
    "animated webp": saved(
        IMAGE, "WEBP", quality=80, save_all=True, append_images=[TURNED], duration=99
    ),
    "jpeg": saved(IMAGE, "JPEG", quality=80),
    "tiff": saved(IMAGE, "TIFF", compression="jpeg", quality=80),
    "avif": saved(IMAGE, "AVIF", quality=80),
}
NOTHING = np.zeros((60, 80), bool)


@pytest.mark.parametrize("kind", sorted(LOSSLESS))
def test_a_lossless_photo_stays_so_in_webp(tmp_path: Path, kind: str) -> None:
    photo = decode_photo(LOSSLESS[kind], Path("photo"))
    assert photo.origin.is_lossless
    path = tmp_path / "a.webp"
    write_photo(path, photo)
    assert b"VP8L" in path.read_bytes()
    assert check_saved(path, photo, NOTHING).differing == 0
    found = read_photo(path)
    np.testing.assert_array_equal(found.pixels, photo.pixels)
    if photo.alpha is not None:
        np.testing.assert_array_equal(found.alpha, photo.alpha)
    assert found.origin.is_lossless


@pytest.mark.parametrize("kind", sorted(LOSSY))
def test_a_lossy_one_does_not_grow(tmp_path: Path, kind: str) -> None:
    photo = decode_photo(LOSSY[kind], Path("photo"))
    assert not photo.origin.is_lossless
    write_photo(tmp_path / "a.webp", photo)
    assert b"VP8L" not in (tmp_path / "a.webp").read_bytes()


def test_a_quality_that_is_asked_for_is_used(tmp_path: Path) -> None:
    path = tmp_path / "a.webp"
    photo = decode_photo(LOSSLESS["webp"], path)
    write_photo(path, photo, quality=80)
    assert b"VP8L" not in path.read_bytes()
    assert check_saved(path, photo, NOTHING, quality=80).differing
    write_photo(path, Photo(photo.pixels), overwrite=True)  # where it is from is not known
    assert b"VP8L" not in path.read_bytes()


@pytest.mark.parametrize(
    ("source", "out", "changes"),
    [
        ("webp", "b.webp", False),
        ("png", "b.webp", False),
        ("png", "b.png", False),
        ("webp", "b.jpg", True),
        ("lossy webp", "b.webp", True),
        ("lossy jpeg", "b.webp", True),
        ("lossy jpeg", "b.tif", False),
    ],
)
def test_what_the_format_changed_is_said_unasked(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], source: str, out: str, changes: bool
) -> None:
    kinds = LOSSY if source.startswith("lossy ") else LOSSLESS
    photo, mask = tmp_path / "photo", tmp_path / "m.png"
    photo.write_bytes(kinds[source.removeprefix("lossy ")])
    hole = np.zeros((60, 80), np.uint8)
    hole[20:30, 30:50] = 255
    Image.fromarray(hole).save(mask)
    argv = ["fill", photo, "--mask", mask, "--out", tmp_path / out, "--engine", "harmonic"]
    assert main([*map(str, argv)]) == 0
    said = capfd.readouterr().err
    assert ("% of the pixels outside the mask changed, by up to" in said) == changes
    if not changes:
        found = read_photo(tmp_path / out).pixels
        outside = np.ones((60, 80), bool)
        outside[10:40, 20:60] = False
        np.testing.assert_array_equal(found[outside], read_photo(photo).pixels[outside])
