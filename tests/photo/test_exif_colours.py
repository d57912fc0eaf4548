"""A JPEG without a profile whose EXIF data says that it is in Adobe RGB, as cameras write it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from inpaint_core.cli import main
from inpaint_core.photo.colour.icc_profiles import make_profile
from inpaint_core.photo.formats.jpeg.jpeg_reader import decode_small_jpeg
from inpaint_core.photo.metadata.exif_colours import names_adobe_rgb
from inpaint_core.photo.read_photo import read_photo

ADOBE = make_profile("adobe")


def block(space: int | None, index: str) -> bytes:
    found = Image.Exif()
    shot = found.get_ifd(0x8769)
    if space is not None:
        shot[0xA001] = space
    if index:
        shot[0xA005] = {1: index}
    return found.tobytes()


def save(path: Path, exif: bytes, mode: str = "RGB", icc: bytes | None = None) -> Path:
    ramp = np.tile(np.arange(64, dtype=np.uint8), (48, 1)) * 4
    picture = Image.fromarray(np.dstack([ramp, ramp[::-1], 255 - ramp])).convert(mode)
    picture.resize((640, 480)).save(path, exif=exif, icc_profile=icc, quality=92)
    return path


@pytest.mark.parametrize(
    ("space", "index", "is_adobe"),
    [
        (0xFFFF, "R03", True),
        (None, "R03", True),
        (2, "R98", True),
        (0xFFFF, "R98", False),
        (0xFFFF, "", False),
        (1, "R98", False),
        (1, "R03", False),  # converted by a program that left the index as it was
    ],
)
def test_what_cameras_write(tmp_path: Path, space: int | None, index: str, is_adobe: bool) -> None:
    path = save(tmp_path / "a.jpg", block(space, index))
    photo = read_photo(path)
    assert photo.icc == (ADOBE if is_adobe else None)
    assert photo.origin.profile_from == ("EXIF" if is_adobe else "")
    small = decode_small_jpeg(path.read_bytes(), 80)
    assert small is not None
    assert small.icc == photo.icc


def test_a_profile_of_the_file_and_grey_have_precedence(tmp_path: Path) -> None:
    exif = block(0xFFFF, "R03")
    other = make_profile("p3")
    assert read_photo(save(tmp_path / "a.jpg", exif, icc=other)).icc == other
    assert read_photo(save(tmp_path / "b.jpg", exif, "L")).icc is None


def test_damaged_data_name_nothing() -> None:
    whole = block(0xFFFF, "R03")[6:]
    assert names_adobe_rgb(whole)
    assert not any(names_adobe_rgb(whole[:end]) for end in range(len(whole) - 8))
    assert not names_adobe_rgb(None)


def test_a_fill_keeps_blocks_and_embeds_the_profile(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = save(tmp_path / "a.jpg", block(0xFFFF, "R03"))
    hole = np.zeros((480, 640), np.uint8)
    hole[200:230, 300:340] = 255
    Image.fromarray(hole).save(tmp_path / "m.png")
    out = tmp_path / "o.jpg"
    files = ["--mask", str(tmp_path / "m.png"), "--out", str(out), "--verbose"]
    assert main(["fill", str(path), *files, "--engine", "harmonic"]) == 0
    assert "blocks of 16 × 16 pixels" in capsys.readouterr().err
    with Image.open(out) as saved:
        assert saved.info["icc_profile"] == ADOBE
    assert main(["info", str(path)]) == 0
    assert "Compatible with Adobe RGB (1998) (RGB, by EXIF)" in capsys.readouterr().out
