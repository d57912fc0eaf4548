"""After writing, the file is read again; and what a person can choose on the way out."""

from __future__ import annotations

import io
import json
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image, ImageCms
from renders import XMP, exif_block, exif_fields, saved, scene, srgb_profile, veil

from inpaint_core.cli import main
from inpaint_core.contract.errors import BadRequest, CannotWrite
from inpaint_core.contract.options import OutputOptions
from inpaint_core.photo import atomic_file as atomic
from inpaint_core.photo.check_saved import check_saved, compare_pixels
from inpaint_core.photo.colour import icc_profiles as profiles
from inpaint_core.photo.photo import Photo
from inpaint_core.photo.read_photo import read_photo
from inpaint_core.photo.write_photo import prepare_output, write_photo

PIXELS = scene(64, 96)
DEEP = scene(64, 96, np.uint16)


def touched() -> np.ndarray:
    hole = np.zeros((64, 96), bool)
    hole[20:40, 30:60] = True
    return hole


@pytest.mark.parametrize("pixels", [PIXELS, DEEP], ids=["8", "16"])
def test_the_difference_is_counted_outside_only(pixels: np.ndarray) -> None:
    found = pixels.copy()
    found[25, 35] ^= 255  # inside
    (same,) = compare_pixels(found, pixels, touched()).messages
    assert str(same) == "0 of 5,544 pixels outside the mask differ."
    found[0, 0], found[63, 95, 1] = pixels[0, 0] ^ 3, pixels[63, 95, 1] ^ 8
    check = compare_pixels(found, pixels, touched())
    assert (check.pixels, check.differing, check.most) == (64 * 96 - 600, 2, 8)
    step = np.abs(found.astype(int) - pixels)[~touched()]
    assert check.mean == pytest.approx(step.mean())
    assert "2 of 5,544" in str(check.messages[0])
    with pytest.raises(ValueError, match="size or depth"):
        compare_pixels(found[:-1], pixels, touched())


@pytest.mark.parametrize(("suffix", "quality"), [(".png", None), (".tif", None), (".webp", 100)])
def test_formats_without_loss_are_held_to_it(
    tmp_path: Path, suffix: str, quality: int | None
) -> None:
    pixels = PIXELS if suffix == ".webp" else DEEP
    path = tmp_path / f"a{suffix}"
    filled = pixels.copy()
    filled[touched()] = 7
    write_photo(path, Photo(filled), quality=quality)
    check = check_saved(path, Photo(pixels), touched(), quality=quality)
    assert (check.differing, check.pixels) == (0, 5544)
    broken = filled.copy()
    broken[0, 0] ^= 1
    write_photo(path, Photo(broken), quality=quality, overwrite=True)
    with pytest.raises(CannotWrite, match="1 of 5,544"):
        check_saved(path, Photo(pixels), touched(), quality=quality)
    write_photo(path, Photo(filled[:-1]), quality=quality, overwrite=True)
    with pytest.raises(CannotWrite, match="size"):
        check_saved(path, Photo(pixels), touched(), quality=quality)


@pytest.mark.parametrize("suffix", [".png", ".tif"])
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("kind", ["colours", "alpha", "grey"])
def test_any_byte_that_is_wrong_on_the_disk_is_found(
    tmp_path: Path, suffix: str, dtype: type, kind: str
) -> None:
    """In files of several strips, which are read without the rest of the reader."""
    pixels = scene(500, 900, dtype)
    if kind == "grey":
        pixels = np.ascontiguousarray(np.repeat(pixels[..., :1], 3, axis=2))
    alpha = veil(500, 900, dtype) if kind == "alpha" else None
    photo = Photo(pixels, alpha, is_grey=kind == "grey", dpi=(300, 300))
    path, nothing = tmp_path / f"a{suffix}", np.zeros((500, 900), bool)
    write_photo(path, photo)
    assert check_saved(path, photo, nothing).differing == 0
    whole = path.read_bytes()
    for number in range(25):
        rng = np.random.default_rng(number)
        data = bytearray(whole)
        # Headers have bytes that mean nothing; what is in between are the pixels.
        data[int(rng.integers(2000, len(data) - 2000))] ^= 1 << int(rng.integers(8))
        if number % 5 == 0:
            del data[int(rng.integers(20, len(data))) :]
        path.write_bytes(data)
        with pytest.raises(CannotWrite, match="does not hold what it should"):
            check_saved(path, photo, nothing)


def test_the_loss_of_a_jpeg_is_measured(tmp_path: Path) -> None:
    path = tmp_path / "a.jpg"
    write_photo(path, Photo(PIXELS), quality=60)
    check = check_saved(path, Photo(PIXELS), touched(), quality=60)
    step = np.abs(read_photo(path).pixels.astype(int) - PIXELS)[~touched()]
    assert check.differing == np.count_nonzero(step.any(axis=1))
    assert (check.most, check.levels) == (step.max(), 255)
    assert "on average" in str(check.messages[0])


def test_the_disk_is_asked_before(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(b"before")
    monkeypatch.setattr(atomic.shutil, "disk_usage", lambda _: SimpleNamespace(free=1000))
    with pytest.raises(CannotWrite, match="MB free"):
        write_photo(path, Photo(PIXELS), overwrite=True)
    assert path.read_bytes() == b"before"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("space", ["srgb", "p3", "adobe"])
def test_a_fill_in_another_space_is_checked_in_that_space(
    tmp_path: Path, space: profiles.SpaceName, capsys: pytest.CaptureFixture[str]
) -> None:
    source, mask, out = tmp_path / "in.tif", tmp_path / "mask.png", tmp_path / "out.tif"
    write_photo(source, Photo(DEEP, icc=profiles.make_profile("p3"), exif=exif_block(), xmp=XMP))
    mask.write_bytes(saved(Image.fromarray(touched()), "PNG"))
    report = tmp_path / "report.json"
    command = ["fill", source, "--mask", mask, "--out", out, "--engine", "harmonic"]
    more = ["--profile", space, "--metadata", "no_gps", "--history", "--report", report]
    assert main([str(a) for a in (*command, *more)]) == 0
    back = read_photo(out)
    assert back.bits == 16
    assert back.icc is not None
    title = ImageCms.getProfileDescription(ImageCms.getOpenProfile(io.BytesIO(back.icc)))
    assert profiles.SPACES[space].title in title
    assert back.exif is not None
    assert exif_fields(back.exif)["gps"] == {}
    assert 0x927C not in exif_fields(back.exif)["exif"]
    assert back.xmp is not None
    assert b"synthesised" in back.xmp
    check = json.loads(report.read_text())["check"]
    assert check["differing"] == 0
    assert check["said"].startswith("0 of ")
    if space == "p3":
        far = np.ones((64, 96), bool)
        far[14:46, 24:66] = False
        np.testing.assert_array_equal(back.pixels[far], DEEP[far])


def test_a_filled_jpeg_keeps_its_blocks_and_says_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source, mask, out = tmp_path / "in.jpg", tmp_path / "mask.png", tmp_path / "out.jpg"
    report = tmp_path / "report.json"
    block = b"Exif\0\0" + exif_block()
    image = Image.fromarray(PIXELS)
    source.write_bytes(saved(image, "JPEG", subsampling=2, exif=block, xmp=XMP, quality=83))
    mask.write_bytes(saved(Image.fromarray(touched()), "PNG"))
    command = ["fill", source, "--mask", mask, "--out", out, "--engine", "harmonic", "--verbose"]
    more = ["--metadata", "no_gps", "--history", "--report", report]
    assert main([str(a) for a in (*command, *more)]) == 0
    check = json.loads(report.read_text())["check"]
    # The hole is 20..40 x 30..60 and 2 pixels of feathering: 2 rows of 3 blocks.
    assert check["kept"]["total"] == 24
    assert check["kept"]["size"] == [16, 16]
    assert check["kept"]["blocks"] == 18
    assert check["elsewhere"] == 0
    assert "exactly the original JPEG’s" in capsys.readouterr().err
    back = read_photo(out)
    np.testing.assert_array_equal(back.pixels[:, 82:], read_photo(source).pixels[:, 82:])
    assert back.exif is not None
    assert exif_fields(back.exif)["gps"] == {}
    assert back.xmp is not None
    assert b"synthesised" in back.xmp
    assert main([str(a) for a in (*command, "--overwrite", "--quality", "83", *more)]) == 0
    assert json.loads(report.read_text())["check"]["kept"] is None


def test_chroma_is_the_one_that_was_asked_for(tmp_path: Path) -> None:
    source, mask, out = tmp_path / "in.jpg", tmp_path / "mask.png", tmp_path / "out.jpg"
    write_photo(source, Photo(PIXELS), quality=92, sampling="4:4:4")
    mask.write_bytes(saved(Image.fromarray(touched()), "PNG"))
    command = ["fill", source, "--mask", mask, "--out", out, "--engine", "harmonic"]
    assert main([str(a) for a in (*command, "--chroma", "4:2:0")]) == 0
    assert read_photo(out).origin.sampling == "4:2:0"


def test_a_profile_that_cannot_be_read_is_an_error_with_a_hint() -> None:
    odd = Photo(PIXELS, icc=b"nonsense" * 40)
    with pytest.raises(CannotWrite, match="profile") as caught:
        prepare_output(odd, OutputOptions(profile="srgb"))
    assert "Keep" in str(caught.value.hint)
    assert prepare_output(odd, OutputOptions())[0] is odd
    with pytest.raises(BadRequest):
        write_photo(Path("a.jpg"), odd, quality=0)


def test_no_metadata_means_no_history_either() -> None:
    photo = Photo(PIXELS, xmp=XMP, icc=srgb_profile())
    ready, _ = prepare_output(
        photo, OutputOptions(metadata="none", note_in_xmp=True), "2024-01-01T00:00:00+00:00"
    )
    assert ready.xmp is None
