"""`inpaint info` says what is in a file, to a person and to a program."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile
from PIL import Image
from renders import XMP, cmyk_profile, exif_block, saved, scene, srgb_profile

from inpaint_core.cli import main
from inpaint_core.photo.photo import Photo
from inpaint_core.photo.write_photo import write_photo


def told(path: Path, capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    assert main(["info", str(path), "--json"]) == 0
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


def test_a_photo_with_everything(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "a.jpg"
    data = saved(
        Image.fromarray(scene(24, 40)),
        "JPEG",
        exif=b"Exif\0\0" + exif_block(">", 6),
        icc_profile=srgb_profile(),
        xmp=XMP,
        dpi=(300, 300),
        subsampling="4:2:2",
    )
    path.write_bytes(data)
    found = told(path, capsys)
    assert found["bytes"] == len(data)
    assert (found["format"], found["width"], found["height"]) == ("JPEG", 24, 40)
    assert (found["bits"], found["colours"], found["alpha"]) == (8, "RGB", False)
    assert (found["orientation"], found["dpi"]) == (6, [300.0, 300.0])
    assert found["jpeg_sampling"] == "4:2:2"
    assert "sRGB" in found["profile"]["title"]
    exif = found["metadata"]["exif"]
    assert (exif["make"], exif["taken"]) == ("Lacuna Camera Works", "2024:05:06 07:08:09")
    assert exif["position"]
    assert exif["maker_note_bytes"] == 48
    assert found["metadata"]["xmp"]["bytes"] == len(XMP)
    assert found["warnings"] == []
    assert main(["info", str(path)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == str(path)
    assert any("6 (turned upright here)" in line for line in lines)
    assert any("Lacuna Camera Works" in line and "maker note" in line for line in lines)


def test_what_is_converted_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    ink = tmp_path / "ink.tif"
    ink.write_bytes(
        saved(Image.new("CMYK", (8, 8), (0, 255, 0, 0)), "TIFF", icc_profile=cmyk_profile())
    )
    found = told(ink, capsys)
    assert (found["colours"], found["opens_as"]["colours"]) == ("CMYK", "RGB")
    assert "CMYK" in found["warnings"][0]
    floats = tmp_path / "floats.tif"
    tifffile.imwrite(floats, np.ones((4, 5, 3), np.float32) / 2, photometric="rgb")
    found = told(floats, capsys)
    assert (found["bits"], found["floating"], found["opens_as"]["bits"]) == (32, True, 16)
    assert main(["info", str(floats)]) == 0
    shown = capsys.readouterr().out
    assert "32 bits, floating point (opens as 16)" in shown
    assert "warning" in shown


def test_a_profile_that_cannot_be_read_is_a_warning(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "a.png"
    write_photo(path, Photo(scene(4, 5), icc=b"x" * 16 + b"RGB " + b"y" * 200, exif=b"nonsense"))
    found = told(path, capsys)
    assert any("cannot be read" in warning for warning in found["warnings"])
    assert found["metadata"]["exif"] == {"bytes": 8, "readable": False}
    assert main(["info", str(path)]) == 0
    assert "that cannot be read" in capsys.readouterr().out


def test_damage_and_limits(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "a.png"
    write_photo(path, Photo(scene(20, 20)))
    assert main(["info", str(path), "--max-pixels", "399"]) == 2
    assert "limit" in capsys.readouterr().err
    path.write_bytes(path.read_bytes()[:300])
    assert main(["info", str(path)]) == 2
    assert "cut off" in capsys.readouterr().err
